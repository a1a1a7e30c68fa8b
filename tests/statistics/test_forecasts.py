"""What later months may bring: ranges that hold as often as they say, chances and draws that agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_months import made_months, months_from
from scipy.stats import nbinom, poisson

from hotspots.errors import ParameterError
from hotspots.statistics._laws import caution, count_limits, count_tail
from hotspots.statistics.forecasts import forecast_counts, redraw_counts
from hotspots.statistics.predictive import fit_counts

TWO_YEARS = months_from("2024-01", 24)
YEAR, LATER = TWO_YEARS[:12], TWO_YEARS[12:]


@pytest.mark.parametrize(
    "truth",
    [
        {"excess": 0.0, "own": 0.0},
        {"excess": 0.5, "own": 0.03, "city": 0.005},
        {"excess": 0.5, "own": 0.03, "city": 0.005, "drift": 0.002},
    ],
)
@pytest.mark.parametrize(("areas", "mean"), [(18, 20.0), (152, 3.0)])
def test_a_range_of_95_percent_holds_95_percent_of_later_counts(truth, areas, mean):
    rng = np.random.default_rng(7)
    held, busiest = [], []
    for _ in range(16):
        table = made_months(rng, areas=areas, months=TWO_YEARS, mean=mean, **truth)
        usual = forecast_counts(fit_counts(table[YEAR]), months=LATER).range()
        later = table[LATER].sum(axis=1)
        inside = (later >= usual["low"]) & (later <= usual["high"])
        held.append(inside.mean())
        busiest.append(inside[table[YEAR].sum(axis=1).nlargest(areas // 6).index].mean())
    assert np.mean(held) > 0.9 and np.mean(busiest) > 0.88


def test_ranges_are_no_wider_than_they_need_be():
    # Busy areas and plain Poisson counts: about 4 % either way is all that chance allows, and a
    # little more that rates may drift, which a year cannot rule out.
    rng = np.random.default_rng(8)
    table = made_months(rng, areas=100, months=YEAR, mean=500, spread=0.1, excess=0, own=0)
    usual = forecast_counts(fit_counts(table), months=LATER).range()
    width = (usual["high"] - usual["low"]) / np.sqrt(usual["expected"])
    assert width.median() < 1.45 * 2 * 1.96 * np.sqrt(2)


def test_draws_chances_and_ranges_tell_the_same():
    table = made_months(np.random.default_rng(9), areas=12, months=YEAR, mean=10)
    forecast = forecast_counts(fit_counts(table), months=LATER)
    drawn = forecast.draw(20_000, seed=1)
    assert np.allclose(drawn.mean(axis=0), forecast.mean, rtol=0.03)
    usual = forecast.range()
    below = (drawn < usual["low"].to_numpy()).mean(axis=0)
    above = (drawn > usual["high"].to_numpy()).mean(axis=0)
    assert below.max() < 0.03 and above.max() < 0.03 and (below + above).min() > 0.02
    chance = forecast.chance_of_at_least(usual["high"].to_numpy())
    assert np.allclose(chance, (drawn >= usual["high"].to_numpy()).mean(axis=0), atol=0.01)


def test_rates_vary_less_than_the_counts_they_lie_behind():
    table = made_months(np.random.default_rng(10), areas=12, months=YEAR, mean=10)
    forecast = forecast_counts(fit_counts(table), months=LATER, shared=False)
    rates, counts = forecast.draw(4000, seed=2, rates=True), forecast.draw(4000, seed=2)
    assert (rates.std(axis=0) < counts.std(axis=0)).all()
    assert np.allclose(rates.mean(axis=0), counts.mean(axis=0), rtol=0.1)


def test_the_months_nearest_weigh_most_where_rates_drift():
    rng = np.random.default_rng(11)
    drifting = made_months(rng, areas=60, months=YEAR, mean=200, drift=0.05, own=0.0, excess=0.0)
    model = fit_counts(drifting)
    last = drifting[YEAR[-1]].to_numpy() / pd.Period(YEAR[-1]).days_in_month * 31
    ahead = forecast_counts(model, months=["2025-01"]).mean
    mean = drifting.sum(axis=1).to_numpy() / 366 * 31
    assert np.abs(ahead - last).mean() < np.abs(ahead - mean).mean()


def test_further_months_are_less_sure():
    table = made_months(np.random.default_rng(12), areas=40, months=YEAR, mean=50, drift=0.01)
    model = fit_counts(table)
    near, far = (forecast_counts(model, months=[month]) for month in ("2025-01", "2026-01"))
    assert (far.rate_error > near.rate_error).all()


def test_what_the_others_have_scales_what_is_expected():
    table = made_months(np.random.default_rng(13), areas=20, months=YEAR, mean=30, spread=0.2)
    forecast = forecast_counts(fit_counts(table), months=LATER, shared=False)
    doubled = forecast.beside_others(2 * forecast.mean)
    assert np.allclose(doubled.mean, 2 * forecast.mean)
    lone = 2 * forecast.mean
    lone[0] *= 50
    assert doubled.mean[0] == pytest.approx(forecast.beside_others(lone).mean[0])


def test_places_known_by_their_totals_are_drawn_with_twice_their_chance():
    drawn = redraw_counts(np.array([50.0, 0.0]), dispersion=2.0, draws=20_000, seed=1)
    assert drawn[:, 0].mean() == pytest.approx(50, rel=0.02)
    assert drawn[:, 0].var() == pytest.approx(2 * 2 * 50, rel=0.05)
    assert (drawn[:, 1] == 0).all()


@given(st.floats(0.01, 500), st.floats(1.0, 8.0), st.sampled_from([0.025, 0.00135]))
def test_limits_are_those_of_scipy_and_leave_at_most_the_tail(mean, over, tail):
    low, high = (float(x[0]) for x in count_limits(np.array([mean]), np.array([mean * over]), tail=tail))
    law = poisson(mean) if over == 1 else nbinom(mean / (over - 1) if over > 1 else 1e12, 1 / over)
    if over > 1.001:
        assert (low, high) == (law.ppf(tail), law.ppf(1 - tail))
        assert count_tail(np.array([high]), np.array([mean]), np.array([mean * over]))[0] == pytest.approx(
            law.sf(high - 1), rel=1e-6, abs=1e-12
        )
    assert law.cdf(low - 1) <= tail + 1e-9 and law.sf(high) <= tail + 1e-9


def test_few_differences_widen_as_students_quantile_does():
    # Two-sided 95 %: 2.228 with ten degrees of freedom, 1.96 with many (any table of t).
    assert caution(np.array([10.0]), tail=0.025)[0] == pytest.approx((2.228 / 1.96) ** 2, rel=1e-3)
    assert caution(np.array([1e9]), tail=0.025)[0] == pytest.approx(1, abs=1e-6)


def test_faulty_words_are_named():
    model = fit_counts(made_months(np.random.default_rng(1), areas=5, months=YEAR))
    with pytest.raises(ParameterError, match="no month to forecast"):
        forecast_counts(model, months=[])
    forecast = forecast_counts(model, months=LATER)
    with pytest.raises(ParameterError, match="confidence is 95"):
        forecast.range(confidence=95)
    with pytest.raises(ParameterError, match="draws is 0"):
        forecast.draw(0, seed=1)
