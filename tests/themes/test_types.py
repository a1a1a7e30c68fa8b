"""Types part the incidents, whatever the files call them."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from hotspots.themes.themes import classify, load_themes
from hotspots.themes.types import MOST_TYPES, find_types

THEMES = load_themes()


def incidents(rows):
    frame = pd.DataFrame(rows, columns=["crime_type", "offence_code", "flags"], dtype=object)
    return frame.assign(source="a.csv")


def found(rows):
    frame = incidents(rows)
    types = find_types(frame, THEMES, classify(frame, THEMES))
    return {one.slug: one for one in types.themes}, types.membership


def test_spellings_of_one_type_are_one_and_police_names_stand_as_police_uk_has_them():
    names, member = found(
        [("BURGLARY", "", ""), ("Burglary", "", ""), ("burglary.", "", ""), ("Drugs", "", "")]
    )
    assert {slug: one.name for slug, one in names.items()} == {
        "type-burglary": "Burglary",
        "type-drugs": "Drugs",
    }
    assert member["type-burglary"].tolist() == [True, True, True, False]


def test_the_commonest_spelling_names_a_type_of_the_council():
    names, _ = found([("Fly tipping", "", "")] + [("fly-tipping", "", "")] * 2)
    assert [one.name for one in names.values()] == ["fly-tipping"]


def test_a_code_without_a_type_counts_by_its_class():
    names, member = found([("", "8N", ""), ("", "008/1", ""), ("", "28/3", ""), ("Drugs", "92A", "")])
    assert [one.name for one in names.values()] == ["Drugs", "Offence class 28", "Offence class 8"]
    assert member["type-offence-class-8"].tolist() == [True, True, False, False]


def test_a_type_in_a_secret_theme_is_counted_with_another():
    rows = [("Slavery referral", "", "modern-slavery")] * 5
    rows += [("Burglary", "", "")] * 9 + [("Graffiti", "", "")] * 2
    names, member = found(rows)
    assert set(names) == {"type-burglary", "type-other-types"}
    assert member["type-other-types"].sum() == 7 and names["type-other-types"].sensitivity == "open"


def test_which_type_a_secret_one_is_counted_with_does_not_go_by_the_incidents():
    """One that police.uk lacks, else the rarest of England and Wales, however many there are here."""
    slavery = [("Slavery referral", "", "modern-slavery")] * 5
    for few, many in (("Robbery", "Drugs"), ("Drugs", "Robbery")):
        rows = [*slavery, *[(few, "", "")] * 2, *[(many, "", "")] * 9]
        assert set(found(rows)[0]) == {"type-drugs", "type-other-types"}
        assert set(found([*rows, *[("Graffiti", "", "")] * 30])[0]) == {
            "type-drugs",
            "type-robbery",
            "type-other-types",
        }


def test_a_type_in_a_restricted_theme_is_restricted():
    names, _ = found([("Gang note", "", "ocg")] * 3 + [("Burglary", "", "")] * 9)
    assert names["type-gang-note"].sensitivity == "restricted"
    assert names["type-burglary"].sensitivity == "open"


def test_the_rarest_of_very_many_types_are_counted_together():
    rows = [(f"Kind {i:02d}", "", "") for i in range(40) for _ in range(i + 1)]
    names, member = found(rows)
    assert len(names) == MOST_TYPES and list(names)[-1] == "type-other-types"
    assert "type-kind-39" in names and "type-kind-00" not in names
    assert member.sum().sum() == len(rows)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "Burglary", "burglary", "Drugs", "Théft", "Slavery", "!"]),
            st.sampled_from(["8N", "28/3", "NFIB52C"]),
            st.sampled_from(["", "modern-slavery", "ocg"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_incident_has_one_type_and_the_order_of_rows_is_of_no_account(rows):
    names, member = found(rows)
    assert (member.sum(axis=1) == 1).all() and list(member) == list(names)
    again, other = found(rows[::-1])
    assert list(again) == list(names) and [one.name for one in again.values()] == [
        one.name for one in names.values()
    ]
    pd.testing.assert_frame_equal(other[::-1].reset_index(drop=True), member)
