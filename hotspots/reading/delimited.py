"""
Tables of text: from bytes to columns of distinct values with line numbers.

Clean blocks of lines go to Arrow's parser (`clean`). A block without quotation
marks that is not clean is cut up by a few passes over its bytes; a file whose
quotation marks need care goes through the csv module. Either way every row knows
the line it starts on, and a row with too many or too few fields is set aside,
never padded or shifted.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.cells import Cuts
from hotspots.reading.clean import clean_table
from hotspots.reading.content import CHUNK, Source
from hotspots.reading.survey import Survey, feeds_of, survey_of
from hotspots.reading.table import PREVIEWED, Table, Wanted, join_tables, record_table
from hotspots.text import safe_text

DELIMITERS = (",", ";", "\t", "|")
#: A record over more lines than this is an unclosed quotation mark.
MAX_RECORD_LINES = 500
_ROWS_AT_ONCE = 100_000
#: Bytes in which the header is looked for.
_LOOKED_AT = 65536
_END = "\ue000end of file\ue000"


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
        Encoding, line ends and check sum.
    notes : tuple of str
        What people should be warned of.
    spaced : bool
        Whether blanks stand between delimiters and quotation marks.
    """

    source: Source
    header: tuple[str, ...]
    header_line: int
    delimiter: str
    survey: Survey
    notes: tuple[str, ...] = ()
    preview: tuple[tuple[int, tuple[str, ...]], ...] = ()
    has_points: bool = False
    spaced: bool = False

    def read(self, wanted: Wanted) -> Table:
        """Read the wanted columns; no other cell is turned into a value."""
        blocks: list[Table] = []
        for block in self._line_blocks(wanted):
            if block is None:
                blocks = list(self._quoted_blocks(wanted))
                break
            blocks.append(block)
        return join_tables(blocks, wanted)

    def _line_blocks(self, wanted: Wanted) -> Iterator[Table | None]:
        """Yield the rows block by block; None where quotation marks have to be followed from the start."""
        if self.spaced:
            yield None
        line, before = 1, b""
        for block in _line_blocks(_text_chunks(self.source, self.survey), self.survey.line_end):
            line += feeds_of(before)
            skip = max(0, self.header_line + 1 - line)
            start = _after_lines(block, skip)
            if start < len(block):
                yield self._block_table(block, start, line=line + skip, wanted=wanted)
            before = block

    def _block_table(self, block: bytes, start: int, *, line: int, wanted: Wanted) -> Table | None:
        n_fields, delimiter = len(self.header), self.delimiter
        found = clean_table(block, start, line=line, n_fields=n_fields, delimiter=delimiter, wanted=wanted)
        if found is None and not self.survey.quoted:
            return plain_table(block, start, line=line, n_fields=n_fields, delimiter=delimiter, wanted=wanted)
        return found

    def _quoted_blocks(self, wanted: Wanted) -> Iterator[Table]:
        chunks = _text_chunks(self.source, self.survey)
        lines = (piece for block in _line_blocks(chunks, self.survey.line_end) for piece in _lines_of(block))
        records = _records(lines, self.delimiter, self.source.name, spaced=self.spaced)
        batch: list[tuple[int, list[str]]] = []
        for line, record in records:
            if line <= self.header_line:
                continue
            batch.append((line, record))
            if len(batch) == _ROWS_AT_ONCE:
                yield self._records_table(batch, wanted)
                batch = []
        yield self._records_table(batch, wanted)

    def _records_table(self, batch: list[tuple[int, list[str]]], wanted: Wanted) -> Table:
        n = len(self.header)
        joined = tuple(line for line, record in batch if _joins_rows(record, self.delimiter, n))
        return replace(record_table(batch, n, wanted), joined=joined)


def open_text(source: Source) -> TextFile:
    """
    Look at a delimited text file: encoding, line ends, delimiter, header.

    Raises
    ------
    InputError
        If it is empty, a web page, binary, or in an encoding that is not
        UTF-8, UTF-16 or Windows-1252.
    """
    survey = survey_of(source)
    first = next(_line_blocks(_text_chunks(source, survey), survey.line_end), b"")
    _check_text(source.name, first)
    header_line, start, declared = _header_start(first)
    text = first[start : start + _LOOKED_AT].decode("utf-8", "replace")
    delimiter = declared or _delimiter(text)
    spaced = survey.quoted and _is_spaced(text, delimiter)
    preview = _preview(
        text, delimiter, line=header_line, quoted=survey.quoted, spaced=spaced, name=source.name
    )
    header = preview[0][1] if preview else ()
    notes = ("this is not UTF-8 and was read as Windows-1252: check its accented letters.",)
    return TextFile(
        source,
        header,
        header_line,
        delimiter,
        survey,
        notes if survey.encoding == "cp1252" else (),
        preview,
        spaced=spaced,
    )


def open_texts(source: Source, *, sheet: str = "") -> tuple[TextFile, ...]:
    """Open a delimited text file, which holds one table, whatever sheet is asked of workbooks."""
    del sheet
    return (open_text(source),)


