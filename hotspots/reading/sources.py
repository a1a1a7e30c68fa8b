"""
What the user points at: files, folders and zips, as a sorted list of sources.

Nothing is unpacked to disk, nothing is written beside an input, and nothing
larger than the limits below is held: they are far above any real extract.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from hotspots.errors import InputError
from hotspots.text import counted, safe_text

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
#: More forces than this in one zip must be asked for by name.
MAX_FORCES = 5

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".psv")
WHOLE_SUFFIXES = {".xlsx": "workbook", ".xlsm": "workbook", ".gpkg": "geopackage"} | dict.fromkeys(
    (".geojson", ".json"), "geojson"
)
_FOLDER_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".zip", ".xlsx", ".gpkg", ".geojson")
#: Read when they are named singly; in a folder they are as likely a README or a program's own file.
_SINGLE_SUFFIXES = (*TEXT_SUFFIXES, *(f"{suffix}.gz" for suffix in TEXT_SUFFIXES), *WHOLE_SUFFIXES)
_POLICE_NAME = re.compile(
    r"(?P<month>\d{4}-\d{2})-(?P<force>[a-z-]+?)-(?P<kind>street|outcomes|stop-and-search)\.csv(\.gz)?$"
)


@dataclass(frozen=True)
class Source:
    """
    One table to read.

    Attributes
    ----------
    name : str
        What people see: the file name, or "archive.zip/member".
    path : Path
        The file on disk.
    form : {"text", "gzip", "member", "workbook", "geopackage", "geojson"}
        How its content is packed.
    member : int
        Position of the member in its zip; -1 otherwise.
    """

    name: str
    path: Path
    form: str
    member: int = -1

    def chunks(self) -> Iterator[bytes]:
        """Yield the content, unpacked, in pieces of at most `CHUNK` bytes."""
        try:
            yield from _limited(self, _unpacked(self))
        except DAMAGE as error:
            raise InputError(f"{self.name} is damaged or cannot be read: {_why(error)}.") from error
        except RuntimeError as error:  # zipfile raises it for a member under a password
            raise InputError(f"{self.name} is encrypted: save it without a password.") from error


@dataclass(frozen=True)
class Found:
    """The sources that the inputs hold, and what was passed over on the way."""

    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()


@dataclass
class Wanted:
    """
    Which police.uk files are read, judged by their names alone.

    Attributes
    ----------
    from_month, to_month : str
        First and last month, "YYYY-MM"; "" for open.
    forces : frozenset of str
        As in file names; empty for all.
    passed : dict
        Number of files passed over, by reason; filled while searching.
    """

    from_month: str = ""
    to_month: str = ""
    forces: frozenset[str] = frozenset()
    passed: dict[str, int] = field(default_factory=dict)

    def accepts(self, name: str) -> bool:
        """Say whether a file of this name is to be read, and count it if not."""
        match = _POLICE_NAME.search(name)
        if match is None:
            return True
        reason = self._reason(match)
        if reason:
            self.passed[reason] = self.passed.get(reason, 0) + 1
        return not reason

    def _reason(self, match: re.Match[str]) -> str:
        if self.forces and match["force"] not in self.forces:
            return "of another force"
        too_early = bool(self.from_month) and match["month"] < self.from_month
        too_late = bool(self.to_month) and match["month"] > self.to_month
        return "outside the period" if too_early or too_late else ""


def find_sources(paths: Iterable[str | os.PathLike[str]], *, wanted: Wanted | None = None) -> Found:
    """
    List every table in files, folders (searched) and zips.

    Parameters
    ----------
    paths : iterable of path-like
        What the user named.
    wanted : Wanted, optional
        Months and forces; applied to files found in folders and zips, never to
        a file that was named itself.

    Returns
    -------
    Found
        Sources sorted by name, so that the order of the inputs is of no account.

    Raises
    ------
    InputError
        For anything that is missing, unreadable, special, damaged or of a
        format that is not supported.
    """
    wanted = wanted or Wanted()
    sources: list[Source] = []
    notes: list[str] = []
    for path, shown in _named(_files(paths, wanted, notes)):
        if _is_zip(path):
            sources += _members(path, shown, wanted, notes)
        else:
            sources.append(Source(shown, path, _form(path, shown)))
    for reason in sorted(wanted.passed):
        notes.append(f"Passed over {counted(wanted.passed[reason], 'file')} {reason}.")
    return Found(_named_apart(sorted(sources, key=lambda s: (s.name, str(s.path), s.member))), tuple(notes))


def _named_apart(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Number sources of one name: a zip may hold two members of it, and names are cut for display."""
    taken: set[str] = set()
    apart = []
    for source in sources:
        name, nth = source.name, 1
        while name in taken:
            nth += 1
            name = f"{source.name} ({nth})"
        taken.add(name)
        apart.append(replace(source, name=name))
    return tuple(apart)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as it lies on disk."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_sha256(source: Source) -> str:
    """Return the SHA-256 of the unpacked content."""
    digest = hashlib.sha256()
    for chunk in source.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def whole_content(source: Source) -> bytes:
    """Return the content of a file that can only be read as a whole."""
    size = source.path.stat().st_size
    if size > MAX_WHOLE:
        raise InputError(f"{source.name} is larger than {MAX_WHOLE // MIB} MiB: save it as CSV.")
    return b"".join(source.chunks())


