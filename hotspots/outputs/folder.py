"""A folder that appears as a whole or not at all; it knows nothing of maps."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hotspots.errors import OutputError
from hotspots.outputs.exchange import exchange
from hotspots.schema import columns

MANIFEST = "run.json"
#: Increase when a reader of run.json would misunderstand an older or newer one.
#: 2: rates are for a year, confidence is the chance to be found again, and "combined" is what "all" was.
MANIFEST_FORMAT = 2
#: Of the hidden folder beside the target: who made it, the lock, and the new and the old folder.
_MARK, _LOCK, NEW, _OLD = "mark", "lock", "new", "old"
#: Its name: a dot, the target's, and this.
_BESIDE = ".hotspots"
_MARK_TEXT = "A run of hotspots works here. When none is running, this folder can be deleted.\n"
#: Bytes that a name may have; the folder beside it takes up to 20 more.
_LONGEST_NAME = 235
#: Files of a repository that may lie in a folder of outputs.
KEPT_NAMES = ("README.md", ".gitkeep", ".gitignore")


def check_target(out: Path) -> None:
    """
    Refuse a target that a run may not replace, before any work is done.

    Raises
    ------
    OutputError
        If it is a file, a link, lies below a file, cannot be written, or
        holds files but no manifest of a former run.
    """
    try:
        recover(out)
        _check_place(out)
    except (OSError, ValueError) as error:  # a name that is too long, or holds a NUL
        raise OutputError(
            f"The output path {printable_name(out)} cannot be used: choose another with --out."
        ) from error


def check_rejects_target(path: Path) -> None:
    """
    Refuse a place for the list of rejected rows where it would replace something else.

    Raises
    ------
    OutputError
        If it is a folder, lies in none, or is a file that is no earlier list.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise OutputError(f"--rejects names {printable_name(path)}, a folder or a file in none: give a file.")
    if not path.exists():
        return
    # Lists of the first version end their lines here.
    header = ",".join(list(columns("rejected"))[:3]).encode("utf-8-sig")
    with path.open("rb") as stream:
        if not stream.readline(len(header) + 2).startswith(header):
            raise OutputError(
                f"--rejects names {printable_name(path)}, which is not an earlier list of rejected rows: "
                "name another file, or it would be lost."
            )


def _check_place(out: Path) -> None:
    if "\0" in str(out):
        raise ValueError("a path cannot hold NUL")
    # Folders on the way that are missing are made when the run ends well.
    parent = next(folder for folder in absolute(out).parents if folder.exists())
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise OutputError(f"The output path {printable_name(out)} is a file or a link: give a folder.")
    if not parent.is_dir():
        raise OutputError(
            f"The output path {printable_name(out)} lies below {parent.name}, which is a file: give a folder."
        )
    if len(os.fsencode(absolute(out).name)) > _LONGEST_NAME:
        raise OutputError(
            f"The name of the output folder {printable_name(out)} is too long: give a shorter one."
        )
    if not os.access(parent, os.W_OK) or (out.exists() and not os.access(out, os.W_OK)):
        raise OutputError(
            f"The output folder {printable_name(out)} cannot be written: choose another with --out."
        )
    if (out / MANIFEST).is_file():
        _listed(out / MANIFEST)
    elif out.is_dir():
        foreign = [p.name for p in out.iterdir() if p.name not in KEPT_NAMES]
        if foreign:
            raise OutputError(
                f"The output folder {printable_name(out)} holds files that no run wrote: "
                "give an empty or new folder."
            )


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """
    Lend an empty folder that becomes `out` when the block ends well, and vanishes when it does not.

    Everything that is made on the way lies in one hidden folder beside `out` that
    carries our mark; nothing without the mark is ever deleted. Only one run at a
    time may write; what a killed run left behind is cleared away.
    """
    check_target(out)
    out = absolute(out)
    with _parents_made(out), held(out) as workshop:
        stage = workshop / NEW
        stage.mkdir()
        yield stage
        _carry_over(out, stage)
        _sync(stage)
        # The workshop is for its owner's eyes; the target is to be shared.
        stage.chmod(0o777 & ~_umask())
        _swap(stage, out, aside=workshop / _OLD)


def recover(out: Path) -> None:
    """
    Bring an output folder back that a killed run had moved aside, and clear what it left; else do nothing.

    Raises
    ------
    OutputError
        If another run is writing the folder, or its hidden neighbour is not ours.
    """
    out = absolute(out)
    if _workshop(out).exists():
        with held(out):
            pass


def take_away(out: Path) -> None:
    """Remove what a run wrote into a folder; what no run wrote stays, and the folder with it."""
    for name in [*_listed(out / MANIFEST), MANIFEST]:
        (out / name).unlink(missing_ok=True)
    for folder in [*sorted((path for path in out.rglob("*") if path.is_dir()), reverse=True), out]:
        with suppress(OSError):
            folder.rmdir()


def recover_all(parent: Path) -> None:
    """Do so for every output folder in a folder, also for those that never came to be."""
    for workshop in sorted(parent.glob(f".*{_BESIDE}")):
        recover(parent / workshop.name.removeprefix(".").removesuffix(_BESIDE))


