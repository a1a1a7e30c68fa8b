"""
Coarse cells: how precisely a place is used for what is drawn outside internal use.

A cell is one square of 250 m or several, cut in two. Those of Derby ship with the project;
each half holds at least 8 points (postcodes and output-area centres). Elsewhere squares of
1 km are taken, cut in the middle, and joined to their neighbours where they lie mostly outside;
how many points their halves hold is not known.
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
    The squares of an area, the cell that each belongs to, and where each cell is cut.

    Attributes
    ----------
    corners : ndarray of int, shape (squares, 2)
        Easting and northing of the south-west corners, from the south-west upwards.
    cell : ndarray of int, shape (squares,)
        From 0, without gaps.
    cuts : ndarray of float, shape (cells, 2)
        Easting and northing from which a point lies in the cell's second half; inf along the
        axis that is not cut.
    """

    corners: np.ndarray
    cell: np.ndarray
    cuts: np.ndarray

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

    def halve(self, xy: np.ndarray) -> np.ndarray:
        """Give the half of each point, shape (points,): twice its cell, and one more in the second half."""
        cell = self.locate(xy)
        return np.asarray(2 * cell + (xy >= self.cuts[cell]).any(axis=1))

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
        cuts = table.groupby("cell")[["cut_easting", "cut_northing"]].first().fillna(np.inf)
        return CoarseCells(
            table[["easting", "northing"]].to_numpy(float),
            pd.factorize(table["cell"], sort=True)[0],
            cuts.to_numpy(float),
        )
    cell = _blocks_of(needed)
    middle = pd.Series(needed[:, 0] + SQUARE / 2).groupby(cell).median().to_numpy()
    return CoarseCells(needed, cell, np.column_stack([middle, np.full(len(middle), np.inf)]))


def _blocks_of(corners: np.ndarray) -> np.ndarray:
    """Join squares into blocks of a kilometre; those of a block mostly outside the area join the nearest."""
    block = pd.factorize(pd.MultiIndex.from_arrays((corners // (_BLOCK * SQUARE)).T), sort=True)[0]
    whole = np.bincount(block)[block] >= _BLOCK**2 / 2
    if not whole.any():
        return np.zeros(len(corners), dtype=np.int64)
    nearest = cKDTree(corners[whole]).query(corners[~whole])[1]
    block[~whole] = block[whole][nearest]
    return np.asarray(pd.factorize(block, sort=True)[0])


def _squares_of(outline: shapely.Geometry) -> np.ndarray:
    """List the squares that an area reaches into, from the south-west upwards."""
    west, south, east, north = np.floor(np.array(outline.bounds) / SQUARE) * SQUARE
    x, y = np.arange(west, east + SQUARE, SQUARE), np.arange(south, north + SQUARE, SQUARE)
    corners = np.array([(e, n) for n in y for e in x])
    boxes = shapely.box(*corners.T, *(corners + SQUARE).T)
    return np.asarray(corners[shapely.intersects(boxes, outline)])
