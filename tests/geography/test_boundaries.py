"""The shipped areas, local layers that replace them, and the scripts that derive the shipped files."""

from __future__ import annotations

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from paths import CLONE

from hotspots.errors import BoundaryError, ParameterError
from hotspots.geography.load import load_areas
from hotspots.geography.shipped import known_figures
from hotspots.schema import NATIONAL_GRID, columns

VINTAGES = [("ward", "2003", 17), ("ward", "2023", 18), ("lsoa", "2011", 151), ("lsoa", "2021", 152)]
#: Reference layer and its code column, and the agreement that the derived layer must reach with it.
REFERENCES = {
    ("ward", "2003"): ("wards_2003_20m.geojson", "WD13CD", 0.98),
    ("ward", "2023"): ("wards_2023_20m.geojson", "WD23CD", 0.99),
    ("lsoa", "2011"): ("lsoa_2011_20m.geojson", "LSOA11CD", 0.92),
    ("lsoa", "2021"): ("lsoa_2021_20m.geojson", "LSOA21CD", 0.92),
}


def load_level(level: str, vintage: str) -> gpd.GeoDataFrame:
    """Load one shipped level."""
    return load_areas(**{f"{level}s": vintage}).level(level)


def squares(codes: list[str], *, column: str = "WD23CD", x: float = 435_000, **others) -> gpd.GeoDataFrame:
    """Make kilometre squares side by side, one for each code."""
    boxes = [shapely.box(x + 1000 * i, 335_000, x + 1000 * (i + 1), 336_000) for i in range(len(codes))]
    return gpd.GeoDataFrame({column: codes, **others}, geometry=boxes, crs=NATIONAL_GRID)


