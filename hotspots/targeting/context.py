"""What lies around a beat: schools, licensed premises, stops, whatever points are given."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.errors import ParameterError

#: Metres around a beat within which people speak of it as near.
WITHIN: Final = 250.0

NEARBY_COLUMNS: Final = ("beat", "kind", "name", "metres")


def nearby(beats: gpd.GeoDataFrame, points: gpd.GeoDataFrame, *, within: float = WITHIN) -> pd.DataFrame:
    """
    List what lies near each beat, by kind and name.

    Parameters
    ----------
    beats : GeoDataFrame
        With `beat`, EPSG:27700; hot spots do too, if they carry that column.
    points : GeoDataFrame
        With `kind` and `name`, EPSG:27700; lines and polygons are measured to their nearest part.
    within : float, default 250
        Metres from the beat's edge.

    Returns
    -------
    DataFrame
        `beat`, `kind`, `name`, `metres` (whole, 0 inside the beat), in the
        order of the beats, then by kind, distance and name. Being near is
        not a cause.

    Raises
    ------
    ParameterError
        If a column is missing or `within` is negative.
    """
    _check(beats, points, within)
    shapes, other = beats.geometry.to_numpy(), points.geometry.to_numpy()
    known = np.flatnonzero(~(shapely.is_missing(other) | shapely.is_empty(other)))
    beat, point = shapely.STRtree(other[known]).query(shapes, predicate="dwithin", distance=within)
    point = known[point]
    found = pd.DataFrame(
        {
            "row": beat,
            "beat": beats["beat"].to_numpy()[beat],
            "kind": points["kind"].astype(object).fillna("").to_numpy()[point],
            "name": points["name"].astype(object).fillna("").to_numpy()[point],
            "metres": np.rint(shapely.distance(shapes[beat], other[point])).astype(int),
        }
    )
    found = found.sort_values(["row", "kind", "metres", "name"], kind="stable")
    return found[list(NEARBY_COLUMNS)].reset_index(drop=True)


def _check(beats: gpd.GeoDataFrame, points: gpd.GeoDataFrame, within: float) -> None:
    for frame, what, columns in ((beats, "beats", ["beat"]), (points, "points", ["kind", "name"])):
        absent = [column for column in columns if column not in frame.columns]
        if absent:
            raise ParameterError(f"The {what} have no column {absent[0]!r}: name it so and try again.")
    if not within >= 0:
        raise ParameterError(f"within is {within:g}: give metres from 0.")
