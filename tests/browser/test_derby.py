"""The page of a real year of Derby."""

from __future__ import annotations

import re

import pytest
from chromium import Watched
from reading_pages import choose, text, violations

pytestmark = pytest.mark.browser


#: The number of each priority area on the map, and whether it lies within that area.
RANKS = """() => {
  const view = Hotspots.figures.compute(Hotspots.state.get());
  const frame = document.getElementById("map").getBoundingClientRect();
  const marks = [...document.querySelectorAll("#map .rank")];
  return Hotspots.overlays.priorityOf(view).map(i => {
    const mark = marks.find(e => e.textContent === Hotspots.words.ordinal(view.results.rank[i]));
    if (!mark) return { name: view.level.names[i], inside: false };
    const box = mark.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2 - frame.left, (box.top + box.bottom) / 2 - frame.top];
    const { lat, lng } = Hotspots.map.leaflet.containerPointToLatLng([x, y]);
    const rings = Hotspots.shapeOf(view.level.shapes[i]).flat();
    return { name: view.level.names[i], inside: Hotspots.placing.isInside(rings, [lat, lng]) };
  });
}"""


#: The same of the still map, in the units of its sheet.
PRINTED_RANKS = """() => {
  const view = Hotspots.figures.compute(Hotspots.state.get());
  const marks = [...document.querySelectorAll("#sheet .rank-mark")];
  const rings = path => path.split("M").slice(1).map(ring =>
    ring.replace("Z", "").split("L").map(point => point.split(" ").map(Number)));
  const areas = [...document.querySelectorAll("#sheet-areas path")].map(e => rings(e.getAttribute("d")));
  return Hotspots.overlays.priorityOf(view).map(i => {
    const mark = marks.find(e => e.textContent === Hotspots.words.ordinal(view.results.rank[i]));
    const at = mark && mark.getAttribute("transform").match(/[\\d.]+/g).map(Number);
    return { name: view.level.names[i], inside: Boolean(mark) && Hotspots.placing.isInside(areas[i], at) };
  });
}"""


#: What stands on the still map, and where.
SHEET_LABELS = r"""all => all.map(e => [e.getAttribute("class"), e.textContent.trim(),
  ...e.getAttribute("transform").match(/[\d.]+/g).map(Number)])"""


@pytest.fixture(scope="module")
def derby(derby_file, chromium):
    watched = Watched(chromium)
    yield derby_file, watched
    watched.context.close()


@pytest.mark.shared
class TestDerby:
    def test_size(self, derby):
        assert derby[0].stat().st_size <= 900_000

    @pytest.mark.parametrize("theme", ["all", "anti-social-behaviour"])
    def test_what_is_on_the_screen_prints_on_one_sheet(self, derby, tmp_path, theme):
        path, watched = derby
        page = watched.open(path)
        choose(page, theme=theme)
        content = page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1

    @pytest.mark.parametrize("width", [1440, 1280, 820, 390, 320])
    def test_every_priority_ward_has_its_rank_within_its_borders(self, derby, width):
        path, watched = derby
        watched.page.set_viewport_size({"width": width, "height": 844})
        page = watched.open(path)
        for theme in ("all", "drugs-and-alcohol-misuse"):
            choose(page, theme=theme)
            found = page.evaluate(RANKS)
            assert found
            assert all(rank["inside"] for rank in found), found
        watched.page.set_viewport_size({"width": 1440, "height": 900})

    def test_the_first_view_is_written_as_the_script_draws_it(self, derby, chromium):
        path, watched = derby
        unscripted = Watched(chromium, java_script_enabled=False)
        written = unscripted.open(path).eval_on_selector_all("#sheet-labels > *", SHEET_LABELS)
        caption = unscripted.page.locator("#sheet-caption").text_content()
        unscripted.context.close()
        page = watched.open(path)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        drawn = page.eval_on_selector_all("#sheet-labels > *", SHEET_LABELS)
        assert sorted(label[:2] for label in drawn) == sorted(label[:2] for label in written)
        for label, other in zip(sorted(drawn), sorted(written), strict=True):
            assert label[2:] == pytest.approx(other[2:], abs=0.2)
        assert page.locator("#sheet-caption").text_content() == caption

    @pytest.mark.parametrize("level", ["ward", "lsoa"])
    def test_every_rank_is_printed_within_its_area_and_missing_numbers_are_told(self, derby, level):
        path, watched = derby
        page = watched.open(path)
        for theme in ("all", "drugs-and-alcohol-misuse"):
            choose(page, theme=theme, level=level)
            page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
            found = page.evaluate(PRINTED_RANKS)
            assert found
            assert all(rank["inside"] for rank in found), found
            clusters = page.evaluate("theme => Hotspots.data.clusters[theme].length", theme)
            left = clusters - page.locator("#sheet .cluster-mark").count()
            caption = page.locator("#sheet-caption").text_content()
            assert (f"{left} hot spot" in caption) == (left > 0)

    @pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768), (1280, 720)])
    def test_on_a_laptop_the_legend_covers_no_ward_and_the_first_one_is_named(self, derby, width, height):
        path, watched = derby
        watched.page.set_viewport_size({"width": width, "height": height})
        page = watched.open(path)
        east = page.eval_on_selector_all(
            "path.area[data-area]", "all => Math.max(...all.map(p => p.getBoundingClientRect().right))"
        )
        legend = page.locator(".legend-box").bounding_box()
        assert east <= legend["x"]
        assert legend["y"] + legend["height"] <= height
        assert text(page, "#finding").split(": ")[1].startswith("Arboretum had the most")
        assert "Arboretum" in page.locator(".ward-label.first .name").all_inner_texts()
        numbered = page.locator(".cluster-label").count()
        assert numbered < page.evaluate("Hotspots.data.clusters.all.length")
        assert "more numbers when zoomed in" in text(page, "#legend")
        watched.page.set_viewport_size({"width": 1440, "height": 900})

    def test_axe_finds_nothing(self, derby, axe):
        path, watched = derby
        page = watched.open(path)
        assert violations(axe, page) == []
