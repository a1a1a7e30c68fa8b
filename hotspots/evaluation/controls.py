"""Places to compare with: alike in level and trend before, and not next door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from hotspots.errors import ParameterError

if TYPE_CHECKING:
    import geopandas as gpd

#: With fewer months before, a trend is chance: places are chosen by level alone.
FEWEST_FOR_TREND: Final = 6
#: More control places than this make nothing surer, but everything slower.
MOST: Final = 20
#: Fewer than this, and one place's own story decides.
FEWEST: Final = 3


def apart(areas: gpd.GeoDataFrame, shape: shapely.Geometry, *, distance: float) -> pd.Index:
    """
    List the areas that lie farther than a distance from a place.

    Areas nearer may hold what was displaced, or share in the benefit, and are no control.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons in metres, indexed by code.
    shape : Geometry
        The treated place.
    distance : float
        Metres; the width of the ring. An area that touches the place is always near.
    """
    # Layers drawn by hand leave slivers of a metre between neighbours.
    near = shapely.dwithin(areas.geometry.to_numpy(), shape, max(distance, 1.0))
    return areas.index[~near]


def untouched(areas: gpd.GeoDataFrame, shapes: Iterable[shapely.Geometry]) -> pd.Index:
    """
    List the areas of which no part lies in any of the shapes: where nothing else was done.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons in metres, indexed by code.
    shapes : iterable of Geometry
        Every treated place.
    """
    treated = shapely.union_all(list(shapes))
    overlap = shapely.area(shapely.intersection(areas.geometry.to_numpy(), treated))
    # Slivers between layers drawn by hand are no overlap.
    return areas.index[overlap <= 0.01 * shapely.area(areas.geometry.to_numpy())]


def similar_places(
    monthly: pd.DataFrame, treated: pd.Series, *, learning: Iterable[str], most: int = MOST
) -> pd.Index:
    """
    Choose the half of the places most like the treated one before the switch.

    Likeness is the distance in two figures, each over its spread among all
    places: the logarithm of incidents a month, and the logarithm of the ratio of
    the later to the earlier half of the months. Half of the places are kept, not the
    nearest few: the closer the match on few incidents, the more it is one on
    chance.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by code (rows) and month (columns) of the places to choose among.
    treated : Series
        Incidents of one treated place (or the mean of several) by month.
    learning : iterable of str
        The months before the switch.
    most : int, default 20
        At most so many places.

    Returns
    -------
    Index
        Codes, most alike first; empty if fewer than 3 places have any incident in these months.

    Raises
    ------
    ParameterError
        If there are no months to learn from.
    """
    months = sorted(learning)
    if not months:
        raise ParameterError("No month before the switch was read: nothing says which places are alike.")
    counts = monthly[months].sort_index()
    counts = counts[counts.sum(axis=1) > 0]
    if len(counts) < FEWEST:
        return counts.index[:0]
    figures = _figures(counts.to_numpy(float))
    wanted = _figures(treated[months].to_numpy(float)[None, :])
    spread = figures.std(axis=0)
    distance = (((figures - wanted) / np.where(spread > 0, spread, 1.0)) ** 2).sum(axis=1)
    number = min(max(FEWEST, (len(counts) + 1) // 2), most)
    return counts.index[np.argsort(distance, kind="stable")[:number]]


def _figures(counts: np.ndarray) -> np.ndarray:
    months = counts.shape[1]
    # Half an incident keeps the logarithm finite, and hardly moves a common one.
    level = np.log((counts.sum(axis=1) + 0.5) / months)
    if months < FEWEST_FOR_TREND:
        return level[:, None]
    half = months // 2
    early, late = counts[:, :half].sum(axis=1), counts[:, -half:].sum(axis=1)
    return np.column_stack([level, np.log((late + 0.5) / (early + 0.5))])
