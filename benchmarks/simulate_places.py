"""
Do the words and ranges of hot spots and beats hold? Towns of places whose truth is known.

Beats' ranges and chances to be among the top, whether such beats did better than counting,
hot spots that are new or have ended, and incidents that are said to come in series.

    python -m benchmarks.simulate_places [towns]
"""

from __future__ import annotations

import json
import sys
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.simulate_claims import MONTHS, Held, gather, inside
from benchmarks.simulate_clusters import city as made_places
from hotspots.clusters.cutting import LONGEST
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.parameters import choose_parameters
from hotspots.clusters.status import CONTINUING, cluster_status
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.near_repeats import DAYS, DISTANCES, LEAST_RATIO, SHUFFLES, near_repeats
from hotspots.targeting.backtest import back_test
from hotspots.targeting.greedy import choose_beats
from hotspots.targeting.ground import lay_ground
from hotspots.targeting.history import History
from hotspots.targeting.intervals import chance_of_top, predictive_interval
from hotspots.targeting.measures import paired_difference
from hotspots.targeting.scores import SCORES
from hotspots.targeting.trials import EXPECTING

#: A square of 3 km with 400 places; beats take 2 % of it, and twice as many compete.
SIDE, PLACES, SHARE = 3000, 400, 0.02


def beats(rng: np.random.Generator) -> Held:
    """Choose beats from a year, and hold their ranges and chances against the next month."""
    xy = rng.uniform(0, SIDE, (PLACES, 2)).round(1)
    xy = xy[np.lexsort((xy[:, 1], xy[:, 0]))]
    frame = gpd.GeoDataFrame({"n": 1}, index=range(PLACES), geometry=shapely.points(xy), crs="EPSG:27700")
    ground = lay_ground(frame, shapely.box(0, 0, SIDE, SIDE))
    rate = rng.gamma(0.4, 1 / 0.4, PLACES) * rng.choice([0.2, 1.0])
    # Whole months are busy or quiet, and incidents of one place come in series.
    mean = rate[:, None] * rng.gamma(100, 1 / 100, 13)
    counts = rng.poisson(rng.gamma(mean / 0.3, 0.3)).astype(float)
    past = counts[:, :12]
    history = History(past, past + rng.poisson(3 * mean[:, :12]), ground.near, tuple(MONTHS[:12]))
    grade = back_test(history, ground, shares=(SHARE,))
    score = SCORES[grade.candidate.score](history)
    choice = choose_beats(ground.shapes[grade.candidate.shapes], score, share=2 * SHARE)
    expected = choice.add_up(SCORES[EXPECTING](history))
    top = int((np.cumsum(choice.area) - choice.area < SHARE * choice.city).sum())
    low, high = predictive_interval(expected, grade.dispersion)
    said = chance_of_top(expected, choice.area, grade.dispersion, top=top)
    found = choice.add_up(counts[:, 12])
    # Equal counts are put in order by lot.
    came = np.argsort(np.argsort(-(found + 1e-6 * rng.random(len(found))) / choice.area)) < top
    return {
        "beats, next month: range (95 %)": inside(found, low, high)[:top],
        "beats among the top: said": said[:top],
        "beats among the top: came": came[:top].astype(float),
        "beats among the top: Brier score": (said - came)[:top] ** 2,
    }


def gains(rng: np.random.Generator) -> Held:
    """Hold the range of what one choice of places held more than another against the truth."""
    rate = rng.gamma(0.4, 1 / 0.4, PLACES) * rng.choice([0.2, 1.0])
    first, second = (rng.permutation(PLACES) < PLACES // 20 for _ in range(2))
    truth = float(rate @ first - rate @ second) / rate.sum()
    counts = rng.poisson(rng.gamma(rate[:, None] / 0.3, 0.3, (PLACES, 6)))
    found = paired_difference(
        counts.ravel(), *(np.repeat(one.astype(float), 6) for one in (first, second)), seed=1
    )
    return {"gain on another choice: interval (95 %)": inside([truth], [found.low], [found.high])}


def statuses(rng: np.random.Generator) -> Held:
    """Say which hot spots are new or have ended where every rate stays as it is."""
    places, hot = made_places(rng, total=5000, planted=True)
    rate = np.where(hot, 6.0, 1.0) * rng.gamma(0.8, 1 / 0.8, len(places))
    rate *= 5000 / 12 / rate.sum()
    monthly = rng.poisson(rng.gamma(rate[:, None] / 0.3, 0.3, (len(places), 12)))
    now = monthly.sum(axis=1)
    chosen = choose_parameters(places, weights=now)
    if chosen.eps is None or chosen.min_samples is None:
        return {}
    same = {"eps": chosen.eps, "min_places": chosen.min_places, "longest": LONGEST}
    labels = hotspot_dbscan(places, weights=now, min_samples=chosen.min_samples, **same)
    found = cluster_status(places, labels, monthly, min_samples=chosen.min_samples, **same)
    moved = np.array([word not in (CONTINUING, "") for word in found], dtype=float)
    return {"hot spots said to be new or ended (at most 5 %)": moved}


def series(rng: np.random.Generator) -> Held:
    """Look for series of incidents where dates have nothing to do with places, and where a third repeat."""
    held: Held = {}
    for words, repeats in (("none", 0), ("a third within a week next door", 100)):
        xy, day = rng.uniform(0, SIDE, (300, 2)).round(-2), rng.integers(0, 365, 300)
        xy[300 - repeats :] = xy[:repeats]
        day[300 - repeats :] = day[:repeats] + rng.integers(0, 7, repeats)
        incidents = pd.DataFrame({"easting": xy[:, 0], "northing": xy[:, 1]}).assign(
            occurred_from=pd.Timestamp("2025-01-01") + pd.to_timedelta(day, unit="D")
        )
        found = near_repeats(incidents, distances=DISTANCES, days=DAYS, permutations=SHUFFLES, seed=1)
        q = benjamini_hochberg(found["p"].to_numpy())
        any_told = bool(((q < 0.05) & found["ratio"].ge(LEAST_RATIO).to_numpy()).any())
        held[f"near repeats, {words}: said to be beyond chance"] = np.array([float(any_told)])
    return held


def main(towns: int = 200) -> None:
    """Print one JSON line for each figure."""
    warnings.simplefilter("error")
    for one in (beats, gains, statuses, series):
        for name, figures in gather(
            towns, lambda number, one=one: one(np.random.default_rng([number, 3]))
        ).items():
            print(json.dumps({"claim": name, **figures}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
