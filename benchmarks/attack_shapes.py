"""
Attack the shapes of releases as one who knows every incident but one, and all of the code.

Run it with `python -m benchmarks.attack_shapes`. Random extracts are drawn;
in each, some incidents are put at every one of the 120 labelled points nearest to them, and
the points count that give the same shapes and parameters. Fewer than 8 is a failure.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pandas as pd

from hotspots.attacking import ShapeAttack, attack_shapes
from hotspots.geography.load import load_areas
from hotspots.themes.themes import load_themes

POINTS = Path(__file__).resolve().parents[2] / "shared" / "derby" / "area_points.csv.gz"
#: Incidents of an extract, and how many extracts of that size.
SIZES = {60: 60, 200: 20, 600: 6}
THEME = next(one for one in load_themes() if one.slug == "anti-social-behaviour")


def main() -> int:
    points, areas, held = pd.read_csv(POINTS), load_areas(), True
    for audience in ("partner", "public"):
        attack = ShapeAttack(areas, audience, THEME)
        for size, extracts in SIZES.items():
            begun = time.monotonic()
            found, drawn = attack_shapes(attack, points, size=size, extracts=extracts)
            held &= found.ok
            print(
                f"{size} incidents, {audience}: {extracts} extracts, {drawn} with shapes. {found.text()} "
                f"{time.monotonic() - begun:.0f} s"
            )
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
