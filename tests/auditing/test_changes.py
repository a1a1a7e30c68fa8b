"""What a stated change says of months that are withheld."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from small_releases import quiet

from hotspots.auditing.bounds import bounds
from hotspots.auditing.changes import change_leaks, change_rows, months_of
from hotspots.auditing.published import Table

WARD = "E05000001"
SPANS = {"change": {"before": "January 2025", "after": "February 2025"}}


def with_change(release, ratio):
    frame = pd.DataFrame({"theme": ["all"], "level": ["ward"], "code": [WARD], "change": [ratio]})
    base = release.published()
    tables = (*base.tables, Table("index.html data results", frame))
    return replace(base, tables=tables, data=SPANS)


@pytest.fixture
def monthly():
    """A release whose first ward shows 90 for January and 80 for February."""
    release = quiet()
    release.counts.update({("all", "ward", WARD, "2025-01"): 90, ("all", "ward", WARD, "2025-02"): 80})
    return release


def test_a_change_of_released_months_says_nothing_more(monthly):
    # 80 in 28 days over 90 in 31
    following = with_change(monthly, round(80 / 90 * 31 / 28, 3))
    assert list(change_rows(following)) == [] and list(change_leaks(following)) == []


def test_a_change_of_exact_months_is_a_leak(monthly):
    (leak,) = change_leaks(with_change(monthly, 0.987))
    assert "do not follow" in leak.what


def test_a_change_beside_withheld_months_bounds_them(monthly):
    monthly.counts["all", "ward", WARD, "2025-01"] = None
    monthly.counts["all", "ward", WARD, "2025-02"] = None
    # 173 to 177 in both months, twice as many a day in February: about 62 and 112
    release = with_change(monthly, 2.0)
    (leak,) = change_leaks(release)
    assert "withheld months" in leak.what
    found = {
        b.cell.months: b.interval for t in bounds([release]).tables for b in t.bounds if b.cell.theme == "all"
    }
    low, high = found["2025-01",].low, found["2025-01",].high
    assert 55 <= low <= 62 <= high <= 68


@pytest.mark.parametrize(
    ("words", "months"),
    [
        ("July to September 2025", ("2025-07", "2025-08", "2025-09")),
        ("November 2024 to January 2025", ("2024-11", "2024-12", "2025-01")),
        ("December 2018 and January to February 2025", ("2018-12", "2025-01", "2025-02")),
        ("March 2025", ("2025-03",)),
        ("no months", ()),
        ("", ()),
    ],
)
def test_periods_are_read_as_pages_write_them(words, months):
    assert months_of(words) == months
