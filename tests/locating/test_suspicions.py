"""Whether the map points were replaced within the data."""

from __future__ import annotations

import numpy as np
import pytest

from hotspots.locating._suspicions import find_point_changes


def snapped(first: int, *, points: int = 150, each: int = 3) -> np.ndarray:
    """Return incidents stacked on points numbered from `first`."""
    return np.repeat(np.arange(first, first + points), each)


def years(*spans: tuple[int, np.ndarray]) -> np.ndarray:
    """Return the year of each incident."""
    return np.concatenate([np.full(len(points), year) for year, points in spans])


@pytest.mark.parametrize(
    ("before", "after", "shift", "found"),
    [
        (2018, 2025, 150, True),  # no point in common
        (2018, 2025, 135, True),  # 10 % in common
        (2018, 2025, 75, False),  # half in common
        (2021, 2022, 150, True),  # replaced at some time between 2019 and 2024
        (2017, 2018, 150, False),  # both before
        (2025, 2026, 150, False),  # both after
    ],
)
def test_years_on_two_sides(before: int, after: int, shift: int, found: bool) -> None:
    """Only a change that can be the replacement is one."""
    old, new = snapped(0), snapped(shift)
    changes = find_point_changes(np.concatenate([old, new]), years((before, old), (after, new)))
    assert [(change.before, change.after) for change in changes] == (
        [(str(before), str(after))] if found else []
    )
    if found:
        assert changes[0].share == pytest.approx(1 - shift / 150)
        assert "replaced its map points between 2019 and 2024" in changes[0].words


def test_exact_coordinates_mean_nothing() -> None:
    """Data that were never snapped repeat no point in any year."""
    old, new = snapped(0, points=500, each=1), snapped(500, points=500, each=1)
    assert find_point_changes(np.concatenate([old, new]), years((2018, old), (2025, new))) == ()


def test_few_points_mean_nothing() -> None:
    """A handful of places does not show a set."""
    old, new = snapped(0, points=20), snapped(20, points=20)
    assert find_point_changes(np.concatenate([old, new]), years((2018, old), (2025, new))) == ()
    assert find_point_changes(np.empty(0, dtype=int), np.empty(0, dtype=int)) == ()
