"""The map page in a real Chromium with the network off."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

import folium
import pages
import pytest
from chromium import Watched, browser
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.outputs.csv import csv_bytes
from hotspots.outputs.publish import publish
from hotspots.outputs.tables import area_table
from hotspots.pages import map_page
from hotspots.pages.map_folium import HotspotMap
from hotspots.themes.themes import load_themes

pytestmark = pytest.mark.browser

THEMES = [view.slug for view in pages.themes()]
#: WCAG 2.0 to 2.2 at A and AA, and axe's own good practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="session")
def small_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "index.html"
    path.write_text(map_page.render(pages.small_release()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def watched(chromium, small_file):
    seen = Watched(chromium)
    seen.open(small_file)
    yield seen
    seen.context.close()


@pytest.fixture
def opened(watched, small_file):
    """The page as it opens, from the one tab that all tests share."""
    watched.page.set_viewport_size({"width": 1440, "height": 900})
    watched.page.goto("about:blank")
    yield watched.open(small_file)
    assert watched.problems == []
    assert watched.outside() == []


@pytest.fixture(scope="session")
def axe():
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


#: Make one choice; give the milliseconds to the end of layout.
CHANGE = """change => {
  const start = performance.now();
  Hotspots.state.update(change);
  document.body.getBoundingClientRect();
  return performance.now() - start;
}"""


#: Visit every view; return those whose text, labels or CSV hold a value that is no word for people.
WALK = r"""last => {
  const bad = [];
  let views = 0;
  const layers = ["areas", "density", "clusters", "significant", "labels"];
  const shown = () => {
    const named = [...document.querySelectorAll("[aria-label], [aria-valuetext]")]
      .map(e => `${e.getAttribute("aria-label") || ""} ${e.getAttribute("aria-valuetext") || ""}`);
    const words = [...document.body.children].filter(e => e.tagName !== "SCRIPT").map(e => e.textContent);
    return [...words, ...named, Hotspots.table.csv()].join(" ");
  };
  for (const { slug } of Hotspots.data.themes) {
    for (const measure of ["count", "rate_per_1000", "rate_per_km2", "change"]) {
      for (const level of ["ward", "lsoa"]) {
        for (const [from, to] of [[0, last], [0, 0], [last - 1, last]]) {
          Hotspots.state.update({ theme: slug, measure, level, from, to, layers });
          window.dispatchEvent(new Event("beforeprint"));
          const found = shown().match(/.{0,30}\b(NaN|null|undefined|Infinity|None|nan)\b.{0,30}/);
          if (found) bad.push([slug, measure, level, from, to, found[0]]);
          views += 1;
        }
      }
    }
  }
  return { views, bad };
}"""


#: The number of each priority area on the map, and whether it lies within that area.
RANKS = """() => {
  const view = Hotspots.figures.compute(Hotspots.state.get());
  const frame = document.getElementById("map").getBoundingClientRect();
  const marks = [...document.querySelectorAll("#map .rank")];
  return Hotspots.overlays.priorityOf(view).map(i => {
    const mark = marks.find(e => e.textContent === String(view.results.rank[i]));
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
    const mark = marks.find(e => e.textContent === String(view.results.rank[i]));
    const at = mark && mark.getAttribute("transform").match(/[\\d.]+/g).map(Number);
    return { name: view.level.names[i], inside: Boolean(mark) && Hotspots.placing.isInside(areas[i], at) };
  });
}"""


#: What stands on the still map, and where.
SHEET_LABELS = r"""all => all.map(e => [e.getAttribute("class"), e.textContent.trim(),
  ...e.getAttribute("transform").match(/[\d.]+/g).map(Number)])"""


def changes(months):
    """Every theme, then back, then every month."""
    slugs = [view.slug for view in load_themes()]
    named = {slug: {"theme": slug} for slug in [*slugs, "all"]}
    return named | {month: {"from": i, "to": i} for i, month in enumerate(months)}


def violations(axe, page):
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}}).response["violations"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]


def text(page, selector):
    return page.locator(selector).inner_text()


def areas(page):
    return page.eval_on_selector_all(
        "path.area[data-area]", "paths => paths.map(p => [p.dataset.area, p.getAttribute('class')])"
    )


def table(page):
    return page.eval_on_selector_all(
        "#areas-table tbody tr", "rows => rows.map(r => [...r.cells].map(c => c.textContent))"
    )


def choose(page, **fields):
    page.evaluate("changes => window.Hotspots.state.update(changes)", fields)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_browser_skips_here_and_fails_on_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="needs Chromium"), browser():
        pass


class TestFirstView:
    def test_draws_every_ward_without_request_or_error(self, opened, watched):
        watched.requests.clear()
        assert len(areas(opened)) == 6
        assert opened.locator(".leaflet-tile").count() == 0
        assert opened.locator(".sheet").is_hidden()
        assert watched.outside() == []

    def test_says_the_same_as_without_scripts(self, opened, small_file):
        written = small_file.read_text(encoding="utf-8")
        for name in ("finding", "finding-sure"):
            before = re.search(rf'<p id="{name}">(.*?)</p>', written).group(1)
            assert opened.locator(f"#{name}").text_content() == before
        before = re.findall(r'<th scope="row">(\w+)</th><td class="figure">(.*?)</td>', written)[:6]
        assert [(row[0], row[1]) for row in table(opened)] == before

    def test_priority_area_has_a_double_outline_a_number_and_words(self, opened):
        for look in ("priority-halo", "priority-line"):
            assert opened.locator(f"#map path.{look}").get_attribute("d").count("M") == 1
        assert text(opened, ".ward-label.first .rank") == "1"
        assert "Ash" in text(opened, ".ward-label.first")
        assert "clearly among the top three" in text(opened, ".ward-label.first")

    def test_hot_spots_are_told(self, opened):
        first = text(opened, "#cluster-1")
        assert "High Street; Station Approach" in first
        assert (
            "120 incidents, 15\xa0% of the theme; firm (98\xa0% of test runs); "
            "no clear change between the halves of the period"
        ) in first
        assert opened.locator("#cluster-1 svg.sparkline").get_attribute("aria-label") == (
            "Incidents by month: 20, 20, 20, 20, 20, 20"
        )

    def test_a_hot_spot_of_one_half_says_what_the_other_half_had(self, opened):
        assert ("dense enough to be a hot spot only in April to June 2025 (20 incidents, then 40)") in text(
            opened, "#cluster-2"
        )

    @pytest.mark.parametrize(
        ("monthly", "said"),
        [
            ("9;8;7;2;1;1", "only in January to March 2025 (24 incidents, then 4)"),
            ("1;0;0;0;9;9", "only in January to March 2025 (1 incident, then 18)"),
            ("", "only in January to March 2025"),
        ],
    )
    def test_a_hot_spot_that_ended_says_when(self, chromium, tmp_path, monthly, said):
        plain = pages.small_release()
        release = pages.small_release(clusters=plain.clusters.assign(status="ended", monthly=monthly))
        path = tmp_path / "ended.html"
        path.write_text(map_page.render(release), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        assert text(page, "#cluster-1 p").endswith(f"dense enough to be a hot spot {said}")
        assert watched.problems == []
        watched.context.close()

    def test_a_weak_hot_spot_looks_weaker(self, opened):
        assert opened.locator("#map path.cluster-shape.weak").count() == 0
        choose(opened, theme="anti-social-behaviour")
        assert "weak (30\xa0% of test runs)" in text(opened, "#cluster-1")
        dashes = "e => getComputedStyle(e).strokeDasharray"
        assert opened.eval_on_selector("#map path.cluster-shape.weak", dashes) != "none"
        assert "weak hot spot" in text(opened, "#legend")

    def test_marking_is_on_the_map_and_at_both_ends(self, opened):
        assert opened.locator("p.marking").all_inner_texts() == ["OFFICIAL", "OFFICIAL"]
        assert text(opened, ".map-marking") == "OFFICIAL"


class TestControls:
    def test_come_in_the_order_of_the_design(self, opened):
        ids = opened.eval_on_selector_all(
            "#theme, [name=measure], #from, #to, [name=level], #ward, #search, [name=layer], "
            "#map, #legend, #filter",
            "all => all.map(e => e.id || e.name)",
        )
        assert list(dict.fromkeys(ids)) == [
            *("theme", "measure", "from", "to", "level", "ward", "search", "layer", "map", "legend", "filter")
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
        assert "21\xa0% of incidents in 1\xa0% of the area" in text(opened, "#legend")

    @pytest.mark.parametrize(
        ("measure", "first"),
        [("count", "4201"), ("rate_per_1000", "70"), ("rate_per_km2", "105"), ("change", "+40\xa0%")],
    )
    def test_measures(self, opened, measure, first):
        opened.check(f"[name=measure][value={measure}]")
        assert text(opened, "#legend-measure").startswith(
            {"count": "Incidents by", "change": "Change, April to June 2025"}.get(measure, "Incidents per")
        )
        if measure == "change":
            assert "fell clearly in Ash (−40\xa0%) and Cedar (−8\xa0%)." in text(opened, "#finding")
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
        opened.get_by_label("Significant areas").check()
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


class TestPlacing:
    def test_a_point_is_inside_or_not(self, opened):
        ring = "[[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]]"
        for point, inside in (([3, 3], True), ([1.5, 1.5], False), ([5, 3], False), ([-1, 3], False)):
            assert opened.evaluate(f"p => Hotspots.placing.isInside({ring}, p)", point) is inside

    def test_a_label_that_would_leave_its_area_gives_way_to_its_short_form(self, opened):
        found = opened.evaluate(
            """() => {
              const spot = { name: "spot", x: 0, y: 0, w: 20, h: 20, moves: [[0, 0]] };
              const short = { name: "3", x: 0, y: 0, w: 10, h: 10, moves: [[0, 0], [16, 0]], must: true };
              const area = { name: "3 Abbey", x: 0, y: 0, w: 60, h: 20, moves: [[0, 0], [0, 30]], short };
              const place = (...all) => Hotspots.placing.place(all).map(({ name, move }) => [name, ...move]);
              const holds = (x, y) => y < 20;
              const held = { ...area, holds };
              return [place(spot, area), place(spot, held), place(spot, { ...held, short: null })];
            }"""
        )
        assert found == [
            [["spot", 0, 0], ["3 Abbey", 0, 30]],
            [["spot", 0, 0], ["3", 16, 0]],
            [["spot", 0, 0]],
        ]

    def test_a_name_moves_for_numbers_and_the_first_one_displaces_them_if_it_must(self, opened):
        found = opened.evaluate(
            """() => {
              const { ORDER, arrange } = Hotspots.placing;
              const box = { x: 0, y: 0, w: 20, h: 20, moves: [[0, 0]] };
              const spot = { ...box, name: "9", order: ORDER.firstCluster };
              const area = { ...box, name: "Ash", order: ORDER.leader, leads: true };
              const names = moves => arrange([spot, { ...area, moves }]).map(({ name }) => name);
              const tiny = { ...area, holds: () => false };
              const rank = { ...tiny, name: "1", leads: false, must: true };
              const ranked = arrange([spot, { ...tiny, short: rank }]).map(({ name }) => name);
              return [names([[0, 0], [0, 30]]), names([[0, 0]]), ranked];
            }"""
        )
        assert found[:2] == [["9", "Ash"], ["Ash"]]
        assert "1" in found[2]

    def test_the_legend_says_when_numbers_are_left_out(self, opened):
        assert "more numbers" not in text(opened, "#legend")
        opened.evaluate("Hotspots.map.leaflet.setZoom(10, { animate: false })")
        assert opened.locator(".cluster-label").count() < 2
        assert "hot spot, numbered as in the list; more numbers when zoomed in" in text(opened, "#legend")
        opened.evaluate("Hotspots.map.leaflet.setZoom(14, { animate: false })")
        assert "more numbers" not in text(opened, "#legend")


class TestChosenWard:
    """One choice, however it is made: ring, readout, list, address and table follow."""

    def chosen(self, page):
        return {
            "list": page.eval_on_selector("#ward", "e => e.selectedOptions[0].textContent"),
            "address": re.search(r"[&#]ward=(\w*)", page.url).group(1),
            "readout": page.locator(".readout strong").all_inner_texts(),
            "ring": page.locator("#map path.selected-line").count(),
            "row": page.locator("#areas-table tr[aria-current=true] th").all_text_contents(),
            "pressed": page.eval_on_selector_all(
                "path.area[aria-pressed=true]", "all => all.map(p => p.dataset.area)"
            ),
        }

    FIR: ClassVar = {
        "list": "Fir",
        "address": "E05000005",
        "readout": ["Fir"],
        "ring": 1,
        "row": ["Fir"],
        "pressed": ["E05000005"],
    }

    @pytest.mark.parametrize("way", ["list", "click", "key", "search"])
    def test_every_way_chooses_the_same(self, opened, way):
        zoom = opened.evaluate("Hotspots.map.leaflet.getZoom()")
        fir = opened.locator("path.area[data-area=E05000005]")
        if way == "list":
            opened.select_option("#ward", label="Fir")
        elif way == "click":
            fir.click(position={"x": 20, "y": 20})
            opened.mouse.move(5, 5)
        elif way == "key":
            fir.focus()
            opened.keyboard.press("Enter")
            opened.locator("#theme").focus()
        else:
            opened.fill("#search", "fir")
            opened.press("#search", "Enter")
        assert self.chosen(opened) == self.FIR
        assert text(opened, "#live").startswith("Fir: 168 incidents")
        assert "168 incidents" in text(opened, ".readout")
        opened.wait_for_timeout(800)
        moved = opened.evaluate("Hotspots.map.leaflet.getZoom()") != zoom
        assert moved == (way in {"list", "search"})

    def test_on_a_phone_the_readout_does_not_cover_it(self, opened):
        opened.set_viewport_size({"width": 390, "height": 844})
        opened.select_option("#ward", label="Dogwood")
        opened.wait_for_timeout(800)
        readout = opened.locator(".readout").bounding_box()
        ring = opened.locator("#map path.selected-line").bounding_box()
        assert readout["y"] + readout["height"] <= ring["y"]

    def test_a_second_click_and_escape_let_it_go(self, opened):
        fir = opened.locator("path.area[data-area=E05000005]")
        for let_go in (
            lambda: fir.click(position={"x": 20, "y": 20}),
            lambda: fir.press("Escape"),
            lambda: opened.select_option("#ward", value=""),
        ):
            choose(opened, ward="E05000005")
            let_go()
            opened.mouse.move(5, 5)
            opened.locator("#theme").focus()
            assert self.chosen(opened)["list"] == "All of Derby"
            assert self.chosen(opened)["ring"] == 0
            assert opened.locator(".readout").is_hidden()
            assert text(opened, "#live") == "No area is chosen."

    def test_stays_chosen_through_themes_and_comes_back_from_the_address(self, opened, watched, small_file):
        choose(opened, ward="E05000005")
        opened.select_option("#theme", "anti-social-behaviour")
        assert self.chosen(opened) == self.FIR
        kept = opened.url
        opened.goto("about:blank")
        opened.goto(kept)
        assert self.chosen(opened) == self.FIR

    def test_among_small_areas_the_captions_name_the_ward(self, opened):
        choose(opened, level="lsoa", ward="E05000001")
        assert text(opened, "#areas-table-caption-text").startswith(
            "All incidents by LSOA in Beech, January to June 2025."
        )
        assert self.chosen(opened)["readout"] == ["Beech"]
        assert "180 incidents" not in text(opened, ".readout")
        assert "210 incidents" in text(opened, ".readout")
        assert opened.locator("#map path.selected-line").count() == 1
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        caption = opened.locator("#sheet-caption").text_content()
        assert "The dashed line is around Beech; the table lists the LSOAs in Beech." in caption
        assert opened.locator("#sheet-chosen path").count() == 2

    def test_a_small_area_elsewhere_lets_the_ward_go(self, opened):
        choose(opened, level="lsoa", ward="E05000001")
        choose(opened, lsoa="E01000004")
        assert self.chosen(opened)["list"] == "Beech"
        choose(opened, lsoa="E01000000")
        assert self.chosen(opened)["list"] == "All of Derby"
        assert self.chosen(opened)["row"] == ["Derby 000A"]
        assert self.chosen(opened)["readout"] == ["Derby 000A (Ash)"]
        choose(opened, ward="E05000001")
        assert self.chosen(opened)["readout"] == ["Beech"]
        assert "lsoa=&" in opened.url

    def test_its_row_comes_into_sight_in_the_table_and_the_page_stays(self, opened):
        opened.set_viewport_size({"width": 1440, "height": 460})
        choose(opened, level="lsoa")
        choose(opened, lsoa="E01000004")
        before = opened.evaluate("[scrollY, document.querySelector('.table-scroll').scrollTop]")
        opened.evaluate("Hotspots.map.select(23)")
        after = opened.evaluate("[scrollY, document.querySelector('.table-scroll').scrollTop]")
        assert after[0] == before[0]
        seen = opened.evaluate(
            """() => {
              const row = document.querySelector('tr.chosen').getBoundingClientRect();
              const frame = document.querySelector('.table-scroll').getBoundingClientRect();
              return frame.top <= row.top && row.bottom <= frame.bottom;
            }"""
        )
        assert seen

    def test_its_hot_spots_come_first(self, opened):
        order = "all => all.map(e => [e.id, e.classList.contains('chosen')])"
        choose(opened, ward="E05000001")
        assert opened.eval_on_selector_all("#clusters li", order) == [
            ["cluster-2", True],
            ["cluster-1", False],
        ]
        assert "Those in Beech come first." in text(opened, "#clusters-note")
        choose(opened, ward="")
        assert opened.eval_on_selector_all("#clusters li", order)[0] == ["cluster-1", False]
        assert "come first" not in text(opened, "#clusters-note")

    def test_its_profile_is_linked_where_there_is_one(self, opened, chromium, tmp_path):
        choose(opened, ward="E05000005")
        assert opened.locator(".readout a").count() == 0
        publish(pages.small_release(), tmp_path / "maps", manifest={})
        watched = Watched(chromium)
        page = watched.open(tmp_path / "maps" / "index.html")
        page.select_option("#ward", label="Fir")
        page.get_by_role("link", name="Profile of Fir").click()
        assert page.url == (tmp_path / "maps" / "wards" / "fir.html").as_uri()
        assert page.locator("h1").inner_text().startswith("Fir ward")
        assert watched.problems == []
        assert watched.outside() == []
        watched.context.close()


class TestWithheld:
    @pytest.fixture
    def guarded(self, chromium, tmp_path):
        """The page for an audience that gets no months of LSOAs and not every ward."""
        release = pages.small_release()
        counts = release.counts
        gone = counts["level"].eq("lsoa") & counts["month"].ne("")
        hidden = counts["code"].eq("E05000003") & counts["theme"].eq("all")
        counts = counts.assign(count=counts["count"].where(~hidden))[~gone]
        path = tmp_path / "guarded.html"
        path.write_text(map_page.render(pages.small_release(counts=counts)), encoding="utf-8")
        watched = Watched(chromium)
        yield watched.open(path)
        assert watched.problems == []
        watched.context.close()

    def test_withheld_areas_look_and_read_so(self, guarded):
        assert dict(areas(guarded))["E05000003"].endswith("area-withheld")
        row = next(row for row in table(guarded) if row[0] == "Dogwood")
        assert row[1:5] == ["withheld"] * 4
        assert "withheld" in text(guarded, "#legend")
        assert "420 of 924 (45\xa0%)" in text(guarded, "#finding")
        choose(guarded, **{"from": 0, "to": 1})
        assert "120 of 252 that may be shown" in text(guarded, "#finding")

    def test_months_that_are_not_published_say_so(self, guarded):
        choose(guarded, level="lsoa", **{"from": 1, "to": 1})
        assert "Single months are not published" in text(guarded, "#period-note")
        assert {look.split()[-1] for _, look in areas(guarded)} == {"area-withheld"}
        assert "no figures can be shown for February 2025" in text(guarded, "#finding")


class TestAddress:
    HASH = "#theme=anti-social-behaviour&measure=rate_per_km2&level=lsoa&from=2025-02&to=2025-04&layers=areas"

    def test_view_comes_back_from_the_address(self, opened, watched, small_file):
        opened.goto("about:blank")
        watched.open(small_file, self.HASH)
        assert opened.input_value("#theme") == "anti-social-behaviour"
        assert text(opened, "#period") == "February to April 2025"
        assert len(areas(opened)) == 24
        assert opened.locator(".ward-label").count() == 0

    def test_choosing_writes_the_address(self, opened):
        opened.select_option("#theme", "cyber-crime")
        opened.check("[name=level][value=lsoa]")
        assert "theme=cyber-crime" in opened.url
        assert "level=lsoa" in opened.url
        kept = opened.url
        opened.goto("about:blank")
        opened.goto(kept)
        assert opened.input_value("#theme") == "cyber-crime"

    def test_changed_address_changes_the_view(self, opened):
        opened.evaluate("location.hash = 'theme=cyber-crime'")
        opened.wait_for_function("() => document.getElementById('theme').value === 'cyber-crime'")

    def test_nonsense_falls_back_to_the_first_view(self, opened, watched, small_file):
        opened.goto("about:blank")
        watched.open(small_file, "#theme=${alert(1)}&from=9999&to=<img>&level=x&layers=a,b&measure=__proto__")
        assert opened.input_value("#theme") == "all"
        assert text(opened, "#period") == "January to June 2025"


class TestSearch:
    def find(self, page, words):
        page.fill("#search", words)
        page.press("#search", "Enter")
        return text(page, "#search-note")

    def rings(self, page):
        return page.locator("#map path.found-line").count()

    def test_finds_wards(self, opened):
        assert self.find(opened, "elm") == "The map shows Elm."
        assert opened.input_value("#ward") == "E05000004"
        assert self.find(opened, "Mill Lane") == "The map shows Mill Lane."
        assert self.find(opened, "Elm") == "The map shows Elm."
        opened.wait_for_function(
            "() => Hotspots.map.leaflet.getBounds().contains("
            "  Hotspots.pointOf(Hotspots.data.levels.ward.labels[4]))"
        )

    def test_rings_a_street_until_the_next_search(self, opened):
        assert self.find(opened, "Mill Lane") == "The map shows Mill Lane."
        opened.locator(".street-label", has_text="Mill Lane").wait_for()
        assert self.rings(opened) == 1
        choose(opened, theme="anti-social-behaviour")
        assert self.rings(opened) == 1
        self.find(opened, "Elm")
        assert self.rings(opened) == 0

    @pytest.mark.parametrize(
        ("words", "name"),
        [("mill", "Mill Lane"), ("APPROACH", "Station Approach"), ("st peters", "St Peter's Street")],
    )
    def test_takes_a_part_of_one_name(self, opened, words, name):
        assert self.find(opened, words) == f"The map shows {name}."
        assert self.rings(opened) == 1

    def test_says_how_many_names_fit(self, opened):
        assert self.find(opened, "st") == (
            "3 wards and streets have “st” in their name: "
            "Station Approach, St Peter's Street and High Street. Type more of the name."
        )
        assert self.rings(opened) == 0
        many = "6 wards and streets have “r” in their name: Cedar, Fir, High Street and 3 others."
        assert self.find(opened, "r").startswith(many)

    def test_says_that_nothing_fits(self, opened):
        assert self.find(opened, "<b>charl") == "No ward or street has “<b>charl” in its name."
        assert opened.locator("#search-note").is_visible()
        assert opened.locator("#search-note").get_attribute("role") == "status"
        field, note = (opened.locator(name).bounding_box() for name in ("#search", "#search-note"))
        assert 0 <= note["y"] - (field["y"] + field["height"]) < 24
        assert self.find(opened, "") == ""


class TestSmallAreas:
    def test_sentences_and_labels_name_the_ward(self, opened):
        choose(opened, level="lsoa")
        assert "Derby 000A (Ash) had the most of all 24 LSOAs" in text(opened, "#finding")
        assert "clearly among the top three: Derby 000A (Ash)." in text(opened, "#finding-sure")
        path = opened.locator("path.area[data-area=E01000000]")
        assert path.get_attribute("aria-label").startswith("Derby 000A (Ash): 210 incidents, ")
        path.focus()
        assert text(opened, ".readout strong") == "Derby 000A (Ash)"
        assert text(opened, ".readout span").startswith("210 incidents, ")
        choose(opened, measure="change")
        assert "rose clearly in Derby 005C (Fir, +37\xa0%)" in text(opened, "#finding")

    def test_table_has_their_ward(self, opened):
        headings = opened.locator("#areas-table thead th")
        assert "Ward" not in headings.all_inner_texts()
        choose(opened, level="lsoa")
        assert headings.all_inner_texts()[:3] == ["Area", "Ward", "Incidents"]
        assert table(opened)[0][:3] == ["Derby 000A", "Ash", "210"]
        opened.locator("#areas-table").get_by_role("button", name="Ward").click()
        wards = [row[1] for row in table(opened)]
        assert wards == sorted(wards)
        assert len(wards) == 24
        opened.fill("#filter", "fir")
        assert [row[1] for row in table(opened)] == ["Fir"] * 4
        opened.fill("#filter", "")
        choose(opened, level="ward")
        assert headings.all_inner_texts()[:2] == ["Area", "Incidents"]
        assert table(opened)[0][:2] == ["Ash", "420"]
        assert opened.locator("th[aria-sort]").inner_text().startswith("Incidents")

    def test_one_in_no_ward_keeps_its_plain_name(self, chromium, tmp_path):
        plain = pages.small_release()
        path = tmp_path / "apart.html"
        release = pages.small_release(wards=plain.wards.iloc[1:])
        path.write_text(map_page.render(release), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path, "#level=lsoa")
        assert "Derby 000A had the most" in text(page, "#finding")
        assert table(page)[0][:2] == ["Derby 000A", "–"]
        watched.context.close()


class TestLegend:
    def test_says_the_same_as_without_scripts(self, opened, small_file):
        written = small_file.read_text(encoding="utf-8")
        before = re.findall(r'<li><span class="swatch [^"]*"></span>(.*?)</li>', written)
        assert opened.locator("#legend li").all_text_contents() == before

    def test_says_what_priority_goes_by(self, opened):
        assert "priority: among the top three over the themes together; the number is its rank" in (
            text(opened, "#legend")
        )
        choose(opened, theme="anti-social-behaviour")
        assert "priority: among the top three by rate per resident; the number" in text(opened, "#legend")

    def test_says_what_stays_of_the_whole_period_when_a_part_is_shown(self, opened):
        layers = ["areas", "clusters", "significant", "labels"]
        choose(opened, theme="anti-social-behaviour", layers=layers)
        assert "whole period" not in text(opened, "#legend")
        choose(opened, **{"from": 1, "to": 2})
        assert opened.locator("#legend li").all_inner_texts()[-4:] == [
            "priority: among the top three by rate per resident, whole period; the number is its rank",
            "among neighbours that are high beyond chance, whole period",
            "hot spot of the whole period, numbered as in the list",
            "weak hot spot of the whole period",
        ]

    def test_promises_no_number_where_none_is_drawn(self, opened):
        opened.get_by_label("Names").uncheck()
        assert opened.locator(".rank").count() == 0
        assert "over the themes together" in text(opened, "#legend")
        assert "the number is its rank" not in text(opened, "#legend")


class TestChange:
    MONTHS = "April to June 2025 against January to March 2025"

    def test_table_says_which_months_and_what_may_be_chance(self, opened):
        choose(opened, **{"from": 0, "to": 0})
        caption = text(opened, "#areas-table-caption-text")
        assert caption.startswith(f"All incidents by ward, January 2025. Change: {self.MONTHS}.")
        column = opened.locator("#areas-table thead th").all_inner_texts().index("Change")
        cells = {row[0]: row[column] for row in table(opened)}
        assert cells["Ash"] == "−40\xa0%"
        assert cells["Beech"] == "−24\xa0%, may be chance"
        assert cells["Elm"] == "–"

    def test_names_the_months_compared_in_place_of_those_chosen(self, opened):
        choose(opened, measure="change", **{"from": 0, "to": 0})
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert text(opened, "#subtitle") == f"All incidents · {self.MONTHS}"
        caption = opened.locator("#sheet-caption").text_content()
        assert caption.startswith(f"Change, {self.MONTHS} by ward, All incidents, with hot spots")
        choose(opened, measure="count")
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert text(opened, "#subtitle") == "All incidents · January 2025"
        caption = opened.locator("#sheet-caption").text_content()
        assert caption.endswith("All incidents, January 2025, with hot spots of the whole period.")

    def test_a_month_without_incidents_does_not_hide_it(self, chromium, tmp_path):
        plain = pages.small_release()
        counts = plain.counts.assign(
            count=plain.counts["count"].where(plain.counts["month"].ne(pages.MONTHS[0]), 0)
        )
        path = tmp_path / "quiet.html"
        path.write_text(map_page.render(pages.small_release(counts=counts)), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path, "#measure=change&from=2025-01&to=2025-01")
        assert "fell clearly in Ash" in text(page, "#finding")
        watched.context.close()

    def test_too_few_months_to_compare_are_told(self, chromium, tmp_path):
        plain = pages.small_release()
        few = pages.MONTHS[:1]
        release = pages.small_release(
            months=few,
            counts=plain.counts[plain.counts["month"].isin(["", *few])],
            results=plain.results.assign(change=float("nan")),
            clusters=plain.clusters.assign(monthly="", status=""),
        )
        path = tmp_path / "short.html"
        path.write_text(map_page.render(release), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path, "#measure=change")
        reason = "too few months: nothing to compare with"
        assert text(page, "#finding") == f"All incidents: no change can be given ({reason})."
        assert text(page, "#subtitle") == f"All incidents · {reason}"
        assert watched.problems == []
        watched.context.close()


class TestRank:
    def label(self, page):
        return page.locator("path.area[data-area=E05000000]").get_attribute("aria-label")

    def test_says_what_it_goes_by(self, opened):
        assert ", rank 1 of 6 over the themes together, clearly among the top three" in self.label(opened)
        assert "Rank and assessment: over the themes together" in text(opened, "#areas-table-caption-text")
        choose(opened, theme="anti-social-behaviour")
        assert ", rank 1 of 6 by rate per resident, clearly among the top three" in self.label(opened)
        assert "Rank and assessment: by rate per resident" in text(opened, "#areas-table-caption-text")

    def test_says_that_it_is_of_the_whole_period_when_a_part_is_shown(self, opened):
        assert "over the whole period" not in self.label(opened)
        choose(opened, **{"from": 1, "to": 1})
        assert ", rank 1 of 6 over the themes together, over the whole period, clearly" in self.label(opened)


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
                "[document.activeElement].map(e => e.id || e.name || e.dataset?.area || e.className)[0]"
            )
            if name in seen[:1]:
                break
            seen.append(name)
        for wanted in (
            "skip",
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

    def test_skip_link_goes_to_the_table(self, opened):
        opened.evaluate("document.activeElement.blur()")
        opened.keyboard.press("Tab")
        opened.keyboard.press("Enter")
        assert opened.evaluate("document.activeElement.id") == "table"

    def test_theme_and_month_without_a_pointer(self, opened):
        opened.locator("#theme").focus()
        opened.keyboard.press("ArrowDown")
        opened.keyboard.press("Enter")
        assert "Anti-social behaviour" in text(opened, "#subtitle")
        opened.locator("#to").focus()
        opened.keyboard.press("Home")
        assert text(opened, "#period") == "January 2025"


class TestAccessible:
    @pytest.mark.parametrize("theme", THEMES)
    @pytest.mark.parametrize("level", ["ward", "lsoa"])
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
            opened.emulate_media(media="screen")

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
                page.wait_for_timeout(16)
            session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            page.wait_for_timeout(400)
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
        assert opened.locator(".ward-label.first .rank").all_inner_texts() == ["1"]

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


class TestWithoutScripts:
    def test_still_map_legend_and_tables(self, chromium, small_file):
        watched = Watched(chromium, java_script_enabled=False)
        page = watched.open(small_file)
        assert page.locator("#sheet").is_visible()
        assert page.locator("#map").is_hidden()
        assert page.locator("#controls").is_hidden()
        assert "Ash had the most" in page.locator("#finding").inner_text()
        assert "Anti-social behaviour" in page.locator("#themes-table").inner_text()
        assert watched.outside() == []
        watched.context.close()


class TestPrint:
    def test_pdf_is_tagged_and_has_map_legend_table_and_marking(self, opened, tmp_path):
        choose(opened, theme="anti-social-behaviour")
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        path = tmp_path / "map.pdf"
        content = opened.pdf(path=path, tagged=True, prefer_css_page_size=True, print_background=True)
        for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang (en-GB)", b"/Table", b"/Figure", b"/TH"):
            assert mark in content, mark
        assert b"[0 0 842.88 595.91998" in content or b"[0 0 841" in content

    def test_still_map_follows_the_choice(self, opened):
        before = opened.locator("#sheet-areas").inner_html()
        choose(opened, level="lsoa", layers=["areas", "density", "labels"])
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert opened.locator("#sheet-areas path").count() == 24
        assert opened.locator("#sheet-bands path").count() == 2
        assert opened.locator("#sheet-areas").inner_html() != before
        choose(opened, level="ward", layers=["areas", "clusters", "labels"])
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        redrawn = opened.eval_on_selector_all("#sheet-areas path", "all => all.map(p => p.outerHTML)")
        assert [re.sub(r" xmlns=\S+", "", path) for path in redrawn] == [
            line.strip() for line in before.replace("</path>", "</path>\n").split("\n") if line.strip()
        ]

    def redrawn(self, page, **fields):
        choose(page, **fields)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        return page.eval_on_selector_all("#sheet-labels > *", SHEET_LABELS)

    def test_the_first_view_has_its_labels_where_the_script_puts_them(self, chromium, small_file, opened):
        watched = Watched(chromium, java_script_enabled=False)
        written = watched.open(small_file).eval_on_selector_all("#sheet-labels > *", SHEET_LABELS)
        before = watched.page.locator("#sheet-caption").text_content()
        watched.context.close()
        labels = self.redrawn(opened, theme="all")
        assert [label[:2] for label in labels] == [label[:2] for label in written]
        for label, other in zip(labels, written, strict=True):
            assert label[2:] == pytest.approx(other[2:], abs=0.2)
        assert opened.locator("#sheet-caption").text_content() == before
        assert before == "Incidents by ward, All incidents, January to June 2025, with hot spots."

    def test_ranks_are_boxed_and_hot_spots_are_round(self, opened):
        self.redrawn(opened, theme="all")
        assert opened.locator("#sheet .rank-mark rect").count() == 1
        assert opened.locator("#sheet .rank-mark").text_content() == "1"
        assert opened.locator("#sheet .cluster-mark circle").count() == 2
        assert opened.locator("#sheet .ward-name.first").text_content() == "Ash"
        self.redrawn(opened, theme="anti-social-behaviour")
        assert opened.locator("#sheet .cluster-mark.weak circle").count() == 1

    def test_the_rank_stays_where_names_are_switched_off(self, opened):
        found = self.redrawn(opened, layers=["areas"])
        assert [label[:2] for label in found] == [["rank-mark", "1"], ["ward-name first", "Ash"]]

    @pytest.mark.parametrize(
        ("layers", "fields", "caption"),
        [
            (["areas"], {}, "Incidents by ward, All incidents, January to June 2025."),
            (
                ["areas", "density", "clusters"],
                {"from": 1, "to": 1},
                "Density of incidents, All incidents, January to June 2025, with hot spots.",
            ),
            (
                ["areas", "clusters", "significant"],
                {"from": 1, "to": 1, "level": "lsoa"},
                "Incidents by LSOA, All incidents, February 2025, "
                "with hot spots and significant areas of the whole period.",
            ),
            (["clusters"], {}, "Outlines of wards, All incidents, January to June 2025, with hot spots."),
        ],
    )
    def test_the_caption_tells_what_is_drawn(self, opened, layers, fields, caption):
        self.redrawn(opened, layers=layers, **fields)
        assert opened.locator("#sheet-caption").text_content() == caption


class TestNoEmptyWords:
    @pytest.mark.parametrize("audience", ["internal", "partner", "public", "sample"])
    def test_missing_values_are_told_in_words(self, request, chromium, tmp_path, audience):
        """Walk every theme, measure, level and kind of period: no state shows a word of a programmer."""
        from hotspots.analysis import analyse_files
        from hotspots.settings import Settings

        if audience == "sample":
            release = analyse_files(Settings()).release()
        else:
            release = pages.derby_release(request.getfixturevalue("shared"), audience=audience)
        path = tmp_path / "walk.html"
        path.write_text(map_page.render(release), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        found = page.evaluate(WALK, len(release.months) - 1)
        assert found["views"] == 2 * 4 * 3 * len(release.themes)
        assert found["bad"] == []
        assert watched.problems == []
        watched.context.close()


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
        assert "\n'=HYPERLINK" in page.evaluate("Hotspots.table.csv()").replace(",", "\n").replace('"', "")
        assert watched.problems == []
        assert watched.outside() == []
        watched.context.close()


class TestGridReference:
    @given(st.floats(-1.62, -1.36), st.floats(52.84, 52.98))
    @settings(max_examples=25, deadline=None)
    def test_within_five_metres_of_proj(self, watched, longitude, latitude):
        from pyproj import Transformer

        found = watched.page.evaluate("p => Hotspots.grid.nationalGrid(...p)", [latitude, longitude])
        east, north = Transformer.from_crs(4326, 27700, always_xy=True).transform(longitude, latitude)
        # Its source promises 5 m; around Derby it keeps within 3 m.
        assert abs(found["easting"] - east) < 3
        assert abs(found["northing"] - north) < 3

    def test_letters_and_digits(self, watched):
        written = watched.page.evaluate(
            "[[435300, 336270], [651409, 313177], [216650, 771250], [-5, 0]]"
            ".map(([easting, northing]) => Hotspots.grid.reference({ easting, northing }))"
        )
        assert written == ["SK 3530 3627", "TG 5140 1317", "NN 1665 7125", ""]

    def test_a_click_and_the_centre_are_told(self, opened):
        box = opened.locator("#map").bounding_box()
        opened.mouse.click(box["x"] + 300, box["y"] + 300)
        assert re.fullmatch(r"52\.\d{5}, −1\.\d{5} · SK \d{4} \d{4} \(±5 m\)", text(opened, ".where"))
        clicked = text(opened, ".where")
        opened.get_by_role("button", name="Map centre").click()
        assert text(opened, ".where") != clicked


class TestExtras:
    def test_folium_layers_are_drawn(self, chromium, tmp_path):
        map_ = HotspotMap(pages.small_release())
        group = folium.FeatureGroup(name="Beats").add_to(map_)
        folium.CircleMarker([52.9, -1.53], radius=20, color="#ff8800").add_to(group)
        folium.LayerControl().add_to(map_)
        map_.save(tmp_path / "map.html")
        watched = Watched(chromium)
        page = watched.open(tmp_path / "map.html")
        assert page.locator("path[stroke='#ff8800']").count() == 1
        assert page.locator(".leaflet-control-layers").count() == 1
        assert watched.problems == []
        watched.context.close()

    def test_in_a_notebook_s_sandbox(self, chromium, tmp_path):
        path = tmp_path / "notebook.html"
        path.write_text(f"<!DOCTYPE html>{HotspotMap(pages.small_release())._repr_html_()}", encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        frame = page.frame_locator("iframe")
        frame.locator("#theme").select_option("anti-social-behaviour")
        assert "Anti-social behaviour" in frame.locator("#finding").inner_text()
        frame.locator("path.area[data-area=E05000005]").press("Enter")
        assert frame.locator("#ward").input_value() == "E05000005"
        assert "Fir" in frame.locator(".readout").inner_text()
        assert frame.locator(".readout a").count() == 0
        assert watched.problems == []
        watched.context.close()

    def test_tiles_ask_their_host_only_and_the_map_says_so(self, chromium, tmp_path):
        path = tmp_path / "tiles.html"
        release = pages.small_release()
        path.write_text(
            map_page.render(release, tiles="https://maps.derby.example/{z}/{x}/{y}.png"), encoding="utf-8"
        )
        watched = Watched(chromium)
        page = watched.open(path)
        page.wait_for_function("() => document.querySelectorAll('.leaflet-tile').length > 0")
        assert {url.split("/")[2] for url in watched.outside()} == {"maps.derby.example"}
        assert "maps.derby.example" in text(page, ".tile-note")
        page.evaluate("new Image().src = 'https://other.example/x.png'")
        page.wait_for_timeout(100)
        assert "other.example" in watched.blocked[0]
        assert {url.split("/")[2] for url in watched.outside()} == {"maps.derby.example"}
        watched.context.close()


@pytest.fixture(scope="module")
def derby(shared, chromium, tmp_path_factory):
    path = tmp_path_factory.mktemp("derby") / "index.html"
    path.write_text(map_page.render(pages.derby_release(shared)), encoding="utf-8")
    watched = Watched(chromium)
    yield path, watched
    watched.context.close()


@pytest.mark.shared
class TestDerby:
    def test_size(self, derby):
        assert derby[0].stat().st_size < 1_500_000

    def test_first_paint_and_ready(self, derby):
        path, watched = derby
        paints, loads = [], []
        for _ in range(3):
            page = watched.open(path)
            page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
            paints.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            )
            loads.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            page.goto("about:blank")
        print(json.dumps({"first paint ms": paints, "load ms": loads}))
        # The best of three: other work on the machine only adds.
        assert min(paints) < 1000
        assert min(loads) < 3000

    @pytest.mark.parametrize("level", ["ward", "lsoa"])
    def test_theme_and_month_change_within_100_ms(self, derby, level):
        path, watched = derby
        page = watched.open(path)
        choose(page, level=level)
        page.wait_for_timeout(300)
        # The main thread's own time, painting included, does not grow when the machine is busy with
        # other things; the time that passes is printed beside it.
        session = watched.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def thread_ms():
            metrics = session.send("Performance.getMetrics")["metrics"]
            return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")

        spent, passed = {}, {}
        for name, change in changes(page.evaluate("Hotspots.data.months")).items():
            before = thread_ms()
            passed[name] = page.evaluate(CHANGE, change)
            spent[name] = thread_ms() - before
            page.wait_for_timeout(30)
        print(level, {name: (round(spent[name]), round(passed[name])) for name in spent})
        assert max(spent.values()) < 100
        assert watched.problems == []

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
