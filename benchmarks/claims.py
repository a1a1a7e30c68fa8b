"""
Does what is said hold out of sample? Each claim made from some months, and sought in others.

On Derby's 2025 (alternating months, halves, shuffled months) with the plain
way beside the model of counts, and on cities whose truth is known. Needs the
reference data beside the clone. Run it from the clone:

    python -m benchmarks.claims [cities]
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from benchmarks.bench_statistics import POLICE, count_city, fold_year, monthly_tables
from benchmarks.false_changes import (
    by_size,
    false_changes,
    false_changes_of_made_cities,
    other_districts,
    over_districts,
    swapped_changes,
)
from benchmarks.shares_again import outcome_tables, shares_again
from hotspots.clusters.confidence import cluster_confidence, found_again
from hotspots.clusters.cutting import LONGEST
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.parameters import choose_parameters
from hotspots.geography.load import load_areas
from hotspots.months import Periods
from hotspots.places import Places
from hotspots.statistics.change import change_between
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.limits import control_limits
from hotspots.statistics.predictive import fit_counts
from hotspots.statistics.rates import fit_rates
from hotspots.statistics.rising import emerging_risks
from hotspots.statistics.seasons import forecast_months

Tables = dict[tuple[str, str], pd.DataFrame]
#: The themes that police.uk data show, and every incident.
THEMES = ("all", "anti-social-behaviour", "drugs-and-alcohol-misuse", "serious-youth-violence")
DRAWS = 2000
#: Kinds of city: excess, own, city, drift, as in `made_city`.
TRUTHS = {
    "poisson": (0.0, 0.0, 0.0, 0.0),
    "negative binomial": (0.5, 0.03, 0.0, 0.0),
    "and months shared": (0.5, 0.03, 0.01, 0.0),
    "and drift": (0.5, 0.03, 0.01, 0.003),
}
#: Areas and their mean a month: wards, LSOAs of all incidents, LSOAs of a rare theme.
SIZES = {"wards": (18, 20.0), "LSOAs": (152, 3.0), "LSOAs, rare": (152, 0.3)}


def splits(months: list[str]) -> dict[str, list[tuple[list[str], list[str]]]]:
    """Part a year into months that are read and months that test, both ways round."""
    odd, even, first, last = months[::2], months[1::2], months[:6], months[6:]
    return {"alternating": [(odd, even), (even, odd)], "halves": [(first, last), (last, first)]}


def plain_draws(read: np.ndarray, size: np.ndarray, seed: int) -> np.ndarray:
    """Draw later counts as if months varied by chance alone: Gamma-Poisson rates, Poisson counts."""
    rates = fit_rates(read, size).draw(DRAWS, seed=seed) * size
    return np.random.default_rng(seed + 1).poisson(rates)


def model_draws(table: pd.DataFrame, later: list[str], size: pd.Series, seed: int) -> np.ndarray:
    """Draw later counts from the model of counts."""
    return forecast_counts(fit_counts(table, alike=size), months=later, shared=False).draw(DRAWS, seed=seed)


def later_counts(tables: Tables, residents: dict[str, pd.Series], months: list[str]) -> dict[str, object]:
    """Say how often 95 % ranges hold later counts, and what chances of the top three come to."""
    found: dict[str, object] = {}
    for kind, pairs in splits(months).items():
        for (level, theme), table in tables.items():
            size = residents[level].reindex(table.index)
            cases = [_later(table, size, read, later) for read, later in pairs]
            found[f"{kind}, {level}, {theme}"] = {
                name: round(float(np.mean([case[name] for case in cases])), 3) for name in cases[0]
            }
    return found


def _later(table: pd.DataFrame, size: pd.Series, read: list[str], later: list[str]) -> dict[str, float]:
    truth = table[later].sum(axis=1).to_numpy(float)
    people = size.to_numpy(float)
    plain = plain_draws(table[read].sum(axis=1).to_numpy(float), people, 1)
    model = model_draws(table[read], later, size, 1)
    low, high = np.quantile(plain, [0.025, 0.975], axis=0)
    usual = forecast_counts(fit_counts(table[read], alike=size), months=later).range()
    inside = (usual["low"] <= truth) & (truth <= usual["high"])
    top = _top_three(truth[None] / people)[0]
    said = {
        "before": _top_three(plain / people).mean(axis=0),
        "after": _top_three(model / people).mean(axis=0),
    }
    return {
        "range_before": float(((low <= truth) & (truth <= high)).mean()),
        "range_after": float(inside.mean()),
        **{f"top3_brier_{name}": float(np.mean((chance - top) ** 2)) for name, chance in said.items()},
        **{
            f"top3_said_of_chosen_{name}": float(np.sort(chance)[-3:].mean()) for name, chance in said.items()
        },
        **{
            f"top3_found_of_chosen_{name}": float(top[np.argsort(-chance)[:3]].mean())
            for name, chance in said.items()
        },
    }


def _top_three(rates: np.ndarray) -> np.ndarray:
    """Mark the three highest of each row."""
    marks = np.zeros(rates.shape)
    np.put_along_axis(marks, np.argsort(-rates, axis=1, kind="stable")[:, :3], 1.0, axis=1)
    return marks


def clusters_again(places: Places, months: list[str], themes: Sequence[str]) -> dict[str, float]:
    """Hold the confidence of the clusters of one half of the year against the other half."""
    said, came = [], []
    for theme in themes:
        monthly = pd.DataFrame(places.monthly(theme), columns=places.months)
        table = monthly.reindex(columns=months, fill_value=0)
        for read, later in ((months[:6], months[6:]), (months[6:], months[:6])):
            weights, then = (table[part].sum(axis=1).to_numpy() for part in (read, later))
            chosen = choose_parameters(places.frame, weights=weights)
            if chosen.eps is None or chosen.min_samples is None:
                continue
            same = {"eps": chosen.eps, "min_places": chosen.min_places, "longest": LONGEST}
            labels = hotspot_dbscan(places.frame, weights=weights, min_samples=chosen.min_samples, **same)
            if labels.max() < 0:
                continue
            found = cluster_confidence(
                places.frame,
                labels,
                weights=weights,
                monthly=table[read].to_numpy(),
                months=read,
                min_samples=chosen.min_samples,
                **same,
            )
            fewest = chosen.min_samples * then.sum() / weights.sum()
            again = hotspot_dbscan(places.frame, weights=then, min_samples=fewest, **same)
            said.append(found["confidence"].to_numpy())
            came.append(found_again(labels, again, weights.astype(float)))
    chance, true = np.concatenate(said), np.concatenate(came).astype(float)
    return {
        "clusters": len(chance),
        "said": float(chance.mean()),
        "found": float(true.mean()),
        "Brier score": float(np.mean((chance - true) ** 2)),
        "of the base rate": float(true.mean() * (1 - true.mean())),
    }


def gamma_signals(count: np.ndarray, false_alarm: float = 0.0027) -> np.ndarray:
    """Mark months outside the gamma limits that were used before: -1, 0 or 1."""
    n = count.shape[1]
    others = (count.sum(axis=1, keepdims=True) - count) / (n - 1)
    usual = np.maximum(count.mean(axis=1, keepdims=True), 1e-12)
    over = max(1.0, float(((count - usual) ** 2 / usual).sum()) / (len(count) * (n - 1))) * (1 + 1 / (n - 1))
    shape = np.maximum(others / over, 1e-12)
    low, high = (gammaincinv(shape, q) * over for q in (false_alarm / 2, 1 - false_alarm / 2))
    return np.where(count > high, 1, np.where(count < low, -1, 0))


def false_signals() -> dict[str, dict[str, float]]:
    """Say how many of 6,000 ordinary months, Poisson of mean 1.5, lie outside the limits; 0.27 % may."""
    count = np.random.default_rng(4).poisson(1.5, (500, 12)).astype(float)
    months = [f"2025-{month:02d}" for month in range(1, 13)]
    after = control_limits(pd.DataFrame(count, columns=months))["signal"]
    before = gamma_signals(count)
    return {
        "before": {"below": float((before < 0).mean()), "above": float((before > 0).mean())},
        "after": {"below": float(after.eq("below").mean()), "above": float(after.eq("above").mean())},
    }


def made_city(
    rng: np.random.Generator,
    *,
    areas: int,
    mean: float,
    months: list[str],
    truth: tuple[float, ...],
    season: float = 0,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Make monthly counts of areas whose true rates are log-normal, and give the rates."""
    excess, own, city, drift = truth
    time = np.array([int(month[5:]) for month in months])
    rate = mean * rng.lognormal(0, 1, areas)
    moved = np.exp(np.cumsum(rng.normal(0, np.sqrt(drift), (areas, len(months))), axis=1))
    shared = np.exp(rng.normal(0, np.sqrt(city), len(months)) + season * np.sin(2 * np.pi * time / 12))
    usual = rate[:, None] * moved * shared
    over = excess + own * usual
    drawn = rng.gamma(usual / over, over) if excess else usual
    codes = [f"E{number:08d}" for number in range(areas)]
    return pd.DataFrame(rng.poisson(drawn), index=codes, columns=months).astype(float), rate


