# ruff: noqa: E501 - long lists of odd values
"""Damage: small changes to bytes, lines, cells and containers, all from a seeded dice."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Callable

from faults import bases

#: What has broken readers before: numbers, dates, marks and characters that mean something to someone.
CELLS = (
    "", " ", "0", "-0", "00", "1e5", "1E400", "-1e-400", "inf", "-Infinity", "NaN", "nan", "0x1A", "1_000", "4,500",
    "435,123", "52,92", "1.2.3", "+-1", "--1", "1.", ".", ".5", "\u0661\u0662", "\uff11", "1" * 400, "9" * 25, "435123 m",
    "2024-02-30", "2024-13", "2024-0", "2024-1", "0000-00-00", "9999-12-31", "1899-12-31", "2024-02-29", "2023-02-29",
    "31/02/2024", "12/25/2024", "25/12/2024", "1/1/69", "45306", "45306.99999999", "2958465.5", "24:00", "23:60",
    "2025-03-30 01:30", "2024-01-01T00:00:00+99:99", "2024-01-01T00:00:00Z", "2024-01-01 12:00 pm", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-23:59", "Jan 2024", "32 Jan 2024", "99 Xyz 2024", "20240230", "202400",
    "\ufeff", "\u202eevil", "\u200b", "\u2028", "\x85", "\x00", "\x1b[31m", "\x7f", "\x0b", "\x0c", "\r", "'", '"',
    '""', '"a', 'a"b', '"a""b"', "=1+1", "@SUM(A1)", "<script>alert(1)</script>", "\U0001f52a", "e\u0301" * 50, "\u0130",
    "-1.47", "52.92", "435000", "336000", "SK3536", "DE1 1AA", "E01013453", "No Location", "Total",
)  # fmt: skip
_BYTES = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\x81", b"\xe9", b"\xc3", b"\xed\xa0\x80", b"\r", b"\n",
    b"\r\n", b"\n\n", b",", b";", b"\t", b"|", b'"', b'""', b"'", b"\\", b"\x1a", b"\x1b[2J", b"sep=;\n", b"sep=\x80\n",
    b'sep="\n', b"sep=a\n", b"<", b"{", b"[", b"null", b"-", b"\xc2\x85", b"\xe2\x80\xae", b"\xf0\x9f\x92\xa3",
)  # fmt: skip
_NAMES = (
    "Month", "Date", "DATE", "date to", "Time", "Easting", "easting", "Northing", "Longitude", "Latitude", "X", "Y",
    "Postcode", "Grid ref", "Ward code", "LSOA code", "Crime type", "Offence code", "Victim name", "Age", "Flags", "",
    "L\u043engitude", "Month\u00b2", "Knife flag", "Victim age", "Time to", "\x00", "Legislation", "Outcome type", "Force",
)  # fmt: skip

_VALUES = (
    None,
    True,
    0,
    -1.5,
    1e308,
    10**400,
    float("inf"),
    float("nan"),
    [],
    {},
    [[]],
    "\ud800",
    [1, 2],
    {"a": 1},
)

Mutation = Callable[[random.Random, bytes], bytes]


def damaged(dice: random.Random, content: bytes, *, changes: int, text: bool) -> bytes:
    """Apply some changes to content."""
    for _ in range(changes):
        content = dice.choice(_TEXT if text else _ANY)(dice, content)
    return content


def _flip(dice: random.Random, content: bytes) -> bytes:
    if not content:
        return content
    at = dice.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]


def _insert(dice: random.Random, content: bytes) -> bytes:
    at = dice.choice((0, len(content), dice.randint(0, len(content)), dice.randint(0, len(content))))
    return content[:at] + dice.choice(_BYTES) + content[at:]


def _overwrite(dice: random.Random, content: bytes) -> bytes:
    at, piece = dice.randint(0, len(content)), dice.choice(_BYTES)
    return content[:at] + piece + content[at + len(piece) :]


def _cut(dice: random.Random, content: bytes) -> bytes:
    one, other = sorted(dice.randint(0, len(content)) for _ in range(2))
    return content[:one] + content[min(other, one + dice.choice((1, 10, 1000))) :]


def _truncate(dice: random.Random, content: bytes) -> bytes:
    return content[: dice.randint(0, len(content))]


def _repeat(dice: random.Random, content: bytes) -> bytes:
    one, other = sorted(dice.randint(0, len(content)) for _ in range(2))
    return content[:other] + content[one:other] * dice.choice((1, 1, 5)) + content[other:]


def _numbers(dice: random.Random, content: bytes) -> bytes:
    """Overwrite two or four bytes with an extreme number: sizes and positions of containers."""
    at, width = dice.randint(0, max(0, len(content) - 4)), dice.choice((2, 4))
    value = dice.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, dice.getrandbits(32)))
    return content[:at] + (value & (256**width - 1)).to_bytes(width, "little") + content[at + width :]


def _cell(dice: random.Random, content: bytes) -> bytes:
    """Replace a cell of a line, mark it, quote it or make it huge."""
    lines = content.split(b"\n")
    at = dice.randrange(len(lines))
    mark = max((b",", b";", b"\t", b"|"), key=lines[0].count)
    cells = lines[at].split(mark)
    place = dice.randrange(len(cells))
    new = dice.choice(CELLS).encode("utf-8", "surrogatepass")
    how = dice.randrange(8)
    if how == 0:
        new = b'"' + new + b'"'
    elif how == 1:
        new = cells[place] + new
    elif how == 2 and dice.random() < 0.1:
        new = b"x" * dice.choice((255, 256, 257, 70_000, 140_000))
    cells[place] = new
    lines[at] = mark.join(cells)
    return b"\n".join(lines)


def _column(dice: random.Random, content: bytes) -> bytes:
    """Put the same odd value into one column of all lines, or of half of them."""
    lines = content.split(b"\n")
    mark = max((b",", b";", b"\t", b"|"), key=lines[0].count)
    place, share = dice.randrange(lines[0].count(mark) + 1), dice.choice((1.0, 0.5))
    new = dice.choice(CELLS).encode("utf-8", "surrogatepass")
    for at, line in enumerate(lines[1:], 1):
        cells = line.split(mark)
        if place < len(cells) and dice.random() < share:
            cells[place] = new
            lines[at] = mark.join(cells)
    return b"\n".join(lines)


def _head(dice: random.Random, content: bytes) -> bytes:
    """Rename, double, drop or move a column name, or put a line above."""
    lines = content.split(b"\n")
    mark = max((b",", b";", b"\t", b"|"), key=lines[0].count)
    names = lines[0].split(mark)
    place, how = dice.randrange(len(names)), dice.randrange(6)
    if how < 2:
        names[place] = dice.choice(_NAMES).encode()
    elif how == 2:
        names[place] = dice.choice((names[place].upper(), names[place] + b" ", b'"' + names[place] + b'"'))
    elif how == 3:
        names[place] = dice.choice(names)
    elif how == 4:
        names[place], names[0] = names[0], names[place]
    else:
        return (
            dice.choice((b"Incidents of Derby\n", b"\n\n", b"sep=,\n", lines[0] + b"\n", b"\t\n")) + content
        )
    lines[0] = mark.join(names)
    return b"\n".join(lines)


def _shuffle_lines(dice: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _recode(dice: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace") + dice.choice(("", "\u00e9", "\u0141"))
    name = dice.choice(
        ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32", "utf-7", "cp037")
    )
    return text.encode(name, "replace")


def _line_ends(dice: random.Random, content: bytes) -> bytes:
    new = dice.choice((b"\r\n", b"\r", b"\n\r", b"\r\r\n", b"\n\n"))
    if dice.random() < 0.7:
        return content.replace(b"\n", new)
    return re.sub(rb"\n", lambda found: new if dice.random() < 0.3 else found[0], content)


def _delimiters(dice: random.Random, content: bytes) -> bytes:
    new = dice.choice((b";", b"\t", b"|", b",", b":"))
    if dice.random() < 0.6:
        return content.replace(b",", new)
    return re.sub(rb",", lambda found: new if dice.random() < 0.1 else found[0], content)


_ANY: tuple[Mutation, ...] = (_flip, _flip, _insert, _overwrite, _cut, _truncate, _repeat, _numbers)
_TEXT: tuple[Mutation, ...] = (
    _flip, _insert, _overwrite, _cut, _truncate, _repeat, _cell, _cell, _cell, _cell, _column, _column, _head, _head,
    _shuffle_lines, _recode, _line_ends, _delimiters,
)  # fmt: skip


def repacked(dice: random.Random, content: bytes) -> bytes:
    """Damage the text inside one member of a zip, so that the container itself stays whole."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(dice.randint(1, 2)):
        name = dice.choice(sorted(members))
        members[name] = dice.choice((_flip, _cell_text, _cell_text, _truncate, _repeat, _cut))(
            dice, members[name]
        )
    return bases.zipped(members)


