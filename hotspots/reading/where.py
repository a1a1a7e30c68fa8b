"""Where rows say that they lie: coordinates in one unit, and texts to locate the others by."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from hotspots.errors import InputError
from hotspots.policeuk import NO_LOCATION
from hotspots.reading.judging import CODE, FieldColumns, blank_values, tidy_labels
from hotspots.reading.numbers import BAD, BLANK, DEGREES, METRES, OK, SHORTENED, Numbers, parse_numbers
from hotspots.reading.pairs import Judged, Pair, judge_pair
from hotspots.reading.shapes import parse_shapes
from hotspots.reading.squares import from_squares, square_origins
from hotspots.reading.table import Coded
from hotspots.text import counted

#: From so many rows, and this share of them, one point is named: a system's default for calls without
#: a place.
_MANY, _LARGE_SHARE = 20, 0.15
#: What a row's coordinates lack.
_BLANK, _ZERO, _BAD = range(3)


_SHORT = (
    "a spreadsheet has shortened the coordinates (such as 4.34E+05), which lost their metres: format the "
    "columns as numbers without decimals in the original, and save it again"
)


@dataclass(frozen=True)
class Located:
    texts: dict[str, Coded]
    numbers: dict[str, np.ndarray]
    reason: np.ndarray
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def locate_rows(columns: FieldColumns, name: str) -> Located:
    texts = {
        "grid_reference": _grid_references(columns),
        "postcode": _area_codes(columns.filled("postcode")),
        "stated_lsoa": _area_codes(columns.filled("lsoa", "lsoa_name")),
        "stated_ward": _area_codes(columns.filled("ward", "ward_name")),
    }
    fine, coarse = (
        _any_text(texts, "grid_reference", "postcode"),
        _any_text(texts, "stated_lsoa", "stated_ward"),
    )
    pairs = [judge_pair(pair) for pair in _pairs(columns)]
    _check_faults(pairs, name, elsewhere=fine)
    usable = [pair for pair in pairs if not pair.fault]
    numbers, good = _merged(usable, len(columns.rows))
    notes = [note for pair in usable for note in pair.notes]
    warnings = [*(f"{pair.fault}: this pair was left out." for pair in pairs if pair.fault)]
    warnings += [warning for pair in usable for warning in pair.warnings]
    state = _worst(pairs, len(columns.rows))
    reason = np.zeros(len(columns.rows), np.int8)
    # A coordinate that is wrong casts doubt on the area that was derived from it; a blank one does not.
    reason[(state == _BLANK) & ~good & ~fine & ~coarse] = CODE["missing_coordinate"]
    reason[(state == _ZERO) & ~good & ~fine] = CODE["zero_coordinate"]
    reason[(state == _BAD) & ~good & ~fine] = CODE["bad_coordinate"]
    reason[_without_location(columns, state, reason) & ~good & ~fine] = CODE["no_location"]
    unusable = ~good & (state != _BLANK)
    if rescued := int((unusable & fine).sum()):
        notes.append(
            f"{counted(rescued, 'row')} with an unusable coordinate, located by grid reference or postcode."
        )
    warnings += _heaps(numbers, good)
    return Located(texts, numbers, reason, tuple(notes), tuple(warnings))


def _merged(pairs: list[Judged], n: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Take for each row the first pair that is good: in metres or in degrees, never both."""
    numbers = {name: np.full(n, np.nan) for name in ("longitude", "latitude", "easting", "northing")}
    good = np.zeros(n, bool)
    for pair in pairs:
        for metres, (one, other) in ((True, ("easting", "northing")), (False, ("longitude", "latitude"))):
            rows = pair.good & ~good & (pair.metres == metres)
            if rows.any():
                numbers[one][rows], numbers[other][rows] = pair.x[rows], pair.y[rows]
        good = good | pair.good
    return numbers, good


def _worst(pairs: list[Judged], n: int) -> np.ndarray:
    """Say what is wrong with the coordinates of rows: a number that is bad tells more than none."""
    state = np.full(n, _BLANK, np.int8)
    for pair in pairs:
        state[(state == _BLANK) & pair.zero] = _ZERO
        state[(state == _BLANK) & ~pair.good & ~pair.zero & (pair.state != BLANK)] = _BAD
    return state


def _check_faults(pairs: list[Judged], name: str, *, elsewhere: np.ndarray) -> None:
    """Refuse a file whose only coordinates share a mistake."""
    faults = [pair.fault for pair in pairs if pair.fault]
    if faults and (len(faults) == len([p for p in pairs if p.fault or p.good.any()])) and not elsewhere.all():
        raise InputError(f"{name}: {faults[0]}.")


def _without_location(columns: FieldColumns, state: np.ndarray, reason: np.ndarray) -> np.ndarray:
    """Find rows that say themselves that they have no location: an empty shape, "No Location"."""
    if columns.points is not None:
        return state == _BLANK
    lacking = reason == CODE["missing_coordinate"]
    if not lacking.any():
        return lacking
    street = columns["street"]
    none = np.array([text.casefold() == NO_LOCATION.casefold() for text in street.values], bool)
    return lacking & street.spread(none)


