"""
What makes a reader lie: each input is read with a note, rejected with a reason, or refused.

Every case was found by `python -m faults fuzz`, or by asking what would spoil a map unseen.
"""

from __future__ import annotations

import io
import json
import lzma
import warnings
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from police_lines import HEADER, row

from hotspots.errors import InputError
from hotspots.reading import package as package_module
from hotspots.reading.delimited import open_text
from hotspots.reading.incidents import Incidents, read_incidents
from hotspots.reading.sources import find_sources

TODAY = date(2026, 1, 31)
OWN = ["Ref", "Date", "Time", "Easting", "Northing", "Offence", "Street"]


def own(n: int, **changes: str) -> list[str]:
    fields = dict(zip(OWN, [f"D{n}", f"{n % 28 + 1:02d}/03/2024", f"13:{n % 60:02d}"], strict=False))
    fields |= {
        "Easting": f"{435000 + n}",
        "Northing": f"{336000 + n}",
        "Offence": "Drugs",
        "Street": f"High Street {n}",
    }
    return list((fields | changes).values())


def table(path: Path, records: list[list[str]], header: list[str] = OWN) -> Path:
    path.write_text("".join(",".join(record) + "\n" for record in [header, *records]), encoding="utf-8")
    return path


def read(path: Path) -> Incidents:
    result = read_incidents(path, today=TODAY)
    for source in result.report.sources:
        assert source.rows_read == source.rows_kept + source.rows_rejected + source.out_of_period
    return result


def test_columns_that_differ_in_case_alone_are_refused_unless_mapped(tmp_path):
    path = table(tmp_path / "x.csv", [[*own(n), "1"] for n in range(12)], [*OWN, "EASTING"])
    with pytest.raises(InputError, match="'Easting' appears twice"):
        read(path)
    mapped = read_incidents(path, mapping={"easting": "Easting"}, today=TODAY)
    assert mapped.frame["easting"].min() == 435000


def test_a_time_that_is_none_is_said(tmp_path):
    records = [own(n) for n in range(10)]
    records[3][2], records[4][2] = "24:00", "unknown"
    source = read(table(tmp_path / "x.csv", records)).report.sources[0]
    assert source.resolution == "day"
    assert any(note.startswith("1 time not understood") for note in source.notes)


@pytest.mark.parametrize("zone", ["+99:99", "+24:00", "-23:59"])
def test_impossible_zones_are_bad_dates(tmp_path, zone):
    records = [own(n) for n in range(10)]
    records[3][1] = f"0001-01-01T00:00:00{zone}" if zone == "-23:59" else f"2024-01-01T00:00:00{zone}"
    result = read(table(tmp_path / "x.csv", records))
    assert result.rejected[["source_row", "reason"]].values.tolist() == [[5, "bad_date"]]


def test_four_hundred_digits_are_no_coordinate(tmp_path):
    records = [own(n) for n in range(10)]
    records[2][4] = "1" * 400
    assert read(table(tmp_path / "x.csv", records)).rejected["reason"].tolist() == ["bad_coordinate"]


def test_quotation_marks_that_join_rows_are_said(tmp_path):
    records = [own(n) for n in range(12)]
    records[3][6], records[7][6] = '"High Street 3', 'High Street 7"'
    warnings = read(table(tmp_path / "x.csv", records)).report.warnings
    assert any("look like rows of their own, the first in line 5" in text for text in warnings)
    records[3][6], records[7][6] = '"High Street 3\nat the gate"', "High Street 7"
    assert not read(table(tmp_path / "x.csv", records)).report.warnings


