"""
Is each interval and each chance as sure as it says? Cities whose truth is known, and nothing tuned to them.

Monthly counts of 18 wards are negative binomial around rates that are known:
mild, as the months of Derby's wards vary (fitted to 2025), and rough, with months
that the city shares and wards that differ in how much they vary. Nothing drifts, so
that what is said of later months can be held against what the same rates then bring.

    python -m benchmarks.simulate_claims [cities]
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.simulate_clusters import city as made_places
from hotspots.clusters.confidence import cluster_confidence, found_again
from hotspots.clusters.cutting import LONGEST
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.parameters import choose_parameters
from hotspots.months import Periods
from hotspots.statistics.change import change_between
from hotspots.statistics.footprint import searches_beside
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.limits import control_limits
from hotspots.statistics.periods import compare_periods, usual_comparisons
from hotspots.statistics.predictive import fit_counts
from hotspots.statistics.ranking import rank_over_denominators
from hotspots.statistics.rising import emerging_risks
from hotspots.statistics.scan import prospective_scan, spatial_scan
from hotspots.statistics.seasons import forecast_months
from hotspots.statistics.shares import share_dispersion, share_interval

#: Excess, own, shared, and how far wards differ in how much they vary: see `_variation.Variation`.
TRUTHS = {"mild": (0.7, 0.0045, 0.002, 0.0), "rough": (0.7, 0.02, 0.01, 0.4)}
#: Mean incidents a month of a ward: as of all incidents, and of a rare theme.
MEANS = {"all": 150.0, "rare": 4.0}
MONTHS = [str(month) for month in pd.period_range("2023-01", periods=36, freq="M")]
WARDS = [f"W{number:02d}" for number in range(18)]
#: Busiest and quietest wards that are looked at by themselves.
ENDS = 3

Held = dict[str, np.ndarray]


def made_city(rng: np.random.Generator, truth: str, mean: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Make 36 months of 18 wards, the busiest first, and the true rates."""
    excess, own, shared, differ = TRUTHS[truth]
    rate = np.sort(mean * rng.lognormal(-0.25, 0.7, len(WARDS)))[::-1]
    each = rng.lognormal(-(differ**2) / 2, differ, (len(WARDS), 1))
    usual = rate[:, None] * rng.gamma(1 / shared, shared, len(MONTHS))
    over = np.maximum(each * (1 + excess + own * usual) - 1, 1e-6)
    count = rng.poisson(rng.gamma(usual / over, over)).astype(float)
    return pd.DataFrame(count, index=WARDS, columns=MONTHS), rate


def ranges(table: pd.DataFrame, _rate: np.ndarray) -> Held:
    """Hold 95 % ranges, limits of usual months and false changes against the truth, ward by ward."""
    year, later = table[MONTHS[:12]], MONTHS[12:24]
    usual = forecast_counts(fit_counts(year), months=later).range()
    truth = table[later].sum(axis=1)
    quarter = Periods(tuple(MONTHS[6:9]), tuple(MONTHS[9:12]), "")
    found = change_between(year, quarter)
    signal = control_limits(year)["signal"].ne("").to_numpy().reshape(len(table), -1).mean(axis=1)
    return {
        "range of the year to come (95 %)": inside(truth, usual["low"], usual["high"]),
        "usual months: outside (0.27 %)": signal,
        "change of a quarter: false alarms (5 %)": found["p"].lt(0.05).to_numpy(float),
        "change of a quarter: interval (95 %)": inside(1.0, found["low"], found["high"]),
    }


def years(table: pd.DataFrame, _rate: np.ndarray) -> Held:
    """Hold the comparison of two years, of a true rise by half too, with the city's interval."""
    two = table[MONTHS[:24]]
    year = usual_comparisons(two.columns)[:1]
    found = compare_periods({("ward", "any"): two}, year)
    rose = two.copy()
    rose[MONTHS[12:24]] = np.random.default_rng(int(two.iloc[0, 0])).binomial(
        two[MONTHS[12:24]].to_numpy(int) * 2, 0.75
    )
    half = compare_periods({("ward", "any"): rose}, year)
    return {
        "year on year: interval (95 %)": inside(1.0, found["low"], found["high"]),
        "year on year, risen by half: interval (95 %)": inside(1.5, half["low"], half["high"]),
        "year on year, all wards: interval (95 %)": inside(1.0, found["city_low"], found["city_high"])[:1],
    }


