"""
Counts drawn towards what the neighbourhood and all crime lead one to expect.

A rare theme has none or one incident at most places; what else happens there,
and what happens around it, says more than that one incident. How far to
believe it is learnt from months already known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from scipy.special import gammaln

from hotspots.targeting.history import History

#: Metres: radii of the quartic kernel that are tried.
RADII: Final = (200.0, 300.0, 400.0)
#: Months of counting that the prior may be worth.
STRENGTHS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
#: The last months known are predicted, each from those before it, to choose among these.
LEARNING_MONTHS: Final = 3
#: A place where nothing was ever recorded nearby is improbable, not impossible.
_LEAST: Final = 1e-7


@dataclass(frozen=True)
class Shrinkage:
    """
    How counts are drawn to the prior.

    Attributes
    ----------
    radius : float
        Metres: of the quartic kernel over the theme's incidents.
    strength : float
        Months of counting that the prior is worth.
    """

    radius: float
    strength: float


def shrunk_rate(history: History) -> np.ndarray:
    """
    Shrink the counts to a prior: (count + k prior) / (months + k).

    The prior is the geometric mean of the theme's kernel density and the rate
    of all incidents at the place, scaled to the theme's incidents a month.
    Radius and k are learnt with `learn_shrinkage`.

    Returns
    -------
    ndarray of shape (places,)
        Incidents a month.
    """
    chosen = learn_shrinkage(history)
    prior = prior_rate(history, radius=chosen.radius)
    months = len(history.months)
    return (history.counts.sum(axis=1) + chosen.strength * prior) / (months + chosen.strength)


def prior_rate(history: History, *, radius: float) -> np.ndarray:
    """Give the geometric mean of the theme's density around a place and of all that is recorded at it."""
    around = history.near.kernel(radius) @ history.rate
    mean = np.sqrt(around * history.rate_of_all)
    total = mean.sum()
    return mean * (history.rate.sum() / total) if total > 0 else mean


def learn_shrinkage(history: History) -> Shrinkage:
    """
    Choose radius and strength by how well the last months known are predicted from those before.

    A place's rate is taken as Gamma distributed around the prior, so a
    month's count is negative binomial; the pair of largest likelihood wins,
    the smaller radius and strength on a tie. How many incidents the city had
    in that month is taken as known: the prior says where, not how many.

    Returns
    -------
    Shrinkage
        The middle of the ladder with fewer than two months, or without an incident.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical
    Bayes estimators. Applied Statistics 40(2), 283-294.
    """
    known = len(history.months)
    likelihood = np.zeros((len(RADII), len(STRENGTHS)))
    for month in range(max(known - LEARNING_MONTHS, 1), known):
        earlier, observed = history.before(month), history.counts[:, month]
        if earlier.counts.sum() > 0 and observed.sum() > 0:
            likelihood += earlier.once("likelihoods", partial(_over_radii, earlier, observed))
    if not likelihood.any():
        return Shrinkage(RADII[len(RADII) // 2], STRENGTHS[len(STRENGTHS) // 2])
    radius, strength = np.unravel_index(likelihood.argmax(), likelihood.shape)
    return Shrinkage(RADII[radius], STRENGTHS[strength])


def _over_radii(earlier: History, observed: np.ndarray) -> np.ndarray:
    return np.array([_likelihoods(earlier, observed, radius) for radius in RADII])


def _likelihoods(earlier: History, observed: np.ndarray, radius: float) -> np.ndarray:
    """
    Give the log-likelihood of a month's counts for each strength, up to what all share.

    With a Gamma rate of shape a and rate b over an exposure s, a count y has the
    probability G(y + a) / (G(a) y!) (b / (b + s))^a (s / (b + s))^y.
    """
    strengths, months = np.array(STRENGTHS), len(earlier.months)
    prior = prior_rate(earlier, radius=radius) + _LEAST
    total = earlier.counts.sum(axis=1)
    exposure = observed.sum() / earlier.rate.sum()
    b = strengths + months
    # most places have none of a rare theme: only the others need the Gamma function
    held = observed > 0
    shape = strengths[:, None] * prior[held] + total[held]
    gammas = (gammaln(observed[held] + shape) - gammaln(shape)).sum(axis=1)
    none = (strengths * prior.sum() + total.sum()) * np.log(b / (b + exposure))
    return np.asarray(gammas + none + observed.sum() * np.log(exposure / (b + exposure)))
