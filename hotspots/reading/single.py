"""One source read and judged by itself, whatever others there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hotspots.errors import InputError
from hotspots.policeuk import POLICE_STREET
from hotspots.reading.beside import asked_for, read_beside
from hotspots.reading.columns import OWN_TABLE, ColumnPlan, plan_columns
from hotspots.reading.content import Source
from hotspots.reading.counts import expand_counts, overlooked
from hotspots.reading.formats import Opened, format_of
from hotspots.reading.headers import with_header
from hotspots.reading.rules import Rules
from hotspots.reading.share import check_share, lost_results
from hotspots.reading.survey import Survey
from hotspots.reading.table import Table
from hotspots.reading.tables import choose_tables, is_alien
from hotspots.reading.verdicts import Rows, judge_rows
from hotspots.text import counted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ReadSource:
    """
    One source, read and judged by itself.

    Attributes
    ----------
    source : Source
        The file or member.
    survey : Survey
        Check sum, size, encoding.
    delimiter : str
        Of text; "" for other formats.
    warnings : tuple of str
        What may make a result wrong.
    plan : ColumnPlan
        Its columns.
    table : Table
        Row numbers and broken rows; its text is not kept.
    rows : Rows or None
        Its judged rows; None for a kind of file that holds no incidents.
    beside : DataFrame or None
        What such a file holds instead; see `beside.read_beside`.
    notes : tuple of str
        What is said of it.
    """

    source: Source
    survey: Survey
    delimiter: str
    warnings: tuple[str, ...]
    plan: ColumnPlan
    table: Table
    rows: Rows | None
    beside: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people see."""
        return self.source.name

    @property
    def total(self) -> int:
        """Rows read, broken ones included."""
        return len(self.table.rows) + len(self.table.fault_rows)


def read_source(
    source: Source, *, several: bool, mapping: Mapping[str, str], rules: Rules, sheet: str
) -> tuple[list[ReadSource], list[str]]:
    """
    Read and judge the tables of one source by itself.

    Parameters
    ----------
    source : Source
        From `find_sources`.
    several : bool
        Whether it is one of several: a file that is plainly none of incidents is then passed over.
    mapping, rules, sheet
        As for all sources of one reading.

    Returns
    -------
    parts : list of ReadSource
    warnings : list of str
        What of it was passed over.
    """
    opened = [with_header(one, mapping) for one in format_of(source.form).open(source, sheet)]
    return read_tables(source, opened, several=several, mapping=mapping, rules=rules, sheet=sheet)


def read_tables(
    source: Source,
    opened: Sequence[Opened],
    *,
    several: bool,
    mapping: Mapping[str, str],
    rules: Rules,
    sheet: str,
) -> tuple[list[ReadSource], list[str]]:
    """Read and judge the tables of a source that is open already; see `read_source`."""
    if several and is_alien(opened, mapping):
        return [], [f"{source.name} was not read: none of its columns is one of incidents."]
    tables, left = choose_tables(source, opened, mapping, sheet=sheet)
    return [_read_one(one, mapping=mapping, rules=rules) for one in tables], left


def _read_one(opened: Opened, *, mapping: Mapping[str, str], rules: Rules) -> ReadSource:
    name = opened.source.name
    plan = plan_columns(
        opened.header,
        name=name,
        mapping=mapping,
        points=opened.has_points,
        preview=[cells for _, cells in opened.preview[1:]],
    )
    # Crime IDs are nearly all distinct: looking for equal ones here costs more than it saves.
    table = opened.read({place: field != "crime_id" for field, place in plan.places.items()})
    total = len(table.rows) + len(table.fault_rows)
    rows: Rows | None = None
    beside: pd.DataFrame | None = None
    said: tuple[str, ...] = ()
    if plan.kind in (POLICE_STREET, OWN_TABLE):
        if not total:
            raise InputError(f"{name} has a header but no data rows.")
        rows = judge_rows(table, plan, name=name, rules=rules, header=opened.header)
        table, notes = expand_counts(table, plan, name=name, usable=rows.reason == 0)
        if table.counted:
            rows = judge_rows(table, plan, name=name, rules=rules, header=opened.header)
        rows = replace(rows, notes=(*notes, *rows.notes))
        check_share(name, table, rows)
    else:
        every, said = read_beside(table, plan, rules=rules)
        beside = asked_for(every, rules)
    # The text of a thousand members of an archive would fill the memory: only what was found stays.
    return ReadSource(
        source=opened.source,
        survey=replace(opened.survey, kept=None),
        delimiter=opened.delimiter,
        warnings=(
            *opened.notes,
            *_joined(table),
            *lost_results(table),
            *overlooked(plan, opened.header, [cells for _, cells in opened.preview[1:]]),
            *(rows.warnings if rows is not None else ()),
        ),
        plan=plan,
        table=replace(table, columns={}, points=None, joined=()),
        rows=rows,
        beside=beside,
        notes=said,
    )


def _joined(table: Table) -> list[str]:
    if not table.joined:
        return []
    return [
        f"{counted(len(table.joined), 'row')} over several lines that look like rows of their own, the "
        f"first in line {table.joined[0]}: a stray quotation mark may have joined them. Check it."
    ]
