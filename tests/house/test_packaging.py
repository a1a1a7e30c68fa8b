"""The project works from a wheel, a source archive and a bare clone, outside the place where it was made."""

from __future__ import annotations

import configparser
import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import towns
from packaging.requirements import Requirement
from paths import CLONE

#: What a clone does not hold.
LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv*", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "__pycache__"),
    *("build", "dist", "*.egg-info", "node_modules", "maps"),
)
#: When both checkouts below are said to have been committed.
EPOCH = {"SOURCE_DATE_EPOCH": "1750000000"}


def _run(*words: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    ended = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, cwd=cwd, check=False,
        env={**_bare(), **(env or {})},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    return ended.stdout


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HOTSPOTS"))}


def _build(*options: object, cwd: Path) -> None:
    _run(sys.executable, "-m", "build", "--no-isolation", *options, cwd=cwd, env=EPOCH)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Build the source archive from a clean copy, and the wheel from that archive."""
    folder = tmp_path_factory.mktemp("build")
    shutil.copytree(CLONE, folder / "clone", ignore=LEFT_OUT)
    _build("--outdir", folder / "dist", folder / "clone", cwd=folder)
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (found,) = built.glob("*.whl")
    return found


def test_the_wheel_carries_layers_figures_sample_and_page(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "hotspots/share/boundaries/wards_2023.geojson",
        "hotspots/share/boundaries/README.md",
        "hotspots/share/data/themes.toml",
        "hotspots/share/data/residents_households.csv",
        "hotspots/py.typed",
        "hotspots/pages/static/base.css",
    ):
        assert name in names
    assert any(name.startswith("hotspots/share/data/sample/") for name in names)
    for kind in ("static/map/*.js", "templates/*.j2"):
        for path in (CLONE / "hotspots" / "pages").glob(kind):
            assert path.relative_to(CLONE).as_posix() in names


def test_the_wheel_carries_every_room_and_nothing_that_only_makes_or_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    ours = {path.relative_to(CLONE).as_posix() for path in (CLONE / "hotspots").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == ours
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"hotspots"}
    assert not [name for name in names if "makers" in name]


def test_an_index_can_show_what_the_wheel_says_of_itself(wheel):
    book = zipfile.ZipFile(wheel)
    (name,) = [name for name in book.namelist() if name.endswith(".dist-info/METADATA")]
    said = email.message_from_bytes(book.read(name))
    assert said["License-Expression"] == "MIT"
    assert not [kind for kind in said.get_all("Classifier") if kind.startswith("License ::")]
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in range(11, 15)} <= set(
        said.get_all("Classifier")
    )
    links = dict(line.split(", ", 1) for line in said.get_all("Project-URL"))
    assert {"Source", "Documentation", "Changelog", "Issues"} <= set(links)
    assert said["Author"]
    # A picture or a link beside the text is not there on an index.
    text = said.get_payload(decode=True).decode("utf-8")
    assert text.startswith("# Derby Hotspots") and "![" not in text
    assert not re.search(r"\]\((?!https://)", text)


def test_two_checkouts_give_the_same_bytes(wheel, tmp_path):
    copy = tmp_path / "elsewhere" / "other-name"
    shutil.copytree(CLONE, copy, ignore=LEFT_OUT)
    for path in copy.rglob("*"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    _build("--wheel", "--outdir", tmp_path / "dist", copy, cwd=tmp_path)
    assert (tmp_path / "dist" / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_wheel_runs_in_a_fresh_environment_elsewhere(wheel, tmp_path):
    """Its libraries are those of this environment; FULL_INSTALL=1 brings them anew."""
    full = bool(os.environ.get("FULL_INSTALL"))
    _run(sys.executable, "-m", "venv", *([] if full else ["--without-pip"]), tmp_path / "env", cwd=tmp_path)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if full:
        _run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    else:
        words = ("install", "--quiet", "--no-deps", "--no-index", wheel)
        _run(sys.executable, "-m", "pip", "--python", python, *words, cwd=tmp_path)
        there = Path(
            _run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path).strip()
        )
        (there / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    (tmp_path / "hotspots.toml").write_text(towns.QUICK, encoding="utf-8")
    # Two months and one theme of the sample: that it is there and what runs is asked.
    few = ("--from", "2025-11", "--to", "2025-12", "--theme", "drugs-and-alcohol-misuse")
    told = _run(python.with_name("hotspots"), "run", "--out", "out", "--quiet", *few, cwd=tmp_path)
    assert "index.html" in told
    assert "SYNTHETIC SAMPLE" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    where = _run(python, "-c", "import hotspots; print(hotspots.__file__)", cwd=tmp_path)
    assert str(tmp_path) in where


def test_a_bare_clone_works_without_being_installed(tmp_path):
    shutil.copytree(CLONE, tmp_path / "clone", ignore=LEFT_OUT)
    program = "from hotspots.resources import shipped; print(shipped('boundaries', 'wards_2023.geojson'))"
    told = _run(sys.executable, "-c", program, cwd=tmp_path / "clone", env={"PYTHONPATH": "."})
    assert str(tmp_path) in told


def test_the_lock_holds_what_is_asked_for_with_digests_and_names_no_host():
    lock = (CLONE / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=\S)", lock.strip()):
        name, version = re.match(r"([\w.-]+)==([^\s;\\]+)", block).groups()
        pinned.setdefault(name, []).append(version)
        assert "--hash=sha256:" in block, name
    setup = configparser.ConfigParser()
    setup.read(CLONE / "setup.cfg", encoding="utf-8")
    wanted = [Requirement(line) for line in setup["options"]["install_requires"].split("\n") if line]
    assert len(wanted) > 15
    for one in wanted:
        assert one.name.lower() in pinned, f"{one.name} is not in requirements.lock: run make lock"
        assert all(version in one.specifier for version in pinned[one.name.lower()]), one
