"""
Clusters cut to a length that a team can walk, where they are least dense.

DBSCAN chains: in a city centre dense places follow each other for a kilometre
and more, and what comes out is a district, not a hot spot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from hotspots.clusters.graph import (
    NOISE,
    Reach,
    distinct_spots,
    number_clusters,
    packed,
    pairs_in_sets,
    within,
)
from hotspots.places import check_weights, coordinates

#: Metres between the two places of a cluster that lie farthest apart: ten minutes there and back on foot.
LONGEST: Final = 500.0
#: Metres of the same for a part that one patrol covers: the diagonal of 150 by 150 m.
PATROL: Final = 212.0


def cut_clusters(
    reach: Reach,
    xy: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    *,
    longest: float,
    min_samples: float | np.ndarray,
    min_places: int,
    near: np.ndarray | None = None,
) -> np.ndarray:
    """
    Cut clusters that are too long, in many sets at once.

    The spots of a long cluster are joined again along the tree of its densest
    links, densest first, and only while what is joined is at most `longest`
    long. So the cuts lie where the cluster is least dense. What holds less
    than makes a core, or too few spots, is noise.

    Parameters
    ----------
    reach : Reach
        Which spots reach each other.
    xy : ndarray of shape (n_spots, 2)
        Metres.
    labels : ndarray of int, shape (n_sets, n_spots)
        From `grow_clusters`: no two sets share a number.
    weights : ndarray of shape (n_sets, n_spots)
        Incidents at each spot.
    longest : float
        Metres between the two spots of a cluster that lie farthest apart.
    min_samples : float or ndarray of shape (n_sets,)
        Incidents within reach that make a core.
    min_places : int
        Fewest spots of a cluster.
    near : ndarray of shape (n_sets, n_spots), optional
        What `Reach.totals` gives for these weights, where it is at hand.

    Returns
    -------
    ndarray of int, shape (n_sets, n_spots)
        Numbered anew; no two sets share a number.
    """
    fewest = np.broadcast_to(np.asarray(min_samples, dtype=float), (len(labels),))
    found = _long_clusters(xy, labels, longest)
    if not found:
        return _without_small(labels, weights, fewest)
    cut = labels.copy()
    free = int(labels.max(initial=NOISE)) + 1
    density = reach.totals(weights) if near is None else near
    for long, links in zip(found, _densest_links(reach, xy, density, found), strict=True):
        cut[long.of, long.spots] = NOISE
        for piece in _joined_again(long, links, longest, min_places):
            cut[long.of, piece] = free
            free += 1
    return _without_small(cut, weights, fewest)


def _without_small(labels: np.ndarray, weights: np.ndarray, fewest: np.ndarray) -> np.ndarray:
    """Make noise of clusters that hold less than makes a core: what did lie there fell to neighbours."""
    which, spot = np.nonzero(labels >= 0)
    number = labels[which, spot]
    held = np.bincount(number, weights[which, spot])
    needed = np.zeros(len(held))
    needed[number] = fewest[which]
    kept = labels.copy()
    kept[which, spot] = np.where(held[number] >= needed[number], number, NOISE)
    return kept


def parts_of(
    places: gpd.GeoDataFrame,
    labels: np.ndarray,
    *,
    eps: float,
    min_samples: float,
    min_places: int,
    weights: np.ndarray | None = None,
    longest: float = PATROL,
) -> tuple[np.ndarray, np.ndarray]:
    """
    Cut clusters into parts that one patrol covers.

    Parameters
    ----------
    places, eps, min_samples, min_places, weights
        As in `hotspot_dbscan`.
    labels : ndarray of int, shape (len(places),)
        From `hotspot_dbscan`.
    longest : float, default 212
        Metres between the two places of a part that lie farthest apart.

    Returns
    -------
    parts : ndarray of int, shape (len(places),)
        Part of each place, -1 for none; clusters that are short enough have no parts.
    of : ndarray of int, shape (n_parts,)
        The cluster that each part belongs to.
    """
    given = check_weights(places, weights)
    spots = distinct_spots(coordinates(places))
    total, whole = spots.add_up(given), spots.pick(np.asarray(labels, dtype=np.intp))
    options: dict[str, Any] = {"longest": longest, "min_samples": min_samples, "min_places": min_places}
    cut = cut_clusters(within(spots.xy, eps), spots.xy, whole[None], total[None], **options)[0]
    cut = np.where(cut == whole, NOISE, cut)
    numbered = number_clusters(cut, total)
    of = np.zeros(numbered.max(initial=NOISE) + 1, dtype=np.intp)
    of[numbered[numbered >= 0]] = whole[numbered >= 0]
    return numbered[spots.spot_of], of


def length_of(xy: np.ndarray) -> float:
    """Give the greatest distance between any two of some points, in the unit of the points."""
    return float(cdist(xy, xy).max()) if len(xy) else 0.0


@dataclass(frozen=True, eq=False)
class _Long:
    """A cluster that is too long: its set, its spots, and the metres between every two of them."""

    of: int
    spots: np.ndarray
    apart: np.ndarray


def _long_clusters(xy: np.ndarray, labels: np.ndarray, longest: float) -> list[_Long]:
    """Find the clusters that are longer than `longest`."""
    which, spot = np.nonzero(labels >= 0)
    number = labels[which, spot]
    if not len(number):
        return []
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    points = xy[spot[order]]
    sides = np.maximum.reduceat(points, starts) - np.minimum.reduceat(points, starts)
    # A box with a shorter diagonal holds no longer cluster; most clusters end here.
    wide = np.flatnonzero(np.hypot(*sides.T) > longest)
    ends = np.append(starts[1:], len(order))
    found = []
    for k in wide.tolist():
        # In order already: a stable sort of spots that were found in order.
        spots = spot[order[starts[k] : ends[k]]]
        apart = cdist(xy[spots], xy[spots])
        if apart.max() > longest:
            found.append(_Long(int(which[order[starts[k]]]), spots, apart))
    return found


def _densest_links(reach: Reach, xy: np.ndarray, near: np.ndarray, found: list[_Long]) -> list[np.ndarray]:
    """
    Give the links of each cluster's tree of greatest density, densest first; ties by length, then position.

    Links are pairs of positions among the cluster's spots. All clusters make one graph, so that one
    pass finds every tree.
    """
    number = np.full(near.shape, NOISE, dtype=np.int32)
    node = np.zeros(near.shape, dtype=np.int32)
    starts = np.cumsum([0, *(len(long.spots) for long in found)])
    for k, long in enumerate(found):
        number[long.of, long.spots] = k
        node[long.of, long.spots] = np.arange(starts[k], starts[k + 1])
    long_at = packed(number >= 0)
    which, pair = pairs_in_sets(reach.first, reach.second, long_at, long_at)
    first, second = reach.first[pair], reach.second[pair]
    of = number[which, first]
    same = of == number[which, second]
    which, pair, first, second, of = which[same], pair[same], first[same], second[same], of[same]
    density = np.minimum(near[which, first], near[which, second])
    apart = np.hypot(*(xy[reach.first] - xy[reach.second]).T)[pair]
    # Pairs come sorted, so equals stay in the order of their positions.
    order = np.lexsort((apart, -density, of))
    ends = node[which, first][order], node[which, second][order]
    # Ranks in place of densities make every tree unique.
    ranks = np.arange(1.0, len(order) + 1)
    tree = minimum_spanning_tree(csr_array((ranks, ends), shape=(starts[-1], starts[-1])))
    chosen = np.sort(tree.data.astype(np.intp)) - 1
    links = np.column_stack(ends)[chosen]
    cluster = np.searchsorted(starts, links[:, 0], side="right") - 1
    return np.split(links - starts[cluster][:, None], np.searchsorted(cluster, np.arange(1, len(found))))


def _joined_again(long: _Long, links: np.ndarray, longest: float, min_places: int) -> list[np.ndarray]:
    """Join the spots of a cluster along its links: pieces of at most the longest length and enough spots."""
    spots, apart = long.spots, long.apart
    leader, members = list(range(len(spots))), [[k] for k in range(len(spots))]
    for one, other in links.tolist():
        a, b = leader[one], leader[other]
        if apart[a, b] > longest:
            continue
        # As in complete linkage: two groups are as far apart as their two farthest spots.
        np.maximum(apart[a], apart[b], out=apart[a])
        apart[:, a] = apart[a]
        for member in members[b]:
            leader[member] = a
        members[a] += members[b]
        members[b] = []
    return [spots[sorted(held)] for held in members if len(held) >= max(min_places, 1)]
