"""The project works from a wheel, a source archive and a bare clone, outside the place where it was made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from paths import CLONE

#: What a clone does not hold.
LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv*", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "__pycache__"),
    *("build", "dist", "*.egg-info", "node_modules", "maps"),
)


def _run(*words: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    ended = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, cwd=cwd, check=False,
        env={**_bare(), **(env or {})},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    return ended.stdout


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HOTSPOTS"))}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Build the source archive from a clean copy, and the wheel from that archive."""
    folder = tmp_path_factory.mktemp("build")
    shutil.copytree(CLONE, folder / "clone", ignore=LEFT_OUT)
    _run(sys.executable, "-m", "build", "--outdir", folder / "dist", folder / "clone", cwd=folder)
    return folder / "dist"


def test_the_wheel_carries_layers_figures_sample_and_page(built):
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "hotspots/share/boundaries/wards_2023.geojson",
        "hotspots/share/boundaries/README.md",
        "hotspots/share/data/themes.toml",
        "hotspots/share/data/residents_households.csv",
        "hotspots/py.typed",
    ):
        assert name in names
    assert any(name.startswith("hotspots/share/data/sample/") for name in names)
    assert any(name.startswith("hotspots/pages/static/map/") and name.endswith(".js") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "maps/"))]


def test_the_wheel_runs_in_a_fresh_environment_elsewhere(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    _run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    _run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    hotspots = python.with_name("hotspots")
    told = _run(hotspots, "run", "--out", "out", "--quiet", cwd=tmp_path)
    assert "index.html" in told
    assert "SYNTHETIC SAMPLE" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    where = _run(python, "-c", "import hotspots; print(hotspots.__file__)", cwd=tmp_path)
    assert str(tmp_path) in where


def test_a_bare_clone_works_without_being_installed(tmp_path):
    shutil.copytree(CLONE, tmp_path / "clone", ignore=LEFT_OUT)
    program = "from hotspots.resources import shipped; print(shipped('boundaries', 'wards_2023.geojson'))"
    told = _run(sys.executable, "-c", program, cwd=tmp_path / "clone", env={"PYTHONPATH": "."})
    assert str(tmp_path) in told
