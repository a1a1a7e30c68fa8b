"""The page as it opens: what it says before anything is chosen."""

from __future__ import annotations

import re

import pages
import pytest
from chromium import Watched, browser
from reading_pages import areas, choose, table, text

from hotspots.pages import map_page

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
