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

from hotspots.errors import ParameterError
from hotspots.grid import Grid
from hotspots.kernels import Factors, Stamps, find_kernel, lay


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
    binned or cut off; the Gaussian is summed over all places in all cells.
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
    if years is not None and not (math.isfinite(years) and years > 0):
        raise ParameterError(f"years is {years}: give the length of the period, above zero.")
    incidents = check_weights(places, weights)
    xy = coordinates(places)
    bandwidths = np.full(len(xy), check_bandwidth(bandwidth, grid))
    return _smooth(xy, incidents, bandwidths, grid=grid, kernel=kernel, edge=edge) / (years or 1.0)


def _smooth(
    xy: np.ndarray,
    weights: np.ndarray,
    bandwidths: np.ndarray,
    *,
    grid: Grid,
    kernel: str,
    edge: shapely.Geometry | None,
) -> np.ndarray:
    """Sum the kernels of all places with a weight, block by block."""
    held = weights > 0
    xy, weights, bandwidths = xy[held], weights[held], bandwidths[held]
    surface = np.zeros(grid.shape)
    for block in lay(xy, grid=grid, kernel=find_kernel(kernel), bandwidth=bandwidths):
        surface += block.spread(weights[block.rows] * _edge_scale(block, xy, grid, edge))
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


def coordinates(places: gpd.GeoDataFrame) -> np.ndarray:
    """Return easting and northing of the places, shape (len(places), 2)."""
    return shapely.get_coordinates(places.geometry.to_numpy())


def check_bandwidth(bandwidth: float, grid: Grid) -> float:
    """Return the bandwidth, or refuse one between whose cells a kernel would fall through."""
    if not math.isfinite(bandwidth) or bandwidth < grid.cell:
        raise ParameterError(
            f"A bandwidth of {bandwidth:g} m is smaller than a cell of {grid.cell:g} m: "
            "raise the bandwidth or make the cells smaller."
        )
    return float(bandwidth)


def check_weights(places: gpd.GeoDataFrame, weights: np.ndarray | None) -> np.ndarray:
    """Return the incidents at each place as floats, or say what is wrong with them."""
    values = np.asarray(places["n"] if weights is None else weights, dtype=float)
    if values.shape != (len(places),):
        raise ParameterError(f"{values.size} weights for {len(places)} places: give one for each.")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ParameterError("A weight is negative or not a number: give the incidents at each place.")
    return values
