"""Bring the evidence together, theme by theme and for the whole city."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from hotspots import schema
from hotspots.assessment.answers import Answers
from hotspots.assessment.folders import Folder, Folders
from hotspots.assessment.places import Places
from hotspots.assessment.trends import Trend, city_months, compared_periods, find_trends, rises
from hotspots.months import Periods, month_words, period_words
from hotspots.policeuk import API_CATEGORIES

#: The names of police.uk's types by slug.
_TYPES: Final = {re.sub("[^a-z]+", "-", name.lower()): name for name in API_CATEGORIES.values()}


def assess(folders: Folders, answers: Answers, *, edition: str) -> dict[str, Any]:
    """
    Gather what the assessment says.

    Parameters
    ----------
    folders : Folders
    answers : Answers
    edition : {"yearly", "quarterly"}

    Returns
    -------
    dict
        Plain values: area, periods, everything (all incidents), themes, types, rises, patrols,
        evaluations, boxes, words, edition; NaN where a figure is withheld or unknown.
    """
    latest = folders.latest
    places = Places(latest, folders.whole)
    periods = compared_periods(folders.months, edition)
    city = city_months(folders.counts)
    trends = find_trends(city, periods)
    record = latest.record
    views = {one["slug"]: one for one in record["themes"]}
    kinds = [slug for slug in folders.whole["theme"].unique() if str(slug).startswith(schema.TYPE_PREFIX)]
    return {
        "area": _area(record["area"], places),
        "period": record["period"]["text"],
        "edition": edition,
        "read": period_words(folders.months),
        "compared": _compared(periods),
        "months": {theme: (list(table.columns), table.iloc[0].tolist()) for theme, table in city.items()},
        "themes": [_theme(view, places, trends, answers) for view in views.values()],
        "types": _types(kinds, places, trends),
        "held": _held(views),
        "rises": _rises(folders, record["area"], views),
        "patrols": [_patrol(one.record, views) for one in folders.patrols],
        "evaluations": [
            {**row, "period": one.record["period"]}
            for one in folders.evaluations
            for row in one.record["interventions"]
        ],
        "report_card": record.get("report_card", []),
        "harm": record["parameters"].get("harm", ""),
        "warnings": _distinct(folders.runs, "warnings"),
        "sources": _distinct((*folders.runs, *folders.evaluations), "sources"),
    }


def _distinct(folders: Sequence[Folder], name: str) -> list[str]:
    """Give the texts of a list in the records of some folders, each once."""
    return list(dict.fromkeys(text for one in folders for text in one.record[name]))


def _area(area: Mapping[str, Any], places: Places) -> dict[str, Any]:
    figures = ("residents", "households", "wards", "lsoas", "km2")
    return {**area, **{name: getattr(places, name) for name in figures}}


def _compared(periods: Periods) -> dict[str, Any]:
    """Say which periods are compared, and whether they are the same months of two years."""
    return {
        "before": period_words(periods.before) if periods.before else "",
        "after": period_words(periods.after) if periods.after else "",
        "reason": periods.reason,
        "year_before": bool(periods.before) and periods.before[0][5:] == periods.after[0][5:],
    }


def _types(kinds: Sequence[str], places: Places, trends: Mapping[str, Trend]) -> list[dict[str, Any]]:
    """Give the types of incidents, the most frequent first and withheld ones last."""
    rows = [
        {"slug": slug, "name": _type_name(slug), "count": places.total(slug), "trend": trends.get(slug)}
        for slug in kinds
    ]
    return sorted(rows, key=lambda row: (-(row["count"] if isfinite(row["count"]) else -1.0), row["name"]))


def _rises(folders: Folders, area: Mapping[str, Any], views: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what rises in the city and its wards, then in small areas."""
    found = rises(folders.counts, (area["code"], area["name"])).to_dict("records")
    return [
        {**row, "theme": _name(str(row["theme"]), views), "since": month_words(str(row["since"]))}
        for row in (*found, *_small_rises(folders.latest))
    ]


def _small_rises(latest: Folder) -> list[dict[str, Any]]:
    """Give the rises that the latest run found in small areas: a ward may hide them."""
    rows = latest.table("emerging")
    rows = rows[rows["level"].eq(schema.LSOA)]
    return rows.assign(name=rows["name"] + " (small area)").to_dict("records")


def _theme(
    view: Mapping[str, Any], places: Places, trends: Mapping[str, Trend], answers: Answers
) -> dict[str, Any]:
    slug = str(view["slug"])
    seen = view["observability"] not in schema.UNSEEN
    wards_total = places.total(slug) if seen else float("nan")
    # Withheld by ward, a total may still be published for the city.
    total = wards_total if wards_total == wards_total else view["total"]  # noqa: PLR0124
    return {
        "slug": slug,
        "name": view["name"],
        "seen": seen,
        "observability": view["observability"],
        "told": view["observability_text"],
        "withheld": view["withheld"],
        "count": float("nan") if total is None or not seen else float(total),
        "trend": trends.get(slug) if seen else None,
        "harm": places.harm(slug) if seen else float("nan"),
        "spread": places.spread(slug) if seen else (0, 0),
        "wards": places.wards_of(slug) if seen else [],
        "deprived": places.deprived(slug) if seen else None,
        "hotspots": places.hotspots(slug) if seen else None,
        "beats": places.beats(slug) if seen else None,
        "scores": dict(answers.scores.get(slug, {})),
        "boxes": [dict(box) for box in answers.of(slug)],
    }


def _held(views: Mapping[str, Any]) -> float:
    """Say what share of all incidents the themes together hold at most; NaN where a total is withheld."""
    every = views[schema.ALL_INCIDENTS]["total"]
    parts = views.get(schema.COMBINED, {}).get("total")
    return min(parts / every, 1.0) if every and parts is not None else float("nan")


def _type_name(slug: str) -> str:
    """Give a type its own name where police.uk has it, else the words of its slug."""
    plain = slug.removeprefix(schema.TYPE_PREFIX)
    return _TYPES.get(plain, plain.replace("-", " ").capitalize())


def _name(slug: str, views: Mapping[str, Any]) -> str:
    return str(views[slug]["name"]) if slug in views else _type_name(slug)


def _patrol(record: Mapping[str, Any], views: Mapping[str, Any]) -> dict[str, Any]:
    patrol = record["patrol"]
    theme = str(patrol["asked"].get("theme", schema.ALL_INCIDENTS))
    return {
        **patrol,
        "theme": _name(theme, views),
        "month": month_words(patrol["month"]) if patrol["month"] else "",
    }