def forecasts(table: pd.DataFrame, _rate: np.ndarray) -> Held:
    """Hold the ranges of the next three months, from one year and from two."""
    held = {}
    for number, words in ((12, "one year"), (24, "two years")):
        read, later = table[MONTHS[:number]], MONTHS[number : number + 3]
        tables = {("ward", "any"): read, ("city", "any"): read.sum().to_frame("CITY").T}
        found = forecast_months(tables).set_index(["level", "code", "month"])
        seen = table[later].assign(**{"": table[later].sum(axis=1)})
        seen.loc["CITY"] = seen.sum()
        truth = pd.Series([seen.loc[code, month] for _, code, month in found.index], index=found.index)
        ok = pd.Series(inside(truth, found["low"], found["high"]), index=found.index)
        wards = ok["ward"].groupby("code").mean().reindex(WARDS)
        held[f"months to come, from {words} (95 %)"] = wards.to_numpy()
        held[f"months to come, all wards, from {words} (95 %)"] = ok["city"].to_numpy()
    return held


def ranks(table: pd.DataFrame, _rate: np.ndarray) -> Held:
    """Hold the chance of the top three and the range of ranks against the ranks of the year that followed."""
    people = pd.Series(1000.0, index=WARDS)
    year = table[MONTHS[:12]]
    found = rank_over_denominators(
        year.sum(axis=1), denominators={"residents": people}, monthly=year, draws=500, seed=1
    )
    truth = (-table[MONTHS[12:24]].sum(axis=1)).rank(method="first")
    top = truth.le(3).to_numpy(float)
    return {
        "range of ranks (95 %)": inside(truth, found["rank_low"], found["rank_high"]),
        "chance of the top three: said": found["p_top"].to_numpy(),
        "chance of the top three: came": top,
        "chance of the top three: Brier score": (found["p_top"].to_numpy() - top) ** 2,
    }


def emerging(table: pd.DataFrame, _rate: np.ndarray) -> Held:
    """Count what is said to emerge where nothing does, from two years; below 1 a run may."""
    found = emerging_risks({("ward", "any"): table[MONTHS[:24]]}, names={}, city=("CITY", "the whole"))
    return {"emerging: false alarms a run": np.array([float(len(found))])}


def footprints(rng: np.random.Generator) -> Held:
    """Say where recorded drugs and searches both rose, where both, one or neither did in three wards."""
    held: Held = {}
    for name, factors in {"neither": (1, 1), "searches alone": (2, 1), "both": (2, 2)}.items():
        tables = []
        for mean, factor in zip((12.0, 6.0), factors, strict=True):
            rate = np.sort(mean * rng.lognormal(-0.25, 0.7, len(WARDS)))[::-1, None] * np.ones(12)
            rate[:ENDS, 9:] *= factor
            over = 0.7 + 0.01 * rate
            count = rng.poisson(rng.gamma(rate / over, over)).astype(float)
            tables.append(pd.DataFrame(count, index=WARDS, columns=MONTHS[:12]))
        noted = searches_beside(*tables)["note"].ne("").to_numpy()
        held[f"a rise follows searches, {name} doubled in three wards: said there"] = noted[:ENDS].astype(
            float
        )
        held[f"a rise follows searches, {name}: said of the others"] = noted[ENDS:].astype(float)
    return held


def outcomes(rng: np.random.Generator) -> Held:
    """Say whether the interval of a share holds the truth, where cases end alone and where together."""
    held: Held = {}
    for words, same in {"alone": 0.0, "as one in six of the last": 1 / 6, "as one in three": 1 / 3}.items():
        share = rng.choice([0.02, 0.08, 0.3, 0.7], (4, len(WARDS)))
        of = np.sort(rng.lognormal(4, 1.5, share.shape).astype(int) + 1, axis=1)[:, ::-1]
        cells = [
            ended_cases(rng, cases, true, same) for cases, true in zip(of.ravel(), share.ravel(), strict=True)
        ]
        n, crimes = (np.array(part) for part in zip(*cells, strict=True))
        over = share_dispersion(n, crimes)
        found = share_interval(n.sum(axis=1), of.ravel().astype(float), dispersion=over)
        flags = inside(share.ravel(), found["low"], found["high"]).reshape(share.shape)
        held[f"share of an outcome, cases end {words}: interval (95 %)"] = flags.mean(axis=0)
        held[f"share of an outcome, cases end {words}: dispersion"] = np.array([over])
    return held


def ended_cases(
    rng: np.random.Generator, cases: int, share: float, same: float
) -> tuple[np.ndarray, np.ndarray]:
    """Let the cases of a year end, some as the one before did; count ends and cases by month."""
    batch = np.cumsum(rng.random(cases) >= same)
    ended = rng.random(batch[-1] + 1)[batch] < share
    month = np.sort(rng.integers(0, 12, cases))
    return np.bincount(month, ended, minlength=12), np.bincount(month, minlength=12).astype(float)


