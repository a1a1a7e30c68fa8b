"""What the user points at: files, folders and zips, as a sorted list of sources."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hotspots.errors import InputError
from hotspots.policeuk import force_of_file, month_of_file
from hotspots.reading.content import Source, archives_kept, why
from hotspots.reading.formats import (
    FORMATS,
    belongs_to_another,
    form_of,
    may_hold_data,
    readable_suffixes,
    remedy,
    searched_suffixes,
    small_letters,
)
from hotspots.reading.zips import zip_sources
from hotspots.text import counted, safe_text

_ZIPS = (".zip", ".kmz")
#: Bytes that tell what a file is.
_HEAD = 16
#: What a file starts with that is not the text its name says, and what it is.
_NOT_TEXT = {
    b"PK\x03\x04": "a zip or a workbook",
    b"\x1f\x8b": "packed with gzip",
    b"SQLite format 3": "a GeoPackage or another database",
    b"\xd0\xcf\x11\xe0": "an Excel 97-2003 workbook, or an encrypted one",
    b"%PDF": "a PDF",
    b"PAR1": "Parquet",
    b"{\\rtf": "a Word document",
}


@dataclass(frozen=True)
class Found:
    """The sources that the inputs hold, and what was passed over on the way: warned of, or noted."""

    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


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
    any_size : bool
        Whether zips of many forces are taken however large they are.
    passed : dict
        Number of files passed over, by reason; filled while searching.
    """

    from_month: str = ""
    to_month: str = ""
    forces: frozenset[str] = frozenset()
    any_size: bool = False
    passed: dict[str, int] = field(default_factory=dict)

    def accepts(self, name: str) -> bool:
        """Say whether a file of this name is to be read, and count it if not."""
        reason = self._reason(month_of_file(name), force_of_file(name))
        if reason:
            self.passed[reason] = self.passed.get(reason, 0) + 1
        return not reason

    def _reason(self, month: str, force: str) -> str:
        if not month:
            return ""
        if self.forces and force not in self.forces:
            return "of another force"
        too_early = bool(self.from_month) and month < self.from_month
        too_late = bool(self.to_month) and month > self.to_month
        return "outside the period" if too_early or too_late else ""


@dataclass
class _Said:
    """What a search says: choices that are a matter of course, and data that were passed over."""

    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


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
    said = _Said()
    with archives_kept():
        heads = _files(paths, wanted, said)
        for path, shown in _named(list(heads)):
            if path.suffix.lower() in _ZIPS:
                found, notes, warnings = zip_sources(path, shown, wanted.accepts, any_size=wanted.any_size)
                sources += found
                said.notes += notes
                said.warnings += warnings
            else:
                sources.append(Source(shown, path, _form(path, shown, heads[path])))
    for reason in sorted(wanted.passed):
        said.notes.append(f"Passed over {counted(wanted.passed[reason], 'file')} {reason}.")
    ordered = _named_apart(sorted(sources, key=lambda s: (s.name, str(s.path), s.member)))
    return Found(ordered, tuple(said.notes), tuple(said.warnings))


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
        apart.append(source if nth == 1 else replace(source, name=name))
    return tuple(apart)


def _files(paths: Iterable[str | os.PathLike[str]], wanted: Wanted, said: _Said) -> dict[Path, bytes]:
    """Give each file, sorted, with its first bytes."""
    found: dict[Path, bytes] = {}
    folders: dict[Path, Path] = {}
    for given in paths:
        path = Path(given)
        whole = _is_folder(path) and not _is_geodatabase(path)
        for file in _in_folder(path, wanted, said) if whole else [path]:
            head = b"" if _is_geodatabase(file) else _checked_head(file)
            found[_resolved(file, folders) if whole else file.resolve()] = head
    # By their parts as paths compare themselves, which take far longer over it.
    ordered = sorted(_without_parts(list(found)), key=lambda file: file.parts)
    return {file: found[file] for file in ordered}


def _resolved(file: Path, folders: dict[Path, Path]) -> Path:
    """Resolve a path that a search has found; its folder once for all files in it."""
    if file.is_symlink():
        return file.resolve()
    folder = file.parent
    if folder not in folders:
        folders[folder] = folder.resolve()
    return file if folders[folder] == folder else folders[folder] / file.name


def _without_parts(files: Sequence[Path]) -> list[Path]:
    """Leave out the files of a shapefile beside its .shp: "points.*" names them all."""
    names: dict[Path, list[str]] = {}
    for file in files:
        names.setdefault(file.parent, []).append(file.name)
    present = {folder: small_letters(there) for folder, there in names.items()}
    return [file for file in files if not belongs_to_another(file.name, present[file.parent])]


def _is_geodatabase(path: Path) -> bool:
    return os.fspath(path).lower().endswith(".gdb") and path.is_dir()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name of more than 255 bytes
        raise InputError(f"{safe_text(path)} cannot be read: {why(error)}.") from error


