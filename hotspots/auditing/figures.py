"""
Figures of every medium against the table of counts.

A rate, share or change that follows from released counts gives nothing back. One
that does not was made from exact counts, and then all of its column was: each
of its values narrows a count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.auditing._policy import ALL_INCIDENTS, CITY, WHOLE_PERIOD
from hotspots.auditing.cells import Cell, Figure, Leak, blank, count_interval, rounded
from hotspots.auditing.published import Published, Table

#: Columns that divide a count, with the denominator and what it is multiplied by.
_RATES: Final = {"rate_per_1000": ("residents", 1000.0), "rate_per_km2": ("area_km2", 1.0)}
_SHARES: Final = ("share", "share_of_area")
_READ: Final = ("count", *_RATES, *_SHARES)
#: Columns of any table that count incidents, places or rows.
_COUNTS: Final = ("count", "n", "places", "incidents", "observed", "total", "rows", "monthly", "halves")
#: A figure of so many digits is a double written out: its last digit says nothing.
_MOST_DIGITS: Final = 9


@dataclass(frozen=True)
class Statement:
    """A count lies between two numbers, says a figure beside the table."""

    cell: Cell
    low: float
    high: float
    where: str


def table_intervals(published: Published) -> dict[Cell, tuple[float, float]]:
    """Give what areas.csv and the totals by theme leave open of each count."""
    sums = _sums_of_released(published)
    return {
        cell: (0.0, np.inf) if count is None or cell in sums else count_interval(count, published.policy)
        for cell, count in published.stated.items()
    }


def _sums_of_released(published: Published) -> set[Cell]:
    """Give totals that the page alone states and that add released counts up: they say no more."""
    added: dict[str, dict[str, float]] = {}
    for cell, count in published.stated.items():
        if cell.level != CITY and cell.months == published.months:
            of_level = added.setdefault(cell.theme, {})
            of_level[cell.level] = of_level.get(cell.level, 0.0) + (np.nan if count is None else count)
    return {
        cell
        for cell, count in published.stated.items()
        if cell.level == CITY and cell.theme not in published.themes
        if count in added.get(cell.theme, {}).values()
    }


def statements(published: Published) -> tuple[list[Statement], list[Leak]]:
    """
    Give what figures say beyond the table, and each of them as a leak.

    Returns
    -------
    tuple of (list of Statement, list of Leak)
        Both empty where all figures follow from the released counts.
    """
    known = table_intervals(published)
    found: list[Statement] = []
    leaks: list[Leak] = []
    every = sorted(read_figures(published), key=lambda f: (f.where, f.column))
    for (where, column), group in groupby(every, key=lambda f: (f.where, f.column)):
        beyond = _beyond(published, list(group), known)
        if beyond:
            found += beyond
            leaks.append(_finer(published, where, column, beyond))
    return found, leaks


def unrounded(published: Published) -> Iterator[Leak]:
    """Find counts, in any table, that the policy cannot have produced."""
    for table in published.tables:
        for column in _COUNTS:
            if column in table.frame:
                numbers = list(_numbers(table.frame[column]))
                odd = [n for n in numbers if not _plausible(n, column, published)]
                if odd:
                    yield Leak(
                        "count as it was",
                        published.name,
                        table.where,
                        f"{len(odd)} of {len(numbers)} figures in {column} are no counts of at least "
                        f"{published.policy.minimum} rounded to {published.policy.base}.",
                    )


def _plausible(number: float, column: str, published: Published) -> bool:
    """Say whether a count may be published; of places fewer are asked for than of incidents."""
    policy = published.policy
    if column == "places":
        return bool(number % policy.base == 0 and number >= policy.shape_places)
    return rounded(number, policy)


def read_figures(published: Published) -> Iterator[Figure]:
    """Read the counts, rates and shares of all tables."""
    for table in published.tables:
        if {"theme", "level", "code"} <= set(table.frame.columns):
            for column in (name for name in _READ if name in table.frame):
                yield from _column(published, table, column)


def _column(published: Published, table: Table, column: str) -> Iterator[Figure]:
    frame = table.frame[~table.frame[column].map(blank).astype(bool)]
    # In a table of the ranking, "all" may be the sum of the themes that are combined.
    if "rank" in frame and published.combined_is_all and not table.shown_digits:
        frame = frame[frame["theme"].ne("all")]
    if frame.empty:
        return
    digits = frame[column].map(_digits)
    half = 0.5 * 10.0 ** -(digits if table.shown_digits else pd.Series(digits.max(), index=frame.index))
    months = frame["month"] if "month" in frame else pd.Series(WHOLE_PERIOD, index=frame.index)
    rows = zip(frame["theme"], frame["level"], frame["code"], months, frame[column], half, strict=True)
    for theme, level, code, month, value, near in rows:
        cell = published.cell(theme, level, code, str(month))
        yield Figure(cell, column, float(value), 0.0 if column == "count" else float(near), table.where)


def _digits(value: Any) -> int:
    """Count the decimals that a figure is written with."""
    text = value if isinstance(value, str) else repr(float(value))
    return min(len(text.partition(".")[2].rstrip("0")) if "e" not in text else _MOST_DIGITS, _MOST_DIGITS)


def _beyond(
    published: Published, figures: list[Figure], known: dict[Cell, tuple[float, float]]
) -> list[Statement]:
    """Give what the figures of one column say beyond the table; nothing if they follow from it."""
    column = figures[0].column
    usable = [(one, scale) for one in figures if (scale := _scale(published, one)) is not None]
    shown = [(one, scale) for one, scale in usable if published.stated.get(one.cell) is not None]
    exact = any(not _follows(published, one, scale) for one, scale in shown)
    asked = usable if exact else [pair for pair in usable if published.stated.get(pair[0].cell) is None]
    found = []
    for one, scale in asked:
        low, high = _interval(published, one, scale, column)
        was = known.get(one.cell, (0.0, np.inf))
        if low > was[0] or high < was[1]:
            found.append(Statement(one.cell, low, high, one.where))
    return found


def _scale(published: Published, one: Figure) -> float | None:
    """Say what a figure is multiplied by to give a count back; None if a reader cannot know."""
    if one.column == "count":
        return 1.0
    if one.column in _SHARES:
        whole = (
            published.city(one.cell.theme)
            if one.column == "share"
            else replace(one.cell, theme=ALL_INCIDENTS)
        )
        return published.stated.get(whole) or None
    denominator, unit = _RATES[one.column]
    size = published.sizes.get((one.cell.level, one.cell.code, denominator), np.nan)
    return size / unit * published.rate_years(one.cell) if size > 0 else None


def _follows(published: Published, one: Figure, scale: float) -> bool:
    """Say whether a figure can be computed from the released count."""
    count = published.stated[one.cell]
    if count is None:
        return False
    value = count / scale
    if one.column in _SHARES:
        value = min(value, 1.0)
    return bool(abs(value - one.value) <= one.half * (1 + 1e-6) + 1e-9 * abs(value))


def _interval(published: Published, one: Figure, scale: float, column: str) -> tuple[float, float]:
    if column == "count":
        return count_interval(one.value, published.policy)
    low, high = (one.value - one.half) * scale, (one.value + one.half) * scale
    if column in _SHARES:
        total = count_interval(scale, published.policy)
        low, high = low * total[0] / scale, high * total[1] / scale
    return max(float(np.ceil(low - 1e-6)), 0.0), float(np.floor(high + 1e-6))


def _finer(published: Published, where: str, column: str, beyond: list[Statement]) -> Leak:
    hidden = sum(published.stated.get(one.cell) is None for one in beyond)
    first = beyond[0]
    return Leak(
        "finer than the table",
        published.name,
        where,
        f"{len(beyond)} figures in {column} do not follow from the released counts, {hidden} of them beside "
        f"a count that is withheld; the first says {first.low:.0f} to {first.high:.0f} of "
        f"{first.cell.words()}.",
    )


def _numbers(values: Iterable[Any]) -> Iterator[float]:
    """Give the numbers of a column; a list of monthly counts gives each of its own."""
    for value in values:
        if blank(value):
            continue
        parts = value if isinstance(value, list) else str(value).replace(":", ";").split(";")
        for part in parts:
            text = str(part).strip()
            if text.replace(".", "", 1).lstrip("-").isdigit():
                yield float(text)
