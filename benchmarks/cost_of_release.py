"""
What it costs that a release gives nothing back, on a real year.

Run it with `python -m benchmarks.cost_of_release`; it needs the reference data beside the clone. For
each audience, alone and beside a release of the first half of the year: the share of incidents in
counts that are shown, the areas that are ranked, and how many of the three that rank first by
exact counts rank first still.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from hotspots.analysis import Analysis, analyse_files
from hotspots.auditing.guard import narrowed, read_ledger
from hotspots.release.release import Release
from hotspots.schema import LEVELS
from hotspots.settings import Settings

DERBY = Path(__file__).resolve().parents[2] / "shared" / "derby"
TOP = 3


def analysis_to(month: str) -> Analysis:
    """Analyse 2025 up to a month."""
    files = {"inputs": (DERBY / "police",), "boundaries": DERBY / "boundaries"}
    return analyse_files(Settings(**files, from_month="2025-01", to_month=month, draws=20, permutations=99))


def table_lines(exact: Release, release: Release) -> list[str]:
    """Give a line for each theme and level: shown, ranked, kept at the top."""
    lines = []
    for theme in exact.themes:
        for level in LEVELS:
            true, shown, first, ranked = (
                frame[frame["theme"].eq(theme.slug) & frame["level"].eq(level)]
                for frame in (exact.counts, release.counts, exact.priority, release.priority)
            )
            true, shown = (one[one["month"].eq("")].set_index("code")["count"] for one in (true, shown))
            total = true.sum()
            if not total:
                continue
            told = true.reindex(shown.dropna().index).sum()
            top = set(first.loc[first["rank"].le(TOP), "code"])
            kept = top & set(ranked.loc[ranked["rank"].le(TOP), "code"])
            lines.append(
                f"| {theme.slug} | {level} | {100 * told / total:.0f} % | "
                f"{int(ranked['rank'].notna().sum())} of {len(true)} | {len(kept)} of {len(top)} |"
            )
    return lines


def main() -> int:
    if not DERBY.is_dir():
        print("Needs the reference data in ../shared.")
        return 0
    year, half, worst = analysis_to("2025-12"), analysis_to("2025-06"), 0
    exact = year.release(audience="internal")
    with tempfile.TemporaryDirectory() as scratch:
        for audience in ("partner", "public"):
            alone, before, after = (Path(scratch) / f"{audience}-{name}" for name in ("year", "half", "both"))
            year.publish(alone, audience=audience)
            half.publish(before, audience=audience)
            year.publish(after, audience=audience, previous=[before])
            below = narrowed(after, read_ledger([before], area=year.areas.area_code))
            worst += len(below)
            print(f"\n{audience}: {len(below)} counts below policy beside January to June")
            print("| theme | level | incidents shown | areas ranked | first three kept |")
            print("|---|---|---|---|---|")
            print("\n".join(table_lines(exact, year.release(audience=audience))), flush=True)
    return int(worst > 0)


if __name__ == "__main__":
    sys.exit(main())
