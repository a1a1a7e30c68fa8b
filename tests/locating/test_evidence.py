"""The kinds of evidence, each by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from geocoding_cases import EAST, WEST, X, incidents, town

from hotspots.geography.load import load_areas
from hotspots.geography.projection import HELMERT
from hotspots.geography.vintages import load_changes
from hotspots.locating._evidence import COORDINATE, GRID_REFERENCE, NONE, SECTOR, find_points, plain_text
from hotspots.locating._stated import lsoa_meanings, read_stated_areas, wards_of_lsoas


def levels(**columns: object) -> list[int]:
    """Return the level at which each row is located."""
    return find_points(incidents(**columns), projection=HELMERT, postcodes=None).level.tolist()


def test_half_a_coordinate_is_none() -> None:
    """An easting without a northing, a longitude without a latitude."""
    nan = np.nan
    found = levels(
        easting=[1, nan, nan], northing=[nan, nan, 1], longitude=[nan, -1.5, nan], latitude=[nan] * 3
    )
    assert found == [NONE, NONE, NONE]


def test_squares_above_one_kilometre_are_no_evidence() -> None:
    """10 km holds half of Derby."""
    assert levels(grid_reference=["SK 3456 3556", "SK 34 35", "SK 3 3", "SK"]) == [
        GRID_REFERENCE,
        GRID_REFERENCE,
        NONE,
        NONE,
    ]


def test_unknown_postcodes_and_sectors() -> None:
    """A known sector is evidence, an unknown one is not."""
    assert levels(postcode=["DE1 2ZZ", "ZZ9 9ZZ", "DE1"]) == [SECTOR, NONE, NONE]


def test_points_are_whole_millimetres() -> None:
    """So that the last digit of one machine does not make two places of one."""
    points = find_points(incidents(easting=[0.12345], northing=[0.1]), projection=HELMERT, postcodes=None)
    assert points.easting[0] == X + 0.123
    assert points.level[0] == COORDINATE


def test_missing_text_is_no_text() -> None:
    """In columns of text and of categories."""
    for dtype in ("object", "category"):
        assert plain_text(pd.Series(["a", None, ""], dtype=dtype)).tolist() == ["a", "", ""]


def test_wards_follow_from_lsoas_only_if_whole() -> None:
    """The ward border cuts the fourth strip."""
    assert wards_of_lsoas(town()) == {
        "E01013453": WEST,
        "E01013454": "",
        "E01013455": EAST,
        "E01034256": WEST,
        "E01034257": WEST,
    }


@pytest.mark.parametrize(("wards", "cut"), [("2003", range(3)), ("2023", range(20, 35))])
def test_derbys_lsoas_nest_in_the_old_wards_only(wards: str, cut: range) -> None:
    """LSOAs were built within the wards of 2003; the new borders cut one in six."""
    whole = wards_of_lsoas(load_areas(wards=wards))
    assert len(whole) == 152
    assert sum(ward == "" for ward in whole.values()) in cut


def test_what_a_stated_lsoa_can_mean() -> None:
    """Itself, its parts, or nothing here."""
    meanings = lsoa_meanings(["E01013453", "E01013479", "E01019400", ""], town(), changes=load_changes())
    assert meanings == {
        "E01013453": ("E01013453",),
        "E01013479": ("E01034256", "E01034257"),
        "E01019400": (),
        "": (),
    }


def test_codes_from_elsewhere_are_outside_and_words_are_unknown() -> None:
    """Neither is inside."""
    stated = pd.DataFrame(
        {
            "stated_lsoa": ["E01019400", "W01000001", "Derby 001A", "", ""],
            "stated_ward": ["", "", "", "E05003331", "Abbey"],
        }
    )
    found = read_stated_areas(stated, town(), changes=load_changes())
    assert not found.inside.any()
    assert found.outside.tolist() == [True, True, False, True, False]
