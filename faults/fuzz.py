# ruff: noqa: S311, T201
"""
Read damaged files until the time is up, and check what must always hold.

Every case follows from the seed and its number alone:
`python -m faults fuzz --seed 1 --only 1234` repeats one and shows where it fails.
"""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from faults import bases, mutate
from faults.invariants import Broken, check_case

#: No case may take longer, in seconds: the files are small.
MAX_SECONDS = 10
Case = tuple[str, bytes]


class TooSlowError(BaseException):
    """A case took longer than `MAX_SECONDS`."""


def make_case(seed: int, number: int, folder: Path) -> Case:
    """Make the file of one case: its name and its content."""
    dice = random.Random(f"{seed}:{number}")
    return dice.choice(_MAKERS)(dice, folder)


def _csv_text(dice: random.Random) -> bytes:
    how = dice.randrange(6)
    if how == 0:
        return bases.own_csv(dice)
    if how == 1:
        return bases.own_csv(dice, delimiter=dice.choice(";\t|"))
    if how == 2:
        return bases.own_csv(dice, quoted=True)
    return bases.police_csv(dice, rows=dice.choice((3, 14, 40)))


def _csv(dice: random.Random, _folder: Path) -> Case:
    content = mutate.damaged(dice, _csv_text(dice), changes=dice.choice((1, 1, 2, 3, 6)), text=True)
    return "case.csv", content


def _gz(dice: random.Random, _folder: Path) -> Case:
    content = mutate.damaged(dice, _csv_text(dice), changes=dice.choice((0, 1)), text=True)
    packed = bases.gzipped(content, members=dice.choice((1, 1, 2, 5))) if content else b""
    return "case.csv.gz", mutate.damaged(dice, packed, changes=dice.choice((0, 1, 2)), text=False)


def _zip(dice: random.Random, _folder: Path) -> Case:
    names = dice.choice(
        (
            ("2024-01/2024-01-derbyshire-street.csv", "2024-02/2024-02-derbyshire-street.csv"),
            ("a.csv", "A.csv"),
            ("a\x1b.csv", "a\x07.csv"),
            ("\u202ea.csv", "x" * 300 + "1.csv"),
            ("x" * 100 + "1" + "y" * 100 + ".csv", "x" * 100 + "2" + "y" * 100 + ".csv"),
        )
    )
    method = dice.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2))
    content = bases.zipped(
        {
            name: mutate.damaged(dice, _csv_text(dice), changes=dice.choice((0, 0, 1)), text=True)
            for name in names
        },
        method=method,
    )
    how = dice.randrange(3)
    if how == 0:
        content = mutate.lying(dice, content)
    elif how == 1:
        content = mutate.damaged(dice, content, changes=dice.choice((1, 2)), text=False)
    return "case.zip", content


def _xlsx(dice: random.Random, _folder: Path) -> Case:
    content = bases.workbook(dice)
    how = dice.randrange(4)
    if how == 0:
        content = mutate.damaged(dice, content, changes=1, text=False)
    elif how == 1:
        content = mutate.lying(dice, content)
    else:
        content = mutate.repacked(dice, content)
    return "case.xlsx", content


def _geojson(dice: random.Random, _folder: Path) -> Case:
    how = mutate.changed_json if dice.random() < 0.7 else mutate.replaced
    content = how(dice, bases.geojson(dice))
    return "case.geojson", mutate.damaged(dice, content, changes=dice.choice((0, 0, 1)), text=False)


def _gpkg(dice: random.Random, folder: Path) -> Case:
    content = bases.geopackage(dice, folder)
    if dice.random() < 0.5:
        # Behind the empty half of the pages lie the texts and the points.
        spot = dice.choice(
            (b"GP\0\1", b"POINT", b"incidents", b"Month", b"EPSG", b"2024-03", b"CREATE", b"geom")
        )
        at = content.rfind(spot) if dice.random() < 0.5 else content.find(spot)
        at += dice.randrange(30)
        changed = mutate.damaged(dice, content[at : at + 12], changes=1, text=False)[:12].ljust(12, b"\0")
        return "case.gpkg", content[:at] + changed + content[at + 12 :]
    return "case.gpkg", mutate.damaged(dice, content, changes=dice.choice((1, 5, 20)), text=False)


_MAKERS: tuple[Callable[[random.Random, Path], Case], ...] = (
    _csv, _csv, _csv, _csv, _csv, _gz, _zip, _zip, _xlsx, _geojson, _geojson, _gpkg,
)  # fmt: skip


def run_fuzz(*, seconds: float, seed: int, only: int | None = None, cases: int | None = None) -> int:
    """
    Run cases until the time is up.

    Parameters
    ----------
    seconds : float
        Wall time.
    seed : int
        Of every case.
    only : int, optional
        Run this case alone and show the traceback.
    cases : int, optional
        Stop after so many.

    Returns
    -------
    int
        Number of cases in which something did not hold.
    """
    signal.signal(signal.SIGALRM, _too_slow)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    kinds: Counter[str] = Counter()
    faults: dict[str, list[int]] = {}
    start, number = time.monotonic(), 0 if only is None else only
    try:
        while (cases is None or number < cases) and time.monotonic() - start < seconds:
            fault = _one(seed, number, folder, kinds, loud=only is not None)
            if fault:
                faults.setdefault(fault, []).append(number)
            number += 1
            if only is not None:
                break
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _tell(kinds, faults, seed=seed, seconds=time.monotonic() - start)
    return sum(map(len, faults.values()))


def _one(seed: int, number: int, folder: Path, kinds: Counter[str], *, loud: bool) -> str:
    name, content = make_case(seed, number, folder)
    path = folder / name
    path.write_bytes(content)
    signal.alarm(MAX_SECONDS)
    fault = ""
    try:
        kinds[check_case(path, content, dice=random.Random(number))] += 1
    except Broken as broken:
        fault = str(broken)
    except TooSlowError:
        fault = "takes too long"
    except Exception as error:  # noqa: BLE001 - finding these is what this is for
        fault = f"{type(error).__name__} {_where(error)}"
        if loud:
            traceback.print_exc()
    finally:
        signal.alarm(0)
        path.unlink(missing_ok=True)
    if fault:
        kinds[f"{Path(name).suffix} fault"] += 1
        if loud:
            kept = Path(tempfile.gettempdir()) / f"fault-{seed}-{number}-{name}"
            kept.write_bytes(content)
            print(f"{fault}\nThe file is {kept}.")
    return fault


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/hotspots/" in frame.filename]
    return f"in {Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}" if ours else ""


def _too_slow(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TooSlowError


def _tell(kinds: Counter[str], faults: dict[str, list[int]], *, seed: int, seconds: float) -> None:
    print(f"{sum(kinds.values())} cases in {seconds:.0f} s, seed {seed}:")
    for kind, count in sorted(kinds.items()):
        print(f"  {count:6d}  {kind}")
    for fault, numbers in sorted(faults.items(), key=lambda item: -len(item[1])):
        print(f"FAULT {fault}: {len(numbers)} cases, such as --only {numbers[0]}")
    print("Nothing broke." if not faults else f"{len(faults)} kinds of fault.")
