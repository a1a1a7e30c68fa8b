"""Locating incidents: the order of evidence, one row in and one row out, and real Derby."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from geocoding_cases import EAST, WEST, X, Y, incidents, layer, town
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import InputError
from hotspots.geography.load import Areas, load_areas
from hotspots.geography.postcodes import PostcodeTable
from hotspots.geography.projection import HELMERT, choose_projection
from hotspots.locating.geocode import Geocoded, geocode
from hotspots.reading.incidents import read_incidents
from hotspots.schema import INCIDENT_COLUMNS

NAN = np.nan
POSTCODES = PostcodeTable(
    "test",
    pd.DataFrame(
        {
            "easting": [X + 3500.0, X + 3600.0, X + 3700.0],
            "northing": [Y + 500.0, Y + 600.0, Y + 700.0],
            "terminated": [False, True, False],
            "sector_mean": [False, False, True],
        },
        index=["DE12AA", "DE12AB", "DE12AC"],
    ),
)


def locate(**columns: Sequence[object]) -> Geocoded:
    """Geocode incidents of the town the same way on every machine."""
    return geocode(incidents(**columns), town(), projection=HELMERT, postcodes=POSTCODES)


def test_the_best_evidence_decides() -> None:
    """Every row states all that is worse than what it is located by, and in another place."""
    found = locate(
        easting=[100, NAN, NAN, NAN, NAN],
        northing=[100, NAN, NAN, NAN, NAN],
        grid_reference=["SK 345 355", "SK 345 355", "nonsense", "", ""],
        postcode=["DE1 2AA", "DE1 2AA", "de12aa", "DE1 2ZZ", ""],
        stated_lsoa=["E01013455"] * 5,
    ).frame
    levels = ["coordinate", "grid reference", "postcode", "postcode sector", "area code"]
    assert found["match_level"].tolist() == levels
    # SK 345 355 is centred on (434 550, 335 550); the sector DE1 2 on about (435 665, 335 771).
    assert found["lsoa_code"].tolist() == ["E01013453", "E01034257", "E01013455", "", "E01013455"]
    assert found["ward_code"].tolist() == [WEST, WEST, EAST, EAST, EAST]
    assert found["place"].tolist() == [0, 1, 2, -1, -1]
    assert found["easting"].tolist()[:3] == [X + 100, 434_550, X + 3500]
    assert found["easting"].isna().tolist() == [False, False, False, True, True]


def test_the_frame_is_what_was_promised() -> None:
    """All columns, in order; a fresh index; the input untouched."""
    given_rows = incidents(easting=[-50, 100], northing=[100, 100])
    before = given_rows.copy(deep=True)
    found = geocode(given_rows, town(), projection=HELMERT)
    pd.testing.assert_frame_equal(given_rows, before)
    assert found.frame.columns.tolist() == [
        *INCIDENT_COLUMNS,
        *("match_level", "ward_code", "lsoa_code", "place"),
    ]
    assert found.frame.index.tolist() == [0]
    assert found.frame["place"].dtype == np.int32
    assert found.rejected.to_dict("list") == {
        "source": ["a.csv"],
        "source_row": [2],
        "reason": ["outside_area"],
    }
    assert found.located.tolist() == [True, True]


def test_degrees_are_converted_and_metres_win() -> None:
    """Longitude and latitude of TP15's neighbourhood; a row with both uses the metres."""
    found = locate(
        longitude=[-1.4874, -1.4874], latitude=[52.917, 52.917], easting=[NAN, 3100], northing=[NAN, 100]
    ).frame
    assert found["easting"].tolist() == pytest.approx([434_570, X + 3100], abs=20)
    assert found["lsoa_code"].tolist() == ["E01034257", "E01013455"]


def test_a_point_outside_is_never_overruled() -> None:
    """The LSOA it states lies inside; the row is still outside, and counted."""
    found = locate(easting=[100, 9000], northing=[100, 100], stated_lsoa=["E01013453", "E01013453"])
    assert len(found.frame) == 1
    assert found.rejected["reason"].tolist() == ["outside_area"]
    assert found.report.agreement.outside_stated_inside == 1
    assert found.report.unlocated == 0


