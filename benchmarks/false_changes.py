"""
How often does an area "change" by chance alone? Months that are shuffled, swapped, or made.

Shuffling breaks what really moves: an area that was busy all summer has its summer
scattered over the year, and looks as if its months varied by chance. Swapping
neighbouring months at random leaves such movements on both sides alike. Both are done
for Derby's wards and for the eight other districts of Derbyshire, whose
neighbourhoods (MSOAs) no choice here was made from. Part of `benchmarks.claims`.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from benchmarks.bench_statistics import POLICE
from hotspots.months import Periods
from hotspots.statistics.change import change_between, rate_ratio
from hotspots.statistics.predictive import fit_counts

Tables = dict[tuple[str, str], pd.DataFrame]
SHUFFLES = 200
#: Districts of Derbyshire beside Derby, and the types of crime behind each theme of police.uk data.
DISTRICTS = (
    "Amber Valley",
    "Bolsover",
    "Chesterfield",
    "Derbyshire Dales",
    "Erewash",
    "High Peak",
    "North East Derbyshire",
    "South Derbyshire",
)
TYPES = {
    "all": None,
    "anti-social-behaviour": ("Anti-social behaviour",),
    "drugs-and-alcohol-misuse": ("Drugs",),
    "serious-youth-violence": ("Robbery", "Possession of weapons"),
}


def other_districts() -> Tables:
    """Count the incidents of the other districts by neighbourhood and month, from the codes in the files."""
    columns = ["Month", "LSOA name", "Crime type"]
    files = sorted(POLICE.glob("2025-*-derbyshire-street.csv.gz"))
    rows = pd.concat([pd.read_csv(file, usecols=columns) for file in files]).dropna(subset=["LSOA name"])
    # "Amber Valley 001A" lies in the MSOA "Amber Valley 001".
    rows = rows.assign(
        area=rows["LSOA name"].str[:-1], district=rows["LSOA name"].str.rsplit(" ", n=1).str[0]
    )
    found: Tables = {}
    for district in DISTRICTS:
        here = rows[rows["district"].eq(district)]
        areas, months = sorted(here["area"].unique()), sorted(here["Month"].unique())
        for theme, types in TYPES.items():
            some = here if types is None else here[here["Crime type"].isin(types)]
            table = some.groupby(["area", "Month"]).size().unstack(fill_value=0)
            found[district, theme] = table.reindex(index=areas, columns=months, fill_value=0).astype(float)
    return found


def pooled_change(table: pd.DataFrame, periods: Periods) -> np.ndarray:
    """Give p-values with one dispersion for all areas, as before."""
    squares, freedom = 0.0, 0
    for part in (periods.before, periods.after):
        count = table[list(part)].to_numpy(float)
        usual = count.mean(axis=1, keepdims=True)
        some = usual[:, 0] > 0
        squares += float(((count - usual)[some] ** 2 / usual[some]).sum())
        freedom += int(some.sum()) * (len(part) - 1)
    over = max(1.0, squares / freedom)
    before, after = (
        table[list(part)].sum(axis=1).to_numpy(float) / over for part in (periods.before, periods.after)
    )
    return rate_ratio(before, after)["p"].to_numpy()


def false_changes(tables: Tables, months: list[str]) -> dict[str, dict[str, dict[str, float]]]:
    """Say how often a ward "changed" when its months were only shuffled; 5 % is nominal."""
    rng = np.random.default_rng(3)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for (level, theme), table in tables.items():
        order = np.argsort(-table.sum(axis=1).to_numpy(), kind="stable")
        for length in (3, 6):
            periods = Periods(tuple(months[-2 * length : -length]), tuple(months[-length:]), "")
            alarms: dict[str, list[np.ndarray]] = {"before": [], "after": []}
            for _ in range(SHUFFLES):
                mixed = table.iloc[:, rng.permutation(len(months))].set_axis(months, axis=1)
                alarms["before"].append(pooled_change(mixed, periods)[order] < 0.05)
                alarms["after"].append(change_between(mixed, periods)["p"].to_numpy()[order] < 0.05)
            found[f"{level}, {theme}, {length} months"] = {
                name: by_size(np.array(some), 25 if level == "lsoa" else 3) for name, some in alarms.items()
            }
    return found


def false_changes_of_made_cities(tables: Tables, months: list[str], cities: int = 30) -> dict[str, float]:
    """
    Say how far the false changes of one shuffled year may lie from nominal by the luck of that year.

    Cities of Derby's means and fitted variance, each shuffled as the real one is: all shuffles
    share the twelve months of their city, so three wards are three series and not hundreds.
    """
    real = tables["ward", "all"]
    variation, rng = fit_counts(real, drift=False).variation, np.random.default_rng(2)
    usual = np.sort(real.mean(axis=1).to_numpy())[::-1, None]
    over = variation.excess + variation.own * usual
    periods = Periods(tuple(months[-6:-3]), tuple(months[-3:]), "")
    rates = []
    for _ in range(cities):
        table = rng.poisson(rng.gamma(usual / over, over, (len(usual), len(months)))).astype(float)
        shuffled = [
            pd.DataFrame(table[:, rng.permutation(len(months))], columns=months) for _ in range(cities)
        ]
        alarms = [change_between(one, periods)["p"].lt(0.05).to_numpy() for one in shuffled]
        rates.append([np.mean(alarms, axis=0)[:3].mean(), np.mean(alarms, axis=0)[-3:].mean()])
    mean, spread = np.mean(rates, axis=0), np.std(rates, axis=0, ddof=1)
    return {"busiest": mean[0], "spread": spread[0], "quietest": mean[1], "spread of quietest": spread[1]}


def over_districts(found: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Average over the other districts, with the standard error over them, by theme and length."""
    table = pd.DataFrame(found).T
    parts = table.index.str.split(", ", n=1)
    elsewhere = table[[part[0] in DISTRICTS for part in parts]]
    by_theme = elsewhere.groupby([part[1] for part in parts if part[0] in DISTRICTS])
    errors = by_theme.sem().add_suffix(": standard error")
    return dict(by_theme.mean().join(errors).round(4).T.to_dict())


