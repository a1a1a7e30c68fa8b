"""Emerging risks: themes and places that rise beyond season and chance, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.months import Periods, days_in, shift_month
from hotspots.statistics._laws import count_limits
from hotspots.statistics.change import change_between
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.forecasts import Forecast, forecast_counts
from hotspots.statistics.predictive import fit_counts

#: Months, up to the last one read, that are looked at for a rise.
WINDOWS: Final = (1, 3, 6)
#: Months before a window that tell what is usual.
FEWEST_BEFORE: Final = 6
#: A chance below which a rise may stand out among some hundred areas and themes.
_FAR_TAIL: Final = 0.001
#: The level of a theme in the whole city.
CITY: Final = "city"
RISK_COLUMNS: Final = (
    "theme",
    "level",
    "code",
    "name",
    "since",
    "observed",
    "expected",
    "p",
    "q",
    "confirmed_at",
)


def emerging_risks(
    tables: Mapping[tuple[str, str], pd.DataFrame],
    *,
    names: Mapping[str, str],
    city: tuple[str, str] | None = None,
    windows: Sequence[int] = WINDOWS,
    false_discovery: float = 0.1,
) -> pd.DataFrame:
    """
    List the themes and areas where the last months hold more than earlier ones expect.

    An area is compared with its own earlier months and with the city in the
    last ones: a season, or a rise of the whole city, is no risk of the area.
    A theme in the whole city is compared with the same months a year before,
    so it needs a year and some months. Each is tried with the last month,
    three and six; the chance allows for that, and the false discovery rate
    for all areas and themes.

    It says that incidents were recorded more often, not why: a new way of
    recording, a patrol or a campaign looks the same.

    Parameters
    ----------
    tables : mapping of (level, theme) to DataFrame
        Incidents by area code and month, unbroken up to the last month; every area of the level.
    names : mapping of str to str
        Name by area code.
    city : tuple of str, optional
        Code and name of the whole; without it no theme is tried as a whole.
    windows : sequence of int, default (1, 3, 6)
    false_discovery : float, default 0.1
        Share of the list that may be chance.

    Returns
    -------
    DataFrame
        The columns of `RISK_COLUMNS`, newest first: since (first month of the rise),
        observed and expected (from then on), p, q, confirmed_at (so many incidents in the
        next month, were nothing new, would come at most one time in twenty).

    Raises
    ------
    ParameterError
        If `false_discovery` is not between 0 and 1, or a window is below 1.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    Journal of the Royal Statistical Society B 57(1), 289-300.
    """
    if not 0 < false_discovery < 1:
        raise ParameterError(f"The false discovery rate is {false_discovery}: give a figure between 0 and 1.")
    if not windows or min(windows) < 1:
        raise ParameterError("A window holds no month: give 1 or more months for each.")
    tried = []
    for (level, theme), monthly in sorted(tables.items()):
        table = monthly[sorted(monthly.columns)].sort_index()
        tried += [part.assign(level=level, theme=theme) for part in _areas_rise(table, windows)]
    if city is not None:
        for theme, table in sorted(_whole(tables, city[0]).items()):
            tried += [part.assign(level=CITY, theme=theme) for part in _theme_rises(table, windows)]
    if not tried:
        return pd.DataFrame(columns=list(RISK_COLUMNS))
    every = _best_windows(pd.concat(tried, ignore_index=True))
    known = {**names, city[0]: city[1]} if city is not None else names
    found = every[every["q"] < false_discovery]
    found = found.assign(name=[known.get(code, code) for code in found["code"]])
    order = found.sort_values(["theme", "level", "code"]).sort_values("q", kind="stable")
    newest = order.sort_values("since", ascending=False, kind="stable", ignore_index=True)
    return newest[list(RISK_COLUMNS)]


def _areas_rise(monthly: pd.DataFrame, windows: Sequence[int]) -> list[pd.DataFrame]:
    """Judge every area of a table in each window against its own past and the rest of the city."""
    months = list(monthly.columns)
    parts = []
    for window in windows:
        past, last = months[:-window], months[-window:]
        observed = monthly[last].sum(axis=1).to_numpy(float)
        if len(past) < FEWEST_BEFORE or len(monthly) < 2 or not monthly[past].to_numpy().any():
            continue
        model = fit_counts(monthly[past])
        usual = forecast_counts(model, months=last, shared=False).beside_others(observed)
        parts.append(
            pd.DataFrame(
                {
                    "code": np.asarray(monthly.index, dtype=object),
                    "since": last[0],
                    "observed": observed,
                    "expected": usual.mean,
                    "p": usual.chance_of_at_least(observed, tail=_FAR_TAIL),
                    "confirmed_at": _confirming(usual.mean / len(last), usual),
                }
            )
        )
    return parts


def _confirming(mean: np.ndarray, usual: Forecast) -> np.ndarray:
    """Say how many incidents in one month would come at most one time in twenty, were nothing new."""
    # A month's count varies relatively more than that of several: at least as Poisson.
    variance = mean + np.maximum(usual.variance - usual.mean, 0.0) / max(len(usual.months), 1)
    return np.asarray(count_limits(mean, variance, tail=0.05)[1] + 1)


def _theme_rises(monthly: pd.DataFrame, windows: Sequence[int]) -> list[pd.DataFrame]:
    """Judge the whole city in each window against the same months a year before."""
    months = list(monthly.columns)
    parts = []
    for window in windows:
        last = months[-window:]
        before = [shift_month(month, -12) for month in last]
        if not set(before) <= set(months) or set(before) & set(last):
            continue
        found = change_between(monthly, Periods(tuple(before), tuple(last), ""))
        if found["p"].isna().any():
            continue
        rises = found["change"].gt(1) | found["before"].eq(0)
        expected = found["before"].to_numpy() * (days_in(last) / days_in(before))
        mean = expected / window
        variance = mean * found["dispersion"].to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "code": np.asarray(monthly.index, dtype=object),
                    "since": last[0],
                    "observed": found["after"].to_numpy(),
                    "expected": expected,
                    "p": np.where(rises, found["p"] / 2, 1.0),
                    "confirmed_at": count_limits(mean, variance, tail=0.05)[1] + 1,
                }
            )
        )
    return parts


def _best_windows(tried: pd.DataFrame) -> pd.DataFrame:
    """Keep the window that stands out most for each area and theme; pay for having tried several."""
    keys = ["theme", "level", "code"]
    size = tried.groupby(keys)["p"].transform("size")
    best = tried.assign(p=np.minimum(1.0, tried["p"] * size)).sort_values([*keys, "p", "since"])
    best = best.drop_duplicates(keys).reset_index(drop=True)
    # What never happens cannot rise: it is no look that has to be paid for.
    looked = best[best["observed"].gt(0)]
    return looked.assign(q=benjamini_hochberg(looked["p"].to_numpy()))


def _whole(tables: Mapping[tuple[str, str], pd.DataFrame], code: str) -> dict[str, pd.DataFrame]:
    """Add the areas of one level up to the whole, theme by theme."""
    levels = sorted({level for level, _ in tables})
    return {
        theme: monthly[sorted(monthly.columns)].sum().to_frame(code).T
        for (level, theme), monthly in tables.items()
        if level == levels[0]
    }
