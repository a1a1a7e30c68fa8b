"""Shapes outside internal use: what they rest on, and what one who knows all but one learns from them."""

from __future__ import annotations

from dataclasses import fields

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hotspots.audiences import POLICIES
from hotspots.auditing.all_but_one import all_but_one
from hotspots.geography.coarse import SQUARE, CoarseCells, coarse_cells
from hotspots.geography.load import load_areas
from hotspots.release.coarse_shapes import (
    CellCounts,
    coarse_bands,
    coarse_clusters,
    count_cells,
    number_by_size,
)
from hotspots.release.ladder import BANDWIDTHS, Parameters, choose_steps
from hotspots.themes.themes import load_themes

PUBLIC = POLICIES["public"]
AREAS = load_areas()
CELLS = coarse_cells(AREAS.outline)
THEMES = {theme.slug: theme for theme in load_themes()}
CHOSEN = Parameters(total=500, bandwidth=500.0, min_samples=10, min_half=5)


@pytest.fixture(scope="module")
def area_points(shared):
    """Read the points where incidents of the city can be."""
    points = pd.read_csv(shared / "derby" / "area_points.csv.gz")
    return points[["easting", "northing"]].drop_duplicates().reset_index(drop=True)


def places_at(xy):
    found, n = np.unique(np.asarray(xy, dtype=float), axis=0, return_counts=True)
    return gpd.GeoDataFrame(geometry=shapely.points(found), crs=27700), n


def published(xy, *, total=500, chosen=CHOSEN):
    """Give the bytes that a reader sees of shapes."""
    places, n = places_at(xy)
    counts = count_cells(places, n, CELLS)
    clusters = coarse_clusters(counts, chosen, AREAS, PUBLIC, total=total)
    bands = coarse_bands(counts, chosen, AREAS, PUBLIC)
    return clusters.to_json() + bands.to_json()


