"""The rate ratio and the dispersion behind it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hotspots.errors import ParameterError
from hotspots.evaluation.dispersion import Dispersion, place_dispersion
from hotspots.evaluation.effect import rate_ratio

POISSON = Dispersion(0.0, 10_000)
COUNT = st.integers(1, 60)


class TestDispersion:
    def test_equals_the_beta_binomial_moment_by_hand(self):
        # All places of 100 incidents: Pearson's statistic over its freedom is 1 + 99 rho.
        before, after = np.array([50, 60, 40, 55, 45, 70, 30]), np.array([50, 40, 60, 45, 55, 30, 70])
        pearson = ((after - 50) ** 2 / 25).sum() / 6
        rho = (pearson - 1) / 99
        found = place_dispersion(before, after)
        assert found.freedom == 6
        assert found.alpha == pytest.approx(2 * rho / (1 - rho), rel=1e-6)

    def test_finds_the_truth_of_negative_binomial_counts(self):
        rng = np.random.default_rng(3)
        mean = rng.uniform(20, 200, 4000)
        counts = [rng.poisson(mean * rng.gamma(1 / 0.03, 0.03, 4000)) for _ in range(2)]
        assert place_dispersion(*counts).alpha == pytest.approx(0.03, rel=0.08)

    def test_is_poisson_where_places_move_together(self):
        assert place_dispersion(np.arange(10, 30), np.arange(10, 30)).alpha == 0

    def test_places_with_one_incident_tell_nothing(self):
        assert place_dispersion(np.array([1, 0, 9]), np.array([0, 1, 11])).freedom == 0

    def test_stays_finite_where_every_place_has_one_period_alone(self):
        assert place_dispersion(np.array([900, 0] * 5), np.array([0, 900] * 5)).alpha == 100

    def test_refuses_other_shapes_and_negatives(self):
        with pytest.raises(ParameterError, match="same places"):
            place_dispersion(np.array([1, 2]), np.array([1]))
        with pytest.raises(ParameterError, match="same places"):
            place_dispersion(np.array([1, -2]), np.array([1, 2]))


class TestRateRatio:
    def test_by_hand(self):
        found = rate_ratio([[100, 60]], [[200, 240]], dispersion=POISSON)
        assert found.ratio == pytest.approx(0.6 / 1.2, rel=1e-6)
        assert found.dispersion == pytest.approx(1)
        assert found.found

    @given(treated=st.tuples(COUNT, COUNT), control=st.tuples(COUNT, COUNT))
    def test_p_of_one_poisson_place_is_pearsons_chi_squared(self, treated, control):
        found = rate_ratio([treated], [control], dispersion=POISSON)
        expected = stats.chi2_contingency(np.array([treated, control]), correction=False)
        # With 10,000 degrees of freedom t is nearly, not quite, normal.
        assert found.p == pytest.approx(expected.pvalue, abs=1e-3)

    def test_interval_holds_what_the_test_does_not_refuse(self):
        known = Dispersion(0.02, 16)
        found = rate_ratio([[40, 20]], [[50, 55], [60, 66], [30, 28]], dispersion=known)
        same = rate_ratio(
            [[40, 20]], [[50, 55], [60, 66], [30, 28]], dispersion=known, confidence=1 - found.p
        )
        assert same.high == pytest.approx(1, abs=1e-4)

    def test_agrees_with_a_negative_binomial_fit_of_statsmodels(self):
        from statsmodels.genmod.families import NegativeBinomial
        from statsmodels.genmod.generalized_linear_model import GLM

        treated, control = np.array([[400, 300], [220, 150]]), np.array([[500, 550], [610, 600], [300, 310]])
        places = np.vstack([treated, control])
        levels = np.vstack([np.eye(5), np.eye(5)])
        after = np.repeat([0.0, 1.0], 5)
        design = np.column_stack([levels, after, after * ([1, 1, 0, 0, 0] * 2)])
        fit = GLM(places.T.ravel(), design, family=NegativeBinomial(alpha=0.01)).fit()
        found = rate_ratio(treated, control, dispersion=Dispersion(0.01, 10_000))
        assert np.log(found.ratio) == pytest.approx(fit.params[-1], abs=1e-5)
        # Score and Wald intervals agree where counts are large.
        low, high = fit.conf_int()[-1]
        assert (np.log(found.low), np.log(found.high)) == pytest.approx((low, high), abs=0.02)

    def test_no_incident_after_is_a_ratio_of_nought_with_an_upper_end(self):
        found = rate_ratio([[10, 0]], [[100, 100]], dispersion=POISSON)
        assert (found.ratio, found.low) == (0, 0)
        assert 0 < found.high < 1

    def test_no_incident_before_leaves_the_upper_end_open(self):
        found = rate_ratio([[0, 4]], [[100, 100]], dispersion=POISSON)
        assert np.isinf(found.ratio)
        assert np.isinf(found.high)
        assert found.low > 0

    @pytest.mark.parametrize(
        ("treated", "control", "reason"),
        [
            ([[0, 0]], [[5, 5]], "no incident at the place"),
            ([[5, 5]], [[0, 5]], "the control has no incident"),
            ([[5, 5]], np.empty((0, 2)), "the control has no incident"),
        ],
    )
    def test_says_why_there_is_no_ratio(self, treated, control, reason):
        found = rate_ratio(treated, control, dispersion=POISSON)
        assert np.isnan(found.ratio)
        assert reason in found.reason
        assert not found.found

    def test_gives_no_interval_where_too_few_places_tell_the_dispersion(self):
        found = rate_ratio([[100, 10]], [[100, 100]], dispersion=Dispersion(0.0, 4))
        assert found.ratio == pytest.approx(0.1, rel=1e-6)
        assert np.isnan(found.low)
        assert not found.found
        assert "only 5 untreated places" in found.reason

    def test_dispersion_and_few_places_widen_the_interval(self):
        def width(dispersion: Dispersion) -> float:
            found = rate_ratio([[100, 80]], [[100, 100]], dispersion=dispersion)
            return float(np.log(found.high / found.low))

        assert width(POISSON) < width(Dispersion(0.0, 6)) < width(Dispersion(0.05, 6))

    def test_the_order_of_places_does_not_matter(self):
        control = [[50, 55], [60, 66], [30, 28]]
        one = rate_ratio([[40, 20]], control, dispersion=Dispersion(0.02, 16))
        other = rate_ratio([[40, 20]], control[::-1], dispersion=Dispersion(0.02, 16))
        assert one.ratio == pytest.approx(other.ratio)
        assert one.high == pytest.approx(other.high)

    def test_refuses_what_is_no_pair_and_a_wrong_confidence(self):
        with pytest.raises(ParameterError, match="one pair per place"):
            rate_ratio([1, 2], [[1, 1]], dispersion=POISSON)
        with pytest.raises(ParameterError, match="confidence is 95"):
            rate_ratio([[1, 2]], [[1, 1]], dispersion=POISSON, confidence=95)
