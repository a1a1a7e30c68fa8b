"""False discoveries, against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from hotspots.statistics.discoveries import benjamini_hochberg


def test_by_hand():
    # 4 tests: 0.01 * 4 / 1, 0.02 * 4 / 2, 0.03 * 4 / 3, 0.5 * 4 / 4, each no more than the next.
    np.testing.assert_allclose(benjamini_hochberg(np.array([0.5, 0.01, 0.03, 0.02])), [0.5, 0.04, 0.04, 0.04])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_equals_scipy(values):
    p = np.array(values)
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.integers(0, 5))
def test_what_was_not_tested_counts_for_nothing(values, gaps):
    p = np.array([*values, *[np.nan] * gaps])
    found = benjamini_hochberg(p)
    np.testing.assert_allclose(found[: len(values)], benjamini_hochberg(np.array(values)))
    assert np.isnan(found[len(values) :]).all()


@pytest.mark.parametrize("axis", [0, 1])
def test_families_lie_along_an_axis(axis):
    p = np.random.default_rng(1).uniform(size=(6, 6))
    found = benjamini_hochberg(p, axis=axis)
    for k in range(6):
        np.testing.assert_allclose(np.take(found, k, 1 - axis), benjamini_hochberg(np.take(p, k, 1 - axis)))
