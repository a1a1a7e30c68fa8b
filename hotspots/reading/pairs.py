"""Pairs of numbers judged as places: degrees, National Grid metres or Web Mercator, row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotspots.reading.numbers import (
    BAD,
    BLANK,
    DEGREES,
    GB_EASTING,
    GB_LATITUDE,
    GB_LONGITUDE,
    GB_NORTHING,
    METRES,
    OK,
    beyond_grid,
    in_mercator,
    point_rule,
)
from hotspots.text import counted

#: What systems write for "no coordinate" in both columns.
_NOWHERE = (-1.0, -9.0, -99.0, -999.0, -9999.0, 999999.0, 9999999.0)


@dataclass(frozen=True)
class Pair:
    """
    Two numbers for each row, as written.

    Attributes
    ----------
    x, y : ndarray of float
        NaN where there is no number.
    state : ndarray of int8
        `numbers.OK`, `BLANK` or `BAD`.
    named : str
        `DEGREES` or `METRES`: what the columns' names or the file say.
    what : str
        Where they come from, for messages.
    free : bool
        Whether nothing says what they are, so that no name can be wrong.
    squares : bool
        Whether the letters of the 100 km squares were known.
    fault : str
        A mistake that its texts share, with the remedy; "" for none.
    """

    x: np.ndarray
    y: np.ndarray
    state: np.ndarray
    named: str
    what: str
    notes: tuple[str, ...] = ()
    free: bool = False
    squares: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Judged:
    """
    The same, judged.

    Attributes
    ----------
    x, y : ndarray of float
        In the unit of each row.
    metres : ndarray of bool
        Rows in National Grid metres; the others are in degrees.
    good, zero : ndarray of bool
        Rows with a place, and rows at 0, 0.
    fault : str
        A mistake that all rows share; "" for none.
    """

    x: np.ndarray
    y: np.ndarray
    state: np.ndarray
    metres: np.ndarray
    good: np.ndarray
    zero: np.ndarray
    fault: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def judge_pair(pair: Pair) -> Judged:
    """Decide what the numbers of a pair are, and which rows have a place by them."""
    x, y, state = pair.x.copy(), pair.y.copy(), pair.state.copy()
    state[(state == OK) & (x == y) & np.isin(x, _NOWHERE)] = BLANK
    zero = (state == OK) & (x == 0) & (y == 0)
    good = (state == OK) & ~zero
    mercator = good & in_mercator(x, y)
    notes, warnings = [*pair.notes], []
    if mercator.any() and mercator.sum() > good.sum() / 2:
        x[mercator], y[mercator] = _from_mercator(x[mercator], y[mercator])
        state[good & ~mercator] = BAD
        good = mercator
        warnings.append(f"{_capital(pair.what)} hold Web Mercator (EPSG:3857), not {pair.named}: converted.")
        metres = np.zeros(len(x), bool)
        return Judged(x, y, state, metres, good, zero, "", tuple(notes), tuple(warnings))
    rule = point_rule(x[good], y[good], named=_named(pair, x, y, good))
    metres = np.full(len(x), rule.unit == METRES)
    other = good & _of_other_unit(x, y, rule.unit)
    if other.any():
        metres[other] = ~metres[other]
        found = DEGREES if rule.unit == METRES else METRES
        warnings.append(
            f"{counted(int(other.sum()), 'row')} of {int(good.sum()):,} hold {found} among {rule.unit} "
            "(two systems in one file?): each was read as what it is."
        )
    wrong = np.zeros(len(x), bool)
    if metres.any():
        wrong |= metres & beyond_grid(x, y)
    if not metres.all():
        wrong |= ~metres & ((np.abs(x) > 180) | (np.abs(y) > 90))
    state[good & wrong] = BAD
    good = good & ~wrong
    warnings += [note.replace(f"The columns named {pair.named}", _capital(pair.what)) for note in rule.notes]
    fault = pair.fault or rule.fault
    return Judged(x, y, state, metres, good, zero, fault, tuple(notes), tuple(warnings))


def _named(pair: Pair, x: np.ndarray, y: np.ndarray, good: np.ndarray) -> str:
    """Return what the names say; for points without one, what the numbers are."""
    if not pair.free or not good.any():
        return pair.named
    return DEGREES if np.median(np.abs(x[good])) <= 180 and np.median(np.abs(y[good])) <= 180 else METRES


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _of_other_unit(x: np.ndarray, y: np.ndarray, unit: str) -> np.ndarray:
    """Find rows that are plainly places in Britain, but in the unit that the other rows do not have."""
    if unit == METRES:
        return _inside(x, GB_LONGITUDE) & _inside(y, GB_LATITUDE)
    return _inside(x, GB_EASTING) & _inside(y, GB_NORTHING)


def _inside(values: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    return (values >= bounds[0]) & (values <= bounds[1])


def _from_mercator(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import pyproj

    change = pyproj.Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    # Some releases of pyproj read a single point in a way that NumPy will refuse: send one more.
    longitude, latitude = change.transform(np.append(x, x[:1]), np.append(y, y[:1]))
    return longitude[: len(x)], latitude[: len(y)]
