"""A hot spot keeps its name and identifier over themes, months and runs."""

from __future__ import annotations

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from hotspots.clusters.identity import identify, street_points, street_squares


def _hotspots(streets, middles) -> gpd.GeoDataFrame:
    order = range(1, len(streets) + 1)
    frame = {"order": order, "cluster": [str(k) for k in order], "part_of": "", "streets": streets}
    shapes = [box(x - 50, y - 50, x + 50, y + 50) for x, y in middles]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:27700")


STREETS = street_points(
    gpd.GeoDataFrame(
        {
            "street": [
                "On or near Sadler Gate",
                "On or near Sadler Gate",
                "On or near Iron Gate",
                "",
                "Hospital",
            ],
            "n": [5, 9, 3, 99, 7],
        },
        geometry=[Point(435_010, 336_010), Point(435_200, 336_300), Point(435_600, 336_300)]
        + [Point(0, 0)] * 2,
        crs="EPSG:27700",
    )
)
SQUARES = street_squares(STREETS)


def test_a_street_stands_where_it_is_busiest():
    assert STREETS["street"].tolist() == ["Hospital", "On or near Iron Gate", "On or near Sadler Gate"]
    assert STREETS["n"].tolist() == [7, 3, 14]
    assert STREETS.geometry.iloc[2] == Point(435_200, 336_300)


def test_name_and_identifier_come_from_the_street():
    found = identify(_hotspots(["Sadler Gate; Iron Gate"], [(435_900, 336_900)]), SQUARES)
    assert found.loc[0, ["cluster", "name"]].tolist() == ["SK3536SW-sadler-gate", "Sadler Gate"]


def test_the_smaller_of_two_in_one_street_takes_its_next():
    found = identify(
        _hotspots(["Sadler Gate", "Sadler Gate; Iron Gate", "Sadler Gate"], [(435_100, 336_100)] * 3), SQUARES
    )
    assert found["cluster"].tolist() == [
        "SK3536SW-sadler-gate",
        "SK3536SE-iron-gate",
        "SK3536SW-sadler-gate-2",
    ]
    assert found["name"].tolist() == ["Sadler Gate", "Iron Gate", "Sadler Gate"]


def test_a_kind_of_place_counts_by_where_it_lies():
    found = identify(_hotspots(["Hospital", ""], [(432_700, 334_900), (432_700, 334_900)]), SQUARES)
    assert found["cluster"].tolist() == ["SK3234NE-hospital", "SK3234NE-unnamed"]
    assert found["name"].tolist() == ["Hospital", "At SK 327 349"]


def test_parts_follow_the_hot_spot_to_its_new_identifier():
    both = _hotspots(["Sadler Gate", "Iron Gate"], [(435_100, 336_100), (435_600, 336_300)])
    found = identify(both.assign(part_of=["", "1"]), SQUARES)
    assert found["part_of"].tolist() == ["", "SK3536SW-sadler-gate"]
    assert identify(found, SQUARES)["part_of"].tolist() == ["", "SK3536SW-sadler-gate"], (
        "once more changes nothing"
    )


@given(
    st.lists(
        st.sampled_from(["Sadler Gate", "Iron Gate", "", "Sadler Gate; Iron Gate"]), min_size=1, max_size=8
    )
)
def test_identifiers_are_distinct_and_do_not_depend_on_the_order_of_rows(streets):
    both = _hotspots(streets, [(435_100, 336_100)] * len(streets))
    found = identify(both, SQUARES)
    assert found["cluster"].is_unique
    turned = identify(both.iloc[::-1], SQUARES).sort_values("order")
    assert turned["cluster"].tolist() == found["cluster"].tolist()


def test_charlotte_street_is_one_hot_spot_in_every_theme(derby_analysis):
    by_theme = {slug: frame for slug, frame in derby_analysis.clusters.items() if len(frame)}
    named = [
        set(frame.loc[frame["name"].eq("Charlotte Street") & frame["part_of"].eq(""), "cluster"])
        for frame in by_theme.values()
    ]
    assert len(set().union(*named)) == 1
    assert sum(map(bool, named)) >= 3


@pytest.mark.parametrize("rows", [0])
def test_nothing_is_identified_where_there_is_nothing(rows):
    assert len(identify(_hotspots([], []), SQUARES)) == rows
