"""The auditor, which knows nothing of how counts are withheld, against what withholds them."""

from __future__ import annotations

from hypothesis import given, settings
from withheld import below, hierarchies, released


@settings(max_examples=25, deadline=None)
@given(hierarchies())
def test_no_withheld_count_is_below_policy_alone_or_joined(drawn):
    counts, per_ward = drawn
    partner, public = (released(counts, per_ward, audience) for audience in ("partner", "public"))
    assert not below(partner)
    assert not below(public)
    assert not below(partner, public)
