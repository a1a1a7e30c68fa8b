"""
What a change between two periods says of the counts of their months.

A change is the rate per day of the later months over that of the earlier ones.
Where all months are shown and it follows from them it says nothing more.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import pandas as pd

from hotspots.auditing._policy import MONTH_NAMES
from hotspots.auditing.cells import Cell, Leak, blank
from hotspots.auditing.published import Published

_NUMBER: Final = {name: number for number, name in enumerate(MONTH_NAMES, start=1)}


@dataclass(frozen=True)
class Change:
    """A stated ratio of daily rates, with the cells of the months before and after."""

    before: tuple[Cell, ...]
    after: tuple[Cell, ...]
    ratio: float
    half: float

    def factor(self) -> float:
        """Say how many times the count before, at a ratio of 1, the count after would be."""
        return _days(self.after) / _days(self.before)


def change_rows(published: Published) -> Iterator[tuple[dict[Cell, float], float, float]]:
    """Give sums over months with their limits, from changes that do not follow from released months."""
    stated = list(changes(published))
    exact = any(follows(published, one) is False for one in stated)
    for one in stated:
        if exact or follows(published, one) is None:
            high, low = ((one.ratio + sign * one.half) * one.factor() for sign in (1.0, -1.0))
            yield {**dict.fromkeys(one.after, 1.0), **dict.fromkeys(one.before, -high)}, -float("inf"), 0.0
            yield {**dict.fromkeys(one.after, 1.0), **dict.fromkeys(one.before, -low)}, 0.0, float("inf")


def change_leaks(published: Published) -> Iterator[Leak]:
    """Find changes that no released count explains."""
    results = [follows(published, one) for one in changes(published)]
    for answer, words in (
        (False, "do not follow from the released months"),
        (None, "stand beside withheld months"),
    ):
        number = sum(result is answer for result in results)
        if number:
            yield Leak(
                "finer than the table", published.name, "index.html data", f"{number} changes {words}."
            )


def changes(published: Published) -> Iterator[Change]:
    """Read the changes that the page's data and the tables state."""
    page = [months_of(str(published.data.get("change", {}).get(name, ""))) for name in ("before", "after")]
    for table in published.tables:
        if "change" not in table.frame or "code" not in table.frame:
            continue
        rows = table.frame[~table.frame["change"].map(blank).astype(bool)]
        digits = rows["change"].map(lambda value: len(repr(float(value)).partition(".")[2]))
        half = 0.5 * 10.0 ** -min(int(digits.max()), 9) if len(rows) else 0.0
        named = rows["comparison"] if "comparison" in rows else pd.Series("", index=rows.index)
        keys = zip(rows["theme"], rows["level"], rows["code"], rows["change"], named, strict=True)
        for theme, level, code, ratio, pair in keys:
            spans = [_named_months(side) for side in pair.split()] if pair else page
            if len(spans) == 2 and all(spans):
                before, after = (
                    tuple(published.cell(theme, level, code, month) for month in months) for months in spans
                )
                yield Change(before, after, float(ratio), half)


def follows(published: Published, one: Change) -> bool | None:
    """Say whether a change can be computed from released months; None where one of them is withheld."""
    before, after = ([published.stated.get(cell) for cell in cells] for cells in (one.before, one.after))
    if None in before or None in after:
        return None
    earlier, later = sum(n for n in before if n), sum(n for n in after if n)
    if not earlier:
        return False
    return abs(later / earlier / one.factor() - one.ratio) <= one.half * (1 + 1e-6)


@cache
def months_of(words: str) -> tuple[str, ...]:
    """Read "July to September 2025" or "November 2024 to January 2025"; several runs are joined by "and"."""
    found: list[str] = []
    for run in words.split(" and "):
        match = re.fullmatch(r"(\w+)(?: (\d{4}))?(?: to (\w+) (\d{4}))?", run.strip())
        if match is None or match[1] not in _NUMBER or (match[3] or match[1]) not in _NUMBER:
            return ()
        last_year = int(match[4] or match[2] or 0)
        first = int(match[2] or last_year) * 12 + _NUMBER[match[1]] - 1
        last = last_year * 12 + _NUMBER[match[3] or match[1]] - 1
        found += [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(first, last + 1)]
    return tuple(found)


def _named_months(words: str) -> tuple[str, ...]:
    """Read "2024-01..2024-12"."""
    first, _, last = words.partition("..")
    ends = [int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last)]
    return tuple(f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(ends[0], ends[1] + 1))


def _days(cells: tuple[Cell, ...]) -> int:
    months = [cell.months[0] for cell in cells]
    return sum(monthrange(int(month[:4]), int(month[5:7]))[1] for month in months)
