"""
From text to values, and one reason for each row that cannot be used.

Works on the distinct values of each column, then spreads the verdicts over the
rows: a year of a force's files has a hundred thousand rows and a dozen dates.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.columns import FLAG_FIELDS, ColumnPlan
from hotspots.reading.dates import DAY, MONTH, NONE, TIME, ParsedDates, parse_dates, parse_times
from hotspots.reading.flags import flag_rows
from hotspots.reading.numbers import (
    BAD,
    BLANK,
    DEGREES,
    METRES,
    OK,
    Numbers,
    beyond_grid,
    parse_numbers,
    point_rule,
)
from hotspots.reading.table import Coded, Table
from hotspots.schema import NO_LOCATION, REJECT_REASONS, RESOLUTIONS
from hotspots.text import clean_label, counted, is_tidy

#: Reasons by number; 0 is a good row.
REASONS: Final = ("", *REJECT_REASONS)
_CODE: Final = {reason: np.int8(place) for place, reason in enumerate(REASONS)}
#: What police.uk writes as Location where it publishes none.
#: From so many rows on, dates that are all the first of a month are months.
_FIRSTS = 10


@dataclass(frozen=True)
class Rules:
    """
    What the caller asked of every source.

    Attributes
    ----------
    today : date
        Later dates are rejected.
    date_format : str
        See `dates.parse_dates`.
    from_month, to_month : str
        First and last month, "YYYY-MM"; "" for open.
    forces : frozenset of str
        Police forces as in police.uk file names; empty for all.
    """

    today: date
    date_format: str = ""
    from_month: str = ""
    to_month: str = ""
    forces: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rows:
    """
    The rows of one source, judged.

    Attributes
    ----------
    texts : dict of str to Coded
        crime_id, month, crime_type, offence_code, flags, street, grid_reference,
        postcode, stated_lsoa, stated_ward and outcome of every row.
    numbers : dict of str to ndarray
        source_row, occurred_from, occurred_to, longitude, latitude, easting, northing.
    reason : ndarray of int8
        Position in `REASONS`; 0 where the row is good.
    out_of_period : ndarray of bool
        Good rows outside the months or forces asked for.
    resolution : str
        Coarsest of the good rows.
    publisher : str
        Who reported the rows, if the source says so of all.
    notes, warnings : tuple of str
        What people should know.
    """

    texts: dict[str, Coded]
    numbers: dict[str, np.ndarray]
    reason: np.ndarray
    out_of_period: np.ndarray
    resolution: str
    publisher: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def judge_rows(table: Table, plan: ColumnPlan, *, name: str, rules: Rules) -> Rows:
    """
    Turn the text of a source into values and judge every row.

    Parameters
    ----------
    table : Table
        Text as read.
    plan : ColumnPlan
        Which column is which field.
    name : str
        The source, for messages.
    rules : Rules
        Today, the date order, months and forces.

    Raises
    ------
    InputError
        For a mistake that the whole file shares: swapped or sign-less
        coordinates, dates in two orders.
    """
    columns = _Columns(table, plan)
    where = _locate(columns, name)
    when = _date_rows(columns, name, rules)
    crime_type, offence = _labels(columns["crime_type"]), _labels(columns["offence_code"])
    untyped = crime_type.spread(crime_type.values == "") & offence.spread(offence.values == "")
    reason = _first(where.reason, when.reason, untyped * _CODE["missing_type"])
    flags, flag_notes = flag_rows(columns.present(*FLAG_FIELDS), n_rows=len(table.rows))
    force = _labels(columns["force"])
    resolution = _coarsest(when.resolution[reason == 0])
    return Rows(
        texts={
            "crime_id": columns["crime_id"],
            "month": when.month,
            "crime_type": crime_type,
            "offence_code": offence,
            "flags": flags,
            "street": _labels(columns["street"]),
            "outcome": columns["outcome"],
            **where.texts,
        },
        numbers={
            "source_row": table.rows,
            "occurred_from": when.start,
            "occurred_to": when.end,
            **where.numbers,
        },
        reason=reason,
        out_of_period=(reason == 0) & (_outside_months(when.month, rules) | _other_force(force, rules)),
        resolution=resolution,
        publisher=str(force.values[0]) if len(force.values) == 1 else "",
        notes=(*where.notes, *when.notes, *flag_notes),
        warnings=(*where.warnings, *_dated_codes(offence)),
    )


def count_reasons(codes: np.ndarray) -> Counter[str]:
    """Count rejected rows by reason."""
    numbers = np.bincount(codes, minlength=len(REASONS)).tolist()
    return Counter({reason: n for reason, n in zip(REASONS[1:], numbers[1:], strict=True) if n})


class _Columns:
    """The columns of a table by field; one that the file lacks is blank throughout."""

    def __init__(self, table: Table, plan: ColumnPlan) -> None:
        self._table, self._plan = table, plan
        self.rows, self.points, self.crs = table.rows, table.points, table.crs
        self.since_1904 = table.since_1904
        self._blank = Coded(np.zeros(len(table.rows), np.int32), np.array([""], dtype=object))

    def __contains__(self, name: str) -> bool:
        return name in self._plan.places

    def present(self, *names: str) -> dict[str, Coded]:
        """Return those of some columns that the file has."""
        return {name: self[name] for name in names if name in self}

    def __getitem__(self, name: str) -> Coded:
        place = self._plan.places.get(name)
        return self._blank if place is None else self._table.columns[place]


@dataclass(frozen=True)
class _Located:
    texts: dict[str, Coded]
    numbers: dict[str, np.ndarray]
    reason: np.ndarray
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Dated:
    month: Coded
    start: np.ndarray
    end: np.ndarray
    resolution: np.ndarray
    reason: np.ndarray
    notes: tuple[str, ...]


def _first(*reasons: np.ndarray) -> np.ndarray:
    """Take for each row the first reason that is not 0."""
    result = reasons[0].astype(np.int8)
    for later in reasons[1:]:
        np.copyto(result, later.astype(np.int8), where=result == 0)
    return result


def _locate(columns: _Columns, name: str) -> _Located:
    texts = {
        "grid_reference": _area_codes(columns["grid_reference"]),
        "postcode": _area_codes(columns["postcode"]),
        "stated_lsoa": _area_codes(columns["lsoa"]),
        "stated_ward": _area_codes(columns["ward"]),
    }
    fine, coarse = (
        _any_text(texts, "grid_reference", "postcode"),
        _any_text(texts, "stated_lsoa", "stated_ward"),
    )
    x, y, state, named, notes = _point_columns(columns)
    zero = (state == OK) & (x == 0) & (y == 0)
    good = (state == OK) & ~zero
    rule = point_rule(x[good], y[good], named=named)
    if rule.fault:
        raise InputError(f"{name}: {rule.fault}.")
    if rule.unit == DEGREES:
        state = np.where(good & ((np.abs(x) > 180) | (np.abs(y) > 90)), BAD, state)
        good &= state == OK
    else:
        state = np.where(good & beyond_grid(x, y), BAD, state)
        good &= state == OK
    unusable = (state == BAD) | zero
    reason = np.zeros(len(x), np.int8)
    reason[(state == BLANK) & ~fine & ~coarse] = _CODE["missing_coordinate"]
    reason[zero & ~fine] = _CODE["zero_coordinate"]
    reason[(state == BAD) & ~fine] = _CODE["bad_coordinate"]
    reason[_without_location(columns, state, reason) & ~fine] = _CODE["no_location"]
    if rescued := int((unusable & fine).sum()):
        notes.append(
            f"{counted(rescued, 'row')} with an unusable coordinate, located by grid reference or postcode."
        )
    return _Located(texts, _point_numbers(x, y, good, rule.unit), reason, tuple(notes), rule.notes)


def _without_location(columns: _Columns, state: np.ndarray, reason: np.ndarray) -> np.ndarray:
    """Find rows that say themselves that they have no location: an empty shape, "No Location"."""
    if columns.points is not None:
        return state == BLANK
    street = columns["street"]
    return (reason == _CODE["missing_coordinate"]) & street.spread(street.values == NO_LOCATION)


def _labels(column: Coded) -> Coded:
    return column if is_tidy(column.values) else column.map(clean_label)


def _area_codes(column: Coded) -> Coded:
    tidy = _labels(column)
    joined = "".join(tidy.values)
    return tidy if joined == joined.upper() else tidy.map(str.upper)


def _any_text(texts: dict[str, Coded], *names: str) -> np.ndarray:
    one, other = (texts[name].spread(texts[name].values != "") for name in names)
    return one | other


def _point_columns(columns: _Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray, str, list[str]]:
    """Return x, y, the state of the pair, what the columns' names say, and notes."""
    if columns.points is not None:
        x, y = columns.points.T
        state = np.where(np.isfinite(x) & np.isfinite(y), OK, BLANK)
        return x, y, state, columns.crs, []
    named = METRES if "easting" in columns else DEGREES
    fields = ("easting", "northing") if named == METRES else ("longitude", "latitude")
    parsed = [parse_numbers(columns[field].values, metres=named == METRES) for field in fields]
    x, y = (columns[field].spread(part.values) for field, part in zip(fields, parsed, strict=True))
    one, other = (columns[field].spread(part.state) for field, part in zip(fields, parsed, strict=True))
    # BAD is above BLANK is above OK: half a pair is no pair.
    state = np.maximum(one, other)
    return x, y, state, named, _number_notes(parsed)