def test_why_a_row_is_set_aside() -> None:
    """Elsewhere, unknown, not published, or nothing there at all."""
    found = locate(
        easting=[100, NAN, NAN, NAN, NAN, NAN],
        northing=[100, NAN, NAN, NAN, NAN, 5],
        stated_lsoa=["", "E01019400", "not a code", "", "", ""],
        street=["", "", "", "No Location", "", ""],
    )
    reasons = ["outside_area", "unknown_place", "no_location", "missing_coordinate", "missing_coordinate"]
    assert found.rejected["reason"].tolist() == reasons
    assert found.rejected["source_row"].tolist() == [3, 4, 5, 6, 7]
    assert found.unlocated["source_row"].tolist() == [4, 5, 6, 7]
    assert found.unlocated.columns.tolist() == list(INCIDENT_COLUMNS)
    assert found.located.tolist() == [True, True, False, False, False, False]


def test_area_codes_say_only_what_they_determine() -> None:
    """A split LSOA names no single new one; an LSOA that a ward border cuts names no ward."""
    found = locate(
        stated_lsoa=["E01013453", "E01013479", "E01013454", "", "", "E01013454"],
        stated_ward=["", "", "", EAST, "E05001770", WEST],
    )
    assert found.frame["lsoa_code"].tolist() == ["E01013453", "", "E01013454", "", "", "E01013454"]
    assert found.frame["ward_code"].tolist() == [WEST, WEST, "", EAST, "", WEST]
    assert set(found.frame["match_level"]) == {"area code"}
    assert (found.frame["place"] == -1).all()
    assert (found.report.without_ward, found.report.without_lsoa) == (2, 3)
    assert "without a certain ward: 2 rows" in found.report.notes[-1]


def test_new_codes_are_carried_back_to_the_old_layer() -> None:
    """With the LSOAs of 2011 both parts lead to the whole."""
    old = {"E01013453": (0, 1000), "E01013479": (1000, 2000), "E01013454": (2000, 4000)}
    rows = incidents(stated_lsoa=["E01034256", "E01034257", "E01013479"])
    found = geocode(rows, town(old, vintage="lsoa_2011"), projection=HELMERT)
    assert found.frame["lsoa_code"].tolist() == ["E01013479"] * 3


def test_another_table_of_changes_is_used(tmp_path: Path) -> None:
    """A code that only the given table knows."""
    path = tmp_path / "changes.csv"
    path.write_text("lsoa11_code,lsoa21_code\nE01099999,E01013455\n")
    rows = incidents(easting=[100, NAN], northing=[100, NAN], stated_lsoa=["", "E01099999"])
    known = geocode(rows, town(), projection=HELMERT, lookup=path)
    assert known.frame["lsoa_code"].tolist() == ["E01013453", "E01013455"]
    assert geocode(rows, town(), projection=HELMERT).rejected["reason"].tolist() == ["outside_area"]


def test_a_postcode_file_is_read_by_its_name(tmp_path: Path) -> None:
    """As Code-Point Open; only what the incidents state is kept of it."""
    path = tmp_path / "de.csv"
    path.write_text(f"DE1 2AA,10,{X + 3500},{Y + 500},E92000001\n")
    found = geocode(incidents(postcode=["de1 2aa"]), town(), projection=HELMERT, postcodes=path).frame
    assert found["match_level"].tolist() == ["postcode"]
    assert found["easting"].tolist() == [X + 3500]


def test_stated_and_computed_are_compared_through_the_table_of_changes() -> None:
    """The old code agrees with either of its parts; a real conflict is listed."""
    found = locate(
        easting=[1100, 1600, 1600, 100, 3500],
        northing=[100] * 5,
        stated_lsoa=["E01013479", "E01013479", "E01034256", "", "E01019400"],
    )
    agreement = found.report.agreement
    assert (agreement.compared, agreement.agreed, agreement.conflicts) == (4, 2, 2)
    assert found.conflicts["source_row"].tolist() == [4, 6]
    assert found.conflicts["stated"].tolist() == ["E01034256", "E01019400"]
    assert found.conflicts["computed"].tolist() == ["E01034257", "E01013455"]
    assert found.frame["lsoa_code"].tolist() == [
        "E01034256",
        "E01034257",
        "E01034257",
        "E01013453",
        "E01013455",
    ]


