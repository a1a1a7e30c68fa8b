"""`hotspots fetch`: what each command asks of the publishers, and where it puts what they give."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from publishers import Publishers, serving, square_district
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.fetching.web import Web

WEST = square_district("E06000091", "West Town, City of", x=457_000)
NORTH = square_district("E07000092", "North Town", x=460_000, first=11)
WELSH = square_district("W06000093", "Ynys Môn", x=470_000, force="North Wales", first=21)
LOST = square_district("E06000094", "Lost Town", x=480_000, force="", first=31)
DISTRICTS = [WEST, NORTH, WELSH, LOST]
LAYERS = ["lsoa_2011_2021.csv", "lsoa_ward.csv", "lsoas_2011.geojson", "lsoas_2021.geojson"]
JANUARY = "2025-01-testshire-street.csv"
INSIDE = {"latitude": "52.960", "longitude": "-1.140", "street": {"id": 1, "name": "On or near A6"}}
CRIME = {
    "id": 1,
    "category": "drugs",
    "persistent_id": "",
    "month": "2025-01",
    "location": INSIDE,
    "outcome_status": None,
    "context": "",
}


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Serve three authorities and their figures to commands that keep what they fetch below `tmp_path`."""
    monkeypatch.setenv("HOTSPOTS_DATA", str(tmp_path / "data"))
    quick = partial(Web, attempts=1, per_second=1e9, timeout=(2, 2))
    monkeypatch.setattr("hotspots.fetching.web.Web", quick)
    with serving(Publishers(DISTRICTS, page=100, crimes=[CRIME])) as publishers:
        publishers.figures = {code: 1000 for one in DISTRICTS for code, *_ in (*one.lsoas, *one.wards)}
        publishers.members = {
            f"2025-01/2025-01-{force}-street.csv": force.encode() for force in ("testshire", "north-wales")
        }
        publishers.services(tmp_path / "services.csv")
        yield publishers


@pytest.fixture
def fetch(told, tmp_path):
    """Lend a function that runs `hotspots fetch`, and gives the files by name or what was refused."""

    def run(*words: str | Path, code: int = 0):
        said = CliRunner().invoke(
            app, ["fetch", *map(str, words), "--services", str(tmp_path / "services.csv")]
        )
        assert said.exit_code == code, said.output
        return said.stderr if code else [Path(line) for line in said.stdout.splitlines()]

    return run


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".geojson"))


def test_a_place_has_all_that_a_run_needs_and_wales_no_indices_of_england(fetch, told, tmp_path):
    paths = fetch("place", "--from", "2025-01", "--area", "West Town;Ynys Môn")
    assert all(path.is_file() for path in paths)
    west, welsh = (tmp_path / "data" / "boundaries" / one.code for one in (WEST, WELSH))
    assert _names(west) == ["deprivation.csv", *LAYERS, "residents_households.csv", "wards_2025.geojson"]
    assert _names(welsh) == [*LAYERS, "residents_households.csv", "wards_2025.geojson"]
    kept = {path.name: path.read_text() for path in (tmp_path / "data" / "police").glob("*/*.csv")}
    assert kept == {JANUARY: "testshire", "2025-01-north-wales-street.csv": "north-wales"}
    told.asked.clear()
    fetch("place", "--from", "2025-01", "--area", "Ynys Môn")
    assert not any("indices" in path for _, path, *_ in told.asked)


def test_each_part_of_a_place_can_be_had_by_itself(fetch, told, tmp_path):
    one, folder = ("--area", "West Town"), tmp_path / "layers"
    assert len(fetch("boundaries", *one, "--year", "2024", "--folder", folder)) == 5
    assert (folder / "wards_2024.geojson").is_file()
    fetch("boundaries", *one)
    (residents,) = fetch("population", *one)
    (scores,) = fetch("deprivation", *one)
    assert residents.parent == scores.parent == tmp_path / "data" / "boundaries" / WEST.code
    assert fetch("deprivation", *one, "--folder", folder) == [folder / "deprivation.csv"]
    told.file = b"PK\x03\x04"
    assert fetch("postcodes") == [tmp_path / "data" / "postcodes" / "codepo_gb.zip"]
    told.file = b"II*\x00"
    assert fetch("ostn15", "--folder", folder)[0].read_bytes() == told.file


def test_the_force_of_an_area_is_asked_of_the_portal_until_it_is_at_hand(fetch, told, tmp_path):
    words = ("police", "--from", "2025-01", "--area", "West Town")
    assert [path.name for path in fetch(*words)] == [JANUARY]
    assert any("portal" in path for _, path, *_ in told.asked)
    fetch("boundaries", "--area", "West Town")
    told.asked.clear()
    assert [path.name for path in fetch(*words)] == [JANUARY]
    assert not any("portal" in path for _, path, *_ in told.asked)


def test_with_api_the_outline_of_the_area_is_asked_for(fetch, tmp_path):
    fetch("boundaries", "--area", "West Town")
    (path,) = fetch("police", "--from", "2025-01", "--area", "West Town", "--api", "--folder", tmp_path)
    assert path.name == JANUARY and "Drugs" in path.read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("police", "--from", "2025-01", "--area", "Lost Town"), 2, "name it with --force"),
        (("boundaries", "--area", "Testshire"), 2, 'choose one of "West Town, City of", "North Town"'),
        (("boundaries", "--area", ";"), 2, "--area is empty"),
        (("population", "--area", "West Town"), 4, "Nothing is at hand for 'West Town'"),
        (("deprivation", "--area", "W06000093"), 4, "The English Indices do not cover W06000093"),
    ],
)
def test_what_cannot_be_fetched_is_refused(fetch, tmp_path, words, code, said):
    folder = () if words[0] == "police" else ("--folder", tmp_path / "one")
    assert said in fetch(*words, *folder, code=code)
