"""
One model of monthly counts, for everything that is said with an uncertainty.

A count is Poisson around a rate that is itself uncertain: rates differ from
month to month more than chance alone explains, by an amount that grows with
the count; they drift, so that a later period resembles the months near it
most; and areas share the months of their city. How much of each there is, is
learnt from the counts (`_variation`), pooled over the areas. Ranges for later
counts, draws for ranks and for clusters, limits of ordinary months and
intervals of a change all come from here, so that a chance of 95 % means the
same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.months import MONTH_PATTERN
from hotspots.statistics._season import Season, city_season, month_numbers, month_sizes
from hotspots.statistics._variation import (
    Variation,
    factors_without,
    learn_variation,
    pair_months,
    shared_without,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Relative standard deviations of the rates over areas that are tried, as in `rates`.
_SPREAD: Final = np.concatenate([np.linspace(0.05, 1.0, 20), np.linspace(1.15, 5.0, 20)])


@dataclass(frozen=True, eq=False)
class CountModel:
    """
    What monthly counts say about the months to come.

    Attributes
    ----------
    codes : Index
        Areas, places or clusters: the rows of the table.
    months : tuple of str
        The months learnt from, YYYY-MM, in order.
    count : ndarray of shape (n, n_months)
    size : ndarray of shape (n_months,)
        Days, season and trend of each month; 1 on average.
    season : Season
    mean : ndarray of shape (n,)
        Incidents of a month of size 1, drawn towards the others where there are few.
    shape : float
        Of the gamma distribution of the rows' rates around `centre`.
    centre : ndarray of shape (n,)
        What rows like this one have in a month of size 1.
    variation : Variation
    """

    codes: pd.Index
    months: tuple[str, ...]
    count: np.ndarray
    size: np.ndarray
    season: Season
    mean: np.ndarray
    shape: float
    centre: np.ndarray
    variation: Variation

    def sizes(self, months: Iterable[str]) -> np.ndarray:
        """Give days, season and trend of any months, on the scale of `size`."""
        return month_sizes(list(months), self.months, self.season)

    def dispersion(self, *, shared: bool = True) -> pd.Series:
        """
        Say by how much a month's variance exceeds its mean: 1 is Poisson.

        The total of several months has the same ratio, so counts divided by it
        tell as little as they should. Drift is left out: it is no chance
        of one period, but a difference between two.

        Parameters
        ----------
        shared : bool, default True
            False to compare areas of one city with each other, whose months are alike.
        """
        part = self.variation
        own = part.factor * (1 + part.excess + part.own * self.mean)
        over = own + part.shared * self.mean if shared else own
        return pd.Series(np.maximum(over, 1.0), index=self.codes, name="dispersion")

    def freedom(self, *, shared: bool = True) -> np.ndarray:
        """
        Say how many independent differences each row's variance was learnt from.

        What the city's months share was seen in few of them; it counts by its
        part of the row's variance (Satterthwaite 1946).

        Returns
        -------
        ndarray of shape (n,)
        """
        part = self.variation
        reach = len(self.months) / 4
        own = part.factor * (1 + part.excess + (part.own + part.own_drift * reach) * self.mean)
        common = (part.shared + part.shared_drift * reach) * self.mean * shared
        few = 1 / np.maximum(part.freedom, 1.0) + part.doubt / (2 * part.factor**2)
        return np.asarray((own + common) ** 2 / (own**2 * few + common**2 / max(part.shared_freedom, 1.0)))

    def left_out(self) -> tuple[np.ndarray, np.ndarray]:
        """
        Expect each month from the area's other months, all alike: the mean and variance of its count.

        Returns
        -------
        tuple of ndarray of shape (n, n_months)
        """
        part, size = self.variation, self.size
        rest = size.sum() - size
        rate = (self.count.sum(axis=1, keepdims=True) - self.count) / rest
        noise = self.month_noise(shared=True)
        square = size**2 * noise
        error = (square.sum(axis=1, keepdims=True) - square) / rest**2
        time = month_numbers(self.months)
        weights = np.where(np.eye(len(size), dtype=bool), 0.0, size / rest[:, None])
        apart = np.abs(time[:, None] - time[None, :])
        reach = (weights * apart).sum(axis=1) - np.einsum("ms,st,mt->m", weights, apart, weights) / 2
        shared, moved = shared_without(self.count, size, time, part)
        drift = (part.factor[:, None] * part.own_drift + moved) * reach
        mean, spread = self.drawn_together(rate, error)
        expected = mean * size
        busy = np.maximum(expected, 1e-9)
        factor = factors_without(self.count, size, pair_months(time), part)
        own = factor * ((1 + part.excess) / busy + part.own) + shared
        return expected, expected**2 * (spread + drift + np.maximum(own, 1 / busy))

    def month_noise(self, *, shared: bool) -> np.ndarray:
        """Give the relative variance of each month's count around its rate, shape (n, n_months)."""
        part = self.variation
        busy = np.maximum(self.mean, 1e-9)[:, None] * self.size
        own = part.factor[:, None] * ((1 + part.excess) / busy + part.own)
        return np.maximum(own + (part.shared if shared else 0.0), 1 / busy)

    def drawn_together(self, rate: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Join rates, known up to a relative variance, with those of rows like them.

        Parameters
        ----------
        rate, error : ndarray of shape (n,) or (n, n_months)

        Returns
        -------
        tuple of ndarray
            Means and relative variances.
        """
        across = (-1,) + (1,) * (rate.ndim - 1)
        known = 1 / np.maximum(error * self.mean.reshape(across), 1e-12)
        prior = self.shape / np.maximum(self.centre.reshape(across), 1e-300)
        form = rate * known + self.shape
        return form / (known + prior), 1 / form


def fit_counts(
    monthly: pd.DataFrame,
    *,
    alike: pd.Series | None = None,
    blocks: Sequence[int] | None = None,
    longest: int | None = None,
    drift: bool = True,
) -> CountModel:
    """
    Learn from a table of monthly counts how such counts vary.

    From 24 months on, the city's season and trend are taken out first; with
    fewer, both are part of what months vary by and the ranges are wider.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by code (rows) and month (columns, YYYY-MM); 0 where nothing was
        counted. Months may be missing, but none may be there in part.
    alike : Series, optional
        By code, above zero: in what proportion the rows would have incidents if they
        did not differ (residents; for a place, the mean around it). Rows with few
        incidents are drawn towards it; all alike by default.
    blocks, longest, drift
        As in `_variation.pair_months` and `learn_variation`: which months are compared.

    Returns
    -------
    CountModel

    Raises
    ------
    ParameterError
        If a month is not written YYYY-MM, a count is missing or negative, or `alike`
        is not above zero for a row.

    References
    ----------
    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators.
    Quality and Safety in Health Care 14(5), 347-351.
    Gelman, A. et al. (2013). Bayesian Data Analysis, chapters 6 and 7. CRC Press.
    Wheeler, A. P. (2016). Tables and graphs for monitoring temporal crime trends.
    International Journal of Police Science & Management 18(3), 159-172.
    """
    ordered = monthly if monthly.columns.is_monotonic_increasing else monthly[sorted(monthly.columns)]
    months = tuple(str(month) for month in ordered.columns)
    count = _checked(ordered)
    time = month_numbers(months)
    if blocks is not None:
        by_month = dict(zip(monthly.columns, blocks, strict=True))
        blocks = [by_month[month] for month in ordered.columns]
    season = city_season(count.sum(axis=0), months, blocks=blocks)
    size = month_sizes(months, months, season)
    pairs = pair_months(time, blocks=blocks, longest=longest)
    variation = learn_variation(count, size, pairs, drift=drift, taken=season.figures)
    mean, shape, centre = shrunk_means(count.sum(axis=1), size.sum(), variation, _likeness(ordered, alike))
    return CountModel(ordered.index, months, count, size, season, mean, shape, centre, variation)


def mean_nearby(xy: np.ndarray, total: np.ndarray, *, radius: float) -> pd.Series:
    """
    Say what places would have if each were like those around it: `alike` for `fit_counts`.

    A place with none in a busy street is likelier to have one than a place
    with none in the suburbs. A tenth of the city's mean is added everywhere,
    for nothing is impossible.

    Parameters
    ----------
    xy : ndarray of shape (n, 2)
        Metres.
    total : ndarray of shape (n,)
        Incidents at each place.
    radius : float
        Metres; twice the eps of clusters has held best (see `benchmarks.claims`).

    Returns
    -------
    Series
        By row number: the mean over the places within `radius`, the place itself among
        them; 1 everywhere if there is no incident.
    """
    if not np.any(total):
        return pd.Series(np.ones(len(total)))
    among = _among(np.ascontiguousarray(xy, dtype=float).tobytes(), radius)
    return pd.Series(among @ total / np.diff(among.indptr) + 0.1 * np.mean(total))


@lru_cache(maxsize=2)
def _among(points: bytes, radius: float) -> csr_array:
    """Give a one for every two places within the radius of each other: the same for every theme, so kept."""
    from scipy.sparse import csr_array
    from scipy.spatial import KDTree

    xy = np.frombuffer(points).reshape(-1, 2)
    near = KDTree(xy).query_ball_point(xy, radius, return_sorted=True)
    bounds = np.concatenate([[0], np.cumsum([len(row) for row in near])])
    return csr_array((np.ones(bounds[-1]), np.concatenate(near).astype(int), bounds))


def shrunk_means(
    total: np.ndarray, size: float, variation: Variation, alike: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """
    Learn how rates differ over the rows, and draw each towards those of its like.

    Returns
    -------
    tuple
        Rates, the shape of the gamma distribution, and what it is drawn towards.
    """
    from scipy.special import gammaln

    mean = total / size
    over = np.maximum(variation.factor * (1 + variation.excess + variation.own * mean), 1.0)
    if not total.any():
        return np.zeros(len(total)), 1.0, np.zeros(len(total))
    centre = alike * (total.sum() / size / alike.sum())
    count, length = (total / over)[None, :], (size / over)[None, :]
    shape = 1 / _SPREAD[:, None] ** 2
    expected = np.maximum(centre * length, 1e-300)
    fit = (
        gammaln(count + shape)
        - gammaln(shape)
        + count * np.log(expected / shape)
        - (shape + count) * np.log1p(expected / shape)
    ).sum(axis=1)
    chance = np.exp(fit - fit.max())
    best = float(1 / (chance @ _SPREAD / chance.sum()) ** 2)
    return (count[0] + best) / (length[0] + best / np.maximum(centre, 1e-300)), best, centre


def _checked(monthly: pd.DataFrame) -> np.ndarray:
    wrong = [month for month in monthly.columns if not re.fullmatch(MONTH_PATTERN, str(month))]
    if wrong:
        raise ParameterError(f'The month "{wrong[0]}" is not written YYYY-MM, such as 2025-03.')
    count = monthly.to_numpy(float)
    if not (count >= 0).all():
        code = monthly.index[~(count >= 0).all(axis=1)][0]
        raise ParameterError(
            f"The area {code} has a month without a count of 0 or more: give 0 where nothing was counted."
        )
    return count


def _likeness(monthly: pd.DataFrame, alike: pd.Series | None) -> np.ndarray:
    if alike is None:
        return np.ones(len(monthly))
    given = alike.reindex(monthly.index).to_numpy(float)
    if not (given > 0).all():
        code = monthly.index[~(given > 0)][0]
        raise ParameterError(f"The area {code} is like none: give a figure above zero for each row.")
    return given