def test_a_change_of_vintage_within_the_period_is_said() -> None:
    """Which months state which."""
    found = locate(
        easting=[1100] * 3,
        northing=[100] * 3,
        month=["2022-11", "2022-12", "2023-04"],
        stated_lsoa=["E01013479", "E01013453", "E01034256"],
    ).report
    assert found.lsoa_vintages == {"2022-11": "lsoa_2011", "2022-12": "either", "2023-04": "lsoa_2021"}
    assert found.lsoa_vintage == "both"
    assert any("2011 from 2022-11 to 2022-11; 2021 from 2023-04" in warning for warning in found.warnings)


def test_postcodes_without_a_file_are_worth_their_sector() -> None:
    """And a sector alone is one too."""
    rows = incidents(postcode=["DE1 2AA", "DE1 2"])
    found = geocode(rows, town(), projection=HELMERT).frame
    assert found["match_level"].tolist() == ["postcode sector"] * 2
    assert found["ward_code"].tolist() == [EAST, EAST]


def test_terminated_postcodes_and_coarse_squares_are_said() -> None:
    """Used, but not in silence; a postcode that its publisher put at the sector's mean is a sector."""
    found = locate(postcode=["DE1 2AB", "DE1 2AC", "", ""], grid_reference=["", "", "SK 34 36", "SK 3 3"])
    assert found.frame["match_level"].tolist() == ["postcode", "postcode sector", "grid reference"]
    assert found.rejected["reason"].tolist() == ["unknown_place"]
    assert (found.report.terminated_postcodes, found.report.coarse_grid_references) == (1, 1)
    said = " ".join(found.report.warnings)
    assert "Located by a postcode that is no longer in use: 1 row." in said
    assert "grid reference of 1 km" in said


def test_places_are_numbered_by_easting_then_northing() -> None:
    """Equal points share a number; points outside the area take none."""
    found = locate(easting=[300, 100, 100, 300, -10, 100], northing=[5, 9, 7, 5, 0, 9]).frame
    assert found["place"].tolist() == [2, 1, 0, 2, 1]


def test_hit_rates_below_the_threshold_warn() -> None:
    """For each file and for all; the figures are in the warning."""
    found = locate(
        easting=[100] * 8 + [NAN] * 2, northing=[100] * 10, source=["good.csv"] * 5 + ["bad.csv"] * 5
    ).report
    assert [(s.name, s.inside, s.unlocated) for s in found.by_source] == [
        ("bad.csv", 3, 2),
        ("good.csv", 5, 0),
    ]
    assert found.hit_rate.rate == 0.8
    assert any(
        warning.startswith("bad.csv: 3 of 5 rows could be located (60.0%") for warning in found.warnings
    )
    assert not any(warning.startswith("good.csv") for warning in found.warnings)


def test_rows_that_reading_set_aside_count_as_misses() -> None:
    """Only those without a usable location: a bad date says nothing about where."""
    aside = pd.DataFrame(
        {
            "source": ["a.csv", "a.csv", "b.csv"],
            "source_row": [9, 10, 2],
            "reason": ["no_location", "bad_date", "zero_coordinate"],
        }
    )
    rows = incidents(easting=[100] * 8, northing=[100] * 8)
    report = geocode(rows, town(), projection=HELMERT, rejected=aside).report
    assert (report.hit_rate.located, report.hit_rate.total, report.unlocated_in_reading) == (8, 10, 2)
    assert [(s.name, s.rows, s.unlocated) for s in report.by_source] == [("a.csv", 9, 1), ("b.csv", 1, 1)]
    assert report.by_level["none"] == report.unlocated == 2


def test_by_level_adds_up() -> None:
    """Rows in the area by level, and the unlocated as none."""
    report = locate(
        easting=[100, -100, NAN, NAN], northing=[1, 1, NAN, NAN], stated_lsoa=["", "", "E01013453", ""]
    ).report
    assert report.by_level == {
        "coordinate": 1,
        "grid reference": 0,
        "postcode": 0,
        "postcode sector": 0,
        "area code": 1,
        "none": 1,
    }
    assert sum(report.by_level.values()) + report.outside == report.rows


