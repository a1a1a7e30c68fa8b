"""What a later period may bring: the draws have the means and variances that their model says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.clusters.redraw import MOST_DRIFT, draw_later, drift_between_halves


def test_a_place_is_drawn_towards_the_others():
    total = np.array([0.0] * 50 + [10.0] * 50)
    later = draw_later(total, None, draws=4000, seed=1)
    # By moments: mean 5, variance 25, so shape 25 / 20 = 1.25 and weight 5 / 6.25 on the own count.
    expected = (total + 1.25) * 5 / 6.25
    np.testing.assert_allclose(later.mean(axis=0), expected, atol=0.25)
    assert later.mean() == pytest.approx(5, rel=0.02)


def test_counts_that_vary_no_more_than_chance_tell_of_one_rate():
    later = draw_later(np.full(40, 4.0), None, draws=2000, seed=0)
    np.testing.assert_allclose(later.mean(axis=0), 4, atol=0.3)
    np.testing.assert_allclose(later.var(axis=0), 4, rtol=0.25)


def test_drift_widens_the_draws_and_keeps_their_mean():
    rng = np.random.default_rng(5)
    rate = rng.gamma(2, 4, 400)
    halves = [rng.poisson(rate * rng.gamma(4, 1 / 4, 400) / 2) for _ in range(2)]
    monthly = np.column_stack(halves)
    total = monthly.sum(axis=1).astype(float)
    steady = draw_later(total, None, draws=3000, seed=2)
    drifting = draw_later(total, monthly, draws=3000, seed=2)
    assert drifting.mean() == pytest.approx(steady.mean(), rel=0.02)
    assert drifting.var(axis=0).mean() > 1.3 * steady.var(axis=0).mean()


def test_the_estimate_finds_the_drift_that_was_put_in():
    rng = np.random.default_rng(6)
    for truth in (0.0, 0.05, 0.2):
        n = rng.poisson(30, 4000)
        part = rng.beta((1 - truth) / truth / 2, (1 - truth) / truth / 2, 4000) if truth else 0.5
        first = rng.binomial(n, part)
        found = drift_between_halves(np.column_stack([first, n - first]))
        assert found == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("monthly", [np.zeros((4, 6)), np.ones((4, 1)), np.eye(4, 6)])
def test_what_tells_nothing_is_no_drift(monthly):
    assert drift_between_halves(monthly) == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_the_drift_is_a_share_and_does_not_depend_on_the_order_of_places(seed):
    rng = np.random.default_rng(seed)
    monthly = rng.poisson(rng.gamma(0.5, 4, (60, 1)), (60, 8))
    found = drift_between_halves(monthly)
    assert 0 <= found <= MOST_DRIFT
    assert drift_between_halves(rng.permutation(monthly)) == pytest.approx(found)
