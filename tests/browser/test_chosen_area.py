"""A chosen ward or small area: ring, readout, list, address and table follow."""

from __future__ import annotations

import re
from typing import ClassVar

import pages
import pytest
from chromium import Watched
from reading_pages import at_rest, choose, table, text

from hotspots.outputs.publish import publish
from hotspots.pages import map_page

pytestmark = pytest.mark.browser


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
        at_rest(opened)
        moved = opened.evaluate("Hotspots.map.leaflet.getZoom()") != zoom
        assert moved == (way in {"list", "search"})

    def test_on_a_phone_the_readout_does_not_cover_it(self, opened):
        opened.set_viewport_size({"width": 390, "height": 844})
        opened.select_option("#ward", label="Dogwood")
        at_rest(opened)
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
        publish(pages.small_release(), tmp_path / "maps")
        watched = Watched(chromium)
        page = watched.open(tmp_path / "maps" / "index.html")
        page.select_option("#ward", label="Fir")
        page.get_by_role("link", name="Profile of Fir").click()
        assert page.url == (tmp_path / "maps" / "wards" / "fir.html").as_uri()
        assert page.locator("h1").inner_text().startswith("Fir ward")
        assert watched.problems == []
        assert watched.outside() == []
        watched.context.close()


class TestSmallAreas:
    def test_sentences_and_labels_name_the_ward(self, opened):
        choose(opened, level="lsoa")
        assert "Derby 000A (Ash) had the most of all 24 LSOAs" in text(opened, "#finding")
        assert "Derby 000A (Ash) is clearly among the top three." in text(opened, "#finding-sure")
        path = opened.locator("path.area[data-area=E01000000]")
        assert path.get_attribute("aria-label").startswith("Derby 000A (Ash): 210 incidents, ")
        path.focus()
        assert text(opened, ".readout strong") == "Derby 000A (Ash)"
        assert text(opened, ".readout span").startswith("210 incidents, ")
        choose(opened, measure="change")
        assert "rose clearly in Derby 005C (Fir, +37%)" in text(opened, "#finding")

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
