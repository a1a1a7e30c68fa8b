"""Every kind of page at 200% and 400%, in forced colours and without motion: one small page of each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pages
import pandas as pd
import pytest
import shapely
from chromium import Watched
from reading_pages import violations

from hotspots.assessing import assess_folders
from hotspots.outputs.publish import publish
from hotspots.pages.assessment_page import render_assessment
from hotspots.pages.evaluation_page import render_evaluation
from hotspots.pages.national_page import render as render_national
from hotspots.pages.plan_page import render_plan
from hotspots.pages.side_by_side_page import render_side_by_side

pytestmark = pytest.mark.browser

SHARED = {
    "title": "What was done",
    "period": "January to June 2025",
    "marking": "OFFICIAL",
    "synthetic": False,
    "sources": ["Made up."],
}
KINDS = (
    *("map/index", "map/wards/ash", "map/wards/index", "map/patrol"),
    *("assessment", "evaluation", "plan", "side_by_side", "national"),
)


def _evaluation() -> str:
    chart = {
        "months": list(pages.MONTHS),
        "treated": [9.0, 8.0, 9.0, 4.0, 3.0, 4.0],
        "control": [9.0, 9.0, 8.0, 9.0, 9.0, 8.0],
        "before": [0, 1, 2],
        "after": [3, 4, 5],
        "mixed": [],
        "switch": 3,
        "labels": {"place": "the place", "control": "the mean of three wards like it"},
    }
    said = {
        name: f"The {name} of what was done." for name in ("name", "place", "day", "sentence", "plausibility")
    }
    listed = {name: [f"What is said of {name}."] for name in ("cannot_exclude", "known", "renewal", "notes")}
    switch = {**said, **listed, "chart": chart}
    return render_evaluation([switch], **SHARED)


def _plan() -> str:
    rows = [
        (
            "Anti-social behaviour",
            "hot spot",
            "A very long name of a street and another",
            months,
            9.0 * months,
            fall,
            "",
        )
        for months, fall in ((3, np.inf), (6, 0.4), (12, 0.3))
    ]
    columns = ["theme_name", "kind", "name", "months", "expected", "smallest_fall", "note"]
    return render_plan(pd.DataFrame(rows, columns=columns), **SHARED)


def _national() -> str:
    table = gpd.GeoDataFrame(
        {
            "code": ["E06000015", "E06000016", "E07000035"],
            "name": ["Derby", "Leicester", "Derbyshire Dales"],
            "incidents": [35_880.0, 9.0, 1_200.0],
            "rate_per_1000": [137.0, np.nan, 16.0],
            "hit_rate": [0.25, np.nan, 0.5],
            "held": [0.9, np.nan, 1.0],
        },
        # Derby lies within Derbyshire Dales, and must not be covered by it.
        geometry=[
            shapely.box(3e3, 3e3, 6e3, 6e3),
            shapely.box(9e3, 0, 2e4, 9e3),
            shapely.box(0, 0, 9e3, 9e3) - shapely.box(3e3, 3e3, 6e3, 6e3),
        ],
        crs=27700,
    )
    similar = pd.DataFrame({"code": ["E06000015"], "similar": ["E06000016"]})
    themes = pd.DataFrame({"theme": [], "theme_name": [], "name": [], "incidents": [], "code": []})
    record = {"audience": "internal", "marking": "OFFICIAL", "version": "0"}
    return render_national(table, themes, similar, {"E06000017": "No incident."}, record)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write one page of each kind."""
    base = tmp_path_factory.mktemp("pages")
    release = pages.release_with_beats()
    publish(release, base / "map")
    done = assess_folders([base / "map"])
    written = {
        "assessment": render_assessment(done.evidence, done.answers, done.since, **done.labels),
        "evaluation": _evaluation(),
        "plan": _plan(),
        "side_by_side": render_side_by_side({"E06000015": release}, failed={"Leicester": "No incident."}),
        "national": _national(),
    }
    for name, text in written.items():
        (base / f"{name}.html").write_text(text, encoding="utf-8")
    return base


@pytest.mark.parametrize("kind", KINDS)
def test_enlarged_in_forced_colours_and_without_motion(folder, chromium, axe, kind):
    watched = Watched(
        chromium, viewport={"width": 640, "height": 512}, forced_colors="active", reduced_motion="reduce"
    )
    page = watched.open(folder / f"{kind}.html")
    # A window of 1280 pixels has 640 of CSS at 200%, and 320 at 400%.
    for width in (640, 320):
        page.set_viewport_size({"width": width, "height": 512})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(axe, page) == []
    moving = "all => all.filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    assert page.eval_on_selector_all("*", moving) == 0
    assert watched.problems == [] and watched.outside() == []
    watched.context.close()


def test_a_country_is_searched_sorted_and_clicked(folder, chromium, axe):
    watched = Watched(chromium)
    page = watched.open(folder / "national.html")
    names = "all => all.filter(e => e.checkVisibility()).map(e => e.textContent)"
    listed = lambda: page.eval_on_selector_all("#authorities tbody th a", names)  # noqa: E731
    assert listed() == ["Derby", "Derbyshire Dales", "Leicester"]
    rate = page.get_by_role("button", name="Per 1,000 residents")
    rate.press("Enter")
    assert listed() == ["Derby", "Derbyshire Dales", "Leicester"]
    assert page.get_attribute("#authorities th:nth-child(3)", "aria-sort") == "descending"
    rate.press("Enter")  # what is not known stays last
    assert listed() == ["Derbyshire Dales", "Derby", "Leicester"]
    page.fill("#search", "dales")
    assert listed() == ["Derbyshire Dales"]
    assert page.inner_text("#found") == "1 of 3 authorities"
    assert page.eval_on_selector_all(".country .found", "all => all.length") == 1
    # From the search past the map, with its link for every authority, to the table.
    page.focus("#search")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "authorities"
    x, y, width, height = page.eval_on_selector(
        ".country", "e => (r => [r.x, r.y, r.width, r.height])(e.getBoundingClientRect())"
    )
    # At 4.5 of 20 km from the west and 4.5 of 9 from the south: the middle of the hole.
    there = f"document.elementFromPoint({x + width * 4.5 / 20}, {y + height / 2}).closest('a').ariaLabel"
    assert page.evaluate(there) == "Derby: 137 per 1,000 residents"
    assert violations(axe, page) == []
    page.emulate_media(media="print")
    assert not page.is_visible("#search")
    assert watched.problems == [] and watched.outside() == []
    watched.context.close()
