"""Searches beside what they bring to light, outcomes and ages of victims, against truths that are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from scipy.stats import binom
from square_city import months, wards
from statsmodels.stats.proportion import proportion_confint

from hotspots.geography.projection import HELMERT
from hotspots.statistics.footprint import (
    FEWEST_VICTIMS,
    RISE_FOLLOWS,
    find_footprint,
    outcome_shares,
    searches_beside,
    victim_bands,
)
from hotspots.statistics.shares import share_dispersion, share_interval

YEAR = months("2024-01", "2024-12")
CITY = SimpleNamespace(wards=wards(), area_code="E06000001", area_name="Square City")
FIRST, SECOND = CITY.wards.index[:2]


def grouped(n: int) -> pd.DataFrame:
    return pd.DataFrame({"all": np.ones(n, bool), "odd": np.arange(n) % 2 == 1})


def test_the_interval_is_statsmodels_own():
    n, of = np.array([0, 1, 7, 20, 3]), np.array([20, 20, 20, 20, 3])
    found = share_interval(n, of)
    low, high = proportion_confint(n, of, alpha=0.05, method="beta")
    np.testing.assert_allclose(found["low"], np.where(n == 0, 0, low), atol=1e-12)
    np.testing.assert_allclose(found["high"], np.where(n == of, 1, high), atol=1e-12)
    assert found["share"].tolist() == pytest.approx((n / of).tolist())


@given(of=st.integers(1, 120), share=st.floats(0.001, 0.999))
def test_whatever_the_true_share_the_interval_holds_it_at_least_as_often_as_it_says(of, share):
    """Every number that could be found, weighted by its chance: no simulation leaves a doubt."""
    found = share_interval(np.arange(of + 1), np.full(of + 1, of))
    held = (found["low"] <= share) & (share <= found["high"])
    assert binom.pmf(np.arange(of + 1), of, share)[held].sum() >= 0.95 - 1e-9


@given(of=st.integers(2, 120), dispersion=st.floats(1.01, 5))
def test_the_more_shares_vary_the_wider_their_interval(of, dispersion):
    n = np.arange(of + 1)
    sure, unsure = (share_interval(n, np.full(of + 1, of), dispersion=over) for over in (1.0, dispersion))
    assert (unsure["low"] <= sure["low"]).all() and (unsure["high"] >= sure["high"]).all()
    assert unsure["high"].iloc[0] > sure["high"].iloc[0]


def test_cases_that_end_two_by_two_vary_twice_as_much():
    rng = np.random.default_rng(1)
    pairs, of = rng.binomial(30, 0.3, (60, 12)), np.full((60, 12), 60)
    assert share_dispersion(2 * pairs, of) == pytest.approx(2, rel=0.1)
    assert share_dispersion(rng.binomial(60, 0.3, (60, 12)), of) == pytest.approx(1, rel=0.1)


def test_a_slow_move_of_all_shares_is_no_chance():
    rng = np.random.default_rng(2)
    share = np.linspace(0.4, 0.25, 12)
    assert share_dispersion(rng.binomial(60, share, (60, 12)), np.full((60, 12), 60)) < 1.1


def test_one_month_tells_nothing_of_how_shares_vary_so_the_interval_is_wide():
    alone = share_dispersion(np.array([[3.0]]), np.array([[10.0]]))
    assert alone == share_dispersion(np.zeros((2, 5)), np.zeros((2, 5))) > 4


def ended(outcome: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"month": YEAR[0], "outcome": outcome})


def test_outcomes_counted_by_hand():
    outcome = ended(["no suspect", "charged", "open", "", "no suspect", "other", "charged"])
    ward = np.array([0, 0, 0, 0, 1, 1, -1])
    found = outcome_shares(outcome, grouped(7), ward, CITY).set_index(["theme", "code", "outcome"])
    assert found.loc[("all", "E06000001", "no suspect"), ["crimes", "open", "n"]].tolist() == [6, 1, 2]
    assert found.loc[("all", "E06000001", "charged"), "share"] == pytest.approx(2 / 6)
    assert found.loc[("all", FIRST, "no suspect"), ["crimes", "open", "n"]].tolist() == [3, 1, 1]
    assert found.loc[("all", SECOND, "charged"), ["crimes", "n", "share", "low"]].tolist() == [2, 0, 0, 0]
    # Every other row, of which one has no outcome: 1 charged, 5 other.
    assert found.loc[("odd", "E06000001", "charged"), ["crimes", "n"]].tolist() == [2, 1]
    assert len(found.loc["all"]) == 2 * 3


def test_data_without_outcomes_and_ages_give_no_rows():
    blank = ended(["", ""]).assign(victim_age="")
    for one in (outcome_shares, victim_bands):
        assert one(blank, grouped(2), np.array([0, 1]), CITY).empty


def test_victims_of_two_ages_count_twice_and_few_are_not_told():
    ages = ["under 18"] * 6 + ["under 18;65 and over"] + ["across bands", ""]
    age = pd.DataFrame({"month": YEAR[0], "victim_age": ages})
    found = victim_bands(age, grouped(9)[["all"]], np.array([0] * 8 + [1]), CITY).set_index(["code", "band"])
    assert found.loc[(FIRST, "under 18"), ["known", "n"]].tolist() == [8, 7]
    assert found.loc[(FIRST, "under 18"), "share"] == pytest.approx(7 / 8)
    assert found.loc[(FIRST, "65 and over"), ["n", "share", "low", "high"]].isna().all()
    assert found["n"].dropna().ge(FEWEST_VICTIMS).all()
    assert SECOND not in found.index.get_level_values("code")


def made(rng: np.random.Generator, *, searches: float = 1.0, recorded: float = 1.0) -> list[pd.DataFrame]:
    """Make a year of 25 wards of which the first two rise by these factors in the last quarter."""
    tables = []
    for mean, factor in ((20.0, searches), (8.0, recorded)):
        rate = np.full((25, 12), mean)
        rate[:2, 9:] *= factor
        tables.append(pd.DataFrame(rng.poisson(rate), index=CITY.wards.index, columns=YEAR).astype(float))
    return tables


def flagged(seed: int, **rise: float) -> list[str]:
    found = searches_beside(*made(np.random.default_rng(seed), **rise))
    return found.index[found["note"].eq(RISE_FOLLOWS)].tolist()


def test_a_rise_follows_searches_where_both_were_made_to_rise():
    assert [flagged(seed, searches=3, recorded=4) for seed in range(5)] == [[FIRST, SECOND]] * 5


@pytest.mark.parametrize("rise", [{}, {"searches": 3}, {"recorded": 4}])
def test_where_one_alone_or_nothing_rose_nothing_is_said(rise):
    assert sum(len(flagged(seed, **rise)) for seed in range(5)) <= 1


def placed(wards_of: list[int], of_month: list[str], sought: list[str]) -> pd.DataFrame:
    """Put searches in the middles of wards; -1 far outside, -2 nowhere."""
    middle = CITY.wards.geometry.centroid
    x, y = np.append(middle.x, [0, 500_000]), np.append(middle.y, [0, 500_000])
    back = Transformer.from_crs(27700, 4326, always_xy=True)
    lon, lat = back.transform(x[wards_of], y[wards_of])
    nowhere = np.array(wards_of) == -2
    places = {"longitude": np.where(nowhere, np.nan, lon), "latitude": np.where(nowhere, np.nan, lat)}
    return pd.DataFrame({"month": of_month, "sought": sought, **places})


def incidents(wards_of: list[int], of_month: list[str], kind: list[str], code: list[str]) -> pd.DataFrame:
    codes = [CITY.wards.index[k] for k in wards_of]
    frame = {"month": of_month, "ward_code": codes, "crime_type": kind, "offence_code": code}
    return pd.DataFrame({**frame, "outcome": "", "victim_age": ""})


def test_searches_lie_beside_recorded_incidents_by_ward_and_month():
    searches = placed(
        [0, 0, 1, -1, -2, 0], ["2024-01", "2024-02", *["2024-01"] * 4], ["drugs"] * 5 + ["other"]
    )
    located = incidents(
        [0, 0, 1, 1, 1],
        ["2024-01", "2024-02", "2024-01", "2024-03", "2024-01"],
        ["Drugs", "Drug offences", "", "Drugs", "Burglary"],
        ["", "", "92E/1", "", "28/1"],
    )
    found = find_footprint(
        searches,
        located,
        grouped(5)[["all"]],
        CITY,
        months=["2024-01", "2024-02", "2024-03"],
        projection=HELMERT,
    )
    rows = found.searches.set_index(["sought", "code", "month"])
    assert rows.loc[("drugs", FIRST, "2024-01"), ["searches", "recorded"]].tolist() == [1, 1]
    assert rows.loc[("drugs", FIRST, ""), "searches"] == 2
    assert rows.loc[("drugs", SECOND, ""), ["searches", "recorded"]].tolist() == [1, 1]
    assert rows.loc[("drugs", "E06000001", ""), "searches"] == 3
    # No file of searches holds March: it is not a month without searches.
    assert "2024-03" not in rows.index.get_level_values("month")
    assert not found.outcomes.size and found.any
    assert "Files of searches hold 2 of 3 months" in found.warnings[0]
    assert "1 of 6 searches have no place" in found.warnings[1]


def test_searches_of_other_months_are_not_counted_and_that_is_said():
    located = incidents([0], ["2024-05"], ["Drugs"], [""])
    found = find_footprint(
        placed([0], ["2024-01"], ["drugs"]), located, grouped(1), CITY, months=["2024-05"], projection=HELMERT
    )
    assert not found.any and "other months" in found.warnings[0]


def test_a_rise_is_said_in_a_sentence_and_a_column():
    rng = np.random.default_rng(3)
    tables = made(rng, searches=3, recorded=4)
    rows = [
        [
            (k, month)
            for k, code in enumerate(table.index)
            for month in YEAR
            for _ in range(int(table.loc[code, month]))
        ]
        for table in tables
    ]
    searches = placed([k for k, _ in rows[0]], [m for _, m in rows[0]], ["weapons"] * len(rows[0]))
    n = len(rows[1])
    located = incidents(
        [k for k, _ in rows[1]], [m for _, m in rows[1]], ["Possession of weapons"] * n, [""] * n
    )
    shuffled = located.sample(frac=1, random_state=1), searches.sample(frac=1, random_state=2)
    found, again = (
        find_footprint(s, i, grouped(n)[["all"]], CITY, months=YEAR, projection=HELMERT)
        for i, s in ((located, searches), shuffled)
    )
    assert found.warnings == (
        "Recorded weapons rose beyond chance in Ward 0 and Ward 1, October to December 2024 against July to "
        "September 2024, and so did searches for weapons: the rise may be of policing, not of crime. The "
        "season may explain both: these are other months of the year.",
    )
    noted = found.searches[found.searches["note"].ne("") & found.searches["level"].eq("ward")]
    assert noted["code"].tolist() == [FIRST, SECOND] and noted["month"].eq("").all()
    pd.testing.assert_frame_equal(found.searches, again.searches)
