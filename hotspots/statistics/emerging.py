"""Emerging hot spots: how an area's hot and cold months follow one another."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import betainc, ndtr

from hotspots.errors import ParameterError
from hotspots.months import unbroken
from hotspots.schema import CATEGORIES
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.localstats import gistar_by_month
from hotspots.statistics.neighbours import Neighbours
from hotspots.statistics.rates import few_incidents

#: Fewer months make "90 % of the months" and a trend meaningless.
FEWEST_MONTHS: Final = 10


def emerging_hotspots(
    monthly: pd.DataFrame,
    neighbours: Neighbours,
    *,
    offset: pd.Series | None = None,
    false_discovery: float = 0.05,
) -> pd.DataFrame:
    """
    Sort areas into the eight emerging hot spot categories.

    Every month gets its own Gi* map, with false-discovery control over the areas,
    for hot and for cold; the sequence of the months' verdicts makes the category.
    A month's counts are small, and the normal p-value of Gi* is then too small. So
    a neighbourhood must also hold more (or fewer) incidents than the city's own
    would put there by chance: the larger of the two p-values counts.
    Each month is compared with the city in that month. Only the latest months
    without a gap are used: "first" and "in a row" mean nothing across months
    that nobody read.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns, YYYY-MM).
    neighbours : Neighbours
        Its codes must all be rows of `monthly`.
    offset : Series, optional
        As for `localstats.local_gistar`.
    false_discovery : float, default 0.05
        Rate of false discoveries accepted in a month's map.

    Returns
    -------
    DataFrame
        In the order of `neighbours.codes`: category ("" for none), hot_months,
        cold_months, trend_z and trend_p (Mann-Kendall on the monthly scores),
        reason ("" or what there is too little of).

    Raises
    ------
    ParameterError
        If `false_discovery` is not between 0 and 1.
    """
    if not 0 < false_discovery < 1:
        raise ParameterError(f"The false discovery rate is {false_discovery}: give a figure between 0 and 1.")
    months = list(unbroken(monthly.columns)[-1]) if len(monthly.columns) else []
    latest = monthly if months == list(monthly.columns) else monthly[months]
    scores = gistar_by_month(latest, neighbours, offset=offset)
    z = scores.to_numpy()
    at_least, at_most = _by_chance(latest, neighbours, offset)
    hot = benjamini_hochberg(np.maximum(ndtr(-z), at_least)) < false_discovery
    cold = benjamini_hochberg(np.maximum(ndtr(z), at_most)) < false_discovery
    trend = mann_kendall(z)
    reason = few_incidents(latest.to_numpy().sum())
    if len(months) < FEWEST_MONTHS:
        reason = f"too few months without a gap ({len(months)}; {FEWEST_MONTHS} needed)"
    category = classify_sequences(hot, cold, trend["z"], trend["p"])
    if reason:
        category = np.full(len(z), "", dtype=object)
    return pd.DataFrame(
        {
            "category": category,
            "hot_months": hot.sum(axis=1),
            "cold_months": cold.sum(axis=1),
            "trend_z": trend["z"],
            "trend_p": trend["p"],
            "reason": reason,
        },
        index=scores.index,
    )


def _by_chance(
    monthly: pd.DataFrame, neighbours: Neighbours, offset: pd.Series | None
) -> tuple[np.ndarray, np.ndarray]:
    """
    Give the chance of so many or more, and so few or fewer, in each area and its neighbours.

    Given the city's total of a month, the count of a neighbourhood is binomial
    with its share of the offset (of the areas, where there is none).
    """
    count = monthly.reindex(neighbours.codes).to_numpy(float)
    size = np.ones(len(count)) if offset is None else offset.reindex(neighbours.codes).to_numpy(float)
    known = size > 0
    count, size = np.where(known[:, None], count, 0.0), np.where(known, size, 0.0)
    held = count + neighbours.matrix @ count
    share = ((size + neighbours.matrix @ size) / max(size.sum(), 1e-300))[:, None]
    rest = np.maximum(count.sum(axis=0) - held, 0.0)
    at_least = np.where(held > 0, betainc(np.maximum(held, 1), rest + 1, share), 1.0)
    at_most = np.where(rest > 0, betainc(np.maximum(rest, 1), held + 1, np.maximum(1 - share, 0.0)), 1.0)
    return at_least, at_most


def classify_sequences(
    hot: np.ndarray, cold: np.ndarray, trend_z: np.ndarray, trend_p: np.ndarray
) -> np.ndarray:
    """
    Name the category of each sequence of hot and cold months.

    The tests are made in the order of `CATEGORIES` and the first that holds
    wins. So an area that was cold once, and is hot now for the first time, is
    new and not oscillating. A trend counts when its p-value is below 0.05.

    Parameters
    ----------
    hot, cold : bool ndarray of shape (n_areas, n_months)
        Months in order; no month is both.
    trend_z, trend_p : ndarray of shape (n_areas,)
        Mann-Kendall test of the scores.

    Returns
    -------
    object ndarray of shape (n_areas,)
        A key of `CATEGORIES`, or "".

    References
    ----------
    ESRI. How Emerging Hot Spot Analysis works. ArcGIS Pro documentation.
    """
    n_months = hot.shape[1]
    months_hot = hot.sum(axis=1)
    now = hot[:, -1] if n_months else np.zeros(len(hot), bool)
    run = np.cumprod(hot[:, ::-1], axis=1).sum(axis=1)
    first_run = now & (months_hot == run)
    # Counted in months, so that 0.9 x 10 is 9 whatever floating point makes of it.
    mostly = 10 * months_hot >= 9 * n_months
    trend = np.where(trend_p < 0.05, np.sign(trend_z), 0)
    tests = [
        first_run & (run == 1),
        first_run & (run >= 2) & ~mostly,
        now & mostly & (trend > 0),
        now & mostly & (trend == 0),
        now & mostly & (trend < 0),
        now & ~mostly & ~cold.any(axis=1),
        now & ~mostly & cold.any(axis=1),
        ~now & mostly & (months_hot > 0),
    ]
    return np.select(tests, list(CATEGORIES), "").astype(object)


def mann_kendall(series: np.ndarray) -> dict[str, np.ndarray]:
    """
    Test each row for a steady rise or fall, whatever its form.

    Parameters
    ----------
    series : ndarray of shape (n_areas, n_months)
        Rows with NaN get z 0 and p 1, as do rows that never change.

    Returns
    -------
    dict
        s (rises minus falls over all pairs of months), z (with continuity
        correction and correction for ties) and p (two-sided), each of shape
        (n_areas,).

    References
    ----------
    Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13, 245-259.
    Kendall, M. G. (1975). Rank Correlation Methods. Griffin.
    """
    n = series.shape[1]
    known = ~np.isnan(series).any(axis=1)
    values = np.where(known[:, None], series, 0.0)
    earlier, later = np.triu_indices(n, 1)
    steps = np.sign(values[:, later] - values[:, earlier])
    s = steps.sum(axis=1)
    # Size of each value's group of ties, once per member: sum over groups of
    # t(t-1)(2t+5) is the sum over members of (t-1)(2t+5).
    ties = (values[:, :, None] == values[:, None, :]).sum(axis=2)
    variance = (n * (n - 1) * (2 * n + 5) - ((ties - 1) * (2 * ties + 5)).sum(axis=1)) / 18
    moving = variance > 0
    z = np.where(moving, (s - np.sign(s)) / np.sqrt(np.where(moving, variance, 1.0)), 0.0)
    return {"s": s, "z": z, "p": 2 * ndtr(-np.abs(z))}
