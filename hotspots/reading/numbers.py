"""Coordinates as text: plain numbers only, and mistakes that a whole file shares."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hotspots.reading.table import end_to_end, figures_of

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)

#: A unit behind a number; a hemisphere before or behind it; degrees, minutes and seconds.
_UNIT = re.compile(r"\s*(m|metres?|meters?|°|º|deg(rees)?)\.?$", re.IGNORECASE)
_HEMISPHERE = re.compile(r"([NSEW])?\s*(\d{1,3}(?:\.\d*)?)\s*[°º]?\s*([NSEW])?", re.ASCII | re.IGNORECASE)
_SEXAGESIMAL = re.compile(
    r"(?P<sign>[+-])?(?P<d>\d{1,3})\s*[°ºd:\s]\s*(?P<m>\d{1,2}(\.\d+)?)\s*['′’m:\s]\s*(?P<s>\d{1,2}(\.\d+)?)?\s*"
    r"(?:\"|″|”|''|s)?\s*(?P<h>[NSEW])?",
    re.ASCII | re.IGNORECASE,
)
#: Thousands apart by a blank, and numbers that a spreadsheet has cut short: 4.34E+05.
_SPACED = re.compile(r"\d{1,3}([ \u00a0\u2009\u202f]\d{3})+(\.\d*)?")
_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d\d?", re.ASCII | re.IGNORECASE)
SHORTENED = "numbers that a spreadsheet has shortened"

_DIGITS = b"0123456789.+-"
#: Hundreds of digits become infinite.
_LONGEST = 40

OK, BLANK, BAD = 0, 1, 2


@dataclass(frozen=True)
class Numbers:
    """
    A column of numbers.

    Attributes
    ----------
    values : ndarray of float
        One per text; NaN where `state` is not `OK`.
    state : ndarray of int8
        `OK`, `BLANK` or `BAD`.
    note : str
        "decimal comma", "thousands separators", `SHORTENED` or "".
    """

    values: np.ndarray
    state: np.ndarray
    note: str = ""


def parse_numbers(texts: np.ndarray | pa.StringArray, *, metres: bool) -> Numbers:
    """
    Turn texts into numbers, strictly.

    Exponents, hexadecimal, underscores, infinities and words are bad: no
    extract writes a coordinate that way, and `float` would take most of them.
    A comma is a decimal comma if the whole column agrees; in metres, groups of
    three digits are thousands ("435,123" is no place 435 metres from the origin).
    """
    stored = texts if isinstance(texts, pa.StringArray) else _as_arrow(texts)
    quick = None if stored is None else _quick_numbers(stored)
    if quick is not None:
        return quick
    listed = texts.to_pylist() if isinstance(texts, pa.StringArray) else texts
    plain = [_bare(text.strip(), metres=metres) for text in listed]
    rule, note = _number_rule([text for text in plain if text], metres=metres)
    values = np.full(len(plain), np.nan)
    state = np.full(len(plain), BAD, np.int8)
    for place, text in enumerate(plain):
        if not text:
            state[place] = BLANK
        elif len(text) <= _LONGEST and _PLAIN.fullmatch(number := text.translate(rule)):
            values[place] = float(number)
            state[place] = OK
    return Numbers(values, state, note)


def _bare(text: str, *, metres: bool) -> str:
    """Take away what says no more than the heading: a unit, a hemisphere, blanks for thousands."""
    text = text.removeprefix("'")
    if metres and text[:1] in ("E", "N", "e", "n"):
        text = text[1:].strip()
    if text.isascii() and (not text or text[-1].isdigit()) and text[:1].upper() not in ("N", "S", "E", "W"):
        return (
            text.replace(" ", "") if metres and _SPACED.fullmatch(text) else _in_decimals(text, metres=metres)
        )
    if metres:
        bare = _UNIT.sub("", text)
        return re.sub(r"\s", "", bare) if _SPACED.fullmatch(bare) else bare
    match = _HEMISPHERE.fullmatch(text)
    if match and (match[1] or match[3]) and not (match[1] and match[3]):
        return f"{'-' if (match[1] or match[3]).upper() in 'SW' else ''}{match[2]}"
    return _in_decimals(_UNIT.sub("", text) if _PLAIN.fullmatch(_UNIT.sub("", text)) else text, metres=metres)


def _in_decimals(text: str, *, metres: bool) -> str:
    """Turn degrees, minutes and seconds into decimals."""
    match = None if metres else _SEXAGESIMAL.fullmatch(text)
    if match is None or float(match["m"]) >= 60 or float(match["s"] or 0) >= 60:
        return text
    degrees = float(match["d"]) + float(match["m"]) / 60 + float(match["s"] or 0) / 3600
    south_or_west = match["sign"] == "-" or (match["h"] or "").upper() in ("S", "W")
    return f"{'-' if south_or_west else ''}{degrees:.8f}"


def _as_arrow(texts: np.ndarray) -> pa.StringArray | None:
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:  # half a character, as JSON can hold it
        return None


def _quick_numbers(texts: pa.StringArray) -> Numbers | None:
    """Convert a column of nothing but plain numbers and blanks at once; None if it is not."""
    ends, joined = end_to_end(texts)
    if joined.translate(None, _DIGITS):
        return None
    lengths = np.diff(ends)
    if lengths.max(initial=0) > _LONGEST:
        return None
    blank = lengths == 0
    values = _floats(_without(texts, blank))
    if values is None:
        return None
    return Numbers(np.where(blank, np.nan, values), np.where(blank, BLANK, OK).astype(np.int8))


def _without(texts: pa.StringArray, gaps: np.ndarray) -> pa.StringArray:
    """Make gaps of some texts."""
    if not gaps.any():
        return texts
    there = np.packbits(np.concatenate([np.zeros(texts.offset, bool), ~gaps]), bitorder="little")
    buffers = [pa.py_buffer(there), *texts.buffers()[1:]]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers, offset=texts.offset)


def _floats(texts: pa.StringArray) -> np.ndarray | None:
    """Convert texts of these characters alone, of which `float` accepts exactly the plain numbers."""
    try:
        return figures_of(texts.cast(pa.float64()))
    except pa.ArrowInvalid:  # Arrow is quicker, and stricter: a plus sign is none of its numbers
        pass
    try:
        return np.array(texts.fill_null("nan").to_pylist(), float)
    except ValueError:
        return None


def _number_rule(texts: list[str], *, metres: bool) -> tuple[dict[int, str | None], str]:
    with_comma = [text for text in texts if "," in text]
    if metres and with_comma and all(map(_THOUSANDS.fullmatch, with_comma)):
        return {ord(","): None}, "thousands separators"
    if texts and all(map(_SHORTENED.fullmatch, texts)):
        return {}, SHORTENED
    if (
        with_comma
        and all("." not in text for text in texts)
        and all(map(_DECIMAL_COMMA.fullmatch, with_comma))
    ):
        return {ord(","): "."}, "decimal comma"
    return {}, ""


#: Outer bounds of Great Britain: longitude and latitude, easting and northing.
GB_LONGITUDE, GB_LATITUDE = (-8.7, 1.8), (49.8, 60.9)
GB_EASTING, GB_NORTHING = (50_000.0, 660_000.0), (4_000.0, 1_220_000.0)
#: The extent of the National Grid itself; both numbers below a kilometre are degrees or a typing error.
_GRID_EASTING, _GRID_NORTHING, _GRID_CORNER = (0.0, 700_000.0), (0.0, 1_300_000.0), 1000.0
#: Latitude and easternmost longitude of the coast east of Greenwich, to about 2 km.
_EAST_COAST = np.array(
    [
        (50.74, 0.28), (50.91, 0.98), (51.08, 1.20), (51.13, 1.34), (51.20, 1.41), (51.38, 1.46),
        (51.42, 0.95), (51.53, 0.82), (51.62, 0.96), (51.78, 1.17), (51.93, 1.31), (52.08, 1.59),
        (52.15, 1.62), (52.33, 1.69), (52.48, 1.77), (52.61, 1.75), (52.73, 1.70), (52.82, 1.55),
        (52.88, 1.43), (52.93, 1.32), (52.95, 1.18), (52.98, 0.97), (52.99, 0.50), (53.06, 0.34),
        (53.14, 0.36), (53.34, 0.29), (53.47, 0.18), (53.58, 0.13), (53.75, 0.05), (53.90, -0.10),
        (60.90, -0.60),
    ]
)  # fmt: skip
#: Great Britain in Web Mercator (EPSG:3857), as web maps and ArcGIS services write it.
_MERCATOR_X, _MERCATOR_Y = (-970_000.0, 210_000.0), (6_390_000.0, 8_620_000.0)
#: The Isles of Scilly, the only land whose easting and northing are both below 100 km.
_SCILLY_X, _SCILLY_Y = (80_000.0, 100_000.0), (4_000.0, 20_000.0)
DEGREES, METRES = "longitude and latitude", "easting and northing"


@dataclass(frozen=True)
class PointRule:
    """
    How the two numbers of every row of a file are to be read.

    Attributes
    ----------
    unit : str
        `DEGREES` or `METRES`, by what the numbers are, not by the columns' names.
    fault : str
        A mistake that the whole file shares, with its remedy; "" if none.
    notes : tuple of str
        What people should know about the choice.
    """

    unit: str
    fault: str = ""
    notes: tuple[str, ...] = ()


def point_rule(x: np.ndarray, y: np.ndarray, *, named: str) -> PointRule:
    """
    Judge the points of a whole file by the extent of Great Britain.

    Parameters
    ----------
    x, y : ndarray of float
        Valid pairs, one per row: longitude and latitude, or easting and
        northing, as the columns' names say.
    named : str
        `DEGREES` or `METRES`: what the names say.

    Notes
    -----
    Most rows decide. Easting and northing that were swapped can still lie in
    Britain (Derby's fall on Lancashire): only the study area shows that.
    """
    if not len(x):
        return PointRule(named)
    unit = _unit(x, y, named)
    notes = []
    if unit != named:
        notes.append(f"The columns named {named} hold {unit} and were read as such.")
    fault = _degree_fault(x, y) if unit == DEGREES else _metre_fault(x, y)
    if unit == DEGREES and not fault and _most(_coarse(x), 0.9) and _most(_coarse(x) & _coarse(y), 0.9):
        notes.append(
            "The coordinates have two decimals or fewer, which is about 1 km: "
            "do not read streets or clusters from them."
        )
    return PointRule(unit, fault, tuple(notes))


def in_mercator(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Find pairs that lie in Great Britain if they are Web Mercator, and cannot be on the National Grid."""
    return _within(x, _MERCATOR_X) & _within(y, _MERCATOR_Y)


def beyond_grid(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """
    Find pairs that cannot be easting and northing of any place in Great Britain.

    They are mistakes, not incidents outside the study area. A number that lost
    a digit can still be a place: nothing shows that here.
    """
    inside = _within(x, _GRID_EASTING) & _within(y, _GRID_NORTHING)
    return ~inside | ((np.abs(x) < _GRID_CORNER) & (np.abs(y) < _GRID_CORNER))


def _coarse(degrees: np.ndarray) -> np.ndarray:
    hundredths: np.ndarray = degrees * 100
    return np.abs(hundredths - np.rint(hundredths)) <= 1e-6


def _most(mask: np.ndarray, share: float = 0.5) -> bool:
    return bool(mask.mean() > share)


def _within(values: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    return (values >= bounds[0]) & (values <= bounds[1])


def _unit(x: np.ndarray, y: np.ndarray, named: str) -> str:
    if named == DEGREES:
        return METRES if _most((np.abs(x) > 1000) & (np.abs(y) > 1000)) else DEGREES
    return DEGREES if _most((np.abs(x) <= 180) & (np.abs(y) <= 180)) else METRES


def _degree_fault(x: np.ndarray, y: np.ndarray) -> str:
    inside = _within(x, GB_LONGITUDE) & _within(y, GB_LATITUDE)
    if _most(_within(y, GB_LONGITUDE) & _within(x, GB_LATITUDE)):
        return "latitude and longitude look swapped: exchange the names of the two columns"
    if (x > 0).all() and _most(inside & (x > np.interp(y, *_EAST_COAST.T) - 0.02)):
        return (
            "every longitude is positive and most points fall into the North Sea, so the minus sign "
            "seems to be missing: write longitudes west of Greenwich with a minus"
        )
    return ""


def _metre_fault(x: np.ndarray, y: np.ndarray) -> str:
    offsets = (x >= 0) & (x < 100_000) & (y >= 0) & (y < 100_000) & ((x > 1000) | (y > 1000))
    scilly = _within(x, _SCILLY_X) & _within(y, _SCILLY_Y)
    if _most(offsets & ~scilly, 0.9):
        return (
            "easting and northing have five figures or fewer, so the 100 km square seems to be "
            "missing: add a column "
            "Square with its letters (such as SK), or add the square's corner to the numbers "
            "(400000 and 300000)"
        )
    inside = _within(x, GB_EASTING) & _within(y, GB_NORTHING)
    swapped = _within(y, GB_EASTING) & _within(x, GB_NORTHING)
    if _most(swapped & ~inside):
        return "easting and northing look swapped: exchange the names of the two columns"
    return ""
