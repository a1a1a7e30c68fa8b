"""
Does `evaluate` find what is there, and only that? Places whose truth is known.

False alarms and coverage of the rate ratio, the displacement difference and the
synthetic control on over-dispersed counts, control places chosen as in a real
evaluation; the power that a plan promises; and fake interventions in every ward
of a real year, if its files are given.

    python -m benchmarks.simulate_evaluation [cities] [folder of police.uk files]
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hotspots.evaluation.controls import similar_places
from hotspots.evaluation.dispersion import Dispersion, place_dispersion
from hotspots.evaluation.displacement import scaled_displacement_difference
from hotspots.evaluation.effect import rate_ratio
from hotspots.evaluation.power import smallest_fall
from hotspots.evaluation.synthetic import synthetic_control

MONTHS = [str(month) for month in pd.period_range("2024-01", "2025-12", freq="M")]


@dataclass(frozen=True)
class Town:
    """
    A town to draw.

    Attributes
    ----------
    places : int
        One is treated, and one more stands for its ring.
    monthly : float
        Mean incidents of the treated place in a month; the others spread around it.
    drift : float
        Variance of the logarithm of what a place has of its own in each period.
    noise : float
        Alpha of the gamma noise of every single month.
    before, after : int
        Months read on each side; the comparison takes the shorter number of both.
    ring : float
        Incidents around the treated place, as times its own.
    """

    places: int
    monthly: float
    drift: float
    noise: float
    before: int
    after: int
    ring: float = 1.0


#: Like wards and LSOAs of Derby: common and rare themes, a quarter and half a year.
TOWNS = {
    "wards, common, 6 months": Town(14, 40, 0.02, 0.02, 6, 6),
    "wards, common, 3 months": Town(14, 40, 0.02, 0.02, 9, 3),
    "wards, rare, 3 months": Town(14, 4, 0.02, 0.02, 9, 3),
    "wards with a ring five times as busy, 6 months": Town(14, 40, 0.02, 0.02, 6, 6, ring=5.0),
    "few wards, 6 months": Town(8, 40, 0.02, 0.02, 6, 6),
    "LSOAs, 6 months": Town(100, 6, 0.1, 0.05, 6, 6),
    "LSOAs, rare, 3 months": Town(100, 1, 0.1, 0.05, 9, 3),
    "Poisson wards, 12 months": Town(14, 40, 0.0, 0.0, 12, 12),
}


def draw(town: Town, ratio: float, rng: np.random.Generator) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Draw a town in which the first place changes by a ratio; give counts, months before, months after."""
    n, months = town.places + 1, MONTHS[: town.before + town.after]
    level = town.monthly * np.exp(rng.normal(0, 0.6, n) - 0.18)
    level[0] = town.monthly
    level[1] *= town.ring
    season = 1 + 0.25 * np.sin(2 * np.pi * (np.arange(len(months)) + rng.uniform(0, 12)) / 12)
    own = np.exp(rng.normal(0, np.sqrt(town.drift), (n, 2)))[
        :, (np.arange(len(months)) >= town.before).astype(int)
    ]
    noise = rng.gamma(1 / town.noise, town.noise, own.shape) if town.noise else 1.0
    mean = level[:, None] * season * own * noise
    mean[0, town.before :] *= ratio
    counts = pd.DataFrame(rng.poisson(mean), index=[f"p{number:03}" for number in range(n)], columns=months)
    return counts.astype(float), months[: town.before], months[town.before :]


def interval_check(town: Town, *, ratio: float, cities: int, seed: int = 1) -> dict[str, float]:
    """Share of towns in which a change is found, and in which the intervals hold the truth."""
    rng = np.random.default_rng(seed)
    tally = {"found": 0.0, "ratio_covered": 0.0, "difference_covered": 0.0, "judged": 0.0}
    for _ in range(cities):
        counts, learning, after = draw(town, ratio, rng)
        size = min(len(learning), len(after))
        sides = [learning[-size:], after[:size]]
        pairs = np.column_stack([counts[side].sum(axis=1) for side in sides])
        pool = counts.iloc[2:]
        chosen = counts.index.get_indexer(similar_places(pool, counts.iloc[0], learning=learning))
        found = rate_ratio(pairs[:1], pairs[chosen], dispersion=place_dispersion(*pairs[2:].T))
        if np.isnan(found.low):
            continue
        moved = scaled_displacement_difference(
            tuple(pairs[0]),
            tuple(pairs[chosen].sum(axis=0)),
            treated_ring=tuple(pairs[1]),
            dispersion=found.dispersion,
            freedom=found.freedom,
        )
        tally["judged"] += 1
        tally["found"] += found.found
        tally["ratio_covered"] += found.low <= ratio <= found.high
        if ratio == 1.0:
            tally["difference_covered"] += moved.low <= 0 <= moved.high
    judged = max(tally.pop("judged"), 1.0)
    shares = {name: round(value / judged, 4) for name, value in tally.items()}
    if ratio != 1.0:
        del shares["difference_covered"]
    return {**shares, "not_judged": round(1 - judged / cities, 4)}


