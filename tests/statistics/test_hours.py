"""Hours, aoristic weights and near repeats, and their refusal where dates are coarse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError, ResolutionError
from hotspots.statistics.hours import aoristic_weights, date_resolution, hour_by_weekday
from hotspots.statistics.near_repeats import near_repeats


def timed(rows: list[tuple[str | None, str | None]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "occurred_from": pd.to_datetime([start for start, _ in rows], format="ISO8601"),
            "occurred_to": pd.to_datetime([end for _, end in rows], format="ISO8601"),
        }
    )


def test_a_night_is_shared_over_its_hours() -> None:
    # 3 January 2025 was a Friday.
    found = hour_by_weekday(timed([("2025-01-03 18:00", "2025-01-04 06:00")]))
    assert found.table.loc["Friday", 18] == pytest.approx(1 / 12)
    assert found.table.loc["Saturday", 5] == pytest.approx(1 / 12)
    assert found.table.loc["Saturday", 6] == 0
    assert found.table.sum(axis=None) == pytest.approx(1)


def test_parts_of_hours_exact_moments_and_the_turn_of_the_week() -> None:
    found = hour_by_weekday(
        timed(
            [
                ("2025-01-06 10:30", "2025-01-06 11:15"),
                ("2025-01-06 10:00", None),
                ("2025-01-05 23:00", "2025-01-06 01:00"),
                ("2025-01-07 12:00", "2025-01-07 12:00"),
            ]
        )
    )
    assert found.table.loc["Monday", 10] == pytest.approx(1 + 30 / 45)
    assert found.table.loc["Monday", 11] == pytest.approx(15 / 45)
    assert found.table.loc["Sunday", 23] == found.table.loc["Monday", 0] == pytest.approx(0.5)
    assert found.table.loc["Tuesday", 12] == 1
    assert (found.used, found.left_out) == (4, 0)


def test_what_says_nothing_of_the_hour_is_counted_apart() -> None:
    found = hour_by_weekday(
        timed(
            [
                ("2025-01-06 10:30", "2025-01-06 11:15"),
                (None, None),
                ("2025-01-01 00:00", "2025-01-31 00:00"),
                ("2025-01-06 10:30", "2025-01-05 10:30"),
                ("2025-01-06", None),
            ]
        )
    )
    assert (found.used, found.left_out) == (1, 4)
    assert found.table.sum(axis=None) == pytest.approx(1)


@given(st.lists(st.tuples(st.integers(0, 168 * 4 - 1), st.integers(0, 168 * 4 - 1)), min_size=1, max_size=20))
def test_weights_equal_counting_quarter_hours(spans: list[tuple[int, int]]) -> None:
    begin, length = np.array(spans).T
    expected = np.zeros(168)
    for start, quarters in spans:
        for quarter in range(start, start + max(quarters, 1)):
            expected[quarter // 4 % 168] += 1 / max(quarters, 1)
    np.testing.assert_allclose(aoristic_weights(begin / 4, length / 4), expected, atol=1e-9)


def test_resolution_is_the_finest_at_hand() -> None:
    assert date_resolution(timed([(None, None)])) == "month"
    assert date_resolution(timed([("2025-01-01", None), (None, None)])) == "day"
    assert date_resolution(timed([("2025-01-01", None), ("2025-01-01 09:30", None)])) == "time"


def test_coarse_dates_are_refused_with_the_reason() -> None:
    months, days = timed([(None, None)] * 3), timed([("2025-01-01", None)])
    for frame, known in ((months, "months"), (days, "days")):
        with pytest.raises(
            ResolutionError, match=f"Hours of the day need dates with times.*carry {known} only"
        ):
            hour_by_weekday(frame)
    with pytest.raises(ResolutionError, match=r"Near repeats need dates with days.*carry months only"):
        near_repeats(months.assign(easting=0.0, northing=0.0))


def scattered(n: int = 120, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "easting": rng.integers(0, 30, n) * 50.0 + 430_000,
            "northing": rng.integers(0, 30, n) * 50.0 + 335_000,
            "occurred_from": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 120, n), unit="D"),
        }
    )


def test_observed_pairs_equal_a_double_loop_and_expected_the_margins() -> None:
    frame = scattered()
    distances, days = (0.0, 150.0, 400.0), (3.0, 10.0)
    found = near_repeats(frame, distances=distances, days=days, permutations=600)
    xy, when = frame[["easting", "northing"]].to_numpy(), frame["occurred_from"].to_numpy()
    table = np.zeros((4, 3))
    for i in range(len(frame)):
        for j in range(i):
            apart = np.hypot(*(xy[i] - xy[j]))
            gap = abs((when[i] - when[j]) / np.timedelta64(1, "D"))
            table[np.searchsorted(distances, apart), np.searchsorted(days, gap)] += 1
    assert found["observed"].tolist() == table[:3, :2].ravel().tolist()
    # Under shuffled dates a pair falls in a time band as any pair does.
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))[:3, :2].ravel() / table.sum()
    np.testing.assert_allclose(found["expected"], expected, rtol=0.12)
    assert found[["distance_to", "days_to"]].to_numpy().tolist() == [[d, t] for d in distances for t in days]


def test_a_planted_series_is_found_and_chance_is_not() -> None:
    frame = scattered(seed=2)
    near = {"distances": (0.0, 100.0), "days": (7.0,)}
    assert near_repeats(frame, **near)["p"].min() > 0.05
    series = frame.iloc[:40].assign(
        easting=lambda f: f["easting"] + 60, occurred_from=lambda f: f["occurred_from"] + pd.Timedelta(days=2)
    )
    found = near_repeats(pd.concat([frame, series]), **near)
    assert found["p"].tolist()[1] == 0.001


def test_order_of_rows_changes_nothing_and_the_seed_does() -> None:
    frame = scattered()
    first = near_repeats(frame, permutations=50)
    pd.testing.assert_frame_equal(first, near_repeats(frame.iloc[::-1], permutations=50))
    assert (first["expected"] != near_repeats(frame, permutations=50, seed=1)["expected"]).any()


def test_one_or_no_incident_has_no_pairs() -> None:
    for frame in (scattered(1), scattered(2).assign(easting=[0.0, np.nan])):
        found = near_repeats(frame, permutations=5)
        assert found["observed"].eq(0).all()
        assert found["p"].eq(1).all()
        assert found["ratio"].isna().all()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"distances": (200.0, 100.0)}, "bands must rise"),
        ({"days": ()}, "bands must rise"),
        ({"permutations": 0}, "permutations is 0: the test needs at least 1"),
    ],
)
def test_wrong_options_are_refused(options: dict, match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        near_repeats(scattered(), **options)


def test_too_many_pairs_are_refused_before_memory_is_gone() -> None:
    crowd = pd.concat([scattered(1)] * 7000)
    with pytest.raises(ParameterError, match="pairs of incidents lie within 400 m: take one theme"):
        near_repeats(crowd)
