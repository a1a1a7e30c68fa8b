"""
The bytes of a source: unpacked in pieces, within limits, from a file or a zip that is opened once.

Nothing is unpacked to disk, nothing is written beside an input, and nothing
larger than the limits below is held: they are far above any real extract.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from hotspots.errors import InputError
from hotspots.text import safe_text

MIB = 1024 * 1024
#: What the standard library raises at a container whose bytes are damaged.
DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
)
#: Bytes handed on at once.
CHUNK = 32 * MIB
#: The largest plain, unpacked or unzipped content that is read.
MAX_CONTENT = 8 * 1024 * MIB
#: The largest file that has to be held in memory as a whole (XLSX, GeoPackage, GeoJSON).
MAX_WHOLE = 1024 * MIB
#: Real crime files shrink 5 to 30 times; a bomb shrinks about 1,000 times.
MAX_RATIO = 200
#: Content below this size is never called a bomb.
RATIO_FREE = 4 * MIB


@dataclass(frozen=True)
class Source:
    """
    One file to read, which holds one table or several.

    Attributes
    ----------
    name : str
        What people see: the file name, or "archive.zip/member".
    path : Path
        The file on disk.
    form : str
        Its format, a key of `formats.FORMATS`; "gzip" for packed text.
    member : int
        Position of the member in its zip; -1 otherwise.
    inside : str
        The member's name in its zip; "" otherwise.
    """

    name: str
    path: Path
    form: str
    member: int = -1
    inside: str = ""

    @property
    def packed(self) -> bool:
        """Whether it lies gzipped on disk."""
        return self.form == "gzip"

    @property
    def size(self) -> int:
        """Bytes of the file on disk, or of the zip's member unpacked; 0 of what is no file (any more)."""
        try:
            if self.member < 0:
                return self.path.stat().st_size if self.path.is_file() else 0
            with open_archive(self.path) as archive:
                return archive.infolist()[self.member].file_size
        except DAMAGE:
            return 0

    def chunks(self) -> Iterator[bytes]:
        """Yield the content, unpacked, in pieces of at most `CHUNK` bytes."""
        try:
            yield from _limited(self, _unpacked(self))
        except DAMAGE as error:
            raise InputError(f"{self.name} is damaged or cannot be read: {why(error)}.") from error
        except RuntimeError as error:  # zipfile raises it for a member under a password
            raise InputError(f"{self.name} is encrypted: save it without a password.") from error


def why(error: BaseException) -> str:
    """Say what the system or a library found, without its control characters."""
    return safe_text(getattr(error, "strerror", None) or error or "it ends too early").rstrip(".")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as it lies on disk; of a folder, that of its files together."""
    if path.is_dir():
        digest = hashlib.sha256()
        for part in sorted(part for part in path.iterdir() if part.is_file()):
            digest.update(file_sha256(part).encode("ascii"))
        return digest.hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_sha256(source: Source) -> str:
    """Return the SHA-256 of the unpacked content."""
    if source.path.is_dir():
        return file_sha256(source.path)
    digest = hashlib.sha256()
    for chunk in source.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def source_sha256(source: Source) -> str:
    """Return the SHA-256 of the file on disk, or of a zip's member."""
    return content_sha256(source) if source.member >= 0 else file_sha256(source.path)


def whole_content(source: Source) -> bytes:
    """Return the content of a file that can only be read as a whole."""
    pieces, size = [], 0
    for piece in source.chunks():
        size += len(piece)
        if size > MAX_WHOLE:
            raise InputError(f"{source.name} is larger than {MAX_WHOLE // MIB} MiB: save it as CSV.")
        pieces.append(piece)
    return b"".join(pieces)


def check_ratio(name: str, *, packed: int, unpacked: int) -> None:
    """Refuse content that grows out of all proportion when it is unpacked."""
    if unpacked > RATIO_FREE and unpacked > MAX_RATIO * max(packed, 1):
        raise InputError(
            f"{name} grows more than {MAX_RATIO} times when unpacked, as no real extract does: "
            "it was not read."
        )


class _Shelf:
    """Zips that stay open while they are read: the list of an archive's members is long to parse."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.users = 0
        self.archives: dict[Path, zipfile.ZipFile] = {}

    def take(self, path: Path) -> zipfile.ZipFile:
        with self.lock:
            if path not in self.archives:
                self.archives[path] = zipfile.ZipFile(path)
            return self.archives[path]

    def close(self) -> None:
        with self.lock:
            self.users -= 1
            if not self.users:
                for archive in self.archives.values():
                    archive.close()
                self.archives.clear()


_SHELF = _Shelf()


@contextmanager
def archives_kept() -> Iterator[None]:
    """Open each zip once within this block, however many of its members are read."""
    with _SHELF.lock:
        _SHELF.users += 1
    try:
        yield
    finally:
        _SHELF.close()


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Lend a zip, the one that is kept open where `archives_kept`."""
    if _SHELF.users:
        yield _SHELF.take(path)
        return
    with zipfile.ZipFile(path) as archive:
        yield archive


def _unpacked(source: Source) -> Iterator[bytes]:
    if source.member >= 0:
        with open_archive(source.path) as archive:
            info = archive.infolist()[source.member]
            with archive.open(info) as stream:
                yield from iter(lambda: stream.read(CHUNK), b"")
        return
    with source.path.open("rb") as stream:
        before = os.fstat(stream.fileno())
        # A buffer of the file's own size: 32 MiB would be new memory each time, which the system clears.
        step = min(CHUNK, max(1, before.st_size))
        pieces = iter(lambda: stream.read(step), b"")
        yield from _gunzipped(pieces) if source.packed else pieces
        after = os.fstat(stream.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise InputError(f"{source.name} changed while it was read: run again when it is complete.")


def _gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    for packed in pieces:
        rest = packed
        while rest:
            if unpack.eof:
                # Padding after the last member is allowed, a second member is read on.
                if not rest.strip(b"\0"):
                    break
                unpack = zlib.decompressobj(wbits=31)
            yield unpack.decompress(rest, CHUNK)
            rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    if not unpack.eof:
        raise EOFError("it ends too early")


def _limited(source: Source, pieces: Iterable[bytes]) -> Iterator[bytes]:
    total = 0
    packed = source.path.stat().st_size
    for piece in pieces:
        total += len(piece)
        if total > MAX_CONTENT:
            raise InputError(f"{source.name} holds more than {MAX_CONTENT // (1024 * MIB)} GiB: cut it up.")
        if source.packed:
            check_ratio(source.name, packed=packed, unpacked=total)
        yield piece
