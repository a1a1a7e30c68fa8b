"""
How sure a cluster is: whether a period to come would show it again.

Confidence is about repetition, not cause. It is the chance that a later
period as long as the one read shows a cluster that agrees with this one by at
least one half, if places go on as they have: it knows nothing of what will be
done there. The report card of a run tells how well it has held.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from hotspots.clusters.cutting import cut_clusters
from hotspots.clusters.graph import Reach, Spots, check_options, distinct_spots, grow_clusters, within
from hotspots.clusters.redraw import draw_later
from hotspots.errors import ParameterError
from hotspots.places import check_weights, coordinates

#: Weighted Jaccard agreement from which a cluster counts as found again.
FOUND_AGAIN: Final = 0.5
#: What the chosen eps and min_samples are multiplied by in the sweep.
FACTORS: Final = (0.8, 0.9, 1.0, 1.1, 1.25)


def cluster_confidence(
    places: gpd.GeoDataFrame,
    labels: np.ndarray,
    *,
    eps: float,
    min_samples: float,
    weights: np.ndarray | None = None,
    monthly: np.ndarray | None = None,
    months: Sequence[str] | None = None,
    min_places: int = 3,
    longest: float | None = None,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Tell how likely each cluster is to be found again in a later period of the same length.

    In each draw a later period is made up (`redraw.draw_later`) and clustered
    with the same eps and with as many incidents for a core as fit its total. A
    cluster is found again if one cluster of the draw agrees with it by at
    least one half: incidents (as given) at the places that both hold, divided
    by those at the places that either holds. So a cluster that falls apart,
    melts into a bigger one or vanishes is not found again.

    Errors in recording or place are not part of it.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700 with `n`, the incidents at each. Give all known
        places, also those with weight 0: incidents can come there.
    labels : ndarray of int, shape (len(places),)
        From `hotspot_dbscan` with the same options.
    eps, min_samples, min_places, longest
        As in `hotspot_dbscan`.
    weights : ndarray of int, shape (len(places),), optional
        Incidents at each place instead of `n`.
    monthly : ndarray of int, shape (len(places), n_months), optional
        The same by month. Without it places are taken not to change, and confidence is too high.
    months : sequence of str, optional
        Their names, YYYY-MM; by default they are taken to follow one another.
    draws : int, default 200
        With 200 a confidence of 0.5 has a standard error of 0.035.
    seed : int, default 0
        Of the draws.

    Returns
    -------
    DataFrame
        One row per cluster: `cluster` (label + 1), `confidence` (share of the
        draws that find it again) and `jaccard` (mean of the best agreement).

    Raises
    ------
    ParameterError
        If an option is out of range, or labels, weights or months do not fit the places.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability.
    Computational Statistics & Data Analysis 52(1), pp. 258-271.
    """
    check_options(eps, min_samples, min_places)
    if draws < 1:
        raise ParameterError(f"draws is {draws}: give at least one.")
    given = check_weights(places, weights)
    if monthly is not None and len(monthly) != len(places):
        raise ParameterError(f"monthly has {len(monthly)} rows for {len(places)} places: give one for each.")
    spots, total, of = _spots(places, labels, given, rows=np.arange(len(places)))
    found = np.zeros((2, of.max(initial=-1) + 1))
    if found.size:
        by_month = None if monthly is None else np.column_stack([spots.add_up(n) for n in monthly.T])
        later = draw_later(spots.xy, total, by_month, months=months, eps=eps, draws=draws, seed=seed)
        grown = _grow(
            within(spots.xy, eps),
            spots.xy,
            later,
            min_samples=min_samples * later.sum(axis=1) / total.sum(),
            min_places=min_places,
            longest=longest,
        )
        best = _best_agreement(of, grown, total)
        found[:] = (best >= FOUND_AGAIN).mean(axis=0), best.mean(axis=0)
    return pd.DataFrame(
        {"cluster": np.arange(1, found.shape[1] + 1), "confidence": found[0], "jaccard": found[1]}
    )


