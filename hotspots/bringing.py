"""
Inputs that lie elsewhere, at web addresses and in object stores: copied beside the lake that is made of them.

A copy is made again only where size, tag or time of what it is of has changed. fsspec speaks for every
protocol, and finds credentials where its own tools look for them: in the environment, never in an address.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hotspots.errors import DataMissingError, HotspotsError, InputError, NetworkError, OutputError, UsageError
from hotspots.reading.formats import searched_suffixes
from hotspots.scale.archive import COPIES
from hotspots.scale.engines import Engine
from hotspots.text import safe_text

#: An address: a path takes one of its two strokes away. One letter is a drive.
_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+]+):[/\\]{1,2}(?![/\\])", re.IGNORECASE)
_WEB: Final = ("http", "https")
#: What a web server answers where there is no such file.
_GONE: Final = (404, 410)
#: What of a name is safe on every disk.
_UNSAFE: Final = re.compile(r"[^\w. -]")
_SUFFIXES: Final = (*searched_suffixes(), ".zip")
_STAMPS: Final = ".stamps.jsonl"
#: What tells one state of a file from another, besides its size; names differ by protocol.
_TAGS: Final = ("ETag", "etag", "LastModified", "Last-Modified", "mtime", "updated", "created")
_ATTEMPTS: Final = 3
_CHUNK: Final = 8 * 1024 * 1024
#: Seconds by which a copy is dated back: a file of this moment might still be changing.
_SETTLED: Final = 10
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class _Copy:
    """A file elsewhere and where its copy lies; `stamp` is another each time where no change can be seen."""

    address: str
    target: Path
    size: int | None
    stamp: str


def address_of(path: str | os.PathLike[str]) -> str:
    """Return the address that a path was given as, "" for a path of this machine."""
    found = _ADDRESS.match(os.fspath(path))
    if not found:
        return ""
    rest = os.fspath(path)[found.end() :].replace("\\", "/")  # as Windows writes it
    return f"{found[1].lower()}://{rest}"


def bring(inputs: Sequence[Path], lake: Path, *, engine: Engine, tell: Tell) -> tuple[Path, ...]:
    """
    Copy inputs that lie elsewhere into the lake's folder, each by a worker.

    Parameters
    ----------
    inputs : sequence of Path
        Files and folders of this machine, addresses such as "https://host/2025.zip" and
        "s3://bucket/prefix". A web server lists no files: each is named.
    lake : Path
        The folder of the lake.
    engine : Engine
        Who does the work.
    tell : callable
        Is told how many copies of how many are there.

    Returns
    -------
    tuple of Path
        The inputs, copies in place of what they are of.

    Raises
    ------
    UsageError
        If an address holds a password, or a web address no name of a file.
    DataMissingError
        If what speaks a protocol is not installed.
    InputError, NetworkError
        If something is not there, or cannot be had.
    OutputError
        If a copy cannot be written.
    """
    folder = lake / COPIES
    addresses = [address for address in map(address_of, inputs) if address]
    if not addresses:
        shutil.rmtree(folder, ignore_errors=True)  # of an earlier command
        return tuple(inputs)
    wanted = [copy for address in dict.fromkeys(addresses) for copy in _listed(address, folder)]
    _check_apart(wanted)
    known = _stamps(folder)
    left = [
        one for one in wanted if not (one.target.is_file() and one.stamp == known.get(_name(one, folder)))
    ]
    tell(len(wanted) - len(left), len(wanted))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _STAMPS).open("a", encoding="utf-8") as stamps:
            for done, (at, _) in enumerate(engine.map(copy_one, left), start=1):
                stamps.write(json.dumps([_name(left[at], folder), left[at].stamp]) + "\n")
                stamps.flush()
                tell(len(wanted) - len(left) + done, len(wanted))
        _clear(folder, {one.target for one in wanted})
    except OSError as error:
        raise OutputError(f"Copies cannot be kept in {safe_text(folder)}: {error.strerror}.") from error
    return (*(path for path in inputs if not address_of(path)), *(one.target for one in wanted))


def _name(one: _Copy, folder: Path) -> str:
    return one.target.relative_to(folder).as_posix()


def _stamps(folder: Path) -> dict[str, str]:
    """Give what is known of the copies; a line that was cut short ends it."""
    found: dict[str, str] = {}
    try:
        for line in (folder / _STAMPS).read_text(encoding="utf-8").splitlines():
            name, stamp = json.loads(line)
            found[name] = stamp
    except (OSError, ValueError):
        return found
    return found


def _clear(folder: Path, wanted: set[Path]) -> None:
    """Remove copies of what is no longer among the inputs."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted and path.name != _STAMPS:
            path.unlink()


def _check_apart(wanted: Sequence[_Copy]) -> None:
    seen: dict[str, str] = {}
    for one in wanted:
        other = seen.setdefault(str(one.target).casefold(), one.address)
        if other != one.address:
            raise InputError(f"{shown(one.address)} and {shown(other)} have one name: archive them apart.")


