"""
Replay the open program against what it publishes of the sample, for partners and for the public.

Run it with `python -m benchmarks.attack_program`. Tables of counts that fit a folder are put through the
program; those that give the very folder must leave of every withheld count of restricted themes what policy
asks for. Whatever is narrowed further is a leak and ends in exit code 1. The tests try a tenth of the tables.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from hotspots.analysis import analyse_files
from hotspots.attacking import replay_program
from hotspots.auditing.bounds import bounds
from hotspots.auditing.reading import read_published
from hotspots.settings import Settings


def main() -> int:
    """Tell of each theme how many tables were tried and what they leave; give the exit code."""
    found, leaks = analyse_files(Settings()), 0
    for audience in ("partner", "public"):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "maps"
            found.publish(out, audience=audience)
            published = read_published(out)
            for one in replay_program(published, bounds([published])):
                print(f"{audience}: {one.text()}")
                leaks += one.narrows or not one.matches
    return int(leaks > 0)


if __name__ == "__main__":
    sys.exit(main())
