"""
Ordnance Survey grid references as metres.

A grid reference names a square, not a point: two letters for 100 km, then an
even number of digits. Its best point is the centre of the square; its corner,
which many tools return, is half a square too far to the south-west.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

# The letter I is not used.
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_SQUARE = 100_000
# Rows of the letter grid count from the north; the false origin is SV.
_PATTERN = r"^([HJNOST])([A-HJ-Z])(?:(\d+)|(\d+)\s+(\d+))?$"
_MAX_DIGITS = 5


class Squares(NamedTuple):
    """
    Squares that grid references name, one element for each reference.

    `easting` and `northing` are the centre in metres and `size` the side in
    metres; all three are NaN where the text is not a grid reference.
    """

    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    size: NDArray[np.float64]


def parse_grid_references(references: Iterable[str]) -> Squares:
    """
    Find the centre and the size of the square that each reference names.

    "SK 352 361", "SK352361" and "sk352361" are the same 100 m square. Spaces
    between the digits must part them into equal halves: "SK 35 2361" could be
    two places, so it is none.

    Parameters
    ----------
    references : iterable of str
        Any length, repeats welcome: each distinct text is read once.

    Returns
    -------
    Squares
        Arrays as long as `references`; NaN where a text is not a reference.

    References
    ----------
    Ordnance Survey (2020). Using the National Grid.
    """
    codes, texts = pd.factorize(pd.Series(list(references), dtype=object), use_na_sentinel=False)
    parts = pd.Series(texts, dtype="str").fillna("").str.strip().str.upper()
    parts = parts.str.replace(r"^([A-Z]{2})\s+", r"\1", regex=True)
    found = parts.str.extract(_PATTERN).fillna("")
    whole = found[2]
    half = whole.str.len() // 2
    east = [w[:h] if w else e for w, h, e in zip(whole, half, found[3], strict=True)]
    north = [w[h:] if w else n for w, h, n in zip(whole, half, found[4], strict=True)]
    squares = np.array(
        [_square(*text) for text in zip(found[0], found[1], east, north, strict=True)], dtype=float
    ).reshape(-1, 3)[codes]
    return Squares(squares[:, 0], squares[:, 1], squares[:, 2])


def _square(first: str, second: str, east: str, north: str) -> tuple[float, float, float]:
    """Return easting and northing of the centre, and the size; NaN for what names no square."""
    if not first or len(east) != len(north) or len(east) > _MAX_DIGITS:
        return (np.nan, np.nan, np.nan)
    big, small = _LETTERS.index(first), _LETTERS.index(second)
    column = (big % 5 - 2) * 5 + small % 5
    row = (3 - big // 5) * 5 + 4 - small // 5
    size = _SQUARE / 10 ** len(east)
    return (
        column * _SQUARE + (int(east or 0) + 0.5) * size,
        row * _SQUARE + (int(north or 0) + 0.5) * size,
        size,
    )


def write_grid_references(
    easting: NDArray[np.float64], northing: NDArray[np.float64], *, digits: int = 8
) -> list[str]:
    """
    Write points as the grid reference of the square that holds each: "SK 3526 3612".

    Parameters
    ----------
    easting, northing : ndarray of shape (n,)
        Metres.
    digits : {0, 2, 4, 6, 8, 10}, default 8
        Eight name a square of 10 m, six one of 100 m.

    Returns
    -------
    list of str
        "" for a point off the National Grid.

    Raises
    ------
    ParameterError
        If `digits` is odd, negative or above ten.
    """
    if digits not in range(0, 2 * _MAX_DIGITS + 1, 2):
        raise ParameterError(f"digits is {digits}: give an even number up to {2 * _MAX_DIGITS}.")
    return [_reference(e, n, digits // 2) for e, n in zip(easting, northing, strict=True)]


def half_kilometre_squares(easting: NDArray[np.float64], northing: NDArray[np.float64]) -> list[str]:
    """
    Name the square of 500 m that holds each point: "SK3536NE" is the north-east quarter of SK3536.

    Returns
    -------
    list of str
        "" for a point off the National Grid.
    """
    kilometres = write_grid_references(easting, northing, digits=4)
    quarters = [
        ("N" if n % 1000 >= 500 else "S") + ("E" if e % 1000 >= 500 else "W")
        for e, n in zip(easting, northing, strict=True)
    ]
    return [
        square.replace(" ", "") + quarter if square else ""
        for square, quarter in zip(kilometres, quarters, strict=True)
    ]


def _reference(easting: float, northing: float, half: int) -> str:
    """Write one point with `half` digits each way."""
    if not (0 <= easting < 7 * _SQUARE and 0 <= northing < 13 * _SQUARE):
        return ""
    column, row = int(easting // _SQUARE), int(northing // _SQUARE)
    big = (3 - (row // 5)) * 5 + column // 5 + 2
    small = (4 - row % 5) * 5 + column % 5
    letters = _LETTERS[big] + _LETTERS[small]
    if not half:
        return letters
    size = _SQUARE // 10**half
    east, north = int(easting % _SQUARE // size), int(northing % _SQUARE // size)
    return f"{letters} {east:0{half}d} {north:0{half}d}"
