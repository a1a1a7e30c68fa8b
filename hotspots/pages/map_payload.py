"""
The figures that the map page's script draws: one geometry, many values.

Incidents are never in it, only counts by area, theme and month, and the shapes
of bands and clusters that the release may show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots import policeuk
from hotspots.months import halves, period_words
from hotspots.pages import colours, map_beats, map_hotspots, map_shapes, words
from hotspots.schema import CATEGORIES, COLUMNS, LEVEL_PLURALS, LEVELS, LSOA, WARD, WHOLE_PERIOD

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.release.release import Release, ThemeView

#: What the levels are called where people read.
LEVEL_WORDS = {
    WARD: {"one": "ward", "many": LEVEL_PLURALS[WARD], "title": "Wards"},
    LSOA: {"one": "LSOA", "many": LEVEL_PLURALS[LSOA], "title": "Small areas (LSOAs)"},
}
#: Incidents of a type in an average area and month below which the page has the whole period only:
#: mostly noughts and ones, they would make a third of it. tables/areas.csv has them all.
FEWEST_A_MONTH = 2
#: Metres: the outline of a park needs no more corners on the map.
_ZONE_DETAIL_M = 4.0
#: Streets of the page, those with most incidents: the map names 60 at a time, the search knows them all.
MOST_STREETS = 4_000
_RESULT_NUMBERS = ("change", "change_q", "gi_star", "gi_q", "rank", "rank_low", "rank_high", "p_top")


def build_payload(release: Release, *, profiles: Mapping[str, str] | None = None) -> dict[str, Any]:
    """
    Gather everything the page's script needs, as plain JSON values.

    Parameters
    ----------
    release : Release
        What the audience may see.
    profiles : mapping of str to str, optional
        Address of the profile of each ward by its code, relative to the page.

    Returns
    -------
    dict
        `themes`, `levels` (geometry, counts, breaks and results by area),
        `clusters` and `bands` by theme, `streets`, `months` and texts. Missing
        and withheld numbers are None.
    """
    return {
        "area": {"code": release.area_code, "name": release.area_name},
        "months": list(release.months),
        "marking": release.marking,
        "synthetic": release.synthetic,
        "legend": words.LEGEND,
        "source": " ".join(release.sources[:1]),
        "top": int(release.parameters.get("top", 3)),
        "bounds": _bounds(release),
        "themes": [_theme(view, release.held) for view in release.groups],
        "levels": {level: _level(release, level) for level in LEVELS},
        **map_hotspots.payload(release, level_frame(release, WARD).index),
        "bands": _bands(release),
        **map_beats.payload(release),
        "zones": _zones(release),
        "streets": _streets(release),
        "changeBreaks": colours.CHANGE_BREAKS,
        "change": _compared(release),
        "halves": [period_words(months) for months in halves(release.months)],
        "categories": dict(CATEGORIES),
        "profiles": [(profiles or {}).get(str(code), "") for code in level_frame(release, WARD).index],
    }


def _compared(release: Release) -> dict[str, str]:
    """Name the two periods that a change compares."""
    periods = release.compared
    words = {"before": periods.before, "after": periods.after}
    named = {name: period_words(months) if months else "" for name, months in words.items()}
    return {**named, "reason": periods.reason}


def level_frame(release: Release, level: str) -> gpd.GeoDataFrame:
    """Return the areas of a level, indexed by code, in the order in which the page lists them."""
    return (release.wards if level == WARD else release.lsoas).sort_index()


def numbers(values: Any, digits: int | None = None) -> list[Any]:
    """Turn an array into a list of JSON numbers."""
    return [words.number(value, digits) for value in np.asarray(values, dtype=float).tolist()]


def _bounds(release: Release) -> list[list[float]]:
    west, south, east, north = map_shapes.to_degrees([release.outline])[0].bounds
    return [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]


def _theme(view: ThemeView, held: str) -> dict[str, Any]:
    note = f"{held} {view.note}".strip() if view.kind == "combined" else view.note
    return {
        "slug": view.slug,
        "kind": view.kind,
        "name": view.name,
        "observability": view.observability,
        "observabilityText": view.observability_text,
        "note": note,
        "withheld": view.withheld,
        "density": bool(view.shows_density),
        "clusters": bool(view.shows_clusters),
        "total": view.total,
    }


def _level(release: Release, level: str) -> dict[str, Any]:
    areas = level_frame(release, level)
    table = release.table.level(level, codes=areas.index)
    measures = {
        "count": table.count,
        "rate_per_1000": table.rate("residents"),
        "rate_per_km2": table.rate("area_km2"),
    }
    drawn = {v.slug: table.position(v.slug) for v in release.groups if v.slug in table.groups}
    drawn = {slug: at for slug, at in drawn.items() if table.given[at].any()}
    kinds = {view.slug: view.kind for view in release.groups}
    shapes = map_shapes.to_degrees(map_shapes.simplify_areas(areas.geometry.to_numpy()))
    return {
        "words": LEVEL_WORDS[level],
        "vintage": str(areas["vintage"].iloc[0]),
        "codes": [str(code) for code in areas.index],
        "names": [str(name) for name in areas["name"]],
        "km2": numbers(areas["area_km2"]),
        "residents": numbers(areas["residents"]),
        "ward": _ward_of(release, areas),
        "shapes": [map_shapes.polygon_rings(shape) for shape in shapes],
        "labels": _label_points(areas),
        "counts": {slug: _count_rows(table.count[at], kinds[slug]) for slug, at in drawn.items()},
        "breaks": {
            slug: _breaks({name: m[at] for name, m in measures.items()}) for slug, at in drawn.items()
        },
        "results": _results(release, level, areas.index),
    }


def _count_rows(count: np.ndarray, kind: str) -> list[list[Any]]:
    """Give the counts of each area, without months where a type has next to nothing in one."""
    sparse = kind == "type" and np.nansum(count[:, 0]) < FEWEST_A_MONTH * count[:, 1:].size
    return [numbers(row) for row in (count[:, :1] if sparse else count)]


def _breaks(measures: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """One set of breaks for all single months and one for the whole period, by measure."""
    return {
        name: {
            "period": colours.class_breaks(values[:, 0]),
            "month": colours.class_breaks(values[:, 1:]),
        }
        for name, values in measures.items()
    }


def _label_points(areas: gpd.GeoDataFrame) -> list[list[int]]:
    """Where a name sits best: the middle of the widest part."""
    radii = shapely.maximum_inscribed_circle(areas.geometry.to_numpy(), tolerance=30)
    middles = shapely.get_point(radii, 0)
    return [map_shapes.point_units(point) for point in map_shapes.to_degrees(middles)]


def _ward_of(release: Release, areas: gpd.GeoDataFrame) -> list[int]:
    """Position of the ward that holds each area's inner point, -1 where none does."""
    wards = level_frame(release, WARD).geometry.to_numpy()
    points = shapely.point_on_surface(areas.geometry.to_numpy())
    inside, ward = shapely.STRtree(wards).query(points, predicate="intersects")
    found = np.full(len(areas), -1)
    # The first ward wins where a point lies on a border.
    found[inside[::-1]] = ward[::-1]
    return [int(position) for position in found]


