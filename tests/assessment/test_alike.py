"""Similar authorities of an assessment: read from a folder of a country, or refused in one sentence."""

from __future__ import annotations

import math

import pages
import pandas as pd
import pytest

from hotspots import schema
from hotspots.assessing import assess_folders
from hotspots.assessment.alike import authorities_alike
from hotspots.errors import InputError
from hotspots.outputs.publish import publish
from hotspots.pages.assessment_page import render_assessment

DERBY = "E06000015"


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nation")
    rows = [(DERBY, "Derby", 900.0, 137.0), ("E2", "Leicester", 950.0, 151.5), ("E3", "Hidden", None, None)]
    columns = ["code", "name", "incidents", "rate_per_1000"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "authorities.csv", index=False)
    likes = [(DERBY, "E3", 2, 0.75), (DERBY, "E2", 1, 0.5), ("E2", DERBY, 1, 0.5)]
    table = pd.DataFrame(likes, columns=["code", "similar", "order", "distance"])
    table.to_csv(folder / "similar.csv", index=False)
    (folder / "national.json").write_text('{"audience": "partner"}', encoding="utf-8")
    return folder


def test_the_authority_stands_first_and_the_most_alike_next(nation):
    found = authorities_alike(nation, DERBY, audience="internal")
    assert [(row["name"], row["distance"]) for row in found] == [
        ("Derby", 0.0),
        ("Leicester", 0.5),
        ("Hidden", 0.75),
    ]
    assert found[1]["rate_per_1000"] == 151.5 and math.isnan(found[2]["rate_per_1000"])
    assert authorities_alike(nation, "E3", audience="partner") == []


def test_another_folder_is_refused(nation, tmp_path):
    with pytest.raises(InputError, match="name a folder that `hotspots national` wrote"):
        authorities_alike(tmp_path, DERBY, audience="internal")
    with pytest.raises(InputError, match="does not hold E99"):
        authorities_alike(nation, "E99", audience="internal")


def test_figures_for_fewer_people_enter_no_assessment_for_more(nation):
    with pytest.raises(InputError, match="'partner' and the assessment for 'public', who may not see"):
        authorities_alike(nation, DERBY, audience="public")


def test_the_page_names_them_and_the_small_area_that_rises(nation, tmp_path):
    rise = ("all", schema.LSOA, "E01000000", "Derby 001A", "2025-04", 50.0, 20.0, 0.001, 0.01, 9, "2025-07")
    emerging = pd.DataFrame([rise], columns=list(schema.columns("emerging")))
    publish(pages.small_release(emerging=emerging), tmp_path / "run")
    done = assess_folders([tmp_path / "run"], nation=nation)
    page = render_assessment(done.evidence, done.answers, done.since, **done.labels)
    for said in ("Authorities most like it", "Leicester", "0.50", "withheld", "Derby 001A (small area)"):
        assert said in page
    plain = assess_folders([tmp_path / "run"])
    assert "Authorities most like it" not in render_assessment(
        plain.evidence, plain.answers, plain.since, **plain.labels
    )
