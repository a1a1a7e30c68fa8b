"""Months as words and numbers: names, runs without a gap, halves, and which periods compare."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hotspots.errors import ParameterError

# strftime would follow the machine's locale.
MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
#: How a month is written wherever this project reads or writes one.
MONTH_PATTERN: Final = r"[0-9]{4}-(0[1-9]|1[0-2])"
#: Fewer months than this say nothing about what is ordinary.
FEWEST_MONTHS: Final = 6


@dataclass(frozen=True)
class Periods:
    """
    Two periods that can be compared.

    Attributes
    ----------
    before, after : tuple of str
        Their months, YYYY-MM; both empty if nothing can be compared.
    reason : str
        Why these, and what the comparison cannot rule out.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    reason: str


def month_number(month: str) -> int:
    """Count the months since the year 0, so that months can be added to."""
    year, of_year = month.split("-")
    return 12 * int(year) + int(of_year) - 1


def month_text(number: int) -> str:
    """Write a number of `month_number` as "YYYY-MM"."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def shift_month(month: str, by: int) -> str:
    """Give the month that lies so many months later, or earlier if below zero."""
    return month_text(month_number(month) + by)


def months_between(first: str, last: str) -> tuple[str, ...]:
    """List the months from the first to the last, "YYYY-MM"."""
    return tuple(month_text(n) for n in range(month_number(first), month_number(last) + 1))


def days_in(months: Iterable[str]) -> int:
    """Count the days of months."""
    return sum(map(_days, months))


@lru_cache(maxsize=1024)
def _days(month: str) -> int:
    return monthrange(*map(int, month.split("-")))[1]


def month_words(month: str) -> str:
    """Say a month as people do: "January 2025"."""
    year, number = month.split("-")
    return f"{MONTH_NAMES[int(number) - 1]} {int(year)}"


def period_words(months: Sequence[str]) -> str:
    """
    Say a period as people do: "January to December 2025".

    Months that were not read are left out: "October to December 2018 and January 2025".
    """
    if not months:
        return "no months"
    return " and ".join(_run_words(run) for run in unbroken(months))


def run_range(months: Sequence[str]) -> str:
    """Write a run of months as "2025-01 to 2025-03", a single one as itself."""
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def comparable_periods(months: Iterable[str], *, length: int = 3) -> Periods:
    """
    Choose the latest months and an earlier period of equal length to compare them with.

    The same months a year before are taken when they were read, because crime
    has seasons; else the months just before. Missing months are never bridged.

    Parameters
    ----------
    months : iterable of str
        The months read, YYYY-MM.
    length : int, default 3
        Months in each period; shorter when fewer were read.

    Returns
    -------
    Periods

    Raises
    ------
    ParameterError
        If `length` is below 1.
    """
    if length < 1:
        raise ParameterError(f"The length of a period is {length} months: give at least 1.")
    read = sorted(set(months))
    for size in range(length, 0, -1):
        after = _run_up_to(read[-1], size) if read else ()
        if not after or not set(after) <= set(read):
            continue
        year_before = tuple(shift_month(month, -12) for month in after)
        if set(year_before) <= set(read):
            return Periods(year_before, after, "the same months a year before")
        before = tuple(shift_month(month, -size) for month in after)
        if set(before) <= set(read):
            return Periods(
                before, after, "the months just before; the year before was not read, so seasons play a part"
            )
    return Periods((), (), "too few months: nothing to compare with")


def unbroken(months: Iterable[str]) -> list[tuple[str, ...]]:
    """
    Cut months into runs without a gap.

    Parameters
    ----------
    months : iterable of str
        The months read, YYYY-MM.

    Returns
    -------
    list of tuple of str
        In order; empty if there are no months.
    """
    runs: list[list[str]] = []
    for month in sorted(set(months)):
        if runs and shift_month(runs[-1][-1], 1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return [tuple(run) for run in runs]


def halves(months: Any) -> tuple[Any, Any]:
    """Part months, or what each counted, into the earlier and the later half; a middle one is in neither."""
    half = len(months) // 2
    return months[:half], months[len(months) - half :]


def monthly_counts(text: object) -> list[int]:
    """Read a cluster's incidents by month; none where the audience may not see them."""
    return [int(float(n)) for n in str(text).split(";") if n]


def _run_words(months: tuple[str, ...]) -> str:
    first, last = months[0], months[-1]
    if first == last:
        return month_words(first)
    start = month_words(first)
    return f"{start.split()[0] if first[:4] == last[:4] else start} to {month_words(last)}"


def _run_up_to(month: str, size: int) -> tuple[str, ...]:
    return tuple(shift_month(month, -back) for back in range(size - 1, -1, -1))
