"""Times of day as text."""

from __future__ import annotations

import re
from datetime import time

#: Hour, minute, second, half of the day, zone.
CLOCK = re.compile(
    r"(\d{1,2})(?:[:.h]?(\d{2}))?(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?\s*(z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)


def seconds_of(text: str) -> int:
    """Return the seconds since midnight of a clock text; -1 where there is none or it cannot be read."""
    if re.fullmatch(r"0?\.\d+|0|1\.0", text, re.ASCII):  # a fraction of a day, as Excel keeps it
        return round(float(text) % 1 * 86400) % 86400
    match = CLOCK.fullmatch(text) or CLOCK.fullmatch(_bare_clock(text))
    if match is None or not (match[2] or match[4]):
        return -1
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4][0].lower() == "p" else 0) if 1 <= hour <= 12 else 99
    try:
        clock = time(hour, minute, second)
    except ValueError:
        return -1
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _bare_clock(text: str) -> str:
    """Return the clock of a time that programs write with a mark, a word or the day 0 of a calendar."""
    plain = re.sub(r"^(?:30/12/1899|31/12/1899|1899-12-3[01]|1900-01-0[01]|0?[01]/01/1900)?[ tT]+", "", text)
    return re.sub(r"\s*(?:hours|hrs?)\.?$", "", plain, flags=re.IGNORECASE)
