"""Which area holds each point: the tie rule, gaps and the edge in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def containing_area(
    x: NDArray[np.float64], y: NDArray[np.float64], areas: gpd.GeoDataFrame
) -> NDArray[np.intp]:
    """
    Find the area that holds each point.

    A point on the border of several areas belongs to the one with the lowest
    code, and a point on the outer edge lies inside, so no point is counted
    twice and none falls between. Points are sorted by easting, so each area
    looks only at the strip that its own extent cuts out: this is exact, and
    faster than a tree for points that stand still.

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        Distinct points in EPSG:27700, sorted by `x`.
    areas : GeoDataFrame
        Polygons in EPSG:27700, indexed by GSS code in ascending order.

    Returns
    -------
    ndarray of shape (n,)
        The row of `areas`, -1 for a point in none.
    """
    found = np.full(len(x), -1, dtype=np.intp)
    polygons = areas.geometry.to_numpy()
    shapely.prepare(polygons)
    west, south, east, north = shapely.bounds(polygons).T
    first, last = np.searchsorted(x, west, side="left"), np.searchsorted(x, east, side="right")
    for row in range(len(polygons)):
        strip = slice(first[row], last[row])
        near = np.flatnonzero((y[strip] >= south[row]) & (y[strip] <= north[row]) & (found[strip] < 0))
        near += first[row]
        near = near[shapely.intersects_xy(polygons[row], x[near], y[near])]
        found[near] = row
    return found


def nearest_area(x: NDArray[np.float64], y: NDArray[np.float64], areas: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """
    Find the area nearest to each point, the lowest code of those equally near.

    For points inside the outline that fall into a gap between areas whose
    borders were generalised one by one.
    """
    if not len(x):
        return np.empty(0, dtype=np.intp)
    tree = shapely.STRtree(areas.geometry.to_numpy())
    points, rows = tree.query_nearest(shapely.points(x, y), all_matches=True)
    found = np.full(len(x), len(areas), dtype=np.intp)
    np.minimum.at(found, points, rows)
    return found


def inside(x: NDArray[np.float64], y: NDArray[np.float64], outline: shapely.Geometry) -> NDArray[np.bool_]:
    """Tell which points lie within the outline or on its edge."""
    shapely.prepare(outline)
    return np.asarray(shapely.intersects_xy(outline, x, y), dtype=bool)
