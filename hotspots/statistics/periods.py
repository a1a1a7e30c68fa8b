"""Which periods are compared: the last year with the one before, a quarter with its like, or any two that are named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import UsageError
from hotspots.schema import MONTH_PATTERN
from hotspots.statistics.changes import change_between
from hotspots.statistics.predictive import month_days, months_after

YEAR_ON_YEAR: Final = "year"
SAME_QUARTER: Final = "quarter"
NAMED: Final = "named"
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
    "similar_before",
    "similar_after",
    "similar_change",
    "reason",
)
_SEASONS: Final = "the periods are different months of the year, so seasons play a part"


@dataclass(frozen=True)
class Comparison:
    """
    Two periods that are compared.

    Attributes
    ----------
    kind : str
        "year", "quarter" or "named".
    before, after : tuple of str
        Their months, YYYY-MM, in order.
    note : str
        What the comparison cannot rule out; "" if nothing beyond chance and recording.
    """

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    note: str = ""

    def __str__(self) -> str:
        return f"{self.before[0]}..{self.before[-1]} {self.after[0]}..{self.after[-1]}"


def usual_comparisons(months: Iterable[str]) -> tuple[Comparison, ...]:
    """
    Choose what can be compared without seasons: the last twelve months, and the last quarter, with a year before.

    Parameters
    ----------
    months : iterable of str
        The months read in full, YYYY-MM.

    Returns
    -------
    tuple of Comparison
        "year" where the last 24 months were read without a gap, "quarter" where the
        last three and the same a year before were; empty where neither.
    """
    read = sorted(set(months))
    found = []
    for kind, length in ((YEAR_ON_YEAR, 12), (SAME_QUARTER, 3)):
        if not read:
            break
        after = _run_up_to(read[-1], length)
        before = _run_up_to(_shift(read[-1], -12), length)
        if {*before, *after} <= set(read):
            found.append(Comparison(kind, before, after))
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
    return tuple(months_after(first, int(_number(last) - _number(first)), include=True))


def parse_comparison(before: str, after: str, *, months: Iterable[str]) -> Comparison:
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
    return Comparison(NAMED, first, second, "" if same else _SEASONS)


def compare_periods(
    tables: Mapping[tuple[str, str], pd.DataFrame],
    comparisons: Sequence[Comparison],
    *,
    similar: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Compare the periods in every area, with the city and the similar wards beside it.

    Parameters
    ----------
    tables : mapping of (level, theme) to DataFrame
        Incidents by area code and month.
    comparisons : sequence of Comparison
    similar : DataFrame, optional
        From `similar.similar_wards`; areas that it does not know have none beside them.

    Returns
    -------
    DataFrame
        The columns of `COMPARISON_COLUMNS`: what `changes.change_between` says of the
        area, city_change (ratio of daily rates of all areas together), and the same
        of the similar wards taken together; `reason` names what stands against it.
    """
    parts = [pd.DataFrame(columns=list(COMPARISON_COLUMNS))] * (not (tables and comparisons))
    for comparison in comparisons:
        length = month_days(comparison.before).sum() / month_days(comparison.after).sum()
        for (level, theme), monthly in sorted(tables.items()):
            found = change_between(monthly, before=comparison.before, after=comparison.after)
            beside = _similar_counts(found, similar)
            first, second = beside["before"], beside["after"]
            reason = found["reason"].where(found["reason"].ne(""), comparison.note)
            parts.append(
                found.assign(
                    comparison=str(comparison),
                    theme=theme,
                    level=level,
                    city_change=_ratio(found["before"].sum(), found["after"].sum(), length),
                    similar_before=first,
                    similar_after=second,
                    similar_change=_ratio(first, second, length),
                    reason=reason,
                )
                .rename_axis("code")
                .reset_index()
            )
    return pd.concat(parts, ignore_index=True)[list(COMPARISON_COLUMNS)]


def _similar_counts(found: pd.DataFrame, similar: pd.DataFrame | None) -> pd.DataFrame:
    """Add up the counts of each area's similar wards; NaN where none are known."""
    if similar is None or similar.empty:
        return pd.DataFrame(np.nan, index=found.index, columns=["before", "after"])
    pairs = similar[similar["similar_code"].isin(found.index)]
    counts = found[["before", "after"]].reindex(pairs["similar_code"])
    return counts.groupby(pairs["code"].to_numpy()).sum().reindex(found.index)


def _ratio(before: object, after: object, length: float) -> np.ndarray:
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    return np.divide(second * length, first, out=np.full(first.shape, np.nan), where=first > 0)


def _number(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:7])


def _shift(month: str, by: int) -> str:
    return str(np.datetime64(month, "M") + by)


def _run_up_to(month: str, length: int) -> tuple[str, ...]:
    return tuple(months_after(_shift(month, 1 - length), length - 1, include=True))
