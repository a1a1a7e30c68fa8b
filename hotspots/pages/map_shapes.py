"""
Shapes for the page: simplified together, in degrees, written compactly.

A ring is a flat list of whole numbers in units of 0.00001 degree (about a
metre): the first longitude and latitude, then the step to each next vertex.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from hotspots.schema import NATIONAL_GRID, WGS84

#: Units of the written coordinates in one degree.
UNITS: Final = 100_000
#: Detail below this is smaller than a line on the map.
TOLERANCE_M: Final = 8.0
#: Square metres below which a hole or a detached piece of an area is a seam between layers.
SLIVER_M2: Final = 10_000.0

Rings = list[list[list[int]]]


def simplify_areas(areas: Sequence[BaseGeometry], *, tolerance: float = TOLERANCE_M) -> np.ndarray:
    """
    Simplify neighbouring areas together, so that their common borders stay common.

    Parameters
    ----------
    areas : sequence of polygons
        EPSG:27700.
    tolerance : float
        Metres.

    Returns
    -------
    ndarray of polygons
        Each on its own where the areas overlap or leave slivers, and then without the slivers: drawn
        as borders they would look like walls across a ward.
    """
    given = np.asarray(areas, dtype=object)
    if shapely.coverage_is_valid(given):
        return shapely.coverage_simplify(given, tolerance)
    simple = shapely.simplify(given, tolerance, preserve_topology=True)
    return np.array([_without_slivers(shape) for shape in simple], dtype=object)


def _without_slivers(shape: BaseGeometry) -> BaseGeometry:
    """Leave out small holes, and small pieces beside the largest one."""
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    kept = [part for k, part in enumerate(parts) if k == 0 or part.area >= SLIVER_M2]
    filled = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area >= SLIVER_M2]
        )
        for part in kept
        if part.geom_type == "Polygon"
    ]
    return filled[0] if len(filled) == 1 else shapely.MultiPolygon(filled)


def to_degrees(shapes: Sequence[BaseGeometry] | np.ndarray) -> np.ndarray:
    """Transform shapes from the National Grid to WGS84 longitude and latitude."""
    return shapely.transform(np.asarray(shapes, dtype=object), _degrees)


def _degrees(metres: np.ndarray) -> np.ndarray:
    if not len(metres):
        return metres
    # Some releases of pyproj read a single point in a way that NumPy will refuse: send one more.
    x, y = np.vstack([metres, metres[:1]]).T
    return np.column_stack(_to_wgs84().transform(x, y))[:-1]


@cache
def _to_wgs84() -> Transformer:
    return Transformer.from_crs(NATIONAL_GRID, WGS84, always_xy=True)


def polygon_rings(shape: BaseGeometry) -> Rings:
    """Write a polygon or multipolygon in degrees as a list of polygons, each a list of rings."""
    rings: Rings = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            rings.append([_steps(ring.coords) for ring in (part.exterior, *part.interiors)])
    return rings


def lines_of(shape: BaseGeometry) -> list[list[int]]:
    """Write a line, multiline or the borders of a polygon in degrees as flat lists."""
    boundary = shape.boundary if shape.geom_type.endswith("Polygon") else shape
    return [_steps(part.coords) for part in shapely.get_parts(boundary) if part.geom_type.startswith("Line")]


def point_units(shape: BaseGeometry) -> list[int]:
    """Write a point in degrees as two whole numbers."""
    return [round(shape.x * UNITS), round(shape.y * UNITS)]


def decode_ring(steps: Sequence[int]) -> np.ndarray:
    """
    Read a ring back.

    Returns
    -------
    ndarray of shape (n, 2)
        Longitude and latitude in degrees.
    """
    return np.cumsum(np.asarray(steps, dtype=np.int64).reshape(-1, 2), axis=0) / UNITS


def _steps(coordinates: Sequence[tuple[float, ...]]) -> list[int]:
    whole = np.rint(np.asarray(coordinates)[:, :2] * UNITS).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    # Vertices that fell together carry nothing; the first one is the place itself.
    moved = steps.any(axis=1)
    moved[0] = True
    return [int(number) for number in steps[moved].ravel()]
