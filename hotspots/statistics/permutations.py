"""Conditional permutation tests of neighbour sums, with draws that all areas and themes share."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from hotspots.statistics.neighbours import Neighbours

# Sums of the same values in another order differ in the last bits; ties must
# still count as ties, or a permutation p-value becomes too small.
_TIE: Final = 1e-9


def permutation_p(
    values: np.ndarray, neighbours: Neighbours, permutations: int, seed: int, side: str
) -> np.ndarray:
    """
    Compare each area's sum over its neighbours with the sums over random areas.

    An area's own value stays; its neighbours are drawn from all other areas
    without replacement. All areas share one set of draws from n - 1 slots. For
    area i, slot i stands for the last area, so the running sums of the draws
    serve every area but for the draws that hit slot i: those get one correction.

    Parameters
    ----------
    values : ndarray of shape (n_areas,)
    neighbours : Neighbours
        Of the same areas.
    permutations : int
        At least 1.
    seed : int
    side : {"hot", "cold", "two-sided"}

    Returns
    -------
    ndarray of shape (n_areas,)
        p-values; the observed sum counts as one of the draws, so none is 0. They
        are 1 for an area without neighbours.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association - LISA.
    Geographical Analysis 27(2), 93-115.
    """
    n, degree = len(values), neighbours.counts
    most = int(degree.max(initial=0))
    if n < 3 or most == 0:
        return np.ones(n)
    drawn, place, draw, bounds = _shared_draws(n - 1, most, permutations, seed)
    sums = np.zeros((most + 1, permutations))
    np.cumsum(values[drawn], axis=0, out=sums[1:])
    observed = neighbours.matrix @ values
    slack = _TIE * (1.0 + np.abs(observed))
    p = np.empty(n)
    low, high = observed - slack, observed + slack
    for area in range(n):
        simulated = sums[degree[area]]
        hits = slice(bounds[area], bounds[area + 1])
        wrong = simulated[draw[hits][place[hits] < degree[area]]]
        right = wrong + (values[-1] - values[area])
        p[area] = _tail_share((simulated, wrong, right), low[area], high[area], side)
    return p


def _tail_share(sums: tuple[np.ndarray, ...], low: float, high: float, side: str) -> float:
    """
    Return the p-value of one area; the observed sum counts as one of the draws.

    The sums are those simulated, the ones among them that are wrong for this area, and the right ones
    that are counted in their place.
    """
    every, wrong, right = sums
    count = np.count_nonzero
    at_least = (1 + count(every >= low) - count(wrong >= low) + count(right >= low)) / (len(every) + 1)
    if side == "hot":
        return at_least
    at_most = (1 + count(every <= high) - count(wrong <= high) + count(right <= high)) / (len(every) + 1)
    return at_most if side == "cold" else min(1.0, 2 * min(at_least, at_most))


@lru_cache(maxsize=4)
def _shared_draws(n: int, k: int, permutations: int, seed: int) -> tuple[np.ndarray, ...]:
    """
    Draw k of n slots without replacement, in random order, many times.

    Floyd's algorithm, one step for all draws at once; the final shuffle makes
    the first j rows a fair draw of j for every j. Kept for the next theme, which
    has the same areas.

    Returns
    -------
    tuple
        The slots drawn, shape (k, permutations); the rows and the columns where
        each slot was drawn, slot after slot; and where each slot's part begins.
    """
    rng = np.random.default_rng(seed)
    chosen = np.empty((permutations, k), dtype=np.int32)
    for column, last in enumerate(range(n - k, n)):
        slot = rng.integers(0, last + 1, size=permutations, dtype=np.int32)
        taken = (chosen[:, :column] == slot[:, None]).any(axis=1)
        chosen[:, column] = np.where(taken, last, slot)
    rng.permuted(chosen, axis=1, out=chosen)
    drawn = np.ascontiguousarray(chosen.T)
    order = np.argsort(drawn, axis=None, kind="stable")
    place, draw = np.divmod(order, permutations)
    bounds = np.searchsorted(drawn.ravel()[order], np.arange(n + 2))
    for array in (drawn, place, draw, bounds):
        array.flags.writeable = False
    return drawn, place, draw, bounds
