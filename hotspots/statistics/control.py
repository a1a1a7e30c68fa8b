"""Months out of the ordinary by ward and theme, from counts as they are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from hotspots import schema
from hotspots.errors import ParameterError
from hotspots.months import FEWEST_MONTHS, days_in
from hotspots.statistics.counts import Counts

#: With fewer a month on average any count is ordinary, and a ward that had none before has no "usual".
FEWEST_A_MONTH: Final = 2.0
_BLANK: Final = {"usual_low": np.nan, "usual_high": np.nan}


def unusual_months(counts: Counts, *, months: Sequence[str]) -> pd.DataFrame:
    """
    Say which months were out of the ordinary in each ward, theme by theme.

    Works on published counts, so that it tells nothing that they do not. A
    ward with a withheld month gets no range in that theme; where counts were
    rounded, so was what is compared.

    Parameters
    ----------
    counts : Counts
        As published; NaN where withheld.
    months : sequence of str
        The period, without months of which the files hold a part only: these keep
        their rows, but get no range and take no part in that of others.

    Returns
    -------
    DataFrame
        The columns of "unusual_months", one row per theme, ward and month:
        whole numbers between which a month is ordinary given the ward's other
        months, and `signal` "above", "below" or "". No range (NaN) with fewer
        than 6 months, or fewer than 2 incidents a month on average.
    """
    wards = counts.level(schema.WARD)
    limits = _usual_ranges(wards, months)
    keys = ["theme", "code", "month"]
    long = wards.long()
    wards = long[long["month"].ne(schema.WHOLE_PERIOD)][[*keys, "level", "name", "count"]]
    wards = wards.sort_values(keys, kind="stable")
    found = wards.merge(limits, on=keys, how="left") if len(limits) else wards.assign(**_BLANK)
    return found.assign(signal=_signal(found)).reset_index(drop=True)[list(schema.columns("unusual_months"))]


def _usual_ranges(wards: Counts, months: Sequence[str]) -> pd.DataFrame:
    """Give the usual range of every series that is complete and long enough."""
    if len(months) < FEWEST_MONTHS:
        return pd.DataFrame()
    parts = []
    for theme in sorted(wards.groups):
        monthly = wards.monthly(theme)[sorted(months)].astype(float)
        whole = monthly.notna().all(axis=1) & monthly.mean(axis=1).ge(FEWEST_A_MONTH)
        if whole.any():
            parts.append(control_limits(monthly[whole].sort_index()).assign(theme=theme))
    if not parts:
        return pd.DataFrame()
    limits = pd.concat(parts, ignore_index=True)
    # Counts are whole: a limit inside a step would call an ordinary count unusual.
    return limits.assign(usual_low=np.floor(limits["low"]), usual_high=np.ceil(limits["high"]))[
        ["theme", "code", "month", "usual_low", "usual_high"]
    ]


def _signal(found: pd.DataFrame) -> np.ndarray:
    above, below = found["count"] > found["usual_high"], found["count"] < found["usual_low"]
    return np.select([above, below], ["above", "below"], "").astype(object)


def control_limits(monthly: pd.DataFrame, *, false_alarm: float = 0.0027) -> pd.DataFrame:
    """
    Say for every month which counts would have been ordinary, given the area's other months.

    Limits are quantiles of the gamma distribution that has the expected count as
    mean and `dispersion` times it as variance. Plus or minus three standard
    deviations would go below zero where counts are small and raise too many
    alarms above; plain Poisson limits would do so wherever incidents come in
    series. Dispersion is pooled over the areas (their months hold too few
    incidents one by one) and is never taken below 1, the Poisson value. The month
    in question is left out of its own mean, or a peak would raise its limit.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns, YYYY-MM).
    false_alarm : float, default 0.0027
        Chance that an ordinary month falls outside; 0.0027 is that of three
        standard deviations.

    Returns
    -------
    DataFrame
        One row per area and month, in order: code, month, count, expected, low,
        high, signal ("above", "below" or ""), dispersion, reason. With fewer than
        6 months there are no limits and the reason says so.

    Raises
    ------
    ParameterError
        If `false_alarm` is not between 0 and 1.

    References
    ----------
    Laney, D. B. (2002). Improved control charts for attributes. Quality
    Engineering 14(4), 531-537.
    """
    if not 0 < false_alarm < 1:
        raise ParameterError(f"The false alarm chance is {false_alarm}: give a figure between 0 and 1.")
    count = monthly.to_numpy(float)
    n_months = count.shape[1]
    found = pd.DataFrame(
        {
            "code": np.repeat(monthly.index.to_numpy(), n_months),
            "month": np.tile(monthly.columns.to_numpy(), len(monthly)),
            "count": count.ravel(),
        }
    )
    if n_months < FEWEST_MONTHS:
        blank = dict.fromkeys(("expected", "low", "high"), np.nan)
        reason = f"too few months ({n_months}; {FEWEST_MONTHS} needed)"
        return found.assign(**blank, signal="", dispersion=np.nan, reason=reason)
    days = np.array([days_in((month,)) for month in monthly.columns])
    expected, low, high, dispersion = _limits(count, days, false_alarm)
    signal = np.select([count > high, count < low], ["above", "below"], "").astype(object)
    return found.assign(
        expected=expected.ravel(),
        low=low.ravel(),
        high=high.ravel(),
        signal=signal.ravel(),
        dispersion=dispersion,
        reason="",
    )


def _limits(
    count: np.ndarray, days: np.ndarray, false_alarm: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    other_days = days.sum() - days
    expected = (count.sum(axis=1, keepdims=True) - count) / other_days * days
    usual = count.sum(axis=1, keepdims=True) / days.sum() * days
    freedom = np.count_nonzero(count.sum(axis=1)) * (count.shape[1] - 1)
    squares = np.divide((count - usual) ** 2, usual, out=np.zeros_like(usual), where=usual > 0)
    dispersion = max(1.0, float(squares.sum()) / freedom) if freedom else 1.0
    # The mean of the other months is itself uncertain, by their share of the days.
    variance_ratio = dispersion * (1 + days / other_days)
    shape = np.maximum(expected / variance_ratio, 1e-12)
    low = gammaincinv(shape, false_alarm / 2) * variance_ratio
    high = gammaincinv(shape, 1 - false_alarm / 2) * variance_ratio
    return expected, low, high, dispersion
