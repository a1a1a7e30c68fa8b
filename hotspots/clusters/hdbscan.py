"""HDBSCAN over weighted places, where density differs over the city."""

from __future__ import annotations

import math
from typing import Final

import geopandas as gpd
import numpy as np
from scipy.spatial import cKDTree

from hotspots.clusters.graph import NOISE, check_options, distinct_spots, number_clusters
from hotspots.clusters.parameters import EPS_FLOOR, MIN_PLACES
from hotspots.errors import ParameterError
from hotspots.places import check_weights, coordinates

#: Rows that `hotspot_hdbscan` takes: its time grows with their square.
HDBSCAN_ROWS: Final = 20_000


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
