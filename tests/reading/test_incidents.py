"""Reading whole inputs: nothing is lost, every choice is said, mistakes of a whole file stop the run."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from police_lines import HEADER, row

from hotspots.errors import InputError, ParameterError
from hotspots.policeuk import force_slug
from hotspots.reading.flags import is_young
from hotspots.reading.incidents import Incidents, read_incidents
from hotspots.schema import INCIDENT_COLUMNS, REJECT_REASONS

TODAY = date(2026, 1, 31)


def csv(path: Path, lines: list[str], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read(paths: Path | list[Path], **options) -> Incidents:
    result = read_incidents(paths, today=TODAY, **options)
    check_balance(result)
    return result


def check_balance(result: Incidents) -> None:
    """Check that every row is accounted for, in each source and in all."""
    for source in result.report.sources:
        parts = (source.rows_kept, source.rows_rejected, source.out_of_period, source.rows_other_kind)
        assert source.rows_read == sum(parts)
        assert min(parts) >= 0
        assert source.rows_rejected == sum(source.rejects.values())
        assert int((result.frame["source"] == source.name).sum()) == source.rows_kept
        assert int((result.rejected["source"] == source.name).sum()) == source.rows_rejected
    assert set(result.rejected["reason"]) <= set(REJECT_REASONS)
    text = json.dumps(result.report.as_dict(), allow_nan=False)
    assert not re.search(r"\\u00[01]\w|\\u001b", text)


def test_a_good_file(tmp_path: Path) -> None:
    result = read(csv(tmp_path / "x.csv", [row(n) for n in range(3)]))
    assert tuple(result.frame.columns) == INCIDENT_COLUMNS
    assert isinstance(result.frame.index, pd.RangeIndex)
    assert result.frame["source_row"].tolist() == [2, 3, 4]
    assert result.frame["street"].tolist() == [f"On or near Sample Street {n}" for n in range(3)]
    assert result.frame["longitude"].tolist() == [-1.47, -1.4701, -1.4702]
    assert result.frame["easting"].isna().all()
    assert result.frame["month"].tolist() == ["2024-01"] * 3
    assert result.frame["occurred_from"].isna().all()
    assert result.resolution == "month"
    source = result.report.sources[0]
    assert (source.kind, source.publisher, source.encoding, source.delimiter, source.line_end) == (
        "police.uk street", "Derbyshire Constabulary", "utf-8", ",", "LF",
    )  # fmt: skip
    assert len(source.sha256) == 64


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Month": ""}, "missing_date"),
        ({"Month": "2024-13"}, "bad_date"),
        ({"Month": "2026-02"}, "future_date"),
        ({"Crime_type": " "}, "missing_type"),
        ({"Longitude": "", "Latitude": "", "LSOA_code": ""}, "missing_coordinate"),
        ({"Longitude": "", "Latitude": "", "LSOA_code": "", "Location": "No Location"}, "no_location"),
        ({"Longitude": "0", "Latitude": "0.000"}, "zero_coordinate"),
        ({"Longitude": "1e400"}, "bad_coordinate"),
        ({"Longitude": "NaN"}, "bad_coordinate"),
        ({"Longitude": "1_47"}, "bad_coordinate"),
        ({"Latitude": "0x1p0"}, "bad_coordinate"),
        ({"Latitude": "٥٢"}, "bad_coordinate"),
        ({"Latitude": "1234"}, "bad_coordinate"),
        ({"Context": "a,b"}, "wrong_field_count"),
        ({"Location": "a\x07b"}, "control_character"),
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_one_bad_row_has_its_reason(
    tmp_path: Path, changes: dict[str, str], reason: str, quoted: bool
) -> None:
    other = row(9, Location='"On or near Oak, Elm"') if quoted else row(9)
    result = read(csv(tmp_path / "x.csv", [row(1), row(2), row(3, **changes), other]))
    assert result.rejected.to_dict("records") == [{"source": "x.csv", "source_row": 4, "reason": reason}]
    assert result.frame["source_row"].tolist() == [2, 3, 5]


def test_an_area_code_locates_a_row_without_coordinates(tmp_path: Path) -> None:
    result = read(csv(tmp_path / "x.csv", [row(1), row(2, Longitude="", Latitude="")]))
    assert result.frame["longitude"].isna().tolist() == [False, True]
    assert result.frame["stated_lsoa"].tolist() == ["E01013453"] * 2


def test_rows_without_location_are_counted_by_month_and_type(tmp_path: Path) -> None:
    nowhere = {"Longitude": "", "Latitude": "", "LSOA_code": "", "Location": "No Location"}
    result = read(csv(tmp_path / "x.csv", [row(1), row(2, **nowhere), row(3, **nowhere)]))
    assert result.unlocated.to_dict("records") == [{"month": "2024-01", "crime_type": "Drugs", "rows": 2}]


def test_better_evidence_rescues_a_row_with_a_bad_coordinate(tmp_path: Path) -> None:
    lines = [
        "2024-01,Drugs,0,0,DE1 2AB",
        "2024-01,Drugs,NULL,NULL,",
        "2024-01,Drugs,435000,336000,",
        "2024-01,Drugs,,,de13ff",
    ]
    result = read(csv(tmp_path / "x.csv", lines, "Month,Type,X,Y,Postcode"))
    assert result.rejected["reason"].tolist() == ["missing_coordinate"]
    assert result.frame["postcode"].tolist() == ["DE1 2AB", "", "DE13FF"]
    assert result.frame["easting"].isna().tolist() == [True, False, True]
    assert "1 row with an unusable coordinate" in " ".join(result.report.sources[0].notes)


# -- mistakes that a whole file shares ---------------------------------------------------------


def numbers(tmp_path: Path, header: str, pairs: list[tuple[object, object]]) -> Path:
    return csv(tmp_path / "x.csv", [f"2024-01,Drugs,{x},{y}" for x, y in pairs], f"Month,Type,{header}")


DEGREES = [(-1.4763 - n / 1000, 52.9225 + n / 1000) for n in range(9)]
METRES = [(435000 + 100 * n, 336000 + 100 * n) for n in range(9)]


def test_swapped_and_sign_less_coordinates_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x.csv: latitude and longitude look swapped"):
        read(numbers(tmp_path, "Longitude,Latitude", [(y, x) for x, y in DEGREES]))
    with pytest.raises(InputError, match="minus sign seems to be missing"):
        read(numbers(tmp_path, "Longitude,Latitude", [(-x, y) for x, y in DEGREES]))
    with pytest.raises(InputError, match="easting and northing look swapped"):
        read(numbers(tmp_path, "Easting,Northing", [(y + 600_000, x) for x, y in METRES]))
    # Norwich, Lowestoft and Dover do lie east of Greenwich.
    assert (
        len(
            read(numbers(tmp_path, "Longitude,Latitude", [(1.29, 52.63), (1.75, 52.47), (1.31, 51.13)])).frame
        )
        == 3
    )


def test_numbers_decide_what_the_columns_hold(tmp_path: Path) -> None:
    result = read(numbers(tmp_path, "Longitude,Latitude", METRES))
    assert result.frame["easting"].tolist() == [x for x, _ in METRES]
    assert result.frame["longitude"].isna().all()
    assert "hold easting and northing" in result.report.warnings[0]
    result = read(numbers(tmp_path, "X,Y", DEGREES))
    assert result.frame["latitude"].tolist() == [pytest.approx(y) for _, y in DEGREES]


@pytest.mark.parametrize(
    "pair",
    [(-5, 336000), (435000, -1), (700_001, 336000), (435000, 1_300_001), (999, 999)],
)
def test_metres_beyond_the_national_grid_are_bad_coordinates(
    tmp_path: Path, pair: tuple[float, float]
) -> None:
    result = read(numbers(tmp_path, "Easting,Northing", [*METRES, pair]))
    assert result.rejected["reason"].tolist() == ["bad_coordinate"]
    assert len(result.frame) == len(METRES)


def test_metres_anywhere_on_the_national_grid_are_coordinates(tmp_path: Path) -> None:
    # A northing that lost its last digit is a place too, off the Isle of Wight.
    odd = [(435871, 33611), (700_000, 1_300_000)]
    assert len(read(numbers(tmp_path, "Easting,Northing", [*METRES, *odd])).frame) == len(METRES) + 2


def test_two_decimals_are_warned_about(tmp_path: Path) -> None:
    result = read(numbers(tmp_path, "Longitude,Latitude", [(round(x, 2), round(y, 2)) for x, y in DEGREES]))
    assert "two decimals" in result.report.warnings[0]
    assert not read(numbers(tmp_path, "Longitude,Latitude", DEGREES)).report.warnings


def test_decimal_commas_and_thousands(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Month;Type;Longitude;Latitude\n2024-01;Drugs;-1,476;52,922\n2024-01;Drugs;-1,5;52,9\n")
    result = read(path)
    assert result.frame["latitude"].tolist() == [52.922, 52.9]
    assert "decimal comma" in result.report.sources[0].notes[0]
    path.write_text("Month;Type;Easting;Northing\n2024-01;Drugs;435,123;336,001\n")
    assert read(path).frame["easting"].tolist() == [435123.0]


def test_most_rows_rejected_stops_the_run(tmp_path: Path) -> None:
    bad = [row(n, Month="someday") for n in range(3)]
    with pytest.raises(
        InputError,
        match=r"x.csv: 3 of 5 rows cannot be used \(3: the date is not one .*\), the first in row 3",
    ):
        read(csv(tmp_path / "x.csv", [row(8), *bad, row(9)]))
    assert len(read(csv(tmp_path / "x.csv", [*bad, *(row(n) for n in range(3, 6))])).frame) == 3


def test_all_faulty_files_are_named_at_once(tmp_path: Path) -> None:
    paths = [csv(tmp_path / "a.csv", []), csv(tmp_path / "b.csv", [], HEADER + ",Beat")]
    with pytest.raises(InputError, match=r"(?s)a.csv has a header but no data rows.*b.csv has a header"):
        read(paths)


def test_no_value_of_a_row_reaches_a_message(tmp_path: Path) -> None:
    lines = [row(n, Month="ZZSECRET", Location="ZZSECRET") for n in range(4)]
    with pytest.raises(InputError) as caught:
        read(csv(tmp_path / "x.csv", lines))
    assert "ZZSECRET" not in str(caught.value)


# -- dates ---------------------------------------------------------------------------------------


def dated(tmp_path: Path, *dates: str, header: str = "Date,Type,X,Y", **options) -> Incidents:
    lines = [f"{text},Drugs,{x},{y}" for text, (x, y) in zip(dates, METRES * 9, strict=False)]
    return read(csv(tmp_path / "x.csv", lines, header), **options)


def test_resolutions(tmp_path: Path) -> None:
    assert dated(tmp_path, "2024-01", "2024-02-03").resolution == "month"
    assert dated(tmp_path, "2024-01-01", "2024-02-03").resolution == "day"
    assert dated(tmp_path, "2024-01-01 10:00", "2024-02-03 00:00").resolution == "time"
    assert dated(tmp_path, "2024-01-01 10:00", "2024-02-03").resolution == "day"
    assert dated(tmp_path, "2024-01-05T00:00:00", "2024-02-03T00:00:00").resolution == "day"


def test_firsts_of_months_are_months(tmp_path: Path) -> None:
    result = dated(tmp_path, *(f"01/{month:02}/2024" for month in range(1, 13)))
    assert result.resolution == "month"
    assert result.frame["occurred_from"].isna().all()
    assert "first of a month" in " ".join(result.report.sources[0].notes)


def test_short_years_are_said(tmp_path: Path) -> None:
    result = dated(tmp_path, "Jan-24", "Feb-24")
    assert result.frame["month"].tolist() == ["2024-01", "2024-02"]
    assert "Dates such as Jan-25 are read as a month and a year." in result.report.sources[0].notes
    assert dated(tmp_path, "Jan 24", "2024-02").report.rejects == {"bad_date": 1}


def test_mixed_orders_are_refused_and_a_format_settles_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x.csv row 3: this date is month-first, others are day-first"):
        dated(tmp_path, "25/12/2024", "12/25/2024")
    with pytest.raises(InputError, match="the rest could be either"):
        dated(tmp_path, "01/02/2024", "12/25/2024")
    assert dated(tmp_path, "12/25/2024", "03/04/2024", date_format="month-first").frame["month"].tolist() == [
        "2024-12", "2024-03",
    ]  # fmt: skip
    uk = dated(tmp_path, "03/04/2024")
    assert uk.frame["month"].tolist() == ["2024-04"]
    assert "day-first" in uk.report.sources[0].notes[0]


def test_times_and_ends_beside_the_date(tmp_path: Path) -> None:
    header = "Date from,Time from,Date to,Time to,Offence,Easting,Northing"
    lines = ["15/01/2024,22:30,16/01/2024,07:00,Burglary,435000,336000",
             "15/01/2024,10:00,14/01/2024,09:00,Burglary,435000,336000"]  # fmt: skip
    result = read(csv(tmp_path / "x.csv", lines, header))
    assert result.resolution == "time"
    assert result.frame["occurred_from"].astype(str).tolist() == [
        "2024-01-15 22:30:00",
        "2024-01-15 10:00:00",
    ]
    assert result.frame["occurred_to"].isna().tolist() == [False, True]
    assert "1 end date, " in " ".join(result.report.sources[0].notes)


def test_a_time_of_its_own_wins_over_a_date_at_midnight(tmp_path: Path) -> None:
    header = "Date from,Time from,Date to,Time to,Offence,Easting,Northing"
    lines = ["15/01/2025 00:00,22:30,16/01/2025 00:00,07:00,Burglary,435000,336000",
             "16/01/2025 00:00,10:00,16/01/2025 00:00,11:00,Burglary,435000,336000"]  # fmt: skip
    result = read(csv(tmp_path / "x.csv", lines, header))
    assert result.frame["occurred_from"].astype(str).tolist() == [
        "2025-01-15 22:30:00", "2025-01-16 10:00:00",
    ]  # fmt: skip
    assert result.frame["occurred_to"].dt.hour.tolist() == [7, 11]
    assert result.resolution == "time"
    assert not any("midnight" in note for note in result.report.sources[0].notes)
    # One date with a time of its own changes nothing for the others.
    more = [*lines, "17/01/2025 09:15,12:00,,,Burglary,435000,336000"]
    hours = read(csv(tmp_path / "x.csv", more, header)).frame["occurred_from"].dt.hour.tolist()
    assert hours == [22, 10, 9]


@pytest.mark.parametrize("zone", ["Z", "+00:00", "+02:00", "-05:00", ""])
def test_days_written_as_midnight_of_any_zone_are_those_days(tmp_path: Path, zone: str) -> None:
    days = ["2025-06-15", "2025-07-01", "2025-01-15"]
    result = dated(tmp_path, *(f"{day}T00:00:00{zone}" for day in days))
    assert result.resolution == "day"
    assert result.frame["occurred_from"].astype(str).tolist() == days
    assert result.frame["month"].tolist() == [day[:7] for day in days]
    assert "Every time is midnight" in " ".join(result.report.sources[0].notes)
    assert "zone" not in " ".join(result.report.sources[0].notes)


def test_days_written_in_utc_take_the_time_beside_them(tmp_path: Path) -> None:
    lines = ["2025-06-15T00:00:00Z,22:30,Drugs,435000,336000"]
    result = read(csv(tmp_path / "x.csv", lines, "Date,Time,Type,X,Y"))
    assert result.frame["occurred_from"].astype(str).tolist() == ["2025-06-15 22:30:00"]


def test_a_change_of_zone_is_said(tmp_path: Path) -> None:
    result = dated(tmp_path, "2025-06-15T00:00:00Z", "2025-06-15T12:00:00Z", "2025-01-15T12:00:00Z")
    assert result.frame["occurred_from"].dt.hour.tolist() == [1, 13, 12]
    assert "2 times of another zone or UTC changed" in " ".join(result.report.sources[0].notes)


# -- filters, kinds, flags, personal columns --------------------------------------------------------


def test_period_and_force(tmp_path: Path) -> None:
    other = "Nottinghamshire Police"
    lines = [row(1, Month="2023-12"), row(2), row(3, Month="2024-02"), row(4, Reported_by=other)]
    path = csv(tmp_path / "x.csv", lines)
    result = read(path, from_month="2024-01", to_month="2024-01", force="derbyshire")
    assert result.frame["source_row"].tolist() == [3]
    assert result.report.sources[0].out_of_period == 3
    assert read(path, force="derbyshire,nottinghamshire").report.rows_kept == 4


def test_a_period_in_which_there_is_no_file_is_said(tmp_path: Path) -> None:
    csv(tmp_path / "2024-01-derbyshire-street.csv", [row(1)])
    with pytest.raises(InputError, match="No input file is left to read: check the period and the force"):
        read(tmp_path, from_month="2025-01")


def test_a_month_is_written_one_way(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="YYYY-MM"):
        read(csv(tmp_path / "x.csv", [row(1)]), from_month="Jan 2024")


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Derbyshire Constabulary", "derbyshire"), ("British Transport Police", "btp"),
     ("Devon & Cornwall Police", "devon-and-cornwall"), ("Metropolitan Police Service", "metropolitan"),
     ("City of London Police", "city-of-london"), ("Leicestershire Police", "leicestershire")],
)  # fmt: skip
def test_force_names(name: str, slug: str) -> None:
    assert force_slug(name) == slug


def test_other_kinds_of_police_files_are_counted_apart(tmp_path: Path) -> None:
    searches = "Type,Date,Latitude,Longitude,Legislation,Object of search,Outcome"
    csv(
        tmp_path / "searches.csv",
        ["Person search,2024-01-01T10:00:00+00:00,52.9,-1.4,Act,Drugs,None"],
        searches,
    )
    with pytest.raises(
        InputError, match=r"No incidents were given: searches.csv is a police.uk stop and search file"
    ):
        read(tmp_path)
    csv(tmp_path / "street.csv", [row(1)])
    result = read(tmp_path)
    assert len(result.frame) == 1
    assert [source.rows_other_kind for source in result.report.sources] == [1, 0]


def test_flags(tmp_path: Path) -> None:
    header = "Date,HO code,X,Y,Knife flag,Alcohol,Victim age,Flags"
    lines = [f"2024-01-15,5D,435000,336000,{rest}" for rest in
             ("Y,N,17,", ",1,18-24,cyber; OCG", "no,,25+,none", "perhaps,,40,Modern Slavery")]  # fmt: skip
    result = read(csv(tmp_path / "x.csv", lines, header))
    assert result.frame["flags"].tolist() == ["knife;youth", "alcohol;cyber;ocg;youth", "", "modern-slavery"]
    assert result.frame["offence_code"].tolist() == ["5D"] * 4
    assert "1 row with a knife mark" in " ".join(result.report.sources[0].notes)
    assert [is_young(text) for text in ("24", "25", "under 25", "10-17", "18 - 30", "over 18", "")] == [
        True, False, True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mark", "flags", "unclear"),
    [
        *((mark, "knife", False) for mark in ("Knife", "knife crime", "Knife used", "Knife:", "Knife - yes")),
        *(
            (mark, "", False)
            for mark in (
                "Knife not used", "Knife: No", "Knife - N", "Knife=0", "Knife: none", "No knife", "non-knife",
                "Without knife", "Not knife related", "Nil knife", "Not known", "No evidence of a knife",
            )
        ),
        *((mark, "", True) for mark in ("Knife used, no injury", "No injury, knife used", "Knife wasn't")),
    ],
)  # fmt: skip
def test_a_negation_in_a_mark_is_no_mark(tmp_path: Path, mark: str, flags: str, unclear: bool) -> None:
    path = csv(tmp_path / "x.csv", [f'2024-01-15,5D,435000,336000,"{mark}"'], "Date,HO code,X,Y,Knife flag")
    result = read(path)
    assert result.frame["flags"].tolist() == [flags]
    assert ("neither yes nor no" in " ".join(result.report.sources[0].notes)) == unclear


def test_offence_codes_that_became_dates_are_warned_about(tmp_path: Path) -> None:
    lines = ["2024-01-15,28-Mar,435000,336000", "2024-01-15,28/3,435000,336000"]
    result = read(csv(tmp_path / "x.csv", lines, "Date,Offence code,X,Y"))
    assert "become dates" in result.report.warnings[0]
    assert result.frame["offence_code"].tolist() == ["28-Mar", "28/3"]


def test_personal_columns_are_named_and_nothing_more(tmp_path: Path) -> None:
    lines = [row(n) + ",ZZPERSON,1980-02-03,07700 900123" for n in range(2)]
    result = read(csv(tmp_path / "x.csv", lines, HEADER + ",Victim name,DOB,Phone"))
    everything = result.frame.to_csv() + json.dumps(result.report.as_dict()) + result.rejected.to_csv()
    assert not re.search("ZZPERSON|1980-02-03|07700", everything)
    assert result.report.sources[0].personal_columns == ("Victim name", "DOB", "Phone")


# -- duplicates ---------------------------------------------------------------------------------------


def asb(n: int, **changes: str) -> str:
    return row(n, Crime_ID="", Crime_type="Anti-social behaviour", **changes)


def test_duplicates_within_and_across_files(tmp_path: Path) -> None:
    one = csv(tmp_path / "1.csv", [row(1), row(2), asb(3), asb(3), row(1)])
    two = csv(tmp_path / "2.csv", [row(2), row(4), asb(3), row(4, Crime_type="Burglary")])
    result = read([one, two])
    assert result.report.rejects == {"duplicate": 2}
    assert result.rejected[["source", "source_row"]].to_numpy().tolist() == [["1.csv", 6], ["2.csv", 2]]
    assert "2.csv overlaps 1.csv: 1 row without a Crime ID" in result.report.warnings[0]
    assert "2 rows with the Crime ID" in " ".join(result.report.sources[1].notes)
    pd.testing.assert_frame_equal(read([two, one]).frame, result.frame)
    acted = read([one, two], dedupe_source=True)
    assert acted.report.rejects == {"duplicate": 3}


def test_two_releases_of_a_month_count_an_incident_once(tmp_path: Path) -> None:
    def release(name: str, outcome: str) -> Path:
        lines = [row(n, Last_outcome_category=outcome) for n in range(4)]
        return csv(tmp_path / name, [*lines, row(9), asb(5), asb(5)])

    paths = [release("1.csv", "Under investigation"), release("2.csv", "No suspect identified")]
    result = read(paths)
    assert [source.rows_rejected for source in result.report.sources] == [4, 1]
    assert result.frame["crime_id"].ne("").sum() == 5
    warnings = " ".join(result.report.warnings)
    assert "1.csv: 4 rows found again in 2.csv with another outcome, as versions" in warnings
    assert "2.csv overlaps 1.csv: 2 rows without a Crime ID" in warnings
    assert not any("other content" in note for source in result.report.sources for note in source.notes)
    pd.testing.assert_frame_equal(read(paths[::-1]).frame, result.frame)
    assert len(read(paths, dedupe_source=True).frame) == 7


@pytest.mark.parametrize("ident", ["N/A", "unknown", "0", "1.23E+15"])
def test_equal_rows_with_a_placeholder_as_id_are_separate_incidents(tmp_path: Path, ident: str) -> None:
    result = read(csv(tmp_path / "x.csv", [row(1, Crime_ID=ident)] * 3 + [row(2), row(2)]))
    assert result.report.rejects == {"duplicate": 1}
    assert result.frame["crime_id"].tolist()[:3] == [ident] * 3, "shown as written"
    assert "3 rows with a word or a rounded number" in " ".join(result.report.sources[0].notes)


def test_the_same_file_is_read_once_packed_or_not(tmp_path: Path) -> None:
    plain = csv(tmp_path / "a.csv", [row(1), asb(2)])
    shutil.copy(plain, tmp_path / "b.csv")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    result = read([tmp_path, plain])
    assert len(result.frame) == 2
    assert result.report.notes == (
        "b.csv is the same file as a.csv: it was read once.",
        "c.csv.gz is the same file as a.csv: it was read once.",
    )


def test_a_doubled_month_is_warned_about_and_dropped_only_on_request(tmp_path: Path) -> None:
    path = csv(tmp_path / "x.csv", [asb(n) for n in [*range(12), *range(12)]] + [row(50)])
    result = read(path)
    assert len(result.frame) == 25
    assert re.search(
        r"in 2024-01 every row of Anti-social behaviour appears exactly twice \(24 rows, 12",
        result.report.warnings[0],
    )
    acted = read(path, dedupe_source=True)
    assert acted.report.rejects == {"duplicate": 12}
    assert "was rejected" in acted.report.warnings[0]


# -- properties ----------------------------------------------------------------------------------------

FIELD = st.sampled_from(
    ["", "x", "2024-01", "31/01/2024", "-1.47", "52.9", "0", "NaN", "No Location", '"a\nb"', "E01013453"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(FIELD, min_size=10, max_size=13), max_size=8))
def test_every_row_is_accounted_for(tmp_path: Path, rows: list[list[str]]) -> None:
    lines = [",".join(fields) for fields in rows]
    good = [row(n) for n in range(len(rows) + 1)]
    result = read(csv(tmp_path / "x.csv", [*lines, *good]))
    blank = sum(not any(fields) for fields in rows)
    assert result.report.rows_read == len(rows) - blank + len(good)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(8)))
def test_the_order_of_rows_does_not_change_what_is_kept(tmp_path: Path, order: list[int]) -> None:
    lines = [row(1), row(1), row(2), row(2, Crime_type="Burglary"), asb(3), asb(3), row(4, Month="x"), row(5)]
    result = read(csv(tmp_path / "x.csv", [lines[n] for n in order]))
    kept = Counter(zip(result.frame["crime_id"], result.frame["crime_type"], strict=True))
    assert sum(kept.values()) == 6
    assert max(n for (ident, _), n in kept.items() if ident) == 1
    assert result.report.rejects == {"bad_date": 1, "duplicate": 1}


# -- the reference data --------------------------------------------------------------------------------

#: What reading decides for each case: rows kept and reject counts, or a part of the message.
BAD_INPUT: dict[str, tuple[int, dict[str, int]] | str] = {
    "000_control_ok.csv": (12, {}),
    "001_empty_0_bytes.csv": "001_empty_0_bytes.csv is empty",
    "002_header_only.csv": "no data rows",
    "004_no_header.csv": "header row is missing",
    "005_utf8_bom.csv": (12, {}),
    "007_cp1252.csv": (12, {}),
    "009_nul_in_field.csv": (11, {"control_character": 1}),
    "011_ragged_short.csv": (10, {"wrong_field_count": 2}),
    "012_ragged_long.csv": (10, {"wrong_field_count": 2}),
    "015_embedded_newline_quotes.csv": (12, {}),
    "018_semicolon_decimal_comma.csv": (12, {}),
    "021_duplicate_header.csv": "'Longitude' appears twice",
    "022_header_aliases.csv": (12, {}),
    "024_missing_required_column.csv": "no latitude column",
    "025_personal_columns.csv": (12, {}),
    "029_totals_footer.csv": (12, {"missing_coordinate": 2}),
    "040_nonfinite.csv": (12, {"bad_coordinate": 9}),
    "042_latlon_swapped_all.csv": "look swapped",
    "044_zero_zero.csv": (9, {"zero_coordinate": 3}),
    "045_positive_longitude_all.csv": "minus sign",
    "048_bng_easting_northing.csv": (12, {}),
    "052_outside_area.csv": (17, {}),
    "053_all_same_point.csv": (12, {}),
    "057_police_no_location.csv": (9, {"no_location": 3}),
    "058_lsoa_code_conflicts.csv": (12, {}),
    "060_ten_date_formats.csv": (10, {}),
    "061_ambiguous_dmy.csv": (6, {}),
    "063_invalid_dates.csv": (13, {"bad_date": 8, "future_date": 1, "missing_date": 2}),
    "070_duplicate_rows_with_id.csv": (8, {"duplicate": 4}),
    "071_identical_rows_without_id.csv": (18, {}),
    "074_number_like_ids.csv": (12, {}),
    "075a_month_jan.csv": (8, {}),
    "075b_month_jan_again.csv": (8, {}),
    "080_html_js_in_text.csv": (14, {}),
    "082_formula_injection.csv": (12, {}),
    "083_theme_as_file_name.csv": (57, {"control_character": 3}),
    "100_control_ok.zip": (12, {}),
    "101_path_traversal.zip": (6, {}),
    "103_bomb_ratio.zip": "grows more than",
    "107_truncated.zip": "damaged zip",
    "120_control_ok.xlsx": (12, {}),
    "121_formula_cells.xlsx": (9, {"bad_coordinate": 3}),
    "126_serial_dates_unformatted.xlsx": (12, {}),
    "140_control_ok.gpkg": (12, {}),
    "143_null_and_empty_geometry.gpkg": (9, {"no_location": 3}),
    "144_endless_view.gpkg": (12, {}),
    "160_xxe.kml": "defines entities",
    "163_pickle.pkl": "not supported",
    "171_wards_bowtie.geojson": "other shapes than points",
    "180_lone_incident.csv": (41, {}),
    "181_area_minus_parts.csv": (22, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input(shared: Path, name: str) -> None:
    path = shared / "badinput" / name
    before = (path.read_bytes(), sorted(p.name for p in path.parent.iterdir()))
    expected = BAD_INPUT[name]
    if isinstance(expected, str):
        with pytest.raises(InputError, match=re.escape(expected)) as caught:
            read(path)
        assert str(caught.value).replace("\n", " ").isprintable()
        assert name in str(caught.value)
    else:
        result = read(path)
        assert (len(result.frame), result.report.rejects) == expected
    assert (path.read_bytes(), sorted(p.name for p in path.parent.iterdir())) == before


def test_every_bad_input_is_tried(shared: Path) -> None:
    names = {path.name.removesuffix(".expected.txt") for path in (shared / "badinput").glob("*.expected.txt")}
    assert names == set(BAD_INPUT)


def test_bad_input_details(shared: Path) -> None:
    folder = shared / "badinput"
    ids = read(folder / "074_number_like_ids.csv").frame["crime_id"].tolist()
    raw = [line.split(",")[0] for line in (folder / "074_number_like_ids.csv").read_text().splitlines()[1:]]
    assert ids == raw
    assert set(read(folder / "060_ten_date_formats.csv").frame["month"]) == {"2024-01"}
    days = read(folder / "061_ambiguous_dmy.csv").frame["occurred_from"].dt.strftime("%d %b").tolist()
    assert days == ["03 Apr", "05 Jun", "11 Dec", "01 Feb", "12 Jan", "09 Oct"]
    assert read(folder / "011_ragged_short.csv").rejected["source_row"].tolist() == [4, 8]
    assert read(folder / "012_ragged_long.csv").rejected["source_row"].tolist() == [4, 10]
    serial = read(folder / "126_serial_dates_unformatted.xlsx")
    assert set(serial.frame["occurred_from"].astype(str)) == {"2024-01-15"}
    control, comma = (
        read(folder / name).frame for name in ("000_control_ok.csv", "018_semicolon_decimal_comma.csv")
    )
    np.testing.assert_array_equal(control[["longitude", "latitude"]], comma[["longitude", "latitude"]])
    assert "café" in " ".join(read(folder / "007_cp1252.csv").frame["street"]).lower()


@pytest.mark.parametrize(
    "order",
    [("075a_month_jan.csv", "075b_month_jan_again.csv"), ("075b_month_jan_again.csv", "075a_month_jan.csv")],
)
def test_two_downloads_of_a_month(shared: Path, order: tuple[str, str]) -> None:
    result = read([shared / "badinput" / name for name in order])
    assert len(result.frame) == 13
    assert result.report.rejects == {"duplicate": 3}
    assert "1 row without a Crime ID found in both" in result.report.warnings[0]
    assert len(read([shared / "badinput" / name for name in order], dedupe_source=True).frame) == 12


def test_a_year_of_the_force_against_pandas(shared: Path) -> None:
    files = sorted((shared / "derby" / "police").glob("2025-*-derbyshire-street.csv.gz"))
    result = read(files)
    oracle = pd.concat(
        [pd.read_csv(file, keep_default_na=False, dtype=str) for file in files], ignore_index=True
    )
    with_id = oracle["Crime ID"] != ""
    oracle = oracle[~(with_id & oracle.duplicated())]
    assert len(result.frame) == len(oracle)
    assert result.frame["crime_type"].astype(str).tolist() == oracle["Crime type"].tolist()
    np.testing.assert_array_equal(result.frame["longitude"], oracle["Longitude"].astype(float))
    assert result.frame["crime_id"].tolist() == oracle["Crime ID"].tolist()
    assert result.report.rejects == {"duplicate": result.report.rows_read - len(oracle)}


def test_all_kinds_of_police_files_together(shared: Path) -> None:
    result = read(shared / "derby" / "police")
    kinds = Counter(source.kind for source in result.report.sources)
    assert kinds == {"police.uk street": 16, "police.uk outcomes": 1, "police.uk stop and search": 1}
    publishers = {source.publisher for source in result.report.sources} - {""}
    assert publishers == {"Derbyshire Constabulary", "British Transport Police"}
    assert result.report.sources[0].months == ("2018-10",)
    months = read(shared / "derby" / "police", from_month="2025-01", to_month="2025-02", force="derbyshire")
    assert len(months.report.sources) == 3, (
        "two months, and the outcomes file whose name is no police.uk name"
    )
