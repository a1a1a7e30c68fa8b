"""
Judged rows as columns of Arrow, and back: what is the same in all rows stands in the record instead.

A Crime ID of police.uk is written as the bytes that its digits say, half as long.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from hotspots.reading.rules import Rules
from hotspots.reading.table import Coded, arrow_of, end_to_end
from hotspots.reading.verdicts import Rows, not_asked_for

#: Raised when what a part holds is laid out anew.
LAYOUT: Final = 2
DEGREES: Final = ("longitude", "latitude")
METRES: Final = ("easting", "northing")
_DATES: Final = ("occurred_from", "occurred_to")
_HEX_ID: Final = 64
_SMALL: Final = 0x20


def lay_out(rows: Rows) -> tuple[pa.Table, dict[str, Any]]:
    """
    Lay rows out in columns.

    Parameters
    ----------
    rows : Rows
        Of one source.

    Returns
    -------
    columns : pa.Table
    kept : dict
        What is the same in all rows, for the record of the part.
    """
    columns: dict[str, pa.Array] = {}
    same: dict[str, str] = {}
    for name, column in rows.texts.items():
        if name == "crime_id":
            columns |= _id_column(column)
        elif len(column.values) == 1:
            same[name] = str(column.values[0])
        else:
            columns[name] = pa.DictionaryArray.from_arrays(
                arrow_of(column.codes), _arrow_texts(column.stored)
            )
    lines = rows.numbers["source_row"]
    if len(lines) and not np.array_equal(lines, np.arange(lines[0], lines[0] + len(lines))):
        columns["source_row"] = arrow_of(lines)
    for name, values in rows.numbers.items():
        if name in _DATES and not np.isnat(values).all():
            columns[name] = pa.array(values.astype("datetime64[s]"))
        elif name not in (*_DATES, "source_row") and not np.isnan(values).all():
            columns[name] = arrow_of(values)
    if rows.reason.any():
        columns["reason"] = arrow_of(rows.reason)
    kept = {
        "n": len(lines),
        "first_row": int(lines[0]) if len(lines) else 0,
        "same": same,
        "resolution": rows.resolution,
        "publisher": rows.publisher,
        "notes": list(rows.notes),
        "row_warnings": list(rows.warnings),
        "counted": rows.counted,
        "order": list(rows.texts),
    }
    return pa.table(columns), kept


def _id_column(column: Coded) -> dict[str, pa.Array]:
    """Write the digests that police.uk gives as Crime IDs as bytes, other IDs as the text they are."""
    texts = _in_rows(column)
    offsets, joined = end_to_end(texts)
    lengths = np.diff(offsets)
    if not ((lengths == 0) | (lengths == _HEX_ID)).all():
        return {"crime_id": texts}
    try:
        plain = unhexlify(joined)
    except ValueError:
        return {"crime_id": texts}
    # Of the digits, capital letters alone lack this bit, and they would come back as small ones.
    if not np.bitwise_and.reduce(np.frombuffer(joined, np.uint8)) & _SMALL:
        return {"crime_id": texts}
    buffers = [None, pa.py_buffer((offsets // 2).astype(np.int32)), pa.py_buffer(plain)]
    return {"crime_digest": pa.Array.from_buffers(pa.binary(), len(texts), buffers)}


def _in_rows(column: Coded) -> pa.StringArray:
    """Give the text of each row; as Arrow has it, where no row shares its text with another."""
    if np.array_equal(column.codes, np.arange(len(column.stored))):
        return _arrow_texts(column.stored)
    return pa.array(column.values[column.codes], pa.string())


def _arrow_texts(stored: np.ndarray | pa.StringArray) -> pa.StringArray:
    return stored if isinstance(stored, pa.StringArray) else pa.array(stored.tolist(), pa.string())


def _ids(table: pa.Table) -> np.ndarray:
    """Give the Crime IDs as text again."""
    if "crime_id" in table.column_names:
        return plain_texts(table.column("crime_id"))
    digests = table.column("crime_digest").combine_chunks()
    digests = digests.chunk(0) if isinstance(digests, pa.ChunkedArray) else digests
    n = len(digests)
    offsets = np.frombuffer(digests.buffers()[1], np.int32)[digests.offset : digests.offset + n + 1]
    data = digests.buffers()[2].to_pybytes()[offsets[0] : offsets[-1]].hex().encode()
    buffers = [None, pa.py_buffer(((offsets - offsets[0]) * 2).astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), n, buffers).to_numpy(zero_copy_only=False)


def plain_texts(column: pa.ChunkedArray) -> np.ndarray:
    """Give a column of text as plain objects."""
    return np.asarray(column.to_numpy(), dtype=object)


def laid_rows(table: pa.Table, record: Mapping[str, Any], rules: Rules) -> Rows:
    """
    Give rows again as they were before `lay_out`.

    Parameters
    ----------
    table : pa.Table
        The columns.
    record : mapping
        What was kept beside them.
    rules : Rules
        Months and forces that are asked for now.
    """
    n, first = record["n"], record["first_row"]
    texts = {name: _text(table, name, record["same"], n) for name in record["order"]}
    numbers = {name: column_or(table, name, np.full(n, np.nan)) for name in (*DEGREES, *METRES)}
    dates = {
        name: column_or(table, name, np.full(n, np.datetime64("NaT", "s"))).astype("datetime64[s]")
        for name in _DATES
    }
    lines = column_or(table, "source_row", np.arange(first, first + n, dtype=np.int32))
    reason = column_or(table, "reason", np.zeros(n, np.int8)).copy()
    return Rows(
        texts=texts,
        numbers={"source_row": lines, **dates, **numbers},
        reason=reason,
        out_of_period=(reason == 0) & not_asked_for(texts["month"], texts["force"], rules),
        resolution=record["resolution"],
        publisher=record["publisher"],
        notes=tuple(record["notes"]),
        warnings=tuple(record["row_warnings"]),
        counted=record["counted"],
    )


def _text(table: pa.Table, name: str, same: Mapping[str, str], n: int) -> Coded:
    if name in same:
        return Coded(np.zeros(n, np.int32), np.array([same[name]], dtype=object))
    if name == "crime_id":
        return Coded.unhashed(_ids(table))
    column = table.column(name).unify_dictionaries().combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    return Coded(
        column.indices.to_numpy().astype(np.int32, copy=False),
        column.dictionary.to_numpy(zero_copy_only=False),
    )


def column_or(table: pa.Table, name: str, missing: np.ndarray) -> np.ndarray:
    """Give a column of figures, or what stands for it where it was not written."""
    return table.column(name).to_numpy() if name in table.column_names else missing
