"""
Rows that lie so far from the study area that no closer look is needed.

A force's file holds its whole county, and an archive the country: a comparison
with a box of degrees settles most rows, which are then neither converted to
metres nor sought in any area.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hotspots.geography.projection import Projection, to_degrees, to_national_grid

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.geography.load import Areas

#: Metres around the area within which rows are looked at: above what any way of converting differs by,
#: and what the edge of a box in metres bends in degrees.
MARGIN: Final = 2_000


def degree_box(areas: Areas) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the study area in degrees, with a margin."""
    west, south, east, north = areas.outline.bounds
    x, y = to_degrees(
        np.array([west - MARGIN, west - MARGIN, east + MARGIN, east + MARGIN]),
        np.array([south - MARGIN, north + MARGIN, south - MARGIN, north + MARGIN]),
    )
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def in_box(
    x: NDArray[np.float64], y: NDArray[np.float64], box: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    """Say which points lie in a box; one with a missing coordinate does not."""
    west, south, east, north = box
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def far_rows(incidents: pd.DataFrame, areas: Areas) -> NDArray[np.bool_]:
    """Say which rows, located by degrees, lie outside the box of the study area."""
    longitude, latitude = (incidents[name].to_numpy(dtype=float) for name in ("longitude", "latitude"))
    metres = incidents["easting"].notna().to_numpy() & incidents["northing"].notna().to_numpy()
    known = np.isfinite(longitude) & np.isfinite(latitude) & ~metres
    return known & ~in_box(longitude, latitude, degree_box(areas))


def points_of(
    incidents: pd.DataFrame,
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    *,
    projection: Projection,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the points of some rows, those of far ones too."""
    x, y = to_national_grid(incidents["longitude"], incidents["latitude"], grid=projection.grid)
    lacking = np.isnan(easting)
    return np.where(lacking, x, easting), np.where(lacking, y, northing)
