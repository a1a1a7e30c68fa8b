"""Zones in a run: counted and ranked for internal use, unknown to every other audience."""

from __future__ import annotations

from dataclasses import fields, replace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from hotspots import schema
from hotspots.evaluation.zones import read_zones
from hotspots.findings.by_zone import INTERNAL_ONLY, find_in_zones
from hotspots.outputs import csv, geopackage, workbook
from hotspots.pages import map_page, ward_pages, zone_page

CREATED = pd.Timestamp("2026-01-31")


@pytest.fixture(scope="module")
def with_zones(sample_analysis, tmp_path_factory):
    """The sample with four zones: two wards, the western half of one, and a circle around the busiest place."""
    wards = sample_analysis.areas.wards
    ward = wards.geometry.iloc[0]
    west, south, east, north = ward.bounds
    half = shapely.intersection(ward, shapely.box(west, south, (west + east) / 2, north))
    busiest = sample_analysis.places.frame.sort_values("n").geometry.iloc[-1]
    shapes = [ward, half, busiest.buffer(150), wards.geometry.iloc[3]]
    names = ["The Ward", "West <Side>", "Busy", "Other"]
    path = tmp_path_factory.mktemp("zones") / "zones.gpkg"
    gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=27700).to_file(path)
    areas = {level: sample_analysis.areas.level(level) for level in schema.LEVELS}
    membership = pd.DataFrame({slug: True for slug in ("all",)}, index=sample_analysis.located.index)
    groups = pd.concat([membership, sample_analysis.type_of], axis=1)
    found = find_in_zones(
        read_zones(path, areas=areas),
        sample_analysis.located,
        groups,
        wards=sample_analysis.table,
        months=sample_analysis.months,
        incomplete=sample_analysis.incomplete,
        settings=sample_analysis.settings,
    )
    return replace(sample_analysis, zones=found)


@pytest.fixture(scope="module")
def release(with_zones):
    return with_zones.release(audience="internal")


def test_a_ward_as_zone_counts_and_changes_as_the_ward(with_zones, release):
    zone = release.zone_results.query("theme == 'all'").set_index("name").loc["The Ward"]
    located = with_zones.located
    code = with_zones.areas.wards.index[0]
    pointed = located["ward_code"].eq(code) & located["easting"].notna()
    ward = release.results.query("theme == 'all' and level == 'ward'").set_index("code").loc[code]
    assert zone["count"] == pointed.sum() > 0
    assert zone["rate_per_km2"] == pytest.approx(zone["count"] / with_zones.areas.wards["area_km2"].iloc[0])
    # The same months of the same place: as large a change, and about as sure.
    if pointed.sum() == ward["count"]:
        assert zone["change"] == pytest.approx(ward["change"])
    assert zone["change_low"] < zone["change"] < zone["change_high"]


def test_months_add_up_and_ranks_follow_the_density(release):
    counts = release.zone_counts
    whole = counts[counts["month"].eq("")].set_index(["code", "theme"])["count"]
    months = counts[counts["month"].ne("")].groupby(["code", "theme"])["count"].sum()
    assert whole.to_dict() == months.to_dict()
    every = release.zone_results.query("theme == 'all'").set_index("name")
    assert every.index[0] == "Busy"
    assert every["rank"].tolist() == [1, 2, 3, 4]
    assert every["rate_per_km2"].is_monotonic_decreasing


def test_with_as_few_zones_as_the_top_there_is_no_chance_of_being_among_it(with_zones):
    few = replace(with_zones.settings, top=4)
    found = find_in_zones(
        with_zones.zones.zones,
        with_zones.located,
        pd.DataFrame({"all": True}, index=with_zones.located.index),
        wards=with_zones.table,
        months=with_zones.months,
        incomplete=(),
        settings=few,
    )
    assert found.results["p_top"].isna().all() and found.results["class"].eq("").all()
    assert found.results["rank"].notna().all()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_no_other_audience_learns_of_zones(sample_analysis, with_zones, audience):
    without, given = (one.release(audience=audience) for one in (sample_analysis, with_zones))
    assert not given.has_zones and INTERNAL_ONLY in given.warnings
    for one in fields(given):
        before, after = getattr(without, one.name), getattr(given, one.name)
        if isinstance(after, pd.DataFrame):
            pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(after))
        elif one.name == "warnings":
            assert tuple(text for text in after if text != INTERNAL_ONLY) == before
        elif one.name not in ("outline", "times"):
            assert before == after, one.name


def test_tables_have_the_zones(release, tmp_path):
    csv.write_tables(release, tmp_path)
    zones = pd.read_csv(tmp_path / "zones.csv", keep_default_na=False)
    assert {"level", "code", "theme", "month", "count"} <= set(zones.columns)
    assert len(pd.read_csv(tmp_path / "zone_ranks.csv")) == len(release.zone_results)
    workbook.write_workbook(release, tmp_path / "book.xlsx", created=CREATED)
    assert {"Zones", "Zone months"} <= set(openpyxl.load_workbook(tmp_path / "book.xlsx").sheetnames)
    geopackage.write_geopackage(release, tmp_path / "areas.gpkg", created=CREATED)
    layer = pyogrio.read_dataframe(tmp_path / "areas.gpkg", layer="zones").set_index("name")
    assert layer.loc["The Ward", "count_all"] == np.float64(
        release.zone_results.query("theme == 'all' and name == 'The Ward'")["count"].iloc[0]
    )


def test_without_zones_nothing_of_them_is_written(sample_analysis, tmp_path):
    csv.write_tables(sample_analysis.release(), tmp_path)
    assert not list(tmp_path.glob("zone*"))


def test_pages_name_the_zones_and_no_name_becomes_markup(release):
    page = zone_page.render_zones(release)
    assert page.count("<section aria-labelledby") == 4
    profiles = ward_pages.render_all(release)
    slug = ward_pages.ward_slugs(release.wards["name"])[release.wards.index[0]]
    assert "The Ward" in profiles[f"{slug}.html"] and "../zones.html" in profiles[f"{slug}.html"]
    index = map_page.render(release, profiles={release.wards.index[0]: f"wards/{slug}.html"})
    assert 'href="zones.html"' in index and 'value="zones"' in index
    for html in (page, index, profiles[f"{slug}.html"]):
        assert "West &lt;Side&gt;" in html and "<Side>" not in html
