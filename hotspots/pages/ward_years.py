"""Year on year, ward by ward: beside the city and beside the wards that are alike."""

from __future__ import annotations

from functools import cached_property
from math import isfinite
from typing import Any

from hotspots.months import months_between, period_words
from hotspots.pages import words
from hotspots.pages.ward_facts import WardFacts, signed_percent
from hotspots.release.release import Release


class Years:
    """
    Puts the comparisons of a release into words.

    Parameters
    ----------
    facts : WardFacts
    """

    def __init__(self, facts: WardFacts) -> None:
        self._facts = facts

    @property
    def missing(self) -> str:
        """Why there is no year on year; "" where there is."""
        return "" if len(self._rows) else why_no_years(self._facts.release)

    def tables(self, code: str) -> list[dict[str, Any]]:
        """Give a table for each pair of periods: title, rows by theme; the year first."""
        found = []
        for comparison in sorted(self._rows, key=lambda text: text.split(" ")[1]):
            mine = self._rows[comparison].get(code, {})
            rows = [_row(view.name, mine[view.slug]) for view in self._facts.themes if view.slug in mine]
            if rows:
                before, after = (_months(part) for part in comparison.split(" "))
                title = f"{period_words(after)} against {period_words(before)}"
                found.append({"title": title, "rows": rows})
        return found

    @cached_property
    def _rows(self) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
        found: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
        for row in self._facts.release.comparisons.to_dict("records"):
            found.setdefault(row["comparison"], {}).setdefault(row["code"], {})[row["theme"]] = row
        return found


def why_no_years(release: Release) -> str:
    """Say how many months were read where a year needs two."""
    months = len(release.complete_months)
    read = f"{months} whole {'month was' if months == 1 else 'months were'} read"
    return (
        f"A year is compared with the year before when 24 whole months without a gap are read, a quarter "
        f"with the same months a year before when those are; {read}."
    )


def _row(name: str, row: dict[str, Any]) -> dict[str, str]:
    sure = row["q"] == row["q"] and row["q"] < 0.05
    spread = spread_words(row["low"], row["high"])
    return {
        "name": name,
        "before": words.whole(row["before"]),
        "after": words.whole(row["after"]),
        "change": _change(row["change"]),
        "spread": spread if sure or not spread else f"{spread}, may be chance",
        "city": _change(row["city_change"]),
        "similar": _change(row["similar_change"]),
    }


def spread_words(low: float, high: float) -> str:
    """Write the range of a change; "" where it cannot be told."""
    if low != low or high != high:  # noqa: PLR0124 - NaN
        return ""
    return (
        f"{signed_percent(low)} to {signed_percent(high)}%"
        if isfinite(high)
        else f"{signed_percent(low)}% or more"
    )


def _change(ratio: float) -> str:
    return "not known" if ratio != ratio else f"{signed_percent(ratio)}%"  # noqa: PLR0124


def _months(text: str) -> tuple[str, ...]:
    first, last = text.split("..")
    return months_between(first, last)
