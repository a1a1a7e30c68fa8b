# ruff: noqa: S603
"""Faults of processes: killed, interrupted, two at once, a reader that leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from faults.runs import Seen, Workshop, leftovers, run, start, state
from hotspots.outputs.folder import check_target


def _seconds_of_a_run(shop: Workshop) -> float:
    begun = time.monotonic()
    done = shop.run()
    if done.code:
        raise RuntimeError(done.stderr)
    return time.monotonic() - begun


def killed_publishing(shop: Workshop) -> Seen:
    """Kill the writing of a folder at random moments and at each step of the swap."""
    return _killing(shop)


def killed_whole(shop: Workshop) -> Seen:
    """Kill runs of the command while they write, and at each step of the swap."""
    return _killing(shop, "--run", str(shop.input), str(shop.config))


def _killing(shop: Workshop, *more: str) -> Seen:
    words = [sys.executable, "-m", "faults.killing", str(shop.out), str(shop.kills), *more]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = [line for line in done.stdout.splitlines() if " exchange: " in line]
    lines = said or done.stdout.splitlines()[-2:] or done.stderr.strip().splitlines() or ["nothing said"]
    return Seen(done.returncode == 0, "; ".join(lines[-2:]))


def killed(shop: Workshop) -> Seen:
    """Kill runs at random moments; half of them late, when files are written."""
    long = _seconds_of_a_run(shop)
    old = state(shop.out)
    hit, marked = 0, 0
    for n in range(shop.kills):
        child = start(shop.words("--marking", f"RUN {n}"))
        share = shop.dice.uniform(0.05, 1.05) if n % 2 else shop.dice.uniform(0.6, 1.05)
        time.sleep(long * share)
        child.kill()
        child.communicate()
        hit += child.returncode < 0
        now = state(shop.out)
        if not now or now.startswith("broken"):
            # Killed between the two renames, where the file system cannot exchange: the start of the next
            # run must bring the old folder back.
            check_target(shop.out)
            now = state(shop.out)
            if now != old:
                return Seen(False, f"after kill {n}: {now or 'no folder'}")
        marked += now != old
        old = now or old
    done = shop.run()
    left = leftovers(shop.out)
    good = done.code == 0 and not left and not state(shop.out).startswith("broken")
    return Seen(
        good,
        f"{hit} of {shop.kills} killed before their end, {marked} had finished; left: {left or 'nothing'}",
    )


def killed_between_outputs(shop: Workshop) -> Seen:
    """Kill a run at each step of writing, by its own progress words, and between the renames."""
    shop.run()
    old = state(shop.out)
    program = (
        "import os, sys, signal, runpy\nfrom pathlib import Path\n"
        "from hotspots.outputs import csv, folder, geopackage, publish, workbook\nwhat = sys.argv.pop(1)\n"
        "def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        "if what == 'rename':\n"
        "    folder.exchange = lambda *_: False\n"
        "    real, calls = Path.rename, []\n"
        "    def rename(self, to):\n        result = real(self, to)\n        die()\n        return result\n"
        "    Path.rename = rename\n"
        "else:\n"
        "    for one in (csv, folder, geopackage, publish, workbook):\n"
        "        if hasattr(one, what): setattr(one, what, die)\n"
        "from hotspots.cli import main\nmain()\n"
    )
    steps = (
        "write_tables",
        "write_workbook",
        "write_geopackage",
        "listed",
        "_carry_over",
        "_sync",
        "rename",
    )
    for step in steps:
        words = [sys.executable, "-c", program, step, *shop.words("--marking", step)]
        code = subprocess.run(words, capture_output=True, check=False).returncode
        now = state(shop.out)
        gone_between = (
            step == "rename" and not now and state(shop.out.parent / ".maps.hotspots" / "old") == old
        )
        if code != -signal.SIGKILL or not (now == old or gone_between):
            return Seen(False, f"killed at {step} (exit {code}): {now or 'no folder'}")
    done = shop.run()
    good = done.code == 0 and not leftovers(shop.out)
    return Seen(good, f"old set whole after a kill at each of {len(steps)} steps; the next run cleared up")


def signalled(shop: Workshop) -> Seen:
    """Send SIGINT and SIGTERM shortly after each line of progress."""
    shop.run()
    old = state(shop.out)
    steps = ("Reading", "Drawing", "Writing ward", "Writing tables")
    told = []
    for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        for step in steps:
            child = start([word for word in shop.words("--marking", "INTERRUPTED") if word != "--quiet"])
            lines = iter(child.stderr or ())
            said = next((line for line in lines if line.startswith(step)), "")
            child.send_signal(number)
            stderr = "".join(lines)
            child.wait(timeout=60)
            told.append(child.returncode)
            unchanged = state(shop.out) == old and not leftovers(shop.out)
            if not said or child.returncode != expected or "Traceback" in stderr or not unchanged:
                what = stderr.strip().splitlines()[-1:] or leftovers(shop.out)
                return Seen(False, f"{number.name} after {step!r}: exit {child.returncode}, {what}")
    return Seen(True, f"exits {told}, old outputs whole, nothing left")


def two_at_once(shop: Workshop) -> Seen:
    """Start three runs into one folder."""
    children = [start(shop.words("--marking", f"RUN {n}")) for n in range(3)]
    told = [(child.communicate(timeout=120)[1], child.returncode) for child in children]
    codes = sorted(code for _, code in told)
    said = all("Another run is writing" in text for text, code in told if code)
    good = codes[0] == 0 and set(codes) <= {0, 3} and said and not state(shop.out).startswith("broken")
    return Seen(good and not leftovers(shop.out), f"exits {codes}; the folder is whole")


def reader_left(shop: Workshop) -> Seen:
    """Close standard output, or leave after the first line."""
    words = [sys.executable, "-m", "hotspots", *shop.words()]
    read, write = os.pipe()
    child = subprocess.Popen(words, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    os.close(read)
    stderr = child.communicate(timeout=120)[1]
    first = child.returncode
    shut = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *words],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    full = subprocess.run(
        ["sh", "-c", '"$@" > /dev/full', "sh", *words],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    said = stderr + shut.stderr + full.stderr
    good = "Traceback" not in said and "Exception ignored" not in said and len(state(shop.out)) == 64
    codes = f"pipe {first}, closed {shut.returncode}, full {full.returncode}"
    return Seen(good and first == 0 and full.returncode != 0, f"exits: {codes}; outputs whole, no traceback")


def memory_short(shop: Workshop) -> Seen:
    """Limit the address space step by step until a run fails."""
    import resource

    codes = []
    shop.run()
    old = state(shop.out)
    for limit in (1_200, 800, 500, 300):
        size = limit * 1024 * 1024

        def narrow(size: int = size) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        done = run(
            shop.words("--marking", "SMALL"),
            preexec_fn=narrow,
            env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        codes.append(f"{limit} MB: {done.code}")
        now = state(shop.out)
        if now != old and done.code:
            return Seen(False, f"{limit} MB: exit {done.code} and the outputs changed")
        if done.code and (done.manners() or not done.stderr.strip()):
            last = (done.stderr.strip().splitlines() or ["nothing said"])[-1]
            return Seen(False, f"{', '.join(codes)}: {done.manners()} ({last[:120]})")
        old = now
    return Seen(not leftovers(shop.out), f"exit by address space: {', '.join(codes)}; outputs whole")
