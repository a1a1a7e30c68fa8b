"""Dates of which a spreadsheet has exchanged day and month: refused before they make false months."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

#: Distinct dates of each kind below which chance could look like a pattern.
_FEWEST = 8
#: Months that only exchanged dates fill.
_FILLED = 3
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TEXT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d\d)", re.ASCII)
_REMEDY = (
    "Excel opened the file under another country's order and exchanged day and month where it could. "
    "Import the "
    "original again with Data > From Text/CSV and the right locale, or export it with dates as "
    "YYYY-MM-DD; if the "
    "dates are right as they stand, say so with --date-format day-first"
)


def exchanged(texts: Sequence[str] | np.ndarray, start: np.ndarray) -> str:
    """
    Say how a column of dates shows that a spreadsheet exchanged day and month.

    Only dates with a day up to 12 can be exchanged. So true date cells that
    all have such a day, among texts that all have a greater one, were
    exchanged; and so were dates whose small days are only the numbers of the
    months that the great days lie in, while their own months run on beyond.

    Parameters
    ----------
    texts : sequence of str
        Distinct values.
    start : ndarray of datetime64
        As read; NaT where unreadable.

    Returns
    -------
    str
        A clause with the remedy; "" where nothing shows it.
    """
    return _by_form(texts) or _by_months(start)


def _by_form(texts: Sequence[str] | np.ndarray) -> str:
    cells = [int(match[3]) for text in texts if (match := _ISO.match(text.strip()))]
    words = [match for text in texts if (match := _TEXT.match(text.strip()))]
    if len(cells) < _FEWEST or len(words) < _FEWEST:
        return ""
    if max(cells) > 12 or any(max(int(match[1]), int(match[2])) <= 12 for match in words):
        return ""
    return f"every date cell has a day up to 12 and every date written as text one above: {_REMEDY}"


def _by_months(start: np.ndarray) -> str:
    known = np.unique(start[~np.isnat(start)].astype("datetime64[D]"))
    if len(known) < 2 * _FEWEST:
        return ""
    months = known.astype("datetime64[M]")
    day = (known - months.astype("datetime64[D]")).astype(int) + 1
    month = months.astype(int) % 12 + 1
    great, small = day > 12, day <= 12
    if great.sum() < _FEWEST or small.sum() < _FEWEST:
        return ""
    true = set(month[great].tolist())
    beyond = set(month[small].tolist()) - true
    if len(beyond) < _FILLED or not set(day[small].tolist()) <= true:
        return ""
    return (
        f"{len(beyond)} months hold only days up to 12, and those days are only the numbers of the "
        "other months: "
        f"{_REMEDY}"
    )
