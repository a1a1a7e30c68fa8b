"""
The fast lane for clean text: blocks of rows that need no second look go to Arrow's parser.

A block is clean if every line is a row with the header's number of fields, no
control character stands in it, and each quotation mark opens or closes a whole
field of one line. Of such text there is only one reading; all other text takes
the slow lanes of `delimited`, which give the same table of it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from pyarrow import csv

from hotspots.reading.table import ArrowCoded, Coded, Table, Wanted, end_to_end, figures_of

_QUOTE, _FEED, _SPACE = ord('"'), 10, 32
#: Bytes in which the first and the last line are looked at.
_LINE = 2000
_RETURN, _DELETE = b"\r", b"\x7f"


def clean_table(
    block: bytes, start: int, *, line: int, n_fields: int, delimiter: str, wanted: Wanted
) -> Table | None:
    """
    Read a block of whole lines, if it is clean.

    Parameters
    ----------
    block : bytes
        UTF-8 text in which every line ends with a line feed.
    start, line : int
        Where the first row begins, and its line.
    n_fields : int
        Columns of the header.
    delimiter : str
        Between fields.
    wanted : mapping of int to bool
        Position of each column to make, and whether equal values are to be found.

    Returns
    -------
    Table or None
        None where the block needs a closer look.
    """
    codes = np.frombuffer(block, np.uint8)[start:]
    if not wanted or delimiter == "\t" or _RETURN in block or _DELETE in block:
        return None
    if b'"' in block and not _plainly_quoted(codes, ord(delimiter)):
        return None
    read = _parsed(memoryview(block)[start:], n_fields, delimiter, wanted)
    # Rows are at most as many as line feeds, and these as control characters, so that equal counts say
    # that there is no other one, and no empty line, which the parser passes over.
    lines = int(np.count_nonzero(codes < _SPACE))
    if read is None or read.num_rows != lines:
        return None
    columns = {place: _coded(read.column(str(place)), hashed=hashed) for place, hashed in wanted.items()}
    if _may_be_blank(columns.values(), lines):
        return None
    return Table(
        columns=columns,
        rows=np.arange(line, line + lines, dtype=np.int32),
    )


def _may_be_blank(columns: Iterable[Coded], lines: int) -> bool:
    """Say whether some row has nothing in any column that was read."""
    blank = np.ones(lines, bool)
    # The one with the fewest values says it soonest: a month, which every row has.
    for column in sorted(columns, key=lambda one: len(one.stored)):
        empty = column.values == ""
        if not empty.any():
            return False
        blank &= column.spread(empty)
    return bool(blank.any())


def _plainly_quoted(codes: np.ndarray, delimiter: int) -> bool:
    """Say whether quotation marks stand in pairs around whole fields of one line, and nowhere else."""
    marks = np.flatnonzero(codes == _QUOTE)
    opening, closing = marks[::2], marks[1::2]
    if len(opening) != len(closing):
        return False
    ends = (delimiter, _FEED)
    before = np.where(opening > 0, codes[opening - 1], _FEED)
    after = codes[closing + 1]  # a block ends with a line feed
    feeds = np.flatnonzero(codes == _FEED)
    one_line = np.searchsorted(feeds, opening) == np.searchsorted(feeds, closing)
    return bool(np.isin(before, ends).all() and np.isin(after, ends).all() and one_line.all())


def _parsed(text: memoryview, n_fields: int, delimiter: str, wanted: Wanted) -> pa.Table | None:
    alike = _alike_at_both_ends(bytes(text[:_LINE]), bytes(text[-_LINE:]), delimiter.encode())
    kinds = {
        str(place): pa.dictionary(pa.int32(), pa.string()) if hashed and place not in alike else pa.string()
        for place, hashed in wanted.items()
    }
    try:
        return csv.read_csv(
            pa.py_buffer(text),
            # One block, so that a value has one number; the threads of a machine are the caller's to use.
            read_options=csv.ReadOptions(
                use_threads=False, block_size=len(text) + 1, column_names=[str(n) for n in range(n_fields)]
            ),
            parse_options=csv.ParseOptions(delimiter=delimiter),
            # What is not UTF-8 has not come this far.
            convert_options=csv.ConvertOptions(
                check_utf8=False, column_types=kinds, include_columns=list(kinds)
            ),
        )
    except pa.ArrowInvalid:  # another number of fields somewhere
        return None


def _alike_at_both_ends(start: bytes, end: bytes, delimiter: bytes) -> set[int]:
    """Guess which columns hold one text throughout, as month and force do: looking for others costs more."""
    first, last = start.partition(b"\n")[0], end[:-1].rpartition(b"\n")[2]
    pairs = enumerate(zip(first.split(delimiter), last.split(delimiter), strict=False))
    return {place for place, (one, other) in pairs if one and one == other}


def _coded(column: pa.ChunkedArray, *, hashed: bool) -> Coded:
    whole = column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
    if not hashed:
        return ArrowCoded(np.arange(len(whole), dtype=np.int32), whole)
    if pa.types.is_string(whole.type):
        starts, joined = end_to_end(whole)
        if (np.diff(starts) == starts[1]).all() and joined == joined[: starts[1]] * len(whole):
            return ArrowCoded(np.zeros(len(whole), np.int32), whole[:1])
        whole = whole.dictionary_encode()
    return ArrowCoded(figures_of(whole.indices), whole.dictionary)