def scans(rng: np.random.Generator) -> Held:
    """Say whether a map without any circle raises an alarm at 5 %, of the period and of the last months."""
    side, draws = 8, 199
    xy = 500.0 * np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    rate = np.full((side**2, 1), 4.0)
    monthly = pd.DataFrame(
        rng.poisson(rng.gamma(rate / 0.5, 0.5, (side**2, 12))).astype(float), columns=MONTHS[:12]
    )
    over = fit_counts(monthly).dispersion(shared=False)
    people = pd.Series(1000.0, index=monthly.index)
    whole = spatial_scan(monthly.sum(axis=1), expected=people, xy=xy, dispersion=over, draws=draws)
    last = prospective_scan(monthly, xy=xy, dispersion=over, draws=draws)
    return {
        "scan: maps with a false circle (5 %)": np.array([float((whole["p"] < 0.05).any())]),
        "scan of the last months: the same (5 %)": np.array([float((last["p"] < 0.05).any())]),
    }


def clusters(rng: np.random.Generator) -> Held:
    """Hold the confidence of clusters against as long a period that the same rates bring."""
    places, hot = made_places(rng, total=5000, planted=True)
    rate = np.where(hot, 6.0, 1.0) * rng.gamma(0.8, 1 / 0.8, len(places))
    rate *= 5000 / rate.sum()
    monthly = rng.poisson(rate[:, None] / 12, (len(places), 12))
    now, later = monthly.sum(axis=1), rng.poisson(rate)
    chosen = choose_parameters(places, weights=now)
    if chosen.eps is None or chosen.min_samples is None:
        return {}
    same = {"eps": chosen.eps, "min_places": chosen.min_places, "longest": LONGEST}
    labels = hotspot_dbscan(places, weights=now, min_samples=chosen.min_samples, **same)
    if labels.max() < 0:
        return {}
    said = cluster_confidence(
        places, labels, weights=now, monthly=monthly, min_samples=chosen.min_samples, draws=100, **same
    )["confidence"].to_numpy()
    fewest = chosen.min_samples * later.sum() / now.sum()
    again = hotspot_dbscan(places, weights=later, min_samples=fewest, **same)
    came = found_again(labels, again, now.astype(float)).astype(float)
    return {
        "confidence of clusters: said": said,
        "confidence of clusters: came": came,
        "confidence of clusters: Brier score": (said - came) ** 2,
    }


def inside(truth: object, low: pd.Series, high: pd.Series) -> np.ndarray:
    """Mark where a truth lies between two ends; NaN where there is no range."""
    ends = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    found = (ends[0] <= np.asarray(truth)) & (np.asarray(truth) <= ends[1])
    return np.where(np.isnan(ends[0]) | np.isnan(ends[1]), np.nan, found)


def gather(cities: int, claim: Callable[[int], Held]) -> dict[str, dict[str, float | None]]:
    """Make a claim in every city; by wards give the busiest, all and the quietest."""
    held: dict[str, list[np.ndarray]] = {}
    for number in range(cities):
        for name, flags in claim(number).items():
            held.setdefault(name, []).append(flags)
    found: dict[str, dict[str, float | None]] = {}
    for name, parts in held.items():
        by_ward = len({len(part) for part in parts}) == 1 and len(parts[0]) == len(WARDS)
        flags = np.array(parts) if by_ward else np.concatenate(parts)
        groups = (
            {"busiest": flags[:, :ENDS], "all": flags, "quietest": flags[:, -ENDS:]}
            if by_ward
            else {"all": flags}
        )
        found[name] = {
            key: round(float(np.nanmean(part)), 4) if np.isfinite(part).any() else None
            for key, part in groups.items()
        }
        found[name]["n"] = int(np.isfinite(flags).sum())
    return found


def main(cities: int = 200) -> None:
    """Print one JSON line for each figure."""
    warnings.simplefilter("error")
    for truth in TRUTHS:
        for size, mean in MEANS.items():

            def claims(number: int, truth: str = truth, mean: float = mean) -> Held:
                table, rate = made_city(np.random.default_rng([number, len(truth), int(mean)]), truth, mean)
                held: Held = {}
                for claim in (ranges, years, forecasts, ranks, emerging):
                    held |= claim(table, rate)
                return held

            for name, figures in gather(cities, claims).items():
                print(json.dumps({"city": f"{truth}, {size}", "claim": name, **figures}), flush=True)
    for one in (scans, clusters, footprints, outcomes):
        for name, figures in gather(
            cities, lambda number, one=one: one(np.random.default_rng(number))
        ).items():
            print(json.dumps({"claim": name, **figures}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
