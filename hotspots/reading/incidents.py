"""
Reading incidents: from files to one frame, with nothing lost and nothing guessed in silence.

Every row of every source is kept, rejected with a reason, out of the period
asked for, or of another kind of file; the report adds them up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.errors import InputError, ParameterError
from hotspots.months import MONTH_PATTERN
from hotspots.reading.assembly import (
    incident_frame,
    rejected_frame,
    repeat_warnings,
    source_report,
    stack_sources,
    unlocated_frame,
)
from hotspots.reading.beside import all_searches, with_outcomes
from hotspots.reading.columns import unmatched
from hotspots.reading.content import Source, archives_kept
from hotspots.reading.database import tables_laid_down
from hotspots.reading.dates import run_date
from hotspots.reading.headers import with_header
from hotspots.reading.opening import Contents, opened_ahead
from hotspots.reading.police_form import check_police_form
from hotspots.reading.report import ReadReport
from hotspots.reading.rules import Rules
from hotspots.reading.single import ReadSource, read_tables
from hotspots.reading.sources import Wanted, find_sources
from hotspots.schema import RESOLUTIONS
from hotspots.text import counted

if TYPE_CHECKING:
    import pandas as pd

Watch = Callable[[Sequence[Source]], Iterator[Source]]


@dataclass(frozen=True)
class Incidents:
    """
    Incidents as read.

    Attributes
    ----------
    frame : DataFrame
        Kept rows with the columns of `schema.INCIDENT_COLUMNS`.
    rejected : DataFrame
        source, source_row, reason of every rejected row.
    unlocated : DataFrame
        month, crime_type, rows: rejected rows that can still be counted, but not mapped.
    report : ReadReport
        Figures and choices.
    resolution : {"month", "day", "time", ""}
        Coarsest date of all sources: what later analysis may rely on.
    searches : DataFrame
        month, sought ("drugs", "weapons", "other"), longitude, latitude of every stop and search
        in files of such: what is known of policing beside what is known of crime.
    already_public : str
        Who publishes every row already, as was attested, and the form of each file bears out; "" for none.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    unlocated: pd.DataFrame
    report: ReadReport
    resolution: str
    searches: pd.DataFrame
    already_public: str = ""

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        """Say how much was read, not every row of it."""
        read, aside = counted(len(self), "incident"), len(self.rejected)
        return f"<Incidents: {read} from {counted(len(self.report.sources), 'source')}, {aside:,} rejected>"


def read_incidents(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    mapping: Mapping[str, str] | None = None,
    from_month: str | None = None,
    to_month: str | None = None,
    force: str | None = None,
    date_format: str | None = None,
    dedupe_source: bool = False,
    sheet: str | None = None,
    query: str | os.PathLike[str] | None = None,
    already_public: str = "",
    today: date | None = None,
    watch: Watch = iter,
) -> Incidents:
    """
    Read incident files, folders and zips into one frame.

    Parameters
    ----------
    paths : path-like or iterable of path-like
        police.uk street files, whole archive zips, tables and points of any
        force or council in the formats of `formats.FORMATS`; folders are searched. Addresses
        of databases, such as "postgresql://server/name", with `query`.
    mapping : mapping of str to str, optional
        Field to column name, for columns that no alias knows.
    from_month, to_month : str, optional
        First and last month, "YYYY-MM".
    force : str, optional
        Police forces as in police.uk file names, separated by commas.
    date_format : str, optional
        "day-first", "month-first" or a strptime pattern for every date.
    dedupe_source : bool
        Reject the second half of a month in which every row of a type appears
        twice, and rows without an ID that two overlapping downloads both hold.
    sheet : str, optional
        Worksheet of workbooks, or layer of files with several.
    query : path-like, optional
        A file with the SELECT that a database among `paths` is asked; see `database.tables_laid_down`.
    already_public : str
        Who publishes every row already, as is attested: each file is held against the form of such files.
    today : date, optional
        Later dates are rejected; default SOURCE_DATE_EPOCH or the clock.
    watch : callable
        Is given the sources, and yields each when it is to be read: it can show how far reading has come.

    Returns
    -------
    Incidents
        Frame, rejects and report; sources are sorted by name, so the order of
        `paths` is of no account.

    Raises
    ------
    InputError
        If a file cannot be read as it is, or most of its rows are rejected.
    ParameterError
        If a month, the date format or the mapping is not valid.
    """
    for month in (from_month, to_month):
        if month and not re.fullmatch(MONTH_PATTERN, month):
            raise ParameterError("A month must be written YYYY-MM, such as 2025-01.")
    wanted = Wanted(from_month or "", to_month or "", force_names(force))
    rules = Rules(today or run_date(), date_format or "", wanted.from_month, wanted.to_month, wanted.forces)
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    asked = None if query is None else Path(query)
    with tables_laid_down(given, query=asked) as files, archives_kept():
        found = find_sources(files, wanted=wanted)
        read, said = _read_all(
            watch(found.sources),
            several=len(found.sources) > 1,
            mapping=mapping or {},
            rules=rules,
            sheet=sheet or "",
        )
        if already_public:
            check_police_form(found.sources, read=[part.name for part in read if part.rows is not None])
    warnings = [*found.warnings, *said.warnings, *unmatched(mapping or {}, (part.plan for part in read))]
    incidents = assemble(read, dedupe=dedupe_source, notes=(*found.notes, *said.notes), warnings=warnings)
    return replace(incidents, already_public=already_public)


