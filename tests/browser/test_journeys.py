"""What people come for, from the first screen to the answer, on the page of a real year of Derby."""

from __future__ import annotations

import re

import pytest
from chromium import Watched
from reading_pages import at_rest, text, violations

pytestmark = [pytest.mark.browser, pytest.mark.shared]

ASB = "anti-social-behaviour"
SIZES = {
    "laptop": {"viewport": {"width": 1366, "height": 768}},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True},
    "phone": {"viewport": {"width": 375, "height": 780}, "has_touch": True, "is_mobile": True},
}
#: Where the answers stand once the card is open; each must be whole in sight.
ANSWERS = {
    "what": "#card .card-lead",
    "streets": "#card dl > div:has(dt:text-is('Streets'))",
    "how sure": "#card dl > div:has(dt:text-is('How sure'))",
    "since when": "#card dl > div:has(dt:text-is('Since when'))",
    "on the map": "#map .cluster-label.chosen",
}


@pytest.fixture
def seen(derby_file, chromium):
    opened = []

    def opening(size="laptop"):
        opened.append(Watched(chromium, reduced_motion="reduce", **SIZES[size]))
        return opened[-1].open(derby_file)

    yield opening
    for watched in opened:
        assert watched.problems == []
        assert watched.outside() == []
        watched.context.close()


#: Pixels below the last answer that are left for wider letters than those of this machine.
SPARE = 15


def out_of_sight(page):
    """Name the answers that are not whole on the screen, with some room to spare."""
    height, width = page.viewport_size["height"], page.viewport_size["width"]
    found = {name: page.locator(selector).bounding_box() for name, selector in ANSWERS.items()}
    return [
        name
        for name, box in found.items()
        if box is None
        or min(box["x"], box["y"]) < 0
        or box["x"] + box["width"] > width + 1
        or box["y"] + box["height"] > height - SPARE
    ]


def answered(page):
    page.locator("#card-title").wait_for()
    at_rest(page)
    assert out_of_sight(page) == []
    card = text(page, "#card")
    assert re.search(r"127 incidents, \d+% of anti-social behaviour, January to December", card)
    assert "Firm: found again in" in card
    # Where one is, without the ward's outline.
    assert "Hardwick Primary School" in page.locator("#map .context-label").all_inner_texts()
    assert page.locator("#map .street-label").count() > 4
    assert "Charlotte Street: 127 incidents" in page.locator("#live").text_content()


def walk_down(page, selector, words):
    """Choose in a list by the arrow key."""
    page.locator(selector).focus()
    names = page.locator(f"{selector} option").all_inner_texts()
    for _ in range(names.index(words)):
        page.keyboard.press("ArrowDown")


class TestSergeantInNormanton:
    """Where, for what, since when, how sure: in three actions, with everything in view."""

    @pytest.mark.parametrize("size", SIZES)
    def test_three_actions(self, seen, size):
        self.act(seen(size), size)

    @pytest.mark.parametrize(
        "letters", ["documentElement.style.fontSize='110%'", "body.style.fontFamily='monospace'"]
    )
    def test_larger_and_wider_letters_leave_the_answers_in_sight(self, seen, letters):
        page = seen("phone")
        page.evaluate(f"document.{letters}")
        self.act(page, "phone")

    def act(self, page, size):
        page.select_option("#theme", ASB)
        page.select_option("#ward", label="Normanton")
        said = text(page, "#finding")
        assert said.startswith("Normanton: 410 incidents of anti-social behaviour")
        assert "one firm hot spot: Charlotte Street" in said
        assert "410 incidents" in page.locator("#live").text_content()
        first = page.locator("#clusters button").first
        first.click() if size == "laptop" else first.tap()
        answered(page)

    def test_by_keys_alone(self, seen):
        page = seen()
        page.keyboard.press("Tab")
        assert "hot spots" in page.evaluate("document.activeElement.textContent")
        walk_down(page, "#theme", "Anti-social behaviour")
        walk_down(page, "#ward", "Normanton")
        page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        page.locator(".skip").first.focus()
        for key in ("Enter", "Tab", "Enter"):
            page.keyboard.press(key)
        answered(page)
        assert page.evaluate("document.activeElement.id") == "card"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.closest('li').id") == "cluster-4"


class TestAnalystOnAWard:
    def test_change_is_said_with_its_months_and_chance(self, seen):
        page = seen()
        page.select_option("#theme", ASB)
        page.locator("input[value=change]").check()
        page.select_option("#ward", label="Normanton")
        assert re.search(r"October to December 2025 down \d+% on the months before, which may be chance",
                         text(page, "#finding"))  # fmt: skip
        row = page.locator("#areas-table tr.chosen")
        assert "may be chance" in row.text_content()


class TestWayAboutTheMap:
    """What is shown where, and not where it would mislead."""

    def test_sketches_give_way_to_streets(self, seen, axe):
        page = seen()
        shown = "zoom => { Hotspots.map.leaflet.setView([52.9, -1.47], zoom, { animate: false });" \
            " return Hotspots.basemap.shown().map(({ kind }) => kind); }"  # fmt: skip
        assert page.evaluate(shown, 12.5) == ["rail-sketch", "road-sketch", "station", "district"]
        assert "Peartree station" in page.locator("#map .context-label").all_inner_texts()
        assert page.evaluate(shown, 15) == ["school", "station", "district"]
        assert page.evaluate(shown, 16.5) == ["stop", "school", "station"]
        named = page.locator("#map .context-label").all_inner_texts()
        assert any(name.startswith("Bus stop ") for name in named)
        assert violations(axe, page) == []
        opacity = "getComputedStyle(document.querySelector('path.area')).fillOpacity"
        assert float(page.evaluate(opacity)) < 0.5
        page.get_by_label("Roads and places").uncheck()
        assert page.evaluate("Hotspots.basemap.shown().length") == 0
        assert page.locator("#map .context-label").count() == 0

    def test_the_map_carries_no_sliver_of_a_border(self, seen):
        page = seen()
        shapes = page.evaluate(
            "Hotspots.data.levels.ward.shapes.map(shape => [shape.length, shape[0].length])"
        )
        assert shapes == [[1, 1]] * 18


class TestPaper:
    def test_a_ward_is_one_sheet_with_its_places(self, seen, tmp_path):
        page = seen()
        page.select_option("#ward", label="Normanton")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        content = page.pdf(path=tmp_path / "ward.pdf", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
        names = page.locator("#sheet .street-name").all_text_contents()
        assert "Hardwick Primary School" in names
        assert page.locator("#sheet-context circle.context-school").count() > 5


@pytest.mark.parametrize("zoom", [2, 4])
def test_the_page_reflows_when_it_is_enlarged(derby_file, chromium, zoom):
    """A window of 1280 pixels at 200% and 400% has 640 and 320 of CSS."""
    watched = Watched(chromium, viewport={"width": 1280 // zoom, "height": 1024 // zoom})
    page = watched.open(derby_file)
    page.locator("#clusters button").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280 // zoom
    assert watched.problems == []
    watched.context.close()
