"""Which periods are compared, and how they are named."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_months import made_months, months_from

from hotspots.errors import UsageError
from hotspots.months import Periods
from hotspots.statistics.periods import (
    COMPARISON_COLUMNS,
    compare_periods,
    comparison_text,
    parse_comparison,
    parse_period,
    usual_comparisons,
)

TWO_YEARS = months_from("2024-01", 24)


def test_two_years_give_the_year_and_the_quarter_each_with_the_one_before():
    year, quarter = usual_comparisons(TWO_YEARS)
    assert (year.before, year.after) == (tuple(TWO_YEARS[:12]), tuple(TWO_YEARS[12:]))
    assert quarter.before == ("2024-10", "2024-11", "2024-12")
    assert quarter.after == ("2025-10", "2025-11", "2025-12")
    assert "twelve" in year.reason and "quarter" in quarter.reason


@pytest.mark.parametrize(("months", "found"), [(TWO_YEARS[9:], 1), (TWO_YEARS[:12], 0), ([], 0)])
def test_only_what_was_read_is_compared(months, found):
    assert len(usual_comparisons(months)) == found


def test_a_period_is_read_as_it_is_written():
    assert parse_period("2024-11..2025-02") == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert parse_period(" 2025-03 ") == ("2025-03",)


@given(st.integers(0, 23), st.integers(0, 23))
def test_what_is_written_is_read_again(one, other):
    first, last = sorted((one, other))
    assert parse_period(f"{TWO_YEARS[first]}..{TWO_YEARS[last]}") == tuple(TWO_YEARS[first : last + 1])


@pytest.mark.parametrize(
    "text", ["2024", "2024-13", "2024-01-2024-12", "2024-01...2024-12", "", "2024-1..2024-2"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(UsageError, match=re.escape("write it as 2024-01..2024-12")):
        parse_period(text)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("2024-06..2024-01", "2025-01..2025-06", "ends before it begins: write 2024-01..2024-06"),
        ("2024-01..2024-06", "2024-06..2024-12", "share 2024-06"),
        ("2025-01..2025-06", "2024-01..2024-06", "is later than"),
        ("2023-12", "2024-12", "2023-12 was not read in full"),
        ("2023-11..2023-12", "2024-11..2024-12", "2023-11 and 1 more were not read in full"),
    ],
)
def test_periods_that_cannot_be_compared_are_named(before, after, message):
    with pytest.raises(UsageError, match=message):
        parse_comparison(before, after, months=TWO_YEARS)


def test_other_months_of_the_year_are_a_warning_and_the_text_can_be_given_again():
    plain = parse_comparison("2024-01..2024-12", "2025-01..2025-12", months=TWO_YEARS)
    assert comparison_text(plain) == "2024-01..2024-12 2025-01..2025-12"
    assert parse_comparison(*comparison_text(plain).split(), months=TWO_YEARS) == plain
    assert "seasons play a part" not in plain.reason
    assert "seasons play a part" in parse_comparison("2024-01", "2024-02", months=TWO_YEARS).reason


def test_the_city_and_the_similar_wards_stand_beside_each_ward():
    table = pd.DataFrame(
        np.repeat([[10.0, 20.0], [10.0, 10.0], [5.0, 10.0]], 12, axis=1),
        index=["A", "B", "C"],
        columns=TWO_YEARS,
    )
    similar = pd.DataFrame({"code": ["A", "A", "B"], "similar_code": ["B", "C", "C"]})
    year = usual_comparisons(TWO_YEARS)[:1]
    found = compare_periods({("ward", "asb"): table}, year, similar=similar).set_index("code")
    assert tuple(found.reset_index()[list(COMPARISON_COLUMNS)].columns) == COMPARISON_COLUMNS
    days = 366 / 365
    assert found["change"].tolist() == pytest.approx([2 * days, days, 2 * days])
    assert found["city_change"].tolist() == pytest.approx([480 / 300 * days] * 3)
    assert found.loc["A", ["similar_before", "similar_after"]].tolist() == [180, 240]
    assert found.loc["A", "similar_change"] == pytest.approx(240 / 180 * days)
    assert np.isnan(found.loc["C", "similar_change"])


def test_without_similar_wards_or_comparisons_their_columns_stay_empty():
    table = made_months(np.random.default_rng(1), areas=12, months=TWO_YEARS)
    found = compare_periods({("ward", "asb"): table}, usual_comparisons(TWO_YEARS))
    assert len(found) == 24 and found["similar_before"].isna().all() and found["p"].notna().all()
    assert compare_periods({}, [Periods(("2024-01",), ("2025-01",), "")]).empty
