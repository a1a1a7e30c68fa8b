# ruff: noqa: S603, S607
"""Faults of disks and folders: full, read-only, taken, linked, failing at the n-th call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from faults.runs import Seen, Workshop, leftovers, run
from hotspots.outputs.exchange import exchange


@contextmanager
def small_disk(folder: Path, kibibytes: int) -> Iterator[bool]:
    """Mount a small file system in memory; yield whether that worked."""
    folder.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(folder)]
    mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], capture_output=True, check=False)


@contextmanager
def without_exchange(folder: Path) -> Iterator[Path | None]:
    """Mount a file system that cannot exchange two folders; yield where, None if there is none here."""
    behind = folder.with_name(f"{folder.name}-behind")
    for one in (folder, behind):
        one.mkdir(exist_ok=True)
    mounted = False
    if shutil.which("bindfs"):
        words = ["bindfs", str(behind), str(folder)]
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    try:
        yield folder if mounted and not exchanges(folder) else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def exchanges(folder: Path) -> bool:
    """Tell whether the file system of a folder can exchange two folders."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".exchange") as scratch:
        one, other = (Path(scratch) / name for name in ("one", "other"))
        one.mkdir()
        other.mkdir()
        return exchange(one, other)


def full(shop: Workshop) -> Seen:
    """Write to disks that are too small, each time ending at another file."""
    shop.run()
    size = sum(path.stat().st_size for path in shop.out.rglob("*") if path.is_file()) // 1024
    told = []
    for share in (0.1, 0.3, 0.5, 0.7, 0.85, 0.95):
        with small_disk(shop.folder / "disk", max(64, int(size * share))) as mounted:
            if not mounted:
                return Seen(None, "needs the right to mount a tmpfs")
            out = shop.folder / "disk" / "maps"
            out.mkdir()
            (out / "README.md").write_text("mine")
            done = run(shop.words(out=out))
            told.append(done.code)
            whole = [p.name for p in out.iterdir()] == ["README.md"] and not leftovers(out)
            lines = len(done.stderr.strip().splitlines())
            if done.code != 3 or done.manners() or not whole or lines > 1:
                return Seen(
                    False,
                    f"at {share:.0%} of {size} KB: exit {done.code}, {done.manners()}, "
                    f"{leftovers(out)}, {done.stderr.strip()[-160:]}",
                )
    return Seen(True, f"exits {told} on disks of 10 to 95 % of {size} KB; one line, nothing left")


def full_temporary(shop: Workshop) -> Seen:
    """Fill the folder for temporary files only."""
    with small_disk(shop.folder / "disk", 16) as mounted:
        if not mounted:
            return Seen(None, "needs the right to mount a tmpfs")
        fill = shop.folder / "disk" / "fill"
        with fill.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 1024)
        done = run(shop.words(), env={"TMPDIR": str(fill.parent)})
        clean = [path.name for path in fill.parent.iterdir()] == ["fill"]
    named = str(fill.parent) in done.stderr or "temporary" in done.stderr
    good = clean and not done.manners() and (done.code == 0 or (done.code == 3 and named))
    return Seen(good, f"exit {done.code}: {done.stderr.strip()[:150] or 'needs no temporary file on disk'}")


