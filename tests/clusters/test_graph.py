"""The graph of places within reach, and the clusters that grow over it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.clusters.graph import (
    NOISE,
    check_options,
    distinct_spots,
    grow_clusters,
    number_clusters,
    packed,
    pairs_in_sets,
    within,
)
from hotspots.errors import ParameterError


def test_exactly_eps_is_within_reach():
    reach = within(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 9.001]]), 5.0)
    assert list(zip(reach.first, reach.second, strict=True)) == [(0, 1)]
    np.testing.assert_array_equal(reach.totals(np.array([[1.0, 10.0, 100.0]])), [[11, 11, 100]])


@pytest.mark.parametrize("n", [0, 1])
def test_few_spots_reach_none(n):
    assert len(within(np.zeros((n, 2)), 5.0).first) == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.integers(1, 5))
def test_pairs_are_those_of_a_double_loop(points, eps):
    xy = np.unique(np.array(points, dtype=float).reshape(-1, 2), axis=0)
    reach = within(xy, float(eps))
    expected = [
        (i, j) for i in range(len(xy)) for j in range(i + 1, len(xy)) if sum((xy[i] - xy[j]) ** 2) <= eps**2
    ]
    assert list(zip(reach.first.tolist(), reach.second.tolist(), strict=True)) == expected


def test_rows_at_one_point_are_one_spot_whatever_their_order():
    spots = distinct_spots(np.array([[2.0, 1.0], [1.0, 5.0], [2.0, 1.0], [1.0, 4.0]]))
    np.testing.assert_array_equal(spots.xy, [[1, 4], [1, 5], [2, 1]])
    np.testing.assert_array_equal(spots.spot_of, [2, 1, 2, 0])
    np.testing.assert_array_equal(spots.add_up(np.array([1, 2, 4, 8])), [8, 2, 5])


@given(st.integers(1, 19), st.integers(0, 2**32 - 1))
def test_pairs_in_sets_are_those_of_a_look_at_every_set(sets, seed):
    rng = np.random.default_rng(seed)
    one, other = rng.random((2, sets, 12)) < 0.4
    first, second = rng.integers(0, 12, (2, 30))
    which, pair = pairs_in_sets(first, second, packed(one), packed(other))
    found = np.zeros((sets, 30), dtype=bool)
    found[which, pair] = True
    np.testing.assert_array_equal(found, one[:, first] & other[:, second])
    assert len(which) == found.sum()
    assert all((np.diff(pair[which == at]) > 0).all() for at in range(sets))


def test_each_set_of_weights_grows_as_it_would_alone():
    rng = np.random.default_rng(3)
    xy = np.unique(rng.integers(0, 25, (120, 2)), axis=0).astype(float)
    reach = within(xy, 2.0)
    weights = rng.poisson(1.0, (20, len(xy)))
    counts = rng.integers(2, 8, 20)
    together = grow_clusters(reach, weights, min_samples=counts, min_places=2)
    for one, row, count in zip(together, weights, counts, strict=True):
        alone = grow_clusters(reach, row[None], min_samples=count, min_places=2)[0]
        np.testing.assert_array_equal(number_clusters(one, row), number_clusters(alone, row))
    seen = [set(row[row >= 0].tolist()) for row in together]
    assert len(set().union(*seen)) == sum(map(len, seen)), "two sets share a cluster number"


def test_a_dissolved_cluster_frees_its_border():
    # The cores at 0 and at 10 reach the spot at 5: it is the third of one cluster or the fifth of the other.
    xy = np.array([[-3.0, 0], [0.0, 0], [5.0, 0], [10.0, 0], [13.0, 0], [14.0, 0], [15.0, 0]])
    weights = np.array([[5, 5, 1, 3, 4, 4, 4]])
    grow = {"min_samples": 10, "reach": within(xy, 5.0), "weights": weights}
    assert grow_clusters(**grow, min_places=1)[0].tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert grow_clusters(**grow, min_places=4)[0].tolist() == [NOISE, NOISE, 1, 1, 1, 1, 1]


def test_clusters_are_numbered_by_weight_then_by_first_spot():
    labels = np.array([7, 7, NOISE, 3, 5, 5])
    np.testing.assert_array_equal(number_clusters(labels, np.array([1, 1, 9, 5, 1, 1])), [1, 1, -1, 0, 2, 2])


def test_every_fault_of_the_options_is_named_at_once():
    with pytest.raises(ParameterError, match=r"eps is 0: .*min_samples is nan: .*min_places is 0: "):
        check_options(0, float("nan"), 0)
