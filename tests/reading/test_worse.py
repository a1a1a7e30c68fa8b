"""Files that are broken or meant to harm: one sentence, no trace of what stands in them, nothing written."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hotspots.errors import InputError
from hotspots.reading.incidents import read_incidents

#: A person's name, wherever a file has room for one: it may never be told.
PERSON = "Zephyrine Quux"
HEADER = "Ref,Date,Offence,Easting,Northing,Victim Name"
LINE = "R{n},2024-01-{n:02},Drugs,43400{n},336000," + PERSON
GOOD = "\n".join([HEADER, *(LINE.format(n=n) for n in range(1, 9))]) + "\n"
#: Files in which no row can be used, and what is said of them.
REFUSED: dict[str, tuple[bytes | str, str]] = {
    "no_bytes.csv.gz": (b"", "is empty"),
    "packed_nothing.csv.gz": (gzip.compress(b""), "is empty"),
    "cut.csv.gz": (gzip.compress(GOOD.encode())[:40], "damaged|ends too early"),
    "false.csv.gz": (GOOD, "named as text but is not|packed with gzip|damaged"),
    "commas.csv": (",,,,\n,,,,\n", "header row is missing"),
    "blank.csv": ("\n \n\t\n", "is empty"),
    "no_header.csv": ("\n".join(LINE.format(n=n) for n in range(1, 9)), "header row is missing"),
    "names_as_header.csv": (f"{PERSON},12 High Street,DE1 1AA\n" * 3, "header row is missing"),
    "unclosed.csv": (GOOD.replace("Drugs", '"Drugs', 1) + "x\n" * 600, "quotation mark opens here"),
    "odd_utf16.csv": (GOOD.encode("utf-16")[:-1], "damaged utf-16"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "neither UTF-8 nor|header row is missing"),
    "page.csv": (f"<!DOCTYPE html><p>{PERSON}</p>", "web page"),
    "program.csv": (b"MZ\x90\x00" + bytes(400), "header row is missing|neither UTF-8"),
    "names_for_dates.csv": (GOOD.replace("2024-01", PERSON), "the date is not one"),
    "names_for_places.csv": (GOOD.replace("336000", PERSON), "is not a plain number"),
    "year_9999.csv": (GOOD.replace("2024", "9999"), "the date lies after|future|later"),
    "year_0000.csv": (GOOD.replace("2024", "0000"), "the date is not one"),
    "huge_numbers.csv": (GOOD.replace("336000", "9" * 400), "is not a plain number"),
    "exponents.csv": (GOOD.replace("336000", "3.36E+999"), "is not a plain number"),
    "huge_counts.csv": (
        GOOD.replace("Ref", "Count").replace("R", "99999999", 99).replace("99999999ef", "Ref"), "adds up to"),
    "text_counts.csv": (GOOD.replace("Ref", "Count"), "should say how many incidents"),
    "twice.csv": (GOOD.replace("Victim Name", "Easting"), "appears twice"),
    "cut.xlsx": (b"PK\x03\x04" + bytes(60), "damaged or not a workbook|named"),
    "locked.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "locked with a password"),
    "noise.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not a workbook that can be read"),
    "noise.ods": (b"PK\x05\x06" + bytes(18), "damaged|not a workbook"),
    "noise.xlsb": (b"PK\x05\x06" + bytes(18), "damaged|not a workbook"),
    "deep.json": ("[" * 200_000, "not GeoJSON"),
    "cut.json": (json.dumps([{"Name": PERSON}])[:-3], "not GeoJSON"),
    "word.json": (json.dumps(PERSON), "not GeoJSON"),
    "number.json": ("42", "not GeoJSON"),
    "mixed.json": (json.dumps([{"Date": "2024-01-01"}, PERSON, 5]), "not GeoJSON"),
    "strange_system.geojson": (
        '{"crs": {"properties": {"name": "EPSG:999999"}}, "features": [{"type": "Feature", "geometry": '
        '{"type": "Point", "coordinates": [1, 2]}, "properties": {}}]}', "coordinate system"),
    "marks.parquet": (b"PAR1PAR1", "damaged|not Parquet|cannot be read"),
    "noise.gpkg": (b"SQLite format 3\0" + bytes(84), "damaged|cannot be read|no layer|not a GeoPackage"),
    "noise.fgb": (b"fgb\x03fgb\x00" + bytes(30), "damaged or incomplete|no features"),
    "alone.shp": (struct.pack(">i", 9994) + bytes(96), "shapefile is its .shp|damaged"),
    "entities.kml": (
        '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><kml>&b;</kml>',
        "entities"),
    "asking.gml": (
        '<x xmlns:gml="http://www.opengis.net/gml" xsi="http://127.0.0.1:1/x.xsd">' + PERSON,
        "damaged|incomplete|no features"),
    "elsewhere.tab": ('!table\n!version 300\nDefinition Table\n  File "../../etc/passwd"\n',
    "MapInfo table|damaged"),
    "run_me.pkl": (b"cos\nsystem\n(S'true'\ntR.", "can run code"),
}  # fmt: skip


def read(path: Path):
    return read_incidents(path, today=date(2026, 1, 31))


def refused(path: Path, match: str) -> None:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(InputError, match=match) as caught:
        read(path)
    said = str(caught.value)
    assert "\n" not in said and said.isprintable() and said.endswith(".")
    assert PERSON not in said and "Quux" not in said and "Traceback" not in said
    assert sorted(path.parent.rglob("*")) == before


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path, name):
    content, match = REFUSED[name]
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    refused(tmp_path / name, match)


def _zip(path: Path, change: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        change(archive)
    return path


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("link.csv")
    info.external_attr = 0o120777 << 16
    archive.writestr(info, "/etc/passwd")


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("a.csv", HEADER + "\n" + "0" * 30_000_000)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda archive: archive.writestr("/etc/a.csv", GOOD), "points out of the archive"),
        (lambda archive: archive.writestr("..\\..\\a.csv", GOOD), "points out of the archive"),
        (lambda archive: archive.writestr("C:a.csv", GOOD), "points out of the archive"),
        (_link, "a link to another file"),
        (_bomb, "grows more than 200 times"),
        (lambda archive: archive.writestr("a.zip", b"PK"), "a zip inside a zip"),
        (lambda archive: archive.writestr("folder/", b""), "empty zip"),
        (lambda archive: archive.writestr("a.csv", b""), "empty"),
    ],
)
def test_a_bad_zip_is_refused_in_one_sentence(tmp_path, change, match):
    refused(_zip(tmp_path / "bad.zip", change), match)


def test_a_zip_under_a_password_and_one_with_a_changed_byte(tmp_path):
    plain = _zip(tmp_path / "a.zip", lambda archive: archive.writestr("a.csv", GOOD)).read_bytes()
    at, central = plain.index(b"PK\x03\x04"), plain.index(b"PK\x01\x02")
    locked = bytearray(plain)
    locked[at + 6] |= 1
    locked[central + 8] |= 1
    (tmp_path / "a.zip").write_bytes(locked)
    refused(tmp_path / "a.zip", "encrypted")
    changed = bytearray(plain)
    changed[at + 45] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(changed)
    refused(tmp_path / "a.zip", "damaged")


def test_marks_that_move_a_terminal_or_turn_text_round_do_not_reach_a_message(tmp_path):
    header = "Date\x1b[2J,Offence\u202e,Eas\u2066ting,=cmd|' /C calc'!A0"
    (tmp_path / "a.csv").write_text(f"{header}\n2024-01-01,Drugs,434000,1\n", encoding="utf-8")
    refused(tmp_path / "a.csv", "no .* column|header row is missing")


def test_a_folder_that_leads_back_to_itself_is_searched_once(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in", target_is_directory=True)
    found = read(tmp_path / "in")
    assert len(found) == 8
    assert any("1 link to folders not followed" in text for text in found.report.warnings)


def test_a_database_without_layers_and_one_with_a_trigger_are_only_read(tmp_path):
    with sqlite3.connect(tmp_path / "a.gpkg") as base:
        base.execute("CREATE TABLE t (name TEXT)")
        base.execute("INSERT INTO t VALUES (?)", (PERSON,))
        base.execute("CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; END")
    base.close()
    refused(tmp_path / "a.gpkg", "GeoPackage|layer|holds")


def test_parquet_with_columns_in_columns_is_refused_or_read_without_them(tmp_path):
    people = pa.array([{"name": PERSON}] * 8)
    columns = {"Date": ["2024-01-01"] * 8, "Offence": ["Drugs"] * 8, "who": people, "Easting": [434_000] * 8}
    pq.write_table(pa.table({**columns, "Northing": [336_000] * 8}), tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    assert len(found) == 8 and PERSON not in json.dumps(found.report.as_dict())


def test_ten_thousand_columns_are_read_by_the_five_that_are_known(tmp_path):
    wide = ",".join(f"c{n}" for n in range(10_000))
    text = io.StringIO()
    for n, line in enumerate(GOOD.splitlines()):
        text.write(f"{line},{wide if not n else ',' * 9_999}\n")
    (tmp_path / "a.csv").write_text(text.getvalue(), encoding="utf-8")
    assert len(read(tmp_path / "a.csv")) == 8


def test_a_person_in_any_column_is_not_told_by_the_report(tmp_path):
    lines = [
        HEADER + ",Notes,Caller,Details",
        *(LINE.format(n=n) + f",{PERSON},{PERSON},{PERSON}" for n in range(1, 9)),
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = read(tmp_path / "a.csv")
    told = json.dumps(found.report.as_dict()) + found.frame.to_csv() + found.rejected.to_csv()
    assert len(found) == 8 and PERSON not in told


def test_text_in_four_bytes_a_letter_is_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(GOOD.encode("utf-32"))
    assert len(read(tmp_path / "a.csv")) == 8


def test_a_point_at_infinity_has_no_location(tmp_path):
    point = '{"type": "Point", "coordinates": [1e999, -Infinity]}'
    place = '{"type": "Feature", "geometry": %s, "properties": {"Date": "2024-01-01", "Offence": "Drugs"}}'
    (tmp_path / "a.geojson").write_text('{"features": [' + place % point + "]}", encoding="utf-8")
    assert read(tmp_path / "a.geojson").report.rejects == {"no_location": 1}
