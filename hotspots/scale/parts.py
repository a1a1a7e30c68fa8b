"""
The judged rows of one source as a Parquet file, and back, with nothing lost on the way.

A part is written beside its place and renamed, so that it is whole or not there. It says what
`reading` found in the source; nothing of it hangs on which other sources there are.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hotspots.errors import LakeError, OutputError
from hotspots.reading.beside import asked_for
from hotspots.reading.columns import ColumnPlan
from hotspots.reading.content import Source
from hotspots.reading.judging import count_reasons
from hotspots.reading.rules import Rules
from hotspots.reading.single import ReadSource
from hotspots.reading.survey import Survey
from hotspots.reading.table import Table
from hotspots.scale.layout import DEGREES, LAYOUT, METRES, column_or, laid_rows, lay_out, plain_texts

if TYPE_CHECKING:
    import pandas as pd

_META: Final = b"hotspots"


@dataclass(frozen=True)
class Part:
    """
    What the record of a lake says of one part.

    Attributes
    ----------
    file : str
        Its name in the lake.
    digest : str
        SHA-256 of the file.
    tail : str
        What its name has behind the source's: the sheet of a workbook.
    rows : int
        Rows read, broken ones included.
    rejects : mapping of str to int
        Rejected rows by reason.
    months : tuple of str
        Months of the good rows.
    degrees, metres : tuple of four floats, or None
        West, south, east, north of the good rows by their coordinates.
    bare : int
        Good rows without coordinates: only a closer look says where they are.
    """

    file: str
    digest: str
    tail: str
    rows: int
    rejects: Mapping[str, int]
    months: tuple[str, ...] = ()
    degrees: tuple[float, float, float, float] | None = None
    metres: tuple[float, float, float, float] | None = None
    bare: int = 0


@dataclass(frozen=True)
class Near:
    """
    A stretch of ground, of which the sources are sought: west, south, east, north.

    Attributes
    ----------
    degrees, metres : tuple of four floats
        The same ground twice.
    """

    degrees: tuple[float, float, float, float]
    metres: tuple[float, float, float, float]

    def touches(self, part: Part) -> bool:
        """Say whether a part may hold a row in the box."""
        boxes = ((part.degrees, self.degrees), (part.metres, self.metres))
        return bool(part.bare) or any(one is not None and _overlap(one, box) for one, box in boxes)

    def holds(self, part: Part, lake: Path, name: str) -> bool:
        """Say whether a part has a good row in the box, or one that only a closer look can place."""
        if not self.touches(part) or part.bare:
            return bool(part.bare)
        table = pq.ParquetFile(pa.BufferReader(_content(part, lake, name)))
        there = table.schema_arrow.names
        rows = table.read([one for one in (*DEGREES, *METRES, "reason") if one in there], use_threads=False)
        good = column_or(rows, "reason", np.zeros(rows.num_rows, np.int8)) == 0
        pairs = ((DEGREES, self.degrees), (METRES, self.metres))
        return any(
            bool((_inside(rows.column(x).to_numpy(), rows.column(y).to_numpy(), box) & good).any())
            for (x, y), box in pairs
            if x in there
        )


def write_part(read: ReadSource, lake: Path, name: str, *, tail: str) -> Part:
    """
    Write a judged source into a lake.

    Raises
    ------
    OutputError
        If the disk is full or the lake cannot be written.
    """
    found = _summary(read)
    table, kept = lay_out(read.rows) if read.rows is not None else (_beside_table(read.beside), {})
    record = {**_record(read), **kept, "tail": tail, "summary": found}
    content = _parquet(table, record)
    path = lake / name
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise OutputError(
            f"The lake cannot take {path.name}: {error.strerror}. Make room and give the same command "
            "again: it goes on where it was."
        ) from error
    return _part(name, content, tail, found)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def read_part(part: Part, lake: Path, name: str, *, rules: Rules) -> ReadSource:
    """
    Load a judged source.

    Parameters
    ----------
    part : Part
        From the lake's record.
    lake : Path
        Its folder.
    name : str
        The source, as people see it.
    rules : Rules
        Months and forces that are asked for.

    Raises
    ------
    LakeError
        If the part is missing or is not as it was written.
    """
    table = pq.read_table(pa.BufferReader(_content(part, lake, name)), use_threads=False)
    record = json.loads(table.schema.metadata[_META])
    if record["layout"] != LAYOUT:
        raise LakeError(f"{part.file}, with the rows of {name}, was written by another version: {_AGAIN}")
    rows = laid_rows(table, record, rules) if record["judged"] else None
    lines = rows.numbers["source_row"] if rows is not None else np.zeros(record["lines"], np.int32)
    faults, reasons = np.array(record["fault_rows"], np.int32), tuple(record["fault_reasons"])
    plan = record["plan"]
    return ReadSource(
        source=Source(name, lake / part.file, record["form"]),
        survey=Survey(**record["survey"]),
        delimiter=record["delimiter"],
        warnings=tuple(record["warnings"]),
        plan=ColumnPlan(
            kind=plan["kind"],
            places=plan["places"],
            used=plan["used"],
            ignored=tuple(plan["ignored"]),
            personal=tuple(plan["personal"]),
            month_first=plan["month_first"],
        ),
        table=Table({}, lines, faults, reasons, record["blank"]),
        rows=rows,
        beside=asked_for(_beside(table), rules) if record["beside"] else None,
        notes=tuple(record["notes"]),
    )


def _beside_table(beside: pd.DataFrame | None) -> pa.Table:
    """Lay out what a file of searches or outcomes holds."""
    return pa.table({} if beside is None else {name: pa.array(beside[name]) for name in beside})


def _beside(table: pa.Table) -> pd.DataFrame:
    """Give it again, texts as plain objects."""
    import pandas as pd

    return pd.DataFrame(
        {
            name: table.column(name).to_numpy() if name in DEGREES else plain_texts(table.column(name))
            for name in table.column_names
        }
    )


def _content(part: Part, lake: Path, name: str) -> bytes:
    try:
        content = (lake / part.file).read_bytes()
    except OSError as error:
        raise LakeError(f"{part.file} is missing from the lake, with the rows of {name}: {_MEND}") from error
    if hashlib.sha256(content).hexdigest() != part.digest:
        raise LakeError(f"{part.file}, with the rows of {name}, is not as it was written: {_MEND}")
    return content


_AGAIN: Final = "give `hotspots archive` the same inputs again."
_MEND: Final = "give `hotspots archive` the same inputs again with --mend, which reads them anew."


def _record(read: ReadSource) -> dict[str, Any]:
    survey = {key: value for key, value in vars(read.survey).items() if key != "kept"}
    return {
        "layout": LAYOUT,
        "form": read.source.form,
        "survey": survey,
        "delimiter": read.delimiter,
        "warnings": list(read.warnings),
        "plan": vars(read.plan),
        "lines": len(read.table.rows),
        "fault_rows": read.table.fault_rows.tolist(),
        "fault_reasons": list(read.table.fault_reasons),
        "blank": read.table.blank,
        "judged": read.rows is not None,
        "beside": read.beside is not None,
        "notes": list(read.notes),
    }


def _parquet(table: pa.Table, record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    sink = pa.BufferOutputStream()
    coded = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    pq.write_table(
        table.replace_schema_metadata({_META: text.encode()}),
        sink,
        use_dictionary=coded,
        # Digests do not shrink, and figures little: Parquet's own coding of texts does most.
        compression={field.name: "NONE" if field.name == "crime_digest" else "LZ4" for field in table.schema}
        or "NONE",
        write_statistics=False,
    )
    return sink.getvalue().to_pybytes()


def _summary(read: ReadSource) -> dict[str, Any]:
    """Say what a lake's record is to know of a part without opening it."""
    if read.rows is None:
        return {"rows": read.total, "rejects": {}, **_ground(read.beside)}
    rows = read.rows
    rejects = count_reasons(rows.reason)
    rejects.update(read.table.fault_reasons)
    good = rows.reason == 0
    metres = _known(rows.numbers, "easting", "northing") & good
    degrees = _known(rows.numbers, "longitude", "latitude") & good & ~metres
    month = rows.texts["month"]
    return {
        "rows": read.total,
        "rejects": dict(sorted(rejects.items())),
        "months": sorted(month.values[np.flatnonzero(np.bincount(month.codes[good]))].tolist()),
        "degrees": _box(rows.numbers["longitude"][degrees], rows.numbers["latitude"][degrees]),
        "metres": _box(rows.numbers["easting"][metres], rows.numbers["northing"][metres]),
        "bare": int((good & ~metres & ~degrees).sum()),
    }


