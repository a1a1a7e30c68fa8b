"""A heap is a point that holds twice what lies around it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.clusters.heaps import find_heaps


def _places(xy, n, streets=None) -> gpd.GeoDataFrame:
    frame = {"n": n, "street": streets if streets is not None else ["On or near A Street"] * len(n)}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*np.asarray(xy, float).T), crs="EPSG:27700")


XY = [(0, 0), (100, 0), (200, 0), (5000, 0), (5100, 0)]


def test_a_point_with_twice_its_surroundings_is_a_heap():
    found = find_heaps(_places(XY, [40, 12, 8, 10, 10], ["Police Station", "B", "C", "D", "E"]))
    assert found["place"].tolist() == [0]
    assert found.loc[0, ["street", "n", "around"]].tolist() == ["Police Station", 40, 20]
    assert found.loc[0, "reason"] == "40 incidents on one point, 20 incidents within 250 m of it"
    assert find_heaps(_places(XY, [39, 12, 8, 10, 10])).empty


def test_few_incidents_are_no_heap_however_lonely():
    assert find_heaps(_places(XY, [9, 0, 0, 3, 3])).empty
    assert find_heaps(_places(XY, [10, 0, 0, 3, 3]))["reason"].tolist() == [
        "10 incidents on one point, nothing within 250 m of it"
    ]


def test_a_small_share_of_the_theme_is_no_heap():
    assert find_heaps(_places(XY, [12, 0, 0, 4000, 4000])).empty


def test_a_place_that_the_user_names_is_a_heap():
    found = find_heaps(_places(XY, [5, 12, 8, 10, 10]), known={"depot": (4990, 5), "nowhere": (90_000, 0)})
    assert found[["place", "reason"]].to_numpy().tolist() == [[3, "named in [heaps]: depot"]]


def test_rows_at_one_point_are_one_point():
    found = find_heaps(_places([(0, 0), (0, 0), (100, 0)], [20, 20, 20]))
    assert found[["place", "n"]].to_numpy().tolist() in ([[0, 40]], [[1, 40]])


@given(st.integers(0, 10_000))
def test_each_heap_keeps_the_rule_and_nothing_else_does(seed):
    rng = np.random.default_rng(seed)
    xy, n = rng.uniform(0, 2000, (40, 2)), rng.geometric(0.08, 40)
    found = set(find_heaps(_places(xy, n))["place"])
    for k in range(40):
        others = n[(np.hypot(*(xy - xy[k]).T) <= 250) & (np.arange(40) != k)].sum()
        assert (k in found) == (n[k] >= 10 and n[k] >= 0.005 * n.sum() and n[k] >= 2 * others)


def test_the_known_ones_of_derby_are_found(derby_analysis):
    found = find_heaps(derby_analysis.places.frame)
    assert {"Prime Parkway", "Hospital"} <= set(found["street"])
    assert len(found) <= 6


def test_weights_must_fit():
    with pytest.raises(Exception, match="weights"):
        find_heaps(_places(XY, [1] * 5), weights=np.ones(3))
