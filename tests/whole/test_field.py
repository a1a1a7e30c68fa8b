"""
Files as analysts met them: each case of ../shared/field through the real command, against its expected.txt.

A case is right if it is read as the expectation says, or refused by a message
that names what was seen and the way on, where the expectation allows that.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from paths import SHARED
from typer.testing import CliRunner

from hotspots.cli import app

FOLDER = SHARED / "field"
ASB, DRUGS, YOUTH = "anti-social-behaviour", "drugs-and-alcohol-misuse", "serious-youth-violence"
TWO_EACH = {ASB: 2, DRUGS: 2}
POLICE = {ASB: 1, DRUGS: 1, YOUTH: 2}


@dataclass(frozen=True)
class Case:
    """
    What must come of one input.

    `says` and `refused` are patterns: of something among the notes, warnings
    and reasons, or of the message of a refusal.
    """

    place: str
    inside: int = 12
    themes: dict[str, int] = field(default_factory=dict)
    months: tuple[str, ...] = ("2024-01",)
    says: tuple[str, ...] = ()
    rejects: dict[str, int] = field(default_factory=dict)
    resolution: str = ""
    refused: str = ""
    options: tuple[str, ...] = ()


def _run_of(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"2024-{month:02}" for month in range(first, last + 1))


QUARTER, SIX_EACH = _run_of(1, 3), {ASB: 6, DRUGS: 6}
CASES = (
    Case("01_police_api_json/crimes-street.json", themes=POLICE),
    Case("02_police_api_flat_csv/api_flat.csv", themes=POLICE),
    Case("02_police_api_flat_csv/ukpolice_r.csv", themes=POLICE),
    Case("04_wide_months/lsoa_wide.csv", refused=r"months stand as columns .* one row for each incident"),
    Case("05_wkt_point/wkt_lonlat.csv", themes=TWO_EACH),
    Case("05_wkt_point/wkt_bng_sep.csv", themes=TWO_EACH),
    Case("07_shapefile_zip/asb_points.shp", themes=TWO_EACH),
    Case("07_shapefile_zip/asb_points.zip", themes=TWO_EACH),
    Case("08_kml_mymaps/mymaps.kml", themes=TWO_EACH),
    Case("09_other_gis_formats/points.fgb", themes=TWO_EACH),
    Case("09_other_gis_formats/points.gml", themes=TWO_EACH),
    Case("09_other_gis_formats/points.tab", themes=TWO_EACH),
    Case(
        "10_epoch_milliseconds/feature_server.geojson",
        months=("2024-01", "2024-07"),
        resolution="day",
        says=("since 1970",),
    ),
    Case(
        "10_epoch_milliseconds/utc_midnights.geojson", inside=36, months=_run_of(1, 11), resolution="day"
    ),
    Case("11_web_mercator/hub_export.csv", says=(r"Web Mercator \(EPSG:3857\)",)),
    Case("11_web_mercator/hub_two_pairs.csv", themes=TWO_EACH),
    Case("12_zip_of_gpkg_xlsx/mixed.zip", says=("readme.csv was not read",)),
    Case("12_zip_of_gpkg_xlsx/points.gpkg.zip"),
    Case("12_zip_of_gpkg_xlsx/points.xlsx.zip"),
    Case(
        "13_r_na_strings/street_saved_by_r.csv",
        inside=15,
        themes={ASB: 7, DRUGS: 8},
        rejects={"no_location": 2},
    ),
    Case("13_r_na_strings/street_saved_by_pandas.csv", rejects={"no_location": 2}),
    Case(
        "14_thirteen_copies/2022-08-derbyshire-street.csv",
        inside=2,
        themes={ASB: 1},
        months=("2022-08",),
        rejects={"duplicate": 12},
        says=("12 of 14 rows repeat an incident",),
    ),
    Case("17_merged_two_row_header/merged_header.xlsx", rejects={"missing_coordinate": 1}, says=("row 2",)),
    Case("20_stats19/collisions.csv", months=("2023-01",), rejects={"missing_coordinate": 2}),
    Case(
        "23_police_uk_2012/2012-04-derbyshire-street.csv",
        months=("2012-04",),
        themes={ASB: 2},
        says=("before May 2013.*Violent crime",),
    ),
    Case("24_geojson_named_json/incidents.json", themes=TWO_EACH),
    Case("26_ods_parquet/incidents.ods", refused="not a workbook that can be read: save it again as XLSX"),
    Case("28_fixmystreet/fms.csv", resolution="time", themes={DRUGS: 2}, says=("Created is when",)),
    Case("35_square_and_offsets/sk_offsets.csv", says=("100 km square",)),
    Case("41_lsoa_name_only/lsoa_name.csv"),
    Case("42_ward_name_only/asb_by_ward.csv", themes={ASB: 12}),
    Case("47_sheet_per_month/one_sheet_per_month.xlsx", inside=36, months=QUARTER, themes=SIX_EACH),
    Case("48_hidden_rows/filtered.xlsx", says=("8 rows hidden by a filter",)),
    Case("60_cancelled_crimes/force_extract.csv", inside=6, rejects={"not_a_crime": 6}, says=("cancelled",)),
    Case("61_searches_as_crimes/searches_api.csv", refused="is a police.uk stop and search file"),
    Case("63_gpkg_pointz/pointz.gpkg", themes=TWO_EACH),
    Case("70_mixed_units/merged.csv", themes=TWO_EACH, says=("4 rows of 12 hold longitude and latitude",)),
    Case("71_default_location/asb_default_point.csv", inside=58, says=(r"\(40%\) lie on one",)),
    Case("72_placeholder_midnight/asb_midnight.csv", inside=57, says=("27 rows of 60 say 00:00",)),
    Case("73_two_header_rows/two_rows.csv", says=("stand in row 2",)),
    Case("74_report_export/ssrs.csv", rejects={"missing_coordinate": 1}, says=("stand in row 5",)),
    Case("75_units_in_headings/units.csv", themes=TWO_EACH),
    Case(
        "79_month_made_a_date_by_excel/police_uk_saved_as.xlsx",
        inside=36,
        months=QUARTER,
        resolution="month",
    ),
    Case(
        "79_month_made_a_date_by_excel/police_uk_saved_as.csv",
        inside=36,
        months=QUARTER,
        resolution="month",
    ),
    Case("80_repeated_header/merged_by_copy.csv", themes=TWO_EACH, rejects={"repeated_header": 1}),
    Case("82_bng_geojson_without_crs/points.geojson", themes=TWO_EACH, says=("hold easting and northing",)),
    Case("83_reported_and_occurred/force.csv", says=("Dated by Date From",)),
    Case("87_offence_codes_made_dates/codes_intact.xlsx", inside=36, themes={DRUGS: 6, YOUTH: 0}),
    Case(
        "87_offence_codes_made_dates/codes_made_dates.xlsx",
        inside=36,
        themes={DRUGS: 6},
        says=("offence codes have become dates",),
    ),
    Case("92_month_nearly_empty/in", inside=203, months=_run_of(1, 6), says=("April 2024 holds 3",)),
    Case(
        "93_half_a_year/in",
        inside=180,
        months=_run_of(1, 6),
        options=("--from", "2024-01", "--to", "2024-12"),
        says=("no file covers (July to December 2024|2024-07 to 2024-12)", "not annual figures"),
    ),
)  # fmt: skip

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the files in ../shared/field"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_a_file_from_the_field_is_met_as_expected(case: Case) -> None:
    path = FOLDER / case.place
    config = path.parent / "hotspots.toml"
    more = ["--config", str(config)] if config.is_file() else []
    done = CliRunner().invoke(app, ["check", str(path), "--json", *more, *case.options])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    if case.refused:
        assert done.exit_code == 3
        assert re.search(case.refused, done.stderr), done.stderr
        return
    assert done.exit_code == 0, done.stderr
    _check(case, json.loads(done.stdout))


def _check(case: Case, found: dict[str, Any]) -> None:
    sources = found["reading"]["sources"]
    inside = {theme["theme"]: theme["inside"] for theme in found["themes"]}
    assert inside["all"] == case.inside
    assert {slug: inside[slug] for slug in case.themes} == case.themes
    assert tuple(sorted({month for source in sources for month in source["months"]})) == case.months
    assert {reason: found["rejected"].get(reason, 0) for reason in case.rejects} == case.rejects
    if case.resolution:
        assert {source["resolution"] for source in sources} == {case.resolution}
    said = "\n".join([*found["warnings"], *(note for source in sources for note in source["notes"])])
    for pattern in case.says:
        assert re.search(pattern, said), said


def test_every_case_of_the_corpus_is_tried() -> None:
    tried = {case.place.split("/")[0] for case in CASES}
    assert tried == {path.name for path in Path(FOLDER).iterdir() if path.is_dir()}
