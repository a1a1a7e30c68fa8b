"""What both halves of judging a row need: reasons by number, the columns of a source by field."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from hotspots.reading.columns import ColumnPlan
from hotspots.reading.table import Coded, Table
from hotspots.schema import REJECT_REASONS
from hotspots.text import clean_label, is_tidy

#: Reasons by number; 0 is a good row.
REASONS: Final = ("", *REJECT_REASONS)
CODE: Final = {reason: np.int8(place) for place, reason in enumerate(REASONS)}


def count_reasons(codes: np.ndarray) -> Counter[str]:
    """Count rejected rows by reason."""
    numbers = np.bincount(codes, minlength=len(REASONS)).tolist()
    return Counter({reason: n for reason, n in zip(REASONS[1:], numbers[1:], strict=True) if n})


class FieldColumns:
    """The columns of a table by field; one that the file lacks is blank throughout."""

    def __init__(self, table: Table, plan: ColumnPlan) -> None:
        self._table, self._plan = table, plan
        self.rows, self.points, self.crs = table.rows, table.points, table.crs
        self.since_1904 = table.since_1904
        self._blank = Coded(np.zeros(len(table.rows), np.int32), np.array([""], dtype=object))

    def __contains__(self, name: str) -> bool:
        return name in self._plan.places

    def present(self, *names: str) -> dict[str, Coded]:
        """Return those of some columns that the file has."""
        return {name: self[name] for name in names if name in self}

    def __getitem__(self, name: str) -> Coded:
        place = self._plan.places.get(name)
        return self._blank if place is None else self._table.columns[place]


def first_reason(*reasons: np.ndarray) -> np.ndarray:
    """Take for each row the first reason that is not 0."""
    result = reasons[0].astype(np.int8)
    for later in reasons[1:]:
        np.copyto(result, later.astype(np.int8), where=result == 0)
    return result


def tidy_labels(column: Coded) -> Coded:
    return column if is_tidy(column.values) else column.map(clean_label)
