"""
Clusters of incidents: where many lie close together on several places.

scikit-learn's DBSCAN works on distinct places weighted by their incidents and
finds exactly what it would find on every single row. There is no authoritative
distance or count: both are chosen from the data and reported. The many
resamplings behind `hotspots.clusters.confidence` grow clusters over the same
graph for all draws at once (`graph.grow_clusters`); a test holds the two together.
"""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np

from hotspots.clusters.cutting import cut_clusters
from hotspots.clusters.graph import (
    NOISE,
    Reach,
    attach_border,
    check_options,
    distinct_spots,
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
    longest: float | None = None,
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
    longest : float, optional
        Metres; a cluster with two places farther apart is cut where it is
        least dense (`cutting.cut_clusters`). Not cut unless given.

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
    found = _fit(reach, total, min_samples=min_samples, min_places=min_places)
    if longest is not None:
        found = cut_clusters(
            reach,
            spots.xy,
            found,
            total[None],
            longest=longest,
            min_samples=min_samples,
            min_places=min_places,
        )
    labels = np.full(len(places), NOISE)
    labels[rows] = number_clusters(found[0], total)[spots.spot_of]
    return labels


def _fit(reach: Reach, total: np.ndarray, *, min_samples: float, min_places: int) -> np.ndarray:
    """Give scikit-learn's clusters of the spots, without those on too few; shape (1, n_spots)."""
    if not len(total):
        return np.empty((1, 0), dtype=np.intp)
    from sklearn.cluster import DBSCAN

    # scikit-learn takes whole numbers only: whole weights reach 7.2 when they reach 8.
    whole = not (total % 1).any()
    fewest, weight = (math.ceil(min_samples), total) if whole else (1, total / min_samples)
    # The graph holds a one for each pair within eps, so that 1 is the distance within which all of them lie.
    fitted = DBSCAN(eps=1.0, min_samples=fewest, metric="precomputed").fit(reach.matrix, sample_weight=weight)
    core = np.zeros((1, len(total)), dtype=bool)
    core[0, fitted.core_sample_indices_] = True
    return attach_border(
        reach, fitted.labels_[None], core=core, present=total[None] > 0, min_places=min_places
    )
