"""Neighbours: by border and by corner."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity
from squares import squares

from hotspots.errors import ParameterError
from hotspots.statistics.neighbours import queen_neighbours


def test_corners_count_as_contact() -> None:
    found = queen_neighbours(squares(3, 3))
    assert found.counts.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]
    assert (found.matrix != found.matrix.T).nnz == 0
    assert found.matrix.diagonal().sum() == 0


def test_tolerance_bridges_slivers_and_zero_does_not() -> None:
    layer = squares(1, 3, gap=0.4)
    assert queen_neighbours(layer, tolerance=1.0).counts.tolist() == [1, 2, 1]
    assert queen_neighbours(layer, tolerance=0.0).islands == ("A000", "A001", "A002")


def test_islands_are_named_and_described() -> None:
    layer = squares(1, 3)
    layer.loc["A002", "geometry"] = affinity.translate(layer.geometry["A002"], 5000)
    found = queen_neighbours(layer)
    assert found.islands == ("A002",)
    assert repr(found) == "<Neighbours by queen contiguity within 1 m, 0.7 on average; 1 without any>"


def test_among_keeps_the_order_and_drops_links() -> None:
    found = queen_neighbours(squares(1, 4)).among(np.array([True, True, False, True]))
    assert found.codes.tolist() == ["A000", "A001", "A003"]
    assert found.counts.tolist() == [1, 1, 0]


def test_swapping_x_and_y_changes_nothing() -> None:
    layer = squares(2, 5)
    swapped = layer.set_geometry(
        layer.geometry.map(lambda g: affinity.affine_transform(g, [0, 1, 1, 0, 0, 0]))
    )
    assert (queen_neighbours(layer).matrix != queen_neighbours(swapped).matrix).nnz == 0


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: queen_neighbours(squares(2, 2), tolerance=-1), "tolerance is -1 m: give 0 or more"),
        (lambda: queen_neighbours(squares(1, 2).iloc[[0, 0]]), "A000 appears twice in the layer"),
    ],
)
def test_wrong_options_are_refused(call, match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        call()


@pytest.mark.shared
def test_derby_agrees_with_libpysal(shared: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from libpysal.weights import Queen

        layer = gpd.read_file(shared / "derby/boundaries/wards_2003_20m.geojson").to_crs("EPSG:27700")
        queen = Queen.from_dataframe(layer, use_index=False, silence_warnings=True)
    ours = queen_neighbours(layer, tolerance=0.0).matrix
    assert (ours.toarray() == queen.full()[0]).all()
