"""
Clusters of incidents: where many lie close together on several places.

DBSCAN works on distinct places weighted by their incidents and finds exactly
what it would find on every single row. There is no authoritative distance or
count: both are chosen from the data and reported, and `hotspots.clusters.confidence`
tells how much hangs on them.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from hotspots.clusters.graph import (
    NOISE,
    check_options,
    distinct_spots,
    grow_clusters,
    number_clusters,
    within,
)
from hotspots.clusters.parameters import MIN_PLACES
from hotspots.places import check_weights, coordinates


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
