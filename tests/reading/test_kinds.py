"""Rows, columns and dates as analysts have them: read right, or refused with what was seen and a remedy."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import InputError
from hotspots.reading.exchanged import exchanged
from hotspots.reading.incidents import Incidents, read_incidents
from hotspots.reading.numbers import _as_arrow

TODAY = date(2026, 1, 31)


def read(
    folder: Path, header: str, line: Callable[[int], str], *, n: int = 12, **options: object
) -> Incidents:
    path = folder / "f.csv"
    path.write_text("\n".join([header, *map(line, range(n))]) + "\n", encoding="utf-8")
    return read_incidents(path, today=TODAY, **options)  # type: ignore[arg-type]


def xy(n: int) -> str:
    return f"{434_000 + 100 * n},{336_000 + 50 * n}"


def notes(result: Incidents) -> str:
    return "\n".join([*result.report.warnings, *(note for s in result.report.sources for note in s.notes)])


# -- a row is not always one incident ----------------------------------------------------------


@pytest.mark.parametrize("name", ["Count", "Incidents", "n", "ICOUNT", "Number of crimes", "No. of offences"])
def test_a_column_of_counts_is_used(tmp_path, name):
    result = read(tmp_path, f"Month,Type,Easting,Northing,{name}", lambda n: f"2024-01,Drugs,{xy(n)},{n % 3}")
    assert len(result) == 12
    assert result.frame["easting"].nunique() == 8
    assert "12 rows are 12 incidents" in notes(result)
    assert not result.report.warnings, "rows repeated by their count are no copies"


def test_counts_with_one_crime_number_are_several_incidents(tmp_path):
    result = read(
        tmp_path, "Ref,Month,Type,Easting,Northing,Count", lambda n: f"A{n},2024-01,Drugs,{xy(n)},4"
    )
    assert len(result) == 48
    assert set(result.frame["crime_id"]) == {""}


def test_a_count_that_is_none_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(InputError, match=r"row 5: the column 'Count' .* 1 cell .* rename the column"):
        read(
            tmp_path,
            "Month,Type,Easting,Northing,Count",
            lambda n: f"2024-01,Drugs,{xy(n)},{'x' if n == 3 else 2}",
        )


def test_running_numbers_are_no_counts(tmp_path):
    result = read(tmp_path, "n,Month,Type,Easting,Northing", lambda n: f"{n + 1},2024-01,Drugs,{xy(n)}")
    assert len(result) == 12
    assert "numbers the rows" in notes(result)


LINES = [
    "C1,03/01/2024,Robbery,433927,335636,19,N,Charged,10:00,High Street",
    "C1,03/01/2024,Robbery,433927,335636,44,Y,No suspect,10:30,High St",
    "C2,04/01/2024,Drugs,434390,335375,,N,,,",
    "C3,05/01/2024,Burglary,434694,339199,30,N,,,A Road",
    "C3,05/01/2024,Burglary,434694,339199,31,N,,,A Road",
    "C4,05/01/2024,Burglary,434694,339199,31,N,,,A Road",
    "C5,05/01/2024,Burglary,434694,339199,31,N,,,A Road",
    "C5,05/01/2024,Robbery,434694,339199,31,N,,,A Road",
    ",05/01/2024,Drugs,434694,339199,,N,,,A Road",
    ",05/01/2024,Drugs,434694,339199,,N,,,A Road",
]
COLUMNS = [
    "Crime number",
    "Date",
    "Offence",
    "Easting",
    "Northing",
    "Victim age",
    "Knife",
    "Outcome",
    "Time",
    "Street",
]


def table_of(columns: list[str], rows: list[str]) -> str:
    places = [COLUMNS.index(name) for name in columns]
    lines = [",".join(row.split(",")[place] for place in places) for row in rows]
    return "\n".join([",".join(columns), *lines]) + "\n"


def test_lines_for_victims_and_outcomes_are_one_incident_with_all_their_flags(tmp_path):
    (tmp_path / "f.csv").write_text(table_of(COLUMNS, LINES), encoding="utf-8")
    result = read_incidents(tmp_path / "f.csv", today=TODAY)
    kept = result.frame[["crime_id", "crime_type", "flags"]].astype(str).values.tolist()
    assert kept[0] == ["C1", "Robbery", "knife;youth"]
    assert [row[0] for row in kept] == ["C1", "C2", "C3", "C4", "C5", "C5", "", ""]
    assert "2 rows more under a crime number" in notes(result)


@given(
    optional=st.sets(st.sampled_from(COLUMNS[5:])),
    order=st.randoms(use_true_random=False),
    rows=st.permutations(range(len(LINES))),
)
def test_the_count_does_not_depend_on_optional_columns_or_any_order(tmp_path_factory, optional, order, rows):
    columns = [*COLUMNS[:5], *sorted(optional)]
    order.shuffle(columns)
    path = tmp_path_factory.mktemp("f") / "f.csv"
    path.write_text(table_of(columns, [LINES[row] for row in rows]), encoding="utf-8")
    result = read_incidents(path, today=TODAY)
    assert len(result) == 8
    assert result.report.rejects == {"duplicate": 2}


@pytest.mark.parametrize(
    ("name", "void", "good"),
    [
        ("Crime status", "Cancelled (no crime)", "Filed"),
        ("Status", "No-crimed", "Undetected"),
        ("Record status", "Transferred to Nottinghamshire", "Not transferred"),
        ("No crime", "Y", "N"),
        ("Outcome", "Cancelled - verifiable information", "Charged"),
    ],
)
def test_records_that_are_no_crimes_are_left_out_and_said(tmp_path, name, void, good):
    line = lambda n: f"C{n},2024-01-{n + 1:02},Drugs,{xy(n)},{void if n < 4 else good}"  # noqa: E731
    result = read(tmp_path, f"Ref,Date,Offence,Easting,Northing,{name}", line)
    assert len(result) == 8
    assert result.report.rejects == {"not_a_crime": 4}
    assert "4 records cancelled, transferred" in notes(result)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Date,Type,Easting,Northing,Object of search", "Person search,{xy},Drugs"),
        ("datetime,type,X,Y,legislation", "Person search,{xy},PACE"),
        ("Date,Incident type,Easting,Northing", "Vehicle search,{xy}"),
    ],
)
def test_searches_are_known_by_what_they_hold(tmp_path, header, line):
    with pytest.raises(InputError, match="stop and search file"):
        read(tmp_path, header, lambda n: f"2024-01-{n + 1:02}," + line.replace("{xy}", xy(n)))


# -- dates -------------------------------------------------------------------------------------


def half_a_year(n: int) -> date:
    return date(2024, 1, 1) + timedelta(days=(3 * n) % 181)


def through_excel(day: date, *, cell: str) -> str:
    """Write a date as Excel does that reads US dates as British: exchanged where it can be."""
    text = f"{day.month:02}/{day.day:02}/{day.year}"
    return day.replace(month=day.day, day=day.month).strftime(cell) if day.day <= 12 else text


@pytest.mark.parametrize("cell", ["%Y-%m-%d", "%d/%m/%Y"])
def test_dates_exchanged_by_excel_are_refused_unless_the_order_is_given(tmp_path, cell):
    if cell == "%Y-%m-%d":
        line = lambda n: f"{through_excel(half_a_year(n), cell=cell)},Drugs,{xy(n)}"  # noqa: E731
        match = "every date cell has a day up to 12"
    else:  # a second system wrote the others day-first, so that nothing but the months tells
        swap = lambda d: d.replace(month=d.day, day=d.month) if d.day <= 12 else d  # noqa: E731
        line = lambda n: f"{swap(half_a_year(n)):%d/%m/%Y},Drugs,{xy(n)}"  # noqa: E731
        match = "6 months hold only days up to 12"
        read(tmp_path, "Date,Type,Easting,Northing", line, n=90, date_format="day-first")
    with pytest.raises(InputError, match=match) as caught:
        read(tmp_path, "Date,Type,Easting,Northing", line, n=90)
    assert "--date-format day-first" in str(caught.value)
    assert "YYYY-MM-DD" in str(caught.value)


@given(first=st.dates(date(2020, 1, 1), date(2024, 12, 1)), days=st.integers(1, 400), seed=st.integers(0, 99))
def test_true_dates_are_never_taken_for_exchanged_ones(tmp_path_factory, first, days, seed):
    dice = random.Random(seed)
    found = [first + timedelta(days=dice.randrange(days)) for _ in range(80)]
    result = read(
        tmp_path_factory.mktemp("f"),
        "Date,Type,Easting,Northing",
        lambda n: f"{found[n]:%d/%m/%Y},Drugs,{xy(n)}",
        n=80,
    )
    assert len(result) == 80


@pytest.mark.parametrize(
    ("header", "values", "months", "resolution"),
    [
        ("Date", ["2024-07-01 12:30:00+00"], ["2024-07"], "time"),
        ("Date", ["1704243600000"], ["2024-01"], "time"),
        ("Date", ["1704243600"], ["2024-01"], "time"),
        ("Date", ["202401031005"], ["2024-01"], "time"),
        ("Month", ["January 2024", "Feb 2024"], ["2024-01", "2024-02"], "month"),
        ("Month,Year", ["April,2024", "12,2024"], ["2024-04", "2024-12"], "month"),
        ("Month,Financial year", ["April,2023/24", "March,2023/24"], ["2023-04", "2024-03"], "month"),
        ("Week", ["2024-W01", "2024-W05"], ["2024-01", "2024-02"], "month"),
        ("Date (mm/dd/yyyy)", ["01/02/2024"], ["2024-01"], "day"),
    ],
)
def test_dates_of_many_forms(tmp_path, header, values, months, resolution):
    line = lambda n: f"{values[n % len(values)]},Drugs,{xy(n)}"  # noqa: E731
    result = read(tmp_path, f"{header},Type,Easting,Northing", line)
    assert sorted(set(result.frame["month"].astype(str))) == months
    assert result.resolution == resolution


@pytest.mark.parametrize(
    ("value", "what"),
    [("2023/24", "financial years"), ("January", "months without a year"), ("2024", "years")],
)
def test_dates_that_are_too_coarse_are_named(tmp_path, value, what):
    with pytest.raises(InputError, match=f"the dates are {what}.*: give the month or the day"):
        read(tmp_path, "Period,Type,Easting,Northing", lambda n: f"{value},Drugs,{xy(n)}")


def test_the_date_of_the_incident_comes_before_that_of_the_report_and_is_filled_from_it(tmp_path):
    line = lambda n: f"0{n % 9 + 1}/02/2024,{'' if n == 3 else f'{n + 1:02}/01/2024'},Drugs,{xy(n)}"  # noqa: E731
    result = read(tmp_path, "Date reported,Date from,Type,Easting,Northing", line)
    assert result.frame["month"].astype(str).value_counts().to_dict() == {"2024-01": 11, "2024-02": 1}
    assert "1 row dated by Date reported" in notes(result)


# -- places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "blank", ["NA,NA", "N/A,N/A", "nan,nan", "NULL,NULL", "None,None", "-,-", "unknown,", ",", "-1,-1"]
)
def test_words_for_nothing_are_blank_and_the_area_locates_the_row(tmp_path, blank):
    line = lambda n: f"2024-01,Drugs,{blank if n % 2 else xy(n)},E01013453"  # noqa: E731
    result = read(tmp_path, "Month,Type,Easting,Northing,LSOA code", line)
    assert len(result) == 12
    assert result.frame["easting"].notna().sum() == 6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Location", '"52.9{n:02}1, -1.4{n:02}2"'),
        ("Lat/Long", '"(52.9{n:02}1, -1.4{n:02}2)"'),
        ("Coordinates", '"-1.4{n:02}2 52.9{n:02}1"'),
        ("Where", "POINT(-1.4{n:02}2 52.9{n:02}1)"),
        ("geom", "SRID=4326;POINT Z (-1.4{n:02}2 52.9{n:02}1 30)"),
        ("geo_shape", '"{{""type"":""Point"",""coordinates"":[-1.4{n:02}2,52.9{n:02}1]}}"'),
    ],
)
def test_a_point_in_one_cell_is_read_whatever_the_column_is_called(tmp_path, name, value):
    line = lambda n: f"2024-01-{n + 1:02},Drugs,{value.format(n=n)}"  # noqa: E731
    frame = read(tmp_path, f"Date,Offence,{name}", line).frame
    assert frame["longitude"].tolist() == [
        pytest.approx(-(1.4 + n / 1000 + 0.0002), abs=1e-9) for n in range(12)
    ]
    assert frame["latitude"].between(52.9, 52.92).all()


def test_a_point_in_a_personal_column_is_not_read(tmp_path):
    with pytest.raises(InputError, match="no location column"):
        read(tmp_path, "Date,Offence,Victim home", lambda n: f"2024-01-{n + 1:02},Drugs,POINT(-1.4 52.9)")


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Sheet,Easting,Northing", "SK,{x:05},{y:05}"),
        ("Square,Easting,Northing", "SK,{x}0,{y}0"),
        ("Sheet,Easting,Northing", "SK,4{x:05},3{y:05}"),
    ],
)
def test_offsets_within_a_square_become_whole_coordinates(tmp_path, header, line):
    made = lambda n: f"2024-01-{n + 1:02},Drugs,{line.format(x=34_000 + n, y=36_000 + n)}"  # noqa: E731
    frame = read(tmp_path, f"Date,Offence,{header}", made).frame
    assert frame["easting"].tolist() == [434_000 + n for n in range(12)]
    assert frame["northing"].tolist() == [336_000 + n for n in range(12)]


def test_offsets_without_their_square_are_refused_with_the_remedy(tmp_path):
    with pytest.raises(InputError, match="100 km square seems to be missing: add a column Square"):
        read(
            tmp_path,
            "Date,Offence,Easting,Northing",
            lambda n: f"2024-01-{n + 1:02},Drugs,{34_000 + n},{36_000 + n}",
        )


def test_a_pair_that_is_wrong_gives_way_to_one_that_is_right(tmp_path):
    line = lambda n: f"2024-01-{n + 1:02},Drugs,{'0,0' if n < 3 else xy(n)},-1.4763,52.9225"  # noqa: E731
    frame = read(tmp_path, "Date,Offence,Easting,Northing,Longitude,Latitude", line).frame
    assert len(frame) == 12
    assert frame["longitude"].notna().sum() == 3


def test_a_point_with_a_large_part_of_the_rows_is_named(tmp_path):
    line = lambda n: f"2024-01-{n % 28 + 1:02},Drugs,{'434000,336000' if n % 3 == 0 else xy(n)}"  # noqa: E731
    assert "lie on one and the same point" in notes(
        read(tmp_path, "Date,Offence,Easting,Northing", line, n=90)
    )
    even = read(
        tmp_path,
        "Date,Offence,Easting,Northing",
        lambda n: f"2024-01-{n % 28 + 1:02},Drugs,{xy(n % 9)}",
        n=90,
    )
    assert "one and the same point" not in notes(even)


# -- headings and words ------------------------------------------------------------------------


def test_a_header_over_two_rows_and_below_titles_is_put_together(tmp_path):
    rows = ["Community safety,,,,", "Incident,,Date,Place,", "Ref,Type,From,Easting,Northing"]
    lines = [f"R{n},Drugs,{n + 1:02}/01/2024,{xy(n)}" for n in range(12)]
    (tmp_path / "f.csv").write_text("\n".join([*rows, *lines]) + "\n", encoding="utf-8")
    assert len(read_incidents(tmp_path / "f.csv", today=TODAY)) == 12


def test_records_above_a_header_are_never_passed_over(tmp_path):
    lines = [f"R{n},Drugs,{n + 1:02}/01/2024,{xy(n)}" for n in range(3)]
    text = "\n".join([*lines, "Ref,Type,Date,Easting,Northing", *lines]) + "\n"
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="header row is missing"):
        read_incidents(tmp_path / "f.csv", today=TODAY)


@pytest.mark.parametrize(
    "names",
    [["Jan-24", "Feb-24", "Mar-24"], ["202401", "202402", "202403"], ["2024-01", "2024-02", "2024-03"]],
)
def test_months_as_columns_are_recognised(tmp_path, names):
    with pytest.raises(InputError, match=r"months stand as columns \(3 columns, .* Month and Count"):
        read(tmp_path, f"LSOA code,Offence,{','.join(names)}", lambda n: "E01013453,Drugs,1,2,3")


def test_a_word_that_is_not_known_gives_way_to_one_that_is(tmp_path):
    header = "Date,Offence description,Offence group,Easting,Northing"
    result = read(tmp_path, header, lambda n: f"2024-01-{n + 1:02},Frobbing a widget,Drug offences,{xy(n)}")
    assert set(result.frame["crime_type"].astype(str)) == {"Drug offences"}
    assert "12 rows with the type of Offence group" in notes(result)


# -- what a second column or the other rows tell -----------------------------------------------


def test_a_blank_postcode_is_filled_from_the_next_column_of_postcodes(tmp_path):
    result = read(
        tmp_path,
        "Month,Type,Postcode,Incident postcode",
        lambda n: f"2024-01,Drugs,{'DE1 1AA' if n % 3 else ''},DE1 2BB",
    )
    assert result.frame["postcode"].astype(str).tolist() == ["DE1 2BB", "DE1 1AA", "DE1 1AA"] * 4
    whole = read(tmp_path, "Month,Type,Postcode,Incident postcode", lambda n: "2024-01,Drugs,DE1 1AA,DE1 2BB")
    assert set(whole.frame["postcode"]) == {"DE1 1AA"}


def test_an_area_of_minus_one_is_none(tmp_path):
    line = lambda n: f"2024-01,Drugs,{xy(n)},{-1 if n else 'E01013480'}"  # noqa: E731
    result = read(tmp_path, "Month,Type,Easting,Northing,LSOA code", line)
    assert result.frame["stated_lsoa"].astype(str).tolist() == ["E01013480", *[""] * 11]


def test_metres_among_degrees_are_read_as_what_they_are_and_said(tmp_path):
    degrees = lambda n: f"2024-01,Drugs,{-1.47 - n / 1000},{52.92}"  # noqa: E731
    line = lambda n: f"2024-01,Drugs,{xy(n)}" if n == 5 else degrees(n)  # noqa: E731
    result = read(tmp_path, "Month,Type,Longitude,Latitude", line)
    assert "1 row of 12 hold easting and northing among longitude and latitude" in notes(result)
    assert result.frame["easting"].dropna().tolist() == [434_500] and len(result) == 12


def test_types_of_before_2013_are_said_to_be_in_no_theme(tmp_path):
    line = lambda n: f"2012-01,{'Violent crime' if n else 'Drugs'},{xy(n)}"  # noqa: E731
    assert "before May 2013 and that no theme takes as they stand: Violent crime" in notes(
        read(tmp_path, "Month,Type,Easting,Northing", line)
    )


def test_midnight_again_and_again_is_a_time_that_is_not_known(tmp_path):
    line = lambda n: f"2024-01-{n % 28 + 1:02} {'00:00' if n % 2 else '13:45'},Drugs,{xy(n % 30)}"  # noqa: E731
    assert "30 rows of 60 say 00:00, which mostly stands for a time that is not known" in notes(
        read(tmp_path, "Date,Type,Easting,Northing", line, n=60)
    )


@pytest.mark.parametrize(
    ("column", "value", "year", "said"),
    [
        ("Week", "W05", "unknown", "weeks without a year"),
        ("Month", "March", "unknown", "months without a year"),
    ],
)
def test_a_month_beside_a_year_that_is_none_is_refused(tmp_path, column, value, year, said):
    with pytest.raises(InputError, match=f"the dates are {said}: give the month or the day"):
        read(tmp_path, f"{column},Year,Type,Easting,Northing", lambda n: f"{value},{year},Drugs,{xy(n)}")


def test_a_year_beside_whole_months_changes_nothing(tmp_path):
    result = read(tmp_path, "Month,Year,Type,Easting,Northing", lambda n: f"2024-01,2023,Drugs,{xy(n)}")
    assert set(result.frame["month"].astype(str)) == {"2024-01"}


def test_a_column_many_share_is_no_heap_where_their_rows_lie_apart(tmp_path):
    result = read(
        tmp_path, "Month,Type,Easting,Northing", lambda n: f"2024-01,Drugs,435200,{336_000 + n}", n=60
    )
    assert "lie on one and the same point" not in notes(result)


def test_beside_letters_of_no_square_coordinates_stay_as_they_are(tmp_path):
    header = "Month,Type,Grid square,Easting,Northing"
    line = lambda n: f"2024-01,Drugs,{'??' if n == 11 else 'SK'},{35_200 + n},{36_200}"  # noqa: E731
    assert read(tmp_path, header, line).frame["easting"].tolist() == [*range(435_200, 435_211), 35_211]
    with pytest.raises(InputError, match="the 100 km square seems to be missing"):
        read(tmp_path, header, lambda n: f"2024-01,Drugs,??,{35_200 + n},{36_200}")


def test_days_above_twelve_among_the_cells_show_that_nothing_was_exchanged():
    texts = [*(f"2024-01-{day:02}" for day in range(1, 10)), *(f"{day}/01/2024" for day in range(13, 22))]
    assert "every date cell has a day up to 12" in exchanged(texts, np.array([], "datetime64[s]"))
    assert exchanged([*texts, "2024-01-25"], np.array([], "datetime64[s]")) == ""
    assert exchanged([*texts, "05/01/2024"], np.array([], "datetime64[s]")) == ""


def test_half_a_character_is_no_number():
    assert _as_arrow(np.array(["1", "2"], object)).to_pylist() == ["1", "2"]
    assert _as_arrow(np.array(["\ud800"], object)) is None


def test_counts_that_are_all_one_are_rows_as_they_are(tmp_path):
    header, line = "Month,Type,Easting,Northing,Count", lambda n: f"2024-01,Drugs,{xy(n)},1"
    assert len(read(tmp_path, header, line)) == 12
    assert "incidents" not in notes(read(tmp_path, header, line))
