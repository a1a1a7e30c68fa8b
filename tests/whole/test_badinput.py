"""
Every file of the corpus of bad inputs, through the real command, against what its expectation says.

The corpus's general rules hold for each: a clean error or complete outputs,
inputs untouched, nothing written elsewhere, no values of rejected rows. What a
file does to reading is judged by `check`; the files about security, text and
numbers in the outputs, and the control, are published, each alone, and the
others together.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from badinput import CONTROL, Case, Outcome, digests, load_cases
from badinput_demands import CHECKS, NOT_ROWS, points_of, shapes_near, strict
from chromium import Watched, browser
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.schema import REJECT_REASONS

CASES = load_cases()
#: These run as a process of their own, so that memory and time can be measured.
SECURITY = ("B101", "B103", "B144")
#: What these must or must not do shows in the folder that a run writes.
PUBLISHED = (
    *("B000", "B007", "B025", "B029", "B040", "B044", "B053", "B057", "B063", "B071"),
    *("B080", "B082", "B083", "B160", "B163", "B180", "B181"),
    *SECURITY,
)
#: These must give one month.
PERIOD = ("B060", "B126")
#: What the command is given beside the file, where a case is about an option.
OPTIONS = {"B181": ["--audience", "public"]}
MARKERS = [Path("/tmp/zz_zip_escape.csv"), Path("/tmp/zz_zip_abs.csv"), Path("/tmp/zz_pickle_was_loaded")]
QUICK = 'draws = 20\npermutations = 99\nthemes = ["anti-social-behaviour"]\n'

pytestmark = pytest.mark.skipif(not CASES, reason="needs the corpus in ../shared/badinput")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Lend a folder with quick settings."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "quick.toml").write_text(QUICK, encoding="utf-8")
    return folder


@pytest.fixture
def place(town, tmp_path, monkeypatch):
    """Lend a work folder that holds earlier outputs; no network, and a temporary folder of its own."""
    for name in ("input", "temp", "work"):
        (tmp_path / name).mkdir()
    shutil.copytree(town / "out", tmp_path / "work" / "maps")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)
    return tmp_path


def _no_network(*_args, **_options):
    raise AssertionError("the run opened a network connection")


def _arguments(case: Case, place: Path) -> list[str]:
    copy = place / "input" / case.file
    if case.id == "B171":
        good = next(c.path for c in CASES if c.id == "B000")
        return [str(shutil.copy(good, place / "input")), "--boundaries", str(copy)]
    return [str(copy), *OPTIONS.get(case.id, [])]


def _run(arguments: list[str], place: Path, *, config: Path, own_process: bool = False) -> Outcome:
    """Publish a file's incidents, in this process or in one whose memory and time can be measured."""
    out = place / "work" / "maps"
    words = ["run", *arguments, "--out", str(out), "--config", str(config), "--quiet"]
    before = (out / "run.json").read_bytes()
    code, stdout, stderr, seconds, peak = _process(words, place) if own_process else _invoke(words)
    after = (out / "run.json").read_bytes()
    record = strict(after.decode("utf-8")) if after != before or code == 0 else {}
    return Outcome(code, stdout, stderr, seconds, out, record, peak)


def _try(arguments: list[str], place: Path, *, config: Path, whole: bool) -> Outcome:
    """Read a file without writing, and list its rejected rows where it has some; or analyse the `whole`."""
    words, listed = [*arguments, "--config", str(config), "--json"], place / "rejected.csv"
    if whole:
        words = ["run", *words, "--dry-run", "--quiet"]
    else:
        words = ["check", *words, "--rejects", str(listed)]
    code, stdout, stderr, seconds, peak = _invoke(words)
    record = strict(stdout) if code == 0 else {}
    outcome = Outcome(code, stdout, stderr, seconds, place / "work" / "maps", record, peak)
    if not listed.is_file():
        return outcome
    text = listed.read_text(encoding="utf-8-sig")
    listed.unlink()
    return replace(outcome, rejected_text=text)


