"""Searches, outcomes and ages of victims are reduced to a few words as they are read."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from towns import incident_rows, write_rows

from hotspots.reading.beside import age_band, furthest, outcome_class, sought
from hotspots.reading.incidents import read_incidents

SEARCH = {
    "Type": "Person search",
    "Date": "2024-01-03T10:00:00+00:00",
    "Latitude": "52.9",
    "Longitude": "-1.47",
    "Gender": "GENDERMARK",
    "Age range": "AGEMARK",
    "Self-defined ethnicity": "SELFMARK",
    "Officer-defined ethnicity": "OFFICERMARK",
    "Legislation": "LAWMARK",
    "Object of search": "Controlled drugs",
    "Outcome": "OUTCOMEMARK",
}
OUTCOME = {
    "Crime ID": "",
    "Month": "2024-02",
    "Reported by": "Derbyshire Constabulary",
    "Falls within": "Derbyshire Constabulary",
    "Outcome type": "Suspect charged",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Investigation complete; no suspect identified", "no suspect"),
        ("Undetected", "no suspect"),
        ("18", "no suspect"),
        ("Awaiting court outcome", "charged"),
        ("Court result unavailable", "charged"),
        ("Suspect charged as part of another case", "charged"),
        ("Defendant found not guilty", "charged"),
        ("Offender given absolute discharge", "charged"),
        ("1 - Charge/Summons", "charged"),
        ("1A", "charged"),
        ("Not charged", "other"),
        ("11", "other"),
        ("Unable to prosecute suspect", "other"),
        ("Offender given a caution", "other"),
        ("Local resolution", "other"),
        ("Formal action is not in the public interest", "other"),
        ("Action to be taken by another organisation", "other"),
        ("Under investigation", "open"),
        ("Status update unavailable", "open"),
    ],
)
def test_an_outcome_is_one_of_four_words(text, expected):
    assert outcome_class(text) == expected
    assert outcome_class(expected) == expected


def test_of_several_outcomes_the_furthest_counts():
    assert furthest("open;charged;no suspect") == "charged"
    assert furthest("no suspect;open") == "no suspect" and furthest("") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Controlled drugs", "drugs"),
        ("Psychoactive substances", "drugs"),
        ("Offensive weapons", "weapons"),
        ("Firearms", "weapons"),
        ("Anything to threaten or harm anyone", "weapons"),
        ("Stolen goods", "other"),
        ("", "other"),
    ],
)
def test_what_was_sought(text, expected):
    assert sought(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17", "under 18"),
        ("17.0", "under 18"),
        ("0-17", "under 18"),
        ("under 18", "under 18"),
        ("<25", "across bands"),
        ("18-24", "18 to 24"),
        ("25 to 34", "25 to 34"),
        ("35-44", "35 to 64"),
        ("over 34", "across bands"),
        ("16-24", "across bands"),
        ("65+", "65 and over"),
        ("over 64", "65 and over"),
        ("93", "65 and over"),
        ("999", ""),
        ("unknown", ""),
        ("12/03/1980", ""),
    ],
)
def test_an_age_is_a_band(text, expected):
    assert age_band(text) == expected


@pytest.fixture
def street(tmp_path: Path) -> list[dict[str, str]]:
    rows = incident_rows(12)
    write_rows(tmp_path / "street.csv", rows)
    return rows


def test_of_a_search_only_month_place_and_object_are_kept(tmp_path, street):
    write_rows(tmp_path / "2024-01-derbyshire-stop-and-search.csv", [SEARCH])
    result = read_incidents(tmp_path)
    assert result.searches.to_dict("records") == [
        {"month": "2024-01", "sought": "drugs", "longitude": -1.47, "latitude": 52.9}
    ]
    report = next(one for one in result.report.sources if one.rows_other_kind)
    assert {"Gender", "Age range", "Self-defined ethnicity", "Officer-defined ethnicity"} == set(
        report.personal_columns
    )
    kept = pickle.dumps(result)
    assert b"Controlled" not in kept and b"MARK" not in kept
    assert len(result) == len(street) and "counted by ward and month" in report.notes[0]


def test_equal_searches_of_one_file_are_two_and_those_of_two_files_the_same(tmp_path, street):
    later = SEARCH | {"Date": "2024-02-03T10:00:00+00:00"}
    write_rows(tmp_path / "a.csv", [SEARCH, SEARCH])
    write_rows(tmp_path / "b.csv", [SEARCH, SEARCH, later])
    months = read_incidents(tmp_path).searches["month"].tolist()
    assert months == ["2024-01", "2024-01", "2024-02"]
    months = read_incidents(tmp_path, from_month="2024-02").searches["month"].tolist()
    assert months == ["2024-02"]


def test_a_search_without_a_date_is_left_out_and_one_without_a_place_is_not(tmp_path, street):
    write_rows(tmp_path / "a.csv", [SEARCH | {"Date": ""}, SEARCH | {"Latitude": "", "Longitude": ""}])
    result = read_incidents(tmp_path)
    assert result.searches["longitude"].isna().tolist() == [True]
    assert any("1 row without a date" in s.notes[0] for s in result.report.sources if s.notes)


def test_outcomes_close_what_is_open_and_change_nothing_that_has_ended(tmp_path, street):
    crimes = [row for row in street if row["Crime ID"]][:3]
    for row, text in zip(crimes, ("Under investigation", "", "Local resolution"), strict=True):
        row["Last outcome category"] = text
    write_rows(tmp_path / "street.csv", street)
    told = [OUTCOME | {"Crime ID": row["Crime ID"]} for row in crimes]
    told.append(told[0] | {"Month": "2024-01", "Outcome type": "Local resolution"})
    told.append(
        told[1] | {"Month": "2024-03", "Outcome type": "Investigation complete; no suspect identified"}
    )
    for order in (told, told[::-1]):
        write_rows(tmp_path / "2024-02-derbyshire-outcomes.csv", order)
        frame = read_incidents(tmp_path).frame.set_index("crime_id")["outcome"]
        assert [frame[row["Crime ID"]] for row in crimes] == ["charged", "no suspect", "other"]
        assert set(frame.drop([row["Crime ID"] for row in crimes])) == {""}


def test_lines_for_victims_and_suspects_are_one_incident_with_all_their_ages_and_the_furthest_outcome(
    tmp_path,
):
    lines = [
        "Crime Number,Date,Offence,Easting,Northing,Victim age band,Outcome",
        "C1,2024-01-02,Robbery,435000,336000,18-24,No suspect identified",
        "C1,2024-01-02,Robbery,435000,336000,65+,Charged",
        "C2,2024-01-02,Robbery,435100,336000,41,",
    ]
    for order in ([1, 2, 3], [3, 2, 1]):
        path = tmp_path / "f.csv"
        path.write_text("\n".join([lines[0], *(lines[k] for k in order)]) + "\n", encoding="utf-8")
        frame = read_incidents(path).frame.set_index("crime_id")
        assert frame.loc["C1", ["victim_age", "outcome"]].tolist() == ["18 to 24;65 and over", "charged"]
        assert frame.loc["C2", ["victim_age", "outcome"]].tolist() == ["35 to 64", ""]


@pytest.mark.shared
def test_the_real_file_of_searches(shared):
    files = [
        shared / "derby/police" / name
        for name in ("2019-12-derbyshire-stop-and-search.csv.gz", "2018-12-derbyshire-street.csv.gz")
    ]
    searches = read_incidents(files).searches
    assert searches["sought"].value_counts().to_dict() == {"drugs": 138, "other": 39, "weapons": 21}
    assert set(searches["month"]) == {"2019-12"}
