"""
Put guesses through the open program, the seed known, against releases of the sample and of a real year.

Run it with `python -m benchmarks.attack_replay`; the real year needs the reference data beside the clone.
Each folder is attacked as `hotspots audit --deep` does: every interval to its ends, tables that fit the
release put through the program for each restricted theme, and the folder made again from its tables.
A count narrower than the table alone leaves it, or any other leak, ends in exit code 1.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hotspots.analysis import analyse_files
from hotspots.attacking import replay_program
from hotspots.auditing.audit import audit_folders
from hotspots.rebuilding import rebuild
from hotspots.settings import Settings

DERBY = Path(__file__).resolve().parents[2] / "shared" / "derby"
AUDIENCES = ("partner", "public")


def settings_by_name() -> dict[str, dict[str, Any]]:
    """Name what is released."""
    found: dict[str, dict[str, Any]] = {"sample": {}}
    if DERBY.is_dir():
        files = {"inputs": (DERBY / "police",), "boundaries": DERBY / "boundaries"}
        found["Derby 2025"] = {**files, "from_month": "2025-01", "to_month": "2025-12"}
    return found


def main() -> int:
    held = True
    for name, given in settings_by_name().items():
        found = analyse_files(Settings(**given, draws=20, permutations=99))
        for audience in AUDIENCES:
            with tempfile.TemporaryDirectory() as scratch:
                out = Path(scratch) / audience
                found.publish(out, audience=audience)
                begun = time.process_time()
                report = audit_folders([out], deep=True, program=replay_program, rebuild=rebuild)
            held &= report.ok
            took = time.process_time() - begun
            print(f"{name}, {audience}: {'held' if report.ok else 'NOT HELD'}, {took:.0f} s of processor")
            print("\n".join(one.text() for one in report.replays), flush=True)
            if not report.ok:
                print(report.text(), flush=True)
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
