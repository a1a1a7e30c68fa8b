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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.statistics._variation import Variation, learn_variation, pair_months

#: Two years show a season twice; from one, season and drift look alike.
FEWEST_FOR_SEASON: Final = 24
# Where no tail is asked for, variances are widened as for a range of 95 %.
_USUAL_TAIL: Final = 0.025
# Eleven of the season and the slope of the trend, beside the level.
_SEASON_FIGURES: Final = 12
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
    season : ndarray of shape (12,)
        How busy each calendar month is beside the mean one; 1 with fewer than 24 months.
    trend : float
        Change of the city's logarithm a month; 0 with fewer than 24 months.
    season_error, trend_error : float
        Their standard errors, on the logarithm.
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
    season: np.ndarray
    trend: float
    season_error: float
    trend_error: float
    mean: np.ndarray
    shape: float
    centre: np.ndarray
    variation: Variation

    def sizes(self, months: Iterable[str]) -> np.ndarray:
        """Give days, season and trend of any months, on the scale of `size`."""
        return _sizes(list(months), self.months, self.season, self.trend)

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
        noise = _month_noise(self, self.mean, shared=True)
        square = size**2 * noise
        error = (square.sum(axis=1, keepdims=True) - square) / rest**2
        time = _numbers(self.months)
        weights = np.where(np.eye(len(size), dtype=bool), 0.0, size / rest[:, None])
        apart = np.abs(time[:, None] - time[None, :])
        reach = (weights * apart).sum(axis=1) - np.einsum("ms,st,mt->m", weights, apart, weights) / 2
        drift = (part.factor * part.own_drift + part.shared_drift)[:, None] * reach
        mean, spread = _drawn_together(self, rate, error)
        expected = mean * size
        busy = np.maximum(expected, 1e-9)
        own = part.factor[:, None] * ((1 + part.excess) / busy + part.own) + part.shared
        return expected, expected**2 * (spread + drift + np.maximum(own, 1 / busy))


