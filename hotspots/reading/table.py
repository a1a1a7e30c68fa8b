"""
Columns of text as distinct values and codes, and the table that every file format becomes.

A year of a force's files has a hundred thousand rows and a few hundred
distinct values in most columns, so everything is checked on the values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

#: Rows that are looked at before a file is read: a header stands among them, and data show their kind.
PREVIEWED = 40
_FEED = 10
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Coded:
    """A column as distinct values and, for each row, the position of its value."""

    codes: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, texts: Any) -> Coded:
        """Code a sequence of strings."""
        return cls(*_numbered(texts.tolist() if isinstance(texts, np.ndarray) else texts))

    @classmethod
    def unhashed(cls, texts: Any) -> Coded:
        """Wrap a column of which nearly every value is distinct, without looking for equal ones."""
        values = np.asarray(texts, dtype=object)
        return cls(np.arange(len(values), dtype=np.int32), values)

    @classmethod
    def concat(cls, parts: Sequence[Coded], *, hashed: bool = True) -> Coded:
        """Put columns below each other; unless `hashed`, without looking for equal values."""
        if len(parts) == 1:
            return parts[0]
        if not hashed:
            return cls.unhashed(np.concatenate([part.values[part.codes] for part in parts]))
        codes, values = _numbered(chain.from_iterable(part.values.tolist() for part in parts))
        cuts = np.cumsum([0, *(len(part.values) for part in parts)])
        moved = [codes[start:][part.codes] for start, part in zip(cuts[:-1], parts, strict=True)]
        return cls(np.concatenate(moved), values)

    def map(self, change: Callable[[str], str]) -> Coded:
        """Change every value; values that become equal become one."""
        codes, values = _numbered(map(change, self.values.tolist()))
        return Coded(codes[self.codes], values)

    def spread(self, per_value: np.ndarray) -> np.ndarray:
        """Give each row what belongs to its value."""
        return per_value[self.codes]

    def take(self, rows: np.ndarray | slice) -> Coded:
        """Keep some rows, by mask, position or slice; values that no row uses stay."""
        return Coded(self.codes[rows], self.values)

    def holds(self, text: str) -> bool:
        """Say whether a text is among the distinct values."""
        return bool((self.values == text).any())

    @property
    def stored(self) -> np.ndarray | pa.StringArray:
        """The distinct values as they are held, without making texts of them."""
        return self.values

    def __len__(self) -> int:
        return len(self.codes)


def _numbered(texts: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """
    Number texts by the order in which each first comes; give the numbers, and each text once.

    pandas is a fifth quicker over a column, and takes as long to load as the clean files of 20 forces.
    """
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(text, len(numbers)) for text in texts]
    return np.array(codes, np.int32), np.array(list(numbers), dtype=object)


class ArrowCoded(Coded):
    """A column that Arrow has parsed: its distinct values become texts when they are first asked for."""

    _stored: pa.StringArray

    def __init__(self, codes: np.ndarray, stored: pa.StringArray) -> None:
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "_stored", stored)

    @property
    def stored(self) -> pa.StringArray:
        """The distinct values as Arrow holds them."""
        return self._stored

    def holds(self, text: str) -> bool:
        """Say whether a text is among the distinct values: where it is in none, no texts are made of them."""
        return text.encode() in end_to_end(self._stored)[1] and super().holds(text)

    @cached_property
    def values(self) -> np.ndarray:
        """The distinct values as texts."""
        return texts_of(self._stored)


def texts_of(stored: pa.StringArray) -> np.ndarray:
    """Give texts of one line each as Python has them; Arrow's own way would load pandas first."""
    starts, joined = end_to_end(stored)
    apart = np.full(len(joined) + len(stored), _FEED, np.uint8)
    kept = np.ones(len(apart), bool)
    kept[starts[1:] + np.arange(len(stored))] = False
    apart[kept] = np.frombuffer(joined, np.uint8)
    return np.array(apart.tobytes().decode().split("\n")[:-1], dtype=object)