def _ground(beside: pd.DataFrame | None) -> dict[str, Any]:
    """Say where searches are; outcomes may be of crimes anywhere."""
    if beside is None or "longitude" not in beside:
        return {"bare": 0 if beside is None else len(beside)}
    known = beside.dropna()
    return {"degrees": _box(known["longitude"].to_numpy(float), known["latitude"].to_numpy(float))}


def _part(name: str, content: bytes, tail: str, summary: Mapping[str, Any]) -> Part:
    boxes = {key: tuple(summary[key]) for key in ("degrees", "metres") if summary.get(key)}
    return Part(
        file=name,
        digest=hashlib.sha256(content).hexdigest(),
        tail=tail,
        rows=summary["rows"],
        rejects=summary["rejects"],
        months=tuple(summary.get("months", ())),
        bare=summary.get("bare", 0),
        **boxes,
    )


def _known(numbers: Mapping[str, np.ndarray], one: str, other: str) -> np.ndarray:
    return np.isfinite(numbers[one]) & np.isfinite(numbers[other])


def _box(x: np.ndarray, y: np.ndarray) -> list[float] | None:
    if not len(x):
        return None
    return [float(x.min()), float(y.min()), float(x.max()), float(y.max())]


def _inside(x: np.ndarray, y: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    west, south, east, north = box
    within: np.ndarray = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return within


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
