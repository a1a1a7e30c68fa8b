"""What is said over time, in the words of the pages."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from hotspots.pages import over_time
from hotspots.schema import dtypes


@pytest.fixture(scope="module")
def release(sample_analysis):
    return sample_analysis.release()


def one_row(frame, **values):
    blank = {name: "" if kind == "object" else float("nan") for name, kind in dtypes(frame).items()}
    return pd.DataFrame([{**blank, **values}])


def test_a_rise_is_said_with_its_place_since_when_and_what_would_confirm_it(release):
    rise = one_row(
        "emerging",
        **{"theme": "all", "level": "lsoa", "code": "E1", "name": "Derby 013G", "since": "2025-07"},
        **{"observed": 248, "expected": 29.47, "p": 5e-6, "q": 0.003},
        **{"confirmed_at": 23, "confirmed_in": "2026-01"},
    )
    (row,) = over_time.emerging(replace(release, emerging=rise))["rows"]
    assert row["place"] == "Derby 013G (LSOA)" and row["since"] == "July 2025"
    assert (row["observed"], row["expected"], row["sure"]) == ("248", "29", "0.3%")
    assert row["confirm"] == "23 or more in January 2026"
    none = over_time.emerging(replace(release, emerging=release.emerging.iloc[:0]))
    assert not none["rows"] and "No theme" in none["note"]


def compared(release, **changes):
    ward = str(release.wards.index[0])
    usual = {"comparison": "2024-01..2024-12 2025-01..2025-12", "theme": "all", "level": "ward", "code": ward}
    usual |= {"name": "Abbey", "before": 100, "after": 150, "change": 1.5, "change_low": 1.2}
    usual |= {"change_high": 1.9, "change_q": 0.01, "city_change": 1.0, "similar_change": float("nan")}
    return replace(release, comparisons=one_row("comparisons", **{**usual, **changes})), ward


@pytest.mark.parametrize(
    ("changes", "ratio", "spread", "listed"),
    [
        ({}, "+50%", "+20% to +90%", 1),
        ({"change_q": 0.2}, "+50%", "+20% to +90%, may be chance", 0),
        ({"before": 2, "after": 3}, "too few to tell", "", 0),
    ],
)
def test_a_change_is_said_with_its_range_and_what_chance_may_do(release, changes, ratio, spread, listed):
    changed, ward = compared(release, **changes)
    (part,) = over_time.compared(changed)[ward]
    assert part["title"] == "January to December 2025 against January to December 2024"
    (row,) = part["rows"]
    assert (row["ratio"], row["spread"], row["city"], row["similar"]) == (ratio, spread, "0%", "–")
    assert len(over_time.changed(changed)[0]["rows"]) == listed
    assert part["season"] == "" and part["days"]


def test_other_months_of_the_year_are_said_to_be_so(release):
    changed, ward = compared(release, reason="different months of the year, so seasons play a part")
    assert "season" in over_time.compared(changed)[ward][0]["season"]


def test_the_next_months_are_said_of_a_ward(release):
    ward = str(release.wards.index[0])
    coming = over_time.coming(release, ward)
    assert coming["heads"][-1] == "Together" and len(coming["heads"]) == 4
    assert all(len(row["cells"]) == 4 and " to " in row["cells"][0] for row in coming["rows"])


def test_heaps_and_circles_are_for_who_may_see_them(sample_analysis, release):
    assert len(over_time.heaps(release)) == len(release.heaps)
    assert over_time.heaps(sample_analysis.release(audience="public")) == []
    assert over_time.scanned(release) == {"sought": False, "rows": []}
