"""Shapes of beats: their ground, their places, their overlaps."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hot_cities import OUTLINE, SOUTH, WEST, points

from hotspots.density.grid import square_grid
from hotspots.errors import ParameterError
from hotspots.targeting.shapes import cells, discs, segments

XY = points()


def test_a_disc_is_as_large_as_said_and_holds_what_is_within_its_radius():
    shapes = discs(XY, OUTLINE, radius=85)
    inside = shapely.contains_properly(OUTLINE, shapely.buffer(shapely.points(shapes.middle), 90))
    assert shapes.area[inside] == pytest.approx(np.pi * 85**2, rel=0.002)
    apart = np.hypot(*np.moveaxis(shapes.middle[:, None] - XY[None], -1, 0))
    held = shapes.holds.toarray().astype(bool)
    # the polygon runs inside the circle by at most 10 cm
    assert held[apart < 84.8].all()
    assert not held[apart > 85].any()


def test_discs_are_clipped_to_the_city():
    shapes = discs(np.array([[WEST, SOUTH + 500.0], [WEST + 500, SOUTH + 500]]), OUTLINE)
    assert shapes.area[0] == pytest.approx(shapes.area[1] / 2, rel=0.001)
    assert shapely.covers(OUTLINE.buffer(0.001), shapes.polygons).all()
    assert len(discs(np.array([[WEST - 500.0, SOUTH]]), OUTLINE)) == 0


def test_what_two_discs_may_share_is_never_less_than_they_do():
    shapes = discs(XY, OUTLINE, radius=120)
    for one, (partners, shared) in enumerate(zip(shapes.overlaps, shapes.shared, strict=True)):
        real = shapely.area(shapely.intersection(shapes.polygons[one], shapes.polygons[partners]))
        assert (shared >= real - 1e-6).all()
        apart = np.hypot(*(shapes.middle - shapes.middle[one]).T)
        assert set(partners) == set(np.flatnonzero(apart <= 240)) - {one}


def test_cells_are_those_of_the_grid_and_each_place_lies_in_one():
    shapes, grid = cells(XY, OUTLINE, size=150), square_grid(OUTLINE, cell=150)
    assert (shapes.holds.sum(axis=0) == 1).all()
    corners = (shapes.middle - 75 - (grid.x_min, grid.y_min)) / 150
    assert corners == pytest.approx(np.round(corners))
    assert all(len(partners) == 0 for partners in shapes.overlaps)


def test_a_place_on_the_line_between_cells_is_counted_once():
    edge = np.array([[WEST - WEST % 150 + 300.0, SOUTH + 400.0]])
    assert cells(edge, OUTLINE, size=150).holds.sum() == 1


def test_the_order_of_places_does_not_change_the_order_of_shapes():
    turned = np.random.default_rng(1).permutation(len(XY))
    for draw in (discs, cells):
        one, other = draw(XY, OUTLINE), draw(XY[turned], OUTLINE)
        assert (one.middle == other.middle).all()
        assert (one.holds.toarray()[:, turned] == other.holds.toarray()).all()


def test_streets_are_cut_into_equal_pieces():
    street = shapely.linestrings(
        [[WEST + 100, SOUTH + 500], [WEST + 400, SOUTH + 500], [WEST + 400, SOUTH + 700]]
    )
    place = np.array([[WEST + 110.0, SOUTH + 520.0], [WEST + 2000, SOUTH + 2000]])
    shapes = segments(place, OUTLINE, lines=np.array([street]), longest=200, reach=40)
    # 500 m make three pieces of 167 m, each 80 m wide but for the bend
    assert len(shapes) == 3
    assert shapes.area[0] == pytest.approx(500 / 3 * 80, rel=0.001)
    assert shapes.holds.toarray().tolist() == [[1, 0], [0, 0], [0, 0]]
    assert sum(len(partners) for partners in shapes.overlaps) >= 2


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: discs(XY, OUTLINE, radius=0), "radius 0 m"),
        (lambda: segments(XY, OUTLINE, lines=np.array([], dtype=object)), "no street line"),
    ],
)
def test_no_shape_is_refused(call, match):
    with pytest.raises(ParameterError, match=match):
        call()
