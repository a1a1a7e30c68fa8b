"""Emerging risks: a planted rise is found, chance and season are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_months import made_months, months_from

from hotspots.errors import ParameterError
from hotspots.statistics.rising import RISK_COLUMNS, emerging_risks

YEAR = months_from("2025-01", 12)


def city(seed, months=YEAR, **truth):
    rng = np.random.default_rng(seed)
    return {
        ("ward", "asb"): made_months(rng, areas=18, months=months, mean=20, **truth),
        ("lsoa", "asb"): made_months(rng, areas=150, months=months, mean=2, **truth),
        ("ward", "drugs"): made_months(rng, areas=18, months=months, mean=4, **truth),
    }


def test_a_planted_rise_is_found_with_the_month_it_began():
    tables = city(1)
    rng = np.random.default_rng(2)
    ward = tables["ward", "asb"]
    ward.loc["E00000003"] = [*rng.poisson(20, 9), *rng.poisson(70, 3)]
    found = emerging_risks(tables, names={"E00000003": "Third"})
    assert tuple(found.columns) == RISK_COLUMNS
    row = found[found["code"].eq("E00000003")].iloc[0]
    assert (row["theme"], row["level"], row["name"], row["since"]) == ("asb", "ward", "Third", "2025-10")
    assert row["observed"] == ward.loc["E00000003", YEAR[9:]].sum() and 40 < row["expected"] < 80
    assert row["p"] <= row["q"] < 0.1 and 25 < row["confirmed_at"] < 70


def test_false_alarms_are_fewer_than_one_in_ten_runs():
    alarms = [len(emerging_risks(city(seed, city=0.01), names={})) for seed in range(16)]
    assert np.mean(alarms) < 0.3


def test_a_season_or_a_rise_of_the_whole_city_is_no_risk_of_an_area():
    tables = city(3, season=-0.5)
    rng = np.random.default_rng(4)
    for table in tables.values():
        table[YEAR[9:]] = rng.poisson(1.5 * table[YEAR[9:]])
    assert len(emerging_risks(tables, names={})) <= 1


def test_a_theme_that_rises_in_the_whole_city_needs_the_year_before():
    months = months_from("2024-01", 24)
    rng = np.random.default_rng(5)
    tables = city(6, months=months, season=0.3, spread=0.3)
    for key in tables:
        if key[1] == "asb":
            tables[key][months[18:]] = rng.poisson(1.8 * tables[key][months[18:]])
    found = emerging_risks(tables, names={}, city=("E06", "Anytown"))
    whole = found[found["level"].eq("city")]
    assert whole[["theme", "code", "name", "since"]].to_numpy().tolist() == [
        ["asb", "E06", "Anytown", "2025-07"]
    ]
    short = emerging_risks({key: table[YEAR] for key, table in tables.items()}, names={}, city=("E06", "A"))
    assert not short["level"].eq("city").any()


def test_the_newest_come_first_and_the_order_of_rows_does_not_matter():
    tables = city(7)
    tables["ward", "asb"].loc["E00000001", YEAR[6:]] *= 4
    tables["ward", "drugs"].loc["E00000002", YEAR[11:]] += 60
    found = emerging_risks(tables, names={})
    assert found["since"].is_monotonic_decreasing and len(found) >= 2
    turned = {key: table.iloc[::-1, ::-1] for key, table in reversed(tables.items())}
    pd.testing.assert_frame_equal(found, emerging_risks(turned, names={}))


def test_six_months_are_too_few_to_tell_what_is_usual():
    tables = {key: table[YEAR[:6]] for key, table in city(8).items()}
    assert emerging_risks(tables, names={}).empty
    assert emerging_risks({}, names={}).empty


@pytest.mark.parametrize(
    ("options", "message"),
    [({"false_discovery": 5}, "false discovery rate is 5"), ({"windows": (0, 1)}, "A window holds no month")],
)
def test_faulty_words_are_named(options, message):
    with pytest.raises(ParameterError, match=message):
        emerging_risks({}, names={}, **options)