def test_a_stray_return_does_not_make_the_line_feeds_vanish(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(("\r" + "\n".join([HEADER, row(1), row(2)]) + "\n").encode())
    result = read(path)
    assert result.report.sources[0].line_end == "mixed"
    assert result.frame["source_row"].tolist() == [3, 4]


@pytest.mark.parametrize("mark", ["", '"'])
def test_a_short_row_with_a_control_character_has_one_reason_either_way(tmp_path, mark):
    records = [own(n) for n in range(6)]
    records[2] = [f"{mark}D2{mark}", "\x1b[31m"]
    assert read(table(tmp_path / "x.csv", records)).rejected["reason"].tolist() == ["control_character"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "names", [("a.csv", "a.csv"), ("a\x1b.csv", "a\x07.csv"), ("x" * 200 + "1.csv",) * 2]
)
def test_sources_of_one_name_are_told_apart(tmp_path, names):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for at, name in enumerate(names):
            archive.writestr(name, "\n".join([HEADER, *(row(10 * at + n) for n in range(at + 2))]))
    result = read(tmp_path / "x.zip")
    assert [source.rows_kept for source in result.report.sources] == [2, 3]
    assert result.report.sources[1].name == result.report.sources[0].name + " (2)"
    assert result.frame["source"].value_counts(sort=False).tolist() == [2, 3]


def test_a_damaged_lzma_member_is_named(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", "\n".join([HEADER, *(row(n) for n in range(20))]))
    content = bytearray(path.read_bytes())
    content[60:64] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.zip/a\.csv is damaged"):
        read(path)
    assert not isinstance(lzma.LZMAError(), OSError), "else it needs no line of its own"


def test_a_workbook_with_a_damaged_member_is_named(tmp_path):
    path = workbook(tmp_path / "x.xlsx")
    content = path.read_bytes()
    at = content.index(b"xl/workbook.xml") + len(b"xl/workbook.xml")
    path.write_bytes(content[:at] + b"\xff" * 8 + content[at + 8 :])
    with pytest.raises(InputError, match=r"x\.xlsx .*(damaged|cannot be read|can be read)"):
        read(path)


def workbook(path: Path, *, since_1904: bool = False, formatted: bool = False) -> Path:
    with xlsxwriter.Workbook(str(path), {"date_1904": since_1904}) as book:
        sheet, form = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, OWN)
        for n in range(12):
            sheet.write_row(n + 1, 0, own(n))
            if formatted:
                sheet.write_datetime(n + 1, 1, datetime(2024, 3, n + 1), form)  # noqa: DTZ001
            else:
                sheet.write_number(n + 1, 1, 45352 + n)
    return path


def test_bare_numbers_as_dates_are_refused_where_days_count_from_1904(tmp_path):
    with pytest.raises(InputError, match="counts days from 1904"):
        read(workbook(tmp_path / "x.xlsx", since_1904=True))
    dated = read(workbook(tmp_path / "y.xlsx", since_1904=True, formatted=True))
    assert dated.frame["month"].unique().tolist() == ["2024-03"]
    assert read(workbook(tmp_path / "z.xlsx")).frame["month"].unique().tolist() == ["2024-03"]


def with_sheet(path: Path, rows: str) -> Path:
    """Make a workbook whose one sheet is the header, a good row and some XML."""
    workbook(path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = sheet.replace("</sheetData>", rows + "</sheetData>").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def test_a_row_beyond_the_last_one_of_a_sheet_is_refused(tmp_path):
    path = with_sheet(tmp_path / "far.xlsx", '<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>')
    with pytest.raises(InputError, match=r"far.xlsx: a cell far from the others .* 1,048,576 rows.* CSV"):
        read(path)


def test_cells_in_the_last_column_of_many_rows_are_refused(tmp_path, monkeypatch):
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(20, 40))
    path = with_sheet(tmp_path / "wide.xlsx", rows)
    monkeypatch.setattr(package_module, "MAX_CELLS", 10 * 16384)
    with pytest.raises(InputError, match=r"wide.xlsx: a cell far from the others .* rows and columns"):
        read(path)


def test_merged_cells_and_hidden_sheets_do_not_spread_values(tmp_path):
    path = workbook(tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("F4:F6")
    hidden = book.create_sheet("Old")
    for values in book.active.iter_rows(values_only=True):
        hidden.append([*values])
    hidden.sheet_state = "hidden"
    book.save(path)
    result = read(path)
    assert result.rejected[["source_row", "reason"]].values.tolist() == [
        [5, "missing_type"],
        [6, "missing_type"],
    ]
    assert len(result) == 10


POINT = {"type": "Point", "coordinates": [-1.47, 52.92]}


def geojson(path: Path, *features: object, crs: str = "") -> Path:
    whole: dict = {"type": "FeatureCollection", "features": list(features)}
    if crs:
        whole["crs"] = {"properties": {"name": crs}}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def feature(coordinates: object = (-1.47, 52.92), **properties: object) -> dict:
    shape = {"type": "Point", "coordinates": coordinates}
    return {
        "type": "Feature",
        "geometry": shape,
        "properties": {"Month": "2024-03", "Crime type": "Drugs", **properties},
    }


@pytest.mark.parametrize(
    "odd",
    [
        feature((10**400, 52)),
        feature(("-1.47", "5_2")),
        feature((True, 52.92)),
        feature(Street="\ud800"),
        {"geometry": POINT, "properties": [1]},
        None,
        5,
    ],
    ids=["endless", "text", "true", "half a character", "list", "null", "number"],
)
def test_geojson_that_is_no_plain_point_is_refused(tmp_path, odd):
    with pytest.raises(InputError, match="is not GeoJSON whose features are points"):
        read(geojson(tmp_path / "x.geojson", feature(), odd))


def test_swapped_axes_are_refused_and_a_wrong_system_is_said(tmp_path):
    with pytest.raises(InputError, match="look swapped"):
        read(geojson(tmp_path / "x.geojson", *(feature((52.92, -1.47 + n / 100)) for n in range(5))))
    result = read(geojson(tmp_path / "y.geojson", feature(), feature(), crs="EPSG:27700"))
    assert "hold longitude and latitude and were read as such" in result.report.warnings[0]
    assert result.frame["longitude"].tolist() == [-1.47, -1.47]


def test_title_rows_second_headers_footers_and_units(tmp_path):
    good = [own(n) for n in range(8)]
    below = read(table(tmp_path / "a.csv", [OWN, *good], ["Incidents in Derby", *[""] * 6]))
    assert len(below) == 8
    assert any("stand in row 2; 1 row above" in text for text in below.report.warnings)
    noisy = [OWN, *good, ["Total", *[""] * 4, "8", ""], own(9, Easting="about 435009")]
    result = read(table(tmp_path / "b.csv", noisy))
    assert len(result) == 8
    assert result.rejected["source_row"].tolist() == [2, 11, 12]


def test_invisible_marks_do_not_reach_labels(tmp_path):
    records = [own(n) for n in range(8)]
    records[0][6], records[1][6] = "High \u202egnp\u2066 Street", "Hi\u200bgh Street"
    streets = read(table(tmp_path / "x.csv", records)).frame["street"].tolist()
    assert streets[:2] == ["High gnp Street", "High Street"]


def test_look_alike_letters_in_a_column_name_are_not_that_column(tmp_path):
    header = [name.replace("E", "\u0415") for name in OWN]
    with pytest.raises(InputError, match="no easting column"):
        read(table(tmp_path / "x.csv", [own(n) for n in range(4)], header))


def test_the_fast_and_the_careful_reader_agree(tmp_path):
    lines = [
        HEADER,
        row(1),
        "",
        ",".join([""] * 12),
        row(2) + ",",
        "\x00",
        row(3, Location="Caf\u00e9"),
        row(4),
    ]
    plain, quoted = tmp_path / "a.csv", tmp_path / "b.csv"
    plain.write_text("\n".join(lines), encoding="utf-8")
    quoted.write_text(
        "\n".join([*lines[:-1], f'"{row(4).replace(",", chr(34) + "," + chr(34))}"']), encoding="utf-8"
    )
    tables = [
        open_text(find_sources([path]).sources[0]).read(dict.fromkeys(range(12), True))
        for path in (plain, quoted)
    ]
    one, other = ([c.values[c.codes].tolist() for c in t.columns.values()] for t in tables)
    assert one == other
    assert tables[0].rows.tolist() == tables[1].rows.tolist() == [2, 7, 8]
    assert tables[0].fault_rows.tolist() == tables[1].fault_rows.tolist() == [5, 6]
    assert tables[0].fault_reasons == tables[1].fault_reasons
    assert tables[0].blank == tables[1].blank


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "\n".join([HEADER, *(row(n) for n in range(20))]))
    content = bytearray(packed.getvalue())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        read(tmp_path / "x.zip")


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "a\0b.csv"], ids=["too long", "NUL"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"(cannot be read|does not exist)"):
        read(tmp_path / name)


def test_what_libraries_think_of_a_workbook_does_not_reach_the_terminal(tmp_path):
    good, path = workbook(tmp_path / "x.xlsx"), tmp_path / "y.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("workbook.xml.rels"):
                text = text.replace(b'Id="rId2"', b'Id="rId2" Odd="1"')
            new.writestr(name, text)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert len(read(path)) == 12
    assert not [w for w in told if w.category is UserWarning]
