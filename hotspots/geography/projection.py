"""
From longitude and latitude to metres of the National Grid.

The National Grid is defined by Ordnance Survey's OSTN15: a transverse Mercator
projection of ETRS89, then a shift read from a grid of 1 km nodes. That grid is
not shipped; where it is not at hand the seven-parameter transform stands in,
and every run says so. The transform is always written out in full, because
pyproj otherwise picks whatever the machine happens to have.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from hotspots.authorities import SHIPPED
from hotspots.errors import DataMissingError, InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from pyproj import Transformer

    Metres = tuple[NDArray[np.float64], NDArray[np.float64]]

_RADIANS = "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
_GRID_LINES = "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000"
_HELMERT = (
    f"{_RADIANS} +step +proj=cart +ellps=WGS84 +step +inv +proj=helmert +x=446.448 +y=-125.157"
    " +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 +convention=position_vector"
    f" +step +inv +proj=cart +ellps=airy +step {_GRID_LINES} +ellps=airy"
)
_ETRS89 = f"{_RADIANS} +step {_GRID_LINES} +ellps=GRS80"
_SHIFTED = f"{_RADIANS} +step +inv +proj=hgridshift +grids={{grid}} +step {_GRID_LINES} +ellps=airy"
#: The name under which PROJ distributes OSTN15.
_PROJ_GRID = "uk_os_OSTN15_NTv2_OSGBtoETRS.tif"
# Great Britain has 0.9 million; a table that asks for more space is no grid.
_MOST_NODES = 4_000_000
# Column names of Ordnance Survey's own file, and of plain extracts from it.
_COLUMNS = {
    "easting": ("etrs89_easting", "easting_node", "easting"),
    "northing": ("etrs89_northing", "northing_node", "northing"),
    "east": ("etrs89_osgb36_eshift", "shift_east_m", "eshift"),
    "north": ("etrs89_osgb36_nshift", "shift_north_m", "nshift"),
}


class Converter(Protocol):
    """What turns degrees into National Grid metres, NaN where it has no cover."""

    @property
    def name(self) -> str:
        """The grid's file name."""
        ...

    def convert(self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> Metres:
        """Return easting and northing."""
        ...


@dataclass(frozen=True)
class ShiftGrid:
    """
    OSTN15's shifts at the nodes of a regular grid over ETRS89 eastings and northings.

    `east` and `north` have one row for each northing from `y_min` up and are
    NaN where the file has no node, so an extract for one county will do.
    """

    name: str
    x_min: float
    y_min: float
    spacing: float
    east: NDArray[np.float64] = field(repr=False)
    north: NDArray[np.float64] = field(repr=False)

    def convert(self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> Metres:
        """Return easting and northing by the full OSTN15 method; NaN outside the grid's nodes."""
        x, y = _transformed(_ETRS89, longitude, latitude)
        column, row = (x - self.x_min) / self.spacing, (y - self.y_min) / self.spacing
        rows, columns = self.east.shape
        inside = (column >= 0) & (row >= 0) & (column < columns - 1) & (row < rows - 1)
        column, row = np.where(inside, column, 0.0), np.where(inside, row, 0.0)
        i, j = row.astype(int), column.astype(int)
        t, u = column - j, row - i
        shift = [
            layer[i, j] * (1 - t) * (1 - u)
            + layer[i, j + 1] * t * (1 - u)
            + layer[i + 1, j + 1] * t * u
            + layer[i + 1, j] * (1 - t) * u
            for layer in (self.east, self.north)
        ]
        return np.where(inside, x + shift[0], np.nan), np.where(inside, y + shift[1], np.nan)


@dataclass(frozen=True)
class ProjGrid:
    """OSTN15 as an NTv2 (.gsb) or GeoTIFF (.tif) file that PROJ reads itself."""

    path: str

    @property
    def name(self) -> str:
        """The grid's file name."""
        return Path(self.path).name

    def convert(self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> Metres:
        """Return easting and northing; NaN outside the grid."""
        x, y = _transformed(_shifted(self.path), longitude, latitude)
        found = np.isfinite(x) & np.isfinite(y)
        return np.where(found, x, np.nan), np.where(found, y, np.nan)


@dataclass(frozen=True)
class Projection:
    """
    How a run turns longitude and latitude into the National Grid.

    `error_m` is what the method may be off at the place, and `words` says method
    and error in a sentence for the report.
    """

    method: str
    error_m: float
    words: str
    grid: Converter | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what run.json records."""
        return {"method": self.method, "error_m": self.error_m, "words": self.words}


_HELMERT_WORDS = (
    "Longitude and latitude were converted with the seven-parameter transform: off by {}."
    " Fetch OSTN15, or name its file, to be within a centimetre."
)
#: Ordnance Survey's bound for all of Great Britain.
HELMERT = Projection("Helmert", 5.0, _HELMERT_WORDS.format("up to 5 m"))
#: Where it was measured against OSTN15: 2.04 m.
_MEASURED = {SHIPPED.code: Projection("Helmert", 2.0, _HELMERT_WORDS.format(f"about 2 m at {SHIPPED.name}"))}


def choose_projection(ostn15: Path | str | None = None, *, area: str = "") -> Projection:
    """
    Choose the best method that is at hand.

    Parameters
    ----------
    ostn15 : Path, optional
        A file of OSTN15's shifts: Ordnance Survey's OSTN15_OSGM15_DataFile.txt,
        an extract from it as CSV, or an NTv2 or GeoTIFF grid. Without it the
        grid that PROJ has installed is used, and without that the
        seven-parameter transform.
    area : str
        GSS code of the authority: what the seven-parameter transform is off hangs on the place.

    Raises
    ------
    DataMissingError
        If there is no file of that name.
    InputError
        If the file is not a shift grid.
    """
    grid = load_grid(ostn15) if ostn15 is not None else installed_grid()
    if grid is None:
        return _MEASURED.get(area, HELMERT)
    method, error = ("OSTN15", 0.01) if isinstance(grid, ShiftGrid) else ("OSTN15 (PROJ)", 0.1)
    words = (
        f"Longitude and latitude were converted by OSTN15 ({grid.name}): within {error:g} m of the"
        " National Grid."
    )
    return Projection(method, error, words, grid)


def to_national_grid(longitude: ArrayLike, latitude: ArrayLike, *, grid: Converter | None = None) -> Metres:
    """
    Convert longitude and latitude to easting and northing.

    WGS84 is taken as ETRS89, as Ordnance Survey advises for positions of this
    accuracy. Each distinct coordinate is converted once: police.uk snaps a
    year's incidents to a few thousand points. Where `grid` has no cover a
    point is converted by the seven-parameter transform; `covered` tells which.

    Parameters
    ----------
    longitude, latitude : array_like of shape (n,)
        Degrees. NaN gives NaN.
    grid : ShiftGrid or ProjGrid, optional
        OSTN15's shifts. Without it every point takes the seven-parameter
        transform, whatever grids PROJ has installed.

    Returns
    -------
    easting, northing : ndarray of shape (n,)
        Metres.

    References
    ----------
    Ordnance Survey (2020). A Guide to Coordinate Systems in Great Britain,
    sections 6.3 and 6.6, annexe B.
    """
    points, codes = distinct_points(longitude, latitude)
    x, y = _transformed(_HELMERT, points.real, points.imag)
    if grid is not None:
        full_x, full_y = grid.convert(points.real, points.imag)
        lacking = np.isnan(full_x) | np.isnan(full_y)
        x, y = np.where(lacking, x, full_x), np.where(lacking, y, full_y)
    # A code of -1, a missing coordinate, picks the NaN at the end.
    return np.append(x, np.nan)[codes], np.append(y, np.nan)[codes]


def to_degrees(easting: ArrayLike, northing: ArrayLike) -> Metres:
    """Convert metres of the National Grid to longitude and latitude by the seven-parameter transform."""
    x, y = np.atleast_1d(easting, northing)
    return _transformer(_HELMERT).transform(x, y, direction="INVERSE")


def covered(longitude: ArrayLike, latitude: ArrayLike, *, grid: Converter | None) -> NDArray[np.bool_]:
    """Tell which points `grid` converts; the others take the seven-parameter transform."""
    points, codes = distinct_points(longitude, latitude)
    if grid is None:
        return np.zeros(len(codes), dtype=bool)
    inside = ~np.isnan(grid.convert(points.real, points.imag)[0])
    return np.append(inside, False)[codes]


def distinct_points(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.complex128], NDArray[np.intp]]:
    """Return the distinct points (x + yi), and each row's number among them or -1 where one is missing."""
    x = np.atleast_1d(np.asarray(x, dtype=float))
    # Not x + 1j * y: an infinite y would make x NaN.
    pairs = np.empty(len(x), dtype=complex)
    pairs.real, pairs.imag = x, y
    codes, points = pd.factorize(pairs, use_na_sentinel=True)
    return np.asarray(points), codes


def _transformed(words: str, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> Metres:
    """Apply a pipeline of PROJ to points."""
    # Some releases of pyproj read a single point in a way that NumPy will refuse: send one more.
    x, y = _transformer(words).transform(
        np.append(longitude, longitude[:1]), np.append(latitude, latitude[:1])
    )
    n = len(longitude)
    return x[:n], y[:n]


@cache
def _transformer(pipeline: str) -> Transformer:
    """Build the transform once: it costs more than a thousand points."""
    from pyproj import Transformer

    return Transformer.from_pipeline(pipeline)


def installed_grid() -> ProjGrid | None:
    """Return the OSTN15 grid that PROJ has installed on this machine, or None; nothing is fetched."""
    from pyproj import datadir

    folders = (*datadir.get_data_dir().split(os.pathsep), datadir.get_user_data_dir())
    paths = (Path(folder, _PROJ_GRID) for folder in folders)
    return next((_proj_grid(path) for path in paths if path.is_file()), None)


def _proj_grid(path: Path) -> ProjGrid:
    """Check that PROJ can read a grid, and name it."""
    from pyproj.exceptions import ProjError

    try:
        _transformer(_shifted(str(path)))
    except ProjError as error:
        raise InputError(
            f"{path.name} is not a grid that PROJ reads: fetch it again, or remove it."
        ) from error
    return ProjGrid(str(path))


def _shifted(path: str) -> str:
    """Write the transform through a grid file out, the name quoted as PROJ asks: it may hold spaces."""
    escaped = path.replace('"', '""')
    return _SHIFTED.format(grid=f'"{escaped}"')


def load_grid(path: Path | str) -> Converter:
    """
    Read a file of OSTN15's shifts.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If the file lacks a column, its nodes are not a regular grid, or PROJ
        cannot read it.
    """
    path = Path(path)
    if not path.is_file():
        raise DataMissingError(f"There is no OSTN15 grid at {path}: correct the name, or leave it out.")
    if path.suffix.lower() in {".gsb", ".tif", ".tiff"}:
        return _proj_grid(path)
    return _shift_grid(path.name, _read_nodes(path))


def _is_used(column: str) -> bool:
    """Tell whether a column of the file is one of the four: the whole table has 876,951 rows."""
    return any(column.strip().lower() in names for names in _COLUMNS.values())


def _read_nodes(path: Path) -> pd.DataFrame:
    """Read the four columns of a text file of nodes under our own names."""
    try:
        table = pd.read_csv(path, encoding="utf-8-sig", usecols=_is_used)
    except (ValueError, UnicodeError, OSError) as error:
        raise InputError(f"{path.name} is not a table of OSTN15 shifts: give the text file.") from error
    table.columns = table.columns.str.strip().str.lower()
    names = {ours: next((c for c in theirs if c in table), "") for ours, theirs in _COLUMNS.items()}
    missing = [ours for ours, name in names.items() if not name]
    if missing:
        raise InputError(
            f"{path.name} lacks the columns for {', '.join(missing)}: a table of OSTN15 shifts has"
            " easting, northing, shift east and shift north of each node."
        )
    nodes = pd.DataFrame({ours: pd.to_numeric(table[name], errors="coerce") for ours, name in names.items()})
    # Ordnance Survey's older tables mark nodes far offshore with a shift of nothing.
    return nodes[(nodes["east"] != 0) | (nodes["north"] != 0)].dropna()


def _shift_grid(name: str, nodes: pd.DataFrame) -> ShiftGrid:
    """Lay the nodes out as two arrays, NaN where a node is missing."""
    x, y = nodes["easting"].to_numpy(), nodes["northing"].to_numpy()
    steps = np.diff(np.sort(pd.unique(x)))
    if not len(steps) or len(pd.unique(y)) < 2:
        raise InputError(f"{name} holds fewer than four nodes: give the whole table of OSTN15 shifts.")
    spacing = float(steps.min())
    columns, rows = (x - x.min()) / spacing, (y - y.min()) / spacing
    if (columns % 1).any() or (rows % 1).any() or columns.max() * rows.max() > _MOST_NODES:
        raise InputError(f"{name} is not a regular grid: its nodes must stand {spacing:g} m apart.")
    i, j = rows.astype(int), columns.astype(int)
    east, north = (np.full((i.max() + 1, j.max() + 1), np.nan) for _ in range(2))
    east[i, j], north[i, j] = nodes["east"], nodes["north"]
    return ShiftGrid(name, float(x.min()), float(y.min()), spacing, east, north)
