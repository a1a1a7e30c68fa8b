"""The contracts between the rooms stand, and an import that goes up is found."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paths import CLONE

#: A module, a line that it must not hold, and the contract that finds it.
BROKEN = (
    ("reading/cells.py", "import hotspots.statistics.rates", "Data flow through the rooms and never back"),
    ("months.py", "import hotspots.pages.words", "Data flow through the rooms and never back"),
    ("statistics/rates.py", "import requests", "Only fetching asks the network"),
    ("pages/words.py", "import hotspots.clusters.dbscan", "Behind the door the release alone is seen"),
    ("reading/aliases.py", "import hotspots.reading.incidents", "No circle in a room"),
)
#: Modules that prose may name and that are not in a room.
OTHERS = ("benchmarks", "folium", "typer")


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """Lend a copy of the package and its contracts."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(CLONE / "hotspots", folder / "hotspots", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CLONE / "setup.cfg", folder)
    return folder


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        check=False,
    )


def test_every_contract_is_there_and_kept(house):
    setup = configparser.ConfigParser()
    setup.read(CLONE / "setup.cfg", encoding="utf-8")
    names = {
        section["name"] for title, section in setup.items() if title.startswith("importlinter:contract:")
    }
    assert {contract for _, _, contract in BROKEN} <= names
    done = _lint(house)
    assert done.returncode == 0, done.stdout
    for name in names:
        assert f"{name} KEPT" in done.stdout


@pytest.mark.parametrize(("module", "line", "contract"), BROKEN)
def test_an_import_that_goes_up_is_found(house, module, line, contract):
    path = house / "hotspots" / module
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        done = _lint(house)
    finally:
        path.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    assert f"{contract} BROKEN" in done.stdout
    name = module.removesuffix(".py").replace("/", ".")
    arrow = f"hotspots.{name} -> {line.split()[1]}"
    # A circle is told by the names of the room's files alone.
    assert arrow in done.stdout or arrow.replace("hotspots.reading", "") in done.stdout


def test_every_room_says_what_it_is_and_hides_nothing():
    rooms = [path for path in (CLONE / "hotspots").iterdir() if (path / "__init__.py").is_file()]
    assert len(rooms) >= 12
    for room in rooms:
        text = (room / "__init__.py").read_text(encoding="utf-8")
        assert text.startswith('"""') and text.rstrip().endswith('"""'), room.name


def _modules() -> list[Path]:
    return sorted((CLONE / "hotspots").rglob("*.py"))


def test_a_file_with_an_underscore_is_imported_in_its_room_alone():
    wrong = []
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for room in re.findall(r"^hotspots\.(\w+)\._[a-z]\w*$", "\n".join(names), re.MULTILINE):
                if path.parent.name != room:
                    wrong.append(f"{path.relative_to(CLONE)}: {names}")
    assert not wrong


def test_what_prose_calls_by_module_and_name_is_there():
    """A docstring that says `rates.rate` names a file or room of that name, which holds that word."""
    texts: dict[str, str] = {}
    for path in _modules():
        texts[path.stem] = texts.get(path.stem, "") + path.read_text(encoding="utf-8")
        # A room holds its files, as a file holds its functions.
        texts[path.parent.name] = f"{texts.get(path.parent.name, '')} {path.stem} "
    wrong = [
        f"{path.relative_to(CLONE)}: {module}.{name}"
        for path in _modules()
        for module, name in re.findall(r"`([a-z]\w+)\.([A-Za-z]\w*)`", path.read_text(encoding="utf-8"))
        if module not in OTHERS and not re.search(rf"\b{name}\b", texts.get(module, ""))
    ]
    assert not wrong
