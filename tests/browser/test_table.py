"""The table of areas."""

from __future__ import annotations

import pages
import pytest
from reading_pages import table, text

pytestmark = pytest.mark.browser


class TestTable:
    def test_equals_the_map(self, opened):
        names = opened.eval_on_selector_all(
            "path.area[data-area]",
            "all => Object.fromEntries(all.map(p => p.getAttribute('aria-label').split(': ')))",
        )
        for row in table(opened):
            assert names[row[0]].startswith(f"{row[1]} incidents")

    def test_sorts_and_filters(self, opened):
        opened.locator("#areas-table").get_by_role("button", name="Area").click()
        assert [row[0] for row in table(opened)] == sorted(pages.WARDS)
        assert opened.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
        opened.locator("#areas-table").get_by_role("button", name="Area").click()
        assert [row[0] for row in table(opened)] == sorted(pages.WARDS, reverse=True)
        opened.fill("#filter", "E")
        assert [row[0] for row in table(opened)] == ["Elm", "Cedar", "Beech"]
        assert text(opened, "#rows-shown") == "3 of 6 wards"
