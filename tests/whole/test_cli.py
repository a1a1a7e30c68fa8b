"""The command line: each exit code is seen, each option changes something, streams stay apart."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pages
import pytest
import towns
from typer.testing import CliRunner

from hotspots import cli
from hotspots.cli import app
from hotspots.outputs.publish import publish
from hotspots.outputs.tables import priority_table
from hotspots.resources import shipped
from hotspots.settings import Settings

pytestmark = pytest.mark.filterwarnings("error")


#: One theme, which is all that most options need to show what they do.
ONE = ("--theme", "drugs-and-alcohol-misuse")


@pytest.fixture(scope="session")
def folder(town):
    """Lend the folder with a town's incidents and quick settings."""
    return town


@pytest.fixture(scope="session")
def file(folder):
    return folder / "town.csv"


@pytest.fixture(scope="session")
def published(folder):
    """Lend the town published with the defaults; the run ended with code 0."""
    return folder / "out"


@pytest.fixture
def asked(monkeypatch, town_analysis):
    """Let `run` take the town's analysis instead of making one; lend the settings that it was asked with."""
    given = []

    def analysed(settings, **_options):
        given.append(settings)
        return replace(town_analysis, settings=settings)

    monkeypatch.setattr("hotspots.analysis.analyse_files", analysed)
    return given


@pytest.fixture
def analysed(monkeypatch):
    """Lend the analyses that `run` makes, for what is not in the record."""
    from hotspots import analysis

    made, real = [], analysis.analyse_files

    def kept(settings, **options):
        made.append(real(settings, **options))
        return made[-1]

    monkeypatch.setattr("hotspots.analysis.analyse_files", kept)
    return made


def _few_rows(n: int = 20) -> list[dict[str, str]]:
    """Give rows of one crime type, which are the quickest to analyse."""
    return [{**row, "Crime type": "Drugs"} for row in towns.incident_rows(n)]


def _run(folder: Path, *words, env: dict[str, str] | None = None, config: str = "quick.toml"):
    settings = ["--config", str(folder / config)] if config else []
    return CliRunner().invoke(app, ["run", *settings, *map(str, words)], env=env)


def _record(folder: Path, *words, **options) -> dict:
    """Analyse without writing; give the record on standard output."""
    done = _run(folder, *words, "--dry-run", "--json", "--quiet", **options)
    assert done.exit_code == 0, done.stderr
    return _strict(done.stdout)


def _strict(text: str) -> dict:
    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is not JSON")

    return json.loads(text, parse_constant=refuse)


def _checked(*words) -> dict:
    done = CliRunner().invoke(app, ["check", *map(str, words), "--json"])
    assert done.exit_code == 0, done.stderr
    return _strict(done.stdout)


# Exit codes.


def test_exit_0_when_all_is_well(published):
    assert (published / "run.json").is_file()


def test_exit_1_for_what_nobody_foresaw_without_its_values(folder, file, monkeypatch):
    def fail(*_args, **_options):
        raise RuntimeError("17 Secret Street")

    monkeypatch.setattr("hotspots.analysis.analyse_files", fail)
    done = _run(folder, file, "--dry-run")
    assert done.exit_code == 1
    assert "Unexpected RuntimeError" in done.stderr and "--debug" in done.stderr
    assert "Secret" not in done.stderr + done.stdout and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--nonsense"], "No such option"),
        (["--audience", "everyone"], "--audience takes one of"),
        (["--wards", "old"], "--wards takes the year"),
        (["--wards", "1999"], "The wards of '1999' do not ship"),
        (["--lsoas", "1999"], "The LSOAs of '1999' do not ship"),
        (["--harm", "guess"], "--harm takes one of"),
        (["--from", "January"], "--from takes a month as YYYY-MM"),
        (["--from", "2024-03", "--to", "2024-01"], "--from is later than --to"),
        (["--top", "0"], "top must be at least 1"),
        (["--top", "many"], "integer"),
    ],
)
def test_exit_2_for_words_that_do_not_fit(folder, file, words, message):
    done = _run(folder, file, *words, "--dry-run")
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())


def test_exit_3_for_a_missing_input(folder):
    done = _run(folder, folder / "absent.csv", "--dry-run")
    assert done.exit_code == 3
    assert "absent.csv" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run = [", "not valid TOML"),
        ("speed = 3", "unknown key 'speed'"),
        ('seed = "x"', "'seed' must be a whole number"),
    ],
)
def test_exit_3_for_a_faulty_configuration(tmp_path, file, text, message):
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    done = _run(tmp_path, file, "--dry-run", config="bad.toml")
    assert done.exit_code == 3
    assert message in done.stderr and "bad.toml" in done.stderr


