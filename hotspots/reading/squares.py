"""Offsets within a square of 100 km, as old command and control systems keep them."""

from __future__ import annotations

import numpy as np

from hotspots.reading.table import Coded

#: Side of a lettered square of the National Grid in metres.
SIDE = 100_000
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"


def square_origins(letters: Coded) -> np.ndarray:
    """Return the south-west corner of each row's square, NaN where the letters name none; shape (rows, 2)."""
    corners = np.array([_corner(text) for text in letters.values], dtype=float).reshape(-1, 2)
    return corners[letters.codes]


def _corner(letters: str) -> tuple[float, float]:
    """Count squares of 500 km, then of 100 km, from the false origin of the letters."""
    text = letters.strip().upper()
    if len(text) != 2 or any(letter not in _LETTERS for letter in text):
        return np.nan, np.nan
    first, second = (divmod(_LETTERS.index(letter), 5) for letter in text)
    east = ((first[1] - 2) * 5 + second[1]) * SIDE
    north = (19 - first[0] * 5 - second[0]) * SIDE
    return float(east), float(north)


def from_squares(
    x: np.ndarray, y: np.ndarray, origins: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """
    Return eastings and northings from offsets within squares.

    Offsets have as many figures as their precision needs: 33927 are metres,
    339 are hundreds of metres, 339270 are tenths. Whole coordinates stay.
    """
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(origins).all(axis=1)
    if not known.any():
        return x, y, []
    whole = (np.floor(x / SIDE) * SIDE == origins[:, 0]) & (np.floor(y / SIDE) * SIDE == origins[:, 1])
    if whole[known].mean() > 0.5:
        return x, y, []
    figures = len(str(int(max(np.abs(x[known]).max(), np.abs(y[known]).max()))))
    metres = 10.0 ** (5 - figures)
    half = 0.5 * metres if metres > 1 else 0.0
    east = np.where(known, origins[:, 0] + x * metres + half, x)
    north = np.where(known, origins[:, 1] + y * metres + half, y)
    unit = "metres" if metres == 1 else f"units of {metres:g} m"
    return east, north, [f"Easting and northing were read as {unit} within the 100 km square of each row."]
