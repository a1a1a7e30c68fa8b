"""Where rows say that they lie: coordinates in one unit, and texts to locate the others by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotspots.errors import InputError
from hotspots.policeuk import NO_LOCATION
from hotspots.reading.judging import CODE, FieldColumns, tidy_labels
from hotspots.reading.numbers import (
    BAD,
    BLANK,
    DEGREES,
    METRES,
    OK,
    Numbers,
    beyond_grid,
    parse_numbers,
    point_rule,
)
from hotspots.reading.table import Coded
from hotspots.text import counted


@dataclass(frozen=True)
class Located:
    texts: dict[str, Coded]
    numbers: dict[str, np.ndarray]
    reason: np.ndarray
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def locate_rows(columns: FieldColumns, name: str) -> Located:
    texts = {
        "grid_reference": _area_codes(columns["grid_reference"]),
        "postcode": _area_codes(columns["postcode"]),
        "stated_lsoa": _area_codes(columns["lsoa"]),
        "stated_ward": _area_codes(columns["ward"]),
    }
    fine, coarse = (
        _any_text(texts, "grid_reference", "postcode"),
        _any_text(texts, "stated_lsoa", "stated_ward"),
    )
    x, y, state, named, notes = _point_columns(columns)
    zero = (state == OK) & (x == 0) & (y == 0)
    good = (state == OK) & ~zero
    rule = point_rule(x[good], y[good], named=named)
    if rule.fault:
        raise InputError(f"{name}: {rule.fault}.")
    if rule.unit == DEGREES:
        state = np.where(good & ((np.abs(x) > 180) | (np.abs(y) > 90)), BAD, state)
        good &= state == OK
    else:
        state = np.where(good & beyond_grid(x, y), BAD, state)
        good &= state == OK
    unusable = (state == BAD) | zero
    reason = np.zeros(len(x), np.int8)
    reason[(state == BLANK) & ~fine & ~coarse] = CODE["missing_coordinate"]
    reason[zero & ~fine] = CODE["zero_coordinate"]
    reason[(state == BAD) & ~fine] = CODE["bad_coordinate"]
    reason[_without_location(columns, state, reason) & ~fine] = CODE["no_location"]
    if rescued := int((unusable & fine).sum()):
        notes.append(
            f"{counted(rescued, 'row')} with an unusable coordinate, located by grid reference or postcode."
        )
    return Located(texts, _point_numbers(x, y, good, rule.unit), reason, tuple(notes), rule.notes)


def _without_location(columns: FieldColumns, state: np.ndarray, reason: np.ndarray) -> np.ndarray:
    """Find rows that say themselves that they have no location: an empty shape, "No Location"."""
    if columns.points is not None:
        return state == BLANK
    street = columns["street"]
    return (reason == CODE["missing_coordinate"]) & street.spread(street.values == NO_LOCATION)


def _area_codes(column: Coded) -> Coded:
    tidy = tidy_labels(column)
    joined = "".join(tidy.values)
    return tidy if joined == joined.upper() else tidy.map(str.upper)


def _any_text(texts: dict[str, Coded], *names: str) -> np.ndarray:
    one, other = (texts[name].spread(texts[name].values != "") for name in names)
    return one | other


def _point_columns(columns: FieldColumns) -> tuple[np.ndarray, np.ndarray, np.ndarray, str, list[str]]:
    """Return x, y, the state of the pair, what the columns' names say, and notes."""
    if columns.points is not None:
        x, y = columns.points.T
        state = np.where(np.isfinite(x) & np.isfinite(y), OK, BLANK)
        return x, y, state, columns.crs, []
    named = METRES if "easting" in columns else DEGREES
    fields = ("easting", "northing") if named == METRES else ("longitude", "latitude")
    parsed = [parse_numbers(columns[field].values, metres=named == METRES) for field in fields]
    x, y = (columns[field].spread(part.values) for field, part in zip(fields, parsed, strict=True))
    one, other = (columns[field].spread(part.state) for field, part in zip(fields, parsed, strict=True))
    # BAD is above BLANK is above OK: half a pair is no pair.
    state = np.maximum(one, other)
    return x, y, state, named, _number_notes(parsed)


def _number_notes(parsed: list[Numbers]) -> list[str]:
    return [f"Coordinates were read with {note}." for note in sorted({part.note for part in parsed} - {""})]


def _point_numbers(x: np.ndarray, y: np.ndarray, good: np.ndarray, unit: str) -> dict[str, np.ndarray]:
    nothing = np.full(len(x), np.nan)
    x, y = np.where(good, x, np.nan), np.where(good, y, np.nan)
    degrees, metres = ((x, y), (nothing, nothing)) if unit == DEGREES else ((nothing, nothing), (x, y))
    return {"longitude": degrees[0], "latitude": degrees[1], "easting": metres[0], "northing": metres[1]}
