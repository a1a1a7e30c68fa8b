"""
Classes and colours of the maps.

Five classes by Fisher and Jenks: neighbouring areas look alike where they are
alike. The palettes are ColorBrewer's; none of them is red.

References
----------
Fisher, W. D. (1958). On grouping for maximum homogeneity. JASA 53, 789-798.
Harrower, M., Brewer, C. A. (2003). ColorBrewer.org. The Cartographic Journal 40(1).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from hotspots.errors import ParameterError

CLASSES: Final = 5
#: ColorBrewer GnBu: light is low, dark is high.
AREA_COLOURS: Final = ("#e0f3db", "#a8ddb5", "#7bccc4", "#43a2ca", "#0868ac")
#: ColorBrewer Purples, for density bands 1 (widest) to 5 (densest).
BAND_COLOURS: Final = ("#dadaeb", "#bcbddc", "#9e9ac8", "#756bb1", "#54278f")
#: ColorBrewer PuOr: green-blue would say "good"; violet fell, orange-brown rose.
CHANGE_COLOURS: Final = ("#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#b35806")
#: Ratios beyond which a clear change is a strong one.
CHANGE_BREAKS: Final = (0.75, 1.25)


def fisher_jenks(
    values: ArrayLike, *, classes: int = CLASSES, weights: ArrayLike | None = None
) -> np.ndarray:
    """
    Cut values into classes with the least spread inside them.

    Exact (dynamic programming over the distinct values), so the cost grows
    with the square of their number: round first where there are thousands.

    Parameters
    ----------
    values : array_like of float
        Without missing values.
    classes : int, default 5
        Classes wanted; fewer come back where there are fewer distinct values.
    weights : array_like of float, optional
        How often each value occurs; once unless given.

    Returns
    -------
    ndarray of float
        The largest value of each class, ascending.

    Raises
    ------
    ParameterError
        If `classes` is below one or a value is missing.

    References
    ----------
    Fisher (1958).
    """
    given = np.asarray(values, float).ravel()
    if classes < 1:
        raise ParameterError(f"classes is {classes}: give at least 1.")
    if np.isnan(given).any():
        raise ParameterError("values hold a missing number: leave it out before classing.")
    if given.size == 0:
        return np.empty(0)
    counts = np.ones(given.size) if weights is None else np.asarray(weights, float).ravel()
    distinct, place = np.unique(given, return_inverse=True)
    weight = np.bincount(place, weights=counts)
    if distinct.size <= classes:
        return distinct
    return distinct[_last_of_class(_spread(distinct, weight), classes)]


def _spread(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum of squared deviations of values i..j, infinite where i > j."""
    # Centring keeps the differences of large sums from losing digits.
    centred = values - np.average(values, weights=weight)
    total, first, second = (
        np.concatenate([[0.0], np.cumsum(weight * centred**power)]) for power in (0, 1, 2)
    )
    below = np.tri(values.size, dtype=bool).T
    mass = np.where(below, _between(total), 1.0)
    spread = _between(second) - _between(first) ** 2 / mass
    return np.where(below, np.maximum(spread, 0.0), np.inf)


def _between(sums: np.ndarray) -> np.ndarray:
    """Give what lies in values i..j, from the sums up to each."""
    return sums[None, 1:] - sums[:-1, None]


def _last_of_class(spread: np.ndarray, classes: int) -> list[int]:
    best = spread[0]
    starts = []
    for _ in range(1, classes):
        # cost[i, j]: everything before i in the earlier classes, i..j in this one.
        cost = np.concatenate([[np.inf], best[:-1]])[:, None] + spread
        starts.append(cost.argmin(axis=0))
        best = cost.min(axis=0)
    ends = [spread.shape[0] - 1]
    for start in reversed(starts):
        ends.append(int(start[ends[-1]]) - 1)
    return ends[::-1]


def class_breaks(values: ArrayLike, *, classes: int = CLASSES) -> list[float]:
    """
    Upper bounds of map classes, rounded up to two digits that people can read.

    Zero and missing values have looks of their own and take no part.

    Parameters
    ----------
    values : array_like of float
        Counts or rates of all areas and months that will be compared.
    classes : int, default 5
        Most classes wanted.

    Returns
    -------
    list of float
        Ascending; empty where nothing is above zero.
    """
    given = np.asarray(values, float).ravel()
    positive = given[np.isfinite(given) & (given > 0)]
    rounded, occurs = np.unique(round_up(positive), return_counts=True)
    return [float(f"{edge:.2g}") for edge in fisher_jenks(rounded, classes=classes, weights=occurs)]


def round_up(values: ArrayLike, *, digits: int = 2) -> np.ndarray:
    """Round positive numbers up to so many significant digits."""
    given = np.asarray(values, float)
    step = 10.0 ** (np.floor(np.log10(given)) + 1 - digits)
    # A hair less, or 0.3 / 0.1 would be rounded up to 0.4.
    return np.ceil(given / step - 1e-9) * step
