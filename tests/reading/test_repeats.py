"""Repeated rows: what is dropped, what is only reported."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.reading.repeats import MIN_DOUBLED, RowContent, find_repeats, is_placeholder


def content(rows: list[tuple[str, int, int]], outcome: list[int] | None = None) -> RowContent:
    """Make content from (Crime ID, source, place); one month, one type."""
    ids, source, place = zip(*rows, strict=True) if rows else ((), (), ())
    zeros = np.zeros(len(rows), np.int32)
    return RowContent(
        ids=np.array(ids, dtype=object),
        source=np.array(source, np.int32),
        month=zeros,
        crime_type=zeros,
        outcome=zeros if outcome is None else np.array(outcome, np.int32),
        fields=[np.array(place, dtype=float)],
    )


def test_equal_id_and_content_is_a_duplicate_and_equal_id_alone_is_not() -> None:
    found = find_repeats(content([("a", 0, 1), ("a", 0, 1), ("b", 0, 1), ("b", 0, 2), ("c", 0, 9)]))
    assert found.duplicate.tolist() == [False, True, False, False, False]
    assert found.shared_id.tolist() == [False, False, True, True, False]


def test_rows_without_an_id_are_never_duplicates() -> None:
    found = find_repeats(content([("", 0, 1)] * 7))
    assert not found.duplicate.any()
    assert not len(found.doubled)


def test_a_month_in_which_every_row_is_there_twice() -> None:
    rows = [("", 0, place) for place in range(MIN_DOUBLED)] * 2
    found = find_repeats(content(rows))
    assert found.doubled["rows"].tolist() == [2 * MIN_DOUBLED]
    assert found.doubled_copy.tolist() == [False] * MIN_DOUBLED + [True] * MIN_DOUBLED
    assert not len(find_repeats(content(rows[:-1])).doubled), "one row alone shows that it was not doubled"
    assert not len(find_repeats(content(rows[:6] * 2)).doubled), "few rows can be there twice by chance"


def test_doubling_keeps_the_rows_that_were_equal_before() -> None:
    rows = [("", 0, place) for place in [*range(MIN_DOUBLED), 3, 3]] * 2
    found = find_repeats(content(rows))
    assert int(found.doubled_copy.sum()) == MIN_DOUBLED + 2


def test_overlapping_sources_show_by_their_ids() -> None:
    first = [("a", 0, 1), ("b", 0, 2), ("", 0, 5), ("", 0, 5), ("", 0, 6)]
    second = [("b", 1, 2), ("c", 1, 3), ("", 1, 5), ("", 1, 7)]
    found = find_repeats(content(first + second))
    assert found.duplicate.tolist() == [False] * 5 + [True, False, False, False]
    assert found.overlap.to_dict("records") == [{"source": 1, "other": 0, "rows": 1}]
    assert np.flatnonzero(found.overlap_copy).tolist() == [7]
    alone = find_repeats(content([row for row in first + second if row[0] != "b"]))
    assert not len(alone.overlap), "equal rows of sources that share nothing else are no overlap"


def test_of_versions_with_another_outcome_the_last_source_s_stays() -> None:
    rows = [("a", 0, 1), ("b", 0, 2), ("a", 1, 1), ("b", 1, 2), ("a", 2, 1), ("", 0, 5), ("", 2, 5)]
    found = find_repeats(content(rows, [0, 0, 1, 0, 2, 0, 0]))
    assert found.duplicate.tolist() == [True, False, True, True, False, False, False]
    assert found.version.tolist() == [True, False, True, False, False, False, False]
    assert found.versions.to_dict("records") == [
        {"source": 0, "other": 2, "rows": 1},
        {"source": 1, "other": 2, "rows": 1},
    ]
    assert not found.shared_id.any()
    assert found.overlap.to_dict("records") == [{"source": 2, "other": 0, "rows": 1}]
    assert np.flatnonzero(found.overlap_copy).tolist() == [6]


def test_two_outcomes_within_a_source_are_two_rows_as_published() -> None:
    found = find_repeats(content([("a", 0, 1), ("a", 0, 1)], [0, 1]))
    assert not found.duplicate.any()
    assert found.shared_id.all()
    # The next release holds both, one of them changed: its two stay, and no more.
    found = find_repeats(content([("a", 0, 1), ("a", 0, 1), ("a", 1, 1), ("a", 1, 1)], [0, 1, 1, 2]))
    assert found.duplicate.tolist() == [True, True, False, False]
    assert found.version.tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    "ident",
    ["N/A", "n/a", "NA", "#N/A", "Unknown", "-", "--", "none", "TBC", "tbd", "0", "000",
     "1.23E+15", "2E+10", "null", "Not known", "?", " "],
)  # fmt: skip
def test_placeholders_are_no_ids(ident: str) -> None:
    assert is_placeholder(ident)


@pytest.mark.parametrize(
    "ident",
    ["", "1", "00123", "1234e5678", "1e5", "7e15", "TRUE", "NA1", "2024-01", "a" * 64, "0" * 64],
)
def test_short_and_odd_ids_are_ids(ident: str) -> None:
    assert not is_placeholder(ident)


@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 2), st.integers(0, 2)), max_size=25)
)
def test_against_counting_by_hand(rows: list[tuple[str, int, int]]) -> None:
    found = find_repeats(content(rows))
    distinct = Counter((ident, place) for ident, _, place in rows if ident)
    assert int(found.duplicate.sum()) == sum(n - 1 for n in distinct.values())
    kept = [row for row, copy in zip(rows, found.duplicate, strict=True) if row[0] and not copy]
    assert len({(ident, place) for ident, _, place in kept}) == len(kept)
    assert not (found.duplicate & (np.array([row[0] for row in rows], dtype=object) == "")).any()