def points_of(half, number=19):
    """Points of one half of a cell, some metres apart."""
    corner = CELLS.corners[CELLS.cell == half // 2]
    steps = np.stack(np.meshgrid(range(5, 250, 40), range(5, 250, 40)), axis=-1).reshape(-1, 2)
    grid = (corner[:, None] + steps).reshape(-1, 2)
    return grid[CELLS.halve(grid) == half][:number]


def busy_cell():
    centre = np.array([435_250.0, 336_250.0])
    return int(CELLS.locate(centre[None])[0])


def hot_spots(*parts):
    """Give the hot spots of points, each with its repetitions."""
    xy = np.concatenate([np.repeat(points, times, axis=0) for points, times in parts])
    places, n = places_at(xy)
    return coarse_clusters(count_cells(places, n, CELLS), CHOSEN, AREAS, PUBLIC, total=1000)


@pytest.mark.shared
def test_each_half_of_the_cells_that_ship_holds_eight_points_and_they_cover_the_city(area_points):
    held = np.bincount(CELLS.halve(area_points.to_numpy(float)), minlength=2 * len(CELLS))
    assert len(CELLS) > 200 and len(held) == 2 * len(CELLS) and held.min() >= 8
    assert shapely.union_all(CELLS.boxes()).covers(AREAS.outline)


def test_an_area_without_shipped_cells_gets_squares_of_a_kilometre_cut_in_the_middle():
    cells = coarse_cells(shapely.box(457_100, 303_100, 459_900, 305_900))
    assert len(cells) == 9 and set(cells.squares) == {16}
    assert (cells.locate(cells.centres) == cells.cell).all()
    assert set(np.bincount(cells.halve(cells.centres))) == {8}
    west, east = cells.halve(np.array([[457_499.0, 303_900.0], [457_500.0, 303_100.0]]))
    assert east == west + 1


def test_squares_at_the_edge_of_an_area_without_shipped_cells_join_the_nearest_kilometre():
    cells = coarse_cells(shapely.box(457_100, 303_100, 460_100, 305_900))
    assert sorted(cells.squares) == [16] * 6 + [20] * 3
    assert (cells.locate(cells.centres) == cells.cell).all()
    small = coarse_cells(shapely.box(457_900, 303_900, 458_100, 304_100))
    assert len(small) == 1 and small.squares.tolist() == [4]


def test_a_hot_spot_needs_enough_incidents_in_each_half_of_its_cell():
    cell = busy_cell()
    first, second = points_of(2 * cell), points_of(2 * cell + 1)
    need = int(10 * CELLS.squares[cell])
    found = hot_spots((first[:3], need), (second[:5], 1))
    assert len(found) == 1 and found["n"].item() == 3 * need + 5
    assert found["area_km2"].item() == pytest.approx(CELLS.squares[cell] * SQUARE**2 / 1e6)
    assert found["density_per_km2"].item() == pytest.approx((3 * need + 5) / found["area_km2"].item())
    assert found["name"].item().startswith("At SK 35")
    assert not len(hot_spots((first[:3], need), (second[:4], 1)))
    assert not len(hot_spots((first[:1], 10 * need)))
    assert not len(hot_spots((first[:5], 1), (second[:4], 1)))


def test_a_part_of_a_band_needs_incidents_in_five_halves():
    away = CELLS.centres - points_of(2 * busy_cell(), 1)
    near = pd.unique(CELLS.cell[np.argsort(np.hypot(*away.T))])
    crowd = [points_of(2 * cell + side, 1) for cell in near[:3] for side in (0, 1)]
    bands = [
        coarse_bands(
            count_cells(*places_at(np.repeat(np.concatenate(crowd[:halves]), 60, axis=0)), CELLS),
            CHOSEN,
            AREAS,
            PUBLIC,
        )
        for halves in (4, 6)
    ]
    assert [len(one) > 0 for one in bands] == [False, True]


def test_hot_spots_are_numbered_by_released_size_and_those_without_a_number_come_last():
    frame = gpd.GeoDataFrame(
        {"theme": ["a", "a", "a", "b"], "order": [1, 2, 3, 1], "n": [20.0, np.nan, 50.0, 10.0]},
        geometry=[shapely.Point(k, 0) for k in range(4)],
    )
    got = number_by_size(frame)
    assert got["order"].tolist() == [1, 2, 3, 1] and got["n"].fillna(0).tolist() == [50, 20, 0, 10]


def test_nothing_finer_than_counts_by_half_goes_into_shapes():
    assert [one.name for one in fields(CellCounts)] == ["cells", "halves"]


@given(seed=st.integers(0, 10_000), at=st.integers(0, 199))
def test_an_incident_moved_within_its_half_changes_no_count(seed, at):
    rng = np.random.default_rng(seed)
    xy = np.column_stack([rng.integers(430_000, 440_000, 200), rng.integers(330_000, 342_000, 200)])
    half = CELLS.halve(xy)
    moved = xy.copy()
    moved[at] = points_of(half[at], 3)[-1]
    before, after = (count_cells(*places_at(points), CELLS) for points in (xy, moved))
    assert (before.halves == after.halves).all() and before.n.sum() == 200


@pytest.mark.shared
@pytest.mark.parametrize("places", [1, 3])
def test_whoever_knows_all_but_one_is_left_with_eight_points(area_points, places):
    # The worst case: crowds at few places, where a count of places would tell whether the last is at one
    # of them, and in the second half no more incidents than a hot spot needs.
    half = CELLS.halve(area_points.to_numpy(float))
    first, second = (area_points[half == 2 * busy_cell() + side] for side in (0, 1))
    crowd = pd.concat([first.iloc[np.arange(400) % places], second.iloc[[0] * PUBLIC.shape_places]])
    found = all_but_one(
        lambda one: published(one.to_numpy(float)),
        crowd.reset_index(drop=True),
        pd.concat([first, second]),
        rows=[0, len(crowd) - 1],
        alike=lambda points: CELLS.halve(points.to_numpy(float)),
    )
    assert found.possible[1] == len(second) >= 8, "the outline must hang on the last incident"
    assert found.ok, found.text()


@given(total=st.integers(0, 2_000_000))
def test_parameters_are_steps_of_the_ladder(total):
    chosen = choose_steps(THEMES["anti-social-behaviour"], total, AREAS, PUBLIC)
    if total < 100:
        assert chosen is None
        return
    assert chosen.bandwidth in BANDWIDTHS
    assert float(f"{chosen.min_samples:.2g}") == chosen.min_samples >= 1
    assert str(total) not in chosen.cluster_record["reason"] or total < 300


def test_a_larger_total_gives_no_larger_bandwidth_and_no_smaller_threshold():
    chosen = [
        choose_steps(THEMES["anti-social-behaviour"], n, AREAS, PUBLIC) for n in range(100, 40_000, 500)
    ]
    assert sorted((c.bandwidth for c in chosen), reverse=True) == [c.bandwidth for c in chosen]
    assert sorted(c.min_samples for c in chosen) == [c.min_samples for c in chosen]
    assert len({c.bandwidth for c in chosen}) > 2 and len({c.min_samples for c in chosen}) > 5


def test_no_shapes_without_a_total_or_for_a_theme_that_gets_none():
    assert choose_steps(THEMES["anti-social-behaviour"], None, AREAS, PUBLIC) is None
    chosen = choose_steps(THEMES["cyber-crime"], 5_000, AREAS, PUBLIC)
    assert chosen is None or chosen.bandwidth is None is chosen.min_samples


def test_a_cell_is_cut_by_easting_or_by_northing():
    cuts = np.array([[np.inf, 100.0], [300.0, np.inf]])
    cells = CoarseCells(np.array([[0.0, 0.0], [250.0, 0.0]]), np.array([0, 1]), cuts)
    assert len(cells) == 2 and cells.squares.tolist() == [1, 1]
    xy = np.array([[10.0, 99.0], [249.0, 100.0], [250.0, 200.0], [300.0, 0.0]])
    assert cells.halve(xy).tolist() == [0, 1, 2, 3]
