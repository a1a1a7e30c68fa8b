"""What is dear to make is made once a session, however many workers the tests run in."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock


def folder_once(name: str, fill: Callable[[Path], Any], factory: pytest.TempPathFactory) -> Path:
    """Give a folder that the first worker to ask for it has filled; no test may write in it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = factory.mktemp(name)
        fill(folder)
        return folder
    folder, filled = (factory.getbasetemp().parent / part for part in (name, f"{name}.filled"))
    with FileLock(folder.with_suffix(".lock")):
        if not filled.is_file():
            folder.mkdir()
            fill(folder)
            filled.touch()
    return folder


def made_once(name: str, make: Callable[[], Any], factory: pytest.TempPathFactory) -> Any:
    """
    Make a value, or take the one that another worker of this session has made.

    Workers have a folder each, below one that they share: the first one leaves
    its value there, the others wait for it.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make()
    folder = factory.getbasetemp().parent
    path = folder / f"{name}.pickle"
    with FileLock(folder / f"{name}.lock"):
        if path.is_file():
            return pickle.loads(path.read_bytes())
        value = make()
        path.write_bytes(pickle.dumps(value))
        return value
