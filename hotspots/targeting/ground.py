"""The ground on which beats are chosen: laid once for a city, shared by every theme and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from hotspots.density.grid import Grid, square_grid
from hotspots.density.surface import smooth
from hotspots.errors import ParameterError
from hotspots.targeting.greedy import Choice
from hotspots.targeting.history import History, Neighbourhood, neighbourhood
from hotspots.targeting.shapes import CELL, Shapes, cells, discs, segments

#: Metres: radius of the quartic kernel that stands for customary practice.
QUARTIC: Final = 200.0


@dataclass(frozen=True, eq=False)
class Ground:
    """
    The city, its places, and the shapes that a beat can take on it.

    Attributes
    ----------
    outline : Polygon or MultiPolygon
        The study area, EPSG:27700.
    near : Neighbourhood
        The places.
    shapes : mapping of str to Shapes
        By kind: "discs", "cells", and "segments" where there are street lines.
    grid : Grid
        Cells of 150 m over the whole city, for the customary methods.
    """

    outline: shapely.Geometry
    near: Neighbourhood
    shapes: Mapping[str, Shapes]
    grid: Grid

    def quartic_choice(self, history: History) -> Choice:
        """
        Rank the cells as is customary: by a quartic kernel density of 200 m at their centres.

        Cells without any place are ranked too: the kernel spreads onto them.
        """
        weights = history.counts.sum(axis=1)
        held = weights > 0
        xy, bandwidths = self.near.xy[held], np.full(held.sum(), QUARTIC)
        density = smooth(xy, weights[held], bandwidths, grid=self.grid, kernel="quartic", edge=None).ravel()
        area = self.grid.share_inside(self.outline).ravel() * self.grid.cell**2
        order = np.argsort(-density, kind="stable")
        order = order[(area[order] > 0) & (density[order] > 0)]
        rank = np.full(density.size, -1)
        rank[order] = np.arange(len(order))
        no_polygons = np.empty(0, dtype=object)
        return Choice(order, no_polygons, area[order], rank[self._cell_of()], float(self.outline.area))

    def _cell_of(self) -> np.ndarray:
        column, row = np.floor((self.near.xy - (self.grid.x_min, self.grid.y_min)) / self.grid.cell).T
        inside = (column >= 0) & (column < self.grid.n_columns) & (row >= 0) & (row < self.grid.n_rows)
        # a place that geocoding let in beyond the outline's grid lies in no cell that is ever ranked
        return np.where(inside, row * self.grid.n_columns + column, 0).astype(int)


def lay_ground(
    frame: gpd.GeoDataFrame, outline: shapely.Geometry, *, lines: np.ndarray | None = None
) -> Ground:
    """
    Prepare a city for choosing beats.

    Parameters
    ----------
    frame : GeoDataFrame
        Distinct places (points) in EPSG:27700, as `Places.frame`.
    outline : Polygon or MultiPolygon
        The study area.
    lines : array of LineString, optional
        Streets; then beats can be street segments too.

    Raises
    ------
    ParameterError
        If there is no place, or the outline has no area.
    """
    if not len(frame):
        raise ParameterError("There is no place with an incident: beats need some to stand on.")
    near = neighbourhood(frame)
    shapes = {"cells": cells(near.xy, outline), "discs": discs(near.xy, outline)}
    if lines is not None:
        shapes["segments"] = segments(near.xy, outline, lines=lines)
    return Ground(outline, near, shapes, square_grid(outline, cell=CELL))