def read_only(shop: Workshop) -> Seen:
    """Run as a plain user into a folder that only root may write."""
    if os.geteuid() or not shutil.which("setpriv"):
        return Seen(None, "needs root and setpriv")
    shop.out.mkdir()
    for path in (shop.folder, shop.input.parent, shop.out.parent, shop.out):
        path.chmod(0o755)
    _ = shop.config
    done = run(shop.words(), prefix=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
    last = done.stderr.strip()
    if done.code and "cannot be written" not in last and "ermission" in last:
        return Seen(None, f"a plain user cannot start Python here: {last[-100:]}")
    good = done.code == 3 and "cannot be written" in last and not done.manners()
    return Seen(good, f"exit {done.code}: {last[-120:]}")


def wrong_targets(shop: Workshop) -> Seen:
    """Give a file, a missing parent, a name too long, a folder of others."""
    (shop.out.parent / "file").write_text("x")
    (shop.out.parent / "theirs").mkdir()
    (shop.out.parent / "theirs" / "thesis.doc").write_text("x")
    targets = ("file", "missing/maps", "x" * 240, "x" * 300, "theirs")
    codes = []
    for name in targets:
        done = run(shop.words(out=shop.out.parent / name))
        codes.append(done.code)
        if done.code != 3 or done.manners() or len(done.stderr.splitlines()) != 1:
            return Seen(False, f"{name[:20]}: exit {done.code}, {done.stderr[:120]}")
    whole = leftovers(shop.out) == ["file", "theirs"]
    return Seen(whole, f"exits {codes}, nothing deleted")


def links(shop: Workshop) -> Seen:
    """Plant links: as the folder, inside it, as its lock."""
    work = shop.out.parent
    target = shop.folder / "target.txt"
    target.write_text("theirs")
    elsewhere = shop.folder / "elsewhere"
    elsewhere.mkdir()
    shop.out.symlink_to(elsewhere)
    as_folder = shop.run()
    shop.out.unlink()
    shop.run()
    (shop.out / "index.html").unlink()
    (shop.out / "index.html").symlink_to(target)
    inside = shop.run()
    replaced = not (shop.out / "index.html").is_symlink()
    (work / ".maps.hotspots").symlink_to(elsewhere)
    as_lock = shop.run()
    good = (as_folder.code, inside.code, as_lock.code) == (3, 0, 3) and replaced
    good = good and target.read_text() == "theirs" and not any(elsewhere.iterdir())
    codes = f"folder {as_folder.code}, file in it {inside.code}, lock {as_lock.code}"
    return Seen(good, f"exits: {codes}; the target is unchanged")


def stale(shop: Workshop) -> Seen:
    """Run for one theme after a run for another; a note of the analyst stays."""
    shop.run()
    (shop.out / "note.txt").write_text("mine")
    shop.run("--theme", "drugs-and-alcohol-misuse")
    import json

    record = json.loads((shop.out / "run.json").read_text(encoding="utf-8"))
    listed = {entry["path"] for entry in record["outputs"]} | {"run.json", "note.txt"}
    found = {path.relative_to(shop.out).as_posix() for path in shop.out.rglob("*") if path.is_file()}
    return Seen(found == listed, f"{len(found)} files, all listed but the analyst's note, which stays")


def names(shop: Workshop) -> Seen:
    """Check the names of all outputs for Windows and for disks without case."""
    import re
    import unicodedata

    shop.run()
    found = [path.relative_to(shop.out).as_posix() for path in shop.out.rglob("*")]
    folded = {unicodedata.normalize("NFC", name).casefold() for name in found}
    bad = [
        name
        for name in found
        for part in name.split("/")
        if re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', part)
        or re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", part, re.IGNORECASE)
    ]
    return Seen(
        not bad and len(folded) == len(found), f"{len(found)} names, {len(bad)} reserved, none equal folded"
    )


def failing_calls(shop: Workshop) -> Seen:
    """Let the n-th write, fsync, rename, close of publishing fail, by a library loaded before libc."""
    if not shutil.which("gcc"):
        return Seen(None, "needs gcc")
    library = shop.folder / "failing.so"
    source = Path(__file__).with_name("failing.c")
    built = subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"],
        capture_output=True,
        check=False,
    )
    if built.returncode:
        return Seen(None, "gcc could not build the library")
    done = subprocess.run(
        [sys.executable, "-m", "faults.failing", str(shop.input), str(shop.config), str(shop.out)],
        env={**os.environ, "LD_PRELOAD": str(library), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    lines = done.stdout.strip().splitlines() or [done.stderr.strip()[-200:]]
    return Seen(done.returncode == 0, lines[-1])
