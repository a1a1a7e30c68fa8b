"""Direction of each theme in the whole city: year on year, against three years, and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.months import Periods, comparable_periods, days_in, months_between, shift_month, unbroken
from hotspots.statistics.change import change_between
from hotspots.statistics.counts import Counts
from hotspots.statistics.periods import usual_comparisons
from hotspots.statistics.rising import emerging_risks
from hotspots.statistics.seasons import forecast_months

CITY: Final = "city"
#: What an edition covers, and the months of its period.
EDITIONS: Final = {"yearly": 12, "quarterly": 3}
#: Incidents of a theme in the city below which no change is stated.
_FEWEST: Final = 30


@dataclass(frozen=True, eq=False)
class Trend:
    """
    What is said of the direction of one theme; NaN and "" where it cannot be.

    Attributes
    ----------
    before, after : float
        Incidents of the two periods.
    change, low, high : float
        Ratio of daily rates with its 95% range.
    sure : bool
        Whether it is more than chance.
    three_years : float
        Ratio of the last twelve months to the mean of the three years before.
    expected, expected_low, expected_high : float
        Incidents of the next three months.
    reason : str
        What stands against it.
    """

    before: float = np.nan
    after: float = np.nan
    change: float = np.nan
    low: float = np.nan
    high: float = np.nan
    sure: bool = False
    three_years: float = np.nan
    expected: float = np.nan
    expected_low: float = np.nan
    expected_high: float = np.nan
    reason: str = ""


def compared_periods(months: tuple[str, ...], edition: str) -> Periods:
    """Choose the periods of an edition: a year or quarter with a year before, else the latest that can be."""
    length = EDITIONS[edition]
    found = [one for one in usual_comparisons(months) if len(one.after) == length]
    return found[0] if found else comparable_periods(months)


def city_months(counts: Counts) -> dict[str, pd.DataFrame]:
    """
    Add the wards up, theme by theme.

    Returns
    -------
    dict of str to DataFrame
        One row "city" and a column a month; themes of which a ward's month is withheld are left out.
    """
    wards = counts.level(schema.WARD)
    found = {}
    for theme in wards.groups:
        total = wards.monthly(theme).sum(skipna=False)
        if total.notna().all() and len(total):
            found[theme] = pd.DataFrame([total.to_numpy(float)], index=[CITY], columns=total.index)
    return found


def find_trends(city: Mapping[str, pd.DataFrame], periods: Periods) -> dict[str, Trend]:
    """
    Say of every theme whether it rose or fell, and what the next three months may hold.

    Parameters
    ----------
    city : mapping of str to DataFrame
        From `city_months`.
    periods : Periods

    Returns
    -------
    dict of str to Trend
    """
    forecast = forecast_months({(CITY, theme): _unbroken(table) for theme, table in city.items()})
    ahead = forecast[forecast["month"].eq("")].set_index("theme")
    return {theme: _trend(table, periods, ahead.loc[theme]) for theme, table in city.items()}


def rises(counts: Counts, city: tuple[str, str]) -> pd.DataFrame:
    """List themes and wards that rise beyond season and chance; wards with a withheld month take no part."""
    wards = counts.level(schema.WARD)
    tables = {}
    for theme in wards.groups:
        monthly = wards.monthly(theme).astype(float)
        if len(monthly) and monthly.notna().all(axis=None) and theme != schema.COMBINED:
            tables[schema.WARD, theme] = _unbroken(monthly)
    names = wards.areas.set_index("code")["name"].astype(str).to_dict()
    return emerging_risks(tables, names=names, city=city)


def _unbroken(monthly: pd.DataFrame) -> pd.DataFrame:
    """Keep the months without a gap up to the last one: what lies before tells nothing of what follows."""
    return monthly[list(unbroken(monthly.columns)[-1])]


def _trend(table: pd.DataFrame, periods: Periods, ahead: pd.Series) -> Trend:
    expected: dict[str, Any] = {
        "expected": float(ahead["expected"]),
        "expected_low": float(ahead["low"]),
        "expected_high": float(ahead["high"]),
    }
    if table.to_numpy().sum() < _FEWEST:
        return Trend(reason=f"fewer than {_FEWEST} incidents: no change is stated")
    if not periods.after:
        return Trend(reason=periods.reason, **expected)
    row = change_between(table, periods).iloc[0]
    return Trend(
        before=float(row["before"]),
        after=float(row["after"]),
        change=float(row["change"]),
        low=float(row["low"]),
        high=float(row["high"]),
        sure=bool(row["q"] < 0.05),
        three_years=_against_three_years(table),
        reason=str(row["reason"]),
        **expected,
    )


def _against_three_years(table: pd.DataFrame) -> float:
    """Set the last twelve months against the mean of the 36 before; NaN where those were not read."""
    last = str(table.columns[-1])
    after = months_between(shift_month(last, -11), last)
    before = months_between(shift_month(last, -47), shift_month(last, -12))
    if not {*before, *after} <= set(table.columns):
        return float("nan")
    first = float(table.loc[CITY, list(before)].sum()) / days_in(before)
    second = float(table.loc[CITY, list(after)].sum()) / days_in(after)
    return second / first if first > 0 else float("nan")
