"""The table of areas and its download."""

from __future__ import annotations

from pathlib import Path

import pages
import pytest
from reading_pages import choose, table, text

from hotspots.outputs.csv import csv_bytes
from hotspots.outputs.tables import area_table

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

    @pytest.mark.parametrize("level", ["ward", "lsoa"])
    @pytest.mark.parametrize(("first", "last"), [(0, 5), (2, 3), (4, 4)])
    def test_download_equals_the_areas_table(self, opened, level, first, last):
        choose(opened, level=level, theme="anti-social-behaviour", **{"from": first, "to": last})
        with opened.expect_download() as caught:
            opened.get_by_role("button", name="Download as CSV").click()
        frame = area_table(pages.small_release())
        months = [""] if (first, last) == (0, 5) else list(pages.MONTHS[first : last + 1])
        wanted = (
            frame["level"].eq(level)
            & frame["theme"].eq("anti-social-behaviour")
            & frame["month"].isin(months)
        )
        assert Path(caught.value.path()).read_bytes() == csv_bytes(frame[wanted])
