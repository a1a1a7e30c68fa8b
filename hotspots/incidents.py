"""
Reading incidents: from files to one frame, with nothing lost and nothing guessed in silence.

Every row of every source is kept, rejected with a reason, out of the period
asked for, or of another kind of file; the report adds them up.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from hotspots.coded import Coded, Table
from hotspots.columns import OWN_TABLE, POLICE_STREET, ColumnPlan, plan_columns
from hotspots.dates import run_date
from hotspots.duplicates import Repeats, RowContent, find_repeats
from hotspots.errors import InputError
from hotspots.features import Features, open_features
from hotspots.formats import TextFile, open_text
from hotspots.inputs import Source, Wanted, content_sha256, find_sources
from hotspots.reading import ReadReport, SourceReport
from hotspots.schema import INCIDENT_COLUMNS, REJECT_REASONS, RESOLUTIONS
from hotspots.validation import REASONS, Rows, Rules, judge_rows
from hotspots.workbooks import Workbook, open_workbook

Opened = TextFile | Workbook | Features

#: A source of which more than this share is unreadable stops the run.
MAX_REJECTED = 0.5
#: Reasons that say nothing about the quality of the file.
_NORMAL = {"no_location", "duplicate"}
_TEXTS = (
    "month",
    "crime_type",
    "offence_code",
    "flags",
    "street",
    "grid_reference",
    "postcode",
    "stated_lsoa",
    "stated_ward",
)
_NUMBERS = ("source_row", "occurred_from", "occurred_to", "longitude", "latitude", "easting", "northing")


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
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    unlocated: pd.DataFrame
    report: ReadReport
    resolution: str

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class _Read:
    """One source, parsed and judged, before it is compared with the others."""

    source: Source
    opened: Opened
    plan: ColumnPlan
    table: Table
    rows: Rows | None


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
    today: date | None = None,
) -> Incidents:
    """
    Read incident files, folders and zips into one frame.

    Parameters
    ----------
    paths : path-like or iterable of path-like
        police.uk street files, whole archive zips, CSV of any force or
        council, XLSX, GeoPackage and GeoJSON points; folders are searched.
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
        Worksheet of XLSX files.
    today : date, optional
        Later dates are rejected; default SOURCE_DATE_EPOCH or the clock.

    Returns
    -------
    Incidents
        Frame, rejects and report; sources are sorted by name, so the order of
        `paths` is of no account.

    Raises
    ------
    InputError
        If a file cannot be read as it is, or most of its rows are rejected.
    """
    wanted = Wanted(from_month or "", to_month or "", _forces(force))
    rules = Rules(today or run_date(), date_format or "", wanted.from_month, wanted.to_month, wanted.forces)
    found = find_sources([paths] if isinstance(paths, str | os.PathLike) else paths, wanted=wanted)
    read, notes = _read_all(found.sources, mapping=mapping or {}, rules=rules, sheet=sheet or "")
    if not any(part.rows is not None for part in read):
        raise InputError(_no_incidents(read))
    return _assemble(read, dedupe=dedupe_source, notes=(*found.notes, *notes))


def _forces(force: str | None) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in (force or "").split(",") if name.strip())


def _no_incidents(read: Sequence[_Read]) -> str:
    if not read:
        return "No input file is left to read: check the period and the force."
    kinds = ", ".join(f"{part.source.name} is a {part.plan.kind} file" for part in read[:3])
    return f"No incidents were given: {kinds}. Give police.uk street files or a table of incidents."


def _read_all(
    sources: Sequence[Source], *, mapping: Mapping[str, str], rules: Rules, sheet: str
) -> tuple[list[_Read], list[str]]:
    read: list[_Read] = []
    notes: list[str] = []
    seen: dict[int, list[Opened]] = {}
    faults: list[InputError] = []
    for source in sources:
        try:
            opened = _open(source, sheet)
            same = _same_content(opened, seen)
            if same:
                notes.append(f"{source.name} is the same file as {same}: it was read once.")
                continue
            read.append(_read_one(source, opened, mapping=mapping, rules=rules))
        except InputError as error:
            faults.append(error)
    if faults:
        raise _together(faults)
    return read, notes


def _same_content(opened: Opened, seen: dict[int, list[Opened]]) -> str:
    """Return the name of an earlier source with the same content, packed or not; "" if there is none."""
    alike = seen.setdefault(opened.survey.size, [])
    for earlier in alike:
        same_file = earlier.survey.sha256 == opened.survey.sha256
        if same_file or content_sha256(earlier.source) == content_sha256(opened.source):
            return str(earlier.source.name)
    alike.append(opened)
    return ""


def _together(faults: Sequence[InputError]) -> InputError:
    if len(faults) == 1:
        return faults[0]
    more = f"\n... and {len(faults) - 5} more files." if len(faults) > 5 else ""
    return InputError("\n".join(str(fault) for fault in faults[:5]) + more)


def _open(source: Source, sheet: str) -> Opened:
    if source.form == "workbook":
        return open_workbook(source, sheet=sheet)
    if source.form in ("geopackage", "geojson"):
        return open_features(source)
    return open_text(source)


def _read_one(source: Source, opened: Opened, *, mapping: Mapping[str, str], rules: Rules) -> _Read:
    points = isinstance(opened, Features)
    plan = plan_columns(opened.header, name=source.name, mapping=mapping, points=points)
    table = opened.read(
        sorted(set(plan.places.values())), unhashed=frozenset({plan.places.get("crime_id", -1)})
    )
    if plan.kind not in (POLICE_STREET, OWN_TABLE):
        return _Read(source, opened, plan, table, None)
    if not len(table.rows) and not len(table.fault_rows):
        raise InputError(f"{source.name} has a header but no data rows.")
    rows = judge_rows(table, plan, name=source.name, rules=rules)
    _check_share(source.name, table, rows)
    return _Read(source, opened, plan, table, rows)


def _check_share(name: str, table: Table, rows: Rows) -> None:
    """Stop at a file that is mostly unreadable: its few good rows would mislead."""
    counts = Counter(REASONS[code] for code in rows.reason.tolist() if code)
    counts.update(table.fault_reasons)
    bad = sum(count for reason, count in counts.items() if reason not in _NORMAL)
    total = len(table.rows) + len(table.fault_rows)
    if bad > MAX_REJECTED * total:
        shown = ", ".join(f"{counts[reason]} {reason}" for reason in REJECT_REASONS if counts[reason])
        raise InputError(
            f"{name}: {bad} of {total} rows cannot be used ({shown}), the first in row {_first_bad(table, rows)}. "
            "Correct the file, or name its columns and date order in hotspots.toml."
        )


def _first_bad(table: Table, rows: Rows) -> int:
    return int(min([*table.rows[rows.reason > 0][:1].tolist(), *table.fault_rows[:1].tolist()]))


def _assemble(read: Sequence[_Read], *, dedupe: bool, notes: Sequence[str]) -> Incidents:
    parts = [part for part in read if part.rows is not None]
    judged = [part.rows for part in parts if part.rows is not None]
    texts = {
        name: Coded.concat([rows.texts[name] for rows in judged], hashed=name != "crime_id")
        for name in (*_TEXTS, "outcome", "crime_id")
    }
    numbers = {name: np.concatenate([rows.numbers[name] for rows in judged]) for name in _NUMBERS}
    source = np.repeat(np.arange(len(parts), dtype=np.int32), [len(rows.reason) for rows in judged])
    reason = np.concatenate([rows.reason for rows in judged])
    out = np.concatenate([rows.out_of_period for rows in judged])
    good = np.flatnonzero((reason == 0) & ~out)
    repeats = _compare(texts, numbers, source, good)
    copies = repeats.duplicate | ((repeats.doubled_copy | repeats.overlap_copy) if dedupe else False)
    reason[good[copies]] = REASONS.index("duplicate")
    keep = good[~copies]
    names = [part.source.name for part in parts]
    frame = _frame(texts, numbers, source, names, keep)
    warnings = _warnings(parts, judged, repeats, texts, names, dedupe=dedupe)
    shared = good[repeats.shared_id & ~copies]
    reports = _reports(read, parts, source, reason, out, keep, shared, texts["month"])
    resolutions = {report.resolution for report in reports} - {""}
    return Incidents(
        frame=frame,
        rejected=_rejected(parts, source, reason, numbers["source_row"]),
        unlocated=_unlocated(texts, reason),
        report=ReadReport(reports, tuple(warnings), tuple(notes)),
        resolution=next((level for level in RESOLUTIONS if level in resolutions), ""),
    )


def _compare(
    texts: Mapping[str, Coded], numbers: Mapping[str, np.ndarray], source: np.ndarray, good: np.ndarray
) -> Repeats:
    names = (
        "offence_code",
        "flags",
        "street",
        "grid_reference",
        "postcode",
        "stated_lsoa",
        "stated_ward",
        "outcome",
    )
    fields = [texts[name].codes[good] for name in names if len(texts[name].values) > 1]
    for name in _NUMBERS[1:]:
        if name.startswith("occurred") and np.isnat(numbers[name]).all():
            continue
        fields.append(numbers[name][good])
    ids = texts["crime_id"].take(good)
    return find_repeats(
        RowContent(
            ids=ids.values[ids.codes],
            source=source[good],
            month=texts["month"].codes[good],
            crime_type=texts["crime_type"].codes[good],
            fields=fields,
        )
    )


def _frame(
    texts: Mapping[str, Coded],
    numbers: Mapping[str, np.ndarray],
    source: np.ndarray,
    names: Sequence[str],
    keep: np.ndarray,
) -> pd.DataFrame:
    ids = texts["crime_id"].take(keep)
    columns: dict[str, Any] = {
        "source": pd.Categorical.from_codes(source[keep], categories=pd.Index(list(names), dtype=object)),
        "crime_id": pd.Series(ids.values[ids.codes], dtype="str"),
    }
    for name in _TEXTS:
        column = texts[name]
        columns[name] = pd.Categorical.from_codes(
            column.codes[keep], categories=pd.Index(column.values, dtype=object)
        )
    for name in _NUMBERS:
        columns[name] = numbers[name][keep]
    return pd.DataFrame({name: columns[name] for name in INCIDENT_COLUMNS})


def _rejected(
    parts: Sequence[_Read], source: np.ndarray, reason: np.ndarray, rows: np.ndarray
) -> pd.DataFrame:
    bad = np.flatnonzero(reason)
    faults = [
        (place, row, why)
        for place, part in enumerate(parts)
        for row, why in zip(part.table.fault_rows.tolist(), part.table.fault_reasons, strict=True)
    ]
    places = np.concatenate([source[bad], np.array([fault[0] for fault in faults], np.int32)])
    frame = pd.DataFrame(
        {
            "source": pd.Categorical.from_codes(places, categories=[part.source.name for part in parts]),
            "source_row": np.concatenate([rows[bad], np.array([fault[1] for fault in faults], np.int32)]),
            "reason": [*(REASONS[code] for code in reason[bad].tolist()), *(fault[2] for fault in faults)],
        }
    )
    order = np.lexsort((frame["source_row"].to_numpy(), places))
    return frame.iloc[order].reset_index(drop=True)


def _unlocated(texts: Mapping[str, Coded], reason: np.ndarray) -> pd.DataFrame:
    nowhere = np.isin(reason, [REASONS.index(name) for name in ("no_location", "missing_coordinate")])
    month, crime_type = (texts[name].values[texts[name].codes[nowhere]] for name in ("month", "crime_type"))
    frame = pd.DataFrame({"month": month, "crime_type": crime_type})
    return frame.groupby(["month", "crime_type"], sort=True).size().rename("rows").reset_index()


def _warnings(
    parts: Sequence[_Read],
    judged: Sequence[Rows],
    repeats: Repeats,
    texts: Mapping[str, Coded],
    names: Sequence[str],
    *,
    dedupe: bool,
) -> list[str]:
    warnings = [
        f"{part.source.name}: {text}"
        for part, rows in zip(parts, judged, strict=True)
        for text in (*part.opened.notes, *rows.warnings)
    ]
    done = (
        "One of each pair was rejected." if dedupe else "All are counted; --dedupe-source counts one of each."
    )
    for row in repeats.doubled.itertuples(index=False):
        what = texts["crime_type"].values[row.crime_type] or "incidents"
        warnings.append(
            f"{names[row.source]}: in {texts['month'].values[row.month]} every row of {what} appears exactly "
            f"twice ({row.rows} rows, {row.rows // 2} different). {done}"
        )
    for row in repeats.overlap.itertuples(index=False):
        warnings.append(
            f"{names[row.source]} overlaps {names[row.other]}: {row.rows} rows without a Crime ID are in both and may be "
            f"the same incidents. {done}"
        )
    return warnings


def _reports(
    read: Sequence[_Read],
    parts: Sequence[_Read],
    source: np.ndarray,
    reason: np.ndarray,
    out: np.ndarray,
    keep: np.ndarray,
    shared: np.ndarray,
    month: Coded,
) -> tuple[SourceReport, ...]:
    places = {part.source.name: place for place, part in enumerate(parts)}
    reports = []
    for part in read:
        place = places.get(part.source.name, -1)
        mine = source == place
        rejects = Counter(REASONS[code] for code in reason[mine].tolist() if code)
        if part.rows is not None:
            rejects.update(part.table.fault_reasons)
        found = _Found(
            rejects=rejects,
            out_of_period=int(out[mine].sum()),
            months=tuple(sorted(set(month.values[month.codes[keep[source[keep] == place]]]))),
            shared_ids=int((source[shared] == place).sum()),
        )
        reports.append(_source_report(part, found))
    return tuple(reports)


@dataclass(frozen=True)
class _Found:
    """What the comparison of all sources found for one of them."""

    rejects: Mapping[str, int]
    out_of_period: int
    months: tuple[str, ...]
    shared_ids: int


def _source_report(part: _Read, found: _Found) -> SourceReport:
    rows, survey = part.rows, part.opened.survey
    total = len(part.table.rows) + len(part.table.fault_rows)
    rejected = sum(found.rejects.values())
    return SourceReport(
        name=part.source.name,
        kind=part.plan.kind,
        publisher="" if rows is None else rows.publisher,
        sha256=survey.sha256,
        size=survey.size,
        encoding=survey.encoding,
        delimiter=part.opened.delimiter,
        line_end=survey.line_end,
        rows_read=total,
        rows_kept=0 if rows is None else total - rejected - found.out_of_period,
        rows_rejected=rejected,
        out_of_period=found.out_of_period,
        rows_other_kind=total if rows is None else 0,
        rejects={reason: found.rejects[reason] for reason in REJECT_REASONS if found.rejects.get(reason)},
        months=found.months,
        resolution="" if rows is None else rows.resolution,
        columns_used=dict(part.plan.used),
        columns_ignored=part.plan.ignored,
        personal_columns=part.plan.personal,
        notes=_source_notes(part, found),
    )


def _source_notes(part: _Read, found: _Found) -> tuple[str, ...]:
    notes = (
        list(part.rows.notes)
        if part.rows is not None
        else [f"This is a {part.plan.kind} file: not incidents."]
    )
    if part.table.blank:
        notes.append(f"{part.table.blank} empty rows were passed over.")
    if found.shared_ids:
        notes.append(
            f"{found.shared_ids} rows share their Crime ID with a row of other content; all are kept."
        )
    return tuple(notes)
