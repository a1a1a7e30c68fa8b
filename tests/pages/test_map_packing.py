"""Figures as signs: what is written is read back, by our reader and by one that shares no code with it."""

from __future__ import annotations

import json

import pages
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hotspots.auditing import _packed
from hotspots.pages import map_packing, map_payload

WHOLE = st.integers(min_value=0, max_value=10**9)
COUNT = st.none() | st.integers(0, 9) | st.integers(0, 5_000)


@pytest.mark.parametrize(("number", "signs"), [(0, 1), (43, 1), (44, 2), (1_935, 2), (1_936, 3)])
def test_small_numbers_take_one_sign(number, signs):
    text = map_packing.write([number])
    assert len(text) == signs
    assert map_packing.read(text) == [number]


@given(st.lists(WHOLE))
def test_numbers_come_back(numbers):
    text = map_packing.write(numbers)
    assert map_packing.read(text) == numbers
    # JSON inside HTML need not write a single sign in another way.
    assert not set(text) & set('"\\<>&') and text.isascii() and text.isprintable()


@example([[0]] * 5)  # 17 wards without months: what fills the last group up is no ward
@given(st.integers(1, 14).flatmap(lambda w: st.lists(st.lists(COUNT, min_size=w, max_size=w), min_size=1)))
def test_counts_come_back_to_another_reader(rows):
    head = {"signs": map_packing._SIGNS, "groups": {str(k): v for k, v in map_packing._GROUPS.items()}}
    written = map_packing._counts(rows)
    # The page's own reader takes as many rows as there are.
    assert _packed._rows(written, head, len(rows)) == rows
    assert len(_packed._rows(written, head, len(rows) + 1)[-1]) < len(rows[0])


def test_a_theme_without_incidents_takes_a_sign_for_six_figures():
    width, size, text = map_packing._counts([[0] * 61] * 100)
    assert (width, size, len(text)) == (61, 6, 1_017)


def test_another_reader_finds_the_figures_of_the_page():
    data = map_payload.build_payload(pages.release_with_beats())
    read = _packed.unpacked(json.loads(json.dumps(map_packing.packed(data))))
    for level in ("ward", "lsoa"):
        assert read["levels"][level]["counts"] == data["levels"][level]["counts"]
        for theme, results in data["levels"][level]["results"].items():
            assert read["levels"][level]["results"][theme]["change"] == pytest.approx(results["change"])
    for kind in ("clusters", "beats"):
        for theme, rows in data[kind].items():
            for row, found in zip(rows, read[kind][theme], strict=True):
                assert {**found, "shape": row["shape"]} == row


def test_figures_that_are_the_same_are_written_once():
    assert map_packing._once({"a": [1], "b": [2], "c": [1]}) == {"a": [1], "b": [2], "c": "a"}
