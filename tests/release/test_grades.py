"""Outside internal use grades are whole percent of the whole city, from many incidents."""

from __future__ import annotations

import pandas as pd

from hotspots.audiences import POLICIES
from hotspots.release.grades import release_grades

CARD = pd.DataFrame(
    {
        "kind": ["hot spots", "ranges", "ranges", "hot spots"],
        "theme": ["all", "all", "all", "rare"],
        "level": ["", "ward", "lsoa", ""],
        "said": [0.7512, 0.95, 0.95, 0.5],
        "found": [0.6249, 0.9444, 0.99, 0.5],
        "n": [16, 18, 152, 2],
        "score": [0.1301, None, None, 0.2],
    }
)


def test_internal_is_as_it_was_found():
    assert release_grades(CARD, {"all": 500}, POLICIES["internal"]) is CARD


def test_partners_see_whole_percent_of_the_city_where_many_incidents_stand_behind():
    found = release_grades(CARD, {"all": 500, "rare": 95}, POLICIES["partner"])
    assert found[["kind", "theme", "said", "found"]].to_numpy().tolist() == [
        ["hot spots", "all", 0.75, 0.62],
        ["ranges", "all", 0.95, 0.94],
    ]
    assert found[["n", "score"]].isna().all(axis=None)
    assert release_grades(CARD, {"all": None}, POLICIES["public"]).empty


def test_nothing_graded_is_an_empty_table():
    assert release_grades(None, {}, POLICIES["public"]).empty
