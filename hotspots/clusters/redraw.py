"""
What a later period may bring to each place, drawn from what the period read has brought.

A place that had five incidents will not have five again. Three things come
between: chance in the counts, the place's unknown rate (a place with five among
many with none is likelier one of luck than of rate), and that rates drift.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hotspots.months import halves

#: A drift beyond which rates would be drawn from next to nothing; no real data came near it.
MOST_DRIFT: Final = 0.9


def draw_later(total: np.ndarray, monthly: np.ndarray | None, *, draws: int, seed: int) -> np.ndarray:
    """
    Draw the incidents at each place in a later period of the same length.

    Gamma-Poisson: the rates of all known places come from one gamma
    distribution, whose mean and variance are matched to the counts; given its
    count a place has a gamma rate again; the rate drifts by a gamma factor of
    mean 1; the later count is Poisson.

    Parameters
    ----------
    total : ndarray of shape (n_places,)
        Incidents at each known place, also those with none.
    monthly : ndarray of shape (n_places, n_months), optional
        The same by month: tells how rates drift (`drift_between_halves`). No drift if not given.
    draws : int
        How many later periods.
    seed : int
        Of the draws.

    Returns
    -------
    ndarray of int, shape (draws, n_places)

    References
    ----------
    Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., sections 2.6 and 7.1 (predictive
    distributions). CRC Press.
    Efron, B. and Morris, C. (1973). Stein's estimation rule and its competitors: an empirical Bayes
    approach. Journal of the American Statistical Association 68, 117-130.
    """
    rng = np.random.default_rng(seed)
    mean, extra = float(total.mean()), float(total.var() - total.mean())
    if extra > 0:
        shape = mean**2 / extra
        rate = rng.gamma(total + shape, mean / (mean + shape), size=(draws, len(total)))
    else:
        # Counts that vary no more than Poisson counts tell of one rate everywhere.
        rate = np.full((draws, len(total)), mean)
    drift = 0.0 if monthly is None else drift_between_halves(monthly)
    if drift > 0:
        steady = (1 - drift) / drift / 2
        rate *= rng.gamma(steady, 1 / steady, size=rate.shape)
    return rng.poisson(rate)


def drift_between_halves(monthly: np.ndarray) -> float:
    """
    Estimate how much the shares of places move between the two halves of a period.

    The intra-class correlation of a beta-binomial, by moments: of a place's
    incidents each half would get its part of all incidents, give or take a
    binomial; what the places vary beyond that is drift. 0 is none.

    Parameters
    ----------
    monthly : ndarray of shape (n_places, n_months)

    Returns
    -------
    float
        From 0 to `MOST_DRIFT`; 0 where fewer than two months tell nothing.

    References
    ----------
    Williams, D. A. (1982). Extra-binomial variation in logistic linear models.
    Applied Statistics 31(2), 144-148.
    """
    before, after = (part.T.sum(axis=1).astype(float) for part in halves(monthly.T))
    both = before + after
    several = both > 1
    if not before.sum() or not after.sum() or not several.any():
        return 0.0
    part = before.sum() / both.sum()
    n = both[several]
    squares = (before[several] - n * part) ** 2 / (part * (1 - part))
    return float(np.clip((squares - n).sum() / (n * (n - 1)).sum(), 0.0, MOST_DRIFT))
