"""The Gamma-Poisson model against scipy's distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import gamma, nbinom, poisson

from hotspots.statistics.rates import fit_rates, rank_chances, rank_interval

COUNT = np.array([3.0, 0, 12, 7, 30, 2])
EXPOSURE = np.array([1.5, 0.8, 2.0, 2.5, 3.0, 1.0])


def log_likelihood(log_mean: float, shape: float) -> float:
    chance = shape / (shape + np.exp(log_mean) * EXPOSURE)
    return nbinom.logpmf(COUNT, shape, chance).sum()


def test_chances_of_the_spreads_are_negative_binomial_likelihoods() -> None:
    model = fit_rates(COUNT, EXPOSURE)
    shapes = model.shape[:, 0]
    best = [
        minimize_scalar(lambda m, a=a: -log_likelihood(m, a), bounds=(-3, 5), method="bounded")
        for a in shapes
    ]
    np.testing.assert_allclose(model.mean[:, 0], [np.exp(one.x) for one in best], rtol=1e-4)
    spread = 1 / np.sqrt(shapes)
    expected = np.exp([-one.fun for one in best]) * np.gradient(spread)
    np.testing.assert_allclose(model.chance, expected / expected.sum(), rtol=1e-6)


def test_shrunk_rates_equal_numerical_integration() -> None:
    model = fit_rates(COUNT, EXPOSURE)
    log_rate = np.linspace(-14, 5, 4000)
    rate = step = np.exp(log_rate)
    for area in (1, 4):
        expected = 0.0
        for chance, a, m in zip(model.chance, model.shape[:, 0], model.mean[:, 0], strict=True):
            prior = gamma.pdf(rate, a, scale=m / a)
            density = prior * poisson.pmf(COUNT[area], rate * EXPOSURE[area]) * step
            expected += chance * (density * rate).sum() / density.sum()
        assert model.shrunk_rates()[area] == pytest.approx(expected, rel=1e-3)


def test_draws_centre_on_the_shrunk_rates() -> None:
    model = fit_rates(COUNT, EXPOSURE)
    draws = model.draw(40_000, seed=1)
    np.testing.assert_allclose(draws.mean(axis=0), model.shrunk_rates(), rtol=0.05)
    assert (draws == model.draw(40_000, seed=1)).all()


def test_alike_areas_are_drawn_together_and_unlike_ones_are_not() -> None:
    exposure = np.full(18, 10.0)
    alike = fit_rates(np.full(18, 50.0), exposure)
    assert (1 / np.sqrt(alike.shape[:, 0]))[alike.chance.argmax()] < 0.05
    unlike = fit_rates(np.linspace(5, 500, 18), exposure)
    np.testing.assert_allclose(unlike.shrunk_rates(), np.linspace(0.5, 50, 18), rtol=0.2, atol=0.3)


def test_units_of_exposure_scale_the_rates() -> None:
    first, second = fit_rates(COUNT, EXPOSURE), fit_rates(COUNT, EXPOSURE * 1000)
    np.testing.assert_allclose(first.shrunk_rates(), second.shrunk_rates() * 1000, rtol=1e-6)
    np.testing.assert_allclose(first.draw(50, seed=2), second.draw(50, seed=2) * 1000, rtol=1e-5)


def test_places_and_intervals_by_hand() -> None:
    scores = np.array([[3.0, 2, 1]] * 98 + [[1.0, 2, 3]] * 2)
    chances = rank_chances(scores)
    np.testing.assert_allclose(chances, [[0.98, 0, 0.02], [0, 1, 0], [0.02, 0, 0.98]])
    low, high = rank_interval(chances)
    assert (low.tolist(), high.tolist()) == ([1, 2, 3], [1, 2, 3])
    wide = rank_interval(chances, confidence=0.99)
    assert (wide[0].tolist(), wide[1].tolist()) == ([1, 2, 1], [3, 2, 3])
