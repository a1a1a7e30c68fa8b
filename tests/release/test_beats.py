"""Beats as each audience may see them: exact inside, coarse and numberless for partners, none in public."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hotspots import schema
from hotspots.audiences import POLICIES
from hotspots.errors import ReleaseError
from hotspots.release.beats import SHARE
from hotspots.release.coarse_beats import GRID, NOT_GRADED, coarse_beats, walked
from hotspots.release.disclose import disclose
from hotspots.targeting.beats import BEAT_COLUMNS

NUMBERS = ["expected", "low", "high", "p_top", "score"]


@pytest.fixture(scope="module")
def releases(sample_analysis):
    return {audience: sample_analysis.release(audience=audience) for audience in POLICIES}


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


def test_partners_get_the_densest_released_hot_spots_and_no_number(sample_analysis, releases):
    partner = releases["partner"]
    assert len(partner.beats)
    assert partner.beats[NUMBERS].isna().all().all() and partner.beats["flags"].eq("").all()
    assert (partner.beats[["easting", "northing"]] % GRID == 0).all().all()
    city = sample_analysis.areas.outline.area / 1e6
    for theme, shown in partner.beats.groupby("theme"):
        spots = partner.clusters[partner.clusters["theme"].eq(theme)].set_index("cluster")
        chosen = spots.loc[shown["beat"]]
        assert chosen.geometry.geom_equals(shown.set_index("beat").geometry).all()
        density = (chosen["n"] / chosen.geometry.area).fillna(-1)
        assert density.is_monotonic_decreasing
        left = spots.drop(index=shown["beat"])
        assert (left["n"] / left.geometry.area).fillna(-1).max() <= density.min() or left.empty
        # the last beat is the one with which the share is reached
        assert shown["area_km2"].iloc[:-1].sum() < SHARE * city
        assert left.empty or shown["area_km2"].sum() >= SHARE * city - 1e-3
        assert shown["order"].tolist() == list(range(1, len(shown) + 1))


def test_partners_beats_follow_from_the_hot_spots_and_from_nothing_that_was_found(sample_analysis, releases):
    # whoever knows all incidents but one must not learn the last from which exact beat was chosen
    blind = replace(sample_analysis, beats={}).release(audience="partner")
    for name in ("beats", "beat_details", "nearby"):
        pd.testing.assert_frame_equal(
            pd.DataFrame(getattr(blind, name)), pd.DataFrame(getattr(releases["partner"], name))
        )
    assert blind.beat_grades == releases["partner"].beat_grades
    assert set(blind.beat_grades.values()) == {NOT_GRADED}


def test_a_share_and_a_theme_steer_what_partners_get(sample_analysis, releases):
    clusters = releases["partner"].clusters
    wide = coarse_beats(sample_analysis, clusters=clusters, share=1.0)["beats"]
    narrow = coarse_beats(sample_analysis, clusters=clusters, share=0.001)["beats"]
    assert len(wide) == len(clusters) > len(narrow) > 0
    one = coarse_beats(sample_analysis, clusters=clusters, share=SHARE, theme="all")
    assert set(one["beats"]["theme"]) == {"all"} == set(one["beat_grades"])
    both = one["beats"], releases["partner"].beats.query("theme == 'all'")
    # How texts are held is of no account.
    plain = [pd.DataFrame(frame).astype(object) for frame in both]
    pd.testing.assert_frame_equal(*plain, check_column_type=False)


def test_what_a_shift_is_planned_by_is_the_released_count(releases):
    partner = releases["partner"]
    theme = partner.beats["theme"].iloc[-1]
    hidden = partner.clusters.assign(n=partner.clusters["n"].where(partner.clusters["theme"].ne(theme)))
    found = walked(replace(partner, clusters=hidden), theme)
    assert (found.rate == POLICIES["partner"].shape_minimum).all() and found.price == 0
    known = walked(partner, "all")
    n = partner.clusters.query("theme == 'all'").set_index("cluster")["n"]
    assert known.rate.tolist() == n.reindex(known.frame["beat"]).tolist()


def test_what_partners_see_follows_from_released_things_alone(releases):
    partner = releases["partner"]
    assert partner.beats["part_of"].eq(partner.beats["beat"]).all() and partner.beats["streets"].eq("").all()
    details = partner.beat_details
    assert details[["share", "recorded"]].isna().all().all()
    assert (details[["recorded_by_month", "types", "hours"]] == "").all().all()
    assert details["grid_reference"].str.fullmatch(r"SK \d{3} \d{3}").all()


def test_codes_are_in_the_order_of_codes_not_of_counts(releases):
    for column in ("ward_codes", "lsoa_codes"):
        for text in releases["partner"].beats[column]:
            assert text.split(";") == sorted(text.split(";"))


@pytest.mark.parametrize("column", NUMBERS)
def test_the_door_stops_a_number_on_its_way_to_partners(releases, column):
    partner = releases["partner"]
    with pytest.raises(ReleaseError, match=f"column '{column}' of beats .* for internal use only"):
        replace(partner, beats=partner.beats.assign(**{column: 1.0}))


def test_the_door_stops_any_beat_on_its_way_to_the_public(releases):
    with pytest.raises(ReleaseError, match="of beats"):
        replace(releases["public"], beats=releases["partner"].beats)


def test_what_lies_near_is_measured_from_the_outline_that_is_released(sample_analysis, town_analysis):
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
    public = disclose(replace(town_analysis, points=points), audience="public")
    assert not public.nearby["of"].eq("beat").any()
