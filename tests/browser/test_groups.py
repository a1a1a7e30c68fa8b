"""All incidents, the themes together, themes and crime types in the page's list of themes."""

from __future__ import annotations

from dataclasses import replace

import pages
import pandas as pd
import pytest
from chromium import Watched, browser

from hotspots.pages import map_page

pytestmark = pytest.mark.browser
HELD = "The themes together hold 21 % of the incidents; the rest belongs to none of them."


def grouped_release():
    """Give the small release with a combination and one crime type, which has no months."""
    plain = pages.small_release()
    every, asb, *_ = plain.themes
    together = replace(asb, slug="combined", name="Themes together", kind="combined")
    burglary = replace(asb, slug="type-burglary", name="Burglary", kind="type", shows_density=False)

    def add(frame):
        rows = frame[frame["theme"].eq("anti-social-behaviour")]
        kept = rows[rows["month"].eq("")] if "month" in rows else rows
        return pd.concat([frame, rows.assign(theme="combined"), kept.assign(theme="type-burglary")])

    return replace(
        plain,
        themes=(replace(every, kind="all"), together, *plain.themes[1:]),
        types=(burglary,),
        counts=add(plain.counts),
        results=add(plain.results),
        combined_at={"ward": (asb.slug,), "lsoa": (asb.slug,)},
        held=HELD,
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("groups") / "index.html"
    path.write_text(map_page.render(grouped_release()), encoding="utf-8")
    with browser() as chromium:
        seen = Watched(chromium)
        yield seen.open(path)
        assert seen.problems == []
        seen.context.close()


def test_types_are_a_group_of_their_own_below_the_themes(page):
    found = page.eval_on_selector(
        "#theme", "list => [...list.children].map((one) => [one.tagName, one.label, one.children.length])"
    )
    assert found == [
        ["OPTION", "All incidents", 0],
        ["OPTION", "Themes together", 0],
        ["OPTGROUP", "Themes", 3],
        ["OPTGROUP", "Crime types", 1],
    ]


def test_all_incidents_are_ranked_by_their_rate_and_the_themes_together_say_what_they_leave_out(page):
    page.select_option("#theme", "all")
    assert page.text_content("#finding-sure").startswith("By rate per resident")
    page.select_option("#theme", "combined")
    assert page.text_content("#finding-sure").startswith("Taking the themes together")
    assert HELD.replace(" %", "%") in page.text_content("#theme-note")


def test_a_type_without_months_says_so_and_draws_the_whole_period(page):
    page.select_option("#theme", "type-burglary")
    assert "Burglary" in page.text_content("#finding")
    page.evaluate("Hotspots.state.update({ from: 1, to: 2 })")
    assert "Single months are not given" in page.text_content("#period-note")
    assert "NaN" not in page.text_content("main")
    page.evaluate("Hotspots.state.update({ from: 0, to: Hotspots.figures.last })")
