"""Shapes as the page carries them: whole steps that read back to the same place."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hotspots.pages.map_shapes import decode_ring, lines_of, point_units, polygon_rings

DERBY = st.tuples(st.floats(-1.6, -1.3), st.floats(52.8, 53.0))


@given(st.lists(DERBY, min_size=4, max_size=12, unique=True))
def test_a_ring_reads_back_within_half_a_unit(points):
    ring = shapely.convex_hull(shapely.MultiPoint(points))
    if ring.geom_type != "Polygon" or ring.area < 1e-6:
        return
    ((steps,),) = polygon_rings(ring)
    assert all(isinstance(step, int) for step in steps)
    back = decode_ring(steps)
    apart = shapely.distance(shapely.points(back), ring.exterior)
    assert apart.max() < 1e-5
    assert shapely.Polygon(back).area == pytest.approx(ring.area, abs=1e-5 * ring.length)


def test_holes_parts_and_empty_shapes():
    square = shapely.box(-1.5, 52.9, -1.4, 53.0)
    hole = shapely.box(-1.48, 52.92, -1.46, 52.94)
    rings = polygon_rings(square.difference(hole))
    assert [len(part) for part in rings] == [2]
    two = shapely.MultiPolygon([hole, shapely.box(-1.44, 52.92, -1.42, 52.94)])
    assert [len(part) for part in polygon_rings(two)] == [1, 1]
    assert polygon_rings(shapely.Polygon()) == []


def test_vertices_that_fall_together_are_carried_once():
    line = shapely.LineString([(-1.5, 52.9), (-1.500001, 52.9), (-1.4, 52.9)])
    ((steps),) = lines_of(line)
    assert steps == [-150_000, 5_290_000, 10_000, 0]
    np.testing.assert_allclose(decode_ring(steps), [[-1.5, 52.9], [-1.4, 52.9]])
    assert point_units(shapely.Point(-1.47675, 52.92254)) == [-147_675, 5_292_254]
