"""
Choose among local area layers: the authority's part, the vintage that was asked for, the most detail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd
import shapely

from hotspots.authorities import SHIPPED, known_authority
from hotspots.errors import BoundaryError
from hotspots.geography._layers import LocalLayer, find_layers, mend
from hotspots.geography.projection import Projection
from hotspots.geography.shipped import (
    Level,
    known_figures,
    outline_of,
    shipped_level,
    shipped_vintage,
    with_figures,
)
from hotspots.schema import LEVEL_PLURALS, LEVELS, LSOA, VINTAGES, WARD

#: An area belongs to the study area if at least this share of its ground lies inside the outline.
INSIDE_SHARE: Final = 0.1
#: Neighbours may overlap by this share of the whole before it is said: generalised layers do a little.
OVERLAP_SHARE: Final = 0.002
#: A folder of layers may also hold residents and households (columns code, residents, households)
FIGURES_FILE: Final = "residents_households.csv"
#: and the lines that have to be shown with them.
ATTRIBUTION_FILE: Final = "ATTRIBUTION.txt"


def local_levels(
    folder: Path, chosen: dict[str, str], *, area: str, projection: Projection
) -> tuple[dict[str, Level], list[str]]:
    """Load both levels from local layers; a level that is not there may ship."""
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
    figures = _read_figures(folder)
    levels = {
        level: _local_level(found, level=level, vintage=chosen[level], area=area, figures=figures)
        for level, found in ((WARD, wards), (LSOA, lsoas))
    }
    return levels, passed


def _beside(folder: Path, name: str) -> Path:
    """Return a file beside the layers, whether the folder was given or one layer in it."""
    return (folder if folder.is_dir() else folder.parent) / name


def _read_figures(folder: Path) -> pd.DataFrame | None:
    """Read residents and households that stand beside the layers."""
    path = _beside(folder, FIGURES_FILE)
    if not path.is_file():
        return None
    try:
        table = pd.read_csv(path)[["code", "residents", "households"]]
        return table.astype({"residents": float, "households": float})
    except (KeyError, ValueError):
        raise BoundaryError(
            f"{path.name} is not a table of code, residents and households: correct or remove it."
        ) from None


def read_attribution(folder: Path) -> list[str]:
    """Read the lines that have to be shown with the layers of a folder."""
    path = _beside(folder, ATTRIBUTION_FILE)
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _not_used(layer: LocalLayer) -> str:
    """Say that a layer of another level was passed over."""
    return f"{layer.source} holds areas of level {layer.level} ({layer.column}) and was passed over."


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
    if outline is None and area == SHIPPED.code:
        outline = outline_of(shipped_level(WARD, "", area).frame)
    if outline is None:
        return layer
    shapes = shapely.make_valid(frame.geometry.to_numpy())
    inside = shapely.area(shapely.intersection(shapes, outline)) >= INSIDE_SHARE * shapely.area(shapes)
    return replace(layer, frame=frame[inside].reset_index(drop=True))


def _known_codes(level: str, area: str) -> dict[str, str]:
    """Return the codes of an area's level whose vintages are known, each with its latest vintage."""
    if area != SHIPPED.code:
        return {}
    figures = known_figures()
    ours = figures[figures["vintage"].str.startswith(level)].sort_values("vintage")
    return dict(zip(ours["code"], ours["vintage"].str[-4:], strict=True))


def _vintage_codes(level: str, vintage: str) -> set[str]:
    """Return the codes that a shipped level has in a vintage."""
    figures = known_figures()
    return set(figures.loc[figures["vintage"] == f"{level}_{vintage}", "code"])


def _vintage(layer: LocalLayer, area: str) -> str:
    """Tell the vintage of a layer by its set of codes, or, where they are not known, by its column's year."""
    if not _is_known(layer, area):
        return layer.year
    codes = set(layer.frame["code"])
    return min(VINTAGES[layer.level], key=lambda vintage: len(codes ^ _vintage_codes(layer.level, vintage)))


