"""
Tables of text: from bytes to columns of distinct values with line numbers.

A file without quotation marks is checked with a few passes over its bytes and
then handed to the fast parser; a file with them goes through the csv module.
Either way every row knows the line it starts on, and a row with too many or
too few fields is set aside, never padded or shifted.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, compress
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from hotspots.errors import InputError
from hotspots.inputs import CHUNK, MIB, Source, file_sha256
from hotspots.textsafe import safe_text

DELIMITERS = (",", ";", "\t", "|")
#: A record over more lines than this is an unclosed quotation mark.
MAX_RECORD_LINES = 500
#: Content up to this size is kept between looking at it and parsing it.
KEEP = 64 * MIB
_ROWS_AT_ONCE = 100_000
_UNDEFINED_1252 = re.compile(b"[\x81\x8d\x8f\x90\x9d]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_END = "\ue000end of file\ue000"
_LINE_ENDS = {(True, False): "CRLF", (False, True): "CR", (True, True): "mixed", (False, False): "LF"}


@dataclass(frozen=True)
class Coded:
    """A column as distinct values and, for each row, the position of its value."""

    codes: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, texts: Any) -> Coded:
        """Code a sequence of strings."""
        codes, values = pd.factorize(np.asarray(texts, dtype=object))
        return cls(codes.astype(np.int32, copy=False), values)

    @classmethod
    def concat(cls, parts: Sequence[Coded]) -> Coded:
        """Put columns below each other."""
        if len(parts) == 1:
            return parts[0]
        codes, values = pd.factorize(np.concatenate([part.values for part in parts]))
        cuts = np.cumsum([0, *(len(part.values) for part in parts)])
        moved = [codes[start:][part.codes] for start, part in zip(cuts[:-1], parts, strict=True)]
        return cls(np.concatenate(moved).astype(np.int32, copy=False), values)

    def map(self, change: Callable[[str], str]) -> Coded:
        """Change every value; values that become equal become one."""
        codes, values = pd.factorize(np.array([change(value) for value in self.values], dtype=object))
        return Coded(codes.astype(np.int32, copy=False)[self.codes], values)

    def spread(self, per_value: np.ndarray) -> np.ndarray:
        """Give each row what belongs to its value."""
        return per_value[self.codes]

    def take(self, rows: np.ndarray) -> Coded:
        """Keep some rows, by mask or position; values that no row uses stay."""
        return Coded(self.codes[rows], self.values)

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Table:
    """
    The rows of one source, as text.

    Attributes
    ----------
    columns : mapping of int to Coded
        By position in the header; only those asked for.
    rows : ndarray of int32
        Line (CSV), row (XLSX) or feature number of each row.
    fault_rows : ndarray of int32
        Where a row is broken beyond reading.
    fault_reasons : tuple of str
        One of `schema.REJECT_REASONS` for each of them.
    blank : int
        Rows without any value, passed over.
    points : ndarray of shape (rows, 2), or None
        Coordinates of a source that carries geometry.
    crs : str
        What the points are: "longitude and latitude" or "easting and northing".
    """

    columns: Mapping[int, Coded]
    rows: np.ndarray
    fault_rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    fault_reasons: tuple[str, ...] = ()
    blank: int = 0
    points: np.ndarray | None = None
    crs: str = ""


@dataclass(frozen=True)
class Survey:
    """What one pass over the content of a text file shows."""

    sha256: str
    content_sha256: str
    size: int
    encoding: str
    line_end: str
    quoted: bool
    control: bool
    kept: tuple[bytes, ...] | None


@dataclass(frozen=True)
class TextFile:
    """
    A delimited text file, opened: its header is known, its rows are not read.

    Attributes
    ----------
    header : tuple of str
        Column names as they stand.
    header_line : int
        Line of the header, 1-based.
    delimiter : str
        One of `DELIMITERS`.
    survey : Survey
        Encoding, line ends and check sums.
    """

    source: Source
    header: tuple[str, ...]
    header_line: int
    delimiter: str
    survey: Survey
    crs: str = ""
    notes: tuple[str, ...] = ()

    def read(self, wanted: Sequence[int]) -> Table:
        """Read the wanted columns; no other cell is turned into a value."""
        blocks = self._quoted_blocks(wanted) if self.survey.quoted else self._plain_blocks(wanted)
        return _joined(list(blocks), wanted)

    def _plain_blocks(self, wanted: Sequence[int]) -> Iterator[Table]:
        line = 1
        for block in _line_blocks(_text_chunks(self.source, self.survey), self.survey.line_end):
            skip = max(0, self.header_line + 1 - line)
            count = block.count(b"\n")
            body = block.split(b"\n", skip)[-1] if skip else block
            if body:
                yield _plain_table(body, line + skip, len(self.header), self.delimiter, wanted)
            line += count

    def _quoted_blocks(self, wanted: Sequence[int]) -> Iterator[Table]:
        chunks = _text_chunks(self.source, self.survey)
        lines = (piece for block in _line_blocks(chunks, self.survey.line_end) for piece in _lines_of(block))
        records = _records(lines, self.delimiter, self.source.name)
        batch: list[tuple[int, list[str]]] = []
        for line, record in records:
            if line <= self.header_line:
                continue
            batch.append((line, record))
            if len(batch) == _ROWS_AT_ONCE:
                yield _quoted_table(batch, len(self.header), wanted, control=self.survey.control)
                batch = []
        yield _quoted_table(batch, len(self.header), wanted, control=self.survey.control)


def open_text(source: Source) -> TextFile:
    """
    Look at a delimited text file: encoding, line ends, delimiter, header.

    Raises
    ------
    InputError
        If it is empty, a web page, binary, or in an encoding that is not
        UTF-8, UTF-16 or Windows-1252.
    """
    survey = _survey(source)
    first = next(_line_blocks(_text_chunks(source, survey), survey.line_end), b"")
    _check_text(source.name, first)
    header_line, start, declared = _header_start(first)
    lines = (piece for piece in _lines_of(first[start:]))
    text = first[start : start + 65536].decode("utf-8", "replace")
    delimiter = declared or _delimiter(text)
    if survey.quoted:
        _, record = next(_records(lines, delimiter, source.name), (0, []))
    else:
        record = text.split("\n", 1)[0].split(delimiter)
    header = tuple(name.strip() for name in record)
    return TextFile(source, header, header_line, delimiter, survey)


def _survey(source: Source) -> Survey:
    content, whole = sha256(), source.form == "text"
    size, ascii_only, quoted, control = 0, True, False, False
    crlf = cr = 0
    kept: list[bytes] | None = []
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, undefined = "", False
    for chunk in source.chunks():
        if not size:
            encoding = _marked_encoding(chunk)
        content.update(chunk)
        size += len(chunk)
        quoted = quoted or b'"' in chunk
        returns = chunk.count(b"\r")
        cr += returns
        crlf += chunk.count(b"\r\n") if returns else 0
        control = control or _has_control(chunk)
        if not encoding and not (ascii_only and chunk.isascii()):
            ascii_only = False
            encoding = encoding or _fails_utf8(decoder, chunk)
        undefined = undefined or (encoding == "cp1252" and bool(_UNDEFINED_1252.search(chunk)))
        if kept is not None:
            kept = [*kept, chunk] if size <= KEEP else None
    if undefined:
        raise InputError(f"{source.name} is neither UTF-8 nor Windows-1252 text: save it as UTF-8.")
    digest = content.hexdigest()
    return Survey(
        sha256=digest if whole or source.form == "member" else file_sha256(source.path),
        content_sha256=digest,
        size=size,
        encoding=encoding or "utf-8",
        line_end=_LINE_ENDS[crlf > 0, cr > crlf],
        quoted=quoted,
        control=control or encoding.startswith("utf-16"),
        kept=None if kept is None else tuple(kept),
    )


def _marked_encoding(start: bytes) -> str:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark, every other byte of Western text in UTF-16 is zero.
    head = start[:4096]
    if len(head) > 16 and head[1::2].count(0) > 0.4 * len(head):
        return "utf-16-le"
    return ""


def _fails_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes) -> str:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return "cp1252"
    return ""


def _has_control(chunk: bytes) -> bool:
    codes = np.frombuffer(chunk, np.uint8)
    allowed = chunk.count(b"\n") + chunk.count(b"\r") + chunk.count(b"\t")
    return bool(np.count_nonzero(codes < 32) > allowed) or b"\x7f" in chunk


def _text_chunks(source: Source, survey: Survey) -> Iterator[bytes]:
    """Yield the content as UTF-8 without a byte order mark."""
    pieces: Iterable[bytes] = source.chunks() if survey.kept is None else survey.kept
    if survey.encoding == "utf-8":
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(survey.encoding)("strict")
    try:
        for piece in pieces:
            yield decoder.decode(piece).encode("utf-8")
        yield decoder.decode(b"", final=True).encode("utf-8")
    except UnicodeError as error:
        raise InputError(f"{source.name} is damaged {survey.encoding} text: save it as UTF-8.") from error


def _line_blocks(chunks: Iterable[bytes], line_end: str) -> Iterator[bytes]:
    """Yield blocks of whole lines that all end with a line feed."""
    rest = b""
    for chunk in chunks:
        block = rest + chunk if rest else chunk
        if line_end != "LF":
            held = block.endswith(b"\r")
            block = block[:-1] if held else block
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            tail = b"\r" if held else b""
        else:
            tail = b""
        cut = block.rfind(b"\n") + 1
        if cut:
            yield block[:cut]
        rest = block[cut:] + tail
        if len(rest) > CHUNK:
            raise InputError("A line is longer than any real record: this is not a table.")
    if rest:
        yield rest.replace(b"\r", b"\n") if rest.endswith(b"\r") else rest + b"\n"


def _lines_of(block: bytes) -> Iterator[str]:
    return iter(io.StringIO(block.decode("utf-8"), newline="\n"))


def _check_text(name: str, block: bytes) -> None:
    if not block.strip():
        raise InputError(f"{name} is empty.")
    if block.lstrip()[:1] == b"<":
        raise InputError(f"{name} is a web page or XML saved under this name: download the data file again.")


def _header_start(block: bytes) -> tuple[int, int, str]:
    """Return the header's line, its position, and the delimiter that Excel's first line declares."""
    start, line, declared = 0, 1, ""
    while True:
        end = block.find(b"\n", start)
        text = block[start:end].strip()
        if text.lower().startswith(b"sep=") and line == 1:
            declared = text[4:5].decode("ascii", "replace") or "\t"
        elif text or end < 0:
            return line, start, declared
        start, line = end + 1, line + 1


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    fields = {mark: len(next(csv.reader([first], delimiter=mark), [])) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: fields[mark])


def _plain_table(body: bytes, line: int, n_fields: int, delimiter: str, wanted: Sequence[int]) -> Table:
    codes = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero(codes == 10)
    starts = np.concatenate(([0], ends[:-1] + 1))
    marks = np.flatnonzero(codes == ord(delimiter))
    counts = np.diff(np.searchsorted(marks, ends), prepend=0)
    blank = counts == ends - starts
    reasons = np.where(counts != n_fields - 1, "wrong_field_count", "")
    if _has_control(body):
        controls = np.flatnonzero((codes < 32) & (codes != 10) & (codes != 9) | (codes == 127))
        reasons[np.searchsorted(ends, controls)] = "control_character"
    bad = (reasons != "") & ~blank
    keep = ~(bad | blank)
    numbers = np.arange(line, line + len(ends), dtype=np.int32)
    if not keep.all():
        body = b"\n".join(compress(body.split(b"\n"), keep)) + b"\n"
    return Table(
        columns=_parse_plain(body, n_fields, delimiter, wanted) if keep.any() else _no_columns(wanted),
        rows=numbers[keep],
        fault_rows=numbers[bad],
        fault_reasons=tuple(reasons[bad].tolist()),
        blank=int(blank.sum()),
    )


def _parse_plain(body: bytes, n_fields: int, delimiter: str, wanted: Sequence[int]) -> dict[int, Coded]:
    if not wanted:
        return {}
    frame = pd.read_csv(
        io.BytesIO(body),
        sep=delimiter,
        header=None,
        names=list(range(n_fields)),
        usecols=sorted(wanted),
        dtype=object,
        quoting=csv.QUOTE_NONE,
        na_filter=False,
        skip_blank_lines=False,
        index_col=False,
        encoding="utf-8",
        low_memory=False,
    )
    return {place: Coded.of(frame[place].to_numpy()) for place in wanted}


def _no_columns(wanted: Sequence[int]) -> dict[int, Coded]:
    return {place: Coded.of([]) for place in wanted}


def _records(lines: Iterable[str], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each record starts on and its fields; check that quotation marks close."""
    reader = csv.reader(chain(lines, [_END]), delimiter=delimiter)
    start = 1
    try:
        for record in reader:
            if record == [_END]:
                return
            if reader.line_num - start > MAX_RECORD_LINES or any(_END in cell for cell in record[-1:]):
                raise InputError(f"{name} line {start}: a quotation mark opens here and is never closed.")
            yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{name} line {start}: this record cannot be read ({safe_text(error)}).") from error


