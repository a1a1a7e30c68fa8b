"""README keeps its word: its commands run, its snippet runs, the files it names are there."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import openpyxl
import pages
import pytest
import towns
from paths import CLONE
from publishers import Publishers, serving, square_district
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.outputs.publish import publish
from hotspots.settings import Settings, load_config

README = (CLONE / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
#: What belongs to Python and pip themselves in the lines for Windows.
SET_UP = ("python -m venv .venv", r".venv\Scripts\pip install .", r".venv\Scripts\hotspots run")


def _blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


def _commands() -> list[str]:
    lines = [line.partition(" #")[0].strip() for text in _blocks("sh") for line in text.splitlines()]
    return [line for line in lines if line]


HOTSPOTS = [line for line in _commands() if line.startswith("hotspots ")]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Lend a folder with what README's commands name: downloads, a council's workbook, settings."""
    (tmp_path / "downloads").mkdir()
    for month in ("2025-01", "2025-02"):
        rows = towns.incident_rows(80, months=(month,), seed=int(month[-1]))
        towns.write_rows(tmp_path / "downloads" / f"{month}-derbyshire-street.csv", rows)
    (tmp_path / "data" / "sample").mkdir(parents=True)
    towns.write_rows(tmp_path / "data" / "sample" / "town.csv", towns.incident_rows(200))
    # As README has it, but for the draws: their number is of no account here.
    few = _blocks("toml")[0].replace("draws = 200 ", "draws = 20 ").replace("= 9999 ", "= 99 ")
    # Two themes, those that the weights are of.
    few = few.replace("[run]\n", f"[run]\nthemes = {json.dumps(list(_weights()))}\n")
    (tmp_path / "hotspots.toml").write_text(few, encoding="utf-8")
    _council(tmp_path / "council.xlsx")
    monkeypatch.chdir(tmp_path)
    with serving(Publishers([leicester()])) as told:
        told.figures = {code: 1500 for place in told.districts for code, *_ in (*place.wards, *place.lsoas)}
        for path in (tmp_path / "downloads").iterdir():
            name = path.name.replace("derbyshire", "leicestershire")
            told.members[f"{name[:7]}/{name}"] = path.read_bytes()
        monkeypatch.setenv("HOTSPOTS_DATA", str(tmp_path / "data-fetched"))
        monkeypatch.setenv("HOTSPOTS_SERVICES", str(told.services(tmp_path / "services.csv")))
        yield tmp_path


def leicester():
    """Lend Leicester's name to a square round the made-up incidents."""
    return square_district("E06000016", "Leicester", x=431_200, y=334_000, side=4000, force="Leicestershire")


def _council(path: Path) -> None:
    columns = load_config_columns()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Date", columns["crime_type"], columns["easting"], columns["northing"]])
    for k in range(30):
        sheet.append(["2025-01-15", "Drugs", 435_200 + 10 * (k % 7), 336_200 + 10 * (k % 5)])
    book.save(path)


def load_config_columns() -> dict[str, str]:
    return tomllib.loads(_blocks("toml")[0])["columns"]


def _weights() -> dict[str, float]:
    return tomllib.loads(_blocks("toml")[0])["weights"]


def test_every_command_is_one_that_a_test_knows():
    targets = set(re.findall(r"^([a-z]+):", (CLONE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in _commands():
        if line.startswith("make "):
            assert line.split()[1] in targets, line
        else:
            assert line in (*SET_UP, *HOTSPOTS), line
    assert HOTSPOTS and {"make maps", "make test"} <= set(_commands())


@pytest.mark.parametrize("line", HOTSPOTS)
def test_a_command_runs(desk, line, monkeypatch):
    if line != next(one for one in HOTSPOTS if one.startswith("hotspots run")):
        # Half of the time goes into what the first run shows to be written.
        monkeypatch.setattr("hotspots.outputs.workbook.write_workbook", lambda *_args, **_options: None)
        monkeypatch.setattr("hotspots.outputs.geopackage.write_geopackage", lambda *_args, **_options: None)
    if line.startswith("hotspots assess"):
        publish(pages.small_release(), desk / "maps")
    if "--area" in line and "fetch" not in line:
        (fetch,) = (one for one in HOTSPOTS if "fetch place" in one and _area(one) == _area(line))
        assert CliRunner().invoke(app, shlex.split(fetch)[1:]).exit_code == 0
    done = CliRunner().invoke(app, shlex.split(line)[1:])
    assert done.exit_code == 0, done.stderr
    if line.startswith("hotspots run"):
        folder = "county" if "county" in line else "maps"
        assert (desk / folder / "index.html").is_file()
        assert f"Open {folder}" in done.stdout


def _area(line: str) -> str:
    words = shlex.split(line)
    return words[words.index("--area") + 1]


def test_what_comes_out_is_what_the_table_says(town):
    maps = town / "out"
    table = README.partition("## What comes out")[2].partition("\n## ")[0]
    promised = _names_of(table)
    assert len(promised) >= 9
    for name in promised:
        assert list(maps.glob(name)), name
    written = {p.relative_to(maps).as_posix() for p in maps.rglob("*") if p.is_file()}
    told = {p.relative_to(maps).as_posix() for name in promised for p in maps.glob(name)}
    assert written == told


def _names_of(table: str) -> list[str]:
    """Read the first cells: a name without a folder lies in that of the name before it."""
    names: list[str] = []
    for first in re.findall(r"^\| (`maps/[^|]+)\|", table, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", first):
            plain = name.removeprefix("maps/")
            names.append(plain if name != plain else str(Path(names[-1]).parent / name))
    return names


def test_the_configuration_is_read_whole(tmp_path):
    (tmp_path / "hotspots.toml").write_text(_blocks("toml")[0], encoding="utf-8")
    given = load_config(tmp_path / "hotspots.toml")
    assert set(given) <= set(Settings.__dataclass_fields__)
    assert {"columns", "weights"} <= set(given)


def test_the_library_snippet_runs(desk):
    (snippet,) = _blocks("python")
    names: dict[str, object] = {}
    exec(compile(snippet, "README.md", "exec"), names)
    assert len(names["incidents"]) == 200
    assert (desk / "map.html").is_file() and (desk / "public-maps" / "index.html").is_file()


def test_words_in_the_text_are_commands_options_and_targets():
    import typer

    group = typer.main.get_command(app)
    commands = {*group.commands, *(f"fetch {name}" for name in group.commands["fetch"].commands)}
    for name in re.findall(r"`hotspots ([a-z]+(?: [a-z]+)?)[^`]*`", README):
        assert name in commands or name.split()[0] in commands, name
    every = (group, *group.commands.values(), *group.commands["fetch"].commands.values())
    options = {o for command in every for p in command.params for o in p.opts}
    assert set(re.findall(r"`(--[a-z][a-z0-9-]*)", README)) <= options
    targets = set(re.findall(r"^([a-z]+):", (CLONE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", README)) <= targets


def test_files_that_the_text_names_are_there():
    linked = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert linked
    named = re.findall(r"`((?:hotspots|boundaries|data|tests|docs)/[\w./-]*)`", README)
    assert not [name for name in (*linked, *named) if not (CLONE / name).exists()]


def test_exit_codes_are_those_of_the_help_and_of_the_errors():
    from hotspots import errors

    told = {
        int(code) for code in re.findall(r"(?:codes: |; )(\d+) ", README.partition("Exit codes")[2][:400])
    }
    helped = {int(code) for code in re.findall(r"(?:codes: |; )(\d+) ", app.info.epilog)}
    raised = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.HotspotsError)
    }
    assert raised <= helped
    assert told | {0} <= helped
