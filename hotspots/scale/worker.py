"""
What a process of the pool does beside its tasks: it keeps within its memory, and ends with its command.

The system counts what a process holds only where it has /proc (Linux); elsewhere a limit is none.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from typing import Any, Final

from hotspots.scale.engines import Item, Result, each

#: Seconds between two looks at the memory that is held.
_LOOK: Final = 0.2
#: A process that holds more than this after a batch gives back what it no longer needs.
_TRIMMED: Final = 512 * 1024 * 1024
#: Bytes that a process may keep for the next file.
_KEPT: Final = 256 * 1024 * 1024
#: GNU's library and its parameters; musl, macOS and Windows have none of it, and need none.
_LIBC, _TRIM_THRESHOLD, _MMAP_THRESHOLD = "libc.so.6", -1, -3
_STATM: Final = Path("/proc/self/statm")


def begin(limit: int, exceeded: Any, objects: tuple[int, int, int]) -> None:
    """
    Watch this process for as long as it lives.

    Parameters
    ----------
    limit : int
        Bytes that it may hold; 0 for any number.
    exceeded : multiprocessing value
        Is set to 1 before the process ends for holding more.
    objects : tuple of int
        How many objects are made between two looks for circles, as in the command's own process.
    """
    gc.freeze()
    gc.set_threshold(*objects)
    _keep_freed()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel, limit, exceeded), daemon=True).start()


def _watch(parent: Any, limit: int, exceeded: Any) -> None:
    # A worker waits for work for ever where the command that it belongs to was killed.
    while not connection.wait([parent], _LOOK if limit else None):
        if held() > limit:
            exceeded.value = 1
            break
    os._exit(1)


def held() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def each_trimmed(task: Callable[[Item], Result], batch: Sequence[Item]) -> list[Result]:
    """Do a task for each item of a batch, and give memory back to the system if much is held."""
    results = each(task, batch)
    if held() > _TRIMMED:
        trim()
    return results


def _keep_freed() -> None:
    """Keep what one file was read into for the next: the system would have to clear it anew each time."""
    with suppress(OSError, AttributeError):
        for kind in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            ctypes.CDLL(_LIBC).mallopt(kind, _KEPT)


def trim() -> None:
    """Give the memory that was freed back to the system: others work on this machine too."""
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(_LIBC).malloc_trim(0)
