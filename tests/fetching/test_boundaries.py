"""Layers of an authority from the portal, into a folder of its own."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from publishers import Publishers, serving, square_district

from hotspots.authorities import Authority, read_place
from hotspots.errors import ConfigError, DataMissingError, NetworkError, ParameterError
from hotspots.fetching.authorities import find_authorities
from hotspots.fetching.boundaries import fetch_boundaries
from hotspots.fetching.figures import fetch_population, keep_deprivation, read_indices
from hotspots.fetching.services import load_services
from hotspots.fetching.web import Web
from hotspots.geography.load import load_areas

WEST = square_district("E06000091", "West Town, City of", x=457_000)
NORTH = square_district("E07000092", "North Town", x=460_000, first=11)
OTHER = square_district("W06000093", "Ynys Môn", x=470_000, force="North Wales", first=21)
PLACE = Authority("E06000091", "West Town, City of", "testshire", "Testshire")


@pytest.fixture
def told():
    with serving(Publishers([WEST, NORTH, OTHER])) as publishers:
        publishers.figures = {code: 1000 + n for n, (code, *_) in enumerate(WEST.lsoas)}
        publishers.figures |= {WEST.wards[0][0]: 2001}
        yield publishers


@pytest.fixture
def asking(told, tmp_path):
    """Give the services of the server, and what asks without long pauses."""
    services = load_services(told.services(tmp_path / "services.csv"))
    return {"services": services, "web": Web(attempts=2, pause=0.01, per_second=1000, timeout=(2, 2))}


class TestNames:
    """Which authorities a word means."""

    @pytest.mark.parametrize("word", ["E06000091", "e06000091", "West Town", "west town, city of"])
    def test_code_and_name_mean_one(self, asking, word):
        assert find_authorities(word, **asking) == (PLACE,)

    def test_a_force_means_its_districts(self, asking):
        found = find_authorities("testshire", **asking)
        assert [one.code for one in found] == ["E06000091", "E07000092"]

    def test_welsh_authorities_are_found(self, asking):
        (found,) = find_authorities("Ynys Môn", **asking)
        assert (found.code, found.force) == ("W06000093", "north-wales")

    def test_an_older_look_up_is_asked_where_the_newest_is_gone(self, told, asking):
        told.gone = {"LAD24_CSP24_PFA24_EW_LU"}
        assert find_authorities("North Town", **asking)[0].code == "E07000092"

    def test_where_no_look_up_answers_the_last_word_of_the_portal_is_told(self, told, asking):
        services = asking["services"]
        told.gone = {
            one.rpartition("/")[2]
            for year in services.years("authorities")
            for one in services.addresses("authorities", year)
        }
        with pytest.raises(NetworkError, match="Invalid URL"):
            find_authorities("North Town", **asking)

    def test_a_name_with_an_apostrophe_is_no_end_of_text(self, asking):
        with pytest.raises(ParameterError, match="No authority or force of England and Wales is called"):
            find_authorities("King's", **asking)


class TestLayers:
    """Wards and LSOAs."""

    def test_layers_serve_load_areas_though_lsoas_bear_another_name(self, asking, tmp_path):
        folder = tmp_path / "layers"
        paths = fetch_boundaries(PLACE, folder=folder, **asking)
        assert [path.name for path in paths] == [
            "wards_2025.geojson",
            "lsoas_2021.geojson",
            "lsoas_2011.geojson",
            "lsoa_ward.csv",
            "lsoa_2011_2021.csv",
        ]
        areas = load_areas(folder=folder, area=PLACE.code)
        assert areas.area_name == "West Town, City of"
        assert areas.wards["vintage"].unique().tolist() == ["ward_2025"]
        assert areas.lsoas.index.tolist() == [code for code, *_ in WEST.lsoas]
        assert areas.outline.equals(shapely.box(457_000, 340_000, 459_000, 341_000))
        assert "Source: Office for National Statistics" in " ".join(areas.sources)
        assert not areas.derived
        assert read_place(folder / "place.json") == PLACE

    def test_a_year_is_added_to_what_is_there(self, asking, tmp_path):
        folder = tmp_path / "layers"
        fetch_boundaries(PLACE, folder=folder, **asking)
        fetch_boundaries(PLACE, folder=folder, year="2023", **asking)
        assert {"wards_2025.geojson", "wards_2023.geojson"} <= {path.name for path in folder.iterdir()}
        years = {
            year: load_areas(folder=folder, area=PLACE.code, wards=year).wards["vintage"].iloc[0]
            for year in (None, "2023", "2024")
        }
        assert years == {None: "ward_2025", "2023": "ward_2023", "2024": "ward_2023"}

    def test_a_year_without_a_service_is_refused_with_those_that_have_one(self, asking):
        with pytest.raises(ParameterError, match=r"wards of 2007: the table of services has 2025, 2024"):
            fetch_boundaries(PLACE, year="2007", **asking)

    def test_the_newest_service_that_answers_is_taken(self, told, asking, tmp_path):
        told.gone = {f"Wards_{month}_2025_Boundaries_UK_BGC" for month in ("May", "December")}
        paths = fetch_boundaries(PLACE, folder=tmp_path / "layers", **asking)
        assert paths[0].name == "wards_2024.geojson"

    def test_lsoas_of_2011_are_done_without_where_their_service_is_gone(self, told, asking, tmp_path):
        told.gone = {f"LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3{end}" for end in ("", "_2022")}
        paths = fetch_boundaries(PLACE, folder=tmp_path / "layers", **asking)
        assert "lsoas_2011.geojson" not in [path.name for path in paths]

    def test_where_no_wards_are_delivered_the_last_word_of_the_portal_is_told(self, told, asking, tmp_path):
        told.gone = {f"Wards_{month}_2023_Boundaries_UK_BGC" for month in ("May", "December")}
        with pytest.raises(NetworkError, match="Invalid URL"):
            fetch_boundaries(PLACE, folder=tmp_path / "layers", year="2023", **asking)

    def test_an_lsoa_without_shape_is_an_error(self, told, asking, tmp_path, monkeypatch):
        rows = Publishers._rows
        lacking = lambda self, name: rows(self, name)[name.startswith("Lower_layer") :]  # noqa: E731
        monkeypatch.setattr(Publishers, "_rows", lacking)
        with pytest.raises(NetworkError, match="gave not all LSOAs of West Town, City of"):
            fetch_boundaries(PLACE, folder=tmp_path / "layers", **asking)

    def test_nothing_is_half_written(self, told, asking, tmp_path):
        told.gone = {"Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"}
        with pytest.raises(NetworkError, match="Invalid URL"):
            fetch_boundaries(PLACE, folder=tmp_path / "layers", **asking)
        assert [path.name for path in tmp_path.iterdir()] == ["services.csv"]

    def test_what_was_there_stays_where_a_later_step_fails(self, told, asking, tmp_path):
        folder = tmp_path / "layers"
        fetch_boundaries(PLACE, folder=folder, **asking)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        told.gone = {"LSOA21_WD25_LAD25_EW_LU_v2", "LSOA21_WD24_LAD24_EW_LU", "LSOA21_WD23_LAD23_EW_LU"}
        with pytest.raises(NetworkError):
            fetch_boundaries(PLACE, folder=folder, year="2023", **asking)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    def test_an_unknown_code_is_said(self, asking, tmp_path):
        with pytest.raises(NetworkError, match=r"has no wards of E06000099: check --area"):
            fetch_boundaries(Authority("E06000099", "?"), folder=tmp_path / "layers", **asking)

    def test_two_authorities_lie_apart(self, asking, monkeypatch, tmp_path):
        monkeypatch.setattr("hotspots.authorities.data_folder", lambda kind: tmp_path / kind)
        north = find_authorities("North Town", **asking)[0]
        fetch_boundaries(PLACE, **asking)
        fetch_boundaries(north, **asking)
        folders = sorted((tmp_path / "boundaries").iterdir())
        assert [folder.name for folder in folders] == ["E06000091", "E07000092"]
        first = gpd.read_file(folders[0] / "wards_2025.geojson")
        assert first["WD25CD"].tolist() == [code for code, *_ in WEST.wards]


class TestFigures:
    """Residents, households, deprivation."""

    @pytest.fixture
    def folder(self, asking, tmp_path):
        fetch_boundaries(PLACE, folder=tmp_path / "layers", **asking)
        return tmp_path / "layers"

    def test_census_counts_where_it_knows_an_area_and_estimates_elsewhere(self, told, asking, folder):
        told.estimates = {WEST.wards[0][0]: 9999, WEST.wards[1][0]: 2005}
        fetch_population(PLACE, folder=folder, **asking)
        areas = load_areas(folder=folder, area=PLACE.code)
        assert areas.wards["residents"].tolist() == [2001, 2005]
        # The estimates know no households.
        assert areas.wards["households"].fillna(-1).tolist() == [800, -1]
        assert areas.lsoas["residents"].tolist() == [1000, 1001, 1002, 1003]

    def test_wards_without_figures_are_said(self, told, asking, folder):
        del told.figures[WEST.wards[0][0]]
        fetch_population(PLACE, folder=folder, **asking)
        areas = load_areas(folder=folder, area=PLACE.code)
        assert areas.wards["residents"].isna().all()
        assert any("No residents are known of the wards: rates" in text for text in areas.warnings)

    def test_an_lsoa_without_figures_is_an_error(self, told, asking, folder):
        del told.figures[WEST.lsoas[0][0]]
        with pytest.raises(NetworkError, match="Nomis has no residents of 1 LSOA"):
            fetch_population(PLACE, folder=folder, **asking)
        assert not (folder / "residents_households.csv").exists()

    def test_figures_need_layers(self, asking, tmp_path):
        with pytest.raises(DataMissingError, match='fetch boundaries --area "West Town, City of"'):
            fetch_population(PLACE, folder=tmp_path, **asking)

    def test_another_table_than_was_asked_for_is_an_error(self, asking, folder, monkeypatch):
        monkeypatch.setattr(Publishers, "_census", lambda *_: (200, {}, b"CODE,VALUE\nE,1\n"))
        with pytest.raises(NetworkError, match="Nomis answered with another table"):
            fetch_population(PLACE, folder=folder, **asking)

    def test_indices_without_a_column_or_an_lsoa_are_an_error(self, asking, folder):
        rows = read_indices(**asking)
        with pytest.raises(NetworkError, match="The Indices lack 1 LSOA of West Town, City of"):
            keep_deprivation(PLACE, rows[1:], folder=folder)
        for others in ((), [{"LSOA code (2021)": "E01"}]):
            with pytest.raises(NetworkError, match="file of the Indices has other columns"):
                keep_deprivation(PLACE, others, folder=folder)

    def test_deprivation_of_wards_is_the_mean_over_people(self, asking, folder):
        (path,) = keep_deprivation(PLACE, read_indices(**asking), folder=folder)
        table = pd.read_csv(path).set_index("code")
        # LSOAs 1 and 2 with scores 1 and 2 and 1,100 and 1,200 people.
        assert table.loc[WEST.wards[0][0], "income"] == pytest.approx((1100 + 2 * 1200) / 2300, abs=5e-4)
        assert table.loc[WEST.lsoas[3][0], "imd"] == 4
        assert set(table["vintage"]) == {"ward", "lsoa_2021"}


class TestServices:
    """The table of services and a file of the user's."""

    def test_own_rows_win_by_what_and_year(self, tmp_path):
        own = tmp_path / "own.csv"
        own.write_text("what,year,service\nwards,2026,Wards_May_2026\nwards,2025,Other\n", encoding="utf-8")
        services = load_services(own)
        assert services.years("wards")[:2] == ["2026", "2025"]
        assert [name.rpartition("/")[2] for name in services.addresses("wards", "2025")] == ["Other"]
        assert services.years("lsoas") == ["2021", "2011"]

    @pytest.mark.parametrize(
        "text", ["what,service\n", "what,year,service\na,b\n", "what,year,service\na,b,c,d\n"]
    )
    def test_another_table_is_refused(self, tmp_path, text):
        (tmp_path / "own.csv").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match="columns"):
            load_services(tmp_path / "own.csv")

    def test_a_missing_table_is_refused(self, tmp_path):
        with pytest.raises(ConfigError, match="check --services"):
            load_services(tmp_path / "none.csv")
