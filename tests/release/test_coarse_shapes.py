"""Shapes outside internal use: what they rest on, and what one who knows all but one learns from them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.audiences import POLICIES
from hotspots.geography.coarse import SQUARE, CoarseCells, coarse_cells
from hotspots.geography.load import load_areas
from hotspots.release.coarse_shapes import coarse_bands, coarse_clusters, count_cells, number_by_size
from hotspots.release.ladder import BANDWIDTHS, Parameters, choose_steps
from hotspots.themes.themes import load_themes

PUBLIC = POLICIES["public"]
AREAS = load_areas()
CELLS = coarse_cells(AREAS.outline)
THEMES = {theme.slug: theme for theme in load_themes()}
CHOSEN = Parameters(total=500, bandwidth=500.0, min_samples=10, min_places=5)


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


def middle_of(cell):
    """Points in the first square of a cell, 10 m apart."""
    corner = CELLS.corners[np.flatnonzero(CELLS.cell == cell)[0]]
    return [(corner[0] + 10 * k, corner[1] + 10) for k in range(1, 20)]


def busy_cell():
    centre = np.array([435_250.0, 336_250.0])
    return int(CELLS.locate(centre[None])[0])


@pytest.mark.shared
def test_every_cell_that_ships_holds_twelve_points_and_they_cover_the_city(shared):
    points = pd.read_csv(shared / "derby" / "area_points.csv.gz")[["easting", "northing"]].drop_duplicates()
    held = np.bincount(CELLS.locate(points.to_numpy(float)), minlength=len(CELLS))
    assert len(CELLS) > 300 and held.min() >= 12
    assert shapely.union_all(CELLS.boxes()).covers(AREAS.outline)


def test_an_area_without_shipped_cells_gets_squares_of_a_kilometre():
    cells = coarse_cells(shapely.box(457_100, 303_100, 459_900, 305_900))
    assert len(cells) == 9 and set(cells.squares) == {16}
    assert (cells.locate(cells.centres) == cells.cell).all()


def test_a_hot_spot_needs_enough_incidents_at_enough_places():
    cell = busy_cell()
    points, need = middle_of(cell), max(10 * int(CELLS.squares[cell]), 10)
    places, n = places_at(points[:5] * need)
    found = coarse_clusters(count_cells(places, n, CELLS), CHOSEN, AREAS, PUBLIC, total=1000)
    assert len(found) == 1 and found["n"].item() == 5 * need
    assert found["area_km2"].item() == pytest.approx(CELLS.squares[cell] * SQUARE**2 / 1e6)
    assert found["density_per_km2"].item() == pytest.approx(5 * need / found["area_km2"].item())
    assert found["name"].item().startswith("At SK 35")
    four, m = places_at(points[:4] * need)
    assert not len(coarse_clusters(count_cells(four, m, CELLS), CHOSEN, AREAS, PUBLIC, total=1000))
    few, m = places_at(points[:9])
    assert not len(coarse_clusters(count_cells(few, m, CELLS), CHOSEN, AREAS, PUBLIC, total=1000))


def test_hot_spots_are_numbered_by_released_size_and_those_without_a_number_come_last():
    frame = gpd.GeoDataFrame(
        {"theme": ["a", "a", "a", "b"], "order": [1, 2, 3, 1], "n": [20.0, np.nan, 50.0, 10.0]},
        geometry=[shapely.Point(k, 0) for k in range(4)],
    )
    got = number_by_size(frame)
    assert got["order"].tolist() == [1, 2, 3, 1] and got["n"].fillna(0).tolist() == [50, 20, 0, 10]


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), at=st.integers(0, 10_000))
def test_an_incident_moved_within_its_cell_changes_nothing_that_is_drawn(seed, at):
    rng = np.random.default_rng(seed)
    hot = np.array(middle_of(busy_cell()))[rng.integers(0, 19, 120)]
    spread = np.column_stack([rng.integers(432_000, 438_000, 80), rng.integers(333_000, 338_000, 80)])
    xy = np.concatenate([hot, spread])
    row = at % len(xy)
    cell = CELLS.locate(xy[row][None])[0]
    squares = CELLS.corners[CELLS.cell == cell]
    moved = xy.copy()
    moved[row] = squares[rng.integers(len(squares))] + rng.integers(1, 249, 2)
    assert published(xy) == published(moved)


@pytest.mark.shared
def test_whoever_knows_all_but_one_is_left_with_eight_points(shared):
    from hotspots.auditing.all_but_one import all_but_one

    points = pd.read_csv(shared / "derby" / "area_points.csv.gz")[["easting", "northing"]].drop_duplicates()
    rng = np.random.default_rng(7)
    near = points[np.hypot(points["easting"] - 435_300, points["northing"] - 336_200) < 400]
    crowd = near.sample(60, replace=True, random_state=3)
    # Exactly one short of five places in a cell, the worst case: the last incident makes it a hot spot.
    cell = busy_cell()
    inside = points[CELLS.locate(points.to_numpy(float)) == cell]
    worst = pd.concat([inside.iloc[:4].loc[inside.index[:4].repeat(20)], inside.iloc[4:5]])
    for frame in (crowd, worst):
        rows = sorted({len(frame) - 1, *rng.integers(0, len(frame), 2).tolist()})
        found = all_but_one(
            lambda one: published(one[["easting", "northing"]].to_numpy(float)),
            frame.reset_index(drop=True),
            points,
            rows=rows,
            nearest=100,
        )
        assert found.ok, found.text()
    alone = worst.iloc[:-1].to_numpy(float)
    assert published(alone) != published(worst.to_numpy(float)), "the worst case must be one"


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


def test_cells_are_numbered_without_gaps():
    cells = CoarseCells(np.array([[0.0, 0.0], [250.0, 0.0]]), np.array([0, 1]))
    assert len(cells) == 2 and cells.squares.tolist() == [1, 1]
