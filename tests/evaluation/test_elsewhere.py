"""Other authorities counted by theme and month."""

from __future__ import annotations

import pandas as pd
import pytest

from hotspots.errors import ParameterError
from hotspots.evaluation.elsewhere import monthly_elsewhere

MONTHS = ("2025-01", "2025-02")


def authority(*months: str, noisy: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give one incident for each month named, the first few of them noise."""
    frame = pd.DataFrame({"month": months})
    return frame, pd.DataFrame({"noise": [number < noisy for number in range(len(months))], "all": True})


def test_counts_by_hand():
    found = monthly_elsewhere(
        {
            "Leicester": authority("2025-01", "2025-01", "2025-02", "2025-03", noisy=1),
            "Burton": authority("2025-02", "2025-01", noisy=2),
        },
        months=MONTHS,
    )
    assert found["all"].to_dict("index") == {
        "Burton": {"2025-01": 1, "2025-02": 1},
        "Leicester": {"2025-01": 2, "2025-02": 1},
    }
    assert found["noise"].loc["Leicester"].tolist() == [1, 0]


def test_an_authority_that_misses_a_month_is_left_out():
    short = authority("2025-01", noisy=1)
    assert monthly_elsewhere({"Burton": short}, months=MONTHS) == {}


def test_refuses_frames_that_do_not_match():
    frame, membership = authority("2025-01", "2025-02", noisy=1)
    with pytest.raises(ParameterError, match="Burton: 2 incidents and 1 rows"):
        monthly_elsewhere({"Burton": (frame, membership.iloc[1:])}, months=MONTHS)
