"""From bytes to tables: encodings, delimiters, line numbers, workbooks, features, special files."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sqlite3
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotspots.errors import InputError
from hotspots.reading import content as contents
from hotspots.reading import zips
from hotspots.reading.cell import cell_text
from hotspots.reading.cells import MAX_WIDTH, Cuts
from hotspots.reading.content import Source
from hotspots.reading.delimited import open_text
from hotspots.reading.formats import format_of
from hotspots.reading.incidents import read_incidents
from hotspots.reading.sources import Wanted, find_sources
from hotspots.reading.table import Coded, Table
from hotspots.reading.workbook import open_sheets
from hotspots.text import clean_label, is_tidy, safe_text


def source(path: Path, content: bytes, form: str = "text") -> Source:
    path.write_bytes(content)
    return Source(path.name, path, form)


def open_features(source: Source) -> Any:
    return format_of(source.form).open(source, "")[0]


def open_workbook(source: Source, sheet: str = "") -> Any:
    return open_sheets(source, sheet=sheet)[0]


def cells(table: Table) -> list[tuple[str, ...]]:
    columns = [column.values[column.codes] for _, column in sorted(table.columns.items())]
    return list(zip(*columns, strict=True))


def read_all(path: Path, content: bytes) -> tuple[tuple[str, ...], Table]:
    opened = open_text(source(path, content))
    return opened.header, opened.read(dict.fromkeys(range(len(opened.header)), True))


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("cp1252", "cp1252")],
)  # fmt: skip
def test_encodings(tmp_path: Path, encoding: str, found: str) -> None:
    text = "Month,Street\n2024-01,Café Rouge ’s\n2024-02,£1 Shop\n"
    opened = open_text(source(tmp_path / "x.csv", text.encode(encoding)))
    assert opened.survey.encoding == found
    assert opened.header == ("Month", "Street")
    assert cells(opened.read({0: True, 1: False}))[0] == ("2024-01", "Café Rouge ’s")
    assert bool(opened.notes) == (encoding == "cp1252")


def test_bytes_that_no_encoding_has_are_refused(tmp_path: Path) -> None:
    cut = open_text(source(tmp_path / "y.csv", "a,b\n1,é".encode()[:-1]))
    assert cut.survey.encoding == "cp1252", "half a character at the end is no UTF-8"
    with pytest.raises(InputError, match="neither UTF-8 nor Windows-1252"):
        open_text(source(tmp_path / "x.csv", b"a,b\n1,\x81\n"))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoted", [False, True])
def test_delimiters_and_line_ends(tmp_path: Path, mark: str, end: str, quoted: bool) -> None:
    rows = [
        ["Month", "Type", "Street"],
        ["2024-01", "Drugs", '"Oak Road"' if quoted else "Oak Road"],
        ["x", "y", ""],
    ]
    text = end.join(mark.join(row) for row in rows)
    opened = open_text(source(tmp_path / "x.csv", text.encode()))
    assert opened.delimiter == mark
    assert opened.survey.line_end == {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[end]
    table = opened.read(dict.fromkeys(range(3), True))
    assert cells(table) == [("2024-01", "Drugs", "Oak Road"), ("x", "y", "")]
    assert table.rows.tolist() == [2, 3]


def test_the_delimiter_that_excel_declares(tmp_path: Path) -> None:
    header, table = read_all(tmp_path / "x.csv", b"sep=;\na;b,c\n1;2\n")
    assert header == ("a", "b,c")
    assert table.rows.tolist() == [3]


@pytest.mark.parametrize("quote", ["", '"'])
def test_broken_rows_keep_their_line_numbers(tmp_path: Path, quote: str) -> None:
    lines = [f"a,b,{quote}c{quote}", "1,2,3", "1,2", "", "1,2,3,4", ",,", "1,\x1b,3", "7,8,9"]
    _, table = read_all(tmp_path / "x.csv", "\n".join(lines).encode())
    assert cells(table) == [("1", "2", "3"), ("7", "8", "9")]
    assert table.rows.tolist() == [2, 8]
    assert dict(zip(table.fault_rows.tolist(), table.fault_reasons, strict=True)) == {
        3: "wrong_field_count", 5: "wrong_field_count", 7: "control_character",
    }  # fmt: skip
    assert table.blank == 2


def test_records_over_several_lines_start_on_their_first(tmp_path: Path) -> None:
    _, table = read_all(tmp_path / "x.csv", b'a,b\n1,"two\nlines"\n3,"say ""hi"""\n5,6\n')
    assert table.rows.tolist() == [2, 4, 5]
    assert cells(table) == [("1", "two\nlines"), ("3", 'say "hi"'), ("5", "6")]


