"""CSV by what differs in each column: the same file as pandas writes row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.outputs.csv import csv_bytes

ROWS = st.lists(
    st.tuples(
        # pandas and the standard library quote a carriage return alike only where they are of one version
        st.none() | st.text(st.sampled_from('ab",\n; é'), max_size=4),
        st.none() | st.integers(-(10**15), 10**15),
        st.none() | st.sampled_from([0.0, -0.0]) | st.floats(allow_nan=False),
        st.none() | st.booleans(),
        st.none() | st.sampled_from(["ward", "lsoa"]),
    ),
    max_size=8,
)
KINDS = ["str", "Int64", "float64", "boolean", "category"]


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, one=st.sampled_from([None, *range(len(KINDS))]))
def test_the_file_is_the_same_as_row_by_row(rows, one):
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(KINDS)
    frame = pd.DataFrame(
        {f"col, {n}": pd.Series(list(columns[n]), dtype=kind) for n, kind in enumerate(KINDS)}
    ).iloc[:, slice(None) if one is None else [one]]
    assert csv_bytes(frame) == frame.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@x", "\t=1", '="a", b'])
def test_a_text_like_a_formula_is_disarmed_before_it_is_quoted(text):
    frame = pd.DataFrame({"text": [text, "plain", None], "number": [-1.5, np.nan, 2.0]})
    disarmed = frame.assign(text=["'" + text, "plain", None])
    assert csv_bytes(frame) == disarmed.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
