"""The auditor, which knows nothing of how counts are withheld, against what withholds them."""

from __future__ import annotations

from hypothesis import given
from withheld import below, hierarchies, released


@given(hierarchies())
def test_no_withheld_count_is_below_policy_alone_or_joined(drawn):
    counts, per_ward = drawn
    partner, public = (released(counts, per_ward, audience) for audience in ("partner", "public"))
    assert not below(partner)
    assert not below(public)
    assert not below(partner, public)