def _local_level(
    layers: list[LocalLayer], *, level: str, vintage: str, area: str, figures: pd.DataFrame | None
) -> Level:
    """Choose among the local layers of a level, mend the choice and complete it."""
    by_vintage = {layer.source: _vintage(layer, area) for layer in layers}
    asked = shipped_vintage(level, vintage) if area == SHIPPED.code else vintage
    fitting = [layer for layer in layers if by_vintage[layer.source] == asked]
    # Codes that are nobody's known vintage can only be what the user wants: there is nothing else to take.
    unknown = {layer.source: layer for layer in layers if not _is_known(layer, area)}
    pool = fitting or [unknown[source] for source in _best_year(by_vintage, unknown, vintage)]
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
        *(
            _year_warning(layer, vintage=asked, taken=taken)
            if vintage or _is_older(taken, asked, area)
            else ()
        ),
    )
    return Level(
        frame=with_figures(layer.frame, level=level, vintage=taken, more=figures),
        derived=layer.derived,
        # The file is named by the notes, which stay internal: what it is called may say what it is for.
        source=f"Boundaries of {LEVEL_PLURALS[level]}: a local layer, under the terms of who supplied it.",
        area_name=names[0] if names else _known_name(area),
        notes=(
            f"{LEVEL_PLURALS[level].capitalize()} are from the local layer {layer.source}.",
            *layer.notes,
            *(_less_detailed(other, best) for other in pool if other is not best),
        ),
        warnings=warnings,
    )


def _best_year(years: dict[str, str], among: Iterable[str], wanted: str) -> list[str]:
    """
    Choose the layers of one year: the last up to the year wanted, else the first after it, else any.

    Areas stay in force until others replace them. Without a wanted year the newest are taken; layers
    without a year come last.
    """
    dated = sorted({years[source] for source in among if years[source]})
    before = [year for year in dated if not wanted or year <= wanted]
    taken = before[-1] if before else dated[0] if dated else ""
    return [source for source in among if years[source] == taken]


def _known_name(area: str) -> str:
    name = known_authority(area).name
    return "" if name == area else name


def _is_known(layer: LocalLayer, area: str) -> bool:
    """Tell whether the codes of a layer are among those whose vintage is known."""
    return bool(set(layer.frame["code"]) & set(_known_codes(layer.level, area)))


def _less_detailed(other: LocalLayer, best: LocalLayer) -> str:
    """Say why a layer that fits as well was not taken."""
    return (
        f"{other.source} ({other.vertices:,} vertices) is less detailed than {best.source} "
        f"({best.vertices:,}) and was passed over."
    )


def _is_older(taken: str, shipped: str, area: str) -> bool:
    """Tell whether a layer of Derby's is not known to be newer than what ships: then it may be a mistake."""
    return area == SHIPPED.code and not taken > shipped


def _year_warning(layer: LocalLayer, *, vintage: str, taken: str) -> list[str]:
    """Say so if the layer's year is not the one that was asked for."""
    if taken == vintage:
        return []
    areas = LEVEL_PLURALS[layer.level]
    of = f"of {taken}" if taken else "without a year"
    return [f"{layer.source} was taken for the {areas} of {vintage}, but is {of}."]


def _fallback(level: str, *, vintage: str, area: str, other: list[str]) -> Level:
    """Take the shipped layer of a level that the folder lacks, and say so."""
    areas = LEVEL_PLURALS[level]
    if area != SHIPPED.code:
        raise BoundaryError(f"The local layers hold no {areas} of {area}: add a layer with their GSS codes.")
    vintage = shipped_vintage(level, vintage)
    held = f"those of {', '.join(other)} only" if other else "none"
    said = f"The local layers hold {held} of the {areas}: the shipped, derived ones of {vintage} were taken."
    taken = shipped_level(level, vintage, area)
    return replace(taken, warnings=(said,)) if other else replace(taken, notes=(said,))


def _check_complete(layer: LocalLayer, *, vintage: str, area: str) -> None:
    """Refuse a layer that lacks areas which the authority is known to have: their incidents would be lost."""
    if not _is_known(layer, area):
        return
    missing = sorted(_vintage_codes(layer.level, vintage) - set(layer.frame["code"]))
    if missing:
        raise BoundaryError(
            f"{layer.source} lacks {len(missing)} of {SHIPPED.name}'s {LEVEL_PLURALS[layer.level]} "
            f"of {vintage}, such as {missing[0]} in {layer.column}: give a complete layer."
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
