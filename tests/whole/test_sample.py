"""The synthetic sample: the same bytes again, like real data in shape, known for what it is."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import derive_sample
import numpy as np
import pandas as pd
import pytest
from derive_sample import SEED, force_extract, main, make_sample
from invented_city import PLANTED, REACH, invent_city
from scipy.spatial import cKDTree

from hotspots.errors import UsageError
from hotspots.policeuk import POLICE_TYPES
from hotspots.reading.incidents import read_incidents
from hotspots.reading.sample_marks import MARKER, is_synthetic
from hotspots.resources import shipped
from hotspots.themes.themes import classify, load_themes

MAKER = Path(derive_sample.__file__)


@pytest.fixture(scope="module")
def sample() -> dict[str, bytes]:
    return make_sample()


@pytest.fixture(scope="module")
def city():
    return invent_city(SEED)


@pytest.fixture(scope="module")
def tables(sample) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(io.BytesIO(content), dtype=str).fillna("") for name, content in sample.items()}


@pytest.fixture(scope="module")
def street(tables) -> pd.DataFrame:
    return pd.concat(
        [rows for name, rows in tables.items() if name.endswith("-street.csv")], ignore_index=True
    )


@pytest.fixture(scope="module")
def force(tables) -> pd.DataFrame:
    return tables["synthetic-force-extract.csv"]


def test_the_shipped_files_are_what_the_generator_writes(sample) -> None:
    folder = shipped("data", "sample")
    assert sorted(path.name for path in folder.iterdir()) == sorted(sample)
    assert {name for name, content in sample.items() if (folder / name).read_bytes() != content} == set()


def test_another_seed_gives_another_city(city) -> None:
    assert not force_extract(invent_city(7), 7).equals(force_extract(city, SEED))


def test_size_and_number(sample, tables) -> None:
    assert sum(map(len, sample.values())) < 2_500_000
    assert 11_500 < sum(map(len, tables.values())) < 12_500


def test_street_files_have_police_uk_s_columns_types_and_months(tables, street) -> None:
    assert list(street.columns) == [
        "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
        "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context",
    ]  # fmt: skip
    assert set(street["Crime type"]) == set(POLICE_TYPES[:14])
    for month in range(1, 13):
        rows = tables[f"2025-{month:02d}-synthetic-street.csv"]
        assert set(rows["Month"]) == {f"2025-{month:02d}"}
    anti_social = street["Crime type"] == "Anti-social behaviour"
    assert (street["Crime ID"][anti_social] == "").all()
    assert not street["Crime ID"][~anti_social].duplicated().any()


def test_every_row_is_marked_and_no_identifier_looks_real(tables) -> None:
    for name, rows in tables.items():
        assert "synthetic" in name
        assert set(rows["Reported by"]) == {MARKER}
        ids = rows.filter(regex="^(Crime|Record) ID$").iloc[:, 0]
        assert ids.map(lambda text: bool(re.fullmatch(r"(SYNTHETIC-[FP]?\d+)?", text))).all()
    streets = set(tables["2025-06-synthetic-street.csv"]["Location"])
    assert all(re.fullmatch(r"On or near Sample Street \d+|No Location", name) for name in streets)


def test_places_are_stacked_and_spaced_as_real_map_points_are(city, street) -> None:
    points = city.places[["easting", "northing"]].to_numpy()
    nearest = cKDTree(points).query(points, 2)[0][:, 1]
    assert 1_700 < len(points) < 1_900
    assert 80 < np.median(nearest) < 95
    assert nearest.min() >= 30
    stacked = street[street["Longitude"] != ""].groupby(["Longitude", "Latitude"]).size()
    assert stacked[stacked > 1].sum() / stacked.sum() > 0.9
    # heavy-tailed: one place in a hundred holds far more than its share
    assert stacked.nlargest(len(stacked) // 100).sum() / stacked.sum() > 0.08


def test_every_lsoa_has_places_and_every_place_a_ward(city) -> None:
    assert city.places["lsoa_code"].nunique() == 152
    assert city.places["ward_code"].str.fullmatch(r"E05\d{6}").all()


def test_some_rows_have_no_location(street) -> None:
    bare = street["Location"] == "No Location"
    assert 10 < bare.sum() < 100
    assert (street.loc[bare, ["Longitude", "Latitude", "LSOA code"]] == "").all(axis=None)


def test_all_seven_themes_are_there(street, force, tables) -> None:
    partner = tables["synthetic-partner-records.csv"]
    flags = {
        "Knife flag": "knife", "Alcohol flag": "alcohol", "Cyber flag": "cyber", "OCG flag": "ocg",
        "Modern slavery flag": "modern-slavery", "Terrorism flag": "terrorism",
    }  # fmt: skip
    rows = pd.concat([street, force, partner], ignore_index=True).fillna("")
    set_flags = rows[list(flags)].eq("Y").rename(columns=flags)
    frame = pd.DataFrame(
        {
            "crime_type": rows["Crime type"],
            "offence_code": rows["Offence code"],
            "flags": [";".join(set_flags.columns[row]) for row in set_flags.to_numpy()],
        }
    )
    totals = classify(frame, load_themes()).sum()
    assert (totals > 5).all(), totals.to_dict()


def test_the_sensitive_partner_records_give_a_ward_and_no_point(tables) -> None:
    rows = tables["synthetic-partner-records.csv"]
    flagged = rows[["Terrorism flag", "Modern slavery flag"]].eq("Y").any(axis=1)
    assert flagged.sum() == 20
    assert (rows.loc[flagged, ["Easting", "Northing"]] == "").all(axis=None)
    assert rows["Ward code"].str.startswith("E05").all()
    assert rows.loc[~flagged, "Easting"].str.fullmatch(r"\d{5}0").all()


def test_times_run_forward_and_nights_are_busy_at_weekends(force) -> None:
    start = pd.to_datetime(force["Date from"] + " " + force["Time from"])
    end = pd.to_datetime(force["Date to"] + " " + force["Time to"])
    assert (end >= start).all()
    assert (end > start).any()
    assert set(start.dt.year) == {2025}
    assert start.dt.month.nunique() == 12
    night = force["Offence code"].isin(["5D", "8N", "34B"])
    assert start[night].dt.day_of_week.isin([4, 5]).mean() > 0.45
    # other offences have no such habit: two days of seven
    assert start[~night & (force["Offence code"] != "58/1")].dt.day_of_week.isin([4, 5]).mean() < 0.45


def test_summer_has_more_anti_social_behaviour_than_winter(street) -> None:
    month = street.loc[street["Crime type"] == "Anti-social behaviour", "Month"].str[5:]
    assert month.isin(["06", "07", "08"]).sum() > 1.5 * month.isin(["12", "01", "02"]).sum()


def near(city, rows: pd.DataFrame, theme: str) -> np.ndarray:
    longitude, latitude = city.degrees
    at = city.places.set_index([[f"{x:.6f}" for x in longitude], [f"{y:.6f}" for y in latitude]])
    rows = rows[rows["Longitude"] != ""]
    points = at.loc[list(zip(rows["Longitude"], rows["Latitude"], strict=True)), ["easting", "northing"]]
    centres = city.hotspots.loc[city.hotspots["theme"] == theme, ["easting", "northing"]]
    return cKDTree(centres).query(points)[0] < 2 * REACH


def test_hot_spots_are_planted_where_the_seed_says(city, street) -> None:
    assert city.hotspots["theme"].value_counts().to_dict() == PLANTED
    assert not invent_city(3).hotspots.equals(city.hotspots)
    for theme, crime_type in (
        ("anti-social-behaviour", "Anti-social behaviour"),
        ("serious-youth-violence", "Robbery"),
        ("drugs-and-alcohol-misuse", "Drugs"),
    ):
        own = near(city, street[street["Crime type"] == crime_type], theme).mean()
        others = near(city, street[street["Crime type"] == "Vehicle crime"], theme).mean()
        assert own > 2 * others, theme


def test_one_area_emerges_in_the_second_half_of_the_year(city, street) -> None:
    late = near(city, street[street["Month"] >= "2025-10"], "emerging").mean()
    early = near(city, street[street["Month"] <= "2025-06"], "emerging").mean()
    assert late > 2 * early


def test_main_writes_the_folder_it_is_given(tmp_path, sample, monkeypatch) -> None:
    monkeypatch.setattr(derive_sample, "make_sample", lambda: sample)
    main([str(tmp_path / "new" / "sample")])
    assert {path.name: path.read_bytes() for path in (tmp_path / "new" / "sample").iterdir()} == sample
    with pytest.raises(UsageError, match="Name the folder to write"):
        main([])


def test_the_command_says_how_it_is_called() -> None:
    bare = subprocess.run([sys.executable, str(MAKER)], capture_output=True, text=True, check=False)
    assert (bare.returncode, bare.stderr) == (
        2,
        "Name the folder to write: python data/makers/derive_sample.py data/sample\n",
    )


def test_files_are_recognised_whatever_they_are_called(tmp_path, sample) -> None:
    content = sample["synthetic-force-extract.csv"]
    (tmp_path / "renamed.csv").write_bytes(content)
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("deep/renamed.csv", content)
    for name in ("renamed.csv", "packed.csv.gz", "archive.zip"):
        assert is_synthetic(read_incidents(tmp_path / name).frame), name


def test_real_files_are_not_taken_for_synthetic(shared) -> None:
    real = read_incidents(shared / "derby" / "police" / "2025-01-derbyshire-street.csv.gz")
    assert not is_synthetic(real.frame)


@pytest.mark.parametrize(
    ("crime_id", "street", "expected"),
    [
        ("SYNTHETIC-000001", "", True),
        ("", "On or near Sample Street 12", True),
        ("0a1b", "On or near Sample Street", False),
        ("", "", False),
        ("X-SYNTHETIC-1", "On or near Normanton Road", False),
    ],
)
def test_incidents_are_recognised_by_their_rows(crime_id: str, street: str, expected: bool) -> None:
    frame = pd.DataFrame({"crime_id": ["", crime_id], "street": pd.Categorical(["A Street", street])})
    assert is_synthetic(frame) is expected
    assert is_synthetic(frame.iloc[:0]) is False
