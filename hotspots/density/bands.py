"""
Turn a density surface into bands: nested contours, filled, by share of the city.

Bands are polygons in EPSG:27700, so the map can place them exactly; a raster
hung on a web map by its corners is displaced by up to 166 m at Derby.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from contourpy import FillType, contour_generator

from hotspots.density.grid import Grid
from hotspots.density.kernels import count_within
from hotspots.errors import ParameterError
from hotspots.places import check_weights, coordinates
from hotspots.schema import NATIONAL_GRID

#: The densest part of the city in each band and those above it. Half a patrol's
#: beat up to a fifth of the city: each about twice the last, as areas are judged.
BAND_SHARES: Final = (0.01, 0.025, 0.05, 0.10, 0.20)

COLUMNS: Final = ("band", "lower", "upper", "incidents", "incident_share", "area_share")


def density_bands(
    surface: np.ndarray,
    grid: Grid,
    *,
    places: gpd.GeoDataFrame,
    weights: np.ndarray | None = None,
    outline: shapely.Geometry,
    reach: float,
    shares: Sequence[float] = BAND_SHARES,
    minimum_incidents: int = 3,
    minimum_places: int = 3,
) -> gpd.GeoDataFrame:
    """
    Draw the densest parts of the city as disjoint bands.

    A band is bounded by the density that the given share of the city's area
    exceeds, so bands of two themes, or two periods, cover comparable areas and
    the legend can say what share of the incidents lies in what share of the
    city. They say where it is densest, never that it is dense: a quiet theme
    has bands too.

    Nothing is drawn that rests on a few incidents, since a peak around one
    incident is its address. A cell counts only if at least
    `minimum_incidents` at `minimum_places` lie within `reach` of it, and every
    separate part at a level must itself hold as many; a part that fails is
    drawn as the highest band that holds, or not at all.

    Parameters
    ----------
    surface : ndarray of shape (grid.n_rows, grid.n_columns)
        Incidents per km2, from `kernel_density`.
    grid : Grid
        Its cells.
    places : GeoDataFrame
        Distinct locations (points) in EPSG:27700 with `n`.
    weights : array of shape (len(places),), optional
        Incidents at each place, instead of `n`: those that made the surface.
    outline : Polygon or MultiPolygon
        The city; bands are clipped to it.
    reach : float
        How far an incident is taken to matter, in metres: `Bandwidth.reach`,
        the radius of the quartic kernel.
    shares : sequence of float, default (0.01, 0.025, 0.05, 0.1, 0.2)
        Shares of the city's area, rising.
    minimum_incidents, minimum_places : int, default 3
        Least support of a cell and of each part.

    Returns
    -------
    GeoDataFrame
        By rising `band` (the last is the densest): `lower` and `upper` in the
        unit of the surface, `incidents`, `incident_share` and `area_share`
        (each cumulative: this band and the denser ones), `geometry`, disjoint.
        A theme confined to a smaller part of the city than a share lacks the
        bands below it. The frame is empty where the incidents are too few.

    Raises
    ------
    ParameterError
        If the shape of the surface is not the grid's, the surface holds values
        that are negative or not numbers, or a parameter is out of range.
    """
    held = check_weights(places, weights)
    least = minimum_incidents, minimum_places
    _check_surface(surface, grid)
    _check_parameters(shares, reach, least)
    used = held > 0
    xy, n = coordinates(places)[used], held[used]
    supported = _supported(xy, n, grid, reach, least)
    drawn = np.where(supported, surface, 0.0)
    tree = shapely.STRtree(shapely.points(xy))
    nested = {}
    for band, level in _levels(drawn, grid.share_inside(outline), shares).items():
        parts = _hold(_above(drawn, grid, level), tree, n, least)
        shape = _surfaces(shapely.intersection(_surfaces(parts), outline))
        if not shape.is_empty:
            nested[band] = (level, shape)
    return _frame(nested, float(surface.max()), tree, n, outline)


def _check_surface(surface: np.ndarray, grid: Grid) -> None:
    """Refuse a surface that is not this grid's, or no density."""
    if surface.shape != grid.shape:
        raise ParameterError(f"A surface of {surface.shape} cells does not fit a grid of {grid.shape}.")
    if not np.isfinite(surface).all() or (surface < 0).any():
        raise ParameterError("The surface holds values below zero or not numbers: give a density.")


