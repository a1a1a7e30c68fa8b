"""
Load the wards and LSOAs of the study area: the shipped ones, or any local ones.

The shipped layers are derived (boundaries/README.md) and cover Derby. Local
layers win over them; they are recognised by their GSS codes (`layers`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from hotspots.errors import BoundaryError, ParameterError
from hotspots.layers import LocalLayer, find_layers, mend
from hotspots.projection import Projection, choose_projection
from hotspots.resources import shipped
from hotspots.schema import LEVELS, LSOA, NATIONAL_GRID, WARD

DERBY: Final = "E06000015"
#: The vintages that ship, by level.
VINTAGES: Final = {WARD: ("2003", "2023"), LSOA: ("2011", "2021")}
#: Columns of every level, in this order; the index is the GSS code.
AREA_COLUMNS: Final = ("name", "level", "vintage", "area_km2", "residents", "households", "geometry")
SHIPPED_SOURCES: Final = (
    "Boundaries: derived by this project from postcode and output-area points, not official. "
    "Contains OS data © Crown copyright and database right 2025. "
    "Contains Royal Mail data © Royal Mail copyright and database right 2025.",
)
FIGURES_SOURCE: Final = (
    "Residents and households: Census 2021; ward figures are estimates. "
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0."
)
#: An area belongs to the study area if at least this share of its ground lies inside the outline.
INSIDE_SHARE: Final = 0.1
#: Neighbours may overlap by this share of the whole before it is said: generalised layers do a little.
OVERLAP_SHARE: Final = 0.002


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class _Level:
    """One level on its way into `Areas`."""

    frame: gpd.GeoDataFrame
    derived: bool
    source: str
    area_name: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def load_areas(
    *,
    wards: str = "2023",
    lsoas: str = "2021",
    folder: Path | str | None = None,
    area: str = DERBY,
    projection: Projection | None = None,
) -> Areas:
    """
    Load the wards and LSOAs of an authority.

    Parameters
    ----------
    wards : {"2023", "2003"}
        Vintage of the wards; with local layers of other authorities, a year.
    lsoas : {"2021", "2011"}
        Vintage of the LSOAs.
    folder : path, optional
        A folder of local layers (GeoJSON, GeoPackage, Shapefile; any
        coordinate system), or one such file. Each is recognised by its
        GSS codes. Of several that fit, the most detailed is taken. For Derby, a
        level that the folder lacks comes from the shipped layers.
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
    chosen = {WARD: str(wards), LSOA: str(lsoas)}
    if folder is None:
        levels = {level: _shipped_level(level, vintage, area) for level, vintage in chosen.items()}
        passed: list[str] = []
    else:
        levels, passed = _local_levels(
            Path(folder), chosen, area=area, projection=projection or choose_projection()
        )
    return _assemble(levels, area, passed)


def _assemble(levels: dict[str, _Level], area: str, passed: Iterable[str]) -> Areas:
    """Put the two levels together."""
    parts = tuple(levels.values())
    names = [part.area_name for part in parts if part.area_name]
    return Areas(
        wards=levels[WARD].frame,
        lsoas=levels[LSOA].frame,
        outline=_outline(levels[WARD].frame),
        area_code=area,
        area_name=names[0] if names else area,
        derived=any(part.derived for part in parts),
        sources=(*dict.fromkeys(part.source for part in parts), FIGURES_SOURCE),
        notes=(*(note for part in parts for note in part.notes), *passed),
        warnings=tuple(warning for part in parts for warning in part.warnings),
    )


def _outline(wards: gpd.GeoDataFrame) -> shapely.Polygon | shapely.MultiPolygon:
    """Return the union of the wards; a coverage is joined exactly and fast, anything else robustly."""
    shapes = wards.geometry.to_numpy()
    if shapely.coverage_is_valid(shapes):
        return shapely.coverage_union_all(shapes)
    return shapely.union_all(shapes)


@cache
def known_figures() -> pd.DataFrame:
    """Return residents and households of the areas that ship: vintage, code, residents, households, basis."""
    return pd.read_csv(shipped("data", "residents_households.csv"))


