"""What axe, forced colours and small screens ask of the page."""

from __future__ import annotations

import pages
import pytest
from chromium import Watched
from reading_pages import at_rest, choose, text, violations

from hotspots.pages import map_page

pytestmark = pytest.mark.browser


#: Every theme, and every level; the levels differ in their table and names alone.
STATES = [(view.slug, ("ward", "lsoa")[k % 2]) for k, view in enumerate(pages.themes())] + [("all", "lsoa")]


class TestAccessible:
    @pytest.mark.parametrize(("theme", "level"), STATES)
    def test_axe_finds_nothing_in_any_theme(self, opened, axe, theme, level):
        choose(
            opened, theme=theme, level=level, layers=["areas", "density", "clusters", "significant", "labels"]
        )
        assert violations(axe, opened) == []

    def test_axe_finds_nothing_on_a_phone_and_nothing_scrolls_sideways(self, opened, axe):
        opened.set_viewport_size({"width": 320, "height": 640})
        assert opened.evaluate("document.documentElement.scrollWidth") <= 320
        # What scrolls in a frame of its own may be wider, nothing else.
        wide = opened.eval_on_selector_all(
            "body *:not(.table-scroll *, #map *, .patterns *)",
            "all => all.filter(e => e.checkVisibility() && !e.closest('.visually-hidden, .skip'))"
            ".filter(e => e.getBoundingClientRect().right > 321).map(e => e.outerHTML.slice(0, 90))",
        )
        assert wide == []
        assert violations(axe, opened) == []

    def test_axe_finds_nothing_in_print(self, opened, axe):
        opened.emulate_media(media="print")
        try:
            assert violations(axe, opened) == []
        finally:
            opened.emulate_media(media="null")

    def test_targets_are_large_enough(self, opened):
        small = opened.eval_on_selector_all(
            "button, select, input:not([type=radio], [type=checkbox]), label:has(input), .leaflet-control a",
            "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect())"
            ".filter(r => r.width < 24 || r.height < 23.5).length",
        )
        assert small == 0

    def test_forced_colours_and_reduced_motion(self, chromium, small_file, axe):
        watched = Watched(chromium, forced_colors="active", reduced_motion="reduce")
        page = watched.open(small_file)
        assert page.evaluate("Hotspots.map.leaflet.options.zoomAnimation") is False
        fill = "e => getComputedStyle(e).fill"
        looks = {page.eval_on_selector(f"path[data-area=E0500000{i}]", fill) for i in (0, 2)}
        assert len(looks) == 2
        assert violations(axe, page) == []
        assert watched.problems == []
        watched.context.close()


class TestScreens:
    @pytest.mark.parametrize("width", [1440, 820, 390, 320])
    def test_what_lies_on_the_map_covers_nothing_else(self, chromium, tmp_path, width):
        path = tmp_path / "marked.html"
        release = pages.small_release(marking="OFFICIAL-SENSITIVE", synthetic=True)
        path.write_text(map_page.render(release), encoding="utf-8")
        watched = Watched(chromium, viewport={"width": width, "height": 844})
        page = watched.open(path)
        page.evaluate("Hotspots.map.select(0)")
        boxes = page.eval_on_selector_all(
            ".map-marking, .leaflet-control",
            "all => all.map(e => [e.className, e.getBoundingClientRect()])"
            ".map(([name, r]) => [name, r.left, r.top, r.right, r.bottom])",
        )
        assert len(boxes) == 6
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a[3] <= b[1] or b[3] <= a[1] or a[4] <= b[2] or b[4] <= a[2]
                assert apart, (a, b)
        watched.context.close()

    def test_one_finger_scrolls_the_page_and_two_move_the_map(self, chromium, small_file):
        watched = Watched(chromium, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        page = watched.open(small_file)
        session = watched.context.new_cdp_session(page)

        def drag(*fingers):
            """Move fingers, given as x, y and the steps in x and y."""
            page.evaluate("scrollBy(0, document.getElementById('map').getBoundingClientRect().top - 100)")
            before = page.evaluate("[scrollY, Hotspots.map.leaflet.getCenter().lat]")
            for kind, step in [("touchStart", 0), *(("touchMove", step) for step in range(1, 13))]:
                points = [
                    {"x": x + step * right, "y": y + step * down, "id": i}
                    for i, (x, y, right, down) in enumerate(fingers)
                ]
                session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
                page.evaluate("() => new Promise(requestAnimationFrame)")
            session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            at_rest(page)
            return before, page.evaluate("[scrollY, Hotspots.map.leaflet.getCenter().lat]")

        before, after = drag((150, 500, 0, -10))
        assert after[0] > before[0] + 60
        assert after[1] == pytest.approx(before[1], abs=0.002), "at most a pixel of rounding"
        before, after = drag((120, 450, -4, -8), (250, 450, 4, -8))
        assert after[0] == before[0]
        assert abs(after[1] - before[1]) > 0.01
        assert "Two fingers: move" in text(page, ".where")
        watched.context.close()

    @pytest.mark.parametrize("width", [1440, 820, 390, 320])
    def test_priority_areas_keep_their_number(self, opened, width):
        opened.set_viewport_size({"width": width, "height": 844})
        assert opened.locator(".ward-label.first .rank").all_inner_texts() == ["1st"]

    @pytest.mark.parametrize("width", [1440, 390])
    def test_table_headings_break_between_words_only(self, opened, width):
        opened.set_viewport_size({"width": width, "height": 844})
        # A broken word has a box on each line; one that is too wide leaves its cell.
        broken = opened.evaluate(
            """() => [...document.querySelectorAll('#areas-table thead th')].flatMap(cell => {
              const node = (cell.querySelector('button') || cell).firstChild;
              const words = [...node.data.matchAll(/\\S+/g)];
              return words.filter(found => {
                const range = document.createRange();
                range.setStart(node, found.index);
                range.setEnd(node, found.index + found[0].length);
                const [box, inside] = [range.getBoundingClientRect(), cell.getBoundingClientRect()];
                const fits = inside.left <= box.left && box.right <= inside.right;
                return range.getClientRects().length > 1 || !fits;
              }).map(found => found[0]);
            })"""
        )
        assert broken == []
        caption = opened.locator("#areas-table-caption-text").bounding_box()
        assert caption["x"] + caption["width"] <= width