def test_exit_3_for_an_output_that_cannot_be_replaced(folder, file, tmp_path):
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    done = _run(folder, file, "--out", tmp_path)
    assert done.exit_code == 3
    assert "holds files that no run wrote" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_exit_4_names_the_fetch_that_brings_missing_data(folder, file):
    done = _run(folder, file, "--postcodes", folder / "absent.csv", "--dry-run")
    assert done.exit_code == 4
    assert "hotspots fetch postcodes" in done.stderr


def test_exit_5_when_the_network_fails(monkeypatch, tmp_path):
    from hotspots.errors import NetworkError

    def fail(*_args, **_options):
        raise NetworkError("geoportal did not answer: try again later.")

    monkeypatch.setattr("hotspots.fetching.authorities.find_authorities", fail)
    done = CliRunner().invoke(app, ["fetch", "boundaries", "--folder", str(tmp_path)])
    assert done.exit_code == 5
    assert done.stderr == "hotspots: geoportal did not answer: try again later.\n"


def test_fetch_police_passes_its_words_on(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        "hotspots.fetching.police.fetch_archive", lambda *a, **options: asked.append((a, options)) or ()
    )
    words = ["fetch", "police", "--from", "2024-11", "--to", "2025-01", "--folder", str(tmp_path)]
    assert CliRunner().invoke(app, [*words, "--force", "surrey"]).exit_code == 0
    ((months,), options) = asked[0]
    assert months == ("2024-11", "2024-12", "2025-01")
    assert (options["force"], options["folder"]) == ("surrey", tmp_path)


def test_exit_6_under_strict_after_the_outputs_are_written(folder, tmp_path):
    rows = _few_rows()
    rows[5]["Month"] = "yesterday"
    path = towns.write_rows(tmp_path / "faulty.csv", rows)
    done = _run(folder, path, "--strict", "--out", tmp_path / "out", *ONE)
    assert done.exit_code == 6
    assert "1 rejected row, and" in done.stderr
    assert (tmp_path / "out" / "run.json").is_file()
    assert CliRunner().invoke(app, ["check", str(path), "--strict"]).exit_code == 6
    assert CliRunner().invoke(app, ["check", str(path)]).exit_code == 0


def test_earlier_releases_go_with_one_area_at_a_time(tmp_path, monkeypatch):
    two = [replace(Settings(), out=tmp_path / name) for name in ("a", "b")]
    monkeypatch.setattr("hotspots.commands.run.all_settings_of", lambda _: two)
    done = CliRunner().invoke(app, ["run", "--previous", str(tmp_path)])
    assert done.exit_code == 2
    assert "--previous goes with one area at a time" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as POSIX does")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_without_a_trace(tmp_path, file, sent, code):
    (tmp_path / "slow.toml").write_text("draws = 100000\n", encoding="utf-8")
    out = tmp_path / "out"
    words = ["run", str(file), "--config", str(tmp_path / "slow.toml"), "--out", str(out)]
    temp = tmp_path / "temp"
    temp.mkdir()
    with _start(words, env={"TMPDIR": str(temp)}) as child:
        for line in child.stderr:
            if line.startswith("Finding dense places"):
                time.sleep(0.3)
                child.send_signal(sent)
                break
        said = child.stdout.read() + child.stderr.read()
    assert child.returncode == code
    assert "Traceback" not in said and "Open " not in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["slow.toml", "temp"]
    assert not any(temp.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as POSIX does")
def test_a_signal_while_writing_leaves_the_earlier_outputs(
    folder, file, published, tmp_path, asked, monkeypatch
):
    out = tmp_path / "base"
    shutil.copytree(published, out)
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}

    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("hotspots.outputs.workbook.write_workbook", interrupt)
    done = _run(folder, file, "--out", out)
    assert done.exit_code == 130
    assert "the earlier outputs are as they were" in done.stderr
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["base"]


def _start(words: list[str], *, env: dict[str, str] | None = None, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "hotspots", *words],
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **(env or {})},
        # tests that run in the background inherit an ignored SIGINT, and so would their children
        preexec_fn=None if sys.platform == "win32" else _heed_interrupts,  # noqa: PLW1509 - no thread is here
        **options,
    )


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Options: each changes the result.


