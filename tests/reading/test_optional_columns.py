"""The number of incidents hangs on no optional column, no order of columns or rows, and no format."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from hotspots.reading.incidents import read_incidents

#: Twelve crimes, three of them with a line for each victim or suspect, and two reports without a number.
LINES = [f"CR{n:04}" for n in (1, 2, 3, 3, 3, 4, 5, 5, 6, 7, 8, 9, 9, 10, 11, 12)] + ["", ""]
KINDS = ("Burglary", "Drugs", "Robbery", "Anti-social behaviour")


def _needed() -> pd.DataFrame:
    number = [int(text[2:]) if text else 20 + place for place, text in enumerate(LINES)]
    return pd.DataFrame(
        {
            "Crime Number": LINES,
            "Date": [f"2024-01-{1 + n % 28:02} {n % 24:02}:30" for n in number],
            "Offence": [KINDS[n % 4] if text else KINDS[3] for n, text in zip(number, LINES, strict=True)],
            "Easting": [435_000 + 7 * n for n in number],
            "Northing": [336_000 + 3 * n for n in number],
        }
    )


NEEDED = _needed()
#: What may differ from line to line of one crime, and what may not.
OPTIONAL = {
    "Victim Age": [str(20 + 3 * k) for k in range(len(LINES))],
    "Victim Gender": ["F" if k % 2 else "M" for k in range(len(LINES))],
    "Suspect Age": ["" if k % 3 else str(30 + k) for k in range(len(LINES))],
    "Relationship": ["Stranger" if k % 2 else "Known" for k in range(len(LINES))],
    "Alcohol flag": ["Y" if k % 4 == 0 else "N" for k in range(len(LINES))],
    "Knife flag": ["Y" if k % 5 == 0 else "" for k in range(len(LINES))],
    "Street": [f"{number} Road" for number in NEEDED["Easting"]],
    "Beat": [f"D{number % 4}" for number in NEEDED["Easting"]],
    "Postcode": ["DE1 1AA"] * len(LINES),
    "Officer": [f"PC {k}" for k in range(len(LINES))],
    "Line": [str(k + 1) for k in range(len(LINES))],
}


WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    ".csv": lambda table, path: table.to_csv(path, index=False),
    ".tsv": lambda table, path: table.to_csv(path, index=False, sep="\t"),
    ".json": lambda table, path: table.to_json(path, orient="records"),
    ".parquet": lambda table, path: table.to_parquet(path),
    ".xlsx": lambda table, path: table.to_excel(path, index=False, engine="openpyxl"),
}


def count(columns: list[str], rows: list[int], *, end: str = ".csv") -> int:
    table = NEEDED.assign(**OPTIONAL)[columns].iloc[rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"extract{end}"
        WRITERS[end](table, path)
        return len(read_incidents(path).frame)


def test_lines_of_one_crime_are_one_incident():
    assert count(list(NEEDED), list(range(len(LINES)))) == 14


@given(st.sets(st.sampled_from(sorted(OPTIONAL))), st.integers(0, 2**16), st.sampled_from(sorted(WRITERS)))
def test_optional_columns_orders_and_formats_leave_the_count(chosen, seed, end):
    columns, rows = [*NEEDED, *sorted(chosen)], list(range(len(LINES)))
    random.Random(seed).shuffle(columns)
    random.Random(seed + 1).shuffle(rows)
    assert count(columns, rows, end=end) == 14
