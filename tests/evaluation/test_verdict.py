"""Sentences that follow the figures, and claim no more."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from hotspots.evaluation.displacement import Displacement
from hotspots.evaluation.effect import Effect
from hotspots.evaluation.verdict import change_words, judge, no_control_inside, range_words

FALL = Effect(0.62, 0.5, 0.8, 0.001, 2.0, 16)
SMALL_FALL = Effect(0.85, 0.75, 0.95, 0.01, 2.0, 16)
RISE = Effect(1.5, 1.2, 1.9, 0.001, 2.0, 16)
OPEN = Effect(0.95, 0.7, 1.3, 0.7, 2.0, 16)
SHARP = Effect(1.0, 0.97, 1.03, 0.9, 1.0, 16)
UNSURE = Effect(0.5, np.nan, np.nan, np.nan, np.nan, 3, "only 4 untreated places tell how much")
NOTHING = Effect(np.nan, np.nan, np.nan, np.nan, np.nan, 0, "no whole month was read after it began")


def verdict(effect: Effect, **options):
    usual = {
        "what": "Anti-social behaviour",
        "where": "Normanton",
        "switch": "began",
        "day": date(2025, 7, 1),
        "smallest_fall": 0.46,
        "control": "6 similar wards",
        "ring_width": 250.0,
    }
    return judge(effect, options.pop("displacement", None), **{**usual, **options})


class TestSentence:
    def test_a_fall(self):
        assert verdict(FALL).sentence == (
            "Anti-social behaviour in Normanton since it began (1 July 2025): 38 % fewer incidents than "
            "6 similar wards would lead one to expect (likely between 20 % and 50 % fewer), "
            "more than chance explains."
        )

    def test_nothing_found_says_what_would_have_stayed_unseen(self):
        words = verdict(OPEN).sentence
        assert "no change that can be told from chance (likely between 30 % fewer and 30 % more)" in words
        assert "a fall of less than about 46 %" in words
        assert "not even an end" in verdict(OPEN, smallest_fall=float("inf")).sentence
        assert verdict(OPEN, smallest_fall=float("nan")).sentence.endswith("30 % more).")

    def test_found_but_one_of_many(self):
        words = verdict(FALL, in_doubt=True).sentence
        assert "by chance" in words
        assert "more than chance explains" not in words

    def test_never_claims_without_an_interval(self):
        assert "cannot be said: only 4 untreated places" in verdict(UNSURE).sentence
        assert "nothing can be said, because no whole month" in verdict(NOTHING).sentence

    def test_a_switch_off(self):
        assert "since it lapsed (1 July 2025)" in verdict(RISE, switch="lapsed").sentence

    def test_without_a_control_points_to_other_authorities(self):
        found = no_control_inside("Begging", "all wards", 1200, 900)
        assert "from 1,200 to 900 incidents" in found.sentence
        assert "cannot be said" in found.sentence
        assert "other authorities" in found.plausibility
        # Without a control only the same calendar months take the season out.
        assert not any("season" in text for text in found.cannot_exclude)
        other = no_control_inside("Begging", "all wards", 1200, 900, seasonal=False)
        assert "season" in other.cannot_exclude[0]


class TestWhatIsLeftOpen:
    def test_an_effect_that_was_not_found_is_not_excluded(self):
        assert (
            verdict(OPEN).cannot_exclude[0]
            == "no change at all, nor any change between 30 % fewer and 30 % more"
        )

    def test_a_fall_may_be_a_return_to_the_usual(self):
        assert any("unusually high" in words for words in verdict(FALL).cannot_exclude)
        assert not any("unusually high" in words for words in verdict(RISE).cannot_exclude)

    def test_displacement_is_said_in_incidents(self):
        moved = Displacement(-80.0, 40.0, -40.0, 36.0, -117.4, 44.2)
        (words,) = [text for text in verdict(FALL, displacement=moved).cannot_exclude if "250 m" in text]
        assert "between 117 incidents fewer and 44 incidents more" in words

    def test_seasons_only_where_they_differ(self):
        assert any("season" in words for words in verdict(FALL, seasonal=False).cannot_exclude)
        assert not any("season" in words for words in verdict(FALL).cannot_exclude)

    def test_records_are_always_records(self):
        for effect in (FALL, RISE, OPEN, UNSURE, NOTHING):
            assert "these are records" in verdict(effect).cannot_exclude[-1]


class TestPlausibility:
    @pytest.mark.parametrize(
        ("effect", "words"),
        [
            (FALL, "larger than well-tested programmes"),
            (SMALL_FALL, "of the size that well-tested programmes"),
            (RISE, "A rise is not what"),
            (OPEN, "cannot exclude an effect of that size"),
            (SHARP, "leave no room for one of that size"),
            (NOTHING, "have shown from no effect to"),
        ],
    )
    def test_stands_beside_known_effects(self, effect, words):
        assert words in verdict(effect).plausibility

    @pytest.mark.parametrize("effect", [FALL, RISE, OPEN])
    def test_both_readings_of_a_renewal(self, effect):
        renewal, against = verdict(effect).renewal
        assert renewal.startswith("For renewal")
        assert against.startswith("Against")

    def test_the_readings_follow_the_finding(self):
        readings = {verdict(effect).renewal for effect in (FALL, RISE, OPEN)}
        assert len(readings) == 3
        assert "rose when it lapsed" in verdict(RISE, switch="lapsed").renewal[0]


class TestWords:
    @pytest.mark.parametrize(
        ("ratio", "words"),
        [
            (0.62, "38 % fewer"),
            (1.12, "12 % more"),
            (1.004, "no change"),
            (0.0, "100 % fewer"),
            (9.0, "9 times as many"),
            (np.inf, "many times more"),
            (np.nan, "unknown"),
        ],
    )
    def test_change(self, ratio, words):
        assert change_words(ratio) == words

    def test_ranges_go_from_the_smaller_to_the_larger_change(self):
        assert range_words(FALL) == "between 20 % and 50 % fewer"
        assert range_words(RISE) == "between 20 % and 90 % more"
        assert range_words(OPEN) == "between 30 % fewer and 30 % more"
