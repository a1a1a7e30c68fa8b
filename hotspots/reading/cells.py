"""
Fields of plain delimited text, cut out of the bytes by their positions.

A general parser makes a string of every cell and then looks for equal ones.
Here the bytes of a column are lined up in a matrix, equal rows are found by a
hash that is checked afterwards, and only the distinct values become strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hotspots.reading.table import Coded

#: Longer fields are cut out one by one: a matrix would be mostly empty.
MAX_WIDTH = 256
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Cuts:
    """
    Where the fields of a block of rows lie.

    Attributes
    ----------
    block : bytes
        UTF-8 text without quotation marks and control characters in these rows.
    starts, ends : ndarray of int, shape (rows, fields)
        Bytes from and up to, without the delimiter.
    """

    block: bytes
    starts: np.ndarray
    ends: np.ndarray

    def columns(self, wanted: Mapping[int, bool]) -> dict[int, Coded]:
        """
        Cut out columns.

        Parameters
        ----------
        wanted : mapping of int to bool
            Position of each field, and whether equal values are to be found.
        """
        lengths = {place: self.ends[:, place] - self.starts[:, place] for place in wanted}
        longest = max((int(length.max(initial=0)) for length in lengths.values()), default=0)
        buffer = np.frombuffer(self.block + bytes(min(longest, MAX_WIDTH) + 8), np.uint8)
        return {
            place: self._column(buffer, place, lengths[place], hashed=hashed)
            for place, hashed in wanted.items()
        }

    def _column(self, buffer: np.ndarray, place: int, lengths: np.ndarray, *, hashed: bool) -> Coded:
        longest = int(lengths.max(initial=0))
        if longest > MAX_WIDTH or not len(lengths):
            texts = self._one_by_one(place)
            return Coded.of(texts) if hashed else Coded.unhashed(texts)
        matrix = _lined_up(buffer, self.starts[:, place], lengths, longest)
        if not hashed:
            return Coded.unhashed(_texts(matrix))
        codes, first = _distinct(matrix)
        return Coded(codes, np.array(_texts(matrix[first]), dtype=object))

    def _one_by_one(self, place: int) -> list[str]:
        spans = zip(self.starts[:, place].tolist(), self.ends[:, place].tolist(), strict=True)
        return [self.block[start:end].decode("utf-8") for start, end in spans]


def _lined_up(buffer: np.ndarray, starts: np.ndarray, lengths: np.ndarray, longest: int) -> np.ndarray:
    """Return a matrix of words with the bytes of one field per row, zeros behind them."""
    width = max(8, -(-longest // 8) * 8)
    # Every position of the buffer as the start of one item, so that a row is copied at a stroke.
    windows = np.ndarray((len(buffer) - width,), dtype=f"V{width}", buffer=buffer, strides=(1,))
    matrix = windows[starts].view(np.uint64).reshape(len(starts), -1)
    matrix &= _masks(width)[lengths]
    return matrix


def _masks(width: int) -> np.ndarray:
    """Return for each length the words that keep so many bytes of a row."""
    kept = np.arange(width) < np.arange(width + 1)[:, None]
    return np.where(kept, np.uint8(255), np.uint8(0)).view(np.uint64)


def _distinct(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the number of its distinct value, and where each value comes first."""
    import pandas as pd

    hashes = matrix[:, 0].copy()
    for column in range(1, matrix.shape[1]):
        hashes *= _MULTIPLIER
        hashes += matrix[:, column]
    codes = pd.factorize(hashes)[0]
    first = _first_places(codes)
    if not (matrix == matrix[first][codes]).all():  # two values share a hash: compare them whole
        codes = np.unique(matrix, axis=0, return_inverse=True)[1].reshape(-1)
        first = _first_places(codes)
    return codes.astype(np.int32, copy=False), first


def _first_places(codes: np.ndarray) -> np.ndarray:
    first = np.empty(int(codes.max(initial=-1)) + 1, np.int64)
    # Written from the end, the first place of each code is what stays.
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def _texts(matrix: np.ndarray) -> list[str]:
    """Decode all rows at once."""
    lines = np.full((len(matrix), matrix.shape[1] * 8 + 1), 10, np.uint8)
    lines[:, :-1] = matrix.view(np.uint8)
    return lines.tobytes().translate(None, b"\0").decode("utf-8").split("\n")[:-1]
