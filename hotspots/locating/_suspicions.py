"""
Whether the points that incidents were moved to were replaced within the data.

police.uk moves every incident to the nearest of its map points, and replaced
these between 2019 and 2024. Point patterns on both sides are of two different
sets of points: a new cluster may be only a new map point.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.geography.containment import inside
from hotspots.geography.projection import to_national_grid
from hotspots.locating._far import degree_box, in_box
from hotspots.text import counted

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.geography.load import Areas
    from hotspots.geography.projection import Metres

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The years within which police.uk replaced its map points.
REPLACED = (2019, 2024)
#: Two periods that share less than this of their points stand on different sets of them.
SHARED_POINTS = 0.2
#: Fewer distinct points than this say nothing about a set.
_FEWEST = 100
#: Data whose distinct points exceed this share of the rows were not snapped.
_SNAPPED = 0.7
_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True)
class PointChange:
    """
    Two neighbouring years of data whose distinct points differ.

    `share` is the part of the smaller year's points that the other year has too.
    """

    before: str
    after: str
    share: float

    @property
    def words(self) -> str:
        """The finding in a sentence."""
        return (
            f"The map points of {self.before} and {self.after} differ: {self.share:.0%} are in common."
            f" police.uk replaced its map points between {REPLACED[0]} and {REPLACED[1]}: compare areas"
            " across that gap, never points, density or clusters."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"before": self.before, "after": self.after, "share": self.share}


def find_point_changes(point: NDArray[np.integer], year: NDArray[np.integer]) -> tuple[PointChange, ...]:
    """
    Compare the distinct points of each year of data with those of the next.

    Only pairs of years that may lie on two sides of the replacement are
    compared, and only if both are snapped: exact coordinates never repeat,
    and that means nothing.

    Parameters
    ----------
    point : ndarray of int, shape (n,)
        The number of each incident's point.
    year : ndarray of int, shape (n,)
        The year of each incident.
    """
    years = np.unique(year)
    rows = {y: year == y for y in years}
    points = {y: np.unique(point[rows[y]]) for y in years}
    snapped = {y: _FEWEST <= len(points[y]) <= _SNAPPED * rows[y].sum() for y in years}
    changes = []
    for before, after in pairwise(years):
        if before > REPLACED[1] or after < REPLACED[0] or not (snapped[before] and snapped[after]):
            continue
        common = len(np.intersect1d(points[before], points[after], assume_unique=True))
        share = common / min(len(points[before]), len(points[after]))
        if share < SHARED_POINTS:
            changes.append(PointChange(str(before), str(after), share))
    return tuple(changes)


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


def hidden_mistakes(incidents: pd.DataFrame, outside: np.ndarray, areas: Areas) -> tuple[str, ...]:
    """
    Count rows outside the area that a usual slip would bring in: two numbers exchanged, a sign lost.

    Nothing is corrected: a row may well lie outside.

    Parameters
    ----------
    incidents : DataFrame
        From `read_incidents`.
    outside : ndarray of bool
        Rows with a place outside the area.
    areas : Areas
        The study area.
    """
    # A file without any row inside is named as a whole, with the slip that would explain it.
    mixed = incidents["source"].isin(incidents["source"][~outside].unique()).to_numpy()
    rows = np.flatnonzero(outside & mixed)
    if not len(rows):
        return ()
    x, y = (incidents[name].to_numpy(dtype=float)[rows] for name in ("easting", "northing"))
    longitude, latitude = (incidents[name].to_numpy(dtype=float)[rows] for name in ("longitude", "latitude"))
    box = degree_box(areas)
    trials = (
        ("exchanging longitude and latitude", _near(latitude, longitude, box)),
        ("a minus before the longitude", _near(-longitude, latitude, box)),
        ("exchanging easting and northing", (y, x)),
    )
    said = []
    for clause, (trial_x, trial_y) in trials:
        known = np.flatnonzero(np.isfinite(trial_x) & np.isfinite(trial_y))
        n = int(inside(trial_x[known], trial_y[known], areas.outline).sum()) if len(known) else 0
        if n:
            said.append(
                f"{counted(n, 'row')} outside {areas.area_name} would lie inside after {clause}: "
                "check these rows; "
                "nothing was changed."
            )
    return tuple(said)


def _near(longitude: np.ndarray, latitude: np.ndarray, box: tuple[float, float, float, float]) -> Metres:
    """Convert those points to metres that lie in a box of degrees."""
    near = in_box(longitude, latitude, box)
    return to_national_grid(longitude[near], latitude[near])


def how_far(x: np.ndarray, y: np.ndarray, areas: Areas) -> str:
    """Say where the middle of some points lies from the study area, as in "71 km to the north-west"."""
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return "nowhere on the National Grid"
    centre = areas.outline.centroid
    east, north = np.median(x[known]) - centre.x, np.median(y[known]) - centre.y
    eighth = round(np.degrees(np.arctan2(east, north)) / 45) % 8
    return f"{np.hypot(east, north) / 1000:,.0f} km to the {_COMPASS[eighth]}"
