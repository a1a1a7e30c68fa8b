"""Words become settings, and what is misspelt is refused before anything is read."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.commands import _options
from hotspots.commands._asking import check_network, check_variables, settings_of
from hotspots.errors import ConfigError, UsageError


@pytest.fixture
def unread(monkeypatch):
    """Let a test fail where a command reads its input."""

    def read(*_args, **_options):
        raise AssertionError("the input was read")

    monkeypatch.setattr("hotspots.loading.read_incidents", read)


def _variables() -> set[str]:
    group = typer.main.get_command(app)
    commands = [*group.commands.values(), *group.commands["fetch"].commands.values()]
    return {p.envvar for command in commands for p in command.params if getattr(p, "envvar", None)}


#: Variables that no option stands for: a folder, and secrets, which no command line may hold.
NO_OPTION = {"DATA", "DATABASE_PASSWORD", "DATABASE_PASSWORD_FILE"}


def test_the_variables_that_are_known_are_those_of_the_options():
    assert _variables() == {f"HOTSPOTS_{name}" for name in _options.VARIABLES - NO_OPTION}
    assert "SEED" in _options.VARIABLES and "QUIET" not in _options.VARIABLES


@pytest.mark.parametrize("word", ["ON", "on", " Yes", "TRUE"])
def test_grids_from_the_network_are_refused_by_name_before_anything_is_read(unread, monkeypatch, word):
    monkeypatch.setenv("PROJ_NETWORK", word)
    done = CliRunner().invoke(app, ["run"])
    assert done.exit_code == ConfigError.exit_code == 3
    assert "PROJ_NETWORK is on" in done.stderr and "set it to OFF" in done.stderr


@pytest.mark.parametrize("word", ["OFF", "", "no"])
def test_a_network_that_is_off_is_no_fault(word):
    check_network({"PROJ_NETWORK": word})
    check_network({})


def test_a_misspelt_variable_is_refused_with_the_nearest_name():
    check_variables({"HOTSPOTS_SEED": "1", "PATH": "/bin", "_HOTSPOTS_COMPLETE": "complete_bash"})
    with pytest.raises(UsageError, match=r"AUDIENSE is no setting\. Did you mean HOTSPOTS_AUDIENCE\?$"):
        check_variables({"HOTSPOTS_AUDIENSE": "public"})
    with pytest.raises(UsageError, match=r"HOTSPOTS_ZZZZZZ is no setting\.$"):
        check_variables({"HOTSPOTS_ZZZZZZ": "1"})


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_command_heeds_it(unread, command):
    done = CliRunner().invoke(app, [command], env={"HOTSPOTS_MARKIN": "OFFICIAL"})
    assert done.exit_code == 2
    assert "Did you mean HOTSPOTS_MARKING?" in done.stderr


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["--theme", "anti-social-behavior"], "'anti-social-behaviour'"),
        (["--theme", "Cyber-Crime"], "'cyber-crime'"),
        (["--audience", "publik"], "'public'"),
        (["--harm", "cambrige"], "'cambridge'"),
    ],
)
def test_a_misspelt_name_is_met_before_reading_with_the_nearest(unread, words, meant):
    done = CliRunner().invoke(app, ["run", "absent.csv", *words])
    assert done.exit_code == 2
    assert f"Did you mean {meant}?" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--wards", "1999"], 2, "The wards of '1999' do not ship"),
        (["--lsoas", "1999"], 2, "The LSOAs of '1999' do not ship"),
        (["--theme-rules", "absent.toml"], 3, "absent.toml cannot be read"),
        (["--postcodes", "absent.csv"], 4, "hotspots fetch postcodes"),
    ],
)
def test_what_no_run_can_use_is_met_before_reading(unread, words, code, said):
    for command in ("run", "check"):
        done = CliRunner().invoke(app, [command, "absent.csv", *words])
        assert done.exit_code == code
        assert said in done.stderr


def test_a_period_that_is_none_is_met_before_reading(unread):
    done = CliRunner().invoke(app, ["run", "absent.csv", "--compare", "2024-13", "2025-01"])
    assert done.exit_code == 2
    assert 'The period "2024-13" is not one' in done.stderr


def test_a_misspelt_key_and_weight_of_the_file_too(unread, tmp_path):
    path = tmp_path / "own.toml"
    for text, meant in (
        ("markin = 'OFFICIAL'", "'marking'"),
        ("[weights]\ncyber-crimes = 1", "'cyber-crime'"),
    ):
        path.write_text(text, encoding="utf-8")
        done = CliRunner().invoke(app, ["run", "absent.csv", "--config", str(path)])
        assert done.exit_code == 3
        assert f"Did you mean {meant}?" in done.stderr


def test_the_usual_file_is_found_and_said(tmp_path, monkeypatch, capsys):
    (tmp_path / "hotspots.toml").write_text('marking = "FOUND"\nout = "there"\n', encoding="utf-8")
    (tmp_path / "named.toml").write_text('marking = "NAMED"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert settings_of({"config": None}).marking == "FOUND"
    assert capsys.readouterr().err == "Settings from hotspots.toml in this folder.\n"
    assert settings_of({"config": None, "marking": "WORD"}).marking == "WORD"
    capsys.readouterr()
    assert settings_of({"config": None, "quiet": True}).marking == "FOUND"
    assert settings_of({"config": tmp_path / "named.toml"}).marking == "NAMED"
    assert capsys.readouterr().err == ""
    monkeypatch.chdir(tmp_path.parent)
    assert settings_of({"config": None}).marking == ""
