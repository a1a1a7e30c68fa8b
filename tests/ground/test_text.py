"""Words for people: numbers with what is counted, names without control characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.text import clean_label, counted, is_tidy, nearest, safe_text


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234, "1,234 rows"), (1.0, "1 row")]
)
def test_one_is_not_many(number, words):
    assert counted(number, "row") == words


def test_a_name_in_a_message_moves_no_cursor_and_keeps_both_ends():
    assert safe_text("a\x1b[31m\u202eb.csv") == "a?[31m?b.csv"
    assert safe_text("\udcff.csv") == "?.csv"
    long = safe_text("first" + "x" * 500 + "last.csv", limit=40)
    assert len(long) <= 40 and long.startswith("first") and long.endswith("last.csv")


@given(st.text(max_size=30))
def test_a_cleaned_label_stays_as_it_is(text):
    label = clean_label(text)
    assert clean_label(label) == label
    assert label == label.strip() and "\n" not in label
    assert not is_tidy([text]) or label == text


def test_the_nearest_word_is_offered_and_a_far_one_is_not():
    known = ("run", "check", "themes")
    assert nearest("chek", known) == " Did you mean 'check'?"
    assert nearest("THEME", known, form="--{}") == " Did you mean --themes?"
    assert nearest("zzz", known) == "" and nearest("", known) == ""
