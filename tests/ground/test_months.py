"""Months: arithmetic against a calendar that is not ours, and words as people say them."""

from __future__ import annotations

import calendar
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.months import (
    comparable_periods,
    days_in,
    halves,
    monthly_counts,
    months_between,
    period_words,
    run_range,
    shift_month,
    unbroken,
)

MONTHS = st.tuples(st.integers(1950, 2090), st.integers(1, 12)).map(lambda ym: f"{ym[0]:04d}-{ym[1]:02d}")


@given(MONTHS, st.integers(-200, 200))
def test_a_month_moved_is_that_of_pandas(month, by):
    assert shift_month(month, by) == str(pd.Period(month, "M") + by)
    assert shift_month(shift_month(month, by), -by) == month


@given(MONTHS, st.integers(0, 40))
def test_months_between_are_those_of_pandas(first, more):
    last = shift_month(first, more)
    assert list(months_between(first, last)) == pd.period_range(first, last, freq="M").astype(str).tolist()


@given(st.lists(MONTHS, max_size=12))
def test_days_are_those_of_the_calendar(months):
    assert days_in(months) == sum(calendar.monthrange(int(m[:4]), int(m[5:]))[1] for m in months)


@given(st.sets(MONTHS, max_size=30))
def test_runs_hold_every_month_once_and_have_no_gap(months):
    runs = unbroken(months)
    assert [month for run in runs for month in run] == sorted(months)
    assert all(months_between(run[0], run[-1]) == run for run in runs)
    assert all(shift_month(a[-1], 1) < b[0] for a, b in pairwise(runs))


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ((), "no months"),
        (("2025-01",), "January 2025"),
        (("2025-01", "2025-02", "2025-03"), "January to March 2025"),
        (("2024-12", "2025-01"), "December 2024 to January 2025"),
        (("2018-10", "2018-11", "2025-01"), "October to November 2018 and January 2025"),
    ],
)
def test_periods_in_words(months, words):
    assert period_words(months) == words


def test_ranges_halves_and_counts_by_hand():
    assert run_range(("2025-01",)) == "2025-01"
    assert run_range(("2025-01", "2025-02")) == "2025-01 to 2025-02"
    assert halves([1, 2, 3, 4, 5]) == ([1, 2], [4, 5])
    assert monthly_counts("3;0;2.0") == [3, 0, 2] and monthly_counts("") == []


def test_periods_to_compare():
    year_ago = comparable_periods([*months_between("2024-01", "2025-03")])
    assert year_ago.before == ("2024-01", "2024-02", "2024-03")
    just_before = comparable_periods(months_between("2024-10", "2025-03"))
    assert just_before.before == ("2024-10", "2024-11", "2024-12")
    assert comparable_periods(["2025-03"]).after == ()
    with pytest.raises(ParameterError, match="give at least 1"):
        comparable_periods(["2025-03"], length=0)
