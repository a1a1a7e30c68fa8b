"""Files that are street files of police.uk by their form, and every way not to be."""

from __future__ import annotations

import csv
import gzip

import pytest

from hotspots.errors import InputError
from hotspots.policeuk import POLICE_COLUMNS
from hotspots.reading.police_form import check_police_form
from hotspots.reading.sources import find_sources

NAME = "2025-01-derbyshire-street.csv"


def rows(number=120):
    """Give rows that stack by three on named points."""
    return [
        {
            **dict.fromkeys(POLICE_COLUMNS, ""),
            "Crime ID": "" if k % 4 else f"{k:064x}",
            "Month": "2025-01",
            "Longitude": f"-1.47{k // 3:04d}",
            "Latitude": "52.920001",
            "Location": f"On or near Street {k // 3}",
            "LSOA code": "E01013480",
            "Crime type": "Drugs",
        }
        for k in range(number)
    ]


def written(folder, found, *, name=NAME, header=POLICE_COLUMNS, start=""):
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(start)
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([row[column] for column in POLICE_COLUMNS] for row in found)
    return path


def check_form(paths, *, read):
    check_police_form(find_sources(paths).sources, read=read)


def changed(column, value):
    found = rows()
    found[70] = {**found[70], column: value}
    return found


def test_a_street_file_is_taken_plain_packed_and_with_a_mark_of_order(tmp_path):
    path = written(tmp_path, rows(), start="\ufeff")
    check_form([path], read=[NAME])
    packed = tmp_path / f"{NAME}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    check_form([packed], read=[packed.name])


def test_blank_lines_are_no_rows(tmp_path):
    path = written(tmp_path, rows())
    path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    check_form([path], read=[NAME])


def test_rows_without_a_place_are_rows_of_police_uk_too(tmp_path):
    nowhere = {"Longitude": "", "Latitude": "", "Location": "No Location", "LSOA code": ""}
    found = [*rows(), *({**row, **nowhere} for row in rows(30))]
    check_form([written(tmp_path, found)], read=[NAME])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Crime ID", "23000123456"),
        ("Crime ID", "A" * 64),
        ("Month", "2025-01-17"),
        ("Month", "2025-13"),
        ("Longitude", "-1.47123456"),
        ("Longitude", "435300"),
        ("Location", "12 Street 23"),
        ("LSOA code", "DE1 2FS"),
    ],
)
def test_a_field_that_police_uk_does_not_write_is_refused_by_line_and_column(tmp_path, column, value):
    with pytest.raises(InputError, match=f"{NAME} line 72: '{column}' is not written as police.uk") as told:
        check_form([written(tmp_path, changed(column, value))], read=[NAME])
    assert value not in str(told.value)


def test_another_heading_is_refused(tmp_path):
    for header in ((*POLICE_COLUMNS, "Knife"), POLICE_COLUMNS[::-1], ("crime id", *POLICE_COLUMNS[1:])):
        with pytest.raises(InputError, match="has not the exact heading"):
            check_form([written(tmp_path, rows(), header=header)], read=[NAME])


def test_a_row_of_another_length_is_refused(tmp_path):
    path = written(tmp_path, rows())
    path.write_text(path.read_text(encoding="utf-8") + ",2025-01\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 122"):
        check_form([path], read=[NAME])


def test_points_of_their_own_are_refused(tmp_path):
    found = [{**row, "Longitude": f"-1.4{k:05d}"} for k, row in enumerate(rows())]
    with pytest.raises(InputError, match="do not stack on map points"):
        check_form([written(tmp_path, found)], read=[NAME])


def test_points_of_several_names_are_refused(tmp_path):
    found = [{**row, "Location": f"On or near {k}"} for k, row in enumerate(rows())]
    with pytest.raises(InputError, match="go by several names"):
        check_form([written(tmp_path, found)], read=[NAME])


def test_few_rows_show_nothing(tmp_path):
    with pytest.raises(InputError, match="99 rows with a point are too few"):
        check_form([written(tmp_path, rows(99))], read=[NAME])


def test_one_other_file_among_them_is_enough(tmp_path):
    good = written(tmp_path, rows())
    other = tmp_path / "council.csv"
    other.write_text("date,type,easting,northing\n2025-01-01,Drugs,435300,336200\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"council\.csv has not the exact heading"):
        check_form([good, other], read=[NAME, other.name])
    check_form([good, other], read=[NAME])


def test_what_is_no_text_is_refused(tmp_path):
    written(tmp_path, rows())
    with pytest.raises(InputError, match=r"book\.xlsx, sheet is no CSV file"):
        check_form([tmp_path], read=["book.xlsx, sheet"])
