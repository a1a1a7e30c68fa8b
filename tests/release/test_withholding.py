"""What a linear program can work out of counts that were withheld."""

from __future__ import annotations

import numpy as np
import pytest
from attacker import Attacker
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotspots.audiences import POLICIES
from hotspots.release.attack import attack
from hotspots.release.rounding import rounding_limits
from hotspots.release.withholding import COVER, SHOWN, SMALL, CountTables, States, withhold

PARTNER, PUBLIC = POLICIES["partner"], POLICIES["public"]


def tables(ward, *, month=None, lsoa=None, within=None):
    """Lay out tables; `within` gives the share of each LSOA's ward as (wards, lsoas) booleans."""
    ward = np.atleast_2d(ward)
    lsoa = np.zeros((len(ward), 0), dtype=int) if lsoa is None else np.atleast_2d(lsoa)
    month = np.zeros((*ward.shape, 0), dtype=int) if month is None else np.asarray(month)
    touches = np.zeros((ward.shape[1], lsoa.shape[1]), dtype=bool) if within is None else within
    holds = touches & (touches.sum(axis=0) == 1)
    return CountTables(ward.sum(axis=1), ward, month, lsoa, holds, touches, touches)


def everything(counts):
    return np.ones(len(counts.total), dtype=bool)


def protect(counts, policy):
    return withhold(counts, policy, monthly=everything(counts), fine=everything(counts))


def program(counts, states, policy):
    """Set a linear program on the published counts, as one who does not know why a count is withheld."""
    lp = Attacker()

    def add(key, count, state):
        if state == SHOWN:
            low, high = rounding_limits(count, policy)
            lp.unknown(key, float(low), float(high))
        else:
            lp.unknown(key)

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


def withheld_cells(states):
    """List the counts that a release withholds one by one."""
    for t, w in np.argwhere(states.ward != SHOWN).tolist():
        yield "ward", t, w
    for t, w, m in np.argwhere((states.month != SHOWN) & states.monthly[:, None, None]).tolist():
        yield "month", t, w, m
    for t, s in np.argwhere((states.lsoa != SHOWN) & states.fine[:, None]).tolist():
        yield "lsoa", t, s


def kept(interval, policy):
    """Tell whether a reader is left the policy: any small count, or surely no small one."""
    low, high = interval
    return (low <= 1e-6 and high >= policy.protection - 1e-6) or low >= policy.minimum - 1e-6


def test_two_rounded_neighbours_and_a_total_do_not_give_the_third_back():
    # 13 and 13 as 15 each and 27 in all would leave 0 or 1
    counts = tables([13, 13, 1])
    states = protect(counts, PARTNER)
    assert kept(program(counts, states, PARTNER).interval(("ward", 0, 2)), PARTNER)
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
    # One small ward takes one other with it, from the middle; rounding is not relied on.
    counts = tables([100, 200, 300, 155, 345, 222, 3])
    states = protect(counts, PUBLIC)
    assert states.ward.tolist() == [[SHOWN, SHOWN, SHOWN, COVER, SHOWN, SHOWN, SMALL]]
    assert states.total.tolist() == [SHOWN]


def test_a_second_is_taken_where_the_first_could_only_just_be_large():
    # 12 and 3 add up to 15: the 3 could be no more than 5, were 12 to stay above 9.
    assert protect(tables([90, 12, 3]), PUBLIC).ward.tolist() == [[COVER, COVER, SMALL]]


def test_wards_that_cannot_hide_each_other_take_the_city_s_total_with_them():
    states = protect(tables([6, 5, 4]), PUBLIC)
    assert states.ward.tolist() == [[SMALL] * 3] and states.total.tolist() == [COVER]


def test_one_month_that_fills_its_ward_hides_with_the_others():
    month = np.array([[[12, 0, 0], *([40 + i, 40, 40] for i in range(6))]])
    counts = tables(month.sum(axis=2), month=month)
    states = protect(counts, PUBLIC)
    assert states.monthly[0] and states.ward[0, 0] == SHOWN
    assert states.month[0, 0].tolist() == [COVER, SMALL, SMALL]
    assert program(counts, states, PUBLIC).interval(("month", 0, 0, 1)) == pytest.approx((0, 12))


def test_an_lsoa_inside_a_ward_is_not_hidden_by_one_across_its_border():
    # 15 in the ward and 15 in one LSOA inside it leave nothing for the other, whatever lies across the border
    within = np.array(
        [[1, 1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0, 1]]
    )
    counts = tables([15, 400, 400, 300], lsoa=[15, 0, 300, 100, 200, 200, 300], within=within.astype(bool))
    states = protect(counts, PUBLIC)
    assert states.fine[0] and states.lsoa[0, 1] == SMALL
    assert kept(program(counts, states, PUBLIC).interval(("lsoa", 0, 1)), PUBLIC)
    naive = np.array([[SHOWN, SMALL, COVER, SHOWN, SHOWN, SHOWN, SHOWN]])
    open_ward = States(states.total, np.full((1, 4), SHOWN), states.month, naive, states.monthly, states.fine)
    assert program(counts, open_ward, PUBLIC).interval(("lsoa", 0, 1)) == pytest.approx((0, 4))


def test_the_months_of_a_ward_that_is_withheld_are_too():
    month = np.array([[[1, 1, 1], [30, 40, 20], [80, 90, 70], [60, 80, 90]]])
    states = protect(tables(month.sum(axis=2), month=month), PUBLIC)
    hidden = states.ward[0] != SHOWN
    assert hidden.sum() == 2 and (states.month[0][hidden] != SHOWN).all()
    assert (states.month[0][~hidden] == SHOWN).all()


