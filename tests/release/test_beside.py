"""Releases of other months, audiences and wards, laid beside each other by the auditor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from withheld import below, held, released

from hotspots.audiences import POLICIES
from hotspots.release.beside import _pieces, counts_otherwise, types_before
from hotspots.release.further import EVERYWHERE, Earlier, Further, earlier_of

PER_WARD = 2


@st.composite
def years(draw):
    """Draw all incidents and a theme among them in three wards and four months."""
    most = draw(st.sampled_from([12, 40, 90]))
    cells = draw(st.lists(st.integers(0, most), min_size=24, max_size=24))
    every = np.array(cells).reshape(6, 4)
    part = draw(st.lists(st.sampled_from([0.1, 0.4, 0.9]), min_size=6, max_size=6))
    return {"all": every, "robbery": np.floor(every * np.array(part)[:, None]).astype(int)}


def test_months_are_cut_where_a_period_begins_or_ends():
    months = ["01", "02", "03", "04"]
    assert _pieces([["01", "02"]], months) == [(0, 1), (2, 3)]
    assert _pieces([["01", "02"], ["02", "03"]], months) == [(0,), (1,), (2,), (3,)]
    assert _pieces([months], months) == []


@settings(max_examples=15)
@given(years(), st.sampled_from(["partner", "public"]), st.integers(1, 3))
def test_a_longer_period_after_a_shorter_one_narrows_no_withheld_count(counts, audience, months):
    before = released(counts, PER_WARD, audience, months=months)
    assert not below(before)
    held(counts, PER_WARD, audience, before=[before])


def difference():
    """Give a town in which the last month is a small count of one ward, and a large one elsewhere."""
    every = np.full((6, 4), 60)
    robbery = np.full((6, 4), 20)
    robbery[:2, 3] = [0, 2]
    return {"all": every, "robbery": robbery}


def test_the_difference_of_two_periods_is_no_count():
    counts = difference()
    before = released(counts, PER_WARD, "public", months=3)
    alone = released(counts, PER_WARD, "public")
    assert not below(alone)
    assert [str(bound.cell.words()) for bound in below(before, alone)] == [
        "robbery, ward_2023 E05000001, April 2025"
    ]
    assert not below(before, released(counts, PER_WARD, "public", beside=[earlier_of(before)]))


def test_the_public_after_a_partner_and_a_partner_after_the_public():
    counts = difference()
    for first, second in (("partner", "public"), ("public", "partner")):
        before = released(counts, PER_WARD, first)
        after = released(counts, PER_WARD, second, beside=[earlier_of(before)])
        assert not below(before, after)
        # A reader of the wider release is promised no more than it says by itself.
        assert after.stated == released(counts, PER_WARD, second).stated


def earlier(**changes):
    plain = {
        "minimum": 10,
        "months": ("2025-01", "2025-02"),
        "wards": "ward_2023",
        "lsoas": "lsoa_2021",
        "withheld": frozenset(),
        "monthly": frozenset({"all", "robbery"}),
        "fine": frozenset({"all", "robbery"}),
    }
    return Earlier(**{**plain, **changes})


@pytest.mark.parametrize(
    "known",
    [{"wards": "ward_2003"}, {"months": ("2024-12", "2025-01")}],
    ids=["other wards", "a month that is not in the new one"],
)
def test_beside_what_counts_otherwise_a_theme_that_withholds_is_told_of_the_city_alone(known):
    counts = {"all": np.full((6, 4), 60), "robbery": np.full((6, 4), 30)}
    plain = released(counts, PER_WARD, "public", beside=[earlier(**known)])
    shown = {(cell.theme, cell.level, len(cell.months)) for cell, n in plain.stated.items() if n is not None}
    wards, city = "ward_2023", "city"
    both = {(theme, level, 4) for theme in counts for level in (wards, city)}
    assert shown == both
    hidden = earlier(**known, withheld=frozenset({("robbery", "ward", "E05000001", "2025-01")}))
    less = released(counts, PER_WARD, "public", beside=[hidden])
    shown = {(cell.theme, cell.level, len(cell.months)) for cell, n in less.stated.items() if n is not None}
    assert shown == both - {("robbery", wards, 4)}


def test_releases_of_other_years_ask_for_nothing():
    counts = difference()
    other = earlier(months=("2023-01",), withheld=frozenset({("robbery", "ward", "E05000003", "")}))
    assert (
        released(counts, PER_WARD, "public", beside=[other]).stated
        == released(counts, PER_WARD, "public").stated
    )
    assert not counts_otherwise(Further(earlier=(other,)), ("2025-01",), "ward_2023")


def test_types_that_an_earlier_release_withholds_stay_withheld():
    from hotspots.release.beside import Layout

    layout = Layout(
        ("type-drugs", "type-robbery"), ("E1", "E2"), (), ("2025-01", "2025-02"), "ward_2023", "lsoa_2021",
        np.zeros((2, 0, 2)),
    )  # fmt: skip
    within = earlier(withheld=frozenset({("type-robbery", "ward", "E2", "")}))
    further = Further(earlier=(within,))
    assert types_before(layout, POLICIES["public"], further).tolist() == [[False, False], [False, True]]
    # A release with fewer withheld to more people is no reason to tell the nearer ones less.
    assert not types_before(layout, POLICIES["partner"], further).any()
    assert types_before(layout, POLICIES["public"], Further(earlier=(earlier(wards="ward_2003"),))).all()


def test_the_words_say_beside_how_many_it_was_checked():
    assert "was not checked" in Further().words()
    assert "beside an earlier release:" in Further(named=1).words()
    assert "beside 2 earlier releases:" in Further(named=2).words()


def test_marks_are_of_an_area_or_of_a_whole_level():
    further = Further(frozenset({("robbery", "ward", EVERYWHERE), ("all", "ward", "B")}))
    assert further.marks(["all", "robbery"], "ward", ["A", "B"]).tolist() == [[False, True], [True, True]]
    assert not further.marks(["all", "robbery"], "lsoa", ["A", "B"]).any()
