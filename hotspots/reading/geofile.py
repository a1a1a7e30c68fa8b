"""
Points of GeoPackage and GeoJSON files as a table of text with coordinates.

A GeoPackage is a database, which can hold views that never end: only real
tables with points are read, without a lock and without a file beside it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.delimited import Survey
from hotspots.reading.numbers import DEGREES, METRES
from hotspots.reading.sources import Source, file_sha256, whole_content
from hotspots.reading.table import Table, Wanted, record_table
from hotspots.reading.workbook import cell_text
from hotspots.schema import NATIONAL_GRID, WGS84
from hotspots.text import safe_text

_POINTS = ("POINT", "MULTIPOINT", "GEOMETRY")
#: JSON can write half a character, which nothing can print.
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Features:
    """
    Points with attributes, opened.

    Attributes
    ----------
    header : tuple of str
        Names of the attributes.
    points : ndarray of shape (features, 2)
        In the unit `crs`; NaN where a feature has no point.
    crs : str
        `numbers.DEGREES` or `numbers.METRES`.
    """

    source: Source
    header: tuple[str, ...]
    points: np.ndarray
    crs: str
    attributes: Callable[[Sequence[int]], list[list[str]]]
    survey: Survey
    notes: tuple[str, ...] = ()
    delimiter: str = ""

    def read(self, wanted: Wanted) -> Table:
        """Read the wanted attributes of every feature."""
        places = sorted(wanted)
        numbers = range(1, len(self.points) + 1)
        # A feature with a point is a row even if every attribute is blank, hence the first cell.
        cells = zip(*self.attributes(places), strict=True) if places else ((),) * len(self.points)
        records = [(number, ("point", *texts)) for number, texts in zip(numbers, cells, strict=True)]
        shifted = {place: wanted[at] for place, at in enumerate(places, start=1)}
        table = record_table(records, len(places) + 1, shifted)
        return replace(
            table,
            columns={at: table.columns[place] for place, at in enumerate(places, start=1)},
            points=self.points[table.rows - 1],
            crs=self.crs,
        )


def open_features(source: Source) -> Features:
    """
    Open a GeoPackage or GeoJSON file of points, in any coordinate system.

    Raises
    ------
    InputError
        If it is damaged, holds other shapes than points, or several layers.
    """
    layer = _read_geopackage(source) if source.form == "geopackage" else _read_geojson(source)
    points, crs, notes = _in_known_system(source, layer.points, layer.system)
    survey = Survey(sha256=file_sha256(source.path), size=source.path.stat().st_size)
    return Features(source, layer.header, points, crs, layer.attributes, survey, notes)


@dataclass(frozen=True)
class _Layer:
    """Names of the attributes, points, their system, and a way to the attributes' values."""

    header: tuple[str, ...]
    points: np.ndarray
    system: str
    attributes: Callable[[Sequence[int]], list[list[str]]]


def _check_pending(source: Source) -> None:
    """Refuse a database of which the newest changes still lie in a file beside it."""
    pending = source.path.with_name(f"{source.path.name}-wal")
    try:
        waiting = pending.stat().st_size
    except OSError:
        return
    if waiting:
        raise InputError(
            f"{source.name} has changes in {safe_text(pending.name)} that are not part of it yet: close the "
            "program that writes it (open and close it once more if that program crashed), then run again."
        )


def _read_geopackage(source: Source) -> _Layer:
    _check_pending(source)
    with _damage(source), _database(source) as database:
        table, geometry, system = _point_table(source, database)
        columns = database.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
        header = tuple(str(column[1]) for column in columns if column[1] != geometry)
        select = f"SELECT {_quoted(geometry)} FROM {_quoted(table)} ORDER BY rowid"  # noqa: S608
        blobs = [row[0] for row in database.execute(select)]

    def attributes(wanted: Sequence[int]) -> list[list[str]]:
        names = ", ".join(_quoted(header[place]) for place in wanted)
        with _damage(source), _database(source) as database:
            rows = database.execute(f"SELECT {names} FROM {_quoted(table)} ORDER BY rowid")  # noqa: S608
            return [[_attribute(value) for value in column] for column in zip(*rows, strict=True)]

    return _Layer(header, _geopackage_points(source, blobs), system, attributes)


@contextmanager
def _damage(source: Source) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise InputError(f"{source.name} is a damaged GeoPackage: save it again.") from error


