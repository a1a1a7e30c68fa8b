"""No cluster is longer than asked, and the cuts lie where it is least dense."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from hotspots.clusters.cutting import LONGEST, PATROL, cut_clusters, length_of, parts_of
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.graph import grow_clusters, within


def _places(xy, n) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"n": n}, geometry=gpd.points_from_xy(*np.asarray(xy, float).T), crs="EPSG:27700")


def _street(weights, step=50.0):
    """Places along one straight street."""
    return np.column_stack([np.arange(len(weights)) * step, np.zeros(len(weights))])


def test_a_chain_is_cut_in_its_thinnest_place():
    # Two crowds of 300 m, joined by quiet places between 300 and 500 m.
    n = [40, 40, 40, 40, 40, 40, 9, 8, 9, 40, 40, 40, 40, 40, 40]
    places = _places(_street(n), n)
    options = {"eps": 60, "min_samples": 20, "min_places": 3}
    assert hotspot_dbscan(places, **options).max() == 0, "DBSCAN makes one cluster of 700 m"
    labels = hotspot_dbscan(places, **options, longest=400)
    assert labels.max() == 1
    assert set(labels[:6]) != set(labels[9:])
    assert len(set(labels[:6])) == len(set(labels[9:])) == 1


def test_a_cluster_that_is_short_enough_is_left_as_it_is():
    n = [10] * 8
    places = _places(_street(n), n)
    options = {"eps": 60, "min_samples": 20, "min_places": 3}
    np.testing.assert_array_equal(
        hotspot_dbscan(places, **options), hotspot_dbscan(places, **options, longest=350)
    )


def test_a_piece_that_holds_less_than_makes_a_core_is_noise():
    n = [50, 50, 50, 6, 6, 6, 6, 6]
    labels = hotspot_dbscan(_places(_street(n), n), eps=60, min_samples=12, min_places=3, longest=120)
    assert labels[:3].tolist() == [0, 0, 0]
    held = {one: sum(np.array(n)[labels == one]) for one in set(labels.tolist()) - {-1}}
    assert min(held.values()) >= 12


def test_the_lengths_are_those_of_a_walk_and_of_a_patrol():
    assert LONGEST == 500
    assert pytest.approx(np.hypot(150, 150), abs=0.2) == PATROL
    assert length_of(np.array([[0, 0], [3, 4], [1, 1]])) == 5
    assert length_of(np.empty((0, 2))) == 0


@given(st.integers(0, 10_000), st.sampled_from([150.0, 300.0, 600.0]))
def test_no_cluster_is_longer_whatever_the_places(seed, longest):
    rng = np.random.default_rng(seed)
    xy = np.unique(rng.integers(0, 25, (150, 2)) * 50.0, axis=0)
    n = rng.poisson(3, len(xy)) + 1
    places = _places(xy, n)
    whole = hotspot_dbscan(places, eps=100, min_samples=20)
    labels = hotspot_dbscan(places, eps=100, min_samples=20, longest=longest)
    for one in range(labels.max() + 1):
        member = labels == one
        assert pdist(xy[member]).max() <= longest
        assert member.sum() >= 3
        assert n[member].sum() >= 20
        assert len(set(whole[member].tolist())) == 1, "a piece lies in one cluster"
    # The order of the places makes no difference.
    order = rng.permutation(len(xy))
    again = hotspot_dbscan(places.iloc[order], eps=100, min_samples=20, longest=longest)
    np.testing.assert_array_equal(again, labels[order])


def test_parts_lie_in_clusters_that_are_longer_than_a_patrol():
    n = [40, 40, 40, 40, 9, 8, 9, 40, 40, 40, 40, 0, 0, 0, 50, 50, 50]
    places = _places(_street(n), n)
    options = {"eps": 60, "min_samples": 20, "min_places": 3}
    labels = hotspot_dbscan(places, **options, longest=500)
    parts, of = parts_of(places, labels, **options)
    assert len(set(labels[:11])) == 1
    assert of.tolist() == [labels[0], labels[0]], "the short cluster in the east has no parts"
    assert parts[14:].tolist() == [-1, -1, -1]
    for one in range(2):
        assert pdist(_street(n)[parts == one]).max() <= PATROL


@given(st.integers(0, 10_000))
def test_many_sets_at_once_are_cut_as_one_by_one(seed):
    rng = np.random.default_rng(seed)
    xy = np.unique(rng.integers(0, 20, (120, 2)) * 50.0, axis=0)
    weights = rng.poisson(4, (5, len(xy))).astype(float)
    reach = within(xy, 100)
    options = {"min_samples": 25.0, "min_places": 3}
    grown = grow_clusters(reach, weights, **options)
    together = cut_clusters(reach, xy, grown, weights, longest=250, **options)
    for row, one, cut in zip(weights, grown, together, strict=True):
        alone = cut_clusters(reach, xy, one[None], row[None], longest=250, **options)[0]
        np.testing.assert_array_equal(alone >= 0, cut >= 0)
        pairs = {(a, b) for a, b in zip(alone.tolist(), cut.tolist(), strict=True) if a >= 0}
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@given(st.integers(0, 10_000), st.sampled_from([6, 15, 40]), st.sampled_from([1, 3, 5]))
def test_what_is_shown_and_what_is_resampled_grow_alike(seed, min_samples, min_places):
    """scikit-learn's DBSCAN finds what is shown; our own growing serves the draws: both must agree."""
    rng = np.random.default_rng(seed)
    xy = np.unique(rng.integers(0, 20, (120, 2)) * 50.0, axis=0)
    n = rng.poisson(2, len(xy))
    shown = hotspot_dbscan(_places(xy, n), eps=100, min_samples=min_samples, min_places=min_places)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    grown = grow_clusters(
        within(xy[order], 100), n[order][None].astype(float), min_samples=min_samples, min_places=min_places
    )[0]
    np.testing.assert_array_equal(shown[order] >= 0, grown >= 0)
    pairs = {(a, b) for a, b in zip(shown[order].tolist(), grown.tolist(), strict=True) if a >= 0}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
