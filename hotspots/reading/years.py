"""Months that say no year, and years that run from April: what stands beside them tells the month."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hotspots.reading.dates import MONTH_NUMBERS

#: "2023/24", "2023-2024", "FY2023/24": a year from April on.
FINANCIAL_YEAR = re.compile(r"(?:fy ?)?((?:19|20)\d\d) ?[/-] ?((?:20)?\d\d)", re.ASCII | re.IGNORECASE)


def with_years(months: Sequence[str], years: Sequence[str]) -> list[str]:
    """
    Put months without a year together with the year beside them: "April" and "2023/24" is 2023-04.

    Returns
    -------
    list of str
        "YYYY-MM", or the month as it was where one of the two is not understood.
    """
    return [_with_year(month, year) for month, year in zip(months, years, strict=True)]


def _with_year(month: str, year: str) -> str:
    number = bare_month(month)
    plain = re.sub(r"\.0$", "", year.strip())
    if not number:
        return month
    if re.fullmatch(r"(19|20)\d\d", plain, re.ASCII):
        return f"{plain}-{number:02}"
    match = FINANCIAL_YEAR.fullmatch(plain)
    if match and is_financial_year(plain):
        first = int(match[1])
        return f"{first + (number < 4)}-{number:02}"
    return month


def is_financial_year(text: str) -> bool:
    """Say whether a text names a year from April to March, such as 2023/24."""
    match = FINANCIAL_YEAR.fullmatch(text.strip())
    return match is not None and int(match[2]) % 100 == (int(match[1]) + 1) % 100


def bare_month(text: str) -> int:
    """Return the number of a month that is written without its year; 0 for anything else."""
    plain = text.strip().lower().rstrip(".")
    if plain in MONTH_NUMBERS:
        return MONTH_NUMBERS[plain]
    return int(plain) if re.fullmatch(r"0?[1-9]|1[0-2]", plain, re.ASCII) else 0
