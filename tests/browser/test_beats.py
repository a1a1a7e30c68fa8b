"""Where to patrol: boxes to tick, what they make up together, and the shapes on the map."""

from __future__ import annotations

import pages
import pytest
from chromium import Watched

from hotspots.pages import map_beats, map_page

pytestmark = pytest.mark.browser

DRAWN = "document.querySelectorAll('.beat-shape').length"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("beats") / "index.html"
    path.write_text(map_page.render(pages.release_with_beats()), encoding="utf-8")
    return path


@pytest.fixture
def seen(chromium, file):
    watched = Watched(chromium)
    yield watched.open(file)
    assert watched.problems == [] and watched.outside() == []
    watched.context.close()


@pytest.fixture(scope="module")
def data():
    return pages.payload_as_written(pages.release_with_beats())


def test_says_the_same_as_without_scripts(seen, data):
    view = map_beats.first_view(data)
    assert view is not None
    assert seen.locator("#beats-share").inner_text() == view["share"]
    assert seen.locator("#beats-grade").inner_text() == view["grade"]
    for row, beat, line in zip(
        seen.locator("#beats li").all(), data["beats"]["all"], view["rows"], strict=True
    ):
        assert line == f"{beat['order']}. {beat['name']}: {row.locator('small').inner_text()}"
    some = data["beats"]["all"]
    for ticked in ([], some[:1], some[1:], some):
        said = seen.evaluate("([one, all]) => Hotspots.beats.shareText(one, all)", [ticked, some])
        assert said == map_beats.share_text(ticked, some, data["beatsFor"])
    hidden = [{**beat, "share": None, "expected": None} for beat in some]
    said = seen.evaluate("all => Hotspots.beats.shareText(all, all)", hidden)
    assert said == map_beats.share_text(hidden, hidden, "") and "expected" not in said
    assert [seen.evaluate("b => Hotspots.beats.told(b)", b) for b in hidden] == list(
        map(map_beats.told, hidden)
    )


def test_a_tick_shows_the_beats_and_their_running_share(seen):
    assert not seen.evaluate(DRAWN)
    seen.locator("#beats input").first.uncheck()
    assert seen.locator("[name=layer][value=beats]").is_checked()
    assert seen.evaluate(DRAWN) == 1
    assert seen.locator("#beats-share").inner_text().startswith("2 of 3 beats")
    seen.get_by_role("button", name="Tick none").click()
    assert seen.locator("#beats-share").inner_text().startswith("0 of 3 beats: 0")
    assert not seen.evaluate(DRAWN)
    seen.get_by_role("button", name="Tick all").click()
    assert seen.locator("#beats input:checked").count() == 3
    assert "beat that is ticked" in seen.locator("#legend").inner_text()


def test_each_theme_has_its_own_beats(seen):
    seen.locator("#theme").select_option(pages.THEME)
    assert seen.locator("#beats li").count() == 1
    assert seen.locator("#beats-share").inner_text().startswith("1 of 1 beats")
    seen.locator("#theme").select_option("cyber-crime")
    assert seen.locator("#beats-share").inner_text() == "No beats are chosen for this theme."


def test_patrol_is_said_to_change_what_is_recorded(seen, data):
    assert "Patrol changes what is recorded" in seen.locator("#beats-note").inner_text()


def test_a_page_without_beats_has_no_word_of_them(chromium, small_file):
    watched = Watched(chromium)
    page = watched.open(small_file)
    assert page.locator("#beats-section, [name=layer][value=beats]").count() == 0
    assert watched.problems == []
    watched.context.close()