def _preview(
    text: str, delimiter: str, *, line: int, quoted: bool, spaced: bool, name: str
) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Split the first lines into fields; the last one may be cut, and is left out unless it is alone."""
    whole = text if text.count("\n") < 2 else text[: text.rindex("\n") + 1]
    if quoted:
        records = _records(io.StringIO(whole, newline="\n"), delimiter, name, spaced=spaced)
    else:
        records = ((at, part.split(delimiter)) for at, part in enumerate(whole.rstrip("\n").split("\n"), 1))
    found: list[tuple[int, tuple[str, ...]]] = []
    try:
        for at, record in records:
            cells = tuple(map(str.strip, record))
            if any(cells):
                found.append((line + at - 1, cells))
            if len(found) == PREVIEWED:
                break
    except InputError:
        if not found:  # a later record that does not close is met when it is read
            raise
    return tuple(found)


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
    rest, mark = b"", b"\r" if line_end == "CR" else b"\n"
    for chunk in filter(None, chunks):
        # What is left of the last chunk waits for more, so that the file's end has no block of its own.
        cut = rest.rfind(mark) + 1
        if cut:
            yield _line_feeds(rest[:cut], line_end)
        rest = rest[cut:] + chunk
        if len(rest) > 2 * CHUNK:
            raise InputError("A line is longer than any real record: this is not a table.")
    if rest:
        whole = _line_feeds(rest, line_end)
        yield whole if whole.endswith(b"\n") else whole + b"\n"


def _line_feeds(block: bytes, line_end: str) -> bytes:
    return block if line_end == "LF" else block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _lines_of(block: bytes) -> Iterator[str]:
    return iter(io.StringIO(block.decode("utf-8"), newline="\n"))


def _joins_rows(record: list[str], delimiter: str, n_fields: int) -> bool:
    """Say whether a cell holds what look like rows: a stray quotation mark has swallowed them."""
    lines = [line for cell in record if "\n" in cell for line in cell.split("\n")[1:]]
    return any(line.count(delimiter) >= max(2, (n_fields - 1) // 2) for line in lines)


def _check_text(name: str, block: bytes) -> None:
    if not block or block.isspace():
        raise InputError(f"{name} is empty.")
    start = block.lstrip()[:1]
    if start == b"<":
        raise InputError(f"{name} is a web page or XML saved under this name: download the data file again.")
    if start in (b"{", b"[") and b":" in block[:4096]:
        raise InputError(f"{name} is JSON saved under this name: rename it to end in .json or .geojson.")


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


def _is_spaced(text: str, delimiter: str) -> bool:
    """Say whether blanks stand between delimiters and quotation marks, in every line that is looked at."""
    lines = [line for line in text.split("\n")[1:PREVIEWED] if line.strip()]
    pattern = re.compile(rf'(?:^|{re.escape(delimiter)}) +"[^"]*" *(?:{re.escape(delimiter)}|$)')
    return bool(lines) and all(map(pattern.search, lines))


def _delimiter(text: str) -> str:
    """Choose the mark that splits the first line, or most of the next ones where that is a title."""
    lines = text.split("\n", PREVIEWED)[:PREVIEWED]
    fields = {mark: len(next(csv.reader(lines[:1], delimiter=mark), [])) for mark in DELIMITERS}
    if max(fields.values()) < 3:
        agreed = {mark: Counter(line.count(mark) for line in lines if mark in line) for mark in DELIMITERS}
        fields = {
            mark: max((n * count for n, count in agreed[mark].items()), default=0) for mark in DELIMITERS
        }
    return max(DELIMITERS, key=lambda mark: fields[mark])


def _after_lines(block: bytes, count: int) -> int:
    """Return where the line after so many lines starts."""
    start = 0
    for _ in range(count):
        start = block.find(b"\n", start) + 1
    return start


def plain_table(
    block: bytes, start: int, *, line: int, n_fields: int, delimiter: str, wanted: Wanted
) -> Table:
    """Read a block of whole lines without quotation marks by the positions of its delimiters."""
    codes = np.frombuffer(block, np.uint8)
    marks = np.flatnonzero((codes == ord(delimiter)) | (codes == 10))
    marks = marks[np.searchsorted(marks, start) :]
    last = np.flatnonzero(codes[marks] == 10)
    counts = np.diff(last, prepend=-1) - 1
    ends = marks[last]
    starts = np.concatenate(([start], ends[:-1] + 1))
    blank = counts == ends - starts
    control = _control_lines(codes, start, ends)
    bad = (counts != n_fields - 1) & ~blank | control
    keep = ~(bad | blank)
    numbers = np.arange(line, line + len(ends), dtype=np.int32)
    field_ends = marks[(last[keep] - n_fields + 1)[:, None] + np.arange(n_fields)]
    field_starts = np.column_stack([starts[keep], field_ends[:, :-1] + 1])
    return Table(
        columns=Cuts(block, field_starts, field_ends).columns(wanted),
        rows=numbers[keep],
        fault_rows=numbers[bad],
        fault_reasons=tuple(np.where(control[bad], "control_character", "wrong_field_count").tolist()),
        blank=int(blank.sum()),
    )


def _control_lines(codes: np.ndarray, start: int, ends: np.ndarray) -> np.ndarray:
    """Return which lines hold a control character other than a tab."""
    found = np.zeros(len(ends), bool)
    body = codes[start:]
    if np.count_nonzero(body < 32) > len(ends) or (body == 127).any():
        places = start + np.flatnonzero((body < 32) & (body != 10) & (body != 9) | (body == 127))
        found[np.searchsorted(ends, places)] = True
    return found


def _records(
    lines: Iterable[str], delimiter: str, name: str, *, spaced: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each record starts on and its fields; check that quotation marks close."""
    reader = csv.reader(chain(lines, [_END]), delimiter=delimiter, skipinitialspace=spaced)
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
