"""`hotspots patrol` from files to its folder: what it writes, for whom, and what it refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import towns
from typer.testing import CliRunner

from hotspots import patrolling
from hotspots.cli import app
from hotspots.errors import UsageError
from hotspots.patrolling import Asked, read_clock, read_speed, read_start
from hotspots.release import disclose

MONTHS = tuple(f"2024-{k:02d}" for k in range(1, 9))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Lend a folder with a town's incidents of eight months and quick settings."""
    made = tmp_path_factory.mktemp("town")
    towns.write_rows(made / "town.csv", towns.incident_rows(640, months=MONTHS))
    (made / "quick.toml").write_text(towns.QUICK, encoding="utf-8")
    return made


@pytest.fixture(scope="module", autouse=True)
def _analysed_once():
    """Analyse each town and period once: a shift's options come after the analysis."""
    made, real = {}, patrolling.analyse_files
    told, tell = {}, disclose.over_time

    def analysed(settings, **options):
        known = repr(replace(settings, seed=0, audience="internal", marking="", out=Path("maps")))
        if known not in made:
            made[known] = real(settings, **options)
        return replace(made[known], settings=settings)

    def told_once(counts, areas, **asked):
        known = counts.count.tobytes(), repr(asked)
        if known not in told:
            told[known] = tell(counts, areas, **asked)
        return told[known]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patrolling, "analyse_files", analysed)
        # What is told of the months of a year is most of a release, and nothing of a shift.
        patch.setattr(disclose, "over_time", told_once)
        yield


def run(folder, *words):
    settings = [str(folder / "town.csv"), "--config", str(folder / "quick.toml")]
    return CliRunner().invoke(app, ["patrol", *settings, *map(str, words)])


def record(folder, *words) -> dict:
    done = run(folder, *words, "--dry-run", "--json", "--quiet")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["patrol"]


@pytest.fixture(scope="module")
def written(folder):
    done = run(folder, "--out", folder / "shift", "--begins", "18:00", "--marking", "OFFICIAL")
    assert done.exit_code == 0, done.stderr
    return folder / "shift", done.stdout


@pytest.fixture(scope="module")
def plain(folder):
    return record(folder)


def test_the_folder_holds_cards_tables_and_the_record(written):
    out, said = written
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    tables = {
        f"tables/{name}.csv"
        for name in ("beats", "cover", "curve", "nearby", "returns", "rounds", "uncovered")
    }
    assert files == {"patrol.html", "run.json", *tables}
    page = (out / "patrol.html").read_text(encoding="utf-8")
    assert "Patrol changes what is recorded" in page and "OFFICIAL" in page
    assert "http" not in page.replace("http-equiv", "")
    found = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert found["command"] == "hotspots patrol" and found["marking"] == "OFFICIAL"
    assert {one["path"] for one in found["outputs"]} == files - {"run.json"}
    assert found["patrol"]["month"] == "2024-09"
    assert str(out / "patrol.html") in said and "What the next officer buys" in said
    assert "in the last" in said.lower() and "counting alone would have held" in said


def test_the_sheet_has_clock_times_from_the_beginning_of_the_shift(written):
    out, _ = written
    rounds = pd.read_csv(out / "tables" / "rounds.csv")
    assert rounds["arrive"].min() == 0
    page = (out / "patrol.html").read_text(encoding="utf-8")
    assert ">18:00<" in page


def test_hours_are_planned_and_delivered_of_crews_and_of_officers(plain):
    hours = plain["hours"]
    assert hours["person_hours"] == pytest.approx(2 * hours["patrol_hours"], abs=0.02)
    assert hours["delivered_patrol_hours"] == pytest.approx(0.55 * hours["patrol_hours"], abs=0.02)
    assert hours["patrol_hours"] <= plain["crews"] * 6


