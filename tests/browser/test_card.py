"""The card of a hot spot: list, number and outline choose it, the address restores it."""

from __future__ import annotations

import re

import pages
import pytest
from chromium import Watched
from reading_pages import at_rest, choose, text, violations

from hotspots.pages import map_page
from hotspots.pages.map_payload import build_payload

pytestmark = pytest.mark.browser

ID = "SK0000NE-high-street"
SIZES = {
    "laptop": {"viewport": {"width": 1366, "height": 768}},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True},
    "phone": {"viewport": {"width": 375, "height": 780}, "has_touch": True, "is_mobile": True},
}


def with_parts(**changes):
    """Give the small release a part of its first hot spot, types, and a point that holds a heap."""
    plain = pages.small_release().clusters
    part = plain.iloc[[0]].assign(
        order=3, cluster="SK0000NE-station-approach", name="Station Approach", n=50, part_of=ID, status=""
    )
    heap = "heap at Hospital: 90 incidents on one point, 12 incidents within 250 m of it"
    frame = plain.assign(types=["Shoplifting 40 %; Robbery 16 %", "", ""], flags=[heap, "", ""], **changes)
    frame = type(plain)(pages.pd.concat([frame, part], ignore_index=True), crs=plain.crs)
    return pages.small_release(clusters=frame)


@pytest.fixture
def made(chromium, tmp_path):
    """Open a release on a screen."""
    opened = []

    def opening(release, size="laptop", hash_="", **options):
        path = tmp_path / "card.html"
        path.write_text(map_page.render(release, profiles={"E05000000": "wards/ash.html"}), encoding="utf-8")
        opened.append(Watched(chromium, **SIZES[size], **options))
        return opened[-1].open(path, hash_)

    yield opening
    for watched in opened:
        assert watched.problems == []
        assert watched.outside() == []
        watched.context.close()


class TestChoice:
    @pytest.mark.parametrize("way", ["list", "key", "number", "outline", "address"])
    def test_every_way_opens_the_same_card(self, opened, way):
        if way == "list":
            opened.locator("#cluster-1 button").click()
        elif way == "key":
            opened.locator("#cluster-1 button").focus()
            opened.keyboard.press("Enter")
        elif way == "number":
            opened.locator(".cluster-label", has_text="1").first.click()
        elif way == "outline":
            box = opened.locator("#map path.cluster-hit").first.bounding_box()
            opened.mouse.click(box["x"] + 8, box["y"] + box["height"] / 2)
        else:
            opened.evaluate(f"location.hash = '#spot={ID}'")
            opened.locator("#card-title").wait_for()
        assert text(opened, "#card-title") == "Hot spot 1: High Street"
        assert opened.locator("#map path.spot-line").count() == 1
        assert opened.locator("#cluster-1 button").get_attribute("aria-pressed") == "true"
        assert f"spot={ID}" in opened.url
        assert text(opened, "#live").startswith("Hot spot 1: High Street: 120 incidents, 15%; firm.")
        if way != "address":
            assert opened.evaluate("document.activeElement.id") == "card"

    def test_escape_and_the_button_close_it_and_give_the_focus_back(self, opened):
        for close in ("Escape", "Enter"):
            opened.locator("#cluster-2 button").click()
            if close == "Enter":
                opened.locator(".card-close").focus()
            opened.keyboard.press(close)
            assert opened.locator("#card").is_hidden()
            assert "spot=" not in opened.url
            assert opened.evaluate("document.activeElement.closest('li').id") == "cluster-2"
            assert text(opened, "#live") == "No hot spot is chosen."

    def test_goes_with_its_theme(self, opened):
        opened.locator("#cluster-1 button").click()
        choose(opened, theme="anti-social-behaviour")
        assert opened.locator("#card").is_hidden()
        assert "spot=" not in opened.url

    @pytest.mark.parametrize("size", SIZES)
    def test_map_and_card_are_in_view_after_one_tap(self, made, size):
        page = made(with_parts(), size)
        button = page.locator("#cluster-1 button")
        button.click() if size == "laptop" else button.tap()
        page.locator("#card-title").wait_for()
        at_rest(page)
        height = SIZES[size]["viewport"]["height"]
        place = page.locator("#map path.spot-line").bounding_box()
        assert place["y"] >= 0
        assert place["y"] + place["height"] <= height
        for said in ("Streets", "All crime there", "How sure", "Since when"):
            box = page.locator("#card dt", has_text=said).bounding_box()
            assert 0 <= box["y"] <= height - 40, said
        if size == "laptop":
            card = page.locator("#card").bounding_box()
            assert place["x"] + place["width"] <= card["x"]

    def test_targets_are_fit_for_fingers(self, made):
        page = made(with_parts(), "phone")
        page.locator("#cluster-1 button").tap()
        page.locator("#card-title").wait_for()
        at_rest(page)
        small = page.eval_on_selector_all(
            "#clusters button, #clusters-more, #card button, #card a, .fold",
            "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect())"
            ".filter(r => r.height < 43.5).length",
        )
        assert small == 0
        width = "parseFloat(getComputedStyle(document.querySelector('.cluster-label'), '::after').width)"
        assert page.evaluate(width) >= 43.5

    def test_the_legend_folds_for_it_and_opens_again(self, opened):
        assert opened.locator("#legend").is_visible()
        opened.locator("#cluster-1 button").click()
        assert opened.locator("#legend").is_hidden()
        opened.locator(".fold").click()
        assert opened.locator("#legend").is_visible()
        opened.keyboard.press("Enter")
        assert opened.locator(".fold").get_attribute("aria-expanded") == "false"

    def test_a_link_at_the_top_skips_to_the_hot_spots(self, opened):
        opened.keyboard.press("Tab")
        assert opened.evaluate("document.activeElement.textContent") == "Skip to the hot spots"
        opened.keyboard.press("Enter")
        assert opened.evaluate("document.activeElement.id") == "clusters-section"