def check_ratio(name: str, *, packed: int, unpacked: int) -> None:
    """Refuse content that grows out of all proportion when it is unpacked."""
    if unpacked > RATIO_FREE and unpacked > MAX_RATIO * max(packed, 1):
        raise InputError(
            f"{name} grows more than {MAX_RATIO} times when unpacked, as no real extract does: "
            "it was not read."
        )


def _why(error: BaseException) -> str:
    return safe_text(getattr(error, "strerror", None) or error or "it ends too early").rstrip(".")


def _files(paths: Iterable[str | os.PathLike[str]], wanted: Wanted, notes: list[str]) -> list[Path]:
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        for file in _in_folder(path, wanted, notes) if _is_folder(path) else [path]:
            _check_file(file)
            found[file.resolve()] = None
    return sorted(found)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name of more than 255 bytes
        raise InputError(f"{safe_text(path)} cannot be read: {_why(error)}.") from error


def _in_folder(folder: Path, wanted: Wanted, notes: list[str]) -> list[Path]:
    found: list[Path] = []
    passed: list[str] = []
    links = 0
    for root, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links += sum(Path(root, name).is_symlink() for name in folders)
        for name in sorted(name for name in names if not name.startswith((".", "~$"))):
            if name.lower().endswith(_FOLDER_SUFFIXES):
                found.append(Path(root, name))
            elif name.lower().endswith(_SINGLE_SUFFIXES):
                passed.append(name)
    left = _left_in_folder(passed, links)
    if not found:
        looked = ", ".join(_FOLDER_SUFFIXES)
        raise InputError(
            " ".join([f"The folder {safe_text(folder)} holds no data file: looked for {looked}.", *left])
        )
    notes += [f"The folder {safe_text(folder.resolve().name)}: {text}" for text in left]
    return [path for path in found if wanted.accepts(path.name)]


def _refuse_folder(error: OSError) -> None:
    raise InputError(f"The folder {safe_text(error.filename)} cannot be read: {_why(error)}.") from error


def _left_in_folder(passed: Sequence[str], links: int) -> list[str]:
    """Say what a search did not take, so that nobody believes it was read."""
    left = []
    if passed:
        kinds = ", ".join(sorted({_kind(name) for name in passed}))
        left.append(f"{counted(len(passed), 'file')} passed over ({kinds}): name them singly to read them.")
    if links:
        left.append(f"{counted(links, 'link')} to folders not followed: name the folders to read them.")
    return left


def _kind(name: str) -> str:
    return next(
        kind for kind in sorted(_SINGLE_SUFFIXES, key=len, reverse=True) if name.lower().endswith(kind)
    )


