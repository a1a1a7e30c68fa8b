"""Months before and after: paired by season, of equal number, and what is left out is said."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.evaluation.windows import MIXED, OFF, ON, comparisons, regimes


def run(first: str, last: str) -> list[str]:
    return [str(month) for month in pd.period_range(first, last, freq="M")]


class TestComparisons:
    def test_takes_the_same_months_of_the_year_before(self):
        (one,) = comparisons([(date(2025, 7, 1), None)], run("2024-01", "2025-12"))
        assert one.switch == "began"
        assert one.after == tuple(run("2025-07", "2025-12"))
        assert one.before == tuple(run("2024-07", "2024-12"))
        assert one.seasonal
        assert one.between == tuple(run("2025-01", "2025-06"))

    def test_takes_the_months_just_before_where_no_year_was_read(self):
        (one,) = comparisons([(date(2025, 7, 1), None)], run("2025-01", "2025-12"))
        assert one.before == tuple(run("2025-01", "2025-06"))
        assert one.after == tuple(run("2025-07", "2025-12"))
        assert not one.seasonal
        assert "only the control takes out" in one.reason
        assert one.between == ()

    def test_leaves_out_and_says_a_month_that_changed_half_way(self):
        (one,) = comparisons([(date(2025, 7, 10), None)], run("2025-01", "2025-12"))
        assert one.mixed == ("2025-07",)
        assert one.between == ("2025-07",)
        assert one.before == tuple(run("2025-02", "2025-06"))
        assert one.after == tuple(run("2025-08", "2025-12"))

    def test_an_order_that_lapsed_and_came_back_has_three_switches(self):
        ranges = [(date(2021, 1, 1), date(2021, 12, 31)), (date(2023, 1, 1), None)]
        began, lapsed, returned = comparisons(ranges, run("2020-01", "2023-12"))
        assert [one.switch for one in (began, lapsed, returned)] == ["began", "lapsed", "returned"]
        assert lapsed.day == date(2022, 1, 1)
        assert (lapsed.before, lapsed.after) == (
            tuple(run("2021-01", "2021-12")),
            tuple(run("2022-01", "2022-12")),
        )
        assert returned.before == tuple(run("2022-01", "2022-12"))
        assert returned.after == tuple(run("2023-01", "2023-12"))

    def test_never_takes_a_month_twice(self):
        # 18 months after, 24 before: January to June have two years each, and each finds its own.
        (one,) = comparisons([(date(2024, 1, 1), None)], run("2022-01", "2025-06"))
        assert len(one.before) == len(set(one.before)) == len(one.after) == 18
        assert one.seasonal

    def test_length_cuts_both_sides(self):
        (one,) = comparisons([(date(2025, 7, 1), None)], run("2024-01", "2025-12"), length=3)
        assert one.after == ("2025-07", "2025-08", "2025-09")
        assert one.before == ("2024-07", "2024-08", "2024-09")

    @pytest.mark.parametrize(
        ("day", "words"),
        [(date(2026, 1, 1), "after it began"), (date(2025, 1, 1), "before it began")],
    )
    def test_says_which_side_was_not_read(self, day, words):
        (one,) = comparisons([(day, None)], run("2025-01", "2025-12"))
        assert one.before == one.after == ()
        assert f"no whole month was read {words}" in one.reason

    def test_refuses_a_length_below_one(self):
        with pytest.raises(ParameterError, match="0 months: give at least 1"):
            comparisons([(date(2025, 7, 1), None)], run("2025-01", "2025-12"), length=0)

    @given(
        start=st.dates(date(2022, 6, 1), date(2024, 6, 1)),
        lasts=st.integers(20, 500),
        gap=st.sets(st.integers(0, 47), max_size=10),
    )
    def test_sides_are_equal_ordered_and_of_the_right_state(self, start, lasts, gap):
        months = [month for number, month in enumerate(run("2022-01", "2025-12")) if number not in gap]
        ranges = [(start, date.fromordinal(start.toordinal() + lasts))]
        for one in comparisons(ranges, months):
            assert len(one.before) == len(one.after)
            assert not {*one.before, *one.after} & {*one.mixed, *one.between}
            assert {*one.before, *one.after} <= set(months)
            if one.before:
                assert max(one.before) < min(one.after)
            if one.seasonal:
                assert sorted(m[5:] for m in one.before) == sorted(m[5:] for m in one.after)


def test_regimes_cut_the_months_read_by_state():
    found = regimes([(date(2025, 3, 15), date(2025, 5, 31))], run("2025-01", "2025-07"))
    assert [(one.state, one.months) for one in found] == [
        (OFF, ("2025-01", "2025-02")),
        (MIXED, ("2025-03",)),
        (ON, ("2025-04", "2025-05")),
        (OFF, ("2025-06", "2025-07")),
    ]
