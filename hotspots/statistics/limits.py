"""Limits of ordinary months: whole numbers that a month passes by chance no oftener than said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.months import FEWEST_MONTHS
from hotspots.statistics._laws import caution, count_limits
from hotspots.statistics.predictive import CountModel, fit_counts


def control_limits(
    monthly: pd.DataFrame, *, false_alarm: float = 0.0027, model: CountModel | None = None
) -> pd.DataFrame:
    """
    Say for every month which counts would have been ordinary, given the area's other months.

    A month is left out of its own mean, or a peak would raise its limit. Its
    count is then a negative binomial one (see `predictive`): the limits are
    the least and the greatest count beyond which lies at most half the false
    alarm chance. So a ward with one or two incidents a month is never called
    quiet for having none, and the false alarms are fewer than nominal there,
    never more.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns, YYYY-MM).
    false_alarm : float, default 0.0027
        Chance that an ordinary month falls outside; 0.0027 is that of three
        standard deviations.
    model : CountModel, optional
        From `fit_counts(monthly)`, if at hand.

    Returns
    -------
    DataFrame
        One row per area and month, in order: code, month, count, expected, low,
        high (whole, and ordinary themselves), signal ("above", "below" or ""),
        dispersion (of the area; 1 is Poisson), reason. With fewer than 6 months
        there are no limits and the reason says so.

    Raises
    ------
    ParameterError
        If `false_alarm` is not between 0 and 1, or a count is missing or negative.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional
    performance. Statistics in Medicine 24(8), 1185-1202 (over-dispersion, discrete limits).
    Wheeler, A. P. (2016). Tables and graphs for monitoring temporal crime trends.
    International Journal of Police Science & Management 18(3), 159-172.
    """
    if not 0 < false_alarm < 1:
        raise ParameterError(f"The false alarm chance is {false_alarm}: give a figure between 0 and 1.")
    months = sorted(monthly.columns)
    count = monthly[months].to_numpy(float)
    found = pd.DataFrame(
        {
            "code": np.repeat(monthly.index.to_numpy(), len(months)),
            "month": np.tile(np.asarray(months, dtype=object), len(monthly)),
            "count": count.ravel(),
        }
    )
    if len(months) < FEWEST_MONTHS:
        blank = dict.fromkeys(("expected", "low", "high"), np.nan)
        reason = f"too few months ({len(months)}; {FEWEST_MONTHS} needed)"
        return found.assign(**blank, signal="", dispersion=np.nan, reason=reason)
    fitted = fit_counts(monthly) if model is None else model
    expected, variance = fitted.left_out()
    wider = caution(fitted.freedom(), tail=false_alarm / 2)[:, None]
    low, high = count_limits(expected, variance * wider, tail=false_alarm / 2)
    signal = np.select([count > high, count < low], ["above", "below"], "").astype(object)
    return found.assign(
        expected=expected.ravel(),
        low=low.ravel(),
        high=high.ravel(),
        signal=signal.ravel(),
        dispersion=np.repeat(fitted.dispersion().to_numpy(), len(months)),
        reason="",
    )
