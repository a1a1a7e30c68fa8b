"""What the user sets incidents against: a figure for each area, such as its workday population."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hotspots.errors import InputError
from hotspots.text import clean_label

_CODE = re.compile(r"[EWSN]\d{8}")


@dataclass(frozen=True, eq=False)
class Denominator:
    """
    A figure of the user's for each area.

    Attributes
    ----------
    name : str
        What the file calls it, for sentences: "workday population".
    values : Series of float
        By GSS code; of wards, LSOAs or both.
    """

    name: str
    values: pd.Series


def read_denominator(path: Path) -> Denominator:
    """
    Read a CSV file of two columns: GSS code, and a number that is not negative.

    The header of the second column names it. Areas that the file lacks, or gives
    0, are not ranked by it.

    Raises
    ------
    InputError
        If the file cannot be read, has no header or other than two columns, or a
        line has no GSS code, no number, or a code that an earlier line has.
    """
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}. Check --denominator.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is not CSV in UTF-8: save it as such for --denominator.") from error
    if not rows or len(rows[0]) != 2 or _CODE.fullmatch(rows[0][0].strip()):
        raise InputError(f"{path.name} needs a header of two columns, such as code,workday population.")
    name = clean_label(rows[0][1].replace("_", " "))
    values: dict[str, float] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        code, number = _cells(row, f"{path.name} line {line}")
        if code in values:
            raise InputError(f"{path.name} line {line}: an earlier line has this GSS code; keep one of them.")
        values[code] = number
    if not values or not name:
        raise InputError(
            f"{path.name} holds no figure, or no name for it: give code and number on each line."
        )
    return Denominator(name, pd.Series(values, dtype=float).sort_index())


def _cells(row: list[str], where: str) -> tuple[str, float]:
    code = row[0].strip()
    if len(row) != 2 or not _CODE.fullmatch(code):
        raise InputError(f"{where}: the line needs a GSS code, such as E05015507, and one number.")
    try:
        number = float(row[1].replace(",", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InputError(f"{where}: the second column is not a number of 0 or more. Correct it.")
    return code, number
