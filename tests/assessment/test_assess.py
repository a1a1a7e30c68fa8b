"""The assessment: from published folders alone, its figures those of areas.csv, nothing made up."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pages
import pandas as pd
import pytest

from hotspots.assessing import assess_folders
from hotspots.assessment.answers import read_answers
from hotspots.assessment.folders import read_folders
from hotspots.assessment.trends import CITY, compared_periods, find_trends
from hotspots.errors import ConfigError, InputError, UsageError
from hotspots.months import months_between
from hotspots.outputs.publish import publish
from hotspots.pages.assessment_page import matrix, render_assessment

THEMES = {"all": "All incidents", pages.THEME: "Anti-social behaviour"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("published") / "run"
    publish(pages.release_with_beats(), out)
    return out


@pytest.fixture(scope="module")
def done(folder):
    return assess_folders([folder])


@pytest.fixture(scope="module")
def page(done):
    return render_assessment(done.evidence, done.answers, done.since, **done.labels)


def _text(page: str) -> str:
    body = page.rsplit("</style>", maxsplit=1)[-1]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def test_levels_are_the_sums_of_the_published_wards(folder, done):
    areas = pd.read_csv(folder / "tables" / "areas.csv", keep_default_na=False, encoding="utf-8-sig")
    wards = areas[areas["level"].eq("ward") & areas["month"].eq("")]
    for theme in done.evidence["themes"]:
        if theme["seen"]:
            own = wards.loc[wards["theme"].eq(theme["slug"]), "count"].astype(float).sum()
            assert theme["count"] == own > 0


def test_chapters_stand_in_the_order_in_which_partnerships_write(page):
    heads = [re.sub(r"^\d+\. ", "", text) for text in re.findall(r"<h2[^>]*>(.*?)</h2>", page)]
    assert [html.unescape(text) for text in heads] == [
        "Summary",
        "Method, data and limits",
        "Area and population",
        "Last year's plan, and what changed since",
        "Overview of crime and disorder",
        "The themes",
        "Places",
        "People and communities",
        "What residents say",
        "Horizon scan",
        "Scored risks",
        "Capacity",
        "Recommendations",
        "Intelligence gaps",
        "Annex: sources",
    ]


def test_what_no_file_holds_is_an_empty_box_and_never_a_figure(page, done):
    text = _text(page)
    assert text.count("Not supplied.") == len(done.answers.boxes) == len(done.answers.missing)
    for box in done.answers.boxes.values():
        assert html.unescape(box["who"]) in text
    assert "Fraud and cyber crime reported" in {box["title"] for box in done.answers.boxes.values()}
    assert text.count("To be written by people.") == 5


def test_a_theme_that_is_not_seen_gets_no_nought(done):
    rows = {row["theme"]: row for row in matrix(done.evidence)}
    unseen = rows["Terrorism and extremism"]
    assert (unseen["level"], unseen["direction"]) == ("not visible in these data", "not known")
    assert {unseen[name] for name in ("likelihood", "impact", "response")} == {"to be entered"}
    assert "score" not in " ".join(unseen)


def test_answers_stand_where_they_belong(folder, tmp_path):
    path = tmp_path / "assessment.toml"
    path.write_text(
        '[words]\nresidents = "412 answered."\n'
        f'[scores.{pages.THEME}]\nlikelihood = "4 of 5"\nphysical = "2"\n'
        '[boxes.capacity]\nvalue = "31 posts"\nperiod = "June 2026"\nsource = "HR"\n'
        '[boxes.own]\ntitle = "Begging"\nchapter = "people"\nwho = "Wardens"\n',
        encoding="utf-8",
    )
    done = assess_folders([folder], answers=path)
    text = _text(render_assessment(done.evidence, done.answers, done.since, **done.labels))
    assert "412 answered." in text and "31 posts June 2026. Source: HR." in text and "Begging" in text
    assert (
        next(row for row in matrix(done.evidence) if row["theme"] == "Anti-social behaviour")["likelihood"]
        == "4 of 5"
    )


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[boxes.capacity]\nvalue = '31'\n", "value without its period and source"),
        ("[boxes.own]\ntitle = 'x'\n", "lacks 'chapter'"),
        ("[boxes.own]\ntitle = 'x'\nwho = 'y'\nchapter = 'peple'\n", "unknown chapter 'peple'.*people"),
        ("[scores.anti-social-behavior]\n", "unknown theme"),
        ("[words]\nresidants = 'x'\n", "unknown key 'residants'.*residents"),
        ("[words]\nresidents = 4\n", "must be text in quotes"),
        ("[word]\n", "unknown part"),
        ("words = 3\n", "must be a table"),
        ("boxes = {prevent = 3}\n", r"\[boxes\.prevent\] must be a table"),
        ("[words\n", "not valid TOML"),
    ],
)
def test_a_faulty_file_of_answers_is_refused(tmp_path, text, match):
    path = tmp_path / "assessment.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=match):
        read_answers(path, themes=THEMES)


def test_a_missing_file_of_answers_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read"):
        read_answers(tmp_path / "none.toml", themes=THEMES)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"audience": "public"}, "different audiences"),
        ({"marking": "SECRET"}, "different markings"),
        ({"area": {"code": "E06000016", "name": "Leicester"}}, "different areas"),
        ({"format": 1}, "another format"),
        ({"command": "hotspots assess"}, "no folder of"),
    ],
)
def test_folders_that_do_not_belong_together_are_refused(folder, tmp_path, change, match):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    record = json.loads((other / "run.json").read_text("utf-8"))
    (other / "run.json").write_text(json.dumps({**record, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_folders([folder, other])


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no run\.json"):
        read_folders([tmp_path])
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(InputError, match=r"run\.json is damaged: make the folder again"):
        read_folders([tmp_path])
    with pytest.raises(UsageError, match="--edition takes one of"):
        assess_folders([tmp_path], edition="weekly")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: "level,code\nward,E1\n", "has no column"),
        (lambda _: "", "cannot be read: make the folder again"),
        (lambda text: re.sub(r",\d+\.\d+,", ",many,", text, count=1), "has text where"),
    ],
)
def test_a_damaged_table_is_named(folder, tmp_path, change, said):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    path = other / "tables" / "areas.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(change(text), encoding="utf-8")
    with pytest.raises(InputError, match=rf"areas\.csv {said}"):
        assess_folders([other])


def test_folders_of_shifts_alone_make_no_assessment(folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    record = json.loads((other / "run.json").read_text("utf-8"))
    (other / "run.json").write_text(json.dumps({**record, "command": "hotspots patrol"}), encoding="utf-8")
    with pytest.raises(InputError, match="No folder of `hotspots run` was named"):
        read_folders([other])


def _city(first: float, second: float, *, years: int = 2) -> pd.DataFrame:
    months = months_between("2022-01", f"{2021 + years}-12")
    mean = np.where(np.asarray(months) < months[-12], first, second)
    return pd.DataFrame(
        [np.random.default_rng(1).poisson(mean).astype(float)], index=[CITY], columns=list(months)
    )


def test_a_year_is_set_against_the_year_before_and_against_three():
    table = _city(100, 130, years=4)
    periods = compared_periods(tuple(table.columns), "yearly")
    assert (periods.before[0], periods.after[-1]) == ("2024-01", "2025-12")
    assert len(compared_periods(tuple(table.columns), "quarterly").after) == 3
    trend = find_trends({"all": table}, periods)["all"]
    assert trend.change == pytest.approx(trend.after / trend.before * 366 / 365)
    assert trend.sure and trend.low < trend.change < trend.high
    days = 365 + 365 + 366
    assert trend.three_years == pytest.approx(trend.after / 365 / (table.iloc[0, :36].sum() / days))
    assert trend.expected_low < trend.expected < trend.expected_high


def test_months_before_a_gap_are_compared_but_not_forecast_from():
    table = _city(100, 100)
    holed = table.drop(columns=["2023-03"])
    with_gap = find_trends({"all": holed}, compared_periods(tuple(holed.columns), "yearly"))["all"]
    since = table[[month for month in table if month > "2023-03"]]
    alone = find_trends({"all": since}, compared_periods(tuple(since.columns), "yearly"))["all"]
    assert with_gap.expected == alone.expected


def test_one_month_alone_is_no_change_and_says_so():
    table = _city(100, 100).iloc[:, :1]
    periods = compared_periods(tuple(table.columns), "yearly")
    trend = find_trends({"all": table}, periods)["all"]
    assert trend.reason == periods.reason != "" and np.isnan(trend.change)


def test_what_changed_since_the_last_one_comes_from_the_comparison(folder, tmp_path):
    earlier = tmp_path / "earlier"
    publish(pages.release_with_beats(), earlier)
    done = assess_folders([folder], since=earlier)
    assert done.since is not None
    assert any("same months" in text for text in done.since["caveats"])
    # No nought of a theme that is not seen.
    assert [row["theme"] for row in done.since["totals"]] == ["all", pages.THEME]
    assert "What changed since the last assessment" in _text(
        render_assessment(done.evidence, done.answers, done.since, **done.labels)
    )


def test_withheld_wards_leave_no_city_figure(tmp_path):
    plain = pages.small_release()
    counts = plain.counts.copy()
    hidden = counts["level"].eq("ward") & counts["theme"].eq(pages.THEME) & counts["code"].eq("E05000003")
    counts.loc[hidden, ["count", "rate_per_1000", "rate_per_km2"]] = np.nan
    publish(pages.small_release(counts=counts), tmp_path / "run")
    done = assess_folders([tmp_path / "run"])
    theme = next(one for one in done.evidence["themes"] if one["slug"] == pages.THEME)
    assert theme["trend"] is None and theme["spread"] == (0, 0)
    # The total of the city is published by itself.
    assert theme["count"] == 264


def test_a_theme_that_the_audience_may_not_know_of_has_no_box_either():
    every = read_answers(None, themes={**THEMES, "terrorism-and-extremism": "Terrorism"})
    fewer = read_answers(None, themes=THEMES)
    assert set(every.boxes) - set(fewer.boxes) == {"counter-terrorism-profile", "prevent"}
