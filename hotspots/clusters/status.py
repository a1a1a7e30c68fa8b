"""Whether a cluster of the whole period was there in both of its halves, or is new, or has ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np

from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.tracking import CONTINUING, ENDED, NEW, track_clusters
from hotspots.months import halves
from hotspots.statistics.change import rate_ratio

#: Months needed: three in each half.
FEWEST_MONTHS: Final = 6
#: A change of a cluster's share that chance makes less often than this is taken for one.
CHANCE: Final = 0.05
#: Found in neither half, or the period is too short to tell.
UNCLEAR: Final = ""

#: Independent differences from which on a dispersion can be told.
_FEWEST_FREEDOM: Final = 10


def cluster_status(
    places: gpd.GeoDataFrame,
    labels: np.ndarray,
    monthly: np.ndarray,
    *,
    eps: float,
    min_samples: float,
    min_places: int,
    longest: float | None = None,
) -> list[str]:
    """
    Say of each cluster in which halves of the period it is found.

    Each half is clustered alone with the same `eps` and with as many incidents
    a month as make a cluster in the whole; a cluster is found in it when one of
    the half's clusters shares at least half of the places of the smaller.
    A few incidents decide that: with 14 before and 16 after, where 15 make a
    cluster, it is found in one half only. So it is new or ended only if besides
    its share of all incidents of the theme differs between the halves by more
    than chance (p < 0.05, exact binomial test, two-sided); otherwise it
    continues. Incidents come in series: how much more the clusters' shares vary
    from month to month within a half than Poisson counts would is learnt from
    all clusters together, and both counts are divided by it; where clusters and
    months are too few to learn it, counts are taken as Poisson.
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
    eps, min_samples, min_places, longest
        What the clusters were found with.

    Returns
    -------
    list of str
        For each cluster "continuing" (in both halves, or in one and no change
        beyond chance), "new" (the later only), "ended" (the earlier only) or ""
        (neither, fewer than 6 months, or a half without any incident).

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing
    samples from Poisson series. Biometrika 31, 313-323.
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, section
    6.2.3 (over-dispersion). Chapman and Hall.
    """
    n_clusters, n_months = int(labels.max(initial=-1)) + 1, monthly.shape[1]
    if n_months < FEWEST_MONTHS:
        return [UNCLEAR] * n_clusters
    parts = tuple(part.T for part in halves(monthly.T))
    if not all(part.any() for part in parts):
        return [UNCLEAR] * n_clusters
    scaled = min_samples * (n_months // 2) / n_months
    found = []
    for part in parts:
        there = hotspot_dbscan(
            places,
            eps=eps,
            min_samples=scaled,
            weights=part.sum(axis=1),
            min_places=min_places,
            longest=longest,
        )
        tracked = track_clusters(there, labels)
        found.append(set(tracked.loc[tracked["status"].eq(CONTINUING), "current"] - 1))
    changed = _chance_of_change(labels, parts) < CHANCE
    words = {(True, True): CONTINUING, (False, True): NEW, (True, False): ENDED, (False, False): UNCLEAR}
    once = [words[cluster in found[0], cluster in found[1]] for cluster in range(n_clusters)]
    return [
        CONTINUING if word in (NEW, ENDED) and not beyond else word
        for word, beyond in zip(once, changed, strict=True)
    ]


def _chance_of_change(labels: np.ndarray, halves: Sequence[np.ndarray]) -> np.ndarray:
    """Give the p-value of each cluster's later count against the later share of all incidents."""
    inside = labels >= 0
    n_clusters = int(labels.max(initial=-1)) + 1
    member = np.zeros((n_clusters, len(labels)))
    member[labels[inside], np.flatnonzero(inside)] = 1
    counts = [member @ part for part in halves]
    city = [part.sum(axis=0).astype(float) for part in halves]
    dispersion = _dispersion_over_months(zip(counts, city, strict=True)) or 1.0
    before, after = (count.sum(axis=1) / dispersion for count in counts)
    found = rate_ratio(before, after, days_before=city[0].sum(), days_after=city[1].sum())
    return found["p"].to_numpy()


def _dispersion_over_months(parts: Iterable[tuple[np.ndarray, np.ndarray]]) -> float | None:
    """
    Say how much more counts vary from month to month than Poisson counts would.

    Parameters
    ----------
    parts : iterable of (ndarray of shape (n, n_months), ndarray of shape (n_months,))
        For each period the counts of areas or clusters by month, and what a month's
        count is set against: its days, or the incidents of the whole city.

    Returns
    -------
    float or None
        Pearson's chi-squared over its degrees of freedom, at least 1; None where
        there are fewer than 10 of these to learn it from.
    """
    squares, freedom = 0.0, 0
    for count, size in parts:
        usual = count.sum(axis=1, keepdims=True) * size / max(size.sum(), 1e-300)
        some = usual > 0
        squares += float(((count - usual)[some] ** 2 / usual[some]).sum())
        freedom += int(np.maximum(some.sum(axis=1) - 1, 0).sum())
    return max(1.0, squares / freedom) if freedom >= _FEWEST_FREEDOM else None
