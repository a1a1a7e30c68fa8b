"""
Choose beats one after the other, each the most expected incidents per new square kilometre.

Only ground and places that no earlier beat has count, so overlapping shapes
are worth what they add. For a number of shapes of equal size such a choice
never holds less than 63 % of what the best one would.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np
import shapely

from hotspots.errors import ParameterError
from hotspots.targeting.shapes import Shapes

#: A beat of which more than half is walked already is no beat of its own.
LEAST_NEW: Final = 0.5
#: Digits of the logarithm of a value that count: below lies rounding of areas, which no tie may hang on.
_DIGITS: Final = 9


@dataclass(frozen=True, eq=False)
class Choice:
    """
    Beats in order of choice.

    Attributes
    ----------
    shape : ndarray of int, shape (beats,)
        Position among the shapes.
    polygons : ndarray of polygons, shape (beats,)
        The new ground of each.
    area : ndarray of shape (beats,)
        Its square metres.
    beat_of : ndarray of int, shape (places,)
        The beat that holds each place, -1 for none.
    city : float
        Square metres of the whole city.
    """

    shape: np.ndarray
    polygons: np.ndarray
    area: np.ndarray
    beat_of: np.ndarray
    city: float

    def __len__(self) -> int:
        return len(self.shape)

    def add_up(self, values: np.ndarray) -> np.ndarray:
        """Sum values of the places over each beat: shape (beats, ...)."""
        held = self.beat_of >= 0
        sums = np.zeros((len(self), *values.shape[1:]))
        np.add.at(sums, self.beat_of[held], values[held])
        return sums

    def held(self, share: float) -> np.ndarray:
        """
        Tell how much of each place the first beats hold that make up a share of the city.

        The beat with which the share is passed counts in part, so that two
        choices are compared over exactly the same area.

        Returns
        -------
        ndarray of shape (places,)
            Between 0 and 1.
        """
        before = np.cumsum(self.area) - self.area
        part = np.clip((share * self.city - before) / self.area, 0.0, 1.0)
        return np.append(part, 0.0)[self.beat_of]


def choose_beats(
    shapes: Shapes,
    rate: np.ndarray,
    *,
    share: float | None = None,
    number: int | None = None,
    groups: np.ndarray | None = None,
    least_new: float = LEAST_NEW,
) -> Choice:
    """
    Choose beats until they make up a share of the city, or a number of them.

    Equal values are settled by the middle of the shape, west before east,
    then south before north, so the order of the input makes no difference.

    Parameters
    ----------
    shapes : Shapes
        From `discs`, `cells` or `segments`.
    rate : ndarray of shape (places,)
        Incidents expected at each place, not negative.
    share : float, optional
        Part of the city's area; the last beat is that with which it is reached.
    number : int, optional
        Of beats; with both, whichever comes first.
    groups : ndarray of shape (shapes,), optional
        Label of each shape, such as its ward: then the groups take turns,
        one beat each a round, so that all get equally many.
    least_new : float, default 0.5
        Part of a shape that must be new ground.

    Returns
    -------
    Choice
        Fewer beats where no place with anything expected is left.

    Raises
    ------
    ParameterError
        If neither share nor number is given or one is out of range, or the
        rates do not fit the places.

    References
    ----------
    Nemhauser, G. L., Wolsey, L. A. and Fisher, M. L. (1978). An analysis of
    approximations for maximizing submodular set functions. Mathematical
    Programming 14, 265-294.
    """
    _check(shapes, rate, share, number)
    budget = math.inf if share is None else share * shapes.city
    most = len(shapes) if number is None else number
    if shapes.apart and groups is None:
        return _choose_apart(shapes, np.asarray(rate, dtype=float), budget, most)
    state = _Left(shapes, np.asarray(rate, dtype=float), least_new)
    turns = [None] if groups is None else [groups == label for label in np.unique(groups)]
    covered, passed = 0.0, 0
    for turn in cycle(turns):
        # where every group in turn has nothing left, all has been chosen
        if covered >= budget or len(state.chosen) >= most or passed >= len(turns):
            break
        best = state.best(turn)
        passed = passed + 1 if best is None else 0
        if best is not None:
            covered += state.area[best]
            state.take(best)
    return state.choice()


def _choose_apart(shapes: Shapes, rate: np.ndarray, budget: float, most: int) -> Choice:
    """Choose among shapes that share nothing: then no choice changes the value of another."""
    value = _value(shapes.holds @ rate, shapes.area)
    order = np.argsort(-value, kind="stable")
    area = shapes.area[order]
    begun = np.cumsum(area) - area < budget
    chosen = order[begun & (value[order] > -math.inf)][:most]
    rank = np.full(len(shapes), -1)
    rank[chosen] = np.arange(len(chosen))
    beat_of = np.full(len(rate), -1)
    shape, place = shapes.holds.nonzero()
    beat_of[place] = rank[shape]
    return Choice(chosen, shapes.polygons[chosen], shapes.area[chosen], beat_of, shapes.city)


class _Left:
    """
    What is left to choose from.

    The exact new ground of a shape is cut out only when the shape might be
    next: until then its area is at least what it was less all that it may share with
    the beats taken since, and its value at most what that area would give.
    """

    def __init__(self, shapes: Shapes, rate: np.ndarray, least_new: float) -> None:
        self.shapes, self.least_new, self.rate = shapes, least_new, rate.copy()
        self.polygons, self.area = shapes.polygons.copy(), shapes.area.copy()
        # From which beat on, in order of choice, a shape's ground is uncut; and its own place in that order.
        self.since, self.rank = np.zeros(len(shapes), dtype=np.intp), np.full(len(shapes), -1)
        self.uncut = np.zeros(len(shapes), dtype=bool)
        self.starts, self.number = shapes.holds.indptr[:-1], np.diff(shapes.holds.indptr)
        self.beat_of = np.full(len(rate), -1)
        self.chosen: list[int] = []
        self.open = self.number > 0
        self.expected = shapes.holds @ rate
        self.value = np.where(self.open, _value(self.expected, self.area), -math.inf)

    def best(self, turn: np.ndarray | None) -> int | None:
        """Return the shape of most value whose turn it is, the first of equals; None if none has any."""
        while True:
            value = self.value if turn is None else np.where(turn, self.value, -math.inf)
            shape = int(value.argmax())
            if value[shape] == -math.inf:
                return None
            if not self.uncut[shape]:
                return shape
            self._cut(shape)

    def take(self, shape: int) -> None:
        """Make a shape the next beat."""
        places = self.shapes.held[shape]
        new = places[self.beat_of[places] < 0]
        self.beat_of[new] = self.rank[shape] = len(self.chosen)
        self.rate[new] = 0.0
        self.chosen.append(shape)
        self._close(shape)
        near = self.shapes.overlaps[shape]
        beside = self.open[near]
        others, shared = near[beside], self.shapes.shared[shape][beside]
        self.uncut[others] = True
        least = np.maximum(self.least_new * self.shapes.area[others], 1.0)
        self.area[others] = np.maximum(self.area[others] - shared, least)
        touched = np.zeros(len(self.open), dtype=bool)
        touched[others] = True
        for place in new.tolist():
            touched[self.shapes.holders[place]] = True
        self._update(np.flatnonzero(touched))

    def _cut(self, shape: int) -> None:
        """Take the ground of the beats around a shape away from it."""
        near = self.shapes.overlaps[shape]
        ranks = self.rank[near]
        ranks = np.sort(ranks[ranks >= self.since[shape]])
        beats = [self.chosen[rank] for rank in ranks.tolist()]
        self.since[shape], self.uncut[shape] = len(self.chosen), False
        left = shapely.difference(self.polygons[shape], shapely.union_all(self.polygons[beats]))
        self.polygons[shape], self.area[shape] = left, left.area
        if self.area[shape] < max(self.least_new * self.shapes.area[shape], 1.0):
            self._close(shape)
        else:
            self._update(np.array([shape]))

    def _close(self, shape: int) -> None:
        self.open[shape] = False
        self.value[shape] = -math.inf

    def _update(self, shapes: np.ndarray) -> None:
        """Value shapes again that lost ground or places."""
        again = shapes[self.open[shapes]]
        if len(again):
            number = self.number[again]
            ends = np.cumsum(number)
            starts = ends - number
            at = np.arange(ends[-1]) + np.repeat(self.starts[again] - starts, number)
            self.expected[again] = np.add.reduceat(self.rate[self.shapes.holds.indices[at]], starts)
            self.value[again] = _value(self.expected[again], self.area[again])

    def choice(self) -> Choice:
        shape = np.array(self.chosen, dtype=np.intp)
        return Choice(shape, self.polygons[shape], self.area[shape], self.beat_of, self.shapes.city)


def _value(expected: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Give the logarithm of expected incidents per square metre, rounded; minus infinity for none."""
    with np.errstate(divide="ignore"):
        return np.round(np.log(expected) - np.log(area), _DIGITS)


def _check(shapes: Shapes, rate: np.ndarray, share: float | None, number: int | None) -> None:
    if share is None and number is None:
        raise ParameterError("How many beats? Give a share of the city or a number.")
    if share is not None and not 0 < share <= 1:
        raise ParameterError(f"share is {share:g}: give a part of the city above 0 and up to 1.")
    if number is not None and number < 1:
        raise ParameterError(f"number is {number}: give at least one beat.")
    if np.shape(rate) != (shapes.holds.shape[1],):
        raise ParameterError(f"{np.size(rate)} rates for {shapes.holds.shape[1]} places: give one for each.")
    if not np.isfinite(rate).all() or (np.asarray(rate) < 0).any():
        raise ParameterError("A rate is negative or not a number: give the incidents expected at each place.")
