"""
The shipped wards and LSOAs, and what every level of areas has: figures, columns, an outline.

The shipped layers are derived (boundaries/README.md) and cover one authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from hotspots.authorities import SHIPPED, known_authority, quoted_word
from hotspots.errors import BoundaryError, ParameterError
from hotspots.resources import shipped
from hotspots.schema import LEVEL_PLURALS, NATIONAL_GRID, VINTAGES, WARD, columns

SHIPPED_SOURCE: Final = (
    "Boundaries: derived by this project from postcode and output-area points, not official. "
    "Contains OS data © Crown copyright and database right 2025. "
    "Contains Royal Mail data © Royal Mail copyright and database right 2025."
)
#: Holes of a union up to this size are seams between generalised areas and not enclaves, in square metres.
SEAM: Final = 10_000.0


@dataclass(frozen=True)
class Level:
    """One level on its way into `Areas`."""

    frame: gpd.GeoDataFrame
    derived: bool
    source: str
    area_name: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def outline_of(wards: gpd.GeoDataFrame) -> shapely.Polygon | shapely.MultiPolygon:
    """Return the union of areas; a coverage is joined exactly and fast, anything else robustly."""
    shapes = wards.geometry.to_numpy()
    if shapely.coverage_is_valid(shapes):
        return shapely.coverage_union_all(shapes)
    return _without_seams(shapely.union_all(shapes))


def _without_seams(union: shapely.Polygon | shapely.MultiPolygon) -> shapely.Polygon | shapely.MultiPolygon:
    """Fill the slivers that generalised neighbours leave between them; a real enclave is larger."""
    filled = [
        shapely.Polygon(part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > SEAM])
        for part in shapely.get_parts(union)
    ]
    return filled[0] if len(filled) == 1 else shapely.MultiPolygon(filled)


@cache
def known_figures() -> pd.DataFrame:
    """Return residents and households of the areas that ship: vintage, code, residents, households, basis."""
    return pd.read_csv(shipped("data", "residents_households.csv"))


def with_figures(
    frame: gpd.GeoDataFrame, *, level: str, vintage: str, more: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    """
    Complete a frame of code, name and geometry to the columns of `Areas`.

    `more` has code, residents and households of further areas; those that
    ship count where both have a code.
    """
    known = known_figures() if more is None else pd.concat([known_figures(), more])
    figures = known.drop_duplicates("code").set_index("code")[["residents", "households"]].astype(float)
    shapes = frame.geometry.to_numpy()
    table = pd.DataFrame(
        {
            "name": frame["name"].to_numpy(),
            "level": level,
            "vintage": f"{level}_{vintage}" if vintage else level,
            "area_km2": shapely.area(shapes) / 1e6,
        },
        index=pd.Index(frame["code"].to_numpy(), name="code"),
    ).join(figures)
    complete = gpd.GeoDataFrame(table, geometry=shapes, crs=NATIONAL_GRID)
    return complete[list(columns("wards"))].sort_index()


#: The last year for which the newest shipped wards are known to be in force.
LAST_YEAR: Final = "2026"


def shipped_vintage(level: str, year: str) -> str:
    """
    Tell which shipped vintage serves a year: for wards the one in force, "" meaning the newest.

    Raises
    ------
    ParameterError
        If none does.
    """
    vintages = VINTAGES[level]
    if not year:
        return vintages[-1]
    before = [vintage for vintage in vintages if vintage <= year <= LAST_YEAR]
    if (level == WARD and before) or year in vintages:
        return year if year in vintages else before[-1]
    years = f"{vintages[0]} to {LAST_YEAR}" if level == WARD else " or ".join(vintages)
    raise ParameterError(f"The {LEVEL_PLURALS[level]} of {year!r} do not ship: use {years} or local layers.")


def shipped_level(level: str, year: str, area: str) -> Level:
    """
    Load a level that ships.

    Raises
    ------
    BoundaryError
        If the layers of the area do not ship.
    """
    if area != SHIPPED.code:
        name = quoted_word(known_authority(area).name)
        raise BoundaryError(
            f"The shipped boundaries cover {SHIPPED.name} ({SHIPPED.code}) only: run hotspots fetch place "
            f"--area {name} --from YYYY-MM, or give a folder with the wards and LSOAs of {area} "
            "to --boundaries."
        )
    vintage = shipped_vintage(level, year)
    raw = gpd.read_file(shipped("boundaries", f"{level}s_{vintage}.geojson"), engine="pyogrio")
    frame = with_figures(raw, level=level, vintage=vintage)
    return Level(frame=frame, derived=True, source=SHIPPED_SOURCE, area_name=SHIPPED.name)
