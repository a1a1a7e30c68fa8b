"""
Clusters of incidents: where many lie close together on several places.

DBSCAN works on distinct places weighted by their incidents and finds exactly
what it would find on every single row. There is no authoritative distance or
count: both are chosen from the data and reported, and `hotspots.clusters.confidence`
tells how much hangs on them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
from scipy.spatial import cKDTree
from scipy.special import pdtrc

from hotspots.clusters.confidence import cluster_confidence, sweep_clusters
from hotspots.clusters.graph import (
    NOISE,
    Spots,
    check_options,
    distinct_spots,
    grow_clusters,
    number_clusters,
    within,
)
from hotspots.clusters.outlines import describe_clusters
from hotspots.clusters.tracking import track_clusters, track_months
from hotspots.errors import ParameterError
from hotspots.text import counted
from hotspots.weighted import check_weights, coordinates

__all__ = [
    "ClusterParameters",
    "choose_parameters",
    "cluster_confidence",
    "describe_clusters",
    "hotspot_dbscan",
    "hotspot_hdbscan",
    "sweep_clusters",
    "track_clusters",
    "track_months",
]

#: Metres. Patrol hot spots in British trials are about 150 m by 150 m.
EPS_FLOOR: Final = 150.0
#: Metres. Beyond this a cluster joins what nobody walks as one beat.
EPS_CEILING: Final = 300.0
#: Fewest distinct places of a cluster: one map point is not an area.
MIN_PLACES: Final = 3
#: Times the average density that makes a place dense; the next is tried while one cluster swallows the city.
DENSE: Final = (3, 4, 5, 6, 8)
#: Chance that incidents dealt at random to the places make a core anywhere.
CHANCE: Final = 0.05
#: Rows that `hotspot_hdbscan` takes: its time grows with their square.
HDBSCAN_ROWS: Final = 20_000


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


def hotspot_dbscan(
    places: gpd.GeoDataFrame,
    *,
    eps: float,
    min_samples: float,
    weights: np.ndarray | None = None,
    min_places: int = MIN_PLACES,
) -> np.ndarray:
    """
    Find clusters of incidents with DBSCAN over weighted places.

    With `min_places=1` the clusters are those of scikit-learn's DBSCAN on one
    row per incident, sorted by easting and northing; the order of `places`
    itself makes no difference. Rows at one point are one place. The result
    can hang on small changes of `eps`: see `sweep_clusters`.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700 with `n`, the incidents at each.
    eps : float
        Metres within which two places reach each other; exactly `eps` counts.
    min_samples : float
        Incidents within `eps` of a place, its own included, that make it a core.
    weights : ndarray of shape (len(places),), optional
        Incidents at each place instead of `n`; places with 0 are left out.
    min_places : int, default 3
        Fewest distinct places of a cluster. Smaller ones become noise: with
        police.uk data they are a single map point.

    Returns
    -------
    ndarray of int, shape (len(places),)
        0 for the cluster with most incidents, then 1, 2, ...; ties by the
        smallest easting, then northing. -1 is noise.

    Raises
    ------
    ParameterError
        If an option is out of range or the weights do not fit the places.

    References
    ----------
    Ester, M., Kriegel, H.-P., Sander, J. and Xu, X. (1996). A density-based
    algorithm for discovering clusters in large spatial databases with noise.
    Proceedings of KDD-96, pp. 226-231.
    Schubert, E., Sander, J., Ester, M., Kriegel, H.-P. and Xu, X. (2017).
    DBSCAN revisited, revisited. ACM Transactions on Database Systems 42(3), 19.
    """
    check_options(eps, min_samples, min_places)
    given = check_weights(places, weights)
    rows = np.flatnonzero(given)
    spots = distinct_spots(coordinates(places)[rows])
    total = spots.add_up(given[rows])
    reach = within(spots.xy, eps)
    grown = grow_clusters(reach, total[None], min_samples=min_samples, min_places=min_places)[0]
    labels = np.full(len(places), NOISE)
    labels[rows] = number_clusters(grown, total)[spots.spot_of]
    return labels


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
        return EPS_FLOOR, f"eps {EPS_FLOOR:g} m: about the size of a patrol hot spot."
    second = float(np.median(cKDTree(xy).query(xy, 3)[0][:, 2]))
    eps = min(max(EPS_FLOOR, math.ceil(second / 10) * 10.0), EPS_CEILING)
    spacing = f"half of {counted(len(xy), 'place')} have two others within {second:.0f} m"
    if eps == EPS_FLOOR:
        return eps, f"eps {eps:g} m: about the size of a patrol hot spot; {spacing}."
    if eps == EPS_CEILING:
        return eps, f"eps {eps:g} m: the most that is still one beat; {spacing}."
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


def hotspot_hdbscan(
    places: gpd.GeoDataFrame,
    *,
    min_cluster_size: int,
    min_samples: int | None = None,
    weights: np.ndarray | None = None,
    min_places: int = MIN_PLACES,
    seed: int = 0,
) -> np.ndarray:
    """
    Find clusters of varying density with scikit-learn's HDBSCAN.

    HDBSCAN takes no weights, and on stacked points it finds the map points
    themselves. So each incident is set at random within half the distance
    from its place to the next one, which undoes the stacking roughly, and a
    place gets the cluster of most of its incidents. The result hangs on the
    seed a little, other than `hotspot_dbscan`.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700 with `n`, the incidents at each.
    min_cluster_size : int
        Fewest incidents of a cluster.
    min_samples : int, optional
        Incidents that make a neighbourhood dense; `min_cluster_size` if not given.
    weights : ndarray of int, shape (len(places),), optional
        Incidents at each place instead of `n`.
    min_places : int, default 3
        Fewest distinct places of a cluster.
    seed : int, default 0
        Of the random positions.

    Returns
    -------
    ndarray of int, shape (len(places),)
        Numbered as by `hotspot_dbscan`; -1 is noise.

    Raises
    ------
    ParameterError
        If an option is out of range, a weight is not whole, or there are more
        than 20,000 incidents: the time grows with their square.

    References
    ----------
    Campello, R., Moulavi, D. and Sander, J. (2013). Density-based clustering
    based on hierarchical density estimates. PAKDD 2013, pp. 160-172. Springer.
    """
    if min_cluster_size < 2:
        raise ParameterError(f"min_cluster_size is {min_cluster_size}: give at least 2 incidents.")
    check_options(EPS_FLOOR, 1 if min_samples is None else min_samples, min_places)
    given = check_weights(places, weights)
    rows = np.flatnonzero(given)
    spots = distinct_spots(coordinates(places)[rows])
    total = spots.add_up(given[rows])
    if (total % 1).any():
        raise ParameterError("HDBSCAN counts incidents: give whole numbers as weights.")
    if total.sum() > HDBSCAN_ROWS:
        raise ParameterError(
            f"HDBSCAN takes at most {HDBSCAN_ROWS:,} incidents and {total.sum():,.0f} were given: "
            "choose a theme or fewer months, or use hotspot_dbscan."
        )
    if total.sum() < max(min_cluster_size, min_samples or 0, 2) or len(spots) < 2:
        return np.full(len(places), NOISE)
    from sklearn.cluster import HDBSCAN

    spot = np.repeat(np.arange(len(spots)), total.astype(int))
    model = HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, copy=True)
    found = model.fit_predict(_spread(spots.xy, spot, seed))
    kept = _few_places_are_noise(_commonest(found, spot, len(spots)), min_places)
    labels = np.full(len(places), NOISE)
    labels[rows] = number_clusters(kept, total)[spots.spot_of]
    return labels


def _spread(xy: np.ndarray, spot: np.ndarray, seed: int) -> np.ndarray:
    """Set each incident evenly at random within half the distance from its spot to the next."""
    rng = np.random.default_rng(seed)
    half = cKDTree(xy).query(xy, 2)[0][:, 1] / 2
    radius = half[spot] * np.sqrt(rng.random(len(spot)))
    angle = rng.random(len(spot)) * 2 * math.pi
    return xy[spot] + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def _commonest(found: np.ndarray, spot: np.ndarray, n_spots: int) -> np.ndarray:
    """Return the label of most incidents of each spot, the lowest on a tie, noise where there are none."""
    votes = np.zeros((n_spots, found.max() + 2))
    np.add.at(votes, (spot, found + 1), 1)
    return votes.argmax(axis=1) - 1


def _few_places_are_noise(labels: np.ndarray, min_places: int) -> np.ndarray:
    small = np.bincount(labels[labels >= 0], minlength=1) < min_places
    return np.where((labels >= 0) & small[labels], NOISE, labels)
