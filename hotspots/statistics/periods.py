"""Which periods are compared: a year or a quarter with the one before, or any two that are named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.errors import UsageError
from hotspots.months import MONTH_PATTERN, Periods, days_in, months_between, shift_month
from hotspots.statistics.change import change_between

YEAR_ON_YEAR: Final = "the last twelve months and the twelve before"
SAME_QUARTER: Final = "the last quarter and the same months a year before"
NAMED: Final = "the periods named"
COMPARISON_COLUMNS: Final = (
    "comparison",
    "theme",
    "level",
    "code",
    "before",
    "after",
    "change",
    "low",
    "high",
    "p",
    "q",
    "city_change",
    "city_low",
    "city_high",
    "similar_before",
    "similar_after",
    "similar_change",
    "reason",
)
#: Months of a single series from which its dispersion is never learnt.
_TOO_SHORT: Final = 12
_SEASONS: Final = "the periods named, which are different months of the year, so seasons play a part"


def usual_comparisons(months: Iterable[str]) -> tuple[Periods, ...]:
    """
    Choose what can be compared whatever the season: the last year, and the last quarter, with a year before.

    Parameters
    ----------
    months : iterable of str
        The months read in full, YYYY-MM.

    Returns
    -------
    tuple of Periods
        The year where the last 24 months were read without a gap, the quarter where the
        last three and the same a year before were; empty where neither. With just 24
        months their `before` do not overlap any `after`.
    """
    read = sorted(set(months))
    found = []
    for reason, length in ((YEAR_ON_YEAR, 12), (SAME_QUARTER, 3)):
        if not read:
            break
        after = _run_up_to(read[-1], length)
        before = _run_up_to(shift_month(read[-1], -12), length)
        if {*before, *after} <= set(read):
            found.append(Periods(before, after, reason))
    return tuple(found)


def parse_period(text: str) -> tuple[str, ...]:
    """
    Read a period as it is named: `2024-01..2024-12`, or one month.

    Returns
    -------
    tuple of str
        Its months, in order.

    Raises
    ------
    UsageError
        If it is not written so, or ends before it begins.
    """
    match = re.fullmatch(rf"({MONTH_PATTERN})(?:\.\.({MONTH_PATTERN}))?", text.strip())
    if match is None:
        raise UsageError(
            f'The period "{text}" is not one: write it as 2024-01..2024-12, or 2024-01 for a month.'
        )
    first, last = match[1], match[3] or match[1]
    if last < first:
        raise UsageError(f'The period "{text}" ends before it begins: write {last}..{first}.')
    return months_between(first, last)


def parse_comparison(before: str, after: str, *, months: Iterable[str]) -> Periods:
    """
    Read the two periods that a user names.

    Parameters
    ----------
    before, after : str
        As for `parse_period`.
    months : iterable of str
        The months read in full.

    Raises
    ------
    UsageError
        If a period is not one, a month of it was not read in full, or the two
        overlap or stand the wrong way round.
    """
    first, second = parse_period(before), parse_period(after)
    both = sorted(set(first) & set(second))
    if both:
        raise UsageError(f"The periods {before} and {after} share {both[0]}: give each its own months.")
    if first[0] > second[0]:
        raise UsageError(f"The period {before} is later than {after}: name the earlier one first.")
    read = set(months)
    missing = [month for month in first + second if month not in read]
    if missing:
        words = f"{missing[0]} and {len(missing) - 1} more were" if len(missing) > 1 else f"{missing[0]} was"
        raise UsageError(
            f"{words} not read in full, but the comparison of {before} with {after} needs them: "
            "read more files, or name other months."
        )
    same = sorted(month[5:] for month in first) == sorted(month[5:] for month in second)
    return Periods(first, second, NAMED if same else _SEASONS)


def comparison_text(periods: Periods) -> str:
    """Write two periods as a user names them: `2024-01..2024-12 2025-01..2025-12`."""
    return f"{periods.before[0]}..{periods.before[-1]} {periods.after[0]}..{periods.after[-1]}"


def compare_periods(
    tables: Mapping[tuple[str, str], pd.DataFrame],
    comparisons: Sequence[Periods],
    *,
    similar: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Compare the periods in every area, with the city and the similar wards beside it.

    Parameters
    ----------
    tables : mapping of (level, theme) to DataFrame
        Incidents by area code and month, NaN where a count is withheld: such an area is left out.
    comparisons : sequence of Periods
    similar : DataFrame, optional
        From `similar.similar_wards`; areas that it does not know have none beside them.

    Returns
    -------
    DataFrame
        The columns of `COMPARISON_COLUMNS`: what `change.change_between` says of the
        area, city_change with its interval (of all areas together; missing where an area is
        left out), and the ratio of the similar wards taken together; `reason` names what
        stands against it.
    """
    parts = [pd.DataFrame(columns=list(COMPARISON_COLUMNS))]
    for periods in comparisons:
        for (level, theme), monthly in sorted(tables.items()):
            known = monthly.dropna()
            if len(known):
                columns = _compared(known, periods, similar, whole=len(known) == len(monthly))
                parts.append(pd.DataFrame({"theme": theme, "level": level, **columns}))
    held = [part for part in parts if len(part)] or parts
    return pd.concat(held, ignore_index=True)[list(COMPARISON_COLUMNS)]


