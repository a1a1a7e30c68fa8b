"""Counts of types beside all incidents and themes: attacked by a linear program that owes nothing to ours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from attacker import Attacker
from hypothesis import given
from hypothesis import strategies as st

from hotspots.audiences import POLICIES
from hotspots.release.parting import TypeTables, withhold_types
from hotspots.release.rounding import rounding_limits
from hotspots.release.withholding import COVER, SHOWN, SMALL

PUBLIC = POLICIES["public"]


def tables(types, both=(), *, low=None, high=None):
    """Make the tables of some wards; all incidents and themes known to within their rounding."""
    types = np.array(types)
    both = np.array(both).reshape(-1, *types.shape)
    sums = np.concatenate([types.sum(axis=0)[None], both.sum(axis=1)])
    bounds = [*rounding_limits(sums, PUBLIC)]
    small = sums < PUBLIC.minimum
    bounds = [np.where(small, 0, bounds[0]), np.where(small, PUBLIC.minimum - 1, bounds[1])]
    return TypeTables(sums[0], ~small[0], types, both, *(b.astype(float) for b in bounds))


def test_one_small_type_takes_another_with_it():
    # 234 in all less 200 and 30, each within 2, would leave 0 to 8. The order is given, not the counts'.
    found = replace(tables([[200], [30], [4]]), order=np.array([1, 0, 0]))
    states = withhold_types(found, PUBLIC)
    assert states[:, 0].tolist() == [SHOWN, COVER, SMALL]


def test_small_types_that_hide_each_other_take_none_with_them():
    states = withhold_types(tables([[200], [100], [8], [7]]), PUBLIC)
    assert states[:, 0].tolist() == [SHOWN, SHOWN, SMALL, SMALL]


def test_without_a_small_type_all_are_shown():
    assert (withhold_types(tables([[200, 90], [100, 14], [30, 16]]), PUBLIC) == SHOWN).all()


def test_where_all_incidents_are_withheld_so_are_the_types():
    assert withhold_types(tables([[6, 90], [2, 40]]), PUBLIC)[:, 0].tolist() == [SMALL, SMALL]


def test_a_theme_of_two_types_gives_neither_away():
    # Weapons and robbery make up a theme, which is shown: 24 less 20 would be 4.
    types = [[300], [20], [4], [8], [9]]
    both = [[[0], [20], [4], [0], [0]]]
    states = withhold_types(tables(types, both), PUBLIC)
    assert states[:, 0].tolist() == [SHOWN, COVER, SMALL, SMALL, SMALL]


def test_a_theme_that_is_withheld_is_not_given_by_its_type():
    # The theme's 45 cover a small count elsewhere; its only type would publish them.
    found = tables([[300], [45], [40]], [[[0], [45], [0]]])
    found.low[1], found.high[1] = 40.0, 60.0
    states = withhold_types(found, PUBLIC)
    assert states[:, 0].tolist() == [COVER, COVER, SHOWN]


def attack(found, states):
    """Give the widest interval of each small type when one theme may differ from its true count."""
    n_types = len(found.types)
    held, size = found.both.sum(axis=2), found.types.sum(axis=1)
    for ward in np.flatnonzero(found.shown):
        lp = Attacker()
        low, high = rounding_limits(found.types[:, ward], PUBLIC)
        for kind in range(n_types):
            shown = states[kind, ward] == SHOWN
            lp.unknown(kind, *((low[kind], high[kind]) if shown else (0.0, np.inf)))
        lp.between(dict.fromkeys(range(n_types), 1.0), found.low[0, ward], found.high[0, ward])
        for theme in range(len(held)):
            terms = {}
            for kind in np.flatnonzero(held[theme]):
                part = (theme, int(kind))
                lp.unknown(part)
                whole = held[theme, kind] == size[kind]
                lp.between({part: 1.0, int(kind): -1.0}, 0.0 if whole else -np.inf, 0.0)
                terms[part] = 1.0
            if terms:
                lp.between(terms, found.low[1 + theme, ward], found.high[1 + theme, ward])
        for kind in np.flatnonzero(states[:, ward] == SMALL):
            yield int(kind), ward, lp.interval(int(kind))


@pytest.mark.parametrize("seed", range(12))
def test_no_small_type_is_narrowed(seed):
    rng = np.random.default_rng(seed)
    types = rng.poisson(rng.gamma(1.2, 25, size=(7, 1)) * rng.gamma(3, 0.5, size=(1, 9)))
    # one theme is a type, one is two types, one a part of several
    both = np.zeros((3, 7, 9), dtype=int)
    both[0, 2], both[1, 3], both[1, 4] = types[2], types[3], types[4]
    both[2] = rng.binomial(types, 0.2)
    found = tables(types, both)
    states = withhold_types(found, PUBLIC)
    small = [*attack(found, states)]
    assert small
    for kind, ward, (low, high) in small:
        assert high - low >= PUBLIC.protection - 1e-6, (kind, ward, low, high)


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=6))
def test_every_small_count_is_withheld_and_none_narrowed(types):
    found = tables(types)
    states = withhold_types(found, PUBLIC)
    assert ((states == SHOWN) <= (found.types >= PUBLIC.minimum)).all()
    for kind, ward, (low, high) in attack(found, states):
        assert min(high, 9) - max(low, 0) >= PUBLIC.protection - 1e-6, (kind, ward, low, high)


def test_it_ends_where_the_type_that_goes_last_is_the_only_one_left():
    # Of three types one small and one held back already; the order has numbers beyond the types.
    found = tables([[4], [40], [200]])
    order, hidden = np.array([1, 2, 13]), np.array([[False], [True], [False]])
    wide = replace(found, low=np.zeros_like(found.low), high=np.full_like(found.high, 400.0))
    states = withhold_types(replace(wide, order=order, hidden=hidden), PUBLIC)
    assert states[:, 0].tolist() == [SMALL, COVER, COVER]
