"""Beats of a run: which themes have them, from which months and which incidents."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hot_cities import OUTLINE, points

from hotspots.findings.beats import FEWEST, HEAP, BeatPlan, find_beats
from hotspots.findings.by_theme import ALL_THEME
from hotspots.places import fold_places
from hotspots.targeting.beats import BEAT_COLUMNS
from hotspots.targeting.ground import lay_ground

MONTHS = tuple(f"2024-{k:02d}" for k in range(1, 9))
AREAS = SimpleNamespace(outline=OUTLINE)


def incidents(seed: int = 0, *, months=MONTHS, codes=("",)) -> pd.DataFrame:
    """Draw incidents of a city in which ten of its places are busy."""
    rng = np.random.default_rng(seed)
    xy = points(12)
    busy = rng.choice(len(xy), 10, replace=False)
    place = np.where(rng.random(900) < 0.6, rng.choice(busy, 900), rng.integers(0, len(xy), 900))
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 24, 900) * 60 + 30, "min")
    return pd.DataFrame(
        {
            "place": place,
            "easting": xy[place, 0],
            "northing": xy[place, 1],
            "month": rng.choice(months, 900),
            "street": [f"On or near Street {k:03d}" for k in place],
            "ward_code": "W",
            "lsoa_code": "L",
            "crime_type": rng.choice(["Drugs", "Robbery"], 900),
            "offence_code": rng.choice(codes, 900),
            "occurred_from": start,
            "occurred_to": pd.NaT,
        }
    ).astype({"occurred_to": "datetime64[ns]"})


def found(slug: str = "all", withheld: str = ""):
    clusters = gpd.GeoDataFrame({"cluster": [], "part_of": []}, geometry=[], crs="EPSG:27700")
    return SimpleNamespace(theme=replace(ALL_THEME, slug=slug), withheld=withheld, clusters=clusters)


def beats(frame, *, themes=None, months=MONTHS, plan=None, member=None, **options):
    themes = {"all": found()} if themes is None else themes
    inside = pd.DataFrame({slug: np.ones(len(frame), dtype=bool) for slug in ("all", *themes)})
    if member is not None:
        inside = inside.assign(**member)
    return find_beats(
        themes,
        frame,
        inside,
        places=fold_places(frame, inside),
        months=months,
        areas=AREAS,
        seed=1,
        plan=plan or BeatPlan(share=0.03),
        **options,
    )


def test_beats_are_for_the_month_after_the_last_and_stand_in_the_promised_columns():
    chosen = beats(incidents())["all"]
    assert chosen.first_month == "2024-09"
    assert tuple(chosen.frame.columns) == (*BEAT_COLUMNS, "geometry")
    assert chosen.frame["order"].tolist() == list(range(1, len(chosen) + 1))
    share = chosen.frame["area_km2"].cumsum() / (OUTLINE.area / 1e6)
    # the last beat is that with which the share is reached
    assert share.iloc[-2] < 0.03 <= share.iloc[-1]
    assert chosen.grade.grade()["origins"] == 4


def test_only_the_last_months_without_a_gap_are_learnt_from():
    frame = incidents()
    with_gap = ("2024-01", "2024-02", "2024-05", "2024-06", "2024-07", "2024-08")
    assert len(beats(frame, months=with_gap)["all"].details["recorded_by_month"].iloc[0].split(";")) == 4
    assert beats(frame, months=()) == {}


def test_a_theme_that_is_shown_by_area_only_has_no_beats():
    themes = {"all": found(), "county-lines": found("county-lines", "Shown by area only: restricted.")}
    assert set(beats(incidents(), themes=themes)) == {"all"}
    assert set(beats(incidents(), only=("drugs",))) == set()


@pytest.mark.parametrize(("n", "expected"), [(FEWEST - 1, set()), (FEWEST, {"rare"})])
def test_too_few_incidents_say_nothing(n, expected):
    member = {"rare": np.arange(900) < n}
    assert set(beats(incidents(), themes={"rare": found("rare")}, member=member)) == expected


def test_what_patrols_find_themselves_is_left_out_unless_it_is_asked_for():
    frame = incidents(codes=("92D/1", "34B"))
    plain, counted = beats(frame)["all"], beats(frame, plan=BeatPlan(share=0.03, found=True))["all"]
    both = fold_places(frame, pd.DataFrame({"all": np.ones(900, dtype=bool)}))
    assert counted.details["recorded"].sum() > plain.details["recorded"].sum()
    found_by_police = frame["offence_code"].eq("92D/1").sum()
    assert 0.4 < found_by_police / both.frame["n"].sum() < 0.6


def test_beats_of_some_hours_see_incidents_of_these_hours_alone():
    frame = incidents()
    night = beats(frame, plan=BeatPlan(share=0.03, hours=(22, 4)))["all"]
    whole = beats(frame)["all"]
    assert night.rate.sum() == pytest.approx(whole.rate.sum() * 6 / 24, rel=0.35)


def test_a_point_that_holds_far_more_than_its_surroundings_is_marked():
    frame = incidents()
    heaped = pd.concat([frame, *[frame[frame["place"].eq(frame["place"].iloc[0])]] * 12], ignore_index=True)
    chosen = beats(heaped)["all"]
    assert HEAP in chosen.frame["flags"].iloc[0]


def test_the_order_of_the_incidents_makes_no_difference():
    frame = incidents()
    turned = frame.iloc[::-1].reset_index(drop=True)
    one, other = beats(frame)["all"], beats(turned)["all"]
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(other.frame))
    pd.testing.assert_frame_equal(one.details, other.details)


def test_streets_that_were_given_reach_the_ground_on_which_beats_are_chosen(monkeypatch):
    laid = []

    def keep(*words, **options):
        laid.append(lay_ground(*words, **options))
        return laid[-1]

    monkeypatch.setattr("hotspots.findings.beats.lay_ground", keep)
    west, south, east, north = OUTLINE.bounds
    streets = np.array(
        [shapely.linestrings([[west, y], [east, y]]) for y in np.arange(south + 50, north, 100)], dtype=object
    )
    beats(incidents(), lines=streets)
    beats(incidents())
    assert "segments" in laid[0].shapes and "segments" not in laid[1].shapes


@pytest.mark.parametrize(
    ("codes", "plan", "said"),
    [
        (("",), BeatPlan(), "of thefts in"),
        (("92E", ""), BeatPlan(), "of thefts, possession of drugs and weapons left out, in"),
        (("92E", ""), BeatPlan(found=True), "of thefts in"),
        (("",), BeatPlan(hours=(18, 24)), "of thefts from 18:00 to 24:00 in"),
    ],
)
def test_the_grade_says_of_which_incidents_it_is(codes, plan, said):
    grade = beats(incidents(codes=codes), plan=plan)["all"].grade_words("thefts")
    assert f" held {grade.split(' held ')[1].split(' ')[0]} {said}" in grade


def test_the_grade_of_wards_in_turn_is_that_of_a_free_choice():
    grade = beats(incidents(), plan=BeatPlan(even_wards=True))["all"].grade_words("thefts")
    assert "such beats, chosen freely and not by ward, held" in grade
