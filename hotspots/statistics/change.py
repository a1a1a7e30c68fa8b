"""What changed between two periods, and how sure that is, in busy and quiet areas alike."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.months import Periods, days_in
from hotspots.statistics._laws import caution
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.predictive import CountModel, fit_counts

# With fewer differences a variance is itself a matter of chance.
_FEWEST_FREEDOM: Final = 10
_UNSURE: Final = "too few months and areas to tell how much incidents vary by chance"


def change_between(monthly: pd.DataFrame, periods: Periods, *, confidence: float = 0.95) -> pd.DataFrame:
    """
    Compare two periods in every area.

    Given their sum, the later of two Poisson counts is binomial: the interval
    of the ratio of rates per day is exact whatever the size (Clopper and
    Pearson), and the p-value belongs to it. Real counts vary more, busy areas
    the more so: each area's counts are divided by its own dispersion, which
    grows with its mean (see `predictive`). It is learnt from months of one
    period, or of the rest of the table, that lie no further apart than those
    compared; never from the step between the periods. Where each period is one
    month and no other was read, it is learnt from how the areas vary around
    the change of the city, and cannot tell of the city's own.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns, YYYY-MM); the more months
        beside the two periods, the better is known how counts vary.
    periods : Periods
        See `months.comparable_periods` and `periods`.
    confidence : float, default 0.95
        Of the interval.

    Returns
    -------
    DataFrame
        Indexed as `monthly`: before, after (counts), change (ratio of daily rates,
        after over before), low, high, p, q (Benjamini-Hochberg over the areas),
        dispersion (1 is Poisson), reason. Without an incident before there is no
        ratio: change and high are NaN, low still holds; high is NaN too where counts
        vary so much that nothing bounds it. Without any in both all are NaN, and p is
        1. Where the dispersion cannot be learnt, low, high, p, q and dispersion are NaN.

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1, a month is not in the table, or is
        in both periods.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing
    samples from Poisson series. Biometrika 31, 313-323.
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial
    limits. Biometrika 26(4), 404-413.
    Ver Hoef, J. M. and Boveng, P. L. (2007). Quasi-Poisson vs. negative binomial
    regression. Ecology 88(11), 2766-2772.
    """
    _check(monthly, periods, confidence)
    if not periods.after:
        return _no_change(monthly.index, periods.reason)
    count = monthly.to_numpy(float)
    position = {month: at for at, month in enumerate(monthly.columns)}
    first, second = (
        count[:, [position[month] for month in part]].sum(axis=1) for part in (periods.before, periods.after)
    )
    dispersion = _dispersion(monthly, periods, tail=(1 - confidence) / 2)
    known = dispersion is not None
    divide = dispersion if dispersion is not None else np.ones(len(first))
    found = _ratio_columns(
        first / divide,
        second / divide,
        days_before=days_in(periods.before),
        days_after=days_in(periods.after),
        confidence=confidence,
    )
    reason = np.select(
        [first + second == 0, first == 0],
        ["no incident in either period", "no incident in the earlier period"],
        "" if known else _UNSURE,
    ).astype(object)
    columns = found | {"before": first, "after": second}
    columns |= {"q": benjamini_hochberg(columns["p"]), "dispersion": divide, "reason": reason}
    if not known:
        columns |= dict.fromkeys(("low", "high", "p", "q", "dispersion"), np.nan)
    return pd.DataFrame(columns, index=monthly.index)


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
    return pd.DataFrame(
        _ratio_columns(before, after, days_before=days_before, days_after=days_after, confidence=confidence)
    )


def _ratio_columns(
    before: np.ndarray, after: np.ndarray, *, days_before: float, days_after: float, confidence: float
) -> dict[str, np.ndarray]:
    from scipy.special import betainc, betaincinv

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
    return {
        "before": before,
        "after": after,
        "change": ratio * length,
        "low": np.where(any_at_all, _odds(low) * length, np.nan),
        "high": _odds(high) * length,
        "p": np.where(any_at_all, np.minimum(1.0, 2 * np.minimum(at_least, at_most)), 1.0),
    }


def _odds(share: np.ndarray) -> np.ndarray:
    """Turn a share into odds; NaN of a share that cannot be told from 1, which bounds nothing."""
    return np.divide(share, 1 - share, out=np.full(len(share), np.nan), where=share != 1)


def _dispersion(monthly: pd.DataFrame, periods: Periods, *, tail: float) -> np.ndarray | None:
    """Learn each area's dispersion from months, else from areas; None where neither can be done."""
    block = {**dict.fromkeys(periods.before, 1), **dict.fromkeys(periods.after, 2)}
    blocks = [block.get(month, 0) for month in monthly.columns]
    longest = max(len(periods.before), len(periods.after), 2) - 1
    model = fit_counts(monthly, blocks=blocks, longest=longest, drift=False)
    if model.variation.freedom < _FEWEST_FREEDOM and len(periods.before) == len(periods.after) == 1:
        model = _from_areas(monthly, periods)
    if model.variation.freedom < _FEWEST_FREEDOM:
        return None
    over = model.dispersion().to_numpy()
    # An area whose months were calmer than those of its like is not believed to be so: too short a time.
    pooled = over / np.minimum(model.variation.factor, 1.0)
    return np.asarray(pooled * caution(model.freedom(), tail=tail))


def _from_areas(monthly: pd.DataFrame, periods: Periods) -> CountModel:
    """Learn from how areas vary around the change of the whole city, which itself tells nothing of chance."""
    model = fit_counts(monthly[[*periods.before, *periods.after]], drift=False)
    return dataclasses.replace(model, variation=dataclasses.replace(model.variation, shared=0.0))


def _check(monthly: pd.DataFrame, periods: Periods, confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ParameterError(f"The confidence is {confidence}: give a figure between 0 and 1, such as 0.95.")
    missing = sorted({*periods.before, *periods.after} - set(monthly.columns))
    if missing:
        raise ParameterError(f"The month {missing[0]} is not in the table: read it, or compare other months.")
    both = sorted(set(periods.before) & set(periods.after))
    if both:
        raise ParameterError(f"The month {both[0]} is in both periods: give it to one of them.")


def _no_change(index: pd.Index, reason: str) -> pd.DataFrame:
    blank = pd.DataFrame(np.nan, index=index, columns=["before", "after", "change", "low", "high"])
    return blank.assign(p=1.0, q=1.0, dispersion=np.nan, reason=reason)
