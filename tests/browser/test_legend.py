"""The legend says what is drawn."""

from __future__ import annotations

import re

import pytest
from reading_pages import choose, text

pytestmark = pytest.mark.browser


class TestLegend:
    def test_says_the_same_as_without_scripts(self, opened, small_file):
        written = small_file.read_text(encoding="utf-8")
        before = re.findall(r'<li><span class="swatch [^"]*"></span>(.*?)</li>', written)
        assert opened.locator("#legend li").all_text_contents() == before

    def test_says_what_priority_goes_by(self, opened):
        assert "priority: among the top three by rate per resident; 1st, 2nd and so on is its rank" in (
            text(opened, "#legend")
        )
        choose(opened, theme="anti-social-behaviour")
        assert "priority: among the top three by rate per resident; 1st" in text(opened, "#legend")

    def test_says_what_stays_of_the_whole_period_when_a_part_is_shown(self, opened):
        layers = ["areas", "clusters", "significant", "labels"]
        choose(opened, theme="anti-social-behaviour", layers=layers)
        assert "whole period" not in text(opened, "#legend")
        choose(opened, **{"from": 1, "to": 2})
        assert opened.locator("#legend li").all_inner_texts()[-4:] == [
            "priority: among the top three by rate per resident, whole period; "
            "1st, 2nd and so on is its rank",
            "among neighbours that are high beyond chance, whole period",
            "hot spot of the whole period, numbered as in the list",
            "weak hot spot of the whole period",
        ]

    def test_promises_no_number_where_none_is_drawn(self, opened):
        opened.get_by_label("Names").uncheck()
        assert opened.locator(".rank").count() == 0
        assert "by rate per resident" in text(opened, "#legend")
        assert "is its rank" not in text(opened, "#legend")
