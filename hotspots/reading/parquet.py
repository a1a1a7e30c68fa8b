"""Parquet and GeoParquet, through pyarrow."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from hotspots.errors import InputError
from hotspots.reading.cell import attribute_text
from hotspots.reading.content import Source, source_sha256, whole_content
from hotspots.reading.features import Features, from_geometry, in_known_system
from hotspots.reading.survey import Survey
from hotspots.schema import WGS84

#: Cells that are turned into Python values at most.
MAX_ROWS = 20_000_000


def open_parquet(source: Source, *, sheet: str = "") -> tuple[Features, ...]:
    """
    Open a Parquet file as a table of text, with points where it is a GeoParquet.

    Raises
    ------
    InputError
        If it is damaged, or its geometry is no points.
    """
    del sheet  # it holds one table
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(whole_content(source)))
        if file.metadata.num_rows > MAX_ROWS:
            raise InputError(f"{source.name} has more than {MAX_ROWS:,} rows: cut it up.")
        geometry, system = _geometry(file.schema_arrow.metadata or {})
        points = None
        crs = ""
        notes: tuple[str, ...] = ()
        if geometry:
            wkb = file.read([geometry]).column(0).to_pylist()
            points, crs, notes = in_known_system(source, from_geometry(source, wkb), system)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{source.name} is damaged or not Parquet: save it again.") from error
    names = [name for name in file.schema_arrow.names if name != geometry]

    def attributes(wanted: Sequence[int]) -> list[list[str]]:
        try:
            table = file.read([names[place] for place in wanted])
            return [
                [attribute_text(value) for value in _plain(table.column(names[place]))] for place in wanted
            ]
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(f"{source.name} is damaged or not Parquet: save it again.") from error

    survey = Survey(sha256=source_sha256(source), size=source.path.stat().st_size)
    return (Features(source, tuple(names), points, crs, file.metadata.num_rows, attributes, survey, notes),)


def _geometry(metadata: dict[bytes, bytes]) -> tuple[str, str]:
    """Return the column of geometry and its coordinate system, as GeoParquet states them."""
    if b"geo" not in metadata:
        return "", ""
    geo = json.loads(metadata[b"geo"])
    name = str(geo["primary_column"])
    column = geo["columns"][name]
    if str(column.get("encoding", "WKB")).upper() != "WKB":
        raise InputError("This GeoParquet holds native geometry: save it with WKB.")
    # Left out, it is longitude and latitude; null, it is not known.
    system = column.get("crs", WGS84)
    return name, "" if system is None else json.dumps(system) if isinstance(system, dict) else str(system)


def _plain(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        # A geometry that nothing declares is still one: as the hexadecimal that PostGIS writes.
        return [None if value is None else value.hex().upper() for value in column.to_pylist()]
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return list(column.to_pylist())
