"""The sentence at the top answers for what is chosen."""

from __future__ import annotations

import pytest
from reading_pages import choose, text, violations

pytestmark = pytest.mark.browser

ASH, CEDAR, ELM = "E05000000", "E05000002", "E05000004"


class TestHeadline:
    def said(self, page, **fields):
        choose(page, **fields)
        return text(page, "#finding")

    def test_names_count_place_hot_spot_and_change(self, opened):
        assert self.said(opened, ward=ASH) == (
            "Ash: 420 incidents, the most of 6 wards; one firm hot spot: High Street; "
            "April to June 2025 down 40% on the months before, more than chance explains."
        )
        assert text(opened, "#finding-sure") == (
            "By rate per resident it is 1st of 6, clearly among the top three."
        )

    def test_follows_the_theme_the_measure_and_the_period(self, opened):
        said = self.said(opened, ward=CEDAR, theme="anti-social-behaviour")
        assert said.startswith(
            "Cedar: 24 incidents of anti-social behaviour, 4th most of 6 wards; "
            "one weak hot spot: Park Road; "
        )
        said = self.said(opened, measure="rate_per_1000")
        assert said.startswith(
            "Cedar: 24 incidents of anti-social behaviour, 8.0 per 1,000 residents a year, "
            "4th highest of 6 wards; "
        )
        said = self.said(opened, measure="count", **{"from": 1, "to": 1})
        assert said.startswith(
            "Cedar, February 2025: 4 incidents of anti-social behaviour, 4th most of 6 wards; "
        )
        assert "one weak hot spot over the whole period: Park Road" in said

    def test_says_what_is_not_there_or_cannot_be_seen(self, opened):
        assert self.said(opened, ward=ELM).startswith("Elm: 0 incidents; no hot spot.")
        said = self.said(opened, theme="cyber-crime")
        assert said == "Elm: cyber crime is not visible in these data."
        assert text(opened, "#finding-sure") == ""

    def test_answers_for_a_small_area(self, opened):
        said = self.said(opened, level="lsoa", lsoa="E01000000")
        assert said.startswith("Derby 000A (Ash): 210 incidents, the most of 24 LSOAs; ")
        assert "hot spot" not in said

    def test_without_a_choice_it_tells_of_all(self, opened):
        self.said(opened, ward=ASH)
        assert "Ash had the most of all 6 wards" in self.said(opened, ward="")

    @pytest.mark.parametrize(
        ("ratio", "said"),
        [
            (0.8, "down a fifth on"),
            (1.34, "up a third on"),
            (0.83, "down 17% on"),
            (1.002, "about the same as"),
            (2.0, "double"),
            (0.5, "down half on"),
        ],
    )
    def test_says_changes_as_people_do(self, opened, ratio, said):
        assert opened.evaluate("ratio => Hotspots.headline.moved(ratio)", ratio) == said

    def test_axe_finds_nothing(self, opened, axe):
        choose(opened, ward=ASH)
        assert violations(axe, opened) == []

    def test_nothing_is_repeated_in_every_row(self, opened):
        opened.evaluate("document.getElementById('table').style.contentVisibility = 'visible'")
        cells = opened.locator("#areas-table tbody td:last-child").all_text_contents()
        assert "clearly among the top three" in cells[0]
        assert cells.count("") > len(cells) / 3