def _listed(address: str, folder: Path) -> Iterator[_Copy]:
    """Find the files behind an address: itself, or in an object store all below it that can be read."""
    scheme, _, rest = address.partition("://")
    if "@" in rest.partition("/")[0]:
        raise UsageError(
            f"{shown(address)} holds the name of a user: give credentials by the environment, where they are "
            "in no history of commands."
        )
    if scheme in _WEB:
        _target(address, folder)
    with _named(address):
        files, where = _files(address)
        if scheme in _WEB or not files.isdir(where):
            yield _copy(address, files.info(where), folder)
            return
        found = files.find(where, detail=True)
        taken = [one for name, one in sorted(found.items()) if name.lower().endswith(_SUFFIXES)]
    if not taken:
        raise InputError(f"{shown(address)} holds no data file: looked for {', '.join(_SUFFIXES)}.")
    for one in taken:
        yield _copy(files.unstrip_protocol(one["name"]), one, folder)


def _target(address: str, folder: Path) -> Path:
    """Say where the copy of a file lies; refuse an address that names none."""
    scheme, _, rest = address.partition("://")
    path = PurePosixPath(rest.partition("?")[0].partition("#")[0])
    parts = [_UNSAFE.sub("_", part) for part in path.parts if part not in ("/", ".", "..")]
    if len(parts) < 2 or not parts[-1].lower().endswith(_SUFFIXES):
        raise UsageError(
            f"{shown(address)} names no file that can be read: give each file, as a web server lists none."
        )
    return folder.joinpath(scheme, *parts)


def _copy(address: str, told: Any, folder: Path) -> _Copy:
    size = told.get("size")
    tags = [str(told[tag]) for tag in _TAGS if told.get(tag)]
    stamp = "; ".join([str(size), *tags]) if tags else str(time.time_ns())
    return _Copy(address, _target(address, folder), size, stamp)


def copy_one(one: _Copy) -> None:
    """Copy one file beside its place and rename it; a task of an engine."""
    try:
        one.target.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=one.target.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                for attempt in range(_ATTEMPTS):
                    stream.seek(0)
                    stream.truncate()
                    if _whole(one, stream, last=attempt + 1 == _ATTEMPTS):
                        break
                    time.sleep(2**attempt)
            when = time.time() - _SETTLED
            os.utime(beside, (when, when))
            Path(beside).replace(one.target)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"The lake cannot take a copy of {shown(one.address)}: {error.strerror}. Make room and give the "
            "same command again: it goes on where it was."
        ) from error


def _whole(one: _Copy, stream: Any, *, last: bool) -> bool:
    """Copy the content; say whether all of it came, and at the last attempt raise where it did not."""
    try:
        n = 0
        for piece in _pieces(one.address):
            stream.write(piece)
            n += len(piece)
        if one.size is not None and n != one.size:
            raise NetworkError(f"{shown(one.address)} came in part, or changed meanwhile: try again.")
    except NetworkError:
        if last:
            raise
        return False
    return True


def _pieces(address: str) -> Iterator[bytes]:
    with _named(address):
        files, where = _files(address)
        with files.open(where, "rb") as source:
            while piece := source.read(_CHUNK):
                yield piece


def _files(address: str) -> tuple[Any, str]:
    import fsspec

    files, where = fsspec.url_to_fs(address)
    return files, where


def shown(address: str) -> str:
    """Write an address without what may let somebody in: users, passwords, signed queries."""
    scheme, _, rest = address.partition("://")
    host, stroke, path = rest.partition("?")[0].partition("#")[0].partition("/")
    return safe_text(f"{scheme}://{host.rpartition('@')[2]}{stroke}{path}")


@contextmanager
def _named(address: str) -> Iterator[None]:
    """Turn what any protocol raises into one sentence; its own words may hold keys, and are not told."""
    try:
        yield
    except (HotspotsError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - every protocol has errors of its own
        raise _told(shown(address), error) from None


def _told(name: str, error: Exception) -> HotspotsError:
    if isinstance(error, ImportError):
        return DataMissingError(
            f"What reads {name} is not installed: pip install 'derby-hotspots[remote]', on the workers too."
        )
    if isinstance(error, ValueError) and "Protocol" in str(error):
        return UsageError(f"{name} is of no protocol that is known: give https:// or s3://.")
    # Also of a web server that does not answer it is said that the file is not there.
    cause = error.__cause__ or error
    unanswered = type(cause).__module__.startswith("aiohttp") and getattr(cause, "status", 0) not in _GONE
    if isinstance(error, FileNotFoundError) and not unanswered:
        return InputError(f"{name} does not exist.")
    return NetworkError(
        f"{name} could not be had ({type(cause).__name__}): check the address, the network and the "
        "credentials in the environment."
    )
