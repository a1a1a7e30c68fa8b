"""Members of a zip: which are tables to read, and what the others are."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from hotspots.errors import InputError
from hotspots.policeuk import force_of_file, kind_of_file
from hotspots.reading.content import DAMAGE, MIB, Source, check_ratio, open_archive
from hotspots.reading.formats import (
    belongs_to_another,
    form_of,
    may_hold_data,
    readable_suffixes,
    remedy,
    searched_suffixes,
    small_letters,
)
from hotspots.text import counted, safe_text

#: More forces than this in one large zip must be asked for by name.
MAX_FORCES = 5
#: Unpacked bytes of police.uk files up to which all forces of a zip are read.
ALL_FORCES = 1024 * MIB
_GEODATABASE = re.compile(r"^(.*\.gdb)/[^/]+$", re.IGNORECASE)


def zip_sources(
    path: Path, shown: str, accepts: Callable[[str], bool], *, any_size: bool = False
) -> tuple[list[Source], list[str], list[str]]:
    """
    List the tables in a zip.

    Parameters
    ----------
    path, shown
        Where it lies, and its name for people.
    accepts : callable
        Tells by a member's name whether it is of the period and the forces asked for.
    any_size : bool
        Take many forces however large they are together.

    Returns
    -------
    sources : list of Source
    notes : list of str
        What was passed over as a matter of course.
    warnings : list of str
        Data that were passed over, with what to do.

    Raises
    ------
    InputError
        If it is damaged, holds nothing that is read, or too many forces.
    """
    try:
        with open_archive(path) as archive:
            infos = archive.infolist()
    except DAMAGE as error:
        raise InputError(f"{shown} is a damaged zip: download or save it again.") from error
    chosen, plain, alien = _choose(infos, accepts)
    notes = [f"{shown}: {_members(n)} not read: {reason}." for reason, n in sorted(plain.items())]
    warnings = [f"{shown}: {_members(n)} not read: {reason}." for reason, n in sorted(alien.items())]
    if not chosen:
        raise InputError(_nothing(shown, infos, {**plain, **alien}))
    if not any_size:
        _check_forces(shown, [info for _, info, _ in chosen])
    for _, info, _ in chosen:
        check_ratio(f"{shown}/{safe_text(info.filename)}", packed=info.compress_size, unpacked=info.file_size)
    sources = [
        Source(
            f"{shown}/{safe_text(name)}",
            path,
            _form(archive_name=name, info=info, path=path, at=at),
            at,
            name,
        )
        for at, info, name in chosen
    ]
    return sources, notes, warnings


def _form(*, archive_name: str, info: zipfile.ZipInfo, path: Path, at: int) -> str:
    if archive_name != info.filename:  # a geodatabase: one of its files stands for the folder
        return "filegdb"
    form = form_of(archive_name, b"")
    if form == "text" and archive_name.lower().endswith(".tab"):
        with open_archive(path) as archive, archive.open(archive.infolist()[at]) as stream:
            return form_of(archive_name, stream.read(16))
    return form


def _members(count: int) -> str:
    return f"{count} {'member' if count == 1 else 'members'}"


def _nothing(shown: str, infos: Sequence[zipfile.ZipInfo], passed: dict[str, int]) -> str:
    if not any(not info.is_dir() for info in infos):
        return f"{shown} is an empty zip: ask for it again."
    seen = "; ".join(f"{_members(n)}: {reason}" for reason, n in sorted(passed.items()))
    return (
        f"{shown} holds no file that is read{f' ({seen})' if seen else ' in the period and force asked for'}."
    )


def _choose(
    infos: Sequence[zipfile.ZipInfo], accepts: Callable[[str], bool]
) -> tuple[list[tuple[int, zipfile.ZipInfo, str]], dict[str, int], dict[str, int]]:
    present = small_letters(info.filename for info in infos)
    chosen: dict[str, tuple[int, zipfile.ZipInfo, str]] = {}
    plain: dict[str, int] = {}
    alien: dict[str, int] = {}
    for at, info in enumerate(infos):
        name = info.filename
        if info.is_dir():
            continue
        unsafe = _unsafe(info)
        database = _GEODATABASE.match(name)
        if unsafe:
            plain[unsafe] = plain.get(unsafe, 0) + 1
        elif database:
            chosen.setdefault(database[1], (at, info, database[1]))
        elif name.lower().endswith((*searched_suffixes(), ".tab")) and not name.lower().endswith(".gz"):
            if accepts(name):
                chosen[f"{at}"] = (at, info, name)
        elif not belongs_to_another(name, present):
            reason = _alien(name)
            into = alien if reason != _OTHER else plain
            into[reason] = into.get(reason, 0) + 1
    return list(chosen.values()), plain, alien


_OTHER = "not a data file"


def _unsafe(info: zipfile.ZipInfo) -> str:
    """Say why a member is not looked at, whatever it holds."""
    name = info.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name):
        return "a name that points out of the archive"
    if parts[0] == "__MACOSX" or parts[-1].startswith("."):
        return "a hidden file"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link to another file, which is not followed"
    kind = kind_of_file(name)
    if kind and kind != "street":
        return f"{kind} files hold no incidents"
    return ""


def _alien(name: str) -> str:
    lower = name.lower()
    if lower.endswith((".zip", ".kmz")):
        return "a zip inside a zip: unpack it and give what it holds"
    if words := remedy(name):
        return words
    if lower.endswith(readable_suffixes()):
        return f"{PurePosixPath(lower).suffix} is read only where it is named singly: unpack it"
    if may_hold_data(PurePosixPath(name).name):
        end = safe_text(PurePosixPath(lower).suffix, limit=20)
        return f"{end} is a kind that is not known: save data in it as CSV or XLSX"
    return _OTHER


def _check_forces(shown: str, infos: Sequence[zipfile.ZipInfo]) -> None:
    police = [(force_of_file(info.filename), info.file_size) for info in infos]
    forces = {force for force, _ in police if force}
    size = sum(size for force, size in police if force)
    if len(forces) > MAX_FORCES and size > ALL_FORCES:
        raise InputError(
            f"{shown} holds {counted(size // MIB, 'MiB')} of {len(forces)} forces: name the ones you want "
            "(--force derbyshire), or make a lake of all (hotspots archive)."
        )
