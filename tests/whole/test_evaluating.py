"""`hotspots evaluate` from file to page: what was done at a place, before and after."""

from __future__ import annotations

import csv
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from towns import incident_rows, write_rows
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.errors import InputError, UsageError
from hotspots.evaluating import Asked, evaluate_files, plan_files
from hotspots.pages.evaluation_page import draw_chart
from hotspots.settings import Settings

HEADER = "name,theme,on,off,area\n"


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluated")
    order = folder / "orders.csv"
    order.write_text(
        HEADER + "<b>Order & co</b>,anti-social-behaviour,2025-07-01,,E05015521\n", encoding="utf-8"
    )
    (folder / "back.csv").write_text("beat,visits made\nSK3536SW-thorntree-lane,3\n", encoding="utf-8")
    words = ["evaluate", "--interventions", str(order), "--out", str(folder / "out"), "--quiet", "--json"]
    words += ["--returned", str(folder / "back.csv")]
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
    assert "No line of the returns is of one of its beats" in page
    assert "http" not in page.replace("http://www.w3.org", "").split("<main", 1)[1].split("</main>", 1)[0]


def test_the_same_files_give_the_same_bytes(evaluated, tmp_path):
    _, out = evaluated
    order = out.parent / "orders.csv"
    again = ["evaluate", "--interventions", str(order), "--out", str(tmp_path / "again"), "--quiet"]
    again += ["--returned", str(out.parent / "back.csv")]
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


def test_a_plan_says_what_could_be_seen_by_theme_place_and_length(tmp_path):
    zones = gpd.GeoDataFrame(
        {"name": ["A <park>"]}, geometry=[shapely.box(434900, 335900, 435900, 336700)], crs=27700
    )
    zones.to_file(tmp_path / "zones.gpkg")
    words = ["evaluate", "--plan", "--theme", "anti-social-behaviour", "--quiet", "--json"]
    where = ["--zones", str(tmp_path / "zones.gpkg"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*words, *where])
    assert done.exit_code == 0, done.stderr
    table = pd.read_csv(tmp_path / "out" / "tables" / "plan.csv")
    assert json.loads(done.stdout)["planned"] == len(table)
    assert set(table["kind"]) == {"ward", "hot spot", "zone given"}
    assert table.groupby(["kind", "name"])["months"].agg(list).map([3, 6, 12].__eq__).all()
    busy = table[table["kind"].eq("ward") & table["expected"].gt(20)]
    assert busy["smallest_fall"].between(0, 1).mean() > 0.9
    page = (tmp_path / "out" / "plan.html").read_text(encoding="utf-8")
    assert "A &lt;park&gt;" in page and "all hot spots together" in page


@pytest.fixture(scope="module")
def towns_of_a_year(tmp_path_factory):
    """A city with 60 % fewer incidents from July on, and six authorities far away without any change."""
    folder = tmp_path_factory.mktemp("authorities")
    rng = np.random.default_rng(4)
    months = [f"2025-{month:02d}" for month in range(1, 13)]
    for number in range(7):
        rows = incident_rows(3000, months=tuple(months), seed=number + 1)
        # As many a month as real towns have, and not the same number in each.
        levels = dict(zip(months, rng.uniform(0.7, 1.0, 12), strict=True))
        rows = [row for row in rows if rng.random() < levels[row["Month"]]]
        if number:
            rows = [{**row, "Latitude": f"{float(row['Latitude']) + 0.2 * number:.6f}"} for row in rows]
        else:
            rows = [row for row in rows if row["Month"] < "2025-07" or rng.random() < 0.4]
        name = f"town{number}" if number else "city"
        (folder / name).mkdir()
        write_rows(folder / name / f"{name}-street.csv", rows)
    return folder


def test_an_order_over_all_wards_is_compared_with_other_authorities(towns_of_a_year, tmp_path):
    order = tmp_path / "order.csv"
    order.write_text(HEADER + "City order,all,2025-07-01,,all\n", encoding="utf-8")
    words = ["evaluate", str(towns_of_a_year / "city"), "--interventions", str(order), "--quiet", "--json"]
    alone = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "alone")])
    assert "leaves no place to compare with" in json.loads(alone.stdout)["interventions"][0]["verdict"]
    assert "--elsewhere" in (tmp_path / "alone" / "evaluation.html").read_text(encoding="utf-8")
    others = [part for n in range(1, 7) for part in ("--elsewhere", str(towns_of_a_year / f"town{n}"))]
    beside = CliRunner().invoke(app, [*words, *others, "--out", str(tmp_path / "beside")])
    assert beside.exit_code == 0, beside.stderr
    (row,) = pd.read_csv(tmp_path / "beside" / "tables" / "interventions.csv").to_dict("records")
    assert row["control_method"] == "elsewhere" and row["found"]
    assert row["rate_ratio"] == pytest.approx(0.4, abs=0.12)


def test_an_authority_that_holds_the_city_is_counted_without_it(towns_of_a_year, tmp_path):
    order = tmp_path / "order.csv"
    order.write_text(HEADER + "City order,all,2025-07-01,,all\n", encoding="utf-8")
    words = ["evaluate", str(towns_of_a_year / "city"), "--interventions", str(order), "--quiet", "--json"]
    done = CliRunner().invoke(
        app, [*words, "--elsewhere", str(towns_of_a_year / "city"), "--out", str(tmp_path / "out")]
    )
    assert "leaves no place to compare with" in json.loads(done.stdout)["interventions"][0]["verdict"]
    assert "city is left out of the comparison" in done.stderr


def test_nobody_else_is_told_of_an_evaluation(tmp_path):
    for asked in (plan_files, lambda one: evaluate_files(one, Asked(tmp_path / "orders.csv"))):
        with pytest.raises(UsageError, match="An evaluation is for internal use"):
            asked(Settings(audience="partner"))


def test_a_plan_of_themes_that_nothing_shows_is_refused(tmp_path):
    path = write_rows(tmp_path / "town.csv", incident_rows(40))
    asked = Settings(inputs=(path,), themes=("terrorism-and-extremism",))
    with pytest.raises(InputError, match="None of these themes has incidents with known places"):
        plan_files(asked)


def test_other_authorities_have_names_of_their_own(tmp_path):
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        write_rows(tmp_path / folder / "town.csv", incident_rows(20))
    order = tmp_path / "orders.csv"
    order.write_text(HEADER + "A,all,2025-07-01,,E05015521\n", encoding="utf-8")
    paths = tuple(tmp_path / folder / "town.csv" for folder in ("north", "south"))
    with pytest.raises(UsageError, match="Two of --elsewhere are called town: rename one, or name their"):
        evaluate_files(Settings(inputs=paths[:1]), Asked(order, elsewhere=paths))


def test_one_of_a_plan_and_a_file_is_asked_for():
    done = CliRunner().invoke(app, ["evaluate", "--quiet"])
    assert done.exit_code == 2 and "--plan" in done.stderr


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