def test_a_file_that_strays_is_named_when_others_do_not() -> None:
    """With the mistake that explains it."""
    found = locate(
        easting=[100, Y + 100 - X, 200],
        northing=[100, X + 100 - Y, 200],
        source=["a.csv", "swapped.csv", "a.csv"],
    )
    assert (
        found.report.warnings[-1] == "swapped.csv: no row lies in Derby; easting and northing look swapped."
    )


@pytest.mark.parametrize(
    ("columns", "clause"),
    [
        ({"longitude": [52.917], "latitude": [-1.4874]}, "longitude and latitude look swapped"),
        ({"longitude": [1.4874], "latitude": [52.917]}, "longitude seems to lack its minus sign"),
        ({"easting": [100_000], "northing": [0]}, "98 km to the east"),
        ({"postcode": ["x"]}, "can be located: there is no coordinate"),
    ],
)
def test_nothing_in_the_area_stops_the_run(columns: dict[str, list[object]], clause: str) -> None:
    """With the best guess, and nothing put right in silence."""
    with pytest.raises(InputError, match=f"none of 1 row .*{clause}"):
        locate(**columns)


def test_no_incidents_are_no_mistake() -> None:
    """An empty frame goes through; its hit rate is unknown, not perfect."""
    found = geocode(incidents(), town(), projection=HELMERT)
    assert len(found.frame) == len(found.rejected) == 0
    assert found.report.hit_rate.rate is None
    json.dumps(found.report.as_dict(), allow_nan=False)


def test_points_in_a_gap_get_the_nearest_area() -> None:
    """Inside the outline, every incident has a ward and an LSOA."""
    areas = town()
    gap = layer("ward", "ward_2023", {WEST: (0, 2490), EAST: (2500, 4000)})
    holed = Areas(**{**vars(areas), "wards": gap})
    found = geocode(incidents(easting=[2492, 2499], northing=[100, 100]), holed, projection=HELMERT)
    assert found.frame["ward_code"].tolist() == [WEST, EAST]


ROW = st.tuples(
    st.sampled_from([NAN, -100.0, 100.0, 1500.0, 2500.0, 4000.0]),
    st.sampled_from(["", "SK 345 355", "SK 99 99", "rubbish"]),
    st.sampled_from(["", "DE1 2AA", "DE1 2ZZ", "ZZ1 1ZZ"]),
    st.sampled_from(["", "E01013453", "E01013479", "E01019400", "x"]),
)


@given(st.lists(ROW, min_size=1, max_size=25))
def test_one_row_in_and_one_row_out(rows: list[tuple[float, str, str, str]]) -> None:
    """Every row is in exactly one of the two, and points are only where the level is good enough for one."""
    # One good row more, because a file with none stops the run.
    x, grid, postcode, lsoa = zip(*rows, (100.0, "", "", ""), strict=True)
    found = locate(
        easting=x, northing=[100] * len(x), grid_reference=grid, postcode=postcode, stated_lsoa=lsoa
    )
    numbers = sorted([*found.frame["source_row"], *found.rejected["source_row"]])
    assert numbers == list(range(2, len(x) + 2))
    pointed = found.frame["match_level"].isin(["coordinate", "grid reference", "postcode"])
    assert (pointed == (found.frame["place"] >= 0)).all()
    assert (pointed == found.frame["easting"].notna()).all()
    report = found.report
    assert report.inside + report.outside + report.unlocated == report.rows == len(x)
    assert report.unlocated == len(found.unlocated) == (~found.located).sum()


