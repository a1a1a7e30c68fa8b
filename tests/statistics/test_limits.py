"""Limits of ordinary months: whole, and passed by chance no oftener than said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_months import made_months, months_from

from hotspots.errors import ParameterError
from hotspots.statistics.limits import control_limits

YEAR = months_from("2025-01", 12)
NOMINAL = 0.0027


def test_none_in_a_month_is_ordinary_where_there_are_one_or_two():
    # A limit between two whole numbers called a fifth of these months "below".
    count = np.random.default_rng(1).poisson(1.5, (500, 12))
    found = control_limits(pd.DataFrame(count, columns=YEAR))
    assert not found["signal"].eq("below").any()
    assert found["signal"].eq("above").mean() <= NOMINAL / 2 + 2 * np.sqrt(NOMINAL / 2 / 6000)


@pytest.mark.parametrize("truth", [{"excess": 0.0, "own": 0.0}, {"excess": 0.5, "own": 0.03, "city": 0.01}])
@pytest.mark.parametrize(("areas", "mean"), [(18, 20.0), (152, 1.0)])
def test_false_signals_are_at_most_nominal_in_busy_and_quiet_areas_alike(truth, areas, mean):
    rng = np.random.default_rng(2)
    n, busy, quiet = 0, [], []
    for _ in range(1 + 6000 // (areas * 12)):
        table = made_months(rng, areas=areas, months=YEAR, mean=mean, **truth)
        odd = control_limits(table)["signal"].ne("").to_numpy().reshape(areas, 12)
        order = np.argsort(-table.sum(axis=1).to_numpy())
        busy.append(odd[order[: areas // 3]].mean())
        quiet.append(odd[order[-areas // 3 :]].mean())
        n += areas // 3 * 12
    most = NOMINAL + 2 * np.sqrt(NOMINAL / n)
    assert np.mean(busy) <= most and np.mean(quiet) <= most


def test_a_peak_is_above_and_does_not_raise_its_own_limit():
    steady = np.random.default_rng(3).poisson(30, (12, 12))
    steady[0, 5] = 90
    found = control_limits(pd.DataFrame(steady, columns=YEAR))
    odd = found[found["signal"].ne("")]
    assert odd[["code", "month", "signal"]].to_numpy().tolist() == [[0, "2025-06", "above"]]
    assert odd["expected"].iloc[0] == pytest.approx(steady[0, np.arange(12) != 5].mean(), rel=0.1)


@pytest.mark.parametrize("areas", [1, 4, 12])
def test_a_month_of_three_times_the_usual_is_told_whatever_it_does_to_the_dispersion(areas):
    told = 0
    for seed in range(12):
        table = np.random.default_rng([seed, areas]).poisson(40, (areas, 12))
        table[0, 5] *= 3
        found = control_limits(pd.DataFrame(table, columns=YEAR))
        told += found["signal"].iloc[5] == "above"
    # a twelfth may fall short where the usual count came low; all did while a peak widened its own limits
    assert told >= 11


def test_limits_are_whole_and_ordinary_themselves():
    table = made_months(np.random.default_rng(4), areas=30, months=YEAR)
    found = control_limits(table)
    assert (found["low"] % 1 == 0).all() and (found["high"] % 1 == 0).all()
    at = found[(found["count"] == found["low"]) | (found["count"] == found["high"])]
    assert len(at) and at["signal"].eq("").all()


def test_a_stricter_chance_gives_wider_limits():
    table = made_months(np.random.default_rng(5), areas=30, months=YEAR)
    usual, strict = (control_limits(table, false_alarm=chance) for chance in (0.05, 0.0001))
    assert (strict["high"] > usual["high"]).all() and (strict["low"] <= usual["low"]).all()


def test_five_months_have_no_limits_and_say_why():
    table = made_months(np.random.default_rng(6), areas=3, months=YEAR[:5])
    found = control_limits(table)
    assert found["high"].isna().all() and found["reason"].eq("too few months (5; 6 needed)").all()


def test_a_chance_outside_0_to_1_is_refused():
    with pytest.raises(ParameterError, match="false alarm chance is 5"):
        control_limits(pd.DataFrame(np.ones((2, 12)), columns=YEAR), false_alarm=5)