def _check_parameters(shares: Sequence[float], reach: float, least: tuple[int, int]) -> None:
    """Refuse parameters out of range."""
    rising = all(a < b for a, b in pairwise((0.0, *shares, 1.0)))
    if not shares or not rising:
        raise ParameterError("shares must rise between 0 and 1: give the shares of the city's area.")
    if not (math.isfinite(reach) and reach > 0):
        raise ParameterError(f"A reach of {reach} m is none: give metres above zero.")
    if min(least) < 1:
        raise ParameterError("minimum_incidents and minimum_places start at 1.")


def _supported(xy: np.ndarray, n: np.ndarray, grid: Grid, reach: float, least: tuple[int, int]) -> np.ndarray:
    """Tell which cells have enough incidents at enough places within reach."""
    incidents, found = count_within(xy, (n, np.ones(len(xy))), grid=grid, radius=reach)
    # sums of whole numbers, but weights may be harm: half an incident of slack
    return (incidents > least[0] - 0.5) & (found > least[1] - 0.5)


def _levels(surface: np.ndarray, share_inside: np.ndarray, shares: Sequence[float]) -> dict[int, float]:
    """
    Find, by rising band, the density that each share of the city exceeds.

    Where fewer cells than the share have any density, all of them make the
    band, and the bands below it are left out.
    """
    cell, area = surface.ravel(), share_inside.ravel()
    if not cell.any():
        return {}
    lowest = float(cell[cell > 0].min())
    order = np.argsort(-cell, kind="stable")
    covered = np.cumsum(area[order])
    levels: dict[int, float] = {}
    for band, share in zip(range(len(shares), 0, -1), shares, strict=True):
        last = np.searchsorted(covered, share * covered[-1])
        level = max(lowest, float(cell[order[min(last, len(cell) - 1)]]))
        if level not in levels.values():
            levels[band] = level
    return dict(sorted(levels.items()))


def _above(surface: np.ndarray, grid: Grid, level: float) -> np.ndarray:
    """Draw the parts where the surface exceeds `level`, as an array of polygons."""
    # one ring of zeros: a part that touches the edge of the grid is closed there
    x = grid.x_min + (np.arange(-1, grid.n_columns + 1) + 0.5) * grid.cell
    y = grid.y_min + (np.arange(-1, grid.n_rows + 1) + 0.5) * grid.cell
    contours = contour_generator(x, y, np.pad(surface, 1), fill_type=FillType.OuterOffset)
    points, offsets = contours.filled(level, np.inf)[:2]
    parts = [_polygon(*rings) for rings in zip(points, offsets, strict=True)]  # type: ignore[arg-type]
    return shapely.get_parts(shapely.make_valid(np.array(parts, dtype=object)))


def _polygon(points: np.ndarray, offsets: np.ndarray) -> shapely.Polygon:
    """Build a polygon from contourpy's rings, the outer one first."""
    rings = [points[a:b] for a, b in pairwise(offsets)]
    return shapely.Polygon(rings[0], rings[1:])


def _hold(parts: np.ndarray, tree: shapely.STRtree, n: np.ndarray, least: tuple[int, int]) -> np.ndarray:
    """Keep the parts that hold enough incidents at enough places themselves."""
    part, place = tree.query(parts, predicate="intersects")
    incidents = np.bincount(part, weights=n[place], minlength=len(parts))
    found = np.bincount(part, minlength=len(parts))
    return parts[(incidents > least[0] - 0.5) & (found >= least[1])]


def _surfaces(shape: shapely.Geometry | np.ndarray) -> shapely.MultiPolygon:
    """Collect the polygons, which do not overlap; clipping may leave points and lines beside them."""
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])


def _frame(
    nested: dict[int, tuple[float, shapely.Geometry]],
    highest: float,
    tree: shapely.STRtree,
    n: np.ndarray,
    outline: shapely.Geometry,
) -> gpd.GeoDataFrame:
    """Cut each level's shape out of the one below, and count what lies at or above it."""
    rows, shapes = [], []
    above = [*nested.values()][1:]
    for k, (band, (level, shape)) in enumerate(nested.items()):
        upper, denser = above[k] if k < len(above) else (highest, shapely.Polygon())
        incidents = n[tree.query(shape, predicate="intersects")].sum()
        rows.append((band, level, upper, incidents, incidents / n.sum(), shape.area / outline.area))
        shapes.append(_surfaces(shapely.difference(shape, denser)))
    kinds = {"band": "int64"} | dict.fromkeys(COLUMNS[1:], "float64")
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(kinds)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=NATIONAL_GRID))
