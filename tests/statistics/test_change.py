"""What changed between two periods: false alarms as said, in busy and quiet areas alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_months import made_months, months_from
from scipy.stats import binomtest

from hotspots.errors import ParameterError
from hotspots.months import Periods
from hotspots.statistics.change import change_between, rate_ratio

YEAR = months_from("2025-01", 12)
QUARTERS = Periods(tuple(YEAR[6:9]), tuple(YEAR[9:]), "")
HALVES = Periods(tuple(YEAR[:6]), tuple(YEAR[6:]), "")


@pytest.mark.parametrize("periods", [QUARTERS, HALVES])
@pytest.mark.parametrize("own", [0.0, 0.05])
def test_false_alarms_are_at_most_five_in_a_hundred_in_busy_and_quiet_wards_alike(periods, own):
    rng = np.random.default_rng(1)
    busy, quiet = [], []
    # `make simulate` draws hundreds of cities; these are enough to see a rule that is wrong.
    for _ in range(48):
        table = made_months(rng, areas=18, months=YEAR, mean=20, excess=0.5, own=own)
        alarm = change_between(table, periods)["p"].to_numpy() < 0.05
        order = np.argsort(-table.sum(axis=1).to_numpy())
        busy.append(alarm[order[:3]].mean())
        quiet.append(alarm[order[-3:]].mean())
    most = 0.05 + 2 * np.sqrt(0.05 * 0.95 / (3 * 48))
    assert np.mean(busy) <= most and np.mean(quiet) <= most


def test_a_true_doubling_is_found_and_lies_in_its_interval():
    rng = np.random.default_rng(2)
    found, held = [], []
    for _ in range(30):
        table = made_months(rng, areas=18, months=YEAR, mean=30, spread=0.3)
        table.loc["E00000000", YEAR[6:]] = rng.poisson(2 * table.loc["E00000000", YEAR[:6]].mean(), 6)
        row = change_between(table, HALVES).loc["E00000000"]
        found.append(row["p"] < 0.05)
        held.append(row["low"] < 2 < row["high"])
    assert np.mean(found) > 0.9 and np.mean(held) > 0.9


def test_counts_tell_as_little_as_poisson_ones_divided_by_their_dispersion():
    table = made_months(np.random.default_rng(3), areas=30, months=YEAR, mean=20)
    found = change_between(table, HALVES)
    before, after = (found[name].to_numpy() / found["dispersion"].to_numpy() for name in ("before", "after"))
    plain = rate_ratio(before, after, days_before=181, days_after=184)
    for name in ("change", "low", "high", "p"):
        assert np.allclose(found[name], plain[name])


def test_the_ratio_of_two_poisson_counts_is_exact():
    # Clopper and Pearson by hand: scipy's binomial interval turned into odds.
    found = rate_ratio(np.array([30.0]), np.array([45.0])).iloc[0]
    interval = binomtest(45, 75).proportion_ci(0.95, method="exact")
    assert found["change"] == 1.5
    assert found["low"] == pytest.approx(interval.low / (1 - interval.low))
    assert found["high"] == pytest.approx(interval.high / (1 - interval.high))
    assert found["p"] == pytest.approx(2 * binomtest(45, 75, alternative="greater").pvalue)


def test_a_change_that_nothing_bounds_has_no_upper_end():
    # As of 5 and 7 incidents where counts vary five hundred times as much as chance alone.
    found = rate_ratio(np.array([0.01]), np.array([0.014])).iloc[0]
    assert found["change"] == pytest.approx(1.4) and np.isnan(found["high"]) and found["low"] < 1e-9


def test_a_change_of_the_whole_city_is_no_chance_of_it():
    rng = np.random.default_rng(4)
    table = made_months(rng, areas=18, months=YEAR, mean=60)
    table[YEAR[6:]] = rng.poisson(1.5 * table[YEAR[6:]])
    assert (change_between(table, HALVES)["low"] > 1).mean() > 0.6


def test_single_months_learn_from_the_areas():
    pair = Periods(("2025-01",), ("2025-02",), "")
    table = made_months(np.random.default_rng(5), areas=40, months=YEAR[:2], mean=20, excess=1.0, own=0)
    found = change_between(table, pair)
    assert 1.3 < found["dispersion"].median() < 4
    few = change_between(table.iloc[:6], pair)
    assert (
        few["p"].isna().all()
        and few["reason"].eq("too few months and areas to tell how much incidents vary by chance").all()
    )


def test_nothing_before_and_nothing_at_all_say_so():
    table = made_months(np.random.default_rng(6), areas=20, months=YEAR)
    table.iloc[0] = 0
    table.loc["E00000001", YEAR[:6]] = 0
    found = change_between(table, HALVES)
    assert found["reason"].iloc[0] == "no incident in either period" and found["p"].iloc[0] == 1
    assert found["reason"].iloc[1] == "no incident in the earlier period"
    assert np.isnan(found["high"].iloc[1]) and found["low"].iloc[1] > 1


def test_nothing_to_compare_says_why():
    table = made_months(np.random.default_rng(7), areas=5, months=YEAR)
    found = change_between(table, Periods((), (), "too few months: nothing to compare with"))
    assert found["change"].isna().all() and found["reason"].str.startswith("too few months").all()


@pytest.mark.parametrize(
    ("periods", "options", "message"),
    [
        (Periods(("2024-12",), ("2025-01",), ""), {}, "2024-12 is not in the table"),
        (Periods(("2025-01",), ("2025-01",), ""), {}, "2025-01 is in both periods"),
        (HALVES, {"confidence": 95}, "confidence is 95"),
    ],
)
def test_faulty_words_are_named(periods, options, message):
    table = pd.DataFrame(np.ones((12, 12)), columns=YEAR)
    with pytest.raises(ParameterError, match=message):
        change_between(table, periods, **options)


def test_months_that_all_wards_share_are_chance_too():
    rng = np.random.default_rng(8)
    alarms = []
    for _ in range(60):
        table = made_months(rng, areas=18, months=YEAR, mean=150, spread=0.3, own=0.0, city=0.03)
        alarms.append((change_between(table, HALVES)["p"] < 0.05).mean())
    # Wards rise and fall together, so cities are what is counted.
    assert np.mean(alarms) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)
