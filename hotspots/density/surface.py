"""
Kernel density of incidents over places, exact.

Incidents are stacked on few places, so every place is smoothed once with its
weight. A density is in incidents per km2 (per year where asked), never a
bare score.
"""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import shapely

from hotspots.density.grid import Grid
from hotspots.density.kernels import Factors, Stamps, find_kernel, lay
from hotspots.errors import ParameterError
from hotspots.places import check_weights, coordinates


def kernel_density(
    places: gpd.GeoDataFrame,
    *,
    grid: Grid,
    bandwidth: float,
    kernel: str = "quartic",
    weights: np.ndarray | None = None,
    edge: shapely.Geometry | None = None,
    years: float | None = None,
) -> np.ndarray:
    """
    Estimate the density of incidents at the centre of each grid cell.

    Exact: every place contributes to every cell within reach, nothing is
    binned; the Gaussian is cut off at 16 standard deviations, below 1e-55 of
    its peak.
    Cells near the study area's edge are too low unless `edge` is given,
    because incidents beyond it were never read. A smooth surface has the same
    look whether it rests on thousands of incidents or on ten: read it beside
    the count.

    Parameters
    ----------
    places : GeoDataFrame
        Distinct locations (points) in EPSG:27700 with `n`, the incidents at each.
    grid : Grid
        Square cells, in metres.
    bandwidth : float
        Metres: kernel radius for "quartic" and "epanechnikov", standard
        deviation for "gaussian". Not smaller than a cell.
    kernel : {"quartic", "epanechnikov", "gaussian"}, default "quartic"
        Shape of the kernel.
    weights : array of shape (len(places),), optional
        Incidents at each place, instead of `n`; not negative.
    edge : Polygon or MultiPolygon, optional
        The outline within which incidents were read. The kernel of each place
        inside is scaled up so that its part inside the outline counts one
        incident (Diggle). Then the density times each cell's area inside,
        `grid.share_inside(edge) * grid.cell_km2`, sums to the incidents inside.
        Places beyond the outline keep their plain kernel.
    years : float, optional
        Length of the period; the result is then per year.

    Returns
    -------
    ndarray of shape (grid.n_rows, grid.n_columns)
        Incidents per km2, or per km2 and year; row 0 is the southernmost.

    Raises
    ------
    ParameterError
        If the bandwidth is smaller than a cell, a weight is negative or not a
        number, or `years` is not above zero.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation, p. 76. Chapman and Hall.
    Diggle, P. J. (1985). A kernel method for smoothing point process data.
    Applied Statistics 34, 138-147.
    """
    incidents = check_weights(places, weights)
    held = incidents > 0
    xy = coordinates(places)[held]
    bandwidths = np.full(len(xy), check_bandwidth(bandwidth, grid))
    surface = smooth(xy, incidents[held], bandwidths, grid=grid, kernel=kernel, edge=edge)
    return surface / check_years(years)


def adaptive_density(
    places: gpd.GeoDataFrame,
    *,
    grid: Grid,
    bandwidth: float,
    kernel: str = "quartic",
    weights: np.ndarray | None = None,
    edge: shapely.Geometry | None = None,
    years: float | None = None,
) -> np.ndarray:
    """
    Estimate the density with a bandwidth that narrows where incidents are dense.

    The bandwidth of each place is `bandwidth` divided by the square root of
    the density found there with the fixed bandwidth, relative to its geometric
    mean over incidents, and is kept between half and three times `bandwidth`.
    Centres come out sharper and outskirts smoother than with a fixed one.

    It misleads in three ways. On snapped data it sharpens the map points
    themselves, so give a `bandwidth` whose half still spans their spacing. Two
    maps no longer have one resolution, so compare them with care. And a sharp
    peak is not thereby a significant one.

    Parameters
    ----------
    places, grid, bandwidth, kernel, weights, edge, years
        As `kernel_density`.

    Returns
    -------
    ndarray of shape (grid.n_rows, grid.n_columns)
        Incidents per km2, or per km2 and year.

    Raises
    ------
    ParameterError
        As `kernel_density`.

    References
    ----------
    Abramson, I. S. (1982). On bandwidth variation in kernel estimates: a square
    root law. Annals of Statistics 10, 1217-1223.
    Silverman, B. W. (1986). Density Estimation, pp. 100-110. Chapman and Hall.
    """
    incidents = check_weights(places, weights)
    held = incidents > 0
    xy, incidents = coordinates(places)[held], incidents[held]
    pilot = _at_places(xy, incidents, check_bandwidth(bandwidth, grid), kernel)
    typical = np.exp(np.average(np.log(pilot), weights=incidents)) if len(pilot) else 1.0
    narrowest = max(grid.cell, bandwidth / 2)
    bandwidths = np.clip(bandwidth * np.sqrt(typical / pilot), narrowest, 3 * bandwidth)
    surface = smooth(xy, incidents, bandwidths, grid=grid, kernel=kernel, edge=edge)
    return surface / check_years(years)


def _at_places(xy: np.ndarray, weights: np.ndarray, bandwidth: float, kernel: str) -> np.ndarray:
    """Return the density at the places themselves, up to a constant; never zero, for each sees itself."""
    profile = find_kernel(kernel).profile
    step = max(1, 1_000_000 // max(1, len(xy)))
    found = [
        profile(((xy[start : start + step, None, :] - xy[None, :, :]) ** 2).sum(axis=-1) / bandwidth**2)
        @ weights
        for start in range(0, len(xy), step)
    ]
    return np.concatenate(found) if found else np.zeros(0)


def smooth(
    xy: np.ndarray,
    weights: np.ndarray,
    bandwidths: np.ndarray,
    *,
    grid: Grid,
    kernel: str,
    edge: shapely.Geometry | None,
) -> np.ndarray:
    """Sum weight times kernel, scaled for the edge, over the places in every cell."""
    surface = np.zeros(grid.shape)
    for block in lay(xy, grid=grid, kernel=find_kernel(kernel), bandwidth=bandwidths):
        scale = _edge_scale(block, xy, grid, edge)
        surface[block.window] += block.smooth(weights[block.rows] * scale)
    return surface


def _edge_scale(
    block: Stamps | Factors, xy: np.ndarray, grid: Grid, edge: shapely.Geometry | None
) -> np.ndarray:
    """Return one over the kernel's mass inside the outline, for the places that lie inside."""
    scale = np.ones(len(block.rows))
    if edge is None:
        return scale
    mass = block.mass(grid.share_inside(edge))
    shapely.prepare(edge)
    inside = shapely.intersects_xy(edge, xy[block.rows]) & (mass > 0)
    scale[inside] = 1 / mass[inside]
    return scale


def check_years(years: float | None) -> float:
    """Return the length of the period, 1 where none is given."""
    if years is not None and not (math.isfinite(years) and years > 0):
        raise ParameterError(f"years is {years}: give the length of the period, above zero.")
    return years or 1.0


def check_bandwidth(bandwidth: float, grid: Grid) -> float:
    """Return the bandwidth, or refuse one between whose cells a kernel would fall through."""
    if not math.isfinite(bandwidth) or bandwidth < grid.cell:
        raise ParameterError(
            f"A bandwidth of {bandwidth:g} m is smaller than a cell of {grid.cell:g} m: "
            "raise the bandwidth or make the cells smaller."
        )
    return float(bandwidth)
