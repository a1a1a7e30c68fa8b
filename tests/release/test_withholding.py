"""What a linear program can work out of counts that were withheld."""

from __future__ import annotations

import numpy as np
import pytest
from attacker import Attacker
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.audiences import POLICIES
from hotspots.release.rounding import rounding_limits
from hotspots.release.withholding import COVER, SHOWN, SMALL, CountTables, States, attack, withhold

PARTNER, PUBLIC = POLICIES["partner"], POLICIES["public"]


def tables(ward, *, month=None, lsoa=None, within=None):
    """Lay out tables; `within` gives the share of each LSOA's ward as (wards, lsoas) booleans."""
    ward = np.atleast_2d(ward)
    lsoa = np.zeros((len(ward), 0), dtype=int) if lsoa is None else np.atleast_2d(lsoa)
    month = np.zeros((*ward.shape, 0), dtype=int) if month is None else np.asarray(month)
    touches = np.zeros((ward.shape[1], lsoa.shape[1]), dtype=bool) if within is None else within
    holds = touches & (touches.sum(axis=0) == 1)
    return CountTables(ward.sum(axis=1), ward, month, lsoa, holds, touches)


def everything(counts):
    return np.ones(len(counts.total), dtype=bool)


def protect(counts, policy):
    return withhold(counts, policy, monthly=everything(counts), fine=everything(counts))


def program(counts, states, policy):
    """Set a linear program on the published counts; it is told which withheld ones are small."""
    lp = Attacker()

    def add(key, count, state):
        if state == SHOWN:
            low, high = rounding_limits(count, policy)
            lp.unknown(key, float(low), float(high))
        else:
            limits = (0.0, policy.minimum - 1.0) if state == SMALL else (float(policy.minimum), np.inf)
            lp.unknown(key, *limits)

    for t in range(len(counts.total)):
        wards, lsoas = range(counts.ward.shape[1]), range(counts.lsoa.shape[1])
        for w in wards:
            add(("ward", t, w), counts.ward[t, w], states.ward[t, w])
            if states.monthly[t]:
                months = range(counts.month.shape[2])
                for m in months:
                    add(("month", t, w, m), counts.month[t, w, m], states.month[t, w, m])
                lp.equal(("ward", t, w), [("month", t, w, m) for m in months])
        lp.unknown(("total", t))
        if states.total[t] == SHOWN:
            lp.unknown(("total", t), float(counts.total[t]), float(counts.total[t]))
        lp.equal(("total", t), [("ward", t, w) for w in wards])
        if states.fine[t]:
            for s in lsoas:
                add(("lsoa", t, s), counts.lsoa[t, s], states.lsoa[t, s])
            lp.equal(("total", t), [("lsoa", t, s) for s in lsoas])
            pairs = np.argwhere(counts.touches).tolist()
            for w, s in pairs:
                lp.unknown(("part", t, w, s))
            for s in lsoas:
                lp.equal(("lsoa", t, s), [("part", t, w, o) for w, o in pairs if o == s])
            for w in wards:
                lp.equal(("ward", t, w), [("part", t, o, s) for o, s in pairs if o == w])
    for key in [key for key in lp.index if key[0] in ("ward", "lsoa") and key[1] > 0]:
        whole = (key[0], 0, *key[2:])
        if whole in lp.index:
            lp.between({whole: 1.0, key: -1.0}, 0.0)
    return lp


def small_cells(states):
    """List the small counts that a release withholds one by one."""
    for t, w in np.argwhere(states.ward == SMALL).tolist():
        yield "ward", t, w
    for t, w, m in np.argwhere((states.month == SMALL) & states.monthly[:, None, None]).tolist():
        yield "month", t, w, m
    for t, s in np.argwhere((states.lsoa == SMALL) & states.fine[:, None]).tolist():
        yield "lsoa", t, s


def test_two_rounded_neighbours_and_a_total_do_not_give_the_third_back():
    # 13 and 13 as 15 each and 27 in all would leave 0 or 1
    counts = tables([13, 13, 1])
    states = protect(counts, PARTNER)
    low, high = program(counts, states, PARTNER).interval(("ward", 0, 2))
    assert (low, high) == pytest.approx((0, 4))
    naive = States(
        total=np.array([SHOWN]),
        ward=np.array([[SHOWN, SHOWN, SMALL]]),
        month=states.month,
        lsoa=states.lsoa,
        monthly=np.array([False]),
        fine=np.array([False]),
    )
    assert program(counts, naive, PARTNER).interval(("ward", 0, 2)) == pytest.approx((0, 1))


