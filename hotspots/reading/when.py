"""When rows say that they happened: month, start and end, and how fine the dates are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.aliases import REPORTED
from hotspots.reading.dateforms import period_kind
from hotspots.reading.dates import (
    DAY,
    MONTH,
    TIME,
    ParsedDates,
    is_epoch,
    parse_dates,
    parse_times,
)
from hotspots.reading.exchanged import exchanged
from hotspots.reading.judging import CODE, FieldColumns, chosen
from hotspots.reading.rules import Rules
from hotspots.reading.table import Coded
from hotspots.reading.years import bare_month, bare_week, is_financial_year, with_year
from hotspots.text import counted

#: From so many rows on, dates that are all the first of a month are months.
_FIRSTS = 10
#: One time in 24 is midnight where times are rounded to the hour; a larger share is a placeholder.
_PLACEHOLDER_SHARE = 0.15


@dataclass(frozen=True)
class Dated:
    month: Coded
    start: np.ndarray
    end: np.ndarray
    resolution: np.ndarray
    reason: np.ndarray
    notes: tuple[str, ...]


def date_rows(columns: FieldColumns, name: str, rules: Rules) -> Dated:
    dates, chosen_notes = _date_column(columns, rules)
    parsed = parse_dates(dates.values, date_format=rules.date_format, today=rules.today)
    # Before the order: an order that fits the texts would read the exchanged cells without a word.
    if not rules.date_format and (clause := exchanged(dates.values, parsed.start)):
        raise InputError(f"{name}: {clause}.")
    _check_order(dates, parsed, columns.rows, name)
    _check_epoch(columns, parsed, name)
    _check_years(dates, parsed, name)
    reason = np.array([CODE[text] for text in parsed.reason], np.int8)[dates.codes]
    # Before zones: days exported as midnight in UTC would all fall on 01:00 in summer.
    only_days = parsed.all_midnight
    if only_days:
        parsed = parsed.as_days()
    start, resolution = _with_time(dates, parsed, columns["time"])
    notes = [*chosen_notes, *_date_notes(dates, parsed, rules), *_time_notes(columns["time"])]
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
        notes=(*notes, *resolution_notes, *_midnight_notes(start, resolution), *end_notes),
    )


def _date_column(columns: FieldColumns, rules: Rules) -> tuple[Coded, list[str]]:
    """Return the best dates of each row: when it happened, else when it was reported, else its month."""
    found = columns.named("date", "month")
    best = found[0]
    column = _completed(best, columns)
    notes = []
    for name in found[1:]:
        other = _completed(name, columns)
        lacking = column.spread(_unreadable(column, rules)) & ~other.spread(_unreadable(other, rules))
        if lacking.any():
            column = chosen(column, other, lacking)
            notes.append(
                f"{counted(int(lacking.sum()), 'row')} dated by {columns.heading(name)}, where "
                f"{columns.heading(best)} is blank or not understood."
            )
    if len(found) > 1:
        notes.insert(0, f"Dated by {columns.heading(best)}, before any other column of dates.")
    if columns.rank("date") >= REPORTED:
        notes.append(
            f"{columns.heading('date')} is when an incident was reported or recorded, not when it happened."
        )
    return column, notes


def _unreadable(column: Coded, rules: Rules) -> np.ndarray:
    parsed = parse_dates(column.values, date_format=rules.date_format, today=rules.today)
    return np.isin(parsed.reason, ("missing_date", "bad_date"))


def _completed(name: str, columns: FieldColumns) -> Coded:
    """Add to months the year, and to these the day, where they stand in columns of their own."""
    column = columns[name]
    if name == "month":
        column = _plain_months(column, weeks="week" in columns.heading(name).lower())
    if "year" in columns:
        column = _years_added(column, columns["year"])
    if "day" in columns and all(re.fullmatch(r"\d{4}-\d\d", text) for text in column.values if text):
        days = columns["day"].map(
            lambda text: text.zfill(2) if re.fullmatch(r"0?[1-9]|[12]\d|3[01]", text) else ""
        )
        return _joined(column, days, lambda month, day: f"{month}-{day}" if month and day else month)
    return column


def _plain_months(column: Coded, *, weeks: bool) -> Coded:
    """Write what can only be a month or a week here so that it is one: "Jan 24", and 5 as a week."""
    if weeks:
        return column.map(
            lambda text: re.sub(r"^(?:w|week|wk)?\s*(\d{1,2})$", r"W\1", text.strip(), flags=re.I)
        )
    return column.map(lambda text: _plain_month(text.strip()))


def _plain_month(text: str) -> str:
    """Write "Jan 24", "1 2024" and "01/24" as a month and its year; what may be a day stays as it is."""
    if match := re.fullmatch(
        r"(0?[1-9]|1[0-2])[/-](1[3-9]|[2-9]\d)|(0?[1-9]|1[0-2]) (\d{4})", text, re.ASCII
    ):
        return f"{match[1] or match[3]}/{match[4] or f'20{match[2]}'}"
    return re.sub(r"^([A-Za-z]{3,10})\.?[ ']+(\d\d)$", r"\1-\2", text)


def _joined(one: Coded, other: Coded, join: Callable[[str, str], str]) -> Coded:
    """Join the texts of two columns row by row, each distinct pair once."""
    pairs = one.codes.astype(np.int64) * len(other.values) + other.codes
    kinds, codes = np.unique(pairs, return_inverse=True)
    first, second = np.divmod(kinds, len(other.values))
    coded = Coded.of([join(a, b) for a, b in zip(one.values[first], other.values[second], strict=True)])
    return Coded(coded.codes[codes], coded.values)


def _years_added(column: Coded, years: Coded) -> Coded:
    """Give months that are names or numbers alone the year that stands beside them."""
    bare = np.array([bool(bare_month(text) or bare_week(text)) for text in column.values], bool)
    if not bare.any():
        return column
    return _joined(column, years, with_year)


def _check_years(dates: Coded, parsed: ParsedDates, name: str) -> None:
    """Say what is missing where the dates are years or months without a year."""
    bad = [text for text, reason in zip(dates.values, parsed.reason, strict=True) if reason == "bad_date"]
    if not bad or len(bad) < len(dates.values) / 2:
        return
    periods = {period_kind(text) for text in bad}
    if len(periods) == 1 and "" not in periods:
        what = periods.pop()
    elif all(is_financial_year(text) for text in bad):
        what = "financial years (such as 2023/24)"
    elif all(bare_month(text) for text in bad):
        what = "months without a year"
    elif all(bare_week(text) for text in bad):
        what = "weeks without a year"
    elif all(text.strip().isdigit() and len(text.strip()) == 4 for text in bad):
        what = "years"
    else:
        return
    raise InputError(
        f"{name}: the dates are {what}: give the month or the day of each incident (YYYY-MM-DD)."
    )


def _midnight_notes(start: np.ndarray, resolution: np.ndarray) -> list[str]:
    """Say that midnight is more often than a real one a time that was not known."""
    timed = resolution == TIME
    if not timed.any():
        return []
    midnight = timed & (start == start.astype("datetime64[D]"))
    n = int(midnight.sum())
    if n < _FIRSTS or n < _PLACEHOLDER_SHARE * timed.sum():
        return []
    return [
        f"{counted(n, 'row')} of {int(timed.sum()):,} say 00:00, which mostly stands for a time that "
        "is not known: "
        "they count for the day, and the table of hours leaves them out."
    ]


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


def _rows_with(column: Coded, values: np.ndarray) -> int:
    """Count the rows with some of the values."""
    return int(column.spread(values).sum()) if values.any() else 0


def _time_notes(times: Coded) -> list[str]:
    unread = parse_times(times.values) < 0
    lost = _rows_with(times, unread & np.array([bool(text.strip()) for text in times.values], bool))
    if not lost:
        return []
    return [f"{counted(lost, 'time')} not understood (24:00, words): a day only in these rows."]


def _with_time(dates: Coded, parsed: ParsedDates, times: Coded) -> tuple[np.ndarray, np.ndarray]:
    """Give days, and dates at midnight, the time that stands in a column of its own."""
    start, resolution = dates.spread(parsed.start), dates.spread(parsed.resolution)
    clock = parse_times(times.values)
    if not (clock >= 0).any():
        return start, resolution
    day = dates.spread(parsed.stated.astype("datetime64[D]").astype("datetime64[s]"))
    midnight = (resolution == TIME) & (dates.spread(parsed.stated) == day)
    seconds = times.spread(clock)
    timed = ((resolution == DAY) | midnight) & (seconds >= 0)
    start = np.where(timed, day + np.where(timed, seconds, 0).astype("timedelta64[s]"), start)
    return start, np.where(timed, TIME, resolution)


def _true_resolution(
    start: np.ndarray, resolution: np.ndarray, *, only_days: bool
) -> tuple[np.ndarray, list[str]]:
    """Call times that are all midnight days, and days that are all the first months."""
    notes: list[str] = []
    if (resolution <= MONTH).all() and not only_days:
        return resolution, notes
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
    epochs = _rows_with(dates, np.array([is_epoch(text) for text in dates.values], bool))
    if epochs:
        notes.append(f"{counted(epochs, 'date')} counted in milliseconds or seconds since 1970, in UTC.")
    moved = _rows_with(dates, (parsed.resolution == TIME) & (parsed.start != parsed.stated))
    if moved:
        notes.append(f"{counted(moved, 'time')} of another zone or UTC changed to the time in Britain.")
    return notes


def _ends(
    columns: FieldColumns, start: np.ndarray, rules: Rules, *, only_days: bool
) -> tuple[np.ndarray, list[str]]:
    dates, times = columns["date_to"], columns["time_to"]
    if not (dates.values != "").any():
        return np.full(len(start), np.datetime64("NaT", "s")), []
    parsed = parse_dates(dates.values, date_format=rules.date_format, today=rules.today)
    if only_days and parsed.all_midnight:
        parsed = parsed.as_days()
    end, _ = _with_time(dates, parsed, times)
    given = dates.spread(dates.values != "")
    backwards = end < start
    end = np.where(backwards, np.datetime64("NaT", "s"), end)
    lost = int((given & np.isnat(end)).sum())
    return end, [f"Left out {counted(lost, 'end date')}, unreadable or before the start."] if lost else []
