"""
Coarse cells: how precisely a place is used for what is drawn outside internal use.

A cell is one square of 250 m or several. Those of Derby ship with the project and
hold at least 12 points (postcodes and output-area centres) each; elsewhere squares of
1 km are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from hotspots.resources import shipped

#: Side of a square in metres.
SQUARE: Final = 250.0
#: Squares along a side of the cells of an area for which none ship.
_BLOCK: Final = 4
#: Share of an area's squares that the shipped cells must have to serve it.
_COVERED: Final = 0.99


@dataclass(frozen=True, eq=False)
class CoarseCells:
    """
    The squares of an area, and the cell that each belongs to.

    Attributes
    ----------
    corners : ndarray of int, shape (squares, 2)
        Easting and northing of the south-west corners, from the south-west upwards.
    cell : ndarray of int, shape (squares,)
        From 0, without gaps.
    """

    corners: np.ndarray
    cell: np.ndarray

    def __len__(self) -> int:
        return int(self.cell.max()) + 1

    @property
    def squares(self) -> np.ndarray:
        """How many squares each cell has, shape (cells,)."""
        return np.bincount(self.cell)

    @property
    def centres(self) -> np.ndarray:
        """Middles of the squares, shape (squares, 2)."""
        return np.asarray(self.corners + SQUARE / 2)

    def boxes(self) -> np.ndarray:
        """Give the squares as polygons."""
        west, south = self.corners.T
        return np.asarray(shapely.box(west, south, west + SQUARE, south + SQUARE))

    def locate(self, xy: np.ndarray) -> np.ndarray:
        """Give the cell of each point, shape (points,): its square's, or that of the nearest square."""
        corners = np.floor(xy / SQUARE) * SQUARE
        return np.asarray(self.cell[self._tree.query(corners)[1]])

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.corners)


def coarse_cells(outline: shapely.Geometry) -> CoarseCells:
    """
    Give the coarse cells of an area.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
        The area in EPSG:27700.
    """
    table = pd.read_csv(shipped("data", "coarse_cells.csv"))
    needed = _squares_of(outline)
    there = set(map(tuple, table[["easting", "northing"]].to_numpy().tolist()))
    if np.mean([tuple(corner) in there for corner in needed.tolist()]) >= _COVERED:
        return CoarseCells(
            table[["easting", "northing"]].to_numpy(float), pd.factorize(table["cell"], sort=True)[0]
        )
    blocks = pd.MultiIndex.from_arrays((needed // (_BLOCK * SQUARE)).T)
    return CoarseCells(needed, pd.factorize(blocks, sort=True)[0])


def _squares_of(outline: shapely.Geometry) -> np.ndarray:
    """List the squares that an area reaches into, from the south-west upwards."""
    west, south, east, north = np.floor(np.array(outline.bounds) / SQUARE) * SQUARE
    x, y = np.arange(west, east + SQUARE, SQUARE), np.arange(south, north + SQUARE, SQUARE)
    corners = np.array([(e, n) for n in y for e in x])
    boxes = shapely.box(*corners.T, *(corners + SQUARE).T)
    return np.asarray(corners[shapely.intersects(boxes, outline)])