class TestCard:
    def rows(self, page):
        names, said = (page.locator(f"#card {tag}").all_inner_texts() for tag in ("dt", "dd"))
        return dict(zip(names, said, strict=True))

    def test_holds_the_figures_of_the_payload(self, made):
        release = with_parts()
        page = made(release)
        page.locator("#cluster-1 button").click()
        cluster = build_payload(release)["clusters"]["all"][0]
        rows = self.rows(page)
        assert rows["All crime there"] == "Shoplifting 40%, Robbery 16%"
        assert rows["Streets"] == "High Street, Station Approach" == ", ".join(cluster["streets"])
        assert rows["How sure"] == (
            "Firm: found again in 98% of the test runs, "
            "each of which draws a later period as long as this one."
        )
        assert rows["Since when"] == (
            "No clear change between the halves of the period (60 incidents, then 60)."
        )
        assert "90 of its incidents are on one map point, Hospital" in rows["To know"]
        # High Street was drawn 500 m from the corner of the square at 430000, 332000.
        assert re.match(r"SK 30(49|50) 32(49|50)$", rows["Middle"])
        assert page.locator("#card a[href='wards/ash.html']").inner_text() == "Profile of Ash"
        assert page.locator("#card .chart-bar").count() == len(cluster["monthly"])
        label = page.locator("#card .chart").get_attribute("aria-label")
        assert label.startswith("Incidents by month in High Street: January 2025 20, February 2025 20,")

    def test_its_link_restores_it(self, made):
        page = made(with_parts())
        page.locator("#cluster-2 button").click()
        link = page.locator(".card-link").get_attribute("href")
        page.goto("about:blank")
        again = made(with_parts(), hash_=link)
        assert text(again, "#card-title") == "Hot spot 2: Mill Lane"

    def test_parts_open_a_card_of_their_own_and_lead_back(self, made):
        page = made(with_parts())
        page.locator("#cluster-1 button").click()
        page.get_by_role("button", name="Station Approach: 50 incidents").click()
        assert text(page, "#card-title") == "Station Approach"
        assert page.locator("#clusters > li").count() == 2, "a part is no hot spot of the list"
        page.get_by_role("button", name="Back to the whole of High Street").click()
        assert text(page, "#card-title") == "Hot spot 1: High Street"

    def test_axis_begins_at_nought_and_holds_every_bar(self, opened):
        tops = opened.evaluate("[1, 3, 7, 20, 21, 117, 999].map(Hotspots.chart.axisTop)")
        assert tops == [1, 4, 10, 20, 40, 200, 1000]
        opened.locator("#cluster-1 button").click()
        assert opened.locator("#card .chart text").all_text_contents()[:3] == ["0", "10", "20"]

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
        page = watched.open(path, f"#spot={ID}")
        assert self.rows(page)["Since when"] == f"Dense enough to be a hot spot {said}."
        assert watched.problems == []
        watched.context.close()


class TestSafe:
    @pytest.mark.parametrize("size", SIZES)
    def test_axe_finds_nothing(self, made, axe, size):
        page = made(with_parts(), size, f"#spot={ID}")
        # The card comes into view by scrolling: half a button under the edge is no small button.
        at_rest(page)
        assert violations(axe, page) == []

    def test_hostile_text_does_not_run(self, made):
        release = pages.hostile_release()
        bad = pages.HOSTILE
        frame = release.clusters.assign(
            name=bad[:3], types=bad[1:4], flags=f"heap at {bad[2]}: 9 incidents on one point", part_of=""
        )
        page = made(pages.small_release(clusters=frame))
        for button in page.locator("#clusters button").all():
            button.click()
        assert page.evaluate("window.hacked") is None
        assert page.locator("img").count() == 0