def _check_file(path: Path) -> None:
    shown = safe_text(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{shown} is not a regular file: give a file, a folder or a zip.")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise InputError(f"{shown} does not exist.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{shown} cannot be read: {_why(error)}.") from error
    if status.st_size == 0:
        raise InputError(f"{shown} is empty.")


def _named(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Give each file the shortest end of its path that no other file shares."""
    for path in paths:
        depth = 1
        while depth < len(path.parts) and any(
            other != path and other.parts[-depth:] == path.parts[-depth:] for other in paths
        ):
            depth += 1
        yield path, safe_text("/".join(path.parts[-depth:]))


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(16)


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _form(path: Path, shown: str) -> str:
    suffix = path.suffix.lower()
    head = _head(path)
    if suffix in WHOLE_SUFFIXES:
        return WHOLE_SUFFIXES[suffix]
    if suffix == ".gz" and path.stem.lower().endswith(TEXT_SUFFIXES):
        return "gzip"
    if suffix not in TEXT_SUFFIXES:
        raise InputError(
            f"{shown}: this format is not supported. "
            "Give CSV (plain, .gz or .zip), XLSX, GeoPackage or GeoJSON."
        )
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"SQLite format 3", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise InputError(f"{shown} is named as text but is not: check what was saved under this name.")
    return "text"


def _members(path: Path, shown: str, wanted: Wanted, notes: list[str]) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except DAMAGE as error:
        raise InputError(f"{shown} is a damaged zip: download or save it again.") from error
    chosen, passed = _choose_members(infos, wanted)
    for reason, count in sorted(passed.items()):
        notes.append(f"{shown}: {count} {'member' if count == 1 else 'members'} not read: {reason}.")
    if not chosen:
        raise InputError(f"{shown} holds no CSV file that is wanted.")
    _check_forces(shown, [info.filename for _, info in chosen], wanted)
    for _, info in chosen:
        check_ratio(f"{shown}/{safe_text(info.filename)}", packed=info.compress_size, unpacked=info.file_size)
    return [
        Source(f"{shown}/{safe_text(info.filename)}", path, "member", member=place) for place, info in chosen
    ]


def _choose_members(
    infos: Sequence[zipfile.ZipInfo], wanted: Wanted
) -> tuple[list[tuple[int, zipfile.ZipInfo]], dict[str, int]]:
    chosen = []
    passed: dict[str, int] = {}
    for place, info in enumerate(infos):
        if info.is_dir():
            continue
        reason = _member_fault(info.filename)
        if reason:
            passed[reason] = passed.get(reason, 0) + 1
        elif wanted.accepts(info.filename):
            chosen.append((place, info))
    return chosen, passed


def _member_fault(name: str) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name):
        return "a name that points out of the archive"
    if parts[0] == "__MACOSX" or parts[-1].startswith("."):
        return "a hidden file"
    match = _POLICE_NAME.search(name)
    if match and match["kind"] != "street":
        return f"{match['kind']} files hold no incidents"
    if name.lower().endswith(".zip"):
        return "a zip inside a zip"
    return "" if name.lower().endswith(TEXT_SUFFIXES[:3]) else "not a CSV file"


def _check_forces(shown: str, names: Iterable[str], wanted: Wanted) -> None:
    forces = sorted({match["force"] for name in names if (match := _POLICE_NAME.search(name))})
    if len(forces) > MAX_FORCES and not wanted.forces:
        raise InputError(
            f"{shown} holds the files of {len(forces)} forces: name the one you want (--force derbyshire)."
        )


def _unpacked(source: Source) -> Iterator[bytes]:
    if source.form == "member":
        with zipfile.ZipFile(source.path) as archive:
            info = archive.infolist()[source.member]
            with archive.open(info) as stream:
                yield from iter(lambda: stream.read(CHUNK), b"")
        return
    with source.path.open("rb") as stream:
        before = os.fstat(stream.fileno())
        pieces = iter(lambda: stream.read(CHUNK), b"")
        yield from _gunzipped(pieces) if source.form == "gzip" else pieces
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
        if source.form == "gzip":
            check_ratio(source.name, packed=packed, unpacked=total)
        yield piece
