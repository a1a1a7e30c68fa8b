# ruff: noqa: S311, T201
"""The table: fault, expectation, what was seen."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Callable

from faults import disk, ending, surroundings
from faults.runs import Seen, Workshop, temporary

Fault = tuple[str, str, Callable[[Workshop], Seen]]
FAULTS: tuple[Fault, ...] = (
    ("F01", "kill -9 at random moments: old or new outputs whole, the next run clears up", ending.killed),
    ("F02", "kill -9 between two outputs: the set is all old or all new", ending.killed_between_outputs),
    ("F03", "SIGINT, SIGTERM: exit 130, 143, no traceback, nothing left", ending.signalled),
    ("F04", "disk full: one line, nonzero, old outputs whole, no partial file", disk.full),
    ("F05", "TMPDIR full: as F04, or not needed", disk.full_temporary),
    ("F06", "folder read-only: fails before the analysis", disk.read_only),
    ("F07", "output path is a file, has no parent or a name too long: clear error", disk.wrong_targets),
    ("F08, F09", "planted links: replaced or refused, their target unchanged", disk.links),
    ("F10", "runs at once into one folder: one wins whole, others say so", ending.two_at_once),
    ("F11", "input grows while it is read: noticed", surroundings.growing),
    ("F12", "input is a folder, missing, a FIFO, /dev/zero, sparse: clear error", surroundings.not_files),
    ("F13", "a million rows: works, with its memory", surroundings.a_million),
    ("F14", "ulimit -n 32: works", surroundings.few_files),
    ("F15", "a million rows on 2,500 points: clusters under 10 s, 500 MB", surroundings.many_rows),
    ("F17", "no network: every command works", surroundings.no_network),
    ("F18", "strace: no connection", surroundings.no_connection),
    ("F19, F21, F22", "locale, time zone, hash seed, threads: the same bytes", surroundings.same_bytes),
    ("F20", "ASCII terminal and a street called Café: no error", surroundings.ascii_terminal),
    ("F23", "rows shuffled, file cut in three: the same tables", surroundings.order),
    ("F24", "SOURCE_DATE_EPOCH 1970, 2038, clock change, nonsense: no crash", surroundings.clock),
    ("F25", "themes that no longer exist: stale files gone, the analyst's stay", disk.stale),
    ("F26", "odd input paths: work or a clear error", surroundings.odd_paths),
    ("F27", "names fit Windows and disks without case", disk.names),
    ("F28", "no HOME, caches unwritable: works", surroundings.homeless),
    ("F29", "reader leaves, output closed or full: no traceback, outputs whole", ending.reader_left),
    ("F30, F32", "an error in every module: one line, no values", surroundings.injected),
    ("F31", "n-th write, fsync, rename, close fails: old or new set whole", disk.failing_calls),
    ("F32", "address space too small: one line, outputs whole", ending.memory_short),
    (
        "F33",
        "kill -9 while writing and at the swap, with exchange and without: one whole folder",
        ending.killed_publishing,
    ),
    (
        "F35",
        "kill -9 of whole runs while they write and at the swap: one whole folder",
        ending.killed_whole,
    ),
    ("F34", "outputs of older and newer versions: read or refused", surroundings.older),
    ("pipe", "a slow reader of progress: nothing hangs", surroundings.slow_pipe),
)


def run_faults(chosen: list[str], *, kills: int, seed: int) -> int:
    """Try the chosen faults, or all; print a table and return how many fall short."""
    short, begun = 0, time.monotonic()
    for name, expectation, attempt in FAULTS:
        if chosen and not set(chosen) & set(name.split(", ")):
            continue
        start = time.monotonic()
        seen = _attempt(attempt, kills=kills, seed=seed)
        short += seen.good is False
        mark = {True: "ok", False: "SHORT", None: "untried"}[seen.good]
        print(
            f"{name:14} {mark:8} {time.monotonic() - start:5.1f} s  {expectation}\n{'':31}{seen.text}",
            flush=True,
        )
    print(f"{short} fall short; {time.monotonic() - begun:.0f} s.")
    return short


def _attempt(attempt: Callable[[Workshop], Seen], *, kills: int, seed: int) -> Seen:
    folder = temporary()
    try:
        return attempt(Workshop(folder, kills, random.Random(seed)))
    except (RuntimeError, OSError, subprocess.SubprocessError, KeyError, ValueError) as error:
        return Seen(False, f"the attempt itself failed: {type(error).__name__}: {error}"[:300])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
