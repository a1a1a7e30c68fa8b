"""The page as it opens: what it says before anything is chosen."""

from __future__ import annotations

import re

import pytest
from chromium import browser
from reading_pages import areas, choose, table, text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_browser_skips_here_and_fails_on_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("chromium._started", [])
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
        assert text(opened, ".ward-label.first .rank") == "1st"
        assert "Ash" in text(opened, ".ward-label.first")
        assert "clearly among the top three" in text(opened, ".ward-label.first")

    def test_hot_spots_are_told(self, opened):
        assert text(opened, "#cluster-1 .spot-text") == "High Street 120 incidents, 15%; firm"
        below, form = (opened.locator(f"#{name}").bounding_box() for name in ("clusters", "controls"))
        assert below["y"] + below["height"] < form["y"]

    def test_a_hot_spot_tells_its_busiest_hours_where_they_are_known(self, opened):
        hours = opened.locator("#card div:has(> dt:text-is('Busiest hours')) dd")
        opened.locator("#cluster-1 button").click()
        assert hours.all_inner_texts() == ["18:00 to 22:00, 48% of the 60 whose hour is known"]
        opened.locator("#cluster-2 button").click()
        assert hours.count() == 0

    def test_a_weak_hot_spot_looks_weaker(self, opened):
        assert opened.locator("#map path.cluster-shape.weak").count() == 0
        choose(opened, theme="anti-social-behaviour")
        assert "30 incidents, 11%; weak" in text(opened, "#cluster-1")
        dashes = "e => getComputedStyle(e).strokeDasharray"
        assert opened.eval_on_selector("#map path.cluster-shape.weak", dashes) != "none"
        assert "weak hot spot" in text(opened, "#legend")

    def test_marking_is_on_the_map_and_at_both_ends(self, opened):
        assert opened.locator("p.marking").all_inner_texts() == ["OFFICIAL", "OFFICIAL"]
        assert text(opened, ".map-marking") == "OFFICIAL"
