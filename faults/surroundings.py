# ruff: noqa: S311, S603
"""Faults of the surroundings: network, locale, clock, names, limits, inputs that are none, errors inside."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from faults import bases
from faults.runs import Seen, Workshop, run, start, state


def no_network(shop: Workshop) -> Seen:
    """Run without a network, and look for calls that connect."""
    if not shutil.which("unshare"):
        return Seen(None, "needs unshare")
    done = shop.run(prefix=("unshare", "-n"))
    others = [run([word], prefix=("unshare", "-n")).code for word in ("themes", "doctor", "cite")]
    good = done.code == 0 and others == [0, 0, 0]
    return Seen(good, f"exits of run {done.code}, themes, doctor, cite {others}")


def no_connection(shop: Workshop) -> Seen:
    """Trace every call that connects or looks up a name."""
    if not shutil.which("strace"):
        return Seen(None, "needs strace")
    log = shop.folder / "strace.txt"
    done = shop.run(prefix=("strace", "-f", "-e", "trace=connect,sendto", "-o", str(log)))
    calls = [
        line
        for line in log.read_text(errors="replace").splitlines()
        if "sin_addr" in line or "sun_path" in line
    ]
    return Seen(done.code == 0 and not calls, f"exit {done.code}, {len(calls)} connections")


def same_bytes(shop: Workshop) -> Seen:
    """Compare outputs under other locales, time zones, hash seeds, threads and encodings of the terminal."""
    shop.run(env={"SOURCE_DATE_EPOCH": "1750000000"})
    first, whole = state(shop.out), _contents(shop.out)
    settings = [
        {"LC_ALL": "C"},
        {"LC_ALL": "de_DE.UTF-8"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        {"TZ": "Pacific/Auckland"},
        {"TZ": "America/New_York", "PYTHONHASHSEED": "7"},
        {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        {"OMP_NUM_THREADS": "8", "PYTHONHASHSEED": "20"},
    ]
    for env in settings:
        done = shop.run(env={"SOURCE_DATE_EPOCH": "1750000000", **env})
        if done.code or state(shop.out) != first:
            other = sorted(name for name, text in _contents(shop.out).items() if text != whole.get(name))
            return Seen(False, f"{env}: exit {done.code}, other bytes in {other[:3]}")
    return Seen(True, f"the same bytes under {len(settings)} settings (locales as far as installed)")


def _contents(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def order(shop: Workshop) -> Seen:
    """Shuffle the rows, cut the file into three, name them in another order: compare the tables."""
    shop.run()
    kept = {"areas.csv", "clusters.csv", "priority.csv", "months.csv", "hours.csv"}
    first = _tables(shop.out, kept)
    head, *rows = shop.input.read_text().splitlines()
    shop.dice.shuffle(rows)
    parts = []
    for n in range(3):
        part = shop.folder / "in" / f"part{2 - n}.csv"
        part.write_text("\n".join([head, *rows[n::3]]) + "\n")
        parts.append(str(part))
    words = shop.words()
    done = run([words[0], *parts, *words[2:]])
    same = _tables(shop.out, kept) == first
    return Seen(done.code == 0 and same, f"exit {done.code}; {len(first)} tables are the same bytes: {same}")


def _tables(out: Path, kept: set[str]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "tables").iterdir() if path.name in kept}


def ascii_terminal(shop: Workshop) -> Seen:
    """Print a street called Café to a terminal that knows ASCII alone."""
    text = shop.input.read_text().replace("Street 1,", "Café Street 1,")
    shop.input.write_text(text, encoding="utf-8")
    done = run(shop.words()[:-1], env={"LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    check = run(["check", str(shop.input)], env={"LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    good = done.code == check.code == 0 and "Unicode" not in done.stderr + check.stderr
    return Seen(good, f"exits {done.code}, {check.code}; no encoding error")


def clock(shop: Workshop) -> Seen:
    """State days of 1970, 2038 and the night of a clock change by SOURCE_DATE_EPOCH, and nonsense."""
    codes = [
        shop.run(env={"SOURCE_DATE_EPOCH": e}).code
        for e in ("2147483648", "1743296400", "0", "soon", "9" * 30)
    ]
    good = codes[:2] == [0, 0] and set(codes[2:]) <= {2, 3}
    return Seen(
        good, f"exits {codes} for 2038, clock change, 1970 (all rows are in the future), two that are none"
    )


def not_files(shop: Workshop) -> Seen:
    """Give a folder without data, nothing, a FIFO, /dev/zero, a huge sparse file."""
    places = [shop.folder / "empty", shop.folder / "missing.csv", shop.folder / "fifo.csv", Path("/dev/zero")]
    places[0].mkdir()
    os.mkfifo(places[2])
    sparse = shop.folder / "sparse.csv"
    with sparse.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    codes, begun = [], time.monotonic()
    for place in (*places, sparse):
        done = run(shop.words(source=place))
        codes.append(done.code)
        if done.code != 3 or done.manners():
            return Seen(False, f"{place.name}: exit {done.code}, {done.manners() or done.stderr[:150]}")
    return Seen(True, f"exits {codes} in {time.monotonic() - begun:.0f} s")


def growing(shop: Workshop) -> Seen:
    """Let the input grow while it is read."""
    from hotspots.errors import InputError
    from hotspots.reading.sources import find_sources

    path = shop.folder / "grow.csv"
    path.write_bytes(bases.police_csv(random.Random(1), rows=200))
    pieces = find_sources([path]).sources[0].chunks()
    next(pieces)
    with path.open("ab") as file:
        file.write(b"more\n")
    try:
        list(pieces)
    except InputError as error:
        return Seen("changed while it was read" in str(error), str(error)[-70:])
    return Seen(False, "not noticed")


def many_rows(_shop: Workshop) -> Seen:
    """Find clusters among a million rows on 2,500 points."""
    program = (
        "import time, resource, numpy as np, pandas as pd, geopandas as gpd\n"
        "from hotspots.clusters import hotspot_dbscan\n"
        "rng = np.random.default_rng(1)\n"
        "xy = np.round(rng.normal([435000, 336000], 2500, (2500, 2)))\n"
        "n = np.bincount(rng.integers(0, 2500, 1_000_000), minlength=2500)\n"
        "f = gpd.GeoDataFrame({'n': n}, geometry=gpd.points_from_xy(*xy.T), crs=27700)\n"
        "t = time.perf_counter(); labels = hotspot_dbscan(f, eps=200, min_samples=20, weights=n)\n"
        "print(f'{time.perf_counter() - t:.2f} s', int(labels.max()) + 1,"
        " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if done.returncode:
        return Seen(False, done.stderr.strip()[-200:])
    seconds, _, clusters, megabytes = done.stdout.split()
    good = float(seconds) < 10 and int(megabytes) < 500
    return Seen(good, f"{seconds} s, {clusters} clusters, {megabytes} MB")


def a_million(shop: Workshop) -> Seen:
    """Check a file of a million rows, and watch its memory."""
    path = shop.folder / "million.csv"
    block = bases.police_csv(random.Random(1), rows=2000).split(b"\n", 1)
    with path.open("wb") as file:
        file.write(block[0] + b"\n")
        for _ in range(500):
            file.write(block[1])
    begun = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "hotspots", "check", str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    said = (child.stderr.read() if child.stderr else b"").decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    size, seconds = usage.ru_maxrss // 1024, time.monotonic() - begun
    path.unlink()
    return Seen(
        child.returncode == 0 and "Traceback" not in said,
        f"exit {child.returncode}, {seconds:.0f} s, {size} MB",
    )


def few_files(shop: Workshop) -> Seen:
    """Allow 32 open files."""
    done = shop.run(prefix=("sh", "-c", 'ulimit -n 32; exec "$@"', "sh"))
    return Seen(done.code == 0, f"exit {done.code} {done.stderr.strip()[:120]}")


def odd_paths(shop: Workshop) -> Seen:
    """Name the input with a space, quotes, a newline, an emoji, a dash, 255 bytes, bytes that are no text."""
    names = [
        "a b.csv",
        "quo'te\".csv",
        "new\nline.csv",
        "\U0001f4a3.csv",
        "-rf.csv",
        "x" * 251 + ".csv",
        "\x1b[31m.csv",
    ]
    codes = []
    folder = shop.folder / "odd"
    folder.mkdir()
    for name in [*map(os.fsencode, names), b"\xff\xfe.csv"]:
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        shutil.copy(shop.input, path)
        done = run(["check", str(path)])
        bad = run(["check", str(path) + "x"])
        codes += [done.code, bad.code]
        if done.code not in (0, 3) or bad.code != 3 or done.manners() or bad.manners():
            return Seen(False, f"{name!r}: exits {done.code}, {bad.code} {done.manners()}{bad.manners()}")
    return Seen(True, f"{codes.count(0)} of {len(codes) // 2} read, messages are plain")


def homeless(shop: Workshop) -> Seen:
    """Unset HOME, and make the caches unwritable."""
    env = {
        **os.environ,
        "XDG_CACHE_HOME": "/proc/none",
        "XDG_DATA_HOME": "/proc/none",
        "MPLCONFIGDIR": "/proc/none",
    }
    env.pop("HOME", None)
    words = [sys.executable, "-m", "hotspots", *shop.words()]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    return Seen(done.returncode == 0, f"exit {done.returncode} {done.stderr.strip()[:120]}")


def injected(shop: Workshop) -> Seen:
    """Raise in a function of every module that a run calls, once as ValueError and once as MemoryError."""
    from faults.runs import leftovers

    shop.run()
    old = state(shop.out)
    package = Path(__file__).parent.parent / "hotspots"
    files = [path.relative_to(package).with_suffix("") for path in sorted(package.rglob("*.py"))]
    modules = [".".join(path.parts) for path in files if path.name != "__init__"]
    shop.dice.shuffle(modules)
    words = [sys.executable, "-m", "faults.inject", json.dumps(modules), *shop.words("--marking", "INJECTED")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=170)
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    bad = [r for r in results if r["fault"]]
    # a run that does not call the broken module ends well, and replaces the outputs as it should
    now, replaced = state(shop.out), any(r["code"] == 0 for r in results)
    whole = bool(now) and not now.startswith("broken")
    same = (now == old or (replaced and whole)) and not leftovers(shop.out)
    raised = sum(r["raised"] for r in results)
    text = f"{raised} errors raised in {len(results)} tries ({len(modules)} modules); {len(bad)} told badly"
    if bad:
        text += f", such as {bad[0]}"
    return Seen(bool(results) and not bad and same, text if same else f"{text}; the outputs changed")


def older(shop: Workshop) -> Seen:
    """Publish over the folder of an older, a newer and a damaged run."""
    codes = []
    for record in ('{"outputs": []}', '{"format": 99, "outputs": []}', "{", '["x"]'):
        shutil.rmtree(shop.out, ignore_errors=True)
        shop.out.mkdir(parents=True)
        (shop.out / "run.json").write_text(record)
        codes.append(shop.run().code)
    return Seen(codes == [0, 3, 3, 3], f"exits {codes} for none, newer, damaged, list")


def slow_pipe(shop: Workshop) -> Seen:
    """Read the progress lines slowly: no line is lost, nothing hangs."""
    child = start(shop.words()[:-1])
    lines: list[str] = []

    def listen() -> None:
        for line in child.stderr or ():
            lines.append(line)
            time.sleep(0.05)

    thread = threading.Thread(target=listen)
    thread.start()
    child.wait(timeout=60)
    thread.join(timeout=20)
    return Seen(child.returncode == 0 and bool(lines), f"{len(lines)} lines of progress")
