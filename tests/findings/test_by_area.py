"""Area results and ranking: a toy city of four areas whose figures a hand can check."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.findings.by_area import _beside, area_results, rank_all
from hotspots.findings.combination import combined_weights, left_out_of_combination
from hotspots.schema import NATIONAL_GRID, columns
from hotspots.settings import Settings
from hotspots.statistics.counts import Counts

MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
CODES = ("A", "B", "C", "D")
#: Incidents a month: A is busiest, B grows from 5 to 15 halfway, D has none.
MONTHLY = {"A": (40,) * 6, "B": (5,) * 3 + (15,) * 3, "C": (4,) * 6, "D": (0,) * 6}
SETTINGS = Settings(permutations=99, top=1)


def city(residents=(1000.0, 1000.0, 2000.0, 1000.0)):
    """Four squares of 1 km2 in a row, the same as wards and as LSOAs."""
    boxes = [shapely.box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(4)]

    def level(name):
        columns = {
            "name": [f"{name} {code}" for code in CODES],
            "level": name,
            "vintage": f"{name}_2023",
            "area_km2": 1.0,
            "residents": residents,
            "households": np.array(residents) / 2,
        }
        return gpd.GeoDataFrame(columns, geometry=boxes, index=list(CODES), crs=NATIONAL_GRID)

    return SimpleNamespace(level={name: level(name) for name in ("ward", "lsoa")}.__getitem__)


def long(monthly):
    """Give the long table of counts: all incidents, and drugs as every second of them."""
    rows = [
        (level, f"{level} {code}", code, theme, month, count // share)
        for level in ("ward", "lsoa")
        for theme, share in (("all", 1), ("drugs", 2))
        for code, counts in monthly.items()
        for month, count in [*zip(MONTHS, counts, strict=True), ("", sum(counts))]
    ]
    table = pd.DataFrame(rows, columns=["level", "name", "code", "theme", "month", "count"])
    counts = Counts.from_long(table, months=MONTHS)
    return counts.with_sum("combined", {level: ["drugs"] for level in ("ward", "lsoa")})


def found(monthly=MONTHLY, areas=None, options=SETTINGS):
    areas = areas or city()
    counts = long(monthly)
    ranking = rank_all(counts, areas, themes=["drugs"], combined=["drugs"], settings=options)
    results = area_results(counts, ranking, areas, themes=["all", "drugs"], months=MONTHS, settings=options)
    return ranking, results


def wards(frame, theme):
    return frame[frame["level"].eq("ward") & frame["theme"].eq(theme)].set_index("code")


@pytest.fixture(scope="module")
def toy():
    return found()


def test_counts_shares_and_rates_by_hand(toy):
    got = wards(toy[1], "all")
    assert got["count"].tolist() == [240, 60, 24, 0]
    assert got["share"].tolist() == pytest.approx([240 / 324, 60 / 324, 24 / 324, 0])
    # Half a year was read, and rates are for a year.
    assert got["rate_per_1000"].tolist() == [480, 120, 24, 0]
    assert got["rate_per_km2"].tolist() == [480, 120, 48, 0]
    assert got["name"].tolist() == [f"ward {code}" for code in CODES]


def test_change_compares_the_last_three_months_with_the_three_before(toy):
    got = wards(toy[1], "all").loc["B"]
    # 45 in April to June (91 days), 15 in January to March (90 days).
    assert got["change"] == pytest.approx(3 * 90 / 91)
    # Four wards and six months are too few to tell how counts vary by chance: no interval, no verdict.
    assert np.isnan([got["change_low"], got["change_high"], got["change_q"]]).all()
    assert np.isnan(wards(toy[1], "all").loc["D", "change"])


def test_one_row_per_theme_level_and_area_and_the_ranks_are_those_of_the_ranking(toy):
    ranking, results = toy
    assert len(results) == 2 * 2 * 4
    assert not results.duplicated(["theme", "level", "code"]).any()
    assert tuple(ranking.columns) == columns("priority")
    both = results.merge(ranking, on=["theme", "level", "code"], suffixes=("", "_ranked"))
    assert len(both) == 16
    for name in ("rank", "rank_low", "rank_high", "p_top"):
        assert both[name].tolist() == both[f"{name}_ranked"].tolist()


def test_the_busiest_area_ranks_first_and_clearly(toy):
    ranked = wards(toy[0], "drugs")
    assert ranked.index.tolist() == ["A", "B", "C", "D"]
    assert ranked["rank"].tolist() == [1, 2, 3, 4]
    assert ranked.loc["A", "class"] == "priority"
    assert ranked["verdict"].iloc[0].startswith("Clearly at the top")
    assert ranked["rate_per_1000"].tolist() == pytest.approx([240, 60, 12, 0], abs=1e-9)


def test_an_area_of_unknown_residents_is_unranked_and_leaves_the_others_as_they_are():
    ranking, results = found(areas=city((1000.0, np.nan, 2000.0, 1000.0)))
    ranked = wards(ranking, "drugs")
    assert np.isnan(ranked.loc["B", "rank"]) and ranked.loc["B", "class"] == ""
    assert ranked.loc[["A", "C", "D"], "rank"].tolist() == [1, 2, 3]
    got = wards(results, "all")
    assert np.isnan(got.loc["B", "rate_per_1000"]) and got.loc["B", "rate_per_km2"] == 120
    assert got["count"].tolist() == [240, 60, 24, 0]


def test_nobody_knows_the_residents_of_any_area():
    ranking, results = found(areas=city((np.nan,) * 4))
    # Then areas are ranked by their number of incidents, and nothing is given per resident.
    for _, ranked in ranking[ranking["theme"].eq("all")].groupby("level"):
        assert ranked.sort_values("rank")["count"].is_monotonic_decreasing
        assert ranked["rank"].equals(ranked["rank_by_count"])
    for column in ("rank_by_residents", "rank_by_households", "rate_per_1000", "shrunk_rate"):
        assert ranking[column].isna().all()
    assert ranking["verdict"].str.contains("by count").any()
    assert wards(results, "all")["share"].sum() == pytest.approx(1)


def test_a_theme_without_incidents_has_no_share_and_no_rank():
    results = found(dict.fromkeys(CODES, (0,) * 6))[1]
    assert results["share"].isna().all() and results["count"].eq(0).all()
    assert results["change"].isna().all()


@settings(max_examples=10)
@given(st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any))
def test_shares_sum_to_one(counts):
    monthly = {code: (n,) * 6 for code, n in zip(CODES, counts, strict=True)}
    results = found(monthly, options=Settings(permutations=0, top=1))[1]
    sums = results[results["theme"].eq("all")].groupby("level")["share"].sum()
    assert sums.tolist() == pytest.approx([1, 1])


#: Hardly to be told apart, so that chance decides who is at the top.
CLOSE = {"A": (9,) * 6, "B": (8,) * 6, "C": (7,) * 6, "D": (6,) * 6}


def test_seed_and_top_are_used():
    close = city((1000.0,) * 4)
    ranking = found(CLOSE, close)[0]
    assert found(CLOSE, close)[0].equals(ranking)
    other = found(CLOSE, close, Settings(permutations=99, top=1, seed=1))[0]
    assert not other["p_top"].equals(ranking["p_top"])
    assert other[["code", "count", "rank"]].equals(ranking[["code", "count", "rank"]])
    assert wards(ranking, "drugs")["p_top"].sum() == pytest.approx(1)
    three = found(CLOSE, close, Settings(permutations=99, top=3))[0]
    assert wards(three, "drugs")["p_top"].sum() == pytest.approx(3)


def test_weights_of_the_combination_sum_to_one():
    counts = long(MONTHLY)
    assert combined_weights(counts, [], {}) == {}
    assert combined_weights(counts, ["all", "drugs"], {}) == {"all": 0.5, "drugs": 0.5}
    weighted = combined_weights(counts, ["all", "drugs"], {"all": 3, "drugs": 1})
    assert weighted == {"all": 0.75, "drugs": 0.25}


def test_a_theme_that_is_too_rare_to_be_combined_is_named():
    # 6 of drugs, where 10 are needed.
    counts = long({"A": (3,) * 4 + (0, 0), "B": (0,) * 6, "C": (0,) * 6, "D": (0,) * 6})
    assert left_out_of_combination(counts, ["all", "drugs"], {}) == (
        "The combined ranking of the wards leaves out drugs: it has 6 incidents, fewer than the 10 needed.",
        "The combined ranking of the LSOAs leaves out drugs: it has 6 incidents, fewer than the 10 needed.",
    )
    assert left_out_of_combination(counts, ["drugs"], {}) == ()
    assert left_out_of_combination(counts, ["all", "drugs"], {"all": 1}) == ()
    assert left_out_of_combination(long(MONTHLY), ["all", "drugs"], {}) == ()


def test_where_months_are_withheld_wards_of_the_theme_or_else_of_all_incidents_tell_how_counts_vary():
    codes, months = [f"W{number}" for number in range(8)], list(MONTHS)
    every = pd.DataFrame(20.0, index=codes, columns=months)
    some, few = (every.head(number).reindex(codes) for number in (6, 5))
    tables = {"all": every, "some": some, "few": few}
    wards = SimpleNamespace(monthly=tables.__getitem__)
    known = {slug: _beside(wards, pd.Series(dtype=float), slug, [months[0]])[""] for slug in tables}
    assert list(known["some"].index) == codes[:6]
    assert list(known["few"].index) == list(known["all"].index) == codes
    assert list(known["some"].columns) == months[1:]
    both = _beside(wards, {"some": pd.Series(dtype=float), "few": pd.Series(dtype=float)}, "combined", [])
    assert {slug: len(table) for slug, table in both.items()} == {"some": 6, "few": 8}