@pytest.fixture(scope="module")
def base(published):
    return _strict((published / "run.json").read_text(encoding="utf-8"))


def test_wards_and_lsoas_choose_the_vintages(folder, file, base):
    older = _record(folder, file, "--wards", "2003", "--lsoas", "2011", *ONE)
    assert (base["boundaries"]["wards"], base["boundaries"]["lsoas"]) == ("ward_2023", "lsoa_2021")
    assert (older["boundaries"]["wards"], older["boundaries"]["lsoas"]) == ("ward_2003", "lsoa_2011")


def test_from_and_to_choose_the_period(folder, file, base):
    two = _record(folder, file, "--from", "2024-02", "--to", "2024-02", *ONE)
    assert base["period"]["months"] == ["2024-01", "2024-02", "2024-03"]
    assert two["period"]["months"] == ["2024-02"]
    assert two["reading"]["out_of_period"] == 160


def test_theme_chooses_themes(folder, file, base):
    chosen = _record(folder, file, "--theme", "drugs-and-alcohol-misuse", "--theme", "anti-social-behaviour")
    slugs = [one["slug"] for one in chosen["themes"]]
    assert slugs == ["all", "combined", "anti-social-behaviour", "drugs-and-alcohol-misuse"]
    assert len(base["themes"]) == 9
    unknown = _run(folder, file, "--theme", "weather", "--dry-run")
    assert unknown.exit_code in (2, 3) and "weather" in unknown.stderr


def test_theme_rules_win_over_the_shipped_ones(folder, file, base, tmp_path):
    own = shipped("data", "themes.toml").read_text(encoding="utf-8")
    own = own.replace('types = ["Anti-social behaviour"', 'types = ["Burglary", "Anti-social behaviour"')
    path = tmp_path / "own.toml"
    path.write_text(own, encoding="utf-8")
    changed = _record(folder, file, "--theme-rules", path, "--theme", "anti-social-behaviour")
    totals = [{one["slug"]: one["total"] for one in record["themes"]} for record in (base, changed)]
    assert totals[1]["anti-social-behaviour"] > totals[0]["anti-social-behaviour"]
    rules = [record["parameters"]["theme_rules"] for record in (base, changed)]
    missing = CliRunner().invoke(app, ["themes", "--theme-rules", str(tmp_path / "none.toml")])
    assert (
        missing.stderr
        == "hotspots: none.toml cannot be read: No such file or directory. Check --theme-rules.\n"
    )
    assert rules == ["shipped", hashlib.sha256(path.read_bytes()).hexdigest()]
    path.write_text("theme = 1", encoding="utf-8")
    assert "own.toml has 1 fault" in CliRunner().invoke(app, ["themes", "--theme-rules", str(path)]).stderr


def test_audience_rounds_and_withholds(folder, file, base, asked):
    public = _record(folder, file, "--audience", "public")
    assert (base["audience"], public["audience"]) == ("internal", "public")
    assert all((one["total"] or 0) % 5 == 0 for one in public["themes"])
    assert any(one["total"] % 5 for one in base["themes"])


def test_marking_stands_on_every_page(folder, file, published, tmp_path, asked):
    done = _run(folder, file, "--marking", "OFFICIAL-ZEBRA", "--out", tmp_path / "out")
    assert done.exit_code == 0
    pages = list((tmp_path / "out").rglob("*.html"))
    assert len(pages) > 5
    assert all("OFFICIAL-ZEBRA" in page.read_text(encoding="utf-8") for page in pages)
    assert not any("OFFICIAL-ZEBRA" in page.read_text(encoding="utf-8") for page in published.rglob("*.html"))


def test_seed_and_top_change_the_ranking(folder, file, town_analysis, analysed):
    plain = priority_table(town_analysis.release())
    for name, value in {"seed": 7, "top": 6}.items():
        assert _record(folder, file, f"--{name}", value)["parameters"][name] == value
        assert not priority_table(analysed[-1].release()).equals(plain), name