@given(st.lists(ROW, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(
    rows: list[tuple[float, str, str, str]], random: object
) -> None:
    """What a row gets depends on the row, and the numbers of places on the set of points."""
    x, grid, postcode, lsoa = zip(*rows, (100.0, "", "", ""), strict=True)
    table = incidents(
        easting=x, northing=[100] * len(x), grid_reference=grid, postcode=postcode, stated_lsoa=lsoa
    )
    order = list(range(len(table)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = (
        geocode(t, town(), projection=HELMERT, postcodes=POSTCODES).frame.set_index("source_row").sort_index()
        for t in (table, table.iloc[order].reset_index(drop=True))
    )
    pd.testing.assert_frame_equal(one, other, check_index_type=False)


# Real Derby.


@pytest.fixture(scope="module")
def reference(shared: Path) -> Areas:
    """The reference boundaries."""
    return load_areas(folder=shared / "derby" / "boundaries", projection=HELMERT)


@pytest.fixture(scope="module")
def year(shared: Path) -> pd.DataFrame:
    """The twelve force files of 2025; nothing else is among what reading rejects but repeats."""
    read = read_incidents(sorted((shared / "derby" / "police").glob("2025-*-derbyshire-street.csv.gz")))
    assert len(read.frame) + len(read.rejected) == 102_621
    assert set(read.rejected["reason"]) <= {"duplicate"}
    return read.frame


@pytest.mark.shared
@pytest.mark.parametrize("method", ["Helmert", "OSTN15"])
def test_a_year_of_derby(shared: Path, reference: Areas, year: pd.DataFrame, method: str) -> None:
    """The counts of the reference; 95 % get the LSOA that police.uk states, by either method."""
    projection = HELMERT
    if method == "OSTN15":
        grid = "ostn15_shift_subgrid_derby_400-460E_310-365N.csv"
        projection = choose_projection(shared / "derby" / "ostn15" / grid)
        reference = load_areas(folder=shared / "derby" / "boundaries", projection=projection)
    found = geocode(year, reference, projection=projection)
    assert len(found.frame) == pytest.approx(35_878, rel=0.001)
    counts = found.frame["ward_code"].value_counts()
    expected = {
        "E05015511": 6_932,
        "E05015517": 4_189,
        "E05015509": 3_031,
        "E05015507": 2_965,
        "E05015521": 2_688,
    }
    for code, n in expected.items():
        assert counts[code] == pytest.approx(n, rel=0.001)
    assert found.report.agreement.share >= 0.95
    assert found.report.agreement.conflicts == len(found.conflicts)
    assert found.report.lsoa_vintage == "lsoa_2021"
    assert found.report.warnings == ()


@pytest.mark.shared
def test_the_shipped_boundaries_are_close(shared: Path, reference: Areas, year: pd.DataFrame) -> None:
    """Each ward within 4 % of the reference."""
    exact = geocode(year, reference, projection=HELMERT).frame["ward_code"].value_counts()
    shipped = geocode(year, load_areas(), projection=HELMERT).frame["ward_code"].value_counts()
    ratio = shipped.reindex(exact.index)[exact > 0] / exact[exact > 0]
    assert ratio.between(0.96, 1.04).all()


@pytest.mark.shared
def test_2018_and_2025_together(shared: Path) -> None:
    """Two vintages and one result; the map points were replaced between them, and that is said."""
    folder = shared / "derby" / "police"
    files = [
        *folder.glob("2018-*-derbyshire-street.csv.gz"),
        *folder.glob("2025-1*-derbyshire-street.csv.gz"),
    ]
    found = geocode(read_incidents(sorted(files)).frame, load_areas(), projection=HELMERT)
    assert (found.frame["lsoa_code"] != "").all()
    assert found.report.lsoa_vintage == "both"
    assert found.report.lsoa_vintages["2018-10"] == "lsoa_2011"
    assert found.report.lsoa_vintages["2025-12"] == "lsoa_2021"
    said = " ".join(found.report.warnings)
    assert "2011 from 2018-10 to 2018-12; 2021 from 2025-10 to 2025-12" in said
    assert "The map points of 2018 and 2025 differ" in said
    # The split LSOA was stated by its old code in 2018, and its parts agree with it.
    old = found.conflicts["stated"] == "E01013479"
    assert not found.conflicts.loc[old, "computed"].isin(["E01034256", "E01034257"]).any()
    json.dumps(found.report.as_dict(), allow_nan=False)


@pytest.mark.shared
def test_british_transport_police_is_national(shared: Path, reference: Areas) -> None:
    """A few rows lie in Derby, and the rest of the country is set aside and counted."""
    read = read_incidents([shared / "derby" / "police" / "2025-01-btp-street.csv.gz"])
    found = geocode(read.frame, reference, projection=HELMERT)
    assert (found.report.inside, found.report.outside) == (4, 3_300)
    assert (found.report.agreement.compared, found.report.agreement.share) == (4, 1.0)
