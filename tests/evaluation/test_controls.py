"""Controls: not next door, alike in level and trend; synthetic ones and their placebos."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t
from square_city import months, wards

from hotspots.errors import ParameterError
from hotspots.evaluation.controls import apart, similar_places, untouched
from hotspots.evaluation.synthetic import smallest_fall_against, synthetic_control

READ = months("2024-01", "2025-12")
LEARNING = READ[:12]


def table(levels: dict[str, float], *, growth: dict[str, float] | None = None) -> pd.DataFrame:
    """Give steady incidents by place and month; a growth is that of the later half of 2024."""
    frame = pd.DataFrame({code: [level] * len(READ) for code, level in levels.items()}, index=READ).T
    for code, factor in (growth or {}).items():
        frame.loc[code, READ[6:12]] *= factor
    return frame.astype(float)


class TestApart:
    def test_leaves_out_the_place_and_what_touches_it(self):
        layer = wards()
        middle = layer.geometry.iloc[12]
        kept = apart(layer, middle, distance=250)
        assert len(kept) == 16
        assert not set(layer.index[[6, 7, 8, 11, 12, 13, 16, 17, 18]]) & set(kept)

    def test_reaches_as_far_as_the_ring(self):
        layer = wards()
        # Only the corners of the city are farther than 1,001 m, by the root of two.
        assert list(apart(layer, layer.geometry.iloc[12], distance=1001)) == list(layer.index[[0, 4, 20, 24]])

    def test_untouched_leaves_out_treated_areas_but_not_their_neighbours(self):
        layer = wards()
        assert list(layer.index.difference(untouched(layer, [layer.geometry.iloc[3]]))) == [layer.index[3]]

    def test_nothing_treated_leaves_all(self):
        assert len(untouched(wards(), [])) == 25


class TestSimilarPlaces:
    def test_keeps_the_half_nearest_in_level(self):
        counts = table({"a": 10, "b": 12, "c": 40, "d": 100, "e": 9, "f": 300})
        found = similar_places(counts, counts.loc["a"], learning=LEARNING)
        assert sorted(found) == ["a", "b", "e"]

    def test_tells_places_of_one_level_apart_by_their_trend(self):
        counts = table(
            {"a": 20, "b": 20, "c": 20, "d": 20, "e": 20, "f": 20}, growth={"a": 2, "c": 2, "e": 2}
        )
        # The same total over the year, so that only the trend differs.
        counts = counts.mul(20 * 12 / counts[LEARNING].sum(axis=1), axis=0)
        found = similar_places(counts, counts.loc["a"], learning=LEARNING)
        assert sorted(found) == ["a", "c", "e"]

    def test_looks_only_at_the_months_before(self):
        counts = table({"a": 10, "b": 11, "c": 12, "d": 100, "e": 110, "f": 120})
        changed = counts.copy()
        changed[READ[12:]] = np.repeat(np.arange(6)[:, None] * 50.0, 12, axis=1)
        one = similar_places(counts, counts.loc["a"], learning=LEARNING)
        assert list(similar_places(changed, counts.loc["a"], learning=LEARNING)) == list(one)

    def test_does_not_depend_on_the_order_of_rows(self):
        counts = table({code: 10 + number for number, code in enumerate("abcdefghij")})
        one = similar_places(counts, counts.loc["e"], learning=LEARNING)
        assert list(similar_places(counts.iloc[::-1], counts.loc["e"], learning=LEARNING)) == list(one)

    def test_gives_none_where_hardly_any_place_has_incidents(self):
        counts = table({"a": 10, "b": 0, "c": 0, "d": 4})
        assert similar_places(counts, counts.loc["a"], learning=LEARNING).empty

    def test_refuses_no_months(self):
        with pytest.raises(ParameterError, match="No month before"):
            similar_places(table({"a": 1}), table({"a": 1}).loc["a"], learning=[])


def drawn(number: int, *, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    season = 1 + 0.4 * np.sin(np.arange(len(READ)) / 2)
    counts = rng.poisson(rng.uniform(40, 90, number)[:, None] * season)
    return pd.DataFrame(counts, index=[f"d{i:02}" for i in range(number)], columns=READ, dtype=float)


class TestSyntheticControl:
    def test_finds_the_mix_that_the_place_is_made_of(self):
        donors = drawn(8)
        treated = 0.5 * donors.loc["d01"] + 2 * donors.loc["d04"]
        found = synthetic_control(treated, donors, learning=LEARNING, before=LEARNING, after=READ[12:])
        assert found.weights.round(6).to_dict() == {"d04": 2.0, "d01": 0.5}
        assert found.series.to_numpy() == pytest.approx(treated.to_numpy())
        assert found.effect.ratio == pytest.approx(1)

    def test_finds_a_planted_fall_and_ranks_it_first(self):
        donors = drawn(20)
        treated = donors.iloc[:3].mean()
        treated[READ[12:]] *= 0.4
        found = synthetic_control(treated, donors, learning=LEARNING, before=LEARNING, after=READ[12:])
        assert found.rank == 1
        assert found.placebos == 20
        assert found.effect.freedom == 20 - len(found.weights)
        assert found.effect.high < 1
        assert found.effect.ratio == pytest.approx(0.4, abs=0.1)

    @pytest.mark.parametrize("seed", [4, 6, 8])
    def test_at_most_one_place_comes_before_all_others(self, seed):
        # So that under no effect the treated place is first no more often than 1 in 8.
        places = drawn(8, seed=seed)
        windows = {"learning": LEARNING[:6], "before": LEARNING[3:6], "after": LEARNING[6:9]}
        ranks = [
            synthetic_control(places.loc[code], places.drop(index=code), **windows).rank
            for code in places.index
        ]
        assert ranks.count(1) <= 1

    def test_donors_that_never_vary_say_nothing_of_chance(self):
        donors = pd.DataFrame(50.0, index=[f"d{i}" for i in range(8)], columns=READ)
        treated = donors.iloc[0].where(donors.columns < READ[12], 20.0)
        found = synthetic_control(treated, donors, learning=LEARNING, before=LEARNING, after=READ[12:])
        assert np.isnan(found.effect.p) and "do not vary" in found.effect.reason

    def test_placebos_are_not_made_of_their_neighbours(self):
        donors = drawn(9)
        # Each odd donor repeats the even one before it: with it at hand a placebo fits without error.
        donors.iloc[1:8:2] = donors.iloc[0:8:2].to_numpy()
        pairs = np.arange(9) // 2
        near = pd.DataFrame(pairs[:, None] == pairs[None, :], index=donors.index, columns=donors.index)
        months = {"learning": LEARNING, "before": LEARNING, "after": READ[12:]}
        blind = synthetic_control(donors.mean(), donors, **months)
        found = synthetic_control(donors.mean(), donors, near=near, **months)
        assert blind.effect.dispersion < 0.5 * found.effect.dispersion

    def test_the_smallest_fall_is_one_that_its_interval_finds(self):
        # What places drift by stays however few are left, so the fall is the one whose interval, made of
        # the same two parts, leaves out "no change" with 84 % of a standard error to spare.
        donors = drawn(14, seed=2)
        months = {"learning": LEARNING, "before": LEARNING, "after": READ[12:]}
        effect = synthetic_control(donors.iloc[0], donors.iloc[1:], **months).effect
        fall = smallest_fall_against(600.0, effect)
        error = np.sqrt(effect.counting * (1 / 600.5 + 1 / (600 * (1 - fall) + 0.5)) + effect.lasting)
        moved = np.log(600.5 / (600 * (1 - fall) + 0.5)) / error
        assert moved == pytest.approx(t.isf(0.025, effect.freedom) + t.ppf(0.8, effect.freedom))
        before, after = donors.iloc[0][LEARNING].sum() + 0.5, donors.iloc[0][READ[12:]].sum() + 0.5
        whole = np.log(effect.high / effect.low) / 2 / t.isf(0.025, effect.freedom)
        assert whole**2 == pytest.approx(effect.counting * (1 / before + 1 / after) + effect.lasting)

    def test_gives_no_interval_with_hardly_any_placebo(self):
        donors = drawn(4)
        found = synthetic_control(donors.mean(), donors, learning=LEARNING, before=LEARNING, after=READ[12:])
        assert np.isnan(found.effect.low)
        assert "only 4 other places" in found.effect.reason

    def test_refuses_too_few_months_and_no_donor(self):
        donors = drawn(8)
        with pytest.raises(ParameterError, match="3 months before the switch are too few"):
            synthetic_control(donors.mean(), donors, learning=READ[:3], before=READ[:3], after=READ[3:6])
        with pytest.raises(ParameterError, match="nothing to weight"):
            synthetic_control(donors.mean(), 0 * donors, learning=LEARNING, before=LEARNING, after=READ[12:])
