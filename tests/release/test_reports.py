"""What the record of reading says outside internal use, and how counts are rounded."""

from __future__ import annotations

import pytest

from hotspots.audiences import POLICIES
from hotspots.release.reports import reason_counts, release_rejected, released_reading
from hotspots.release.rounding import round_counts, rounding_limits, show_count


def test_files_have_neutral_names_and_their_kind():
    sources = [{"name": "Mr Smith.csv", "kind": "table", "sha256": "ab", "rows_read": 3}] * 2
    assert released_reading({"rows_read": 6, "sources": sources, "warnings": ["3 rows"]}) == {
        "sources": [{"name": "file 1", "kind": "table"}, {"name": "file 2", "kind": "table"}]
    }


def test_rejected_rows_are_for_internal_use(sample_analysis):
    rejected = sample_analysis.rejected
    assert sum(reason_counts(rejected).values()) == rejected["rows"].sum() > 0
    assert not len(release_rejected(rejected, POLICIES["public"]))
    assert len(release_rejected(rejected, POLICIES["internal"])) == len(rejected)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_every_count_lies_within_the_limits_of_its_rounding(audience):
    policy = POLICIES[audience]
    for count in range(policy.minimum, 200):
        low, high = rounding_limits(count, policy)
        same = [
            n for n in range(policy.minimum, 210) if round_counts(n, policy.base) == show_count(count, policy)
        ]
        assert (low, high) == (same[0], same[-1])
