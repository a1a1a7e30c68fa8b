"""The still map: printed, and shown where no script runs."""

from __future__ import annotations

import re

import pytest
from chromium import Watched
from reading_pages import choose

pytestmark = pytest.mark.browser


#: What stands on the still map, and where.
SHEET_LABELS = r"""all => all.map(e => [e.getAttribute("class"), e.textContent.trim(),
  ...e.getAttribute("transform").match(/[\d.]+/g).map(Number)])"""


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


#: Class and outline of each area on the sheet; what is written once is meant wherever it is used.
SHEET_AREAS = """all => all.map(one => [
    one.getAttribute("class"),
    (one.tagName === "use" ? document.querySelector(one.getAttribute("href")) : one).getAttribute("d"),
])"""


class TestPrint:
    def test_pdf_is_tagged_and_has_map_legend_table_and_marking(self, opened, tmp_path):
        choose(opened, theme="anti-social-behaviour")
        opened.locator("#print-all").check()
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        path = tmp_path / "map.pdf"
        content = opened.pdf(path=path, tagged=True, prefer_css_page_size=True, print_background=True)
        for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang (en-GB)", b"/Table", b"/Figure", b"/TH"):
            assert mark in content, mark
        assert b"[0 0 842.88 595.91998" in content or b"[0 0 841" in content

    def test_still_map_follows_the_choice(self, chromium, small_file, opened):
        watched = Watched(chromium, java_script_enabled=False)
        written = watched.open(small_file).eval_on_selector_all("#sheet-areas > *", SHEET_AREAS)
        watched.context.close()
        choose(opened, theme="all", level="lsoa", layers=["areas", "density", "labels"])
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert opened.locator("#sheet-areas path").count() == 24
        assert opened.locator("#sheet-bands path").count() == 2
        choose(opened, theme="all", level="ward", layers=["areas", "clusters", "labels"])
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        redrawn = opened.eval_on_selector_all("#sheet-areas > *", SHEET_AREAS)
        assert [look for look, _ in redrawn] == [look for look, _ in written] and len(written) == 6
        for (_, outline), (_, other) in zip(redrawn, written, strict=True):
            # The file has its outlines to the whole unit, the script to a tenth.
            first, same = (tuple(map(float, re.findall(r"[\d.]+", d)[:2])) for d in (outline, other))
            assert first == pytest.approx(same, abs=0.6)

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
        assert opened.locator("#sheet .rank-mark").text_content() == "1st"
        assert opened.locator("#sheet .cluster-mark circle").count() == 2
        assert opened.locator("#sheet .ward-name.first").text_content() == "Ash"
        # A grey print tells areas apart by their figures.
        assert "420" in opened.locator("#sheet .ward-value").all_text_contents()
        self.redrawn(opened, theme="anti-social-behaviour")
        assert opened.locator("#sheet .cluster-mark.weak circle").count() == 1

    def test_the_rank_stays_where_names_are_switched_off(self, opened):
        found = self.redrawn(opened, layers=["areas"])
        assert [label[:2] for label in found] == [["rank-mark", "1st"], ["ward-name first", "Ash"]]

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
