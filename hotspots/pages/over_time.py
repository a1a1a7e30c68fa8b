"""What a release says over time, in words: what emerges, what changed, and what the next months may bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from hotspots import schema
from hotspots.months import days_in, months_between, period_words
from hotspots.pages import words
from hotspots.release.release import Release

#: The level of the whole.
CITY: Final = "city"
#: Rows of changes that the map page lists; the table has all.
CHANGES_LISTED: Final = 12
#: Circles that the map page lists of each theme and kind.
CIRCLES_LISTED: Final = 3
#: Below so many incidents in both periods together no change is told.
FEWEST: Final = 30
_SURE: Final = 0.05
_RISES: Final = (
    "More incidents were recorded in the last months than earlier months and the rest of the city lead one "
    "to expect, by more than chance allows over all areas and themes looked at. A new way of recording, a "
    "patrol or a campaign looks the same: ask what was done there before acting. One in ten may be chance."
)
_NO_RISE: Final = "No theme and no area rises by more than season and chance explain."
_FEW: Final = (
    "Seven whole months in a row are needed to tell a rise; themes of the whole city need thirteen, as they "
    "are set against the same months a year before."
)
_FORECAST: Final = (
    "If things go on as they have, 95% of such ranges hold what will be recorded. They know nothing of what "
    "is planned. No real run of two years has tested them; simulated ones have."
)
_BLIND: Final = " Fewer than 24 months were read, so the season is not known and the ranges are wide."


def emerging(release: Release) -> dict[str, Any]:
    """Arrange the list of what emerges for the map page: a note and rows of words, newest first."""
    names = {view.slug: view.name for view in release.themes}
    levels = {schema.WARD: "ward", schema.LSOA: "LSOA", CITY: "the whole"}
    rows = [
        {
            "theme": names[row["theme"]],
            "place": f"{row['name']} ({levels[row['level']]})",
            "since": period_words((row["since"],)),
            "observed": words.whole(row["observed"]),
            "expected": words.rate(row["expected"]),
            "sure": "under 0.1%" if row["q"] < 0.001 else words.fine_percent(row["q"]),
            "confirm": f"{row['confirmed_at']:.0f} or more in {period_words((row['confirmed_in'],))}",
        }
        for row in release.emerging.to_dict("records")
    ]
    few = len(release.complete_months) < 7
    return {"note": _RISES if rows else _FEW if few else _NO_RISE, "rows": rows}


def heaps(release: Release) -> list[dict[str, str]]:
    """Give the points that hold far more than all around them, in words; none outside internal use."""
    names = {view.slug: view.name for view in release.themes}
    return [
        {
            "theme": names[row["theme"]],
            "place": f"{row['street'] or 'a point without a name'} ({row['ward']})",
            "share": words.percent(row["share"]),
            "reason": row["reason"],
            "ranks": "–"
            if row["rank"] != row["rank"] or row["rank_without_heaps"] != row["rank_without_heaps"]
            else f"{row['rank']:.0f}, then {row['rank_without_heaps']:.0f}",
        }
        for row in release.heaps.to_dict("records")
    ]


def scanned(release: Release) -> dict[str, Any]:
    """Arrange the circles that are high beyond chance: whether any were sought, and rows of words."""
    names = {view.slug: view.name for view in release.themes}
    rows = [
        {
            "theme": names[row["theme"]],
            "place": f"{row['radius_m']:.0f} m around {row['name']}",
            "of": row["over"],
            "when": period_words((row["since"],)) if row["since"] else "the whole period",
            "observed": words.whole(row["n"]),
            "expected": words.rate(row["expected"]),
            "sure": words.fine_percent(row["p"]),
        }
        for row in release.scan.to_dict("records")
        if row["order"] <= CIRCLES_LISTED
    ]
    return {"sought": bool(release.parameters.get("scan")), "rows": rows}


def changed(release: Release) -> list[dict[str, Any]]:
    """Give for each comparison the changes beyond chance, surest first, with the city beside them."""
    return [_comparison(release, str(pair), part) for pair, part in _pairs(release)]


def compared(release: Release) -> dict[str, list[dict[str, Any]]]:
    """Give by ward, for each comparison, what is said of it by theme, beside the city and wards like it."""
    names = {view.slug: view.name for view in release.themes if view.observability not in schema.UNSEEN}
    found: dict[str, list[dict[str, Any]]] = {}
    for pair, part in _pairs(release):
        titles = _titles(str(pair), part)
        held = {(row["code"], row["theme"]): row for row in part.to_dict("records")}
        for code in part["code"].unique():
            mine = [(name, held.get((code, slug))) for slug, name in names.items()]
            rows = [{"name": name, **_cells(row)} for name, row in mine if row]
            if rows:
                found.setdefault(str(code), []).append({**titles, "rows": rows})
    return found


def coming(release: Release, code: str) -> dict[str, Any]:
    """Give the next months of the city or a ward by theme: expected, and the range that holds 95 %."""
    rows = release.forecasts[release.forecasts["code"].eq(code)].to_dict("records")
    names = {view.slug: view.name for view in release.themes if view.observability not in schema.UNSEEN}
    months = list(dict.fromkeys(row["month"] for row in rows if row["month"]))
    at = {(row["theme"], row["month"]): row for row in rows}
    found = [
        {"name": name, "cells": [_range(at[slug, month]) for month in (*months, "")]}
        for slug, name in names.items()
        if (slug, "") in at
    ]
    blind = _BLIND if any(row["reason"] for row in rows) else ""
    heads = [period_words((month,)) for month in months]
    return {"note": _FORECAST + blind, "heads": [*heads, "Together"] if heads else [], "rows": found}


def _pairs(release: Release) -> list[tuple[Any, pd.DataFrame]]:
    return list(release.comparisons.groupby("comparison", sort=False))


def _comparison(release: Release, pair: str, part: pd.DataFrame) -> dict[str, Any]:
    names = {view.slug: view.name for view in release.groups if view.observability not in schema.UNSEEN}
    known = part[part["theme"].isin(names) & part["change_q"].lt(_SURE) & _enough(part)]
    rows = [
        {"theme": names[row["theme"]], "name": row["name"], **_cells(row)}
        for row in known.sort_values(["change_q", "theme", "code"]).to_dict("records")
    ]
    more = len(rows) - CHANGES_LISTED
    listed = f"{words.small_number(more)} more are in tables/comparisons.csv." if more > 0 else ""
    return {**_titles(pair, part), "rows": rows[:CHANGES_LISTED], "more": listed.capitalize()}


def _titles(pair: str, part: pd.DataFrame) -> dict[str, str]:
    """Name the two periods, and the season where it plays a part."""
    before, after = (months_between(*side.split("..")) for side in pair.split())
    season = bool(part["reason"].astype(str).str.contains("season").any())
    return {
        "title": f"{period_words(after)} against {period_words(before)}",
        "before": period_words(before),
        "after": period_words(after),
        "season": "The season may explain a change: these are other months of the year." if season else "",
        "days": "" if days_in(before) == days_in(after) else "Changes are per day, as one period is longer.",
    }


def _cells(row: Mapping[Any, Any]) -> dict[str, str]:
    told = row["before"] + row["after"] >= FEWEST and row["change_low"] == row["change_low"]
    spread = f"{_percent(row['change_low'])} to {_percent(row['change_high'])}" if told else ""
    chance = "" if not told or row["change_q"] < _SURE else ", may be chance"
    return {
        "before": words.whole(row["before"]),
        "after": words.whole(row["after"]),
        "ratio": _percent(row["change"]) if told else "too few to tell",
        "spread": f"{spread}{chance}",
        "city": _percent(row["city_change"]),
        "similar": _percent(row["similar_change"]),
    }


def _enough(part: pd.DataFrame) -> pd.Series:
    return (part["before"] + part["after"]).ge(FEWEST)


def _percent(ratio: float) -> str:
    if ratio != ratio or ratio == float("inf"):  # noqa: PLR0124 - nothing to divide by, or not known
        return "–"
    percent = round(100 * (ratio - 1))
    return "0%" if percent == 0 else f"{'+' if percent > 0 else '−'}{abs(percent):,}%"


def _range(row: Mapping[Any, Any]) -> str:
    return f"{words.whole(row['expected'])} ({row['low']:.0f} to {row['high']:.0f})"
