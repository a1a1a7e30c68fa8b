"""
What a lake costs: making it by each engine, against a bare DuckDB scan of the same files.

    python -m benchmarks.bench_scale 1 4 20 [--folder /big/disk] [--engines local,dask]

Sizes are millions of rows. Processor time is of all processes together, memory of each at its
most and of all at once; the scan and the archives take turns on the same files. The update adds
one month of 43 forces to a lake that has the others.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks.national import make_archive

_SCAN = """
import duckdb, sys
texts = ["Crime ID", "Month", "Reported by", "Falls within", "Location", "LSOA code", "LSOA name",
         "Crime type", "Last outcome category", "Context"]
kinds = {**{t: "VARCHAR" for t in texts}, "Longitude": "DOUBLE", "Latitude": "DOUBLE"}
order = ["Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
         "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context"]
columns = {name: kinds[name] for name in order}
sums = ", ".join([f'max("{t}")' for t in texts] + ['sum("Longitude")', 'sum("Latitude")'])
print(duckdb.connect().execute(f"SELECT count(*), {sums} FROM read_csv('{sys.argv[1]}/*/*.csv', header=true, "
                 f"columns={columns})").fetchone()[0])
"""
#: Seconds between two looks at the processes.
_LOOK = 0.05


@dataclass
class Cost:
    """What a command and all the processes it started have used."""

    wall: float = 0.0
    cpu: dict[int, float] = field(default_factory=dict)
    peak: dict[int, float] = field(default_factory=dict)
    together: float = 0.0

    @property
    def seconds(self) -> float:
        """Processor time of all processes."""
        return sum(self.cpu.values())

    def __str__(self) -> str:
        """Name all figures in a line."""
        each = ", ".join(f"{mb:,.0f}" for mb in sorted(self.peak.values(), reverse=True) if mb > 20)
        return (
            f"{self.seconds:7.2f} s of processor, {self.wall:7.2f} s by the clock, "
            f"{self.together:6,.0f} MB together (each process: {each})"
        )


def measured(words: list[str]) -> Cost:
    """Run a command and watch it with all that it starts."""
    cost, began = Cost(), time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    root = psutil.Process(process.pid)
    while process.poll() is None:
        together = 0.0
        for one in [root, *_children(root)]:
            try:
                used, memory = one.cpu_times(), one.memory_info().rss / 1e6
            except psutil.Error:
                continue
            cost.cpu[one.pid] = used.user + used.system
            cost.peak[one.pid] = max(memory, cost.peak.get(one.pid, 0.0))
            together += memory
        cost.together = max(cost.together, together)
        time.sleep(_LOOK)
    cost.wall = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}:\n{process.stdout.read()}")
    return cost


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.Error:
        return []


def main() -> None:
    """Print the costs of each size, and the line through them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("millions", type=float, nargs="*", default=[1, 4])
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--engines", default="local,dask")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    costs: dict[str, list[tuple[float, float]]] = {}
    for millions in asked.millions:
        with tempfile.TemporaryDirectory(dir=asked.folder, prefix="national-") as place:
            _one_size(Path(place), millions, asked.engines.split(","), asked.workers, costs)
    for name, points in costs.items():
        if len(points) > 2:
            x, y = np.array(points).T
            slope, start = np.polyfit(x, y, 1)
            worst = np.abs(y - (start + slope * x)).max() / y.max()
            print(
                f"{name}: {start:.1f} s and {slope:.2f} s a million rows; off the line by {worst:.1%} at most"
            )


def _one_size(
    place: Path,
    millions: float,
    engines: list[str],
    workers: int,
    costs: dict[str, list[tuple[float, float]]],
) -> None:
    months = 12 if millions < 10 else 36
    files = make_archive(place / "police", rows=round(millions * 1e6), months=months)
    size = sum(file.stat().st_size for file in files)
    print(f"{millions:g} million rows, {len(files)} files, {size / 1e9:.2f} GB", flush=True)
    measure(place, millions, engines, workers, costs)


def measure(
    place: Path,
    millions: float,
    engines: list[str],
    workers: int,
    costs: dict[str, list[tuple[float, float]]],
) -> None:
    """Print what an archive in `place` costs, and keep the figures."""
    scan = measured([sys.executable, "-c", _SCAN, str(place / "police")])
    costs.setdefault("scan", []).append((millions, scan.seconds))
    print(f"  DuckDB scan      {scan}", flush=True)
    last = sorted((place / "police").iterdir())[-1]
    for engine in engines:
        lake = place / f"lake-{engine}"
        words = [sys.executable, "-m", "hotspots", "archive", str(place / "police"), "--quiet"]
        words += ["--out", str(lake), "--engine", engine, "--workers", str(workers)]
        whole = measured(words)
        costs.setdefault(engine, []).append((millions, whole.seconds))
        print(f"  archive {engine:<8} {whole}  {whole.seconds / scan.seconds:.2f} times the scan", flush=True)
        last.rename(place / "aside")
        measured(words)
        (place / "aside").rename(last)
        month = measured(words)
        print(f"  one month more   {month}  1/{whole.seconds / month.seconds:.1f} of it", flush=True)
        stored = sum(path.stat().st_size for path in lake.rglob("*.parquet"))
        print(f"  the lake         {stored / 1e9:.2f} GB", flush=True)
        shutil.rmtree(lake)


if __name__ == "__main__":
    main()
