"""A system of unknown whole numbers: what each may be, and between which limits their sums lie."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Key = Hashable


@dataclass(frozen=True, eq=False)
class Program:
    """
    Unknown counts and the sums that bind them.

    Attributes
    ----------
    low, high : ndarray of shape (n_unknowns,)
        What each may be; `high` may be infinite.
    matrix : sparse array of shape (n_rows, n_unknowns)
    least, most : ndarray of shape (n_rows,)
        Limits of each sum.
    """

    low: np.ndarray
    high: np.ndarray
    matrix: csr_array
    least: np.ndarray
    most: np.ndarray


@dataclass
class Unknowns:
    """Gathers unknowns and sums one by one; `program` lays them out as arrays."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    index: dict[Key, int] = field(default_factory=dict)
    _rows: list[tuple[str, dict[int, float], float, float]] = field(default_factory=list)

    def unknown(self, key: Key, low: float = 0.0, high: float = np.inf) -> None:
        """Add an unknown, or tighten one that is there."""
        at = self.index.setdefault(key, len(self.low))
        if at == len(self.low):
            self.low.append(0.0)
            self.high.append(np.inf)
        self.low[at] = max(self.low[at], float(np.ceil(low - 1e-6)))
        self.high[at] = min(self.high[at], float(np.floor(high + 1e-6)))

    def between(
        self, terms: Mapping[Any, float], low: float = -np.inf, high: float = np.inf, *, kind: str
    ) -> None:
        """Say that a weighted sum of unknowns lies in an interval; `kind` says how we know."""
        self._rows.append((kind, {self.index[key]: factor for key, factor in terms.items()}, low, high))

    def equal(self, whole: Key, parts: Iterable[Key], *, kind: str) -> None:
        """Say that one unknown is the sum of others."""
        self.between({whole: 1.0, **dict.fromkeys(parts, -1.0)}, 0.0, 0.0, kind=kind)

    def at_least(
        self, greater: Iterable[Key], lesser: Iterable[Key], *, slack: float = 0.0, kind: str
    ) -> None:
        """Say that one sum is not below another, but for a slack."""
        terms = {**dict.fromkeys(greater, 1.0), **dict.fromkeys(lesser, -1.0)}
        self.between(terms, -slack, kind=kind)

    def kinds(self) -> set[str]:
        """Name the kinds of rows that were given."""
        return {kind for kind, *_ in self._rows}

    def program(self, *, without: Collection[str] = ()) -> Program:
        """Lay the system out as arrays, leaving out rows of some kinds."""
        from scipy.sparse import csr_array

        rows = [row for row in self._rows if row[0] not in without and row[1]]
        lengths = [len(terms) for _, terms, _, _ in rows]
        columns = [column for _, terms, _, _ in rows for column in terms]
        values = [value for _, terms, _, _ in rows for value in terms.values()]
        where = np.repeat(np.arange(len(rows)), lengths)
        matrix = csr_array((values, (where, columns)), shape=(len(rows), len(self.low)), dtype=float)
        limits = np.array([(low, high) for *_, low, high in rows], dtype=float).reshape(-1, 2)
        return Program(np.array(self.low), np.array(self.high), matrix, limits[:, 0], limits[:, 1])
