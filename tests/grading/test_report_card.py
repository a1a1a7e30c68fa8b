"""The report card: what earlier months said, judged by later ones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.grading.report_card import (
    FEWEST_MONTHS,
    grade_areas,
    grade_forecasts,
    grade_hotspots,
    graded_halves,
)
from hotspots.months import months_between

YEAR = months_between("2025-01", "2025-12")


def test_a_year_is_parted_in_halves():
    assert graded_halves(YEAR) == (YEAR[:6], YEAR[6:])
    assert graded_halves(YEAR[:11]) is None
    assert graded_halves(()) is None


def test_only_the_latest_run_without_a_gap_speaks():
    months = [*months_between("2023-01", "2024-06"), *months_between("2024-09", "2025-10")]
    earlier, later = graded_halves(months)
    assert (earlier[0], earlier[-1], later[0], later[-1]) == ("2024-09", "2025-03", "2025-04", "2025-10")
    assert len(earlier) * 2 >= FEWEST_MONTHS


def _city(seed: int = 4):
    """Two crowds of places and quiet ones between."""
    rng = np.random.default_rng(seed)
    crowds = [np.column_stack([rng.uniform(x, x + 200, 6), rng.uniform(0, 200, 6)]) for x in (0, 5000)]
    xy = np.vstack([*crowds, rng.uniform(0, 9000, (80, 2)) + np.array([0, 1000])])
    rate = np.array([12.0] * 12 + [0.3] * 80)
    places = gpd.GeoDataFrame(
        {"n": 1}, index=range(len(xy)), geometry=gpd.points_from_xy(*xy.T), crs="EPSG:27700"
    )
    return places, rng.poisson(rate[:, None] / 6, (92, 6)), rng.poisson(rate[:, None] / 6, (92, 6))


def test_hot_spots_that_stay_are_found_and_those_that_go_are_not():
    places, earlier, later = _city()
    stayed = grade_hotspots(places, earlier, later, theme="all", draws=50, seed=0).iloc[0]
    assert (stayed["found"], stayed["n"]) == (1.0, 2)
    assert stayed["said"] > 0.9
    assert stayed["score"] == pytest.approx((1 - stayed["said"]) ** 2, abs=0.02)
    moved = later.copy()
    moved[:12] = 0
    moved[12:18] = 20
    gone = grade_hotspots(places, earlier, moved, theme="all", draws=50, seed=0).iloc[0]
    assert gone["found"] == 0
    assert gone["score"] > 0.7


def test_no_hot_spot_gives_no_row():
    places, earlier, later = _city()
    assert grade_hotspots(places, earlier * 0, later, theme="all", draws=5, seed=0).empty
    assert grade_hotspots(places, earlier, later * 0, theme="all", draws=5, seed=0).empty


def _areas(seed: int, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2, 6, n)
    return pd.DataFrame(
        rng.poisson(rate[:, None], (n, 12)), columns=list(YEAR), index=[f"A{k:02d}" for k in range(n)]
    )


def _grade(monthly: pd.DataFrame) -> pd.DataFrame:
    found = grade_areas(
        monthly,
        (YEAR[:6], YEAR[6:]),
        exposure=pd.Series(1000.0, index=monthly.index),
        theme="all",
        level="ward",
        top=3,
        seed=1,
    )
    return found.set_index("kind")


def test_what_holds_on_steady_areas_is_graded_as_holding():
    many = [_grade(_areas(seed)) for seed in range(8)]
    inside = np.mean([card.loc["ranges", "found"] for card in many])
    assert 0.93 <= inside <= 1.0
    assert np.mean([card.loc["months", "found"] for card in many]) <= 0.005
    ranks = pd.DataFrame([card.loc["ranks", ["said", "found"]].astype(float) for card in many]).mean()
    assert ranks["found"] == pytest.approx(ranks["said"], abs=0.2)


def test_a_city_that_changed_shows_it():
    monthly = _areas(3)
    monthly.loc[:, list(YEAR[6:])] = monthly.iloc[::-1, 6:].to_numpy() * 4
    found = _grade(monthly)
    assert found.loc["ranges", "found"] < 0.5


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_the_order_of_areas_and_places_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    monthly = _areas(seed, 20)
    pd.testing.assert_frame_equal(
        _grade(monthly)[["found", "n"]].drop(index="ranks"),
        _grade(monthly.iloc[rng.permutation(20)])[["found", "n"]].drop(index="ranks"),
    )


def test_forecasts_are_graded_by_the_three_months_that_followed():
    from made_months import made_months

    table = made_months(np.random.default_rng(2), areas=18, months=list(YEAR), mean=20)
    row = grade_forecasts(table, theme="all", level="ward").iloc[0]
    # From nine months the last three, and from six the three before.
    assert (row["kind"], row["said"], row["n"]) == ("forecasts", 0.95, 2 * 3 * 18)
    assert row["found"] >= 0.9
    burst = table.copy()
    burst[list(YEAR[-3:])] *= 8
    assert grade_forecasts(burst, theme="all", level="ward").iloc[0]["found"] < 0.6
    assert grade_forecasts(table[list(YEAR[:8])], theme="all", level="ward").empty