def _results(release: Release, level: str, codes: pd.Index) -> dict[str, Any]:
    kept = [*_RESULT_NUMBERS, "class", "category", "denominator_sensitive"]
    by_theme = _by_theme(release.results, level, codes, kept)
    ranks = _ranks_by(release, level, codes)
    found = {}
    for slug in (view.slug for view in release.groups):
        mine = by_theme.get(slug)
        if mine is not None and mine["rank"].notna().any():
            found[slug] = {
                "by": ranks(slug),
                **{name: numbers(mine[name], COLUMNS["results"][name].decimals) for name in _RESULT_NUMBERS},
                "class": [text if isinstance(text, str) else "" for text in mine["class"]],
                "category": [text if isinstance(text, str) else "" for text in mine["category"]],
                "sensitive": [int(value is True or value == 1) for value in mine["denominator_sensitive"]],
            }
    return found


def _ranks_by(release: Release, level: str, codes: pd.Index) -> Callable[[str], list[list[Any]]]:
    """Give of a theme each denominator's name and the wards' ranks by it; the table has the others."""
    if level != WARD:
        return lambda _: []
    named = {f"rank_by_{name}": words for name, words in release.denominators.items()}
    known = {column: words for column, words in named.items() if column in release.priority}
    by_theme = _by_theme(release.priority, level, codes, list(known))
    bare = pd.DataFrame(np.nan, index=range(len(codes)), columns=list(known))
    return lambda slug: [
        [words, numbers(by_theme.get(slug, bare)[column])] for column, words in known.items()
    ]


def _by_theme(
    frame: pd.DataFrame, level: str, codes: pd.Index, columns: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Give these columns of each theme, a row for each code, bare where the frame has none."""
    rows = frame.loc[frame["level"].eq(level), ["theme", "code", *columns]].reset_index(drop=True)
    place = codes.get_indexer(rows["code"])
    found = {}
    for theme, at in rows.groupby("theme", sort=False).indices.items():
        row_of = np.full(len(codes), -1)
        row_of[place[at[place[at] >= 0]]] = at[place[at] >= 0]
        found[str(theme)] = rows[list(columns)].reindex(row_of)
    return found


def _bands(release: Release) -> dict[str, list[dict[str, Any]]]:
    frame = release.bands.sort_values(["theme", "band"], kind="stable")
    shapes = map_shapes.to_degrees(shapely.simplify(frame.geometry.to_numpy(), map_shapes.TOLERANCE_M))
    found: dict[str, list[dict[str, Any]]] = {}
    for row, shape in zip(frame.to_dict("records"), shapes, strict=True):
        found.setdefault(str(row["theme"]), []).append(
            {
                "band": int(row["band"]),
                "share": words.number(row["incident_share"], 4),
                "area": words.number(row["area_share"], 4),
                "shape": map_shapes.polygon_rings(shape),
            }
        )
    return found


def _zones(release: Release) -> list[dict[str, Any]]:
    """Give the user's zones with their counts by theme over the whole period."""
    whole = release.zone_counts[release.zone_counts["month"].eq(WHOLE_PERIOD)]
    counts = whole.set_index(["code", "theme"])["count"]
    shapes = map_shapes.to_degrees(shapely.simplify(release.zones.geometry.to_numpy(), _ZONE_DETAIL_M))
    return [
        {
            "name": str(name),
            "shape": map_shapes.polygon_rings(shape),
            "counts": {str(slug): int(count) for slug, count in counts.loc[code].items()},
        }
        for code, name, shape in zip(release.zones["code"], release.zones["name"], shapes, strict=True)
    ]


def _streets(release: Release) -> dict[str, Any]:
    frame = release.streets.sort_values(["n", "street"], ascending=[False, True], kind="stable")
    names = [policeuk.street_name(name) for name in frame["street"]]
    # "Parking Area" is many places: at one point of the map it would be a wrong name.
    named = np.array([name not in policeuk.KINDS and bool(name) for name in names], dtype=bool)
    points = map_shapes.to_degrees(frame.geometry.to_numpy()[named])
    kept = [name for name, kept in zip(names, named, strict=True) if kept]
    return {
        "names": kept[:MOST_STREETS],
        "points": [map_shapes.point_units(point) for point in points[:MOST_STREETS]],
        "left": max(0, len(kept) - MOST_STREETS),
    }
