"""Column names: aliases, the user's mapping, and names that speak of a person."""

from __future__ import annotations

import pytest

from hotspots.errors import InputError, ParameterError
from hotspots.policeuk import POLICE_OUTCOMES, POLICE_SEARCHES, POLICE_STREET
from hotspots.reading.aliases import FIELDS, is_personal
from hotspots.reading.columns import plan_columns
from hotspots.reading.headings import guessed_alias

POLICE = [
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
    "LSOA name", "Crime type", "Last outcome category", "Context",
]  # fmt: skip


def plan(header: list[str], **options):
    return plan_columns(header, name="x.csv", **options)


def test_police_street_columns() -> None:
    found = plan(POLICE)
    assert found.kind == POLICE_STREET
    assert found.used["crime_type"] == "Crime type"
    assert found.places["longitude"] == 4
    assert found.ignored == ("Falls within", "LSOA name", "Context")
    assert found.personal == ()


def test_other_police_files_are_recognised() -> None:
    outcomes = [*POLICE[:9], "Outcome type"]
    searches = [
        "Type",
        "Date",
        "Latitude",
        "Longitude",
        "Gender",
        "Legislation",
        "Object of search",
        "Outcome",
    ]
    assert plan(outcomes).kind == POLICE_OUTCOMES
    assert plan(searches).kind == POLICE_SEARCHES


@pytest.mark.parametrize(
    "header",
    [
        ["INCIDENT_DATE", "Offence Type", "X", "Y"],
        ["date from", "time from", "HO code", "grid_ref"],
        ["Date", "Category", "Post Code"],
        ["Month", "type", "lsoa21cd"],
        ["dateOccurred", "crime_category", "LON", "LAT"],
        ["Date", "Offence", "Ward Code"],
    ],
)
def test_aliases_need_no_mapping(header: list[str]) -> None:
    assert len(plan(header).places) == len(header)


def test_case_spaces_and_marks_do_not_matter() -> None:
    assert plan([" crime-TYPE ", "MONTH", "Eastings", "northings"]).places == {
        "crime_type": 0, "month": 1, "easting": 2, "northing": 3,
    }  # fmt: skip


def test_mapping_wins_over_aliases() -> None:
    header = ["When", "Offence", "Category", "Easting", "Northing"]
    found = plan(header, mapping={"date": "When", "crime_type": "category"})
    assert found.places["date"] == 0
    assert found.places["crime_type"] == 2
    assert found.ignored == ("Offence",)


def test_of_two_columns_for_one_field_the_second_fills_in_for_the_first_in_any_order() -> None:
    one = plan(["Date", "Offence", "Category", "X", "Y"])
    other = plan(["Category", "Date", "X", "Y", "Offence"])
    for found in (one, other):
        assert (found.used["crime_type"], found.used["crime_type:2"]) == ("Offence", "Category")


def test_a_header_that_appears_twice_is_named() -> None:
    with pytest.raises(InputError, match="'Longitude' appears twice"):
        plan([*POLICE[:5], "Longitude", *POLICE[5:]])
    # A column that is not read may appear as often as it likes.
    assert plan([*POLICE, "Blank", "Blank"]).kind == POLICE_STREET


def test_a_missing_column_lists_what_was_found() -> None:
    with pytest.raises(InputError, match=r"no latitude column. Columns found: Crime ID, Month"):
        plan([name for name in POLICE if name != "Latitude"])
    with pytest.raises(InputError, match="no date and no location column"):
        plan(["Offence", "Crime ID"])


def test_data_in_place_of_a_header_is_not_shown() -> None:
    with pytest.raises(InputError, match="header row is missing") as caught:
        plan(["John Smith", "2024-01", "-1.49", "52.9"])
    assert "Smith" not in str(caught.value)


@pytest.mark.parametrize(
    "record",
    [
        "John Smith,14 Acacia Avenue,07700900123,2025-02-28,Knife,Alcohol,435871,335204",
        "John Smith,14 Acacia Avenue,Knife,Alcohol",
        "John Smith,Acacia Avenue,Crime,Knife,07700 900123",
        "John Smith,Acacia Avenue,Crime,Knife,28 Feb 2025",
        "John Smith,14 Acacia Avenue,Crime,Knife",
        "John Smith,DE1 2AB,Crime,Knife",
        "John Smith,j.smith@example.org,Crime,Knife,Knife",
    ],
)
def test_values_that_are_also_names_of_columns_make_no_header(record: str) -> None:
    with pytest.raises(InputError, match="header row is missing") as caught:
        plan(record.split(","))
    assert "Smith" not in str(caught.value)


