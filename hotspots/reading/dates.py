"""
Dates as text: ISO, UK day-first, month names, Excel serials, months alone.

Nothing is guessed row by row: the order of day and month is decided for a
whole column, and a column that mixes both orders is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from hotspots.errors import ParameterError
from hotspots.months import MONTH_NAMES
from hotspots.reading.clocks import CLOCK, seconds_of
from hotspots.reading.dateforms import WELSH_MONTHS, ends_of_range, usual_form

MONTH, DAY, TIME = 0, 1, 2
NONE = -1
#: Older dates are placeholders (1900-01-01 is an empty cell in many systems).
FIRST_YEAR = 1950
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - local wall time, as in the sheet
#: Serials of 1954 to 2119: five digits that are not a year and month.
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.(\d+))?", re.ASCII)
MONTH_NUMBERS = {
    name[:length].lower(): number for number, name in enumerate(MONTH_NAMES, 1) for length in (3, len(name))
}
MONTH_NUMBERS |= {"sept": 9, **WELSH_MONTHS}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)
#: Eight figures from the year on, and those that cannot be: 31012024.
_COMPACT_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_BACKWARDS = re.compile(r"(\d\d)(\d\d)((?:19|20)\d\d)", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_NAMED = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?[-/. ]+)?([a-z]{3,10})[-/.,' ]+(\d{4}|\d{2})", re.ASCII)
#: A month name and a number of 1 to 31 alone: a year as Excel writes it, or a day without a year.
_SHORT_YEAR = re.compile(r"([a-z]{3,10})[-/., ]+(0[1-9]|[12]\d|3[01])", re.ASCII)
_NAMED_FIRST = re.compile(r"([a-z]{3,10})[-/. ]+(\d{1,2})(?:st|nd|rd|th)?(?:,? +|[-/])(\d{4})", re.ASCII)
_COMPACT_TIME = re.compile(r"((?:19|20)\d{6})(\d{4})(\d{2})?", re.ASCII)
#: Milliseconds since 1970 from 2001 on, and seconds up to 2030: what services write for a date.
_EPOCH = re.compile(r"1\d{12}|1[0-8]\d{8}", re.ASCII)
_ORDINAL = re.compile(r"(\d{4})-(\d{3})", re.ASCII)
_WEEK = re.compile(r"(\d{4})[- ]?w(\d{1,2})(?:-?([1-7]))?", re.ASCII)
_SPLIT = re.compile(r"(?<=\d)[tT ,]+(?=\d{1,2}(?:[:.h]\d{2}|\d{2}\b|\s*[ap]\.?m))", re.ASCII)
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b,?\s+", re.ASCII)
_LONDON = "Europe/London"
_Reader = Callable[[str], tuple[datetime | None, int]]


@dataclass(frozen=True)
class ParsedDates:
    """
    Dates of a column of distinct texts.

    Attributes
    ----------
    start : ndarray of datetime64[s]
        First moment that the text allows, in the time of the United Kingdom; NaT where it could not be read.
    stated : ndarray of datetime64[s]
        The same as written, whatever the zone.
    resolution : ndarray of int8
        `MONTH`, `DAY`, `TIME` or `NONE`.
    reason : ndarray of str
        "", "missing_date", "bad_date" or "future_date".
    us_only, is_serial : ndarray of bool
        Texts that only the US order can read (12/25/2024), and Excel serials.
    day_first : int
        Texts that only the UK order can read (25/12/2024).
    numeric : int
        Texts of two short numbers and a year, whose order matters.
    short_years : int
        Texts such as Jan-25 that were read as a month of a year.
    """

    start: np.ndarray
    stated: np.ndarray
    resolution: np.ndarray
    reason: np.ndarray
    us_only: np.ndarray
    is_serial: np.ndarray
    day_first: int = 0
    numeric: int = 0
    short_years: int = 0

    @property
    def all_midnight(self) -> bool:
        """Whether there are times and all are written as midnight: days, exported with a time of 00:00."""
        timed = self.resolution == TIME
        stated = self.stated[timed]
        return bool(timed.any() and (stated == stated.astype("datetime64[D]")).all())

    def as_days(self) -> ParsedDates:
        """Take times for the days on which they are written."""
        timed = self.resolution == TIME
        start = np.where(timed, self.stated, self.start).astype("datetime64[D]").astype("datetime64[s]")
        return replace(
            self,
            start=np.where(timed, start, self.start),
            resolution=np.where(timed, np.int8(DAY), self.resolution),
        )

    @property
    def mixed(self) -> bool:
        """Whether some texts contradict the day-first order."""
        return bool(self.us_only.any())

    @property
    def serials(self) -> int:
        """How many texts were read as Excel serials."""
        return int(self.is_serial.sum())


def run_date(environment: dict[str, str] | None = None) -> date:
    """Return the day that counts as today: SOURCE_DATE_EPOCH where it is set, else the clock."""
    values = os.environ if environment is None else environment
    epoch = values.get("SOURCE_DATE_EPOCH", "").strip()
    if not epoch:
        return datetime.now(UTC).date()
    if not epoch.isascii() or not epoch.isdigit() or int(epoch) > 253402300799:
        raise ParameterError("SOURCE_DATE_EPOCH is not a number of seconds since 1970.")
    return datetime.fromtimestamp(int(epoch), UTC).date()


def parse_dates(
    texts: Sequence[str] | np.ndarray,
    *,
    date_format: str = "",
    today: date | None = None,
) -> ParsedDates:
    """
    Read distinct date texts.

    Parameters
    ----------
    texts : sequence of str
        Distinct values of a date column.
    date_format : str, optional
        "day-first", "month-first" or a strptime pattern such as "%d.%m.%y"
        that every date must follow.
    today : date, optional
        Later dates are "future_date"; default `run_date`.

    Returns
    -------
    ParsedDates
        With 03/04/2024 read as 3 April, unless `date_format` says otherwise.
        "Jan 25" is bad, for it may be a day; "Jan-25" is a month of 2025 only
        where the years of the whole column then form a run without gaps.
        `mixed` tells that some texts contradict this order.
    """
    today = today or run_date()
    read = _reader(date_format)
    start = np.full(len(texts), np.datetime64("NaT", "s"), "datetime64[s]")
    stated = start.copy()
    resolution = np.full(len(texts), NONE, np.int8)
    reason = np.full(len(texts), "", dtype="<U12")
    for place, text in enumerate(texts):
        written, level = read(text)
        moment = _local(written)
        reason[place] = _judge(text, moment, level, today)
        if written is not None and moment is not None and not reason[place]:
            start[place], resolution[place] = np.datetime64(moment, "s"), level
            stated[place] = np.datetime64(written.replace(tzinfo=None), "s")
    short = np.array([_is_short_year(text) for text in texts], bool) & ("%" not in date_format)
    if short.any() and not _years_agree(start, reason, short):
        start[short], stated[short] = np.datetime64("NaT", "s"), np.datetime64("NaT", "s")
        resolution[short], reason[short] = NONE, "bad_date"
    orders = [_order(text) for text in texts]
    return ParsedDates(
        start=start,
        stated=stated,
        resolution=resolution,
        reason=reason,
        us_only=np.array([order == MONTH_FIRST and not date_format for order in orders], bool),
        is_serial=np.array([bool(_SERIAL.fullmatch(text.strip())) for text in texts], bool),
        day_first=orders.count(DAY_FIRST),
        numeric=len(orders) - orders.count(""),
        short_years=int((short & (reason == "")).sum()),
    )


def _is_short_year(text: str) -> bool:
    match = _SHORT_YEAR.fullmatch(_WEEKDAY.sub("", text.strip().lower()))
    return bool(match and match[1] in MONTH_NUMBERS)


def _years_agree(start: np.ndarray, reason: np.ndarray, short: np.ndarray) -> bool:
    """Say whether numbers read as years are those of one period: days of a month would leave gaps."""
    if (reason[short] != "").any():
        return False
    years = np.unique(start[~np.isnat(start)].astype("datetime64[Y]").astype(int))
    return bool((np.diff(years) == 1).all())


def _order(text: str) -> str:
    """Return which order of day and month a numeric date proves; "either", or "" for other dates."""
    match = _NUMERIC.match(text.strip())
    if match is None:
        return ""
    first, second = int(match[1]), int(match[2])
    if 12 < first <= 31 and 1 <= second <= 12:
        return DAY_FIRST
    return MONTH_FIRST if 1 <= first <= 12 < second <= 31 else "either"


def parse_times(texts: Sequence[str] | np.ndarray) -> np.ndarray:
    """
    Read distinct clock texts ("13:45", "1345", "1.45 pm", 0.5729 of Excel).

    Returns
    -------
    ndarray of int32
        Seconds since midnight; -1 where there is none or it cannot be read.
    """
    return np.array([seconds_of(text.strip()) for text in texts], dtype=np.int32)


def _judge(text: str, moment: datetime | None, level: int, today: date) -> str:
    if not text.strip():
        return "missing_date"
    if moment is None or level == NONE or moment.year < FIRST_YEAR:
        return "bad_date"
    return "future_date" if moment.date() > today else ""


def _reader(date_format: str) -> _Reader:
    if "%" in date_format:
        return lambda text: _by_pattern(text.strip(), date_format)
    if date_format not in ("", DAY_FIRST, MONTH_FIRST):
        raise ParameterError(
            f'The date format must be "{DAY_FIRST}", "{MONTH_FIRST}" or a pattern such as "%d/%m/%Y".'
        )
    return lambda text: _read(text, month_first=date_format == MONTH_FIRST)


def _by_pattern(text: str, pattern: str) -> tuple[datetime | None, int]:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - local wall time
    except (ValueError, OverflowError):
        return None, NONE
    if any(sign in pattern for sign in ("%H", "%I", "%c", "%X", "%T", "%R")):
        return moment, TIME
    return moment, DAY if any(sign in pattern for sign in ("%d", "%j", "%x", "%D")) else MONTH


def _read(text: str, *, month_first: bool) -> tuple[datetime | None, int]:
    plain = _WEEKDAY.sub("", text.strip().lower())
    serial = _SERIAL.fullmatch(plain)
    if serial:
        counted = _EXCEL_EPOCH + timedelta(seconds=round(float(plain) * 86400))
        return counted, TIME if serial[2] and float(plain) % 1 else DAY
    if moment := _counted(plain):
        return moment, TIME
    found = _dated(plain, month_first=month_first)
    if found[0] is None and (usual := _WEEKDAY.sub("", usual_form(plain))) != plain:
        found = (moment, TIME) if (moment := _counted(usual)) else _dated(usual, month_first=month_first)
    if found[0] is None and (ends := ends_of_range(plain)):
        found = _range(*(_dated(usual_form(end), month_first=month_first) for end in ends))
    return found


def _dated(plain: str, *, month_first: bool) -> tuple[datetime | None, int]:
    day, level = _day(plain, month_first=month_first)
    if day is not None:
        return day, level
    # From the end: a year behind a blank looks like a time.
    for gap in reversed(list(_SPLIT.finditer(plain))):
        day, level = _day(plain[: gap.start()].strip(), month_first=month_first)
        moment = _with_clock(day, plain[gap.end() :]) if day is not None and level == DAY else None
        if moment is not None:
            return moment, TIME
    return None, NONE


def _range(
    start: tuple[datetime | None, int], end: tuple[datetime | None, int]
) -> tuple[datetime | None, int]:
    """Return the day that both ends share, or the month; an incident between two months has none."""
    first, last = start[0], end[0]
    if first is None or last is None or NONE in (start[1], end[1]):
        return None, NONE
    if first.date() == last.date():
        return first.replace(hour=0, minute=0, second=0), min(start[1], end[1], DAY)
    same = (first.year, first.month) == (last.year, last.month)
    return (datetime(first.year, first.month, 1), MONTH) if same else (None, NONE)  # noqa: DTZ001


def _counted(text: str) -> datetime | None:
    """Read moments that are written as figures alone: since 1970, or 202401031005."""
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    if match := _COMPACT_TIME.fullmatch(text):
        try:
            return datetime.strptime(match[0], "%Y%m%d%H%M%S" if match[3] else "%Y%m%d%H%M")  # noqa: DTZ007
        except ValueError:
            return None
    return None


def is_epoch(text: str) -> bool:
    """Say whether a text counts seconds or milliseconds since 1970."""
    return bool(_EPOCH.fullmatch(text.strip()))


def _week(year: str, week: str, day: str | None) -> tuple[datetime | None, int]:
    """Read an ISO week as the month that holds its Thursday, as the standard counts weeks to years."""
    try:
        found = date.fromisocalendar(int(year), int(week), int(day or 4))
    except ValueError:
        return None, NONE
    if day:
        return datetime(found.year, found.month, found.day), DAY  # noqa: DTZ001
    return datetime(found.year, found.month, 1), MONTH  # noqa: DTZ001


def _day(text: str, *, month_first: bool) -> tuple[datetime | None, int]:  # noqa: PLR0911 - one for each form
    if match := _WEEK.fullmatch(text):
        return _week(match[1], match[2], match[3])
    if match := _ORDINAL.fullmatch(text):
        return _ordinal(match[1], match[2])
    if (match := _BACKWARDS.fullmatch(text)) and not _COMPACT_DAY.fullmatch(text):
        day, month = (match[2], match[1]) if month_first else (match[1], match[2])
        return _date(match[3], month, day)
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _date(match[1], match[2], match[3])
    if match := _NUMERIC.fullmatch(text):
        day, month = (match[2], match[1]) if month_first else (match[1], match[2])
        return _date(_century(match[3]), month, day)
    if match := _MONTH_YEAR.fullmatch(text):
        return _date(match[2], match[1], None)
    if (match := _NAMED.fullmatch(text)) and ("-" in text or not _is_short_year(text)):
        return _date(_century(match[3]), MONTH_NUMBERS.get(match[2], 0), match[1])
    if match := _NAMED_FIRST.fullmatch(text):
        return _date(match[3], MONTH_NUMBERS.get(match[1], 0), match[2])
    return None, NONE


def _ordinal(year: str, number: str) -> tuple[datetime | None, int]:
    try:
        return datetime.strptime(f"{year} {number}", "%Y %j"), DAY  # noqa: DTZ007
    except ValueError:
        return None, NONE


def _date(year: str | int, month: str | int, day: str | None) -> tuple[datetime | None, int]:
    try:
        moment = datetime(int(year), int(month), 1 if day is None else int(day))  # noqa: DTZ001
    except ValueError:
        return None, NONE
    return moment, MONTH if day is None else DAY


def _century(year: str) -> int:
    """Widen a two-digit year as POSIX does: 69 to 99 are the 1900s."""
    number = int(year)
    if len(year) == 4:
        return number
    return number + (1900 if number >= 69 else 2000)


def _with_clock(day: datetime, text: str) -> datetime | None:
    match = CLOCK.fullmatch(text.strip())
    seconds = seconds_of(text.strip()) if match else NONE
    if match is None or seconds < 0:
        return None
    moment = day + timedelta(seconds=seconds)
    zone = (match[5] or "").lower()
    if not zone:
        return moment
    try:
        sign = (
            datetime.strptime(zone.replace(":", "").ljust(5, "0"), "%z")
            if zone[0] in "+-"
            else datetime.now(UTC)
        )
    except ValueError:  # +99:99
        return None
    return moment.replace(tzinfo=sign.tzinfo)


def _local(moment: datetime | None) -> datetime | None:
    """Return the wall time in the United Kingdom of a moment that may state its zone."""
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(ZoneInfo(_LONDON)).replace(tzinfo=None)
    except (ValueError, OverflowError):  # before the year 1
        return None
