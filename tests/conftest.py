"""Fixtures that several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference data beside the clone, or skip the test."""
    folder = CLONE.parent / "shared"
    if not (folder / "derby").is_dir():
        pytest.skip("needs the reference data in ../shared, which is not beside this clone")
    return folder
