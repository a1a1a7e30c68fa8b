"""Areas of which only the totals are known vary as what is known by month does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.predictive import fit_counts
from hotspots.statistics.ranking import rank_over_denominators
from hotspots.statistics.totals import model_totals

MONTHS = [f"2024-{month:02}" for month in range(1, 13)]
LATER = [f"2025-{month:02}" for month in range(1, 13)]
#: Small areas in each larger one.
PARTS = 6


def made_city(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make two years of 60 small areas that vary more than dice and drift, and of the 10 that hold them."""
    rng = np.random.default_rng(seed)
    rate = 15 * rng.lognormal(-0.2, 0.7, (10 * PARTS, 1))
    moved = rate * np.exp(np.cumsum(rng.normal(0, 0.06, (len(rate), 24)), axis=1))
    count = rng.poisson(rng.gamma(moved / 1.2, 1.2)).astype(float)
    small = pd.DataFrame(count, columns=MONTHS + LATER)
    return small, small.groupby(small.index // PARTS).sum()


def modelled(small: pd.DataFrame, beside: pd.DataFrame | None):
    alike = pd.Series(1.0, small.index)
    return model_totals(small[MONTHS].sum(axis=1), alike=alike, months=MONTHS, beside=beside)


def test_they_have_the_dispersion_of_those_beside_them():
    small, large = made_city(1)
    known = fit_counts(large[MONTHS])
    usual = known.dispersion(shared=False) @ (known.mean / known.mean.sum())
    # All are quieter than the mean larger one, so none has more.
    assert modelled(small, large[MONTHS]).dispersion(shared=False).to_numpy() == pytest.approx(usual)


def test_ranges_of_the_year_to_come_hold():
    held = []
    for seed in range(25):
        small, large = made_city(seed)
        usual = forecast_counts(modelled(small, large[MONTHS]), months=LATER, shared=False).range()
        truth = small[LATER].sum(axis=1)
        held.append(((usual["low"] <= truth) & (truth <= usual["high"])).mean())
    # 1,500 ranges; beyond the nominal they may hold more.
    assert np.mean(held) > 0.95 - 2 * 0.0056


def test_where_nothing_is_known_they_vary_as_others_were_seen_to():
    small, large = made_city(2)
    for beside in (None, large[MONTHS[:1]]):
        busiest = modelled(small, beside).dispersion(shared=False).max()
        assert busiest == pytest.approx(1.3 + 0.012 * small[MONTHS].sum(axis=1).max() / 12)


def test_ranks_are_no_surer_where_months_are_withheld():
    small, large = made_city(3)
    people = {"residents": pd.Series(1000.0, small.index)}
    total, withheld = small[MONTHS].sum(axis=1), small[MONTHS].drop(0).reindex(small.index)

    def width(**options) -> float:
        found = rank_over_denominators(total, denominators=people, draws=300, **options)
        return float((found["rank_high"] - found["rank_low"]).mean())

    known, bare = width(monthly=small[MONTHS]), width()
    assert bare < 0.6 * known
    assert width(monthly=withheld, beside=large[MONTHS]) > 0.9 * known
    # What is usual elsewhere is less than what moves here, and more than nothing.
    assert bare < 0.8 * width(monthly=withheld)


def test_no_incident_is_no_error():
    none = pd.DataFrame(0.0, index=range(8), columns=MONTHS)
    later = forecast_counts(modelled(none, none), months=LATER, shared=False)
    assert later.mean == pytest.approx(0, abs=1e-6)
