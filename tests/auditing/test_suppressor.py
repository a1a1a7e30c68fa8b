"""The auditor, which knows nothing of how counts are withheld, against what withholds them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_releases import honest, town

from hotspots.audiences import POLICIES
from hotspots.auditing.bounds import bounds
from hotspots.release.withholding import SHOWN, CountTables, withhold


@st.composite
def hierarchies(draw):
    """Draw all incidents and a theme among them, by LSOA and month, with LSOAs in wards."""
    wards, per_ward, months = draw(st.integers(2, 4)), draw(st.integers(2, 3)), draw(st.integers(1, 3))
    shape = (wards * per_ward, months)
    most = draw(st.sampled_from([12, 40, 90]))
    cells = draw(st.lists(st.integers(0, most), min_size=shape[0] * months, max_size=shape[0] * months))
    every = np.array(cells).reshape(shape)
    part = draw(st.lists(st.sampled_from([0.0, 0.1, 0.4, 0.9, 1.0]), min_size=shape[0], max_size=shape[0]))
    return {"all": every, "robbery": np.floor(every * np.array(part)[:, None]).astype(int)}, per_ward


def released(counts, per_ward, audience):
    """Withhold by the project's rule and publish by the small releases' own."""
    policy, cube = POLICIES[audience], np.stack(list(counts.values()))
    themes, lsoas, months = cube.shape
    wards = lsoas // per_ward
    by_month = cube.reshape(themes, wards, per_ward, months).sum(axis=2)
    ward = by_month.sum(axis=2)
    inside = np.arange(lsoas)[None] // per_ward == np.arange(wards)[:, None]
    listed = by_month if months > 1 else by_month[..., :0]
    tables = CountTables(ward.sum(axis=1), ward, listed, cube.sum(axis=2), *[inside] * 3)
    states = withhold(tables, policy, monthly=np.ones(2, dtype=bool), fine=np.ones(2, dtype=bool))
    names = [f"2025-{m + 1:02d}" for m in range(months)]
    hidden, dropped = set(), set()
    for t, theme in enumerate(counts):
        for w in range(wards):
            at = (theme, "ward", f"E0500{w + 1:04d}")
            hidden |= {(*at, "")} if states.ward[t, w] != SHOWN else set()
            keys = [(*at, name) for name in names if months > 1]
            dropped |= set() if states.monthly[t] else set(keys)
            hidden |= {key for key, state in zip(keys, states.month[t, w], strict=False) if state != SHOWN}
        keys = [(theme, "lsoa", f"E0100{s + 1:04d}", "") for s in range(lsoas)]
        dropped |= set() if states.fine[t] else set(keys)
        hidden |= {key for key, state in zip(keys, states.lsoa[t], strict=True) if state != SHOWN}
    truth = {
        key: n
        for key, n in town(counts, months=tuple(names), per_ward=per_ward).items()
        if key not in dropped
    }
    release = honest(
        truth, audience=audience, wards=wards, per_ward=per_ward, months=tuple(names), further=tuple(hidden)
    )
    for t, theme in enumerate(counts):
        if states.total[t] != SHOWN:
            release.totals[theme] = None
    return release.published()


def below(*releases):
    return [bound for table in bounds(releases).tables for bound in table.below]


@settings(max_examples=25, deadline=None)
@given(hierarchies())
def test_no_withheld_count_is_below_policy_alone_or_joined(drawn):
    counts, per_ward = drawn
    partner, public = (released(counts, per_ward, audience) for audience in ("partner", "public"))
    assert not below(partner)
    assert not below(public)
    assert not below(partner, public)
