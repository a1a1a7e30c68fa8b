"""Values of workbooks, layers and databases, written as a file of text would hold them."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta

import pytest

from hotspots.reading.cell import attribute_text, cell_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "TRUE"),
        (datetime(2025, 1, 5), "2025-01-05"),  # noqa: DTZ001 - workbooks know no zone
        (datetime(2025, 1, 5, 23, 30, 0, 9), "2025-01-05 23:30:00"),  # noqa: DTZ001
        (date(2025, 1, 5), "2025-01-05"),
        (time(23, 30), "23:30:00"),
        # Excel keeps a length of time in days.
        (timedelta(hours=36), "1.5"),
        (123.0, "123"),
        (1e-7, "0.0000001"),
        (math.inf, ""),
        (math.nan, ""),
        (None, ""),
    ],
)
def test_a_value_as_text(value, text):
    assert cell_text(value) == attribute_text(value) == text


def test_attributes_that_are_no_single_value():
    assert attribute_text({"a": [1]}) == '{"a": [1]}'
    assert attribute_text(b"\x89PNG") == ""