def _number_notes(parsed: list[Numbers]) -> list[str]:
    return [f"Coordinates were read with {note}." for note in sorted({part.note for part in parsed} - {""})]


def _point_numbers(x: np.ndarray, y: np.ndarray, good: np.ndarray, unit: str) -> dict[str, np.ndarray]:
    nothing = np.full(len(x), np.nan)
    x, y = np.where(good, x, np.nan), np.where(good, y, np.nan)
    degrees, metres = ((x, y), (nothing, nothing)) if unit == DEGREES else ((nothing, nothing), (x, y))
    return {"longitude": degrees[0], "latitude": degrees[1], "easting": metres[0], "northing": metres[1]}


def _date_rows(columns: _Columns, name: str, rules: Rules) -> _Dated:
    dates = columns["date"] if "date" in columns else columns["month"]
    parsed = parse_dates(dates.values, date_format=rules.date_format, today=rules.today)
    _check_order(dates, parsed, columns.rows, name)
    _check_epoch(columns, parsed, name)
    reason = np.array([_CODE[text] for text in parsed.reason], np.int8)[dates.codes]
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
    return _Dated(
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


def _check_epoch(columns: _Columns, parsed: ParsedDates, name: str) -> None:
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
    columns: _Columns, start: np.ndarray, rules: Rules, *, only_days: bool
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


def _coarsest(resolution: np.ndarray) -> str:
    found = resolution[resolution != NONE]
    return RESOLUTIONS[int(found.min())] if len(found) else ""


def _outside_months(month: Coded, rules: Rules) -> np.ndarray:
    early = (month.values < rules.from_month) if rules.from_month else np.zeros(len(month.values), bool)
    late = (month.values > rules.to_month) if rules.to_month else np.zeros(len(month.values), bool)
    return month.spread((early | late).astype(bool))


def _other_force(force: Coded, rules: Rules) -> np.ndarray:
    other = [bool(rules.forces and text) and force_slug(text) not in rules.forces for text in force.values]
    return force.spread(np.array(other, bool))


def force_slug(reported_by: str) -> str:
    """Return the name a force has in police.uk file names: "Derbyshire Constabulary" is derbyshire."""
    words = re.sub(r"\b(the|police|constabulary|service|force)\b", " ", reported_by.lower())
    slug = re.sub(r"[^a-z]+", "-", words.replace("&", " and ")).strip("-")
    return "btp" if slug == "british-transport" else slug


def _dated_codes(offence: Coded) -> list[str]:
    dated = [
        text for text in offence.values if re.fullmatch(r"\d{4}-\d\d-\d\d.*|\d{1,2}-[A-Z][a-z]{2}", text)
    ]
    if not dated:
        return []
    return [
        "Some offence codes have become dates (28/3 as 28 March): format the column as text and export again."
    ]
