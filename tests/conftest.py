"""Fixtures that several test modules share."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import towns
from hypothesis import settings
from once import folder_once, made_once
from paths import SHARED

# As the command line does: looking for circles among all that is loaded took a thirtieth of the time.
gc.set_threshold(50_000, 20, 20)

# Examples are the same in every run, and a busy machine is no fault of the code.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=25)
# For a change of the code beneath a property: `pytest --hypothesis-profile=long`, new examples each time.
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile("steady")

#: Few draws: what is asked of the two analyses below does not hang on their number.
FEW = {"draws": 20, "permutations": 99}


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference data beside the clone, or skip the test."""
    folder = SHARED
    if not (folder / "derby").is_dir():
        pytest.skip("needs the reference data in ../shared, which is not beside this clone")
    return folder


@pytest.fixture(scope="session")
def sample_analysis(tmp_path_factory):
    """Analyse the shipped synthetic sample once for all tests, with few draws."""
    return made_once("sample", _analyse_sample, tmp_path_factory)


@pytest.fixture(scope="session")
def derby_analysis(shared, tmp_path_factory):
    """Analyse a real year of Derby with the reference boundaries once for all tests."""
    return made_once("derby", lambda: _analyse_derby(shared / "derby"), tmp_path_factory)


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """Lend a folder with a town's incidents, quick settings and what `run` makes of them; not to write in."""
    return folder_once("town", _publish_town, tmp_path_factory)


@pytest.fixture(scope="session")
def town_analysis(town, tmp_path_factory):
    """Analyse the town once for all tests, by the library."""
    return made_once("town-analysis", lambda: _analyse_town(town / "town.csv"), tmp_path_factory)


def _publish_town(folder: Path):
    from typer.testing import CliRunner

    from hotspots.cli import app

    path = towns.write_rows(folder / "town.csv", towns.incident_rows())
    (folder / "quick.toml").write_text(towns.QUICK, encoding="utf-8")
    words = ["run", str(path), "--config", str(folder / "quick.toml"), "--out", str(folder / "out")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr


def _analyse_town(path: Path):
    from hotspots.analysis import analyse
    from hotspots.reading.incidents import read_incidents
    from hotspots.settings import Settings

    return analyse(read_incidents([path]), settings=Settings(inputs=(path,), **FEW))


def _analyse_sample():
    from hotspots.analysis import analyse_files
    from hotspots.settings import Settings

    return analyse_files(Settings(**FEW))


def _analyse_derby(folder: Path):
    from hotspots.analysis import analyse_files
    from hotspots.settings import Settings

    year = {"from_month": "2025-01", "to_month": "2025-12"}
    return analyse_files(
        Settings(inputs=(folder / "police",), boundaries=folder / "boundaries", **year, **FEW)
    )