def _with_figures(frame: gpd.GeoDataFrame, *, level: str, vintage: str) -> gpd.GeoDataFrame:
    """Complete a frame of code, name and geometry to the columns of `Areas`."""
    figures = (
        known_figures().drop_duplicates("code").set_index("code")[["residents", "households"]].astype(float)
    )
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
    return complete[list(AREA_COLUMNS)].sort_index()


def _shipped_level(level: str, vintage: str, area: str) -> _Level:
    """Load a level that ships."""
    if area != DERBY:
        raise BoundaryError(
            f"The shipped boundaries cover Derby ({DERBY}) only: "
            f"give a folder with the wards and LSOAs of {area}."
        )
    if vintage not in VINTAGES[level]:
        raise ParameterError(
            f"The {level}s of {vintage!r} do not ship: use {' or '.join(VINTAGES[level])} or local layers."
        )
    raw = gpd.read_file(shipped("boundaries", f"{level}s_{vintage}.geojson"), engine="pyogrio")
    frame = _with_figures(raw, level=level, vintage=vintage)
    return _Level(frame=frame, derived=True, source=SHIPPED_SOURCES[0], area_name="Derby")


def _local_levels(
    folder: Path, chosen: dict[str, str], *, area: str, projection: Projection
) -> tuple[dict[str, _Level], list[str]]:
    """Load both levels from local layers; for Derby, a level that is not there ships."""
    layers, passed = find_layers(folder, projection=projection)
    passed += [_not_used(layer) for layer in layers if layer.level not in LEVELS]
    wards = _of_area([layer for layer in layers if layer.level == WARD], area=area, outline=None)
    outline = shapely.union_all(shapely.make_valid(wards[0].frame.geometry.to_numpy())) if wards else None
    lsoas = _of_area([layer for layer in layers if layer.level == LSOA], area=area, outline=outline)
    if not wards and not lsoas:
        raise BoundaryError(
            f"{folder} holds no wards and no LSOAs of {area}: give layers with a column of their GSS codes "
            "(such as WD23CD or LSOA21CD), or another area."
        )
    levels = {
        level: _local_level(found, level=level, vintage=chosen[level], area=area)
        for level, found in ((WARD, wards), (LSOA, lsoas))
    }
    return levels, passed


def _not_used(layer: LocalLayer) -> str:
    """Say that a layer of another level was passed over."""
    return f"{layer.source} holds codes of level {layer.level} in {layer.column}; it was passed over."


def _of_area(
    layers: Iterable[LocalLayer], *, area: str, outline: shapely.Geometry | None
) -> list[LocalLayer]:
    """Cut layers down to the study area, and drop those with nothing in it."""
    cut = [_cut(layer, area=area, outline=outline) for layer in layers]
    return [layer for layer in cut if len(layer.frame)]


def _cut(layer: LocalLayer, *, area: str, outline: shapely.Geometry | None) -> LocalLayer:
    """
    Keep the features of one layer that belong to the authority.

    By the authority's code if the layer has it, else by the area's known
    codes, else by the ground: inside the outline. A layer of an authority of
    which nothing is known is kept whole.
    """
    frame = layer.frame
    if (frame["authority"] != "").all():
        return replace(layer, frame=frame[frame["authority"] == area].reset_index(drop=True))
    known = frame["code"].isin(_known_codes(layer.level, area))
    if known.any():
        return replace(layer, frame=frame[known].reset_index(drop=True))
    if outline is None and area == DERBY:
        outline = _outline(_shipped_level(WARD, VINTAGES[WARD][-1], DERBY).frame)
    if outline is None:
        return layer
    shapes = shapely.make_valid(frame.geometry.to_numpy())
    inside = shapely.area(shapely.intersection(shapes, outline)) >= INSIDE_SHARE * shapely.area(shapes)
    return replace(layer, frame=frame[inside].reset_index(drop=True))


def _known_codes(level: str, area: str) -> dict[str, str]:
    """Return the codes of an area's level whose vintages are known, each with its latest vintage."""
    if area != DERBY:
        return {}
    figures = known_figures()
    ours = figures[figures["vintage"].str.startswith(level)].sort_values("vintage")
    return dict(zip(ours["code"], ours["vintage"].str[-4:], strict=True))


def _vintage_codes(level: str, vintage: str) -> set[str]:
    """Return the codes that Derby's level has in a vintage."""
    figures = known_figures()
    return set(figures.loc[figures["vintage"] == f"{level}_{vintage}", "code"])


