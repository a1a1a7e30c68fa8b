"""A workbook's package before anything believes it: bombs, far cells, formulas, hidden rows."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError, fromstring

from hotspots.errors import InputError
from hotspots.reading.content import DAMAGE, Source, check_ratio

#: Bytes of XML that a workbook may unpack to.
MAX_XML = 1024 * 1024 * 1024
#: Rows that XLSX can have; a file that states more would be padded with empty ones for hours.
MAX_ROWS = 1_048_576
#: Rows times columns: a cell in the last column makes a row of 16,384.
MAX_CELLS = 32_000_000
#: Distinct texts of a workbook: each costs memory before a single cell is read.
MAX_STRINGS = 1_000_000
#: What XML readers raise at a damaged part.
BROKEN = (*DAMAGE, KeyError, TypeError, AttributeError, IndexError, ParseError, RuntimeError)
_FORMULA = re.compile(rb"<f[ >/]")
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,9})(\d{1,12})"')
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,12})"')
_HIDDEN_ROW = re.compile(rb'<row\b[^>]*?\bhidden="(?:1|true)"')
_REPEATED = re.compile(rb'<table:table-cell\b[^>]*?number-columns-repeated="(\d+)"[^>]*?office:value-type=')
_REPEATED_LATE = re.compile(
    rb'<table:table-cell\b[^>]*?office:value-type=[^>]*?number-columns-repeated="(\d+)"'
)
_REPEATED_ROW = re.compile(
    rb'<table:table-row\b[^>]*?number-rows-repeated="(\d+)"[^>]*?>(.*?)</table:table-row>', re.S
)
_NAMESPACE = re.compile(r"\{.*?\}")


@dataclass(frozen=True)
class SheetFacts:
    """
    What an XLSX sheet says beside its values.

    Attributes
    ----------
    hidden_rows : int
        Rows hidden by a filter or by hand; they are read.
    unfinished : frozenset of (int, int)
        Row and column (from 1) of formulas, of which some were saved without a result.
    """

    hidden_rows: int = 0
    unfinished: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Package:
    """An XLSX, XLSB or ODS package whose parts are plausible."""

    source: Source
    content: bytes

    def part(self, name: str) -> bytes:
        with zipfile.ZipFile(io.BytesIO(self.content)) as package:
            return package.read(name) if name in package.namelist() else b""

    @property
    def since_1904(self) -> bool:
        """Whether days are counted from 1904, as Excel for Mac once did."""
        return bool(re.search(rb'\bdate1904="(?:1|true)"', self.part("xl/workbook.xml")))

    def plain(self) -> bytes:
        """
        Return the content; an ODS without line breaks between tags.

        GDAL writes them, LibreOffice does not, and python-calamine stops at them.
        """
        xml = self.part("content.xml") if self.source.form == "ods" else b""
        if not re.search(rb">\s*\n\s*<", xml):
            return self.content
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.content)) as old, zipfile.ZipFile(stream, "w") as new:
            for name in old.namelist():
                new.writestr(
                    name, re.sub(rb">\s*\n\s*<", b"><", xml) if name == "content.xml" else old.read(name)
                )
        return stream.getvalue()

    def sheet_parts(self) -> dict[str, str]:
        """Return the part of each sheet of an XLSX by its title."""
        book, links = self.part("xl/workbook.xml"), self.part("xl/_rels/workbook.xml.rels")
        if not book or not links:
            return {}
        targets = {one.get("Id"): str(one.get("Target")) for one in fromstring(links)}  # noqa: S314 - no entities
        parts = {}
        for one in fromstring(book).iter():  # noqa: S314
            if _NAMESPACE.sub("", one.tag) == "sheet":
                linked = next((v for k, v in one.attrib.items() if _NAMESPACE.sub("", k) == "id"), "")
                target = targets.get(linked, "")
                parts[str(one.get("name"))] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
        return parts

    def facts(self, sheet: str) -> SheetFacts:
        """Look at the XML of one sheet of an XLSX for what its values do not tell."""
        xml = self.part(self.sheet_parts().get(sheet, ""))
        if not xml:
            return SheetFacts()
        check_extent(self.source, xml)
        formulas = frozenset(self._formulas(sheet)) if _FORMULA.search(xml) else frozenset()
        return SheetFacts(len(_HIDDEN_ROW.findall(xml)), formulas)

    def _formulas(self, sheet: str) -> Iterator[tuple[int, int]]:
        import openpyxl

        with warnings.catch_warnings():
            # What openpyxl leaves out (styles, damaged links) is of no account, and would reach the terminal.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(io.BytesIO(self.content), read_only=True, keep_links=False)
        try:
            worksheet = book[sheet]
            worksheet.reset_dimensions()
            for number, row in enumerate(worksheet.iter_rows(values_only=True), start=1):
                yield from ((number, at) for at, cell in enumerate(row, start=1) if _is_formula(cell))
        finally:
            book.close()


def _is_formula(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or cell.startswith("="))


def open_package(source: Source, content: bytes) -> Package:
    """
    Check the package of a workbook before it is parsed.

    Raises
    ------
    InputError
        If it is no zip, is locked, is a bomb, or states more than a workbook can hold.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{source.name} is locked with a password or in the old XLS format: save it without a password, "
            "or rename it to end in .xls."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            infos = package.infolist()
            unpacked = sum(info.file_size for info in infos)
            check_ratio(source.name, packed=len(content), unpacked=unpacked)
            if unpacked > MAX_XML:
                raise InputError(f"{source.name} is too large for a workbook: save the sheet as CSV.")
            for info in infos:
                _check_part(source, package, info)
    except BROKEN as error:
        raise InputError(f"{source.name} is damaged or not a workbook: save it again as XLSX.") from error
    return Package(source, content)