def found_again(labels: np.ndarray, later: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """
    Tell which clusters a later clustering of the same places shows again.

    Parameters
    ----------
    labels, later : ndarray of int, shape (n_places,)
        From `hotspot_dbscan`; -1 is noise.
    weights : ndarray of shape (n_places,)
        Incidents at each place, as those of `labels` were given.

    Returns
    -------
    ndarray of bool, shape (n_clusters,)
    """
    if labels.max(initial=-1) < 0:
        return np.empty(0, dtype=bool)
    return np.asarray(_best_agreement(labels, later[None], weights)[0] >= FOUND_AGAIN)


def sweep_clusters(
    places: gpd.GeoDataFrame,
    labels: np.ndarray,
    *,
    eps: float,
    min_samples: float,
    weights: np.ndarray | None = None,
    min_places: int = 3,
    factors: Sequence[float] = FACTORS,
) -> pd.DataFrame:
    """
    Show what becomes of the clusters when eps and min_samples are moved.

    Parameters
    ----------
    places, labels, eps, min_samples, weights, min_places
        As in `cluster_confidence`; the weights need not be whole.
    factors : sequence of float, default (0.8, 0.9, 1, 1.1, 1.25)
        What both are multiplied by, in every combination.

    Returns
    -------
    DataFrame
        One row per setting: `eps`, `min_samples`, `clusters` (how many),
        `largest_share` (of incidents, in the largest), `noise_share` and
        `found_again` (the share of the clusters in `labels`; 1 if there are none).

    Raises
    ------
    ParameterError
        If an option or factor is out of range, or labels or weights do not fit the places.
    """
    check_options(eps, min_samples, min_places)
    if not len(factors) or min(factors) <= 0:
        raise ParameterError("factors holds none, or one that is not above zero: give multiples of eps.")
    given = check_weights(places, weights)
    spots, total, of = _spots(places, labels, given, rows=np.flatnonzero(given))
    everything = max(total.sum(), 1)
    rows = []
    for reach_m, counts, grown in _sweep(
        spots, total, eps=eps, min_samples=min_samples, min_places=min_places, factors=factors
    ):
        again = (
            (_best_agreement(of, grown, total) >= FOUND_AGAIN).mean(axis=1)
            if of.max(initial=-1) >= 0
            else 1.0
        )
        for count, one, found in zip(counts, grown, np.broadcast_to(again, len(counts)), strict=True):
            sizes = np.bincount(one[one >= 0], total[one >= 0])
            rows.append(
                {
                    "eps": reach_m,
                    "min_samples": count,
                    "clusters": int((sizes > 0).sum()),
                    "largest_share": sizes.max(initial=0) / everything,
                    "noise_share": total[one < 0].sum() / everything,
                    "found_again": found,
                }
            )
    return pd.DataFrame(rows)


def _spots(
    places: gpd.GeoDataFrame, labels: np.ndarray, weights: np.ndarray, *, rows: np.ndarray
) -> tuple[Spots, np.ndarray, np.ndarray]:
    """Return the spots of some rows, how many incidents each has, and the cluster of each."""
    if np.shape(labels) != (len(places),):
        raise ParameterError(f"{np.size(labels)} labels for {len(places)} places: give one for each.")
    spots = distinct_spots(coordinates(places)[rows])
    # Rows at one point have one label.
    return spots, spots.add_up(weights[rows]), spots.pick(np.asarray(labels, dtype=np.intp)[rows])


def _grow(
    reach: Reach,
    xy: np.ndarray,
    weights: np.ndarray,
    *,
    min_samples: np.ndarray,
    min_places: int,
    longest: float | None,
) -> np.ndarray:
    """Cluster every draw with its own threshold, cut to the longest length if one is given."""
    threshold = np.maximum(min_samples, np.finfo(float).tiny)
    near = reach.totals(weights)
    options: dict[str, Any] = {"min_samples": threshold, "min_places": min_places, "near": near}
    grown = grow_clusters(reach, weights, **options)
    return grown if longest is None else cut_clusters(reach, xy, grown, weights, longest=longest, **options)


def _sweep(
    spots: Spots,
    total: np.ndarray,
    *,
    eps: float,
    min_samples: float,
    min_places: int,
    factors: Sequence[float] = FACTORS,
) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """Cluster with every setting: eps, the counts tried with it, and clusters of shape (counts, n_spots)."""
    counts = np.unique(np.ceil(np.asarray(factors) * min_samples))
    same = np.broadcast_to(total, (len(counts), len(total)))
    return [
        (
            reach_m,
            counts,
            grow_clusters(within(spots.xy, reach_m), same, min_samples=counts, min_places=min_places),
        )
        for reach_m in np.unique(np.asarray(factors) * eps).tolist()
    ]


def _best_agreement(of: np.ndarray, grown: np.ndarray, total: np.ndarray) -> np.ndarray:
    """
    Return the weighted Jaccard agreement of each cluster with the best match in each set.

    Parameters
    ----------
    of : ndarray of int, shape (n_spots,)
        Clusters to look for, 0, 1, ...; -1 is noise.
    grown : ndarray of int, shape (n_sets, n_spots)
        Clusters of each set; no two sets share a number.
    total : ndarray of shape (n_spots,)
        Incidents at each spot.

    Returns
    -------
    ndarray of shape (n_sets, n_clusters)
    """
    n_clusters = of.max() + 1
    best = np.zeros((len(grown), n_clusters))
    which, spot = np.nonzero(grown >= 0)
    if not len(which):
        return best
    number = grown[which, spot]
    size = np.bincount(number, total[spot])
    set_of = np.zeros(len(size), dtype=np.intp)
    set_of[number] = which
    both = of[spot] >= 0
    shared = csr_array(
        (total[spot[both]], (number[both], of[spot[both]])), shape=(len(size), n_clusters)
    ).tocoo()
    found, cluster = shared.coords
    sought = np.bincount(of[of >= 0], total[of >= 0], minlength=n_clusters)
    agreement = shared.data / (size[found] + sought[cluster] - shared.data)
    np.maximum.at(best, (set_of[found], cluster), agreement)
    return best
