"""Which months the files cover: a month that nobody read is unknown, not without crime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import pandas as pd

from hotspots.incidents import Incidents
from hotspots.trends import unbroken

#: A file that would have held this many rows in a gap, by its own average, was not read for it:
#: finding none by chance happens once in 22,000 files.
MOST_EXPECTED_IN_A_GAP: Final = 10.0
#: A publisher with a smaller share of the incidents in the area does not say which months were read.
LEAST_SHARE: Final = 0.01


def months_read(incidents: Incidents, located: pd.DataFrame) -> tuple[str, ...]:
    """
    List the months that can be counted, those without an incident among them.

    A month counts as read when a file has rows of it anywhere, in the area or
    not. A month that lies within one file's period and has no row is a nought
    where so few rows would have been expected that chance may have left it
    empty (an extract of rare incidents), and unread where it was not chance.
    Months between files are unread.

    Parameters
    ----------
    incidents : Incidents
        As read.
    located : DataFrame
        Those in the area: `source`, `month`.

    Returns
    -------
    tuple of str
        "YYYY-MM", in order; there may be gaps.
    """
    table = _rows_by_source(incidents.frame)
    publishers = _publishers(incidents)
    trusted = _of_weight(located, publishers)
    covered = [_covered(row) for source, row in table.iterrows() if publishers.get(str(source)) in trusted]
    months = set(located["month"].astype(object)).union(*covered)
    return tuple(sorted(str(month) for month in months))


def coverage_warnings(incidents: Incidents, located: pd.DataFrame, months: Sequence[str]) -> tuple[str, ...]:
    """
    Say which months inside the period were not read, and which publishers lack months that others have.

    Parameters
    ----------
    incidents, located
        As for `months_read`.
    months : sequence of str
        From `months_read`.
    """
    runs = unbroken(months)
    gaps = [_name(_months(_number(a[-1]) + 1, _number(b[0]) - 1)) for a, b in pairwise(runs)]
    unread = (
        f"No file covers {', '.join(gaps)}: these months are unknown, not without crime. They take no part; "
        "read what comes before and after them as two periods."
    )
    return (*([unread] if gaps else []), *_uneven(incidents, located, months))


def _uneven(incidents: Incidents, located: pd.DataFrame, months: Sequence[str]) -> list[str]:
    """Warn where publishers cover different months, for then a change may be one of files."""
    table = _rows_by_source(incidents.frame)
    publishers = _publishers(incidents)
    held: dict[str, set[str]] = {}
    for source, row in table.iterrows():
        held.setdefault(publishers.get(str(source), ""), set()).update(_covered(row))
    trusted = _of_weight(located, publishers)
    lacking = {one: [m for m in months if m not in held[one]] for one in sorted(trusted) if one in held}
    return [
        f"The files of {one or 'unnamed origin'} lack {_listed(missing)}, which other files cover: "
        "a change between months may be one of files, not of crime."
        for one, missing in lacking.items()
        if missing
    ]


def _rows_by_source(frame: pd.DataFrame) -> pd.DataFrame:
    """Count rows by source and month."""
    return pd.crosstab(frame["source"].astype(object), frame["month"].astype(object))


def _publishers(incidents: Incidents) -> dict[str, str]:
    return {source.name: source.publisher or source.kind for source in incidents.report.sources}


def _of_weight(located: pd.DataFrame, publishers: Mapping[str, str]) -> set[str]:
    """Name the publishers of a real part of the incidents in the area."""
    shares = located["source"].astype(object).map(publishers).value_counts(normalize=True)
    return {str(name) for name, share in shares.items() if share >= LEAST_SHARE}


def _covered(rows: pd.Series) -> set[str]:
    """Give the months that one source covers, from its rows by month."""
    seen = sorted(str(month) for month in rows.index[rows > 0])
    if not seen:
        return set()
    span = _number(seen[-1]) - _number(seen[0]) + 1
    average = float(rows.sum()) / span
    covered = set(seen)
    for before, after in pairwise(seen):
        between = _months(_number(before) + 1, _number(after) - 1)
        if len(between) * average < MOST_EXPECTED_IN_A_GAP:
            covered.update(between)
    return covered


def _number(month: str) -> int:
    year, of_year = month.split("-")
    return 12 * int(year) + int(of_year) - 1


def _months(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(first, last + 1))


def _name(months: Sequence[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def _listed(months: Sequence[str]) -> str:
    return ", ".join(_name(run) for run in unbroken(months))
