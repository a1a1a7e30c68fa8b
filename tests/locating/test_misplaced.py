"""What went wrong with a file that lies elsewhere as a whole."""

from __future__ import annotations

import numpy as np
import pytest
from geocoding_cases import X, Y, incidents, town

from hotspots.locating._suspicions import guess_mistake, how_far

AT = (434_570.0, 335_700.0)


@pytest.mark.parametrize(
    ("columns", "clause"),
    [
        ({"longitude": [52.917], "latitude": [-1.4874]}, "longitude and latitude look swapped"),
        ({"longitude": [1.4874], "latitude": [52.917]}, "longitude seems to lack its minus sign"),
        ({"longitude": [52.917], "latitude": [1.4874]}, "look swapped and the minus sign lost"),
        ({"easting": [AT[1] - X], "northing": [AT[0] - Y]}, "easting and northing look swapped"),
        (
            {"easting": [-1.4874 - X], "northing": [52.917 - Y]},
            "stand in the columns of easting and northing",
        ),
        ({"longitude": [AT[0]], "latitude": [AT[1]]}, "stand in the columns of longitude and latitude"),
        ({"easting": [434.57 - X], "northing": [335.7 - Y]}, "look like kilometres"),
        ({"easting": [90_000], "northing": [0]}, ""),
        ({"postcode": ["DE1 2AA"]}, ""),
    ],
)
def test_the_mistake_that_explains_most_points_is_named(
    columns: dict[str, list[object]], clause: str
) -> None:
    """Each is undone on trial; what nothing explains stays unexplained."""
    guess = guess_mistake(incidents(**columns), town())
    assert guess.endswith(clause)
    assert bool(guess) == bool(clause)


def test_most_points_must_be_explained() -> None:
    """One stray point that fits by chance explains nothing."""
    rows = incidents(longitude=[52.917, -3.0, -3.1], latitude=[-1.4874, 51.5, 51.6])
    assert guess_mistake(rows, town()) == ""


@pytest.mark.parametrize(
    ("east", "north", "words"),
    [
        (0, 50_000, "50 km to the north"),
        (-30_000, -30_000, "42 km to the south-west"),
        (9_000, 0, "9 km to the east"),
    ],
)
def test_distance_and_direction(east: float, north: float, words: str) -> None:
    """From the middle of the area to the middle of the points."""
    assert how_far(np.array([X + 2000 + east]), np.array([Y + 1000 + north]), town()) == words


def test_points_at_infinity_are_nowhere() -> None:
    """Degrees that no projection takes."""
    assert how_far(np.array([np.inf]), np.array([np.inf]), town()) == "nowhere on the National Grid"
