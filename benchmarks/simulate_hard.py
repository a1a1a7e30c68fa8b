"""
Do the claims hold in cities that are not as the model takes them to be? Truth is known, and awkward.

Levels that drift or swing slowly, a season with a trend, bursts, neighbours that move
together, one ward with 60 % of all, three months or three years read, and 120 areas. And
does the report card's grade of half a year foretell how the run's own statements fare?

    python -m benchmarks.simulate_hard [cities]
"""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
import pandas as pd

from benchmarks.simulate_claims import (
    MEANS,
    MONTHS,
    WARDS,
    Held,
    emerging,
    forecasts,
    gather,
    inside,
    ranges,
    ranks,
)
from hotspots.grading.report_card import grade_areas
from hotspots.statistics.change import change_between
from hotspots.statistics.control import control_limits
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.periods import usual_comparisons
from hotspots.statistics.predictive import fit_counts
from hotspots.statistics.rates import rank_chances
from hotspots.statistics.rising import emerging_risks

#: What a city is like, and the relative variance by which it is so.
KINDS = {
    "drifts": 0.001,
    "drifts much": 0.003,
    "swings slowly": 0.01,
    "season and trend": 0.0,
    "bursts": 0.05,
    "neighbours together": 0.01,
    "one ward holds 60 %": 0.0,
}
Made = tuple[pd.DataFrame, np.ndarray, pd.DataFrame]
NUMBER = np.arange(len(MONTHS))


def made_city(rng: np.random.Generator, kind: str, mean: float, *, areas: int = len(WARDS)) -> Made:
    """Make 36 months of wards, the busiest first, the true rates, and the true level of each month."""
    size, part = (areas, len(MONTHS)), KINDS[kind]
    rate = np.sort(mean * rng.lognormal(-0.25, 0.7, areas))[::-1]
    level = np.zeros(size)
    if kind.startswith("drifts"):
        level = np.cumsum(rng.normal(0, np.sqrt(part), size), axis=1)
    elif kind == "swings slowly":
        level = _swing(rng, size, part)
    elif kind == "season and trend":
        level = np.broadcast_to(0.25 * np.sin(2 * np.pi * NUMBER / 12) + 0.01 * NUMBER, size)
    elif kind == "bursts":
        level = np.log(2.0) * (rng.random(size) < part)
    elif kind == "neighbours together":
        level = np.repeat(_swing(rng, (areas // 6, len(MONTHS)), part), 6, axis=0)[rng.permutation(areas)]
    else:
        rate[0] = 1.5 * rate[1:].sum()
    true = rate[:, None] * np.exp(level)
    usual = true * rng.gamma(1 / 0.002, 0.002, len(MONTHS))
    over = 0.7 + 0.0045 * usual
    count = rng.poisson(rng.gamma(usual / over, over)).astype(float)
    index = WARDS if areas == len(WARDS) else range(areas)
    return pd.DataFrame(count, index=index, columns=MONTHS), rate, pd.DataFrame(true, columns=MONTHS)


def _swing(rng: np.random.Generator, size: tuple[int, int], part: float) -> np.ndarray:
    """Let a level come back to what is usual: four fifths of a month's are left in the next."""
    steps = rng.normal(0, np.sqrt(part * (1 - 0.8**2)), size)
    level = np.zeros(size)
    level[:, 0] = steps[:, 0] / np.sqrt(1 - 0.8**2)
    for month in range(1, size[1]):
        level[:, month] = 0.8 * level[:, month - 1] + steps[:, month]
    return level


def graded(table: pd.DataFrame) -> Held:
    """Set the grades of the report card, from a year, beside what the year's own statements came to."""
    year, later = table[MONTHS[:12]], MONTHS[12:24]
    people = pd.Series(1000.0, index=year.index)
    halves = MONTHS[:6], MONTHS[6:12]
    card = grade_areas(year, halves, exposure=people, theme="all", level="ward", top=3, seed=1)
    card = card.set_index("kind")
    model = fit_counts(year)
    usual = forecast_counts(model, months=later).range()
    truth = table[later].sum(axis=1)
    chance = rank_chances(forecast_counts(model, months=later, shared=False).draw(500, seed=1))[:, :3]
    top = (-truth).rank(method="first").le(3).to_numpy(float)
    came = np.mean((chance.sum(axis=1) - top) ** 2)
    return {
        "report card, ranges: found": np.array([card["found"]["ranges"]]),
        "report card, ranges: the year's own": np.array([inside(truth, usual["low"], usual["high"]).mean()]),
        "report card, ranks: Brier score": np.array([card["score"]["ranks"]]),
        "report card, ranks: the year's own": np.array([came]),
    }


def short_and_long(rng: np.random.Generator, kind: str, mean: float) -> Held:
    """Make claims from three months, from three years, and of 120 areas."""
    table, _, true = made_city(rng, kind, mean)
    few, many = table[MONTHS[:3]], table[MONTHS[:33]]
    held: Held = {}
    for words, read, later in (
        ("three months read", few, MONTHS[3:6]),
        ("33 months read", many, MONTHS[33:]),
    ):
        usual = forecast_counts(fit_counts(read), months=later).range()
        held[f"{words}: range of the quarter to come (95 %)"] = inside(
            table[later].sum(axis=1), usual["low"], usual["high"]
        )
    signal = control_limits(many)["signal"].ne("").to_numpy().reshape(len(many), -1)
    held["33 months read: usual months, outside (0.27 %)"] = signal.mean(axis=1)
    quarter = usual_comparisons(many.columns)[-1]
    found = change_between(many, quarter)
    before, after = (true[list(part)].sum(axis=1) for part in (quarter.before, quarter.after))
    held["33 months read: change on a year before, interval (95 %)"] = inside(
        after / before, found["low"], found["high"]
    )
    wide, rate, _ = made_city(rng, kind, mean, areas=120)
    usual = forecast_counts(fit_counts(wide[MONTHS[:12]]), months=MONTHS[12:24]).range()
    ok = inside(wide[MONTHS[12:24]].sum(axis=1), usual["low"], usual["high"])
    held["120 areas: range of the year to come (95 %)"] = ok
    held["120 areas, the 20 busiest: the same"] = ok[np.argsort(-rate)[:20]]
    risks = emerging_risks({("ward", "any"): wide[MONTHS[:24]]}, names={}, city=("CITY", "the whole"))
    held["120 areas: emerging, false alarms a run"] = np.array([float(len(risks))])
    return held


def main(cities: int = 200) -> None:
    """Print one JSON line for each figure."""
    warnings.simplefilter("error")
    for kind in KINDS:
        for size, mean in MEANS.items():

            def claims(number: int, kind: str = kind, mean: float = mean) -> Held:
                rng = np.random.default_rng([number, list(KINDS).index(kind), int(mean), 5])
                table, rate, _ = made_city(rng, kind, mean)
                held = graded(table) | short_and_long(rng, kind, mean)
                for claim in (ranges, forecasts, ranks, emerging):
                    held |= claim(table, rate)
                return held

            for name, figures in gather(cities, claims).items():
                print(json.dumps({"city": f"{kind}, {size}", "claim": name, **figures}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
