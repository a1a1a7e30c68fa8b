"""Rates of areas when counts are small: a Gamma-Poisson model, its means and its draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import gammaln

# Standard deviation of the areas' rates relative to their mean: from "all alike"
# to "a few areas hold everything". The grid is finer where cities lie.
_SPREAD: Final = np.concatenate([np.linspace(0.01, 1.0, 34), np.linspace(1.05, 4.0, 30)])
#: Fewer incidents than this in all areas together are neither ranked nor tested.
FEWEST_INCIDENTS: Final = 10


@dataclass(frozen=True, eq=False)
class RateModel:
    """
    What counts say about the rates behind them.

    Attributes
    ----------
    count, exposure : ndarray of shape (n_areas,)
    chance : ndarray of shape (n_spreads,)
        How likely each spread between areas is, given the counts; adds up to 1.
    shape : ndarray of shape (n_spreads, 1)
        Shape of the gamma distribution of rates at each spread.
    mean : ndarray of shape (n_spreads, 1)
        The most likely mean rate at each spread.
    mean_error : ndarray of shape (n_spreads,)
        Standard error of its logarithm.
    """

    count: np.ndarray
    exposure: np.ndarray
    chance: np.ndarray
    shape: np.ndarray
    mean: np.ndarray
    mean_error: np.ndarray

    def shrunk_rates(self) -> np.ndarray:
        """Return the posterior mean rate of each area, shape (n_areas,)."""
        at_each = (self.count + self.shape) / (self.exposure + self.shape / self.mean)
        return np.asarray(self.chance @ at_each)

    def draw(self, draws: int, *, seed: int) -> np.ndarray:
        """Draw the rates of all areas together, shape (draws, n_areas)."""
        rng = np.random.default_rng(seed)
        pick = rng.choice(len(self.chance), size=draws, p=self.chance)
        mean = self.mean[pick, 0] * np.exp(self.mean_error[pick] * rng.standard_normal(draws))
        shape = self.shape[pick]
        gamma = rng.standard_gamma(self.count + shape)
        return np.asarray(gamma / (self.exposure + shape / mean[:, None]))


def few_incidents(total: float, needed: int = FEWEST_INCIDENTS) -> str:
    """Say that there are too few incidents for a statement about areas, or nothing."""
    return f"too few incidents ({total:.0f}; {needed} needed)" if total < needed else ""


def fit_rates(count: np.ndarray, exposure: np.ndarray) -> RateModel:
    """
    Learn from the areas themselves how much their rates differ.

    Rates follow a gamma distribution, counts are Poisson. The spread between
    areas is integrated over a grid by its marginal likelihood (negative
    binomial, flat in the relative standard deviation) instead of being fixed at
    one estimate: with 18 wards one estimate is often zero, which would rank
    areas with a certainty that nobody has.

    Parameters
    ----------
    count : ndarray of shape (n_areas,)
        Incidents, at least one in all.
    exposure : ndarray of shape (n_areas,)
        Residents, households or km2; above zero.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized
    relative risks. Biometrics 43(3), 671-681.
    """
    shape = 1.0 / _SPREAD[:, None] ** 2
    mean = _mean_rates(count, exposure, shape)
    expected = mean * exposure
    over = expected / shape
    # log1p keeps its digits where the spread is small and `over` close to zero.
    log_likelihood = (
        gammaln(count + shape)
        - gammaln(shape)
        - count * np.log(shape)
        + count * np.log(expected)
        - (shape + count) * np.log1p(over)
    ).sum(axis=1)
    chance = np.exp(log_likelihood - log_likelihood.max()) * np.gradient(_SPREAD)
    error = 1.0 / np.sqrt((expected / (1.0 + over)).sum(axis=1))
    return RateModel(count, exposure, chance / chance.sum(), shape, mean, error)


def rank_chances(scores: np.ndarray) -> np.ndarray:
    """
    Count how often each area takes each place.

    Parameters
    ----------
    scores : ndarray of shape (draws, n_areas)
        The highest of a draw takes the first place.

    Returns
    -------
    ndarray of shape (n_areas, n_areas)
        Share of the draws in which the area (row) takes the place (column).
    """
    draws, n = scores.shape
    cells = np.argsort(-scores, axis=1)
    cells *= n
    cells += np.arange(n)
    return np.bincount(cells.ravel(), minlength=n * n).reshape(n, n) / draws


def rank_interval(chances: np.ndarray, *, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """
    Give the lowest and highest rank of each area, leaving out equal shares at both ends.

    Parameters
    ----------
    chances : ndarray of shape (n_areas, n_areas)
        From `rank_chances`.
    confidence : float, default 0.95

    Returns
    -------
    tuple of two float ndarrays of shape (n_areas,)
    """
    tail = (1 - confidence) / 2
    low = 1 + np.argmax(chances.cumsum(axis=1) > tail, axis=1)
    high = chances.shape[1] - np.argmax(chances[:, ::-1].cumsum(axis=1) > tail, axis=1)
    return low.astype(float), high.astype(float)


def _mean_rates(count: np.ndarray, exposure: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Solve the likelihood equation of the mean at each spread, shape (n_spreads, 1)."""
    mean = np.full(shape.shape, count.sum() / exposure.sum())
    for _ in range(50):
        weight = 1.0 / (1.0 + mean * exposure / shape)
        closer = ((weight @ count) / (weight @ exposure))[:, None]
        if (np.abs(closer - mean) <= 1e-6 * mean).all():
            break
        mean = closer
    return closer
