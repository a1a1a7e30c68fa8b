"""Sources put together: compared with each other, counted, made into frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from hotspots.policeuk import POLICE_STREET
from hotspots.reading.beside import furthest, outcome_class
from hotspots.reading.judging import REASONS, chosen, count_reasons
from hotspots.reading.lines import compare_rows, merged_flags
from hotspots.reading.repeats import Repeats, placeholders
from hotspots.reading.report import SourceReport
from hotspots.reading.single import ReadSource
from hotspots.reading.table import Coded
from hotspots.schema import INCIDENT_COLUMNS, REJECT_REASONS
from hotspots.text import counted

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
    "outcome",
    "victim_age",
)
_NUMBERS = ("source_row", "occurred_from", "occurred_to", "longitude", "latitude", "easting", "northing")
#: A larger share of rows that repeat others is a fault of the file, or of how it counts.
_MANY_COPIES, _FEW_COPIES = 0.2, 5
_NOWHERE = tuple(REASONS.index(reason) for reason in ("no_location", "missing_coordinate"))


@dataclass(frozen=True)
class Stack:
    """
    The judged rows of all sources below each other.

    Attributes
    ----------
    names : tuple of str
        Sources, in the order of `source`.
    source : ndarray of int32
        Source of each row.
    texts, numbers : dict
        Columns, as in `verdicts.Rows`.
    reason : ndarray of int8
        Position in `judging.REASONS`; 0 for a good row.
    out_of_period : ndarray of bool
        Good rows that were not asked for.
    placeholder : ndarray of bool
        Rows whose Crime ID stands for none: they are compared as rows without one.
    repeats : Repeats
        What comparing the remaining rows found; its masks run over `compared`.
    compared : ndarray of int
        Rows that are good and asked for.
    counted : frozenset of int
        Sources whose rows were repeated by a column of counts.
    """

    names: tuple[str, ...]
    source: np.ndarray
    texts: Mapping[str, Coded]
    numbers: Mapping[str, np.ndarray]
    reason: np.ndarray
    out_of_period: np.ndarray
    placeholder: np.ndarray
    repeats: Repeats
    compared: np.ndarray
    counted: frozenset[int] = frozenset()

    @property
    def kept(self) -> np.ndarray:
        """Positions of the rows that are incidents."""
        return np.flatnonzero((self.reason == 0) & ~self.out_of_period)

    def rows_of(self, name: str) -> slice:
        """Give where the rows of a source stand: they are below each other, in the order of the names."""
        at = self.names.index(name)
        start, end = np.searchsorted(self.source, (at, at + 1)).tolist()
        return slice(start, end)

    @cached_property
    def merged_lines(self) -> np.ndarray:
        """By source: rows that are another line of an incident that is counted already."""
        return self._by_source(self.compared[self.repeats.duplicate])

    @cached_property
    def shared_ids(self) -> np.ndarray:
        """By source: kept rows whose Crime ID a row of other content has too."""
        shared = self.compared[self.repeats.shared_id]
        return self._by_source(shared[self.reason[shared] == 0])

    def _by_source(self, rows: np.ndarray) -> np.ndarray:
        return np.bincount(self.source[rows], minlength=len(self.names))


def stack_sources(read: Sequence[ReadSource], *, dedupe: bool) -> Stack:
    """
    Put judged sources together and reject the copies among their rows.

    Parameters
    ----------
    read : sequence of ReadSource
        All with `rows`, sorted by name.
    dedupe : bool
        Whether rows that only look like copies are rejected too: the second
        half of a doubled month, and rows without an ID in overlapping sources.
    """
    judged = [part.rows for part in read if part.rows is not None]
    texts = {
        name: Coded.concat([rows.texts[name] for rows in judged], hashed=name != "crime_id")
        for name in (*_TEXTS, "crime_id")
    }
    numbers = {name: np.concatenate([rows.numbers[name] for rows in judged]) for name in _NUMBERS}
    source = np.repeat(np.arange(len(judged), dtype=np.int32), [len(rows.reason) for rows in judged])
    reason = np.concatenate([rows.reason for rows in judged])
    out = np.concatenate([rows.out_of_period for rows in judged])
    compared = np.flatnonzero((reason == 0) & ~out)
    ids = _ids(texts, slice(None))
    placeholder = placeholders(ids)
    own = np.array([part.plan.kind != POLICE_STREET for part in read], bool)[source]
    repeats = compare_rows(
        texts, numbers, source, compared, ids=np.where(placeholder, "", ids)[compared], own=own
    )
    for name in ("flags", "victim_age"):
        texts[name] = merged_flags(texts[name], repeats, compared)
    classes = texts["outcome"].map(outcome_class)
    # Of two versions of a police.uk row the later one counts; of a row for each suspect, what went furthest.
    texts["outcome"] = chosen(classes, merged_flags(classes, repeats, compared).map(furthest), own)
    copies = repeats.duplicate
    counted_sources = frozenset(n for n, rows in enumerate(judged) if rows.counted)
    if dedupe:
        by_count = np.isin(source[compared], sorted(counted_sources))
        copies = copies | (repeats.doubled_copy & ~by_count) | repeats.overlap_copy
    reason[compared[copies]] = REASONS.index("duplicate")
    names = tuple(part.name for part in read)
    return Stack(names, source, texts, numbers, reason, out, placeholder, repeats, compared, counted_sources)


def incident_frame(stack: Stack) -> pd.DataFrame:
    """Return the kept rows with the columns of `schema.INCIDENT_COLUMNS`."""
    kept = stack.kept
    columns: dict[str, Any] = {
        "source": _category(stack.source[kept], stack.names),
        "crime_id": pd.Series(_ids(stack.texts, kept), dtype="str"),
    }
    for name in _TEXTS:
        columns[name] = _category(stack.texts[name].codes[kept], stack.texts[name].values)
    for name in _NUMBERS:
        columns[name] = stack.numbers[name][kept]
    return pd.DataFrame({name: columns[name] for name in INCIDENT_COLUMNS})


def rejected_frame(stack: Stack, read: Sequence[ReadSource]) -> pd.DataFrame:
    """Return source, source_row and reason of every rejected row, in the order of the files."""
    bad = np.flatnonzero(stack.reason)
    faults = [part.table for part in read]
    source = [stack.source[bad], *(np.full(len(t.fault_rows), n, np.int32) for n, t in enumerate(faults))]
    reasons = [REASONS[code] for code in stack.reason[bad].tolist()]
    frame = pd.DataFrame(
        {
            "source": _category(np.concatenate(source), stack.names),
            "source_row": np.concatenate([stack.numbers["source_row"][bad], *(t.fault_rows for t in faults)]),
            "reason": [*reasons, *(reason for t in faults for reason in t.fault_reasons)],
        }
    )
    order = np.lexsort((frame["source_row"].to_numpy(), np.concatenate(source)))
    return frame.iloc[order].reset_index(drop=True)


def unlocated_frame(stack: Stack) -> pd.DataFrame:
    """Count rows without any location by month and type: they can be totalled, never mapped."""
    nowhere = np.flatnonzero(np.isin(stack.reason, _NOWHERE))
    frame = pd.DataFrame(
        {name: stack.texts[name].values[stack.texts[name].codes[nowhere]] for name in ("month", "crime_type")}
    )
    # A row without a month is no incident but a footer or a total: it is rejected, never counted.
    frame = frame[frame["month"].ne("")]
    return frame.groupby(["month", "crime_type"], sort=True).size().rename("rows").reset_index()


def repeat_warnings(stack: Stack, *, dedupe: bool) -> list[str]:
    """Say which rows may be copies, with the figures that let an analyst decide."""
    done = (
        "One of each pair was rejected." if dedupe else "All are counted; --dedupe-source counts one of each."
    )
    warnings = _many_copies(stack)
    doubled, overlap, versions = stack.repeats.doubled, stack.repeats.overlap, stack.repeats.versions
    columns = (doubled[name].tolist() for name in ("source", "month", "crime_type", "rows"))
    for source, month, crime_type, rows in zip(*columns, strict=True):
        if source in stack.counted:
            continue  # one row for several incidents is as often in the file as its count says
        what = stack.texts["crime_type"].values[crime_type] or "incidents"
        warnings.append(
            f"{stack.names[source]}: in {stack.texts['month'].values[month]} every row of {what} appears "
            f"exactly twice ({counted(rows, 'row')}, {counted(rows // 2, 'row')} without the copies). {done}"
        )
    columns = (versions[name].tolist() for name in ("source", "other", "rows"))
    for source, other, rows in zip(*columns, strict=True):
        warnings.append(
            f"{stack.names[source]}: {counted(rows, 'row')} found again in {stack.names[other]} with "
            "another outcome, as versions of the same incidents: only the latter are counted."
        )
    columns = (overlap[name].tolist() for name in ("source", "other", "rows"))
    for source, other, rows in zip(*columns, strict=True):
        warnings.append(
            f"{stack.names[source]} overlaps {stack.names[other]}: {counted(rows, 'row')} without a Crime ID "
            f"found in both, perhaps the same incidents. {done}"
        )
    return warnings


def _many_copies(stack: Stack) -> list[str]:
    """Name sources of which a large part are copies: a broken delivery, or a row for each victim."""
    copies = np.flatnonzero(stack.repeats.stays >= 0)
    source = stack.source[stack.compared[copies]]
    # A copy of a row in another file is an overlap of two downloads, which is said by itself.
    within = source == stack.source[stack.compared[stack.repeats.stays[copies]]]
    gone = np.bincount(source[within], minlength=len(stack.names))
    rows = np.bincount(stack.source[stack.compared], minlength=len(stack.names))
    return [
        f"{name}: {copies:,} of {counted(total, 'row')} repeat an incident that another row holds, "
        "which leaves "
        f"{counted(total - copies, 'incident')}: check that the file is whole."
        for name, copies, total in zip(stack.names, gone.tolist(), rows.tolist(), strict=True)
        if copies > max(_FEW_COPIES, _MANY_COPIES * total)
    ]


def source_report(part: ReadSource, stack: Stack) -> SourceReport:
    """Add up what became of the rows of one source."""
    mine = stack.rows_of(part.name) if part.rows is not None else slice(0, 0)
    rejects = count_reasons(stack.reason[mine])
    if part.rows is not None:
        rejects.update(part.table.fault_reasons)
    rejected, out = sum(rejects.values()), int(stack.out_of_period[mine].sum())
    good = (stack.reason[mine] == 0) & ~stack.out_of_period[mine]
    month = stack.texts["month"].take(mine).take(good)
    survey = part.survey
    return SourceReport(
        name=part.name,
        kind=part.plan.kind,
        publisher="" if part.rows is None else part.rows.publisher,
        sha256=survey.sha256,
        size=survey.size,
        encoding=survey.encoding,
        delimiter=part.delimiter,
        line_end=survey.line_end,
        rows_read=part.total,
        rows_kept=0 if part.rows is None else part.total - rejected - out,
        rows_rejected=rejected,
        out_of_period=out,
        rows_other_kind=part.total if part.rows is None else 0,
        rejects={reason: rejects[reason] for reason in REJECT_REASONS if rejects[reason]},
        months=tuple(sorted(month.values[np.unique(month.codes)].tolist())),
        resolution="" if part.rows is None else part.rows.resolution,
        columns_used=dict(part.plan.used),
        columns_ignored=part.plan.ignored,
        personal_columns=part.plan.personal,
        notes=_notes(part, stack, mine),
    )


def _notes(part: ReadSource, stack: Stack, mine: slice) -> tuple[str, ...]:
    if part.rows is None:
        return part.notes
    notes = list(part.rows.notes)
    if part.table.blank:
        notes.append(f"Passed over {counted(part.table.blank, 'empty row')}.")
    unnamed = int(stack.placeholder[mine].sum())
    if unnamed:
        notes.append(
            f"{counted(unnamed, 'row')} with a word or a rounded number (N/A, 0, 1.23E+15) as Crime ID: "
            "taken as without one."
        )
    at = stack.names.index(part.name)
    lines = int(stack.merged_lines[at])
    if lines and part.plan.kind != POLICE_STREET:
        notes.append(
            f"{counted(lines, 'row')} more under a crime number with the same offence, date and "
            "place (a row for each "
            "victim, suspect or copy?): one incident each, with the flags of all its rows."
        )
    if count := int(stack.shared_ids[at]):
        notes.append(f"{counted(count, 'row')} with the Crime ID of a row of other content; all are kept.")
    return tuple(notes)


def _category(codes: np.ndarray, values: Any) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.Index(list(values), dtype="str")))


def _ids(texts: Mapping[str, Coded], rows: np.ndarray | slice) -> np.ndarray:
    return texts["crime_id"].values[texts["crime_id"].codes[rows]]
