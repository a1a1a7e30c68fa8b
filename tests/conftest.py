"""Fixtures that several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from paths import SHARED

# Examples are the same in every run, and a busy machine is no fault of the code.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference data beside the clone, or skip the test."""
    folder = SHARED
    if not (folder / "derby").is_dir():
        pytest.skip("needs the reference data in ../shared, which is not beside this clone")
    return folder


@pytest.fixture(scope="session")
def sample_analysis():
    """Analyse the shipped synthetic sample once for all tests, with few draws."""
    from hotspots.analysis import analyse_files
    from hotspots.settings import Settings

    return analyse_files(Settings(draws=20, permutations=99))


@pytest.fixture(scope="session")
def derby_analysis(shared):
    """Analyse a real year of Derby with the reference boundaries once for all tests."""
    from hotspots.analysis import analyse_files
    from hotspots.settings import Settings

    return analyse_files(
        Settings(
            inputs=(shared / "derby" / "police",),
            boundaries=shared / "derby" / "boundaries",
            from_month="2025-01",
            to_month="2025-12",
            draws=20,
            permutations=99,
        )
    )
