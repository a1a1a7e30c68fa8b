"""
Points of GeoPackages.

A GeoPackage is a database, which can hold views that never end: only real
tables with points are read, without a lock and without a file beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from urllib.parse import quote

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.cell import attribute_text
from hotspots.reading.content import Source, source_sha256, whole_content
from hotspots.reading.features import Features, from_geometry, in_known_system, no_points
from hotspots.reading.survey import Survey
from hotspots.text import safe_text

_POINTS = ("POINT", "MULTIPOINT", "GEOMETRY")


def open_geopackages(source: Source, *, sheet: str = "") -> tuple[Features, ...]:
    """
    Open the layers of points of a GeoPackage, or the one that is named.

    Raises
    ------
    InputError
        If it is damaged, holds other shapes than points, or has no such layer.
    """
    if source.member < 0:
        _check_pending(source)
    with _damage(source), _database(source) as database:
        layers = _point_tables(source, database)
    if sheet and len(layers) > 1:
        layers = [layer for layer in layers if layer[0] == sheet] or _no_layer(source, layers, sheet)
    survey = Survey(sha256=source_sha256(source), size=source.path.stat().st_size)
    several = len(layers) > 1
    return tuple(
        _features(
            replace(source, name=f"{source.name}/{safe_text(layer[0])}") if several else source, layer, survey
        )
        for layer in layers
    )


def _no_layer(
    source: Source, layers: Sequence[tuple[str, str, str]], sheet: str
) -> list[tuple[str, str, str]]:
    shown = ", ".join(repr(safe_text(layer[0])) for layer in layers)
    raise InputError(f"{source.name} has no layer {safe_text(sheet)!r}; it has {shown}.")


def _features(source: Source, layer: tuple[str, str, str], survey: Survey) -> Features:
    table, geometry, system = layer
    with _damage(source), _database(source) as database:
        columns = database.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
        header = tuple(str(column[1]) for column in columns if column[1] != geometry)
        select = f"SELECT {_quoted(geometry)} FROM {_quoted(table)} ORDER BY rowid"  # noqa: S608
        blobs = [row[0] for row in database.execute(select)]
        found = _geopackage_points(source, blobs)
    points, crs, notes = in_known_system(source, found, system)

    def attributes(wanted: Sequence[int]) -> list[list[str]]:
        names = ", ".join(_quoted(header[place]) for place in wanted)
        if not names or not blobs:
            return [[] for _ in wanted]
        with _damage(source), _database(source) as database:
            rows = database.execute(f"SELECT {names} FROM {_quoted(table)} ORDER BY rowid")  # noqa: S608
            return [[attribute_text(value) for value in column] for column in zip(*rows, strict=True)]

    return Features(source, header, points, crs, len(points), attributes, survey, notes)


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


@contextmanager
def _damage(source: Source) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise InputError(f"{source.name} is a damaged GeoPackage: save it again.") from error


@contextmanager
def _database(source: Source) -> Iterator[sqlite3.Connection]:
    if source.member >= 0:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(whole_content(source))
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
        return
    # Immutable: no lock, no journal and no other file beside the input.
    place = f"file:{quote(str(source.path.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(place, uri=True)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        yield database


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _point_tables(source: Source, database: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Return the real tables of points, their geometry columns and coordinate systems."""
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
    layers = [row for row in found if row[0] in real and str(row[2]).split(" ")[0].rstrip("ZM") in _POINTS]
    if not layers:
        raise no_points(source)
    return [(str(row[0]), str(row[1]), _system(*row[3:])) for row in layers]


def _system(organisation: object, number: object, definition: object) -> str:
    system = f"EPSG:{number}" if str(organisation).upper() == "EPSG" else str(definition or "")
    return "" if system == "undefined" else system


def _geopackage_points(source: Source, blobs: Sequence[bytes | None]) -> np.ndarray:
    """Take the points out of GeoPackage's binary: a header, an envelope, then WKB."""
    try:
        wkb = [None if blob is None else blob[_header_size(blob) :] for blob in blobs]
    except (TypeError, ValueError) as error:
        raise InputError(f"{source.name} has a damaged geometry: save it again.") from error
    return from_geometry(source, wkb)


def _header_size(blob: bytes) -> int:
    if len(blob) < 8 or not blob.startswith(b"GP"):
        raise ValueError("not a GeoPackage geometry")
    envelope = (blob[3] >> 1) & 7
    return 8 + 8 * (0, 4, 6, 6, 8)[min(envelope, 4)]
