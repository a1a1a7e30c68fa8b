"""What must hold for every file, however broken."""

from __future__ import annotations

import csv
import io
import json
import math
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from faults.bases import CANARY
from hotspots.errors import HotspotsError
from hotspots.reading import content as contents
from hotspots.reading import delimited
from hotspots.reading.delimited import TextFile, open_text
from hotspots.reading.incidents import Incidents, read_incidents
from hotspots.reading.sources import find_sources
from hotspots.schema import REJECT_REASONS

TODAY = date(2026, 1, 31)
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TEXTS = (
    "source", "month", "crime_type", "offence_code", "flags", "street", "grid_reference", "postcode",
    "stated_lsoa", "stated_ward",
)  # fmt: skip
_PAIRS = (("longitude", "latitude"), ("easting", "northing"))


class Broken(AssertionError):  # noqa: N818 - it names what it is
    """Something that must hold does not."""


def need(condition: object, what: str) -> None:
    """Raise unless a condition holds; unlike assert, also under -O."""
    if not condition:
        raise Broken(what)


def check_case(path: Path, content: bytes, *, dice: random.Random) -> str:
    """Read a file in several ways; return in one word what came of it."""
    result = _read(path, content)
    if isinstance(result, Incidents):
        check_result(result)
        _check_text_ways(path)
        _check_chunks(path, content, result, dice)
    need(path.read_bytes() == content, "the input was changed")
    need([p.name for p in path.parent.iterdir()] == [path.name], "a file appeared beside the input")
    return f"{path.suffix} {'read' if isinstance(result, Incidents) else 'refused'}"


def _read(path: Path, content: bytes) -> Incidents | HotspotsError:
    try:
        return read_incidents(path, today=TODAY)
    except HotspotsError as error:
        _check_message(str(error), content)
        return error


def _check_message(text: str, content: bytes) -> None:
    need(text, "an empty message")
    need(not _CONTROL.search(text), "a control character in a message")
    need(len(text) < 4000, "a message of more than 4,000 characters")
    # A name of a column may be shown: a damaged file can have a cell among them.
    mark = CANARY.encode()
    heads = [part[:65536].replace(b"\r", b"\n").lstrip().split(b"\n", 1)[0] for part in _unzipped(content)]
    if mark in content and not any(mark in head or b"sep=" in head for head in heads):
        need(CANARY not in text, "a value of a row in a message")
    text.encode("utf-8")


def check_result(result: Incidents) -> None:
    """Check the balance, the reasons, the values and the report."""
    report = result.report
    for source in report.sources:
        parts = (source.rows_kept, source.rows_rejected, source.out_of_period, source.rows_other_kind)
        need(source.rows_read == sum(parts) and min(parts) >= 0, "the balance does not hold")
        need(source.rows_rejected == sum(source.rejects.values()), "rejects do not add up")
        kept = int((result.frame["source"] == source.name).sum())
        listed = int((result.rejected["source"] == source.name).sum())
        need((kept, listed) == (source.rows_kept, source.rows_rejected), "frame and report differ")
    need(len({source.name for source in report.sources}) == len(report.sources), "two sources of one name")
    need(set(result.rejected["reason"]) <= set(REJECT_REASONS), "an unknown reason")
    need((result.rejected["source_row"] >= 1).all(), "a reject without a line")
    _check_frame(result)
    for text in (*report.warnings, *report.notes, json.dumps(report.as_dict(), ensure_ascii=False)):
        need(not _CONTROL.search(text), "a control character in the report")
        text.encode("utf-8")
    json.dumps(report.as_dict(), allow_nan=False)


def _check_frame(result: Incidents) -> None:
    frame = result.frame
    months = frame["month"].astype(str)
    need(months.str.fullmatch(r"(19[5-9]\d|20[0-2]\d)-(0[1-9]|1[0-2])").all(), "a month that is none")
    need((months <= "2026-01").all(), "a month in the future")
    for one, other in _PAIRS:
        x, y = frame[one].to_numpy(), frame[other].to_numpy()
        need((np.isnan(x) == np.isnan(y)).all(), "half a coordinate")
        need(not np.isinf(x).any() and not np.isinf(y).any(), "an endless coordinate")
    need((frame["longitude"].abs().dropna() <= 180).all(), "a longitude beyond 180")
    for name in _TEXTS:
        for text in frame[name].astype(str).unique():
            need(not _UNSAFE.search(text), f"a control character in {name}")
            text.encode("utf-8")
    for text in frame["crime_id"]:
        text.encode("utf-8")


