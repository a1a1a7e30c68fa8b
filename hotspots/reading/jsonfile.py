"""JSON: points as GeoJSON or ArcGIS writes them, and lists of records such as the police.uk API's."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.cell import attribute_text
from hotspots.reading.columns import telling_fields
from hotspots.reading.content import Source, source_sha256, whole_content
from hotspots.reading.features import Features, in_known_system, no_points
from hotspots.reading.survey import Survey
from hotspots.schema import WGS84

#: JSON can write half a character, which nothing can print.
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_FAULTS = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
#: Under these names an answer of a service holds its records.
_LISTS = ("results", "data", "records", "rows", "items", "value", "crimes")
#: Objects within objects that are looked into.
_DEEPEST = 4


def open_json(source: Source, *, sheet: str = "") -> tuple[Features, ...]:
    """
    Open a JSON file of points or records.

    Raises
    ------
    InputError
        If it is damaged, or holds neither.
    """
    del sheet  # it holds one table
    content = whole_content(source)
    try:
        whole = _parsed(content)
        if _HALF.search(content):
            json.dumps(whole, ensure_ascii=False).encode("utf-8")
        whole = _unwrapped(whole)
        opened = _records(source, whole) if _is_records(whole) else _features(source, whole)
    except _FAULTS as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{source.name} is not GeoJSON whose features are points, nor a list of records: "
            "save it as CSV or GeoPackage."
        ) from error
    return (opened,)


def _parsed(content: bytes) -> Any:
    text = content.decode("utf-8-sig")
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        lines = [line.lstrip("\x1e") for line in text.split("\n") if line.strip()]
        if len(lines) < 2:
            raise
        records = [json.loads(line) for line in lines]
        if all(record.get("type") == "Feature" for record in records):
            return {"features": records}
        return records


def _is_records(whole: Any) -> bool:
    if isinstance(whole, dict) and "features" not in whole:
        return bool(_listed(whole)) or _is_columns(whole)
    return isinstance(whole, list) and bool(whole) and "geometry" not in whole[0]


def _records(source: Source, whole: Any) -> Features:
    if isinstance(whole, dict) and _is_columns(whole):
        whole = _turned(whole)
    elif isinstance(whole, dict) and isinstance(whole.get("columns"), list) and "data" in whole:
        whole = [dict(zip(map(str, whole["columns"]), row, strict=True)) for row in whole["data"]]
    elif isinstance(whole, dict):
        whole = whole[_listed(whole)]
    records = [_flat(record) for record in whole]
    return _opened(source, records, None, "", ())


def _unwrapped(whole: Any) -> Any:
    """Look into an answer that holds one object alone beside plain values, under a name such as result."""
    for _ in range(_DEEPEST):
        if not isinstance(whole, dict) or "features" in whole or _listed(whole) or _is_columns(whole):
            break
        inner = [value for value in whole.values() if isinstance(value, dict)]
        if len(inner) != 1 or "error" in whole:
            break
        whole = inner[0]
    return whole


def _listed(whole: dict[str, Any]) -> str:
    """Return under which name an answer holds its records: a usual one, or the only list of objects."""
    lists = [name for name, value in whole.items() if isinstance(value, list)]
    usual = [name for name in _LISTS if name in lists]
    objects = [name for name in lists if whole[name] and all(isinstance(one, dict) for one in whole[name])]
    return (usual or (objects if len(objects) == 1 else []) or [""])[0]


def _is_columns(whole: dict[str, Any]) -> bool:
    """Say whether an object is a table on its side: as many cells under each name, by place or by key."""
    kinds = {type(column) for column in whole.values()}
    if (
        len(whole) < 2
        or len(kinds) != 1
        or not kinds & {dict, list}
        or "error" in whole
        or "columns" in whole
    ):
        return False
    cells = [cell for column in whole.values() for cell in (column.values() if kinds == {dict} else column)]
    return len({len(column) for column in whole.values()}) == 1 and not any(
        isinstance(c, dict | list) for c in cells
    )


def _turned(whole: dict[str, Any]) -> list[dict[str, Any]]:
    first = next(iter(whole.values()))
    if isinstance(first, dict) and telling_fields(list(first)) > telling_fields(list(whole)):
        return list(whole.values())  # a record under each key
    columns = {
        name: list(column.values() if isinstance(column, dict) else column) for name, column in whole.items()
    }
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _flat(record: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Write an object within an object as the names that data frames give it: location.latitude."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEEPEST and "coordinates" not in value:
            flat |= _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _features(source: Source, whole: Any) -> Features:
    features = list(whole["features"] if isinstance(whole, dict) else whole)
    if isinstance(whole, list) and not features:
        raise ValueError("an empty list")
    if features and "attributes" in features[0]:
        return _from_arcgis(source, whole, features)
    shapes = [feature.get("geometry") or {"type": "Point", "coordinates": []} for feature in features]
    records = [_properties(feature) for feature in features]
    if any(shape["type"] not in ("Point", "MultiPoint") for shape in shapes):
        raise no_points(source)
    points = np.array([_pair(shape) for shape in shapes], dtype=float).reshape(-1, 2)
    if features and not any(feature.get("geometry") for feature in features):
        return _opened(source, records, None, "", ())  # a table in the form of points
    stated = whole.get("crs") if isinstance(whole, dict) else None
    system = str((stated or {}).get("properties", {}).get("name", WGS84))
    return _opened(source, records, points, system, ())


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    """Return what a feature says beside its shape; records with a shape of their own need no such member."""
    if "properties" in feature:
        return dict(feature["properties"] or {})
    return _flat({name: value for name, value in feature.items() if name not in ("type", "geometry", "id")})


def _from_arcgis(source: Source, whole: dict[str, Any], features: list[dict[str, Any]]) -> Features:
    """Read what an ArcGIS service answers to f=json, and what ArcGIS Pro writes as "Features To JSON"."""
    shapes = [feature.get("geometry") or {} for feature in features]
    if any(shape and "x" not in shape for shape in shapes):
        raise no_points(source)
    pairs = [(_number(shape.get("x")), _number(shape.get("y"))) for shape in shapes]
    reference = whole.get("spatialReference") or {}
    number = reference.get("latestWkid") or reference.get("wkid")
    system = f"EPSG:{3857 if number == 102100 else number}" if number else str(reference.get("wkt") or "")
    records = [dict(feature["attributes"]) for feature in features]
    return _opened(source, records, np.array(pairs, dtype=float).reshape(-1, 2), system, ())


def _number(value: Any) -> float:
    if value is None or value == "NaN":
        return np.nan
    if isinstance(value, str | bool):
        raise ValueError("a coordinate is not a number")
    return float(value)


def _opened(
    source: Source,
    records: Sequence[dict[str, Any]],
    points: np.ndarray | None,
    system: str,
    notes: tuple[str, ...],
) -> Features:
    crs, said = "", notes
    if points is not None:
        points, crs, said = in_known_system(source, points, system)
    header = tuple(dict.fromkeys(name for record in records for name in record))

    def attributes(wanted: Sequence[int]) -> list[list[str]]:
        return [[attribute_text(record.get(header[place])) for record in records] for place in wanted]

    survey = Survey(sha256=source_sha256(source), size=source.path.stat().st_size)
    return Features(source, header, points, crs, len(records), attributes, survey, said)


def _pair(shape: dict[str, Any]) -> tuple[float, float]:
    place = shape["coordinates"]
    if shape["type"] == "MultiPoint" and place:
        place = place[0] if len(place) == 1 else None
    if not place:
        return np.nan, np.nan
    if any(isinstance(number, str | bool) for number in place[:2]):
        raise ValueError("a coordinate is not a number")
    return float(place[0]), float(place[1])
