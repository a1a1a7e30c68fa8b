"""Heaps: named by the user or found, and what the ranking is without them."""

from __future__ import annotations

import pytest

from hotspots.errors import ConfigError
from hotspots.findings.heaps import flagged_heaps, ranked_without_heaps, unknown_heaps
from hotspots.places import coordinates
from hotspots.settings import load_config


@pytest.fixture(scope="module")
def named(sample_analysis):
    """Name the busiest place of the sample, and a point in the sea."""
    from dataclasses import replace

    frame = sample_analysis.places.frame
    at = int(frame["n"].to_numpy().argmax())
    east, north = coordinates(frame)[at]
    heaps = {"depot": (float(east) + 5, float(north)), "sea": (700000.0, 100000.0)}
    return replace(sample_analysis.settings, heaps=heaps), at


def test_a_named_point_is_flagged_with_its_name_and_one_in_the_sea_is_said(sample_analysis, named):
    settings, at = named
    heaps = flagged_heaps(sample_analysis.themes, sample_analysis.places, settings)
    mine = heaps[heaps["theme"].eq("all") & heaps["place"].eq(at)]
    assert mine["reason"].tolist() == ["named in [heaps]: depot"]
    assert mine["n"].item() == sample_analysis.places.weights("all")[at]
    assert len(unknown_heaps(settings, sample_analysis.places)) == 1
    assert "sea" in unknown_heaps(settings, sample_analysis.places)[0]


def test_without_its_heap_a_ward_ranks_as_if_the_incidents_had_not_been(sample_analysis, named):
    from hotspots.statistics.ranking import rank_areas

    one = sample_analysis
    settings, at = named
    heaps = flagged_heaps(one.themes, one.places, settings)
    heaps = heaps[heaps["theme"].eq("all") & heaps["place"].eq(at)]
    heaps = heaps.assign(n=heaps["n"] * 20)
    plain = one.priority.drop(columns="rank_without_heaps", errors="ignore")
    found = ranked_without_heaps(plain, one.table, one.areas, heaps, combined=[], settings=settings)
    mine = found.query("theme == 'all' and level == 'ward'").set_index("code")
    ward = heaps["ward_code"].item()
    left = mine["count"].copy()
    left[ward] = max(left[ward] - heaps["n"].item(), 0)
    expected = rank_areas(left, exposure=one.areas.wards["residents"].reindex(left.index))["rank"]
    assert mine["rank_without_heaps"].tolist() == expected.tolist()
    assert mine.loc[ward, "rank_without_heaps"] > mine.loc[ward, "rank"]
    assert found[found["theme"].ne("all")]["rank_without_heaps"].isna().all()


def test_without_any_heap_the_ranking_stays_as_it_is(sample_analysis):
    one = sample_analysis
    none = flagged_heaps({}, one.places, one.settings)
    same = ranked_without_heaps(one.priority, one.table, one.areas, none, combined=[], settings=one.settings)
    assert same is one.priority


def test_heaps_are_read_from_the_file_and_refused_where_they_are_no_points(tmp_path):
    path = tmp_path / "hotspots.toml"
    path.write_text('[heaps]\n"Police station" = [435300, 337100.5]\n', encoding="utf-8")
    assert load_config(path) == {
        "columns": {},
        "weights": {},
        "heaps": {"Police station": (435300.0, 337100.5)},
    }
    path.write_text('[heaps]\nx = ["a", 1]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\[heaps\] must map names to \[easting, northing\]"):
        load_config(path)
