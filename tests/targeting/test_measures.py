"""Measures of a choice, on numbers that can be checked by hand and beside a published package."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.targeting.measures import (
    accuracy_index,
    efficiency_index,
    grade_areas,
    paired_difference,
    recovery_rate,
)

COUNTS = st.lists(
    st.tuples(st.integers(0, 9), st.floats(0.01, 9), st.floats(0.1, 5)), min_size=2, max_size=12
)


def test_values_of_the_tests_of_the_r_package_ptools():
    graded = grade_areas(np.array([6, 3, 0]), np.array([3, 2, 1]), np.ones(3))
    assert graded["pai"].tolist() == pytest.approx([2.0, 1.5, 1.0])
    assert graded["pei"].tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert graded["rri"].tolist() == pytest.approx([3 / 6, 5 / 9, 6 / 9])


def test_the_longer_example_of_ptools():
    observed, expected = np.array([6, 7, 3, 2, 1, 0]), np.array([8, 4, 4, 2, 1, 0])
    graded = grade_areas(observed, expected, np.ones(6))
    assert graded["row"].tolist() == [0, 1, 2, 3, 4, 5]
    assert graded["pai"].tolist() == pytest.approx(np.cumsum(observed) / 19 / (np.arange(1, 7) / 6))
    # the best first area would have held 7, where this one held 6; two hold 13 either way
    assert graded["pei"].tolist() == pytest.approx([6 / 7, 1, 1, 1, 1, 1])


def test_pai_by_hand():
    # 20 of 100 incidents in 1 of 50 km2
    assert accuracy_index(20 / 100, 1 / 50) == pytest.approx(10.0)
    assert efficiency_index(20, 40) == 0.5
    assert recovery_rate(30, 20) == 1.5
    assert np.isnan(efficiency_index(0, 0))
    assert np.isnan(recovery_rate(1, 0))


@given(COUNTS)
def test_units_of_area_do_not_matter_and_nothing_beats_the_best(rows):
    observed, expected, area = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    graded, other = grade_areas(observed, expected, area), grade_areas(observed, expected, area * 1e6)
    assert graded["pai"].tolist() == pytest.approx(other["pai"].tolist())
    known = graded["pei"].dropna()
    assert (known <= 1 + 1e-9).all()
    if observed.sum():
        assert graded["pai"].iloc[-1] == pytest.approx(1.0)


def test_a_difference_of_a_choice_with_itself_is_nothing():
    counts, held = np.array([3, 0, 2, 5]), np.array([1.0, 1.0, 0.0, 0.5])
    found = paired_difference(counts, held, held)
    assert (found.value, found.error, found.low, found.high) == (0, 0, 0, 0)


def test_the_error_is_that_of_resampling_units_one_by_one():
    rng = np.random.default_rng(3)
    counts = rng.poisson(1.5, 300)
    first, second = rng.integers(0, 2, 300).astype(float), rng.integers(0, 2, 300).astype(float)
    found = paired_difference(counts, first, second, draws=4000)
    held = np.flatnonzero(counts)
    drawn = held[rng.integers(0, len(held), (4000, len(held)))]
    plain = (counts * (first - second))[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    assert found.value == pytest.approx((counts * (first - second)).sum() / counts.sum())
    assert found.error == pytest.approx(plain.std(), rel=0.06)
    assert [found.low, found.high] == pytest.approx(np.quantile(plain, [0.025, 0.975]), abs=0.01)


def test_bursts_at_one_point_widen_the_error():
    spread = paired_difference(np.ones(100), np.repeat([1.0, 0.0], 50), np.zeros(100))
    burst = paired_difference(np.full(10, 10), np.repeat([1.0, 0.0], 5), np.zeros(10))
    assert spread.value == burst.value == 0.5
    assert burst.error > 2 * spread.error


def test_a_seed_gives_the_same_and_another_one_not():
    counts, held = np.arange(1, 20), np.repeat([1.0, 0.0], [9, 10])
    one = paired_difference(counts, held, 1 - held)
    assert one == paired_difference(counts, held, 1 - held)
    assert one != paired_difference(counts, held, 1 - held, seed=1)


def test_without_incidents_a_difference_is_unknown():
    assert np.isnan(paired_difference(np.zeros(3), np.ones(3), np.zeros(3)).value)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: accuracy_index(0.5, 0), "share of 0 of the area"),
        (lambda: grade_areas(np.ones(2), np.ones(3), np.ones(2)), "differ in length"),
        (lambda: grade_areas(np.ones(2), np.ones(2), np.array([1, 0])), "not above zero"),
    ],
)
def test_what_cannot_be_graded_is_refused(call, match):
    with pytest.raises(ParameterError, match=match):
        call()
