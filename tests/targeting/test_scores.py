"""Scores of places: by hand, and on cities whose rates are known."""

from __future__ import annotations

import numpy as np
import pytest
from hot_cities import city, ground_of, history, planted_rates, points

from hotspots.errors import ParameterError
from hotspots.targeting.history import History, Neighbourhood, history_of
from hotspots.targeting.model import modelled_rate
from hotspots.targeting.scores import SCORES, counted_rate, smoothed_rate
from hotspots.targeting.shrinkage import STRENGTHS, learn_shrinkage, prior_rate, shrunk_rate


@pytest.fixture(scope="module")
def planted():
    rates = planted_rates(400)
    places = city(rates, n_months=12)
    return rates, history_of(places, "theft")


def _two_places() -> History:
    near = Neighbourhood(np.array([[0.0, 0.0], [100.0, 0.0]]))
    return History(
        np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[6.0, 2.0], [3.0, 1.0]]), near, ("2025-01", "2025-02")
    )


def test_what_is_remembered_is_of_the_same_months_alone(planted):
    known = planted[1]
    modelled_rate(known), learn_shrinkage(known)
    for month in (6, 9):
        short = known.before(month)
        afresh = History(short.counts, short.everything, short.near, short.months)
        assert (modelled_rate(short) == modelled_rate(afresh)).all()
        assert learn_shrinkage(short) == learn_shrinkage(afresh)


def test_the_kernel_between_places_is_the_quartic():
    kernel = _two_places().near.kernel(200).toarray()
    assert kernel == pytest.approx(np.array([[1, 0.75**2], [0.75**2, 1]]))
    assert (_two_places().near.kernel(100).toarray() == np.eye(2)).all()


def test_counting_by_hand():
    assert counted_rate(_two_places()) == pytest.approx([1, 0], abs=1e-8)
    # all incidents break the tie of two places without any
    assert counted_rate(_two_places())[1] > 0


def test_the_prior_by_hand():
    # quartic at 100 of 200 m: 0.5625; all incidents 4 and 2 a month; the theme has 1 a month
    mean = np.sqrt([1.0 * 4, 0.5625 * 2])
    assert prior_rate(_two_places(), radius=200) == pytest.approx(mean / mean.sum())


def test_the_shrunk_count_by_hand():
    known = _two_places()
    chosen = learn_shrinkage(known)
    prior = prior_rate(known, radius=chosen.radius)
    expected = (np.array([2.0, 0.0]) + chosen.strength * prior) / (2 + chosen.strength)
    assert shrunk_rate(known) == pytest.approx(expected)


def test_smoothing_loses_no_incident_and_spreads_to_neighbours(planted):
    _, known = planted
    smooth = smoothed_rate(known)
    assert smooth.sum() == pytest.approx(known.rate.sum())
    assert (smooth > 0).sum() > (known.rate > 0).sum()


def test_rates_that_follow_the_prior_are_believed_less_and_those_that_do_not_more():
    places = city(np.full(400, 0.4), n_months=10)
    even = learn_shrinkage(history_of(places, "theft"))
    rates = planted_rates(400, hot=60, times=60)
    uneven = city(rates, n_months=10)
    # all incidents say nothing of where this theme is
    alone = history(uneven.monthly("theft"), np.ones((400, 10)), ground_of(uneven))
    assert even.strength == STRENGTHS[-1]
    assert learn_shrinkage(alone).strength <= 2


def test_the_model_expects_as_many_as_come_also_where_counts_were_high():
    expected, counted, came = [], [], []
    for seed in range(12):
        rates = np.random.default_rng(seed).gamma(0.5, 0.6, 400)
        known = history_of(city(rates, n_months=13, seed=seed), "theft")
        before = known.before(8)
        top = np.argsort(-before.rate, kind="stable")[:40]
        expected.append(modelled_rate(before)[top].sum())
        counted.append(counted_rate(before)[top].sum())
        came.append(known.counts[top, 8:].mean(axis=1).sum())
    assert sum(expected) / sum(came) == pytest.approx(1, abs=0.05)
    assert sum(counted) / sum(came) > 1.05


def test_shrinking_is_nearer_to_the_truth_than_counting():
    errors: dict[str, list[float]] = {name: [] for name in SCORES}
    for seed in range(6):
        rates = np.random.default_rng(seed).gamma(1.0, 0.1, 400)
        known = history_of(city(rates, n_months=6, seed=seed), "theft")
        for name, score in SCORES.items():
            errors[name].append(np.abs(score(known) - rates).mean())
    mean = {name: np.mean(values) for name, values in errors.items()}
    assert mean["shrunk count"] < 0.75 * mean["count"]
    assert mean["Poisson model"] < 0.75 * mean["count"]


@pytest.mark.parametrize("name", SCORES)
def test_every_score_is_one_rate_a_place_and_does_not_hang_on_the_order(name, planted):
    _, known = planted
    turned = np.random.default_rng(4).permutation(400)
    other = History(
        known.counts[turned], known.everything[turned], Neighbourhood(points()[turned]), known.months
    )
    rate = SCORES[name](known)
    assert rate.shape == (400,)
    assert (rate >= 0).all()
    assert SCORES[name](other) == pytest.approx(rate[turned], rel=1e-6)
    assert (SCORES[name](known) == rate).all()


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("n_months", [1, 2, 3])
def test_every_score_lives_with_few_months_and_no_incident(name, n_months):
    near = Neighbourhood(points())
    nothing = np.zeros((400, n_months))
    months = tuple(f"2025-{k + 1:02d}" for k in range(n_months))
    assert SCORES[name](History(nothing, nothing, near, months)) == pytest.approx(np.zeros(400))
    one = nothing.copy()
    one[7, 0] = 1
    assert SCORES[name](History(one, one, near, months)).argmax() == 7


def test_a_month_without_any_incident_is_nought_and_unknown_themes_are_refused():
    places = city(planted_rates(400), n_months=3)
    wanted = ("2024-01", "2024-02", "2024-03", "2024-04")
    known = history_of(places, "theft", months=wanted)
    assert known.counts[:, 3].sum() == 0
    assert (known.counts[:, :3] == places.monthly("theft")).all()
    with pytest.raises(ParameterError, match="no theme 'arson'"):
        history_of(places, "arson")
    with pytest.raises(ParameterError, match="do not fit 400 places and 4 months"):
        history_of(places, "theft", months=wanted, counts=np.zeros((400, 3)))
    with pytest.raises(ParameterError, match="no month to learn from"):
        History(np.zeros((400, 0)), np.zeros((400, 0)), known.near, ())


def test_what_was_known_before_a_month_ends_there():
    places = city(planted_rates(400), n_months=5)
    before = history_of(places, "theft").before(2)
    assert before.months == ("2024-01", "2024-02")
    assert (before.counts == places.monthly("theft")[:, :2]).all()
