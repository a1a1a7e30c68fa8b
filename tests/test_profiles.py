"""Ward profiles: one page a ward, without scripts, figures as in the tables."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from hotspots import profiles


@pytest.fixture(scope="module")
def release(sample_analysis):
    return sample_analysis.release(marking="OFFICIAL")


@pytest.fixture(scope="module")
def pages(release):
    return profiles.render_all(release)


def test_every_ward_has_a_page_and_the_index_links_them_all(pages, release):
    assert len(pages) == len(release.wards) + 1
    linked = re.findall(r'href="([a-z0-9-]+\.html)"', pages["index.html"])
    assert sorted(set(linked)) == sorted(set(pages) - {"index.html"})


def test_a_page_asks_for_nothing_and_runs_nothing(pages):
    for text in pages.values():
        assert "<script" not in text
        assert not re.search(r'(src|href)="(?!\.\./index\.html|[a-z0-9-]+\.html|#)', text)
        assert "url(" not in text and "@import" not in text


def test_each_page_says_sample_marking_and_sources(pages, release):
    for text in pages.values():
        assert "SYNTHETIC SAMPLE" in text
        assert text.count("OFFICIAL") >= 2
        assert "Open Government Licence" in text


def test_the_count_on_the_page_is_the_one_in_the_table(pages, release):
    code = release.wards.index[0]
    counts = release.counts.query("level == 'ward' and theme == 'all' and month == ''").set_index("code")
    name = profiles.ward_slugs(release.wards["name"])[code]
    assert f"{counts.loc[code, 'count']:,.0f} incidents were recorded" in pages[f"{name}.html"]


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        ({"E1": "Abbey"}, ["abbey"]),
        ({"E1": "Mackworth & New Zealand"}, ["mackworth-and-new-zealand"]),
        ({"E1": "Abbey", "E2": "abbey"}, ["abbey-e1", "abbey-e2"]),
        ({"E1": "Aux"}, ["aux-e1"]),
        ({"E1": "../../etc/passwd"}, ["etc-passwd"]),
        ({"E1": "…"}, ["e1"]),
    ],
)
def test_file_names_are_plain_words_that_every_system_takes(names, slugs):
    assert list(profiles.ward_slugs(pd.Series(names)).values()) == slugs


def test_an_area_name_cannot_become_markup(release):
    from dataclasses import replace

    hostile = "<img src=x onerror=alert(1)>"
    wards = release.wards.assign(name=hostile)
    results = release.results.assign(name=hostile)
    text = profiles.render_all(replace(release, wards=wards, results=results))["index.html"]
    assert hostile not in text and "&lt;img" in text


def test_what_is_withheld_says_so(sample_analysis):
    public = sample_analysis.release(audience="public")
    pages = profiles.render_all(public)
    assert any("withheld" in text for text in pages.values())
