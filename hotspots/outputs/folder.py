"""A folder that appears as a whole or not at all; it knows nothing of maps."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hotspots.errors import OutputError
from hotspots.schema import columns

MANIFEST = "run.json"
#: Increase when a reader of run.json would misunderstand an older or newer one.
MANIFEST_FORMAT = 1
#: Bytes that a name may have; the folder beside it takes up to 20 more.
_LONGEST_NAME = 235
_KEPT_NAMES = ("README.md", ".gitkeep", ".gitignore")


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
    header = ",".join(columns("rejected")).encode("utf-8-sig")
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
        foreign = [p.name for p in out.iterdir() if p.name not in _KEPT_NAMES]
        if foreign:
            raise OutputError(
                f"The output folder {printable_name(out)} holds files that no run wrote: "
                "give an empty or new folder."
            )


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """
    Lend an empty folder that becomes `out` when the block ends well, and vanishes when it does not.

    Only one run at a time may do so; what a killed run left behind is cleared away.
    """
    check_target(out)
    out = absolute(out)
    with _parents_made(out), _locked(out):
        _recover(out)
        stage = Path(tempfile.mkdtemp(prefix=f".{out.name}.new-", dir=out.parent))
        try:
            yield stage
            _carry_over(out, stage)
            _sync(stage)
            # mkdtemp makes a folder that only its owner can read; the target is to be shared.
            stage.chmod(0o777 & ~_umask())
            _swap(stage, out)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


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
    if not out.is_dir():
        return
    ours = {*_listed(out / MANIFEST), MANIFEST}
    for path in sorted(out.rglob("*")):
        relative = path.relative_to(out)
        if path.is_dir() and not path.is_symlink():
            continue
        if relative.as_posix() in ours or (stage / relative).exists():
            continue
        (stage / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, stage / relative, follow_symlinks=False)


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


def _swap(stage: Path, out: Path) -> None:
    """Put the new folder in place of the old one; undo the first rename if the second fails."""
    if not out.exists():
        stage.rename(out)
        return
    old = out.parent / f".{out.name}.old"
    try:
        out.rename(old)
        stage.rename(out)
    except BaseException:  # an interruption too must leave one of them under the name
        if not out.exists() and old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _recover(out: Path) -> None:
    """Bring back the old folder if a run was killed between the two renames, and clear its leftovers."""
    old = out.parent / f".{out.name}.old"
    if old.is_dir():
        if out.exists():
            shutil.rmtree(old)
        else:
            old.rename(out)
    for left in out.parent.glob(f".{out.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold the folder's lock: an operating system lock, so that a killed run never leaves it held."""
    path = out.parent / f".{out.name}.lock"
    handle = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        if not _lock(handle) or not _is_open_file(path, handle):
            raise OutputError(
                f"Another run is writing {printable_name(out)}: wait for it or choose another --out."
            )
        try:
            yield
        finally:
            # Removed while still locked: whoever opened it meanwhile sees in _is_open_file that it is gone.
            with suppress(OSError):
                path.unlink()
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_open_file(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


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
