"""Monthly series by area: change between periods, and months out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincinv, gammaincinv

from hotspots.errors import ParameterError
from hotspots.statistics.localstats import benjamini_hochberg

#: Fewer months than this say nothing about what is ordinary.
FEWEST_MONTHS: Final = 6
# With fewer degrees of freedom a variance is itself a matter of chance.
_FEWEST_FREEDOM: Final = 10
_UNSURE: Final = "too few months and areas to tell how much incidents vary by chance"


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


def monthly_tables(counts: pd.DataFrame, *, months: Iterable[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """
    Cut the monthly series of every level and theme out of the long table of counts.

    Parameters
    ----------
    counts : DataFrame
        Columns level, code, theme, month, count (see `areas.count_areas`); rows for
        the whole period are passed over.
    months : iterable of str
        The months read, so that one without any incident still counts as 0.

    Returns
    -------
    dict
        By (level, theme): counts by code (rows, sorted) and month (columns, in order).
    """
    columns = pd.Index(sorted(months))
    tables = {}
    for (level, theme), part in counts.groupby(["level", "theme"], observed=True, sort=True):
        # Rows of the whole period name the codes too, so an area without months stays.
        row, codes = pd.factorize(np.asarray(part["code"], dtype=object), sort=True)
        column = columns.get_indexer(pd.Index(part["month"], dtype=object))
        monthly = column >= 0
        cells = row[monthly] * len(columns) + column[monthly]
        size = len(codes) * len(columns)
        total = np.bincount(cells, weights=part["count"].to_numpy(float)[monthly], minlength=size)
        table = total.reshape(len(codes), len(columns))
        tables[str(level), str(theme)] = pd.DataFrame(
            table, index=pd.Index(codes, name="code"), columns=columns
        )
    return tables


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
        year_before = tuple(_shift(month, -12) for month in after)
        if set(year_before) <= set(read):
            return Periods(year_before, after, "the same months a year before")
        before = tuple(_shift(month, -size) for month in after)
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
        if runs and _shift(runs[-1][-1], 1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return [tuple(run) for run in runs]


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
        days_before=_days(periods.before),
        days_after=_days(periods.after),
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
    days = [np.array([_days((month,)) for month in months]) for months in (periods.before, periods.after)]
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
    days = np.array([_days((month,)) for month in monthly.columns])
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


def _no_change(index: pd.Index, reason: str) -> pd.DataFrame:
    blank = pd.DataFrame(np.nan, index=index, columns=["before", "after", "change", "low", "high"])
    return blank.assign(p=1.0, q=1.0, dispersion=np.nan, reason=reason)


def _shift(month: str, by: int) -> str:
    return str(pd.Period(month, "M") + by)


def _run_up_to(month: str, size: int) -> tuple[str, ...]:
    return tuple(_shift(month, -back) for back in range(size - 1, -1, -1))


def _days(months: tuple[str, ...]) -> float:
    return float(sum(pd.Period(month, "M").days_in_month for month in months))
