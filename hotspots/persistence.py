"""Whether a cluster of the whole period was there in both of its halves, or is new, or has ended."""

from __future__ import annotations

from typing import Final, TypeVar

import geopandas as gpd
import numpy as np

from hotspots.clusters import hotspot_dbscan
from hotspots.tracking import CONTINUING, ENDED, NEW, track_clusters

#: Months needed: three in each half.
FEWEST_MONTHS: Final = 6
#: Found in neither half, or the period is too short to tell.
UNCLEAR: Final = ""

Months = TypeVar("Months", tuple[str, ...], list[int], np.ndarray)


def halves(months: Months) -> tuple[Months, Months]:
    """Part months, or what each counted, into the earlier and the later half; a middle one is in neither."""
    half = len(months) // 2
    return months[:half], months[len(months) - half :]


def monthly_counts(text: object) -> list[int]:
    """Read a cluster's incidents by month; none where the audience may not see them."""
    return [int(float(n)) for n in str(text).split(";") if n]


def cluster_status(
    places: gpd.GeoDataFrame,
    labels: np.ndarray,
    monthly: np.ndarray,
    *,
    eps: float,
    min_samples: float,
    min_places: int,
) -> list[str]:
    """
    Say of each cluster in which halves of the period it is found.

    Each half is clustered alone with the same `eps` and with as many incidents
    a month as make a cluster in the whole; a cluster is found in it when one of
    the half's clusters shares at least half of the places of the smaller.
    With an odd number of months the middle one is in neither half. The halves
    of a year are different seasons: "new" may be summer.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700.
    labels : ndarray of int, shape (len(places),)
        Clusters of the whole period; -1 is noise.
    monthly : ndarray of int, shape (len(places), n_months)
        Incidents at each place in each month.
    eps, min_samples, min_places
        What the clusters were found with.

    Returns
    -------
    list of str
        For each cluster "continuing" (both halves), "new" (the later only),
        "ended" (the earlier only) or "" (neither, or fewer than 6 months).
    """
    n_clusters, n_months = int(labels.max(initial=-1)) + 1, monthly.shape[1]
    if n_months < FEWEST_MONTHS:
        return [UNCLEAR] * n_clusters
    scaled = min_samples * (n_months // 2) / n_months
    found = []
    for part in halves(monthly.T):
        there = hotspot_dbscan(
            places, eps=eps, min_samples=scaled, weights=part.sum(axis=0), min_places=min_places
        )
        tracked = track_clusters(there, labels)
        found.append(set(tracked.loc[tracked["status"].eq(CONTINUING), "current"] - 1))
    words = {(True, True): CONTINUING, (False, True): NEW, (True, False): ENDED, (False, False): UNCLEAR}
    return [words[cluster in found[0], cluster in found[1]] for cluster in range(n_clusters)]
