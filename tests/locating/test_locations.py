"""Distinct points, their areas and their numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
from geocoding_cases import X, Y, incidents, town
from hypothesis import given
from hypothesis import strategies as st

from hotspots.geography.projection import HELMERT
from hotspots.geography.vintages import load_changes
from hotspots.locating._evidence import find_points
from hotspots.locating._locations import Locations, locate


def locations(x: list[float], y: list[float]) -> Locations:
    """Locate points of the town."""
    rows = incidents(easting=x, northing=y)
    points = find_points(rows, projection=HELMERT, postcodes=None)
    return locate(rows, points, town(), changes=load_changes())


POINT = st.tuples(st.sampled_from([-10, 0, 700, 1000, 2500, 4000]), st.sampled_from([0, 900, 2000, 2001]))


@cache
def _alone(easting: int, northing: int):
    return locations([float(easting)], [float(northing)])


@given(st.lists(POINT, min_size=1, max_size=30))
def test_rows_at_one_point_share_everything(points: list[tuple[int, int]]) -> None:
    """Each row gets what it would get alone, and a number in the order of its point."""
    x, y = (list(map(float, values)) for values in zip(*points, strict=True))
    found = locations(x, y)
    ranked = sorted({p for p, here in zip(points, found.inside, strict=True) if here})
    for row, point in enumerate(points):
        alone = _alone(*point)
        assert (found.ward[row], found.lsoa[row]) == (alone.ward[0], alone.lsoa[0])
        assert found.place[row] == (ranked.index(point) if point in ranked else -1)


def test_edges_are_inside() -> None:
    """All four corners; a millimetre further is outside."""
    found = locations([0, 4000, 0, 4000, 4000.001], [0, 0, 2000, 2000, 2000])
    assert found.inside.tolist() == [True] * 4 + [False]
    assert found.reason.tolist() == [""] * 4 + ["outside_area"]


def test_every_row_inside_has_both_areas() -> None:
    """Ward and LSOA come together for points."""
    rng = np.random.default_rng(3)
    found = locations(rng.uniform(-500, 4500, 500).tolist(), rng.uniform(-500, 2500, 500).tolist())
    assert ((found.ward >= 0) == found.inside).all()
    assert ((found.lsoa >= 0) == found.inside).all()
    assert found.easting.min() >= X - 500
    assert found.northing.min() >= Y - 500
