"""Releases to make pages from: a small town that a hand can check."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.months import comparable_periods
from hotspots.pages._documents import with_per_cent_signs
from hotspots.pages.map_payload import build_payload
from hotspots.release.release import Release, ThemeView
from hotspots.schema import NATIONAL_GRID, columns
from hotspots.statistics.control import unusual_months
from hotspots.statistics.counts import Counts

MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
WARDS = ("Ash", "Beech", "Cedar", "Dogwood", "Elm", "Fir")
#: Incidents of each ward in a month; its first LSOA has half of them, the others share the rest.
MONTHLY = (60, 30, 12, 6, 0, 24)
WEST, SOUTH = 430_000, 332_000
SIDE = 2_000
THEME = "anti-social-behaviour"

#: Text that would run, close an element or change a style if it reached the page as markup.
HOSTILE = (
    "</script><script>window.hacked=1</script>",
    "${window.hacked=2}",
    '<img src="javascript:window.hacked=3" onerror="window.hacked=3">',
    "\"'`;}*{display:none}</style>",
    "javascript:window.hacked=4",
    '=HYPERLINK("http://evil.example")',
    "{{ 7*7 }}{% raw %}",
    "<!--<script>",
)


def payload_as_written(release: Release) -> Any:
    """Give what a page of a release is drawn from, with its words as they stand in the page."""
    return json.loads(with_per_cent_signs(json.dumps(build_payload(release), ensure_ascii=False)))


def small_release(**changes: Any) -> Release:
    """Make a release of six square wards of four LSOAs each; `changes` replace its fields."""
    return _changed(**changes) if changes else _plain()


@cache
def _plain() -> Release:
    """Make it once: what is made of it changes nothing in it."""
    return _changed()


def _changed(**changes: Any) -> Release:
    values = {**_values(), **changes}
    if "unusual_months" not in changes:
        same = not {"counts", "months"} & set(changes)
        values["unusual_months"] = _usual() if same else _unusual(values["counts"], values["months"])
    values.setdefault("compared", comparable_periods(values["months"]))
    return Release(**values)


@cache
def _usual() -> pd.DataFrame:
    return _unusual(_values()["counts"], MONTHS)


def _unusual(counts: pd.DataFrame, months: tuple[str, ...]) -> pd.DataFrame:
    return unusual_months(Counts.from_long(counts, months=months), months=months)


@cache
def _values() -> dict[str, Any]:
    wards, lsoas = _wards(), _lsoas()
    return {
        "area_code": "E06000015",
        "area_name": "Derby",
        "months": MONTHS,
        "period_text": "January to June 2025",
        "synthetic": False,
        "audience": "internal",
        "marking": "OFFICIAL",
        "wards_vintage": "ward_2023",
        "lsoas_vintage": "lsoa_2021",
        "resolution": "month",
        "version": "0.0",
        "themes": themes(),
        "wards": wards,
        "lsoas": lsoas,
        "outline": shapely.union_all(wards.geometry.to_numpy()),
        "counts": _counts(wards, lsoas),
        "results": _results(wards, lsoas),
        "priority": _priority(wards, lsoas),
        "clusters": _clusters(),
        "bands": _bands(),
        "streets": _streets(),
        "rejected": pd.DataFrame({"source": [], "row": [], "reason": [], "rows": []}),
        "reading": {},
        "geocoding": {},
        "sources": ("Contains public sector information licensed under the Open Government Licence v3.0.",),
        "warnings": ("A warning for the reader.",),
        "parameters": {"top": 3, "seed": 1},
    }


def release_with_beats(**changes: Any) -> Release:
    """Make the small release with three beats of all incidents and one of a theme; `changes` as above."""
    rows = [("all", 1, 12.34, 0.25), ("all", 2, 3.0, 0.125), ("all", 3, 0.4, 0.0004), (THEME, 1, 2.0, 0.5)]
    names = ["High Street", "Mill Lane and Park Road", "Station Approach", "High Street"]
    middles = [(WEST + 600 + 300 * k, SOUTH + 700 + 200 * k) for k in range(len(rows))]
    beats = gpd.GeoDataFrame(
        {
            "theme": [row[0] for row in rows],
            "order": [row[1] for row in rows],
            "beat": [f"SK3{k}-beat-{k}" for k in range(len(rows))],
            "name": names,
            "streets": [name.replace(" and ", "; ") for name in names],
            "easting": [x for x, _ in middles],
            "northing": [y for _, y in middles],
            "area_km2": 0.0227,
            "expected": [row[2] for row in rows],
            "low": 0,
            "high": [25, 8, 2, 6],
            "p_top": 0.9,
            "score": 500.0,
            "ward_codes": "E05000001",
            "lsoa_codes": "",
            "part_of": "",
            "flags": ["hospital", "", "", ""],
        },
        geometry=[shapely.Point(xy).buffer(85) for xy in middles],
        crs=NATIONAL_GRID,
    )
    details = pd.DataFrame(
        {
            "theme": beats["theme"],
            "beat": beats["beat"],
            "grid_reference": [f"SK 30{k}0 3210" for k in range(len(rows))],
            "share": [row[3] for row in rows],
            "recorded": 21,
            "recorded_by_month": "1;2;3;4;5;6",
            "types": "Robbery 12; Drugs 9",
            "hours": "18:00 to 22:00",
        }
    )
    values = {
        "beats": beats,
        "beat_details": details,
        "beat_grades": {"all": "In the last four months such beats held 25\xa0% of all incidents."},
        "beats_for": "2025-07",
    }
    return small_release(**{**values, **changes})


def hostile_release() -> Release:
    """Make the small release with hostile text in every field that takes text."""
    plain = small_release()
    bad = [HOSTILE[i % len(HOSTILE)] for i in range(24)]
    rename = dict(zip(plain.wards.index, bad, strict=False)) | dict(zip(plain.lsoas.index, bad, strict=True))
    views = []
    for i, view in enumerate(themes()):
        text = dict.fromkeys(("name", "description", "observability_text", "note", "withheld"), bad[i])
        views.append(ThemeView(**{**vars(view), **text}))
    return small_release(
        area_name=bad[0],
        period_text=bad[1],
        marking=bad[3],
        version=bad[4],
        themes=tuple(views),
        wards=plain.wards.assign(name=plain.wards.index.map(rename)),
        lsoas=plain.lsoas.assign(name=plain.lsoas.index.map(rename)),
        counts=plain.counts.assign(name=plain.counts["code"].map(rename)),
        results=plain.results.assign(name=plain.results["code"].map(rename)),
        clusters=plain.clusters.assign(streets=bad[: len(plain.clusters)]),
        streets=plain.streets.assign(street=bad[: len(plain.streets)]),
        sources=tuple(HOSTILE),
        warnings=tuple(HOSTILE),
        synthetic=True,
    )


def themes() -> tuple[ThemeView, ...]:
    """Give one theme of each kind: drawn, withheld because secret, borderless."""
    method = {
        "bandwidth": {"metres": 400.0, "kernel": "quartic", "method": "rule", "reason": "rule of thumb"},
        "cluster_parameters": {"eps": 150.0, "min_samples": 10, "min_places": 3, "reason": "a block"},
    }
    return (
        _theme("all", "All incidents", "direct", total=924, kind="all", **method),
        _theme("anti-social-behaviour", "Anti-social behaviour", "proxy", total=264, **method),
        _theme(
            "terrorism-and-extremism",
            "Terrorism and extremism",
            "not visible",
            sensitivity="secret",
            withheld="Never drawn as points, density or clusters.",
        ),
        _theme(
            "cyber-crime",
            "Cyber crime",
            "not visible",
            geography="borderless",
            withheld="Cyber crime has no place, so no density and no clusters are drawn.",
        ),
    )


def _theme(slug: str, name: str, observability: str, **changes: Any) -> ThemeView:
    drawn = "withheld" not in changes
    values: dict[str, Any] = {
        "slug": slug,
        "name": name,
        "description": f"{name}.",
        "observability": observability,
        "observability_text": f"These data show it: {observability}.",
        "note": "",
        "geography": "place-based",
        "sensitivity": "open",
        "shows_density": drawn,
        "shows_clusters": drawn,
        "withheld": "",
        "total": 0,
        "bandwidth": None,
        "cluster_parameters": None,
    }
    return ThemeView(**{**values, **changes})


def _frame(
    boxes: list[Any], codes: list[str], names: list[str], level: str, residents: int
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": names,
            "level": level,
            "vintage": {"ward": "ward_2023", "lsoa": "lsoa_2021"}[level],
            "area_km2": [box.area / 1e6 for box in boxes],
            "residents": float(residents),
            "households": residents / 2.5,
        },
        geometry=boxes,
        crs=NATIONAL_GRID,
        index=pd.Index(codes, name="code"),
    )


def _square(column: float, row: float, side: float) -> Any:
    west, south = WEST + column * side, SOUTH + row * side
    return shapely.box(west, south, west + side, south + side)


def _wards() -> gpd.GeoDataFrame:
    boxes = [_square(i % 3, i // 3, SIDE) for i in range(6)]
    return _frame(boxes, [f"E0500000{i}" for i in range(6)], list(WARDS), "ward", 6_000)


def _lsoas() -> gpd.GeoDataFrame:
    half = SIDE / 2
    boxes = [
        _square(2 * (ward % 3) + part % 2, 2 * (ward // 3) + part // 2, half)
        for ward in range(6)
        for part in range(4)
    ]
    names = [f"Derby {ward:03d}{'ABCD'[part]}" for ward in range(6) for part in range(4)]
    return _frame(boxes, [f"E010000{i:02d}" for i in range(24)], names, "lsoa", 1_500)


def _cube(level: str, slug: str) -> np.ndarray:
    """Counts by area and month; anti-social behaviour is a third of all, the last two themes are empty."""
    times = {"all": 1, "anti-social-behaviour": 1 / 3}.get(slug, 0)
    ward = np.tile(np.array(MONTHLY)[:, None], (1, len(MONTHS))) * times
    ward[:, -1] = 2 * ward[:, -1] if slug == "all" else ward[:, -1]
    if level == "ward":
        return ward.astype(int)
    return np.repeat(ward, 4, axis=0).astype(int) * np.tile([3, 1, 1, 1], 6)[:, None] // 6


def _counts(wards: gpd.GeoDataFrame, lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    parts = []
    for level, areas in (("ward", wards), ("lsoa", lsoas)):
        for view in themes():
            cube = _cube(level, view.slug)
            table = np.column_stack([cube.sum(axis=1), cube])
            periods = ["", *MONTHS]
            long = pd.DataFrame(
                {
                    "level": level,
                    "vintage": np.repeat(areas["vintage"].to_numpy(), len(periods)),
                    "code": np.repeat(areas.index.to_numpy(), len(periods)),
                    "name": np.repeat(areas["name"].to_numpy(), len(periods)),
                    "theme": view.slug,
                    "month": np.tile(periods, len(areas)),
                    "count": table.ravel(),
                }
            )
            long["rate_per_1000"] = (
                1000 * long["count"] / np.repeat(areas["residents"].to_numpy(), len(periods))
            )
            long["rate_per_km2"] = long["count"] / np.repeat(areas["area_km2"].to_numpy(), len(periods))
            parts.append(long)
    return pd.concat(parts, ignore_index=True)


def _results(wards: gpd.GeoDataFrame, lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    parts = []
    for level, areas in (("ward", wards), ("lsoa", lsoas)):
        for view in themes():
            count = _cube(level, view.slug).sum(axis=1).astype(float)
            rank = pd.Series(count).rank(ascending=False, method="first")
            p_top = np.select([rank <= 1, rank <= 3], [0.97, 0.5], 0.01)
            parts.append(
                pd.DataFrame(
                    {
                        "theme": view.slug,
                        "level": level,
                        "code": areas.index,
                        "name": areas["name"].to_numpy(),
                        "count": count,
                        "share": count / max(count.sum(), 1),
                        "rate_per_1000": count,
                        "rate_per_km2": count,
                        "change": np.where(count > 0, np.linspace(0.6, 1.4, len(count)), np.nan),
                        "change_low": 0.5,
                        "change_high": 1.5,
                        "change_q": np.where(np.arange(len(count)) % 2, 0.4, 0.01),
                        "gi_star": (count - count.mean()) / max(count.std(), 1),
                        "gi_q": np.where(rank <= 2, 0.01, 0.6),
                        "category": np.where(rank <= 1, "persistent", ""),
                        "rank": rank if count.any() else np.nan,
                        "rank_low": (rank - 1).clip(lower=1),
                        "rank_high": rank + 1,
                        "p_top": p_top,
                        "class": np.select([p_top >= 0.8, p_top >= 0.2], ["priority", "possible"], "no")
                        if count.any()
                        else "",
                        "denominator_sensitive": rank == 1,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _priority(wards: gpd.GeoDataFrame, lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    results = _results(wards, lsoas)
    return results[[name for name in columns("priority") if name in results]]


def _clusters() -> gpd.GeoDataFrame:
    shapes = [
        shapely.Point(WEST + x, SOUTH + y).buffer(150) for x, y in ((500, 500), (2500, 900), (5200, 3000))
    ]
    return gpd.GeoDataFrame(
        {
            "theme": ["all", "all", "anti-social-behaviour"],
            "order": [1, 2, 1],
            "cluster": ["SK0000NE-high-street", "SK0000SE-mill-lane", "SK0000NE-park-road"],
            "name": ["High Street", "Mill Lane", "Park Road"],
            "n": [120, 60, 30],
            "places": [6, 4, 3],
            "area_km2": [0.07] * 3,
            "density_per_km2": [1700.0, 850.0, 420.0],
            "share": [0.15, 0.08, 0.11],
            "length_m": 300.0,
            "part_of": "",
            "flags": "",
            "confidence": [0.98, 0.62, 0.3],
            "types": "",
            "hours": ["18:00 to 22:00, 48 % of the 60 whose hour is known", "", ""],
            "ward_codes": ["E05000000", "E05000001", "E05000002"],
            "streets": ["High Street; Station Approach", "Mill Lane", "Park Road"],
            "first_month": MONTHS[0],
            "last_month": MONTHS[-1],
            "status": ["continuing", "new", ""],
            "monthly": ["20;20;20;20;20;20", "5;5;10;10;15;15", "5;5;5;5;5;5"],
        },
        geometry=shapes,
        crs=NATIONAL_GRID,
    )


def _bands() -> gpd.GeoDataFrame:
    outer, inner = (shapely.Point(WEST + 1000, SOUTH + 1000).buffer(r) for r in (1500, 600))
    return gpd.GeoDataFrame(
        {
            "theme": ["all", "all"],
            "band": [4, 5],
            "lower": [20.0, 60.0],
            "upper": [60.0, 200.0],
            "incidents": [300, 166],
            "incident_share": [0.59, 0.21],
            "area_share": [0.2, 0.01],
        },
        geometry=[outer - inner, inner],
        crs=NATIONAL_GRID,
    )


def _streets() -> gpd.GeoDataFrame:
    names = ["High Street", "Station Approach", "Mill Lane", "Park Road", "St Peter's Street"]
    points = [shapely.Point(WEST + 600 + 40 * i, SOUTH + 600 + 50 * i) for i in range(len(names))]
    return gpd.GeoDataFrame({"street": names, "n": [50, 40, 30, 20, 10]}, geometry=points, crs=NATIONAL_GRID)