def _vintage(layer: LocalLayer, area: str) -> str:
    """Tell the vintage of a layer by its set of codes, or, where they are not known, by its column's year."""
    if not _is_known(layer, area):
        return layer.year
    codes = set(layer.frame["code"])
    return min(VINTAGES[layer.level], key=lambda vintage: len(codes ^ _vintage_codes(layer.level, vintage)))


def _local_level(layers: list[LocalLayer], *, level: str, vintage: str, area: str) -> _Level:
    """Choose among the local layers of a level, mend the choice and complete it."""
    by_vintage = {layer.source: _vintage(layer, area) for layer in layers}
    fitting = [layer for layer in layers if by_vintage[layer.source] == vintage]
    # Codes that are nobody's known vintage can only be what the user wants: there is nothing else to take.
    pool = fitting or [layer for layer in layers if not _is_known(layer, area)]
    if not pool:
        return _fallback(level, vintage=vintage, area=area, other=sorted(set(by_vintage.values())))
    best = max(pool, key=lambda layer: layer.vertices)
    taken = by_vintage[best.source]
    layer = mend(best)
    _check_complete(layer, vintage=taken, area=area)
    names = [name for name in layer.frame["authority_name"] if name]
    warnings = (
        *layer.warnings,
        *_overlap_warning(layer),
        *_year_warning(layer, vintage=vintage, taken=taken),
    )
    return _Level(
        frame=_with_figures(layer.frame, level=level, vintage=taken),
        derived=layer.derived,
        source=f"Boundaries of {level.replace(LSOA, 'LSOA')}s: local layer {layer.source}.",
        area_name=names[0] if names else ("Derby" if area == DERBY else ""),
        notes=(*layer.notes, *(_less_detailed(other, best) for other in pool if other is not best)),
        warnings=warnings,
    )


def _is_known(layer: LocalLayer, area: str) -> bool:
    """Tell whether the codes of a layer are among those whose vintage is known."""
    return bool(set(layer.frame["code"]) & set(_known_codes(layer.level, area)))


def _less_detailed(other: LocalLayer, best: LocalLayer) -> str:
    """Say why a layer that fits as well was not taken."""
    return (
        f"{other.source} ({other.vertices:,} vertices) is less detailed than {best.source} "
        f"({best.vertices:,}) and was passed over."
    )


def _year_warning(layer: LocalLayer, *, vintage: str, taken: str) -> list[str]:
    """Say so if the layer's year is not the one that was asked for."""
    if taken == vintage:
        return []
    return [
        f"{layer.source} was taken for the {layer.level}s of {vintage}, but is {taken or 'without a year'}."
    ]


def _fallback(level: str, *, vintage: str, area: str, other: list[str]) -> _Level:
    """Take the shipped layer of a level that the folder lacks, and say so."""
    if area != DERBY:
        raise BoundaryError(f"The local layers hold no {level}s of {area}: add a layer with their GSS codes.")
    held = f"those of {', '.join(other)} only" if other else "none"
    said = f"The local layers hold {held} of the {level}s: the shipped, derived ones of {vintage} were taken."
    taken = _shipped_level(level, vintage, area)
    return replace(taken, warnings=(said,)) if other else replace(taken, notes=(said,))


def _check_complete(layer: LocalLayer, *, vintage: str, area: str) -> None:
    """Refuse a layer that lacks areas which the authority is known to have: their incidents would be lost."""
    if not _is_known(layer, area):
        return
    missing = sorted(_vintage_codes(layer.level, vintage) - set(layer.frame["code"]))
    if missing:
        raise BoundaryError(
            f"{layer.source} lacks {len(missing)} of Derby's {layer.level}s of {vintage}, "
            f"such as {missing[0]} in {layer.column}: give a complete layer."
        )


def _overlap_warning(layer: LocalLayer) -> list[str]:
    """Say so if areas lie over one another: a point there belongs to two."""
    shapes = layer.frame.geometry.to_numpy()
    total = shapely.area(shapes).sum()
    overlap = total - shapely.union_all(shapes).area
    if overlap <= OVERLAP_SHARE * total:
        return []
    return [
        f"{layer.source}: areas overlap on {overlap / 1e6:.2f} km2; a point there is counted in one of them."
    ]