def _cell_text(dice: random.Random, content: bytes) -> bytes:
    """Replace one value between marks of XML or JSON, such as >x< or "x"."""
    spots = list(re.finditer(rb'(?<=>)[^<>]+(?=<)|(?<=")[^"]*(?=")|(?<=[\[ ,:])-?[\d.]+', content))
    if not spots:
        return content
    spot = dice.choice(spots)
    new = dice.choice(
        (*CELLS, "null", "true", "[]", "{}", "-1", "1904", "\\ud800", "\\u0000", "s", "d", "b", "e")
    )
    return content[: spot.start()] + new.encode("utf-8", "surrogatepass") + content[spot.end() :]


def replaced(dice: random.Random, content: bytes) -> bytes:
    """Replace values inside XML, JSON or SQL text."""
    for _ in range(dice.randint(1, 3)):
        content = _cell_text(dice, content)
    return content


def changed_json(dice: random.Random, content: bytes) -> bytes:
    """Replace single values of a JSON document by values of any kind, so that it stays JSON."""
    whole = json.loads(content)
    for _ in range(dice.randint(1, 3)):
        holder = whole
        while True:
            places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not places:
                break
            place = dice.choice(places)
            if isinstance(holder[place], dict | list) and dice.random() < 0.85:
                holder = holder[place]
                continue
            holder[place] = dice.choice((*CELLS, *_VALUES))
            break
    return json.dumps(whole).encode()


def lying(dice: random.Random, content: bytes) -> bytes:
    """State another size or check sum in the headers of a zip."""
    spots = [found.start() for found in re.finditer(rb"PK\x03\x04|PK\x01\x02", content)]
    if not spots:
        return content
    at = dice.choice(spots)
    offset = dice.choice((14, 18, 22) if content[at + 2] == 3 else (16, 20, 24, 42)) + at
    value = dice.choice((0, 1, 10, 100, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
    return content[:offset] + value.to_bytes(4, "little") + content[offset + 4 :]
