"""Whether chance explains that a count of one period differs from that of another."""

from __future__ import annotations

from typing import Final

import numpy as np

#: With fewer areas than this, how much counts vary is itself a matter of chance.
FEWEST_AREAS: Final = 6


def dispersion(before: np.ndarray, after: np.ndarray) -> float:
    """
    Say how much more areas vary around the change of all of them than Poisson counts would.

    Parameters
    ----------
    before, after : ndarray of shape (n,)
        Counts of the same areas in two periods; NaN where withheld.

    Returns
    -------
    float
        Pearson's chi-squared over its degrees of freedom, at least 1; NaN with fewer than
        6 areas whose counts are known.
    """
    total = before + after
    known = total > 0
    share = after[known].sum() / max(total[known].sum(), 1.0)
    if known.sum() < FEWEST_AREAS or not 0 < share < 1:
        return float("nan")
    squares = (after - share * total)[known] ** 2 / (share * (1 - share) * total[known])
    return max(1.0, float(squares.sum()) / (int(known.sum()) - 1))


def chance(
    before: np.ndarray, after: np.ndarray, *, share: float, spread: float, base: int, freedom: int
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
    spread : float
        From `dispersion`; NaN where unknown.
    base : int
        Multiple to which counts were rounded; 1 for exact ones.
    freedom : int
        Areas behind the dispersion, less one.

    Returns
    -------
    ndarray of shape (n,)
        NaN where a count is withheld, or the dispersion unknown.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, section
    4.5 (over-dispersion). Chapman and Hall.
    """
    if not np.isfinite(spread) or freedom < 1:
        return np.full(len(before), np.nan)
    from scipy.stats import t

    total = before + after
    # A count rounded to a multiple of b is off by up to b/2 either way, evenly.
    rounding = (share**2 + (1 - share) ** 2) * (base**2 - 1) / 12
    variance = spread * share * (1 - share) * total + rounding
    distance = np.abs(after - share * total)
    score = np.divide(distance, np.sqrt(variance), out=np.zeros_like(distance), where=variance > 0)
    return np.where(np.isnan(total), np.nan, np.minimum(1.0, 2 * t.sf(score, freedom)))
