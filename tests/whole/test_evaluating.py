"""`hotspots evaluate` from file to page: what was done at a place, before and after."""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.pages.evaluation_page import draw_chart

HEADER = "name,theme,on,off,area\n"


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluated")
    order = folder / "orders.csv"
    order.write_text(
        HEADER + "<b>Order & co</b>,anti-social-behaviour,2025-07-01,,E05015521\n", encoding="utf-8"
    )
    words = ["evaluate", "--interventions", str(order), "--out", str(folder / "out"), "--quiet", "--json"]
    return CliRunner().invoke(app, words), folder / "out"


def test_writes_a_page_a_table_and_a_record(evaluated):
    done, out = evaluated
    assert done.exit_code == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["command"] == "hotspots evaluate"
    assert record["interventions"][0]["day"] == "2025-07-01"
    with (out / "tables" / "interventions.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["verdict"] == record["interventions"][0]["verdict"]
    assert float(row["ratio_low"]) < float(row["rate_ratio"]) < float(row["ratio_high"])


def test_the_page_asks_for_nothing_and_runs_nothing(evaluated):
    _, out = evaluated
    page = (out / "evaluation.html").read_text(encoding="utf-8")
    assert "SYNTHETIC SAMPLE" in page
    assert "<b>Order" not in page
    assert "http" not in page.replace("http://www.w3.org", "").split("<main", 1)[1].split("</main>", 1)[0]


def test_the_same_files_give_the_same_bytes(evaluated, tmp_path):
    _, out = evaluated
    order = out.parent / "orders.csv"
    again = ["evaluate", "--interventions", str(order), "--out", str(tmp_path / "again"), "--quiet"]
    assert CliRunner().invoke(app, again).exit_code == 0
    for name in ("evaluation.html", "run.json", "tables/interventions.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("name,theme\nA,all\n", [], "no column"),
        (HEADER + "A,all,2025-07-01,,E05015521\n", ["--method", "magic"], "--method takes one of"),
        (HEADER + "A,nothing,2025-07-01,,E05015521\n", [], "theme is not one of"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_in_one_sentence(tmp_path, text, words, said):
    order = tmp_path / "orders.csv"
    order.write_text(text, encoding="utf-8")
    given = ["evaluate", "--interventions", str(order), "--out", str(tmp_path / "out"), "--quiet", *words]
    done = CliRunner().invoke(app, given)
    assert done.exit_code in (2, 3)
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_chart_by_hand():
    drawn = draw_chart(
        {
            "months": ["2025-01", "2025-02", "2025-03"],
            "treated": [0.0, 10.0, 5.0],
            "control": [None, None, None],
            "before": [0],
            "after": [2],
            "mixed": [1],
        }
    )
    assert drawn["control"] == ""
    assert drawn["place"] == "M44.0 226.0L378.0 12.0L712.0 119.0"
    assert drawn["day"] == 545.0
    assert [tick["text"] for tick in drawn["up"]] == ["0", "5", "10"]
