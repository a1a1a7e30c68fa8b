"""Fixtures of the browser tests: one Chromium a worker, and one tab that most tests share."""

from __future__ import annotations

from dataclasses import replace

import pages
import pytest
from chromium import Watched, browser

from hotspots.pages import map_page


@pytest.fixture(scope="session")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="session")
def small_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "index.html"
    path.write_text(map_page.render(pages.small_release()), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def derby_file(derby_analysis, tmp_path_factory):
    """The page of a real year of Derby."""
    path = tmp_path_factory.mktemp("derby") / "index.html"
    path.write_text(map_page.render(replace(derby_analysis.release(), marking="OFFICIAL")), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def watched(chromium, small_file):
    seen = Watched(chromium)
    seen.open(small_file)
    yield seen
    seen.context.close()


@pytest.fixture
def opened(watched, small_file):
    """The page as it opens, from the one tab that all tests share."""
    watched.problems.clear()
    watched.requests.clear()
    watched.page.set_viewport_size({"width": 1440, "height": 900})
    watched.page.goto("about:blank")
    yield watched.open(small_file)
    assert watched.problems == []
    assert watched.outside() == []


@pytest.fixture(scope="session")
def axe():
    from axe_playwright_python.sync_playwright import Axe

    return Axe()
