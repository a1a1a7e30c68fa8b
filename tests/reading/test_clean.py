"""The fast lane reads what the slow lanes read, row for row, or nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from police_lines import HEADER, row

from hotspots.reading import delimited
from hotspots.reading.clean import clean_table
from hotspots.reading.content import Source
from hotspots.reading.delimited import open_text, plain_table
from hotspots.reading.incidents import read_incidents
from hotspots.reading.numbers import parse_numbers
from hotspots.reading.table import ArrowCoded, Table, arrow_of, figures_of, record_table

#: What breaks parsers: delimiters, quotation marks, blanks, words for nothing, letters beyond ASCII.
CELLS = st.text(alphabet=st.sampled_from("ab\",; é'0\\N/A\x01\x7f"), max_size=6)
WANTED = {0: False, 1: True, 2: True}


def rows_of(table: Table) -> tuple[object, ...]:
    columns = {place: list(column.values[column.codes]) for place, column in table.columns.items()}
    return columns, table.rows.tolist(), table.fault_rows.tolist(), table.fault_reasons, table.blank


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_plain_blocks_agree(rows: list[list[str]]) -> None:
    block = "".join(",".join(cell.replace('"', "") for cell in row) + "\n" for row in rows).encode()
    fast = clean_table(block, 0, line=2, n_fields=3, delimiter=",", wanted=WANTED)
    slow = plain_table(block, 0, line=2, n_fields=3, delimiter=",", wanted=WANTED)
    if fast is not None:
        assert rows_of(fast) == rows_of(slow)
    elif not len(slow.fault_rows) and not slow.blank:
        pytest.fail("a block without a fault took the slow lane")


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.booleans())
def test_quoted_blocks_agree(rows: list[list[str]], proper: bool) -> None:
    if proper:
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
        text = stream.getvalue()
    else:
        text = "".join(",".join(row) + "\n" for row in rows)
    fast = clean_table(text.encode(), 0, line=1, n_fields=3, delimiter=",", wanted=WANTED)
    if fast is not None:
        records = list(enumerate(csv.reader(io.StringIO(text, newline="\n")), 1))
        assert rows_of(fast) == rows_of(record_table(records, 3, WANTED))


@given(st.lists(CELLS, max_size=6), CELLS, st.integers(0, 2))
def test_a_column_of_arrow_gives_its_texts_and_what_it_holds(texts: list[str], sought: str, cut: int) -> None:
    column = ArrowCoded(np.arange(len(texts[cut:])), pa.array(texts, pa.string())[cut:])
    assert column.holds(sought) == (sought in texts[cut:])
    assert column.values.tolist() == texts[cut:]


@given(st.lists(st.floats(allow_nan=False), max_size=6), st.integers(0, 2))
def test_figures_go_to_arrow_and_back(figures: list[float], cut: int) -> None:
    stored = arrow_of(np.array(figures, float))
    assert stored.to_pylist() == figures
    assert figures_of(stored[cut:]).tolist() == figures[cut:]


@given(st.lists(st.text(alphabet="012.+- ", max_size=6), max_size=8, unique=True))
def test_numbers_are_the_same_from_arrow_and_from_texts_and_one_by_one(texts: list[str]) -> None:
    plain = np.array(texts, dtype=object)
    stored = pa.array(["before", *texts, "after"], pa.string())[1:-1]
    # A word among them sends all of them through the rules, one by one.
    slow = parse_numbers(np.array([*texts, "word"], dtype=object), metres=False)
    for found in (parse_numbers(plain, metres=False), parse_numbers(stored, metres=False)):
        assert found.state.tolist() == slow.state[:-1].tolist()
        np.testing.assert_array_equal(found.values, slow.values[:-1])


def test_whole_quoted_fields_are_clean() -> None:
    block = b'"a","b,c",d\n"",e,"f"\n'
    table = clean_table(block, 0, line=1, n_fields=3, delimiter=",", wanted=WANTED)
    assert table is not None
    assert rows_of(table)[0] == {0: ["a", ""], 1: ["b,c", "e"], 2: ["d", "f"]}


@pytest.mark.parametrize(
    "block",
    [
        b'a,"b\nc",d\n',
        b'a,5" pipe,6" pipe\n',
        b'a,"say ""b""",c\n',
        b"a,b,c\n\nd,e,f\n",
        b"a,b\n",
        b"a,b\x07,c\n",
        b"a,b\x7f,c\n",
        b"a,b,c\rd,e,f\n",
        b"a,b,\r\n",
    ],
)
def test_whatever_needs_a_closer_look_is_left(block: bytes) -> None:
    assert clean_table(block, 0, line=1, n_fields=3, delimiter=",", wanted=WANTED) is None


@pytest.mark.parametrize("quoted", [False, True])
def test_a_police_file_is_read_alike_by_both_lanes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quoted: bool
) -> None:
    lines = [row(n) for n in range(40)]
    text = "\n".join([HEADER, *lines]) + "\n"
    if quoted:
        text = "".join('"' + line.replace(",", '","') + '"\n' for line in text.splitlines())
    path = tmp_path / "2025-01-derbyshire-street.csv"
    path.write_text(text)
    asked: list[bool] = []

    def watched(*args: object, **options: object) -> Table | None:
        asked.append(clean_table(*args, **options) is not None)  # type: ignore[arg-type]
        return None

    fast = read_incidents(path)
    monkeypatch.setattr(delimited, "clean_table", watched)
    slow = read_incidents(path)
    assert asked == [True]
    assert fast.frame.equals(slow.frame)
    assert fast.report == slow.report


def test_only_the_blocks_that_need_it_take_the_slow_lane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotspots.reading.content.CHUNK", 16)
    monkeypatch.setattr("hotspots.reading.delimited.CHUNK", 16)
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a,b,c\n" + b"1,2,3\n" * 8 + b"1,2\n" + b"1,2,3\n" * 8)
    opened = open_text(Source(path.name, path, "text"))
    table = opened.read(dict.fromkeys(range(3), True))
    assert table.rows.tolist() == [*range(2, 10), *range(11, 19)]
    assert table.fault_rows.tolist() == [10]
