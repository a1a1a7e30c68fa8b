"""Places with weights: their coordinates and the incidents at each, checked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from hotspots.errors import ParameterError


def coordinates(places: gpd.GeoDataFrame) -> np.ndarray:
    """
    Return easting and northing of the places, shape (len(places), 2).

    Raises
    ------
    ParameterError
        If a place is not a point.
    """
    points = places.geometry.to_numpy()
    if (
        not (shapely.get_type_id(points) == shapely.GeometryType.POINT).all()
        or shapely.is_empty(points).any()
    ):
        raise ParameterError("A place is not a point: give distinct locations as points in EPSG:27700.")
    return shapely.get_coordinates(points)


def check_weights(places: gpd.GeoDataFrame, weights: np.ndarray | None) -> np.ndarray:
    """
    Return the incidents at each place as floats, `n` where no weights are given.

    Raises
    ------
    ParameterError
        If there is not one for each place, or one is negative or not a number.
    """
    values = np.asarray(places["n"] if weights is None else weights, dtype=float)
    if values.shape != (len(places),):
        raise ParameterError(f"{values.size} weights for {len(places)} places: give one for each.")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ParameterError("A weight is negative or not a number: give the incidents at each place.")
    return values