def _check_part(source: Source, package: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    name = info.filename
    if name == "xl/sharedStrings.xml" and info.file_size > 8 * MAX_STRINGS:
        strings = sum(piece.count(b"<si") for piece in _pieces(package, info))
        if strings > MAX_STRINGS:
            raise InputError(
                f"{source.name} holds {strings:,} distinct texts, more than {MAX_STRINGS:,}: "
                "save the sheet as CSV."
            )
    elif name in ("content.xml", "xl/workbook.xml"):
        xml = package.read(info)
        if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            raise InputError(
                f"{source.name} defines entities of its own, as no workbook does: save it again."
            )
        if name == "content.xml":
            _check_repeats(source, xml)


def _pieces(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(info) as stream:
        yield from iter(lambda: stream.read(1 << 24), b"")


def check_extent(source: Source, xml: bytes) -> None:
    """Refuse a sheet in which a cell lies so far off that a table up to it cannot be held."""
    cells = _CELL.findall(xml)
    rows = max((int(row) for row in {*_ROW.findall(xml), *(row for _, row in cells)}), default=0)
    columns = max((_column(letters) for letters in {letters for letters, _ in cells}), default=0)
    too_long = rows > MAX_ROWS
    if too_long or rows * columns > MAX_CELLS:
        what = f"more than {MAX_ROWS:,} rows" if too_long else "too many rows and columns"
        raise _far(source, what)


def _far(source: Source, what: str) -> InputError:
    return InputError(
        f"{source.name}: a cell far from the others makes the sheet one of {what}. "
        "Copy the table alone to a new sheet, or save it as CSV."
    )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_repeats(source: Source, xml: bytes) -> None:
    """Refuse an ODS that repeats a filled cell or row a million times: a few bytes would fill the memory."""
    wide = max((int(n) for n in (*_REPEATED.findall(xml), *_REPEATED_LATE.findall(xml))), default=1)
    long = max((int(n) for n, row in _REPEATED_ROW.findall(xml) if b"office:value-type" in row), default=1)
    if wide * long > 1_000_000:
        raise _far(source, "too many rows and columns")
