"""
Points that hold far more than all that lies around them.

A police station, a hospital or a prison draws the incidents of a whole
quarter to its point, and a system's default location those of no place at
all. A hot spot around such a point may tell where records are made, not where
things happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.clusters.graph import distinct_spots, within
from hotspots.places import check_weights, coordinates
from hotspots.policeuk import street_name
from hotspots.text import counted

#: Metres of the neighbourhood that a point is compared with.
AROUND: Final = 250.0
#: Times what all other places of the neighbourhood hold together.
TIMES: Final = 2.0
#: Fewest incidents, and least share of the theme, of which it is worth to speak.
FEWEST: Final = 10
LEAST_SHARE: Final = 0.005
#: Metres within which the nearest place is the one that a user names.
NEAREST: Final = 100.0


def find_heaps(
    places: gpd.GeoDataFrame,
    *,
    weights: np.ndarray | None = None,
    known: Mapping[str, tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """
    Find the points that hold at least twice as much as everything within 250 m of them.

    A rule that a reader can check on the map, not a test of chance: crime is
    so uneven over places that no distribution tells a busy shop from a
    default location. What a heap is, someone who knows the place must say.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700 with `n` and `street`.
    weights : ndarray of shape (len(places),), optional
        Incidents at each place instead of `n`.
    known : mapping of str to (easting, northing), optional
        Metres of points that the user names as heaps; the nearest place within 100 m is one.

    Returns
    -------
    DataFrame
        One row per heap, most incidents first: `place` (row of `places`), `street`, `n`, `share` of
        all incidents given, `around` (all others within 250 m), `reason` in words.
    """
    given = check_weights(places, weights)
    xy = coordinates(places)
    spots = distinct_spots(xy)
    total = spots.add_up(given)
    reach = within(spots.xy, AROUND)
    around = reach.totals(total[None])[0] - total
    share = total / max(total.sum(), 1)
    found = (total >= FEWEST) & (share >= LEAST_SHARE) & (total >= TIMES * around)
    named = _nearest(spots.xy, known or {})
    found[[spot for spot in named if total[spot] > 0]] = True
    heaps = np.flatnonzero(found)
    heaps = heaps[np.lexsort((heaps, -total[heaps]))].astype(np.intp)
    row = spots.pick(np.arange(len(places)))[heaps]
    return pd.DataFrame(
        {
            "place": row,
            "street": [street_name(text) for text in places["street"].to_numpy()[row]],
            "n": total[heaps].round().astype(int),
            "share": share[heaps],
            "around": around[heaps].round().astype(int),
            "reason": [_reason(total[k], around[k], named=named.get(int(k), "")) for k in heaps],
        }
    )


def _nearest(xy: np.ndarray, points: Mapping[str, tuple[float, float]]) -> dict[int, str]:
    """Give the spots nearest to the points named, without those that lie too far off."""
    if not points or not len(xy):
        return {}
    from scipy.spatial import cKDTree

    apart, spot = cKDTree(xy).query(np.asarray(list(points.values()), dtype=float))
    return {int(at): name for name, at, far in zip(points, spot, apart, strict=True) if far <= NEAREST}


def _reason(n: float, around: float, *, named: str) -> str:
    if named:
        return f"named in [heaps]: {named}"
    others = "nothing" if around == 0 else counted(int(around), "incident")
    return f"{counted(int(n), 'incident')} on one point, {others} within {AROUND:.0f} m of it"
