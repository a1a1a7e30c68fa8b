"""Hit rates, their intervals and bounds."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from hotspots.errors import ParameterError
from hotspots.findings.quality import top_area_bounds
from hotspots.locating.hitrate import hit_rate, hit_rates, wilson_interval


@given(st.integers(1, 5000), st.floats(0, 1))
def test_the_interval_is_scipys(trials: int, share: float) -> None:
    """SciPy's Wilson interval is the oracle."""
    successes = round(share * trials)
    expected = binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_ends_are_closed() -> None:
    """All or none located still leaves doubt on one side, and only there."""
    assert wilson_interval(10, 10)[1] == 1.0
    assert wilson_interval(10, 10)[0] == pytest.approx(0.7225, abs=1e-4)
    assert wilson_interval(0, 10)[0] == 0.0


def test_each_group_is_measured_by_itself() -> None:
    """An incident may be in several themes, or in none."""
    groups = pd.DataFrame({"all": [True] * 4, "drugs": [True, True, False, False], "none": [False] * 4})
    found = hit_rates([True, False, True, True], groups)
    assert [(rate.name, rate.located, rate.total) for rate in found] == [
        ("all", 3, 4),
        ("drugs", 1, 2),
        ("none", 0, 0),
    ]
    assert [rate.reliable for rate in found] == [False, False, True]
    assert found[2].rate is None
    json.dumps([rate.as_dict() for rate in found], allow_nan=False)


def test_the_threshold_is_eighty_five_per_cent() -> None:
    """Ratcliffe's first estimate: reached is enough."""
    assert hit_rate("x", located=85, total=100).reliable
    assert not hit_rate("x", located=84, total=100).reliable


def test_frames_that_do_not_match_are_refused() -> None:
    """Rates of other incidents would be wrong in silence."""
    with pytest.raises(ParameterError, match="located has 1 rows and groups 2"):
        hit_rates([True], pd.DataFrame({"all": [True, True]}))
    with pytest.raises(ParameterError, match="located is 3 of 2"):
        hit_rate("x", located=3, total=2)


@pytest.mark.parametrize(
    ("counts", "unlocated", "top", "rival", "change"),
    [
        ({"A": 10, "B": 7}, 2, "A", "B", False),
        ({"A": 10, "B": 7}, 3, "A", "B", True),  # a draw is a change: A no longer leads alone
        ({"B": 5, "A": 5}, 0, "A", "B", True),
        ({"A": 5, "B": 2}, 1, "A", "B", False),
        ({"A": 10}, 9, "A", "", False),
        ({"A": 4, "B": 0}, 4, "A", "B", True),
        ({}, 3, "", "", False),
        ({"A": 0, "B": 0}, 3, "", "", False),
    ],
)
def test_bounds(counts: dict[str, int], unlocated: int, top: str, rival: str, change: bool) -> None:
    """All unlocated incidents are given to the rival."""
    bounds = top_area_bounds(pd.Series(counts, dtype=int), unlocated=unlocated)
    assert (bounds.top, bounds.rival, bounds.could_change) == (top, rival, change)
    assert ("could change" in bounds.words or "could put either first" in bounds.words) == change
    assert " by 0" not in bounds.words and "1 incidents" not in bounds.words
    json.dumps(bounds.as_dict(), allow_nan=False)


def test_fewer_than_none_unlocated_is_refused() -> None:
    """A negative number is a caller's mistake."""
    with pytest.raises(ParameterError, match="unlocated is -1"):
        top_area_bounds(pd.Series({"A": 1}), unlocated=-1)


def test_areas_that_tie_lead_together() -> None:
    """Nobody leads by 0, and one incident is not "1 incidents"."""
    assert top_area_bounds(pd.Series({"A": 5, "B": 5}), unlocated=2).words.startswith("A and B lead together")
    assert "with 1 incident unlocated" in top_area_bounds(pd.Series({"A": 5, "B": 2}), unlocated=1).words
