"""Whether chance explains that a count of one period differs from that of another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

#: With fewer areas than this, how much counts vary is itself a matter of chance.
FEWEST_AREAS: Final = 6
#: Steps from month to month from which on it is learnt how the city's months differ.
FEWEST_STEPS: Final = 2
#: Rounds of reweighting; the parts settle to three digits in four or five.
_ROUNDS: Final = 6


@dataclass(frozen=True)
class Spread:
    """
    How much more counts of two periods vary around the change of all than Poisson counts would.

    Attributes
    ----------
    excess, own : float
        The variance is `1 + excess + own * total` times the Poisson one, where `total`
        is the sum of both counts: busy areas vary the more. NaN where not known.
    cover : ndarray of shape (2, 2)
        Covariance of both, were the variance of each squared difference known.
    reach : (float, float)
        The least and the greatest sum that it was learnt from.
    freedom : int
        Areas that it was learnt from, less one.
    shared, shared_freedom : float
        Like `own`, of what moves the whole city from month to month, and what that was learnt from.
    """

    excess: float
    own: float
    cover: np.ndarray
    reach: tuple[float, float]
    freedom: int
    shared: float = 0.0
    shared_freedom: float = 1.0

    def of(self, total: np.ndarray) -> np.ndarray:
        """Give the dispersion of counts with this sum; 1 is Poisson."""
        return np.asarray(1 + self.excess + (self.own + self.shared) * total)

    def freedom_of(self, total: np.ndarray) -> np.ndarray:
        """Give the degrees of freedom behind it (Satterthwaite 1946): few where few are as busy."""
        # Beyond all others nothing tells more, nor less, than at the end of their range.
        near = np.clip(total, *self.reach)
        row = np.stack([np.ones_like(near), near])
        error = np.einsum("in,ij,jn->n", row, self.cover, row)
        alone, common = 1 + self.excess + self.own * near, self.shared * near
        few = 1 / np.clip(2 * alone**2 / np.maximum(error, 1e-300), 1.0, max(self.freedom, 1))
        return np.asarray((alone + common) ** 2 / (alone**2 * few + common**2 / self.shared_freedom))


UNKNOWN: Final = Spread(np.nan, np.nan, np.full((2, 2), np.nan), (0.0, 0.0), 0)


def learn_spread(before: np.ndarray, after: np.ndarray, *, without: int | None = None) -> Spread:
    """
    Learn how much areas vary around the change of all of them.

    The squared differences over the Poisson ones are fitted by a part that is the same
    everywhere and one that grows with the count (weighted, none below zero).

    Parameters
    ----------
    before, after : ndarray of shape (n,)
        Counts of the same areas in two periods; NaN where withheld.
    without : int, optional
        An area to leave out, so that it is not held to its own change.

    Returns
    -------
    Spread
        `UNKNOWN` with fewer than 6 areas whose counts are known.

    References
    ----------
    Ver Hoef, J. M. and Boveng, P. L. (2007). Quasi-Poisson vs. negative binomial
    regression. Ecology 88(11), 2766-2772.
    """
    total = before + after
    known = total > 0
    if without is not None:
        known[without] = False
    share, number = after[known].sum() / max(total[known].sum(), 1.0), int(known.sum())
    if number < FEWEST_AREAS or not 0 < share < 1:
        return UNKNOWN
    total, after = total[known], after[known]
    ratio = (after - share * total) ** 2 / (share * (1 - share) * total) * number / (number - 1)
    parts, found = np.stack([np.ones(number), total]), np.zeros(2)
    for _ in range(_ROUNDS):
        # A squared difference varies by twice its square, and more where counts are few.
        variance = 2 * (1 + found @ parts) ** 2 + 1 / total
        found = _not_below_zero(parts / np.sqrt(variance), (ratio - 1) / np.sqrt(variance))
    cover = np.linalg.pinv((parts / variance) @ parts.T, hermitian=True)
    reach = float(total.min()), float(total.max())
    return Spread(float(found[0]), float(found[1]), cover, reach, number - 1)


def _not_below_zero(parts: np.ndarray, values: np.ndarray) -> np.ndarray:
    from scipy.optimize import nnls

    scale = np.sqrt((parts**2).sum(axis=1))
    return np.asarray(nnls((parts / scale[:, None]).T, values)[0] / scale)


def with_city(spread: Spread, steps: np.ndarray, months: tuple[int, int]) -> Spread:
    """
    Add what the months of the whole city differ by, which no comparison of its areas shows.

    Each month is set against the one before, so that seasons and slow moves count little.

    Parameters
    ----------
    spread : Spread
    steps : ndarray of shape (n_steps,)
        From a month of a folder to its next, relative to their mean: incidents a day of all areas
        of which both are known.
    months : (int, int)
        How many there are of each folder.

    Returns
    -------
    Spread
        `UNKNOWN` where the steps are too few to tell: then no count can be judged.
    """
    if len(steps) < FEWEST_STEPS:
        return UNKNOWN
    share = months[1] / sum(months)
    varies = float((steps**2).mean()) / 2 * (1 / months[0] + 1 / months[1])
    # Steps that follow each other share a month: three tell as much as two.
    return replace(spread, shared=share * (1 - share) * varies, shared_freedom=len(steps) * 2 / 3)


def chance(
    before: np.ndarray, after: np.ndarray, *, share: float, spread: np.ndarray, base: int, freedom: np.ndarray
) -> np.ndarray:
    """
    Give the chance of a difference at least this large if nothing had changed.

    Given the sum of the two counts, the later is expected to hold its share of
    the days. Its variance is that of a binomial times the dispersion, and that
    which rounding adds to both counts.

    Parameters
    ----------
    before, after : ndarray of shape (n,)
        Counts; NaN where withheld.
    share : float
        Days of the later period over those of both.
    spread, freedom : ndarray of shape (n,)
        The dispersion and its degrees of freedom, from a `Spread`; NaN where unknown.
    base : int
        Multiple to which counts were rounded; 1 for exact ones.

    Returns
    -------
    ndarray of shape (n,)
        NaN where a count is withheld, or the dispersion unknown.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, section
    4.5 (over-dispersion). Chapman and Hall.
    """
    from scipy.stats import t

    total = before + after
    # A count rounded to a multiple of b is off by up to b/2 either way, evenly.
    rounding = (share**2 + (1 - share) ** 2) * (base**2 - 1) / 12
    variance = spread * share * (1 - share) * total + rounding
    distance = np.abs(after - share * total)
    score = np.divide(distance, np.sqrt(variance), out=np.zeros_like(distance), where=variance > 0)
    return np.where(np.isnan(total * spread), np.nan, np.minimum(1.0, 2 * t.sf(score, freedom)))
