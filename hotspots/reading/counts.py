"""Rows that stand for several incidents: a column of counts is used, or refused with the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.columns import ColumnPlan
from hotspots.reading.judging import BLANKS
from hotspots.reading.table import Coded, Table
from hotspots.text import counted

#: A row for more incidents than this is no row of a street or an area in a month.
MOST_IN_A_ROW = 100_000
#: Names of columns of numbers that may be counts, and may be anything else.
_DOUBTFUL = {"number", "no", "no.", "num", "value", "sum", "amount", "hits", "rows", "size"}
#: Counts of fewer rows can run on by chance.
_FEWEST_NUMBERED = 8
#: Incidents that counts may add up to.
MOST_IN_ALL = 20_000_000


def expand_counts(
    table: Table, plan: ColumnPlan, *, name: str, usable: np.ndarray
) -> tuple[Table, list[str]]:
    """
    Repeat each row as often as its count says.

    A row with a count above one is several incidents, whose one ID, if it has
    any, is theirs together: it is left out, or they would be taken for copies.
    A row that cannot be used, such as a total below the others, is one row
    whatever it counts.

    Raises
    ------
    InputError
        If a count is no whole number.
    """
    place = plan.places.get("count")
    if place is None or not len(table.rows):
        return table, []
    column = table.columns[place]
    numbers = np.array([_number(text) for text in column.values], dtype=float)
    if _key(plan.used["count"]) == "n" and _is_row_number(column, numbers):
        return table, [f"The column {plan.used['count']} numbers the rows: it is no count."]
    counts = np.where(usable, numbers[column.codes], 1.0)
    bad = ~np.isfinite(counts)
    if bad.any():
        raise InputError(
            f"{name} row {int(table.rows[np.flatnonzero(bad)[0]])}: the column "
            f"{plan.used['count']!r} should say how "
            f"many incidents a row stands for, and {counted(int(bad.sum()), 'cell')} of it hold no "
            "whole number. "
            "Correct them, or rename the column (such as Notes) if it is no count."
        )
    total = int(counts.sum())
    if counts.max(initial=0) > MOST_IN_A_ROW or total > MOST_IN_ALL:
        raise InputError(
            f"{name}: the column {plan.used['count']!r} adds up to {total:,}, more than incidents of "
            "one area can be. "
            "Rename the column if it is no count."
        )
    if (counts == 1).all():
        return table, []
    whole = counts.astype(np.int64)
    note = (
        f"The column {plan.used['count']} says how many incidents a row stands for: "
        f"{counted(len(counts), 'row')} "
        f"are {counted(total, 'incident')}."
    )
    return _repeated(table, plan, whole), [note]


def overlooked(plan: ColumnPlan, header: Sequence[str], preview: Sequence[Sequence[str]]) -> list[str]:
    """Warn of a column that may count incidents, under a name that may as well be of something else."""
    if "count" in plan.places:
        return []
    found = []
    for place, column in enumerate(header):
        if column in plan.ignored and _key(column) in _DOUBTFUL:
            cells = [row[place].strip() for row in preview if place < len(row) and row[place].strip()]
            numbers = [_number(cell) for cell in cells]
            if len(set(cells)) < len(cells) and all(0 <= number < MOST_IN_A_ROW for number in numbers):
                found.append(column)
    return [
        f"The column {column!r} holds whole numbers and was not read: if it says how many incidents a row "
        "stands for, name it Count."
        for column in found
    ]


def _number(text: str) -> float:
    plain = text.strip().replace(",", "")
    if plain in BLANKS or not plain:
        return np.nan
    try:
        value = float(plain)
    except ValueError:
        return np.nan
    return value if value >= 0 and value == int(min(value, 1e15)) and "e" not in plain.lower() else np.nan


def _is_row_number(column: Coded, numbers: np.ndarray) -> bool:
    """Say whether a column has each number once, in any order: nobody counts incidents that way."""
    values = np.sort(numbers[column.codes])
    return len(values) >= _FEWEST_NUMBERED and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def _key(name: str) -> str:
    return name.strip().casefold()


def _repeated(table: Table, plan: ColumnPlan, counts: np.ndarray) -> Table:
    rows = np.repeat(np.arange(len(counts)), counts)
    columns = {place: column.take(rows) for place, column in table.columns.items()}
    place = plan.places.get("crime_id")
    if place is not None:
        texts = columns[place].values[columns[place].codes].copy()
        texts[counts[rows] > 1] = ""
        columns[place] = Coded.unhashed(texts)
    return replace(
        table,
        columns=columns,
        rows=table.rows[rows],
        points=None if table.points is None else table.points[rows],
        counted=True,
    )
