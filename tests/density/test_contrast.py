"""Relative risk and change of density: by hand, by simulation and by their properties."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.density.contrast import density_change, relative_risk
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
@settings(max_examples=15, deadline=None)
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


def test_change_is_after_minus_before():
    places, rng = scattered(3), np.random.default_rng(3)
    before, after = rng.poisson(3, (2, len(places)))
    options = {"grid": GRID, "bandwidth": 500, "edge": CITY}
    found = density_change(places, before=before, after=after, years=(2.0, 0.5), **options)
    expected = kernel_density(places, weights=after, years=0.5, **options) - kernel_density(
        places, weights=before, years=2.0, **options
    )
    np.testing.assert_allclose(found.change, expected, atol=1e-9)
    assert found.expected_share == pytest.approx(0.2)


def test_z_agrees_with_drawing_the_periods_again():
    # the moments of the smoothed difference, from 4,000 redraws of each incident's period
    places, rng = scattered(4, 400), np.random.default_rng(4)
    both = rng.poisson(6, len(places))
    after = rng.binomial(both, 0.5)
    found = density_change(places, grid=GRID, bandwidth=600, before=both - after, after=after, edge=CITY)
    cell = (30, 24)
    kernel = np.array(
        [
            kernel_density(places.iloc[[k]], grid=GRID, bandwidth=600, edge=CITY)[cell]
            for k in range(len(places))
        ]
    )
    redrawn = rng.binomial(both, 0.5, (4000, len(places))) @ kernel
    expected = (kernel @ after - redrawn.mean()) / redrawn.std()
    assert found.z[cell] == pytest.approx(expected, abs=0.08)


def test_no_change_is_found_where_there_is_none():
    rng = np.random.default_rng(5)
    places, alarms, levels = scattered(5), 0, []
    for _ in range(60):
        both = rng.poisson(5, len(places))
        after = rng.binomial(both, 0.5)
        found = density_change(places, grid=GRID, bandwidth=500, before=both - after, after=after, edge=CITY)
        alarms += bool((found.q_value < 0.05).any())
        levels.append((found.p_value[found.tested] < 0.05).mean())
    assert np.mean(levels) == pytest.approx(0.05, abs=0.015)
    assert alarms <= 9


def test_a_planted_rise_is_found_where_it_is():
    places, rng = scattered(6), np.random.default_rng(6)
    near = places.distance(shapely.Point(1000, 3000)).to_numpy() < 400
    before, after = rng.poisson(4, len(places)), rng.poisson(np.where(near, 16, 4))
    found = density_change(places, grid=GRID, bandwidth=500, before=before, after=after, edge=CITY)
    x, y = np.meshgrid(GRID.x, GRID.y)
    significant = found.q_value < 0.01
    assert significant.any() and (found.change[significant] > 0).all()
    assert np.hypot(x - 1000, y - 3000)[significant].max() < 400 + 500


def test_the_expected_share_removes_a_rise_of_the_whole_city():
    places, rng = scattered(7), np.random.default_rng(7)
    before, after = rng.poisson(4, len(places)), rng.poisson(8, len(places))
    options = {"grid": GRID, "bandwidth": 500, "before": before, "after": after, "edge": CITY}
    assert (density_change(places, **options).q_value < 0.05).mean() > 0.5
    share = after.sum() / (before.sum() + after.sum())
    assert (density_change(places, **options, expected_share=share).q_value < 0.05).mean() < 0.05


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_swapping_the_periods_turns_the_sign(kernel):
    places, rng = scattered(8), np.random.default_rng(8)
    first, second = rng.poisson(3, (2, len(places)))
    options = {"grid": GRID, "bandwidth": 400, "kernel": kernel}
    there = density_change(places, before=first, after=second, **options)
    back = density_change(places, before=second, after=first, **options)
    np.testing.assert_allclose(there.z, -back.z, atol=1e-9)
    np.testing.assert_allclose(there.q_value, back.q_value, rtol=1e-9)


@pytest.mark.parametrize("xy", [[], [(2000, 2000)], [(1000, 1000), (1500, 1000)], [(2000, 2000)] * 3])
def test_too_few_incidents_are_not_tested(xy):
    places = places_at(xy)
    counts = np.ones(len(places))
    found = density_change(places, grid=GRID, bandwidth=400, before=0 * counts, after=counts, edge=CITY)
    assert not found.tested.any()
    assert (found.q_value == 1).all() and (found.p_value == 1).all() and not found.z.any()
    assert np.isfinite(found.change).all()


def test_unfit_parameters_of_a_change_are_refused():
    places = scattered()
    ones = np.ones(len(places))
    with pytest.raises(ParameterError, match="expected_share is 1"):
        density_change(places, grid=GRID, bandwidth=400, before=ones, after=ones, expected_share=1)
    with pytest.raises(ParameterError, match="length of the period"):
        density_change(places, grid=GRID, bandwidth=400, before=ones, after=ones, years=(1, 0))
    with pytest.raises(ParameterError, match="one for each"):
        density_change(places, grid=GRID, bandwidth=400, before=ones[1:], after=ones)
