"""The transparency record: filled from run.json, and from nothing else."""

from __future__ import annotations

import hashlib
import json
import re

import pages
import pytest
from paths import CLONE
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.errors import InputError
from hotspots.outputs.folder import MANIFEST_FORMAT
from hotspots.outputs.record import manifest
from hotspots.outputs.transparency import transparency, transparency_of

NUMBER = re.compile(r"\d[\d,.]*")


@pytest.fixture
def record():
    """Give what run.json holds of a small release."""
    made = {
        "format": MANIFEST_FORMAT,
        **manifest(pages.small_release()),
        "outputs": [{"path": "index.html"}] * 3,
    }
    return json.loads(json.dumps(made))


def write(folder, record):
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def cells(text):
    """Give the answers by question."""
    rows = re.findall(r"^\| (.+?) \| (.*) \|$", text, flags=re.MULTILINE)
    return {question: answer for question, answer in rows if question != "question"}


def test_the_technical_part_is_filled_and_the_rest_is_marked(tmp_path, record):
    told = cells(transparency_of(write(tmp_path, record)))
    assert told["this run"] == "Derby (E06000015), January to June 2025"
    assert told["audience"] == "internal; marking OFFICIAL"
    assert told["output"].startswith("3 files")
    assert told["warning 1 of this run"] == "A warning for the reader."
    assert hashlib.sha256((tmp_path / "run.json").read_bytes()).hexdigest() in told["this run's record"]
    for one in record["themes"]:
        assert one["observability_text"] in told[one["name"]]
    assert sum(answer.startswith("*yours: ") for answer in told.values()) >= 12


def test_grades_rows_and_location_stand_where_the_audience_may_see_them(record):
    one = record["themes"][0]
    record["report_card"] = [
        {"kind": "ranges", "theme": one["slug"], "level": "ward", "said": 0.95, "found": 0.91, "n": 36}
    ]
    record["reading"] = {
        "rows_read": 1234,
        "rows_kept": 1200,
        "sources": [{"kind": "police.uk street"}, {"kind": "police.uk street"}, {"kind": "table"}],
    }
    record["rejected"] = {"bad_month": 34}
    record["geocoding"] = {"hit_rate": {"rate": 0.876}}
    told = cells(transparency(record, digest="d"))
    assert told[f"Counts inside their 95% range: {one['name']}, wards"] == "91 % found, 95 % said"
    assert told["rows"] == "1,234 read, 1,200 kept"
    assert told["files"] == "2 police.uk street files and 1 table file"
    assert told["set aside, by reason"] == "bad month 34" and told["located"] == "88 % of the rows"
    without = {**record, "reading": {}, "rejected": {}, "geocoding": {}}
    hidden = cells(transparency(without, digest="d"))
    assert {hidden[name] for name in ("files", "rows", "set aside, by reason", "located")} == {
        "not given to this audience"
    }


def test_what_is_said_of_some_runs_alone(record):
    usual = cells(transparency(record, digest="d"))
    record["period"]["incomplete"] = ["2025-01", "2025-06"]
    record |= {
        "synthetic": True,
        "attested": "All of it is public.",
        "combined_themes": {"drugs": 0.25, "asb": 0.75},
    }
    told = cells(transparency(record, digest="d"))
    assert {name: told[name] for name in told if name not in usual} == {
        "data of this run": "a synthetic sample: no real incident is in it",
        "attested by the user": "All of it is public.",
        "months in part": "2025-01 and 2025-06",
        "themes in the combined ranking, with weights": "drugs 0.25; asb 0.75",
    }


def test_no_figure_stands_there_that_the_record_does_not_hold(record):
    """Against the same record without values: whatever number is new is one of run.json."""
    empty = {**record, "themes": [], "warnings": [], "parameters": {}, "report_card": [], "sources": []}
    said = set(NUMBER.findall(transparency(record, digest="d")))
    plain = set(NUMBER.findall(transparency(empty, digest="d")))
    held = json.dumps(record, ensure_ascii=False)
    new = {number.strip(",.").replace(",", "") for number in said - plain}
    assert new and [n for n in new if n not in held.replace(",", "")] == []


def test_a_name_with_marks_of_markdown_and_html_stays_a_name(record):
    record["area"]["name"] = "A|B <b>*x*</b>\n# `y` \u202e"
    text = transparency(record, digest="d")
    assert "A\\|B \\<b\\>\\*x\\*\\</b\\> \\# \\`y\\`" in text and "<b>" not in text and "\u202e" not in text
    assert {row.count(" | ") for row in text.splitlines() if row.startswith("| ")} == {1}


def test_a_folder_that_is_none_of_a_run_is_refused(tmp_path, record):
    with pytest.raises(InputError, match=r"holds no run\.json"):
        transparency_of(tmp_path)
    for broken, words in (
        ({**record, "command": "hotspots patrol"}, "is no record of `hotspots run`"),
        ({**record, "format": MANIFEST_FORMAT - 1}, "is no record of `hotspots run`"),
        ({**record, "format": MANIFEST_FORMAT + 1}, "A newer version wrote"),
        ({name: value for name, value in record.items() if name != "themes"}, "is damaged"),
        ({**record, "boundaries": 7}, "is damaged"),
    ):
        with pytest.raises(InputError, match=words):
            transparency_of(write(tmp_path, broken))


def test_the_command_prints_it_and_needs_a_folder_and_the_flag_together(tmp_path, record):
    done = CliRunner().invoke(app, ["cite", str(write(tmp_path, record)), "--transparency"])
    assert done.exit_code == 0 and done.stdout == transparency_of(tmp_path)
    for words in (["cite", "--transparency"], ["cite", str(tmp_path)]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2 and "hotspots cite FOLDER --transparency" in done.stderr


def test_the_page_of_the_documentation_names_every_part_of_it(record):
    page = (CLONE / "docs" / "transparency.md").read_text(encoding="utf-8").lower()
    headings = re.findall(r"^#{2,3} (.+)$", transparency(record, digest="d"), flags=re.MULTILINE)
    assert len(headings) == 11 and [one for one in headings if one.lower() not in page] == []