@dataclass(frozen=True, eq=False)
class Forecast:
    """
    What is expected of one period, row by row.

    Attributes
    ----------
    codes : Index
    months : tuple of str
        The months forecast.
    mean : ndarray of shape (n,)
        Expected incidents of the whole period.
    rate_error : ndarray of shape (n,)
        Relative standard deviation of the rate that lies behind the period.
    variance : ndarray of shape (n,)
        Of the count; at least the mean.
    freedom : ndarray of shape (n,)
        Of the variance: ranges are wider where it was learnt from little.
    """

    codes: pd.Index
    months: tuple[str, ...]
    mean: np.ndarray
    rate_error: np.ndarray
    variance: np.ndarray
    freedom: np.ndarray

    def range(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """
        Give whole numbers between which the count falls with at least this chance.

        Returns
        -------
        DataFrame
            By code: expected, low, high (both belong to the range).
        """
        _check_chance(confidence, "confidence")
        tail = (1 - confidence) / 2
        low, high = count_limits(self.mean, self.variance * caution(self.freedom, tail=tail), tail=tail)
        return pd.DataFrame({"expected": self.mean, "low": low, "high": high}, index=self.codes)

    def beside_others(self, observed: np.ndarray) -> Forecast:
        """
        Expect of each row what all other rows of the period suggest: if they have half as many again, so does it.

        Parameters
        ----------
        observed : ndarray of shape (n,)
            What the period brought, row by row.

        Returns
        -------
        Forecast
        """
        others = np.maximum(self.mean.sum() - self.mean, 1e-9)
        times = (observed.sum() - observed) / others
        # The others are themselves a matter of chance.
        doubt = np.maximum(self.variance.sum() - self.variance, 0.0) / others**2
        mean = self.mean * times
        variance = mean + (self.variance - self.mean) * times**2 + mean**2 * doubt
        return Forecast(self.codes, self.months, mean, self.rate_error, variance, self.freedom)

    def chance_of_at_least(self, count: np.ndarray, *, tail: float = _USUAL_TAIL) -> np.ndarray:
        """
        Give the chance of so many incidents or more, row by row.

        Parameters
        ----------
        count : ndarray of shape (n,)
        tail : float, default 0.025
            How small a chance matters: the smaller, the more it hangs on a
            variance that was learnt from little.
        """
        variance = self.variance * caution(self.freedom, tail=tail)
        return count_tail(np.asarray(count, dtype=float), self.mean, variance)

    def draw(self, draws: int, *, seed: int, rates: bool = False) -> np.ndarray:
        """
        Draw the counts of the period, row by row; or the rates behind them.

        Parameters
        ----------
        draws : int
        seed : int
        rates : bool, default False
            Leave out the chance of the later months themselves: for ranks of what
            lies behind the counts, instead of ranks of the counts to come.

        Returns
        -------
        ndarray of shape (draws, n)
        """
        if draws < 1:
            raise ParameterError(f"draws is {draws}: give at least one.")
        rng = np.random.default_rng(seed)
        shape = (draws, len(self.mean))
        wider = caution(self.freedom, tail=_USUAL_TAIL)
        if rates:
            form = 1 / (np.maximum(self.rate_error, 1e-6) ** 2 * wider)
            return np.asarray(rng.standard_gamma(form, shape) * (self.mean / form))
        form, scale = _gamma(self.mean, self.variance * wider)
        return np.asarray(rng.poisson(rng.standard_gamma(form, shape) * scale))


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
    ordered = monthly[sorted(monthly.columns)]
    months = tuple(str(month) for month in ordered.columns)
    count = _checked(ordered)
    time = _numbers(months)
    season, trend, season_error, trend_error = _season(count.sum(axis=0), months, time)
    size = _sizes(months, months, season, trend)
    if blocks is not None:
        by_month = dict(zip(monthly.columns, blocks, strict=True))
        blocks = [by_month[month] for month in ordered.columns]
    pairs = pair_months(time, blocks=blocks, longest=longest)
    taken = _SEASON_FIGURES if season_error else 0
    variation = learn_variation(count, size, pairs, drift=drift, taken=taken)
    mean, shape, centre = _shrunk_means(count.sum(axis=1), size.sum(), variation, _likeness(ordered, alike))
    return CountModel(
        ordered.index,
        months,
        count,
        size,
        season,
        trend,
        season_error,
        trend_error,
        mean,
        shape,
        centre,
        variation,
    )


def forecast_counts(model: CountModel, *, months: Sequence[str], shared: bool = True) -> Forecast:
    """
    Expect the counts of other months, later ones or left-out ones.

    Months near those forecast weigh more, by as much as the rates drift (best
    linear prediction), and rows with few incidents are drawn towards the others.

    Parameters
    ----------
    model : CountModel
    months : sequence of str
        YYYY-MM, at least one; all of one period.
    shared : bool, default True
        False leaves out what the whole city has in common: to compare rows with
        one another, for ranks and clusters.

    Returns
    -------
    Forecast

    Raises
    ------
    ParameterError
        If there is no month, or one is not written YYYY-MM.

    References
    ----------
    Cressie, N. (1993). Statistics for Spatial Data, section 3.2 (ordinary kriging). Wiley.
    """
    if not len(months):
        raise ParameterError("There is no month to forecast: give at least one, as YYYY-MM.")
    later = model.sizes(months)
    weights, error, drift = _best_weights(model, _numbers(tuple(months)), later, shared=shared)
    rate = np.einsum("am,am->a", weights, model.count / model.size)
    mean, spread = _drawn_together(model, np.maximum(rate, 0.0), error)
    # What a rate drifts by later is no error of what was counted: it does not draw a row to the others.
    spread = spread + drift
    if shared:
        ahead = np.abs(_numbers(tuple(months)).mean() - _numbers(model.months).mean())
        spread = spread + model.season_error**2 + (model.trend_error * ahead) ** 2
    noise = _noise(model, mean, later, shared=shared)
    expected = mean * later.sum()
    variance = expected**2 * (spread + noise)
    return Forecast(
        model.codes,
        tuple(months),
        expected,
        np.sqrt(spread),
        np.maximum(variance, expected),
        model.freedom(shared=shared),
    )


def caution(freedom: np.ndarray, *, tail: float) -> np.ndarray:
    """
    Say by how much to widen a variance that was learnt from few differences.

    Parameters
    ----------
    freedom : ndarray of shape (n,)
    tail : float
        Chance beyond each limit.

    Returns
    -------
    ndarray of shape (n,)
        The squared ratio of Student's quantile to the normal one; 1 with many.
    """
    from scipy.special import ndtri, stdtrit

    return np.asarray((stdtrit(np.maximum(freedom, 2.0), 1 - tail) / ndtri(1 - tail)) ** 2)


def count_limits(mean: np.ndarray, variance: np.ndarray, *, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """
    Give the least and the greatest ordinary count: each tail beyond holds at most `tail`.

    Counts are whole, so limits are too: below the least lies less than `tail`,
    which a limit between two whole numbers does not keep where counts are small.

    Parameters
    ----------
    mean, variance : ndarray of shape (n,)
        Of a negative binomial; Poisson where the variance is no greater.
    tail : float

    Returns
    -------
    tuple of two float ndarrays of shape (n,)
    """
    from scipy.stats import nbinom

    form, scale = _gamma(mean, variance)
    share = 1 / (1 + scale)
    low, high = nbinom.ppf(tail, form, share), nbinom.ppf(1 - tail, form, share)
    nothing = mean <= 0
    return np.where(nothing, 0.0, low), np.where(nothing, 0.0, high)


def count_tail(count: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Give the chance of `count` or more, where the mean and the variance are these."""
    from scipy.special import betainc

    form, scale = _gamma(mean, variance)
    share = scale / (1 + scale)
    return np.where(count > 0, betainc(np.maximum(count, 1.0), form, share), 1.0)


def redraw_counts(total: np.ndarray, *, dispersion: np.ndarray | float, draws: int, seed: int) -> np.ndarray:
    """
    Draw what as long a period would bring to places of which only the totals are known.

    A place's rate is uncertain (gamma, from the total divided by its dispersion)
    and the later count varies around it as much again.

    Parameters
    ----------
    total : ndarray of shape (n,)
        Incidents at each place.
    dispersion : float or ndarray of shape (n,)
        Variance over mean; 1 is Poisson.
    draws, seed : int

    Returns
    -------
    ndarray of int, shape (draws, n)
    """
    over = np.maximum(np.broadcast_to(np.asarray(dispersion, dtype=float), np.shape(total)), 1.0)
    mean = np.asarray(total, dtype=float)
    form, scale = _gamma(mean, 2 * over * mean)
    rng = np.random.default_rng(seed)
    return np.asarray(rng.poisson(rng.standard_gamma(form, (draws, len(mean))) * scale))


def _gamma(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give shape and scale of the gamma distribution of rates behind counts of this mean and variance."""
    over = np.maximum(variance - mean, 1e-9 * np.maximum(mean, 1e-9))
    mean = np.maximum(mean, 1e-300)
    return mean**2 / over, over / mean


def _best_weights(
    model: CountModel, later_time: np.ndarray, later: np.ndarray, *, shared: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Weigh the months read so that the rate of the later ones is missed by least.

    Returns
    -------
    tuple of ndarray
        weights (rows x months, adding up to 1), and the relative variance of the
        miss that is due to chance in the months read, and to drift.
    """
    part, time = model.variation, _numbers(model.months)
    drift = part.factor * part.own_drift + (part.shared_drift if shared else 0.0)
    drift = drift[:, None, None]
    apart = np.abs(time[:, None] - time[None, :])
    ahead = np.abs(time[:, None] - later_time[None, :]) @ (later / later.sum())
    within = later @ np.abs(later_time[:, None] - later_time[None, :]) @ later / later.sum() ** 2
    noise = _month_noise(model, model.mean, shared=shared)
    # Ordinary kriging: any constant may be added, as the weights add up to 1.
    table = -drift * apart / 2 + np.eye(len(time)) * noise[:, None, :]
    table = table + (drift * apart.max(initial=1.0) / 2 + noise.max(axis=1)[:, None, None])
    target = (-drift[:, :, 0] * ahead / 2)[:, :, None]
    solved = np.linalg.solve(table, np.concatenate([np.ones_like(target), target], axis=2))
    one, aim = solved[:, :, 0], solved[:, :, 1]
    weights = aim + one * ((1 - aim.sum(axis=1)) / one.sum(axis=1))[:, None]
    reach = weights @ ahead - np.einsum("as,st,at->a", weights, apart, weights) / 2 - within / 2
    return weights, (weights**2 * noise).sum(axis=1), np.maximum(reach, 0.0) * drift[:, 0, 0]


def _month_noise(model: CountModel, mean: np.ndarray, *, shared: bool) -> np.ndarray:
    """Give the relative variance of each month's count around its rate, rows x months."""
    part = model.variation
    busy = np.maximum(mean, 1e-9)[:, None] * model.size
    own = part.factor[:, None] * ((1 + part.excess) / busy + part.own)
    return np.maximum(own + (part.shared if shared else 0.0), 1 / busy)


def _noise(model: CountModel, mean: np.ndarray, later: np.ndarray, *, shared: bool) -> np.ndarray:
    """Give the relative variance of the later period's count around its rate."""
    part = model.variation
    busy = np.maximum(mean, 1e-9) * later.sum()
    monthly = (later**2).sum() / later.sum() ** 2
    own = part.factor * ((1 + part.excess) / busy + part.own * monthly)
    return np.maximum(own + (part.shared * monthly if shared else 0.0), 1 / busy)


def _drawn_together(model: CountModel, rate: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join each row's own rate with the distribution of all rows' rates: mean and relative variance."""
    across = (-1,) + (1,) * (rate.ndim - 1)
    known = 1 / np.maximum(error * model.mean.reshape(across), 1e-12)
    prior = model.shape / np.maximum(model.centre.reshape(across), 1e-300)
    form, weight = rate * known + model.shape, known + prior
    return form / weight, 1 / form


def _shrunk_means(
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


def _season(
    city: np.ndarray, months: tuple[str, ...], time: np.ndarray
) -> tuple[np.ndarray, float, float, float]:
    """Fit the city's season and trend on the logarithm; none with fewer than 24 months or few incidents."""
    none = np.ones(12), 0.0, 0.0, 0.0
    calendar = time % 12
    if len(months) < FEWEST_FOR_SEASON or len(np.unique(calendar)) < 12 or city.min() <= 0:
        return none
    log = np.log(city / month_days(months))
    weight = np.sqrt(city / city.mean())
    design = np.column_stack([np.eye(12)[calendar], (time - time.mean()) / 12])
    solved, *_ = np.linalg.lstsq(design * weight[:, None], log * weight, rcond=None)
    freedom = len(city) - 13
    left = (log - design @ solved) * weight
    variance = float(left @ left) / freedom
    errors = np.sqrt(
        variance * np.diag(np.linalg.inv((design * weight[:, None]).T @ (design * weight[:, None])))
    )
    season = solved[:12] - solved[:12].mean()
    # Drawn towards none by as much as chance alone would scatter them (James and Stein).
    scatter = float(errors[:12].mean() ** 2)
    kept = max(0.0, 1 - scatter * 9 / max(float(season @ season), 1e-300))
    slope, slope_error = solved[12] / 12, errors[12] / 12
    slope *= slope**2 / (slope**2 + slope_error**2)
    return np.exp(kept * season), float(slope), float(np.sqrt(scatter)), float(slope_error)


def _sizes(months: Sequence[str], learnt: Sequence[str], season: np.ndarray, trend: float) -> np.ndarray:
    """Give days, season and trend of months; 1 for the mean month learnt from."""
    time, reference = _numbers(tuple(months)), _numbers(tuple(learnt))
    middle = reference.mean() if len(reference) else 0.0

    def raw(which: Sequence[str], number: np.ndarray) -> np.ndarray:
        return month_days(which) * season[number % 12] * np.exp(trend * (number - middle))

    scale = raw(learnt, reference).mean() if len(reference) else 1.0
    return np.asarray(raw(months, time) / scale)


def _numbers(months: tuple[str, ...]) -> np.ndarray:
    """Number months through, January of the year 0 being 0."""
    try:
        return np.array([12 * int(month[:4]) + int(month[5:7]) - 1 for month in months], dtype=int)
    except ValueError:
        raise ParameterError("A month is not written YYYY-MM, such as 2025-03.") from None


def month_days(months: Sequence[str]) -> np.ndarray:
    """Give the days of each month, shape (n_months,)."""
    first = np.array(list(months), dtype="datetime64[M]")
    return np.asarray((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(float)


def months_after(month: str, number: int, *, include: bool = False) -> list[str]:
    """Give the next months, YYYY-MM, in order; with `include` the month itself comes first."""
    start = np.datetime64(month, "M")
    return [str(start + step) for step in range(0 if include else 1, number + 1)]


def _checked(monthly: pd.DataFrame) -> np.ndarray:
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


def _check_chance(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise ParameterError(f"The {name} is {value}: give a figure between 0 and 1, such as 0.95.")
