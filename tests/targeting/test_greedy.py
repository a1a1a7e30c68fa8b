"""The choice of beats: by hand, and beside one that computes everything anew at each step."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hot_cities import OUTLINE, SOUTH, WEST, points
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.targeting.greedy import LEAST_NEW, choose_beats
from hotspots.targeting.shapes import cells, discs


def _by_brute_force(shapes, rate, *, number):
    """Choose with exact geometry and sums at each step, in the plainest way."""
    taken, left, chosen = shapely.Polygon(), rate.astype(float).copy(), []
    holds = shapes.holds.toarray()
    while len(chosen) < number:
        new = shapely.area(shapely.difference(shapes.polygons, taken))
        expected = holds @ left
        with np.errstate(divide="ignore"):
            value = np.round(np.log(expected) - np.log(np.maximum(new, 1e-9)), 9)
        value[(new < LEAST_NEW * shapes.area) | (expected <= 0)] = -np.inf
        value[chosen] = -np.inf
        if value.max() == -np.inf:
            break
        chosen.append(int(value.argmax()))
        taken = shapely.union(taken, shapes.polygons[chosen[-1]])
        left[holds[chosen[-1]] > 0] = 0
    return chosen, taken


def _close_points(seed: int, n: int = 60) -> np.ndarray:
    xy = np.random.default_rng(seed).uniform(50, 950, (n, 2)) + np.array([WEST, SOUTH])
    return xy[np.lexsort((xy[:, 1], xy[:, 0]))]


@given(st.integers(0, 1000))
def test_lazy_and_plain_choices_are_the_same(seed):
    xy = _close_points(seed)
    rate = np.random.default_rng(seed).poisson(1.0, len(xy)) + 0.0
    shapes = discs(xy, OUTLINE)
    chosen, taken = _by_brute_force(shapes, rate, number=12)
    found = choose_beats(shapes, rate, number=12)
    assert found.shape.tolist() == chosen
    assert found.area.sum() == pytest.approx(taken.area, rel=1e-9)


def test_two_places_by_hand():
    # 10 incidents alone, 8 + 7 within one disc: the pair comes first, then the single one
    xy = np.array([[WEST + 500.0, SOUTH + 500], [WEST + 1500, SOUTH + 500], [WEST + 1550, SOUTH + 500]])
    found = choose_beats(discs(xy, OUTLINE), np.array([10.0, 8.0, 7.0]), number=2)
    assert found.shape.tolist() == [1, 0]
    assert found.beat_of.tolist() == [1, 0, 0]
    assert found.add_up(np.array([10.0, 8.0, 7.0])).tolist() == [15, 10]


def test_covered_ground_and_covered_places_count_once():
    xy = np.array([[WEST + 500.0, SOUTH + 500], [WEST + 600, SOUTH + 500]])
    shapes = discs(xy, OUTLINE)
    found = choose_beats(shapes, np.array([5.0, 4.0]), number=2)
    assert found.area.sum() == pytest.approx(shapely.union_all(shapes.polygons).area)
    assert shapely.area(shapely.intersection(*found.polygons)) == pytest.approx(0, abs=1e-6)


def test_a_beat_that_is_mostly_walked_already_is_none():
    # the third disc shares 56 % with the second; the fourth, with the same incident left, hardly any
    xy = np.array([[WEST + x, SOUTH + 500.0] for x in (420, 500, 560, 640)])
    rate = np.array([9.0, 0.1, 0.1, 5.0])
    assert choose_beats(discs(xy, OUTLINE), rate, number=2).shape.tolist() == [1, 3]
    assert choose_beats(discs(xy, OUTLINE), rate, number=2, least_new=0).shape.tolist() == [1, 2]


def test_the_budget_is_reached_with_the_last_beat():
    xy = points()
    found = choose_beats(discs(xy, OUTLINE), np.ones(len(xy)), share=0.05)
    areas = np.cumsum(found.area) / OUTLINE.area
    assert areas[-1] >= 0.05 > areas[-2]
    held = found.held(0.05)
    assert held.max() <= 1
    # the last beat counts in part: over exactly the share
    assert (np.append(found.area, 0)[np.unique(found.beat_of)] > 0).any()
    assert 0 < held[found.beat_of == len(found) - 1].max() < 1


def test_held_over_an_exact_share_by_hand():
    xy = np.array([[WEST + 500.0, SOUTH + 500], [WEST + 1500, SOUTH + 500]])
    shapes = cells(xy, OUTLINE)
    found = choose_beats(shapes, np.array([2.0, 1.0]), number=2)
    share = 1.5 * 150**2 / OUTLINE.area
    assert found.held(share).tolist() == pytest.approx([1.0, 0.5])


def test_ties_go_west_then_south_and_not_by_the_order_of_the_input():
    xy = np.array([[WEST + 500.0, SOUTH + 900], [WEST + 500, SOUTH + 300], [WEST + 200, SOUTH + 2000]])
    found = choose_beats(discs(xy, OUTLINE), np.ones(3), number=3)
    assert found.shape.tolist() == [0, 1, 2]
    shapes = discs(xy, OUTLINE)
    assert shapes.middle[:, 0].tolist() == [WEST + 200, WEST + 500, WEST + 500]
    turned = choose_beats(discs(xy[::-1], OUTLINE), np.ones(3), number=3)
    assert (turned.beat_of[::-1] == found.beat_of).all()


def test_groups_take_turns():
    xy = points()
    shapes = discs(xy, OUTLINE)
    side = np.where(shapes.middle[:, 0] > WEST + 1500, "east", "west")
    rate = np.where(xy[:, 0] > WEST + 1500, 10.0, 1.0)
    found = choose_beats(shapes, rate, number=6, groups=side)
    assert side[found.shape].tolist() == ["east", "west"] * 3
    # where one side has nothing, the other takes all turns
    rate = np.where(xy[:, 0] > WEST + 1500, 10.0, 0.0)
    assert set(side[choose_beats(shapes, rate, number=6, groups=side).shape]) == {"east"}
    assert len(choose_beats(shapes, np.zeros(len(xy)), number=6, groups=side)) == 0


def test_nothing_expected_chooses_nothing():
    found = choose_beats(discs(points(), OUTLINE), np.zeros(400), share=0.5)
    assert len(found) == 0
    assert (found.beat_of == -1).all()
    assert (found.held(0.5) == 0).all()


@pytest.mark.parametrize("budget", [{"share": 0.05}, {"number": 7}, {"share": 1.0}])
def test_shapes_that_share_nothing_are_chosen_as_any_others(budget):
    shapes = cells(points(), OUTLINE)
    rate = np.random.default_rng(1).poisson(0.7, 400) + 0.0
    assert shapes.apart
    assert not discs(points(), OUTLINE).apart
    quick = choose_beats(shapes, rate, **budget)
    # with groups, though it is but one, beats are taken one by one
    slow = choose_beats(shapes, rate, groups=np.zeros(len(shapes)), **budget)
    assert quick.shape.tolist() == slow.shape.tolist()
    assert (quick.beat_of == slow.beat_of).all()
    assert (quick.area == slow.area).all()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({}, "share of the city or a number"),
        ({"share": 0.0}, "share is 0"),
        ({"share": 1.5}, "share is 1.5"),
        ({"number": 0}, "number is 0"),
    ],
)
def test_budgets_that_are_none_are_refused(options, match):
    with pytest.raises(ParameterError, match=match):
        choose_beats(discs(points(), OUTLINE), np.ones(400), **options)


def test_rates_must_fit():
    shapes = discs(points(), OUTLINE)
    with pytest.raises(ParameterError, match="3 rates for 400 places"):
        choose_beats(shapes, np.ones(3), number=1)
    with pytest.raises(ParameterError, match="negative or not a number"):
        choose_beats(shapes, np.full(400, np.nan), number=1)
