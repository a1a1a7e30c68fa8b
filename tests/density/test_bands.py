"""Density bands: levels by area, disjoint shapes, and nothing that points at a lone incident."""

from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from hotspots.density.bands import BAND_SHARES, COLUMNS, density_bands
from hotspots.density.bandwidth import choose_bandwidth
from hotspots.density.grid import square_grid
from hotspots.density.surface import kernel_density
from hotspots.errors import ParameterError

CITY = shapely.Polygon([(0, 0), (6000, 300), (6600, 3500), (3500, 6200), (300, 5000)])


def places_at(xy, n=None):
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    counts = np.ones(len(xy), dtype=int) if n is None else np.asarray(n)
    return gpd.GeoDataFrame({"n": counts}, geometry=shapely.points(xy), crs="EPSG:27700")


def town(seed, *, size=400):
    """Two centres and a scatter, inside the city."""
    rng = np.random.default_rng(seed)
    xy = np.vstack(
        [
            rng.normal((2000, 2000), 350, (size, 2)),
            rng.normal((4200, 3600), 250, (size // 2, 2)),
            rng.uniform(0, 6600, (size, 2)),
        ]
    ).round()
    xy = np.unique(xy[shapely.contains_xy(CITY, xy)], axis=0)
    return places_at(xy, rng.integers(1, 9, len(xy)))


def bands_of(places, *, bandwidth=400.0, cell=100.0, outline=CITY, edge=CITY, kernel="quartic", **options):
    grid = square_grid(outline, cell=cell)
    surface = kernel_density(places, grid=grid, bandwidth=bandwidth, edge=edge, kernel=kernel)
    options = {"reach": bandwidth} | options
    return density_bands(surface, grid, places=places, outline=outline, **options)


@given(seed=st.integers(0, 10**6), kernel=st.sampled_from(["quartic", "epanechnikov", "gaussian"]))
@settings(max_examples=12)
def test_bands_are_valid_disjoint_inside_and_nested(seed, kernel):
    bands = bands_of(town(seed), kernel=kernel)
    assert list(bands.columns) == [*COLUMNS, "geometry"]
    assert bands.crs == "EPSG:27700"
    assert bands.geometry.is_valid.all() and not bands.geometry.is_empty.any()
    assert (bands.geometry.geom_type == "MultiPolygon").all()
    assert (bands.area > 0).all()
    assert bands.area.sum() == pytest.approx(bands.union_all().area, rel=1e-9)
    assert bands.union_all().difference(CITY).area < 1e-3
    assert bands["band"].is_monotonic_increasing and bands["band"].is_unique
    assert (bands["lower"] < bands["upper"]).all()
    np.testing.assert_array_equal(bands["upper"].iloc[:-1], bands["lower"].iloc[1:])
    for column in ("incidents", "incident_share", "area_share"):
        assert bands[column].is_monotonic_decreasing


def test_five_bands_by_share_of_the_city():
    bands = bands_of(town(1), cell=50)
    assert bands["band"].tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(bands["area_share"][::-1], BAND_SHARES, rtol=0.08)


def test_figures_are_cumulative_and_agree_with_the_shapes():
    places = town(2)
    bands = bands_of(places)
    for k in range(len(bands)):
        shape = bands.geometry.iloc[k:].union_all()
        held = places["n"][places.intersects(shape.buffer(1e-6))].sum()
        assert bands["incidents"].iloc[k] == held
        assert bands["incident_share"].iloc[k] == pytest.approx(held / places["n"].sum())
        assert bands["area_share"].iloc[k] == pytest.approx(shape.area / CITY.area, rel=1e-6)


def test_density_inside_a_band_lies_between_its_bounds():
    places, grid = town(3), square_grid(CITY, cell=50)
    surface = kernel_density(places, grid=grid, bandwidth=400, edge=CITY)
    bands = density_bands(surface, grid, places=places, outline=CITY, reach=400)
    x, y = np.meshgrid(grid.x, grid.y)
    for band in bands.itertuples():
        within = surface[shapely.contains_xy(band.geometry, x, y)]
        assert within.min() >= band.lower * (1 - 1e-9)
        assert within.max() <= band.upper * (1 + 1e-9)


def test_levels_are_what_the_share_of_cells_exceeds():
    # a ramp over a square city of 40 x 40 cells: the densest tenth is the last four columns
    city = shapely.box(0, 0, 4000, 4000)
    grid = square_grid(city, cell=100)
    ramp = np.broadcast_to(np.clip(np.arange(grid.n_columns), 1, 40) * 1.0, grid.shape).copy()
    x, y = np.meshgrid(np.arange(50, 4000, 100), np.arange(50, 4000, 100))
    places = places_at(np.column_stack([x.ravel(), y.ravel()]))
    bands = density_bands(ramp, grid, places=places, outline=city, reach=500, shares=(0.1,))
    assert bands["lower"].tolist() == [36.0] or bands["lower"].tolist() == [37.0]
    assert bands["upper"].tolist() == [40.0]


def test_a_band_reaches_the_outline():
    # a centre on the border: with the edge corrected, contours end at the outline, not before it
    rng = np.random.default_rng(4)
    city = shapely.box(0, 0, 5000, 5000)
    xy = np.abs(rng.normal((0, 2500), (300, 300), (300, 2)))
    bands = bands_of(places_at(xy), outline=city, edge=city)
    assert bands.union_all().bounds[0] == pytest.approx(0)


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
@pytest.mark.parametrize("bandwidth", [200, 500, 900])
def test_a_lone_incident_never_shows(shared, kernel, bandwidth):
    outline = shapely.from_wkt((shared / "derby" / "city_outline.wkt").read_text("utf-8").split(";")[-1])
    with (shared / "badinput" / "180_lone_incident.csv").open(encoding="utf-8") as file:
        rows = [(float(row["Longitude"]), float(row["Latitude"])) for row in csv.DictReader(file)]
    convert = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    xy = np.column_stack(convert.transform(*np.transpose(rows)))
    lone = shapely.Point(*convert.transform(-1.540, 52.869))
    assert np.count_nonzero(shapely.dwithin(shapely.points(xy), lone, 1500)) == 1
    reach = bandwidth if kernel == "quartic" else 2.78 * bandwidth
    bands = bands_of(
        places_at(xy), bandwidth=bandwidth, outline=outline, edge=outline, kernel=kernel, reach=reach
    )
    assert len(bands) > 0
    assert bands.distance(lone).min() > 1000


def test_a_lone_incident_leaves_no_ring_and_no_hole():
    places = town(5)
    lone = shapely.Point(3000, 5000)
    near = places.distance(lone) < 1300
    places = places_at(
        np.vstack([shapely.get_coordinates(places.geometry[~near]), [(3000, 5000)]]),
        np.append(places["n"][~near], 1),
    )
    bands = bands_of(places, shares=(0.01, 0.1, 0.3, 0.6, 0.9))
    assert bands.distance(lone).min() > 400


def test_every_cell_shown_is_supported():
    places, grid = town(6, size=60), square_grid(CITY, cell=50)
    surface = kernel_density(places, grid=grid, bandwidth=300, edge=CITY)
    bands = density_bands(
        surface, grid, places=places, outline=CITY, reach=300, shares=(0.1, 0.3, 0.6), minimum_incidents=8
    )
    x, y = np.meshgrid(grid.x, grid.y)
    shown = shapely.contains_xy(bands.union_all(), x, y)
    cells = shapely.points(x[shown], y[shown])
    near = shapely.dwithin(cells[:, None], places.geometry.to_numpy()[None, :], 300)
    assert ((near * places["n"].to_numpy()).sum(axis=1) >= 8).all()
    assert (near.sum(axis=1) >= 3).all()


def test_every_part_holds_enough_itself():
    places = town(7, size=60)
    bands = bands_of(places, bandwidth=250, minimum_incidents=10, minimum_places=4)
    assert len(bands)
    for k in range(len(bands)):
        for part in bands.geometry.iloc[k:].union_all(method="unary").buffer(0.01).geoms:
            inside = places.intersects(part)
            assert places["n"][inside].sum() >= 10 and inside.sum() >= 4


def test_a_hot_part_that_fails_is_drawn_one_band_lower():
    # three strong stacks near each other: the peak alone holds one of them, its surroundings all
    rng = np.random.default_rng(8)
    ring = rng.normal((3000, 3000), 500, (60, 2))
    places = places_at(np.vstack([[(3000, 3000)], ring]), [400] + [1] * 60)
    strict = bands_of(places, bandwidth=300, shares=(0.001, 0.05), minimum_places=6)
    free = bands_of(places, bandwidth=300, shares=(0.001, 0.05), minimum_places=1, minimum_incidents=1)
    assert free["band"].tolist() == [1, 2]
    assert strict["band"].tolist() == [1]
    assert strict.union_all().contains(shapely.Point(3000, 3000))
    assert strict["upper"].iloc[0] == pytest.approx(free["upper"].iloc[1])


@pytest.mark.parametrize(
    "xy",
    [
        [],
        [(2000, 2000)],
        [(2000, 2000), (2100, 2100)],
        [(2000, 2000)] * 1,
        [(500 + 900 * k, 2000) for k in range(5)],
    ],
)
def test_too_few_incidents_give_an_empty_frame_with_the_columns(xy):
    bands = bands_of(places_at(xy))
    assert bands.empty
    assert list(bands.columns) == [*COLUMNS, "geometry"]
    assert bands.crs == "EPSG:27700"
    assert bands["band"].dtype == np.int64


def test_a_sparse_theme_gets_the_dense_bands_only():
    rng = np.random.default_rng(9)
    bands = bands_of(places_at(rng.normal(2500, 150, (40, 2))), bandwidth=250)
    assert bands["band"].max() == 5
    assert 1 not in bands["band"].tolist()
    assert bands["incident_share"].iloc[0] > 0.95


def test_weights_replace_n():
    places = town(10)
    grid = square_grid(CITY, cell=100)
    surface = kernel_density(places, grid=grid, bandwidth=400)
    heavier = density_bands(surface, grid, places=places, weights=10 * places["n"], outline=CITY, reach=400)
    plain = density_bands(surface, grid, places=places, outline=CITY, reach=400)
    np.testing.assert_array_equal(heavier["incidents"], 10 * plain["incidents"])


def test_the_same_places_in_another_order_give_the_same_bytes():
    places = town(11)
    one, other = bands_of(places), bands_of(places.sort_values("n", kind="stable"))
    assert [len(shape) for shape in one.to_wkb()["geometry"]] == [len(s) for s in other.to_wkb()["geometry"]]
    assert one.to_wkb().equals(bands_of(places).to_wkb())


def test_derby_in_one_quarter_is_drawn_within_its_outline(shared):
    pd = pytest.importorskip("pandas")
    outline = shapely.from_wkt((shared / "derby" / "city_outline.wkt").read_text("utf-8").split(";")[-1])
    rows = pd.read_csv(shared / "derby" / "police" / "2025-06-derbyshire-street.csv.gz").dropna(
        subset="Latitude"
    )
    points = gpd.points_from_xy(rows["Longitude"], rows["Latitude"], crs="EPSG:4326").to_crs("EPSG:27700")
    inside = points[shapely.contains_xy(outline, points.x, points.y)]
    xy, n = np.unique(np.column_stack([inside.x, inside.y]), axis=0, return_counts=True)
    places = places_at(xy, n)
    width = choose_bandwidth(places)
    bands = bands_of(places, bandwidth=width.metres, outline=outline, edge=outline, reach=width.reach)
    assert bands["band"].tolist() == [1, 2, 3, 4, 5]
    assert bands.geometry.is_valid.all()
    # the densest fiftieth of the city holds several times its share
    assert bands["incident_share"].iloc[-2] > 4 * bands["area_share"].iloc[-2]


def test_unfit_parameters_are_refused():
    places, grid = town(1), square_grid(CITY, cell=100)
    surface = kernel_density(places, grid=grid, bandwidth=400)
    options = {"places": places, "outline": CITY, "reach": 400}
    with pytest.raises(ParameterError, match="does not fit a grid"):
        density_bands(surface[1:], grid, **options)
    for bad in (-surface, np.full(grid.shape, np.nan)):
        with pytest.raises(ParameterError, match="give a density"):
            density_bands(bad, grid, **options)
    for shares in ((), (0.2, 0.1), (0, 0.5), (0.5, 1.0)):
        with pytest.raises(ParameterError, match="rise between 0 and 1"):
            density_bands(surface, grid, **options, shares=shares)
    with pytest.raises(ParameterError, match="metres above zero"):
        density_bands(surface, grid, **options | {"reach": 0})
    for least in ("minimum_incidents", "minimum_places"):
        with pytest.raises(ParameterError, match="start at 1"):
            density_bands(surface, grid, **options, **{least: 0})
