"""What is said over time: from released counts alone, blank where a month is withheld."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_months import made_months, months_from

from hotspots.months import Periods
from hotspots.release.over_time import likest_wards, over_time
from hotspots.schema import NATIONAL_GRID, columns
from hotspots.statistics.counts import Counts

MONTHS = months_from("2024-01", 24)
N = 12


def city():
    """Twelve squares of 1 km2 in a row, the same as wards and as LSOAs."""
    boxes = [shapely.box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(N)]

    def level(name):
        frame = {
            "name": [f"{name} {i}" for i in range(N)],
            "level": name,
            "vintage": f"{name}_made",
            "area_km2": 1.0,
            "residents": np.linspace(1000.0, 3000.0, N),
            "households": 500.0,
        }
        codes = pd.Index([f"{name[0].upper()}{i:02d}" for i in range(N)], name="code")
        return gpd.GeoDataFrame(frame, geometry=boxes, index=codes, crs=NATIONAL_GRID)

    layers = {name: level(name) for name in ("ward", "lsoa")}
    return SimpleNamespace(
        level=layers.__getitem__, wards=layers["ward"], area_code="E1", area_name="Madeup", **{}
    )


def counted(monthly, areas=None):
    """Hold one table of monthly counts as those of wards and of LSOAs, as all incidents."""
    frames = [
        (areas or city()).level(name).drop(columns="geometry").reset_index() for name in ("ward", "lsoa")
    ]
    table = np.concatenate([monthly.to_numpy()] * 2)
    count = np.concatenate([table.sum(axis=1, keepdims=True), table], axis=1)[None]
    return Counts.exact(["all"], pd.concat(frames, ignore_index=True), MONTHS, count)


def steady(seed=1):
    return made_months(np.random.default_rng(seed), areas=N, months=MONTHS, mean=40, spread=0.3)


def found(monthly, named=None):
    areas = city()
    return over_time(counted(monthly, areas), areas, themes=["all"], months=MONTHS, named=named)


@pytest.fixture(scope="module")
def steadily():
    return found(steady())


def test_two_years_are_compared_as_years_and_quarters_with_the_city_and_three_wards_beside(steadily):
    table = steadily["comparisons"]
    assert tuple(table.columns) == columns("comparisons")
    assert table["comparison"].unique().tolist() == [
        "2024-01..2024-12 2025-01..2025-12",
        "2024-10..2024-12 2025-10..2025-12",
    ]
    year = table[table["comparison"].str.startswith("2024-01")].set_index("code")
    assert year["before"].sum() * year["city_change"].iloc[0] == pytest.approx(
        year["after"].sum() * 366 / 365
    )
    assert (year["city_low"] < year["city_change"]).all() and (year["city_change"] < year["city_high"]).all()
    like = steadily["similar"].query("code == 'W00'")["similar_code"].tolist()
    assert len(like) == 3
    assert year.loc["W00", "similar_before"] == year.loc[like, "before"].sum()


def test_named_periods_come_first_and_are_not_said_twice():
    named = Periods(tuple(MONTHS[:6]), tuple(MONTHS[12:18]), "the periods named")
    table = found(steady(), named)["comparisons"]
    assert table["comparison"].unique()[0] == "2024-01..2024-06 2025-01..2025-06"
    year = Periods(tuple(MONTHS[:12]), tuple(MONTHS[12:]), "x")
    usual = found(steady(), Periods(year.before, year.after, "the periods named"))["comparisons"]
    assert not usual.duplicated(["comparison", "theme", "code"]).any()


def test_a_rise_is_listed_with_what_would_confirm_it():
    monthly = steady()
    monthly.iloc[3, -1] *= 5
    table = found(monthly)["emerging"]
    assert tuple(table.columns) == columns("emerging")
    first = table[table["code"].isin(["W03", "L03"])].iloc[0]
    assert first["since"] == "2025-12" and first["confirmed_in"] == "2026-01"
    assert first["expected"] < first["confirmed_at"] < first["observed"]


def test_the_next_months_are_told_of_every_ward_and_of_the_whole(steadily):
    table = steadily["forecasts"]
    assert tuple(table.columns) == columns("forecasts")
    assert sorted(table["month"].unique()) == ["", "2026-01", "2026-02", "2026-03"]
    assert set(table["level"]) == {"ward", "city"} and len(table) == (N + 1) * 4
    assert (table["low"] <= table["expected"]).all() and (table["expected"] <= table["high"]).all()
    assert (table["reason"] == "").all()


def test_an_area_with_a_withheld_month_takes_no_part_and_the_whole_is_not_told():
    monthly = steady()
    monthly.iloc[5, 7] = np.nan
    out = found(monthly)
    assert "W05" not in set(out["comparisons"]["code"]) | set(out["forecasts"]["code"])
    assert out["comparisons"][["city_change", "city_low", "city_high"]].isna().all(axis=None)
    assert set(out["forecasts"]["level"]) == {"ward"}
    beside = out["similar"][out["similar"]["similar_code"].eq("W05")]["code"]
    assert len(beside)
    mine = out["comparisons"][out["comparisons"]["code"].isin(beside)]
    assert mine["similar_before"].isna().all()


def test_the_same_counts_in_another_order_of_areas_say_the_same(steadily):
    areas = city()
    counts = counted(steady(), areas)
    order = np.random.default_rng(2).permutation(len(counts.areas))
    mixed = Counts.exact(
        ["all"], counts.areas.iloc[order].reset_index(drop=True), MONTHS, counts.count[:, order]
    )
    again = over_time(mixed, areas, themes=["all"], months=MONTHS, named=None)
    for name, table in steadily.items():
        pd.testing.assert_frame_equal(again[name], table)


def test_one_month_says_nothing_over_time():
    areas = city()
    out = over_time(counted(steady(), areas), areas, themes=["all"], months=MONTHS[:1], named=None)
    assert all(out[name].empty for name in ("comparisons", "emerging", "forecasts"))


def test_wards_that_no_table_of_deprivation_knows_are_compared_by_what_is_known():
    table = likest_wards(city().wards)
    assert len(table) == 3 * N and table.query("code == 'W00' and place == 1")["similar_code"].item() == "W01"
