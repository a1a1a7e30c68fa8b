"""
Attack chains of releases of random towns: months extended, audiences widened, wards of another year.

Run it with `python -m benchmarks.attack_chains [TOWNS]`. Each town is released three or four times in an
order drawn at random, each time naming all that came before it by `--previous`. Then all its folders are
audited, each by itself and all together, by what they publish, and each is made again from its tables.
A count below policy, or any other leak, ends in exit code 1; a release that is refused is counted.
"""

from __future__ import annotations

import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.attack_over_time import Step
from hotspots.analysis import Analysis
from hotspots.auditing.audit import audit_folders
from hotspots.errors import AuditError
from hotspots.rebuilding import rebuild

# The makers of towns are those of the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "towns"))
import alike

TOWNS = 12
MONTHS = 4
#: How often a step counts the wards of another year.
OTHER_WARDS = 0.2


def chain_of(seed: int) -> list[Step]:
    """Draw three or four releases: the months never get fewer, and no two are the same."""
    rng = np.random.default_rng(seed)
    drawn = sorted(rng.integers(2, MONTHS + 1, int(rng.integers(3, 5))).tolist())
    steps = [
        Step(
            f"{month:02d}",
            ("partner", "public")[int(rng.integers(2))],
            "2003" if rng.random() < OTHER_WARDS else "2023",
        )
        for month in drawn
    ]
    return list(dict.fromkeys(steps))


def attack(seed: int) -> tuple[int, int, int]:
    """Release one town in a chain; give how many releases were written and refused, and how many leaks."""
    town = alike.random_town(seed, n=int(np.random.default_rng(seed).choice([500, 1500])), months=MONTHS)
    folders: list[Path] = []
    refused = 0
    with tempfile.TemporaryDirectory() as scratch:

        @cache
        def analysis_of(month: str, wards: str) -> Analysis:
            year = town.months[0][:4]
            return town.analyse(Path(scratch) / f"{month}-{wards}", to_month=f"{year}-{month}", wards=wards)

        for number, step in enumerate(chain_of(seed)):
            out = Path(scratch) / f"{number}-{step.audience}"
            try:
                analysis_of(step.month, step.wards).publish(out, audience=step.audience, previous=folders)
                folders.append(out)
            except AuditError:
                refused += 1
        report = audit_folders(folders, rebuild=rebuild)
    leaks = len(report.below) + len(report.leaks) + sum(one.bounds is None for one in report.attacks)
    steps = "; ".join(f"to {one.month}, {one.audience}, {one.wards}" for one in chain_of(seed))
    print(f"town {seed}, {len(town.rows)} incidents ({steps}): {refused} refused, {leaks} leaks", flush=True)
    if not report.ok:
        print(report.text(), flush=True)
    return len(folders), refused, leaks


def main(towns: int) -> int:
    found = [attack(seed) for seed in range(towns)]
    written, refused, leaks = (sum(column) for column in zip(*found, strict=True))
    print(f"{towns} chains, {written} releases written, {refused} refused: {leaks} leaks")
    return int(leaks > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else TOWNS))
