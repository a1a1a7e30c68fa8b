# ruff: noqa: T201, PLR0917
"""
Publish again and again while the n-th call that changes a file fails; run by `disk.failing_calls`.

One process analyses, then forks: each child arms the fault and publishes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
import time
from pathlib import Path

from faults.runs import leftovers, state
from hotspots.analysis import Analysis, analyse_files
from hotspots.errors import OutputError
from hotspots.settings import resolve

#: Seconds for all kinds together.
BUDGET = 75
KINDS = {"write": 1, "fsync": 2, "rename": 3, "close": 4}


def main(source: str, config: str, out: Path) -> int:
    """Try as many n of each kind as time allows, spread over the whole run; return the exit code."""
    shim = ctypes.CDLL(None)
    analysis = analyse_files(resolve({"inputs": (Path(source),), "out": out}, config=Path(config)))
    analysis.publish(out)
    old, told, faults = state(out), [], []
    for name, kind in KINDS.items():
        # A folder that is replaced takes one rename more than a new one.
        total = _calls(shim, analysis, out, kind) + (name == "rename")
        begun, tried = time.monotonic(), 0
        for nth in _spread(total):
            if time.monotonic() - begun > BUDGET / len(KINDS):
                break
            tried += 1
            fault, old = _judge(shim, analysis, out, kind, nth, old)
            if fault:
                faults.append(f"{name} {nth}: {fault}")
        told.append(f"{name} {tried} of {total}")
    for fault in faults:
        print(fault)
    print(
        "; ".join(told)
        + (f": {len(faults)} faults, such as {faults[0]}" if faults else ": old or new set whole")
    )
    return bool(faults)


def _spread(total: int) -> list[int]:
    """Order 1 to `total` so that any beginning of the list covers all of it."""
    step = max(1, round(total * 0.618))
    while _common(step, total) != 1:
        step += 1
    return [n * step % total + 1 for n in range(total)]


def _common(a: int, b: int) -> int:
    import math

    return math.gcd(a, b)


def _publish(
    shim: ctypes.CDLL, analysis: Analysis, out: Path, marking: str, fault: tuple[int, int, int]
) -> int:
    """Publish in a child; return its exit code, 100 plus the number of calls (at most 99,999) by a file."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        shim.fault_arm(os.fsencode(out.parent), *fault)
        analysis.publish(out, marking=marking)
        code = 0
        if not fault[1]:
            count = shim.fault_seen()
            shim.fault_arm(b"", 0, 0, 0)
            (out.parent.parent / "count").write_text(str(count))
    except OutputError:
        code = 3
    finally:
        os._exit(code)


def _calls(shim: ctypes.CDLL, analysis: Analysis, out: Path, kind: int) -> int:
    _publish(shim, analysis, out.parent / "counted", "COUNT", (kind, 0, 0))
    import shutil

    shutil.rmtree(out.parent / "counted")
    return int((out.parent.parent / "count").read_text())


def _judge(
    shim: ctypes.CDLL, analysis: Analysis, out: Path, kind: int, nth: int, old: str
) -> tuple[str, str]:
    """Return what is wrong after one fault, and the state now."""
    code = _publish(shim, analysis, out, f"RUN {kind} {nth}", (kind, nth, errno.ENOSPC))
    now, left = state(out), leftovers(out)
    if now.startswith("broken") or not now:
        return now or "no folder", old
    if code not in (0, 3):
        return f"exit {code}", now
    if code == 3 and now != old:
        return "said that it failed, but the outputs changed", now
    if code == 0 and now == old:
        return "said that it worked, but the outputs are the old ones", now
    if left and [name for name in left if name != ".maps.hotspots"]:
        return f"left {left}", now
    return "", now


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
