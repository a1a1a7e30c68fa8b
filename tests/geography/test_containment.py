"""Which area holds each point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geocoding_cases import STRIPS, X, Y, layer
from hypothesis import given
from hypothesis import strategies as st

from hotspots.geography.containment import containing_area, inside, nearest_area

LSOAS = layer("lsoa", "lsoa_2021", STRIPS)


def find(points: list[tuple[float, float]], areas: gpd.GeoDataFrame) -> list[int]:
    """Look points up in any order."""
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    order = np.argsort(x, kind="stable")
    found = np.empty(len(x), dtype=int)
    found[order] = containing_area(x[order], y[order], areas)
    return found.tolist()


def test_borders_corners_and_the_outer_edge() -> None:
    """A border belongs to the lowest code, the outer edge to the area, and beyond it there is nothing."""
    edge = [(X, Y), (X + 4000, Y + 2000), (X + 1000, Y + 5), (X - 0.001, Y), (X + 5, Y + 2000.001)]
    # Codes in order: E01013453, E01013454, E01013455, E01034256, E01034257.
    assert find(edge, LSOAS) == [0, 2, 0, -1, -1]
    # E01013454 is the easterly neighbour of E01034257 and has the lower code.
    assert find([(X + 2000, Y + 5), (X + 1500, Y + 5)], LSOAS) == [1, 3]


@given(st.lists(st.tuples(st.integers(-1, 9), st.integers(-1, 5)), max_size=30))
def test_equals_asking_every_area_in_order(steps: list[tuple[int, int]]) -> None:
    """The plain loop: the first area by code that covers the point. Many of these points lie on borders."""
    points = [(X + 500 * i, Y + 500 * j) for i, j in steps]
    shapes = LSOAS.geometry.to_numpy()
    plain = [next((k for k, s in enumerate(shapes) if s.covers(shapely.Point(p))), -1) for p in points]
    assert find(points, LSOAS) == plain


def test_equals_geopandas_on_ragged_areas() -> None:
    """The spatial join of geopandas is the oracle, on cells with slanted borders."""
    rng = np.random.default_rng(7)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(rng.uniform(0, 1000, (60, 2)))))
    areas = gpd.GeoDataFrame(index=[f"E{n:08d}" for n in range(60)], geometry=list(cells), crs="EPSG:27700")
    points = rng.uniform(-200, 1200, (3000, 2))
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points.T), crs="EPSG:27700")
    joined = gpd.sjoin(frame, areas, how="left", predicate="within")
    expected = areas.index.get_indexer(pd.Index(joined.iloc[:, -1]))
    assert find([tuple(p) for p in points], areas) == expected.tolist()


def test_gaps_go_to_the_nearest_area() -> None:
    """The lowest code of those equally near."""
    assert nearest_area(np.array([X - 3.0]), np.array([Y + 7.0]), LSOAS).tolist() == [0]
    apart = layer("lsoa", "lsoa_2021", {"E01000002": (0, 100), "E01000001": (110, 200)})
    assert nearest_area(np.array([X + 105.0]), np.array([Y + 7.0]), apart).tolist() == [0]
    assert nearest_area(np.array([X + 104.0]), np.array([Y + 7.0]), apart).tolist() == [1]
    assert nearest_area(np.empty(0), np.empty(0), apart).tolist() == []


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_points_at_infinity_are_nowhere(bad: float) -> None:
    """What a projection returns for degrees far off the earth."""
    assert find([(bad, bad), (X + 1.0, Y + 1.0)], LSOAS) == [-1, 0]
    assert inside(np.array([bad]), np.array([bad]), shapely.box(0, 0, 1, 1)).tolist() == [False]
