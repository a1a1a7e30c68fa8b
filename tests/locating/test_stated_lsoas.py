"""Stated LSOAs against computed ones, and their vintages."""

from __future__ import annotations

import json

from geocoding_cases import incidents, town

from hotspots.geography.projection import HELMERT
from hotspots.geography.vintages import load_changes
from hotspots.locating._evidence import find_points
from hotspots.locating._locations import locate
from hotspots.locating._stated_lsoas import Agreement, compare_lsoas, vintages_by_month


def test_only_rows_with_a_point_that_state_one_are_compared() -> None:
    """A row located by the code it states agrees with itself, which says nothing."""
    nan = float("nan")
    rows = incidents(
        easting=[3500, 100, nan, 9000, 100],
        northing=[100, 100, nan, 100, 100],
        stated_lsoa=["E01013455", "", "E01013453", "E01013453", "junk"],
    )
    changes = load_changes()
    points = find_points(rows, projection=HELMERT, postcodes=None)
    found, conflicts = compare_lsoas(
        rows, locate(rows, points, town(), changes=changes), town(), changes=changes
    )
    assert (found.compared, found.agreed, found.outside_stated_inside) == (2, 1, 1)
    assert conflicts.to_dict("list") == {
        "source": ["a.csv"],
        "source_row": [6],
        "stated": ["junk"],
        "computed": ["E01013453"],
    }


def test_nothing_compared_is_no_share() -> None:
    """None, for strict JSON."""
    nothing = Agreement(0, 0, None, None, None, 0)
    assert json.loads(json.dumps(nothing.as_dict(), allow_nan=False))["share"] is None


def test_vintage_of_each_month() -> None:
    """Months whose rows state no known code are left out."""
    rows = incidents(
        month=["2022-12", "2022-12", "2023-05", "2023-06", "2023-07"],
        stated_lsoa=["E01013453", "E01013479", "E01034257", "E01013453", "E01099999"],
    )
    assert vintages_by_month(rows, changes=load_changes()) == {
        "2022-12": "lsoa_2011",
        "2023-05": "lsoa_2021",
        "2023-06": "either",
    }
