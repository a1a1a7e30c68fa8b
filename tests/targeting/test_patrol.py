"""A shift: what fits, by hand and by adding up; what the next officer buys."""

from __future__ import annotations

import numpy as np
import pytest
from hot_cities import city, ground_of, planted_rates

from hotspots.errors import ParameterError
from hotspots.targeting.crews import DETOUR, group_beats, pace_of, round_minutes
from hotspots.targeting.patrol import (
    COVER_COLUMNS,
    CURVE_COLUMNS,
    ROUND_COLUMNS,
    UNCOVERED_COLUMNS,
    patrol_plan,
)
from hotspots.targeting.plan import plan_beats
from hotspots.targeting.rounds import minutes_of_visits, visits_in_a_round


@pytest.fixture(scope="module")
def beats():
    places = city(planted_rates(400, hot=30), n_months=12)
    return plan_beats(places, theme="theft", ground=ground_of(places), share=0.08)


@pytest.fixture(scope="module")
def shift(beats):
    return patrol_plan(beats, officers=4, hours=6)


def _pace(**changes):
    return pace_of(**{"visit": 15, "every": 120, "speed": 4, "hours": 6, "start": None, **changes})


def test_minutes_of_a_round_by_hand():
    # three beats in a row, 100 m from one to the next, are 133 m apart on average
    pace = _pace()
    middle = np.array([[0.0, 0], [100, 0], [200, 0]])
    walk = pace.walk(middle[:, None], middle[None])
    assert walk[0, 1] == pytest.approx(100 * DETOUR / (4000 / 60))
    assert round_minutes([0, 1, 2], walk, pace) == pytest.approx(3 * (15 + walk[0, 1] * 4 / 3))
    assert round_minutes([1], walk, pace) == 15


def test_groups_fit_into_a_round_share_no_beat_and_the_richest_comes_first():
    rng = np.random.default_rng(1)
    middle, expected = rng.uniform(0, 3000, (50, 2)), rng.gamma(1.0, 1.0, 50)
    pace = _pace(start=(1500.0, 1500.0))
    walk = pace.walk(middle[:, None], middle[None])
    groups = list(group_beats(middle, expected, pace=pace))
    assert sorted(beat for group in groups for beat in group) == list(range(50))
    for group in groups:
        assert round_minutes(group, walk, pace) <= 120 + 1e-9
    worth = [expected[group].sum() for group in groups]
    assert worth[0] == max(worth)


def test_two_far_ends_of_a_city_are_two_crews():
    middle = np.array([[0.0, 0], [50, 0], [9000, 0], [9050, 0]])
    groups = list(group_beats(middle, np.array([4.0, 3, 2, 1]), pace=_pace()))
    assert [sorted(group) for group in groups] == [[0, 1], [2, 3]]


def test_a_beat_beyond_reach_of_the_start_is_nobodys():
    middle = np.array([[0.0, 0], [30_000, 0]])
    groups = list(group_beats(middle, np.array([1.0, 9]), pace=_pace(start=(0.0, 0.0))))
    assert groups == [[0]]


def test_spare_time_goes_where_more_is_expected():
    visits = visits_in_a_round(np.array([6.0, 2.0, 1.0]), ways=5, pace=_pace())
    # six visits of 15 + 5 minutes fit into 120
    assert visits.sum() == 6
    assert visits.tolist() == [3, 2, 1]
    minutes = minutes_of_visits(np.array([6.0, 2.0, 1.0]), visits, visit=15)
    assert minutes.tolist() == [16, 10, 10]
    assert minutes_of_visits(np.array([1.0, 1.0]), np.array([1, 1]), visit=15).tolist() == [15, 15]
    assert visits_in_a_round(np.array([3.0]), ways=0, pace=_pace()).tolist() == [1]


def test_the_frames_are_the_promised_ones(shift):
    assert tuple(shift.cover.columns) == COVER_COLUMNS
    assert tuple(shift.rounds.columns) == ROUND_COLUMNS
    assert tuple(shift.curve.columns) == CURVE_COLUMNS
    assert tuple(shift.uncovered.columns) == UNCOVERED_COLUMNS


def test_nobody_is_in_two_places_or_works_longer_than_the_shift(shift):
    for _, mine in shift.rounds.groupby("crew"):
        assert (mine["leave"] <= 360).all()
        assert (
            mine["arrive"].to_numpy()[1:]
            >= mine["leave"].to_numpy()[:-1] + mine["walk"].to_numpy()[1:] - 0.15
        ).all()
        assert mine["minutes"].between(10, 16).all()


def test_beats_are_visited_about_every_two_hours_in_changing_order(shift):
    firsts = shift.rounds.groupby(["crew", "round"])["beat"].agg(list)
    for _, mine in firsts.groupby("crew"):
        assert len(mine) == 3
        assert mine.iloc[0] != mine.iloc[1]
        assert set(mine.iloc[0]) == set(mine.iloc[1])


