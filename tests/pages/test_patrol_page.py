"""Cards and order sheets: what they say, that they ask for nothing, and that two cards fill a sheet of A4."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pages
import pytest
import shapely
from chromium import browser

from hotspots.pages import words
from hotspots.pages.beat_drawings import HALF_HEIGHT, HALF_WIDTH, Sketches
from hotspots.pages.patrol_page import _clock, render_beats


@pytest.fixture(scope="module")
def release():
    return pages.release_with_beats()


@pytest.fixture(scope="module")
def page(release):
    return render_beats(release)


def test_every_beat_has_a_card_and_a_line_of_the_order_sheet(page, release):
    assert page.count('<article class="card">') == len(release.beats) == 4
    for name in release.beats["name"]:
        assert f"<h3>{name}</h3>" in page
    assert "In the last four months such beats held 25% of all incidents." in page
    assert "Patrol changes what is recorded" in page
    assert "OFFICIAL" in page and "<script>" not in page
    assert not re.findall(r"https?://", page)


def test_a_card_says_what_to_expect_and_what_to_mind(page):
    for said in (
        "12",
        "0 to 25",
        f"among the top 3 with {words.percent(0.9)}",
        "Robbery 12, Drugs 9",
        "18:00 to 22:00",
        "21 incidents in 6 months",
    ):
        assert said in page, said
    assert page.count("<strong>OFFICIAL.</strong>") == 4
    assert "hospital: incidents pile up there in the records" in page


def test_numbers_that_an_audience_may_not_see_leave_no_gap_in_the_words(release):
    blank = dict.fromkeys(("expected", "low", "high", "p_top", "score"), np.nan)
    nothing = {"share": np.nan, "recorded": np.nan, "recorded_by_month": "", "types": "", "hours": ""}
    text = render_beats(
        replace(
            release,
            beats=release.beats.assign(**blank, flags=""),
            beat_details=release.beat_details.assign(**nothing),
        )
    )
    assert "nan" not in text.lower().replace("tenan", "")
    for said in ("<dt>Expected</dt>", "<dt>Recorded</dt>", "<dt>Mostly</dt>", "<dt>Mind</dt>"):
        assert said not in text


def test_hostile_text_stays_text(release):
    bad = release.beats.assign(name=pages.HOSTILE[0], streets=pages.HOSTILE[2])
    text = render_beats(replace(release, beats=bad))
    assert pages.HOSTILE[0] not in text and pages.HOSTILE[2] not in text
    assert "&lt;/script&gt;" in text


def test_equal_input_gives_equal_text(page):
    assert render_beats(pages.release_with_beats()) == page


def test_no_two_names_of_a_sketch_overlap_and_none_leaves_it():
    rng = np.random.default_rng(3)
    plain = pages.release_with_beats()
    beat = plain.beats.iloc[0].to_dict()
    xy = np.add(rng.uniform(-500, 500, (60, 2)), [beat["easting"], beat["northing"]])
    crowd = plain.streets.iloc[[0] * 60].assign(
        street=[f"On or near {'Long ' * (k % 4)}Street {k}" for k in range(60)], n=range(60)
    )
    crowd = crowd.set_geometry(shapely.points(xy), crs=plain.streets.crs)
    sketches = Sketches(replace(plain, streets=crowd))
    named = sketches._streets(float(beat["easting"]), float(beat["northing"]), [])
    assert 5 < len(named) < 60
    boxes = []
    for one in named:
        width = 10.5 * len(one["name"])
        left = {"start": one["text_x"], "end": one["text_x"] - width, "middle": one["text_x"] - width / 2}
        boxes.append(
            shapely.box(
                left[one["anchor"]], one["text_y"] - 18, left[one["anchor"]] + width, one["text_y"] + 6
            )
        )
    frame = shapely.box(-HALF_WIDTH, -HALF_HEIGHT, HALF_WIDTH, HALF_HEIGHT).buffer(2)
    assert all(frame.covers(box) for box in boxes)
    for k, box in enumerate(boxes):
        assert not any(box.buffer(-2).intersects(other) for other in boxes[:k])


@pytest.mark.parametrize(
    ("minutes", "begins", "said"),
    [(0, "18:00", "18:00"), (375, "18:00", "00:15"), (75.4, "", "1:15"), (20, "23:50", "00:10")],
)
def test_times_are_those_of_the_clock_where_the_beginning_is_known(minutes, begins, said):
    assert _clock(minutes, begins) == said


@pytest.mark.browser
def test_two_cards_fill_a_sheet_and_what_is_folded_up_is_not_printed(page, tmp_path):
    path = tmp_path / "patrol.html"
    path.write_text(page, encoding="utf-8")
    with browser() as chromium:
        tab = chromium.new_page()
        tab.goto(path.as_uri())
        tab.emulate_media(media="print")
        heights = {round(card.bounding_box()["height"]) for card in tab.locator("details[open] .card").all()}
        # 176 mm at 96 pixels an inch
        assert heights == {665}
        assert not tab.locator("details:not([open]) .card").first.is_visible()
        content = tab.pdf(prefer_css_page_size=True)
        tab.close()
    # notes, order sheet, and two sheets of cards: three beats
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 4
