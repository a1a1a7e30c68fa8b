"""
How long local statistics, trends and rankings take on Derby's 2025, beside esda in the same run.

Every theme, both levels, twelve months: what one `hotspots run` computes. Needs
the reference data beside the clone, and the test extra for esda. Run it from
the clone:

    python -m benchmarks.bench_statistics
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from hotspots.density.grid import square_cells
from hotspots.geography.load import Areas, load_areas
from hotspots.locating.geocode import geocode
from hotspots.months import comparable_periods
from hotspots.places import Places, fold_places
from hotspots.reading.incidents import read_incidents
from hotspots.schema import LEVELS
from hotspots.statistics import permutations as permuting
from hotspots.statistics.change import change_between
from hotspots.statistics.control import control_limits
from hotspots.statistics.counts import Counts, count_areas
from hotspots.statistics.emerging import emerging_hotspots
from hotspots.statistics.localstats import local_gistar, local_moran
from hotspots.statistics.neighbours import Neighbours, queen_neighbours
from hotspots.statistics.ranking import rank_over_denominators
from hotspots.statistics.verdicts import verdict
from hotspots.themes.themes import classify, load_themes

POLICE = Path(__file__).resolve().parents[2] / "shared" / "derby" / "police"
COMBINED = ("serious-youth-violence", "anti-social-behaviour", "drugs-and-alcohol-misuse")
GOAL_SECONDS = 0.8
REPEATS = 3

Result = TypeVar("Result")


class Stopwatch:
    """Adds up the seconds of each kind of work."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, work: Callable[[], Result]) -> Result:
        """Do the work, and count its time under `name`."""
        start = time.perf_counter()
        result = work()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
        return result


def count_city(areas: Areas) -> tuple[Counts, list[str]]:
    """Read and count the city-year; not counted as time of the statistics."""
    incidents = read_incidents(sorted(POLICE.glob("2025-*-derbyshire-street.csv.gz")))
    located = geocode(incidents.frame, areas).frame
    months = sorted(located["month"].astype(str).unique())
    return count_areas(located, classify(located, load_themes()), areas, months=months), months


def fold_year(areas: Areas) -> Places:
    """Read the city-year and fold it into places, by theme and month."""
    incidents = read_incidents(sorted(POLICE.glob("2025-*-derbyshire-street.csv.gz")))
    located = geocode(incidents.frame, areas).frame
    return fold_places(located, classify(located, load_themes()))


def monthly_tables(counts: Counts) -> dict[tuple[str, str], pd.DataFrame]:
    """Give the months of every theme at both levels."""
    levels = {level: counts.level(level) for level in LEVELS}
    return {(level, theme): here.monthly(theme) for level, here in levels.items() for theme in here.groups}


def describe_city(counts: Counts, months: list[str], areas: Areas) -> dict[str, float]:
    """Compute all that a run says of the areas; seconds by kind of work."""
    # The draws that Gi* keeps for the next theme are part of the work.
    permuting._shared_draws.cache_clear()
    watch = Stopwatch()
    tables = watch("monthly tables", lambda: monthly_tables(counts))
    periods = comparable_periods(months)
    for level in LEVELS:
        frame = areas.level(level)
        near = watch("neighbours", lambda frame=frame: queen_neighbours(frame))
        totals = {}
        for (part, theme), monthly in tables.items():
            if part == level:
                totals[theme] = monthly.sum(axis=1)
                _describe_theme(watch, monthly, frame["residents"], near, periods)
        jobs = [*totals.values(), {theme: totals[theme] for theme in COMBINED}]
        denominators = {name: frame[name] for name in ("residents", "households")} | {
            "area": frame["area_km2"]
        }
        for job in jobs:
            ranked = watch(
                "ranking", lambda job=job, d=denominators: rank_over_denominators(job, denominators=d)
            )
            watch("verdicts", lambda ranked=ranked, frame=frame: verdict(ranked, names=frame["name"]))
    return watch.seconds


def _describe_theme(
    watch: Stopwatch, monthly: pd.DataFrame, residents: pd.Series, near: Neighbours, periods: object
) -> None:
    total = monthly.sum(axis=1)
    watch("Gi*", lambda: local_gistar(total, near, offset=residents))
    watch("emerging hot spots", lambda: emerging_hotspots(monthly, near, offset=residents))
    watch("change", lambda: change_between(monthly, periods))
    watch("control limits", lambda: control_limits(monthly))


def beside_esda(counts: pd.Series, near: Neighbours, *, permutations: int = 9999) -> dict[str, float]:
    """Time Gi* and local Moran with permutations against esda, and compare the scores."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local
        from esda.moran import Moran_Local
        from libpysal.weights import W

        matrix, values = near.matrix, counts.reindex(near.codes).to_numpy(float)
        rows = np.split(matrix.indices, matrix.indptr[1:-1])
        weights = W({number: row.tolist() for number, row in enumerate(rows)})
        permuting._shared_draws.cache_clear()
        options = {"permutations": permutations, "n_jobs": 1, "seed": 1}
        watch = Stopwatch()
        gi = watch("Gi*", lambda: local_gistar(counts, near, permutations=permutations))
        moran = watch("Moran", lambda: local_moran(counts, near, permutations=permutations))
        esda_gi = watch("esda Gi*", lambda: G_Local(values, weights, transform="B", star=True, **options))
        esda_moran = watch("esda Moran", lambda: Moran_Local(values, weights, **options))
    return {
        "permutations": permutations,
        **{f"{name} seconds": seconds for name, seconds in watch.seconds.items()},
        "largest difference of z": float(np.abs(gi["z"] - esda_gi.Zs).max()),
        "largest difference of Moran's I": float(np.abs(moran["moran"] - esda_moran.Is).max()),
    }


def on_a_grid(areas: Areas, *, cell: float = 150.0, permutations: int = 999) -> dict[str, float]:
    """Time Gi* on square cells over the whole city."""
    cells = square_cells(areas.outline, size=cell)
    rng = np.random.default_rng(1)
    counts = pd.Series(rng.poisson(3.0, len(cells)), index=cells.index)
    watch = Stopwatch()
    near = watch("neighbours", lambda: queen_neighbours(cells))
    watch("Gi*", lambda: local_gistar(counts, near, permutations=permutations))
    return {"cells": len(cells), "permutations": permutations, **watch.seconds}


def measure() -> dict[str, object]:
    """
    Measure everything, best of three.

    Returns
    -------
    dict
        Seconds by kind of work and in total beside the goal, Gi* and Moran beside
        esda, and Gi* on a grid.
    """
    areas = load_areas()
    counts, months = count_city(areas)
    runs = [describe_city(counts, months, areas) for _ in range(REPEATS)]
    best = min(runs, key=lambda run: sum(run.values()))
    lsoas = counts.level("lsoa").whole()["all"]
    return {
        "city_year_seconds": best,
        "city_year_total_seconds": sum(best.values()),
        "goal_seconds": GOAL_SECONDS,
        "beside_esda": beside_esda(lsoas, queen_neighbours(areas.lsoas)),
        "grid": on_a_grid(areas),
    }


def main() -> dict[str, object]:
    """Print and return what `measure` finds."""
    figures = measure()
    print(json.dumps(figures, indent=2))
    return figures


if __name__ == "__main__":
    main()
