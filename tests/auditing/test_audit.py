"""The report of an audit, and what it refuses to read."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from small_releases import MONTHS, QUIET, honest, quiet, town

from hotspots.auditing.audit import audit_folders
from hotspots.auditing.figures import statements
from hotspots.auditing.published import NEWEST
from hotspots.auditing.reading import read_published
from hotspots.errors import InputError, ParameterError


def test_the_narrowest_interval_is_given_by_table(tmp_path):
    report = audit_folders([quiet().write(tmp_path / "a")])
    assert "robbery by ward_2023, 2025-01 to 2025-02: 0 to 9 or wider (2 withheld)" in report.text()
    assert report.ok and report.below == ()


def test_deep_measures_to_the_ends(tmp_path):
    report = audit_folders([quiet().write(tmp_path / "a")], deep=True)
    # 15 is 13 to 17, and either ward may hold all of them
    assert "robbery by ward_2023, 2025-01 to 2025-02: 0 to 17 (2 withheld)" in report.text()


def test_deep_guesses_that_withheld_counts_are_small(tmp_path):
    report = audit_folders([quiet().write(tmp_path / "a")], deep=True)
    # at most 9 in one ward leaves 4 of 13 for the other
    assert any("narrows 2 of 2" in note for note in report.notes)


def test_several_folders_are_attacked_alone_and_together(tmp_path):
    truth = {key: n for key, n in town(QUIET).items() if key[0] == "all" and key[1] == "ward"}
    january = {key: n for key, n in truth.items() if key[3] == MONTHS[0]}
    both = {key: n for key, n in truth.items() if not key[3]}
    first = honest({(*key[:3], ""): n for key, n in january.items()}, months=MONTHS[:1]).write(tmp_path / "a")
    second = honest(both).write(tmp_path / "b")
    report = audit_folders([first, second])
    assert [len(attack.folders) for attack in report.attacks] == [1, 1, 2]
    assert "Differences that no table lists" in report.text()
    # February of the first ward: 175 less 95, each 2 either way
    joined = report.as_dict()["attacks"][2]["differences"]
    assert any(one["table"].startswith("all by ward_2023") for one in joined)


def test_a_contradiction_is_not_called_safe(tmp_path):
    release = quiet()
    release.counts["all", "ward", "E05000001", "2025-01"] = 500
    release.counts["all", "ward", "E05000001", "2025-02"] = 80
    report = audit_folders([release.write(tmp_path / "a")])
    assert not report.ok and "no counts fit" in report.text() and "1 contradictions" in report.text()


def test_a_report_is_plain_json(tmp_path):
    folder = quiet().write(tmp_path / "a")
    (folder / "note.txt").write_text("c4" * 32, encoding="utf-8")
    report = audit_folders([folder])
    plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert not plain["ok"] and plain["leaks"][0]["kind"] == "Crime ID or digest"


def test_the_same_folder_gives_the_same_report(tmp_path):
    folder = quiet().write(tmp_path / "a")
    assert audit_folders([folder]).as_dict() == audit_folders([folder]).as_dict()


def test_no_folder_is_refused():
    with pytest.raises(ParameterError, match="No folder is given to audit"):
        audit_folders([])


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no run\.json"):
        read_published(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not a record"), ('{"audience": "everyone"}', "no audience"), ("[]", "no audience")],
)
def test_a_broken_record_is_named(tmp_path, text, words):
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_published(tmp_path)


def test_a_folder_without_counts_is_refused(tmp_path):
    folder = quiet().write(tmp_path / "a")
    (folder / "tables" / "areas.csv").unlink()
    with pytest.raises(InputError, match=r"holds no tables/areas\.csv"):
        read_published(folder)


def test_a_broken_workbook_is_named(tmp_path):
    folder = quiet().write(tmp_path / "a")
    (folder / "hotspots.xlsx").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"hotspots\.xlsx"):
        read_published(folder)


def test_the_room_knows_nothing_of_how_counts_are_withheld():
    program = (
        "import sys, pkgutil, importlib, hotspots.auditing as room\n"
        "for file in pkgutil.iter_modules(room.__path__):\n"
        "    importlib.import_module('hotspots.auditing.' + file.name)\n"
        "print(*(m for m in sys.modules if m.startswith('hotspots.') and 'auditing' not in m))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    ground = {"hotspots._version", "hotspots.errors", "hotspots.audiences"}
    ground |= {
        "hotspots.column",
        "hotspots.columns_of_beats",
        "hotspots.columns_over_time",
        "hotspots.months",
        "hotspots.resources",
        "hotspots.schema",
    }
    assert set(done.stdout.split()) <= ground


def test_page_data_of_another_form_are_named(tmp_path):
    folder = quiet().write(tmp_path / "a")
    path = folder / "index.html"
    path.write_text(path.read_text(encoding="utf-8").replace('"codes"', '"kodes"'), encoding="utf-8")
    with pytest.raises(InputError, match="form that this audit does not read"):
        read_published(folder)


@pytest.mark.parametrize(("number", "leaks"), [(1, 0), (2, 2)])
def test_rates_of_older_folders_were_of_the_whole_period(number, leaks):
    """The rates of a year are six times those of two months, and do not follow from their counts."""
    new = replace(quiet(), record={"format": number}).published()
    table = new.tables[0].frame
    rates = ["rate_per_1000", "rate_per_km2"]
    whole = table[table["month"].eq("")]
    whole = whole.assign(**{name: (pd.to_numeric(whole[name]) / 6).round(2) for name in rates})
    old = replace(new, tables=(replace(new.tables[0], frame=whole),))
    assert len(list(statements(old)[1])) == leaks


def test_a_folder_of_a_newer_version_is_not_judged(tmp_path):
    from hotspots.outputs.folder import MANIFEST_FORMAT

    assert NEWEST == MANIFEST_FORMAT
    folder = replace(quiet(), record={"format": NEWEST + 1}).write(tmp_path / "a")
    with pytest.raises(InputError, match=r"A newer version wrote .*run\.json"):
        read_published(folder)
