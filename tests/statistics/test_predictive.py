"""One model of monthly counts: what it learns, what it promises of other months."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_months import made_months, months_from

from hotspots.errors import ParameterError
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.predictive import fit_counts, mean_nearby

YEAR = months_from("2025-01", 12)


def learnt(seeds, **truth):
    parts = []
    for seed in seeds:
        table = made_months(np.random.default_rng(seed), months=YEAR, **truth)
        parts.append(dataclasses.asdict(fit_counts(table).variation))
    return {
        name: np.mean([part[name] for part in parts]) for name in ("excess", "own", "own_drift", "shared")
    }


def test_poisson_counts_are_taken_for_poisson():
    found = learnt(range(10), areas=152, mean=3.0, excess=0.0, own=0.0)
    assert found["excess"] < 0.05 and found["own"] < 0.005 and found["shared"] < 0.002


def test_the_parts_of_the_variance_are_found_again():
    found = learnt(range(30), areas=152, mean=3.0, excess=0.5, own=0.03, city=0.01)
    assert found["excess"] == pytest.approx(0.5, abs=0.1)
    assert found["own"] == pytest.approx(0.03, abs=0.012)
    assert found["shared"] == pytest.approx(0.01, abs=0.004)


def test_a_drift_is_told_from_what_each_month_does_alone():
    still = learnt(range(20), areas=100, mean=30.0, own=0.03)
    moving = learnt(range(20), areas=100, mean=30.0, own=0.03, drift=0.01)
    assert moving["own_drift"] == pytest.approx(0.01, abs=0.003)
    assert still["own_drift"] < 0.003


def test_the_dispersion_grows_with_the_mean():
    table = made_months(np.random.default_rng(1), areas=100, months=YEAR, mean=20.0, own=0.05)
    model = fit_counts(table)
    busy = model.mean > np.quantile(model.mean, 0.9)
    over = model.dispersion().to_numpy()
    assert over[busy].mean() > 2 * over[~busy].mean() > 2
    assert (model.dispersion(shared=False) <= model.dispersion() + 1e-12).all()


def test_incidents_that_come_one_at_a_time_show_no_excess():
    # One incident in a year differs from none by one, whatever the law.
    table = pd.DataFrame(np.eye(12), index=[f"A{n}" for n in range(12)], columns=YEAR)
    model = fit_counts(table)
    assert model.variation.excess == 0 and (model.dispersion() == 1).all()


def test_rows_with_few_incidents_are_drawn_towards_the_others_or_their_like():
    table = made_months(np.random.default_rng(2), areas=60, months=YEAR, mean=5.0, spread=0.3)
    table.iloc[0] = 0.0
    alone = fit_counts(table)
    assert 0 < alone.mean[0] < alone.mean[1:].min()
    like = pd.Series(1.0, table.index)
    like.iloc[0] = 0.1
    assert fit_counts(table, alike=like).mean[0] < alone.mean[0]


@given(st.permutations(range(8)), st.permutations(range(12)))
def test_neither_the_order_of_areas_nor_of_months_matters(rows, columns):
    table = made_months(np.random.default_rng(3), areas=8, months=YEAR)
    one = fit_counts(table)
    other = fit_counts(table.iloc[list(rows), list(columns)])
    again = pd.Series(other.mean, other.codes)[table.index]
    assert np.allclose(one.mean, again, rtol=1e-9)
    assert other.months == tuple(YEAR)


def test_two_years_show_a_season_and_one_does_not():
    rng = np.random.default_rng(4)
    long = made_months(rng, areas=18, months=months_from("2023-01", 36), mean=50, season=0.3, city=0.002)
    season = fit_counts(long).season
    wave = np.exp(0.3 * np.sin(2 * np.pi * np.arange(1, 13) / 12))
    assert np.corrcoef(season.factor, wave)[0, 1] > 0.95
    assert (fit_counts(long.iloc[:, :23]).season.factor == 1).all()


def test_a_season_that_is_only_chance_is_drawn_to_none():
    rng = np.random.default_rng(5)
    sizes = [
        fit_counts(
            made_months(rng, areas=18, months=months_from("2024-01", 24), mean=50, city=0.01)
        ).season.factor.std()
        for _ in range(10)
    ]
    assert np.mean(sizes) < 0.05


def test_a_table_without_any_incident_or_with_one_month_still_gives_a_model():
    empty = pd.DataFrame(0.0, index=["A", "B"], columns=YEAR)
    assert fit_counts(empty).mean.tolist() == [0.0, 0.0]
    one = pd.DataFrame([[3.0], [5.0]], index=["A", "B"], columns=["2025-01"])
    assert fit_counts(one).variation.freedom == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": ["2025-1", *YEAR[1:]]}, "2025-1.*YYYY-MM"),
        ({"data": np.full((2, 12), -1.0)}, "A has a month without a count of 0 or more"),
        ({"data": np.full((2, 12), np.nan)}, "A has a month without a count of 0 or more"),
    ],
)
def test_what_is_no_table_of_counts_is_named(change, message):
    given_ = {"data": np.ones((2, 12)), "index": ["A", "B"], "columns": YEAR} | change
    with pytest.raises(ParameterError, match=message):
        fit_counts(pd.DataFrame(**given_))


def test_rows_must_be_like_something():
    table = pd.DataFrame(1.0, index=["A", "B"], columns=YEAR)
    with pytest.raises(ParameterError, match="B is like none"):
        fit_counts(table, alike=pd.Series({"A": 1.0, "B": 0.0}))


def test_the_mean_nearby_counts_each_place_within_reach_once():
    xy = np.array([[0, 0], [100, 0], [1000, 0]], dtype=float)
    found = mean_nearby(xy, np.array([4.0, 0.0, 2.0]), radius=150)
    assert found.tolist() == pytest.approx([2.2, 2.2, 2.2])
    assert mean_nearby(xy, np.zeros(3), radius=150).tolist() == [1.0, 1.0, 1.0]


def test_ranges_hold_where_few_areas_drift():
    months = months_from("2025-01", 24)
    held = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        rate = 60 * rng.lognormal(0, 0.7, (12, 1)) * np.exp(np.cumsum(rng.normal(0, 0.03, (12, 24)), axis=1))
        table = pd.DataFrame(rng.poisson(rng.gamma(rate / 0.5, 0.5)).astype(float), columns=months)
        usual = forecast_counts(fit_counts(table[months[:12]]), months=months[12:]).range()
        truth = table[months[12:]].sum(axis=1)
        held.append(((usual["low"] <= truth) & (truth <= usual["high"])).mean())
    # The drift that is fitted is zero in half of these towns: taken for none, 0.90 would hold.
    assert np.mean(held) > 0.95 - 2 * np.sqrt(0.05 * 0.95 / 360)
