"""
The whole command on a city-year, against the cost of importing its libraries.

The import of geopandas, scikit-learn and folium stands for what any such tool
pays before it starts; the goal is to end within four times that, below 600 MB.
Both are told in seconds of processor, as other work on a machine does not
change these much, and with modules compiled already, as an installed command has
them: a checkout in which Python may not keep what it compiled starts 0.4 s later.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IMPORTS = "import geopandas, sklearn.cluster, folium"
POLICE = Path(__file__).resolve().parents[2] / "shared" / "derby" / "police"
#: The first of them compiles.
REPEATS = 4


def main() -> dict[str, float]:
    """Print and return seconds, the ratio, memory and the time of each stage."""
    with tempfile.TemporaryDirectory() as folder:
        kept = f"{folder}/compiled"
        importing = min(_seconds([sys.executable, "-c", IMPORTS], kept)[0] for _ in range(REPEATS))
        words = [sys.executable, "-m", "hotspots", "run", "--quiet", "--out", f"{folder}/out"]
        if POLICE.is_dir():
            words += [str(POLICE), "--from", "2025-01", "--to", "2025-12"]
        runs = [_seconds(words, kept) for _ in range(REPEATS)]
    whole, memory = min(run[0] for run in runs), max(run[1] for run in runs)
    print("Whole command" + ("" if POLICE.is_dir() else " (synthetic sample: the police files are not here)"))
    print(f"  imports alone     {importing:6.2f} s")
    print(f"  hotspots run      {whole:6.2f} s   {whole / importing:.2f} times the imports (goal: 4)")
    print(f"  memory            {memory:6.0f} MB  (goal: below 600)")
    stages = _stages()
    for name, seconds in stages.items():
        print(f"    {name:<42}{seconds:6.2f} s")
    return {"imports": importing, "run": whole, "ratio": whole / importing, "megabytes": memory, **stages}


def _seconds(words: list[str], kept: str) -> tuple[float, float]:
    """Run a command; return its seconds of processor and the most memory it held, in MB."""
    where = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": kept}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **where})
    _, status, usage = os.wait4(process.pid, 0)
    seconds = usage.ru_utime + usage.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words[1:4])} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def _stages() -> dict[str, float]:
    """Time each step that the pipeline tells of, in this process, imports left out."""
    from hotspots.analysis import analyse_files
    from hotspots.pages import map_page, map_payload, ward_pages  # noqa: F401 - imported before the clock starts
    from hotspots.settings import Settings

    told: list[tuple[str, float]] = []

    def tell(text: str) -> None:
        told.append((text, time.process_time()))

    inputs = (POLICE,) if POLICE.is_dir() else ()
    months = {"from_month": "2025-01", "to_month": "2025-12"} if inputs else {}
    with tempfile.TemporaryDirectory() as folder:
        analysis = analyse_files(Settings(inputs=inputs, **months), progress=tell)
        analysis.publish(Path(folder) / "out", progress=tell)
    told.append(("", time.process_time()))
    return {text: after - began for (text, began), (_, after) in itertools.pairwise(told)}


if __name__ == "__main__":
    main()
