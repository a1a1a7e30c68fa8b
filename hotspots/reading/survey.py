"""What one pass over a file shows: its check sum, size, encoding and line ends."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.content import MIB, Source, file_sha256

#: Content up to this size is kept between looking at it and parsing it.
KEEP = 64 * MIB
_UNDEFINED_1252 = re.compile(b"[\x81\x8d\x8f\x90\x9d]")
#: By whether there are pairs, lone returns and lone line feeds.
_LINE_ENDS = {(True, False, False): "CRLF", (False, True, False): "CR", (False, False, True): "LF"}


@dataclass(frozen=True)
class Survey:
    """
    What one pass over the content of a file shows.

    Attributes
    ----------
    sha256 : str
        Of the file on disk, or of a zip's member.
    size : int
        Bytes, unpacked.
    encoding, line_end : str
        Of text; "" for other formats.
    quoted : bool
        Whether there is a quotation mark anywhere.
    kept : tuple of bytes, or None
        The content, if it is small enough to keep until it is parsed.
    """

    sha256: str
    size: int
    encoding: str = ""
    line_end: str = ""
    quoted: bool = False
    kept: tuple[bytes, ...] | None = None


def feeds_of(block: bytes) -> int:
    """Count line feeds, several times as fast as bytes themselves do."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == 10))


class _Look:
    """Gather what a pass over the chunks of a file shows."""

    def __init__(self, *, packed: bool) -> None:
        # A packed file is known by the bytes on disk: hashing its content too would cost as much again.
        self.digest = None if packed else sha256()
        self.size = self.returns = self.pairs = self.feeds = 0
        self.quoted = False
        self.encoding = ""
        self.undefined = False
        self.kept: list[bytes] | None = []
        self._decoder: codecs.IncrementalDecoder | None = None

    def add(self, chunk: bytes, *, final: bool = False) -> None:
        if not self.size and not final:
            self.encoding = _marked_encoding(chunk)
        if self.digest is not None:
            self.digest.update(chunk)
        self.size += len(chunk)
        self.quoted = self.quoted or b'"' in chunk
        if b"\r" in chunk:
            self.returns += chunk.count(b"\r")
            self.pairs += chunk.count(b"\r\n")
            self.feeds += feeds_of(chunk)
        else:  # how many does not matter then
            self.feeds += b"\n" in chunk
        self._check_encoding(chunk, final=final)
        if self.kept is not None:
            self.kept.append(chunk)
            self.kept = self.kept if self.size <= KEEP else None

    @property
    def line_end(self) -> str:
        """Name the mark that ends lines; "mixed" if a stray one is among them."""
        found = (self.pairs > 0, self.returns > self.pairs, self.feeds > self.pairs)
        return _LINE_ENDS.get(found, "mixed" if any(found) else "LF")

    def _check_encoding(self, chunk: bytes, *, final: bool) -> None:
        if not self.encoding and (self._decoder is not None or not chunk.isascii()):
            self._decoder = self._decoder or codecs.getincrementaldecoder("utf-8")()
            try:
                self._decoder.decode(chunk, final)
            except UnicodeDecodeError:
                self.encoding = "cp1252"
        if self.encoding == "cp1252":
            self.undefined = self.undefined or bool(_UNDEFINED_1252.search(chunk))


def survey_of(source: Source) -> Survey:
    """
    Pass over the content of a text file once.

    Raises
    ------
    InputError
        If it is in an encoding that is not UTF-8, UTF-16 or Windows-1252.
    """
    look = _Look(packed=source.packed)
    for chunk in source.chunks():
        look.add(chunk)
    look.add(b"", final=True)
    if look.undefined:
        raise InputError(f"{source.name} is neither UTF-8 nor Windows-1252 text: save it as UTF-8.")
    return Survey(
        sha256=file_sha256(source.path) if look.digest is None else look.digest.hexdigest(),
        size=look.size,
        encoding=look.encoding or "utf-8",
        line_end=look.line_end,
        quoted=look.quoted,
        kept=None if look.kept is None else tuple(look.kept),
    )


def _marked_encoding(start: bytes) -> str:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):  # the former begins as UTF-16 does
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark, every other byte of Western text in UTF-16 is zero.
    head = start[:4096]
    if len(head) > 16 and head[1::2].count(0) > 0.4 * len(head):
        return "utf-16-le"
    return ""
