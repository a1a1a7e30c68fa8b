"""Write a small XLSB by Microsoft's description of the format (MS-XLSB): no library here can save one."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    "</Types>"
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATION = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="' + _OFFICE + '/{kind}" Target="{target}"/></Relationships>'
)
#: Record types of MS-XLSB 2.3.2.
_ROW, _REAL, _TEXT, _DIMENSION, _SHEET = 0x00, 0x05, 0x06, 0x94, 0x9C
_BOOK, _SHEETS, _WORKSHEET, _DATA = (0x83, 0x84), (0x8F, 0x90), (0x81, 0x82), (0x91, 0x92)


def write_xlsb(path: Path, rows: Sequence[Sequence[str | float]], *, sheet: str = "Sheet1") -> Path:
    """Write rows of texts and numbers as the one sheet of a workbook."""
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide(sheet)
    book = _within(_BOOK, _within(_SHEETS, _record(_SHEET, bundle)))
    extent = struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)
    cells = b"".join(
        _record(_ROW, struct.pack("<I", number) + bytes(13)) + b"".join(map(_cell, range(len(row)), row))
        for number, row in enumerate(rows)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _RELATION.format(kind="officeDocument", target="xl/workbook.bin"))
        package.writestr("xl/workbook.bin", book)
        linked = _RELATION.format(kind="worksheet", target="worksheets/sheet1.bin")
        package.writestr("xl/_rels/workbook.bin.rels", linked)
        data = _record(_DIMENSION, extent) + _within(_DATA, cells)
        package.writestr("xl/worksheets/sheet1.bin", _within(_WORKSHEET, data))
    return path


def _cell(column: int, value: str | float) -> bytes:
    place = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return _record(_TEXT, place + _wide(value))
    return _record(_REAL, place + struct.pack("<d", value))


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _within(types: tuple[int, int], content: bytes) -> bytes:
    return _record(types[0], b"") + content + _record(types[1], b"")


def _record(kind: int, content: bytes) -> bytes:
    """Write type and size, seven bits a byte, the highest bit meaning that more follow."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(content)
    while True:
        size += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + size + content
