"""How a table becomes a sheet: words for headings, widths, numbers as numbers, shares as percentages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from hotspots.schema import COLUMNS

DICTIONARY: Final = "Dictionary"
#: Columns that hold shares and chances of 0 to 1.
_SHARES: Final = frozenset({"share", "p_top", "confidence", "said", "found", "incident_share", "area_share"})
#: Letters that a column has room for at least and at most; rows that are looked at for it.
_LEAST: Final = 8
_MOST: Final = 44
_LOOKED: Final = 400

#: One row of the dictionary: sheet, heading, column of the CSV file, what it holds.
Meaning = tuple[str, str, str, str]


@dataclass(frozen=True)
class Looks:
    """Formats of a workbook."""

    bold: Any
    head: Any
    percent: Any
    count: Any

    @classmethod
    def of(cls, book: Any) -> Looks:
        """Make them for a workbook."""
        return cls(
            bold=book.add_format({"bold": True, "bottom": 1}),
            head=book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            percent=book.add_format({"num_format": "0%"}),
            count=book.add_format({"num_format": "#,##0"}),
        )


def heading(column: str, kind: str) -> str:
    """Give the words of a column; a column that a sheet adds, such as a month, keeps its name."""
    known = COLUMNS[kind].get(column)
    words = known.words if known else column
    return words[:1].upper() + words[1:]


def write_sheet(sheet: Any, name: str, frame: pd.DataFrame, kind: str, looks: Looks) -> list[Meaning]:
    """
    Write a table.

    Parameters
    ----------
    sheet : TableSheet
        Without a cell yet.
    name : str
        What it is called.
    frame : DataFrame
    kind : str
        Its name in `schema.COLUMNS`.
    looks : Looks

    Returns
    -------
    list of Meaning
        What the dictionary says of its columns.
    """
    sheet.freeze_panes(1, 0)
    # Not every program makes room for headings of several lines by itself.
    sheet.set_row(0, 48)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    meanings = []
    for at, column in enumerate(frame.columns):
        words, values = heading(str(column), kind), frame[column]
        sheet.write_string(0, at, words, looks.head)
        sheet.lay(values, _look(str(column), looks))
        longest = max((len(str(value)) for value in values.head(_LOOKED).dropna()), default=0)
        sheet.set_column(at, at, min(max(_LEAST, longest + 1, max(map(len, words.split())) + 2), _MOST))
        meanings.append((name, words, str(column), _told(str(column), kind)))
    sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)
    return meanings


def write_dictionary(sheet: Any, meanings: Sequence[Meaning], looks: Looks) -> None:
    """Write what every heading means, and which column of the CSV files it is."""
    sheet.freeze_panes(1, 0)
    for at, (words, width) in enumerate(
        (("Sheet", 16), ("Heading", 44), ("Column in the CSV file", 26), ("What it holds", 46))
    ):
        sheet.write_string(0, at, words, looks.head)
        sheet.set_column(at, at, width)
    for row, meaning in enumerate(meanings, start=1):
        for at, text in enumerate(meaning):
            sheet.write_string(row, at, text)


def _told(column: str, kind: str) -> str:
    known = COLUMNS[kind].get(column)
    if known is None:
        return "incidents of that month, or at that hour" if kind in ("counts", "hours") else "number of rows"
    kinds = {"text": "text", "whole": "whole number", "number": "number", "flag": "yes or no"}
    share = ", shown as a percentage" if _is_share(column) else ""
    return f"{known.words}: {kinds.get(known.kind, known.kind)}{share}"


def _is_share(column: str) -> bool:
    return column in _SHARES or column.startswith("chance_by_")


def _look(column: str, looks: Looks) -> Any:
    return looks.percent if _is_share(column) else None