def _check_text_ways(path: Path) -> None:
    """Read a text file the fast way, the careful way and with the csv module alone: all must agree."""
    for source in find_sources([path]).sources:
        if source.form not in ("text", "gzip"):
            return
        opened = open_text(source)
        if max(map(len, b"".join(source.chunks()).splitlines()), default=0) >= csv.field_size_limit():
            return  # the careful way refuses such a field, the fast one has no reason to
        wanted = {place: place % 2 == 0 for place in range(len(opened.header))}
        tables = [_plain(opened, quoted=True, wanted=wanted)]
        if not opened.survey.quoted:
            tables.append(_plain(opened, quoted=False, wanted=wanted))
            need(tables[0] == tables[1], "fast and careful reading differ")
        need(tables[0][0] == _by_csv(opened), "reading differs from the csv module")


def _plain(opened: TextFile, *, quoted: bool, wanted: dict[int, bool]) -> tuple[Any, ...]:
    table = replace(opened, survey=replace(opened.survey, quoted=quoted)).read(wanted)
    columns = [table.columns[place].values[table.columns[place].codes].tolist() for place in wanted]
    rows = dict(zip(table.rows.tolist(), map(list, zip(*columns, strict=True)), strict=True))
    faults = dict(zip(table.fault_rows.tolist(), table.fault_reasons, strict=True))
    return rows, faults, table.blank


def _by_csv(opened: TextFile) -> dict[int, list[str]]:
    """Read the good rows with nothing but Python's own means."""
    raw = b"".join(opened.source.chunks())
    text = raw.decode(opened.survey.encoding).replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=opened.delimiter)
    rows: dict[int, list[str]] = {}
    line = 1
    for record in reader:
        if line > opened.header_line and len(record) == len(opened.header) and any(record):
            rows[line] = record
        line = reader.line_num + 1
    return {
        line: record
        for line, record in rows.items()
        if not re.search("[\0-\x08\x0b-\x1f\x7f]", "".join(record))
    }


def _unzipped(content: bytes) -> list[bytes]:
    """Give the members of a zip, or the content itself where it is none that can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [archive.read(name) for name in archive.namelist()]
    except Exception:  # noqa: BLE001 - a damaged zip raises whatever it likes
        return [content]


def _check_chunks(path: Path, content: bytes, result: Incidents, dice: random.Random) -> None:
    """Read once more in small pieces: where a piece ends must not matter."""
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return  # UTF-16 that does not say so is told by its first piece, which has to be long enough
    lines = max((len(line) for line in content.split(b"\n")), default=0)
    size = max(64, lines) + dice.randrange(300)
    before = contents.CHUNK
    try:
        contents.CHUNK = delimited.CHUNK = size  # type: ignore[misc]
        again = read_incidents(path, today=TODAY)
    except HotspotsError as error:
        need("longer than any real record" in str(error), "small pieces are refused")
        return
    finally:
        contents.CHUNK = delimited.CHUNK = before  # type: ignore[misc]
    need(_same(result, again), "where a piece ends changes the result")


def _same(one: Incidents, other: Incidents) -> bool:
    """Compare frames value by value, not by the numbers of their categories."""
    same: Callable[[str], bool] = lambda name: all(  # noqa: E731
        a == b or (isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b))
        for a, b in zip(one.frame[name].astype(object), other.frame[name].astype(object), strict=True)
    )
    names = [name for name in one.frame.columns if not name.startswith("occurred")]
    return (
        len(one.frame) == len(other.frame)
        and one.rejected.astype(str).equals(other.rejected.astype(str))
        and all(map(same, names))
    )
