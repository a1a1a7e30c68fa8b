"""Everything is reached without a pointer."""

from __future__ import annotations

import pages
import pytest
from reading_pages import text

pytestmark = pytest.mark.browser


class TestKeyboard:
    def test_walks_through_every_area(self, opened):
        opened.locator("path.area[tabindex='0']").focus()
        seen = []
        for _ in range(6):
            seen.append(opened.evaluate("document.activeElement.getAttribute('aria-label').split(':')[0]"))
            assert seen[-1] in text(opened, ".readout")
            opened.keyboard.press("ArrowRight")
        assert seen == sorted(pages.WARDS)
        assert opened.locator("path.area[tabindex='0']").count() == 1
        opened.keyboard.press("End")
        assert opened.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Fir:")
        opened.keyboard.press("Home")
        opened.keyboard.press("ArrowLeft")
        assert opened.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Fir:")
        opened.keyboard.press("Enter")
        assert opened.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
        assert text(opened, "#live").startswith("Fir: 168 incidents")
        opened.keyboard.press("Escape")
        assert opened.locator(".readout").is_hidden()

    def test_tab_alone_reaches_every_control_and_the_table(self, opened):
        opened.evaluate("document.activeElement.blur()")
        seen = []
        for _ in range(60):
            opened.keyboard.press("Tab")
            name = opened.evaluate(
                "[document.activeElement].map(e => e.id || e.name || e.dataset?.area"
                " || e.getAttribute('href') || e.className)[0]"
            )
            if name in seen[:1]:
                break
            seen.append(name)
        for wanted in (
            "#clusters-section",
            "#table",
            "theme",
            "measure",
            "from",
            "to",
            "level",
            "ward",
            "search",
            "layer",
            "map",
            "filter",
            "download",
        ):
            assert wanted in seen, wanted
        assert seen.count("E05000000") == 1
        assert seen.index("map") < seen.index("E05000000") < seen.index("filter")

    @pytest.mark.parametrize(("tabs", "target"), [(1, "clusters-section"), (2, "table")])
    def test_skip_links_go_to_the_hot_spots_and_to_the_table(self, opened, tabs, target):
        opened.evaluate("document.activeElement.blur()")
        for _ in range(tabs):
            opened.keyboard.press("Tab")
        opened.keyboard.press("Enter")
        assert opened.evaluate("document.activeElement.id") == target

    def test_theme_and_month_without_a_pointer(self, opened):
        opened.locator("#theme").focus()
        opened.keyboard.press("ArrowDown")
        opened.keyboard.press("Enter")
        assert "Anti-social behaviour" in text(opened, "#subtitle")
        opened.locator("#to").focus()
        opened.keyboard.press("Home")
        assert text(opened, "#period") == "January 2025"
