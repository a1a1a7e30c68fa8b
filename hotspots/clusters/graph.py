"""
Which places lie within reach of each other, and the clusters that grow over them.

The graph is built once; clusters grow over it for many sets of weights at
once, which is what makes resampling cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from hotspots.errors import ParameterError

NOISE = -1


@dataclass(frozen=True, eq=False)
class Spots:
    """
    The distinct points among the rows of a frame, sorted by easting, then northing.

    Attributes
    ----------
    xy : ndarray of shape (n_spots, 2)
        Easting and northing in metres.
    spot_of : ndarray of int, shape (n_rows,)
        The spot of each row.
    """

    xy: np.ndarray
    spot_of: np.ndarray

    def __len__(self) -> int:
        return len(self.xy)

    def add_up(self, weights: np.ndarray) -> np.ndarray:
        """Sum the weights of the rows at each spot."""
        return np.bincount(self.spot_of, weights, minlength=len(self))

    def pick(self, values: np.ndarray) -> np.ndarray:
        """Give each spot the value of a row that lies there."""
        picked = np.zeros(len(self), dtype=values.dtype)
        picked[self.spot_of] = values
        return picked


def distinct_spots(xy: np.ndarray) -> Spots:
    """Find the distinct points, in an order that does not depend on the order of the rows."""
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    ordered = xy[order]
    first = np.ones(len(xy), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    spot_of = np.empty(len(xy), dtype=np.intp)
    spot_of[order] = np.cumsum(first) - 1
    return Spots(ordered[first], spot_of)


@dataclass(frozen=True, eq=False)
class Reach:
    """
    The spots within a distance of each other.

    Attributes
    ----------
    n_spots : int
        How many there are.
    first, second : ndarray of int, shape (n_pairs,)
        Both ends of each pair, `first` < `second`, sorted by `first`.
    """

    n_spots: int
    first: np.ndarray
    second: np.ndarray

    @cached_property
    def matrix(self) -> csr_array:
        """Symmetric matrix of ones; a spot reaches itself too."""
        own = np.arange(self.n_spots)
        rows = np.concatenate([self.first, self.second, own])
        columns = np.concatenate([self.second, self.first, own])
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=(self.n_spots, self.n_spots))

    def totals(self, weights: np.ndarray) -> np.ndarray:
        """Add up the weights within reach of each spot; shape (n_sets, n_spots) in and out."""
        # In the order of memory that the product is made in, and given back in that of the weights.
        return np.ascontiguousarray((self.matrix @ np.ascontiguousarray(weights.T, dtype=float)).T)


def within(xy: np.ndarray, eps: float) -> Reach:
    """
    Find the pairs of spots at most `eps` apart.

    Costs O(n log n + pairs) time and 16 bytes a pair. A distance of exactly
    `eps` is within reach, as in scikit-learn. The last few are kept: every theme
    of a city has the same places.
    """
    return _within(np.ascontiguousarray(xy, dtype=float).tobytes(), eps)


@lru_cache(maxsize=4)
def _within(points: bytes, eps: float) -> Reach:
    xy = np.frombuffer(points).reshape(-1, 2)
    if len(xy) < 2:
        none = np.empty(0, dtype=np.intp)
        return Reach(len(xy), none, none)
    pairs = cKDTree(xy).query_pairs(eps, output_type="ndarray")
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    first, second = np.ascontiguousarray(pairs.T)
    first.flags.writeable = second.flags.writeable = False
    return Reach(len(xy), first, second)


def packed(group: np.ndarray) -> np.ndarray:
    """Put eight sets to a byte: a pair is then looked at once for all eight, and most bytes are nought."""
    return np.packbits(group, axis=0)


def pairs_in_sets(
    first: np.ndarray, second: np.ndarray, one: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Find in which sets the first spot of a pair is in one group and the second in the other.

    Parameters
    ----------
    first, second : ndarray of int, shape (n_pairs,)
        Spots.
    one, other : ndarray of uint8, shape (n_sets / 8, n_spots)
        Whether each spot is in the group, set by set: from `packed`.

    Returns
    -------
    which, pair : ndarray of int
        Set and position of each find; pairs come in order for each set, sets in any order.
    """
    both = np.take(one, first, axis=1)
    both &= np.take(other, second, axis=1)
    eight, pair = np.nonzero(both)
    found, bit = np.nonzero(np.unpackbits(both[eight, pair][:, None], axis=1))
    return 8 * eight[found] + bit, pair[found]


