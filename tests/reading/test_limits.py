"""What is larger than any real extract, or changes or breaks off while it is read, is refused by its name."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import xlsxwriter

from hotspots.errors import InputError
from hotspots.reading.content import Source, content_sha256
from hotspots.reading.geofile import open_geopackages
from hotspots.reading.incidents import read_incidents
from hotspots.reading.sources import find_sources

HEADER = "Date,Type,Easting,Northing\n"
ROW = "2024-01-05,Drugs,435200,336200\n"
POINT = shapely.Point(435_200, 336_200)
COLUMNS = {"Date": ["2024-01-05"], "Type": ["Drugs"], "Easting": [435_200], "Northing": [336_200]}


def text(path: Path, content: str = HEADER + ROW) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def source(path: Path) -> Source:
    return find_sources([path]).sources[0]


def layer(path: Path, shape: shapely.Geometry = POINT, **columns: object) -> Path:
    frame = {"Date": ["2024-01-05"], "Type": ["Drugs"], **columns}
    made = gpd.GeoDataFrame(frame, geometry=[shape], crs=27700)
    if path.suffix == ".parquet":
        made.to_parquet(path)
    else:
        made.to_file(path)
    return path


def workbook(path: Path, *, empty: bool = False) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet1")
        for at, row in enumerate([] if empty else [list(COLUMNS), *zip(*COLUMNS.values(), strict=True)]):
            sheet.write_row(at, 0, row)
    return path


class TestSizes:
    """Limits, each set so low that a small file is beyond it."""

    @pytest.mark.parametrize(
        ("limit", "value", "name", "said"),
        [
            ("content.MAX_CONTENT", 40, "x.csv", "more than 0 GiB: cut it up"),
            ("content.MAX_WHOLE", 40, "x.parquet", "larger than .* save it as CSV"),
            ("parquet.MAX_ROWS", 0, "x.parquet", "more than 0 rows: cut it up"),
            ("package.MAX_XML", 40, "x.xlsx", "too large for a workbook"),
            ("workbook.MAX_CELLS", 2, "x.xlsx", "a cell far from the others"),
        ],
    )
    def test_one_more_than_the_limit_is_refused(self, tmp_path, monkeypatch, limit, value, name, said):
        path = {"csv": text, "parquet": layer, "xlsx": workbook}[name[2:]](tmp_path / name)
        assert len(read_incidents(path)) == 1
        monkeypatch.setattr(f"hotspots.reading.{limit}", value)
        with pytest.raises(InputError, match=rf"{path.name}.* {said}"):
            read_incidents(path)

    def test_a_line_without_end_is_no_table(self, tmp_path, monkeypatch):
        path = text(tmp_path / "x.csv", HEADER + ROW + "x" * 500)
        monkeypatch.setattr("hotspots.reading.delimited.CHUNK", 100)
        with pytest.raises(InputError, match="longer than any real record"):
            read_incidents(path)

    def test_a_cell_without_end_is_no_table(self, tmp_path):
        path = text(tmp_path / "x.csv", f'{HEADER}{ROW}2024-01-05,"{"x" * 200_000}\n",435200,336200\n')
        with pytest.raises(InputError, match=r"x\.csv line 3: this record cannot be read"):
            read_incidents(path)

    def test_a_quotation_mark_in_the_heading_that_never_closes(self, tmp_path):
        path = text(tmp_path / "x.csv", '"' + HEADER + 300 * ROW)
        with pytest.raises(
            InputError, match=r"x\.csv line 1: a quotation mark opens here and is never closed"
        ):
            read_incidents(path)

    def test_many_rows_with_quotation_marks_are_read_part_by_part(self, tmp_path, monkeypatch):
        rows = [f'2024-01-0{n + 1},"Drugs\nand more",435200,336200\n' for n in range(7)]
        path = text(tmp_path / "x.csv", HEADER + "".join(rows))
        whole = read_incidents(path)
        monkeypatch.setattr("hotspots.reading.delimited._ROWS_AT_ONCE", 3)
        pd.testing.assert_frame_equal(read_incidents(path).frame, whole.frame)
        assert len(whole) == 7


class TestChanges:
    """Files that are not what they were."""

    def test_a_file_that_grows_while_it_is_read(self, tmp_path):
        path = text(tmp_path / "x.csv")
        pieces = source(path).chunks()
        next(pieces)
        text(path, HEADER + 2 * ROW)
        with pytest.raises(InputError, match=r"x\.csv changed while it was read"):
            list(pieces)

    def test_an_archive_that_is_gone_has_no_size(self, tmp_path):
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.csv", HEADER + ROW)
        member = source(path)
        assert member.size == len(HEADER + ROW)
        path.write_bytes(b"PK\x03\x04 and nothing else")
        assert member.size == 0

    def test_a_folder_is_another_where_a_file_of_it_is(self, tmp_path):
        folder = tmp_path / "x.gdb"
        folder.mkdir()
        text(folder / "a", "one")
        before = content_sha256(Source("x.gdb", folder, "geodatabase"))
        text(folder / "a", "two")
        assert content_sha256(Source("x.gdb", folder, "geodatabase")) != before

    def test_a_link_in_a_folder_is_read_once_as_what_it_leads_to(self, tmp_path):
        text(tmp_path / "x.csv")
        (tmp_path / "y.csv").symlink_to(tmp_path / "x.csv")
        assert [one.name for one in find_sources([tmp_path]).sources] == ["x.csv"]


class TestDamage:
    """Geometry and packages that break off or hold what is no point."""

    def test_geometry_of_a_parquet_file(self, tmp_path):
        path = layer(tmp_path / "x.parquet")
        table = pq.read_table(path)
        at = table.column_names.index("geometry")
        pq.write_table(table.set_column(at, "geometry", pa.array([b"\x01\x01\x00"])), path)
        with pytest.raises(InputError, match=r"x\.parquet has a damaged geometry"):
            read_incidents(path)
        with pytest.raises(InputError, match=r"lines or areas|have to be points"):
            read_incidents(layer(path, shapely.box(0, 0, 1, 1)))

    def test_native_geometry_of_a_parquet_file(self, tmp_path):
        path = layer(tmp_path / "x.parquet")
        table = pq.read_table(path)
        geo = json.loads(table.schema.metadata[b"geo"])
        geo["columns"]["geometry"]["encoding"] = "point"
        pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo)}), path)
        with pytest.raises(InputError, match="holds native geometry: save it with WKB"):
            read_incidents(path)

    def test_columns_of_a_parquet_file_that_are_damaged_behind_a_good_list_of_them(self, tmp_path):
        path = tmp_path / "x.parquet"
        pq.write_table(pa.table(COLUMNS), path)
        content = bytearray(path.read_bytes())
        content[4:40] = b"\xff" * 36
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"x\.parquet is damaged or not Parquet"):
            read_incidents(path)

    def test_times_to_the_nanosecond_are_read_as_others(self, tmp_path):
        path = tmp_path / "x.parquet"
        moment = pd.Timestamp("2024-01-05 10:30:00.123456789")
        pq.write_table(pa.table({**COLUMNS, "Date": pa.array([moment], pa.timestamp("ns"))}), path)
        assert str(read_incidents(path).frame["occurred_from"][0]) == "2024-01-05 10:30:00"

    @pytest.mark.parametrize("blob", [b"GP", b"not a geometry at all", "text"])
    def test_geometry_of_a_geopackage(self, tmp_path, blob):
        path = layer(tmp_path / "x.gpkg")
        with sqlite3.connect(path) as database:
            # The index of the layer would look into the geometry.
            for (trigger,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                database.execute(f'DROP TRIGGER "{trigger}"')
            database.execute("UPDATE x SET geom = ?", (blob,))
        database.close()
        with pytest.raises(InputError, match=r"x\.gpkg has a damaged geometry"):
            read_incidents(path)

    def test_of_a_geopackage_no_column_need_be_wanted(self, tmp_path):
        (opened,) = open_geopackages(source(layer(tmp_path / "x.gpkg")))
        assert opened.attributes([]) == [] and opened.attributes([1]) == [["2024-01-05"]]

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("content.xml", b"<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>", "defines entities of its own"),
            (
                "content.xml",
                b'<table:table-row table:number-rows-repeated="2000000"><table:table-cell '
                b'office:value-type="string"/></table:table-row>',
                "too many rows and columns",
            ),
        ],
    )
    def test_a_sheet_that_would_fill_the_memory(self, tmp_path, name, content, said):
        path = tmp_path / "x.ods"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr(name, content)
        with pytest.raises(InputError, match=said):
            read_incidents(path)

    def test_a_workbook_without_a_value(self, tmp_path):
        with pytest.raises(InputError, match=r"x\.xlsx: the sheet 'Sheet1' is empty"):
            read_incidents(workbook(tmp_path / "x.xlsx", empty=True))


class TestJson:
    """Points as GeoJSON and ArcGIS write them."""

    def arcgis(self, *shapes: object) -> str:
        attributes = {"Date": "2024-01-05", "Type": "Drugs"}
        features = [{"attributes": attributes, "geometry": shape} for shape in shapes]
        return json.dumps({"spatialReference": {"wkid": 27700}, "features": features})

    def test_places_that_arcgis_does_not_know_are_blank(self, tmp_path):
        shapes = [{"x": 435_200, "y": 336_200}, {"x": "NaN", "y": "NaN"}, {"x": None, "y": None}]
        read = read_incidents(text(tmp_path / "x.json", self.arcgis(*shapes)))
        assert read.frame["easting"].dropna().tolist() == [435_200]

    @pytest.mark.parametrize(
        ("shape", "said"),
        [
            ({"rings": []}, "have to be points"),
            ({"x": "435200", "y": 336_200}, "is not GeoJSON whose features"),
        ],
    )
    def test_what_is_no_point_of_arcgis_is_refused(self, tmp_path, shape, said):
        with pytest.raises(InputError, match=said):
            read_incidents(text(tmp_path / "x.json", self.arcgis(shape)))

    def test_a_multipoint_of_one_point_is_that_point(self, tmp_path):
        features = [
            {
                "type": "Feature",
                "properties": {"Date": "2024-01-05", "Type": "Drugs"},
                "geometry": {"type": "MultiPoint", "coordinates": points},
            }
            for points in ([[-1.47, 52.92]], [[-1.47, 52.92], [-1.46, 52.93]])
        ]
        read = read_incidents(text(tmp_path / "x.geojson", json.dumps({"features": features})))
        assert read.frame["longitude"].dropna().tolist() == [-1.47]
