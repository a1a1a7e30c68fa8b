"""Relative risk: by hand and by its properties."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.density.contrast import relative_risk
from hotspots.density.grid import square_grid
from hotspots.density.surface import kernel_density
from hotspots.errors import ParameterError

CITY = shapely.box(0, 0, 4000, 4000)
GRID = square_grid(CITY, cell=100)


def places_at(xy):
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    return gpd.GeoDataFrame({"n": np.ones(len(xy), dtype=int)}, geometry=shapely.points(xy), crs="EPSG:27700")


def scattered(seed=0, size=300):
    return places_at(np.random.default_rng(seed).uniform(0, 4000, (size, 2)))


@given(seed=st.integers(0, 10**6), k=st.integers(1, 50))
@settings(max_examples=15)
def test_a_theme_that_follows_its_baseline_has_no_relative_risk(seed, k):
    places = scattered(seed)
    baseline = np.random.default_rng(seed).integers(1, 20, len(places))
    risk = relative_risk(places, grid=GRID, bandwidth=500, weights=k * baseline, baseline=baseline, edge=CITY)
    np.testing.assert_allclose(risk, 0, atol=1e-9)


def test_a_theme_twice_as_frequent_in_the_east_by_hand():
    x, y = np.meshgrid(np.arange(25, 4000, 50), np.arange(25, 4000, 50))
    places = places_at(np.column_stack([x.ravel(), y.ravel()]))
    east = places.geometry.x.to_numpy() > 2000
    risk = relative_risk(
        places,
        grid=GRID,
        bandwidth=500,
        weights=np.where(east, 2, 1),
        baseline=np.ones(len(places)),
        floor=1e-6,
    )
    # shares of 2/3 and 1/3 against 1/2 and 1/2
    assert risk[20, 32] == pytest.approx(math.log(4 / 3), abs=1e-3)
    assert risk[20, 8] == pytest.approx(math.log(2 / 3), abs=1e-3)


@pytest.mark.parametrize("kernel", ["quartic", "epanechnikov", "gaussian"])
def test_relative_risk_is_finite_where_there_is_nothing(kernel):
    places = places_at([(500, 500), (600, 500), (3500, 3500)])
    risk = relative_risk(
        places, grid=GRID, bandwidth=300, weights=[1, 1, 0], baseline=[0, 1, 1], kernel=kernel, edge=CITY
    )
    assert np.isfinite(risk).all()
    assert risk[20, 20] == pytest.approx(0, abs=1e-3)
    assert risk[36, 36] < -1 < 0 < risk[6, 5]


def test_a_floor_draws_ratios_towards_none():
    places = scattered(1)
    weights = np.random.default_rng(1).poisson(1, len(places))
    wild, calm = (
        relative_risk(
            places, grid=GRID, bandwidth=300, weights=weights, baseline=np.ones(len(places)), floor=floor
        )
        for floor in (0.001, 0.5)
    )
    assert np.abs(calm).max() < np.abs(wild).max()


def test_a_baseline_of_residents_has_its_own_points():
    places = scattered(2)
    centres = places_at([(1000, 1000), (3000, 3000)])
    risk = relative_risk(
        places,
        grid=GRID,
        bandwidth=900,
        weights=np.ones(len(places)),
        baseline=np.array([5000.0, 1000.0]),
        baseline_places=centres,
    )
    found = kernel_density(places, grid=GRID, bandwidth=900, weights=np.full(len(places), 1 / len(places)))
    expected = kernel_density(centres, grid=GRID, bandwidth=900, weights=np.array([5, 1]) / 6)
    least = 0.01 * expected.max()
    np.testing.assert_allclose(risk, np.log(found + least) - np.log(expected + least), atol=1e-9)


def test_unfit_parameters_of_relative_risk_are_refused():
    places = scattered()
    options = {"grid": GRID, "bandwidth": 500, "baseline": np.ones(len(places))}
    with pytest.raises(ParameterError, match="share between 0 and 1"):
        relative_risk(places, weights=np.ones(len(places)), floor=0, **options)
    with pytest.raises(ParameterError, match="empty within these places"):
        relative_risk(places, weights=np.zeros(len(places)), **options)
