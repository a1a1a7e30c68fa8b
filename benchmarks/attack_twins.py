"""
Attack the principle that a release follows from its counts: towns in pairs whose released tables are equal.

Run it with `python -m benchmarks.attack_twins [TOWNS]`. Of each random town a twin is made by moving
incidents between places, months and kinds, as long as no shown count changes; the twin is read from
files of its own, with other names, streets, identifiers, order and refused rows. Where both releases
state the same counts, every byte of every file is compared, the shapes of one drawn on both. Any
difference is a leak and ends in exit code 1.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from hotspots.analysis import Analysis
from hotspots.outputs.publish import publish
from hotspots.release.release import Release

# The makers of towns are those of the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "towns"))
import alike

TOWNS = 12
AUDIENCES = ("partner", "public")


def twin_of(
    town: alike.Town, found: Analysis, release: Release, folder: Path, *, seed: int
) -> tuple[Analysis, Release, int] | None:
    """Find a twin with as many moves as can be, and release it; None where none was found."""
    search = alike.Search(town, found, release)
    for kept in alike.KEPT:
        taken = search.moved(np.random.default_rng(seed), kept)
        if taken is None:
            continue
        twin = search.twin(taken).analyse(folder / f"{release.audience}-{kept}", seed=seed)
        other = twin.release(audience=release.audience)
        if alike.same_tables(release, other):
            return twin, other, int((taken != np.arange(len(taken))[:, None]).sum())
    return None


def unlike_files(one: Release, other: Release, folder: Path) -> tuple[int, list[str]]:
    """Write both with the shapes of the first; give how many files there are, and which differ."""
    held = []
    for name, release in (("one", one), ("other", alike.with_shapes_of(other, one))):
        out = folder / f"{one.audience}-{name}"
        publish(release, out, word=True, also=("flatgeobuf",))
        held.append({p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()})
    names = sorted({*held[0], *held[1]})
    return len(names), [name for name in names if held[0].get(name) != held[1].get(name)]


def attack(seed: int) -> tuple[int, int]:
    """Attack one town at both audiences; give how many pairs there were, and how many leak."""
    town, pairs, leaks = alike.random_town(seed), 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        found = town.analyse(folder / "base")
        for audience in AUDIENCES:
            one = found.release(audience=audience)
            pair = twin_of(town, found, one, folder, seed=seed)
            said = f"town {seed}, {len(town.rows)} incidents, {len(town.months)} months, {audience}:"
            if pair is None:
                print(f"{said} no twin", flush=True)
                continue
            twin, other, moves = pair
            hidden = int((twin.table.count != found.table.count).sum()) if _same_axes(twin, found) else 0
            n_files, unlike = unlike_files(one, other, folder)
            fields = sorted(set(alike.differences(one, other)) - set(alike.SHAPES))
            pairs, leaks = pairs + 1, leaks + bool(unlike or fields)
            print(
                f"{said} {moves} moves, {hidden} true counts differ, {n_files} files, "
                f"{f'UNLIKE: {unlike + fields}' if unlike or fields else 'all alike'}",
                flush=True,
            )
    return pairs, leaks


def _same_axes(one: Analysis, other: Analysis) -> bool:
    return one.table.groups == other.table.groups and one.months == other.months


def main(towns: int) -> int:
    found = [attack(seed) for seed in range(towns)]
    pairs, leaks = (sum(column) for column in zip(*found, strict=True))
    print(f"{pairs} pairs of {towns} towns at {len(AUDIENCES)} audiences: {leaks} with a difference")
    return int(leaks > 0 or not pairs)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else TOWNS))
