"""Corners of outlines, and points in tables, that are finer than the audience's grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from hotspots.auditing.cells import Leak, blank
from hotspots.auditing.published import Published

if TYPE_CHECKING:
    import geopandas as gpd

_POINTS: Final = ("easting", "northing", "x", "y")
_DEGREES: Final = ("longitude", "latitude", "lon", "lat")
#: Metres by which a corner may miss the grid: the last digit of a double.
_NEAR: Final = 1e-3
#: Metres from the border of the areas within which a corner is one of the border.
_BORDER: Final = 1.0


def outline_leaks(published: Published) -> Iterator[Leak]:
    """
    Find shapes that give places back.

    An outline that was drawn around places, or a contour between cells, holds
    their position in its corners unless these are moved to a coarse grid.
    Clusters that are numbered by size with gaps tell how large the missing are.
    """
    snap = published.policy.snap
    for kind, frame in published.shapes.items():
        corners = _corners(published, frame)
        off = int(_off_grid(corners, snap).any(axis=1).sum()) if snap and len(corners) else 0
        if off:
            yield Leak(
                "outline",
                published.name,
                kind if "/" in kind else f"hotspots.gpkg {kind}",
                f"{off} of {len(corners)} corners are not on the grid of {snap:g} m.",
            )
    yield from _points(published)
    yield from _gaps(published)


def _corners(published: Published, frame: gpd.GeoDataFrame) -> np.ndarray:
    import shapely

    corners = shapely.get_coordinates(frame.geometry.to_numpy())
    # Where a shape is cut off at the border, the border is drawn, which anyone has.
    inner = np.ones(len(corners), dtype=bool)
    for areas in published.areas.values():
        border = shapely.boundary(shapely.union_all(areas.geometry.to_numpy()))
        shapely.prepare(border)
        inner &= ~shapely.dwithin(shapely.points(corners), border, _BORDER)
    return np.asarray(corners[inner])


def _off_grid(corners: np.ndarray, step: float) -> np.ndarray:
    """Mark coordinates that are on no grid of this step, wherever it begins."""
    apart = np.mod(corners - corners[0], step)
    return np.minimum(apart, step - apart) > _NEAR


def _points(published: Published) -> Iterator[Leak]:
    for table in published.tables:
        for column in table.frame.columns:
            name = str(column).lower()
            if name not in (*_POINTS, *_DEGREES):
                continue
            values = pd.to_numeric(table.frame[column], errors="coerce").dropna()
            grid = published.policy.snap if name in _POINTS else 0.001
            off = (
                int(((values / grid - (values / grid).round()).abs() * grid > _NEAR * grid).sum())
                if grid
                else 0
            )
            if off:
                words = f"{off} values in {column} are finer than {grid:g}."
                yield Leak("coordinate", published.name, table.where, words)


def _gaps(published: Published) -> Iterator[Leak]:
    for table in published.tables:
        if not {"theme", "cluster", "n"} <= set(table.frame.columns):
            continue
        frame = table.frame[~table.frame["cluster"].map(blank).astype(bool)]
        numbers = pd.to_numeric(frame["cluster"], errors="coerce")
        for theme, mine in numbers.dropna().groupby(frame["theme"]):
            missing = int(mine.max()) - mine.nunique() if len(mine) else 0
            if missing > 0:
                words = f"{missing} clusters of {theme} are missing from numbers that go by size."
                yield Leak("gap in numbers", published.name, table.where, words)