def synthetic_check(town: Town, *, ratio: float, cities: int, seed: int = 2) -> dict[str, float]:
    """Do the same with a synthetic control and its placebos."""
    rng = np.random.default_rng(seed)
    found, covered, first = 0, 0, 0
    for _ in range(cities):
        counts, learning, after = draw(town, ratio, rng)
        size = min(len(learning), len(after))
        made = synthetic_control(
            counts.iloc[0], counts.iloc[2:], learning=learning, before=learning[-size:], after=after[:size]
        )
        found += made.effect.found
        covered += made.effect.low <= ratio <= made.effect.high
        first += made.rank == 1
    return {"found": found / cities, "ratio_covered": covered / cities, "ranked_first": first / cities}


def power_check(*, cities: int, seed: int = 3) -> dict[str, dict[str, float]]:
    """Share of towns in which the smallest fall that a plan names is found; 0.8 was promised."""
    rng = np.random.default_rng(seed)
    results = {}
    for expected, alpha, places in ((60, 0.02, 14), (25, 0.05, 100), (300, 0.02, 14), (12, 0.0, 100)):
        fall = smallest_fall(
            [expected], [expected] * min(places // 2, 20), dispersion=Dispersion(alpha, places - 1)
        )
        mean = np.full((places + 1, 2), float(expected))
        mean[0, 1] *= 1 - fall
        hits = 0
        for _ in range(cities):
            noise = rng.gamma(1 / alpha, alpha, mean.shape) if alpha else 1.0
            counts = rng.poisson(mean * noise)
            control = counts[1 : 1 + min(places // 2, 20)]
            hits += rate_ratio(counts[:1], control, dispersion=place_dispersion(*counts[1:].T)).found
        results[f"{expected} incidents, alpha {alpha}"] = {
            "smallest_fall": round(fall, 3),
            "power": round(hits / cities, 4),
        }
    return results


def fake_interventions(folder: Path) -> dict[str, Any]:
    """Share of p-values below 0.05 when every ward in turn is said to have been treated, by theme."""
    from hotspots.analysis import analyse_files
    from hotspots.evaluation.evaluate import evaluate
    from hotspots.evaluation.interventions import Intervention
    from hotspots.evaluation.shapes import find_place
    from hotspots.settings import Settings
    from hotspots.themes.themes import classify, load_themes

    # Densities and ranks are not needed here, so as few draws as are allowed.
    analysis = analyse_files(Settings(inputs=(folder,), draws=20, permutations=99))
    located = analysis.located
    membership = classify(located, load_themes())
    for crime_type in sorted(located["crime_type"].astype(str).unique()):
        membership[crime_type] = located["crime_type"].eq(crime_type).to_numpy()
    wards = {"ward": analysis.areas.level("ward")}
    middle = analysis.months[len(analysis.months) // 2]
    start = date(int(middle[:4]), int(middle[5:]), 1)
    results = {}
    for theme in membership.columns:
        if membership[theme].sum() < 20 * len(wards["ward"]):
            continue
        p = []
        for code in wards["ward"].index:
            fake = Intervention("fake", theme, ((start, None),), find_place(code, areas=wards), None, 2)
            result = evaluate(
                located, membership[[theme]], interventions=[fake], areas=wards, months=analysis.months
            )
            p.append(result.findings[0].effect.p)
        results[str(theme)] = {"wards": len(p), "false_alarms": float(np.mean(np.array(p) < 0.05))}
    every = sum(one["wards"] for one in results.values())
    alarms = sum(one["wards"] * one["false_alarms"] for one in results.values())
    return {
        "by_theme": results,
        "together": {"wards": every, "false_alarms": round(alarms / max(every, 1), 4)},
    }


def main(*, cities: int = 1000, folder: Path | None = None) -> dict[str, Any]:
    """
    Run every simulation.

    Parameters
    ----------
    cities : int, default 1000
        Simulated towns for each figure.
    folder : Path, optional
        A year of police.uk files for fake interventions.

    Returns
    -------
    dict
        Shares by simulation and town; the goal of `found` at a ratio of 1 is at most
        0.05, of everything covered 0.95, of power 0.8.
    """
    figures: dict[str, Any] = {"cities": cities, "standard_error_at_0.05": round((0.0475 / cities) ** 0.5, 4)}
    for name, town in TOWNS.items():
        figures[name] = {
            f"ratio {ratio:g}": interval_check(town, ratio=ratio, cities=cities) for ratio in (1.0, 0.6)
        }
    for name in ("wards, common, 6 months", "wards, common, 3 months"):
        figures[f"synthetic control, {name}"] = {
            f"ratio {ratio:g}": synthetic_check(TOWNS[name], ratio=ratio, cities=cities)
            for ratio in (1.0, 0.6)
        }
    figures["power"] = power_check(cities=cities)
    if folder is not None:
        figures["fake interventions"] = fake_interventions(folder)
    return figures


if __name__ == "__main__":
    print(
        json.dumps(
            main(
                cities=int(sys.argv[1]) if len(sys.argv) > 1 else 1000,
                folder=Path(sys.argv[2]) if len(sys.argv) > 2 else None,
            ),
            indent=2,
        )
    )
