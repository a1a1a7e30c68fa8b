"""Seasons and forecasts, on simulated months whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_months import made_months, months_from

from hotspots.errors import ParameterError
from hotspots.statistics.seasons import FORECAST_COLUMNS, forecast_months, seasonal_adjustment


def coverage(months_read, *, season, drift, cities=15):
    """Share of intervals that hold the next three months, of wards and of the city."""
    months = months_from("2022-01", months_read + 3)
    rng = np.random.default_rng(1)
    held = {"ward": [], "city": []}
    for _ in range(cities):
        wards = made_months(rng, areas=18, months=months, season=season, drift=drift, city=0.005)
        city = wards.sum().to_frame("CITY").T
        tables = {("ward", "x"): wards[months[:-3]], ("city", "x"): city[months[:-3]]}
        found = forecast_months(tables)
        truth = pd.concat([wards, city])[months[-3:]]
        truth[""] = truth.sum(axis=1)
        seen = np.array([truth.loc[row.code, row.month] for row in found.itertuples()])
        inside = (found["low"] <= seen) & (seen <= found["high"])
        for level, some in held.items():
            some.append(inside[found["level"].eq(level)].mean())
    return {level: np.mean(some) for level, some in held.items()}


@pytest.mark.parametrize(
    ("months_read", "season", "drift"), [(24, 0.0, 0.0), (24, 0.3, 0.0), (24, 0.0, 0.002), (36, 0.3, 0.002)]
)
def test_intervals_of_the_next_months_hold_as_often_as_they_say(months_read, season, drift):
    held = coverage(months_read, season=season, drift=drift)
    assert held["ward"] == pytest.approx(0.95, abs=0.04) and held["city"] > 0.88


def test_with_one_year_the_intervals_allow_for_a_season_that_nobody_knows():
    assert coverage(12, season=0.0, drift=0.0)["ward"] > 0.93
    assert coverage(12, season=0.3, drift=0.0)["ward"] > 0.88


def test_adjustment_takes_the_season_out_and_leaves_the_rest():
    months = months_from("2022-01", 36)
    table = made_months(np.random.default_rng(2), areas=18, months=months, mean=100, season=0.4, own=0.0)
    found = seasonal_adjustment(table)
    city = found.groupby("month")[["count", "adjusted"]].sum()
    assert city["adjusted"].std() < 0.25 * city["count"].std()
    assert (found["adjusted"] * found["season"] - found["count"]).abs().max() < 1e-9
    first = found[found["code"].eq("E00000000")].set_index("month")["season"]
    wave = np.exp(0.4 * np.sin(2 * np.pi * (np.arange(36) % 12 + 1) / 12))
    assert np.corrcoef(first, wave)[0, 1] > 0.95


def test_the_season_is_the_citys_so_an_area_of_its_own_season_keeps_it():
    months = months_from("2022-01", 36)
    table = made_months(np.random.default_rng(3), areas=18, months=months, mean=100, spread=0.2, season=0.4)
    table.iloc[0] = 100.0
    own = seasonal_adjustment(table).query("code == 'E00000000'")["adjusted"]
    assert own.std() > 15


@pytest.mark.parametrize(
    ("months", "empty", "reason"),
    [
        (months_from("2024-01", 23), False, "too few months to tell a season (23; 24 needed)"),
        ([*months_from("2022-01", 12), *months_from("2023-02", 12)], False, "a month is missing"),
        (months_from("2022-01", 24), True, "a month without any incident"),
    ],
)
def test_no_season_is_told_without_two_unbroken_years(months, empty, reason):
    table = made_months(np.random.default_rng(4), areas=4, months=months)
    if empty:
        table.iloc[:, 3] = 0
    found = seasonal_adjustment(table)
    assert found["season"].isna().all() and found["reason"].str.startswith(reason).all()


def test_a_forecast_has_a_row_for_each_month_and_one_for_all():
    table = made_months(np.random.default_rng(5), areas=3, months=months_from("2024-11", 12))
    found = forecast_months({("ward", "asb"): table}, ahead=2)
    assert tuple(found.columns) == FORECAST_COLUMNS
    assert found.groupby("code")["month"].apply(list).iloc[0] == ["2025-11", "2025-12", ""]
    each = found[found["month"].ne("")].groupby("code")["expected"].sum()
    assert np.allclose(each, found[found["month"].eq("")].set_index("code")["expected"], rtol=0.05)
    assert found["reason"].str.contains("12; 24 needed").all()


def test_five_months_are_too_few_and_nothing_is_nothing():
    table = made_months(np.random.default_rng(6), areas=3, months=months_from("2025-01", 5))
    found = forecast_months({("ward", "asb"): table})
    assert found["expected"].isna().all() and found["reason"].eq("too few months (5; 6 needed)").all()
    assert forecast_months({}).empty


@pytest.mark.parametrize("ahead", [0, 13])
def test_a_forecast_reaches_one_to_twelve_months(ahead):
    with pytest.raises(ParameterError, match=f"forecast of {ahead} months"):
        forecast_months({}, ahead=ahead)
