"""Grids: where cells lie, what is inside, and cells as areas."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hotspots.density.grid import Grid, square_cells, square_grid
from hotspots.errors import ParameterError

TRIANGLE = shapely.Polygon([(1010, 2020), (1950, 2110), (1400, 2890)])


def test_a_grid_by_hand():
    grid = square_grid(shapely.box(1010, 2020, 1190, 2080), cell=100)
    assert (grid.x_min, grid.y_min, grid.n_columns, grid.n_rows) == (900, 1900, 4, 3)
    np.testing.assert_array_equal(grid.x, [950, 1050, 1150, 1250])
    np.testing.assert_array_equal(grid.y, [1950, 2050, 2150])
    assert grid.inside(shapely.box(1010, 2020, 1190, 2080)).tolist() == [
        [False] * 4,
        [False, True, True, False],
        [False] * 4,
    ]


def test_the_share_inside_by_hand():
    outline = shapely.box(1010, 2020, 1190, 2080)
    share = square_grid(outline, cell=100).share_inside(outline)
    np.testing.assert_allclose(share[1], [0, 0.54, 0.54, 0])
    assert share[[0, 2]].sum() == 0


def test_a_hole_is_outside():
    outline = shapely.box(0, 0, 900, 900).difference(shapely.box(300, 300, 600, 600))
    grid = square_grid(outline, cell=100)
    assert grid.share_inside(outline).sum() == pytest.approx(72)
    assert not grid.inside(outline)[grid.n_rows // 2, grid.n_columns // 2]


@given(
    cell=st.floats(7, 400),
    corners=st.lists(st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)), min_size=3, max_size=8),
)
def test_a_grid_is_snapped_and_covers_its_outline_with_a_margin(cell, corners):
    outline = shapely.convex_hull(shapely.MultiPoint(corners))
    if outline.area < 1e4:
        return
    grid = square_grid(outline, cell=cell)
    assert grid.x_min / cell == pytest.approx(round(grid.x_min / cell), abs=1e-6)
    assert grid.y_min / cell == pytest.approx(round(grid.y_min / cell), abs=1e-6)
    west, south, east, north = outline.bounds
    assert grid.x[0] <= west and grid.y[0] <= south
    assert grid.x[-1] >= east and grid.y[-1] >= north
    assert grid.share_inside(outline).sum() * grid.cell_km2 == pytest.approx(outline.area / 1e6)


def test_inside_is_the_city_of_derby(shared):
    text = (shared / "derby" / "city_outline.wkt").read_text(encoding="utf-8").split(";")[-1]
    outline = shapely.from_wkt(text)
    grid = square_grid(outline, cell=100)
    assert grid.share_inside(outline).sum() * grid.cell_km2 == pytest.approx(78.0, abs=0.05)
    assert grid.inside(outline).sum() * grid.cell_km2 == pytest.approx(78.0, rel=0.01)


def test_the_share_inside_cannot_be_overwritten():
    share = square_grid(TRIANGLE, cell=100).share_inside(TRIANGLE)
    with pytest.raises(ValueError, match="read-only"):
        share[0, 0] = 1


def test_cells_cover_the_outline_once():
    frame = square_cells(TRIANGLE, size=130)
    assert frame.index.name == "cell"
    assert frame["area_km2"].sum() * 1e6 == pytest.approx(TRIANGLE.area)
    assert shapely.union_all(frame.geometry.to_numpy()).buffer(1e-6).contains(TRIANGLE)
    assert frame.geometry.area.sum() == pytest.approx(shapely.union_all(frame.geometry.to_numpy()).area)
    assert frame.geometry.is_valid.all()
    assert frame["share_inside"].between(0, 1, inclusive="right").all()


def test_cells_go_from_south_to_north():
    middle = square_cells(TRIANGLE, size=100).geometry.centroid
    steps = np.diff(middle.y)
    assert (steps > -1e-6).all()
    assert (np.diff(middle.x)[np.abs(steps) < 1e-6] > 0).all()


@pytest.mark.parametrize("size", [0, -5, math.nan, math.inf])
def test_a_size_above_zero_is_asked_for(size):
    for function, name in ((square_grid, "cell"), (square_cells, "size")):
        with pytest.raises(ParameterError, match="above zero"):
            function(TRIANGLE, **{name: size})


def test_too_many_cells_are_refused():
    with pytest.raises(ParameterError, match="choose larger ones"):
        square_grid(shapely.box(0, 0, 1e6, 1e6), cell=10)


def test_an_outline_without_area_is_refused():
    with pytest.raises(ParameterError, match="no area"):
        square_grid(shapely.LineString([(0, 0), (1, 1)]), cell=10)


def test_a_grid_without_rows_is_refused():
    with pytest.raises(ParameterError, match="at least one row"):
        Grid(0, 0, 10, 0, 5)
