"""What a later period may bring: the draws have the means and variances that their model says."""

from __future__ import annotations

import numpy as np
import pytest

from hotspots.clusters.redraw import draw_later

FAR = np.column_stack([np.arange(100) * 10_000.0, np.zeros(100)])


def drawn(total, monthly=None, *, xy=None, draws=3000, seed=1):
    where = FAR[: len(total)] if xy is None else xy
    return draw_later(where, np.asarray(total, dtype=float), monthly, eps=150.0, draws=draws, seed=seed)


def test_counts_that_vary_no_more_than_chance_tell_of_one_rate():
    later = drawn(np.full(40, 4.0), xy=FAR[:40] / 1000)
    np.testing.assert_allclose(later.mean(axis=0), 4, atol=0.3)
    np.testing.assert_allclose(later.var(axis=0), 4, rtol=0.25)


def test_a_place_without_any_is_likelier_to_have_one_in_a_busy_street():
    street = np.column_stack([np.linspace(0, 200, 10), np.zeros(10)])
    suburb = street + np.array([50_000.0, 0.0])
    total = np.array([9.0] * 9 + [0.0] + [0.0] * 10)
    later = drawn(total, xy=np.vstack([street, suburb])).mean(axis=0)
    assert later[9] > 3 * later[10:].mean()


def test_drift_widens_the_draws():
    rng = np.random.default_rng(5)
    rate = rng.gamma(2, 1, (100, 1))
    steady = rng.poisson(np.repeat(rate, 12, axis=1))
    moved = np.exp(np.cumsum(rng.normal(0, 0.3, (100, 12)), axis=1))
    drifting = rng.poisson(rate * moved / moved.mean())

    def spread(table):
        later = drawn(table.sum(axis=1), table)
        return (later.var(axis=0) / np.maximum(later.mean(axis=0), 1)).mean()

    assert spread(drifting) > 1.5 * spread(steady)


@pytest.mark.parametrize("shape", [(4, 6), (1, 6), (4, 1)])
def test_nothing_brings_next_to_nothing_and_the_shape_is_that_of_the_places(shape):
    later = drawn(np.zeros(shape[0]), np.zeros(shape), draws=50)
    assert later.shape == (50, shape[0]) and later.sum() == 0


def test_the_same_seed_draws_the_same():
    monthly = np.random.default_rng(1).poisson(2.0, (30, 6))
    again = [drawn(monthly.sum(axis=1), monthly, draws=20, seed=3) for _ in range(2)]
    assert (again[0] == again[1]).all()
