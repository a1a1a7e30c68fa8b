"""Files that lie elsewhere as a whole: what went wrong, as far as the numbers tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotspots.geography.containment import inside
from hotspots.geography.projection import to_national_grid

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.geography.load import Areas

_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def guess_mistake(incidents: pd.DataFrame, areas: Areas) -> str:
    """
    Guess why no incident of a file lies in the study area.

    Each usual mistake is undone on trial; the first that brings most of the
    points into the area is named. Nothing is corrected.

    Returns
    -------
    str
        A clause such as "longitude and latitude look swapped", "" if nothing
        that was tried helps.
    """
    x, y = (incidents[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    longitude, latitude = (incidents[name].to_numpy(dtype=float) for name in ("longitude", "latitude"))
    trials = (
        ("longitude and latitude look swapped", to_national_grid(latitude, longitude)),
        ("longitude seems to lack its minus sign", to_national_grid(-longitude, latitude)),
        (
            "longitude and latitude look swapped and the minus sign lost",
            to_national_grid(-latitude, longitude),
        ),
        ("easting and northing look swapped", (y, x)),
        ("longitude and latitude stand in the columns of easting and northing", to_national_grid(x, y)),
        ("easting and northing stand in the columns of longitude and latitude", (longitude, latitude)),
        ("easting and northing look like kilometres", (1000 * x, 1000 * y)),
    )
    for clause, (trial_x, trial_y) in trials:
        known = np.isfinite(trial_x) & np.isfinite(trial_y)
        if known.any() and inside(trial_x[known], trial_y[known], areas.outline).mean() > 0.5:
            return clause
    return ""


def how_far(x: np.ndarray, y: np.ndarray, areas: Areas) -> str:
    """Say where the middle of some points lies from the study area, as in "71 km to the north-west"."""
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return "nowhere on the National Grid"
    centre = areas.outline.centroid
    east, north = np.median(x[known]) - centre.x, np.median(y[known]) - centre.y
    eighth = round(np.degrees(np.arctan2(east, north)) / 45) % 8
    return f"{np.hypot(east, north) / 1000:,.0f} km to the {_COMPASS[eighth]}"
