"""Spreadsheets: each sheet as a table of text. Values only; a formula is never evaluated."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from typing import Any

from hotspots.errors import InputError
from hotspots.reading.cell import NO_RESULT, cell_text
from hotspots.reading.content import Source, whole_content
from hotspots.reading.package import BROKEN, MAX_CELLS, Package, SheetFacts, open_package
from hotspots.reading.survey import Survey
from hotspots.reading.table import PREVIEWED, Table, Wanted, record_table
from hotspots.text import counted, safe_text


@dataclass(frozen=True)
class Workbook:
    """
    One sheet, opened: its first rows are known, the others are not made into text.

    Attributes
    ----------
    header : tuple of str
        First row that is not empty.
    header_line : int
        Its number.
    cells : object
        The sheet as python-calamine keeps it.
    facts : SheetFacts
        Hidden rows and formulas.
    since_1904 : bool
        Whether the workbook counts days from 1904, as Excel for Mac once did.
    """

    source: Source
    cells: Any
    header: tuple[str, ...]
    header_line: int
    survey: Survey
    preview: tuple[tuple[int, tuple[str, ...]], ...]
    facts: SheetFacts
    delimiter: str = ""
    notes: tuple[str, ...] = ()
    since_1904: bool = False
    has_points: bool = False

    def read(self, wanted: Wanted) -> Table:
        """Read the wanted columns; the other cells are passed over."""
        n = len(self.header)
        records = []
        for number, cells in self._checked_rows():
            if number <= self.header_line or all(cell == "" for cell in cells):
                continue
            beyond = [cell for cell in cells[n:] if cell != ""]
            texts = [cell_text(cell) if place in wanted else "" for place, cell in enumerate(cells[:n])]
            # A row is no empty one because nobody wanted its cells.
            texts += [""] * (n - len(texts)) + ["?"] * len(beyond)
            records.append((number, texts))
        return replace(record_table(records, n, wanted), since_1904=self.since_1904)

    def _checked_rows(self) -> Iterator[tuple[int, list[Any]]]:
        try:
            yield from _rows(self.cells, self.facts)
        except BROKEN as error:
            raise _damaged(self.source) from error


def open_sheets(source: Source, *, sheet: str = "") -> tuple[Workbook, ...]:
    """
    Open every visible sheet that is not empty, or the one that is named.

    Parameters
    ----------
    source : Source
        An XLSX, XLSB, XLS or ODS file.
    sheet : str, optional
        The name of a sheet.

    Raises
    ------
    InputError
        If it is not a workbook, is locked, or holds no such sheet or no value.
    """
    import python_calamine

    content = whole_content(source)
    _check_named(source, content)
    package = None if source.form == "xls" and content[:2] != b"PK" else open_package(source, content)
    survey = Survey(sha256=sha256(content).hexdigest(), size=len(content))
    try:
        facts = _all_facts(package)
        book = python_calamine.load_workbook(io.BytesIO(package.plain() if package else content))
        names = _choose(source, book, sheet)
        found = [
            _open_sheet(source, book, name, survey, facts.get(name, SheetFacts()), since=_since(package))
            for name in names
        ]
    except python_calamine.PasswordError as error:
        raise InputError(f"{source.name} is locked with a password: save it without one.") from error
    except (*BROKEN, python_calamine.CalamineError) as error:
        if isinstance(error, InputError):
            raise
        raise _damaged(source) from error
    filled = [one for one in found if one.header]
    if not filled:
        raise InputError(f"{source.name}: the sheet {safe_text(names[0] if names else '')!r} is empty.")
    hidden = _hidden(book) if not sheet else ()
    if hidden:
        filled[0] = replace(filled[0], notes=(*filled[0].notes, _hidden_note(hidden)))
    if len(filled) == 1:
        return (filled[0],)
    return tuple(
        replace(one, source=replace(source, name=f"{source.name}/{safe_text(name)}"))
        for name, one in zip((n for n, o in zip(names, found, strict=True) if o.header), filled, strict=True)
    )


def _check_named(source: Source, content: bytes) -> None:
    """Refuse what is only named as a workbook, as reporting programs save web pages and text."""
    head = content[:4096]
    if head[:2] in (b"PK", b"\xd0\xcf") or (
        b"\0" in head.removeprefix(b"\xff\xfe")[::2] and b"\0" in head[1::2]
    ):
        return
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise InputError(
            f"{source.name} is a web page or XML saved under this name: open it in Excel and save it as XLSX."
        )
    if any(mark in head for mark in (b",", b"\t", b";")) and not re.search(rb"[\x01-\x08\x0e-\x1f]", head):
        raise InputError(f"{source.name} is a table of text saved under this name: rename it to end in .csv.")


def _since(package: Package | None) -> bool:
    return package is not None and package.since_1904


def _all_facts(package: Package | None) -> dict[str, SheetFacts]:
    if package is None or package.source.form in ("xlsb", "ods"):
        return {}
    return {name: package.facts(name) for name in package.sheet_parts()}


def _choose(source: Source, book: Any, sheet: str) -> list[str]:
    visible = _visible(book)
    if not sheet:
        return visible
    if sheet not in visible:
        shown = ", ".join(repr(safe_text(name)) for name in visible)
        raise InputError(f"{source.name} has no sheet {safe_text(sheet)!r}; it has {shown}.")
    return [sheet]


def _visible(book: Any) -> list[str]:
    return [one.name for one in book.sheets_metadata if _kind(one.visible) == "Visible" and _is_sheet(one)]


def _hidden(book: Any) -> tuple[str, ...]:
    return tuple(
        one.name for one in book.sheets_metadata if _kind(one.visible) != "Visible" and _is_sheet(one)
    )


def _is_sheet(one: Any) -> bool:
    return _kind(one.typ) == "WorkSheet"


def _kind(value: Any) -> str:
    return str(value).rpartition(".")[2]


def _hidden_note(names: Sequence[str]) -> str:
    shown = ", ".join(repr(safe_text(name, limit=40)) for name in names[:5])
    return f"{counted(len(names), 'hidden sheet')} not read: {shown}."


def _open_sheet(
    source: Source, book: Any, name: str, survey: Survey, facts: SheetFacts, *, since: bool
) -> Workbook:
    cells = book.get_sheet_by_name(name)
    if cells.total_height * cells.total_width > MAX_CELLS:
        raise InputError(
            f"{source.name}: a cell far from the others makes the sheet one of too many rows and columns. "
            "Copy the table alone to a new sheet, or save it as CSV."
        )
    filled = ((number, row) for number, row in _rows(cells, facts) if any(cell != "" for cell in row))
    preview = tuple((number, _texts(row)) for number, row in islice(filled, PREVIEWED))
    line, header = preview[0] if preview else (0, ())
    notes = []
    if facts.hidden_rows:
        notes.append(
            f"{counted(facts.hidden_rows, 'row')} hidden by a filter or by hand: read and counted too."
        )
    return Workbook(source, cells, header, line, survey, preview, facts, notes=tuple(notes), since_1904=since)


def _rows(cells: Any, facts: SheetFacts) -> Iterator[tuple[int, list[Any]]]:
    """Yield each row with its number, formulas that were saved without a result as "="."""
    first = (cells.start or (0, 0))[1] + 1
    unfinished = facts.unfinished
    for number, row in enumerate(cells.iter_rows(), start=1):
        if not unfinished:
            yield number, row
            continue
        blank = [cell == "" and (number, at) in unfinished for at, cell in enumerate(row, start=first)]
        yield number, [NO_RESULT if lost else cell for cell, lost in zip(row, blank, strict=True)]


def _texts(row: Sequence[Any]) -> tuple[str, ...]:
    texts = [cell_text(cell).strip() for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _damaged(source: Source) -> InputError:
    return InputError(f"{source.name} is not a workbook that can be read: save it again as XLSX.")