def test_area_minus_its_parts_is_no_longer_a_count():
    # 12, 9 and 1 under 22: hiding only the 1 gives it back
    counts = tables([12, 9, 1])
    for policy in (PARTNER, PUBLIC):
        states = protect(counts, policy)
        assert states.ward[0, 2] == SMALL
        low, high = program(counts, states, policy).interval(("ward", 0, 2))
        assert high - low >= policy.protection


def test_only_what_is_needed_is_withheld():
    # Wards of hundreds, one small: the rounding of the others hides it already.
    counts = tables([100, 200, 300, 155, 345, 222, 3])
    states = protect(counts, PUBLIC)
    assert (states.ward == SHOWN).sum() == 6
    assert states.total.tolist() == [SHOWN]


def test_one_month_that_fills_its_ward_is_withheld_or_the_ward_is():
    month = np.array([[[12, 0, 0], *([40 + i, 40, 40] for i in range(6))]])
    counts = tables(month.sum(axis=2), month=month)
    states = protect(counts, PUBLIC)
    assert states.monthly[0]
    assert COVER in (states.ward[0, 0], states.month[0, 0, 0])
    lp = program(counts, states, PUBLIC)
    assert lp.interval(("month", 0, 0, 1)) == pytest.approx((0, 9))


def test_a_grain_of_blanks_is_left_out():
    month = np.array([[[2, 3, 40], [3, 2, 40]]])
    states = protect(tables(month.sum(axis=2), month=month), PARTNER)
    assert not states.monthly[0]
    assert (states.ward == SHOWN).all()


def test_the_bounds_are_the_program_s_where_sums_form_a_tree():
    month = np.array([[[12, 0, 30], [8, 8, 40], [14, 50, 21]]])
    counts = tables(month.sum(axis=2), month=month)
    states = protect(counts, PARTNER)
    limits = attack(counts, states, PARTNER)
    lp = program(counts, states, PARTNER)
    for key in small_cells(states):
        table = limits.ward if key[0] == "ward" else limits.month
        assert lp.interval(key) == pytest.approx((table[0][key[1:]], table[1][key[1:]]))


@st.composite
def cities(draw, *, crossing=False):
    """Draw a small city: all incidents and one theme, two to four wards, months, LSOAs in or across wards."""
    n_wards, n_months = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    n_lsoas = draw(st.integers(n_wards, 6))
    home = np.array([s % n_wards for s in range(n_lsoas)])
    crosses = np.array(draw(st.lists(st.booleans(), min_size=n_lsoas, max_size=n_lsoas)))
    touches = np.zeros((n_wards, n_lsoas), dtype=bool)
    touches[home, np.arange(n_lsoas)] = True
    if crossing:
        touches[(home + 1) % n_wards, np.arange(n_lsoas)] |= crosses
    size = n_wards * n_lsoas * n_months
    low, most = st.integers(0, 14), st.integers(0, 60)
    cells = draw(st.lists(st.one_of(low, low, most), min_size=size, max_size=size))
    cube = np.array(cells).reshape(n_wards, n_lsoas, n_months) * touches[..., None]
    part = draw(st.floats(0, 1))
    both = np.stack([cube, np.floor(cube * part).astype(int)])
    return tables(both.sum(axis=(2, 3)), month=both.sum(axis=2), lsoa=both.sum(axis=(1, 3)), within=touches)


@settings(max_examples=40, deadline=None)
@given(cities(), st.sampled_from([PARTNER, PUBLIC]))
def test_no_small_count_of_a_random_city_is_narrowed(counts, policy):
    states = protect(counts, policy)
    lp = program(counts, states, policy)
    for key in small_cells(states):
        low, high = lp.interval(key)
        assert high - low >= policy.protection - 1e-6, (key, low, high)


@settings(max_examples=40, deadline=None)
@given(cities(crossing=True), st.sampled_from([PARTNER, PUBLIC]))
def test_lsoas_across_wards_never_give_a_small_count_away(counts, policy):
    # Here the sums have cycles and the project's bounds may be wider than the program's.
    states = protect(counts, policy)
    lp = program(counts, states, policy)
    for key in small_cells(states):
        low, high = lp.interval(key)
        assert high - low >= 1, (key, low, high)


@settings(max_examples=40, deadline=None)
@given(cities(), st.sampled_from([PARTNER, PUBLIC]))
def test_no_count_below_the_minimum_is_shown(counts, policy):
    states = protect(counts, policy)
    for table, state in (
        (counts.total, states.total),
        (counts.ward, states.ward),
        (counts.month, states.month),
        (counts.lsoa, states.lsoa),
    ):
        assert ((table < policy.minimum) == (state == SMALL)).all()
