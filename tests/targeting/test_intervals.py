"""Predictive intervals: their chance by scipy, their coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from hotspots.errors import ParameterError
from hotspots.targeting.intervals import UNKNOWN, chance_of_top, fit_dispersion, predictive_interval


@given(st.floats(0.01, 60), st.floats(0.01, 2))
def test_no_run_of_counts_is_nearer_to_the_level_and_shorter(expected, dispersion):
    (low,), (high,) = predictive_interval(np.array([expected]), dispersion)
    law = nbinom(1 / dispersion, 1 / (1 + dispersion * expected))
    chance = law.cdf(high) - law.cdf(low - 1)
    for other_low, other_high in ((low + 1, high), (low, high - 1)):
        shorter = law.cdf(other_high) - law.cdf(other_low - 1)
        # a shorter run may only be nearer where the expectation itself had to be reached
        assert abs(chance - 0.95) <= abs(shorter - 0.95) + 1e-9 or high <= np.ceil(expected)


def test_hardly_dispersed_counts_are_poisson():
    low, high = predictive_interval(np.array([30.0]), 1e-4)
    law = poisson(30)
    assert law.cdf(high[0]) - law.cdf(low[0] - 1) == pytest.approx(0.95, abs=0.012)


def test_an_interval_holds_its_expectation_and_nothing_expects_nothing():
    expected = np.array([0.0, 0.01, 0.05, 0.4, 3, 50])
    low, high = predictive_interval(expected, 0.3)
    assert (low <= expected).all()
    assert (high >= expected).all()
    assert (low[0], high[0]) == (0, 0)


def test_more_dispersion_is_wider_and_a_lower_level_narrower():
    expected = np.array([8.0, 40.0])
    spans = [np.subtract(*predictive_interval(expected, w)[::-1]) for w in (0.01, 0.2, 1.0)]
    assert (spans[0] < spans[1]).all()
    assert (spans[1] < spans[2]).all()
    narrow = np.subtract(*predictive_interval(expected, 0.2, level=0.5)[::-1])
    assert (narrow < spans[1]).all()


def test_dispersion_is_found_again():
    rng = np.random.default_rng(1)
    expected = rng.gamma(1.0, 4.0, 3000)
    for dispersion in (0.1, 0.5, 1.5):
        shape = 1 / dispersion
        observed = rng.negative_binomial(shape, shape / (shape + expected))
        assert fit_dispersion(expected, observed) == pytest.approx(dispersion, rel=0.15)
    assert fit_dispersion(expected, rng.poisson(expected)) < 0.01


def test_few_predictions_say_nothing_of_dispersion():
    assert fit_dispersion(np.ones(9), np.ones(9)) == UNKNOWN
    assert fit_dispersion(np.zeros(50), np.zeros(50)) == UNKNOWN


def test_intervals_cover_when_the_dispersion_is_learnt_from_other_beats():
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(60):
        dispersion = rng.uniform(0.05, 0.8)
        expected = rng.gamma(0.8, 3.0, 240)
        shape = 1 / dispersion
        counts = rng.negative_binomial(shape, shape / (shape + expected))
        learnt = fit_dispersion(expected[:200], counts[:200])
        low, high = predictive_interval(expected[200:], learnt)
        covered.append((low <= counts[200:]) & (counts[200:] <= high))
    assert 0.94 < np.mean(covered) < 0.965


def test_the_chance_of_the_top_is_that_of_the_counts_to_come():
    """Two beats, one among the top: the chance that one negative binomial count beats another, by scipy."""
    expected, w = np.array([4.0, 2.0]), 0.3
    first, second = (nbinom(1 / w, 1 / (1 + w * mean)) for mean in expected)
    n = np.arange(200)
    higher = (first.pmf(n) * second.cdf(n - 1)).sum() + (first.pmf(n) * second.pmf(n)).sum() / 2
    found = chance_of_top(expected, np.ones(2), w, top=1, draws=20_000)
    assert found[0] == pytest.approx(higher, abs=0.01)


def test_chances_of_the_top_add_up_and_follow_the_rate():
    expected, area = np.array([10.0, 10, 5, 1, 0.1]), np.ones(5)
    chance = chance_of_top(expected, area, 0.2, top=2, draws=4000)
    assert chance.sum() == pytest.approx(2)
    assert chance[0] == pytest.approx(chance[1], abs=0.05)
    assert chance[2] > chance[3] > chance[4] - 1e-9
    # half the area is twice the density
    assert chance_of_top(expected, np.array([1, 1, 0.25, 1, 1]), 0.2, top=2)[2] > 0.8
    assert (chance_of_top(expected, area, 0.2, top=5) == 1).all()
    assert (chance_of_top(expected, area, 0.2, top=2) == chance_of_top(expected, area, 0.2, top=2)).all()


def test_two_even_beats_have_an_even_chance():
    # by symmetry each of four equal beats is among the top one with chance 1/4
    chance = chance_of_top(np.full(4, 2.0), np.ones(4), 0.5, top=1, draws=8000)
    assert chance.tolist() == pytest.approx([0.25] * 4, abs=0.02)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: predictive_interval(np.ones(1), 0.1, level=1.0), "level of 1 is no chance"),
        (lambda: predictive_interval(np.array([-1.0]), 0.1), "expectation is negative"),
    ],
)
def test_impossible_wishes_are_refused(call, match):
    with pytest.raises(ParameterError, match=match):
        call()