def test_names_with_numbers_in_them_are_shown() -> None:
    with pytest.raises(InputError, match="Columns found: Offence, LSOA 2021, Year 2"):
        plan(["Offence", "LSOA 2021", "Year 2"])


def test_mapping_faults() -> None:
    with pytest.raises(ParameterError, match="no such field"):
        plan(POLICE, mapping={"colour": "Context"})
    with pytest.raises(ParameterError, match="personal data"):
        plan([*POLICE, "Victim address"], mapping={"street": "Victim address"})


def test_the_coarser_of_two_columns_is_kept_for_rows_that_lack_the_finer() -> None:
    found = plan(["Month", "Date", "Type", "Lat", "Long", "Easting", "Northing"])
    assert set(found.places) == {
        "date", "month", "crime_type", "easting", "northing", "longitude", "latitude",
    }  # fmt: skip
    assert found.ignored == ()


@pytest.mark.parametrize(
    "name",
    ["Victim name", "DOB", "date_of_birth", "Phone", "MobileNo", "Home Tel", "E-mail", "emailAddress",
     "Officer notes", "Surname", "first_name", "Address Line 1", "House Number", "NINO",
     "Self-defined ethnicity", "Gender",
     "VRM", "Suspect nominal ref", "MO", "Free text", "Caller"],
)  # fmt: skip
def test_personal_names(name: str) -> None:
    assert is_personal(name)
    assert plan([*POLICE, name]).personal == (name,)


@pytest.mark.parametrize(
    "name", ["LSOA name", "Ward name", "Context", "Beat", "Month", "Crime type", "Northing"]
)
def test_names_of_places_and_things_are_not_personal(name: str) -> None:
    assert not is_personal(name)


def test_no_alias_has_two_meanings() -> None:
    meanings: dict[str, set[str]] = {}
    for field, aliases in FIELDS.items():
        for alias in aliases:
            meanings.setdefault("".join(c for c in alias.lower() if c.isalnum()), set()).add(field)
    assert {alias: fields for alias, fields in meanings.items() if len(fields) > 1} == {}


@pytest.mark.parametrize(
    ("heading", "alias"),
    [
        ("Offence Committed From", "incidentdate"),
        ("Report Date", "datereported"),
        ("Date of call", "incidentdate"),
        ("OS Grid Easting", "eastcoord"),
        ("Number of calls", "incidentcount"),
        ("Crime Record No", "incidentreference"),
        ("Offence_de", "offencedescription"),
        ("Offence grid reference", "gridreference"),
        ("Time crime began", "incidenttime"),
        ("Incident latest time", "latesttime"),
        ("Recovered Easting", ""),
        ("Home Postcode", ""),
        ("Victim LSOA", ""),
        ("Offender.Postcode", ""),
        ("Date of birth", ""),
        ("Date case closed", ""),
        ("Number of victims", ""),
        ("Record type", ""),
    ],
)
def test_a_heading_is_known_by_its_words_where_each_of_them_is_clear(heading, alias):
    assert guessed_alias(heading, qualified=True) == alias


def test_of_a_pair_that_is_half_there_nothing_is_read_where_another_is_whole() -> None:
    found = plan(["Date", "Type", "Lat", "Long", "Easting"])
    assert set(found.places) == {"date", "crime_type", "latitude", "longitude"}


def test_the_letters_of_a_square_alone_locate_nothing() -> None:
    found = plan(["Date", "Type", "Grid square", "Postcode"])
    assert "square" not in found.places and found.ignored == ("Grid square",)


def test_a_mapped_column_wins_over_all_others_of_its_field() -> None:
    found = plan(["Incident date", "Date", "Type", "Postcode"], mapping={"date": "Date"})
    assert found.used["date"] == "Date" and found.ignored == ("Incident date",)


def test_a_column_of_crimes_may_hold_what_happened_and_no_count() -> None:
    header, words = ["Date", "Crimes", "Postcode"], [["2024-01", "Drugs", "DE1 1AA"]]
    assert plan(header, preview=words).used["crime_type"] == "Crimes"
    with pytest.raises(InputError, match="has no crime type column"):
        plan(header, preview=[["2024-01", "4", "DE1 1AA"]])
