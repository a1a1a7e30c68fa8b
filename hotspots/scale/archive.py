"""
Making a lake: every source read once, by as many workers as there are.

What was read before is not read again: a file is known by its size and time, a member of a zip by
its check sum, and both only by the code that read them. A journal keeps what an interrupted
command has done.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import zipfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

import hotspots.reading.delimited  # noqa: F401 - workers are forked from a process that has it
from hotspots._version import __version__
from hotspots.errors import HotspotsError, InputError, OutputError
from hotspots.reading.content import (
    MIB,
    Source,
    archives_kept,
    content_sha256,
    file_sha256,
    open_archive,
)
from hotspots.reading.dates import run_date
from hotspots.reading.rules import Rules
from hotspots.reading.single import read_source
from hotspots.reading.sources import Wanted, find_sources
from hotspots.scale.engines import Engine, SerialEngine
from hotspots.scale.lake import (
    RECORD,
    Entry,
    Lake,
    ReadAs,
    code_version,
    entry_of,
    is_lake,
    lake_record,
    open_lake,
    plain_entry,
)
from hotspots.scale.parts import write_part, write_whole
from hotspots.text import safe_text

#: Files that one worker is given at once: fewer, and the giving costs; more, and the last worker is late.
BATCH: Final = 24
#: Bytes of text that this process reads before workers would have started: a month of the country.
LITTLE: Final = 256 * MIB
#: How many times a packed text is larger than it lies on disk.
_UNPACKED: Final = 8
#: A file written within so many seconds of being looked at may change again within its time stamp.
_RACY: Final = 2.0
_FUTURE: Final = "future_date"
#: What a command that has not ended yet has read.
JOURNAL: Final = ".journal"
#: Copies of inputs that lie elsewhere.
COPIES: Final = "inputs"
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Archived:
    """
    What making a lake came to.

    Attributes
    ----------
    lake : Lake
    read, kept, left : int
        Sources that were read now; known from before; no longer among the inputs.
    """

    lake: Lake
    read: int
    kept: int
    left: int

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for strict JSON."""
        rejects: dict[str, int] = {}
        for entry in self.lake.entries:
            for part in entry.parts:
                for reason, n in part.rejects.items():
                    rejects[reason] = rejects.get(reason, 0) + n
        months = {month for entry in self.lake.entries for part in entry.parts for month in part.months}
        return {
            "version": __version__,
            "lake": self.lake.folder.name,
            "sources": len(self.lake.entries),
            "read": self.read,
            "known": self.kept,
            "left": self.left,
            "rows": self.lake.rows,
            "rejected": dict(sorted(rejects.items())),
            "months": sorted(months),
            "warnings": [*self.lake.warnings, *(w for entry in self.lake.entries for w in entry.warnings)],
            "notes": list(self.lake.notes),
        }


@dataclass(frozen=True)
class _Job:
    """One source to read, with all that a worker needs to know."""

    source: Source
    stamp: tuple[Any, ...]
    lake: Path
    several: bool
    singly: bool
    read_as: ReadAs


def archive(
    paths: Iterable[str | os.PathLike[str]],
    out: Path,
    *,
    read_as: ReadAs | None = None,
    engine: Engine | None = None,
    mend: bool = False,
    tell: Tell = lambda _done, _all: None,
) -> Archived:
    """
    Make a lake of files, folders and zips, or bring one up to date with them.

    Parameters
    ----------
    paths : iterable of path-like
        All that the lake is to hold; what it holds of other files leaves it.
    out : Path
        The folder of the lake.
    read_as : ReadAs, optional
        Columns, date format and sheet.
    engine : Engine, optional
        Who does the work; this process by default.
    mend : bool
        Read every source anew whose part is not as it was written.
    tell : callable
        Is told how many sources of how many are done.

    Returns
    -------
    Archived

    Raises
    ------
    InputError
        If a source cannot be read; all others are kept for the next time.
    OutputError
        If the lake cannot be written, or another command writes it.
    """
    read_as = read_as or ReadAs()
    _make_folder(out)
    lock = FileLock(out / ".lock")
    try:
        with lock.acquire(timeout=0), archives_kept():
            return _archive(
                paths, out, read_as=read_as, engine=engine or SerialEngine(), mend=mend, tell=tell
            )
    except Timeout as error:
        raise OutputError(
            f"The lake {safe_text(out)} is being written by another command: wait for it."
        ) from error
    except OSError as error:
        raise OutputError(f"The lake {safe_text(out)} cannot be written: {error.strerror}.") from error


