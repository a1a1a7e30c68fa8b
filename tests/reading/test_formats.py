"""Every format that is read, loose, in a folder and in a zip: the same incidents, nothing beside them."""

from __future__ import annotations

import json
import re
import stat
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from paths import CLONE
from xlsb import write_xlsb

from hotspots.errors import InputError
from hotspots.reading import package
from hotspots.reading.content import Source, archives_kept
from hotspots.reading.formats import FORMATS, docs_table, form_of, remedy
from hotspots.reading.incidents import read_incidents
from hotspots.reading.package import check_extent

TODAY = date(2026, 1, 31)
N = 12


def incidents() -> gpd.GeoDataFrame:
    columns = {
        "ref": [f"R{n}" for n in range(N)],
        "date": [f"2024-01-{n + 1:02}" for n in range(N)],
        "category": ["Drugs", "Burglary"] * (N // 2),
    }
    points = gpd.points_from_xy([434_000 + 100 * n for n in range(N)], [336_000] * N)
    return gpd.GeoDataFrame(columns, geometry=points, crs=27700)


def flat(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    plain = pd.DataFrame(frame.drop(columns="geometry"))
    return plain.assign(
        date=pd.to_datetime(plain["date"]), Easting=frame.geometry.x, Northing=frame.geometry.y
    )


def write(folder: Path, end: str) -> Path:
    """Write the incidents in a format, as another program would."""
    frame, path = incidents(), folder / f"x{end}"
    drivers = {
        ".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".kml": "KML",
        ".tab": "MapInfo File",
        ".mif": "MapInfo File", ".gml": "GML", ".gdb": "OpenFileGDB", ".geojson": "GeoJSON",
        ".geojsonl": "GeoJSONSeq",
    }  # fmt: skip
    if end in drivers:
        degrees = end in (".kml", ".geojson", ".geojsonl")
        (frame.to_crs(4326) if degrees else frame).to_file(path, driver=drivers[end])
    elif end == ".parquet":
        frame.to_parquet(path)
    elif end == ".csv":
        flat(frame).to_csv(path, index=False)
    elif end == ".xls":
        write_xls(path, flat(frame))
    elif end == ".xlsb":
        table = flat(frame).assign(date=frame["date"])
        write_xlsb(path, [list(table.columns), *table.values.tolist()])
    elif end == ".ods":
        pyogrio.write_dataframe(flat(frame), path, driver="ODS")
    else:
        flat(frame).to_excel(path, index=False, engine="openpyxl")
    return path


def write_xls(path: Path, table: pd.DataFrame) -> None:
    xlwt = pytest.importorskip("xlwt", reason="xlwt writes the old XLS format")
    book = xlwt.Workbook()
    sheet, form = book.add_sheet("Data"), xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for at, name in enumerate(table.columns):
        sheet.write(0, at, name)
    for row, values in enumerate(table.itertuples(index=False), start=1):
        for at, value in enumerate(values):
            if isinstance(value, pd.Timestamp):
                sheet.write(row, at, value.to_pydatetime(), form)
            else:
                sheet.write(row, at, value)
    book.save(str(path))


def packed(path: Path, folder: Path) -> Path:
    target = path.parent / "all.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(folder.rglob("*")):
            if part.is_file():
                archive.write(part, f"in/{part.relative_to(folder)}")
    return target


ENDS = [
    ".csv", ".xlsx", ".xls", ".xlsb", ".ods", ".gpkg", ".geojson", ".geojsonl", ".parquet", ".shp", ".kml",
    ".fgb", ".tab", ".mif", ".gml", ".gdb",
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_a_format_gives_the_same_incidents_loose_in_a_folder_and_in_a_zip(tmp_path, end):
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder, end)
    before = sorted(str(part) for part in folder.rglob("*"))
    given = [path, folder, packed(tmp_path / "x", folder)]
    for place in given:
        result = read_incidents(place, today=TODAY)
        frame = result.frame
        assert len(result) == N
        assert frame["crime_type"].astype(str).value_counts().to_dict() == {"Burglary": 6, "Drugs": 6}
        assert frame["occurred_from"].min() == pd.Timestamp("2024-01-01")
        if frame["easting"].notna().all():
            assert sorted(frame["easting"]) == pytest.approx([434_000 + 100 * n for n in range(N)], abs=0.01)
        else:
            assert frame["longitude"].between(-1.51, -1.47).all()
    assert sorted(str(part) for part in folder.rglob("*")) == before, "nothing is written beside the input"


def test_points_as_text_or_binary_in_a_column_are_read(tmp_path):
    frame = incidents()
    frame.to_wkt().to_csv(tmp_path / "wkt.csv", index=False)
    frame.to_wkb(hex=True).to_csv(tmp_path / "wkb.csv", index=False)
    frame.to_wkb().to_parquet(tmp_path / "plain.parquet")
    for path in sorted(tmp_path.iterdir()):
        found = read_incidents(path, today=TODAY).frame
        assert found["easting"].tolist() == [434_000 + 100 * n for n in range(N)], path.name


def test_layers_and_sheets_of_one_layout_are_read_together_and_one_can_be_named(tmp_path):
    frame = incidents()
    frame.head(5).to_file(tmp_path / "two.gpkg", layer="jan")
    frame.tail(7).to_file(tmp_path / "two.gpkg", layer="feb")
    both = read_incidents(tmp_path / "two.gpkg", today=TODAY)
    assert [(s.name, s.rows_kept) for s in both.report.sources] == [("two.gpkg/feb", 7), ("two.gpkg/jan", 5)]
    assert len(read_incidents(tmp_path / "two.gpkg", sheet="jan", today=TODAY)) == 5
    with pytest.raises(InputError, match="has no layer 'mar'; it has 'feb', 'jan'"):
        read_incidents(tmp_path / "two.gpkg", sheet="mar", today=TODAY)
    with pd.ExcelWriter(tmp_path / "two.xlsx", engine="openpyxl") as book:
        flat(frame).head(5).to_excel(book, sheet_name="Jan", index=False)
        flat(frame).tail(7).to_excel(book, sheet_name="Feb", index=False)
        pd.DataFrame({"Contact": ["x"]}).to_excel(book, sheet_name="About", index=False)
    sheets = read_incidents(tmp_path / "two.xlsx", today=TODAY)
    assert len(sheets) == N
    assert "two.xlsx: 1 sheet not read, without a date, a type or a place: 'About'." in sheets.report.warnings
    with pd.ExcelWriter(tmp_path / "odd.xlsx", engine="openpyxl") as book:
        flat(frame).to_excel(book, sheet_name="Crime", index=False)
        flat(frame).rename(columns={"ref": "Postcode"}).to_excel(book, sheet_name="ASB", index=False)
    with pytest.raises(InputError, match="several sheets, 'Crime', 'ASB', with different columns"):
        read_incidents(tmp_path / "odd.xlsx", today=TODAY)


def test_a_declared_system_that_the_numbers_contradict_is_said(tmp_path):
    degrees = incidents().to_crs(4326)
    degrees.set_crs(3857, allow_override=True).to_file(tmp_path / "x.gpkg")
    result = read_incidents(tmp_path / "x.gpkg", today=TODAY)
    assert result.frame["longitude"].between(-1.51, -1.47).all()
    assert any("the numbers are degrees: read as such" in text for text in result.report.warnings)


def test_what_services_answer_as_json_is_read(tmp_path):
    x = [(434_000 + 100 * n, 336_000) for n in range(N)]
    attributes = [{"Incident_Date": 1704240000000, "Category": "Drugs"} for _ in x]
    arcgis = {
        "spatialReference": {"wkid": 27700},
        "features": [
            {"attributes": a, "geometry": {"x": e, "y": n}} for a, (e, n) in zip(attributes, x, strict=True)
        ],
    }
    (tmp_path / "arcgis.json").write_text(json.dumps(arcgis), encoding="utf-8")
    rows = [{"date": "2024-01-03", "type": "Drugs", "place": {"easting": e, "northing": n}} for e, n in x]
    rows = [{**row, "easting": row["place"]["easting"], "northing": row["place"]["northing"]} for row in rows]
    (tmp_path / "rows.json").write_text(json.dumps({"results": rows}), encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for name in ("arcgis.json", "rows.json", "rows.jsonl"):
        assert read_incidents(tmp_path / name, today=TODAY).frame["easting"].max() == 435_100, name


# -- what is not read ------------------------------------------------------------------------------


def make_zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_zips_name_what_they_hold_instead(tmp_path):
    inner = make_zip(tmp_path / "inner.zip", **{"a.csv": b"x"}).read_bytes()
    cases = {
        "mistaken": (
            {"a.weird": b"x"},
            r"\.weird is a kind that is not known: save data in it as CSV or XLSX",
        ),
        "named singly": ({"a.psv": b"x"}, r"\.psv is read only where it is named singly: unpack it"),
        "hidden": ({"__MACOSX/a.csv": b"x", ".b.csv": b"x"}, "2 members: a hidden file"),
        "nested": ({"inner.zip": inner}, "a zip inside a zip: unpack it"),
        "empty": ({}, "is an empty zip"),
        "alien": ({"a.pdf": b"%PDF", "b.accdb": b"x"}, "an Access database: export the table as CSV or XLSX"),
    }
    for name, (members, said) in cases.items():
        with pytest.raises(InputError, match=said):
            read_incidents(make_zip(tmp_path / f"{name}.zip", **members), today=TODAY)


def test_what_is_passed_over_beside_data_is_warned_of(tmp_path):
    table = flat(incidents()).to_csv(index=False).encode()
    path = make_zip(
        tmp_path / "x.zip",
        **{"a.csv": table, "b.pdf": b"%PDF", "c.png": b"x", "notes.csv": b"What,Why\na,b\n"},
    )
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    report = read_incidents(path, today=TODAY).report
    said = "\n".join([*report.warnings, *report.notes])
    assert "1 member not read: a PDF" in said
    assert "a link to another file, which is not followed" in said
    assert "x.zip/notes.csv was not read: none of its columns is one of incidents." in report.warnings


def test_a_file_of_another_kind_says_which_and_what_to_do(tmp_path):
    (tmp_path / "x.accdb").write_bytes(b"x")
    with pytest.raises(InputError, match="not supported: it is an Access database: export the table"):
        read_incidents(tmp_path / "x.accdb", today=TODAY)
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="named as text but is not: it looks like a zip or a workbook"):
        read_incidents(tmp_path / "x.csv", today=TODAY)
    (tmp_path / "y.csv").write_bytes(b'[{"a": 1}]')
    with pytest.raises(InputError, match=r"JSON saved under this name: rename it to end in \.json"):
        read_incidents(tmp_path / "y.csv", today=TODAY)


@pytest.mark.parametrize("end", [".kml", ".gml", ".ods", ".fgb", ".shp", ".parquet", ".xlsb", ".gdb"])
def test_nonsense_under_any_name_is_a_clean_refusal(tmp_path, end):
    path = tmp_path / f"x{end}"
    path.write_bytes(b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>")
    with pytest.raises(InputError, match=re.escape(f"x{end}")):
        read_incidents(path, today=TODAY)


def test_a_layer_of_several_is_named_as_a_sheet_is(tmp_path):
    for name, some in (("north", incidents()[:8]), ("south", incidents()[8:])):
        some.to_file(tmp_path / "x.gdb", driver="OpenFileGDB", layer=name)
    assert len(read_incidents(tmp_path / "x.gdb", today=TODAY)) == N
    assert len(read_incidents(tmp_path / "x.gdb", sheet="south", today=TODAY)) == N - 8
    with pytest.raises(InputError, match=r"x\.gdb has no layer 'west'; it has 'north', 'south'"):
        read_incidents(tmp_path / "x.gdb", sheet="west", today=TODAY)


def test_a_part_that_a_workbook_lacks_says_nothing(tmp_path):
    flat(incidents()).to_excel(tmp_path / "x.xlsx", index=False, sheet_name="Data", engine="xlsxwriter")
    source = Source("x.xlsx", tmp_path / "x.xlsx", "workbook")
    whole = package.open_package(source, source.path.read_bytes())
    assert whole.sheet_parts() == {"Data": "xl/worksheets/sheet1.xml"}
    assert whole.facts("Other") == package.SheetFacts()
    bare = make_zip(tmp_path / "bare.xlsx", **{"xl/styles.xml": b"<x/>"}).read_bytes()
    assert package.open_package(source, bare).sheet_parts() == {}


def test_entities_are_named_and_never_opened(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("canary", encoding="utf-8")
    text = f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY e SYSTEM "{secret}">]><kml>&e;</kml>'
    (tmp_path / "x.kml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="defines entities of its own") as caught:
        read_incidents(tmp_path / "x.kml", today=TODAY)
    assert "canary" not in str(caught.value)


def test_millions_of_texts_and_far_cells_are_refused_before_they_are_held(tmp_path, monkeypatch):
    flat(incidents()).to_excel(tmp_path / "x.xlsx", index=False, engine="xlsxwriter")
    monkeypatch.setattr(package, "MAX_STRINGS", 5)
    with pytest.raises(InputError, match="distinct texts, more than 5: save the sheet as CSV"):
        read_incidents(tmp_path / "x.xlsx", today=TODAY)
    with pytest.raises(InputError, match="a cell far from the others"):
        check_extent(Source("x", tmp_path, "workbook"), b'<row r="1"><c r="XFD1048576"><v>1</v></c></row>')


def test_an_archive_is_opened_once_however_many_members_are_read(tmp_path, monkeypatch):
    table = flat(incidents()).to_csv(index=False)
    path = make_zip(
        tmp_path / "x.zip", **{f"{n}.csv": table.replace("R", f"R{n}-").encode() for n in range(40)}
    )
    opened = []
    real = zipfile.ZipFile

    def counting(*arguments, **options):
        opened.append(1)
        return real(*arguments, **options)

    monkeypatch.setattr(zipfile, "ZipFile", counting)
    with archives_kept():
        assert len(read_incidents(path, today=TODAY).report.sources) == 40
    assert len(opened) == 1


def test_the_page_of_formats_lists_the_registry():
    page = (CLONE / "docs" / "reading.md").read_text(encoding="utf-8")
    for name, suffixes, words in docs_table():
        assert f"| {name} | {suffixes} | {words} |" in page
    assert page.count("\n| ") - 1 >= len(FORMATS)


def test_a_tab_is_told_by_its_first_line():
    assert form_of("x.tab", b"!table\n!version") == "mapinfo"
    assert form_of("x.tab", b"a\tb\n") == "text"
    assert form_of("x.unknown", b"") == ""
    assert remedy("x.unknown") == ""
