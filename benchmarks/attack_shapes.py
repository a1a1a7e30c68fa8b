"""
Attack the shapes of releases as one who knows every incident but one, and all of the code.

Run it with `python -m benchmarks.attack_shapes`. Random extracts are drawn; in each, some
incidents are put at the labelled points around them, and the points count that give the same
shapes and parameters. Fewer than 8 is a failure. Of most incidents the count stops at 8; of some
it goes on over the 120 nearest points, which says how many more remain. Last, the worst is
made on purpose: a crowded cell with few places, where a count of places would tell.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from hotspots.attacking_shapes import ShapeAttack, attack_shapes
from hotspots.auditing.all_but_one import all_but_one
from hotspots.geography.load import load_areas
from hotspots.themes.themes import load_themes

POINTS = Path(__file__).resolve().parents[2] / "shared" / "derby" / "area_points.csv.gz"
#: Incidents of an extract.
SIZES = (60, 200, 600, 3000)
EXTRACTS = 60
#: Extracts of which one incident is tried at all of the points nearest to it, and how many these are.
EXACT, NEAREST = 10, 120
#: Places of a crowded half of a cell, and incidents at them.
KNOWN, CROWD = range(1, 8), 240
#: Incidents in its second half.
SECOND = 5
THEME = next(one for one in load_themes() if one.slug == "anti-social-behaviour")


def attack_random(attack: ShapeAttack, points: pd.DataFrame, size: int) -> bool:
    """Attack random extracts of one size; say what remains, and whether it is enough."""
    begun = time.monotonic()
    found, drawn = attack_shapes(attack, points, size=size, extracts=EXTRACTS)
    whole, _ = attack_shapes(
        attack, points, size=size, extracts=EXACT, tried=1, nearest=NEAREST, enough=False
    )
    print(
        f"{size} incidents, {attack.audience}: {EXTRACTS} extracts, {drawn} with shapes. {found.text()} "
        f"Of the {NEAREST} nearest points {min(whole.possible)} to {max(whole.possible)} remain "
        f"(median {statistics.median(whole.possible):.0f} of {EXACT}). {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    return found.ok


def attack_few_places(attack: ShapeAttack, points: pd.DataFrame) -> bool:
    """Attack one cell with crowds at few places, and no more in its second half than a hot spot needs."""
    begun = time.monotonic()
    half = attack.alike(points)
    cell = int(np.bincount(half // 2).argmax())
    first, second = points[half == 2 * cell], points[half == 2 * cell + 1]
    inside, possible = pd.concat([first, second]), []
    for known in KNOWN:
        crowd = pd.concat([first.iloc[np.arange(CROWD) % known], second.iloc[[0] * SECOND]])
        tried = [*range(known), len(crowd) - 1]
        possible += all_but_one(attack.draw, crowd.reset_index(drop=True), inside, rows=tried).possible
    print(
        f"Crowds at few places of a cell, {attack.audience}: {len(possible)} incidents tried, at least "
        f"{min(possible)} of its {len(inside)} points possible each. {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    return min(possible) >= 8


def main() -> int:
    points = pd.read_csv(POINTS)[["easting", "northing"]].drop_duplicates().reset_index(drop=True)
    areas, held = load_areas(), True
    for audience in ("partner", "public"):
        attack = ShapeAttack(areas, audience, THEME)
        for size in SIZES:
            held &= attack_random(attack, points, size)
        held &= attack_few_places(attack, points)
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
