"""Reading a file of interventions: every way to write it, and every fault named with its row."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely
from square_city import wards

from hotspots.errors import InputError
from hotspots.evaluation.interventions import read_interventions

THEMES = ("noise", "knives")


@pytest.fixture
def read(tmp_path):
    def reader(text, *, named=None, encoding="utf-8", name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read_interventions(path, themes=THEMES, areas={"ward": wards()}, named=named)

    return reader


def beats() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["High Street", "The Spot"]},
        index=["b1", "b2"],
        geometry=[shapely.box(10, 10, 60, 60), shapely.box(2010, 10, 2060, 60)],
        crs="EPSG:27700",
    )


class TestReading:
    def test_one_row(self, read):
        (one,) = read("name,theme,on,off,area\nNo drinking,noise,2025-07-01,2025-12-31,E05000003\n")
        assert (one.name, one.theme, one.row) == ("No drinking", "noise", 2)
        assert one.ranges == ((date(2025, 7, 1), date(2025, 12, 31)),)
        assert (one.place.level, one.place.codes) == ("ward", ("E05000003",))
        assert one.place.shape.equals(wards().geometry.iloc[3])
        assert one.control is None

    @pytest.mark.parametrize(
        ("on", "off", "expected"),
        [
            ("01/07/2025", "", (date(2025, 7, 1), None)),
            ("2025-07", "2025-09", (date(2025, 7, 1), date(2025, 9, 30))),
            ("1.7.2025", "2025-09-05 00:00:00", (date(2025, 7, 1), date(2025, 9, 5))),
        ],
    )
    def test_dates_as_people_write_them(self, read, on, off, expected):
        (one,) = read(f"name,theme,on,off,area\nX,noise,{on},{off},E05000003\n")
        assert one.ranges == (expected,)

    def test_lapsed_and_came_back_in_one_cell_or_in_two_rows(self, read):
        header = "name,theme,on,off,area\n"
        cell = read(f"{header}X,noise,2017-12-01;2021-06-01,2020-11-30,E05000003\n")
        rows = read(f"{header}X,noise,2021-06-01,,E05000003\nX,noise,2017-12-01,2020-11-30,E05000003\n")
        expected = ((date(2017, 12, 1), date(2020, 11, 30)), (date(2021, 6, 1), None))
        assert [one.ranges for one in (*cell, *rows)] == [expected, expected]

    def test_one_row_a_prohibition_and_place(self, read):
        found = read(
            "name,theme,on,off,area\nBegging,noise,2025-07,,E05000003\nBegging,noise,2025-07,,E05000004\n"
            "Begging,knives,2025-07,,E05000003\n"
        )
        assert [one.row for one in found] == [2, 3, 4]

    def test_several_codes_and_a_control(self, read):
        (one,) = read("name,theme,on,area,control\nX,noise,2025-07,E05000003 E05000004,E05000020;E05000021\n")
        assert one.place.codes == ("E05000003", "E05000004")
        assert one.control.codes == ("E05000020", "E05000021")

    def test_all_wards(self, read):
        (one,) = read("name,theme,on,area\nX,noise,2025-07,all\n")
        assert len(one.place.codes) == 25

    def test_a_polygon_in_metres_and_in_degrees(self, read):
        (metres,) = read('name,theme,on,wkt\nX,noise,2025-07,"POLYGON((0 0,900 0,900 900,0 900,0 0))"\n')
        assert metres.place.codes == ()
        assert metres.place.shape.area == pytest.approx(810_000)
        # The false origin of the National Grid lies in the sea west of Cornwall.
        layer = gpd.GeoSeries([metres.place.shape], crs="EPSG:27700").to_crs("EPSG:4326")
        (degrees,) = read(f'name,theme,on,area\nX,noise,2025-07,"{layer.iloc[0].wkt}"\n')
        assert degrees.place.shape.area == pytest.approx(810_000, rel=1e-3)

    def test_beats_by_id_or_name(self, read):
        rows = read(
            "name,theme,on,beat\nX,noise,2025-07,b1\nY,noise,2025-07,high street;THE SPOT\n", named=beats()
        )
        assert [one.place.shape.area for one in rows] == [2500, 5000]

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_separators_and_byte_order_mark(self, read, separator):
        text = separator.join(("Name", "Theme", "Start date", "Area"))
        text += "\r\n" + separator.join(("X", "NOISE", "2025-07-01", "e05000003")) + "\r\n"
        (one,) = read(text, encoding="utf-8-sig")
        assert one.place.codes == ("E05000003",)

    def test_geopackage_in_any_coordinate_system(self, tmp_path):
        frame = gpd.GeoDataFrame(
            {"name": ["X"], "theme": ["noise"], "on": ["2025-07-01"], "off": [None]},
            geometry=[shapely.box(100, 100, 600, 600)],
            crs="EPSG:27700",
        )
        path = tmp_path / "orders.gpkg"
        frame.to_crs("EPSG:3857").to_file(path)
        (one,) = read_interventions(path, themes=THEMES, areas={"ward": wards()})
        assert one.ranges == ((date(2025, 7, 1), None),)
        assert one.place.shape.area == pytest.approx(250_000, rel=1e-3)


class TestFaults:
    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (",noise,2025-07,,E05000003,", "row 2: the name is blank"),
            ("X,nois,2025-07,,E05000003,", "row 2: the theme is not one of noise, knives"),
            ("X,noise,,,E05000003,", "row 2: the date on is blank"),
            ("X,noise,soon,,E05000003,", "row 2: the date on is not a day"),
            ("X,noise,2025-02-30,,E05000003,", "row 2: the date on is not a day"),
            ("X,noise,2025-07,13/13/2025,E05000003,", "row 2: the date off is not a day"),
            ("X,noise,2025-07,2025-06,E05000003,", r"row 2: it ends \(2025-06-30\) before it begins"),
            (
                "X,noise,2025-07;2025-09,2025-10,E05000003,",
                r"begins again \(2025-09-01\) while it is still in force",
            ),
            ("X,noise,2025-07,2025-08;2025-09,E05000003,", "row 2: 1 dates of on and 2 of off do not pair"),
            ("X,noise,2025-07,,,", "row 2: the area is blank"),
            ("X,noise,2025-07,,E05999999,", "row 2: the area names E05999999, which is no code of this area"),
            (
                "X,noise,2025-07,,E05000003 E05999999,",
                "names E05999999, which is not one of this area's ward",
            ),
            ("X,noise,2025-07,,Ward 3,", "is the name of a ward: write its code, E05000003"),
            ("X,noise,2025-07,,Market Place,", "is no GSS code, no polygon"),
            ('X,noise,2025-07,,"POLYGON((0 0,900 0",', "is not well-known text of a polygon"),
            ("X,noise,2025-07,,POINT(10 10),", "is a Point: draw a polygon"),
            ('X,noise,2025-07,,"POLYGON((0 0,900 900,900 0,0 900,0 0))",', "crosses or touches itself"),
            ('X,noise,2025-07,,"POLYGON((9000 0,9900 0,9900 900,9000 0))",', "lies outside the study area"),
            ("X,noise,2025-07,,E05000003,E05000003", "row 2: the control overlaps the area"),
            ("X,noise,2025-07,,E05000003,E05999999", "row 2: the control names E05999999"),
        ],
    )
    def test_names_the_row_and_the_remedy(self, read, row, message):
        with pytest.raises(InputError, match=message):
            read(f"name,theme,on,off,area,control\n{row}\n")

    def test_one_error_lists_every_fault(self, read):
        with pytest.raises(InputError) as error:
            read("name,theme,on,area\n,nois,soon,E05999999\nY,noise,2025-07,\n")
        words = str(error.value)
        assert words.count("row 2:") == 4
        assert words.count("row 3:") == 1

    def test_a_long_list_is_cut_with_its_number(self, read):
        with pytest.raises(InputError, match="; and 18 more"):
            read("name,theme,on,area\n" + "X,noise,soon,E05000003\n" * 30)

    def test_ranges_that_overlap_over_two_rows(self, read):
        row = "X,noise,2025-0{},,E05000003\n"
        with pytest.raises(InputError, match="row 3: it begins again"):
            read("name,theme,on,off,area\n" + row.format(7) + row.format(9))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "is not a table"),
            ("name,theme,on,area\n", "holds no intervention"),
            ("title,theme,area\nX,noise,E05000003\n", "no column name and no column on"),
            ("name,theme,on,area\nX,noise,2025-07,E05000003,1,2\n", "is not a table"),
        ],
    )
    def test_a_file_that_is_no_such_table(self, read, text, message):
        with pytest.raises(InputError, match=message):
            read(text)

    def test_other_encodings_and_missing_files(self, read, tmp_path):
        with pytest.raises(InputError, match='save it as "CSV UTF-8"'):
            read("name,theme,on,area\nCafé,noise,2025-07,E05000003\n", encoding="latin-1")
        for name in ("none.csv", "none.gpkg"):
            with pytest.raises(InputError, match=f"{name} does not exist"):
                read_interventions(tmp_path / name, themes=THEMES, areas={"ward": wards()})
        (tmp_path / "broken.gpkg").write_bytes(b"SQLite format 3\0 and no more")
        with pytest.raises(InputError, match=r"broken\.gpkg cannot be read"):
            read_interventions(tmp_path / "broken.gpkg", themes=THEMES, areas={"ward": wards()})

    def test_no_message_repeats_what_a_cell_holds(self, read):
        with pytest.raises(InputError) as error:
            read("name,theme,on,area\nX,Jane Doe,Jane Doe,Jane Doe\n")
        assert "Jane" not in str(error.value)
