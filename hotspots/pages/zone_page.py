"""
The user's zones as a page: what wards get in their profiles, for an order's area, a park, a beat area.

For internal use alone: a zone cuts through wards, whose withheld counts it would give back.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import shapely
from markupsafe import Markup

from hotspots import schema
from hotspots.months import period_words
from hotspots.pages import words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document
from hotspots.pages.ward_drawings import month_bars
from hotspots.pages.ward_facts import WardFacts, change_words, plain, rank_words, rate_words
from hotspots.release.release import Release, ThemeView

#: What a reader of zones must know before any figure.
ZONE_WORDS: Final = (
    "An incident counts in every zone that holds its point, so zones that overlap cannot be added up, and "
    "incidents without a point are missing. Published police data move each incident to a map point nearby: "
    "at the edge of a small zone some fall on the wrong side. Zones are ranked by incidents per km², as "
    "nobody counts who lives in them. For internal use: zones cut through wards, so their counts less those "
    "of wards would give back what is withheld of these."
)
_LEAST_PART: Final = 0.01


def render_zones(release: Release) -> str:
    """
    Write zones.html: a section a zone, by name.

    Parameters
    ----------
    release : Release
        With zones, and so for internal use.

    Returns
    -------
    str
        A whole HTML document that makes no request. Equal input gives equal text.
    """
    facts = WardFacts(release)
    zones = release.zones.sort_values("name", kind="stable")
    return render_document(
        "zones.html.j2",
        marking=release.marking,
        synthetic=release.synthetic,
        styles=[own_files("profile.css")],
        title=f"Zones in {release.area_name}, {release.period_text}",
        words=ZONE_WORDS,
        comparison=facts.comparison,
        zones=[_zone(release, facts, row) for row in zones.to_dict("records")],
        unseen=facts.unseen,
        unseen_word=facts.unseen_word,
        warnings=release.warnings,
        sources=release.sources,
        version=release.version,
        audience=release.audience,
    )


def zone_rows(release: Release, slug: str) -> list[tuple[str, ...]]:
    """Give name, incidents, share, incidents per km2, rank and change of every zone for a theme, by rank."""
    rows = release.zone_results[release.zone_results["theme"].eq(slug)].to_dict("records")
    return [(str(row["name"]), *_figures(plain(row))) for row in rows]


def zones_of_wards(release: Release) -> dict[str, list[tuple[str, ...]]]:
    """Give, by ward code, the zones that lie in it at least in part, with the figures of the whole zone."""
    if not release.has_zones:
        return {}
    rows = {row[0]: row for row in zone_rows(release, schema.ALL_INCIDENTS)}
    outlines, shapes = release.wards.geometry.to_numpy(), release.zones.geometry.to_numpy()
    names = release.zones["name"].astype(str).tolist()
    ward, zone = shapely.STRtree(shapes).query(outlines, predicate="intersects")
    part = shapely.area(shapely.intersection(shapes[zone], outlines[ward])) / shapely.area(shapes[zone])
    found: dict[str, list[tuple[str, ...]]] = {}
    for at, which, share in sorted(zip(ward, zone, part, strict=True), key=lambda one: names[one[1]]):
        if share >= _LEAST_PART:
            held = "all" if share > 1 - _LEAST_PART else words.percent(share)
            found.setdefault(str(release.wards.index[at]), []).append((*rows[names[which]], held))
    return found


def _zone(release: Release, facts: WardFacts, zone: dict[Any, Any]) -> dict[str, Any]:
    code = zone["code"]
    mine = release.zone_results[release.zone_results["code"].eq(code)]
    results = {row["theme"]: plain(row) for row in mine.to_dict("records")}
    monthly = release.zone_counts[
        release.zone_counts["code"].eq(code) & release.zone_counts["month"].ne(schema.WHOLE_PERIOD)
    ]
    months = {str(slug): part for slug, part in monthly.groupby("theme", sort=False)}
    views = [view for view in (*facts.themes, *release.types) if view.slug in results]
    return {
        "id": str(code),
        "name": zone["name"],
        "facts": [("Area", f"{zone['area_km2']:.2f} km²"), ("Wards", _wards(release, zone["geometry"]))],
        "themes": [
            _theme(view, results[view.slug], months[view.slug])
            for view in views
            if view.kind != "type" or results[view.slug]["count"]
        ],
        "unusual": [
            f"{view.name}: {period_words((str(row['month']),))} was {row['signal']} the usual, with "
            f"{words.whole(row['count'])} where {row['usual_low']:.0f} to {row['usual_high']:.0f} "
            "would have been ordinary."
            for view in facts.themes
            if view.slug in months
            for row in months[view.slug].to_dict("records")
            if row["signal"]
        ],
    }


def _theme(view: ThemeView, row: dict[str, Any], months: pd.DataFrame) -> dict[str, Any]:
    count, share, density, rank, change = _figures(row)
    return {
        "name": view.name,
        "kind": view.kind,
        "count": count,
        "share": share,
        "density": density,
        "rank": rank,
        "change": change,
        "bars": _bars(months),
    }


def _figures(row: dict[str, Any]) -> tuple[str, ...]:
    change, spread = change_words(row)
    return (
        words.whole(row["count"]),
        words.percent(row["share"]) if row["share"] is not None else "none in the city",
        rate_words(row["rate_per_km2"], row["count"]),
        rank_words(row),
        f"{change} ({spread})" if spread else change,
    )


def _bars(months: pd.DataFrame) -> Markup:
    return month_bars([plain(row) for row in months[["month", "count", "signal"]].to_dict("records")])


def _wards(release: Release, shape: Any) -> str:
    held = shapely.area(shapely.intersection(release.wards.geometry.to_numpy(), shape)) / shapely.area(shape)
    names = release.wards["name"].astype(str).to_numpy()[held >= _LEAST_PART]
    return words.join_names(sorted(names), most=len(names)) if len(names) else "none"
