"""Which months the files cover: a month that nobody read is unknown, not without crime."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import pandas as pd

from hotspots.months import MONTH_NAMES, month_words, months_between, run_range, shift_month, unbroken
from hotspots.reading.incidents import Incidents
from hotspots.text import counted

#: A publisher with a smaller share of the incidents in the area does not say which months were read.
LEAST_SHARE: Final = 0.01
#: A month with less than this share of what the months around it hold is far below them,
LEAST_OF_NEIGHBOURS: Final = 0.4
#: if that is this many standard deviations of a Poisson count away.
FAR_BELOW: Final = 4.0
#: Months on either side that are compared.
NEIGHBOURS: Final = 3
#: Days without an incident at an end of the files are not covered if chance leaves them empty less often.
CHANCE_OF_NONE: Final = 0.001


def months_read(incidents: Incidents, located: pd.DataFrame) -> tuple[str, ...]:
    """
    List the months that can be counted.

    A month counts as read when a file has rows of it anywhere, in the area or
    not. One without any row is unknown, never a nought: nothing tells a month
    without crime from one that nobody delivered.

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
    gaps = [
        run_range(months_between(shift_month(a[-1], 1), shift_month(b[0], -1))) for a, b in pairwise(runs)
    ]
    unread = (
        f"No file covers {', '.join(gaps)}: these months are unknown, not without crime. They take no part; "
        "read what comes before and after them as two periods."
    )
    return (*([unread] if gaps else []), *_uneven(incidents, located, months))


def period_warnings(
    months: Sequence[str], located: pd.DataFrame, *, from_month: str = "", to_month: str = ""
) -> tuple[str, ...]:
    """
    Say which months were asked for and are in no file, and which hold far fewer rows than those around them.

    Parameters
    ----------
    months : sequence of str
        From `months_read`.
    located : DataFrame
        The incidents in the area: `month`.
    from_month, to_month : str
        The period asked for; "" for open.
    """
    return (*_not_covered(months, from_month, to_month), *_thin_months(months, located))


def _not_covered(months: Sequence[str], from_month: str, to_month: str) -> list[str]:
    if not months or not (from_month or to_month):
        return []
    asked = months_between(from_month or months[0], to_month or months[-1])
    lacking = [month for month in asked if month < months[0] or month > months[-1]]
    if not lacking:
        return []
    ranges = ", ".join(map(run_range, unbroken(lacking)))
    return [
        f"Asked for {run_range(asked)}, but no file covers {ranges}: the figures are of {len(months)} of "
        f"{len(asked)} months. They are not annual figures, and rates are for the months read, not "
        "for the period."
    ]


def _thin_months(months: Sequence[str], located: pd.DataFrame) -> list[str]:
    counts = located["month"].astype(object).value_counts().reindex(months, fill_value=0).to_numpy()
    found = []
    for at, month in enumerate(months):
        around = [*counts[max(0, at - NEIGHBOURS) : at], *counts[at + 1 : at + 1 + NEIGHBOURS]]
        if len(around) < 2:
            continue
        usual = statistics.median(around)
        far = counts[at] < LEAST_OF_NEIGHBOURS * usual and usual - counts[at] > FAR_BELOW * math.sqrt(usual)
        if far:
            found.append(
                f"{month_words(month)} holds {counted(counts[at], 'incident')}, where the months "
                "around it hold about "
                f"{usual:,.0f}: its file may be incomplete, and a fall and rise there one of files, "
                "not of crime."
            )
    return found