def known_cities(cities: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Make every claim in cities whose truth is known, and say how often it was right, by size of area."""
    months = [str(month) for month in pd.period_range("2024-01", periods=24, freq="M")]
    year, later = months[:12], months[12:]
    halves = Periods(tuple(year[:6]), tuple(year[6:]), "")
    for size, (areas, mean) in SIZES.items():
        for name, truth in TRUTHS.items():
            rng = np.random.default_rng(5)
            found: dict[str, list[np.ndarray]] = {"range_95": [], "signals": [], "changes": []}
            for _ in range(cities):
                table, rate = made_city(rng, areas=areas, mean=mean, months=months, truth=truth)
                order = np.argsort(-rate)
                for what, flags in _claims(table, year, later, halves).items():
                    found[what].append(flags[order])
            ends = max(areas // 6, 3)
            said = {what: by_size(np.array(some), ends) for what, some in found.items()}
            yield f"{size}, {name}", said if not truth[3] else {"range_95": said["range_95"]}


def _claims(table: pd.DataFrame, year: list[str], later: list[str], halves: Periods) -> dict[str, np.ndarray]:
    usual = forecast_counts(fit_counts(table[year]), months=later).range()
    truth = table[later].sum(axis=1)
    odd = control_limits(table[year])["signal"].ne("").to_numpy().reshape(len(table), -1)
    return {
        "range_95": ((usual["low"] <= truth) & (truth <= usual["high"])).to_numpy(float),
        "signals": odd.mean(axis=1),
        "changes": (change_between(table[year], halves)["p"] < 0.05).to_numpy(float),
    }


def next_months(cities: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Say how often intervals of the next three months hold, of wards and of the city, by months read."""
    for read in (12, 24, 36):
        months = [str(month) for month in pd.period_range("2022-01", periods=read + 3, freq="M")]
        for season in (0.0, 0.3):
            for drift in (0.0, 0.002):
                rng, held = np.random.default_rng(6), {"ward": [], "city": []}
                for _ in range(cities):
                    truth = (0.5, 0.03, 0.005, drift)
                    wards, _ = made_city(rng, areas=18, mean=15, months=months, truth=truth, season=season)
                    for level, table in (("ward", wards), ("city", wards.sum().to_frame("CITY").T)):
                        held[level].append(_held(table, months))
                yield (
                    f"{read} months, season {season:g}, drift {drift:g}",
                    {level: round(float(np.mean(some)), 3) for level, some in held.items()},
                )


def _held(table: pd.DataFrame, months: list[str]) -> float:
    found = forecast_months({("any", "theme"): table[months[:-3]]})
    truth = table[months[-3:]].assign(**{"": table[months[-3:]].sum(axis=1)})
    seen = np.array([truth.loc[row.code, row.month] for row in found.itertuples()])
    return float(((found["low"] <= seen) & (seen <= found["high"])).mean())


def false_risks(tables: Tables, months: list[str], runs: int = 100) -> dict[str, float]:
    """Count emerging risks in a run when there can be none: months shuffled together, or series by series."""
    rng = np.random.default_rng(7)

    def count(shuffle: Callable[[pd.DataFrame], pd.DataFrame]) -> float:
        return float(
            np.mean(
                [
                    len(emerging_risks({k: shuffle(t) for k, t in tables.items()}, names={}))
                    for _ in range(runs)
                ]
            )
        )

    together = []
    for _ in range(runs):
        order = rng.permutation(len(months))
        mixed = {key: table.iloc[:, order].set_axis(months, axis=1) for key, table in tables.items()}
        together.append(len(emerging_risks(mixed, names={})))
    alone = count(lambda t: pd.DataFrame(rng.permuted(t.to_numpy(), axis=1), index=t.index, columns=months))
    return {"months shuffled together": float(np.mean(together)), "each series by itself": alone}


def print_changes_elsewhere(tables: Tables, months: list[str]) -> None:
    """Print the false changes of the other districts, and those of swapped months."""
    districts = other_districts()
    shuffled = {name: found["after"] for name, found in false_changes(districts, months).items()}
    print(json.dumps({"false changes elsewhere": over_districts(shuffled)}), flush=True)
    swapped = swapped_changes({**tables, **districts}, months)
    print(json.dumps({"swapped months": {k: v for k, v in swapped.items() if k.startswith("ward")}}))
    print(json.dumps({"swapped months elsewhere": over_districts(swapped)}), flush=True)


def main(cities: int = 200) -> None:
    """Print one JSON line for each figure."""
    warnings.simplefilter("error")
    areas = load_areas()
    counts, months = count_city(areas)
    tables = {key: table.astype(float) for key, table in monthly_tables(counts).items() if key[1] in THEMES}
    residents = {level: areas.level(level)["residents"] for level in ("ward", "lsoa")}
    for name, found in later_counts(tables, residents, months).items():
        print(json.dumps({"later counts": name, "found": found}), flush=True)
    for name, found in false_changes(tables, months).items():
        print(json.dumps({"false changes": name, "found": found}), flush=True)
    print(json.dumps({"false changes of made cities": false_changes_of_made_cities(tables, months)}))
    print_changes_elsewhere(tables, months)
    files = sorted(POLICE.glob("2025-*-derbyshire-street.csv.gz"))
    print(json.dumps({"shares again": shares_again(outcome_tables(files, areas))}), flush=True)
    places = fold_year(areas)
    print(json.dumps({"clusters found again": clusters_again(places, months, THEMES)}), flush=True)
    print(json.dumps({"false signals of Poisson(1.5)": false_signals()}), flush=True)
    print(json.dumps({"false emerging risks a run": false_risks(tables, months)}), flush=True)
    for name, said in known_cities(cities):
        print(json.dumps({"known cities": name, "found": said}), flush=True)
    for name, held in next_months(cities // 2):
        print(json.dumps({"next months": name, "found": held}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
