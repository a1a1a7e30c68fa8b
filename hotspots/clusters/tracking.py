"""Follow clusters from one period to the next: new, continuing, ended."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError

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
