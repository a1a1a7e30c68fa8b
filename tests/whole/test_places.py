"""
Any place: fetched by name, run by name, several at once.

The publishers are played by a server on this machine (tests/towns/publishers.py says how). Leicester's wards,
LSOAs and street crime are real (../shared/leicester); its LSOAs of 2011 and residents of 2015 stand in for
those of 2021, which are not at hand.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import police_lines
import pytest
import towns
from publishers import District, Publishers, serving, square_district
from typer.testing import CliRunner

from hotspots.cli import app

LEICESTER = "E06000016"
#: All incidents and one theme: what is asked below does not hang on the others.
QUICK = ("--theme", "anti-social-behaviour")


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Run the publishers, and keep what is fetched in a folder of the test."""
    with serving(Publishers([])) as publishers:
        monkeypatch.setenv("HOTSPOTS_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("HOTSPOTS_SERVICES", str(publishers.services(tmp_path / "services.csv")))
        monkeypatch.chdir(tmp_path)
        (tmp_path / "hotspots.toml").write_text(towns.QUICK, encoding="utf-8")
        yield publishers


def hotspots(*words: str, code: int = 0):
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done


def leicester(shared) -> District:
    """Lay the real wards and LSOAs out as a district; an LSOA's ward is that of its inner point."""
    folder = shared / "leicester"
    wards = gpd.read_file(folder / "wards_2015.geojson")
    lsoas = gpd.read_file(folder / "lsoa_2011.geojson")
    inner = lsoas.set_geometry(lsoas.representative_point())
    ward = gpd.sjoin(inner, wards[["code", "geometry"]], how="left", lsuffix="lsoa", rsuffix="ward")
    return District(
        LEICESTER,
        "Leicester",
        "Leicestershire",
        list(zip(wards["code"], wards["name"], wards.geometry, strict=True)),
        list(zip(lsoas["code"], lsoas["name"], lsoas.geometry, ward["code_ward"], strict=True)),
    )


@pytest.mark.shared
def test_leicester_by_name_in_two_commands(shared, told):
    place = leicester(shared)
    people = pd.read_csv(shared / "leicester" / "iod2019_population_denominators_lsoa2011.csv", thousands=",")
    residents = people.set_index(people.columns[0])[people.columns[4]]
    wards = residents.groupby({code: ward for code, _, _, ward in place.lsoas}).sum()
    told.districts, told.page = [place], 100
    told.figures = {**residents.astype(int).to_dict(), **wards.astype(int).to_dict()}
    for path in sorted((shared / "leicester").glob("*-street.csv.gz")):
        name = path.name.removesuffix(".gz")
        told.members[f"{name[:7]}/{name}"] = gzip.decompress(path.read_bytes())
    hotspots("fetch", "place", "--area", "leicester", "--from", "2024-01", "--to", "2024-04")
    done = hotspots("run", "--area", "Leicester", "--quiet", *QUICK)
    assert "16,032 of 34,601 rows lie in Leicester, January to April 2024." in done.stdout
    assert "By rate per resident, Castle" in done.stdout
    assert "resident" not in done.stderr
    ranking = pd.read_csv("maps/tables/priority.csv")
    ranked = ranking[ranking["theme"].eq("all") & ranking["level"].eq("ward")]
    assert ranked["rank"].tolist() == list(range(1, 22))
    assert ranked["rate_per_1000"].notna().all()
    record = json.loads(Path("maps/run.json").read_text("utf-8"))
    assert record["boundaries"]["wards"] == "ward_2025"


@pytest.mark.shared
def test_leicester_from_layers_without_residents_says_so_and_ranks_by_count(shared, told):
    folder = shared / "leicester"
    files = sorted(map(str, folder.glob("*-street.csv.gz")))
    done = hotspots("run", *files, "--boundaries", str(folder), "--area", LEICESTER, "--quiet", *QUICK)
    assert "16,032 of 34,601 rows lie in Leicester" in done.stdout
    assert "By number of incidents, Castle is clearly among the top three." in done.stdout
    assert "was taken for" not in done.stderr and "without a year" not in done.stderr
    assert "No residents are known of the wards and the LSOAs" in done.stderr
    ranking = pd.read_csv("maps/tables/priority.csv")
    wards = ranking[ranking["theme"].eq("all") & ranking["level"].eq("ward")].sort_values("rank")
    assert wards["count"].is_monotonic_decreasing and len(wards) == 21
    assert wards["rank_by_residents"].isna().all() and wards["rank_by_area"].notna().all()
    for page in ("maps/wards/castle.html", "maps/wards/index.html"):
        text = Path(page).read_text("utf-8")
        assert "withheld" not in text
        assert "by residents" not in text and "ranks go by the number of incidents" in text


@pytest.fixture
def two(told):
    """Give two districts of a force with incidents in each, one of them in Wales."""
    first = square_district("E06000091", "West Town", x=457_000)
    second = square_district("W06000092", "North Town", x=461_000, first=11)
    told.districts = [first, second]
    codes = [one[0] for place in told.districts for one in (*place.wards, *place.lsoas)]
    told.figures = dict.fromkeys(codes, 1500)
    for month in ("2025-01", "2025-02"):
        lines = [
            police_lines.row(
                1000 * int(month[-1]) + k,
                Month=month,
                Longitude=f"{west + 0.0005 * (k % 50):.6f}",
                Latitude=f"{52.956 + 0.0002 * (k % 30):.6f}",
                LSOA_code="",
            )
            for west in (-1.1510, -1.0915)
            for k in range(150)
        ]
        text = "\n".join([police_lines.HEADER, *lines]) + "\n"
        told.members[f"{month}/{month}-testshire-street.csv"] = text.encode()
    return told


def test_a_force_is_run_with_all_its_districts_and_an_index(two, tmp_path):
    hotspots("fetch", "place", "--area", "Testshire", "--from", "2025-01", "--to", "2025-02")
    done = hotspots("run", "--area", "Testshire", "--quiet", *QUICK)
    assert "West Town, January to February 2025: 300 incidents." in done.stdout
    assert "North Town, January to February 2025: 300 incidents." in done.stdout
    index = (tmp_path / "maps" / "index.html").read_text("utf-8")
    assert 'href="west-town/index.html"' in index and 'href="north-town/index.html"' in index
    assert (tmp_path / "maps" / "north-town" / "run.json").is_file()
    # Nothing of Wales is told by England's Indices, and nothing by Derby.
    pages = list((tmp_path / "maps" / "north-town").rglob("*.html"))
    assert len(pages) >= 4
    for page in pages:
        told = page.read_text("utf-8").replace("Derby Hotspots", "")
        assert not re.search(r"Derby|England|[Dd]eprivation|\bIMD\b|place\.json", told), page.name
    # A second run may take the place of the first.
    again = hotspots("run", "--area", "North Town; West Town", "--quiet", *QUICK)
    assert again.stdout.startswith("North Town, January")


def test_a_folder_of_one_run_is_not_made_one_of_several(two):
    hotspots("fetch", "place", "--area", "Testshire", "--from", "2025-01")
    hotspots("run", "--area", "West Town", "--quiet", *QUICK)
    done = hotspots("run", "--area", "Testshire", "--quiet", code=3)
    assert "holds the run of one area" in done.stderr


def test_other_commands_take_one_authority(two):
    hotspots("fetch", "place", "--area", "Testshire", "--from", "2025-01")
    done = hotspots("check", "--area", "Testshire", code=2)
    assert "stands for 2 authorities, and this command takes one: West Town, North Town" in done.stderr


def test_another_place_leaves_derby_as_it_is(two):
    before = hotspots("check").stdout
    hotspots("fetch", "place", "--area", "West Town", "--from", "2025-01")
    assert hotspots("check").stdout == before
    assert "in the area" in hotspots("check", "--area", "West Town").stdout


def test_doctor_says_what_is_missing_and_the_command_that_brings_it(two):
    assert "hotspots fetch place --area Nowhere" in hotspots("doctor", "--area", "Nowhere", code=4).stderr
    hotspots("fetch", "boundaries", "--area", "West Town")
    said = hotspots("doctor", "--area", "West Town").stdout
    assert "wards_2025" in said
    assert 'missing, so no rates: hotspots fetch population --area "West Town"' in said
    assert 'hotspots fetch police --area "West Town" --from YYYY-MM' in said
    hotspots("fetch", "population", "--area", "West Town")
    hotspots("fetch", "police", "--area", "West Town", "--from", "2025-01", "--to", "2025-02")
    said = hotspots("doctor", "--area", "West Town").stdout
    assert "2025-01 to 2025-02, 2 months" in said and "no rates" not in said


def test_the_api_sees_fetched_layers(two):
    hotspots("fetch", "boundaries", "--area", "West Town")
    done = hotspots("fetch", "police", "--area", "West Town", "--from", "2025-01", "--api")
    assert done.stdout.strip().endswith("2025-01-testshire-street.csv")
    _, path, form, _ = two.asked[-1]
    assert path.endswith("all-crime")
    latitudes = [float(pair.split(",")[0]) for pair in form["poly"].split(":")]
    assert 52.9 < min(latitudes) < max(latitudes) < 53.0


def test_an_area_that_is_not_at_hand_names_the_command(told):
    done = hotspots("run", "--area", "North Yorkshire", code=4)
    assert 'run hotspots fetch place --area "North Yorkshire"' in done.stderr
    done = hotspots("run", "--area", "E06000065", code=4)
    assert "no street crime is at hand for E06000065" in done.stderr
