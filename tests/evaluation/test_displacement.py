"""The weighted displacement difference: published values, symmetry, sizes and refusals."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.evaluation.displacement import (
    ring_around,
    scaled_displacement_difference,
    weighted_displacement_difference,
)

COUNT = st.integers(0, 500)
PAIR = st.tuples(COUNT, COUNT)


class TestWeightedDisplacementDifference:
    def test_published_example(self):
        # Wheeler and Ratcliffe (2018): control 308 to 318, treated 207 to 110, and their rings.
        found = weighted_displacement_difference(
            (207, 110), (308, 318), treated_ring=(178, 157), control_ring=(150, 140)
        )
        assert (found.place, found.ring, found.total) == (-107, -11, -118)
        assert found.error == pytest.approx(np.sqrt(1568))
        assert (round(found.low), round(found.high)) == (-196, -40)
        assert round(found.total / found.error, 2) == -2.98

    def test_dispersion_multiplies_the_variance(self):
        plain = weighted_displacement_difference((207, 110), (308, 318))
        wide = weighted_displacement_difference((207, 110), (308, 318), dispersion=4)
        assert wide.total == plain.total
        assert wide.error == pytest.approx(2 * plain.error)

    def test_few_degrees_of_freedom_widen_the_interval(self):
        plain = weighted_displacement_difference((207, 110), (308, 318))
        few = weighted_displacement_difference((207, 110), (308, 318), freedom=10)
        # The quantile of t with 10 degrees of freedom over that of the normal distribution.
        assert (few.high - few.total) / (plain.high - plain.total) == pytest.approx(
            2.2281 / 1.95996, rel=1e-4
        )

    @given(treated=PAIR, control=PAIR)
    def test_swapping_the_sides_turns_the_sign(self, treated, control):
        one = weighted_displacement_difference(treated, control)
        other = weighted_displacement_difference(control, treated)
        assert one.total == -other.total
        assert one.low == pytest.approx(-other.high)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"confidence": 95}, "confidence is 95"),
            ({"dispersion": -1}, "dispersion is -1"),
            ({"control_ring": (float("nan"), 1)}, "negative or missing"),
        ],
    )
    def test_refuses(self, options, message):
        with pytest.raises(ParameterError, match=message):
            weighted_displacement_difference((1, 1), (1, 1), **options)


class TestScaledDisplacementDifference:
    def test_by_hand(self):
        # A control twice as large that falls by a tenth: 100 would have become 90, and became 60.
        found = scaled_displacement_difference((100, 60), (200, 180), treated_ring=(50, 50))
        assert found.place == pytest.approx(-30)
        assert found.ring == pytest.approx(5)
        # 110 + 150 x 0.9^2 + (150 / 200)^2 x (180 + 0.81 x 200)
        assert found.error**2 == pytest.approx(110 + 121.5 + 0.5625 * 342)

    def test_a_larger_ring_varies_by_more_times_its_count(self):
        # Counts of m vary by m + alpha m^2: 1.5 times a place of 100 is 2.5 times a ring of 300.
        steady = {"treated_ring": (300, 300), "dispersion": 1.5}
        found = scaled_displacement_difference((100, 100), (400, 400), **steady)
        assert found.error**2 == pytest.approx(1.5 * 200 + 2.5 * 600 + 1.5 * 800)

    def test_a_dispersion_below_one_is_that_of_the_ring_too(self):
        found = scaled_displacement_difference(
            (100, 100), (400, 400), treated_ring=(900, 900), dispersion=0.5
        )
        assert found.error**2 == pytest.approx(0.5 * (2000 + (1000 / 400) ** 2 * 800))

    def test_equals_the_published_form_where_the_control_is_as_large_and_steady(self):
        treated, control = (200, 150), (200, 200)
        scaled = scaled_displacement_difference(treated, control)
        published = weighted_displacement_difference(treated, control)
        assert scaled.total == pytest.approx(published.total)
        assert scaled.error == pytest.approx(published.error)

    @given(control=st.tuples(st.integers(1, 500), COUNT), factor=st.integers(1, 20))
    def test_the_size_of_the_control_moves_only_the_error(self, control, factor):
        small = scaled_displacement_difference((100, 80), control)
        large = scaled_displacement_difference((100, 80), (factor * control[0], factor * control[1]))
        assert large.total == pytest.approx(small.total)
        assert large.error <= small.error + 1e-9

    def test_is_unknown_without_a_control_before(self):
        assert np.isnan(scaled_displacement_difference((5, 5), (0, 5)).total)


class TestRing:
    def test_area_by_hand(self):
        ring = ring_around(shapely.box(0, 0, 1000, 1000), width=100)
        # Four sides of 1,000 m by 100 m, and a circle of 100 m in the corners.
        assert shapely.area(ring) == pytest.approx(400_000 + np.pi * 100**2, rel=1e-3)

    def test_refuses_no_width(self):
        with pytest.raises(ParameterError, match="0 m wide"):
            ring_around(shapely.box(0, 0, 1, 1), width=0)
