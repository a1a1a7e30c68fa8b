"""DBSCAN over weighted places is scikit-learn's over every row; parameters are chosen with a reason."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Transformer
from sklearn.cluster import DBSCAN

from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.hdbscan import hotspot_hdbscan
from hotspots.clusters.parameters import choose_parameters
from hotspots.errors import ParameterError


def _places(xy, n=1) -> gpd.GeoDataFrame:
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    counts = np.broadcast_to(n, len(xy))
    return gpd.GeoDataFrame({"n": counts}, geometry=gpd.points_from_xy(*xy.T), crs="EPSG:27700")


def _xy(places) -> np.ndarray:
    return places.geometry.get_coordinates().to_numpy()


def _sklearn(places, weights, eps, min_samples) -> np.ndarray:
    """Label the places by what scikit-learn finds on one row per incident, sorted by easting and northing."""
    xy = _xy(places)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    rows = np.repeat(order, np.asarray(weights)[order])
    found = DBSCAN(eps=eps, min_samples=min_samples).fit_predict(xy[rows])
    labels = np.full(len(places), -1)
    labels[rows] = found
    np.testing.assert_array_equal(labels[rows], found)  # rows at one place have one label
    return labels


def _partition(labels) -> set[frozenset[int]]:
    """Return the clusters as sets of places, whatever their numbers."""
    labels = np.asarray(labels)
    return {frozenset(np.flatnonzero(labels == one).tolist()) for one in np.unique(labels[labels >= 0])}


def _random(rng):
    return rng.uniform(0, 3000, (300, 2)), rng.poisson(2, 300) + 1, 150, 8


def _snapped(rng):
    points = np.unique(rng.integers(0, 40, (200, 2)) * 50.0, axis=0)
    return points, rng.poisson(4, len(points)) + 1, 150, 25


def _collinear(rng):
    return np.column_stack([np.arange(60) * 50.0, np.full(60, 7.0)]), rng.poisson(1, 60) + 1, 100, 9


def _all_equal(rng):
    return np.array([[500.0, 500.0]]), np.array([40]), 150, 10


def _border_ties(rng):
    # A grid of exact distances: most borders lie within reach of several clusters.
    grid = np.stack(np.meshgrid(np.arange(30), np.arange(30)), -1).reshape(-1, 2) * 3.0
    return grid, (rng.random(900) < 0.1) * 6 + 1, 5, 16


@pytest.mark.parametrize("case", [_random, _snapped, _collinear, _all_equal, _border_ties])
@pytest.mark.parametrize("seed", range(5))
def test_the_clusters_are_those_of_scikit_learn_on_every_row(case, seed):
    xy, n, eps, min_samples = case(np.random.default_rng(seed))
    places = _places(xy, n)
    labels = hotspot_dbscan(places, eps=eps, min_samples=min_samples, min_places=1)
    expected = _sklearn(places, n, eps, min_samples)
    assert _partition(labels) == _partition(expected)
    assert len(_partition(expected)) >= 1


weighted_points = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 5)),
    max_size=40,
    unique_by=lambda point: point[:2],
)


@given(weighted_points.filter(len), st.integers(1, 5), st.integers(1, 12))
@example([(0, 0, 2), (3, 4, 1), (6, 8, 2), (0, 1, 2), (6, 9, 2)], 5, 4)
def test_exact_distances_and_border_ties_fall_as_in_scikit_learn(points, eps, min_samples):
    places = _places([point[:2] for point in points], [point[2] for point in points])
    n = places["n"].to_numpy()
    labels = hotspot_dbscan(places, eps=eps, min_samples=min_samples, min_places=1)
    assert _partition(labels) == _partition(_sklearn(places, n, eps, min_samples))


@given(weighted_points, st.randoms(use_true_random=False), st.sampled_from([0.5, 4.0, 1024.0]))
def test_order_unit_and_repetition_change_nothing(points, random, factor):
    xy = np.array([point[:2] for point in points], dtype=float).reshape(-1, 2)
    n = np.array([point[2] for point in points], dtype=int)
    chosen = {"min_samples": 6, "min_places": 2}
    labels = hotspot_dbscan(_places(xy, n), eps=3, **chosen)

    order = list(range(len(xy)))
    random.shuffle(order)
    np.testing.assert_array_equal(
        hotspot_dbscan(_places(xy[order], n[order]), eps=3, **chosen), labels[order]
    )
    np.testing.assert_array_equal(hotspot_dbscan(_places(xy * factor, n), eps=3 * factor, **chosen), labels)
    rows = np.repeat(np.arange(len(xy)), n)
    np.testing.assert_array_equal(hotspot_dbscan(_places(xy[rows]), eps=3, **chosen), labels[rows])


@given(weighted_points)
def test_swapping_x_and_y_swaps_the_answer(points):
    xy = np.array([point[:2] for point in points], dtype=float).reshape(-1, 2)
    n = np.array([point[2] for point in points], dtype=int)
    # With 1 every place is a core, so no border has a choice that hangs on the order.
    one = hotspot_dbscan(_places(xy, n), eps=2, min_samples=1, min_places=2)
    other = hotspot_dbscan(_places(xy[:, ::-1], n), eps=2, min_samples=1, min_places=2)
    assert _partition(one) == _partition(other)


def test_clusters_are_numbered_by_incidents_and_need_three_places():
    # Five incidents on three places in the west, nine on three in the east, twenty stacked on one.
    places = _places(
        [(0, 0), (50, 0), (100, 0), (5000, 0), (5050, 0), (5100, 0), (9000, 0)], [1, 3, 1, 3, 3, 3, 20]
    )
    labels = hotspot_dbscan(places, eps=100, min_samples=5)
    assert labels.tolist() == [1, 1, 1, 0, 0, 0, -1]
    assert hotspot_dbscan(places, eps=100, min_samples=5, min_places=1).tolist() == [2, 2, 2, 1, 1, 1, 0]
    assert hotspot_dbscan(places, eps=100, min_samples=6).tolist() == [-1, -1, -1, 0, 0, 0, -1]
    assert hotspot_dbscan(places, eps=40, min_samples=1).tolist() == [-1] * 7


def test_weights_replace_n_and_places_with_none_take_no_part():
    places = _places([(0, 0), (50, 0), (100, 0), (150, 0)], 9)
    labels = hotspot_dbscan(places, eps=60, min_samples=3, weights=np.array([2, 2, 0, 2]), min_places=1)
    assert labels.tolist() == [0, 0, -1, -1]


def test_the_frame_is_left_as_it_was():
    places = _places([(0, 0), (50, 0), (100, 0)], 9)
    before = places.copy(deep=True)
    hotspot_dbscan(places, eps=60, min_samples=3)
    choose_parameters(places)
    pd.testing.assert_frame_equal(places, before)


@pytest.mark.parametrize(
    ("xy", "n"),
    [
        (np.empty((0, 2)), 1),
        ([(0, 0)], 1),
        ([(0, 0)], 500),
        ([(0, 0), (10, 0)], 1),
        ([(0, 0)] * 5, 1),
    ],
    ids=["none", "one incident", "one place", "two incidents", "one point in five rows"],
)
def test_too_few_is_said_and_finds_nothing(xy, n):
    places = _places(xy, n)
    chosen = choose_parameters(places)
    assert chosen.eps is None
    assert chosen.min_samples is None
    assert chosen.reason.startswith("Too few: ")
    assert (hotspot_dbscan(places, eps=150, min_samples=3) == -1).all()
    assert (hotspot_hdbscan(places, min_cluster_size=5) == -1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eps": 0}, "eps is 0: give metres above zero"),
        ({"eps": float("nan")}, "eps is nan"),
        ({"min_samples": 0}, "min_samples is 0: give incidents above zero"),
        ({"min_places": 0}, "min_places is 0: give at least one place"),
        ({"weights": np.ones(3)}, "3 weights for 2 places"),
        ({"weights": np.array([1, -1])}, "negative or not a number"),
    ],
)
def test_options_out_of_range_are_refused(change, message):
    with pytest.raises(ParameterError, match=message):
        hotspot_dbscan(_places([(0, 0), (1, 1)]), **{"eps": 150, "min_samples": 3, **change})


def _grid(n, step) -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1).reshape(-1, 2) * float(step)


def test_a_place_without_a_point_is_refused():
    places = gpd.GeoDataFrame(
        {"n": [1, 1]}, geometry=[shapely.Point(1, 2), shapely.Point()], crs="EPSG:27700"
    )
    for refused in (
        lambda: hotspot_dbscan(places, eps=150, min_samples=3),
        lambda: choose_parameters(places),
    ):
        with pytest.raises(ParameterError, match="A place is not a point"):
            refused()


def test_parameters_come_from_spacing_and_density():
    # 100 m apart: a place reaches its 8 neighbours and itself, one at the edge 6, one in the corner 4.
    chosen = choose_parameters(_places(_grid(20, 100), 1000))
    average = 1000 * (18**2 * 9 + 4 * 18 * 6 + 4 * 4) / 400
    assert chosen.eps == 150
    assert chosen.min_samples == int(np.ceil(3 * average))
    assert chosen.reason.startswith(
        "eps 150 m: from one place to the next, not across a hot spot; "
        "half of 400 places have two others within 100 m. "
        f"min_samples {chosen.min_samples:,}: dealt at random to the 400 places, 400,000 incidents put "
        "8,410.0 within 150 m of one on average, and "
    )
    assert chosen.reason.endswith("dense is at least 3 times the average.")
    assert choose_parameters(_places(_grid(20, 220), 10)).eps == 220
    assert choose_parameters(_places(_grid(20, 900), 10)).eps == 300


def test_the_bound_on_chance_is_what_scipy_stats_gives():
    from scipy.stats import poisson

    weights = np.zeros(400, dtype=int)
    weights[::4] = 1
    chosen = choose_parameters(_places(_grid(20, 100)), weights=weights)
    reached = np.repeat([9, 6, 4], [18**2, 4 * 18, 4]) * 100 / 400
    assert poisson.sf(chosen.min_samples - 1, reached).sum() < 0.05
    assert poisson.sf(chosen.min_samples - 2, reached).sum() > 0.05


def test_an_even_city_has_no_hot_spot_and_a_planted_one_is_found():
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 6000, (1500, 2))
    n = rng.poisson(1.0, 1500)
    even = choose_parameters(_places(xy), weights=n)
    assert (hotspot_dbscan(_places(xy), weights=n, eps=even.eps, min_samples=even.min_samples) == -1).all()
    away = np.hypot(*(xy - 3000).T)
    n = n + 10 * (away < 400)
    chosen = choose_parameters(_places(xy), weights=n)
    labels = hotspot_dbscan(_places(xy), weights=n, eps=chosen.eps, min_samples=chosen.min_samples)
    assert (labels[away < 400] >= 0).mean() > 0.5
    assert away[labels >= 0].max() < 550


def test_fewer_than_one_city_of_chance_in_twenty_shows_a_hot_spot():
    rng = np.random.default_rng(11)
    shown = 0
    for _ in range(40):
        places = _places(rng.uniform(0, 4000, (800, 2)), rng.multinomial(600, np.full(800, 1 / 800)))
        chosen = choose_parameters(places)
        labels = hotspot_dbscan(places, eps=chosen.eps, min_samples=chosen.min_samples)
        shown += labels.max() >= 0
    # At most one in twenty, and three standard errors of 40 cities.
    assert shown <= 40 * 0.05 + 3 * np.sqrt(40 * 0.05 * 0.95)


def test_more_is_asked_for_while_one_cluster_swallows_the_city():
    # A ridge with a crest: at three times the average one cluster holds 14 of 60 columns, at five 4.
    across = np.abs(_grid(60, 100)[:, 0] - 2950)
    places = _places(_grid(60, 100), 1 + 11 * (across < 700) + 15 * (across < 200))
    chosen = choose_parameters(places)
    assert "at least 3 times" not in chosen.reason
    labels = hotspot_dbscan(places, eps=chosen.eps, min_samples=chosen.min_samples)
    assert 0 < np.bincount(labels[labels >= 0]).max() <= len(places) / 10


def test_hdbscan_finds_planted_groups_and_repeats_with_its_seed():
    rng = np.random.default_rng(5)
    centres = np.array([[1000.0, 1000.0], [4000.0, 4000.0]])
    xy = np.vstack(
        [*(centre + rng.normal(0, 60, (30, 2)) for centre in centres), rng.uniform(0, 5000, (60, 2))]
    )
    n = np.r_[np.full(60, 6), np.ones(60, int)]
    labels = hotspot_hdbscan(_places(xy, n), min_cluster_size=40, seed=3)
    assert labels.max() == 1
    assert (labels[:30] == labels[0]).mean() > 0.9
    assert (labels[30:60] == labels[30]).mean() > 0.9
    assert labels[0] != labels[30]
    np.testing.assert_array_equal(labels, hotspot_hdbscan(_places(xy, n), min_cluster_size=40, seed=3))
    order = rng.permutation(len(xy))
    again = hotspot_hdbscan(_places(xy[order], n[order]), min_cluster_size=40, seed=3)
    np.testing.assert_array_equal(again, labels[order])


def test_hdbscan_joins_stacked_map_points_to_one_hot_spot():
    rng = np.random.default_rng(6)
    stacked = np.stack(np.meshgrid([0, 60, 120], [0, 60, 120]), -1).reshape(-1, 2)
    places = _places(
        np.vstack([stacked, rng.uniform(500, 6000, (80, 2))]), np.r_[np.full(9, 20), np.ones(80, int)]
    )
    labels = hotspot_hdbscan(places, min_cluster_size=15)
    assert labels[:9].tolist() == [0] * 9


def test_hdbscan_does_not_take_a_map_point_for_a_hot_spot():
    rng = np.random.default_rng(2)
    xy = np.vstack([rng.uniform(0, 5000, (80, 2)), [[9000, 9000]]])
    n = np.r_[np.ones(80, int), 300]
    assert hotspot_hdbscan(_places(xy, n), min_cluster_size=20)[-1] == -1
    assert hotspot_hdbscan(_places(xy, n), min_cluster_size=20, min_places=1)[-1] >= 0


@pytest.mark.parametrize(
    ("n", "change", "message"),
    [
        (20_001, {}, "takes at most 20,000 incidents and 40,002 were given"),
        (1.5, {}, "give whole numbers"),
        (9, {"min_cluster_size": 1}, "min_cluster_size is 1"),
        (9, {"min_samples": 0}, "min_samples is 0"),
    ],
)
def test_hdbscan_refuses_what_it_cannot_do(n, change, message):
    with pytest.raises(ParameterError, match=message):
        hotspot_hdbscan(_places([(0, 0), (900, 0)], n), **{"min_cluster_size": 5, **change})


@pytest.mark.shared
@pytest.mark.parametrize(("eps", "min_samples"), [(150, 40), (50, 10), (200, 300)])
def test_a_real_quarter_clusters_as_scikit_learn_does_on_its_rows(shared, eps, min_samples):
    files = sorted((shared / "derby" / "police").glob("2025-0[1-3]-derbyshire-street.csv.gz"))
    rows = pd.concat([pd.read_csv(file, usecols=["Longitude", "Latitude"]) for file in files]).dropna()
    rows = rows[rows["Longitude"].between(-1.56, -1.38) & rows["Latitude"].between(52.86, 52.97)]
    xy = np.column_stack(
        Transformer.from_crs(4326, 27700, always_xy=True).transform(rows["Longitude"], rows["Latitude"])
    )
    points, n = np.unique(xy, axis=0, return_counts=True)
    assert len(xy) > 8000
    places = _places(points, n)
    labels = hotspot_dbscan(places, eps=eps, min_samples=min_samples, min_places=1)
    assert _partition(labels) == _partition(_sklearn(places, n, eps, min_samples))
