"""
Does the software say what is there, and only that? Cities whose truth is known.

Gi* on cities without hot spots, and with one planted; intervals of the rank and
chances of the top three on cities whose true rates are drawn; intervals of a
change on months whose true ratio is known. On the areas of Derby.

    python -m benchmarks.simulate_statistics [cities]
"""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd

from hotspots.geography.load import Areas, load_areas
from hotspots.statistics.change import rate_ratio
from hotspots.statistics.localstats import local_gistar
from hotspots.statistics.neighbours import queen_neighbours
from hotspots.statistics.ranking import rank_areas

#: Incidents in a city: as many as a rare theme, and a common one, has in a year.
TOTALS = (300, 5000)


def false_alarms(areas: Areas, *, cities: int, total: int, seed: int = 1) -> dict[str, float]:
    """Share of cities without hot spots in which Gi* finds any LSOA at q < 0.05."""
    rng = np.random.default_rng(seed)
    neighbours = queen_neighbours(areas.lsoas)
    residents = areas.lsoas["residents"]
    found = 0
    for number in range(cities):
        city = rng.poisson(total * residents / residents.sum())
        counts = pd.Series(city, index=residents.index)
        result = local_gistar(counts, neighbours, offset=residents, seed=number)
        found += bool((result["q"] < 0.05).any())
    noise = 1.96 * (0.05 * 0.95 / cities) ** 0.5
    return {"share_of_cities_with_any": found / cities, "goal_at_most": 0.05 + noise}


def planted_hot_spots(areas: Areas, *, cities: int, total: int, seed: int = 2) -> dict[str, float]:
    """Five times the rate in a random LSOA and its neighbours: share of it found, and of finds elsewhere."""
    rng = np.random.default_rng(seed)
    neighbours = queen_neighbours(areas.lsoas)
    residents = areas.lsoas["residents"]
    share_found, false_share = [], []
    for number in range(cities):
        rate = np.ones(len(residents))
        centre = rng.integers(len(residents))
        inside = neighbours.matrix[[centre]].toarray()[0] > 0
        inside[centre] = True
        rate[inside] = 5.0
        expected = rate * residents.to_numpy()
        counts = pd.Series(rng.poisson(total * expected / expected.sum()), index=residents.index)
        hot = local_gistar(counts, neighbours, offset=residents, seed=number)["q"].to_numpy() < 0.05
        # A neighbour's neighbour of the hot spot has a hot neighbourhood too.
        touching = inside | (neighbours.matrix @ inside.astype(float) > 0)
        share_found.append(hot[inside].mean())
        false_share.append(hot[~touching].sum() / max(hot.sum(), 1))
    return {"share_of_planted_found": float(np.mean(share_found)), "false_share": float(np.mean(false_share))}


def rank_coverage(areas: Areas, *, cities: int, total: int, seed: int = 3) -> dict[str, object]:
    """
    How often 95 % intervals of the rank hold the true rank, and what p_top comes to.

    True rates of the wards are drawn from a log-normal distribution, which is
    not the one that the model assumes, with a spread that differs by city.
    """
    rng = np.random.default_rng(seed)
    residents = areas.wards["residents"].to_numpy()
    inside, said, true_top = [], [], []
    for number in range(cities):
        rate = np.exp(rng.normal(0, rng.uniform(0.1, 1.0), len(residents)))
        expected = total * rate * residents / (rate * residents).sum()
        counts = pd.Series(rng.poisson(expected), index=areas.wards.index)
        found = rank_areas(counts, exposure=areas.wards["residents"], seed=number)
        rank = len(rate) - np.argsort(np.argsort(rate))
        inside.append(((found["rank_low"] <= rank) & (rank <= found["rank_high"])).mean())
        said.append(found["p_top"].to_numpy())
        true_top.append(rank <= 3)
    return {
        "coverage_of_95": float(np.mean(inside)),
        "priority": _calibration(np.concatenate(said), np.concatenate(true_top), 0.8, 1.01),
        "possible": _calibration(np.concatenate(said), np.concatenate(true_top), 0.2, 0.8),
        "no": _calibration(np.concatenate(said), np.concatenate(true_top), 0.0, 0.2),
    }


def _calibration(said: np.ndarray, came_true: np.ndarray, low: float, high: float) -> dict[str, float]:
    group = (said >= low) & (said < high)
    return {
        "areas": int(group.sum()),
        "mean_chance_said": float(said[group].mean()),
        "share_truly_in_top_3": float(came_true[group].mean()),
    }


def change_coverage(*, pairs: int = 20_000, seed: int = 4) -> dict[str, float]:
    """Share of exact 95 % intervals that hold the true ratio of two Poisson counts, by expected count."""
    rng = np.random.default_rng(seed)
    shares = {}
    for expected in (2.0, 10.0, 100.0):
        found = rate_ratio(rng.poisson(expected, pairs) * 1.0, rng.poisson(1.5 * expected, pairs) * 1.0)
        held = (found["low"].fillna(0) <= 1.5) & (found["high"].fillna(np.inf) >= 1.5)
        shares[f"expected_{expected:g}"] = float(held.mean())
    return shares


def main(*, cities: int = 200) -> dict[str, object]:
    """
    Run every simulation.

    Parameters
    ----------
    cities : int, default 200
        Simulated cities for each figure.

    Returns
    -------
    dict
        Figures by simulation and number of incidents.
    """
    areas = load_areas()
    figures: dict[str, object] = {"cities": cities, "change_intervals": change_coverage()}
    for total in TOTALS:
        figures[f"{total} incidents"] = {
            "no_hot_spots": false_alarms(areas, cities=cities, total=total),
            "planted": planted_hot_spots(areas, cities=cities, total=total),
            "rank_intervals": rank_coverage(areas, cities=cities, total=total),
        }
    return figures


if __name__ == "__main__":
    print(json.dumps(main(cities=int(sys.argv[1]) if len(sys.argv) > 1 else 200), indent=2))
