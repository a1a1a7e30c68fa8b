"""Ward profiles: one page a ward, without scripts, figures as in the tables."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pages as towns
import pandas as pd
import pytest
from chromium import Watched, browser
from reading_pages import violations

from hotspots.pages import ward_pages


@pytest.fixture(scope="module")
def release(sample_analysis):
    return replace(sample_analysis.release(), marking="OFFICIAL")


@pytest.fixture(scope="module")
def pages(release):
    return ward_pages.render_all(release)


@pytest.fixture(scope="module")
def public_pages(sample_analysis):
    return ward_pages.render_all(replace(sample_analysis.release(audience="public"), marking="OFFICIAL"))


def test_every_ward_has_a_page_and_the_index_links_them_all(pages, release):
    assert len(pages) == len(release.wards) + 1
    linked = re.findall(r'href="([a-z0-9-]+\.html)"', pages["index.html"])
    assert sorted(set(linked)) == sorted(set(pages) - {"index.html"})


def test_a_page_asks_for_nothing_and_runs_only_what_makes_it_a_word_document(pages, release):
    beside = ward_pages.render_all(release, documents=True)
    for name, text in pages.items():
        assert text.count("<script") == (name != "index.html")
        assert "<script" not in beside[name]
        for page in (text, beside[name]):
            said = page.split("<script")[0]
            assert not re.search(r'(src|href)="(?!\.\./index\.html|[a-z0-9-]+\.(html|docx)"|#)', said)
            assert "url(" not in said and "@import" not in said
    assert 'href="normanton.docx"' in beside["normanton.html"]


def test_each_page_says_sample_marking_and_sources(pages, release):
    for text in pages.values():
        assert "SYNTHETIC SAMPLE" in text
        assert text.count("OFFICIAL") >= 2
        assert "Open Government Licence" in text


def test_surroundings_are_said_to_be_the_neighbours_alone(pages):
    told = [text for text in pages.values() if "Surroundings:" in text]
    assert told
    for text in told:
        assert "whether the LSOAs next to it are high beyond chance, whatever it holds itself" in text


def test_the_count_on_the_page_is_the_one_in_the_table(pages, release):
    code = release.wards.index[0]
    counts = release.counts.query("level == 'ward' and theme == 'all' and month == ''").set_index("code")
    name = ward_pages.ward_slugs(release.wards["name"])[code]
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
    assert list(ward_pages.ward_slugs(pd.Series(names)).values()) == slugs


def test_an_area_name_cannot_become_markup(release):
    hostile = "<img src=x onerror=alert(1)>"
    wards = release.wards.assign(name=hostile)
    results = release.results.assign(name=hostile)
    text = ward_pages.render_all(replace(release, wards=wards, results=results))["index.html"]
    assert hostile not in text and "&lt;img" in text


def test_what_is_withheld_says_so(public_pages):
    assert any("withheld" in text for text in public_pages.values())


def test_a_cluster_of_one_half_says_what_both_halves_had():
    plain = towns.small_release()
    pages = ward_pages.render_all(plain)
    assert "<td>continuing (60, then 60)</td>" in pages["ash.html"]
    assert "<td>new (20, then 40)</td>" in pages["beech.html"]
    halves = "both halves of the period, January to March 2025 and April to June 2025"
    assert halves in pages["beech.html"]
    blank = towns.small_release(clusters=plain.clusters.assign(monthly=""))
    assert "<td>new</td>" in ward_pages.render_all(blank)["beech.html"]
    short = ward_pages.render_all(towns.small_release(clusters=plain.clusters.assign(status="")))
    assert "halves of the period" not in short["beech.html"]


def test_hostile_text_stays_text():
    for text in ward_pages.render_all(towns.hostile_release()).values():
        body = text.split("</style>")[-1].split("<script>")[0]
        assert "<script" not in body and "<img" not in body and 'onerror="' not in body
        assert "49" not in re.findall(r"<title>(.*?)</title>", text)[0]


def test_the_same_release_gives_the_same_pages(pages, release):
    assert ward_pages.render_all(release) == pages


def test_times_stand_where_there_are_some_and_the_reason_where_not(pages, public_pages):
    assert sum('class="week">' in text for text in pages.values()) > 10
    assert not any('class="week">' in text for text in public_pages.values())
    assert all("internal use only" in text for name, text in public_pages.items() if name != "index.html")


def test_an_area_without_themes_in_the_combination_has_pages_all_the_same(release):
    bare = replace(release, priority=release.priority.iloc[:0], combined_themes={})
    text = ward_pages.render_all(bare)["index.html"]
    assert text.count("not ranked") >= len(release.wards)


@pytest.mark.shared
def test_what_a_year_of_months_cannot_show_is_said(derby_analysis):
    pages = ward_pages.render_all(derby_analysis.release())
    arboretum = pages["arboretum.html"]
    assert "clearly among the top three" in arboretum
    assert "carry months only" in arboretum
    note = re.search(r"Not visible in these data, and so not counted: (.*?)\.", arboretum)[1]
    assert "Cyber crime" in note
    assert not re.search(r'<th scope="row">Cyber crime', arboretum)


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def folders(tmp_path_factory, pages, public_pages):
    """Profiles as files: one with all there is to show, one with as little as possible."""
    written = {}
    for audience, made in {"internal": pages, "public": public_pages}.items():
        folder = tmp_path_factory.mktemp(audience)
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
        written[audience] = folder
    return written


@pytest.fixture(scope="module")
def watched(chromium):
    """One tab for all pages."""
    seen = Watched(chromium)
    yield seen
    seen.context.close()


@pytest.fixture
def opened(watched, folders, request):
    audience, name = request.param
    for heard in (watched.problems, watched.requests, watched.blocked):
        heard.clear()
    watched.page.set_viewport_size({"width": 1440, "height": 900})
    watched.page.emulate_media(media="null")
    watched.page.goto("about:blank")
    yield watched.open(folders[audience] / f"{name}.html")
    assert watched.problems == []
    assert watched.outside() == [] and watched.blocked == []


PAGES = [(audience, name) for audience in ("internal", "public") for name in ("index", "normanton")]
every_page = pytest.mark.parametrize("opened", PAGES, indirect=True, ids=["-".join(p) for p in PAGES])


@pytest.mark.browser
@every_page
def test_axe_finds_nothing_on_screen_phone_or_paper(opened):
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    assert violations(axe, opened) == []
    opened.set_viewport_size({"width": 320, "height": 640})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(axe, opened) == []
    opened.emulate_media(media="print")
    assert violations(axe, opened) == []


@pytest.mark.browser
@every_page
def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(opened):
    opened.set_viewport_size({"width": 320, "height": 640})
    for region in opened.locator(".scroll").all():
        assert region.get_attribute("tabindex") == "0"
        assert region.get_attribute("aria-labelledby") or region.get_attribute("aria-label")


@pytest.mark.browser
@every_page
def test_paper_has_the_marking_at_both_ends_and_no_menu(opened, tmp_path):
    opened.emulate_media(media="print")
    marks = opened.locator(".marking").all()
    assert [mark.inner_text() for mark in marks] == ["OFFICIAL", "OFFICIAL"]
    assert all(mark.is_visible() for mark in marks)
    assert opened.locator("nav").is_hidden()
    assert "top-center" in Path(opened.url.removeprefix("file://")).read_text(encoding="utf-8")
    content = opened.pdf(path=tmp_path / "ward.pdf", tagged=True, prefer_css_page_size=True)
    assert b"/StructTreeRoot" in content
    sheets = len(re.findall(rb"/Type\s*/Page\b", content))
    assert 1 <= sheets <= 5
