# ruff: noqa: T201, S311
"""
Thirty made-up authorities by every engine: files shuffled, workers and commands killed, a part spoilt.

Every country must come out to the byte as the one that a single process made undisturbed, or end with a
sentence that says why not.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from faults.country import codes, make_files, make_layers
from faults.disk import small_disk
from faults.runs import Done, start, temporary
from hotspots.outputs.publish import listed

TOWNS = 30
#: Few draws: what is held here is files and processes, not figures.
_QUICK = 'draws = 10\npermutations = 19\nthemes = ["drugs-and-alcohol-misuse"]\n'
#: What a command for all towns may take, in seconds.
_PATIENCE = 1_800
_LOOK = 0.005
#: So little text is read by the command itself, unless workers are asked to keep within a limit.
_BY_WORKERS = ("--memory", "4")
#: Kibibytes of a disk that holds some parts of a lake, or one authority of four.
_LAKE_DISK, _COUNTRY_DISK = 96, 2_500
#: Within so many seconds a worker notices that its command is gone.
_ENDING = 10


@dataclass
class Country:
    """A folder with layers, files and settings, and what was found wrong so far."""

    folder: Path
    towns: int
    files: list[Path] = field(default_factory=list)
    wrong: int = 0

    def say(self, name: str, good: bool, text: str) -> None:
        """Print a line of the table."""
        self.wrong += not good
        print(f"{name:34} {'ok' if good else 'SHORT':6} {text}", flush=True)

    def archive(self, lake: str, inputs: list[Path], *more: str) -> list[str]:
        """Give the words that make a lake."""
        return ["archive", *map(str, inputs), "--out", str(self.folder / lake), "--quiet", *more]

    def national(self, lake: str, out: str, *more: str) -> list[str]:
        """Give the words that make a country of a lake."""
        return [
            *("national", str(self.folder / lake), "--out", str(self.folder / out), "--quiet"),
            *("--boundaries", str(self.folder / "layers"), "--config", str(self.folder / "quick.toml")),
            *more,
        ]

    def digests(self, out: str) -> dict[str, str]:
        """Give the digest of every file of a folder."""
        return {one["path"]: one["sha256"] for one in listed(self.folder / out)}

    def compare(self, name: str, out: str, told: str) -> None:
        """Hold a country against the first, file by file."""
        first, other = self.digests("serial"), self.digests(out)
        differ = sorted(path for path in first.keys() | other if first.get(path) != other.get(path))
        text = f"{len(other)} files, {len(differ)} differ{': ' + differ[0] if differ else ''}; {told}"
        self.say(name, not differ and bool(other), text)
        shutil.rmtree(self.folder / out)


def main(towns: int = TOWNS) -> int:
    """Print the table; return how many lines fall short."""
    country = Country(temporary(), towns)
    begun = time.monotonic()
    try:
        (country.folder / "quick.toml").write_text(_QUICK)
        make_layers(country.folder / "layers", towns=towns)
        country.files = make_files(country.folder / "police", towns=towns)
        _undisturbed(country)
        for engine in ("local", "dask"):
            _workers_killed(country, engine)
        _commands_killed(country)
        _spoilt(country)
        _disk_full(country)
        _each_audience(country)
    finally:
        shutil.rmtree(country.folder, ignore_errors=True)
    print(f"{country.wrong} fall short; {time.monotonic() - begun:.0f} s.")
    return country.wrong


def _undisturbed(country: Country) -> None:
    """Make the country that the others are held against, in one process."""
    alone = ("--workers", "1")
    ended = [
        _run(country.archive("lake", [country.folder / "police"], *alone)),
        _run(country.national("lake", "serial", *alone)),
    ]
    record = json.loads((country.folder / "serial" / "national.json").read_text())
    good = not any(done.code for done in ended) and len(record["authorities"]) == country.towns
    told = f"{len(record['authorities'])} authorities, {record['rows']:,} rows, {len(country.files)} files"
    country.say("one process", good, told)


def _parts(lake: Path) -> int:
    return len(list(lake.glob("parts/*/*.parquet")))


def _workers_killed(country: Country, engine: str) -> None:
    """Make lake and country by two workers from shuffled files; kill one worker in the middle of each."""
    two = ("--engine", engine, "--workers", "2", *_BY_WORKERS)
    files = list(country.files)
    random.Random(engine).shuffle(files)
    lake, out = country.folder / f"lake-{engine}", f"country-{engine}"
    areas = country.folder / out / "areas"
    ended = [
        _killing(country.archive(lake.name, files, *two), lambda: _parts(lake) >= 6),
        _killing(country.national(lake.name, out, *two), lambda: _made(areas) >= country.towns // 3),
    ]
    told = "; ".join(
        f"worker {one.killed or 'not'} killed, {one.further} more came, exit {one.done.code}" for one in ended
    )
    country.compare(f"{engine}, shuffled, workers killed", out, told)
    if not all(one.killed and one.further for one in ended):
        country.say(f"{engine}: the kill itself", False, "no worker was killed while there was work")


def _commands_killed(country: Country) -> None:
    """Kill the command in each half, whereupon its workers end; give it again, the second with --resume."""
    two = ("--workers", "2", *_BY_WORKERS)
    lake, areas = country.folder / "lake-again", country.folder / "again" / "areas"
    archive = country.archive("lake-again", [country.folder / "police"], *two)
    national = country.national("lake-again", "again", *two)
    first = _killing(archive, lambda: _parts(lake) >= 6, whole=True)
    done = _run(archive)
    second = _killing(national, lambda: _made(areas) >= country.towns // 3, whole=True)
    before = {path: path.stat().st_mtime_ns for path in areas.glob("*/run.json")}
    again = _run([*national, "--resume"])
    kept = sum(path.stat().st_mtime_ns == when for path, when in before.items())
    stayed = first.stayed | second.stayed
    told = f"exits {done.code}, {again.code}; {kept} of {country.towns} folders kept"
    country.compare("commands killed, --resume", "again", told)
    if not 0 < kept < country.towns or stayed:
        country.say("--resume itself", False, f"{kept} folders were kept, {len(stayed)} workers stayed")


def _spoilt(country: Country) -> None:
    """Flip one bit of a part: refused by name, no index written; --mend makes it good."""
    lake, police = country.folder / "lake", country.folder / "police"
    part = sorted(lake.glob("parts/*/*.parquet"))[3]
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    for engine in ("local", "dask"):
        done = _run(country.national("lake", "spoilt", "--engine", engine, "--workers", "2"))
        out = country.folder / "spoilt"
        named = f"{part.parent.name}/{part.name}" in done.stderr and "--mend" in done.stderr
        good = done.code == 3 and named and not (out / "national.json").exists() and not done.manners()
        country.say(f"{engine}, a bit of a part flipped", good, f"exit {done.code}: {done.stderr.strip()}")
        shutil.rmtree(out)
    mended = _run(country.archive("lake", [police], "--mend", "--workers", "1"))
    done = _run(country.national("lake", "mended", "--workers", "2"))
    country.compare("after --mend", "mended", f"exits {mended.code}, {done.code}")


def _disk_full(country: Country) -> None:
    """Let lake and country end on a disk that is too small for them."""
    few = ",".join(codes(country.towns)[:4])
    for engine in ("local", "dask"):
        two = ("--engine", engine, "--workers", "2")
        for name, size, words in (
            ("lake", _LAKE_DISK, country.archive("disk/lake", country.files, *two)),
            ("country", _COUNTRY_DISK, country.national("lake", "disk/country", "--areas", few, *two)),
        ):
            with small_disk(country.folder / "disk", size) as mounted:
                done = _run(words) if mounted else Done(0, "", "needs the right to mount a tmpfs")
                whole = [one.name for one in (country.folder / "disk").glob("*/*.json")]
            lines = done.stderr.strip().splitlines()
            good = done.code == 3 and not done.manners() and len(lines) == 1 and not whole
            country.say(
                f"{engine}, disk full, {name}",
                good or not mounted,
                f"exit {done.code}: {done.stderr.strip()}",
            )


def _each_audience(country: Country) -> None:
    """Run one town of the lake and of its files, for each audience: equal but for what says where from."""
    code = codes(country.towns)[1]
    for audience in ("internal", "partner", "public"):
        for name, source in (("of-lake", "lake"), ("of-files", "police")):
            words = ["run", str(country.folder / source), "--area", code, "--audience", audience, "--quiet"]
            words += ["--boundaries", str(country.folder / "layers"), "--out", str(country.folder / name)]
            _run([*words, "--config", str(country.folder / "quick.toml")])
        lake, files = country.digests("of-lake"), country.digests("of-files")
        differ = sorted(path for path in lake.keys() | files if lake.get(path) != files.get(path))
        records = [
            json.loads((country.folder / one / "run.json").read_text()) for one in ("of-lake", "of-files")
        ]
        for record in records:
            for said in ("sources", "reading", "outputs"):
                record.pop(said, None)
        text = f"{len(lake)} files, {len(differ)} differ{': ' + ', '.join(differ) if differ else ''}"
        good = bool(lake) and records[0] == records[1] and set(differ) <= {"run.json"}
        country.say(f"run, lake or files, {audience}", good, text)
        for name in ("of-lake", "of-files"):
            shutil.rmtree(country.folder / name)


def _made(areas: Path) -> int:
    return len(list(areas.glob("*/run.json")))


def _run(words: list[str]) -> Done:
    child = start(words)
    stdout, stderr = child.communicate(timeout=_PATIENCE)
    if child.returncode not in (0, 3):
        print(f"  {words[0]} ended with {child.returncode}: {stderr.strip()[-400:]}")
    return Done(child.returncode, stdout, stderr)


@dataclass(frozen=True)
class _Killed:
    """How a command ended in which `killed` was killed; `further` workers came after, `stayed` are left."""

    done: Done
    killed: int
    further: int
    stayed: frozenset[int]


def _killing(words: list[str], ripe: Callable[[], bool], *, whole: bool = False) -> _Killed:
    """Run a command; once it is ripe, kill one of its workers by its id, or the command with all of them."""
    child = start(words)
    killed, known, further = 0, set[int](), set[int]()
    while child.poll() is None:
        if not killed and ripe():
            known = _workers(child.pid)
            if whole:
                killed = child.pid
                _kill(killed)
            elif known:
                killed = max(known)
                _kill(killed)
        elif killed:
            further |= _workers(child.pid) - known
        time.sleep(_LOOK)
    stdout, stderr = child.communicate(timeout=_PATIENCE)
    if child.returncode and not whole:
        print(f"  {words[0]} ended with {child.returncode}: {stderr.strip()[-400:]}")
    stayed = frozenset(_staying(known)) if whole else frozenset()
    return _Killed(Done(child.returncode, stdout, stderr), killed, len(further), stayed)


def _staying(workers: set[int]) -> set[int]:
    """Give the processes that are still there when there was time to end."""
    ends = time.monotonic() + _ENDING
    while left := {worker for worker in workers if Path(f"/proc/{worker}").exists()}:
        if time.monotonic() > ends:
            return left
        time.sleep(_LOOK)
    return left


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _workers(root: int) -> set[int]:
    """Give the processes below one that have none below themselves, and do not only keep count of things."""
    parents: dict[int, int] = {}
    listing = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=False)  # noqa: S607
    idle = set()
    for line in listing.stdout.splitlines():
        pid, parent, args = line.split(None, 2)
        parents[int(pid)] = int(parent)
        if "resource_tracker" in args or args.startswith("ps "):
            idle.add(int(pid))
    below, more = set[int](), {root}
    while more:
        more = {pid for pid, parent in parents.items() if parent in more}
        below |= more
    return below - idle - {parents[pid] for pid in below - idle}