def test_the_same_input_gives_the_same_bytes(folder, written):
    out, _ = written
    words = ("--begins", "18:00", "--marking", "OFFICIAL")
    assert run(folder, "--out", folder / "again", *words).exit_code == 0
    for path in sorted(out.rglob("*")):
        if path.is_file():
            assert (folder / "again" / path.relative_to(out)).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    "words",
    [
        ("--officers", 2),
        ("--hours", 3),
        ("--visit", 10),
        ("--travel", "15km/h"),
        ("--start", "435300,336200"),
        ("--crew", 1),
        ("--every", 3),
        ("--delivered", 80),
        ("--share", 0.1),
        ("--even-wards",),
        ("--theme", "anti-social-behaviour"),
        ("--month", "2024-07"),
        ("--seed", 7),
    ],
)
def test_an_option_changes_the_plan(folder, plain, tmp_path, words):
    if words == ("--seed", 7):
        assert run(folder, "--out", tmp_path / "a", *words).exit_code == 0
        assert run(folder, "--out", tmp_path / "b").exit_code == 0
        rounds = [(tmp_path / name / "tables" / "rounds.csv").read_bytes() for name in "ab"]
        assert rounds[0] != rounds[1]
        return
    changed = record(folder, *words)
    same = ("hours", "beats", "curve", "month", "crews", "notes")
    assert {key: changed[key] for key in same} != {key: plain[key] for key in same}


def test_an_earlier_month_is_planned_from_the_months_before_it_alone(folder):
    assert record(folder, "--month", "2024-07")["month"] == "2024-07"
    late = record(folder, "--month", "2024-12")
    assert late["month"] == "2024-12"
    assert any("last whole month known is August 2024" in note for note in late["notes"])


def test_partners_get_rounds_and_no_model_figure(folder, tmp_path):
    # a town so dense that squares of it are hot spots
    rows = towns.incident_rows(640, months=MONTHS)
    for name, middle in (("Longitude", -1.4767), ("Latitude", 52.9225)):
        for row in rows:
            row[name] = f"{middle + 0.2 * (float(row[name]) - middle):.6f}"
    (tmp_path / "quick.toml").write_text(towns.QUICK, encoding="utf-8")
    towns.write_rows(tmp_path / "town.csv", rows)
    done = run(tmp_path, "--audience", "partner", "--out", tmp_path / "out", "--json", "--quiet")
    assert done.exit_code == 0, done.stderr
    beats = pd.read_csv(tmp_path / "out" / "tables" / "beats.csv")
    assert len(beats) and beats[["expected", "low", "high", "p_top", "score"]].isna().all().all()
    cover = pd.read_csv(tmp_path / "out" / "tables" / "cover.csv")
    assert cover[["expected", "share_of_time"]].isna().all().all() and cover["visits"].ge(1).all()
    assert pd.read_csv(tmp_path / "out" / "tables" / "curve.csv").empty
    assert json.loads(done.stdout)["patrol"]["curve"] == []


