"""XLSX: one sheet as a table of text. Values only; a formula is never evaluated."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any
from xml.etree.ElementTree import ParseError

from hotspots.errors import InputError
from hotspots.reading.delimited import Survey
from hotspots.reading.sources import DAMAGE, Source, check_ratio, whole_content
from hotspots.reading.table import Table, Wanted, record_table
from hotspots.text import safe_text

#: What stands for a formula that was saved without its result.
NO_RESULT = "="
#: Bytes of XML that openpyxl may have to hold.
MAX_XML = 1024 * 1024 * 1024
#: Rows that XLSX can have; a file that states more would be padded with empty ones for hours.
MAX_ROWS = 1_048_576
#: Rows times columns: a cell in the last column makes a row of 16,384.
MAX_CELLS = 32_000_000
#: What openpyxl raises at a damaged workbook.
_DAMAGE = (*DAMAGE, KeyError, TypeError, AttributeError, IndexError, ParseError, RuntimeError)
_FORMULA = re.compile(rb"<f[ >/]")


@dataclass(frozen=True)
class Workbook:
    """
    One sheet, opened: its header is known, its rows are not kept.

    Attributes
    ----------
    header : tuple of str
        First row that is not empty.
    header_line : int
        Its number.
    sheet : str
        Name of the sheet.
    since_1904 : bool
        Whether the workbook counts days from 1904, as Excel for Mac once did.
    """

    source: Source
    content: bytes
    sheet: str
    header: tuple[str, ...]
    header_line: int
    survey: Survey
    delimiter: str = ""
    notes: tuple[str, ...] = ()
    since_1904: bool = False

    def read(self, wanted: Wanted) -> Table:
        """Read the wanted columns; the other cells are passed over."""
        n = len(self.header)
        records = []
        for number, cells in self._checked_cells():
            if number <= self.header_line or all(cell is None for cell in cells):
                continue
            beyond = [cell for cell in cells[n:] if cell not in (None, "")]
            texts = [cell_text(cell) if place in wanted else "" for place, cell in enumerate(cells[:n])]
            texts += [""] * (n - len(texts)) + ["?"] * len(beyond)
            records.append((number, texts))
        return replace(record_table(records, n, wanted), since_1904=self.since_1904)

    def _checked_cells(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        try:
            yield from self._cells()
        except _DAMAGE as error:
            raise _damaged(self.source) from error

    def _cells(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        values = _rows(self.source, self.content, self.sheet, values=True)
        if not _has_formulas(self.content):
            yield from enumerate(values, start=1)
            return
        formulas = _rows(self.source, self.content, self.sheet, values=False)
        for number, (row, written) in enumerate(zip(values, formulas, strict=True), start=1):
            yield (
                number,
                tuple(
                    NO_RESULT if cell is None and source is not None else cell
                    for cell, source in zip(row, written, strict=True)
                ),
            )


def open_workbook(source: Source, *, sheet: str = "") -> Workbook:
    """
    Open the sheet that holds the incidents.

    Parameters
    ----------
    source : Source
        An XLSX file.
    sheet : str, optional
        Its name; needed if several sheets hold data.

    Raises
    ------
    InputError
        If it is not a workbook, is locked, or the sheet is not there or not
        the only one.
    """
    content = whole_content(source)
    _check_package(source, content)
    try:
        name = _choose_sheet(source, content, sheet)
        header_line, header = _header(source, content, name)
        since_1904 = _since_1904(content)
    except InputError:
        raise
    except _DAMAGE as error:
        raise _damaged(source) from error
    if not header:
        raise InputError(f"{source.name}: the sheet {safe_text(name)!r} is empty.")
    survey = Survey(sha256=sha256(content).hexdigest(), size=len(content))
    return Workbook(source, content, name, header, header_line, survey, since_1904=since_1904)


def cell_text(value: object) -> str:
    """Return a cell's value as the text a CSV of the same sheet would hold."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        plain = value.replace(microsecond=0)
        return plain.date().isoformat() if plain.time() == time() else plain.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        # 123.0 is how Excel keeps 123; no exponents, which no reader here takes.
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return "" if value is None else str(value)


def _damaged(source: Source) -> InputError:
    return InputError(f"{source.name} is not a workbook that can be read: save it again as XLSX.")


def _check_package(source: Source, content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{source.name} is locked with a password or in the old XLS format: save it as XLSX."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            unpacked = sum(info.file_size for info in package.infolist())
    except DAMAGE as error:
        raise InputError(f"{source.name} is damaged or not a workbook: save it again as XLSX.") from error
    check_ratio(source.name, packed=len(content), unpacked=unpacked)
    if unpacked > MAX_XML:
        raise InputError(f"{source.name} is too large for a workbook: save the sheet as CSV.")


def _open(content: bytes, *, values: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        # What openpyxl leaves out (styles, damaged links) is of no account, and would reach the terminal.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values, keep_links=False)


def _rows(source: Source, content: bytes, sheet: str, *, values: bool) -> Iterator[tuple[Any, ...]]:
    book = _open(content, values=values)
    try:
        worksheet = book[sheet]
        # The size that the file states may be wrong in either direction.
        worksheet.reset_dimensions()
        yield from _within_limits(source, worksheet.iter_rows(values_only=True))
    finally:
        book.close()


def _within_limits(source: Source, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        if number > MAX_ROWS or cells > MAX_CELLS:
            what = f"more than {MAX_ROWS:,} rows" if number > MAX_ROWS else "too many rows and columns"
            raise InputError(
                f"{source.name}: a cell far from the others makes the sheet one of {what}. "
                "Copy the table alone to a new sheet, or save it as CSV."
            )
        yield row


def _since_1904(content: bytes) -> bool:
    book = _open(content, values=True)
    try:
        return bool(book.epoch.year == 1904)
    finally:
        book.close()


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/")]
        return any(_FORMULA.search(package.read(name)) for name in sheets)


def _choose_sheet(source: Source, content: bytes, sheet: str) -> str:
    book = _open(content, values=True)
    try:
        names = [worksheet.title for worksheet in book.worksheets if worksheet.sheet_state == "visible"]
    finally:
        book.close()
    shown = ", ".join(repr(safe_text(name)) for name in names)
    if sheet:
        if sheet not in names:
            raise InputError(f"{source.name} has no sheet {safe_text(sheet)!r}; it has {shown}.")
        return sheet
    filled = [name for name in names if _header(source, content, name)[1]]
    if len(filled) > 1:
        raise InputError(f"{source.name} has several sheets, {shown}: name the one to read (--sheet).")
    return (filled or names)[0]


def _header(source: Source, content: bytes, sheet: str) -> tuple[int, tuple[str, ...]]:
    for number, row in enumerate(_rows(source, content, sheet, values=True), start=1):
        texts = [cell_text(cell).strip() for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            return number, tuple(texts)
    return 0, ()
