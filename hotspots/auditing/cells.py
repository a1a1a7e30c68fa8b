"""The nouns of an audit: a cell of a table, what is said of it, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hotspots.auditing._policy import MONTH_NAMES, Policy


@dataclass(frozen=True, order=True)
class Cell:
    """
    One count that a release may state, whatever the medium.

    Attributes
    ----------
    theme : str
        Slug of the theme.
    level : str
        A vintage such as "ward_2023", or "city", or "zone": areas of two vintages are two levels.
    code : str
        Code of the area.
    months : tuple of str
        The months that it covers, in order.
    """

    theme: str
    level: str
    code: str
    months: tuple[str, ...]

    def words(self) -> str:
        """Name the cell for a reader."""
        return f"{self.theme}, {self.level} {self.code}, {month_words(self.months)}"


@dataclass(frozen=True)
class Figure:
    """
    A number that a medium states of a cell.

    Attributes
    ----------
    cell : Cell
    column : str
        "count", "rate_per_1000", "rate_per_km2", "share" or "change".
    value : float
    half : float
        Half a unit of the last digit shown: the true value lies this near.
    where : str
        File, and table or sheet within it.
    """

    cell: Cell
    column: str
    value: float
    half: float
    where: str


@dataclass(frozen=True, order=True)
class Leak:
    """
    Something published that a reader should not have.

    Attributes
    ----------
    kind : str
        One of a fixed list, such as "beside a withheld count".
    folder, where : str
        The release, and the file within it.
    what : str
        One sentence.
    """

    kind: str
    folder: str
    where: str
    what: str


def month_words(months: tuple[str, ...]) -> str:
    """Write "March 2025" or "2025-01 to 2025-06"; months with gaps are counted."""
    if len(months) == 1:
        year, month = months[0].split("-")
        return f"{MONTH_NAMES[int(month) - 1]} {year}"
    return f"{months[0]} to {months[-1]}" if months else "no months"


def count_interval(value: float, policy: Policy) -> tuple[float, float]:
    """
    Give the least and the greatest count behind a published one.

    A figure that the policy could not have produced (no multiple of the base,
    or below the minimum) can only be exact.
    """
    if not rounded(value, policy):
        return value, value
    return max(value - policy.base // 2, float(policy.minimum)), value + (policy.base - 1) // 2


def rounded(value: float, policy: Policy) -> bool:
    """Say whether the policy can have produced this count."""
    return bool(value % policy.base == 0 and value >= policy.minimum)


def holds(low: float, high: float, minimum: int) -> bool:
    """
    Say whether an interval of a withheld count keeps what the policy promises.

    All of 0 to `minimum` - 1 must remain possible, unless the count is shown
    to be no small one: those are withheld to protect others, and are published
    rounded elsewhere.
    """
    return (low <= 0 and high >= minimum - 1) or low >= minimum


def blank(value: object) -> bool:
    """Say whether a cell of a frame holds nothing."""
    nothing = value is None or value is pd.NA or value == ""
    return nothing or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
