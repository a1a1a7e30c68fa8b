"""Ranking: shrinkage, chance, denominators, combination, words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.schema import RANKING_COLUMNS
from hotspots.statistics.combining import theme_weights
from hotspots.statistics.ranking import (
    DEFAULT_DENOMINATOR,
    combine_themes,
    prepare_ranking,
    rank_areas,
    rank_over_denominators,
)
from hotspots.statistics.verdicts import verdict

CODES = [f"W{number:02d}" for number in range(18)]
RESIDENTS = pd.Series(np.linspace(9000, 17000, 18), index=CODES)


def series(values: list[float] | np.ndarray) -> pd.Series:
    return pd.Series(values, index=CODES[: len(values)], dtype=float)


def city(seed: int, *, rate: float = 0.02, spread: float = 0.4) -> tuple[pd.Series, pd.Series]:
    """Give true rates and counts of 18 areas."""
    rng = np.random.default_rng(seed)
    true = pd.Series(rng.gamma(1 / spread**2, rate * spread**2, 18), index=CODES)
    return true, series(rng.poisson(true * RESIDENTS))


def test_a_clear_order_is_found_and_certain() -> None:
    counts = series(np.arange(18, 0, -1) * 400)
    even = pd.Series(10_000.0, index=CODES)
    found = rank_areas(counts, exposure=even)
    assert found["rank"].tolist() == list(range(1, 19))
    assert found["class"].tolist() == ["priority"] * 3 + ["no"] * 15
    np.testing.assert_allclose(found["rate"], counts / 10_000)
    np.testing.assert_allclose(found["shrunk_rate"], found["rate"], rtol=0.05)
    assert found["score"].iloc[0] == pytest.approx(found["shrunk_rate"].iloc[0] / (counts.sum() / 180_000))
    assert tuple(found.columns) == RANKING_COLUMNS
    assert found["reason"].eq("").all()


def test_small_areas_are_drawn_to_the_city() -> None:
    # One incident among 20 residents is a rate of 50 per 1,000, and no evidence.
    counts = series([1] + [200] * 16 + [330])
    exposure = pd.Series([20.0] + [10_000.0] * 17, index=CODES)
    found = rank_areas(counts, exposure=exposure)
    assert found["rate"].idxmax() == "W00"
    assert found["rank"].idxmin() == "W17"
    assert found.loc["W00", "shrunk_rate"] < 0.03
    assert found.loc["W00", "rank_high"] - found.loc["W00", "rank_low"] >= 10


def test_equal_areas_cannot_be_told_apart() -> None:
    found = rank_areas(series([100] * 18), exposure=pd.Series(1000.0, index=CODES))
    assert found["rank"].tolist() == list(range(1, 19))
    assert found["p_top"].between(0.1, 0.24).all()
    assert not found["class"].eq("priority").any()
    assert (found["rank_high"] - found["rank_low"]).min() >= 14


def test_chances_add_up_to_k_and_intervals_hold_the_rank() -> None:
    for k in (1, 3, 5):
        found = rank_areas(city(4)[1], exposure=RESIDENTS, k=k)
        assert found["p_top"].sum() == pytest.approx(k)
        assert (found["rank_low"] <= found["rank_high"]).all()


@settings(max_examples=15)
@given(st.integers(0, 500), st.sampled_from([0.001, 1000.0]))
def test_order_of_rows_and_units_change_nothing_that_is_said(seed: int, unit: float) -> None:
    _, counts = city(seed)
    first = rank_areas(counts, exposure=RESIDENTS)
    scaled = rank_areas(counts, exposure=RESIDENTS * unit)
    assert first["rank"].equals(scaled["rank"])
    np.testing.assert_allclose(first["p_top"], scaled["p_top"], atol=0.01)
    turned = rank_areas(counts.iloc[::-1], exposure=RESIDENTS).reindex(CODES)
    assert first["rank"].equals(turned["rank"])
    np.testing.assert_allclose(first["p_top"], turned["p_top"], atol=0.08)


def test_seeds_repeat_and_draws_matter() -> None:
    counts = city(1)[1]
    first, again, other = (rank_areas(counts, exposure=RESIDENTS, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert (first["p_top"] != other["p_top"]).any()
    assert (
        rank_areas(counts, exposure=RESIDENTS, draws=10)["p_top"].mul(10).mod(1).round(6).isin([0, 1]).all()
    )


def test_intervals_of_the_rank_hold_the_truth_at_their_rate() -> None:
    # 80 cities of 18 areas: the share of true ranks inside the 95 % intervals.
    inside = []
    for seed in range(80):
        true, counts = city(seed, rate=0.003)
        found = rank_areas(counts, exposure=RESIDENTS, draws=400, seed=seed)
        rank = true.rank(ascending=False)
        inside.append(((found["rank_low"] <= rank) & (rank <= found["rank_high"])).mean())
    assert 0.93 <= np.mean(inside) <= 0.99


def test_p_top_means_what_it_says() -> None:
    said, came_true = [], []
    for seed in range(80):
        true, counts = city(seed, rate=0.001)
        found = rank_areas(counts, exposure=RESIDENTS, draws=400, seed=seed)
        said.append(found["p_top"])
        came_true.append(true.rank(ascending=False) <= 3)
    said, came_true = pd.concat(said), pd.concat(came_true)
    for low, high in [(0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)]:
        group = (said >= low) & (said < high)
        assert came_true[group].mean() == pytest.approx(said[group].mean(), abs=0.08)


@pytest.mark.parametrize(
    ("counts", "exposure", "reason"),
    [
        (series([0] * 18), RESIDENTS, "too few incidents (0; 10 needed)"),
        (series([1] + [0] * 17), RESIDENTS, "too few incidents (1; 10 needed)"),
        (series([500]), RESIDENTS, "too few areas (1; more than 3 needed)"),
        (series([500] * 3), RESIDENTS, "too few areas (3; more than 3 needed)"),
        (series([]), RESIDENTS, None),
    ],
)
def test_too_few_is_said(counts: pd.Series, exposure: pd.Series, reason: str | None) -> None:
    for found in (rank_areas(counts, exposure=exposure), combine_themes({"a": counts}, exposure=exposure)):
        assert len(found) == len(counts)
        if reason:
            assert found["reason"].eq(reason).all()
            assert found["class"].eq("").all()
            assert found["rank"].isna().all()
            assert verdict(found, names=counts).str.startswith("Not ranked: too few").all()


def test_unknown_denominators_leave_an_area_out() -> None:
    exposure = RESIDENTS.copy()
    exposure.iloc[[0, 3]] = np.nan, 0.0
    found = rank_areas(series([100] * 18), exposure=exposure)
    assert found["rank"].isna().tolist() == [True, False, False, True] + [False] * 14
    assert found["reason"].iloc[[0, 3]].eq("the denominator is unknown or zero").all()
    assert found["class"].iloc[0] == ""
    assert found["rank"].max() == 16


def test_a_mix_of_nothing_and_something_gives_no_warning() -> None:
    found = rank_areas(series([10] + [0] * 17), exposure=RESIDENTS)
    assert found.notna().all(axis=None)
    assert found["rank"].iloc[0] == 1


def test_combining_equal_themes_changes_no_rank() -> None:
    counts = city(7)[1]
    alone = rank_areas(counts, exposure=RESIDENTS)
    both = combine_themes({"a": counts, "b": counts * 3}, exposure=RESIDENTS)
    assert both["rank"].head(3).equals(alone["rank"].head(3))
    assert both["count"].equals(counts * 4)
    np.testing.assert_allclose(both["score"], alone["score"], rtol=0.05)


def test_a_combination_has_no_shrunk_rate() -> None:
    counts = city(7)[1]
    alone = rank_areas(counts, exposure=RESIDENTS)
    towards = counts.sum() / RESIDENTS.sum()
    assert ((alone["shrunk_rate"] - towards).abs() <= (alone["rate"] - towards).abs() + 1e-12).mean() > 0.8
    for themes in ({"a": counts, "b": counts * 3}, {"a": counts}):
        both = combine_themes(themes, exposure=RESIDENTS)
        assert both["shrunk_rate"].isna().all() and both["rank"].notna().all()


def test_themes_are_drawn_independently() -> None:
    # Two themes that agree leave less room than one; the same draws twice would leave as much.
    counts = city(7, rate=0.002)[1]
    alone = rank_areas(counts, exposure=RESIDENTS)
    both = combine_themes({"a": counts, "b": counts}, exposure=RESIDENTS)
    width = (alone["rank_high"] - alone["rank_low"]).sum()
    assert (both["rank_high"] - both["rank_low"]).sum() < 0.85 * width


def test_ties_go_to_the_higher_count_then_the_first_code() -> None:
    even = pd.Series(1000.0, index=CODES)
    backwards = rank_areas(series([100] * 18).iloc[::-1], exposure=even)
    assert backwards["rank"].tolist() == list(range(18, 0, -1))


def test_a_theme_with_many_incidents_does_not_drown_the_other() -> None:
    even = pd.Series(10_000.0, index=CODES)
    many = series([5000] * 17 + [10_000])
    few = series([400] + [100] * 17)
    found = combine_themes({"many": many, "few": few}, exposure=even)
    assert found["rank"].idxmin() == "W00"
    weighted = combine_themes({"many": many, "few": few}, exposure=even, weights={"many": 5, "few": 1})
    assert weighted["rank"].idxmin() == "W17"


def test_weights_are_equal_by_default_and_leave_out_empty_themes() -> None:
    counts = {"a": series([50] * 18), "b": series([9] * 18), "c": series([1] * 4 + [0] * 14)}
    assert theme_weights(counts).to_dict() == {"a": 0.5, "b": 0.5}
    assert theme_weights(counts, weights={"a": 3, "b": 1, "c": 9}).to_dict() == {"a": 0.75, "b": 0.25}
    assert theme_weights(counts, weights={"b": 2}).to_dict() == {"b": 1.0}
    assert theme_weights({"c": counts["c"]}).empty


def real_and_rare(each: int) -> tuple[dict[str, pd.Series], pd.Series, list[str]]:
    """Give three themes that agree on the order of 100 areas, and one with `each` in four middling ones."""
    codes = [f"L{number:03d}" for number in range(100)]
    rng = np.random.default_rng(5)
    exposure = pd.Series(1700.0, index=codes)
    rate = np.geomspace(20, 0.2, 100)
    themes = {
        name: pd.Series(rng.poisson(city * rate), index=codes, dtype=float)
        for name, city in (("a", 30), ("b", 10), ("c", 5))
    }
    hit = ["L055", "L065", "L075", "L085"]
    rare = pd.Series(0.0, index=codes)
    rare[hit] = each
    return {**themes, "rare": rare}, exposure, hit


def test_a_rare_theme_is_not_combined_with_others() -> None:
    themes, exposure, hit = real_and_rare(3)
    without = {name: count for name, count in themes.items() if name != "rare"}
    assert theme_weights(themes).to_dict() == pytest.approx(dict.fromkeys("abc", 1 / 3))
    pd.testing.assert_frame_equal(
        combine_themes(themes, exposure=exposure), combine_themes(without, exposure=exposure)
    )
    # Alone it is ranked, as any theme of ten incidents or more is.
    assert rank_areas(themes["rare"], exposure=exposure)["rank"][hit].max() == 4
    assert combine_themes({"rare": themes["rare"]}, exposure=exposure)["rank"][hit].max() == 4
    twice = combine_themes({"rare": themes["rare"], "again": themes["rare"]}, exposure=exposure)
    assert twice["reason"].eq("too few incidents (12; 25 needed)").all()


@pytest.mark.parametrize("each", [7, 25])
def test_one_concentrated_theme_does_not_outweigh_three_others(each: int) -> None:
    themes, exposure, hit = real_and_rare(each)
    found = combine_themes(themes, exposure=exposure)
    # A quarter of the theme in one area of a hundred is 25 times the city's rate: it lifts, not to the top.
    assert found["rank"][hit].between(4, 50).all()
    assert found["p_top"][hit].max() < 0.05


@pytest.mark.parametrize("each", [7, 30, 60, 120])
def test_the_first_in_rank_are_the_first_by_chance(each: int) -> None:
    themes, exposure, _ = real_and_rare(each)
    found = combine_themes(themes, exposure=exposure)
    first = found["rank"] <= 3
    assert found["rank"].equals(combine_themes(themes, exposure=exposure, seed=9)["rank"])
    # A chance from 1,000 draws is good to 0.016.
    assert found["p_top"][first].min() >= found["p_top"][~first].max() - 0.03


def test_denominators_that_disagree_are_flagged() -> None:
    counts = series(np.arange(18, 0, -1) * 100)
    even = pd.Series(10_000.0, index=CODES)
    visitors = even.copy()
    visitors["W00"] = 200_000.0
    found = rank_over_denominators(counts, denominators={"residents": even, "workplace": visitors})
    assert found.loc["W00", "top_by"] == "residents"
    assert found.index[found["denominator_sensitive"]].tolist() == ["W00", "W03"]
    assert found.loc["W01", "top_by"] == "residents;workplace"
    agreed = rank_over_denominators(counts, denominators={"residents": even, "households": even / 2.4})
    assert not agreed["denominator_sensitive"].any()
    other = rank_over_denominators(
        counts, denominators={"residents": even, "workplace": visitors}, default="workplace"
    )
    assert other.loc["W00", "rank"] == 18
    assert other["denominator_sensitive"].equals(found["denominator_sensitive"])


def test_proportional_denominators_flag_nothing() -> None:
    # Drawn anew for each denominator, chance alone flagged an area in one run of six.
    codes = [f"L{number:02d}" for number in range(60)]
    for seed in range(12):
        rng = np.random.default_rng(seed)
        exposure = pd.Series(rng.uniform(1000, 3000, 60), index=codes)
        themes = {
            name: pd.Series(rng.poisson(exposure * rng.gamma(2.0, rate, 60)), index=codes)
            for name, rate in (("a", 0.01), ("b", 0.005))
        }
        denominators = {"residents": exposure, "households": exposure / 2.4, "area": exposure / 3171.7}
        for counts in (themes["a"], themes):
            found = rank_over_denominators(counts, denominators=denominators)
            assert not found["denominator_sensitive"].any()
            assert set(found["top_by"]) == {"", "residents;households;area"}


def test_a_class_that_depends_on_the_denominator_is_flagged_too() -> None:
    counts = series([900, 500, 300, 285] + [50] * 14)
    even = pd.Series(10_000.0, index=CODES)
    wider = even.copy()
    wider["W03"] = 15_000.0
    found = rank_over_denominators(counts, denominators={"residents": even, "area": wider})
    assert found["class"].iloc[:4].tolist() == ["priority", "priority", "possible", "possible"]
    assert found.loc["W02", "top_by"] == "residents;area"
    assert found.loc["W03", "top_by"] == ""
    assert found.index[found["denominator_sensitive"]].tolist() == ["W02", "W03"]


def test_a_denominator_without_a_figure_does_not_flag() -> None:
    counts = series(np.arange(18, 0, -1) * 100)
    even = pd.Series(10_000.0, index=CODES)
    gaps = even.copy()
    gaps["W00"] = np.nan
    found = rank_over_denominators(counts, denominators={"residents": even, "households": gaps})
    assert not found.loc["W00", "denominator_sensitive"]
    assert found.loc["W00", "top_by"] == "residents"


def test_draws_made_in_another_thread_are_the_same() -> None:
    rng = np.random.default_rng(6)
    months = [f"2025-{month:02d}" for month in range(1, 7)]
    themes = [pd.DataFrame(rng.poisson(4.0, (18, 6)), index=CODES, columns=months) for _ in range(2)]
    monthly = dict(zip("ab", themes, strict=True))
    given = {
        "denominators": {"residents": RESIDENTS, "area": RESIDENTS[::-1].set_axis(CODES)},
        "monthly": monthly,
        "draws": 50,
    }
    counts = {slug: table.sum(axis=1) for slug, table in monthly.items()}
    with ThreadPoolExecutor(max_workers=1) as aside:
        begun = prepare_ranking(counts, **given).begin(aside)
    pd.testing.assert_frame_equal(begun.rank(), rank_over_denominators(counts, **given), check_exact=True)


def test_themes_together_are_compared_over_denominators_too() -> None:
    counts = {"a": series(np.arange(18, 0, -1) * 100), "b": series(np.arange(18, 0, -1) * 30)}
    area = pd.Series(np.linspace(1, 20, 18)[::-1].copy(), index=CODES)
    found = rank_over_denominators(
        counts, denominators={"residents": RESIDENTS, "area": area}, weights={"a": 1, "b": 2}
    )
    pd.testing.assert_frame_equal(
        found[list(RANKING_COLUMNS)], combine_themes(counts, exposure=RESIDENTS, weights={"a": 1, "b": 2})
    )
    assert found["denominator_sensitive"].any()
    assert DEFAULT_DENOMINATOR == "residents"


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: rank_areas(city(0)[1], exposure=RESIDENTS, k=0), "k is 0 and draws is 1000"),
        (lambda: rank_areas(series([5, np.nan]), exposure=RESIDENTS), "W01 has no count of 0 or more"),
        (lambda: rank_areas(series([-5, 1]), exposure=RESIDENTS), "W00 has no count of 0 or more"),
        (lambda: combine_themes({}, exposure=RESIDENTS), "no theme to combine"),
        (
            lambda: combine_themes({"a": series([1, 2]), "b": series([1])}, exposure=RESIDENTS),
            "themes cover different areas",
        ),
        (lambda: theme_weights({"a": series([1])}, weights={"b": 1}), 'theme "b", which is not here: use a'),
        (lambda: theme_weights({"a": series([1])}, weights={"a": -1}), "weights must be 0 or more"),
        (lambda: theme_weights({"a": series([1])}, weights={"a": 0}), "at least one above 0"),
        (
            lambda: rank_over_denominators(series([1]), denominators={"area": RESIDENTS}),
            'denominator "residents" is not at hand: choose one of area',
        ),
    ],
)
def test_wrong_options_are_refused(call, match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        call()