@contextmanager
def _database(source: Source) -> Iterator[sqlite3.Connection]:
    # Immutable: no lock, no journal and no other file beside the input.
    place = f"file:{quote(str(source.path.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(place, uri=True)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        yield database


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _point_table(source: Source, database: sqlite3.Connection) -> tuple[str, str, str]:
    """Return the one real table of points, its geometry column and its coordinate system."""
    real = {
        name
        for name, text in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if not str(text).upper().startswith("CREATE VIRTUAL")
    }
    if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= real:
        raise InputError(f"{source.name} is not a GeoPackage.")
    found = database.execute(
        "SELECT c.table_name, g.column_name, upper(g.geometry_type_name), s.organization, "
        "s.organization_coordsys_id, s.definition FROM gpkg_contents AS c "
        "JOIN gpkg_geometry_columns AS g ON g.table_name = c.table_name "
        "LEFT JOIN gpkg_spatial_ref_sys AS s ON s.srs_id = g.srs_id "
        "WHERE c.data_type = 'features' ORDER BY c.table_name"
    ).fetchall()
    layers = [row for row in found if row[0] in real and row[2] in _POINTS]
    if len(layers) > 1:
        shown = ", ".join(repr(safe_text(row[0])) for row in layers)
        raise InputError(f"{source.name} has several layers of points, {shown}: save one to its own file.")
    if not layers:
        raise _no_points(source)
    table, geometry, _, organisation, number, definition = layers[0]
    system = f"EPSG:{number}" if str(organisation).upper() == "EPSG" else str(definition or "")
    return str(table), str(geometry), "" if system == "undefined" else system


def _geopackage_points(source: Source, blobs: Sequence[bytes | None]) -> np.ndarray:
    """Take the points out of GeoPackage's binary: a header, an envelope, then WKB."""
    import shapely

    points = np.full((len(blobs), 2), np.nan)
    try:
        wkb = [None if blob is None else blob[_header_size(blob) :] for blob in blobs]
        shapes = shapely.from_wkb(np.array(wkb, dtype=object))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InputError(f"{source.name} has a damaged geometry: save it again.") from error
    filled = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    single = shapes[filled]
    # A multipoint of one point is that point.
    single = np.where(shapely.get_num_geometries(single) == 1, shapely.get_geometry(single, 0), single)
    if (shapely.get_type_id(single) != 0).any():
        raise _no_points(source)
    points[filled] = shapely.get_coordinates(single)
    return points


def _header_size(blob: bytes) -> int:
    if len(blob) < 8 or not blob.startswith(b"GP"):
        raise ValueError("not a GeoPackage geometry")
    envelope = (blob[3] >> 1) & 7
    return 8 + 8 * (0, 4, 6, 6, 8)[min(envelope, 4)]


def _read_geojson(source: Source) -> _Layer:
    try:
        content = whole_content(source)
        whole = json.loads(content.decode("utf-8-sig"))
        features = list(whole["features"])
        shapes = [feature.get("geometry") or {"type": "Point", "coordinates": []} for feature in features]
        records = [dict(feature.get("properties") or {}) for feature in features]
        if any(shape["type"] not in ("Point", "MultiPoint") for shape in shapes):
            raise _no_points(source)
        points = np.array([_pair(shape) for shape in shapes], dtype=float).reshape(-1, 2)
        system = (whole.get("crs") or {}).get("properties", {}).get("name", WGS84)
        header = tuple(dict.fromkeys(name for record in records for name in record))
        if _HALF.search(content):
            json.dumps([header, records], ensure_ascii=False).encode("utf-8")
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{source.name} is not GeoJSON whose features are points.") from error

    def attributes(wanted: Sequence[int]) -> list[list[str]]:
        return [[_attribute(record.get(header[place])) for record in records] for place in wanted]

    return _Layer(header, points, str(system), attributes)


def _pair(shape: dict[str, Any]) -> tuple[float, float]:
    place = shape["coordinates"]
    if shape["type"] == "MultiPoint" and place:
        place = place[0] if len(place) == 1 else None
    if not place:
        return np.nan, np.nan
    if any(isinstance(number, str | bool) for number in place[:2]):
        raise ValueError("a coordinate is not a number")
    return float(place[0]), float(place[1])


def _attribute(value: object) -> str:
    if isinstance(value, bytes):
        return ""
    return json.dumps(value) if isinstance(value, dict | list) else cell_text(value)


def _no_points(source: Source) -> InputError:
    return InputError(f"{source.name} holds other shapes than points: incidents have to be points.")


def _in_known_system(
    source: Source, points: np.ndarray, system: str
) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """Return points in degrees or National Grid metres; anything else is converted to degrees."""
    import pyproj

    if not system:
        return points, DEGREES, ("no coordinate system is stated; the numbers decide what they are.",)
    try:
        crs = pyproj.CRS.from_user_input(system)
        if crs == pyproj.CRS(NATIONAL_GRID):
            return points, METRES, ()
        if (crs.is_geographic and crs.to_epsg() == 4326) or "CRS84" in system:
            return points, DEGREES, ()
        change = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
        # Some releases of pyproj read a single point in a way that NumPy will refuse: send one more.
        x, y = change.transform(*np.vstack([points, points[:1]]).T)
    except pyproj.exceptions.ProjError as error:
        raise InputError(
            f"{source.name} has a coordinate system that is not known: save it in EPSG:27700."
        ) from error
    return (
        np.column_stack([x, y])[: len(points)],
        DEGREES,
        (f"points were converted from {safe_text(crs.name)}.",),
    )
