"""The search for wards and streets."""

from __future__ import annotations

import pytest
from reading_pages import choose, text

pytestmark = pytest.mark.browser


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

    def test_what_was_found_goes_with_the_next_place(self, opened):
        ring = opened.locator("#map path.found-line")
        for choice in ({"ward": "E05000005"}, {"spot": "SK0000NE-high-street"}):
            opened.fill("#search", "mill lane")
            opened.press("#search", "Enter")
            assert ring.count() == 1
            choose(opened, **choice)
            assert ring.count() == 0
            assert text(opened, "#search-note") == ""
            assert opened.input_value("#search") == ""
