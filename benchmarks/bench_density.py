"""
Time kernel density against its peers, and print by how much each differs.

Two inputs: the incidents of Derby in 2025, and 400,000 rows drawn onto the
same map points and 15,000 more. Exact peers must agree to 1e-9; the others
print their error. Peers that are not installed are named and left out.

    python -m benchmarks density
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.density.bands import density_bands
from hotspots.density.bandwidth import choose_bandwidth
from hotspots.density.grid import Grid, square_grid
from hotspots.density.kernels import KERNELS
from hotspots.density.surface import kernel_density
from hotspots.geography.projection import distinct_points

SHARED = Path(__file__).resolve().parents[2] / "shared" / "derby"
CELL = 50.0
RADIUS = 300.0
ROWS = 400_000
#: scikit-learn takes minutes over every cell, so it is compared on every eighth row and column.
SAMPLE = slice(None, None, 8)

Surface = np.ndarray
Peer = Callable[[np.ndarray, Grid, float], Surface]


def main(
    folder: Path = SHARED / "police", outline: Path = SHARED / "city_outline.wkt"
) -> dict[str, dict[str, float]]:
    """Print one table per input; return the milliseconds by input and line."""
    city = shapely.from_wkt(outline.read_text(encoding="utf-8").split(";")[-1])
    rows = _incidents(folder, city)
    grid = square_grid(city, cell=CELL)
    return {
        title: _report(title, incidents, grid, city)
        for title, incidents in (("Derby 2025", rows), ("Snapped", _snapped(rows, city)))
    }


def _incidents(folder: Path, city: shapely.Geometry) -> np.ndarray:
    """Read the coordinates of the incidents inside the city, EPSG:27700, shape (incidents, 2)."""
    paths = sorted(folder.glob("2025-*-derbyshire-street.csv*"))
    frames = [pd.read_csv(path, usecols=["Longitude", "Latitude"]).dropna() for path in paths]
    rows = pd.concat(frames)
    points = gpd.points_from_xy(rows["Longitude"], rows["Latitude"], crs="EPSG:4326").to_crs("EPSG:27700")
    xy = np.column_stack([points.x, points.y])
    return xy[shapely.contains_xy(city, xy)]


def _snapped(rows: np.ndarray, city: shapely.Geometry) -> np.ndarray:
    """Draw 400,000 incidents onto the map points and 15,000 more, as stacked as the real ones."""
    rng = np.random.default_rng(27700)
    west, south, east, north = city.bounds
    more = rng.uniform((west, south), (east, north), (40_000, 2)).round()
    more = more[shapely.contains_xy(city, more)][:15_000]
    places = np.vstack([np.unique(rows, axis=0), more])
    chance = rng.pareto(1.2, len(places)) + 0.1
    return places[rng.choice(len(places), ROWS, p=chance / chance.sum())]


def _fold(rows: np.ndarray) -> gpd.GeoDataFrame:
    """Fold rows into places with their counts."""
    distinct, codes = distinct_points(rows[:, 0], rows[:, 1])
    points = shapely.points(distinct.real, distinct.imag)
    return gpd.GeoDataFrame({"n": np.bincount(codes)}, geometry=points, crs="EPSG:27700")


def _report(title: str, rows: np.ndarray, grid: Grid, city: shapely.Geometry) -> dict[str, float]:
    """Time ours and every peer on one input."""
    times: dict[str, float] = {}
    times["folding"], places = _time(lambda: _fold(rows))
    print(f"\n{title}: {len(rows):,} incidents at {len(places):,} places", end="; ")
    print(f"{grid.n_rows} x {grid.n_columns} cells of {grid.cell:g} m, radius {RADIUS:g} m")
    print(f"{'':48}{'bandwidth':>10}{'ms':>9}{'largest difference / peak':>28}")
    _line("folding rows into places, once for a whole run", None, times["folding"])
    for kernel, known in KERNELS.items():
        h = RADIUS / known.reach
        name = f"hotspots {kernel}"
        times[name], ours = _time(partial(kernel_density, places, grid=grid, bandwidth=h, kernel=kernel))
        _line(name, h, times[name], "exact")
        for peer, function in _peers(kernel, places).items():
            times[peer], theirs = _time(partial(function, rows, grid, h), repeats=1 if "exact" in peer else 5)
            _line(f"  {peer}", h, times[peer], _difference(peer, theirs, ours))
    return times | _city(places, grid, city)


def _city(places: gpd.GeoDataFrame, grid: Grid, city: shapely.Geometry) -> dict[str, float]:
    """Time what a run does for a theme: bandwidth, density with the edge corrected, bands."""
    choice, chosen = _time(partial(choose_bandwidth, places))
    edge, surface = _time(partial(kernel_density, places, grid=grid, bandwidth=RADIUS, edge=city))
    bands, _ = _time(partial(density_bands, surface, grid, places=places, outline=city, reach=RADIUS))
    _line("hotspots quartic, edge corrected", RADIUS, edge)
    _line("hotspots bands", RADIUS, bands)
    _line(f"hotspots choice of bandwidth ({chosen.metres:.0f} m)", None, choice)
    return {"edge corrected": edge, "bands": bands, "bandwidth": choice}


def _difference(name: str, theirs: Surface, ours: Surface) -> str:
    """Say how far a peer is from ours; an exact one has to agree to 1e-9."""
    same = ours[SAMPLE, SAMPLE] if theirs.shape != ours.shape else ours
    error = np.abs(theirs - same).max() / ours.max()
    if "exact" in name and not error < 1e-9:
        raise SystemExit(f"{name} is exact, yet differs by {error:.1e}.")
    return f"{error:.1e}"


def _line(name: str, bandwidth: float | None, milliseconds: float, difference: str = "") -> None:
    """Print one line of the table."""
    metres = "" if bandwidth is None else f"{bandwidth:.0f} m"
    print(f"{name:48}{metres:>10}{milliseconds:>9.1f}{difference:>28}")


def _peers(kernel: str, places: gpd.GeoDataFrame) -> dict[str, Peer]:
    """Return the peers that have this kernel."""
    xy, n = shapely.get_coordinates(places.geometry), places["n"].to_numpy()
    peers: dict[str, Peer] = {}
    if kernel in ("gaussian", "epanechnikov"):
        peers["scikit-learn on places, 1 cell in 64, exact"] = lambda _rows, grid, h: _sklearn(
            xy, n, grid, h, kernel=kernel
        )
    if _there("KDEpy"):
        name = {"quartic": "biweight", "epanechnikov": "epa", "gaussian": "gaussian"}[kernel]
        peers[f"KDEpy FFTKDE {name} on rows"] = lambda rows, grid, h: _kdepy(rows, None, grid, h, name=name)
        peers[f"KDEpy FFTKDE {name} on weighted places"] = lambda _rows, grid, h: _kdepy(
            xy, n, grid, h, name=name
        )
    if kernel == "epanechnikov" and _there("libkdv"):
        peers["libkdv epanechnikov (its only kernel) on rows"] = _libkdv
    return peers


def _there(package: str) -> bool:
    """Tell whether a peer is installed, and import it so that no timing holds that; say so if not."""
    if importlib.util.find_spec(package) is None:
        print(f"  {package} is not installed and is left out.")
        return False
    importlib.import_module(package)
    return True


def _sklearn(xy: np.ndarray, n: np.ndarray, grid: Grid, bandwidth: float, *, kernel: str) -> Surface:
    """Estimate with scikit-learn, asked for no approximation."""
    from sklearn.neighbors import KernelDensity

    x, y = np.meshgrid(grid.x[SAMPLE], grid.y[SAMPLE])
    model = KernelDensity(bandwidth=bandwidth, kernel=kernel, rtol=0, atol=0).fit(xy, sample_weight=n)
    with np.errstate(divide="ignore"):
        density = np.exp(model.score_samples(np.column_stack([x.ravel(), y.ravel()])))
    return density.reshape(x.shape) * n.sum() * 1e6


def _kdepy(rows: np.ndarray, n: np.ndarray | None, grid: Grid, bandwidth: float, *, name: str) -> Surface:
    """Estimate with KDEpy's FFTKDE, which bins the rows; its bandwidth is a standard deviation."""
    from KDEpy import FFTKDE

    # FFTKDE wants its grid to run column by column, with every row of data inside
    x, y = np.meshgrid(grid.x, grid.y, indexing="ij")
    model = FFTKDE(kernel=name, bw=1.0)
    # its kernels are scaled to a variance of one over the disc's radius: undo it, so that radii are equal
    deviation = bandwidth if name == "gaussian" else bandwidth * float(np.sqrt(model.kernel.var))
    model = FFTKDE(kernel=name, bw=deviation, norm=2)
    density = model.fit(rows, weights=n).evaluate(np.column_stack([x.ravel(), y.ravel()]))
    return density.reshape(x.shape).T * (len(rows) if n is None else n.sum()) * 1e6


def _libkdv(rows: np.ndarray, grid: Grid, bandwidth: float) -> Surface:
    """Estimate with libkdv, whose surface has no unit: scale it so that it sums to the incidents."""
    from libkdv import kdv

    west, south = rows.min(axis=0)
    model = kdv(
        rows,
        GPS=False,
        bound=[grid.y[0] - south, grid.y[-1] - south, grid.x[0] - west, grid.x[-1] - west],
        # its rows run along the easting, and it doubles the bandwidth that it is given
        row_pixels=grid.n_columns,
        col_pixels=grid.n_rows,
        bandwidth=bandwidth / 2,
        num_threads=os.cpu_count(),
    )
    surface = model.compute()["val"].to_numpy().reshape(grid.shape[::-1]).T
    return surface * len(rows) / (surface.sum() * grid.cell_km2)


def _time(function: Callable[[], Any], repeats: int = 5) -> tuple[float, Any]:
    """Return the best time of some calls in milliseconds, and the result; one call if that takes seconds."""
    best = 0.0
    for call in range(repeats):
        start = time.perf_counter()
        result = function()
        took = 1e3 * (time.perf_counter() - start)
        best = min(best, took) if call else took
        if took > 1000:
            break
    return best, result


if __name__ == "__main__":
    main()
