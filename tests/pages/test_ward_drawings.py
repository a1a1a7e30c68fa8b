"""The drawings of a profile: bars of months, and the ward among the others."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pages

from hotspots.pages.ward_drawings import Locator, month_bars


def rows(*values):
    return [
        {"month": f"2025-{i:02d}", "count": count, "signal": signal}
        for i, (count, signal) in enumerate(values, start=1)
    ]


def test_bars_are_as_tall_as_their_counts_and_told_in_words():
    drawn = ElementTree.fromstring(month_bars(rows((10, ""), (20, "above"), (None, ""), (0, "below"))))
    heights = [float(rect.get("height")) for rect in drawn.iter("rect")]
    assert heights == [13, 26, 0]
    assert drawn.get("aria-label") == (
        "Incidents by month: 2025-01: 10, 2025-02: 20 (above the usual), 2025-03: withheld, "
        "2025-04: 0 (below the usual)"
    )
    kinds = [path.get("class") for path in drawn.iter("path")]
    assert kinds == ["mark", "gap", "mark"]


def test_a_mark_stays_inside_the_drawing():
    drawn = month_bars(rows((20, "above"), (0, "below")))
    tops = [float(y) for y in re.findall(r'class="mark" d="M\S+ (\S+?)h', drawn)]
    assert min(tops) - 6 >= 0 and max(tops) <= 37


def test_no_incident_at_all_draws_a_line_and_divides_by_nothing():
    drawn = ElementTree.fromstring(month_bars(rows((0, ""), (0, ""))))
    assert [rect.get("height") for rect in drawn.iter("rect")] == ["0.0", "0.0"]


def test_the_locator_marks_one_ward_and_draws_it_last():
    release = pages.small_release()
    locator = Locator(release.wards, release.area_name)
    drawn = ElementTree.fromstring(locator.draw("E05000000"))
    classes = [path.get("class") for path in drawn.iter("path")]
    assert classes == [None] * 5 + ["chosen"]
    assert drawn.get("aria-label") == "Ash among the wards of Derby"
    # Ash is the square in the south-west of three by two: below and to the left of the middle.
    corners = [
        tuple(map(float, pair.split()))
        for pair in re.findall(r"[\d.]+ [\d.]+", [*drawn.iter("path")][-1].get("d"))
    ]
    width, height = float(drawn.get("width")), float(drawn.get("height"))
    assert max(x for x, _ in corners) <= width / 3 + 1 and min(y for _, y in corners) >= height / 2 - 1
