"""
Withhold counts of types, which part all incidents, so that none gives a small count away.

Types add up to all incidents, and themes are made of types: a type that is shown
beside all the others gives the last one, and a theme with one type gives that
type. Counts of types are published by ward over the whole period only, and no
total of a type but the sum of what is published. So no sum runs from ward to
ward, and each ward stands alone: its types, its themes and its number of
incidents, which `withhold` has dealt with already.

For the themes to stay as safe as they were it is enough that each value which
`withhold` left open for one of them in a ward goes with types as published while
all other themes keep their true counts. For a small count of a type it is enough
that each value from 0 to the minimum less 1 does, while at most one theme leaves
its true count and stays within what was left open. A count withheld for another
must look the same: from 0 to the minimum less 1, or surely above. All is asked of a
linear program over all wards at once. In each ward that fails one more count is
withheld, first among types that share a theme, the rarest type of England first,
until none fails: the order is the same whatever the counts. Nothing published tells
a small count from one that is withheld for another.

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control, section 4.4. Wiley.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from hotspots.audiences import Policy
from hotspots.release.rounding import rounding_limits
from hotspots.release.withholding import COVER, SHOWN, SMALL

_SLACK: Final = 1e-6
#: A withheld count may be so many times the ward's incidents, for all that can be known of it.
_LARGE: Final = 4.0


@dataclass(frozen=True)
class TypeTables:
    """
    The counts of a city's wards by type and theme.

    Attributes
    ----------
    every : ndarray of int, shape (wards,)
        All incidents.
    shown : ndarray of bool, shape (wards,)
        Where the number of all incidents is published.
    types : ndarray of int, shape (types, wards)
        Adding up to `every`.
    both : ndarray of int, shape (themes, types, wards)
        Incidents that belong to a theme and a type.
    low, high : ndarray, shape (1 + themes, wards)
        What is left open of all incidents, and of each theme, before types are published.
    order : ndarray of int, shape (types,), optional
        Which type is withheld first where one has to be; in the order given without it.
    hidden : ndarray of bool, shape (types, wards), optional
        What a release to fewer people withholds: one reader may hold both.
    """

    every: np.ndarray
    shown: np.ndarray
    types: np.ndarray
    both: np.ndarray
    low: np.ndarray
    high: np.ndarray
    order: np.ndarray | None = None
    hidden: np.ndarray | None = None


def withhold_types(tables: TypeTables, policy: Policy) -> np.ndarray:
    """
    Decide which counts of types are withheld.

    Parameters
    ----------
    tables : TypeTables
    policy : Policy
        Gives the minimum and the base.

    Returns
    -------
    ndarray of int, shape (types, wards)
        `SHOWN`, `SMALL` or `COVER`. Where all incidents of a ward are withheld, so are its types.
    """
    states = np.where(tables.types < policy.minimum, SMALL, SHOWN)
    if tables.hidden is not None:
        states = np.where(tables.hidden & (states == SHOWN), COVER, states)
    order = np.arange(len(states)) if tables.order is None else np.asarray(tables.order)
    states[:, ~tables.shown] = np.where(states == SHOWN, COVER, states)[:, ~tables.shown]
    while True:
        failing = _failing(tables, states, policy)
        if not failing:
            return states
        for ward, near in failing.items():
            shown = states[:, ward] == SHOWN
            able = shown & near if (shown & near).any() else shown
            states[np.where(able, order, order.max() + 1).argmin(), ward] = COVER


@dataclass(frozen=True)
class _Question:
    """
    What must stay possible: a sum of unknowns over its whole range, in the wards where it is asked.

    `freed` lists the sums of which one at a time may leave its true value: 0 for all
    incidents, 1 and more for the themes, None for none. `near` are the types it hangs on.
    With `or_above` it is as well where it must be above the range.
    """

    what: np.ndarray
    low: np.ndarray
    high: np.ndarray
    asked: np.ndarray
    freed: tuple[int | None, ...]
    near: np.ndarray
    or_above: bool = False


class _Wards:
    """The unknowns of all wards side by side: counts by type, and of types that a theme has a part of."""

    def __init__(self, tables: TypeTables, states: np.ndarray, policy: Policy) -> None:
        self.tables = tables
        n_types, self.wards = tables.types.shape
        held, size = tables.both.sum(axis=2), tables.types.sum(axis=1)
        self.parts = [(int(t), int(k)) for t, k in np.argwhere((held > 0) & (held < size))]
        self.whole = (held == size) & (held > 0)
        self.unknowns = n_types + len(self.parts)
        low, high = rounding_limits(tables.types, policy)
        largest = _LARGE * (tables.every.max(initial=0) + policy.minimum)
        low, high = np.where(states == SHOWN, low, 0.0), np.where(states == SHOWN, high, largest)
        none = np.zeros((len(self.parts), self.wards))
        self.low = np.concatenate([low, none]).T.ravel()
        self.high = np.concatenate([high, none + largest]).T.ravel()
        self._known: dict[tuple[bytes, int | None], tuple[np.ndarray, np.ndarray]] = {}

    def sums(self) -> list[np.ndarray]:
        """Give the weights of all incidents, then of each theme."""
        n_types = len(self.tables.types)
        rows = [np.concatenate([np.ones(n_types), np.zeros(len(self.parts))])]
        for theme in range(len(self.tables.both)):
            parts = [float(t == theme) for t, _ in self.parts]
            rows.append(np.concatenate([self.whole[theme].astype(float), parts]))
        return rows

    def range(self, what: np.ndarray, freed: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Give the least and the greatest value of a sum in each ward, with one other sum let go."""
        asked = what.tobytes(), freed
        # Two questions are asked of the same sum: of small counts and of those held back for others.
        if asked not in self._known:
            self._known[asked] = self._solved(what, freed)
        return self._known[asked]

    def _solved(self, what: np.ndarray, freed: int | None) -> tuple[np.ndarray, np.ndarray]:
        sums = self.sums()
        truth = np.array([self.tables.every, *self.tables.both.sum(axis=1)], dtype=float)
        kept = [k for k, row in enumerate(sums) if row.any()]
        low, high = truth[kept], truth[kept]
        if freed is not None:
            low, high = low.copy(), high.copy()
            at = kept.index(freed)
            low[at], high[at] = self.open(freed)
        within = np.zeros((len(self.parts), self.unknowns))
        for row, (_, kind) in enumerate(self.parts):
            within[row, len(self.tables.types) + row], within[row, kind] = 1.0, -1.0
        block = np.concatenate([np.array([sums[k] for k in kept]), within])
        none = np.zeros((len(self.parts), self.wards))
        constraint = LinearConstraint(
            self._spread(block),
            np.concatenate([low, none - np.inf]).T.ravel(),
            np.concatenate([high, none]).T.ravel(),
        )
        cost, found = np.tile(what, self.wards), []
        for sign in (1.0, -1.0):
            answer = milp(sign * cost, constraints=constraint, bounds=Bounds(self.low, self.high))
            # The wards share no unknown, so the sum is least where each of them is.
            found.append(answer.x.reshape(self.wards, self.unknowns) @ what)
        return found[0], found[1]

    def open(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Give what is left open of all incidents (0) or of a theme, which holds no more than its ward."""
        high = np.minimum(self.tables.high[number], self.tables.every) if number else self.tables.high[0]
        return self.tables.low[number], high

    def _spread(self, block: np.ndarray) -> csr_array:
        """Repeat the rows of one ward for every ward."""
        row, column = np.nonzero(block)
        ward = np.arange(self.wards)[:, None]
        at = (ward * len(block) + row).ravel(), (ward * self.unknowns + column).ravel()
        shape = self.wards * len(block), self.wards * self.unknowns
        return csr_array((np.tile(block[row, column], self.wards), at), shape=shape)


def _failing(tables: TypeTables, states: np.ndarray, policy: Policy) -> dict[int, np.ndarray]:
    """Name the wards in which something is narrowed that must stay open, with the types it hangs on."""
    program = _Wards(tables, states, policy)
    able = tables.shown & (states == SHOWN).any(axis=0)
    failing: dict[int, np.ndarray] = {}
    for question in _questions(states, program, policy):
        asked = question.asked & able
        if not asked.any():
            continue
        ranges = [program.range(question.what, freed) for freed in question.freed]
        least, greatest = (
            np.min([one[0] for one in ranges], axis=0),
            np.max([one[1] for one in ranges], axis=0),
        )
        narrowed = (least > question.low + _SLACK) | (greatest < question.high - _SLACK)
        if question.or_above:
            narrowed &= least < question.high + 1 - _SLACK
        for ward in np.flatnonzero(narrowed & asked):
            failing.setdefault(int(ward), question.near)
    return failing


def _questions(states: np.ndarray, program: _Wards, policy: Policy) -> Iterator[_Question]:
    n_types, every, nothing = len(states), np.ones(program.wards, dtype=bool), np.zeros(program.wards)
    held = program.tables.both.sum(axis=2) > 0
    for kind in range(n_types):
        small, hidden = states[kind] == SMALL, states[kind] != SHOWN
        if hidden.any():
            alone = np.zeros(program.unknowns)
            alone[kind] = 1.0
            with_it = [theme for theme in range(len(held)) if held[theme, kind]]
            freed = (None, *(1 + theme for theme in with_it))
            near = held[with_it].any(axis=0)
            yield _Question(alone, nothing, nothing + policy.protection, small, freed, near)
            # A reader who holds the rounded counts alone sees the two kinds alike.
            yield _Question(
                alone, nothing, nothing + policy.protection, hidden & ~small, freed, near, or_above=True
            )
    for number, row in enumerate(program.sums()):
        # Of a theme without any incident types tell nothing.
        if row.any():
            near = held[number - 1] if number else np.ones(n_types, dtype=bool)
            yield _Question(row, *program.open(number), every, (number,), near)
