"""Months that say no year, and years that run from April: what stands beside them tells the month."""

from __future__ import annotations

import re

from hotspots.reading.dates import MONTH_NUMBERS

#: "2023/24", "2023-2024", "FY2023/24": a year from April on.
FINANCIAL_YEAR = re.compile(r"(?:fy ?)?((?:19|20)\d\d) ?[/-] ?((?:20)?\d\d)", re.ASCII | re.IGNORECASE)

#: A day before the name of its month: "3 January", "03-Jan".
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ /-]+(?=[a-z]{3,10}$)", re.ASCII)


def with_year(month: str, year: str) -> str:
    """
    Put a month without a year together with the year beside it: "April" and "2023/24" is 2023-04.

    Returns
    -------
    str
        "YYYY-MM", or the month as it was where one of the two is not understood.
    """
    number, day = bare_month(month), _DAY.match(month.strip().lower())
    end = f"-{int(day[1]):02}" if day else ""
    plain = re.sub(r"\.0$", "", year.strip())
    if (week := bare_week(month)) and re.fullmatch(r"(19|20)\d\d", plain, re.ASCII):
        return f"{plain}-W{week:02}"
    if not number:
        return month
    if re.fullmatch(r"(19|20)\d\d", plain, re.ASCII):
        return f"{plain}-{number:02}{end}"
    match = FINANCIAL_YEAR.fullmatch(plain)
    if match and is_financial_year(plain):
        first = int(match[1])
        return f"{first + (number < 4)}-{number:02}{end}"
    return month


def is_financial_year(text: str) -> bool:
    """Say whether a text names a year from April to March, such as 2023/24."""
    match = FINANCIAL_YEAR.fullmatch(text.strip())
    return match is not None and int(match[2]) % 100 == (int(match[1]) + 1) % 100


def bare_month(text: str) -> int:
    """Return the number of a month that is written without its year; 0 for anything else."""
    plain = _DAY.sub("", text.strip().lower().rstrip("."))
    if plain in MONTH_NUMBERS:
        return MONTH_NUMBERS[plain]
    return int(plain) if re.fullmatch(r"0?[1-9]|1[0-2]", plain, re.ASCII) else 0


def bare_week(text: str) -> int:
    """Return the number of a week that is written without its year, such as W05; 0 for anything else."""
    match = re.fullmatch(r"w(\d{1,2})", text.strip().lower(), re.ASCII)
    return int(match[1]) if match else 0
