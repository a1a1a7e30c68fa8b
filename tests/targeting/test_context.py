"""What lies near a beat."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.targeting.context import NEARBY_COLUMNS, nearby

BEATS = gpd.GeoDataFrame(
    {"beat": ["b", "a"]},
    geometry=[shapely.box(0, 0, 100, 100), shapely.box(1000, 0, 1100, 100)],
    crs="EPSG:27700",
)


def _points(*rows):
    kind, name, x, y = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"kind": kind, "name": name}, geometry=gpd.points_from_xy(x, y), crs="EPSG:27700")


def test_by_hand_in_the_order_of_the_beats_then_kind_and_distance():
    points = _points(
        ("school", "Far", 600, 50),
        ("pub", "Rose", 50, 350),
        ("pub", "Crown", 120, 50),
        ("bus stop", "Stop", 50, 50),
    )
    found = nearby(BEATS, points)
    assert tuple(found.columns) == NEARBY_COLUMNS
    assert found.to_numpy().tolist() == [
        ["b", "bus stop", "Stop", 0],
        ["b", "pub", "Crown", 20],
        ["b", "pub", "Rose", 250],
    ]
    assert nearby(BEATS, points, within=500)["name"].tolist() == ["Stop", "Crown", "Rose", "Far", "Far"]


@given(st.lists(st.tuples(st.integers(-500, 1500), st.integers(-500, 500)), min_size=1, max_size=20))
def test_nothing_within_reach_is_missed(xy):
    points = _points(*[("stop", f"{k}", x, y) for k, (x, y) in enumerate(xy)])
    found = set(zip(*nearby(BEATS, points)[["beat", "name"]].to_numpy().T, strict=True))
    near = {
        (beat, name)
        for beat, shape in zip(BEATS["beat"], BEATS.geometry, strict=True)
        for name, point in zip(points["name"], points.geometry, strict=True)
        if shape.distance(point) <= 250
    }
    assert found == near


def test_points_without_a_place_or_a_name_do_no_harm():
    points = _points(("school", None, 50, 50), (None, "Nameless kind", 60, 60))
    points = gpd.GeoDataFrame(
        {"kind": [*points["kind"], "x"], "name": [*points["name"], "y"]},
        geometry=[*points.geometry, None],
        crs="EPSG:27700",
    )
    assert nearby(BEATS, points)[["kind", "name"]].to_numpy().tolist() == [
        ["", "Nameless kind"],
        ["school", ""],
    ]


def test_columns_and_distance_are_checked():
    points = _points(("pub", "Rose", 50, 50))
    with pytest.raises(ParameterError, match="points have no column 'name'"):
        nearby(BEATS, points.drop(columns="name"))
    with pytest.raises(ParameterError, match="beats have no column 'beat'"):
        nearby(BEATS.drop(columns="beat"), points)
    with pytest.raises(ParameterError, match="within is -1"):
        nearby(BEATS, points, within=-1)
