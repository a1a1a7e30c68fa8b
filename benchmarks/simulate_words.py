"""
Does "clearly", "beyond chance", "changed" or "emerging" hold? More claims about areas whose truth is known.

What `benchmarks.simulate_claims` leaves out: ranks by unequal denominators and the words
that go with their chances, changes that are told among many, zones beside wards, the
level of a city in the assessment, and local clusters of areas.

    python -m benchmarks.simulate_words [cities]
"""

from __future__ import annotations

import json
import sys
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.simulate_claims import MEANS, MONTHS, TRUTHS, WARDS, Held, gather, inside, made_city
from hotspots.months import Periods
from hotspots.pages.words import certainty
from hotspots.statistics.change import change_between
from hotspots.statistics.emerging import emerging_hotspots
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.limits import control_limits
from hotspots.statistics.localstats import local_gistar
from hotspots.statistics.neighbours import queen_neighbours
from hotspots.statistics.periods import usual_comparisons
from hotspots.statistics.predictive import fit_counts
from hotspots.statistics.ranking import rank_over_denominators

YEAR, NEXT = MONTHS[:12], MONTHS[12:24]
QUARTER = Periods(tuple(MONTHS[6:9]), tuple(MONTHS[9:12]), "")
#: Parts of a ward's incidents that lie in each zone of the user's.
ZONES = (0.3, 0.1, 0.05, 0.02)
SIDE = 8


def tops(rng: np.random.Generator, table: pd.DataFrame) -> Held:
    """Hold the chances of the top three, and the words for them, against the year that followed."""
    sizes = {
        name: pd.Series(rng.lognormal(9, 0.4, len(WARDS)), index=WARDS) for name in ("residents", "area")
    }
    year = table[YEAR]
    found = rank_over_denominators(
        year.sum(axis=1), denominators=sizes, monthly=year, draws=500, seed=int(year.iloc[0, 0])
    )
    held: Held = {}
    for name, size in sizes.items():
        top = (-table[NEXT].sum(axis=1) / size).rank(method="first").le(3).to_numpy(float)
        said = found[f"chance_by_{name}"].to_numpy()
        held[f"top three by {name}: said"], held[f"top three by {name}: came"] = said, top
        held[f"top three by {name}: Brier score"] = (said - top) ** 2
        if name == "residents":
            words = [certainty(*pair) for pair in zip(found["class"], said, strict=True)]
            for word in ("clearly", "very probably", "possibly", "probably not", "not"):
                flags = np.array([one == word for one in words])
                held[f'"{word}" among the top: said'], held[f'"{word}" among the top: came'] = (
                    said[flags],
                    top[flags],
                )
    return held


def told(table: pd.DataFrame) -> Held:
    """Make three wards half as busy again in the last quarter, and see which changes are told."""
    rose = table[YEAR].copy()
    some = rose.index[[0, 8, 17]]
    rose.loc[some, YEAR[9:]] = (1.5 * rose.loc[some, YEAR[9:]]).round()
    sure = change_between(rose, QUARTER)["q"].lt(0.05).to_numpy()
    false = ~rose.index.isin(some)
    return {
        "changes told, three wards risen by half: false ones (5 %)": np.array(
            [false[sure].sum() / max(sure.sum(), 1)]
        ),
        "changes told: of the three wards": sure[~false].astype(float),
    }


def zones(rng: np.random.Generator, table: pd.DataFrame) -> Held:
    """Cut four zones out of wards; learn from zones and wards, as the tables of zones do."""
    parts = [rng.binomial(table.iloc[row].to_numpy(int), part) for row, part in enumerate(ZONES)]
    own = pd.DataFrame(parts, index=[f"Z{row}" for row in range(len(ZONES))], columns=table.columns).astype(
        float
    )
    beside, codes = pd.concat([own, table])[YEAR], own.index
    changed = change_between(beside, QUARTER).loc[codes]
    limits = control_limits(beside)
    signal = limits.loc[limits["code"].isin(codes), "signal"].ne("").to_numpy(float)
    km2 = pd.Series(rng.uniform(0.2, 2.0, len(codes)), index=codes)
    ranked = rank_over_denominators(
        own[YEAR].sum(axis=1),
        denominators={"area": km2},
        default="area",
        monthly=own[YEAR],
        draws=500,
        seed=1,
    )
    later = (-own[NEXT].sum(axis=1) / km2).rank(method="first")
    top = later.le(3).to_numpy(float)
    return {
        "zones, change of a quarter: false alarms (5 %)": changed["p"].lt(0.05).to_numpy(float),
        "zones, change of a quarter: interval (95 %)": inside(1.0, changed["low"], changed["high"]),
        "zones, usual months: outside (0.27 %)": signal,
        "zones, range of ranks (95 %)": inside(later, ranked["rank_low"], ranked["rank_high"]),
        "zones, chance of the top three: Brier score": (ranked["p_top"].to_numpy() - top) ** 2,
    }