def test_hours_are_those_of_the_order_sheet_and_follow_concentration(shift):
    total = shift.rounds.groupby("beat")["minutes"].sum() / 60
    cover = shift.cover.set_index("beat")
    assert cover["patrol_hours"].to_dict() == pytest.approx(total.reindex(cover.index).to_dict())
    assert cover["person_hours"].tolist() == pytest.approx((2 * cover["patrol_hours"]).tolist())
    assert cover["delivered_patrol_hours"].tolist() == pytest.approx((0.55 * cover["patrol_hours"]).tolist())
    assert cover["share_of_time"].sum() == pytest.approx(1)
    ranked = cover.sort_values("expected")["patrol_hours"]
    assert ranked.tail(4).mean() > 1.2 * ranked.head(4).mean()


def test_the_curve_says_what_the_next_crew_adds(beats, shift):
    curve = shift.curve
    assert curve["share"].is_monotonic_increasing
    assert curve["added_share"].sum() == pytest.approx(curve["share"].iloc[-1])
    assert curve["share"].iloc[-1] == pytest.approx(beats.share_expected)
    assert curve["person_hours"].iloc[1] == 24
    assert curve["expected"].iloc[1] == pytest.approx(shift.cover["expected"].sum())
    # more crews change nothing of what fewer get
    more = patrol_plan(beats, officers=8, hours=6)
    assert more.rounds[more.rounds["crew"] <= 2].equals(shift.rounds)


def test_what_is_not_covered_adds_up_by_ward(beats, shift):
    table = shift.uncovered
    assert (table["covered"] + table["uncovered"]).tolist() == pytest.approx(table["expected"].tolist())
    assert table["expected"].sum() == pytest.approx(beats.rate.sum())
    assert table["covered"].sum() == pytest.approx(shift.cover["expected"].sum())


def test_other_themes_are_covered_as_far_as_they_lie_in_the_same_beats(beats):
    from dataclasses import replace

    other = replace(beats, theme="noise", rate=np.ones(400))
    table = patrol_plan(beats, officers=2, hours=4, others=(other,)).uncovered
    assert list(dict.fromkeys(table["theme"])) == ["theft", "noise"]
    noise = table[table["theme"].eq("noise")]
    assert noise["expected"].sum() == 400
    assert 0 < noise["covered"].sum() < 400
    with pytest.raises(ParameterError, match="noise stand on other places"):
        patrol_plan(beats, officers=2, hours=4, others=(replace(other, rate=np.ones(3)),))


@pytest.mark.parametrize(
    "changed",
    [
        {"officers": 8}, {"hours": 8.0}, {"visit": 11.0}, {"speed": 12.0}, {"crew": 1}, {"every": 1.0},
        {"start": (433_000.0, 334_000.0)}, {"seed": 1},
    ],
)  # fmt: skip
def test_each_option_changes_the_order_sheet(beats, shift, changed):
    other = patrol_plan(beats, **{"officers": 4, "hours": 6, **changed})
    assert not other.rounds.equals(shift.rounds)


def test_the_same_shift_again_and_fewer_hours_delivered(beats, shift):
    assert patrol_plan(beats, officers=4, hours=6).rounds.equals(shift.rounds)
    half = patrol_plan(beats, officers=4, hours=6, delivered=0.5).cover
    assert half["delivered_patrol_hours"].tolist() == pytest.approx((half["patrol_hours"] / 2).tolist())


def test_the_notes_name_both_kinds_of_hours_and_claim_no_law(shift):
    text = " ".join(shift.notes).replace("\xa0", " ")
    assert text.startswith("2 crews of 2 for 6 hours: 12 patrol-hours, 24 person-hours")
    assert "55 % of planned time" in text
    assert "guidance (Koper 1995), not law" in text


def test_officers_left_over_crews_without_work_and_beats_out_of_reach_are_said(beats):
    assert "1 officer of 5 make no whole crew" in " ".join(patrol_plan(beats, officers=5, hours=6).notes)
    assert "could be used: plan beats over more" in " ".join(patrol_plan(beats, officers=400, hours=6).notes)
    far = patrol_plan(beats, officers=2, hours=1.5, start=(433_000.0, 334_000.0)).notes
    assert "cannot be reached from the start" in " ".join(far)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"officers": 1}, "1 officers make no crew of 2"),
        ({"hours": 0}, "hours is 0"),
        ({"speed": float("nan")}, "speed is nan"),
        ({"visit": 130}, "does not fit into 2 hours"),
        ({"delivered": 0}, "delivered is 0"),
        ({"start": (0.0, 0.0)}, "No beat can be reached"),
    ],
)
def test_impossible_shifts_are_refused(beats, options, match):
    with pytest.raises(ParameterError, match=match):
        patrol_plan(beats, **{"officers": 2, "hours": 6, **options})
