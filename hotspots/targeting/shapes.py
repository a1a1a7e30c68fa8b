"""
What a beat can look like: discs on places, square cells, or street segments.

Every shape is clipped to the city, knows its places and which other shapes it
overlaps, so that the choice among them needs no geometry but theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from hotspots.density.grid import square_grid
from hotspots.errors import ParameterError

#: Metres: a disc as large as the square of 150 m that British trials patrol, seen from its middle to its rim.
RADIUS: Final = 85.0
#: Metres: side of a cell.
CELL: Final = 150.0
#: Metres: longest piece of a street that is one beat, and how far to each side of its line it reaches.
SEGMENT: Final = 200.0
SEGMENT_REACH: Final = 40.0
#: Square metres below which two shapes only touch.
_TOUCH: Final = 1.0
#: Edges of a quarter circle: the polygon lacks 0.16 % of the circle's area.
_QUARTER: Final = 16


@dataclass(frozen=True, eq=False)
class Shapes:
    """
    The shapes that a beat can take, in order of their middles, west to east, then south to north.

    Attributes
    ----------
    kind : str
        "discs", "cells" or "segments".
    polygons : ndarray of polygons, shape (shapes,)
        The part inside the city.
    area : ndarray of shape (shapes,)
        Its square metres.
    middle : ndarray of shape (shapes, 2)
        Easting and northing.
    holds : sparse array of shape (shapes, places)
        1 where the place lies in the shape.
    overlaps : tuple of ndarray of int
        For each shape the others with which it may share ground.
    shared : tuple of ndarray of float
        The square metres that it shares with each of these at most.
    city : float
        Square metres of the whole city.
    """

    kind: str
    polygons: np.ndarray
    area: np.ndarray
    middle: np.ndarray
    holds: csr_array
    overlaps: tuple[np.ndarray, ...]
    shared: tuple[np.ndarray, ...]
    city: float

    def __len__(self) -> int:
        return len(self.polygons)

    @cached_property
    def apart(self) -> bool:
        """Whether no shape shares ground or a place with another."""
        return not any(map(len, self.overlaps)) and bool((self.holds.sum(axis=0) <= 1).all())

    @cached_property
    def held(self) -> tuple[np.ndarray, ...]:
        """The places in each shape."""
        return tuple(np.split(self.holds.indices, self.holds.indptr[1:-1]))

    @cached_property
    def holders(self) -> tuple[np.ndarray, ...]:
        """The shapes that hold each place."""
        turned = self.holds.T.tocsr()
        return tuple(np.split(turned.indices, turned.indptr[1:-1]))


def discs(xy: np.ndarray, outline: shapely.Geometry, *, radius: float = RADIUS) -> Shapes:
    """
    Draw a disc around each place.

    Points are snapped to the middle of streets, so a disc around one takes in
    the neighbours that a fixed grid cuts off.

    Parameters
    ----------
    xy : ndarray of shape (places, 2)
        Easting and northing, distinct.
    outline : Polygon or MultiPolygon
        The city, EPSG:27700.
    radius : float, default 85
        Metres.

    Raises
    ------
    ParameterError
        If the radius is not above zero.
    """
    if not radius > 0:
        raise ParameterError(f"A disc of radius {radius:g} m is none: give metres above zero.")
    circles = shapely.buffer(shapely.points(xy), radius, quad_segs=_QUARTER)
    polygons, area, kept = _inside(circles, xy, outline)
    pairs = cKDTree(xy[kept]).query_pairs(2 * radius, output_type="ndarray")
    apart = np.hypot(*(xy[kept][pairs[:, 0]] - xy[kept][pairs[:, 1]]).T)
    overlaps, shared = _both_ways(pairs, _lens(apart, radius), len(kept))
    holds = _held_within(polygons, xy)
    return Shapes("discs", polygons, area, xy[kept], holds, overlaps, shared, float(outline.area))


def _lens(apart: np.ndarray, radius: float) -> np.ndarray:
    """Give the area that two circles have in common: the polygons inside them have less."""
    half = np.clip(apart / (2 * radius), 0.0, 1.0)
    return 2 * radius**2 * (np.arccos(half) - half * np.sqrt(1 - half**2))


def cells(xy: np.ndarray, outline: shapely.Geometry, *, size: float = CELL) -> Shapes:
    """
    Take the square cells that hold a place, on the grid that `square_grid` lays.

    Parameters
    ----------
    xy, outline
        As `discs`.
    size : float, default 150
        Metres.
    """
    grid = square_grid(outline, cell=size)
    column, row = np.floor((xy - (grid.x_min, grid.y_min)) / size).astype(int).T
    both, cell_of = np.unique(np.column_stack([column, row]), axis=0, return_inverse=True)
    west, south = grid.x_min + both[:, 0] * size, grid.y_min + both[:, 1] * size
    boxes = shapely.box(west, south, west + size, south + size)
    middle = np.column_stack([west, south]) + size / 2
    polygons, area, kept = _inside(boxes, middle, outline)
    position = np.full(len(boxes), -1)
    position[kept] = np.arange(len(kept))
    cell = position[cell_of.ravel()]
    # a place on the line between two cells belongs to one of them
    place = np.flatnonzero(cell >= 0)
    holds = csr_array((np.ones(len(place)), (cell[place], place)), shape=(len(kept), len(xy)))
    alone = _both_ways(np.empty((0, 2), dtype=np.intp), np.empty(0), len(kept))
    return Shapes("cells", polygons, area, middle[kept], holds, *alone, float(outline.area))


def segments(
    xy: np.ndarray,
    outline: shapely.Geometry,
    *,
    lines: np.ndarray,
    longest: float = SEGMENT,
    reach: float = SEGMENT_REACH,
) -> Shapes:
    """
    Cut street lines into pieces and widen each to the places beside it.

    Parameters
    ----------
    xy, outline
        As `discs`.
    lines : array of LineString or MultiLineString
        The streets, EPSG:27700.
    longest : float, default 200
        Metres of a piece.
    reach : float, default 40
        Metres to each side.

    Raises
    ------
    ParameterError
        If there is no line.
    """
    parts = shapely.get_parts(np.asarray(lines, dtype=object))
    parts = parts[shapely.length(parts) > 0]
    if not len(parts):
        raise ParameterError("There is no street line: give lines in EPSG:27700, or choose discs or cells.")
    pieces = np.concatenate([_pieces(line, longest) for line in parts])
    middle = shapely.get_coordinates(shapely.line_interpolate_point(pieces, 0.5, normalized=True))
    polygons, area, kept = _inside(shapely.buffer(pieces, reach, cap_style="flat"), middle, outline)
    pairs = shapely.STRtree(polygons).query(polygons).T
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    common = shapely.area(shapely.intersection(polygons[pairs[:, 0]], polygons[pairs[:, 1]]))
    overlaps, shared = _both_ways(pairs[common > _TOUCH], common[common > _TOUCH], len(kept))
    holds = _held_within(polygons, xy)
    return Shapes("segments", polygons, area, middle[kept], holds, overlaps, shared, float(outline.area))


def _pieces(line: shapely.LineString, longest: float) -> np.ndarray:
    """Cut a line into equal pieces none of which is longer than `longest`, at its vertices and between."""
    n = max(1, int(np.ceil(line.length / longest)))
    marks = np.linspace(0.0, line.length, n + 1)
    vertices = shapely.get_coordinates(line)
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
    cuts = shapely.get_coordinates(shapely.line_interpolate_point(line, marks))
    made = [
        shapely.linestrings(
            np.vstack([cuts[k], vertices[(at > marks[k]) & (at < marks[k + 1])], cuts[k + 1]])
        )
        for k in range(n)
    ]
    return np.array(made, dtype=object)


def _inside(
    drawn: np.ndarray, middle: np.ndarray, outline: shapely.Geometry
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clip shapes to the city: polygon and area of those with a part inside, in order, and which they are."""
    shapely.prepare(outline)
    clipped = drawn.copy()
    cut = ~shapely.contains_properly(outline, drawn)
    clipped[cut] = shapely.intersection(drawn[cut], outline)
    area = shapely.area(clipped)
    order = np.lexsort((middle[:, 1], middle[:, 0]))
    kept = order[area[order] > _TOUCH]
    return clipped[kept], area[kept], kept


def _held_within(polygons: np.ndarray, xy: np.ndarray) -> csr_array:
    """Tell which places lie in which shape, its rim included."""
    place, shape = shapely.STRtree(polygons).query(shapely.points(xy), predicate="intersects")
    return csr_array((np.ones(len(place)), (shape, place)), shape=(len(polygons), len(xy)))


def _both_ways(
    pairs: np.ndarray, area: np.ndarray, n: int
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """List for each shape its partners in the pairs, and the area of each pair."""
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.lexsort((other, one))
    ends = np.cumsum(np.bincount(one, minlength=n))[:-1]
    partners = np.split(other[order], ends)
    return tuple(partners), tuple(np.split(np.concatenate([area, area])[order], ends))