@pytest.mark.parametrize("index", ["cambridge", "ons"])
def test_harm_stands_beside_the_counts(folder, file, published, analysed, index):
    assert _run(folder, file, "--harm", index, *ONE, "--dry-run").exit_code == 0
    assert "harm" in priority_table(analysed[0].release()).columns
    plain = (published / "tables" / "priority.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert "harm" not in plain.split(",")


def test_force_reads_one_force_of_an_archive(folder, tmp_path):
    names = {"derbyshire": "Derbyshire Constabulary", "btp": "British Transport Police"}
    for k, (force, name) in enumerate(names.items()):
        rows = towns.incident_rows(30, months=("2024-01",), seed=k + 1)
        rows = [{**row, "Reported by": name, "Falls within": name} for row in rows]
        towns.write_rows(tmp_path / f"2024-01-{force}-street.csv", rows)
    assert _checked(tmp_path)["reading"]["rows_read"] == 60
    assert _checked(tmp_path, "--force", "btp")["reading"]["rows_read"] == 30
    assert _record(folder, tmp_path, "--force", "btp", *ONE)["reading"]["rows_read"] == 30


def test_date_format_decides_what_is_ambiguous(folder, tmp_path):
    rows = [
        {"Date": "03/04/2024", "Crime type": "Drugs", "Longitude": "-1.4767", "Latitude": "52.9225"}
        for _ in range(4)
    ]
    path = towns.write_rows(tmp_path / "dates.csv", rows)
    assert _record(folder, path, *ONE)["period"]["months"] == ["2024-04"]
    assert _record(folder, path, *ONE, "--date-format", "month-first")["period"]["months"] == ["2024-03"]


def test_sheet_chooses_the_worksheet(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for name, n in (("First", 10), ("Second", 20)):
        sheet = book.create_sheet(name)
        rows = towns.incident_rows(n)
        for row in (towns.HEADER, *([row[column] for column in towns.HEADER] for row in rows)):
            sheet.append(list(row))
    del book["Sheet"]
    book.save(tmp_path / "two.xlsx")
    assert _checked(tmp_path / "two.xlsx", "--sheet", "First")["reading"]["rows_kept"] == 10
    assert _checked(tmp_path / "two.xlsx", "--sheet", "Second")["reading"]["rows_kept"] == 20
    unknown = CliRunner().invoke(app, ["check", str(tmp_path / "two.xlsx"), "--sheet", "Third"])
    assert unknown.exit_code == 3 and "Third" in unknown.stderr


def test_dedupe_source_halves_a_doubled_month(folder, tmp_path):
    found = [r for r in towns.incident_rows(200) if r["Crime type"] == "Anti-social behaviour"]
    rows = [{**row, "Location": f"On or near Place {k}"} for k, row in enumerate(found)]
    path = towns.write_rows(tmp_path / "twice.csv", [*rows, *rows])
    assert _checked(path)["geocoding"]["inside"] == 2 * len(rows)
    # Equal rows on one map point are common, so that only a whole doubled month gives itself away.
    assert _record(folder, path, "--dedupe-source", *ONE)["geocoding"]["inside"] == len(rows)


def test_postcodes_locate_rows_without_a_point(tmp_path):
    rows = [{"Month": "2024-01", "Crime type": "Drugs", "Postcode": "DE99 9ZZ"} for _ in range(3)]
    path = towns.write_rows(tmp_path / "posts.csv", rows)
    codes = tmp_path / "codes.csv"
    codes.write_text(
        "Postcode,Positional_quality_indicator,Eastings,Northings,Country_code,NHS_regional_HA_code,"
        "NHS_HA_code,Admin_county_code,Admin_district_code,Admin_ward_code\n"
        "DE99 9ZZ,10,435200,336200,E92000001,,,,E06000015,E05015512\n",
        encoding="utf-8",
    )
    without = CliRunner().invoke(app, ["check", str(path)])
    assert without.exit_code == 3 and "give a postcode file" in without.stderr
    assert _checked(path, "--postcodes", codes)["geocoding"]["by_level"]["postcode"] == 3


@pytest.mark.shared
def test_ostn15_and_boundaries_win_over_what_is_shipped(folder, file, base, shared):
    grid = shared / "derby" / "ostn15" / "ostn15_shift_subgrid_derby_400-460E_310-365N.csv"
    layers = shared / "derby" / "boundaries"
    other = _record(folder, file, "--ostn15", grid, "--boundaries", layers, *ONE)
    assert base["geocoding"]["projection"]["method"] != other["geocoding"]["projection"]["method"]
    assert base["boundaries"]["notes"] != other["boundaries"]["notes"]


def test_area_must_be_held_by_the_layers(folder, file):
    done = _run(folder, file, "--area", "E06000001", "--dry-run")
    assert done.exit_code in (3, 4)
    assert "E06000001" in done.stderr


def test_backdrop_context_and_tiles_change_the_map(folder, file, published, tmp_path, asked):
    line = {"type": "LineString", "coordinates": [[-1.48, 52.92], [-1.47, 52.93]]}
    feature = {"type": "Feature", "properties": {"name": "Zebra Brook"}, "geometry": line}
    context = tmp_path / "water.geojson"
    context.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    tiles = "https://tiles.example.org/{z}/{x}/{y}.png"
    words = ["--context", context, "--tiles", tiles, "--out", tmp_path / "out"]
    assert _run(folder, file, *words).exit_code == 0
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    plain = (published / "index.html").read_text(encoding="utf-8")
    assert "tiles.example.org" in page and "tiles.example.org" not in plain
    assert "Zebra Brook" in page and "Zebra Brook" not in plain
    missing = _run(folder, file, "--backdrop", tmp_path / "absent.tif", "--out", tmp_path / "out2")
    assert missing.exit_code == 3 and "absent.tif" in missing.stderr


def test_word_and_also_add_documents_and_layers(folder, file, published, tmp_path, asked):
    pytest.importorskip("docx")
    release = pages.release_with_beats()
    publish(release, tmp_path / "maps", word=True, also=("flatgeobuf", "geoparquet"))
    written = {path.relative_to(tmp_path / "maps").as_posix() for path in (tmp_path / "maps").rglob("*")}
    assert {"wards/ash.docx", "wards/index.docx", "patrol.docx"} <= written
    assert {"layers/wards.fgb", "layers/wards.parquet"} <= written and "index.docx" not in written
    record = _record(folder, file, "--word", "--also", "flatgeobuf")
    assert record["parameters"]["word"] is True and record["parameters"]["also"] == ["flatgeobuf"]
    assert not list(published.rglob("*.docx")) and not (published / "layers").exists()


def test_assess_writes_a_folder_from_folders(published, tmp_path):
    answers = tmp_path / "assessment.toml"
    answers.write_text('[words]\nresidents = "They were asked."\n', encoding="utf-8")
    out = tmp_path / "sia"
    words = [
        "assess",
        str(published),
        "--answers",
        str(answers),
        "--since",
        str(published),
        "--out",
        str(out),
    ]
    done = CliRunner().invoke(app, [*words, "--edition", "quarterly", "--json", "--quiet"])
    assert done.exit_code == 0, done.stderr
    record = _strict(done.stdout)
    assert (record["command"], record["edition"]) == ("hotspots assess", "quarterly")
    page = (out / "assessment.html").read_text(encoding="utf-8")
    assert "They were asked." in page and "Quarterly edition" in page
    assert (out / "tables" / "matrix.csv").is_file() and not (out / "assessment.docx").exists()
    wrong = CliRunner().invoke(app, ["assess", str(tmp_path), "--out", str(tmp_path / "x")])
    assert wrong.exit_code == 3 and "holds no run.json" in wrong.stderr


def test_columns_of_the_configuration_name_unusual_headers(tmp_path, folder):
    rows = [{"When": "2024-01", "Kind of thing": "Drugs", "X coord": "435200", "Y coord": "336200"}] * 3
    path = towns.write_rows(tmp_path / "council.csv", rows)
    assert CliRunner().invoke(app, ["check", str(path)]).exit_code == 3
    (tmp_path / "hotspots.toml").write_text(
        '[columns]\nmonth = "When"\ncrime_type = "Kind of thing"\n'
        'easting = "X coord"\nnorthing = "Y coord"\n',
        encoding="utf-8",
    )
    found = _checked(path, "--config", tmp_path / "hotspots.toml")
    assert found["geocoding"]["inside"] == 3


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path, file, asked):
    (tmp_path / "file.toml").write_text(towns.QUICK + 'marking = "FILE"\nseed = 1\n', encoding="utf-8")
    env = {"HOTSPOTS_MARKING": "ENVIRONMENT", "HOTSPOTS_SEED": "2", "HOTSPOTS_FROM": "2024-02"}
    only_file = _record(tmp_path, file, config="file.toml")
    both = _record(tmp_path, file, config="file.toml", env=env)
    all_three = _record(tmp_path, file, "--seed", "3", config="file.toml", env=env)
    assert (only_file["marking"], only_file["seed"]) == ("FILE", 1)
    assert (both["marking"], both["seed"], asked[1].from_month) == ("ENVIRONMENT", 2, "2024-02")
    assert (all_three["marking"], all_three["seed"]) == ("ENVIRONMENT", 3)


def test_every_option_of_run_has_its_environment_variable():
    import typer

    command = typer.main.get_command(app).commands["run"]
    # What the user attests stands on the command line alone.
    values = [p for p in command.params if p.name in cli_settings()]
    assert {p.envvar for p in values} == {
        "HOTSPOTS_" + p.opts[0].lstrip("-").replace("-", "_").upper() for p in values
    }


def cli_settings() -> set[str]:
    from hotspots.settings import Settings

    return set(Settings.__dataclass_fields__) - {"inputs", "themes", "dedupe_source", "already_public"}


# Streams.


def test_json_alone_on_standard_output_and_nothing_else_when_quiet(folder, file):
    done = _run(folder, file, "--dry-run", "--json", "--quiet", *ONE)
    assert _strict(done.stdout)["geocoding"]["inside"] == 240
    # What a user must know is no commentary: a small town has much on one point.
    assert all(
        line.startswith("warning: ") and "lie on one point" in line for line in done.stderr.splitlines()
    )


def test_commentary_goes_to_standard_error_and_a_dry_run_writes_nothing(folder, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = _run(folder, file, "--dry-run", *ONE)
    assert "Reading incidents" in done.stderr and "Reading incidents" not in done.stdout
    assert "240 of 240 rows lie in Derby" in done.stdout
    assert done.stdout.rstrip().endswith("Dry run: nothing was written.")
    assert done.exit_code == 0 and not any(tmp_path.iterdir())


def test_check_writes_only_the_rejects_it_is_asked_for(tmp_path, monkeypatch):
    rows = towns.incident_rows(20)
    rows[3]["Latitude"] = "north"
    path = towns.write_rows(tmp_path / "town.csv", rows)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["check", str(path)]).exit_code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["town.csv"]
    assert CliRunner().invoke(app, ["check", str(path), "--rejects", "bad.csv"]).exit_code == 0
    text = (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["source,row,reason,rows", "town.csv,5,bad_coordinate,1"]


def test_debug_shows_the_traceback(folder, capsys):
    done = _run(folder, folder / "absent.csv", "--dry-run", "--debug")
    assert done.exit_code == 3
    assert "Traceback" in done.stderr and "InputError" in done.stderr


def test_themes_cite_and_doctor_answer():
    listed = CliRunner().invoke(app, ["themes", "--json"])
    assert len(_strict(listed.stdout)) == 7
    assert "Anti-social behaviour" in CliRunner().invoke(app, ["themes"]).stdout
    assert "Open Government Licence" in CliRunner().invoke(app, ["cite"]).stdout
    assert "geopandas" in CliRunner().invoke(app, ["doctor"]).stdout
    assert cli.__version__ in CliRunner().invoke(app, ["--version"]).stdout


def test_help_shows_every_word_of_itself():
    """The help is laid out by a library that takes [words] for markup and drops them."""
    import typer

    group = typer.main.get_command(app)
    commands = [*group.commands.values(), *group.commands["fetch"].commands.values()]
    texts = [getattr(p, "help", "") or "" for command in commands for p in command.params]
    assert len(texts) > 40 and not [text for text in texts if "[" in text]
    shown = " ".join(CliRunner().invoke(app, ["run", "--help"]).stdout.split())
    assert "Folder to write (default: maps)." in shown


# The process: terminals and pipes of every kind.


@pytest.mark.skipif(sys.platform == "win32", reason="pipes as on POSIX")
def test_a_reader_that_leaves_early_ends_nothing_badly():
    read, write = os.pipe()
    with _start(["themes"], stdout=write) as child:
        os.close(write)
        os.close(read)
        assert child.stderr.read() == ""
    assert child.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_standard_output_is_told():
    with Path("/dev/full").open("w") as full, _start(["cite"], stdout=full) as child:
        said = child.stderr.read()
    assert child.returncode == 3
    assert said == "hotspots: Standard output could not be written: No space left on device.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors as on POSIX")
def test_a_closed_standard_output_leaves_complete_outputs(folder, tmp_path):
    path = towns.write_rows(tmp_path / "few.csv", _few_rows())
    words = [sys.executable, "-m", "hotspots", "run", str(path), "--config", str(folder / "quick.toml")]
    words += [*ONE, "--quiet", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stderr == ""
    assert (tmp_path / "out" / "run.json").is_file()


def test_an_ascii_terminal_shows_a_column_with_an_accent(tmp_path):
    env = {"PYTHONUTF8": "0", "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    rows = [{**row, "Café nearby": "yes"} for row in towns.incident_rows(20)]
    path = towns.write_rows(tmp_path / "town.csv", rows)
    with _start(["check", str(path)], env=env) as child:
        stdout, stderr = child.communicate(timeout=30)
    assert child.returncode == 0 and stderr == ""
    assert "Caf\\xe9 nearby" in stdout


def test_help_answers_without_the_heavy_libraries():
    code = (
        "import sys; from typer.testing import CliRunner; from hotspots.cli import app; "
        "assert CliRunner().invoke(app, ['run', '--help']).exit_code == 0; "
        "print([m for m in ('pandas', 'numpy', 'geopandas', 'scipy', 'folium') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_epoch_that_is_no_number_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    result = CliRunner().invoke(app, ["run", "--dry-run"])
    assert result.exit_code == 2
    assert "SOURCE_DATE_EPOCH is not a number of seconds" in result.stderr


def test_rejects_never_overwrite_an_input(tmp_path):
    path = tmp_path / "incidents.csv"
    path.write_text("kept as it is")
    result = CliRunner().invoke(app, ["check", str(path), "--rejects", str(path)])
    assert result.exit_code == 3 and "not an earlier list of rejected rows" in result.stderr
    assert path.read_text() == "kept as it is"
    inside = CliRunner().invoke(app, ["check", str(tmp_path), "--rejects", str(path)])
    assert inside.exit_code == 3 and path.read_text() == "kept as it is"


@pytest.mark.parametrize("target", ["absent/bad.csv", "."])
def test_rejects_need_a_file_in_a_folder(folder, file, tmp_path, monkeypatch, target):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["check", str(file), "--rejects", target])
    assert result.exit_code == 3 and "a folder or a file in none" in result.stderr


def test_rejects_replace_an_earlier_list(tmp_path):
    path = towns.write_rows(tmp_path / "town.csv", towns.incident_rows(20))
    for _ in range(2):
        done = CliRunner().invoke(app, ["check", str(path), "--rejects", str(tmp_path / "bad.csv")])
        assert done.exit_code == 0


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--seed", "-1"], "seed, draws and permutations at least 0"),
        (["--tiles", "nonsense"], "tiles must be an address"),
        (["--backdrop", "/absent.png"], "absent.png"),
    ],
)
def test_what_a_run_cannot_use_is_refused_before_any_work(folder, file, words, match):
    done = _run(folder, file, "--dry-run", *words)
    assert done.exit_code in (2, 3) and match in done.stderr
    assert "Reading" not in done.stderr


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("run = 1", "'run' must be a table"),
        ("inputs = [1]", "'inputs' must be a list of texts"),
        ("[weights]\nanti-social-behaviour = inf", "weights of themes must be numbers"),
        ("[weights]\nanti-social-behaviour = -1", "weights of themes must be numbers"),
    ],
)
def test_a_configuration_that_no_run_can_use_is_refused(folder, file, tmp_path, text, match):
    config = tmp_path / "hotspots.toml"
    config.write_text(text, encoding="utf-8")
    done = _run(folder, file, "--dry-run", "--config", config)
    assert done.exit_code in (2, 3) and match in done.stderr


def test_a_mapped_column_that_no_file_has_is_warned_of(folder, file, tmp_path):
    config = tmp_path / "hotspots.toml"
    config.write_text(towns.QUICK + '[columns]\ncrime_type = "Incident kynd"\n', encoding="utf-8")
    done = _run(folder, file, "--dry-run", *ONE, "--config", config)
    assert "[columns] crime_type: no file has a column 'Incident kynd'." in done.stderr


def test_rows_outside_the_area_are_no_fault_under_strict(folder, tmp_path):
    rows = _few_rows()
    rows[5] |= {"Longitude": "-0.127600", "Latitude": "51.507400"}
    path = towns.write_rows(tmp_path / "county.csv", rows)
    done = _run(folder, path, "--strict", "--dry-run", *ONE)
    assert done.exit_code == 0, done.stderr
