"""
Attack releases of the same incidents over time, to several audiences and in other wards, laid side by side.

Run it with `python -m benchmarks.attack_over_time [CHAIN ...]`; it needs the reference data beside the
clone. Each chain releases Derby's 2025 step by step, naming all earlier steps by `--previous`; then all
of its partner and public folders are audited together, by the auditor that reads published files alone.
A count below policy, or any other leak, ends in exit code 1.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from hotspots.analysis import Analysis, analyse_files
from hotspots.auditing.audit import AuditReport, audit_folders
from hotspots.errors import AuditError
from hotspots.release.release import Release
from hotspots.schema import LSOA, WARD
from hotspots.settings import Settings

DERBY = Path(__file__).resolve().parents[2] / "shared" / "derby"
#: Themes of which the table says how many wards and LSOAs are shown.
THEMES = ("all", "anti-social-behaviour", "drugs-and-alcohol-misuse")


@dataclass(frozen=True)
class Step:
    """One release: up to which month of 2025, for whom, in wards of which year."""

    month: str
    audience: str
    wards: str = "2023"

    def __str__(self) -> str:
        """Name it for the table."""
        return f"to 2025-{self.month}, {self.audience}, wards {self.wards}"


CHAINS: dict[str, tuple[Step, ...]] = {
    "months-partner": (Step("06", "partner"), Step("07", "partner"), Step("12", "partner")),
    "months-public": (Step("06", "public"), Step("07", "public"), Step("12", "public")),
    "audiences": (Step("06", "internal"), Step("06", "partner"), Step("06", "public")),
    "audiences-months": (
        Step("06", "partner"),
        Step("06", "public"),
        Step("07", "partner"),
        Step("07", "public"),
    ),
    "wards-partner": (Step("06", "partner"), Step("06", "partner", "2003")),
    "wards-public": (Step("06", "public", "2003"), Step("06", "public")),
}


@cache
def analysis_of(month: str, wards: str) -> Analysis:
    """Analyse 2025 up to a month, once."""
    files = {"inputs": (DERBY / "police",), "boundaries": DERBY / "boundaries"}
    period = {"from_month": "2025-01", "to_month": f"2025-{month}"}
    return analyse_files(Settings(**files, **period, wards=wards, draws=20, permutations=99))


def released(steps: Sequence[Step], folder: Path) -> Iterator[tuple[Step, Path, Release]]:
    """Publish the steps, each beside all that came before it."""
    done: list[Path] = []
    for number, step in enumerate(steps):
        found, out = analysis_of(step.month, step.wards), folder / f"{number}"
        found.publish(out, audience=step.audience, previous=done)
        done.append(out)
        # What was published at the last try, with what is withheld beside the earlier ones.
        yield step, out, found.release(audience=step.audience)
        found._released.clear()


def shown_words(release: Release) -> list[str]:
    """Give how many wards and LSOAs of some themes have a count."""
    whole = release.counts[release.counts["month"].eq("")]
    told = []
    for theme in THEMES:
        rows = whole[whole["theme"].eq(theme)]
        shown = [int(rows.loc[rows["level"].eq(level), "count"].notna().sum()) for level in (WARD, LSOA)]
        told.append(f"{shown[0]}, {shown[1]}")
    return told


def attack(name: str, folder: Path) -> AuditReport | None:
    """Release a chain and audit it; print a row a step, and one for all together."""
    folders = []
    try:
        for step, out, release in released(CHAINS[name], folder):
            if step.audience != "internal":
                folders.append(out)
            print(f"| {name} | {step} | {' | '.join(shown_words(release))} | |", flush=True)
    except AuditError as error:
        print(f"| {name} | refused: {error} | | | | |", flush=True)
        return None
    report = audit_folders(folders)
    counts = {folders: len([*group]) for folders, group in groupby(report.below, key=lambda one: one[0])}
    said = "; ".join(f"{folders}: {n}" for folders, n in counts.items()) or "0"
    print(f"| {name} | audited, each and together | | | | {said}, {len(report.leaks)} leaks |", flush=True)
    return report


def main(names: Sequence[str]) -> int:
    if not DERBY.is_dir():
        print("Needs the reference data in ../shared.")
        return 0
    heads = [f"{theme}: wards, LSOAs shown" for theme in THEMES]
    print(f"| chain | release | {' | '.join(heads)} | below policy |")
    print(f"|{'---|' * (3 + len(THEMES))}")
    held = True
    for name in names or CHAINS:
        with tempfile.TemporaryDirectory() as scratch:
            report = attack(name, Path(scratch))
        held &= report is not None and report.ok
        if report is not None and not report.ok:
            print(report.text())
    print("held" if held else "NOT HELD")
    return int(not held)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
