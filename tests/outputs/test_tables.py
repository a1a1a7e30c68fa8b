"""Tables: the figures of a release in CSV, XLSX and GeoPackage, safe in a spreadsheet."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pyogrio
import pytest
from zoned import zoned

from hotspots import schema
from hotspots.outputs import csv, geopackage, tables, workbook

#: What other tools rely on.
CONTRACT_AREAS = (
    "level",
    "vintage",
    "code",
    "name",
    "theme",
    "month",
    "count",
    "rate_per_1000",
    "rate_per_km2",
)
CONTRACT_CLUSTERS = [
    "theme",
    "order",
    "cluster",
    "name",
    "n",
    "places",
    "area_km2",
    "length_m",
    "density_per_km2",
    "share",
    "confidence",
    "part_of",
    "flags",
    "ward_codes",
    "streets",
]
CREATED = pd.Timestamp("2026-01-31")


@pytest.fixture(scope="module")
def release(sample_analysis, tmp_path_factory):
    return zoned(sample_analysis, tmp_path_factory.mktemp("zones")).release()


def test_areas_has_the_contracts_columns_and_every_combination(release):
    table = tables.area_table(release)
    assert tuple(table.columns) == CONTRACT_AREAS
    areas = len(release.wards) + len(release.lsoas)
    assert len(table) == areas * len(release.groups) * (1 + len(release.months))
    assert not table.duplicated(["level", "code", "theme", "month"]).any()


def test_months_add_up_to_the_whole_period(release):
    table = tables.area_table(release)
    keys = ["level", "code", "theme"]
    whole = table[table["month"].eq("")].set_index(keys)["count"].astype(int)
    months = table[table["month"].ne("")].groupby(keys)["count"].sum().astype(int)
    pd.testing.assert_series_equal(whole.sort_index(), months.sort_index(), check_names=False)


def test_rates_follow_from_counts_by_hand(release):
    table = tables.area_table(release)
    row = table[table["level"].eq("ward") & table["month"].eq("") & table["theme"].eq("all")].iloc[0]
    ward = release.wards.loc[row["code"]]
    assert row["rate_per_1000"] == pytest.approx(1000 * row["count"] / ward["residents"], abs=5e-4)
    assert row["rate_per_km2"] == pytest.approx(row["count"] / ward["area_km2"], abs=5e-4)


def test_a_text_that_looks_like_a_formula_is_disarmed_and_a_negative_number_is_not():
    frame = pd.DataFrame({"text": ["=1+1", "@x", "-2", "plain", ""], "number": [-1.5, 2.0, 0.0, 1.0, 3.0]})
    text = csv.csv_bytes(frame).decode("utf-8-sig")
    assert text == "text,number\n'=1+1,-1.5\n'@x,2.0\n'-2,0.0\nplain,1.0\n,3.0\n"


def test_csv_has_a_byte_order_mark_for_excel_and_reads_back(release):
    data = csv.csv_bytes(tables.area_table(release))
    assert data.startswith(b"\xef\xbb\xbf") and b"\r" not in data
    again = pd.read_csv(io.BytesIO(data), dtype={"month": str}, keep_default_na=False)
    assert len(again) == len(tables.area_table(release))


@pytest.fixture(scope="module")
def hostile(release):
    """Give the release with a formula where text stands."""
    return replace(release, clusters=release.clusters.assign(streets="=HYPERLINK(1)"))


@pytest.fixture(scope="module")
def written(hostile, tmp_path_factory):
    """Write a workbook once: its path."""
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    workbook.write_workbook(hostile, tables.all_tables(hostile), path, created=CREATED)
    return path


@pytest.fixture(scope="module")
def book(written):
    return openpyxl.load_workbook(written)


def test_the_workbook_holds_numbers_as_numbers_and_text_as_text(release, book):
    assert book.sheetnames[:3] == ["Summary", "Notes", "Areas"]
    assert book.sheetnames[-1] == "Dictionary"
    # Nothing lies near, as no points were given: no empty sheet.
    assert "Nearby" not in book.sheetnames and "Clusters" in book.sheetnames
    assert all(sheet.max_row > 1 for sheet in book)
    # The zones' sheets stand behind the hot spots where the release has any.
    assert release.has_zones == ("Zones" in book.sheetnames)
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
    header = [cell.value for cell in book["Areas"][1]]
    values = [cell.value for cell in book["Areas"][2]]
    assert isinstance(values[header.index("Incidents")], int)
    assert isinstance(values[header.index("GSS code")], str)
    assert book["Areas"].freeze_panes == "A2"
    assert "SYNTHETIC" in str([cell.value for row in book["Notes"].iter_rows() for cell in row])


def test_the_geopackage_opens_with_the_promised_layers(release, tmp_path):
    path = tmp_path / "out.gpkg"
    geopackage.write_geopackage(release, path, created=CREATED)
    layers = dict(pyogrio.list_layers(path))
    assert set(layers) == {"wards", "lsoas", "clusters", "beats", "density", "zones", "layer_styles"}
    zones = pyogrio.read_dataframe(path, layer="zones").set_index("code")["count_all"]
    assert (
        zones.to_dict()
        == tables.zone_rank_table(release).query("theme == 'all'").set_index("code")["count"].to_dict()
    )
    wards = pyogrio.read_dataframe(path, layer="wards")
    assert wards.crs.to_epsg() == 27700
    assert len(wards) == len(release.wards)
    assert (
        wards["count_all"].sum()
        == tables.area_table(release)
        .query("level == 'ward' and theme == 'all' and month == ''")["count"]
        .sum()
    )


def test_the_same_release_gives_the_same_bytes(hostile, written, tmp_path):
    workbook.write_workbook(hostile, tables.all_tables(hostile), tmp_path / "again.xlsx", created=CREATED)
    assert (tmp_path / "again.xlsx").read_bytes() == written.read_bytes()
    layers = [tmp_path / "one" / "out.gpkg", tmp_path / "other" / "out.gpkg"]
    for path in layers:
        path.parent.mkdir()
        geopackage.write_geopackage(hostile, path, created=CREATED)
    assert layers[0].read_bytes() == layers[1].read_bytes()


def test_the_date_inside_files_comes_from_the_period_or_the_epoch(release):
    assert str(tables.created_stamp(release, None)).startswith(release.months[-1])
    assert tables.created_stamp(release, "0") == pd.Timestamp("1970-01-01")


def test_hours_and_months_as_tables(release):
    hours = tables.hour_table(release)
    assert tuple(hours.columns) == schema.columns("hours")
    assert hours.groupby("theme").size().eq(168).all()
    assert hours.groupby("theme")["share"].sum().to_numpy() == pytest.approx(1, abs=0.01)
    months = tables.month_table(release)
    assert len(months) == len(release.wards) * len(release.groups) * len(release.months)
    assert set(months["signal"]) <= {"", "above", "below"}
    both = months.merge(tables.area_table(release), on=["level", "code", "theme", "month"])
    assert len(both) == len(months) and both["count_x"].equals(both["count_y"])


def test_clusters_have_the_contracts_columns_first_and_then_the_status(release):
    columns = list(tables.cluster_table(release).columns)
    assert list(columns)[: len(CONTRACT_CLUSTERS)] == CONTRACT_CLUSTERS
    assert "status" in columns


def test_an_audience_without_times_gets_empty_tables_that_say_why(sample_analysis, tmp_path):
    public = sample_analysis.release(audience="public")
    csv.write_tables(tables.all_tables(public), tmp_path)
    for name, first in (("hours", "theme,weekday,hour"), ("near_repeats", "theme,distance_from")):
        lines = (tmp_path / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == 1 and lines[0].startswith(first)
    workbook.write_workbook(public, tables.all_tables(public), tmp_path / "book.xlsx", created=CREATED)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx", read_only=True)
    notes = dict(book["Notes"].iter_rows(values_only=True))
    book.close()
    assert "internal use only" in notes["Hours"]


def test_the_hours_sheet_has_a_row_a_weekday_from_monday(book):
    rows = list(book["Hours"].iter_rows(values_only=True))
    assert rows[0][:3] == ("Theme", "Weekday", "00:00") and len(rows[0]) == 26
    assert [row[1] for row in rows[1:8]] == [
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    ]