def _in_folder(folder: Path, wanted: Wanted, said: _Said) -> list[Path]:
    found: list[Path] = []
    passed: list[str] = []
    links = 0
    taken = (*searched_suffixes(), *_ZIPS)
    for root, folders, names in os.walk(folder, onerror=_refuse_folder):
        found += [Path(root, name) for name in sorted(folders) if name.lower().endswith(".gdb")]
        folders[:] = sorted(n for n in folders if not n.startswith(".") and not n.lower().endswith(".gdb"))
        links += sum(Path(root, name).is_symlink() for name in folders)
        beside = small_letters(names)
        shown = sorted(name for name in names if not name.startswith((".", "~$")))
        for name in shown:
            if name.lower().endswith(taken) or _is_mapinfo(Path(root, name)):
                found.append(Path(root, name))
            elif not belongs_to_another(name, beside):
                passed.append(name)
    left = _left_in_folder(passed, links)
    if not found:
        looked = ", ".join(taken)
        raise InputError(
            " ".join([f"The folder {safe_text(folder)} holds no data file: looked for {looked}.", *left])
        )
    said.warnings += [f"The folder {safe_text(folder.resolve().name)}: {text}" for text in left]
    return [path for path in found if wanted.accepts(path.name)]


def _is_mapinfo(path: Path) -> bool:
    return path.suffix.lower() == ".tab" and form_of(path.name, _head(path)) == "mapinfo"


def _refuse_folder(error: OSError) -> None:
    raise InputError(f"The folder {safe_text(error.filename)} cannot be read: {why(error)}.") from error


def _left_in_folder(passed: Sequence[str], links: int) -> list[str]:
    """Say what a search did not take, so that nobody believes it was read."""
    left = []
    ends = sorted(readable_suffixes(), key=len, reverse=True)
    kinds = [next((end for end in ends if name.lower().endswith(end)), "") for name in passed]
    if readable := [kind for kind in kinds if kind]:
        shown = ", ".join(sorted(set(readable)))
        left.append(f"{counted(len(readable), 'file')} passed over ({shown}): name them singly to read them.")
    others = [name for name, kind in zip(passed, kinds, strict=True) if not kind]
    ends_of: dict[str, list[str]] = {}
    for name in others:
        if words := remedy(name):
            ends_of.setdefault(words, []).append(Path(name).suffix.lower())
    for words, found in sorted(ends_of.items()):
        left.append(f"{counted(len(found), 'file')} not read ({', '.join(sorted(set(found)))}): {words}.")
    if unknown := [name for name in others if not remedy(name) and may_hold_data(name)]:
        seen = sorted({Path(name).suffix.lower() for name in unknown})
        shown = ", ".join(safe_text(end, limit=20) for end in seen[:8])
        left.append(
            f"{counted(len(unknown), 'file')} of kinds that are not known not read ({shown}): "
            "save data in them as CSV or XLSX."
        )
    if links:
        left.append(f"{counted(links, 'link')} to folders not followed: name the folders to read them.")
    return left


def _checked_head(path: Path) -> bytes:
    """Refuse what is no file that can be read, and give the first bytes of what is."""
    try:
        # A pipe would be waited for without end if it were opened first.
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{safe_text(path)} is not a regular file: give a file, a folder or a zip.")
        with path.open("rb", buffering=0) as stream:
            head = stream.read(_HEAD)
    except FileNotFoundError as error:
        raise InputError(f"{safe_text(path)} does not exist.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{safe_text(path)} cannot be read: {why(error)}.") from error
    if not head:
        raise InputError(f"{safe_text(path)} is empty.")
    return head


def _named(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Give each file the shortest end of its path that no other file shares."""
    shown: dict[Path, str] = {}
    left, depth = list(paths), 1
    while left:
        shared = Counter(path.parts[-depth:] for path in paths)
        for path in left:
            if shared[path.parts[-depth:]] == 1 or depth >= len(path.parts):
                shown[path] = safe_text("/".join(path.parts[-depth:]))
        left = [path for path in left if path not in shown]
        depth += 1
    yield from ((path, shown[path]) for path in paths)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError:
        return b""


def _form(path: Path, shown: str, head: bytes) -> str:
    if _is_geodatabase(path):
        return "filegdb"
    form = form_of(path.name, head)
    if not form:
        words = remedy(path.name)
        names = ", ".join(sorted({suffix for one in FORMATS for suffix in one.suffixes} | {".zip"}))
        what = f"it is {words}" if words else f"give one of {names}"
        raise InputError(f"{shown}: this format is not supported: {what}.")
    if form == "text" or (form == "gzip" and not head.startswith(b"\x1f\x8b")):
        seen = next((what for start, what in _NOT_TEXT.items() if head.startswith(start)), "")
        if seen:
            raise InputError(
                f"{shown} is named as text but is not: it looks like {seen}. Check what was saved under "
                "this name, and rename it."
            )
    return form
