"""
How many incidents a beat may see: negative binomial, as wide as earlier predictions were wrong.

A beat's rate is not known, and a month can be busy or quiet as a whole. Both
widen the Poisson distribution; by how much is learnt from beats that were
chosen, and predicted, at earlier months.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from hotspots.errors import ParameterError

#: Chance with which an interval is to hold the count.
LEVEL: Final = 0.95
#: Dispersions that are considered: nearly Poisson, and as wide as three times the mean.
LEAST, MOST = 1e-4, 10.0
#: Dispersion of a beat of which no earlier prediction is known: that of a count that often doubles or halves.
UNKNOWN: Final = 0.5
#: Part of an incident that puts beats with equal counts in order.
_LOT: Final = 1e-6
#: Fewest predicted beats that a dispersion is learnt from.
FEWEST: Final = 10


def fit_dispersion(expected: np.ndarray, observed: np.ndarray) -> float:
    """
    Learn the dispersion w of counts around their expectations: variance = m + w m2.

    Maximum likelihood of the negative binomial with the means held.

    Parameters
    ----------
    expected, observed : ndarray of shape (beats,)
        Of beats predicted at earlier months.

    Returns
    -------
    float
        0.5 where fewer than ten predictions are known.
    """
    known = expected > 0
    expected, observed = expected[known], observed[known]
    if len(expected) < FEWEST:
        return UNKNOWN

    def loss(log_w: float) -> float:
        return -float(_log_chance(observed, expected, float(np.exp(log_w))).sum())

    found = minimize_scalar(loss, bounds=(np.log(LEAST), np.log(MOST)), method="bounded")
    # further digits are those of the search, and may differ between machines
    return round(float(np.exp(found.x)), 4)


def predictive_interval(
    expected: np.ndarray, dispersion: float, *, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """
    Give the shortest run of counts whose chance is nearest to `level`.

    Small counts are lumpy: a beat that expects 0.2 incidents sees none with
    82 %, and none or one with 98 %. The run may hold a little more or less
    than 95 %, so that over many beats it is right on average; it always
    reaches up to the expectation.

    Parameters
    ----------
    expected : ndarray of shape (beats,)
        Incidents.
    dispersion : float
        From `fit_dispersion`.
    level : float, default 0.95

    Returns
    -------
    low, high : ndarray of int, shape (beats,)
        Both ends belong to the interval.

    Raises
    ------
    ParameterError
        If the level is not between 0 and 1, or an expectation is negative.
    """
    if not 0 < level < 1:
        raise ParameterError(f"A level of {level:g} is no chance: give one between 0 and 1, such as 0.95.")
    expected = np.asarray(expected, dtype=float)
    if not (np.isfinite(expected) & (expected >= 0)).all():
        raise ParameterError("An expectation is negative or not a number.")
    if not len(expected):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    most = float(expected.max())
    reach = int(most + 10 * np.sqrt(most + dispersion * most**2) + 20)
    chance = np.exp(_log_chance(np.arange(reach)[:, None], expected, dispersion))
    # one peak: the likeliest counts together are always a run
    order = np.argsort(-chance, axis=0, kind="stable")
    summed = np.cumsum(np.take_along_axis(chance, order, axis=0), axis=0)
    last = np.abs(summed - level).argmin(axis=0)
    taken = np.arange(reach)[:, None] <= last
    low, high = np.where(taken, order, reach).min(axis=0), np.where(taken, order, -1).max(axis=0)
    return low, np.maximum(high, np.ceil(expected).astype(int))


def chance_of_top(
    expected: np.ndarray,
    area: np.ndarray,
    dispersion: float,
    *,
    top: int,
    draws: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """
    Estimate for each beat the chance to be among the `top` with most incidents per area.

    Of the months to come, as the interval is: counts are drawn around the expectations as
    the dispersion allows, and equal ones are put in order by lot. Only the beats given compete.

    Parameters
    ----------
    expected, area : ndarray of shape (beats,)
    dispersion : float
        From `fit_dispersion`.
    top : int
        How many are the top.
    draws : int, default 1000
    seed : int, default 0

    Returns
    -------
    ndarray of shape (beats,)
        Between 0 and 1; they sum to `top`, or to the number of beats if that is smaller.
    """
    if len(expected) <= top:
        return np.ones(len(expected))
    rng = np.random.default_rng(seed)
    rates = rng.gamma(1 / dispersion, dispersion * np.asarray(expected), size=(draws, len(expected)))
    counts = rng.poisson(rates) + _LOT * rng.random(rates.shape)
    leaders = np.argsort(-counts / area, axis=1, kind="stable")[:, :top]
    return np.bincount(leaders.ravel(), minlength=len(expected)) / draws


def _log_chance(counts: np.ndarray, expected: np.ndarray, dispersion: float) -> np.ndarray:
    """Give the logarithm of the negative binomial chance of counts; mean 0 leaves only the count 0."""
    shape = 1 / dispersion
    mean = np.maximum(expected, 1e-300)
    busy = counts * (np.log(mean) - np.log(shape + mean)) - shape * np.log1p(mean / shape)
    return np.asarray(gammaln(counts + shape) - gammaln(shape) - gammaln(counts + 1) + busy)