def swapped_changes(tables: Tables, months: list[str]) -> dict[str, dict[str, float]]:
    """Say how often an area "changed" when each month was only swapped with its neighbour, or not."""
    found: dict[str, dict[str, float]] = {}
    for (level, theme), table in tables.items():
        if level == "lsoa":
            continue
        order = np.argsort(-table.sum(axis=1).to_numpy(), kind="stable")
        for length in (3, 6):
            periods = Periods(tuple(months[-2 * length : -length]), tuple(months[-length:]), "")
            alarms = []
            for start in range(0, len(months) - 2 * length + 1, 2):
                for column in _swaps(start, length, len(months)):
                    mixed = table.iloc[:, column].set_axis(months, axis=1)
                    alarms.append(change_between(mixed, periods)["p"].to_numpy()[order] < 0.05)
            found[f"{level}, {theme}, {length} months"] = by_size(np.array(alarms), 3)
    return found


def _swaps(start: int, length: int, months: int) -> list[list[int]]:
    """Deal neighbouring months out to two periods in every way; the other months come first."""
    ways = []
    for turns in itertools.product((0, 1), repeat=length - 1):
        # Either period may be called the earlier: the first pair keeps its order.
        first = [start + 2 * pair + turn for pair, turn in enumerate((0, *turns))]
        second = [start + 2 * pair + 1 - turn for pair, turn in enumerate((0, *turns))]
        ways.append([month for month in range(months) if month not in first + second] + first + second)
    return ways


def by_size(flags: np.ndarray, ends: int) -> dict[str, float]:
    """Average over the busiest, all and the quietest areas; flags are in order of size."""
    parts = {"busiest": flags[:, :ends], "all": flags, "quietest": flags[:, -ends:]}
    return {name: round(float(part.mean()), 4) for name, part in parts.items()}
