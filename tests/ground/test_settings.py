"""Settings: the order of precedence, and errors that name every fault."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from hotspots.errors import ConfigError, UsageError
from hotspots.settings import Settings, load_config, resolve


def _write(folder: Path, text: str) -> Path:
    path = folder / "hotspots.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_flag_wins_over_the_file_and_the_file_over_the_default(tmp_path):
    config = _write(tmp_path, '[run]\naudience = "partner"\nwards = "2003"\ntop = 5\n')
    settings = resolve({"wards": "2023", "audience": None}, config=config)
    assert (settings.wards, settings.audience, settings.top) == ("2023", "partner", 5)
    assert settings.lsoas == Settings().lsoas


def test_from_and_to_are_spelt_as_on_the_command_line(tmp_path):
    config = _write(tmp_path, '[run]\nfrom = "2025-01"\nto = "2025-03"\n')
    settings = resolve({}, config=config)
    assert (settings.from_month, settings.to_month) == ("2025-01", "2025-03")


def test_paths_in_the_file_are_meant_from_where_it_lies(tmp_path):
    config = _write(tmp_path, '[run]\nboundaries = "layers"\ninputs = ["a.csv"]\n')
    settings = resolve({}, config=config)
    assert settings.boundaries == tmp_path / "layers"
    assert settings.inputs == (tmp_path / "a.csv",)


def test_columns_and_weights_are_tables(tmp_path):
    config = _write(tmp_path, '[columns]\neasting = "X coord"\n[weights]\ncyber-crime = 2\n')
    settings = resolve({}, config=config)
    assert settings.columns == {"easting": "X coord"}
    assert settings.weights == {"cyber-crime": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[run]\ncolour = 1\n", "unknown key 'colour'"),
        ("[run]\ntop = 'three'\n", "'top' must be a whole number"),
        ("[run]\ntop = true\n", "'top' must be a whole number"),
        ("[weights]\na = 'much'\n", "must map names to numbers"),
        ("[columns]\na = 1\n", "must map names to text"),
        ("run = [", "is not valid TOML"),
    ],
)
def test_a_faulty_file_is_refused_by_name(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(_write(tmp_path, text))
    assert "hotspots.toml" in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read"):
        load_config(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"audience": "everyone"}, "--audience takes one of"),
        ({"wards": "old"}, "--wards takes the year"),
        ({"from_month": "2025-13"}, "--from takes a month"),
        ({"from_month": "2025-05", "to_month": "2025-04"}, "later than --to"),
        ({"top": 0}, "at least 1"),
    ],
)
def test_values_out_of_range_are_refused(given, message):
    with pytest.raises(UsageError, match=message):
        resolve(given)


def test_every_fault_is_told_at_once():
    with pytest.raises(UsageError) as caught:
        resolve({"audience": "x", "harm": "y"})
    assert "--audience" in str(caught.value) and "--harm" in str(caught.value)


def test_each_setting_is_documented():
    section = (Settings.__doc__ or "").split("Attributes\n", 1)[1]
    entries = re.findall(r"^    (\w[\w, ]*) : ", section, flags=re.MULTILINE)
    documented = [name for entry in entries for name in entry.split(", ")]
    assert sorted(documented) == sorted(field.name for field in fields(Settings))


def test_a_file_nested_without_end_is_refused_by_name(tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text("a=" + "[" * 100_000, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"deep\.toml is nested more deeply"):
        load_config(path)


def test_numbers_that_no_machine_holds_are_refused_and_those_of_a_file_by_its_name(tmp_path):
    with pytest.raises(UsageError, match="at most 100,000"):
        Settings(permutations=10**9)
    path = tmp_path / "many.toml"
    path.write_text("permutations = 1000000000\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"many\.toml: draws and permutations must be at most"):
        resolve({}, config=path)


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\u200b"])
def test_a_marking_that_turns_text_around_is_refused(sign):
    with pytest.raises(UsageError, match="turn text around"):
        Settings(marking=f"OFF{sign}ICIAL")
    assert Settings(marking="OFFICIAL – SENSITIVE").marking
