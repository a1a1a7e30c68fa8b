"""Coarse cells as they are derived: joined squares, cut in two."""

from __future__ import annotations

import derive_cells
import numpy as np
import pandas as pd
import pytest
import shapely


def points_at(*squares, each):
    """Points in squares, by their south-west corner, in a row from west to east."""
    rows = [(e + 10 * k, n + 5) for e, n in squares for k in range(each)]
    return pd.DataFrame(rows, columns=["easting", "northing"])


def test_squares_join_until_cells_hold_enough_and_stay_small_across():
    # three squares of 6 in a row, and one of 20 that the last could join only by becoming long
    squares = [(0, 0), (250, 0), (500, 0)]
    points = pd.concat([points_at(*squares, each=6), points_at((750, 0), each=20)])
    cell_of = derive_cells.join_squares(derive_cells.count_points(points), fewest=12)
    assert cell_of[0, 0] == cell_of[250, 0]
    assert cell_of[500, 0] == cell_of[750, 0] != cell_of[0, 0]


def test_a_cell_is_cut_where_its_halves_lie_closest_together():
    west = [(k, 10 * k) for k in range(8)]
    east = [(400 + k, 10 * k) for k in range(9)]
    easting, northing = derive_cells.cut_in_two(np.array(west + east))
    assert easting == 204 and np.isnan(northing)
    turned = np.array(west + east)[:, ::-1]
    easting, northing = derive_cells.cut_in_two(turned)
    assert northing == 204 and np.isnan(easting)


@pytest.mark.parametrize("number", [15, 16])
def test_no_half_holds_fewer_than_eight_points(number):
    xy = np.array([(7 * k % 250, 11 * k % 250) for k in range(number)])
    if number < 16:
        with pytest.raises(ValueError, match="15 points cannot be cut into halves of 8"):
            derive_cells.cut_in_two(xy)
        return
    easting, northing = derive_cells.cut_in_two(xy)
    second = (xy >= np.nan_to_num([easting, northing], nan=np.inf)).any(axis=1)
    assert second.sum() == 8


def test_points_at_one_place_cannot_be_cut():
    with pytest.raises(ValueError, match="cannot be cut"):
        derive_cells.cut_in_two(np.full((20, 2), 5))


def test_every_square_of_the_city_has_a_cell_and_the_cut_of_its_cell():
    points = points_at((0, 0), (250, 0), each=9)
    cells = derive_cells.cover_city(
        derive_cells.join_squares(derive_cells.count_points(points)), shapely.box(0, 0, 700, 200)
    )
    cut = derive_cells.cut_cells(cells, points)
    assert {(0, 0), (250, 0), (500, 0)} <= set(zip(cut["easting"], cut["northing"], strict=True))
    assert set(cut["cell"]) == {1} and cut["cut_easting"].nunique() == 1 and cut["cut_northing"].isna().all()


@pytest.mark.shared
def test_the_cells_that_ship_are_those_that_the_maker_derives(shared, tmp_path, monkeypatch):
    shipped = (derive_cells.HERE / "coarse_cells.csv").read_bytes()
    monkeypatch.setattr(derive_cells, "HERE", tmp_path)
    monkeypatch.setattr("sys.argv", ["derive_cells", "--source", str(shared / "derby")])
    derive_cells.main()
    assert (tmp_path / "coarse_cells.csv").read_bytes() == shipped