def test_points_are_named_on_the_cards(folder, written, tmp_path):
    points = tmp_path / "points.csv"
    beat = pd.read_csv(written[0] / "tables" / "beats.csv").iloc[0]
    points.write_text(f"name,kind,easting,northing\nThe <b>Bell</b>,pub,{beat.easting},{beat.northing}\n")
    assert run(folder, "--points", points, "--out", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / "patrol.html").read_text(encoding="utf-8")
    assert "The &lt;b&gt;Bell&lt;/b&gt;" in page and "<b>Bell" not in page
    near = pd.read_csv(tmp_path / "out" / "tables" / "nearby.csv")
    assert (near.query("place == @beat.beat")["metres"] == 0).all()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--audience", "public"), 2, "internal or partner use"),
        (("--theme", "cyber-crime"), 2, "never chosen for Cyber crime: the theme is borderless"),
        (("--theme", "gangs-and-organised-crime"), 2, "the theme is restricted"),
        (("--theme", "anti-social-behavior"), 2, "Did you mean 'anti-social-behaviour'"),
        (("--officers", 1), 2, "make no crew of 2"),
        (("--travel", "fast"), 2, "--travel takes a speed"),
        (("--start", "here"), 2, "--start takes easting and northing"),
        (("--begins", "25:00"), 2, "--begins takes a time of day"),
        (("--month", "2024-13"), 2, "--month takes a month"),
        (("--share", 0), 2, "--share takes a part of the area"),
        (("--theme", "drugs-and-alcohol-misuse", "--to", "2024-01"), 3, "fewer than 20 incidents"),
        (("--audience", "partner", "--even-wards"), 2, "a partner's are the released hot spots"),
        (("--audience", "partner", "--to", "2024-01"), 3, "no hot spot of the theme"),
        (("--points", "gone.csv"), 3, "do not exist"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_one_sentence(folder, tmp_path, words, code, said):
    done = run(folder, *words, "--out", tmp_path / "out", "--quiet")
    assert done.exit_code == code, done.stderr
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_strict_shift_ends_with_its_own_code(folder, tmp_path):
    done = run(folder, "--strict", "--out", tmp_path / "out")
    assert done.exit_code in (0, 6)
    assert (tmp_path / "out" / "run.json").is_file()


def test_speeds_starts_and_clocks_are_read():
    assert read_speed("4km/h") == read_speed(" 4 ") == read_speed("4kph") == 4
    assert read_speed("10 mph") == pytest.approx(16.09, abs=0.01)
    assert read_start("435300, 336200") == (435_300, 336_200)
    assert read_start("") is None and read_clock("") == ""
    with pytest.raises(UsageError, match="--travel"):
        read_speed("4 miles")


@pytest.mark.parametrize(
    ("begins", "hours", "block"),
    [
        ("", 6, None),
        ("18:00", 6, (18, 24)),
        ("18:30", 6, (18, 1)),
        ("22:00", 8, (22, 6)),
        ("00:00", 24, None),
    ],
)
def test_a_shift_touches_whole_hours_of_the_day(begins, hours, block):
    assert Asked(begins=begins, hours=hours).block == block


def test_the_form_for_returns_has_the_columns_that_were_asked_for(folder, written):
    form = pd.read_csv(written[0] / "tables" / "returns.csv", keep_default_na=False)
    cover = pd.read_csv(written[0] / "tables" / "cover.csv")
    assert form["patrol-hours planned"].tolist() == cover["patrol_hours"].tolist()
    assert form["visits made"].eq("").all() and form.columns[-1] == "note"
    done = run(folder, "--out", folder / "own", "--returns", "arrests", "--returns", "=1+1", "--quiet")
    assert done.exit_code == 0, done.stderr
    own = pd.read_csv(folder / "own" / "tables" / "returns.csv")
    # A header that would run as a formula is disarmed.
    assert list(own.columns[-4:]) == ["date", "crew", "arrests", "1+1"]


def test_what_came_back_stands_beside_what_was_planned_and_is_counted_on(folder, written, tmp_path):
    form = pd.read_csv(written[0] / "tables" / "returns.csv", dtype=str, keep_default_na=False)
    half = (form["patrol-hours planned"].astype(float) / 2).astype(str)
    form.assign(**{"patrol-hours": half, "crew": "Smith"}).to_csv(tmp_path / "back.csv", index=False)
    done = run(folder, "--out", folder / "next", "--returned", tmp_path / "back.csv", "--quiet", "--json")
    assert done.exit_code == 0, done.stderr
    patrol = json.loads(done.stdout)["patrol"]
    assert patrol["asked"]["delivered"] == pytest.approx(0.5, abs=0.01)
    assert patrol["hours"]["delivered_patrol_hours"] == pytest.approx(
        patrol["asked"]["delivered"] * patrol["hours"]["patrol_hours"], abs=0.02
    )
    assert patrol["asked"]["returned"] == ["back.csv"]
    assert any("As crews returned it" in note for note in patrol["notes"])
    assert not any("A trial with trackers" in note for note in patrol["notes"])
    table = pd.read_csv(folder / "next" / "tables" / "returned.csv")
    assert sorted(table["beat"]) == sorted(form["beat"]) and table["name"].notna().all()
    page = (folder / "next" / "patrol.html").read_text(encoding="utf-8")
    assert "What came back of past shifts" in page and "Smith" not in page


def test_a_share_that_is_asked_for_goes_before_what_came_back(folder, written, tmp_path):
    form = pd.read_csv(written[0] / "tables" / "returns.csv", dtype=str, keep_default_na=False)
    form.assign(**{"patrol-hours": "0"}).to_csv(tmp_path / "back.csv", index=False)
    asked = record(folder, "--returned", tmp_path / "back.csv", "--delivered", "70")["asked"]
    assert asked["delivered"] == 0.7
    # Nothing delivered is no share to plan by: the trial's stands.
    assert record(folder, "--returned", tmp_path / "back.csv")["asked"]["delivered"] == 0.55


def test_a_sheet_of_cards_is_one_crews(written):
    page = (written[0] / "patrol.html").read_text(encoding="utf-8")
    sheets = page.split('<div class="cards">')[1:]
    crews = [set(re.findall(r"<p>Crew (\d+)\.", sheet)) for sheet in sheets]
    assert all(len(crew) == 1 for crew in crews) and len(set().union(*crews)) == 2
    assert "Order sheet of crew 1, 18:00 to 00:00" in page