def _make_folder(out: Path) -> None:
    try:
        if (
            out.is_dir()
            and not is_lake(out)
            and any(p.name not in ("parts", ".lock", JOURNAL, COPIES) for p in out.iterdir())
        ):
            raise OutputError(f"The folder {safe_text(out)} holds other things than a lake: name another.")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The lake {safe_text(out)} cannot be made: {error.strerror}.") from error


def _archive(
    paths: Iterable[str | os.PathLike[str]],
    out: Path,
    *,
    read_as: ReadAs,
    engine: Engine,
    mend: bool,
    tell: Tell,
) -> Archived:
    given = [Path(path) for path in paths]
    found = find_sources(given, wanted=Wanted(any_size=True))
    known, there = _known(out, read_as), _stored(out)
    named = {path.resolve() for path in given if path.is_file()}
    jobs, kept = [], {}
    for source in found.sources:
        stamp = _stamp(source)
        singly = source.member < 0 and source.path in named
        before = known.get((source.name, stamp))
        if before is not None and before.singly == singly and _there(before, out, there, whole=mend):
            kept[source.name] = before
            continue
        jobs.append(_Job(source, stamp, out, len(found.sources) > 1, singly, read_as))
    read: dict[str, Entry] = {}
    faults: dict[str, str] = {}
    if engine.costly_start and sum(_bytes(job.source) for job in jobs) <= LITTLE:
        engine = SerialEngine()
    tell(len(kept), len(found.sources))
    with (out / JOURNAL).open("a", encoding="utf-8") as journal:
        for at, result in engine.map(read_job, jobs, batch=min(BATCH, max(1, len(jobs) // 8))):
            if isinstance(result, str):
                faults[jobs[at].source.name] = result
                continue
            read[result.name] = result
            journal.write(json.dumps({"read_as": vars(read_as), **plain_entry(result)}) + "\n")
            journal.flush()
            tell(len(kept) + len(read), len(found.sources))
    if faults:
        raise InputError(_together([faults[name] for name in sorted(faults)]))
    entries = tuple(sorted((*kept.values(), *read.values()), key=lambda entry: entry.name))
    lake = Lake(out, entries, read_as, found.notes, found.warnings)
    _write_record(lake)
    (out / JOURNAL).unlink()
    gone = {name for name, _ in known} - {entry.name for entry in entries}
    _clear(lake)
    return Archived(lake, len(read), len(kept), len(gone))


def _together(faults: Sequence[str]) -> str:
    more = f"\n... and {len(faults) - 5} more files." if len(faults) > 5 else ""
    return "\n".join(faults[:5]) + more


def _known(out: Path, read_as: ReadAs) -> dict[tuple[str, tuple[Any, ...]], Entry]:
    """Give what the lake holds by name and stamp, if it was read as is asked now, by this code."""
    entries = _journalled(out / JOURNAL, read_as)
    try:
        lake = open_lake(out) if is_lake(out) else None
    except HotspotsError:  # a damaged record is as good as none: all is read again
        lake = None
    if lake is not None and lake.read_as == read_as:
        entries = [*lake.entries, *entries]
    return {(entry.name, entry.stamp): entry for entry in entries}


def _journalled(path: Path, read_as: ReadAs) -> list[Entry]:
    """Give what an interrupted command has read; a line that was cut short ends it."""
    found: list[Entry] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                plain = json.loads(line)
                if ReadAs(**plain.pop("read_as")) == read_as:
                    found.append(entry_of(plain))
    except (OSError, ValueError, KeyError, TypeError):
        return found
    return found


def _stored(out: Path) -> set[str]:
    """List the files of parts once: to ask for each of thousands takes longer."""
    return {
        f"{where}/{name}"
        for folder, _, names in os.walk(out / "parts")
        if names and (where := Path(folder).relative_to(out).as_posix())
        for name in names
    }


def _there(entry: Entry, out: Path, there: Collection[str], *, whole: bool) -> bool:
    """Say whether all that was made of a source is still in the lake, and still holds."""
    if entry.judged and entry.judged != run_date().isoformat():
        return False
    for part in entry.parts:
        if part.file not in there or (whole and file_sha256(out / part.file) != part.digest):
            return False
    return True


def _stamp(source: Source) -> tuple[Any, ...]:
    """Give by what a change of a source is noticed; it holds the code, since that decides what is read."""
    if source.member >= 0:
        info = _members(source.path)[source.member]
        return (code_version(), "member", info.filename, info.file_size, info.CRC)
    status = source.path.stat()
    if stat.S_ISDIR(status.st_mode):
        return (code_version(), "folder", content_sha256(source))
    racy = time.time() - status.st_mtime < _RACY
    return (code_version(), "file", status.st_size, status.st_mtime_ns, time.time_ns() if racy else 0)


def _members(path: Path) -> list[zipfile.ZipInfo]:
    with open_archive(path) as archived:
        return archived.infolist()


def _bytes(source: Source) -> int:
    """Say how much there is to read: of other formats than text, which take far longer, always much."""
    if source.form not in ("text", "gzip"):
        return LITTLE + 1
    size = source.path.stat().st_size if source.member < 0 else _members(source.path)[source.member].file_size
    return size * (_UNPACKED if source.packed else 1)


def read_job(job: _Job) -> Entry | str:
    """Read one source into the lake; a fault of the source is told, so that the others go on."""
    try:
        return _read(job)
    except InputError as error:
        return str(error)


def _read(job: _Job) -> Entry:
    rules = Rules(run_date(), job.read_as.date_format)
    read, warnings = read_source(
        job.source,
        several=job.several,
        mapping=job.read_as.columns,
        rules=rules,
        sheet=job.read_as.sheet,
    )
    plain = bool(read) and not job.source.packed
    sha256 = read[0].survey.sha256 if plain else content_sha256(job.source)
    key = _key(job, sha256)
    parts = tuple(
        write_part(
            one,
            job.lake,
            f"parts/{key[:2]}/{key}-{nth}.parquet",
            tail=one.source.name.removeprefix(job.source.name),
        )
        for nth, one in enumerate(read)
    )
    future = any(part.rejects.get(_FUTURE) for part in parts)
    return Entry(
        name=job.source.name,
        inside=job.source.inside or job.source.path.name,
        stamp=job.stamp,
        sha256=sha256,
        singly=job.singly,
        parts=parts,
        warnings=tuple(warnings),
        judged=rules.today.isoformat() if future else "",
    )


def _key(job: _Job, sha256: str) -> str:
    """Name a part by what it is made from: content, code, settings, and the form that was seen."""
    made = [sha256, code_version(), vars(job.read_as), job.source.form, job.several, job.source.packed]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:40]


def _write_record(lake: Lake) -> None:
    try:
        write_whole(lake.folder / RECORD, lake_record(lake))
    except OSError as error:
        raise OutputError(f"The record of the lake cannot be written: {error.strerror}.") from error


def _clear(lake: Lake) -> None:
    """Remove parts that no source of the lake has, and what a killed command has left half written."""
    used = {part.file for entry in lake.entries for part in entry.parts}
    for name in _stored(lake.folder) - used:
        (lake.folder / name).unlink()