def incomplete_months(incidents: Incidents, located: pd.DataFrame, months: Sequence[str]) -> dict[str, str]:
    """
    Find a first or last month of which the files hold only some days, where they carry days.

    A publisher's files end on a day (begin on one) inside the month. If no
    incident on the days left, going by the publisher's incidents a day, is
    less likely than 1 in 1,000, they do not cover these days. Files with
    months only cannot be checked, nor can those whose stray dates fill the gap.

    Parameters
    ----------
    incidents, located
        As for `months_read`.
    months : sequence of str
        From `months_read`.

    Returns
    -------
    dict of str to str
        By month, in order: the warning to give. Its counts stand; it is to be left out of
        whatever compares months.
    """
    publishers = _publishers(incidents)
    trusted = _of_weight(located, publishers)
    rows = incidents.frame[["source", "month", "occurred_from"]]
    published = rows["source"].astype(object).map(publishers)
    found: dict[str, str] = {}
    for publisher in sorted(trusted):
        held = rows[published.eq(publisher).to_numpy()]
        whose = f" of {publisher or 'unnamed origin'}" if len(trusted) > 1 else ""
        for month, days in _partly_covered(held, months).items():
            found[month] = (
                f"{month_words(month)} is in the files{whose} only {days}: "
                "its incidents are counted, but it is left out of changes and limits."
            )
    return dict(sorted(found.items()))


def _partly_covered(rows: pd.DataFrame, months: Sequence[str]) -> dict[str, str]:
    """Say of the first and the last month which days the rows of one publisher cover, where not all."""
    dated = rows["occurred_from"].dropna().dt.normalize()
    if dated.empty or not months:
        return {}
    first, last = dated.min(), dated.max()
    days = (last - first).days + 1
    # Months inside the period that nobody read would thin the incidents a day.
    days -= sum(pd.Period(month).days_in_month for month in _unheld(dated, first, last))
    most = -math.log(CHANCE_OF_NONE) * days / len(dated)
    before, after = first.day - 1, last.days_in_month - last.day
    late = before > most and f"{first:%Y-%m}" == months[0] and _mostly_dated(rows, months[0])
    early = after > most and f"{last:%Y-%m}" == months[-1] and _mostly_dated(rows, months[-1])
    if late and early and months[0] == months[-1]:
        return {months[0]: f"from {first.day} to {_day_words(last)}"}
    words = {months[0]: f"from {_day_words(first)} on"} if late else {}
    return words | ({months[-1]: f"up to {_day_words(last)}"} if early else {})


def _unheld(dated: pd.Series, first: pd.Timestamp, last: pd.Timestamp) -> set[str]:
    """Name the months between the first and the last day without any dated row."""
    spanned = {str(month) for month in pd.period_range(first, last, freq="M")}
    return spanned - set(dated.dt.strftime("%Y-%m"))


def _mostly_dated(rows: pd.DataFrame, month: str) -> bool:
    """Tell whether most rows of the month have a day: others may stand for the days without any."""
    inside = rows["month"].astype(object).eq(month)
    return bool(rows.loc[inside, "occurred_from"].notna().mean() > 0.5)


def _day_words(day: pd.Timestamp) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]}"


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
        f"The files of {one or 'unnamed origin'} lack {', '.join(map(run_range, unbroken(missing)))}, "
        "which other files cover: "
        "a change between months may be one of files, not of crime."
        for one, missing in lacking.items()
        if missing
    ]


def _rows_by_source(frame: pd.DataFrame) -> pd.DataFrame:
    """Count rows by source and month."""
    return frame.groupby(["source", "month"], observed=True).size().unstack(fill_value=0)


def _publishers(incidents: Incidents) -> dict[str, str]:
    return {source.name: source.publisher or source.kind for source in incidents.report.sources}


def _of_weight(located: pd.DataFrame, publishers: Mapping[str, str]) -> set[str]:
    """Name the publishers of a real part of the incidents in the area."""
    shares = located["source"].astype(object).map(publishers).value_counts(normalize=True)
    return {str(name) for name, share in shares.items() if share >= LEAST_SHARE}


def _covered(rows: pd.Series) -> set[str]:
    """Give the months that one source covers: those of which it has a row."""
    return {str(month) for month in rows.index[rows > 0]}