def locate(shapes: np.ndarray, codes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the code of the first area that holds each point, "" if none does."""
    point, area = shapely.STRtree(shapes).query(points, predicate="intersects")
    found = np.full(len(points), "", dtype=object)
    found[point[::-1]] = codes[area[::-1]]
    return found


@cache
def script(path: str) -> ModuleType:
    """Load one of the scripts that stand outside the package."""
    name = f"script_{Path(path).stem}"
    spec = importlib.util.spec_from_file_location(name, CLONE / path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows_2025(shared: Path) -> pd.DataFrame:
    """Return the distinct places of 2025, each with n, its rows."""
    files = sorted((shared / "derby" / "police").glob("2025-*-derbyshire-street.csv.gz"))
    rows = pd.concat([pd.read_csv(file, usecols=["Longitude", "Latitude"]) for file in files]).dropna()
    places = rows.value_counts(sort=False).rename("n").reset_index()
    grid = gpd.GeoSeries.from_xy(places["Longitude"], places["Latitude"], crs="EPSG:4326").to_crs(
        NATIONAL_GRID
    )
    return places.assign(point=grid.to_numpy())


class TestShipped:
    """What ships, without any reference data."""

    @pytest.mark.parametrize(("level", "vintage", "count"), VINTAGES)
    def test_level_is_complete(self, level, vintage, count):
        areas = load_level(level, vintage)
        assert len(areas) == count
        assert tuple(areas.columns) == columns("wards")
        assert areas.index.is_monotonic_increasing and areas.index.is_unique
        assert set(areas["vintage"]) == {f"{level}_{vintage}"}
        assert areas.crs.to_epsg() == 27700
        assert not areas.isna().any(axis=None)

    @pytest.mark.parametrize(("level", "vintage", "count"), VINTAGES)
    def test_areas_fill_the_city_without_gap_or_overlap(self, level, vintage, count):
        shapes = load_level(level, vintage).geometry.to_numpy()
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
        union = shapely.union_all(shapes)
        assert union.geom_type == "Polygon"
        assert len(union.interiors) == 0
        assert shapely.area(shapes).sum() == pytest.approx(union.area)
        # 78.0 km2 is the published size of the city.
        assert union.area / 1e6 == pytest.approx(78.0, abs=0.05)

    @pytest.mark.parametrize(("level", "vintage", "count"), VINTAGES)
    def test_residents_and_households_add_up_to_the_census(self, level, vintage, count):
        areas = load_level(level, vintage)
        assert areas["residents"].sum() == 261_374
        assert areas["households"].sum() == 105_653

    @pytest.mark.parametrize("vintage", ["2003", "2023"])
    def test_each_ward_is_in_one_piece(self, vintage):
        assert set(load_level("ward", vintage).geometry.geom_type) == {"Polygon"}

    def test_same_name_is_not_the_same_ward(self):
        old, new = load_level("ward", "2003"), load_level("ward", "2023")
        arboretum = [frame.index[frame["name"] == "Arboretum"].item() for frame in (old, new)]
        assert arboretum == ["E05001770", "E05015511"]

    def test_areas_say_that_they_are_derived(self):
        areas = load_areas()
        assert areas.derived
        assert (areas.area_code, areas.area_name) == ("E06000015", "Derby")
        assert any("not official" in line and "Royal Mail" in line for line in areas.sources)
        assert any("estimates" in line and "Open Government Licence" in line for line in areas.sources)

    def test_areas_show_themselves(self):
        assert repr(load_areas()) == (
            "<Areas of Derby (E06000015): 18 of ward_2023, 152 of lsoa_2021, derived boundaries>"
        )

    def test_split_lsoa_keeps_its_people(self):
        old, new = load_level("lsoa", "2011"), load_level("lsoa", "2021")
        assert old.loc["E01013479", "residents"] == new.loc[["E01034256", "E01034257"], "residents"].sum()

    def test_figures_name_their_basis(self):
        basis = known_figures().set_index("vintage")["basis"]
        assert basis[["ward_2003", "ward_2023"]].str.startswith("estimate").all()
        assert set(basis["lsoa_2021"]) == {"census 2021"}

    @pytest.mark.parametrize("option", [{"wards": "1999"}, {"wards": "2027"}, {"lsoas": "2019"}])
    def test_unknown_vintage_is_refused(self, option):
        with pytest.raises(ParameterError, match=r"do not ship: use 20(03 to 2026|11 or 2021) or local"):
            load_areas(**option)

    @pytest.mark.parametrize(
        ("year", "vintage"), [("2003", 2003), ("2022", 2003), ("2023", 2023), ("2026", 2023)]
    )
    def test_shipped_wards_are_named_by_the_year(self, year, vintage):
        assert set(load_areas(wards=year).wards["vintage"]) == {f"ward_{vintage}"}

    def test_unknown_level_is_refused(self):
        with pytest.raises(ParameterError, match="'msoa' is not known: use ward or lsoa"):
            load_areas().level("msoa")

    def test_another_authority_needs_layers(self):
        with pytest.raises(
            BoundaryError,
            match=r"cover Derby .*: run hotspots fetch place --area E06000018 --from YYYY-MM, or give",
        ):
            load_areas(area="E06000018")


class TestAgreement:
    """The derived areas against the reference layers, which the derivation never sees."""

    @pytest.mark.shared
    @pytest.mark.parametrize(("level", "vintage"), REFERENCES)
    def test_incidents_fall_into_the_same_area(self, shared, rows_2025, level, vintage):
        file, column, least = REFERENCES[level, vintage]
        reference = gpd.read_file(shared / "derby" / "boundaries" / file).to_crs(NATIONAL_GRID)
        points, n = rows_2025["point"].to_numpy(), rows_2025["n"].to_numpy()
        theirs = locate(
            shapely.make_valid(reference.geometry.to_numpy()), reference[column].to_numpy(), points
        )
        areas = load_level(level, vintage)
        ours = locate(areas.geometry.to_numpy(), areas.index.to_numpy(), points)
        in_derby = theirs != ""
        agreement = n[in_derby & (ours == theirs)].sum() / n[in_derby].sum()
        assert agreement >= least

    @pytest.mark.shared
    @pytest.mark.parametrize("vintage", ["2003", "2023"])
    def test_each_ward_holds_as_many_incidents(self, shared, rows_2025, vintage):
        file, column, _ = REFERENCES["ward", vintage]
        reference = gpd.read_file(shared / "derby" / "boundaries" / file).to_crs(NATIONAL_GRID)
        areas = load_areas(wards=vintage)
        # The 2003 reference reaches over today's city limit; 25 rows of Allestree lie out there.
        inside = rows_2025[shapely.intersects(areas.outline, rows_2025["point"].to_numpy())]
        points = inside["point"].to_numpy()
        shapes = shapely.make_valid(reference.geometry.to_numpy())
        theirs = inside["n"].groupby(locate(shapes, reference[column].to_numpy(), points)).sum()
        wards = areas.wards
        ours = inside["n"].groupby(locate(wards.geometry.to_numpy(), wards.index.to_numpy(), points)).sum()
        pd.testing.assert_series_equal(ours, theirs.reindex(ours.index), rtol=0.04, check_dtype=False)


class TestDerivation:
    """The scripts that make the shipped files."""

    @pytest.mark.shared
    def test_tables_are_the_shipped_ones(self, shared, tmp_path):
        script("data/makers/derive_figures.py").main(
            ["--source", str(shared / "derby"), "--out", str(tmp_path)]
        )
        made = sorted(tmp_path.iterdir())
        assert len(made) == 3
        for file in made:
            assert file.read_bytes() == (CLONE / "data" / file.name).read_bytes(), file.name

    @pytest.mark.shared
    def test_layers_are_the_shipped_ones(self, shared, tmp_path):
        """
        Byte for byte from run to run; against the shipped ones by ground.

        Releases of GEOS differ in the vertices that they leave out.
        """
        for folder in (tmp_path / "a", tmp_path / "b"):
            folder.mkdir()
            arguments = ["--source", str(shared / "derby"), "--out", str(folder)]
            script("boundaries/makers/derive_areas.py").main(arguments)
        for file in sorted((tmp_path / "a").iterdir()):
            assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
            made, ships = (
                gpd.read_file(folder / file.name) for folder in (tmp_path / "a", CLONE / "boundaries")
            )
            assert made["code"].equals(ships["code"])
            assert (made.symmetric_difference(ships).area < 20_000).all()

    @given(total=st.integers(0, 5000), weights=st.lists(st.integers(1, 90), min_size=1, max_size=6))
    def test_shares_are_whole_and_add_up(self, total, weights):
        weights = np.array(weights)
        shares = script("data/makers/derive_figures.py").share_out(total, weights)
        assert shares.sum() == total
        assert (abs(shares - total * weights / weights.sum()) < 1).all()

    def test_shares_by_hand(self):
        assert script("data/makers/derive_figures.py").share_out(10, np.array([1, 1, 1])).tolist() == [
            4,
            3,
            3,
        ]

    def test_ground_goes_to_the_nearest_point(self):
        """Two points on a square: the border is half-way, whichever comes first."""
        points = pd.DataFrame({"easting": [10.0, 90.0], "northing": [50.0, 50.0]})
        cells = script("boundaries/makers/derive_areas.py").voronoi_cells(points, shapely.box(0, 0, 100, 100))
        assert [cell.bounds for cell in cells] == [(0, 0, 50, 100), (50, 0, 100, 100)]

    def test_ground_cut_off_by_the_outline_goes_to_the_neighbour(self):
        """
        A notch in the outline parts the west cell: its upper piece hangs on the east cell only.

        The notch runs from the west edge beyond the half-way line, so that
        the piece above it meets nothing but the east point's cell.
        """
        points = pd.DataFrame({"easting": [10.0, 90.0], "northing": [10.0, 50.0]})
        outline = shapely.box(0, 0, 100, 100) - shapely.box(0, 60, 70, 70)
        cells = script("boundaries/makers/derive_areas.py").voronoi_cells(points, outline)
        nearest_west = shapely.Point(1, 72)
        assert nearest_west.distance(shapely.Point(10, 10)) < nearest_west.distance(shapely.Point(90, 50))
        assert not cells[0].intersects(nearest_west)
        assert cells[1].intersects(nearest_west)
        assert shapely.area(cells).sum() == pytest.approx(outline.area)

    def test_a_faulty_layer_is_named(self):
        derive_areas = script("boundaries/makers/derive_areas.py")
        layer = derive_areas.LAYERS[0]
        pair = np.array([shapely.box(0, 0, 60, 100), shapely.box(50, 0, 100, 100)])
        wrong = derive_areas.faults(layer, ["A", "B"], pair, shapely.box(0, 0, 100, 100))
        assert wrong == ["2 areas instead of 17", "a gap or an overlap between neighbours"]


class TestLocal:
    """Layers that someone else made."""

    @pytest.mark.shared
    def test_most_detailed_layer_is_taken(self, shared):
        areas = load_areas(folder=shared / "derby" / "boundaries")
        assert (len(areas.wards), len(areas.lsoas)) == (18, 152)
        assert any("from the local layer wards_2023_20m.geojson" in note for note in areas.notes)
        assert not any("geojson" in line for line in areas.sources)
        assert any(note.startswith("wards_2023_200m_official.geojson (199") for note in areas.notes)
        assert any("msoa_2021_200m.geojson holds areas of level MSOA" in n for n in areas.notes)
        assert areas.derived
        assert areas.wards["residents"].sum() == 261_374

    @pytest.mark.shared
    def test_vintage_is_told_by_the_codes(self, shared):
        areas = load_areas(folder=shared / "derby" / "boundaries", wards="2003", lsoas="2011")
        assert set(areas.wards["vintage"]) == {"ward_2003"}
        assert set(areas.lsoas["vintage"]) == {"lsoa_2011"}
        assert not areas.derived
        assert shapely.is_valid(areas.lsoas.geometry.to_numpy()).all()
        assert any("E01013488 have been repaired" in warning for warning in areas.warnings)

    @pytest.mark.shared
    def test_bow_tie_is_repaired_with_a_warning(self, shared):
        areas = load_areas(folder=shared / "badinput" / "171_wards_bowtie.geojson")
        assert areas.wards.index.tolist() == ["E05000001", "E05000002"]
        assert shapely.is_valid(areas.wards.geometry.to_numpy()).all()
        assert any("invalid rings of E05000001 have" in warning for warning in areas.warnings)
        assert areas.wards["residents"].isna().all()

    @pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
    @pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:4326", "EPSG:3857"])
    def test_any_format_and_coordinate_system(self, tmp_path, suffix, crs):
        shipped = load_areas().wards
        frame = shipped.reset_index()[["code", "name", "geometry"]]
        frame = frame.rename(columns={"code": "wd23cd", "name": "wd23nm"})
        frame.to_crs(crs).to_file(tmp_path / f"somewhere.{suffix}")
        wards = load_areas(folder=tmp_path).wards
        assert wards.index.equals(shipped.index)
        assert wards["name"].equals(shipped["name"])
        assert wards["vintage"].equals(shipped["vintage"])
        np.testing.assert_allclose(wards["area_km2"], shipped["area_km2"], rtol=1e-5)
        apart = wards.geometry.centroid.distance(shipped.geometry.centroid)
        assert (apart < 0.05).all()

    def test_layer_of_the_country_is_cut_to_the_authority(self, tmp_path):
        names = {"WD24NM": ["East", "West", "Away"], "LAD24CD": ["E06000018", "E06000018", "E06000015"]}
        wards = squares(["E05000002", "E05000001", "E05000003"], column="WD24CD", **names)
        wards["LAD24NM"] = ["Nottingham", "Nottingham", "Derby"]
        wards.to_file(tmp_path / "wards.geojson")
        squares([f"E0100000{i}" for i in range(1, 6)], column="lsoa21_code").to_file(tmp_path / "lsoas.gpkg")
        areas = load_areas(folder=tmp_path, area="E06000018", wards="2024")
        assert areas.area_name == "Nottingham"
        assert areas.wards["name"].to_dict() == {"E05000001": "West", "E05000002": "East"}
        # Without a code of the authority LSOAs go by the ground: two of five lie on the two wards.
        assert areas.lsoas.index.tolist() == ["E01000001", "E01000002"]
        assert areas.outline.equals(shapely.box(435_000, 335_000, 437_000, 336_000))
        assert areas.wards["residents"].isna().all()
        (said,) = areas.warnings
        assert said.startswith(
            "No residents are known of the wards and the LSOAs: rates per resident are left"
        )
        assert said.endswith("run hotspots fetch place --area Nottingham --from YYYY-MM.")
        assert not any("Residents and households" in line for line in areas.sources)

    def test_the_column_with_most_codes_is_the_layers_own(self, tmp_path):
        wards, codes = ["E05000001", "E05000002"], [f"E0100000{i}" for i in range(1, 5)]
        squares(wards, column="WD24CD").to_file(tmp_path / "a.geojson")
        lsoas = squares(codes, column="LSOA21CD", WD24CD=np.repeat(wards, 2))
        lsoas.geometry = lsoas.scale(0.5, 1, origin=(435_000, 335_000))
        lsoas.to_file(tmp_path / "b.geojson")
        areas = load_areas(folder=tmp_path, area="E06000018", wards="2024")
        assert (len(areas.wards), len(areas.lsoas)) == (2, 4)

    def test_year_that_was_not_asked_for_is_said(self, tmp_path):
        squares(["E05000001"], column="WD24CD").to_file(tmp_path / "a.geojson")
        squares(["E01000001"], column="LSOA21CD").to_file(tmp_path / "b.geojson")
        areas = load_areas(folder=tmp_path, area="E06000018", wards="2023")
        assert areas.warnings[0] == "a.geojson was taken for the wards of 2023, but is of 2024."
        assert set(areas.wards["vintage"]) == {"ward_2024"}

    @pytest.mark.parametrize(
        ("file", "column"),
        [
            ("wards_2015.geojson", {}),
            ("Wards_December_2015_BGC.geojson", {}),
            ("a.geojson", {"vintage": "ward_2015"}),
            ("wards_2019.geojson", {"vintage": "2015"}),
        ],
    )
    def test_a_year_in_a_column_or_a_name_is_believed(self, tmp_path, file, column):
        squares(["E05000001"], column="code", **{k: [v] for k, v in column.items()}).to_file(tmp_path / file)
        squares(["E01000001"], column="code").to_file(tmp_path / "lsoa_2011.geojson")
        for wards, lsoas in ((None, None), ("2015", "2011")):
            areas = load_areas(folder=tmp_path, area="E06000018", wards=wards, lsoas=lsoas)
            assert set(areas.wards["vintage"]) == {"ward_2015"}
            assert set(areas.lsoas["vintage"]) == {"lsoa_2011"}
            assert not any("was taken for" in text for text in areas.warnings)

    @pytest.mark.parametrize(
        ("asked", "taken"),
        [(None, "2024"), ("2024", "2024"), ("2023", "2015"), ("2003", "2015"), ("2026", "2024")],
    )
    def test_wards_are_in_force_until_others_are(self, tmp_path, asked, taken):
        for year in ("2015", "2024"):
            squares(["E05000001"], column="code").to_file(tmp_path / f"wards_{year}.geojson")
        squares(["E01000001"], column="code").to_file(tmp_path / "lsoas.geojson")
        areas = load_areas(folder=tmp_path, area="E06000018", wards=asked)
        assert set(areas.wards["vintage"]) == {f"ward_{taken}"}
        assert any("was taken for" in text for text in areas.warnings) == (asked not in (None, taken))

    def test_parts_of_one_code_are_joined(self, tmp_path):
        squares(["E05000001", "E05000002", "E05000001"]).to_file(tmp_path / "a.geojson")
        squares(["E01000001"], column="LSOA21CD").to_file(tmp_path / "b.geojson")
        areas = load_areas(folder=tmp_path, area="E06000018")
        assert areas.wards["area_km2"].round(6).to_dict() == {"E05000001": 2.0, "E05000002": 1.0}
        assert any("joined 1 feature with a repeated code" in note for note in areas.notes)

    def test_a_ring_that_is_not_closed_is_refused_by_the_name_of_its_file(self, tmp_path):
        squares(["E05000001"]).to_file(tmp_path / "a.geojson")
        layer = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
        layer["features"][0]["geometry"]["coordinates"][0].pop()
        (tmp_path / "a.geojson").write_text(json.dumps(layer), encoding="utf-8")
        with pytest.raises(BoundaryError, match=r"a\.geojson has a shape .* an unclosed ring"):
            load_areas(folder=tmp_path, area="E06000018")

    def test_overlap_is_said(self, tmp_path):
        wards = squares(["E05000001", "E05000002"])
        wards.loc[1, "geometry"] = shapely.box(435_500, 335_000, 437_000, 336_000)
        wards.to_file(tmp_path / "a.geojson")
        squares(["E01000001"], column="LSOA21CD").to_file(tmp_path / "b.geojson")
        areas = load_areas(folder=tmp_path, area="E06000018")
        said = "a.geojson: areas overlap on 0.50 km2; a point there is counted in one of them."
        assert areas.warnings[0] == said

    def test_layer_of_the_kingdom(self, tmp_path):
        """Scottish and Northern Irish codes stand beside the English ones in national layers."""
        wards = squares(["N08000101", "E05000001", "S13002516", "E05000002"], column="WD23CD")
        wards["LAD23CD"] = ["N09000001", "E06000018", "S12000033", "E06000018"]
        wards.to_file(tmp_path / "a.geojson")
        squares(["E01000002"], column="LSOA21CD", x=436_000).to_file(tmp_path / "b.geojson")
        areas = load_areas(folder=tmp_path, area="E06000018")
        assert areas.wards.index.tolist() == ["E05000001", "E05000002"]

    def test_one_ward_with_its_authority(self, tmp_path):
        squares(["E06000018"], column="LAD23CD", WD23CD=["E05000001"]).to_file(tmp_path / "a.geojson")
        squares(["E01000001"], column="LSOA21CD").to_file(tmp_path / "b.geojson")
        assert load_areas(folder=tmp_path, area="E06000018").wards.index.tolist() == ["E05000001"]

    def test_points_are_no_areas(self, tmp_path):
        squares(["E05000001"]).to_file(tmp_path / "a.geojson")
        squares(["E01000001"], column="LSOA21CD").to_file(tmp_path / "b.geojson")
        points = squares([f"E0500000{i}" for i in range(1, 9)])
        points.set_geometry(points.centroid).to_file(tmp_path / "c.gpkg")
        areas = load_areas(folder=tmp_path, area="E06000018")
        assert len(areas.wards) == 1
        assert any("c.gpkg has no areas" in note for note in areas.notes)

    def test_heights_and_crs84_are_read(self, tmp_path):
        shipped = load_areas().wards
        frame = shipped.reset_index()[["code", "geometry"]].to_crs("EPSG:4326")
        frame.geometry = shapely.force_3d(frame.geometry.to_numpy(), 55.0)
        layer = json.loads(frame.to_json())
        layer["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
        (tmp_path / "wards.geojson").write_text(json.dumps(layer))
        wards = load_areas(folder=tmp_path).wards
        assert not wards.has_z.any()
        assert (wards.geometry.centroid.distance(shipped.geometry.centroid) < 0.05).all()

    def test_figures_and_attribution_beside_the_layers(self, tmp_path):
        squares(["E05000001", "E05000002"]).to_file(tmp_path / "a.geojson")
        squares(["E01000001"], column="LSOA21CD").to_file(tmp_path / "b.geojson")
        (tmp_path / "ATTRIBUTION.txt").write_text("Maps by somebody\n")
        figures = tmp_path / "residents_households.csv"
        figures.write_text("code,residents,households\nE05000001,1200,500\n")
        areas = load_areas(folder=tmp_path, area="E06000018")
        assert areas.wards.loc["E05000001", ["residents", "households"]].tolist() == [1200, 500]
        assert np.isnan(areas.wards.loc["E05000002", "residents"])
        assert "Maps by somebody" in areas.sources
        figures.write_text("code,people\nE05000001,1200\n")
        with pytest.raises(
            BoundaryError, match=r"residents_households\.csv is not a table of code, residents"
        ):
            load_areas(folder=tmp_path, area="E06000018")

    def test_seams_between_areas_are_no_holes(self, tmp_path):
        """Three metres between two wards, closed at both ends, are not outside the authority."""
        west = shapely.box(435_000, 335_000, 436_000, 336_000) - shapely.box(
            435_997, 335_100, 436_000, 335_900
        )
        wards = squares(["E05000001", "E05000002"])
        wards.loc[0, "geometry"] = west
        wards.to_file(tmp_path / "a.geojson")
        squares(["E01000001"], column="LSOA21CD").to_file(tmp_path / "b.geojson")
        assert len(load_areas(folder=tmp_path, area="E06000018").outline.interiors) == 0

    def test_lacking_level_ships(self, tmp_path):
        load_areas().wards.reset_index().to_file(tmp_path / "wards.gpkg")
        areas = load_areas(folder=tmp_path)
        assert len(areas.lsoas) == 152
        assert any("hold none of the LSOAs" in note for note in areas.notes)

    def test_other_vintage_is_said(self, tmp_path):
        load_areas(wards="2003").wards.reset_index().to_file(tmp_path / "wards.gpkg")
        areas = load_areas(folder=tmp_path)
        assert set(areas.wards["vintage"]) == {"ward_2023"}
        assert any("hold those of 2003 only of the wards" in warning for warning in areas.warnings)

    def test_incomplete_layer_is_refused(self, tmp_path):
        load_areas().wards.iloc[1:].reset_index().to_file(tmp_path / "wards.gpkg")
        with pytest.raises(
            BoundaryError, match=r"wards\.gpkg lacks 1 of Derby's wards of 2023, such as E05015507"
        ):
            load_areas(folder=tmp_path)

    def test_lacking_coordinate_system_is_refused(self, tmp_path):
        squares(["E05000001"]).to_file(tmp_path / "wards.shp")
        (tmp_path / "wards.prj").unlink()
        with pytest.raises(BoundaryError, match=r"wards\.shp has no coordinate system: add its \.prj file"):
            load_areas(folder=tmp_path)

    def test_wrong_coordinate_system_is_refused(self, tmp_path):
        squares(["E05000001"]).set_crs("EPSG:4326", allow_override=True).to_file(tmp_path / "wards.geojson")
        with pytest.raises(BoundaryError, match=r"wards\.geojson lies outside Great Britain"):
            load_areas(folder=tmp_path)

    def test_layer_without_codes_is_refused(self, tmp_path):
        squares(["Abbey", "Darley"], column="WARD").to_file(tmp_path / "wards.geojson")
        with pytest.raises(
            BoundaryError, match=r"no wards and no LSOAs of E06000015.*such as WD23CD or LSOA21CD"
        ):
            load_areas(folder=tmp_path)

    def test_area_without_shape_is_refused(self, tmp_path):
        wards = squares(["E05000001", "E05000002"])
        wards.loc[1, "geometry"] = None
        wards.to_file(tmp_path / "wards.geojson")
        with pytest.raises(BoundaryError, match=r"wards\.geojson has no shape for E05000002"):
            load_areas(folder=tmp_path, area="E06000018")

    def test_area_without_ground_is_refused(self, tmp_path):
        wards = squares(["E05000001", "E05000002"])
        wards.loc[1, "geometry"] = shapely.Polygon(
            [(436_000, 335_000), (437_000, 336_000), (436_000, 335_000)]
        )
        wards.to_file(tmp_path / "wards.gpkg")
        with pytest.raises(BoundaryError, match=r"wards\.gpkg has a shape without area for E05000002"):
            load_areas(folder=tmp_path, area="E06000018")

    def test_a_coordinate_system_of_no_place_is_refused(self, tmp_path):
        axes = 'CS[Cartesian,2],AXIS["x",east],AXIS["y",north],UNIT["metre",1]'
        own = f'ENGCRS["A site",EDATUM["A corner"],{axes}]'
        squares(["E05000001"]).set_crs(own, allow_override=True).to_file(tmp_path / "wards.gpkg")
        with pytest.raises(BoundaryError, match=r"cannot be transformed: export it in EPSG:27700"):
            load_areas(folder=tmp_path)

    def test_a_level_that_neither_folder_nor_program_has_is_refused(self, tmp_path):
        squares(["E05000001"], LAD23CD="E06000018").to_file(tmp_path / "wards.gpkg")
        with pytest.raises(
            BoundaryError, match="hold no LSOAs of E06000018: add a layer with their GSS codes"
        ):
            load_areas(folder=tmp_path, area="E06000018")

    def test_names_stand_in_a_column_called_name_where_none_goes_with_the_codes(self, tmp_path):
        wards = load_areas().wards.reset_index()
        plain = (
            wards[["code", "geometry"]].rename(columns={"code": "WD23CD"}).assign(Name=wards["name"] + "!")
        )
        plain.to_file(tmp_path / "wards.gpkg")
        assert load_areas(folder=tmp_path).wards["name"].str.endswith("!").all()

    def test_file_that_is_no_layer(self, tmp_path):
        (tmp_path / "notes.json").write_text(json.dumps({"a": 1}))
        (tmp_path / "wards.geojson").write_text("not a layer")
        with pytest.raises(BoundaryError, match=r"wards\.geojson cannot be read as an area layer"):
            load_areas(folder=tmp_path)

    def test_folder_that_is_not_there_or_empty(self, tmp_path):
        with pytest.raises(BoundaryError, match="do not exist"):
            load_areas(folder=tmp_path / "none")
        with pytest.raises(BoundaryError, match="holds no GeoJSON"):
            load_areas(folder=tmp_path)


@pytest.mark.shared
def test_the_shipped_context_is_made_again(shared, tmp_path):
    script("boundaries/makers/derive_context.py").main(
        ["--source", str(shared / "derby"), "--out", str(tmp_path)]
    )
    made, ships = (gpd.read_file(folder / "context.geojson") for folder in (tmp_path, CLONE / "boundaries"))
    assert made[["kind", "name"]].equals(ships[["kind", "name"]])
    assert made.geometry.hausdorff_distance(ships.geometry).max() <= 10
    # A list of 2020 names people only where a school is named after one.
    assert not ships["name"].str.contains("Chartwells|Caterlink|Ltd", regex=True).any()
