"""Fixtures that several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from once import made_once
from paths import SHARED

# Examples are the same in every run, and a busy machine is no fault of the code.
settings.register_profile("steady", deadline=None, derandomize=True)
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
