"""What leaves the page: CSV, a table for Word and Excel, pictures, one sheet of paper."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pages
import pandas as pd
import pytest
from chromium import Watched
from reading_pages import choose, table, violations

from hotspots.outputs.csv import csv_bytes
from hotspots.pages import map_page

pytestmark = pytest.mark.browser

ASH = "E05000000"
ASB = "anti-social-behaviour"
SHEET = "window.dispatchEvent(new Event('beforeprint'))"


def download(page, name):
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


class TestCsv:
    def test_is_the_table_that_is_seen_with_theme_and_months(self, opened):
        choose(opened, theme=ASB, measure="change", **{"from": 1, "to": 2})
        opened.fill("#filter", "a")
        name, content = download(opened, "Download as CSV")
        assert name == "derby-anti-social-behaviour-ward-2025-02-to-2025-03.csv"
        head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        assert head == [
            "Code",
            "Area",
            "Incidents: Anti-social behaviour, February to March 2025",
            "Share (%)",
            "Per 1,000 residents a year",
            "Per km² a year",
            "Change (%), April to June 2025 against January to March 2025",
            "Change beyond chance",
            "Rank by rate per resident, whole period",
            "Assessment",
        ]
        assert (
            [row[1:3] for row in rows]
            == [row[:2] for row in table(opened)]
            == [["Ash", "40"], ["Cedar", "8"]]
        )
        # 40 of 88 incidents in two months: rates for a year, by 6,000 residents and 4 km2.
        # The change is that of the whole period.
        assert rows[0][3:8] == ["45.455", "40", "60", "-40", "yes"]

    def test_small_areas_have_their_ward_and_withheld_ones_say_so(self, chromium, tmp_path):
        plain = pages.small_release()
        hidden = plain.counts["code"].eq(ASH)
        counts = plain.counts.assign(count=plain.counts["count"].where(~hidden))
        path = tmp_path / "withheld.html"
        path.write_text(map_page.render(pages.small_release(counts=counts)), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        lines = page.evaluate("Hotspots.saving.csv()").splitlines()
        assert next(line for line in lines if ",Ash," in line).startswith("E05000000,Ash,withheld,withheld,")
        choose(page, level="lsoa")
        assert page.evaluate("Hotspots.saving.csv()").startswith("Code,Area,Ward,")
        assert watched.problems == []
        watched.context.close()

    def test_cells_are_guarded_as_in_the_tables(self, watched):
        cells = [*pages.HOSTILE, "+1", "-1", "@x", "plain"]
        found = watched.page.evaluate("cells => cells.map(Hotspots.saving.guarded)", cells)
        written = csv_bytes(pd.DataFrame({"text": cells})).decode("utf-8-sig")
        assert [[cell] for cell in found] == list(csv.reader(io.StringIO(written)))[1:]


class TestCopy:
    def test_pastes_as_a_table(self, opened, watched):
        watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
        opened.get_by_role("button", name="Copy for Word or Excel").click()
        assert opened.locator("#copied").inner_text() == "Copied"
        assert opened.locator("#live").text_content() == "6 rows are copied."
        read = """async type => {
          const [item] = await navigator.clipboard.read();
          return (await item.getType(type)).text();
        }"""
        written = opened.evaluate(read, "text/html")
        cells = [re.findall(r"<td>(.*?)</td>", row) for row in written.split("</tr>")]
        assert "<table" in written
        assert [row for row in cells if row] == table(opened)
        text = opened.evaluate(read, "text/plain").splitlines()
        assert text[0].startswith("All incidents by ward, January to June 2025.")
        assert text[2].split("\t")[:2] == ["Ash", "420"]


class TestPictures:
    def test_map_as_svg_stands_alone(self, opened):
        choose(opened, theme=ASB, ward=ASH)
        name, content = download(opened, "Map as SVG")
        assert name == "derby-anti-social-behaviour-map-2025-01-to-2025-06.svg"
        root = ElementTree.fromstring(content)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        said = " ".join("".join(root.itertext()).split())
        for words in (
            "Hot spots in Derby: Anti-social behaviour",
            "OFFICIAL",
            "Ash",
            "up to",
            "Open Government",
        ):
            assert words in said, words
        paths = root.iter("{http://www.w3.org/2000/svg}path")
        areas = {e.get("fill") for e in paths if e.get("fill-opacity") == "0.92"}
        assert len(areas) > 3
        assert "rgb(0, 0, 0)" not in areas
        assert b"class=" not in content

    def test_map_and_chart_as_png(self, opened):
        opened.locator("#cluster-1 button").click()
        for button, name in (
            ("Map as PNG", "derby-all-map-2025-01-to-2025-06.png"),
            ("Chart as PNG", "derby-all-sk0000ne-high-street-2025-01-to-2025-06.png"),
        ):
            file, content = download(opened, button)
            assert file == name
            assert content.startswith(b"\x89PNG")
            assert int.from_bytes(content[16:20], "big") >= 1200

    def test_hostile_text_stays_text(self, chromium, tmp_path):
        path = tmp_path / "hostile.html"
        path.write_text(map_page.render(pages.hostile_release()), encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        root = ElementTree.fromstring(page.evaluate("Hotspots.picture.map()"))
        assert not [e for e in root.iter() if e.tag.endswith(("script", "img", "foreignObject"))]
        page.get_by_role("button", name="Copy for Word or Excel").click()
        assert page.evaluate("window.hacked") is None
        assert watched.problems == []
        watched.context.close()


class TestPaper:
    def sheets(self, page, path):
        page.evaluate(SHEET)
        content = page.pdf(path=path, tagged=True, prefer_css_page_size=True, print_background=True)
        return len(re.findall(rb"/Type\s*/Page\b", content))

    def test_one_sheet_has_what_is_seen_and_the_rest_comes_when_wanted(self, opened, tmp_path):
        choose(opened, ward=ASH)
        assert self.sheets(opened, tmp_path / "one.pdf") == 1
        opened.locator("#print-all").check()
        assert self.sheets(opened, tmp_path / "all.pdf") > 1

    def test_a_chosen_ward_fills_the_sheet(self, opened):
        reach = """() => {
          const [x, y] = [[], []];
          document.querySelector("#sheet-chosen path").getAttribute("d").match(/[\\d.-]+/g)
            .forEach((n, i) => (i % 2 ? y : x).push(Number(n)));
          return [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
        }"""
        choose(opened, ward=ASH)
        opened.evaluate(SHEET)
        west, east, north, south = opened.evaluate(reach)
        width, height = (float(n) for n in opened.locator("#sheet").get_attribute("viewBox").split()[2:])
        assert min(west, north, width - east, height - south) >= 0
        assert max((east - west) / width, (south - north) / height) == pytest.approx(0.88, abs=0.01)
        bar = opened.locator("#sheet .sheet-scale text").text_content()
        assert bar == "500 m"
        choose(opened, ward="")
        opened.evaluate(SHEET)
        assert opened.locator("#sheet .sheet-scale text").text_content() in {"1 km", "2 km"}
        assert opened.locator("#sheet .street-name").count() == 0

    def test_a_chosen_hot_spot_is_drawn_large_with_its_streets(self, opened):
        opened.locator("#cluster-1 button").click()
        opened.evaluate(SHEET)
        assert opened.locator("#sheet-spot path.spot-line").count() == 1
        assert opened.locator("#sheet .street-name").count() > 0
        # The small town's wards are taller than the frame: names beyond it are left out.
        assert opened.locator("#sheet .ward-name", has_text="Fir").count() == 0

    def test_axe_finds_nothing_on_the_sheet(self, opened, axe):
        choose(opened, ward=ASH)
        opened.evaluate(SHEET)
        opened.emulate_media(media="print")
        try:
            assert violations(axe, opened) == []
        finally:
            opened.emulate_media(media="null")
