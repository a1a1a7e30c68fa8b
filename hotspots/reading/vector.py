"""Shapefile, KML, FlatGeobuf, MapInfo, GML and file geodatabases, through GDAL (pyogrio)."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.cell import attribute_text
from hotspots.reading.content import Source, source_sha256, whole_content
from hotspots.reading.features import Features, from_geometry, in_known_system
from hotspots.reading.survey import Survey
from hotspots.text import safe_text

#: What GDAL adds to a KML placemark by itself.
_KML_OWN = {
    "id", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder",
    "icon",
}  # fmt: skip
_XML = {"kml": b"<kml", "gml": b"opengis.net/gml"}
_STARTS = {"shapefile": (b"\0\0\x27\x0a",), "flatgeobuf": (b"fgb",)}


def open_vector(source: Source, *, sheet: str = "") -> tuple[Features, ...]:
    """
    Open the layers of a file of points.

    Nothing is fetched and nothing is written beside the file: XML is handed
    over from memory, the other formats are only read.

    Raises
    ------
    InputError
        If it is damaged or of another kind, holds no points, or has no layer of that name.
    """
    import pyogrio

    place = _place(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [str(name) for name, _ in pyogrio.list_layers(place)]
            chosen = _chosen(source, names, sheet)
            read = [(name, *_layer(place, name)) for name in chosen]
    except _damage() as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{source.name} is damaged or incomplete: {_missing(source)}") from error
    survey = Survey(sha256=source_sha256(source), size=_size(source))
    filled = [one for one in read if len(one[2])]
    if not filled:
        raise InputError(f"{source.name} holds no features.")
    several = len(filled) > 1
    return tuple(
        _features(
            replace(source, name=f"{source.name}/{safe_text(name)}") if several else source,
            meta,
            wkb,
            fields,
            survey,
        )
        for name, meta, wkb, fields in filled
    )


def _damage() -> tuple[type[Exception], ...]:
    """Return what GDAL's readers raise at a damaged file."""
    from pyogrio import errors

    named = (errors.DataSourceError, errors.DataLayerError, errors.FeatureError)
    return (*named, errors.GeometryError, errors.FieldError, ValueError, RuntimeError)


def _missing(source: Source) -> str:
    if source.form == "shapefile":
        return "a shapefile is its .shp, .shx and .dbf together (better: save it as GeoPackage)."
    if source.form == "mapinfo":
        return "a MapInfo table is its .tab, .dat, .map and .id together (better: save it as GeoPackage)."
    return "save it again, or as GeoPackage."


def _place(source: Source) -> Any:
    """Return what GDAL opens: a path, a path into the zip, or the content where it would write beside it."""
    if source.form in _XML:
        content = whole_content(source)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise InputError(f"{source.name} defines entities of its own, which are not read: save it again.")
        if _XML[source.form] not in content[:65536]:
            raise InputError(
                f"{source.name} is not {source.form.upper()}: check what was saved under this name."
            )
        return io.BytesIO(content)
    starts = _STARTS.get(source.form)
    if starts and not next(source.chunks(), b"").startswith(starts):
        raise InputError(f"{source.name} is not what its name says: check what was saved under this name.")
    if source.inside:
        return f"/vsizip/{{{source.path.resolve()}}}/{source.inside}"
    return str(source.path)


def _size(source: Source) -> int:
    if source.path.is_dir():
        return sum(part.stat().st_size for part in source.path.iterdir() if part.is_file())
    return source.path.stat().st_size


def _chosen(source: Source, names: Sequence[str], sheet: str) -> list[str]:
    if not sheet or len(names) == 1:
        return list(names)
    if sheet not in names:
        shown = ", ".join(repr(safe_text(name)) for name in names)
        raise InputError(f"{source.name} has no layer {safe_text(sheet)!r}; it has {shown}.")
    return [sheet]


def _layer(place: Any, name: str) -> tuple[dict[str, Any], Any, Any]:
    import pyogrio

    options: dict[str, Any] = {}
    if isinstance(place, io.BytesIO):
        place.seek(0)
        if b"opengis.net/gml" in place.getvalue()[:65536]:
            options = {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"}
    meta, _, wkb, fields = pyogrio.raw.read(place, layer=name, datetime_as_string=True, **options)
    return meta, wkb if wkb is not None else np.zeros(0), fields


def _features(
    source: Source, meta: dict[str, Any], wkb: Any, fields: Sequence[Any], survey: Survey
) -> Features:
    points, crs, notes = in_known_system(source, from_geometry(source, wkb), str(meta["crs"] or ""))
    own = _KML_OWN if source.form == "kml" else set()
    kept = [at for at, name in enumerate(meta["fields"]) if name not in own]

    def attributes(wanted: Sequence[int]) -> list[list[str]]:
        return [[attribute_text(_plain(value)) for value in fields[kept[place]]] for place in wanted]

    header = tuple(str(meta["fields"][at]) for at in kept)
    if source.form in ("shapefile", "mapinfo") and not set(header) - {"FID"}:
        raise InputError(f"{source.name} is damaged or incomplete: {_missing(source)}")
    return Features(source, header, points, crs, len(points), attributes, survey, notes)


def _plain(value: Any) -> object:
    """Return a NumPy value as Python's own, and a missing number as nothing."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and math.isnan(value) else value