def force_names(force: str | None) -> frozenset[str]:
    """Give the forces of a list with commas, as they are written in the names of files."""
    return frozenset(name.strip().lower() for name in (force or "").split(",") if name.strip())


def _no_incidents(read: Sequence[ReadSource]) -> str:
    if not read:
        return "No input file is left to read: check the period and the force."
    kinds = ", ".join(f"{part.name} is a {part.plan.kind} file" for part in read[:3])
    return f"No incidents were given: {kinds}. Give police.uk street files or a table of incidents."


@dataclass
class _Said:
    """What is said of sources that were not read, beside those that were."""

    notes: list[str]
    warnings: list[str]


def _read_all(
    sources: Iterable[Source], *, several: bool, mapping: Mapping[str, str], rules: Rules, sheet: str
) -> tuple[list[ReadSource], _Said]:
    read: list[ReadSource] = []
    said = _Said([], [])
    contents = Contents()
    faults: list[InputError] = []
    for source, opening in opened_ahead(sources, sheet):
        try:
            opened = [with_header(one, mapping) for one in opening()]
            same = contents.same(source, opened[0])
            if same:
                said.notes.append(f"{source.name} is the same file as {same}: it was read once.")
                continue
            parts, warnings = read_tables(
                source, opened, several=several, mapping=mapping, rules=rules, sheet=sheet
            )
            read += parts
            said.warnings += warnings
        except InputError as error:
            faults.append(error)
    if faults:
        raise _together(faults)
    return read, said


def _together(faults: Sequence[InputError]) -> InputError:
    if len(faults) == 1:
        return faults[0]
    more = f"\n... and {len(faults) - 5} more files." if len(faults) > 5 else ""
    return InputError("\n".join(str(fault) for fault in faults[:5]) + more)


def assemble(
    read: Sequence[ReadSource], *, dedupe: bool, notes: Sequence[str], warnings: Sequence[str]
) -> Incidents:
    """
    Put judged sources together: compare their rows with each other, count them, make frames.

    Raises
    ------
    InputError
        If none of the sources holds incidents.
    """
    if not any(part.rows is not None for part in read):
        raise InputError(_no_incidents(read))
    parts = [part for part in read if part.rows is not None]
    stack = stack_sources(parts, dedupe=dedupe)
    warnings = [
        *warnings,
        *(f"{part.name}: {text}" for part in parts for text in part.warnings),
        *repeat_warnings(stack, dedupe=dedupe),
    ]
    beside = [(part.plan.kind, part.beside) for part in read if part.beside is not None]
    reports = tuple(source_report(part, stack) for part in read)
    resolutions = {report.resolution for report in reports}
    return Incidents(
        frame=with_outcomes(incident_frame(stack), beside),
        rejected=rejected_frame(stack, parts),
        unlocated=unlocated_frame(stack),
        report=ReadReport(reports, tuple(warnings), tuple(notes)),
        resolution=next((level for level in RESOLUTIONS if level in resolutions), ""),
        searches=all_searches(beside),
    )
