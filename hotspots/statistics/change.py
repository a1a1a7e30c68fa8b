"""Monthly series by area: change between periods, and months out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincinv

from hotspots.errors import ParameterError
from hotspots.months import Periods, days_in
from hotspots.statistics.discoveries import benjamini_hochberg

# With fewer degrees of freedom a variance is itself a matter of chance.
_FEWEST_FREEDOM: Final = 10
_UNSURE: Final = "too few months and areas to tell how much incidents vary by chance"


def change_between(monthly: pd.DataFrame, periods: Periods, *, confidence: float = 0.95) -> pd.DataFrame:
    """
    Compare two periods in every area.

    Given their sum, the later of two Poisson counts is binomial: the interval of
    the ratio of rates per day is exact whatever the size (Clopper and Pearson),
    and the p-value belongs to it: it is below 0.05 when the 95 % interval leaves
    out 1. Incidents come in series, so real counts vary more than Poisson ones
    (those of Derby's wards have two to three times the variance). How much more
    is learnt from the months within each period, over all areas together; where
    it is `dispersion` times as much, both counts tell as little as Poisson ones
    divided by it. With one month a period it is learnt from how the areas vary
    around the change of the whole city; an area that truly went its own way
    then makes all a little less sure. With fewer than 11 areas neither can be
    done: the change is given, but not how sure it is.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns).
    periods : Periods
        See `comparable_periods`.
    confidence : float, default 0.95
        Of the interval.

    Returns
    -------
    DataFrame
        Indexed as `monthly`: before, after (counts), change (ratio of daily rates,
        after over before), low, high, p, q (Benjamini-Hochberg over the areas),
        dispersion (1 is Poisson), reason. Without an incident before there is no ratio: change and high
        are NaN, low still holds. Without any in both all are NaN, and p is 1. Where the
        dispersion cannot be learnt, low, high, p, q and dispersion are NaN.

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1, or a month is not in the table.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing
    samples from Poisson series. Biometrika 31, 313-323.
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial
    limits. Biometrika 26(4), 404-413.
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, section
    6.2.3 (over-dispersion). Chapman and Hall.
    """
    if not 0 < confidence < 1:
        raise ParameterError(f"The confidence is {confidence}: give a figure between 0 and 1, such as 0.95.")
    missing = sorted(set(periods.before + periods.after) - set(monthly.columns))
    if missing:
        raise ParameterError(f"The month {missing[0]} is not in the table: read it, or compare other months.")
    if not periods.after:
        return _no_change(monthly.index, periods.reason)
    before = monthly[list(periods.before)].sum(axis=1).to_numpy(float)
    after = monthly[list(periods.after)].sum(axis=1).to_numpy(float)
    dispersion = _dispersion(monthly, periods)
    known = not np.isnan(dispersion)
    found = rate_ratio(
        before / (dispersion if known else 1.0),
        after / (dispersion if known else 1.0),
        days_before=days_in(periods.before),
        days_after=days_in(periods.after),
        confidence=confidence,
    ).assign(before=before, after=after)
    found.index = monthly.index
    reason = np.select(
        [before + after == 0, before == 0],
        ["no incident in either period", "no incident in the earlier period"],
        "" if known else _UNSURE,
    ).astype(object)
    found = found.assign(q=benjamini_hochberg(found["p"].to_numpy()), dispersion=dispersion, reason=reason)
    return found if known else found.assign(**dict.fromkeys(("low", "high", "p", "q"), np.nan))


def _dispersion(monthly: pd.DataFrame, periods: Periods) -> float:
    """Learn how much more counts vary than Poisson counts: from months, else from areas; else NaN."""
    before, after = (monthly[list(months)].to_numpy(float) for months in (periods.before, periods.after))
    days = [np.array([days_in((month,)) for month in months]) for months in (periods.before, periods.after)]
    found = dispersion_over_months([(before, days[0]), (after, days[1])])
    if found is None:
        found = _dispersion_over_areas(before.sum(axis=1), after.sum(axis=1))
    return np.nan if found is None else found


def _dispersion_over_areas(before: np.ndarray, after: np.ndarray) -> float | None:
    """Compare how areas vary around the change of the whole city with Poisson counts; at least 1."""
    total = before + after
    some = total > 0
    freedom = int(some.sum()) - 1
    if freedom < _FEWEST_FREEDOM:
        return None
    share = after.sum() / total.sum()
    if not 0 < share < 1:
        return 1.0
    squares = (after - share * total)[some] ** 2 / (share * (1 - share) * total[some])
    return max(1.0, float(squares.sum()) / freedom)


def dispersion_over_months(parts: Iterable[tuple[np.ndarray, np.ndarray]]) -> float | None:
    """
    Say how much more counts vary from month to month than Poisson counts would.

    Parameters
    ----------
    parts : iterable of (ndarray of shape (n, n_months), ndarray of shape (n_months,))
        For each period the counts of areas or clusters by month, and what a month's
        count is set against: its days, or the incidents of the whole city.

    Returns
    -------
    float or None
        Pearson's chi-squared over its degrees of freedom, at least 1; None where
        there are fewer than 10 of these to learn it from.
    """
    squares, freedom = 0.0, 0
    for count, size in parts:
        usual = count.sum(axis=1, keepdims=True) * size / max(size.sum(), 1e-300)
        some = usual > 0
        squares += float(((count - usual)[some] ** 2 / usual[some]).sum())
        freedom += int(np.maximum(some.sum(axis=1) - 1, 0).sum())
    return max(1.0, squares / freedom) if freedom >= _FEWEST_FREEDOM else None


def rate_ratio(
    before: np.ndarray,
    after: np.ndarray,
    *,
    days_before: float = 1.0,
    days_after: float = 1.0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """
    Compare Poisson counts pair by pair, exactly.

    Parameters
    ----------
    before, after : ndarray of shape (n,)
        Counts; or counts divided by their dispersion, which need not be whole.
    days_before, days_after : float
        How long each was counted.
    confidence : float, default 0.95

    Returns
    -------
    DataFrame
        before, after, change, low, high, p (two-sided: twice the smaller tail).
    """
    total = before + after
    fair = days_after / (days_before + days_after)
    tail = (1 - confidence) / 2
    with_before, with_after, any_at_all = before > 0, after > 0, total > 0
    low = np.where(with_after, betaincinv(np.where(with_after, after, 1), before + 1, tail), 0.0)
    high = np.where(with_before, betaincinv(after + 1, np.where(with_before, before, 1), 1 - tail), np.nan)
    at_least = np.where(with_after, betainc(np.where(with_after, after, 1), before + 1, fair), 1.0)
    at_most = np.where(with_before, betainc(np.where(with_before, before, 1), after + 1, 1 - fair), 1.0)
    length = days_before / days_after
    ratio = np.divide(after, before, out=np.full(len(before), np.nan), where=with_before)
    return pd.DataFrame(
        {
            "before": before,
            "after": after,
            "change": ratio * length,
            "low": np.where(any_at_all, low / (1 - low) * length, np.nan),
            "high": high / (1 - high) * length,
            "p": np.where(any_at_all, np.minimum(1.0, 2 * np.minimum(at_least, at_most)), 1.0),
        }
    )


def _no_change(index: pd.Index, reason: str) -> pd.DataFrame:
    blank = pd.DataFrame(np.nan, index=index, columns=["before", "after", "change", "low", "high"])
    return blank.assign(p=1.0, q=1.0, dispersion=np.nan, reason=reason)
