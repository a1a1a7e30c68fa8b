"""Real Derby: the choice of beats is worth it on months that it had not seen."""

from __future__ import annotations

import numpy as np
import pytest

from hotspots.targeting.backtest import COUNTED, back_test
from hotspots.targeting.ground import lay_ground
from hotspots.targeting.history import history_of
from hotspots.targeting.plan import plan_beats

pytestmark = pytest.mark.shared

THEMES = ("all", "anti-social-behaviour", "serious-youth-violence", "drugs-and-alcohol-misuse")


@pytest.fixture(scope="module")
def derby(derby_analysis):
    places = derby_analysis.places
    return places, lay_ground(places.frame, derby_analysis.areas.outline)


@pytest.fixture(scope="module")
def tests(derby):
    places, ground = derby
    return {theme: back_test(history_of(places, theme, near=ground.near), ground) for theme in THEMES}


@pytest.mark.parametrize("theme", THEMES)
def test_beats_hold_no_less_than_counting(tests, theme):
    row = tests[theme].grade()
    assert row["gain"] > -row["gain_error"]
    assert row["hit_rate"] > 0.2
    assert row["origins"] == 6


def test_beats_of_rare_themes_hold_more_than_counting_by_more_than_its_error(tests):
    row = tests["serious-youth-violence"].grade()
    assert row["gain"] > row["gain_error"]
    assert row["gain_on_quartic"] > row["gain_on_quartic_error"]


def test_intervals_made_before_the_fact_hold_what_came(tests):
    tested = sum(len(test.predicted) for test in tests.values())
    inside = sum(test.coverage * len(test.predicted) for test in tests.values())
    assert tested > 1000
    assert 0.93 <= inside / tested <= 0.97


def test_counting_per_cell_is_that_of_a_plain_count(derby, tests):
    places, ground = derby
    monthly = places.monthly("all")
    xy, outline = ground.near.xy, ground.outline
    held = total = 0.0
    for month in range(6, 12):
        # cells on multiples of 150 m by what they held before; those at the border count as whole
        key = np.floor(xy / 150).astype(int)
        _, cell = np.unique(key, axis=0, return_inverse=True)
        before = np.bincount(cell.ravel(), monthly[:, :month].sum(axis=1))
        later = np.bincount(cell.ravel(), monthly[:, month])
        order = np.argsort(-before, kind="stable")
        exact = 0.01 * outline.area / 150**2
        held += later[order[: int(exact)]].sum() + (exact % 1) * later[order[int(exact)]]
        total += later.sum()
    assert tests["all"].grade(COUNTED)["hit_rate"] == pytest.approx(held / total, abs=0.004)


def test_beats_of_the_city_are_named_and_stay_the_same(derby):
    places, ground = derby
    one = plan_beats(places, theme="serious-youth-violence", ground=ground)
    two = plan_beats(places, theme="serious-youth-violence", ground=ground)
    assert one.frame.equals(two.frame)
    assert 34 <= len(one) <= 42
    assert one.frame["name"].is_unique
    assert one.frame["beat"].str.match(r"SK\d{4}[NS][EW]-[a-z0-9-]+$").all()
    assert one.frame["ward_codes"].str.startswith("E05").all()
    assert one.first_month == "2026-01"
