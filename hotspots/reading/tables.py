"""Which of the tables of a source hold incidents: sheets of a workbook, layers of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotspots.errors import InputError
from hotspots.reading.columns import holds_data, is_complete, layout, telling_fields
from hotspots.reading.content import Source
from hotspots.reading.formats import Opened
from hotspots.text import counted, safe_text


def choose_tables(
    source: Source, opened: Sequence[Opened], mapping: Mapping[str, str], *, sheet: str
) -> tuple[list[Opened], list[str]]:
    """
    Take all tables of one layout, such as a sheet for each month.

    Returns
    -------
    tables : list of Opened
    warnings : list of str
        Tables that were passed over.

    Raises
    ------
    InputError
        If tables of several layouts hold incidents: nothing tells which is meant.
    """
    if len(opened) == 1 or sheet:
        return list(opened[:1]), []
    good = [one for one in opened if _holds_incidents(one, mapping)]
    if not good:
        raise InputError(
            f"{source.name} has several sheets or layers, {_names(source, opened)}, and none has a "
            "date, a type "
            "and a place among its columns: name the one to read (--sheet), and its columns in hotspots.toml."
        )
    layouts = {layout(one.header) for one in good}
    if len(layouts) > 1:
        raise InputError(
            f"{source.name} has several sheets, {_names(source, good)}, with different columns: "
            "name the one to read (--sheet)."
        )
    left = [one for one in opened if one not in good]
    if not left:
        return good, []
    return good, [
        f"{source.name}: {counted(len(left), 'sheet')} not read, without a date, a type or a place: "
        f"{_names(source, left)}."
    ]


def is_alien(opened: Sequence[Opened], mapping: Mapping[str, str]) -> bool:
    """Say whether a file is plainly none of incidents: names that mean nothing here, and no data in them."""
    return all(
        not one.has_points
        and bool(one.header)
        and not telling_fields(one.header)
        and not set(mapping.values()) & set(one.header)
        and not holds_data(one.header)
        and len(one.preview) < 40
        for one in opened
    )


def _holds_incidents(one: Opened, mapping: Mapping[str, str]) -> bool:
    rows = [cells for _, cells in one.preview[1:]]
    return is_complete(one.header, mapping=mapping, points=one.has_points, preview=rows)


def _names(source: Source, opened: Sequence[Opened]) -> str:
    names = [one.source.name.removeprefix(f"{source.name}/") for one in opened]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(repr(safe_text(name)) for name in names[:8]) + more
