"""Text from files never runs."""

from __future__ import annotations

import pages
import pytest
from chromium import Watched
from reading_pages import choose

from hotspots.pages import map_page

pytestmark = pytest.mark.browser


THEMES = [view.slug for view in pages.themes()]


class TestHostileText:
    def test_nothing_runs_in_any_state(self, chromium, tmp_path):
        path = tmp_path / "hostile.html"
        path.write_text(map_page.render(pages.hostile_release()), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        for theme in THEMES:
            for level in ("ward", "lsoa"):
                choose(page, theme=theme, level=level, layers=["areas", "density", "clusters", "labels"])
                page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.evaluate("Hotspots.map.leaflet.setZoom(16, { animate: false })")
        page.evaluate("Hotspots.map.select(0)")
        page.fill("#search", pages.HOSTILE[0])
        page.press("#search", "Enter")
        assert page.evaluate("window.hacked") is None
        assert page.locator("img").count() == 0
        assert page.locator("#map").is_visible()
        assert page.evaluate("document.title").startswith("Hot spots in </script>")
        choose(page, ward="")
        assert "\n'=HYPERLINK" in page.evaluate("Hotspots.saving.csv()").replace(",", "\n").replace('"', "")
        assert watched.problems == []
        assert watched.outside() == []
        watched.context.close()