@contextmanager
def _parents_made(out: Path) -> Iterator[None]:
    """Make the folders that lead to `out`; take away those that were made for a run that fails."""
    missing = [folder for folder in out.parents if not folder.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
        raise


def _carry_over(out: Path, stage: Path) -> None:
    """Keep files in the old folder that no run wrote, such as a README or an analyst's notes."""
    for relative in not_ours(out):
        if not (stage / relative).exists():
            (stage / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(out / relative, stage / relative, follow_symlinks=False)


def not_ours(out: Path) -> list[Path]:
    """List what lies in an output folder and no run wrote, relative to it; none where there is no folder."""
    if not out.is_dir():
        return []
    ours = {*_listed(out / MANIFEST), MANIFEST}
    found = [
        path.relative_to(out) for path in sorted(out.rglob("*")) if path.is_symlink() or not path.is_dir()
    ]
    return [path for path in found if path.as_posix() not in ours]


def _listed(manifest: Path) -> list[str]:
    """Return what a former run wrote; only its own manifest says so."""
    try:
        record = json.loads(manifest.read_text(encoding="utf-8"))
        newer = record.get("format", MANIFEST_FORMAT) > MANIFEST_FORMAT
        listed = [str(entry["path"]) for entry in record["outputs"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OutputError(
            f"{manifest.name} in the output folder is damaged: "
            "move the folder away or choose another with --out."
        ) from error
    if newer:
        raise OutputError(
            f"A newer version wrote {manifest.name} in the output folder: choose another folder with --out."
        )
    return listed


def _swap(stage: Path, out: Path, *, aside: Path) -> None:
    """Put the new folder in place of the old one, which goes aside; undo the first rename if need be."""
    if not out.exists():
        stage.rename(out)
        return
    if exchange(stage, out):
        return
    try:
        out.rename(aside)
        stage.rename(out)
    except BaseException:  # an interruption too must leave one of them under the name
        if not out.exists() and aside.exists():
            aside.rename(out)
        raise


def _workshop(out: Path) -> Path:
    return out.parent / f".{out.name}{_BESIDE}"


@contextmanager
def held(out: Path) -> Iterator[Path]:
    """
    Hold the hidden folder in which a run works, as the only one; it is gone afterwards.

    The lock is the operating system's, so that a killed run never leaves it held. What a run
    makes lies in the folder `NEW` of it, which the next run clears away.
    """
    from filelock import FileLock, Timeout

    workshop = _workshop(out)
    busy = OutputError(f"Another run is writing {printable_name(out)}: wait for it or choose another --out.")
    _make_workshop(workshop)
    lock = FileLock(workshop / _LOCK, timeout=0)
    try:
        lock.acquire()
    except (Timeout, FileNotFoundError) as error:
        raise busy from error
    try:
        # A run that ended meanwhile took the folder, and the lock's file, with it.
        if not _is_ours(workshop):
            raise busy
        _clear(workshop, out)
        yield workshop
    finally:
        if _is_ours(workshop):
            with suppress(OSError):
                _clear(workshop, out)
            shutil.rmtree(workshop, ignore_errors=True)
        with suppress(OSError):
            lock.release()
            # Over FUSE or NFS a file that is open goes only now, and its folder with it.
            workshop.rmdir()


def _make_workshop(workshop: Path) -> None:
    try:
        workshop.mkdir(mode=0o700)
    except FileExistsError:
        if workshop.is_symlink() or not _is_ours(workshop):
            raise OutputError(
                f"{printable_name(workshop)} lies beside the output folder and is not of a run: "
                "move it away, or choose another folder with --out."
            ) from None
        if (workshop / _MARK).is_file() and (workshop / _MARK).read_bytes() == _MARK_TEXT.encode():
            return
    (workshop / _MARK).write_text(_MARK_TEXT, encoding="utf-8")


def _is_ours(workshop: Path) -> bool:
    """Tell our hidden folder by its mark, or by holding nothing yet: a run may be killed before that."""
    try:
        names = {path.name for path in workshop.iterdir()}
        mark = (workshop / _MARK).read_text(encoding="utf-8") if _MARK in names else ""
        bare = names <= {_MARK, _LOCK} and not (_LOCK in names and (workshop / _LOCK).stat().st_size)
    except (OSError, UnicodeDecodeError):
        return False
    return mark == _MARK_TEXT or (bare and _MARK_TEXT.startswith(mark))


def _clear(workshop: Path, out: Path) -> None:
    """Bring the old folder back if a run was killed between the two renames, and clear what it left."""
    old = workshop / _OLD
    if old.is_dir() and not out.exists():
        old.rename(out)
    for left in (old, workshop / NEW):
        if left.exists():
            shutil.rmtree(left)


def _sync(folder: Path) -> None:
    """Force the files to disk before the rename that makes them visible."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("r+b") as handle:
                os.fsync(handle.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def absolute(path: Path) -> Path:
    """Resolve "." and "..", of which nothing can be made beside, but no links."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps the dots


def printable_name(path: Path) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(path))
