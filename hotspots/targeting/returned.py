"""
What patrols brought back: the forms of past shifts, filled in, against what was planned on them.

Only the beat, the day, what was planned and the figures delivered are read.
Names of officers, crews and what was found stay in the file: nothing here is
about a person. What is returned is what crews say; a line that came back
blank says neither that they went nor that they did not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from hotspots.columns_of_beats import MEASURES
from hotspots.errors import InputError
from hotspots.months import MONTH_NAMES
from hotspots.reading.content import Source
from hotspots.reading.dates import parse_dates
from hotspots.reading.formats import Opened, format_of
from hotspots.reading.numbers import BAD, parse_numbers
from hotspots.reading.sources import find_sources
from hotspots.targeting.words import percent
from hotspots.text import counted, join_words, safe_text

#: Minutes at the beat, for crews that write these; patrol-hours go before them.
MINUTES: Final = ("minutes", "minutes at the beat", "patrol minutes")
RETURNED_COLUMNS: Final = (
    *("beat", "name", "lines", "filled", "visits_planned", "visits_made", "patrol_hours_planned"),
    *("patrol_hours_returned", "person_hours_planned", "person_hours_returned", "share_returned"),
)

#: A square of 2.5 km and the name of a street; what else stands there may be a name.
_BEAT: Final = re.compile(r"[A-Z]{2}\d{4}(NW|NE|SW|SE)-[a-z0-9-]{1,80}")
_DECIMAL_COMMA: Final = re.compile(r",(\d{1,2})\s*$")
_ROWS_NAMED: Final = 5


@dataclass(frozen=True, eq=False)
class Returned:
    """
    Lines of forms that came back.

    Attributes
    ----------
    lines : DataFrame
        A line of a form each: `beat`, `day` (NaT where none is written), and for each of
        MEASURES the planned figure and, named "... delivered", what came back; NaN where blank.
    files : int
    unplaced : int
        Lines with a figure whose beat is no identifier of one; they are in no sum.
    """

    lines: pd.DataFrame
    files: int
    unplaced: int = 0

    @property
    def filled(self) -> int:
        """Lines with any figure of what was delivered."""
        return int(_filled(self.lines).sum())

    @property
    def share(self) -> float:
        """Patrol-hours delivered over those planned, of the lines filled in; NaN where none was planned."""
        planned, delivered = self._sums("patrol-hours", self.lines)
        return delivered / planned if planned > 0 else float("nan")

    def within(self, beats: Sequence[str], ranges: Sequence[tuple[date, date | None]]) -> Returned:
        """Take the lines of some beats on the days of ranges, first and last included; no end is still so."""
        day, inside = self.lines["day"], np.zeros(len(self.lines), bool)
        for start, end in ranges:
            until = pd.Timestamp.max if end is None else pd.Timestamp(end)
            inside |= day.between(pd.Timestamp(start), until).to_numpy(bool)
        return Returned(self.lines[inside & self.lines["beat"].isin(beats).to_numpy(bool)], self.files)

    def dose(self, beats: Sequence[str], ranges: Sequence[tuple[date, date | None]]) -> str:
        """Say what was delivered at some beats on the days of ranges: the dose of what is evaluated there."""
        there = self.within([beat.strip() for beat in beats], ranges)
        if not len(there.lines):
            return "No line of the returns is of one of its beats on a day on which it was in force."
        return f"{there.sentence()} The change is that of what was delivered, not of what was planned."

    def by_beat(self, names: pd.Series) -> pd.DataFrame:
        """
        Compare by beat.

        Parameters
        ----------
        names : Series
            Names of beats by identifier; a beat that is not among them has none.

        Returns
        -------
        DataFrame
            `RETURNED_COLUMNS`, a row a beat. Planned and returned figures are of the lines filled
            in alone and NaN where there is none; `share_returned` is that of patrol-hours.
        """
        rows = []
        for beat, group in self.lines.groupby("beat", sort=True):
            compared = {measure: self._sums(measure, group) for measure in MEASURES}
            planned, returned = compared["patrol-hours"]
            rows.append(
                (
                    *(beat, str(names.get(beat, "")), len(group), int(_filled(group).sum())),
                    *(value for both in compared.values() for value in both),
                    returned / planned if planned > 0 else np.nan,
                )
            )
        return pd.DataFrame(rows, columns=list(RETURNED_COLUMNS))

    def sentence(self) -> str:
        """Say how much of what was planned came back as done, and how much more may have."""
        told = [self._compared(measure) for measure in MEASURES]
        said = [one for one in told if one]
        lines = counted(len(self.lines), "line")
        if not said:
            return f"Of {lines} of returns none says what was delivered."
        blank = len(self.lines) - self.filled
        rest = f" In no sum: {counted(blank, 'line')} that came back blank." if blank else ""
        more = f" Left out: {counted(self.unplaced, 'line')} whose beat is none." if self.unplaced else ""
        days = self.lines.loc[_filled(self.lines), "day"].dropna()
        period = _period(days.min(), days.max()) if len(days) else ""
        return f"As crews returned it{period}: {join_words(said)}.{rest}{more}"

    def _compared(self, measure: str) -> str:
        planned, delivered = self._sums(measure, self.lines)
        if np.isnan(delivered):
            return ""
        share = f" ({percent(delivered / planned)})" if planned > 0 else ""
        return f"{delivered:,.4g} of {planned:,.4g} planned {measure}{share}"

    @staticmethod
    def _sums(measure: str, lines: pd.DataFrame) -> tuple[float, float]:
        """Sum what was planned and delivered over the lines that say what was; NaN where none does."""
        told = lines[lines[f"{measure} delivered"].notna()]
        if told.empty:
            return float("nan"), float("nan")
        return float(told[measure].sum()), float(told[f"{measure} delivered"].sum())


def read_returned(paths: Sequence[Path]) -> Returned:
    """
    Read forms that were filled in: tables/returns.csv of past shifts, saved as CSV or as a workbook.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of them.

    Returns
    -------
    Returned

    Raises
    ------
    InputError
        If a file is missing or none that is read, has no column of beats or of what was
        delivered, or holds a figure that is no number of 0 or more.
    """
    sources = find_sources(paths).sources
    parts = [_lines(source) for source in sources]
    lines = pd.concat(parts, ignore_index=True)
    known = lines["beat"].map(lambda beat: bool(_BEAT.fullmatch(beat)))
    unplaced = int(_filled(lines[~known]).sum())
    found = Returned(lines[known].reset_index(drop=True), len(sources), unplaced)
    if not len(found.lines):
        raise InputError(
            f"The returns name no beat in {counted(len(lines), 'line')}: give tables/returns.csv of a shift, "
            "its column of beats as it was."
        )
    return found


def _lines(source: Source) -> pd.DataFrame:
    """Read the lines of one form; of a workbook, of its first sheet."""
    opened = format_of(source.form).open(source, "")[0]
    header = {str(name).strip().casefold(): place for place, name in reversed(list(enumerate(opened.header)))}
    given = {name: header[name] for name in _known_columns() if name in header}
    if "beat" not in given or not any(name in given for name in _delivered_columns()):
        raise InputError(
            f"{safe_text(source.name)} is no form of returns: it needs a column 'beat' and one of "
            f"{join_words([repr(name) for name in _delivered_columns()], 'or')}."
        )
    texts, rows = _texts(opened, given)
    form = pd.DataFrame({"beat": texts["beat"].map(str.strip)})
    form["day"] = parse_dates(texts["date"].to_numpy(object)).start if "date" in given else pd.NaT
    for measure, (planned, delivered) in MEASURES.items():
        form[measure] = _figures(source, texts, rows, planned)
        form[f"{measure} delivered"] = _figures(source, texts, rows, delivered)
    for name in MINUTES:
        hours = form["patrol-hours delivered"]
        form["patrol-hours delivered"] = hours.where(hours.notna(), _figures(source, texts, rows, name) / 60)
    return form


def _known_columns() -> tuple[str, ...]:
    return ("beat", "date", *(planned for planned, _ in MEASURES.values()), *_delivered_columns())


def _delivered_columns() -> tuple[str, ...]:
    return (*(delivered for _, delivered in MEASURES.values()), *MINUTES)


def _texts(opened: Opened, given: dict[str, int]) -> tuple[pd.DataFrame, np.ndarray]:
    table = opened.read(dict.fromkeys(given.values(), True))
    columns = {name: table.columns[place] for name, place in given.items()}
    frame = pd.DataFrame(
        {name: column.values[column.codes] for name, column in columns.items()}, dtype=object
    )
    return frame.astype(str), table.rows


def _figures(source: Source, texts: pd.DataFrame, rows: np.ndarray, name: str) -> np.ndarray:
    if name not in texts:
        return np.full(len(texts), np.nan)
    # Crews of one shift write 0.5 and 0,5; a comma before three digits may be one for thousands.
    plain = texts[name].str.replace(_DECIMAL_COMMA, r".\1", regex=True)
    read = parse_numbers(plain.to_numpy(object), metres=False)
    wrong = np.flatnonzero((read.state == BAD) | (read.values < 0))
    if len(wrong):
        more = len(wrong) - _ROWS_NAMED
        named = ", ".join(str(rows[at]) for at in wrong[:_ROWS_NAMED]) + (
            f" and {more} more" if more > 0 else ""
        )
        raise InputError(
            f"{safe_text(source.name)}, row {named}: {name!r} holds no number of 0 or more: write hours "
            "as 1.5, and leave blank what was not returned."
        )
    return np.asarray(read.values, dtype=float)


def _filled(lines: pd.DataFrame) -> pd.Series:
    return lines[[f"{measure} delivered" for measure in MEASURES]].notna().any(axis=1)


def _period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    start, end = (f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}" for day in (first, last))
    return f" on {start}" if start == end else f" from {start} to {end}"
