"""Narrowest intervals against hand counts and against every table there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.auditing.program import Unknowns
from hotspots.auditing.solving import ContradictionError, Interval, blocks, intervals, propagate


def exact(facts, minimum=5):
    found = intervals(facts.program(), dict.fromkeys(range(len(facts.low)), minimum), exact=True)
    return {key: (found[at].low, found[at].high) for key, at in facts.index.items()}


def two_by_two(rows, columns):
    """Four unknown cells with known sums by row and column."""
    facts = Unknowns()
    for cell in itertools.product("ab", "xy"):
        facts.unknown(cell)
    for at, total in zip("ab", rows, strict=True):
        facts.between({(at, "x"): 1.0, (at, "y"): 1.0}, total, total, kind="row")
    for at, total in zip("xy", columns, strict=True):
        facts.between({("a", at): 1.0, ("b", at): 1.0}, total, total, kind="column")
    return facts


def test_one_withheld_cell_is_what_its_row_lacks():
    facts = Unknowns()
    facts.unknown("withheld")
    facts.unknown("shown", 28, 32)
    facts.unknown("total", 33, 37)
    facts.equal("total", ["withheld", "shown"], kind="sum")
    # 33 - 32 at the least, 37 - 28 at the most
    assert exact(facts)["withheld"] == (1, 9)


def test_a_full_two_by_two_table_leaves_one_degree_of_freedom():
    # a x is between 0 and 3, for the row of a holds 3, and the rest follows
    assert exact(two_by_two((3, 6), (4, 5))) == {
        ("a", "x"): (0, 3),
        ("a", "y"): (0, 3),
        ("b", "x"): (1, 4),
        ("b", "y"): (2, 5),
    }


def test_sums_that_nothing_fits_are_a_contradiction():
    with pytest.raises(ContradictionError):
        exact(two_by_two((3, 6), (4, 9)))


def test_a_contradiction_of_whole_numbers_alone_is_found():
    # each of three pairs adds up to 3: 1.5 each would do, whole numbers cannot
    facts = Unknowns()
    for key in "abc":
        facts.unknown(key, 0, 3)
    for pair in itertools.combinations("abc", 2):
        facts.between(dict.fromkeys(pair, 1.0), 3, 3, kind="pair")
    with pytest.raises(ContradictionError):
        exact(facts)


def test_whole_numbers_are_asked_for_where_halves_would_do():
    facts = Unknowns()
    for key in "abc":
        facts.unknown(key, 0, 1)
    for pair in itertools.combinations("abc", 2):
        facts.between(dict.fromkeys(pair, 1.0), 0, 1, kind="pair")
    facts.unknown("sum")
    facts.equal("sum", list("abc"), kind="sum")
    # with halves the sum could be 1.5
    assert exact(facts)["sum"] == (0, 1)


def test_propagation_drops_what_binds_nothing():
    facts = Unknowns()
    facts.unknown("theme", 0, 9)
    facts.unknown("all", 98, 102)
    facts.at_least(["all"], ["theme"], kind="themes")
    assert len(propagate(facts.program()).least) == 0


def test_blocks_share_no_row():
    facts = Unknowns()
    for key in "abcd":
        facts.unknown(key)
    facts.between({"a": 1.0, "c": 1.0}, 1, 2, kind="x")
    facts.between({"b": 1.0, "d": 1.0}, 1, 2, kind="x")
    held = sorted(tuple(block.columns) for block in blocks(facts.program()))
    assert held == [(0, 2), (1, 3)]


def test_a_policy_that_holds_is_shown_by_witnesses_and_not_measured():
    facts = Unknowns()
    facts.unknown("a")
    facts.unknown("b")
    facts.unknown("total", 30, 32)
    facts.equal("total", ["a", "b"], kind="sum")
    found = intervals(facts.program(), {0: 5, 1: 5})
    assert found == {0: Interval(0.0, 4.0, False), 1: Interval(0.0, 4.0, False)}


def test_a_count_that_nothing_limits_has_no_end():
    facts = Unknowns()
    facts.unknown("free")
    facts.unknown("sum")
    facts.unknown("other")
    facts.equal("sum", ["free", "other"], kind="sum")
    assert exact(facts)["free"] == (0, np.inf)


small = st.integers(0, 5)


@st.composite
def systems(draw):
    """A few unknowns of 0 to 5 with random sums that a hidden vector fulfils."""
    n = draw(st.integers(2, 4))
    truth = draw(st.lists(small, min_size=n, max_size=n))
    rows = draw(
        st.lists(st.lists(st.sampled_from([-1, 0, 1, 2]), min_size=n, max_size=n), min_size=1, max_size=4)
    )
    slack = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=4, max_size=4))
    return truth, rows, slack


@given(systems())
def test_intervals_are_those_of_every_table_that_fits(system):
    truth, rows, slack = system
    n = len(truth)
    facts = Unknowns()
    for at in range(n):
        facts.unknown(at, 0, 5)
    every = np.array(list(itertools.product(range(6), repeat=n)))
    fits = np.ones(len(every), dtype=bool)
    for row, (below, above) in zip(rows, slack, strict=False):
        value = int(np.dot(row, truth))
        facts.between(
            {at: float(f) for at, f in enumerate(row) if f}, value - below, value + above, kind="sum"
        )
        fits &= (every @ row >= value - below) & (every @ row <= value + above)
    expected = {at: (every[fits][:, at].min(), every[fits][:, at].max()) for at in range(n)}
    assert exact(facts) == expected


@given(systems(), st.integers(2, 5))
def test_witnesses_never_say_that_a_policy_holds_which_does_not(system, minimum):
    truth, rows, slack = system
    n = len(truth)
    facts = Unknowns()
    for at in range(n):
        facts.unknown(at, 0, 5)
    for row, (below, above) in zip(rows, slack, strict=False):
        value = int(np.dot(row, truth))
        facts.between(
            {at: float(f) for at, f in enumerate(row) if f}, value - below, value + above, kind="sum"
        )
    measured = exact(facts, minimum)
    for at, found in intervals(facts.program(), dict.fromkeys(range(n), minimum)).items():
        low, high = measured[at]
        if found.exact:
            assert (found.low, found.high) == (low, high)
        else:
            assert (low <= 0 and high >= minimum - 1) or (found.low >= minimum and low >= found.low)
