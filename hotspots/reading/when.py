"""When rows say that they happened: month, start and end, and how fine the dates are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.dates import DAY, MONTH, TIME, ParsedDates, parse_dates, parse_times
from hotspots.reading.judging import CODE, FieldColumns
from hotspots.reading.rules import Rules
from hotspots.reading.table import Coded
from hotspots.text import counted

#: What police.uk writes as Location where it publishes none.
#: From so many rows on, dates that are all the first of a month are months.
_FIRSTS = 10


@dataclass(frozen=True)
class Dated:
    month: Coded
    start: np.ndarray
    end: np.ndarray
    resolution: np.ndarray
    reason: np.ndarray
    notes: tuple[str, ...]


def date_rows(columns: FieldColumns, name: str, rules: Rules) -> Dated:
    dates = columns["date"] if "date" in columns else columns["month"]
    parsed = parse_dates(dates.values, date_format=rules.date_format, today=rules.today)
    _check_order(dates, parsed, columns.rows, name)
    _check_epoch(columns, parsed, name)
    reason = np.array([CODE[text] for text in parsed.reason], np.int8)[dates.codes]
    # Before zones: days exported as midnight in UTC would all fall on 01:00 in summer.
    only_days = parsed.all_midnight
    if only_days:
        parsed = parsed.as_days()
    start, resolution = _with_time(dates, parsed, columns["time"])
    notes = [*_date_notes(dates, parsed, rules), *_time_notes(columns["time"])]
    resolution, resolution_notes = _true_resolution(start, resolution, only_days=only_days)
    month = _months(dates, parsed)
    end, end_notes = _ends(columns, start, rules, only_days=only_days)
    known = resolution != MONTH
    return Dated(
        month=month,
        start=np.where(known, start, np.datetime64("NaT", "s")),
        end=np.where(known, end, np.datetime64("NaT", "s")),
        resolution=resolution,
        reason=reason,
        notes=(*notes, *resolution_notes, *end_notes),
    )


def _check_order(dates: Coded, parsed: ParsedDates, rows: np.ndarray, name: str) -> None:
    if not parsed.mixed:
        return
    line = rows[np.flatnonzero(dates.spread(parsed.us_only))[0]]
    other = "others are day-first" if parsed.day_first else "the rest could be either"
    raise InputError(
        f"{name} row {line}: this date is month-first, {other}, and nothing is guessed. "
        'Give the order (--date-format day-first, month-first or a pattern such as "%d/%m/%Y").'
    )


def _check_epoch(columns: FieldColumns, parsed: ParsedDates, name: str) -> None:
    """Refuse bare numbers as dates where day 0 is not Excel's usual one: they would be four years off."""
    if columns.since_1904 and parsed.serials:
        raise InputError(
            f"{name} counts days from 1904 and holds dates as bare numbers: give the cells a date format."
        )


def _time_notes(times: Coded) -> list[str]:
    unread = parse_times(times.values) < 0
    lost = int(times.spread(unread & np.array([bool(text.strip()) for text in times.values], bool)).sum())
    if not lost:
        return []
    return [f"{counted(lost, 'time')} not understood (24:00, words): a day only in these rows."]


def _with_time(dates: Coded, parsed: ParsedDates, times: Coded) -> tuple[np.ndarray, np.ndarray]:
    """Give days, and dates at midnight, the time that stands in a column of its own."""
    start, resolution = dates.spread(parsed.start), dates.spread(parsed.resolution)
    day = dates.spread(parsed.stated.astype("datetime64[D]").astype("datetime64[s]"))
    midnight = (resolution == TIME) & (dates.spread(parsed.stated) == day)
    seconds = times.spread(parse_times(times.values))
    timed = ((resolution == DAY) | midnight) & (seconds >= 0)
    start = np.where(timed, day + np.where(timed, seconds, 0).astype("timedelta64[s]"), start)
    return start, np.where(timed, TIME, resolution)


def _true_resolution(
    start: np.ndarray, resolution: np.ndarray, *, only_days: bool
) -> tuple[np.ndarray, list[str]]:
    """Call times that are all midnight days, and days that are all the first months."""
    notes = []
    day = start.astype("datetime64[D]")
    timed = resolution == TIME
    # `only_days` where the dates were all written as midnight, and no column gave them a time.
    if (start[timed] == day[timed]).all() and (timed.any() or only_days):
        resolution = np.where(timed, DAY, resolution)
        notes.append("Every time is midnight: the dates are read as days without a time.")
    dated = resolution == DAY
    firsts = day == day.astype("datetime64[M]")
    if dated.sum() >= _FIRSTS and not (resolution == TIME).any() and firsts[dated].all():
        resolution = np.where(dated, MONTH, resolution)
        notes.append("Every date is the first of a month: the dates are read as months.")
    return resolution, notes


def _months(dates: Coded, parsed: ParsedDates) -> Coded:
    known = ~np.isnat(parsed.start)
    months = np.full(len(dates.values), "", dtype=object)
    months[known] = parsed.start[known].astype("datetime64[M]").astype(str)
    coded = Coded.of(months)
    return Coded(coded.codes[dates.codes], coded.values)


def _date_notes(dates: Coded, parsed: ParsedDates, rules: Rules) -> list[str]:
    notes = []
    if parsed.numeric:
        order = rules.date_format or "day-first (3/4 is 3 April)"
        notes.append(f"Dates such as 03/04/2024 are read {order}.")
    if parsed.short_years:
        notes.append("Dates such as Jan-25 are read as a month and a year.")
    if parsed.serials:
        count = int(dates.spread(parsed.is_serial).sum())
        notes.append(f"{counted(count, 'date')} given as Excel serials (45306 is 2024-01-15).")
    moved = int(dates.spread((parsed.resolution == TIME) & (parsed.start != parsed.stated)).sum())
    if moved:
        notes.append(f"{counted(moved, 'time')} of another zone or UTC changed to the time in Britain.")
    return notes


def _ends(
    columns: FieldColumns, start: np.ndarray, rules: Rules, *, only_days: bool
) -> tuple[np.ndarray, list[str]]:
    dates, times = columns["date_to"], columns["time_to"]
    parsed = parse_dates(dates.values, date_format=rules.date_format, today=rules.today)
    if only_days and parsed.all_midnight:
        parsed = parsed.as_days()
    end, _ = _with_time(dates, parsed, times)
    given = dates.spread(dates.values != "")
    backwards = end < start
    end = np.where(backwards, np.datetime64("NaT", "s"), end)
    lost = int((given & np.isnat(end)).sum())
    return end, [f"Left out {counted(lost, 'end date')}, unreadable or before the start."] if lost else []
