"""The user's own denominator: a file of codes and figures."""

from __future__ import annotations

import pytest

from hotspots.errors import InputError
from hotspots.geography.denominator import read_denominator


def written(folder, text, encoding="utf-8"):
    path = folder / "day.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_codes_and_figures_are_read_and_the_header_names_them(tmp_path, encoding):
    text = 'code,workday_population\r\nE05015511,"60,000"\r\n\r\nE05015507,12.5\r\nE01013453,0\r\n'
    found = read_denominator(written(tmp_path, text, encoding))
    assert found.name == "workday population"
    assert found.values.to_dict() == {"E01013453": 0.0, "E05015507": 12.5, "E05015511": 60_000.0}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", r"day\.csv needs a header of two columns"),
        ("E05015511,4\n", "needs a header of two columns"),
        ("code,a,b\nE05015511,4,5\n", "needs a header of two columns"),
        ("code,jobs\n", "holds no figure"),
        ("code,\nE05015511,4\n", "no name for it"),
        ("code,jobs\nArboretum,4\n", r"day\.csv line 2: the line needs a GSS code"),
        ("code,jobs\nE05015511,4\nE05015507,4,4\n", "line 3: the line needs a GSS code"),
        ("code,jobs\nE05015511,many\n", "line 2: the second column is not a number"),
        ("code,jobs\nE05015511,-1\n", "not a number of 0 or more"),
        ("code,jobs\nE05015511,inf\n", "not a number of 0 or more"),
        ("code,jobs\nE05015511,4\nE05015511,5\n", "line 3: an earlier line has this GSS code"),
    ],
)
def test_a_file_at_fault_is_refused_with_its_line(tmp_path, text, match):
    with pytest.raises(InputError, match=match):
        read_denominator(written(tmp_path, text))


def test_a_file_that_is_not_there_or_not_utf_8_is_refused(tmp_path):
    with pytest.raises(InputError, match="Check --denominator"):
        read_denominator(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is not CSV in UTF-8"):
        read_denominator(written(tmp_path, "code,caf\u00e9\nE05015511,4\n", "latin-1"))
