"""Points written into one cell: WKT, WKB in hexadecimal, GeoJSON, "latitude, longitude"."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import numpy as np

from hotspots.reading.numbers import BAD, BLANK, GB_LATITUDE, GB_LONGITUDE, OK

_NUMBER = r"[+-]?\d+(?:\.\d*)?"
_WKT = re.compile(
    rf"(?:SRID=\d+;)?\s*(?:MULTI)?POINT\s*(?:Z|M|ZM)?\s*\(+\s*({_NUMBER})\s+({_NUMBER})[^()]*\)+",
    re.ASCII | re.IGNORECASE,
)
_EMPTY = re.compile(r"(?:SRID=\d+;)?\s*(?:MULTI)?POINT\s*(?:Z|M|ZM)?\s*EMPTY", re.ASCII | re.IGNORECASE)
#: Little-endian or big-endian points, with or without heights and an SRID.
_WKB = re.compile(
    r"(?:0101000000|01010000[2AE]0|01E9030000|0000000001|00[2A]0000001)[0-9A-F]{32,64}", re.IGNORECASE
)
_PAIR = re.compile(rf"[(\[]?\s*({_NUMBER})\s*(?:[,;|/]|\s)\s*({_NUMBER})\s*[)\]]?", re.ASCII)
#: What two numbers in one cell must look like to be taken for a place: decimals of a degree, or metres.
_TELLING_PAIR = re.compile(
    r"[(\[]?\s*[+-]?\d{1,3}\.\d{3,}\s*(?:[,;|/]|\s)\s*[+-]?\d{1,3}\.\d{3,}\s*[)\]]?"
    r"|[(\[]?\s*\d{6}(?:\.\d*)?\s*(?:[,;|/]|\s)\s*\d{6,7}(?:\.\d*)?\s*[)\]]?",
    re.ASCII,
)
#: An easting and a northing without a mark between them, as an all-figure grid reference is written.
_FIGURES = re.compile(r"(\d{6})(\d{6})", re.ASCII)
_OTHERS = re.compile(r"(?:SRID=\d+;)?\s*(?:MULTI)?(LINESTRING|POLYGON|GEOMETRYCOLLECTION)\b", re.IGNORECASE)
_GEOJSON = re.compile(r'\{.*"coordinates"\s*:', re.ASCII | re.DOTALL)


def look_like_shapes(texts: Sequence[str]) -> bool:
    """Say whether most of some cells that are not blank hold a point."""
    filled = [text.strip() for text in texts if text.strip()]
    return bool(filled) and sum(map(_is_shape, filled)) > len(filled) / 2


def hold_other_shapes(texts: Sequence[str]) -> bool:
    """Say whether cells hold lines or areas."""
    return any(_OTHERS.match(text.strip()) for text in texts)


def _is_shape(text: str) -> bool:
    known = (_WKT, _EMPTY, _WKB, _TELLING_PAIR)
    return any(pattern.fullmatch(text) for pattern in known) or bool(_GEOJSON.match(text))


def parse_shapes(texts: Sequence[str] | np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Read distinct cells that hold points.

    Returns
    -------
    x, y : ndarray of float
        As written, a pair of latitude and longitude turned round.
    state : ndarray of int8
        `numbers.OK`, `BLANK` or `BAD`.
    """
    x, y = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    state = np.full(len(texts), BAD, np.int8)
    pairs = np.zeros(len(texts), bool)
    for place, text in enumerate(texts):
        plain = text.strip()
        if not plain or _EMPTY.fullmatch(plain):
            state[place] = BLANK
            continue
        found = _point(plain)
        if found is not None:
            x[place], y[place], pairs[place] = found
            state[place] = OK
    # Two bare numbers are latitude first as often as not: Britain tells, for the whole column.
    turned = pairs & _within(x, GB_LATITUDE) & _within(y, GB_LONGITUDE)
    if turned.sum() > pairs.sum() / 2:
        x[pairs], y[pairs] = y[pairs], x[pairs].copy()
    return x, y, state


def _within(values: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    return (values >= bounds[0]) & (values <= bounds[1])


def _point(text: str) -> tuple[float, float, bool] | None:
    """Return x, y and whether they were two bare numbers; None for anything else."""
    if match := _WKT.fullmatch(text):
        return float(match[1]), float(match[2]), False
    if match := _PAIR.fullmatch(text):
        return float(match[1]), float(match[2]), True
    if match := _FIGURES.fullmatch(text):
        return float(match[1]), float(match[2]), True
    if _WKB.fullmatch(text):
        return _from_wkb(text)
    if _GEOJSON.match(text):
        return _from_geojson(text)
    return None


def _from_wkb(text: str) -> tuple[float, float, bool] | None:
    import shapely

    try:
        shape = shapely.from_wkb(text)
    except (shapely.errors.GEOSException, ValueError):
        return None
    if shapely.get_type_id(shape) != 0 or shapely.is_empty(shape):
        return None
    return float(shapely.get_x(shape)), float(shapely.get_y(shape)), False


def _from_geojson(text: str) -> tuple[float, float, bool] | None:
    try:
        x, y = json.loads(text.replace('""', '"'))["coordinates"][:2]
        return float(x), float(y), False
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