def _compared(
    known: pd.DataFrame, periods: Periods, similar: pd.DataFrame | None, *, whole: bool
) -> dict[str, Any]:
    """Compare the areas of one table, and set the whole and the similar wards beside each."""
    found = change_between(known, periods)
    city = _city_change(known, periods)
    beside = _similar_counts(found, similar)
    length = days_in(periods.before) / days_in(periods.after)
    return {
        "code": known.index,
        "comparison": comparison_text(periods),
        **{name: found[name].to_numpy() for name in found},
        **{f"city_{name}": city[name] if whole else np.nan for name in ("change", "low", "high")},
        **{f"similar_{name}": counted for name, counted in beside.items()},
        "similar_change": _ratio(beside["before"], beside["after"], length),
    }


def _city_change(known: pd.DataFrame, periods: Periods) -> Mapping[Any, float]:
    """Compare the periods in all areas together; a year of one series is too short to tell its chance."""
    if known.shape[1] > _TOO_SHORT:
        return change_between(known.sum().to_frame("").T, periods).iloc[0]
    before, after = (known[list(part)].to_numpy().sum() for part in (periods.before, periods.after))
    length = days_in(periods.before) / days_in(periods.after)
    return {"change": float(_ratio(before, after, length)), "low": np.nan, "high": np.nan}


def _similar_counts(found: pd.DataFrame, similar: pd.DataFrame | None) -> dict[str, np.ndarray]:
    """Add up the counts of each area's similar wards; NaN where none are known."""
    rows, counts = len(found), {name: found[name].to_numpy(float) for name in ("before", "after")}
    if similar is None or similar.empty:
        return dict.fromkeys(counts, np.full(rows, np.nan))
    area, like = (found.index.get_indexer(similar[name]) for name in ("code", "similar_code"))
    asked = np.bincount(area[area >= 0], minlength=rows)
    area, like = area[(area >= 0) & (like >= 0)], like[(area >= 0) & (like >= 0)]
    # Of wards of which one is withheld the sum is not known either.
    known = (asked > 0) & (np.bincount(area, minlength=rows) == asked)
    return {
        name: np.where(known, np.bincount(area, counted[like], rows), np.nan)
        for name, counted in counts.items()
    }


def _ratio(before: object, after: object, length: float) -> np.ndarray:
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    return np.divide(second * length, first, out=np.full(first.shape, np.nan), where=first > 0)


def _run_up_to(month: str, length: int) -> tuple[str, ...]:
    return months_between(shift_month(month, 1 - length), month)
