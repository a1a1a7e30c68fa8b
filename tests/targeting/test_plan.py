"""Beats for next month: the frame they promise, the same each time, stable between months."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hot_cities import OUTLINE, SOUTH, WEST, city, ground_of, places_of, planted_rates, points

from hotspots.errors import ParameterError
from hotspots.targeting.beats import BEAT_COLUMNS, DETAIL_COLUMNS
from hotspots.targeting.ground import lay_ground
from hotspots.targeting.plan import plan_beats
from hotspots.targeting.trials import Candidate
from hotspots.targeting.words import percent

RATES = planted_rates(400, hot=12)


@pytest.fixture(scope="module")
def places():
    return city(RATES, n_months=12)


@pytest.fixture(scope="module")
def ground(places):
    return ground_of(places)


@pytest.fixture(scope="module")
def beats(places, ground):
    return plan_beats(places, theme="theft", ground=ground, share=0.03)


def test_the_frame_has_the_promised_columns_in_order_of_choice(beats):
    assert tuple(beats.frame.columns) == (*BEAT_COLUMNS, "geometry")
    assert beats.frame["order"].tolist() == list(range(1, len(beats) + 1))
    assert beats.frame["beat"].is_unique
    assert beats.frame["name"].is_unique
    assert str(beats.frame.crs) == "EPSG:27700"
    assert tuple(beats.details.columns) == DETAIL_COLUMNS
    assert beats.details["beat"].tolist() == beats.frame["beat"].tolist()


def test_beats_make_up_the_share_and_do_not_overlap(beats):
    assert beats.frame["area_km2"].sum() * 1e6 / OUTLINE.area == pytest.approx(0.03, abs=0.003)
    assert beats.frame["area_km2"].tolist() == pytest.approx((beats.frame.area / 1e6).tolist())
    assert shapely.union_all(beats.frame.geometry.to_numpy()).area == pytest.approx(beats.frame.area.sum())


def test_expectations_add_up_and_lie_in_their_intervals(beats):
    held = beats.rate[beats.beat_of >= 0].sum()
    assert beats.frame["expected"].sum() == pytest.approx(held)
    assert beats.share_expected == pytest.approx(held / beats.rate.sum())
    assert (beats.frame["low"] <= beats.frame["expected"]).all()
    assert (beats.frame["expected"] <= beats.frame["high"]).all()
    assert beats.frame["p_top"].between(0, 1).all()
    assert beats.frame["p_top"].sum() <= len(beats) + 1e-9


def test_the_planted_places_are_in_the_beats(beats):
    hot = np.flatnonzero(RATES.max() == RATES)
    assert (beats.beat_of[hot] >= 0).mean() > 0.8
    assert beats.first_month == "2025-01"


def test_what_was_recorded_is_that_of_the_places(places, beats):
    monthly = places.monthly("theft")
    for beat, row in enumerate(beats.details.itertuples()):
        inside = monthly[beats.beat_of == beat].sum(axis=0)
        assert row.recorded == inside.sum()
        assert row.recorded_by_month == ";".join(str(n) for n in inside)


def test_the_same_places_give_the_same_beats_in_whatever_order(places, ground, beats):
    again = plan_beats(places, theme="theft", ground=ground, share=0.03)
    pd.testing.assert_frame_equal(pd.DataFrame(again.frame), pd.DataFrame(beats.frame))
    turned = np.random.default_rng(2).permutation(400)
    other = replace(
        places, frame=places.frame.iloc[turned].reset_index(drop=True), cube=places.cube[:, turned]
    )
    found = plan_beats(other, theme="theft", ground=ground_of(other), share=0.03)
    assert found.frame["beat"].tolist() == beats.frame["beat"].tolist()
    assert found.frame["expected"].tolist() == pytest.approx(beats.frame["expected"].tolist())


def test_identifiers_stay_when_a_month_is_added(places, ground, beats):
    before = plan_beats(places, theme="theft", ground=ground, months=places.months[:-1], share=0.03)
    common = set(before.frame["beat"]) & set(beats.frame["beat"])
    assert len(common) > 0.6 * len(beats)
    middles = before.frame.set_index("beat")[["easting", "northing"]]
    kept = beats.frame.set_index("beat")[["easting", "northing"]]
    shared = sorted(common)
    assert (np.hypot(*(middles.loc[shared] - kept.loc[shared]).to_numpy().T) < 500).all()


def test_each_option_changes_what_it_says(places, ground, beats):
    assert len(plan_beats(places, theme="theft", ground=ground, share=0.03, number=4)) == 4
    quarter = plan_beats(places, theme="theft", ground=ground, share=0.03, horizon=3)
    assert quarter.frame["expected"].tolist() == pytest.approx((3 * beats.frame["expected"]).tolist())
    assert (quarter.frame["high"] >= beats.frame["high"]).all()
    one = plan_beats(
        places, theme="theft", ground=ground, share=0.03, candidates=(Candidate("count", "cells"),)
    )
    assert one.candidate == Candidate("count", "cells")
    assert beats.grade.table.shape[0] == 3
    every = plan_beats(places, theme="theft", ground=ground, share=0.03, every=True, graded=3)
    assert every.grade.table.shape[0] == 7
    assert every.grade.grade()["origins"] == 3
    seeded = plan_beats(places, theme="theft", ground=ground, share=0.03, seed=5)
    assert seeded.frame["p_top"].tolist() != beats.frame["p_top"].tolist()
    assert seeded.frame["beat"].tolist() == beats.frame["beat"].tolist()


def test_counts_of_some_hours_are_taken_instead_of_all(places, ground):
    evening = np.zeros((400, 12))
    evening[77] = 3
    found = plan_beats(places, theme="theft", ground=ground, number=1, counts=evening)
    assert found.beat_of[77] == 0


def test_wards_that_take_turns_get_equally_many_beats_at_a_price(places, ground, beats):
    even = plan_beats(places, theme="theft", ground=ground, share=0.03, even_wards=True)
    per_ward = even.frame["ward_codes"].str[:3].value_counts()
    assert per_ward.max() - per_ward.min() <= 2
    assert even.price > 0
    assert "Equal cover of the wards" in even.price_words()
    assert even.share_expected <= beats.share_expected + 0.01
    assert (beats.price, beats.price_words()) == (0, "")


def test_streets_as_beats_where_there_are_lines(places):
    roads = [shapely.linestrings([[WEST, SOUTH + y], [WEST + 3000, SOUTH + y]]) for y in range(75, 3000, 150)]
    ground = lay_ground(places.frame, OUTLINE, lines=np.array(roads, dtype=object))
    found = plan_beats(
        places, theme="theft", ground=ground, share=0.03, candidates=(Candidate("count", "segments"),)
    )
    assert found.candidate in {Candidate("count", "segments"), Candidate("count", "cells")}
    assert len(ground.shapes) == 3


def test_heaps_clusters_types_and_hours_are_written(places, ground, beats):
    street = places.frame["street"].to_numpy().copy()
    first = np.flatnonzero(beats.beat_of == 0)
    street[first[0]] = "On or near Police Station"
    named = replace(places, frame=places.frame.assign(street=street))
    clusters = gpd.GeoDataFrame(
        {"cluster": [7, 9]},
        geometry=[beats.frame.geometry[0].buffer(5), beats.frame.geometry[0].buffer(-60)],
        crs=27700,
    )
    types = pd.DataFrame({"Burglary": np.ones(400, int), "Theft": 2 * np.ones(400, int)})
    hours = pd.DataFrame(np.eye(24, dtype=int)[[20] * 400] * 10)
    found = plan_beats(
        named, theme="theft", ground=ground, share=0.03, clusters=clusters, types=types, hours=hours
    )
    assert found.frame["flags"][0] == "police station"
    assert found.frame["flags"][1] == ""
    assert found.frame["part_of"][0] == "7"
    n = (beats.beat_of == 0).sum()
    assert found.details["types"][0] == f"Theft {2 * n}; Burglary {n}"
    assert found.details["hours"][0] == "17:00 to 21:00"
    given = plan_beats(places, theme="theft", ground=ground, share=0.03, heaps=["court"] * 400)
    assert set(given.frame["flags"]) == {"court"}


@pytest.mark.parametrize("n_months", [1, 2, 4])
def test_few_months_give_beats_and_say_what_is_not_known(n_months):
    places = city(RATES, n_months=n_months)
    found = plan_beats(places, theme="theft", ground=ground_of(places), share=0.02)
    assert len(found) > 0
    assert (found.frame["expected"] > 0).any()
    assert found.grade.table.empty == (n_months < 4)


def test_no_incident_gives_no_beat():
    places = places_of(points(), np.zeros((2, 400, 6), dtype=int), themes=("all", "theft"))
    found = plan_beats(places, theme="theft", ground=ground_of(places))
    assert len(found) == 0
    assert tuple(found.frame.columns) == (*BEAT_COLUMNS, "geometry")
    assert found.share_expected == 0
    assert (
        found.grade.sentence("thefts") == "No thefts in the last two months: such beats could not be tested."
    )


def test_one_place_is_a_city_too():
    places = places_of(points()[:1], np.ones((2, 1, 6), dtype=int), themes=("all", "theft"))
    found = plan_beats(places, theme="theft", ground=ground_of(places))
    assert found.frame["name"].tolist() == ["Street 000"]
    # Ten places or one may make up less than the share that was asked for, and all methods hold the same.
    area = percent(found.grade.grade()["area"])
    assert found.grade.grade()["area"] < 0.01 == found.grade.grade()["share"]
    assert f"held 100\u00a0% of thefts in {area} of the city; counting alone would have held" in (
        found.grade_words("thefts")
    )


def test_wrong_wishes_are_refused(places, ground):
    with pytest.raises(ParameterError, match="laid for other places"):
        plan_beats(
            places_of(points()[:5], np.ones((2, 5, 6), dtype=int), themes=("all", "theft")),
            theme="theft",
            ground=ground,
        )
    with pytest.raises(ParameterError, match="horizon is 0"):
        plan_beats(places, theme="theft", ground=ground, horizon=0)
    with pytest.raises(ParameterError, match="no theme 'arson'"):
        plan_beats(places, theme="arson", ground=ground)
    with pytest.raises(ParameterError, match="no place with an incident"):
        lay_ground(places.frame.iloc[:0], OUTLINE)
