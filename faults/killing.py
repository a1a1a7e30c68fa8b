# ruff: noqa: T201, S311
"""
Kill -9 while a folder is written and while it is swapped; run by `ending.killed_publishing`.

Each child writes a folder and is killed: half of them at a random moment, half at a step of the
swap. A child that ended before it was hit is checked like any other, and another is sent, until so
many were killed. Once with the exchange of the system, once without: on a file system that has
none, through bindfs, or where that is missing by saying so in its place. Given a file of incidents
and settings each child is `hotspots run` on them, forked from a parent that has analysed them; else
it writes files that take no time to make.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from faults.disk import exchanges, without_exchange
from faults.runs import leftovers, state
from hotspots import analysis, cli
from hotspots.outputs import folder
from hotspots.outputs.publish import listed
from hotspots.settings import resolve

#: Calls of the swap before and after which a child is killed.
STEPS = ("exchange", "rename", "rmtree", "_sync", "_swap")
FILES = 30
#: Children sent for each that is to be killed, at most.
_MOST = 10
#: What a run imports on its way.
_LIBRARIES = ("pyogrio", "xlsxwriter", "hotspots.outputs.workbook", "hotspots.outputs.geopackage")
Publisher = Callable[[Path, str], None]


def main(out: Path, kills: int, publish: Publisher, *, ways: Sequence[bool] = (True, False)) -> int:
    """Kill so many times with exchange, and so many without; return the exit code."""
    wrong = 0
    for exchanging in ways:
        if exchanging:
            wrong += _kill(out, kills, publish, exchanging=True, where="with exchange")
            continue
        with without_exchange(out.parent.parent / "plain") as place:
            where = "without exchange (said in its place)" if place is None else "without exchange (bindfs)"
            within = out if place is None else place / out.name
            wrong += _kill(within, kills, publish, exchanging=False, where=where)
    return int(wrong > 0)


def _kill(out: Path, kills: int, publish: Publisher, *, exchanging: bool, where: str) -> int:
    """Kill so many children; print how they ended, and give how often what was left was wrong."""
    _whole(out, "FIRST", publish)
    begun = time.monotonic()
    _whole(out, "SECOND", publish)
    long, wrong, sent = time.monotonic() - begun, 0, 0
    kinds = {"old": 0, "new": 0, "brought back": 0}
    dice, killed = random.Random(1), {False: 0, True: 0}
    while sum(killed.values()) < kills and sent < _MOST * kills:
        sent += 1
        # As many at the swap as at random, whichever of these are hit less often.
        at_swap = killed[True] < killed[False]
        old, marking = state(out), f"RUN {exchanging} {sent}"
        after = None if at_swap else dice.uniform(0, long)
        code = _killed(out, marking, publish, exchanging=exchanging, dice=dice, after=after)
        killed[at_swap] += code == -signal.SIGKILL
        kind, fault = _left(out, old, marking, exchanging=exchanging)
        if fault:
            print(f"{where}, child {sent}: {fault} ({kind})")
        wrong += bool(fault)
        kinds[kind] += 1
        if publish is not write_quickly:
            print(f"{sum(killed.values())} of {kills} killed: {kinds}, {wrong} wrong", flush=True)
    _whole(out, "LAST", publish)
    wrong += bool(leftovers(out)) + (sum(killed.values()) < kills)
    told = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    print(
        f"{where}: {killed[False]} killed at random, {killed[True]} at the swap, of {sent} sent: {told}, "
        f"{wrong} wrong"
    )
    return wrong


def _left(out: Path, old: str, marking: str, *, exchanging: bool) -> tuple[str, str]:
    """Say which folder a child left, and what is wrong with it; "" where nothing is."""
    now = state(out)
    kind = "old" if now == old else "new"
    if not now:
        folder.recover(out)
        now, kind = state(out), "brought back"
    if not now or now.startswith("broken") or (exchanging and kind == "brought back"):
        return kind, now or "no folder"
    if now != old and _marking(out) != marking:
        return kind, "neither the old folder nor this run's"
    return kind, ""


def write_quickly(out: Path, marking: str) -> None:
    """Write a folder of files that all bear a marking, and their record."""
    with folder.staged(out) as stage:
        (stage / "tables").mkdir()
        for number in range(FILES):
            (stage / "tables" / f"{number}.csv").write_text(f"{marking}\n" * 2000, encoding="utf-8")
        record = {"format": folder.MANIFEST_FORMAT, "marking": marking, "outputs": listed(stage)}
        (stage / folder.MANIFEST).write_text(json.dumps(record), encoding="utf-8")


def whole_run(source: str, config: str) -> Publisher:
    """
    Give what runs the command on a file.

    The incidents are analysed once, before any child is forked: nothing is written until that is
    done, and a child then takes a second for all that a run writes.
    """
    found = analysis.analyse_files(resolve({"inputs": (Path(source),)}, config=Path(config)))
    for name in _LIBRARIES:
        importlib.import_module(name)
    analysis.analyse_files = lambda settings, **_: dataclasses.replace(found, settings=settings)

    def run(out: Path, marking: str) -> None:
        words = ["run", source, "--config", config, "--out", str(out), "--marking", marking, "--quiet"]
        sys.argv = ["hotspots", *words]
        with Path(os.devnull).open("w", encoding="utf-8") as silent, contextlib.redirect_stdout(silent):
            try:
                cli.main()
            except SystemExit as ended:
                if ended.code:
                    raise

    return run


def _whole(out: Path, marking: str, publish: Publisher) -> None:
    """Publish in a child that nobody kills."""
    child = os.fork()
    if not child:
        code = 1
        try:
            publish(out, marking)
            code = 0
        finally:
            os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or _marking(out) != marking:
        raise RuntimeError("a run that nobody killed did not end well")


def _marking(out: Path) -> str:
    return str(json.loads((out / folder.MANIFEST).read_text(encoding="utf-8"))["marking"])


def _killed(
    out: Path,
    marking: str,
    publish: Publisher,
    *,
    exchanging: bool,
    dice: random.Random,
    after: float | None,
) -> int:
    """Publish in a child that is killed after so many seconds, or in the swap; give how it ended."""
    step = dice.choice(STEPS[:4] if exchanging else STEPS[1:])
    before, nth = dice.random() < 0.5, dice.randint(1, 2)
    child = os.fork()
    if not child:
        try:
            if not exchanging:
                folder.exchange = _none(folder.exchange)
            if after is None:
                _arm(step, before=before, nth=nth)
            publish(out, marking)
        finally:
            os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _none(real: Callable[..., bool]) -> Callable[..., bool]:
    """Ask for the exchange as ever, and say that there is none where the file system has one."""
    return lambda one, other: False if exchanges(one.parent) else real(one, other)


def _arm(step: str, *, before: bool, nth: int) -> None:
    """Kill this process before or after the n-th call of a step, the n-th of the swap's own."""
    owner: Any = {"rename": Path, "rmtree": folder.shutil}.get(step, folder)
    setattr(owner, step, _killing(getattr(owner, step), before=before, nth=nth if step == "rename" else 1))


def _killing(real: Callable[..., Any], *, before: bool, nth: int) -> Callable[..., Any]:
    calls = []

    def call(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if before and len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*given, **named)
        if not before and len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m faults.killing", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("kills", type=int)
    parser.add_argument(
        "--run", nargs=2, metavar=("FILE", "CONFIG"), help="what each child runs the command on"
    )
    parser.add_argument("--only", choices=("with", "without"), help="with or without exchange alone")
    given = parser.parse_args()
    ways = {"with": (True,), "without": (False,)}.get(given.only, (True, False))
    publish = whole_run(*given.run) if given.run else write_quickly
    sys.exit(main(given.out, given.kills, publish, ways=ways))