def test_an_open_quotation_mark_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 3: a quotation mark opens here"):
        read_all(tmp_path / "x.csv", b'a,b\n1,2\n3,"4\n5,6\n')


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters=","), max_size=12
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT).filter(any), max_size=12))
def test_against_the_csv_module(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([("a", "b", "c"), *rows])
    _, table = read_all(tmp_path / "x.csv", buffer.getvalue().encode())
    assert cells(table) == rows
    assert not len(table.fault_rows)


def test_blocks_do_not_change_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["a,b", *(f"{n},{'é' * (n % 7)}" for n in range(500)), "bad"]
    content = "\r\n".join(lines).encode()
    _, whole = read_all(tmp_path / "whole.csv", content)
    monkeypatch.setattr(contents, "CHUNK", 64)
    _, pieces = read_all(tmp_path / "pieces.csv", content)
    assert cells(pieces) == cells(whole)
    assert pieces.rows.tolist() == whole.rows.tolist() == list(range(2, 502))
    assert pieces.fault_rows.tolist() == [502]


def test_long_fields_and_equal_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["x" * (MAX_WIDTH + 1), "y", "x" * (MAX_WIDTH + 1), ""]
    block = ("\n".join(texts) + "\n").encode()
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    starts = np.concatenate([[0], ends[:-1] + 1])
    column = Cuts(block, starts[:, None], ends[:, None]).columns({0: True})[0]
    assert column.values[column.codes].tolist() == texts
    assert len(column.values) == 3
    monkeypatch.setattr("hotspots.reading.cells._MULTIPLIER", np.uint64(0))  # only the last word counts
    texts = ["aaaaaaaaZ", "bbbbbbbbZ", "aaaaaaaaZ"]
    block = "\n".join(texts).encode() + b"\n"
    ends = np.array([9, 19, 29])[:, None]
    column = Cuts(block, ends - 9, ends).columns({0: True})[0]
    assert column.values[column.codes].tolist() == texts


def test_coded_columns() -> None:
    one, other = Coded.of(["b", "a", "b"]), Coded.of(["c", "a"])
    both = Coded.concat([one, other])
    assert both.values[both.codes].tolist() == ["b", "a", "b", "c", "a"]
    assert len(both.values) == 3
    joined = both.map(lambda text: "A" if text != "c" else text)
    assert joined.values.tolist() == ["A", "c"]
    assert joined.spread(np.array([1, 2])).tolist() == [1, 1, 1, 2, 1]


# -- what the user points at ---------------------------------------------------------------


def test_special_and_missing_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "nothing").mkdir()
    for path, message in (
        (tmp_path / "pipe.csv", "not a regular file"),
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path / "gone.csv", "does not exist"),
        (tmp_path / "empty.csv", "is empty"),
        (tmp_path / "nothing", "holds no data file"),
        (tmp_path / "a\0b.csv", "cannot be read"),
    ):
        with pytest.raises(InputError, match=message):
            find_sources([path])


@pytest.mark.parametrize("name", ["x.pkl", "x", "x.tar.gz", "x.mdb", "x.pdf", "x.sav"])
def test_other_formats_are_refused_unopened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(InputError, match="not supported"):
        find_sources([tmp_path / name])


def test_a_name_cannot_hide_what_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="named as text"):
        find_sources([tmp_path / "x.csv"])
    with pytest.raises(InputError, match="web page"):
        open_text(source(tmp_path / "y.csv", b"\n<!DOCTYPE html><html>"))


