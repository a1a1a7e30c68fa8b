"""
Cells over a study area: squares for density, and as areas for Gi*.

A grid is snapped to multiples of its cell, so two runs over the same city,
or over a part of it, have their cells in the same places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely

from hotspots.errors import ParameterError
from hotspots.schema import NATIONAL_GRID

#: Above this the cell is a slip of the keyboard rather than a wish: the surface alone would take 160 MB.
MOST_CELLS = 20_000_000


@dataclass(frozen=True)
class Grid:
    """
    Square cells in rows and columns; row 0 is the southernmost, column 0 the westernmost.

    Attributes
    ----------
    x_min, y_min : float
        South-west corner of the grid, EPSG:27700.
    cell : float
        Side of a cell in metres.
    n_rows, n_columns : int
        Shape of a surface over this grid.
    """

    x_min: float
    y_min: float
    cell: float
    n_rows: int
    n_columns: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.cell) and self.cell > 0):
            raise ParameterError(f"A cell of {self.cell} m is no cell: give a side above zero.")
        if self.n_rows < 1 or self.n_columns < 1:
            raise ParameterError("A grid needs at least one row and one column.")
        if self.n_rows * self.n_columns > MOST_CELLS:
            raise ParameterError(
                f"Cells of {self.cell:g} m make {self.n_rows * self.n_columns:,} of them: "
                f"choose larger ones, so that there are at most {MOST_CELLS:,}."
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a surface."""
        return self.n_rows, self.n_columns

    @property
    def x(self) -> np.ndarray:
        """Easting of the centre of each column, shape (n_columns,)."""
        return self.x_min + (np.arange(self.n_columns) + 0.5) * self.cell

    @property
    def y(self) -> np.ndarray:
        """Northing of the centre of each row, shape (n_rows,)."""
        return self.y_min + (np.arange(self.n_rows) + 0.5) * self.cell

    @property
    def cell_km2(self) -> float:
        """Area of one cell in km2."""
        return self.cell**2 / 1e6

    def inside(self, outline: shapely.Geometry) -> np.ndarray:
        """Tell which cell centres lie inside `outline`: bool, shape (n_rows, n_columns)."""
        shapely.prepare(outline)
        x, y = np.meshgrid(self.x, self.y)
        return shapely.contains_xy(outline, x, y)

    def share_inside(self, outline: shapely.Geometry) -> np.ndarray:
        """
        Measure the share of each cell's area that lies inside `outline`.

        Returns
        -------
        ndarray of shape (n_rows, n_columns), read-only
            Between 0 and 1; the sum times the area of a cell is the area of
            the outline, if the grid covers it.
        """
        return _share_inside(self, outline)

    def boxes(self) -> np.ndarray:
        """Draw every cell as a polygon: shape (n_rows * n_columns,), row by row from the south."""
        x, y = np.meshgrid(self.x, self.y)
        half = self.cell / 2
        return shapely.box(x - half, y - half, x + half, y + half).ravel()


@lru_cache(maxsize=16)
def _share_inside(grid: Grid, outline: shapely.Geometry) -> np.ndarray:
    """Measure the shares once per grid and outline: every theme of a run asks for the same ones."""
    boxes = grid.boxes()
    border = outline.boundary
    shapely.prepare(border)
    cut = np.flatnonzero(shapely.intersects(border, boxes))
    # a cell that the border does not cut is inside or outside as its centre is
    share = grid.inside(outline).astype(float).ravel()
    share[cut] = shapely.area(shapely.intersection(boxes[cut], outline)) / grid.cell**2
    share = share.reshape(grid.shape)
    share.setflags(write=False)
    return share


def square_grid(outline: shapely.Geometry, *, cell: float) -> Grid:
    """
    Lay square cells over an outline.

    The corner is a multiple of `cell`, and at least one cell lies between the
    outline and the grid's edge, so that contours through the cell centres can
    be drawn up to the outline.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
        The study area, EPSG:27700.
    cell : float
        Side of a cell in metres. It hardly changes a density (the bandwidth
        does): a fifth of the bandwidth is fine enough.

    Raises
    ------
    ParameterError
        If `cell` is not above zero or makes too many cells, or the outline is empty.

    References
    ----------
    Chainey, S. (2013). Examining the influence of cell size and bandwidth size
    on kernel density estimation crime hotspot maps for predicting spatial
    patterns of crime. Bulletin of the Geographical Society of Liege 60, 7-19.
    """
    _check_size(outline, cell, "cell")
    west, south, east, north = outline.bounds
    first_column, first_row = math.floor(west / cell) - 1, math.floor(south / cell) - 1
    return Grid(
        x_min=first_column * cell,
        y_min=first_row * cell,
        cell=float(cell),
        n_rows=math.ceil(north / cell) + 1 - first_row,
        n_columns=math.ceil(east / cell) + 1 - first_column,
    )


def square_cells(outline: shapely.Geometry, *, size: float) -> gpd.GeoDataFrame:
    """
    Cover an outline with whole squares, as areas for a local statistic.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
        The study area, EPSG:27700.
    size : float
        Side of a square in metres.

    Returns
    -------
    GeoDataFrame
        The squares that have a part inside, from south to north and west to
        east, indexed by `cell` (0, 1, ...): `area_km2` (the part inside),
        `share_inside`, `geometry` (the whole square, so that neighbours touch).

    Raises
    ------
    ParameterError
        As `square_grid`.
    """
    grid = square_grid(outline, cell=size)
    return _cells_frame(grid.boxes(), outline)


def _cells_frame(cells: np.ndarray, outline: shapely.Geometry) -> gpd.GeoDataFrame:
    """Keep the cells with a part inside, and measure that part."""
    shapely.prepare(outline)
    touching = cells[shapely.intersects(outline, cells)]
    inside = shapely.area(shapely.intersection(touching, outline))
    kept = inside > 0
    whole = shapely.area(touching[kept])
    return gpd.GeoDataFrame(
        {"area_km2": inside[kept] / 1e6, "share_inside": np.minimum(inside[kept] / whole, 1.0)},
        geometry=touching[kept],
        crs=NATIONAL_GRID,
    ).rename_axis(index="cell")


def _check_size(outline: shapely.Geometry, size: float, name: str) -> None:
    """Refuse a size that is no length, and an outline without a surface."""
    if not (math.isfinite(size) and size > 0):
        raise ParameterError(f"{name} is {size} m: give a length above zero.")
    if outline.is_empty or not outline.area > 0:
        raise ParameterError("The outline has no area: give the polygon of the study area.")
