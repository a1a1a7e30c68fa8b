"""Changes and ranks are told in words, and no state shows a word of a programmer."""

from __future__ import annotations

import pages
import pytest
from chromium import Watched
from reading_pages import choose, table, text

from hotspots.pages import map_page

pytestmark = pytest.mark.browser


#: Visit views of every theme; return those whose text, labels or CSV hold a value that is no word for people.
WALK = r"""views => {
  const bad = [];
  let seen = 0;
  const layers = ["areas", "density", "clusters", "significant", "labels"];
  const shown = () => {
    const named = [...document.querySelectorAll("[aria-label], [aria-valuetext]")]
      .map(e => `${e.getAttribute("aria-label") || ""} ${e.getAttribute("aria-valuetext") || ""}`);
    const words = [...document.body.children].filter(e => e.tagName !== "SCRIPT").map(e => e.textContent);
    return [...words, ...named, Hotspots.saving.csv()].join(" ");
  };
  for (const { slug } of Hotspots.data.themes) {
    for (const level of ["ward", "lsoa"]) {
      for (const [measure, from, to] of views[level]) {
        Hotspots.state.update({ theme: slug, measure, level, from, to, layers });
        window.dispatchEvent(new Event("beforeprint"));
        const found = shown().match(/.{0,30}\b(NaN|null|undefined|Infinity|None|nan)\b.{0,30}/);
        if (found) bad.push([slug, measure, level, from, to, found[0]]);
        seen += 1;
      }
    }
  }
  return { seen, bad };
}"""


class TestChange:
    MONTHS = "April to June 2025 against January to March 2025"

    def test_table_says_which_months_and_what_may_be_chance(self, opened):
        choose(opened, **{"from": 0, "to": 0})
        caption = text(opened, "#areas-table-caption-text")
        assert caption.startswith(f"All incidents by ward, January 2025. Change: {self.MONTHS}.")
        column = opened.locator("#areas-table thead th").all_inner_texts().index("Change")
        cells = {row[0]: row[column] for row in table(opened)}
        assert cells["Ash"] == "−40%"
        assert cells["Beech"] == "−24%, may be chance"
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
        assert ", 1st of 6 by rate per resident, clearly among the top three" in self.label(opened)
        assert "Rank and assessment: by rate per resident" in text(opened, "#areas-table-caption-text")
        choose(opened, theme="anti-social-behaviour")
        assert ", 1st of 6 by rate per resident, clearly among the top three" in self.label(opened)
        assert "Rank and assessment: by rate per resident" in text(opened, "#areas-table-caption-text")

    def test_says_that_it_is_of_the_whole_period_when_a_part_is_shown(self, opened):
        assert "over the whole period" not in self.label(opened)
        choose(opened, **{"from": 1, "to": 1})
        assert ", 1st of 6 by rate per resident, over the whole period, clearly" in self.label(opened)


MEASURES = ("count", "rate_per_1000", "rate_per_km2", "change")


class TestNoEmptyWords:
    """No state of the page shows a word of a programmer in place of a missing value."""

    @pytest.mark.shared
    def test_every_state_of_a_year(self, chromium, tmp_path, derby_analysis):
        """Measures differ by what they divide, periods by what they add up: each is walked once."""
        release = derby_analysis.release()
        last = len(release.months) - 1
        parts = [("count", 0, 0), ("rate_per_1000", last - 1, last)]
        wards = [*((name, 0, last) for name in MEASURES), *parts]
        # What may be missing of a small area, and of a part of the period.
        self.walk(chromium, tmp_path, release, ward=wards, lsoa=[("change", 0, last), parts[0]])

    @pytest.mark.shared
    @pytest.mark.parametrize("audience", ["partner", "public"])
    def test_states_in_which_something_is_withheld(self, chromium, tmp_path, derby_analysis, audience):
        self.walk_what_differs(chromium, tmp_path, derby_analysis.release(audience=audience))

    def test_states_of_the_sample(self, chromium, tmp_path, sample_analysis):
        release = sample_analysis.release()
        views = [("change", 0, len(release.months) - 1), ("count", 0, 0)]
        self.walk(chromium, tmp_path, release, ward=views, lsoa=views)

    def walk_what_differs(self, chromium, tmp_path, release):
        """Walk the counts, the changes, and a month that may not be shown."""
        last = len(release.months) - 1
        views = [("count", 0, last), ("change", 0, last), ("count", 0, 0)]
        self.walk(chromium, tmp_path, release, ward=views, lsoa=views)

    def walk(self, chromium, tmp_path, release, **views):
        path = tmp_path / "walk.html"
        path.write_text(map_page.render(release), encoding="utf-8")
        watched = Watched(chromium)
        found = watched.open(path).evaluate(WALK, views)
        assert found["bad"] == []
        groups = len(release.themes) + len(release.types)
        assert found["seen"] == (len(views["ward"]) + len(views["lsoa"])) * groups
        assert watched.problems == []
        watched.context.close()
