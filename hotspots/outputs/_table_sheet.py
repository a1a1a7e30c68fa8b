"""A sheet of a workbook whose rows below the heading are given column by column and written in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

#: UTF-16 units that Excel takes in a cell.
_LONGEST_TEXT: Final = 32_767
#: Rows that share the words on which columns they span.
_BLOCK: Final = 16


@dataclass(frozen=True, eq=False)
class _Laid:
    """A column below its heading: what stands in the cells that hold something, and how it looks."""

    texts: list[str]
    present: np.ndarray
    kind: str
    look: Any


class TableSheet(Worksheet):
    """
    A worksheet with a heading row and columns below it.

    Its file is the same, byte for byte, as if each cell had been written on its
    own: a city-year has 190,000 of them, and checking, keeping and writing each
    for itself took half of what all tables cost.
    """

    def __init__(self) -> None:
        super().__init__()
        self._columns: list[_Laid] = []

    def lay(self, values: pd.Series, look: Any = None) -> None:
        """Put a column beside those laid so far, below the heading of that place; missing cells stay bare."""
        values = values.iloc[: self.xls_rowmax - 1]
        present = values.notna().to_numpy()
        kind, texts = self._told(values[present])
        self._columns.append(_Laid(texts, present, kind, look))
        if present.any():
            self._check_dimensions(1 + int(np.flatnonzero(present)[-1]), len(self._columns) - 1)

    def _told(self, values: pd.Series) -> tuple[str, list[str]]:
        """Give what the file says of cells: their kind as an attribute, and the text of each."""
        if pd.api.types.is_bool_dtype(values):
            return ' t="b"', [str(int(value)) for value in values]
        if pd.api.types.is_numeric_dtype(values):
            numbers = values.to_numpy(float)
            if np.isinf(numbers).any():
                raise TypeError("A cell of a workbook cannot be infinite.")
            return "", [f"{number:.16G}" for number in numbers.tolist()]
        places, different = pd.factorize(values)
        shared = [str(self.str_table._get_shared_string_index(_fitting(text))) for text in different]
        # The file says how many cells hold texts, however few differ.
        self.str_table.count += len(places) - len(shared)
        return ' t="s"', [shared[place] for place in places.tolist()]

    def _write_rows(self) -> None:
        last, self.dim_rowmax = self.dim_rowmax, 0  # type: ignore[has-type]
        super()._write_rows()
        self.dim_rowmax = last
        present = np.column_stack([column.present for column in self._columns])
        spans, filled = _spans(present), np.asarray(present.any(axis=1)).tolist()
        cells = [self._cells(at, column) for at, column in enumerate(self._columns)]
        rows = zip(*cells, strict=True)
        self.fh.writelines(
            f'<row r="{row}"{spans[(row - 1) // _BLOCK]}>{"".join(parts)}</row>'
            for row, parts, some in zip(range(2, len(filled) + 2), rows, filled, strict=True)
            if some
        )

    def _cells(self, at: int, column: _Laid) -> list[str]:
        """Give the cells of a column as the file has them, empty where there is none."""
        begins = f'<c r="{xl_col_to_name(at)}'
        # Asking for its number is what puts a look into the file.
        style = f' s="{column.look._get_xf_index()}"' if column.look and column.texts else ""
        middle, cells = f'"{style}{column.kind}><v>', [""] * len(column.present)
        rows = np.flatnonzero(column.present).tolist()
        for row, text in zip(rows, column.texts, strict=True):
            cells[row] = f"{begins}{row + 2}{middle}{text}</v></c>"
        return cells


def _spans(present: np.ndarray) -> list[str]:
    """Say for each block of rows, from the heading on, which columns hold anything."""
    columns = present.shape[1]
    # The heading, the first row of the first block, stands above every column.
    whole = np.vstack([np.ones((1, columns), dtype=bool), present])
    starts = np.arange(0, len(whole), _BLOCK)
    used = np.logical_or.reduceat(whole, starts, axis=0)
    first, last = used.argmax(axis=1) + 1, columns - used[:, ::-1].argmax(axis=1)
    return [f' spans="{low}:{high}"' for low, high in zip(first.tolist(), last.tolist(), strict=True)]


def _fitting(text: str) -> str:
    """Cut a text that is longer than a cell may hold, between two characters."""
    if len(text) <= _LONGEST_TEXT // 2:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * _LONGEST_TEXT].decode("utf-16-le", "ignore")
