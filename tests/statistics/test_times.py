"""Hours, weekdays and near repeats of a run, and why there are none."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hotspots.statistics import near_repeats as repeats
from hotspots.statistics import times
from hotspots.statistics.near_repeats import near_repeats
from hotspots.statistics.times import INTERNAL_ONLY, MONTHS_ONLY, find_times, no_times


def located(rows):
    """Build incidents from (from, to, ward, easting)."""
    start, end, ward, easting = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "occurred_from": pd.to_datetime(list(start)),
            "occurred_to": pd.to_datetime(list(end)),
            "ward_code": pd.Categorical(ward),
            "easting": np.array(easting, dtype=float),
            "northing": 0.0,
        }
    )


MONDAY_TEN = ("2025-01-06 10:15", None)
#: Half an hour in each of two hours of a Sunday night and a Monday morning.
OVER_MIDNIGHT = ("2025-01-12 23:30", "2025-01-13 00:30")
FOUR = located(
    [(*MONDAY_TEN, "W1", 0), (*OVER_MIDNIGHT, "W1", 0), (*MONDAY_TEN, "W2", 0), (None, None, "W2", 0)]
)


def find(frame, drugs=None, **options):
    member = pd.DataFrame({"all": True, "drugs": True if drugs is None else drugs}, index=frame.index)
    return find_times(
        frame, member, **{"slugs": ["all", "drugs"], "repeating": ["drugs"], "seed": 1, **options}
    )


def cell(frame, weekday, hour):
    rows = frame[frame["weekday"].eq(weekday) & frame["hour"].eq(hour)]
    return float(rows["incidents"].sum())


def test_hours_by_hand():
    found = find(FOUR, [True, False, False, True])
    everything = found.hours[found.hours["theme"].eq("all")]
    assert len(everything) == 168
    assert cell(everything, "Monday", 10) == 2
    assert cell(everything, "Sunday", 23) == cell(everything, "Monday", 0) == 0.5
    assert everything["share"].sum() == pytest.approx(1)
    assert cell(found.hours[found.hours["theme"].eq("drugs")], "Monday", 10) == 1
    assert found.themes[["theme", "incidents", "with_time", "dated"]].to_numpy().tolist() == [
        ["all", 4, 3, 3],
        ["drugs", 2, 1, 1],
    ]


def test_wards_add_up_to_the_city():
    found = find(FOUR)
    assert found.wards.groupby("code")["incidents"].sum().tolist() == [2, 1]
    city = found.hours[found.hours["theme"].eq("all")].groupby(["weekday", "hour"])["incidents"].sum()
    pd.testing.assert_series_equal(city, found.wards.groupby(["weekday", "hour"])["incidents"].sum())


def test_months_only_is_refused_with_the_reason():
    found = find(located([(None, None, "W1", 0)] * 3))
    assert found.reason == MONTHS_ONLY
    assert found.hours.empty and found.wards.empty and found.repeats.empty


def test_days_without_times_give_no_hours():
    found = find(located([("2025-01-06", None, "W1", 0)] * 3))
    assert found.reason == "" and found.hours.empty and found.wards.empty
    assert found.themes["dated"].tolist() == [3, 3]


def series(n=40):
    """Pairs at one point, two days apart, far from all others."""
    days = pd.Timestamp("2025-01-01 12:00") + pd.to_timedelta(np.arange(n) * 8, unit="D")
    return located(
        [
            (str(day + pd.Timedelta(days=gap)), None, "W1", 5000 * i)
            for i, day in enumerate(days)
            for gap in (0, 2)
        ]
    )


def test_a_planted_series_is_told_in_words_and_agrees_with_the_library():
    frame = series()
    found = find(frame)
    words = found.themes.set_index("theme")["near_repeats"]
    assert words["all"].startswith("not tested")
    assert words["drugs"].startswith("at the same point within 7 days: ")
    direct = near_repeats(
        frame, distances=repeats.DISTANCES, days=repeats.DAYS, permutations=repeats.SHUFFLES, seed=1
    )
    pd.testing.assert_frame_equal(found.repeats[direct.columns], direct)


def test_too_few_and_too_many_are_not_tested(monkeypatch):
    assert "fewer than 30" in find(FOUR).themes["near_repeats"].iloc[1]
    monkeypatch.setattr(times, "MOST_PAIRS", 39)
    found = find(series())
    assert found.themes["near_repeats"].iloc[1] == "not tested: 40 pairs within 400 m; take a shorter period"
    assert found.repeats.empty


def test_the_record_is_strict_json_and_the_same_each_time():
    found = find(series())
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert text == json.dumps(find(series()).as_dict(), allow_nan=False)
    assert json.loads(text)["themes"][1]["with_time"] == 80
    assert json.loads(json.dumps(no_times().as_dict()))["reason"].endswith("not looked for.")


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_nobody_else_gets_hours(sample_analysis, audience):
    assert not sample_analysis.release().times.hours.empty
    released = sample_analysis.release(audience=audience).times
    assert released.reason == INTERNAL_ONLY
    assert all(frame.empty for frame in (released.hours, released.wards, released.themes, released.repeats))


def test_secret_and_invisible_themes_have_no_hours(sample_analysis):
    shown = set(sample_analysis.times.themes["theme"])
    assert "all" in shown and "anti-social-behaviour" in shown
    assert not shown & {"terrorism-and-extremism", "human-trafficking-and-modern-slavery"}