def figures_of(stored: pa.Array) -> np.ndarray:
    """Give figures without a gap as NumPy has them, not copied; Arrow's own way would load pandas first."""
    kind = np.dtype(stored.type.to_pandas_dtype())
    return np.frombuffer(stored.buffers()[1], kind, len(stored), stored.offset * kind.itemsize)


def arrow_of(figures: np.ndarray) -> pa.Array:
    """Give figures as Arrow has them, not copied."""
    values = np.ascontiguousarray(figures)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def end_to_end(texts: pa.StringArray) -> tuple[np.ndarray, bytes]:
    """Give where each text starts, and the last one ends, and all texts as UTF-8 behind each other."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    if data is None or not len(texts):
        return np.zeros(len(texts) + 1, np.int32), b""
    return ends - ends[0], data[ends[0] : ends[-1]].to_pybytes()


#: Columns to read, by position in the header, and whether equal values are to be found in them.
Wanted = Mapping[int, bool]


@dataclass(frozen=True)
class Table:
    """
    The rows of one source, as text.

    Attributes
    ----------
    columns : mapping of int to Coded
        By position in the header; only those asked for.
    rows : ndarray of int32
        Line (CSV), row (XLSX) or feature number of each row.
    fault_rows : ndarray of int32
        Where a row is broken beyond reading.
    fault_reasons : tuple of str
        One of `schema.REJECT_REASONS` for each of them.
    blank : int
        Rows without any value, passed over.
    points : ndarray of shape (rows, 2), or None
        Coordinates of a source that carries geometry.
    crs : str
        What the points are: "longitude and latitude" or "easting and northing".
    since_1904 : bool
        Whether dates that are bare numbers count days from 1904.
    joined : tuple of int
        Lines of records over several lines that look like several rows.
    counted : bool
        Whether rows were repeated by a column of counts: equal rows are no copies then.
    """

    columns: Mapping[int, Coded]
    rows: np.ndarray
    fault_rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    fault_reasons: tuple[str, ...] = ()
    blank: int = 0
    points: np.ndarray | None = None
    crs: str = ""
    since_1904: bool = False
    joined: tuple[int, ...] = ()
    counted: bool = False


def record_table(batch: Sequence[tuple[int, Sequence[str]]], n_fields: int, wanted: Wanted) -> Table:
    """
    Make a table of records that are split into fields already.

    Parameters
    ----------
    batch : sequence of (int, sequence of str)
        Row number and fields; a record of another length than `n_fields` is a fault.
    n_fields : int
        Columns of the header.
    wanted : mapping of int to bool
        Position of each column to make, and whether equal values are to be found.
    """
    kept: list[Sequence[str]] = []
    rows, fault_rows, reasons = [], [], []
    for line, record in batch:
        if not any(record):
            continue
        if _CONTROL.search("".join(record)):
            reason = "control_character"
        elif len(record) != n_fields:
            reason = "wrong_field_count"
        else:
            kept.append(record)
            rows.append(line)
            continue
        fault_rows.append(line)
        reasons.append(reason)
    return Table(
        columns={
            place: (Coded.of if hashed else Coded.unhashed)(list(map(itemgetter(place), kept)))
            for place, hashed in wanted.items()
        },
        rows=np.array(rows, np.int32),
        fault_rows=np.array(fault_rows, np.int32),
        fault_reasons=tuple(reasons),
        blank=len(batch) - len(rows) - len(fault_rows),
    )


def join_tables(blocks: Sequence[Table], wanted: Wanted) -> Table:
    """Put the blocks of one source below each other."""
    if len(blocks) == 1:
        return blocks[0]
    if not blocks:
        return record_table([], 0, wanted)
    return Table(
        columns={
            place: Coded.concat([block.columns[place] for block in blocks], hashed=hashed)
            for place, hashed in wanted.items()
        },
        rows=np.concatenate([block.rows for block in blocks]),
        fault_rows=np.concatenate([block.fault_rows for block in blocks]),
        fault_reasons=tuple(chain.from_iterable(block.fault_reasons for block in blocks)),
        blank=sum(block.blank for block in blocks),
        joined=tuple(chain.from_iterable(block.joined for block in blocks)),
    )