def _grid_references(columns: FieldColumns) -> Coded:
    column = _area_codes(columns.filled("grid_reference"))
    if "square" not in columns or not len(column):
        return column
    # Figures alone, with the letters of their square in a column of their own.
    figures = np.array([text.replace(" ", "").isdigit() for text in column.values], bool)
    if not figures.any():
        return column
    letters = _area_codes(columns["square"])
    texts = [
        f"{letters.values[letter]}{column.values[code]}" if figures[code] else column.values[code]
        for letter, code in zip(letters.codes.tolist(), column.codes.tolist(), strict=True)
    ]
    return Coded.of(texts)


def _area_codes(column: Coded) -> Coded:
    tidy = tidy_labels(column)
    if "-1" in tidy.values:
        tidy = tidy.map(lambda text: "" if text == "-1" else text)
    joined = "".join(tidy.values)
    return tidy if joined == joined.upper() else tidy.map(str.upper)


def _any_text(texts: dict[str, Coded], *names: str) -> np.ndarray:
    one, other = (texts[name].spread(texts[name].values != "") for name in names)
    return one | other


def _pairs(columns: FieldColumns) -> list[Pair]:
    """List the coordinates that rows carry, the best first."""
    pairs = []
    if columns.points is not None:
        x, y = columns.points.T
        state = np.where(np.isfinite(x) & np.isfinite(y), OK, BLANK).astype(np.int8)
        pairs.append(Pair(x, y, state, columns.crs, "the points of the file"))
        if (state == OK).all():
            return pairs
    for named, fields in ((METRES, ("easting", "northing")), (DEGREES, ("longitude", "latitude"))):
        for end in ("", *(f":{nth}" for nth in range(2, 10))):
            one, other = (f"{field}{end}" for field in fields)
            if one in columns and other in columns:
                pairs.append(_column_pair(columns, one, other, named))
    if "geometry" in columns:
        column = columns["geometry"]
        x, y, state = (column.spread(part) for part in parse_shapes(column.values))
        pairs.append(Pair(x, y, state, METRES, "the column of points", free=True))
    return pairs


def _column_pair(columns: FieldColumns, one: str, other: str, named: str) -> Pair:
    texts = [columns.raw(field) for field in (one, other)]
    parsed = [parse_numbers(column.stored, metres=named == METRES) for column in texts]
    x, y = (column.spread(part.values) for column, part in zip(texts, parsed, strict=True))
    states = [column.spread(part.state) for column, part in zip(texts, parsed, strict=True)]
    blank = [column.spread(_nothing(column, part)) for column, part in zip(texts, parsed, strict=True)]
    rules = {part.note for part in parsed} - {"", SHORTENED}
    notes = [f"Coordinates were read with {rule}." for rule in sorted(rules)]
    origins = None
    if named == METRES and "square" in columns:
        letters = _area_codes(columns["square"])
        origins = square_origins(letters)
        x, y, said = from_squares(x, y, origins)
        notes += said
    # BAD is above BLANK is above OK: half a pair is no pair.
    state = np.where(blank[0] & blank[1], np.int8(BLANK), np.maximum(*states))
    shortened = any(part.note == SHORTENED for part in parsed)
    return Pair(
        x,
        y,
        state,
        named,
        f"the columns named {named}",
        notes=tuple(notes),
        squares=origins is not None,
        fault=_SHORT if shortened else "",
    )


def _nothing(column: Coded, parsed: Numbers) -> np.ndarray:
    """Say of each distinct value whether it is blank, or a word for it, which is none among numbers alone."""
    blank: np.ndarray = parsed.state == BLANK
    return blank_values(column) if (parsed.state == BAD).any() else blank


def _heaps(numbers: dict[str, np.ndarray], good: np.ndarray) -> list[str]:
    """Name a point that holds so many rows that it may be what a system writes where it knows no place."""
    n = int(good.sum())
    if n < _MANY:
        return []
    x = np.where(np.isnan(numbers["easting"]), numbers["longitude"], numbers["easting"])[good]
    # A point cannot have more rows than its column, where so many equal numbers, put in order, would
    # reach over one of these places.
    run = math.ceil(max(_MANY, _LARGE_SHARE * n))
    places = np.arange(run - 1, n, run)
    if not any(np.count_nonzero(x == one) >= run for one in np.partition(x, places)[places]):
        return []
    y = np.where(np.isnan(numbers["northing"]), numbers["latitude"], numbers["northing"])[good]
    top = Counter(zip(x.tolist(), y.tolist(), strict=True)).most_common(2)
    count = top[0][1]
    if count < _LARGE_SHARE * n or count < _MANY or (len(top) > 1 and count < 3 * top[1][1]):
        return []
    return [
        f"{counted(count, 'row')} of {n:,} ({count / n:.0%}) lie on one and the same point. It may "
        "be the default of "
        "the system for calls without a place (a station, the council house): do not believe a hot "
        "spot there "
        "before you have checked it."
    ]
