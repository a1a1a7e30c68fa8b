"""
The best evidence in each row for where an incident was.

Coordinate, then grid reference, then postcode, then postcode sector, then a
stated area code: the first that can be read decides, and the level is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.geography.gridref import parse_grid_references
from hotspots.geography.postcodes import (
    PostcodeTable,
    load_postcodes,
    load_sectors,
    normalise_postcodes,
    postcode_sectors,
    sector_centres,
)
from hotspots.geography.projection import Projection, covered, to_national_grid
from hotspots.schema import MATCH_LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray


COORDINATE, GRID_REFERENCE, POSTCODE, SECTOR, AREA_CODE, NONE = range(len(MATCH_LEVELS))
#: Squares larger than this (metres) are no evidence of a place in a city.
LARGEST_SQUARE = 1_000
#: Squares larger than this are used, and said.
COARSE_SQUARE = 100
# Finer than any source, and coarse enough that no machine's last digit shows.
_DECIMALS = 3


@dataclass(frozen=True)
class Points:
    """
    The point that each row's best evidence gives, rows as in the incidents.

    `level` is a position in `schema.MATCH_LEVELS`; "none" where no point was
    found. `terminated`, `coarse`, `converted` and `helmert` mark rows located
    by a postcode no longer in use, by a grid square above 100 m, by degrees,
    and by the seven-parameter transform because the OSTN15 grid does not reach.
    `far` marks rows by whose degrees they lie outside: they have a level, and no
    metres.
    """

    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    level: NDArray[np.int8]
    terminated: NDArray[np.bool_]
    coarse: NDArray[np.bool_]
    converted: NDArray[np.bool_]
    helmert: NDArray[np.bool_]
    far: NDArray[np.bool_]


def find_points(
    incidents: pd.DataFrame,
    *,
    projection: Projection,
    postcodes: PostcodeTable | Path | None,
    far: NDArray[np.bool_] | None = None,
) -> Points:
    """
    Go through the kinds of evidence, best first, each for the rows that have none yet.

    Rows that are known to lie `far` from the study area are not converted to metres.
    """
    n = len(incidents)
    far = np.zeros(n, dtype=bool) if far is None else far
    flags = {name: np.zeros(n, dtype=bool) for name in ("terminated", "coarse", "converted", "helmert")}
    points = Points(np.full(n, np.nan), np.full(n, np.nan), np.full(n, NONE, dtype=np.int8), **flags, far=far)
    _from_metres(incidents, points)
    _from_degrees(incidents, points, projection)
    _from_grid_references(incidents, points)
    _from_postcodes(incidents, points, postcodes)
    np.round(points.easting, _DECIMALS, out=points.easting)
    np.round(points.northing, _DECIMALS, out=points.northing)
    return points


def plain_text(column: pd.Series) -> pd.Series:
    """Return a column of text or categories as plain text, "" for what is missing."""
    return column.astype(object).where(column.notna(), "").astype("str")


def _fill(points: Points, rows: NDArray[np.intp], x: NDArray, y: NDArray, level: int) -> NDArray[np.intp]:
    """Set the point of the rows for which one was found, and return these rows."""
    found = ~(np.isnan(x) | np.isnan(y))
    rows = rows[found]
    points.easting[rows], points.northing[rows], points.level[rows] = x[found], y[found], level
    return rows


def _open_rows(points: Points, text: pd.Series | None = None) -> NDArray[np.intp]:
    """Return the rows that have no point yet and, if `text` is given, have some text there."""
    lacking = points.level == NONE
    if text is not None:
        lacking &= (text != "").to_numpy() & text.notna().to_numpy()
    return np.flatnonzero(lacking)


def _from_metres(incidents: pd.DataFrame, points: Points) -> None:
    """Use easting and northing."""
    x, y = (incidents[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    _fill(points, _open_rows(points), x, y, COORDINATE)


def _from_degrees(incidents: pd.DataFrame, points: Points, projection: Projection) -> None:
    """Use longitude and latitude."""
    longitude, latitude = (incidents[name].to_numpy(dtype=float) for name in ("longitude", "latitude"))
    points.level[points.far], points.converted[points.far] = COORDINATE, True
    rows = np.flatnonzero((points.level == NONE) & ~np.isnan(longitude) & ~np.isnan(latitude))
    x, y = to_national_grid(longitude[rows], latitude[rows], grid=projection.grid)
    points.converted[_fill(points, rows, x, y, COORDINATE)] = True
    if projection.grid is not None:
        points.helmert[rows] = ~covered(longitude[rows], latitude[rows], grid=projection.grid)


def _from_grid_references(incidents: pd.DataFrame, points: Points) -> None:
    """Use the centre of the square that a grid reference names, unless it is larger than 1 km."""
    rows = _open_rows(points, incidents["grid_reference"])
    if not len(rows):
        return
    squares = parse_grid_references(incidents["grid_reference"].iloc[rows])
    x = np.where(squares.size <= LARGEST_SQUARE, squares.easting, np.nan)
    _fill(points, rows, x, squares.northing, GRID_REFERENCE)
    points.coarse[rows] = (squares.size > COARSE_SQUARE) & ~np.isnan(x)


def _from_postcodes(incidents: pd.DataFrame, points: Points, postcodes: PostcodeTable | Path | None) -> None:
    """Use the postcode's own place from a local file, or else the centroid of its sector."""
    rows = _open_rows(points, incidents["postcode"])
    if not len(rows):
        return
    written = plain_text(incidents["postcode"].iloc[rows])
    if postcodes is not None:
        codes = normalise_postcodes(written)
        table = (
            postcodes
            if isinstance(postcodes, PostcodeTable)
            else load_postcodes(postcodes, wanted=set(codes))
        )
        known = table.frame.reindex(codes)
        exact = known["sector_mean"].eq(False).to_numpy()
        x = np.where(exact, known["easting"].to_numpy(dtype=float), np.nan)
        _fill(points, rows, x, known["northing"].to_numpy(dtype=float), POSTCODE)
        points.terminated[rows] = exact & known["terminated"].eq(True).to_numpy()
    left = points.level[rows] == NONE
    sectors = postcode_sectors(written[left])
    centres = load_sectors()
    if isinstance(postcodes, Path):
        beyond = set(sectors) - set(centres.index) - {""}
        centres = pd.concat([centres, sector_centres(postcodes, wanted=beyond)]) if beyond else centres
    centres = centres.reindex(sectors)
    _fill(points, rows[left], centres["easting"].to_numpy(), centres["northing"].to_numpy(), SECTOR)