def grow_clusters(
    reach: Reach,
    weights: np.ndarray,
    *,
    min_samples: float | np.ndarray,
    min_places: int,
    near: np.ndarray | None = None,
) -> np.ndarray:
    """
    Grow DBSCAN clusters over the spots, for many sets of weights at once.

    A spot is a core if the weights within its reach add up to `min_samples`.
    Cores within reach of each other are one cluster. Any other spot within
    reach of a core belongs to the cluster whose first core comes first, which
    is how scikit-learn settles it. Spots of weight 0 take no part. Clusters
    of fewer than `min_places` spots are dissolved and what they held at their
    border is free for their neighbours.

    Parameters
    ----------
    reach : Reach
        Which spots reach each other.
    weights : ndarray of shape (n_sets, n_spots)
        Incidents at each spot.
    min_samples : float or ndarray of shape (n_sets,)
        Incidents within reach that make a core.
    min_places : int
        Fewest spots of a cluster.
    near : ndarray of shape (n_sets, n_spots), optional
        What `Reach.totals` gives for these weights, where it is at hand.

    Returns
    -------
    ndarray of int, shape (n_sets, n_spots)
        Cluster of each spot, -1 for noise. Numbers may have gaps. No two sets
        share one, and within a set they follow the first core.
    """
    present = weights > 0
    threshold = np.broadcast_to(np.asarray(min_samples, dtype=float), (len(weights),))
    within_reach = reach.totals(weights) if near is None else near
    core = present & (within_reach >= threshold[:, None])
    labels = _join_cores(reach, core)
    return attach_border(reach, labels, core=core, present=present, min_places=min_places)


def _join_cores(reach: Reach, core: np.ndarray) -> np.ndarray:
    """Number the connected groups of cores in each set; -1 elsewhere."""
    labels = np.full(core.shape, NOISE, dtype=np.int32)
    n_cores = int(core.sum())
    if not n_cores:
        return labels
    # All sets make one graph, so that one pass finds the groups of every set.
    number = np.cumsum(core.ravel(), dtype=np.int32).reshape(core.shape) - np.int32(1)
    bits = packed(core)
    which, pair = pairs_in_sets(reach.first, reach.second, bits, bits)
    order = np.argsort(which, kind="stable")
    which, pair = which[order], pair[order]
    rows, columns = number[which, reach.first[pair]], number[which, reach.second[pair]]
    # The pairs are sorted, so the matrix needs no sorting: only where each row starts.
    starts = np.zeros(n_cores + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=n_cores), out=starts[1:])
    graph = csr_array((np.ones(len(rows), dtype=np.int8), columns, starts), shape=(n_cores, n_cores))
    # SciPy numbers the groups by their first member, which border spots rely on.
    labels[core] = connected_components(graph, directed=False)[1]
    return labels


def attach_border(
    reach: Reach, labels: np.ndarray, *, core: np.ndarray, present: np.ndarray, min_places: int
) -> np.ndarray:
    """
    Give the spots that are no cores to the first cluster within reach, and dissolve small clusters.

    Parameters
    ----------
    reach : Reach
    labels : ndarray of int, shape (n_sets, n_spots)
        Cluster of each core; what other spots hold is not looked at.
    core, present : ndarray of bool, shape (n_sets, n_spots)
        Which spots are cores, and which take part.
    min_places : int
        Fewest spots of a cluster; what a smaller one held at its border is free for its neighbours.
    """
    cores = np.where(core, labels, NOISE)
    loose = packed(present & ~core)
    grown = _claim(reach, cores, loose)
    small = np.bincount(grown[grown >= 0]) < min_places
    if not small.any():
        return grown
    cores[core] = np.where(small[cores[core]], NOISE, cores[core])
    return _claim(reach, cores, loose)


def _claim(reach: Reach, labels: np.ndarray, loose: np.ndarray) -> np.ndarray:
    """Give each loose spot, from `packed`, the lowest cluster number within its reach."""
    unset = np.iinfo(np.int32).max
    lowest = np.full(labels.shape, unset, dtype=np.int32)
    clustered = packed(labels >= 0)
    for near, far in ((reach.first, reach.second), (reach.second, reach.first)):
        which, pair = pairs_in_sets(near, far, loose, clustered)
        np.minimum.at(lowest.ravel(), which * labels.shape[1] + near[pair], labels[which, far[pair]])
    return np.where(lowest < unset, lowest, labels)


def number_clusters(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """
    Number the clusters 0, 1, 2, ... by descending weight, ties by their first spot.

    Parameters
    ----------
    labels : ndarray of int, shape (n_spots,)
        Any numbers; -1 is noise.
    weights : ndarray of shape (n_spots,)
        Incidents at each spot.
    """
    clustered = labels >= 0
    _, first, inverse = np.unique(labels[clustered], return_index=True, return_inverse=True)
    total = np.bincount(inverse, weights[clustered], minlength=len(first))
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.lexsort((first, -total))] = np.arange(len(first))
    numbered = np.full(len(labels), NOISE)
    numbered[clustered] = rank[inverse]
    return numbered


def check_options(eps: float, min_samples: float, min_places: int) -> None:
    """Refuse a distance, count or number of places that makes no cluster."""
    faults = [
        f"{name} is {value}: {remedy}"
        for name, value, good, remedy in (
            ("eps", eps, np.isfinite(eps) and eps > 0, "give metres above zero"),
            (
                "min_samples",
                min_samples,
                np.isfinite(min_samples) and min_samples > 0,
                "give incidents above zero",
            ),
            ("min_places", min_places, min_places >= 1, "give at least one place"),
        )
        if not good
    ]
    if faults:
        raise ParameterError("; ".join(faults) + ".")
