"""The page of an assessment in the browser: accessible at every size, on paper, and asking for nothing."""

from __future__ import annotations

import pages
import pytest
from chromium import Watched, browser
from reading_pages import violations

from hotspots.assessing import assess_folders
from hotspots.outputs.publish import publish
from hotspots.pages.assessment_page import render_assessment


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.mark.browser
@pytest.mark.parametrize("made", [pages.release_with_beats, pages.hostile_release])
def test_the_assessment_is_accessible_and_runs_nothing(chromium, tmp_path, made):
    from axe_playwright_python.sync_playwright import Axe

    publish(made(), tmp_path / "run")
    done = assess_folders([tmp_path / "run"])
    html = render_assessment(done.evidence, done.answers, done.since, **done.labels)
    (tmp_path / "assessment.html").write_text(html, encoding="utf-8")
    axe, watched = Axe(), Watched(chromium)
    page = watched.open(tmp_path / "assessment.html")
    assert violations(axe, page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(axe, page) == []
    page.emulate_media(media="print")
    assert violations(axe, page) == []
    assert page.evaluate("window.hacked") is None
    assert watched.problems == [] and watched.outside() == []
    watched.context.close()
