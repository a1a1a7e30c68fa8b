"""What later months may bring: expected counts, ranges, chances and draws, from one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.statistics._laws import caution, count_limits, count_tail, gamma_behind
from hotspots.statistics._season import month_numbers
from hotspots.statistics.predictive import CountModel

# Where no tail is asked for, variances are widened as for a range of 95 %.
_USUAL_TAIL: Final = 0.025


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
        low, high = self.limits(confidence=confidence)
        return pd.DataFrame({"expected": self.mean, "low": low, "high": high}, index=self.codes)

    def limits(self, *, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Give the low and the high end of `range`, row by row."""
        _check_chance(confidence, "confidence")
        tail = (1 - confidence) / 2
        return count_limits(self.mean, self.variance * caution(self.freedom, tail=tail), tail=tail)

    def beside_others(self, observed: np.ndarray) -> Forecast:
        """
        Expect of each row what the others suggest: if they have half as many again, so does it.

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
        form, scale = gamma_behind(self.mean, self.variance * wider)
        return np.asarray(rng.poisson(rng.standard_gamma(form, shape) * scale))


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
    weights, error, drift = _best_weights(model, month_numbers(months), later, shared=shared)
    rate = np.einsum("am,am->a", weights, model.count / model.size)
    mean, spread = model.drawn_together(np.maximum(rate, 0.0), error)
    # What a rate drifts by later is no error of what was counted: it does not draw a row to the others.
    spread = spread + drift
    if shared:
        ahead = np.abs(month_numbers(months).mean() - month_numbers(model.months).mean())
        spread = spread + model.season.factor_error**2 + (model.season.trend_error * ahead) ** 2
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
    form, scale = gamma_behind(mean, 2 * over * mean)
    rng = np.random.default_rng(seed)
    return np.asarray(rng.poisson(rng.standard_gamma(form, (draws, len(mean))) * scale))


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
    part, time = model.variation, month_numbers(model.months)
    drift = part.factor * part.own_drift + (part.shared_drift if shared else 0.0)
    drift = drift[:, None, None]
    apart = np.abs(time[:, None] - time[None, :])
    ahead = np.abs(time[:, None] - later_time[None, :]) @ (later / later.sum())
    within = later @ np.abs(later_time[:, None] - later_time[None, :]) @ later / later.sum() ** 2
    noise = model.month_noise(shared=shared)
    # Ordinary kriging: any constant may be added, as the weights add up to 1.
    table = -drift * apart / 2 + np.eye(len(time)) * noise[:, None, :]
    table = table + (drift * apart.max(initial=1.0) / 2 + noise.max(axis=1)[:, None, None])
    target = (-drift[:, :, 0] * ahead / 2)[:, :, None]
    solved = np.linalg.solve(table, np.concatenate([np.ones_like(target), target], axis=2))
    one, aim = solved[:, :, 0], solved[:, :, 1]
    weights = aim + one * ((1 - aim.sum(axis=1)) / one.sum(axis=1))[:, None]
    reach = weights @ ahead - np.einsum("as,st,at->a", weights, apart, weights) / 2 - within / 2
    return weights, (weights**2 * noise).sum(axis=1), np.maximum(reach, 0.0) * drift[:, 0, 0]


def _noise(model: CountModel, mean: np.ndarray, later: np.ndarray, *, shared: bool) -> np.ndarray:
    """Give the relative variance of the later period's count around its rate."""
    part = model.variation
    busy = np.maximum(mean, 1e-9) * later.sum()
    monthly = (later**2).sum() / later.sum() ** 2
    own = part.factor * ((1 + part.excess) / busy + part.own * monthly)
    return np.maximum(own + (part.shared * monthly if shared else 0.0), 1 / busy)


def _check_chance(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise ParameterError(f"The {name} is {value}: give a figure between 0 and 1, such as 0.95.")
