"""Two folders exchanged in one step, where the system can: nobody ever sees neither of them."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
import sys
from pathlib import Path

#: renameat2's flag on Linux and renamex_np's on macOS happen to be the same.
_EXCHANGE = 2
#: The working folder, for renameat2's two paths.
_HERE = -100
#: The system, or the file system, cannot exchange.
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def exchange(one: Path, other: Path) -> bool:
    """
    Exchange two folders of one file system at once.

    Returns
    -------
    bool
        False where the system cannot, and nothing was done.

    Raises
    ------
    OSError
        If it can, and did not.
    """
    names = os.fsencode(one), os.fsencode(other)
    done = _call(*names)
    if done is None:
        return False
    if done == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _call(one: bytes, other: bytes) -> int | None:
    """Call the system's exchange; None where it has none."""
    if sys.platform not in ("linux", "darwin"):
        return None
    library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    if sys.platform == "linux":
        if not hasattr(library, "renameat2"):
            return None
        return int(library.renameat2(_HERE, one, _HERE, other, _EXCHANGE))
    if not hasattr(library, "renamex_np"):
        return None
    return int(library.renamex_np(one, other, _EXCHANGE))
