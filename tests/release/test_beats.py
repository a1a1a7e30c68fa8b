"""Beats as each audience may see them: exact inside, coarse and numberless for partners, none in public."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hotspots import schema
from hotspots.audiences import POLICIES
from hotspots.errors import ReleaseError
from hotspots.release.beats import BEAT_GRID, BEAT_REACH, GRADED_FROM, _grade, shown_beats
from hotspots.release.disclose import disclose
from hotspots.targeting.beats import BEAT_COLUMNS

NUMBERS = ["expected", "low", "high", "p_top", "score"]


@pytest.fixture(scope="module")
def releases(sample_analysis):
    return {audience: disclose(sample_analysis, audience=audience) for audience in POLICIES}


def test_the_columns_are_those_of_the_contract():
    assert schema.columns("beats") == (*BEAT_COLUMNS, "geometry")


def test_internal_beats_are_what_was_found(sample_analysis, releases):
    found = pd.concat([one.frame for one in sample_analysis.beats.values()], ignore_index=True)
    pd.testing.assert_frame_equal(pd.DataFrame(releases["internal"].beats), pd.DataFrame(found))
    assert len(found) > 20
    assert set(releases["internal"].beat_grades) == set(sample_analysis.beats)


def test_the_public_sees_no_beat_and_no_word_of_any(releases):
    public = releases["public"]
    assert public.beats.empty and public.beat_details.empty
    assert public.beat_grades == {} and public.beats_for == ""
    assert not public.nearby["of"].eq("beat").any()


def test_partners_get_circles_on_a_grid_that_hold_the_beats_and_no_number(sample_analysis, releases):
    partner = releases["partner"].beats
    assert len(partner)
    assert partner[NUMBERS].isna().all().all()
    assert (partner["flags"] == "").all()
    for column in ("easting", "northing"):
        assert (partner[column] % BEAT_GRID == BEAT_GRID / 2).all()
    for theme, shown in partner.groupby("theme"):
        beats = sample_analysis.beats[theme]
        mask = shown_beats(sample_analysis, beats, POLICIES["partner"])
        exact = beats.frame[mask]
        assert len(exact) == len(shown)
        assert shapely.covers(shown.geometry.to_numpy(), exact.geometry.to_numpy()).all()
        assert shown["order"].tolist() == list(range(1, len(shown) + 1))
    np.testing.assert_allclose(partner.geometry.area, np.pi * BEAT_REACH**2, rtol=0.02)


def test_every_beat_that_partners_see_has_enough_incidents_and_places_behind_it(sample_analysis, releases):
    policy, points = POLICIES["partner"], sample_analysis.places.frame.geometry.to_numpy()
    left_out = 0
    for theme, beats in sample_analysis.beats.items():
        n = sample_analysis.places.weights(theme)
        mask = shown_beats(sample_analysis, beats, policy)
        left_out += int((~mask).sum())
        circles = releases["partner"].beats.query("theme == @theme").geometry.to_numpy()
        for row, circle in zip(np.flatnonzero(mask), circles, strict=True):
            assert n[beats.beat_of == row].sum() >= policy.shape_minimum
            assert (shapely.intersects(circle, points) & (n > 0)).sum() >= policy.shape_places
    assert left_out


def test_what_partners_see_follows_from_released_things_alone(releases):
    partner = releases["partner"]
    named = {text.removeprefix("On or near ") for text in partner.streets["street"]}
    listed = {name for text in partner.beats["streets"] for name in text.split("; ") if name}
    assert listed <= named
    assert set(partner.beats["part_of"]) - {""} <= set(partner.clusters["cluster"])
    details = partner.beat_details
    assert details[["share", "recorded"]].isna().all().all()
    assert (details[["recorded_by_month", "types", "hours"]] == "").all().all()
    assert details["grid_reference"].str.fullmatch(r"SK \d{3} \d{3}").all()


def test_ward_codes_are_in_the_order_of_codes_not_of_counts(releases):
    for text in releases["partner"].beats["ward_codes"]:
        assert text.split(";") == sorted(text.split(";"))


@pytest.mark.parametrize("column", NUMBERS)
def test_the_door_stops_a_number_on_its_way_to_partners(releases, column):
    partner = releases["partner"]
    with pytest.raises(ReleaseError, match=f"column '{column}' of beats .* for internal use only"):
        replace(partner, beats=partner.beats.assign(**{column: 1.0}))


def test_the_door_stops_any_beat_on_its_way_to_the_public(releases):
    with pytest.raises(ReleaseError, match="of beats"):
        replace(releases["public"], beats=releases["partner"].beats)


def test_grades_are_of_at_least_a_hundred_incidents_in_whole_percent_outside(sample_analysis):
    grade = sample_analysis.beats["all"].grade
    inside = _grade(sample_analysis, "all", grade, POLICIES["internal"])
    n = int(grade.grade()["n"])
    assert f"({n:,} incidents" in inside and "all incidents" in inside
    outside = _grade(sample_analysis, "all", grade, POLICIES["partner"])
    assert f"({5 * int(n / 5 + 0.5):,} incidents" in outside
    few = replace(grade, table=grade.table.assign(n=GRADED_FROM - 1))
    assert "Too few incidents" in _grade(sample_analysis, "all", few, POLICIES["partner"])


def test_what_lies_near_is_measured_from_the_outline_that_is_released(sample_analysis):
    beat = sample_analysis.beats["all"].frame.iloc[0]
    rim = shapely.Point(beat.easting + 300, beat.northing)
    points = gpd.GeoDataFrame(
        {"kind": ["school", "pub"], "name": ["Far", "Near"]},
        geometry=[shapely.Point(beat.easting + 5_000, beat.northing), rim],
        crs=schema.NATIONAL_GRID,
    )
    found = disclose(replace(sample_analysis, points=points), audience="internal")
    row = found.nearby.query("of == 'beat' and theme == 'all' and place == @beat.beat and name == 'Near'")
    assert row["metres"].tolist() == [round(beat.geometry.distance(rim))]
    assert set(found.nearby["of"]) == {"beat", "hot spot"} or not found.nearby["of"].eq("hot spot").any()
    public = disclose(replace(sample_analysis, points=points), audience="public")
    assert not public.nearby["of"].eq("beat").any()
