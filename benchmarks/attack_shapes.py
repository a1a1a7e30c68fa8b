"""
Attack the shapes of releases as one who knows every incident but one, and all of the code.

Run it with `python -m benchmarks.attack_shapes`. Random extracts are drawn;
in each, some incidents are put at every one of the 30 labelled points nearest to them, and
the points count that give the same shapes and parameters. Fewer than 8 is a failure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.audiences import POLICIES
from hotspots.auditing.all_but_one import all_but_one
from hotspots.geography.coarse import CoarseCells, coarse_cells
from hotspots.geography.load import Areas, load_areas
from hotspots.release.coarse_shapes import coarse_bands, coarse_clusters, count_cells
from hotspots.release.ladder import choose_steps
from hotspots.release.rounding import show_count
from hotspots.themes.themes import load_themes

POINTS = Path(__file__).resolve().parents[2] / "shared" / "derby" / "area_points.csv.gz"
#: Incidents of an extract, and how many extracts of that size.
SIZES = {60: 60, 600: 6}
TRIED = 3
THEME = next(one for one in load_themes() if one.slug == "anti-social-behaviour")
NEAREST = 30


def shapes_of(incidents: pd.DataFrame, areas: Areas, cells: CoarseCells, audience: str) -> str:
    """Give what a reader sees of the shapes and parameters of an extract."""
    policy = POLICIES[audience]
    xy, n = np.unique(incidents[["easting", "northing"]].to_numpy(float), axis=0, return_counts=True)
    places = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=27700)
    total = show_count(int(n.sum()), policy)
    chosen = choose_steps(THEME, total, areas, policy)
    counts = count_cells(places, n, cells)
    clusters = coarse_clusters(counts, chosen, areas, policy, total=total)
    bands = coarse_bands(counts, chosen, areas, policy)
    return f"{chosen}{clusters.to_json()}{bands.to_json()}"


def main() -> int:
    points = pd.read_csv(POINTS)[["easting", "northing"]].drop_duplicates()
    areas, rng = load_areas(), np.random.default_rng(20230504)
    cells, worst = coarse_cells(areas.outline), NEAREST
    for size, extracts in SIZES.items():
        for audience in ("partner", "public"):
            fewest, drawn = NEAREST, 0
            for _ in range(extracts):
                # Crowded as incidents are: most points come up more than once.
                chosen = (len(points) * rng.beta(0.3, 1.5, size)).astype(int)
                crowd = points.iloc[chosen].reset_index(drop=True)
                rows = rng.integers(0, size, TRIED).tolist()
                found = all_but_one(
                    lambda one, audience=audience: shapes_of(one, areas, cells, audience),
                    crowd,
                    points,
                    rows=rows,
                    nearest=NEAREST,
                )
                fewest = min(fewest, found.fewest)
                drawn += "Polygon" in shapes_of(crowd, areas, cells, audience)
            print(
                f"{size} incidents, {audience}: {extracts} extracts, {drawn} with shapes; "
                f"at least {fewest} of {NEAREST} points possible"
            )
            worst = min(worst, fewest)
    return int(worst < 8)


if __name__ == "__main__":
    sys.exit(main())