def _quoted_table(
    batch: Sequence[tuple[int, list[str]]], n_fields: int, wanted: Sequence[int], *, control: bool
) -> Table:
    kept: list[list[str]] = []
    rows, fault_rows, reasons = [], [], []
    for line, record in batch:
        if not any(record):
            continue
        if len(record) != n_fields:
            reason = "wrong_field_count"
        elif control and _CONTROL.search("".join(record)):
            reason = "control_character"
        else:
            kept.append(record)
            rows.append(line)
            continue
        fault_rows.append(line)
        reasons.append(reason)
    return Table(
        columns={place: Coded.of(list(map(itemgetter(place), kept))) for place in wanted},
        rows=np.array(rows, np.int32),
        fault_rows=np.array(fault_rows, np.int32),
        fault_reasons=tuple(reasons),
        blank=len(batch) - len(rows) - len(fault_rows),
    )


def _joined(blocks: Sequence[Table], wanted: Sequence[int]) -> Table:
    if not blocks:
        return Table(columns=_no_columns(wanted), rows=np.zeros(0, np.int32))
    return Table(
        columns={place: Coded.concat([block.columns[place] for block in blocks]) for place in wanted},
        rows=np.concatenate([block.rows for block in blocks]),
        fault_rows=np.concatenate([block.fault_rows for block in blocks]),
        fault_reasons=tuple(chain.from_iterable(block.fault_reasons for block in blocks)),
        blank=sum(block.blank for block in blocks),
    )
