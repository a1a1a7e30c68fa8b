"""Dates as programs and people write them beside the usual ways, put into one that `dates` reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

#: Months in Welsh, whole and short, as councils and forces in Wales write them.
WELSH_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("ionawr", "ion"), ("chwefror", "chwef", "chwe"), ("mawrth", "maw"), ("ebrill", "ebr"), ("mai",),
            ("mehefin", "meh"), ("gorffennaf", "gorff", "gor"), ("awst", "aws"), ("medi", "med"),
            ("hydref", "hyd"), ("tachwedd", "tach"), ("rhagfyr", "rhag"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?"
_Change = str | Callable[[re.Match[str]], str]
#: What is put into the usual form, one after the other.
_CHANGES: Final[tuple[tuple[re.Pattern[str], _Change], ...]] = tuple(
    (re.compile(pattern, re.ASCII), change)
    for pattern, change in (
        (r"^/date\((\d{13})(?:[+-]\d{4})?\)/$", r"\1"),  # .NET
        (r"[\s\u00a0\u2009\u202f]+", " "),
        (r"^'|^the | of (?=[a-z])", lambda match: " " if match[0].startswith(" ") else ""),
        (r"\[.*\]$|^on |^dydd [a-z]+,? ", ""),
        (r"[\\|]", "/"),
        (r"(?<=-\d\d)z$|\.$", ""),
        (r"(?<=\d) - (?=\d\d?:\d\d)", " "),
        (r"^(\d{1,2}) (\d{1,2}) (\d\d)$", r"\1/\2/\3"),
        (r"^([a-z]{3,10})_(\d{4})$", r"\1 \2"),
        (r"(?<=\d);\s*(?=\d)", " "),
        (r"(?<=\d)(?:af|ail|ydd|fed|eg|ain)(?= )", ""),
        (r"(?<=\d):(\d)$", r":0\1"),
        (r"(?<=\d{4}) (\d\d)-(\d\d)$", r" \1:\2"),
        (r" gmt([+-]\d{4})(?: \(.*\))?$", r" \1"),  # a browser
        (r" ?\((\d.*)\)$", r" \1"),
        (r" @ | at ", " "),
        (r"(?<=\d) ?(?:hours|hour|hrs|hr)\.?$", ""),
        (r" bst$", " +0100"),
        # SAS: 03jan2024:10:05:33
        (r"^(\d{1,2})([a-z]{3})(\d{4}|\d\d)(?::(?=\d))?", r"\1 \2 \3 "),
        (r"^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)?(?=\D|$)",
        lambda m: f"{m[1]}-{m[2]}-{m[3]} {m[4]}:{m[5]}:{m[6] or '00'}"),
        # Db2: 2024-01-03-10.05.33.123456; Oracle: 03-jan-24 10.05.33.000000 am
        (r"^(\d{4}-\d\d-\d\d)-(?=\d\d\.)", r"\1 "),
        (r"(?<= )(\d\d?)\.(\d\d)\.(\d\d)(?:[.,]\d+)?(?= |$)", r"\1:\2:\3"),
        (rf"^({_TIME}) (?:on )?(.+)$", r"\2 \1"),
        (r"^(\d{1,2})[ ,] ?(\d{1,2})[ ,] ?(\d{4})(?=\D|$)", r"\1/\2/\3"),
        # a month behind or before its year
        (r"^(\d{4})[ -]?(?:month|mth|m) ?(\d\d?)$", r"\1-\2"),
        (r"^(?:month|mth|m) ?(\d\d?)[ -](\d{4})$", r"\2-\1"),
        (r"^(\d{4})[ ./_-]([a-z]{3,10})$", r"\2 \1"),
        (r"^([a-z]{3,10})(\d{4})$", r"\1 \2"),
        (r"^([a-z]{3,10})/(\d\d)$", r"\1-\2"),
        (r"^(\d{4})(?:_| - )(\d\d?)$", r"\1-\2"),
        # an ISO week in words
        (r"^(\d{4})[ /-]?(?:week|wk|w)[ -]?(\d\d?)$", r"\1-w\2"),
        (r"^(?:week|wk|w) ?(\d\d?),?[ /-](\d{4})$", r"\2-w\1"),
        (r"^(\d{4})[ /-]([a-z]{3,10})[ /-](\d{1,2})(?=\D|$)", r"\3 \2 \1"),
    )
)  # fmt: skip
_RANGE: Final = re.compile(
    r"(?:between )?(.*\d)\s*(?: - | to |–| until | and |(?<=/\d{4})-(?=\d\d?/))\s*(\S.*)", re.ASCII
)
#: Periods that no incident can be dated by, and what they are called.
_PERIODS: Final = (
    (re.compile(r"(\d{4}|\d\d/\d\d)?[ -]?q(uarter)? ?[1-4]([ /-]?(fy)? ?\d{2,4}([/-]\d\d)?)?"), "quarters"),
    (re.compile(r"(winter|spring|summer|autumn) ?\d{4}"), "seasons"),
    (re.compile(r"(fy ?)?\d{2,4}[/-]\d\d q[1-4]|[a-z]{3,9} ?(-|to) ?[a-z]{3,9} ?\d{2,4}"), "quarters"),
    (re.compile(r"h[12] ?\d{4}|\d{4} ?h[12]|[12](st|nd) half \d{4}"), "halves of years"),
    (re.compile(r"(year|12 months|ye) ?(ending|to|ended)? .*\d{2,4}"), "years"),
    (re.compile(r"fy ?\d\d[/-]?\d\d"), "financial years (such as 2023/24)"),
)


def usual_form(text: str) -> str:
    """Put a date in small letters into a usual form; as it is where nothing is known of it."""
    for pattern, change in _CHANGES:
        text = pattern.sub(change, text)
    return text.strip()


def ends_of_range(text: str) -> tuple[str, str] | None:
    """Return the two dates of "3/1/2024 - 5/1/2024"; None for anything else."""
    match = _RANGE.fullmatch(text)
    return (match[1].strip(), match[2].strip()) if match else None


def period_kind(text: str) -> str:
    """Say which kind of period, too long to date an incident by, a text names; "" for none."""
    plain = text.strip().lower()
    return next((what for pattern, what in _PERIODS if pattern.fullmatch(plain)), "")
