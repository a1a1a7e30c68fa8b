"""
Does `hotspots compare` call a change what is none? Two folders of cities in which nothing changed.

Counts as each audience is shown them, by the rule that withholds and rounds; folders of a
year, of a quarter and of two months; and the hot spots of two years of the same rates.

    python -m benchmarks.simulate_folders [cities]
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks.simulate_claims import MEANS, MONTHS, TRUTHS, Held, gather, made_city
from benchmarks.simulate_clusters import SIDE
from benchmarks.simulate_clusters import city as made_places
from hotspots.audiences import policy_for
from hotspots.clusters.confidence import cluster_confidence
from hotspots.clusters.cutting import LONGEST
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.identity import identify, street_points
from hotspots.clusters.outlines import describe_clusters
from hotspots.clusters.parameters import choose_parameters
from hotspots.comparing.counts import APART, CHANGED, compare_counts, theme_spread
from hotspots.comparing.hotspots import KEPT, RENAMED, compare_hotspots
from hotspots.comparing.published import Published
from hotspots.comparing.ranks import compare_ranks
from hotspots.release.rounding import round_counts
from hotspots.release.withholding import SHOWN, CountTables, withhold
from hotspots.statistics.ranking import rank_over_denominators
from hotspots.statistics.totals import FEWEST_BESIDE

#: Months of the earlier folder and of the later one.
SPANS = {
    "a year": (MONTHS[:12], MONTHS[12:24]),
    "a quarter": (MONTHS[6:9], MONTHS[9:12]),
    "two months": (MONTHS[8:10], MONTHS[10:12]),
}
#: Incidents a month of a ward: between all and a rare theme, so that outsiders are shown some of the months.
SIZES = MEANS | {"some": 20.0}
#: Wards along either side of a made town of places, and places to a street.
ACROSS, TO_A_STREET = 4, 1.5


def shown_counts(table: pd.DataFrame, audience: str) -> tuple[pd.Series, pd.DataFrame]:
    """Give the whole and the months as an audience is shown them, NaN where withheld."""
    policy = policy_for(audience)
    month = table.to_numpy(int)
    ward = month.sum(axis=1)
    if not policy.minimum:
        return table.sum(axis=1), table
    none = np.zeros((len(ward), 0), dtype=bool)
    tables = CountTables(
        ward.sum(keepdims=True), ward[None], month[None], np.zeros((1, 0), dtype=int), none, none, none
    )
    states = withhold(tables, policy, monthly=np.ones(1, bool), fine=np.zeros(1, bool))
    whole = np.where(states.ward[0] == SHOWN, round_counts(ward, policy.base), np.nan)
    given = (states.month[0] == SHOWN) & states.monthly[0]
    by_month = np.where(given, round_counts(month, policy.base), np.nan)
    return pd.Series(whole, table.index), pd.DataFrame(by_month, table.index, table.columns)


def published(table: pd.DataFrame, audience: str) -> Published:
    """Set up what `compare` reads of a folder."""
    whole, months = shown_counts(table, audience)
    known = whole.dropna()
    full = months.dropna()
    ranked = rank_over_denominators(
        known,
        denominators={"residents": pd.Series(1000.0, index=known.index)},
        monthly=months.loc[known.index],
        beside=full if len(full) >= FEWEST_BESIDE else None,
        draws=500,
        seed=1,
    )
    rows = {"theme": "all", "level": "ward"}
    areas = pd.concat(
        [
            pd.DataFrame({**rows, "code": table.index, "name": table.index, "month": month, "count": count})
            for month, count in (
                ("", whole.to_numpy()),
                *((name, one.to_numpy()) for name, one in months.items()),
            )
        ]
    ).assign(vintage="ward_2023")
    standing = {name: ranked[name].to_numpy() for name in ("rank", "rank_low", "rank_high", "class")}
    priority = pd.DataFrame({**rows, "code": known.index, "name": known.index, **standing})
    record = {"period": {"months": list(table.columns)}, "audience": audience}
    return Published(Path(), record, {"areas": areas, "priority": priority})


def folders(table: pd.DataFrame) -> Held:
    """Compare folders of periods between which nothing changed."""
    held: Held = {}
    for audience in ("internal", "partner", "public"):
        for span, parts in SPANS.items():
            one, other = (published(table[months], audience) for months in parts)
            counts, ranks = compare_counts(one, other), compare_ranks(one, other)
            words = f"{audience}, {span}"
            told = counts["p"].lt(0.05).to_numpy(float)
            held[f"{words}: counts below 5 %"] = np.where(counts["p"].isna(), np.nan, told)
            held[f"{words}: pairs with any count told (5 %)"] = np.array(
                [float(counts["status"].eq(CHANGED).any())]
            )
            held[f"{words}: ranks told"] = ranks["status"].eq(CHANGED).to_numpy(float)
    return held


def hotspots(rng: np.random.Generator) -> Held:
    """Compare the hot spots of two years that the same rates brought."""
    places, hot = made_places(rng, total=5000, planted=True)
    xy = np.column_stack([places.geometry.x, places.geometry.y])
    street = rng.integers(0, SIDE, (int(len(places) / TO_A_STREET), 2))
    nearest = np.argmin(np.hypot(*(xy[:, None] - street).transpose(2, 0, 1)), axis=1)
    ward = (xy // (SIDE / ACROSS)).astype(int) @ [ACROSS, 1]
    places = places.assign(street=[f"Street {number}" for number in nearest], ward_code=ward.astype(str))
    rate = np.where(hot, 6.0, 1.0) * rng.gamma(0.8, 1 / 0.8, len(places))
    rate = (rate * 5000 / 12 / rate.sum())[:, None] * rng.gamma(100, 1 / 100, 24)
    monthly = rng.poisson(rng.gamma(rate / 0.3, 0.3))
    one, other = (_town(places, monthly[:, part], MONTHS[:24][part]) for part in (slice(12), slice(12, 24)))
    counts = compare_counts(one, other)
    found = compare_hotspots(one, other, spread=theme_spread(counts, one, other), kind=APART)
    stayed = found["found"].isin([KEPT, RENAMED]).to_numpy()
    changed = found["status"].eq(CHANGED).to_numpy(float)
    sure = found["confidence_before"].fillna(found["confidence_after"]).ge(0.95).to_numpy()
    return {
        "hot spots: new or gone, whether or not chance is named": (~stayed).astype(float),
        "hot spots: called new or gone (5 %)": changed * ~stayed,
        "hot spots: of those of 95 % confidence, called new or gone (5 %)": (changed * ~stayed)[sure],
        "hot spots kept: count said to have changed (5 %)": changed[stayed],
    }


def _town(places: gpd.GeoDataFrame, monthly: np.ndarray, months: list[str]) -> Published:
    """Find the hot spots of a year, as a run does, and set up what `compare` reads."""
    here = places.assign(n=monthly.sum(axis=1))
    areas = pd.DataFrame(monthly, columns=months).groupby(here["ward_code"].to_numpy()).sum()
    one = published(areas.astype(float), "internal")
    columns = ["theme", "cluster", "name", "n", "confidence", "part_of", "streets"]
    chosen = choose_parameters(here)
    if chosen.eps is None or chosen.min_samples is None:
        return Published(Path(), one.record, {**one.tables, "clusters": pd.DataFrame(columns=columns)})
    same = {"eps": chosen.eps, "min_samples": chosen.min_samples, "min_places": chosen.min_places}
    long = {**same, "longest": LONGEST}
    labels = hotspot_dbscan(here, **long)
    sure = cluster_confidence(
        here, labels, monthly=monthly, months=months, longest=LONGEST, draws=100, **same
    )
    described = describe_clusters(here, labels, eps=chosen.eps, confidence=sure)
    described = described.assign(cluster=described["order"].astype(str), part_of="")
    named = identify(described, street_points(here)).assign(theme="all")
    return Published(Path(), one.record, {**one.tables, "clusters": pd.DataFrame(named)[columns]})


def main(cities: int = 200) -> None:
    """Print one JSON line for each figure."""
    warnings.simplefilter("error")
    for truth in TRUTHS:
        for size, mean in SIZES.items():

            def claims(number: int, truth: str = truth, mean: float = mean) -> Held:
                rng = np.random.default_rng([number, len(truth), int(mean), 2])
                return folders(made_city(rng, truth, mean)[0])

            for name, figures in gather(cities, claims).items():
                print(json.dumps({"city": f"{truth}, {size}", "claim": name, **figures}), flush=True)
    towns = gather(cities, lambda number: hotspots(np.random.default_rng([number, 4])))
    for name, figures in towns.items():
        print(json.dumps({"claim": name, **figures}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
