"""Follow clusters from one period to the next: new, continuing, ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.clusters.graph import check_options, distinct_spots, grow_clusters, number_clusters, within
from hotspots.errors import ParameterError
from hotspots.places import coordinates

NEW: Final = "new"
CONTINUING: Final = "continuing"
ENDED: Final = "ended"


def track_clusters(previous: np.ndarray, current: np.ndarray, *, overlap: float = 0.5) -> pd.DataFrame:
    """
    Match the clusters of two periods by the places they share.

    Two clusters are one that continues if they share at least `overlap` of
    the places of the smaller one. A cluster that splits or merges continues
    in several rows, so no part of it is called new or ended.

    Parameters
    ----------
    previous, current : ndarray of int, shape (n_places,)
        Labels of the same places in both periods; -1 is noise.
    overlap : float, default 0.5
        Above 0, at most 1.

    Returns
    -------
    DataFrame
        `status` ("continuing", "new" or "ended"), `previous` and `current`
        (label + 1; 0 where there is none), `shared` (places) and `overlap`.
        Ordered by current, then previous; the ended at the end.

    Raises
    ------
    ParameterError
        If the labels do not belong to the same places or `overlap` is out of range.
    """
    before, after = np.asarray(previous), np.asarray(current)
    if before.shape != after.shape or before.ndim != 1:
        raise ParameterError(
            f"{before.size} previous and {after.size} current labels: give those of the same places."
        )
    if not 0 < overlap <= 1:
        raise ParameterError(f"overlap is {overlap}: give a share above 0, at most 1.")
    sizes = [np.bincount(labels[labels >= 0] + 1, minlength=1) for labels in (before, after)]
    both = (before >= 0) & (after >= 0)
    pairs, shared = np.unique(np.column_stack([before, after])[both] + 1, axis=0, return_counts=True)
    smaller = np.minimum(sizes[0][pairs[:, 0]], sizes[1][pairs[:, 1]])
    share = shared / np.maximum(smaller, 1)
    same = share >= overlap
    rows = [
        (CONTINUING, *map(int, pair), int(places), float(part))
        for pair, places, part in zip(pairs[same], shared[same], share[same], strict=True)
    ]
    ended = np.setdiff1d(np.flatnonzero(sizes[0]), pairs[same, 0])
    new = np.setdiff1d(np.flatnonzero(sizes[1]), pairs[same, 1])
    rows += [(NEW, 0, int(cluster), 0, 0.0) for cluster in new]
    rows.sort(key=lambda row: (row[2], row[1]))
    rows += [(ENDED, int(cluster), 0, 0, 0.0) for cluster in ended]
    columns = {"status": object, "previous": int, "current": int, "shared": int, "overlap": float}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def track_months(
    places: gpd.GeoDataFrame,
    monthly: np.ndarray,
    *,
    months: Sequence[str],
    eps: float,
    min_samples: float,
    min_places: int = 3,
    overlap: float = 0.5,
) -> pd.DataFrame:
    """
    Cluster each month with the same options and match it with the month before.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700.
    monthly : ndarray of int, shape (len(places), len(months))
        Incidents at each place in each month.
    months : sequence of str
        "YYYY-MM", in order and without gaps.
    eps, min_samples, min_places
        As in `hotspot_dbscan`; `min_samples` is a month's incidents.
    overlap : float, default 0.5
        As in `track_clusters`.

    Returns
    -------
    DataFrame
        The columns of `track_clusters` after `month`, and `n` and `places` of
        the current cluster (0 for one that ended). Clusters of the first month are all new.

    Raises
    ------
    ParameterError
        If an option is out of range or `monthly` does not fit the places and months.
    """
    check_options(eps, min_samples, min_places)
    counts = np.asarray(monthly, dtype=float)
    if counts.shape != (len(places), len(months)) or not len(months):
        raise ParameterError(
            f"monthly has shape {counts.shape}: give {len(places)} places by {len(months)} months."
        )
    spots = distinct_spots(coordinates(places))
    weights = np.array([spots.add_up(column) for column in counts.T]).reshape(len(months), len(spots))
    grown = grow_clusters(within(spots.xy, eps), weights, min_samples=min_samples, min_places=min_places)
    labels = [number_clusters(one, weight) for one, weight in zip(grown, weights, strict=True)]
    before = [np.full(len(spots), -1), *labels]
    frames = [
        _month_frame(month, track_clusters(last, now, overlap=overlap), now, weight)
        for month, last, now, weight in zip(months, before, labels, weights, strict=False)
    ]
    return pd.concat(frames, ignore_index=True)


def _month_frame(month: str, tracked: pd.DataFrame, labels: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Add the month and the size of each current cluster."""
    current = tracked["current"].to_numpy()
    n = np.bincount(labels + 1, weights, minlength=1)
    size = np.bincount(labels + 1, weights > 0, minlength=1)
    known = current > 0
    tracked = tracked.assign(
        n=np.where(known, n[current], 0).astype(int), places=np.where(known, size[current], 0).astype(int)
    )
    tracked.insert(0, "month", month)
    return tracked
