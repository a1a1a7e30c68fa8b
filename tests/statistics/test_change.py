"""Change between periods and control limits, against scipy's distributions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, gamma

from hotspots.errors import ParameterError
from hotspots.months import Periods, comparable_periods, unbroken
from hotspots.statistics.change import change_between, rate_ratio
from hotspots.statistics.control import control_limits

YEAR = tuple(f"2025-{month:02d}" for month in range(1, 13))


def table(rows: dict[str, list[float]], months: tuple[str, ...] = YEAR) -> pd.DataFrame:
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=list(months[: len(next(iter(rows.values())))])
    ).astype(float)


@pytest.mark.parametrize(
    ("months", "length", "before", "after"),
    [
        (YEAR, 3, ("2025-07", "2025-08", "2025-09"), ("2025-10", "2025-11", "2025-12")),
        (("2024-11", "2024-12", *YEAR), 2, ("2024-11", "2024-12"), ("2025-11", "2025-12")),
        (("2025-01", "2025-02"), 3, ("2025-01",), ("2025-02",)),
        (("2025-01", "2025-02", "2025-05", "2025-06"), 3, ("2025-05",), ("2025-06",)),
        (("2024-12", "2025-12"), 3, ("2024-12",), ("2025-12",)),
        (("2025-01", "2025-03"), 3, (), ()),
        (("2025-01",), 3, (), ()),
        ((), 3, (), ()),
    ],
)
def test_periods_are_the_year_before_else_just_before(months, length, before, after) -> None:
    found = comparable_periods(months, length=length)
    assert (found.before, found.after) == (before, after)
    assert found.reason


def test_change_by_hand_allows_for_the_days() -> None:
    # 28 incidents in February's 28 days, 62 in March's 31: one and two a day; alike in all areas.
    monthly = table({code: [0, 28, 62] for code in "ABCDEFGHIJK"})
    found = change_between(monthly, Periods(("2025-02",), ("2025-03",), ""))
    assert found.loc["A", "change"] == pytest.approx(2.0)
    assert found.loc["A", "low"] > 1.0
    assert found.loc["A", "p"] < 0.01


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from([(1.0, 1.0), (90.0, 92.0), (28.0, 365.0)]))
def test_interval_and_p_value_equal_scipy(before: int, after: int, days: tuple[float, float]) -> None:
    found = rate_ratio(np.array([before]), np.array([after]), days_before=days[0], days_after=days[1]).iloc[0]
    if before + after == 0:
        assert found[["change", "low", "high"]].isna().all()
        assert found["p"] == 1
        return
    fair = days[1] / sum(days)
    one = binomtest(after, before + after, fair)
    interval = one.proportion_ci(0.95, method="exact")
    odds = days[0] / days[1]
    assert found["low"] == pytest.approx(interval.low / (1 - interval.low) * odds, rel=1e-7)
    if before:
        assert found["high"] == pytest.approx(interval.high / (1 - interval.high) * odds, rel=1e-7)
        assert found["low"] <= found["change"] <= found["high"]
    else:
        assert np.isnan(found["high"]) and np.isnan(found["change"])
    tails = [binomtest(after, before + after, fair, alternative=side).pvalue for side in ("less", "greater")]
    assert found["p"] == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-7)


def test_p_value_and_interval_agree_about_one() -> None:
    before, after = (grid.ravel() for grid in np.meshgrid(np.arange(1, 40), np.arange(1, 40)))
    found = rate_ratio(before, after)
    outside = (found["low"] > 1) | (found["high"] < 1)
    assert (outside == (found["p"] < 0.05)).all()
    assert outside.any()


def test_swapping_the_periods_inverts_the_ratio() -> None:
    first = rate_ratio(np.array([12.0]), np.array([30.0]), days_before=3, days_after=4).iloc[0]
    second = rate_ratio(np.array([30.0]), np.array([12.0]), days_before=4, days_after=3).iloc[0]
    np.testing.assert_allclose(
        first[["change", "low", "high"]], 1 / second[["change", "high", "low"]].to_numpy()
    )
    assert first["p"] == pytest.approx(second["p"])


def test_the_interval_holds_the_true_ratio_at_its_rate() -> None:
    rng = np.random.default_rng(1)
    found = rate_ratio(rng.poisson(6.0, 4000).astype(float), rng.poisson(9.0, 4000).astype(float))
    inside = (found["low"].fillna(0) <= 1.5) & (found["high"].fillna(np.inf) >= 1.5)
    assert 0.95 <= inside.mean() <= 0.99


@pytest.mark.parametrize("variance", [1.0, 2.5])
def test_intervals_hold_the_change_also_where_incidents_come_in_series(variance: float) -> None:
    """Months vary `variance` times as much as Poisson counts: an interval for Poisson ones held in 79 %."""
    rng = np.random.default_rng(9)
    inside, dispersion = [], []
    for _ in range(60):
        mean = rng.uniform(40, 400, (18, 1)) * np.ones(6)
        odds = np.array([1.0] * 3 + [1.3] * 3)
        count = (
            rng.poisson(mean * odds)
            if variance == 1
            else rng.negative_binomial(mean * odds / (variance - 1), 1 / variance)
        )
        monthly = pd.DataFrame(count.astype(float), columns=[f"2025-{month:02d}" for month in range(4, 10)])
        periods = comparable_periods(monthly.columns)
        found = change_between(monthly, periods)
        dispersion.append(found["dispersion"].iloc[0])
        # Each daily rate is a month's mean over its days; 91 and 92 days make the true ratio.
        truth = 1.3 * 91 / 92
        inside.append(found["low"].le(truth) & found["high"].ge(truth))
    assert np.mean(dispersion) == pytest.approx(variance, rel=0.15)
    assert 0.93 <= np.mean(inside) <= 0.985


def test_dispersion_by_hand_and_where_it_cannot_be_learnt() -> None:
    # 10 and 30 around 20, 20 areas, two equal months (July and August) a period: (100 + 100) / 20 = 10 each.
    months = ("2023-07", "2023-08", "2024-07", "2024-08")
    monthly = pd.DataFrame([[10.0, 30.0, 30.0, 10.0]] * 20, columns=months)
    found = change_between(monthly, Periods(months[:2], months[2:], ""))
    assert found["dispersion"].eq(10).all()
    poisson = rate_ratio(np.array([4.0]), np.array([4.0])).iloc[0]
    assert found.loc[0, ["low", "high", "p"]].tolist() == pytest.approx(
        poisson[["low", "high", "p"]].tolist()
    )
    assert found.loc[0, ["before", "after", "change"]].tolist() == [40, 40, 1]


def test_with_one_month_a_period_areas_tell_how_much_counts_vary() -> None:
    # 12 areas with 20 before and 20 after, but 12 more have 10 and 30, or 30 and 10. Around 20 and 20 the
    # twelve give (100 + 100) / 20 = 10 each: 120 over 23 degrees of freedom.
    counts = [[20, 20]] * 12 + [[10, 30], [30, 10]] * 6
    monthly = pd.DataFrame(counts, columns=["2025-07", "2025-08"], dtype=float)
    found = change_between(monthly, Periods(("2025-07",), ("2025-08",), ""))
    assert found["dispersion"].to_numpy() == pytest.approx(120 / 23)
    assert found["q"].ge(0.05).all()
    # 31 days each; of Poisson counts 10 and 30 alone would be beyond chance
    scaled = rate_ratio(np.array([10 * 23 / 120]), np.array([30 * 23 / 120])).iloc[0]
    assert found.loc[12, ["low", "high", "p"]].tolist() == pytest.approx(
        scaled[["low", "high", "p"]].tolist()
    )
    assert rate_ratio(np.array([10.0]), np.array([30.0])).loc[0, "p"] < 0.01


def test_with_few_areas_and_months_nothing_is_said_of_chance() -> None:
    ten = table({code: [10, 40] for code in "ABCDEFGHIJ"})
    found = change_between(ten, comparable_periods(ten.columns))
    assert found["change"].to_numpy() == pytest.approx(4 * 31 / 28)
    assert found[["low", "high", "p", "q", "dispersion"]].isna().all(axis=None)
    assert found["reason"].str.startswith("too few months and areas").all()
    # 4 areas with two months a period have 8 degrees of freedom: fewer than 10.
    four = table({code: [10, 12, 40, 38] for code in "ABCD"})
    found = change_between(four, Periods(YEAR[:2], YEAR[2:4], ""))
    assert found["q"].isna().all()


@pytest.mark.parametrize("variance", [1.0, 2.06])
def test_intervals_of_single_months_hold_and_few_runs_have_a_clear_area(variance: float) -> None:
    """Taken as Poisson, intervals missed the truth in 16 % and 46 % of the runs had a clear area."""
    rng = np.random.default_rng(11)
    inside, clear = [], []
    for _ in range(150):
        mean = rng.uniform(40, 400, (18, 2))
        mean[:, 1] = mean[:, 0]
        count = (
            rng.poisson(mean) if variance == 1 else rng.negative_binomial(mean / (variance - 1), 1 / variance)
        )
        monthly = pd.DataFrame(count.astype(float), columns=["2025-07", "2025-08"])
        found = change_between(monthly, Periods(("2025-07",), ("2025-08",), ""))
        inside.append(found["low"].le(1) & found["high"].ge(1))
        clear.append(found["q"].lt(0.05).any())
    assert 0.93 <= np.mean(inside) <= 0.985
    assert np.mean(clear) <= 0.07


def test_q_values_and_confidence() -> None:
    monthly = table({code: [20, 20 + 2 * number] for number, code in enumerate("ABCDEFGHIJK")})
    periods = comparable_periods(monthly.columns)
    found = change_between(monthly, periods)
    np.testing.assert_allclose(found["q"], false_discovery_control(found["p"]))
    wide = change_between(monthly, periods, confidence=0.99)
    assert (wide["low"] < found["low"]).all() and (wide["high"] > found["high"]).all()


def test_changes_without_incidents_or_months_say_so() -> None:
    others = {f"D{number}": [5, 5] for number in range(9)}
    monthly = table({"A": [0, 0], "B": [0, 5], "C": [5, 0], **others})
    found = change_between(monthly, comparable_periods(monthly.columns))
    assert found["reason"].tolist()[:3] == [
        "no incident in either period",
        "no incident in the earlier period",
        "",
    ]
    assert found.loc["C", ["change", "low"]].tolist() == [0, 0]
    assert found.loc["A", "p"] == 1
    single = change_between(monthly[["2025-01"]], comparable_periods(["2025-01"]))
    assert single["reason"].eq("too few months: nothing to compare with").all()
    assert single["q"].eq(1).all()


def test_limits_are_gamma_quantiles() -> None:
    flat = table({"A": [31, 28, 31, 30, 31, 30, 31]})
    found = control_limits(flat)
    assert found["expected"].tolist() == pytest.approx([31, 28, 31, 30, 31, 30, 31])
    assert found["dispersion"].eq(1).all()
    last = found.iloc[-1]
    variance_ratio = 1 + 31 / 181
    quantiles = gamma.ppf([0.00135, 0.99865], 31 / variance_ratio, scale=variance_ratio)
    np.testing.assert_allclose([last["low"], last["high"]], quantiles, rtol=1e-8)
    assert found["signal"].eq("").all()


def test_a_month_out_of_the_ordinary_stands_out() -> None:
    rng = np.random.default_rng(3)
    rows = {f"A{n:02d}": rng.poisson(20, 12).tolist() for n in range(30)}
    rows["A05"][6] = 60
    rows["A09"][2] = 1
    found = control_limits(table(rows)).set_index(["code", "month"])["signal"]
    assert found["A05", "2025-07"] == "above"
    assert found["A09", "2025-03"] == "below"
    assert (found != "").sum() <= 4


def test_series_of_incidents_widen_the_limits() -> None:
    rng = np.random.default_rng(4)
    lumpy = table({f"A{n:02d}": (4 * rng.poisson(5, 12)).tolist() for n in range(60)})
    found = control_limits(lumpy)
    assert found["dispersion"].iloc[0] == pytest.approx(4, rel=0.15)
    # 720 months at 0.27 % each: two alarms, where Poisson limits raise dozens.
    assert (found["signal"] != "").sum() <= 8
    eager = control_limits(lumpy, false_alarm=0.2)
    assert (eager["signal"] != "").mean() == pytest.approx(0.2, abs=0.06)


def test_limits_of_nothing_and_of_few_months() -> None:
    nothing = control_limits(table({"A": [0] * 12}))
    assert nothing["signal"].eq("").all()
    assert nothing[["expected", "low", "high"]].max(axis=None) < 1e-9
    few = control_limits(table({"A": [1, 2, 3]}))
    assert few["reason"].eq("too few months (3; 6 needed)").all()
    assert few["high"].isna().all()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: comparable_periods(YEAR, length=0), "length of a period is 0 months"),
        (
            lambda: change_between(table({"A": [1, 2]}), comparable_periods(YEAR[:2]), confidence=95),
            "confidence is 95",
        ),
        (
            lambda: change_between(table({"A": [1, 2]}), Periods(("2024-01",), ("2025-01",), "")),
            "2024-01 is not in",
        ),
        (lambda: control_limits(table({"A": [1, 2]}), false_alarm=0), "false alarm chance is 0"),
    ],
)
def test_wrong_options_are_refused(call, match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        call()


def test_runs_of_months_end_at_a_gap() -> None:
    assert unbroken([]) == []
    assert unbroken(["2025-02", "2024-12", "2025-01"]) == [("2024-12", "2025-01", "2025-02")]
    assert unbroken(["2018-12", "2025-01", "2025-03"]) == [("2018-12",), ("2025-01",), ("2025-03",)]