def assessed(table: pd.DataFrame) -> Held:
    """Say of the city alone, one series, whether it rose: a year and a quarter with a year before."""
    city = table[MONTHS[:24]].sum().to_frame("CITY").T
    held: Held = {}
    for periods in usual_comparisons(city.columns):
        found = change_between(city, periods)
        words = f"assessment, a theme over {len(periods.after)} months"
        held[f"{words}: false alarms (5 %)"] = found["p"].lt(0.05).to_numpy(float)
        held[f"{words}: interval (95 %)"] = inside(1.0, found["low"], found["high"])
    return held


def neighbourhoods(rng: np.random.Generator) -> Held:
    """Look for local clusters of areas, and for emerging ones, where every area has the same rate."""
    cells = [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)]
    frame = gpd.GeoDataFrame(
        {"code": [f"C{number:02d}" for number in range(len(cells))]}, geometry=cells, crs="EPSG:27700"
    ).set_index("code")
    near = queen_neighbours(frame)
    held: Held = {}
    for mean in (4.0, 0.4):
        count = rng.poisson(rng.gamma(mean / 0.5, 0.5, (len(cells), 12))).astype(float)
        monthly = pd.DataFrame(count, index=frame.index, columns=YEAR)
        gi = local_gistar(monthly.sum(axis=1), near, permutations=499, seed=1)
        series = emerging_hotspots(monthly, near)
        words = f"{mean:g} incidents a month in an area"
        held[f"Gi*, {words}: maps with any (5 %)"] = np.array([float((gi["q"] < 0.05).any())])
        held[f"emerging categories, {words}: areas with one"] = series["category"].ne("").to_numpy(float)
    return held


def lsoas(rng: np.random.Generator) -> Held:
    """Hold ranges, limits and changes of 152 small areas, busy and quiet ones together."""
    rate = 3.0 * rng.lognormal(-0.5, 1, 152)[:, None]
    count = rng.poisson(rng.gamma(rate / (0.5 + 0.03 * rate), 0.5 + 0.03 * rate, (152, 24))).astype(float)
    table = pd.DataFrame(count, columns=MONTHS[:24])
    year, truth = table[YEAR], table[NEXT].sum(axis=1)
    usual = forecast_counts(fit_counts(year), months=NEXT).range()
    changed = change_between(year, QUARTER)
    return {
        "LSOAs, range of the year to come (95 %)": inside(truth, usual["low"], usual["high"]),
        "LSOAs, usual months: outside (0.27 %)": control_limits(year)["signal"].ne("").to_numpy(float),
        "LSOAs, change of a quarter: false alarms (5 %)": changed["p"].lt(0.05).to_numpy(float),
        "LSOAs, change of a quarter: interval (95 %)": inside(1.0, changed["low"], changed["high"]),
    }


def main(cities: int = 200) -> None:
    """Print one JSON line for each figure."""
    warnings.simplefilter("error")
    for truth in TRUTHS:
        for size, mean in MEANS.items():

            def claims(number: int, truth: str = truth, mean: float = mean) -> Held:
                rng = np.random.default_rng([number, len(truth), int(mean), 2])
                table, _ = made_city(rng, truth, mean)
                return tops(rng, table) | told(table) | zones(rng, table) | assessed(table)

            for name, figures in gather(cities, claims).items():
                print(json.dumps({"city": f"{truth}, {size}", "claim": name, **figures}), flush=True)
    for one in (neighbourhoods, lsoas):
        for name, figures in gather(
            cities, lambda number, one=one: one(np.random.default_rng(number))
        ).items():
            print(json.dumps({"claim": name, **figures}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