def _invoke(words: list[str]) -> tuple[int, str, str, float, float]:
    start = time.process_time()
    done = CliRunner().invoke(app, words)
    seconds = time.process_time() - start
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.exit_code, done.stdout, done.stderr, seconds, 0.0


#: A process begins with the peak memory of the one that it was forked from: a small one starts the run.
MEASURE = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
measured = child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
with open(sys.argv[1], "w") as file:
    json.dump(measured, file)
"""


def _process(words: list[str], place: Path) -> tuple[int, str, str, float, float]:
    usage = place / "usage"
    command = [sys.executable, "-c", MEASURE, str(usage), sys.executable, "-m", "hotspots", *words]
    done = subprocess.run(command, capture_output=True, check=True)
    code, seconds, peak = json.loads(usage.read_text())
    usage.unlink()
    return code, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"), seconds, peak


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_file_is_met_as_expected(case, place, workshop):
    shutil.copy(case.path, place / "input")
    arguments = _arguments(case, place)
    inputs, earlier = digests(place / "input"), digests(place / "work")
    config, published = workshop / "quick.toml", case.id in PUBLISHED
    if published:
        outcome = _run(arguments, place, config=config, own_process=case.id in SECURITY)
    else:
        outcome = _try(arguments, place, config=config, whole=case.id in PERIOD)
    _check_manners(case, outcome, place, inputs)
    if outcome.code or not published:
        assert digests(place / "work") == earlier, "a failed or dry run must leave the earlier outputs"
    if outcome.code:
        assert case.may_fail and outcome.code == 3, outcome.said
        assert case.file in outcome.stderr and outcome.stderr.startswith("hotspots: ")
    else:
        assert case.may_succeed, "the run should have refused this file"
        if published:
            _check_outputs(outcome)
        _check_rows(case, outcome)
        _check_secrecy(case, outcome)
    for check in CHECKS.get(case.id, ()):
        check(outcome, case)


def _check_manners(case: Case, outcome: Outcome, place: Path, inputs: dict[str, str]) -> None:
    assert "Traceback" not in outcome.said
    assert not CONTROL.search(outcome.said)
    assert outcome.processor_seconds < 30
    assert outcome.peak_mb < 500
    assert digests(place / "input") == inputs, "inputs must stay as they are, with nothing beside them"
    assert [p.name for p in (place / "work").iterdir()] == ["maps"]
    assert not any((place / "temp").iterdir()), "the temporary folder must be left empty"
    assert not any(marker.exists() for marker in MARKERS)
    assert {p.name for p in place.iterdir()} == {"input", "temp", "work"}


def _check_outputs(outcome: Outcome) -> None:
    """Hold the folder against the manifest, and open every file in another program."""
    found = digests(outcome.out)
    del found["run.json"]
    assert found == {entry["path"]: entry["sha256"] for entry in outcome.record["outputs"]}
    for name, text in outcome.texts().items():
        assert not CONTROL.search(text), name
        if name.endswith(".csv"):
            rows = list(csv.reader(text.lstrip("\ufeff").splitlines()))
            assert len({len(row) for row in rows}) == 1, name
        if name.endswith(".html"):
            assert text.startswith("<!DOCTYPE html>") and text.rstrip().endswith("</html>"), name
    openpyxl.load_workbook(outcome.out / "hotspots.xlsx", read_only=True).close()


def _check_rows(case: Case, outcome: Outcome) -> None:
    if case.id in NOT_ROWS:
        return
    reading, rejected = outcome.record["reading"], outcome.record["rejected"]
    kept = outcome.record["geocoding"]["inside"]
    assert kept in case.kept
    assert kept + sum(rejected.values()) == reading["rows_read"]
    if case.rejected:
        assert reading["rows_read"] == case.rows_in
        assert sum(rejected.values()) in case.rejected
    assert set(rejected) <= case.reasons
    listed = outcome.rejected()
    assert len(listed) == sum(rejected.values())
    for source, row, reason in listed:
        # Rows outside the area are counted by file, without a line.
        assert source and reason in REJECT_REASONS and (row >= 2 or reason == "outside_area")


def _check_secrecy(case: Case, outcome: Outcome) -> None:
    """Look for values that only rejected rows hold, in what the run said and recorded."""
    rows = {row for _, row, _ in outcome.rejected()}
    if case.path.suffix != ".csv" or not rows:
        return
    lines = case.path.read_bytes().decode("utf-8", "replace").split("\n")
    kept = "\n".join(line for number, line in enumerate(lines, 1) if number not in rows)
    cells = {cell.strip() for number in rows for cell in lines[number - 1].split(",")}
    own = {cell for cell in cells if len(cell) >= 6 and cell not in kept}
    told = outcome.said + json.dumps(outcome.record, ensure_ascii=False) + outcome.rejects()
    assert not {cell for cell in own if cell in told}


def test_every_demand_of_the_corpus_has_a_check():
    demanding = {case.id for case in CASES if case.must or case.must_not}
    assert demanding <= set(CHECKS)


def test_what_was_kept_of_the_others_goes_through_the_whole_run_together(place, workshop):
    """Whatever a file leaves in the columns, no later stage breaks on it."""
    others = [case for case in CASES if case.may_succeed and case.id not in (*PUBLISHED, "B171")]
    paths = [shutil.copy(case.path, place / "input") for case in others]
    outcome = _run([str(path) for path in paths], place, config=workshop / "quick.toml")
    assert outcome.code == 0, outcome.said
    _check_outputs(outcome)
    assert {source["rows_read"] > 0 for source in outcome.record["reading"]["sources"]} == {True}
    assert len(outcome.record["reading"]["sources"]) >= len(others) > 15


def test_two_overlapping_downloads_count_an_incident_once(place, workshop):
    names = ("075a_month_jan.csv", "075b_month_jan_again.csv")
    paths = [shutil.copy(case.path, place / "input") for case in CASES if case.file in names]
    assert len(paths) == 2
    kept = []
    for order in (paths, paths[::-1]):
        outcome = _try([str(p) for p in order], place, config=workshop / "quick.toml", whole=True)
        assert outcome.code == 0
        kept.append(outcome.record["geocoding"]["inside"])
        assert outcome.record["rejected"]["duplicate"] in (3, 4)
        if kept[-1] == 13:
            notes = json.dumps([outcome.record["warnings"], outcome.record["reading"]], ensure_ascii=False)
            assert re.search("1 row.{0,60}no ID|1 .{0,80}without an? (Crime )?ID", notes), notes
    assert kept[0] == kept[1] and kept[0] in (12, 13)


def test_a_lone_incident_inside_the_city_is_not_pointed_at(place, workshop):
    # The corpus's own lone point lies outside Derby: this one stands alone within it.
    lone = next(case.path for case in CASES if case.id == "B180").read_text(encoding="utf-8")
    path = place / "input" / "lone.csv"
    path.write_text(lone.replace("-1.540000,52.869000", "-1.480000,52.875000"), encoding="utf-8")
    outcome = _run([str(path), "--audience", "public"], place, config=workshop / "quick.toml")
    assert outcome.code == 0 and len(points_of(path)) == 41
    assert shapes_near(outcome.out, -1.480, 52.875) == 0
    assert "Lone Cottage" not in outcome.everything()


def test_hostile_text_does_nothing_in_a_browser(workshop, tmp_path):
    hostile = next(case.path for case in CASES if case.id == "B080")
    words = ["run", str(hostile), "--out", str(tmp_path / "maps"), "--config", str(workshop / "quick.toml")]
    assert CliRunner().invoke(app, words).exit_code == 0
    with browser() as chromium:
        watched = Watched(chromium)
        for name in ("index.html", "wards/index.html"):
            page = watched.open(tmp_path / "maps" / name)
            page.wait_for_load_state("load")
            assert "PWNED" not in page.title()
        assert not watched.problems and not watched.outside()
