"""Sheets laid by column: the same file as if each cell had been written on its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.outputs._table_sheet import TableSheet

CREATED = pd.Timestamp("2026-01-31")
HEADINGS = ("Text", "Whole", "Number", "Flag", "Sort")


def frame(cells: list[tuple[object, ...]]) -> pd.DataFrame:
    text, whole, number, flag, sort = zip(*cells, strict=True)
    return pd.DataFrame(
        {
            "Text": pd.Series(text, dtype=object),
            "Whole": pd.Series(whole, dtype="Int64"),
            "Number": pd.Series(number, dtype=float),
            "Flag": pd.Series(flag, dtype="boolean"),
            "Sort": pd.Categorical(sort),
        }
    )


def written(path, table: pd.DataFrame, *, by_column: bool) -> bytes:
    """Write a table and a sheet behind it that shares its texts."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": CREATED})
        looks = {"Number": book.add_format({"num_format": "0%"})}
        sheet = book.add_worksheet("Table", TableSheet if by_column else None)
        sheet.set_row(0, 48)
        for at, name in enumerate(HEADINGS):
            sheet.write_string(0, at, name)
            if by_column:
                sheet.lay(table[name], looks.get(name))
            else:
                lay_cell_by_cell(sheet, at, table[name], looks.get(name))
        book.add_worksheet("Behind").write_string(0, 0, "of both")
    return path.read_bytes()


def lay_cell_by_cell(sheet, at, values, look):
    write = {"Int64": sheet.write_number, "float64": sheet.write_number, "boolean": sheet.write_boolean}
    for row, value in enumerate(values, start=1):
        if not pd.isna(value):
            write.get(str(values.dtype), sheet.write_string)(row, at, value, look)


CELLS = st.lists(
    st.tuples(
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.just("of both"),
        st.none() | st.integers(-(10**9), 10**9),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        st.none() | st.sampled_from(["ward", "a < b & c", "_x0000_"]),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=12, deadline=None)
@given(cells=CELLS)
def test_the_file_is_the_same_as_cell_by_cell(cells, tmp_path_factory):
    table, folder = frame(cells), tmp_path_factory.getbasetemp()
    ours = written(folder / "column.xlsx", table, by_column=True)
    assert ours == written(folder / "cell.xlsx", table, by_column=False)


def test_bare_rows_a_bare_block_and_texts_too_long_are_written_as_the_library_does(tmp_path):
    rows: list[tuple[object, ...]] = [("x", 1, 0.1, True, None)]
    rows += [(None,) * 5] * 40
    rows += [("\U0001f600" * 20_000, None, -0.0, None, "z"), (None,) * 5]
    ours = written(tmp_path / "column.xlsx", frame(rows), by_column=True)
    assert ours == written(tmp_path / "cell.xlsx", frame(rows), by_column=False)


def test_a_number_without_end_is_refused():
    with pytest.raises(TypeError, match="cannot be infinite"):
        TableSheet().lay(pd.Series([1.0, np.inf]))
