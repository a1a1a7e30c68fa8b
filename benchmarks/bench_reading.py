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

from hotspots.incidents import read_incidents

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "derby" / "police"
ROUNDS = 7


def main() -> dict[str, float]:
    """
    Print and return the seconds of both, best of several rounds taken in turn.

    Returns
    -------
    dict of str to float
        rows, pandas_seconds, hotspots_seconds, ratio.
    """
    files = sorted(FOLDER.glob("2025-*-derbyshire-street.csv.gz"))
    if not files:
        raise SystemExit("This benchmark needs the reference data in ../shared.")
    plain, ours = [], []
    for _ in range(ROUNDS):  # in turn, so that other work on the machine slows both
        plain.append(_seconds(lambda: [pd.read_csv(file) for file in files]))
        ours.append(_seconds(lambda: read_incidents(files)))
    figures = {
        "rows": float(read_incidents(files).report.rows_read),
        "pandas_seconds": min(plain),
        "hotspots_seconds": min(ours),
        "ratio": min(ours) / min(plain),
    }
    print(
        f"reading {figures['rows']:,.0f} rows of {len(files)} files: "
        f"pandas {figures['pandas_seconds']:.3f} s, "
        f"hotspots {figures['hotspots_seconds']:.3f} s, ratio {figures['ratio']:.2f} (at most 2)"
    )
    return figures


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
