"""The table of areas."""

from __future__ import annotations

import pages
import pytest
from chromium import Watched
from reading_pages import table, text

from hotspots.pages import map_page

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

    def test_a_long_one_comes_in_parts_and_is_whole_in_a_moment_and_on_paper(
        self, chromium, tmp_path, monkeypatch
    ):
        shipped = map_page.own_files
        monkeypatch.setattr(
            map_page, "own_files", lambda *names: shipped(*names).replace("AT_ONCE = 160", "AT_ONCE = 5")
        )
        path = tmp_path / "long.html"
        path.write_text(map_page.render(pages.small_release()), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        rows = "document.querySelectorAll('#areas-table tbody tr').length"
        chosen = "Hotspots.state.update({ level: 'lsoa', theme: '%s' });"
        assert page.evaluate(f"{chosen % 'all'} {rows}") == 5
        page.wait_for_function(f"() => {rows} === 24")
        assert text(page, "#rows-shown") == "24 of 24 LSOAs"
        counts = [int(row[2]) for row in table(page)]
        assert counts == sorted(counts, reverse=True)
        printed = "window.dispatchEvent(new Event('beforeprint'));"
        assert page.evaluate(f"{chosen % pages.THEME} {printed} {rows}") == 24
        assert watched.problems == []
        watched.context.close()
