"""Counts in steps: by hand, and the limits against every count that could be meant."""

from __future__ import annotations

import pytest

from hotspots.audiences import POLICIES
from hotspots.release.rounding import round_counts, rounding_limits, show_count


def test_halves_go_up_as_people_round():
    assert round_counts([0, 2, 3, 7, 8, 12, 13], 5).tolist() == [0, 0, 5, 5, 10, 10, 15]
    assert round_counts([1, 2, 3], 2).tolist() == [2, 2, 4]
    assert round_counts([1, 2, 3], 1).tolist() == [1, 2, 3]


@pytest.mark.parametrize("audience", POLICIES)
def test_what_is_shown_lies_in_the_audience_s_steps_and_small_counts_do_not(audience):
    policy = POLICIES[audience]
    for count in range(200):
        shown = show_count(count, policy)
        assert (shown is None) == (count < policy.minimum)
        assert shown is None or shown % policy.base == 0


@pytest.mark.parametrize("audience", POLICIES)
def test_limits_are_the_least_and_the_greatest_count_of_the_same_figure(audience):
    policy = POLICIES[audience]
    alike: dict[int, list[int]] = {}
    for count in range(policy.minimum, 300):
        alike.setdefault(show_count(count, policy), []).append(count)
    for shown, counts in list(alike.items())[:-1]:
        low, high = rounding_limits(counts[0], policy)
        assert (low, high) == (min(counts), max(counts)), shown
