"""The choice of a bandwidth: value, reason, floor, and when there is none."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.density.bandwidth import choose_bandwidth
from hotspots.density.kernels import KERNELS
from hotspots.errors import ParameterError


def places_at(xy, n=None):
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    counts = np.ones(len(xy), dtype=int) if n is None else np.asarray(n)
    return gpd.GeoDataFrame({"n": counts}, geometry=shapely.points(xy), crs="EPSG:27700")


def snapped(seed=0, size=300, spread=1500.0):
    rng = np.random.default_rng(seed)
    xy = np.unique(rng.normal(0, spread, (size, 2)).round(), axis=0)
    return places_at(xy + np.array([435000, 336000]), rng.integers(2, 30, len(xy)))


def test_the_rule_of_thumb_by_hand():
    # 16 incidents on the corners of a square, all at 1,000 m from the centre:
    # SD = sqrt(1000^2 x 16/15), Dm / sqrt(ln 2) = 1201.1, so SD is the smaller
    square = places_at([(1000, 0), (0, 1000), (-1000, 0), (0, -1000)], [4] * 4)
    chosen = choose_bandwidth(square, floor=0)
    assert chosen.metres == pytest.approx(0.9 * 1000 * math.sqrt(16 / 15) * 16**-0.2)
    assert chosen.reason == "Bandwidth 534 m (rule of thumb, 16 incidents)."
    assert str(chosen) == chosen.reason


def test_the_rule_uses_x_and_y_alike():
    places = snapped()
    xy = shapely.get_coordinates(places.geometry)
    wide = places_at(xy * [3, 1], places["n"])
    high = places_at(xy[:, ::-1] * [1, 3], places["n"])
    assert choose_bandwidth(wide).metres == pytest.approx(choose_bandwidth(high).metres)
    assert choose_bandwidth(wide).metres > 1.3 * choose_bandwidth(places).metres


@given(seed=st.integers(0, 10**6), k=st.floats(0.5, 20))
@settings(max_examples=15)
@pytest.mark.parametrize("method", ["rule", "likelihood"])
def test_bandwidth_scales_with_metres_and_ignores_the_origin(method, seed, k):
    places = snapped(seed, 60)
    moved = places_at(shapely.get_coordinates(places.geometry) * k - [1e5, 3e4], places["n"])
    one = choose_bandwidth(places, method=method, floor=0).metres
    assert choose_bandwidth(moved, method=method, floor=0).metres == pytest.approx(k * one, rel=1e-6)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=15)
def test_the_rule_with_weights_equals_repetition(seed):
    places = snapped(seed, 40)
    repeated = places_at(np.repeat(shapely.get_coordinates(places.geometry), places["n"], axis=0))
    one, other = (choose_bandwidth(at, floor=0).metres for at in (places, repeated))
    assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("method", ["rule", "likelihood"])
def test_the_order_of_places_does_not_matter(method):
    places = snapped(3)
    shuffled = places.sample(frac=1, random_state=1)
    one, other = (choose_bandwidth(at, method=method) for at in (places, shuffled))
    assert one.reason == other.reason
    assert one.metres == pytest.approx(other.metres, rel=1e-12)


def test_every_kernel_gets_an_equal_amount_of_smoothing():
    radius = choose_bandwidth(snapped()).metres
    for name, kernel in KERNELS.items():
        chosen = choose_bandwidth(snapped(), kernel=name)
        assert chosen.metres * kernel.reach == pytest.approx(radius)
        assert chosen.reach == pytest.approx(radius)
    assert "(standard deviation), a quartic of" in choose_bandwidth(snapped(), kernel="gaussian").reason


def test_cross_validation_agrees_with_scikit_learn_on_distinct_places():
    # each incident its own place: leaving out a place is leaving out a row
    neighbors = pytest.importorskip("sklearn.neighbors")
    rng = np.random.default_rng(2)
    xy = np.vstack([rng.normal(0, 200, (60, 2)), rng.normal(3000, 300, (60, 2))])
    places = places_at(xy)
    chosen = choose_bandwidth(places, method="likelihood", kernel="gaussian", floor=0)
    rule = choose_bandwidth(places, kernel="gaussian", floor=0).metres

    def score(h):
        total = 0.0
        for k in range(len(xy)):
            model = neighbors.KernelDensity(bandwidth=h, rtol=0).fit(np.delete(xy, k, axis=0))
            total += model.score_samples(xy[k : k + 1])[0]
        return total

    tried = rule * np.geomspace(0.5, 4.0, 13)
    near = tried[np.argsort(np.abs(tried - chosen.metres))[:3]]
    assert max(near, key=score) == pytest.approx(chosen.metres)


def test_cross_validation_leaves_out_whole_places():
    # stacks of ten: leaving out single incidents would take the smallest bandwidth on offer
    places = snapped(1, 200).assign(n=10)
    rule = choose_bandwidth(places, floor=0).metres
    chosen = choose_bandwidth(places, method="likelihood", floor=0)
    assert chosen.metres > 0.55 * rule
    assert "likelihood cross-validation, 2,000 incidents" in chosen.reason


def test_cross_validation_survives_a_far_outlier():
    places = places_at([*shapely.get_coordinates(snapped().geometry), (0, 0)])
    chosen = choose_bandwidth(places, method="likelihood")
    assert math.isfinite(chosen.metres) and chosen.metres > 0


def test_the_floor_is_the_measured_spacing_of_snapped_places():
    # a lattice of map points 270 m apart
    x, y = np.meshgrid(np.arange(8) * 270, np.arange(8) * 270)
    lattice = places_at(np.column_stack([x.ravel(), y.ravel()]), [500] * 64)
    chosen = choose_bandwidth(lattice)
    assert chosen.metres == pytest.approx(270)
    assert "raised from 99 m to the floor, 270 m" in chosen.reason
    assert choose_bandwidth(lattice, floor=0).metres < 120
    assert choose_bandwidth(lattice, floor=150).metres == 150


def test_places_close_together_do_not_lower_the_floor_below_200_metres():
    x, y = np.meshgrid(np.arange(6) * 30, np.arange(6) * 30)
    chosen = choose_bandwidth(places_at(np.column_stack([x.ravel(), y.ravel()]), [2] * 36))
    assert chosen.metres == 200
    assert "the floor, 200 m, the least for snapped locations" in chosen.reason


def test_exact_locations_have_a_floor_too():
    rng = np.random.default_rng(1)
    chosen = choose_bandwidth(places_at(rng.normal(0, 50, (200, 2))))
    assert chosen.metres == 200
    assert "not snapped" in chosen.reason


def test_places_without_weight_still_measure_the_spacing():
    places = snapped(0, 400, 300.0)
    weights = np.zeros(len(places), dtype=int)
    weights[::40] = 5
    apart = shapely.get_coordinates(places.geometry)
    nearest = np.sort(np.hypot(*(apart[:, None] - apart[None]).transpose(2, 0, 1)), axis=1)[:, 1]
    chosen = choose_bandwidth(places, weights=weights, floor=None)
    assert chosen.incidents == weights.sum()
    assert chosen.metres >= np.percentile(nearest, 95)


def test_a_fixed_bandwidth_is_taken_as_it_is():
    chosen = choose_bandwidth(places_at([(0, 0)]), method="fixed", metres=300)
    assert (chosen.metres, chosen.reason) == (300, "Bandwidth 300 m (as set, 1 incident).")


@pytest.mark.parametrize(
    ("xy", "n", "words"),
    [
        ([], [], "0 incidents"),
        ([(0, 0)], [1], "1 incident, and 10 are needed"),
        ([(0, 0), (500, 900)], [1, 1], "2 incidents, and 10 are needed"),
        ([(0, 0)], [500], "500 incidents all at one place"),
        ([(0, 0), (500, 900)], [20, 20], "at 2 places only"),
        ([(k * 100, k * 50) for k in range(40)], [3] * 40, "on one line"),
        ([(k * 100.1, k * 33.37) for k in range(40)], [3] * 40, "on one line"),
    ],
)
@pytest.mark.parametrize("method", ["rule", "likelihood"])
def test_too_few_is_said_rather_than_estimated(xy, n, words, method):
    chosen = choose_bandwidth(places_at(xy, n), method=method)
    assert chosen.metres is None and chosen.reach is None
    assert chosen.reason.startswith("Too few for a density: ")
    assert words in chosen.reason


def test_derby_in_2025_is_near_what_analysts_use(derby_places):
    chosen = choose_bandwidth(derby_places)
    assert 250 < chosen.metres < 450
    assert (
        chosen.reason == f"Bandwidth {chosen.metres:.0f} m (rule of thumb, {chosen.incidents:,} incidents)."
    )


@pytest.fixture(scope="module")
def derby_places(shared):
    pd = pytest.importorskip("pandas")
    outline = shapely.from_wkt((shared / "derby" / "city_outline.wkt").read_text("utf-8").split(";")[-1])
    paths = sorted((shared / "derby" / "police").glob("2025-0[1-3]-derbyshire-street.csv.gz"))
    rows = pd.concat([pd.read_csv(path, usecols=["Longitude", "Latitude"]) for path in paths]).dropna()
    points = gpd.points_from_xy(rows["Longitude"], rows["Latitude"], crs="EPSG:4326").to_crs("EPSG:27700")
    inside = points[shapely.contains_xy(outline, points.x, points.y)]
    xy, n = np.unique(np.column_stack([inside.x, inside.y]), axis=0, return_counts=True)
    return places_at(xy, n)


def test_unfit_parameters_are_refused():
    places = snapped()
    with pytest.raises(ParameterError, match="choose among rule, likelihood, fixed"):
        choose_bandwidth(places, method="scott")
    with pytest.raises(ParameterError, match="choose among quartic"):
        choose_bandwidth(places, kernel="cone")
    for options in ({"method": "fixed"}, {"metres": 300}):
        with pytest.raises(ParameterError, match='with method "fixed", and with no other'):
            choose_bandwidth(places, **options)
    with pytest.raises(ParameterError, match="metres above zero"):
        choose_bandwidth(places, method="fixed", metres=0)
    with pytest.raises(ParameterError, match="0 or more"):
        choose_bandwidth(places, floor=-1)
    with pytest.raises(ParameterError, match="one for each"):
        choose_bandwidth(places, weights=np.ones(2))
