"""How eps and min_samples are chosen from the places and said with their reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
from scipy.spatial import cKDTree
from scipy.special import pdtrc

from hotspots.clusters.graph import Spots, check_options, distinct_spots, grow_clusters, within
from hotspots.places import check_weights, coordinates
from hotspots.text import counted

#: Metres. The map points of police.uk lie about 90 m apart: a shorter reach finds the points themselves.
EPS_FLOOR: Final = 150.0
#: Metres. Beyond this a cluster joins places that do not see each other.
EPS_CEILING: Final = 300.0
#: Fewest distinct places of a cluster: one map point is not an area.
MIN_PLACES: Final = 3
#: Times the average density that makes a place dense; the next is tried while one cluster swallows the city.
DENSE: Final = (3, 4, 5, 6, 8)
#: Chance that incidents dealt at random to the places make a core anywhere.
CHANCE: Final = 0.05


@dataclass(frozen=True)
class ClusterParameters:
    """
    What makes a cluster, chosen from the data.

    Attributes
    ----------
    eps : float or None
        Metres within which places reach each other; None where there is too little to cluster.
    min_samples : int or None
        Incidents within reach of a place that make it a core, its own included.
    min_places : int
        Fewest distinct places of a cluster.
    reason : str
        Why these values, in words.
    """

    eps: float | None
    min_samples: int | None
    min_places: int
    reason: str


def choose_parameters(
    places: gpd.GeoDataFrame, *, weights: np.ndarray | None = None, min_places: int = MIN_PLACES
) -> ClusterParameters:
    """
    Choose eps and min_samples from the data, with the reason.

    `eps` is 150 m, or more where places are so sparse that half of them would
    not reach two others. `min_samples` is so many that incidents dealt at
    random to all the places would make a core anywhere in fewer than one of
    twenty cities, and at least three times what they would put within reach
    of a place on average. While one cluster holds more than a tenth of all
    places, more times the average is asked for, up to eight. No result is
    looked up: every figure comes from the places given.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700 with `n`. Give all known places, also those
        with weight 0: they tell where an incident could have been.
    weights : ndarray of shape (len(places),), optional
        Incidents at each place instead of `n`.
    min_places : int, default 3
        Fewest distinct places of a cluster.

    Returns
    -------
    ClusterParameters
        With `eps` and `min_samples` None if incidents lie on fewer than `min_places` places.

    Raises
    ------
    ParameterError
        If `min_places` is below one or the weights do not fit the places.
    """
    check_options(EPS_FLOOR, 1, min_places)
    given = check_weights(places, weights)
    spots = distinct_spots(coordinates(places))
    total = spots.add_up(given)
    occupied = int((total > 0).sum())
    if occupied < max(min_places, 1):
        reason = (
            f"Too few: {counted(total.sum(), 'incident')} at {counted(occupied, 'place')}; "
            f"a cluster takes at least {counted(min_places, 'place')}."
        )
        return ClusterParameters(None, None, min_places, reason)
    eps, why_eps = _choose_eps(spots.xy)
    min_samples, why_samples = _choose_min_samples(spots, total, eps=eps, min_places=min_places)
    return ClusterParameters(eps, min_samples, min_places, f"{why_eps} {why_samples}")


def _choose_eps(xy: np.ndarray) -> tuple[float, str]:
    """Choose the distance from the spacing of the places: the floor, or what half of them need."""
    if len(xy) < 3:
        return EPS_FLOOR, f"eps {EPS_FLOOR:g} m: the least, for too few places tell of their spacing."
    second = float(np.median(cKDTree(xy).query(xy, 3)[0][:, 2]))
    eps = min(max(EPS_FLOOR, math.ceil(second / 10) * 10.0), EPS_CEILING)
    spacing = f"half of {counted(len(xy), 'place')} have two others within {second:.0f} m"
    if eps == EPS_FLOOR:
        return eps, f"eps {eps:g} m: from one place to the next, not across a hot spot; {spacing}."
    if eps == EPS_CEILING:
        return eps, f"eps {eps:g} m: the most from one place to the next; {spacing}."
    return eps, f"eps {eps:g} m: places are sparse; {spacing}."


def _choose_min_samples(spots: Spots, total: np.ndarray, *, eps: float, min_places: int) -> tuple[int, str]:
    """Choose the count: above chance, well above the average, and no cluster that swallows the city."""
    reach = within(spots.xy, eps)
    near = reach.totals(np.ones((1, len(spots))))[0]
    dealt = near * total.sum() / len(spots)
    average, chance = float(dealt.mean()), _beyond_chance(dealt)
    most_places = max(len(spots) / 10, 10)
    for times in DENSE:
        min_samples = max(min_places, chance, math.ceil(times * average))
        grown = grow_clusters(reach, total[None], min_samples=min_samples, min_places=min_places)[0]
        if np.bincount(grown[grown >= 0], minlength=1).max() <= most_places:
            break
    reason = (
        f"min_samples {min_samples:,}: dealt at random to the {counted(len(spots), 'place')}, "
        f"{counted(total.sum(), 'incident')} put {average:,.1f} within {eps:g} m of one on average, and "
        f"{chance:,} anywhere in fewer than 1 of {1 / CHANCE:.0f} cities; "
        f"dense is at least {times} times the average."
    )
    return min_samples, reason


def _beyond_chance(expected: np.ndarray) -> int:
    """Return the smallest count that Poisson counts with these means reach with less than `CHANCE` in all."""
    means, places = np.unique(expected, return_counts=True)
    # A count up to its mean is reached half the time, so the answer lies above the largest mean.
    count = max(math.floor(means[-1]), 1)
    # pdtrc(k, mean) is the chance of more than k; summed over the places it bounds that of any.
    while pdtrc(count - 1, means) @ places > CHANCE:
        count += 1
    return count
