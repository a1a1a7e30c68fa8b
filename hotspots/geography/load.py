"""
Load the wards and LSOAs of the study area: the shipped ones, or any local ones.

Local layers win over the shipped ones; they are recognised by their GSS codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import shapely

from hotspots.authorities import SHIPPED, quoted_word
from hotspots.errors import ParameterError
from hotspots.geography._local import FIGURES_FILE, local_levels, read_attribution
from hotspots.geography.projection import Projection, choose_projection
from hotspots.geography.shipped import Level, outline_of, shipped_level
from hotspots.schema import LEVEL_PLURALS, LEVELS, LSOA, WARD

FIGURES_SOURCE: Final = (
    "Residents and households: Census 2021; ward figures are estimates. "
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0."
)


@dataclass(frozen=True, repr=False)
class Areas:
    """
    The wards and LSOAs of a study area.

    Attributes
    ----------
    wards, lsoas : GeoDataFrame
        EPSG:27700, indexed by GSS code in ascending order, with the columns
        name, level, vintage ("ward_2023"), area_km2, residents, households
        (NaN where unknown) and geometry.
    outline : shapely Polygon or MultiPolygon
        The union of the wards.
    area_code, area_name : str
        GSS code and name of the authority.
    derived : bool
        Whether a layer is derived and not official.
    sources : tuple of str
        Attribution lines to be shown wherever the areas are.
    notes, warnings : tuple of str
        Which layers were taken or passed over; what was wrong with them.
    """

    wards: gpd.GeoDataFrame
    lsoas: gpd.GeoDataFrame
    outline: shapely.Polygon | shapely.MultiPolygon
    area_code: str
    area_name: str
    derived: bool
    sources: tuple[str, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say what is there, not every vertex of it."""
        wards, lsoas = (f"{len(frame)} of {frame['vintage'].iloc[0]}" for frame in (self.wards, self.lsoas))
        kind = "derived boundaries" if self.derived else "local boundaries"
        return f"<Areas of {self.area_name} ({self.area_code}): {wards}, {lsoas}, {kind}>"

    def level(self, name: str) -> gpd.GeoDataFrame:
        """
        Return the areas of one level, "ward" or "lsoa".

        Raises
        ------
        ParameterError
            If `name` is another word.
        """
        if name not in LEVELS:
            raise ParameterError(f"The level {name!r} is not known: use {' or '.join(LEVELS)}.")
        return self.wards if name == WARD else self.lsoas


def load_areas(
    *,
    wards: str | None = None,
    lsoas: str | None = None,
    folder: Path | str | None = None,
    area: str = SHIPPED.code,
    projection: Projection | None = None,
) -> Areas:
    """
    Load the wards and LSOAs of an authority.

    Parameters
    ----------
    wards : str, optional
        Year of the wards, such as "2019": those in force then, where that is known; by
        default the newest at hand.
    lsoas : str, optional
        Year of the LSOAs, "2011" or "2021"; the newest at hand by default.
    folder : path, optional
        A folder of local layers (GeoJSON, GeoPackage, Shapefile; any
        coordinate system), or one such file. Each is recognised by its
        GSS codes. Of several that fit, the most detailed is taken. Where
        the layers of the authority ship, a level that the folder lacks comes from these. The folder may
        also hold residents_households.csv (code, residents, households) and
        ATTRIBUTION.txt, whose lines join the sources.
    area : str
        GSS code of the authority.
    projection : Projection, optional
        How local layers in longitude and latitude become metres; by default
        the best method at hand, as for incidents.

    Returns
    -------
    Areas

    Raises
    ------
    ParameterError
        If a vintage is not one that ships and no folder is given.
    BoundaryError
        If the layers do not serve: no codes, no coordinate system, no
        shape, areas missing, or another authority without a folder.
    """
    chosen = {WARD: str(wards or ""), LSOA: str(lsoas or "")}
    if folder is None:
        levels = {level: shipped_level(level, vintage, area) for level, vintage in chosen.items()}
        return _assemble(levels, area)
    levels, passed = local_levels(
        Path(folder), chosen, area=area, projection=projection or choose_projection(area=area)
    )
    return _assemble(levels, area, passed=passed, attribution=read_attribution(Path(folder)))


def _assemble(
    levels: dict[str, Level], area: str, *, passed: Iterable[str] = (), attribution: Iterable[str] = ()
) -> Areas:
    """Put the two levels together."""
    parts = tuple(levels.values())
    names = [*(part.area_name for part in parts if part.area_name), *_name_of_lsoas(levels[LSOA])]
    name = names[0] if names else area
    return Areas(
        wards=levels[WARD].frame,
        lsoas=levels[LSOA].frame,
        outline=outline_of(levels[WARD].frame),
        area_code=area,
        area_name=name,
        derived=any(part.derived for part in parts),
        sources=(*dict.fromkeys(part.source for part in parts), *attribution, *_figures_source(levels)),
        notes=(*(note for part in parts for note in part.notes), *passed),
        warnings=(
            *(warning for part in parts for warning in part.warnings),
            *_without_residents(levels, name),
        ),
    )


def _name_of_lsoas(level: Level) -> list[str]:
    """Tell the district that names of LSOAs begin with: "Leicester" of "Leicester 030D", if it is one."""
    names = set(level.frame["name"].str.replace(r" \d{3}[A-Z]+$", "", regex=True))
    return [str(name) for name in names] if len(names) == 1 and not names & set(level.frame["name"]) else []


def _figures_source(levels: dict[str, Level]) -> list[str]:
    """Say where shipped or fetched residents come from; nothing where there are none."""
    known = [part for part in levels.values() if part.frame["residents"].gt(0).any()]
    return [FIGURES_SOURCE] if known else []


def _without_residents(levels: dict[str, Level], name: str) -> list[str]:
    """Say so where no rate per resident can be given: nothing else on a page would."""
    bare = [LEVEL_PLURALS[level] for level, part in levels.items() if not part.frame["residents"].gt(0).any()]
    if not bare:
        return []
    return [
        f"No residents are known of the {' and the '.join(bare)}: rates per resident are left out, and "
        f"these areas are ranked by their number of incidents. Put {FIGURES_FILE} (code, residents, "
        f"households) beside the layers, or run hotspots fetch place --area {quoted_word(name)} "
        "--from YYYY-MM."
    ]
