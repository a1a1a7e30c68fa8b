"""The controls beside the map, in a real Chromium with the network off."""

from __future__ import annotations

import pages
import pytest
from reading_pages import areas, choose, table, text

pytestmark = pytest.mark.browser


class TestControls:
    def test_come_in_the_order_of_the_design(self, opened):
        ids = opened.eval_on_selector_all(
            "#theme, [name=measure], #from, #to, [name=level], #ward, #search, [name=layer], "
            "#map, #legend, #filter",
            "all => all.map(e => e.id || e.name)",
        )
        assert list(dict.fromkeys(ids)) == [
            *("theme", "ward", "search", "measure", "level", "from", "to", "layer", "map", "legend", "filter")
        ]

    def test_theme_changes_map_legend_sentence_table_and_live_region_together(self, opened):
        before = (areas(opened), text(opened, "#legend"), text(opened, "#finding"), table(opened))
        opened.select_option("#theme", "anti-social-behaviour")
        after = (areas(opened), text(opened, "#legend"), text(opened, "#finding"), table(opened))
        assert all(a != b for a, b in zip(before[1:], after[1:], strict=True))
        assert text(opened, "#finding") == text(opened, "#live")
        assert "Ash had the most of all 6 wards, 120 of" in text(opened, "#finding")
        assert "Park Road" in text(opened, "#clusters")

    @pytest.mark.parametrize("theme", ["terrorism-and-extremism", "cyber-crime"])
    def test_themes_that_are_not_drawn_say_why(self, opened, theme):
        view = next(view for view in pages.themes() if view.slug == theme)
        opened.select_option("#theme", theme)
        opened.get_by_label("Density bands").check()
        assert opened.locator("path.band, path.cluster-shape").count() == 0
        assert view.withheld in text(opened, "#clusters-note")
        assert "not visible" in text(opened, "#theme-note")
        assert "does not mean that there is none" in text(opened, "#finding")
        assert {look.split()[-1] for _, look in areas(opened)} == {"area-none"}
        assert table(opened)[0][1] == "–"

    def test_density_bands_say_their_share(self, opened):
        opened.get_by_label("Density bands").check()
        assert opened.locator("#map path.band").count() == 2
        assert "21% of incidents in 1% of the area" in text(opened, "#legend")

    @pytest.mark.parametrize(
        ("measure", "first"),
        [("count", "4201"), ("rate_per_1000", "140"), ("rate_per_km2", "210"), ("change", "+40%")],
    )
    def test_measures(self, opened, measure, first):
        opened.check(f"[name=measure][value={measure}]")
        assert text(opened, "#legend-measure").startswith(
            {"count": "Incidents by", "change": "Change, April to June 2025"}.get(measure, "Incidents per")
        )
        if measure == "change":
            assert "fell clearly in Ash (−40%) and Cedar (−8%)." in text(opened, "#finding")
            assert any("change-3" in look for _, look in areas(opened))
        elif measure != "count":
            assert f"{first} per" in text(opened, "#finding")

    def test_month_by_keys_and_by_buttons(self, opened):
        opened.locator("#from").focus()
        for _ in range(5):
            opened.keyboard.press("ArrowRight")
        assert text(opened, "#period") == "June 2025"
        assert table(opened)[0][1] == "120"
        opened.get_by_role("button", name="Earlier").click()
        assert text(opened, "#period") == "May 2025"
        assert opened.locator("#from").get_attribute("aria-valuetext") == "May 2025"
        assert table(opened)[0][1] == "60"
        opened.get_by_role("button", name="Whole period", exact=True).click()
        assert text(opened, "#period") == "January to June 2025"

    def test_months_share_one_set_of_limits(self, opened):
        whole = text(opened, "#legend")
        choose(opened, **{"from": 0, "to": 0})
        january = text(opened, "#legend")
        assert january != whole
        choose(opened, **{"from": 5, "to": 5})
        assert text(opened, "#legend") == january

    def test_ward_zooms_and_small_areas_follow_it(self, opened):
        zoom = opened.evaluate("Hotspots.map.leaflet.getZoom()")
        opened.check("[name=level][value=lsoa]")
        assert len(areas(opened)) == 24
        opened.select_option("#ward", label="Beech")
        opened.wait_for_function(f"() => Hotspots.map.leaflet.getZoom() > {zoom}")
        assert [row[0] for row in table(opened)] == ["Derby 001A", "Derby 001B", "Derby 001C", "Derby 001D"]

    def test_layers(self, opened):
        opened.get_by_label("Areas among high neighbours").check()
        drawn = opened.locator("#map path.significant").get_attribute("d")
        assert drawn.count("M") == 2
        opened.get_by_role("checkbox", name="Hot spots").uncheck()
        assert opened.locator("#map path.cluster-shape").count() == 0
        opened.get_by_label("Names").uncheck()
        assert opened.locator(".ward-label").count() == 0
        opened.get_by_label("Areas", exact=True).uncheck()
        assert {look.split()[-1] for _, look in areas(opened)} == {"area-outline"}

    def test_labels_never_overlap(self, opened):
        boxes = opened.eval_on_selector_all(
            ".label-anchor > div",
            "all => all.map(e => e.getBoundingClientRect()).map(r => [r.left, r.top, r.right, r.bottom])",
        )
        assert len(boxes) >= 6
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