def test_names_are_short_and_different_and_sorted(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_text("a")
    (tmp_path / "z\x1b[31m.csv").write_text("a")
    names = [found.name for found in find_sources([tmp_path / "two", tmp_path]).sources]
    assert names == ["one/x.csv", "two/x.csv", "z?[31m.csv"]


def test_what_a_folder_holds_and_is_not_read_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "extracts"
    for name in ("a.csv", "b.txt", "c.TXT", "d.txt.gz", "e.json", "f.pdf", ".g.txt", "more/h.xlsm"):
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(b"x,y\n1,2\n")
    (folder / "more" / "link").symlink_to(tmp_path, target_is_directory=True)
    found = find_sources([folder])
    assert [one.name for one in found.sources] == ["a.csv", "h.xlsm"]
    assert found.warnings == (
        "The folder extracts: 4 files passed over (.json, .txt, .txt.gz): name them singly to read them.",
        "The folder extracts: 1 file not read (.pdf): a PDF: ask for the table behind it as CSV or XLSX.",
        "The folder extracts: 1 link to folders not followed: name the folders to read them.",
    )
    (folder / "a.csv").unlink()
    (folder / "more" / "h.xlsm").unlink()
    with pytest.raises(InputError, match=r"holds no data file: .* 4 files passed over"):
        find_sources([folder])


def test_a_folder_within_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n")
    scan = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(InputError, match=r"The folder .*locked cannot be read: Permission denied\."):
        find_sources([tmp_path])


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_only_wanted_members_of_an_archive(tmp_path: Path) -> None:
    months = [f"2024-{month:02}" for month in range(1, 13)]
    members = {
        f"{month}/{month}-{force}-{kind}.csv": b"a"
        for month in months
        for force in ("derbyshire", "btp")
        for kind in ("street", "outcomes")
    }
    path = make_zip(tmp_path / "a.zip", {**members, "inner.zip": b"PK", "../x.csv": b"a", "C:\\y.csv": b"a"})
    found = find_sources([path], wanted=Wanted("2024-02", "2024-03", frozenset({"derbyshire"})))
    assert [s.name for s in found.sources] == [
        "a.zip/2024-02/2024-02-derbyshire-street.csv", "a.zip/2024-03/2024-03-derbyshire-street.csv",
    ]  # fmt: skip
    said = " ".join([*found.notes, *found.warnings])
    for part in (
        "24 members",
        "zip inside a zip",
        "2 members not read: a name that points out",
        "of another force",
    ):
        assert part in said


def test_an_archive_of_many_forces_asks_which_only_if_it_is_large(tmp_path: Path, monkeypatch) -> None:
    path = make_zip(tmp_path / "a.zip", {f"2024-01-{force}-street.csv": b"a" for force in "abcdef"})
    assert len(find_sources([path]).sources) == 6
    monkeypatch.setattr(zips, "ALL_FORCES", 3)
    with pytest.raises(InputError, match="6 forces"):
        find_sources([path])


def test_bombs_and_broken_archives(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="grows more than"):
        find_sources([make_zip(tmp_path / "bomb.zip", {"x.csv": b"0" * 8_000_000})])
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress(b"0" * 16_000_000))
    with pytest.raises(InputError, match="grows more than"):
        open_text(find_sources([packed]).sources[0])
    whole = make_zip(tmp_path / "ok.zip", {"x.csv": b"a,b\n1,2\n" * 99}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    with pytest.raises(InputError, match="damaged zip"):
        find_sources([tmp_path / "cut.zip"])
    packed.write_bytes(gzip.compress(os.urandom(9000).hex().encode())[:-500])
    with pytest.raises(InputError, match="damaged or cannot be read"):
        open_text(find_sources([packed]).sources[0])


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"x.csv": os.urandom(5000).hex().encode()})
    content = bytearray(path.read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a.zip/x.csv is damaged"):
        open_text(find_sources([path]).sources[0])


def test_gzip_with_several_members(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,") + gzip.compress(b"2\n") + b"\0\0")
    opened = open_text(find_sources([path]).sources[0])
    assert cells(opened.read({0: True, 1: True})) == [("1", "2")]


# -- workbooks and features ------------------------------------------------------------------


def workbook(path: Path, rows: list[list[object]], **sheets: list[list[object]]) -> Source:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, extra in sheets.items():
        sheet = book.create_sheet(title)
        for row in extra:
            sheet.append(row)
    book.save(path)
    book.close()
    return Source(path.name, path, "workbook")


def test_workbook_values(tmp_path: Path) -> None:
    day, moment = datetime.fromisoformat("2024-01-15"), datetime.fromisoformat("2024-01-15 13:45")
    rows = [[], ["Date", "Code", "X", "Y"], [day, "28/3", 435123.0, "=1+1"], [None] * 4]
    rows.append([moment, 0.00001, True, None, "beyond"])
    opened = open_workbook(workbook(tmp_path / "x.xlsx", rows))
    assert opened.header == ("Date", "Code", "X", "Y")
    table = opened.read(dict.fromkeys(range(4), True))
    assert cells(table) == [("2024-01-15", "28/3", "435123", "=")]
    assert table.rows.tolist() == [3]
    assert dict(zip(table.fault_rows.tolist(), table.fault_reasons, strict=True)) == {5: "wrong_field_count"}
    assert cell_text(0.00001) == "0.00001"


def test_workbook_sheets(tmp_path: Path) -> None:
    book = workbook(tmp_path / "x.xlsx", [["a"], ["1"]], Other=[["b"], ["2"]], Blank=[])
    assert [one.header for one in open_sheets(book)] == [("a",), ("b",)]
    with pytest.raises(InputError, match="several sheets or layers, 'Sheet', 'Other'"):
        read_incidents(book.path)
    assert open_workbook(book, sheet="Other").header == ("b",)
    with pytest.raises(InputError, match="no sheet 'Third'"):
        open_workbook(book, sheet="Third")
    with pytest.raises(InputError, match="damaged or not a workbook"):
        open_workbook(source(tmp_path / "y.xlsx", b"nonsense", "workbook"))
    with pytest.raises(InputError, match="password"):
        open_workbook(source(tmp_path / "y.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600), "workbook"))


def test_a_damaged_sheet_is_named(tmp_path: Path) -> None:
    good = workbook(tmp_path / "x.xlsx", [["a", "b"], *([n, "x"] for n in range(50))])
    with zipfile.ZipFile(good.path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = next(name for name in parts if name.startswith("xl/worksheets/"))
    parts[sheet] = parts[sheet].replace(b'r="A40"', b'r="A4<"')
    bad = Source("bad.xlsx", make_zip(tmp_path / "bad.xlsx", parts), "workbook")
    with pytest.raises(InputError, match=r"bad.xlsx is not a workbook that can be read"):
        open_workbook(bad).read({0: True})


def points_file(tmp_path: Path, name: str, crs: int) -> Path:
    import geopandas as gpd

    frame = gpd.GeoDataFrame(
        {"Month": ["2024-01", "2024-02"], "Crime type": ["Drugs", "Burglary"], "n": [1, 2]},
        geometry=gpd.points_from_xy([-1.4763, -1.5], [52.9225, 52.9]),
        crs=4326,
    ).to_crs(crs)
    frame.to_file(tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize("name", ["x.gpkg", "x.geojson"])
@pytest.mark.parametrize("crs", [4326, 27700, 3857])
def test_points_in_any_system(tmp_path: Path, name: str, crs: int) -> None:
    path = points_file(tmp_path, name, crs)
    before = sorted(tmp_path.iterdir())
    opened = open_features(find_sources([path]).sources[0])
    place = opened.header.index("Crime type")
    table = opened.read({place: True})
    assert cells(table) == [("Drugs",), ("Burglary",)]
    assert table.points is not None
    expected = [[436000, 336000]] if crs == 27700 else [[-1.4763, 52.9225]]
    assert np.abs(table.points[:1] - expected).max() < (1000 if crs == 27700 else 1e-6)
    assert sorted(tmp_path.iterdir()) == before, "nothing is written beside the input"


def test_a_geopackage_that_is_being_written_is_refused(tmp_path: Path) -> None:
    path = points_file(tmp_path, "x.gpkg", 27700)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE gpkg_contents SET description = 'newer'")
        writer.commit()
        assert (tmp_path / "x.gpkg-wal").stat().st_size
        with pytest.raises(InputError, match=r"x\.gpkg has changes in x\.gpkg-wal .* close the program"):
            open_features(find_sources([path]).sources[0])
    (tmp_path / "x.gpkg-wal").write_bytes(b"")
    assert len(open_features(find_sources([path]).sources[0]).points) == 2


def test_geopackage_faults(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="damaged GeoPackage"):
        open_features(source(tmp_path / "x.gpkg", b"SQLite format 3\0 nonsense" * 99, "geopackage"))
    with sqlite3.connect(tmp_path / "plain.gpkg") as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    with pytest.raises(InputError, match="is not a GeoPackage"):
        open_features(Source("plain.gpkg", tmp_path / "plain.gpkg", "geopackage"))


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"features": 3}', "[" * 100_000, '{"features": [{"geometry": {"type": "Point"}}]}']
)
def test_geojson_faults(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="is not GeoJSON"):
        open_features(source(tmp_path / "x.geojson", text.encode(), "json"))


def test_shapes_that_are_not_points(tmp_path: Path) -> None:
    shape = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    text = json.dumps({"features": [{"properties": {}, "geometry": shape}]})
    with pytest.raises(InputError, match="other shapes than points"):
        open_features(source(tmp_path / "x.geojson", text.encode(), "json"))


# -- text that is shown ----------------------------------------------------------------------


@given(st.text())
def test_shown_text_has_no_control_characters(text: str) -> None:
    shown = safe_text(text)
    shown.encode("utf-8")
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert len(shown) <= 120


@given(st.lists(st.text(max_size=8), max_size=4))
def test_tidy_texts_are_those_that_cleaning_leaves(texts: list[str]) -> None:
    assert not is_tidy(texts) or [clean_label(text) for text in texts] == texts


def test_labels() -> None:
    assert clean_label(" Robbery\t ") == "Robbery"
    assert clean_label("a\u202eb\u200b") == "ab"
    assert clean_label("#REF!") == ""
    assert clean_label("=1+1") == "=1+1"