def test_a_grain_of_blanks_is_left_out_by_what_is_released_of_the_wards():
    month = np.array([[[2, 3, 6], [3, 2, 6]]])
    states = protect(tables(month.sum(axis=2), month=month), PARTNER)
    assert not states.monthly[0]
    other = np.array([[[0, 0, 11], [10, 1, 0]]])
    assert not protect(tables(other.sum(axis=2), month=other), PARTNER).monthly[0]


def test_the_bounds_are_the_program_s_where_sums_form_a_tree():
    month = np.array([[[12, 0, 30], [8, 8, 40], [14, 50, 21]]])
    counts = tables(month.sum(axis=2), month=month)
    states = protect(counts, PARTNER)
    limits = attack(counts, states, PARTNER)
    lp = program(counts, states, PARTNER)
    for key in withheld_cells(states):
        table = limits.ward if key[0] == "ward" else limits.month
        low, high = lp.interval(key)
        # The attack is told which are small, and so knows no less.
        assert table[0][key[1:]] >= low - 1e-6 and table[1][key[1:]] <= high + 1e-6


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


@settings(max_examples=12)
@given(cities(), st.sampled_from([PARTNER, PUBLIC]))
def test_no_withheld_count_of_a_random_city_is_narrowed(counts, policy):
    states = protect(counts, policy)
    lp = program(counts, states, policy)
    for key in withheld_cells(states):
        assert kept(lp.interval(key), policy), key


@settings(max_examples=12)
@given(cities(crossing=True), st.sampled_from([PARTNER, PUBLIC]))
def test_lsoas_across_wards_never_give_a_count_away(counts, policy):
    states = protect(counts, policy)
    lp = program(counts, states, policy)
    for key in withheld_cells(states):
        assert kept(lp.interval(key), policy), key


def same_release(one, other, states, again):
    """Tell whether two cities look alike: the same counts shown, and those equal."""
    pairs = (
        (one.ward, other.ward, states.ward, again.ward),
        (one.month, other.month, states.month, again.month),
    )
    hidden = all(((a == SHOWN) == (b == SHOWN)).all() for *_, a, b in pairs)
    equal = all((x == y)[a == SHOWN].all() for x, y, a, _ in pairs)
    return hidden and equal and ((states.total == SHOWN) == (again.total == SHOWN)).all()


def sampled(counts, states, key, value, rng):
    """
    Draw a city that fits all that is shown, to the last incident, with a value in a withheld cell.

    Months of a ward add up to it and wards to the city; a draw gives every withheld
    ward a random share of what is left, and its months a random share of that.
    """
    ward, month = counts.ward[0].copy(), counts.month[0].copy()
    if states.ward[0, key[2]] != SHOWN or states.total[0] != SHOWN:
        total = None if states.total[0] == SHOWN else int(rng.integers(0, 20) * rng.integers(1, 4))
        at = key[2] if states.ward[0, key[2]] != SHOWN else None
        ward = redrawn(ward, states.ward[0] != SHOWN, at, value, rng, total=total)
    for w in range(len(ward)):
        hidden = states.month[0, w] != SHOWN
        if hidden.any():
            at, wanted = (key[3], value) if key[0] == "month" and key[2] == w else (None, 0)
            month[w] = redrawn(month[w], hidden, at, wanted, rng, total=ward[w])
    return tables(ward, month=month[None])


def redrawn(values, hidden, at, value, rng, *, total=None):
    """Share what the hidden values add up to anew, one of them given."""
    new = np.where(hidden, 0, values)
    rest = (values.sum() if total is None else total) - new.sum()
    free = np.flatnonzero(hidden)
    if at is not None:
        new[at], rest, free = value, rest - value, free[free != at]
    if rest < 0 or (not len(free) and rest):
        return values
    return (
        new + np.bincount(rng.choice(free, rest) if rest else [], minlength=len(new))
        if rng.random() < 0.5
        else lumped(new, free, rest, rng)
    )


def lumped(new, free, rest, rng):
    """Give one of the free values most of the rest, as towns do."""
    small = rng.integers(0, 10, len(free))
    small[rng.integers(len(free))] = 0
    if small.sum() > rest:
        small[:] = 0
    new[free] = small
    new[rng.choice(free)] += rest - small.sum()
    return new


@settings(max_examples=15)
@given(cities(), st.sampled_from([PARTNER, PUBLIC]), st.integers(0, 2**32 - 1))
# The next in order could only just be large beside the small one: were the small one 9, it would be 6.
@example(tables([3, 40, 12, 60]), PUBLIC, 0)
@example(tables([3, 40, 6, 60]), PARTNER, 0)
def test_the_choice_of_further_cells_gives_nothing_back(counts, policy, seed):
    # A reader who knows each shown count exactly runs the open program on tables that fit.
    alone = tables(counts.ward[:1], month=counts.month[:1])
    states, rng = protect(alone, policy), np.random.default_rng(seed)
    for key in withheld_cells(states):
        pick = "ward" if key[0] == "ward" else "month"
        # A count that is surely not small may be known not to be.
        if getattr(alone, pick)[key[1:]] < policy.minimum:
            for value in (0, policy.minimum - 1):
                draws = (sampled(alone, states, key, value, rng) for _ in range(500))
                fitting = (one for one in draws if getattr(one, pick)[key[1:]] == value)
                assert any(same_release(alone, one, states, protect(one, policy)) for one in fitting), (
                    key,
                    value,
                )


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
