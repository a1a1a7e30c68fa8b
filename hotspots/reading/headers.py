"""Which row holds the names of the columns: the first, one below a title, or two together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hotspots.reading.columns import holds_data, is_complete, known_fields
from hotspots.reading.formats import Opened
from hotspots.text import counted

#: Rows above a header that are looked at: titles, dates of printing, a band of groups.
MOST_ABOVE = 25


def with_header(opened: Opened, mapping: Mapping[str, str]) -> Opened:
    """
    Find the header of a table whose first row is none.

    Titles, and a band of group headings, may stand above it; where no single
    row has all that is needed, two rows are read as one ("Date" over "From").
    Rows that may be records are never passed over.

    Returns
    -------
    Opened
        With another header and a note, or as it was where no better one is found.
    """
    return _fitted(_found(opened, mapping))


def _found(opened: Opened, mapping: Mapping[str, str]) -> Opened:
    rows = [cells for _, cells in opened.preview]
    if len(rows) < 2 or opened.has_points or _suits(rows[0], rows[1:], mapping):
        return opened
    for at in range(1, min(len(rows), MOST_ABOVE)):
        if _suits(rows[at], rows[at + 1 :], mapping) and _only_titles(rows[:at], rows[at]):
            return _moved(opened, at, rows[at], "")
    for at in range(min(len(rows) - 1, MOST_ABOVE)):
        joined = _joined(rows[at], rows[at + 1])
        alike = known_fields(rows[at + 1]) or known_fields(rows[at])
        if alike and _suits(joined, rows[at + 2 :], mapping) and _only_titles(rows[:at], joined):
            return _moved(opened, at + 1, joined, f" together with row {opened.preview[at][0]}")
    return opened


def _fitted(opened: Any) -> Opened:
    """Give a header of text the width of its rows, where they differ by blank cells at the end alone."""
    if not opened.delimiter:
        return opened
    rows = [cells for line, cells in opened.preview if line > opened.header_line]
    header, widths = opened.header, Counter(map(len, rows))
    width = widths.most_common(1)[0][0] if rows else len(header)
    wider = [cells for cells in rows if len(cells) == width]
    if width == len(header) or 2 * len(wider) <= len(rows):
        return opened
    beyond = (
        header[width:] if width < len(header) else [cell for cells in wider for cell in cells[len(header) :]]
    )
    if any(beyond):
        return opened
    fitted: Opened = replace(opened, header=(*header[:width], *[""] * (width - len(header))))
    return fitted


def _suits(header: Sequence[str], rows: Sequence[Sequence[str]], mapping: Mapping[str, str]) -> bool:
    return is_complete(header, mapping=mapping, preview=rows)


def _only_titles(above: Sequence[Sequence[str]], header: Sequence[str]) -> bool:
    """Say whether rows are titles: few cells, or no data in them."""
    width = sum(bool(cell) for cell in header)
    return all(
        sum(bool(cell) for cell in row) <= max(2, width // 2) or not holds_data(row) or _numbers_columns(row)
        for row in above
    )


def _numbers_columns(row: Sequence[str]) -> bool:
    """Say whether a row only numbers the columns: 1, 2, 3."""
    return list(row) == [str(number) for number in range(1, len(row) + 1)]


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """Put two rows of names together, a heading reaching over the blank cells on its right."""
    size = max(len(upper), len(lower))
    tops, group = [], ""
    for at in range(size):
        group = (upper[at] if at < len(upper) else "") or group
        tops.append(group)
    return tuple(_name(top, lower[at] if at < len(lower) else "") for at, top in enumerate(tops))


def _name(top: str, below: str) -> str:
    both = f"{top} {below}".strip()
    if not below or known_fields([both]):
        return both
    return below


def _moved(opened: Any, at: int, header: tuple[str, ...], beside: str) -> Opened:
    line = opened.preview[at][0]
    above = counted(at, "row")
    note = f"the names of the columns stand in row {line}{beside}; {above} above them passed over."
    if beside:
        note = f"the names of the columns were read from row {line}{beside}."
    moved: Opened = replace(opened, header=header, header_line=line, notes=(*opened.notes, note))
    return moved
