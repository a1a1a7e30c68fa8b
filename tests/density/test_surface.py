"""Kernel density against a double loop and scikit-learn, and by its properties."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.density.grid import Grid, square_grid
from hotspots.density.kernels import KERNELS, _window, count_within
from hotspots.density.surface import adaptive_density, kernel_density
from hotspots.errors import ParameterError

KERNEL_NAMES = tuple(KERNELS)
CITY = shapely.Polygon([(0, 0), (4000, 300), (4600, 2500), (2500, 4200), (300, 3000)])


def places_at(xy, n=None):
    xy = np.asarray(xy, dtype=float)
    counts = np.ones(len(xy), dtype=int) if n is None else np.asarray(n)
    return gpd.GeoDataFrame({"n": counts}, geometry=shapely.points(xy), crs="EPSG:27700")


def random_places(seed, size=60, *, city=CITY):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 4600, (size * 4, 2))
    xy = xy[shapely.contains_xy(city, xy)][:size]
    return places_at(xy, rng.integers(1, 40, len(xy)))


def by_double_loop(places, grid, bandwidth, kernel):
    """Add up every place in every cell, in plain Python."""
    formula = {
        "quartic": lambda d: 3 / (math.pi * bandwidth**2) * (1 - (d / bandwidth) ** 2) ** 2 * (d < bandwidth),
        "epanechnikov": lambda d: 2 / (math.pi * bandwidth**2) * (1 - (d / bandwidth) ** 2) * (d < bandwidth),
        "gaussian": lambda d: math.exp(-(d**2) / (2 * bandwidth**2)) / (2 * math.pi * bandwidth**2),
    }[kernel]
    points = [(p.x, p.y, n) for p, n in zip(places.geometry, places["n"], strict=True)]
    return (
        np.array(
            [
                [sum(n * formula(math.hypot(x - a, y - b)) for a, b, n in points) for x in grid.x]
                for y in grid.y
            ]
        )
        * 1e6
    )


def test_one_place_by_hand():
    # at the centre of a cell: the quartic's height is 3 / (pi h2), in km2 with h = 0.2 km
    surface = kernel_density(places_at([(150, 150)], [4]), grid=Grid(0, 0, 100, 3, 3), bandwidth=200)
    assert surface[1, 1] == pytest.approx(4 * 3 / (math.pi * 0.2**2))
    assert surface[1, 2] == pytest.approx(surface[1, 1] * (1 - 0.25) ** 2)
    assert surface[0, 0] == pytest.approx(surface[1, 1] * (1 - 0.5) ** 2)


@pytest.mark.parametrize("kernel", KERNEL_NAMES)
@pytest.mark.parametrize("bandwidth", [100, 237.5, 900, 6000])
def test_density_equals_a_plain_double_loop(kernel, bandwidth):
    places = random_places(3)
    grid = square_grid(CITY, cell=100)
    surface = kernel_density(places, grid=grid, bandwidth=bandwidth, kernel=kernel)
    expected = by_double_loop(places, grid, bandwidth, kernel)
    np.testing.assert_allclose(surface, expected, rtol=1e-9, atol=1e-9 * expected.max() * 1e-3)
    assert (surface > 0).sum() == (expected > 0).sum()


@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
def test_density_equals_scikit_learn(kernel):
    neighbors = pytest.importorskip("sklearn.neighbors")
    places, grid = random_places(5), square_grid(CITY, cell=150)
    model = neighbors.KernelDensity(bandwidth=400, kernel=kernel, rtol=0, atol=0)
    model.fit(shapely.get_coordinates(places.geometry), sample_weight=places["n"])
    x, y = np.meshgrid(grid.x, grid.y)
    with np.errstate(divide="ignore"):
        peer = np.exp(model.score_samples(np.column_stack([x.ravel(), y.ravel()]))).reshape(grid.shape)
    peer *= places["n"].sum() * 1e6
    surface = kernel_density(places, grid=grid, bandwidth=400, kernel=kernel)
    np.testing.assert_allclose(surface, peer, rtol=1e-9, atol=1e-9)


def test_places_beyond_the_grid_still_count():
    grid = Grid(1000, 1000, 100, 5, 7)
    around = places_at([(850, 1200), (2000, 1601), (1300, 700), (-9000, 0), (1001, 999), (1850, 1250)])
    for kernel in KERNEL_NAMES:
        expected = by_double_loop(around, grid, 330, kernel)
        surface = kernel_density(around, grid=grid, bandwidth=330, kernel=kernel)
        np.testing.assert_allclose(surface, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (4, 2)])
@pytest.mark.parametrize("kernel", KERNEL_NAMES)
def test_a_bandwidth_far_wider_than_the_grid_costs_no_more_than_the_grid(kernel, shape):
    # 50 km in cells of 10 m would be a window of 80 million cells around each place
    grid = Grid(1000, 1000, 10, *shape)
    around = places_at([(1003, 1004), (900, 1200), (31_000, 1000), (-70_000, 0)], [3, 1, 2, 9])
    surface = kernel_density(around, grid=grid, bandwidth=50_000, kernel=kernel)
    np.testing.assert_allclose(surface, by_double_loop(around, grid, 50_000, kernel), rtol=1e-9)
    assert len(_window(50_000.0, 10.0, grid.shape)) == (2 * shape[0] - 1) * (2 * shape[1] - 1)


@pytest.mark.parametrize("kernel", KERNEL_NAMES)
@given(seed=st.integers(0, 10**6), bandwidth=st.floats(200, 1500))
@settings(max_examples=12)
def test_edge_correction_conserves_the_incidents(kernel, seed, bandwidth):
    places, grid = random_places(seed), square_grid(CITY, cell=100)
    surface = kernel_density(places, grid=grid, bandwidth=bandwidth, kernel=kernel, edge=CITY)
    total = places["n"].sum()
    assert (surface * grid.share_inside(CITY)).sum() * grid.cell_km2 == pytest.approx(total, rel=1e-9)
    # whole cells by their centre are a coarser ruler than the area inside
    assert surface[grid.inside(CITY)].sum() * grid.cell_km2 == pytest.approx(total, rel=0.04)
    plain = kernel_density(places, grid=grid, bandwidth=bandwidth, kernel=kernel)
    assert (plain * grid.share_inside(CITY)).sum() * grid.cell_km2 < total * 1.001


def test_edge_correction_leaves_the_middle_alone():
    grid, middle = square_grid(CITY, cell=50), places_at([(2300, 2100)], [7])
    corrected = kernel_density(middle, grid=grid, bandwidth=500, edge=CITY)
    np.testing.assert_allclose(corrected, kernel_density(middle, grid=grid, bandwidth=500), rtol=1e-3)


def test_edge_correction_doubles_a_place_on_a_straight_border():
    city = shapely.box(0, 0, 4000, 4000)
    grid, border = square_grid(city, cell=20), places_at([(2000, 0.0)], [5])
    plain = kernel_density(border, grid=grid, bandwidth=400)
    corrected = kernel_density(border, grid=grid, bandwidth=400, edge=city)
    np.testing.assert_allclose(corrected, plain * 2, rtol=1e-3)


def test_a_place_beyond_the_outline_keeps_its_plain_kernel():
    grid, beyond = square_grid(CITY, cell=100), places_at([(2000, -90)])
    np.testing.assert_array_equal(
        kernel_density(beyond, grid=grid, bandwidth=300, edge=CITY),
        kernel_density(beyond, grid=grid, bandwidth=300),
    )


def test_an_unbounded_grid_holds_the_whole_mass():
    grid = Grid(-6000, -6000, 100, 170, 170)
    for kernel in KERNEL_NAMES:
        surface = kernel_density(random_places(8), grid=grid, bandwidth=800, kernel=kernel)
        total = random_places(8)["n"].sum()
        assert surface.sum() * grid.cell_km2 == pytest.approx(total, rel=1e-3)


seeds = st.integers(0, 10**6)
kernels = st.sampled_from(KERNEL_NAMES)


@given(seed=seeds, kernel=kernels)
@settings(max_examples=15)
def test_swapping_x_and_y_swaps_the_answer(seed, kernel):
    places = random_places(seed)
    mirrored = places_at(shapely.get_coordinates(places.geometry)[:, ::-1], places["n"])
    grid, turned = Grid(0, 0, 100, 40, 47), Grid(0, 0, 100, 47, 40)
    there = kernel_density(places, grid=grid, bandwidth=450, kernel=kernel)
    back = kernel_density(mirrored, grid=turned, bandwidth=450, kernel=kernel)
    np.testing.assert_allclose(there, back.T, rtol=1e-9, atol=1e-12)


@given(seed=seeds, kernel=kernels, k=st.floats(0.01, 50))
@settings(max_examples=15)
def test_scaling_metres_by_k_scales_density_by_one_over_k_squared(seed, kernel, k):
    places = random_places(seed)
    scaled = places_at(shapely.get_coordinates(places.geometry) * k, places["n"])
    one = kernel_density(places, grid=Grid(0, 0, 100, 40, 47), bandwidth=450, kernel=kernel)
    other = kernel_density(scaled, grid=Grid(0, 0, 100 * k, 40, 47), bandwidth=450 * k, kernel=kernel)
    np.testing.assert_allclose(other * k**2, one, rtol=1e-8, atol=1e-8)


@given(seed=seeds, kernel=kernels)
@settings(max_examples=15)
def test_weights_equal_repetition(seed, kernel):
    places, grid = random_places(seed, 20), square_grid(CITY, cell=200)
    repeated = places_at(np.repeat(shapely.get_coordinates(places.geometry), places["n"], axis=0))
    np.testing.assert_allclose(
        kernel_density(places, grid=grid, bandwidth=450, kernel=kernel, edge=CITY),
        kernel_density(repeated, grid=grid, bandwidth=450, kernel=kernel, edge=CITY),
        rtol=1e-9,
        atol=1e-12,
    )


@given(seed=seeds, kernel=kernels)
@settings(max_examples=15)
def test_density_is_additive_and_ignores_the_order(seed, kernel):
    places, grid = random_places(seed), square_grid(CITY, cell=200)
    order = np.random.default_rng(seed).permutation(len(places))
    options = {"grid": grid, "bandwidth": 450, "kernel": kernel, "edge": CITY}
    whole = kernel_density(places, **options)
    parts = [kernel_density(places.iloc[rows], **options) for rows in (order[:20], order[20:])]
    np.testing.assert_allclose(sum(parts), whole, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(kernel_density(places.iloc[order], **options), whole, rtol=1e-9, atol=1e-12)


def test_weights_replace_n_and_years_divide():
    places, grid = random_places(2), square_grid(CITY, cell=200)
    surface = kernel_density(places, grid=grid, bandwidth=450)
    twice = kernel_density(places, grid=grid, bandwidth=450, weights=2 * places["n"].to_numpy())
    np.testing.assert_allclose(twice, 2 * surface)
    np.testing.assert_allclose(kernel_density(places, grid=grid, bandwidth=450, years=0.25), 4 * surface)


def test_the_places_are_left_as_they_are():
    places = random_places(2)
    before = places.copy()
    kernel_density(places, grid=square_grid(CITY, cell=200), bandwidth=450, edge=CITY)
    assert places.equals(before)


def test_no_incidents_make_a_surface_of_zeros():
    grid = square_grid(CITY, cell=200)
    nothing = random_places(1).iloc[:0]
    for function in (kernel_density, adaptive_density):
        for kernel in KERNEL_NAMES:
            assert not function(nothing, grid=grid, bandwidth=450, kernel=kernel, edge=CITY).any()
            zeros = np.zeros(60)
            assert not function(random_places(1), grid=grid, bandwidth=450, weights=zeros).any()


@pytest.mark.parametrize("xy", [[(900, 900)], [(900, 900), (900, 900)], [(100 * k, 500) for k in range(9)]])
@pytest.mark.parametrize("function", [kernel_density, adaptive_density])
def test_degenerate_places_give_a_finite_surface(function, xy):
    surface = function(places_at(xy), grid=square_grid(CITY, cell=100), bandwidth=300, edge=CITY)
    assert np.isfinite(surface).all() and surface.max() > 0


def test_unfit_parameters_are_refused():
    places, grid = random_places(1), square_grid(CITY, cell=100)
    for bandwidth in (0, -1, 99, math.nan, math.inf):
        with pytest.raises(ParameterError, match="smaller than a cell"):
            kernel_density(places, grid=grid, bandwidth=bandwidth)
    with pytest.raises(ParameterError, match="choose among quartic, epanechnikov, gaussian"):
        kernel_density(places, grid=grid, bandwidth=300, kernel="triweight")
    with pytest.raises(ParameterError, match="one for each"):
        kernel_density(places, grid=grid, bandwidth=300, weights=np.ones(3))
    for bad in (-1.0, math.nan):
        with pytest.raises(ParameterError, match="negative or not a number"):
            kernel_density(places, grid=grid, bandwidth=300, weights=np.full(len(places), bad))
    with pytest.raises(ParameterError, match="length of the period"):
        kernel_density(places, grid=grid, bandwidth=300, years=0)
    with pytest.raises(ParameterError, match="not a point"):
        kernel_density(places.set_geometry(places.buffer(5)), grid=grid, bandwidth=300)


@pytest.mark.parametrize("name", KERNEL_NAMES)
def test_kernels_smooth_equally_at_their_canonical_bandwidths(name):
    # Marron and Nolan: roughness over squared variance is the same, by numerical integration
    def constant(kernel, h):
        r, step = np.linspace(0, 12 * h, 200_001, retstep=True)
        value = kernel.profile((r / h) ** 2) * kernel.peak / h**2
        assert (2 * math.pi * r * value).sum() * step == pytest.approx(1, rel=1e-4)
        roughness = (2 * math.pi * r * value**2).sum() * step
        variance = (math.pi * r**3 * value).sum() * step
        return roughness / variance**2

    kernel = KERNELS[name]
    assert constant(kernel, 1 / kernel.reach) == pytest.approx(constant(KERNELS["quartic"], 1.0), rel=1e-3)


def test_counting_within_a_radius_equals_a_tree():
    spatial = pytest.importorskip("scipy.spatial")
    places, grid = random_places(4), square_grid(CITY, cell=130)
    xy, n = shapely.get_coordinates(places.geometry), places["n"].to_numpy(float)
    x, y = np.meshgrid(grid.x, grid.y)
    near = spatial.cKDTree(xy).query_ball_point(np.column_stack([x.ravel(), y.ravel()]), 410)
    (found,) = count_within(xy, (n,), grid=grid, radius=410)
    np.testing.assert_allclose(found.ravel(), [n[rows].sum() for rows in near], atol=1e-9)


def test_adaptive_density_conserves_incidents_and_sharpens_the_centre():
    rng = np.random.default_rng(6)
    centre, spread = rng.normal(2200, 80, (80, 2)), rng.uniform(800, 3300, (40, 2))
    places, grid = places_at(np.vstack([centre, spread])), square_grid(CITY, cell=50)
    fixed = kernel_density(places, grid=grid, bandwidth=500, edge=CITY)
    adaptive = adaptive_density(places, grid=grid, bandwidth=500, edge=CITY)
    assert (adaptive * grid.share_inside(CITY)).sum() * grid.cell_km2 == pytest.approx(120, rel=1e-9)
    assert adaptive.max() > 1.5 * fixed.max()


def test_adaptive_density_equals_a_loop_over_places():
    places, grid = random_places(9, 30), square_grid(CITY, cell=100)
    xy, n = shapely.get_coordinates(places.geometry), places["n"].to_numpy(float)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) / 400
    pilot = (np.clip(1 - apart**2, 0, None) ** 2) @ n
    typical = math.exp((n * np.log(pilot)).sum() / n.sum())
    expected = sum(
        kernel_density(places.iloc[[k]], grid=grid, bandwidth=float(np.clip(h, 200, 1200)))
        for k, h in enumerate(400 * np.sqrt(typical / pilot))
    )
    np.testing.assert_allclose(
        adaptive_density(places, grid=grid, bandwidth=400), expected, rtol=1e-9, atol=1e-12
    )
