"""
Time reading a year of a force's files against `pandas.read_csv` on the same files.

Both start from the compressed files on disk. `read_incidents` also checks the
structure of every line, validates every row, looks for duplicates and writes
the report; pandas does none of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from hotspots.reading.incidents import read_incidents

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "derby" / "police"
ROUNDS = 7


def main() -> dict[str, float]:
    """
    Print and return the seconds of both, best of several rounds taken in turn.

    Returns
    -------
    dict of str to float
        rows; pandas_seconds, hotspots_seconds and their ratio by the clock;
        cpu_ratio by processor time, which other work on the machine hardly moves.
    """
    files = sorted(FOLDER.glob("2025-*-derbyshire-street.csv.gz"))
    if not files:
        raise SystemExit("This benchmark needs the reference data in ../shared.")
    plain, ours = [], []
    for _ in range(ROUNDS):  # in turn, so that other work on the machine slows both
        plain.append(_seconds(lambda: [pd.read_csv(file) for file in files]))
        ours.append(_seconds(lambda: read_incidents(files)))
    (pandas_wall, pandas_cpu), (our_wall, our_cpu) = (
        map(min, zip(*times, strict=True)) for times in (plain, ours)
    )
    figures = {
        "rows": float(read_incidents(files).report.rows_read),
        "pandas_seconds": pandas_wall,
        "hotspots_seconds": our_wall,
        "ratio": our_wall / pandas_wall,
        "cpu_ratio": our_cpu / pandas_cpu,
    }
    print(
        f"reading {figures['rows']:,.0f} rows of {len(files)} files: pandas {pandas_wall:.3f} s, "
        f"hotspots {our_wall:.3f} s, ratio {figures['ratio']:.2f} (at most 2), "
        f"{figures['cpu_ratio']:.2f} by processor time"
    )
    return figures


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds some work takes by the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
