"""Read the street lines of a user's context file: what a beat can be cut from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from hotspots.errors import InputError
from hotspots.geography.shape_faults import shape_faults
from hotspots.schema import NATIONAL_GRID
from hotspots.text import safe_text

if TYPE_CHECKING:
    import geopandas as gpd

#: Words of a layer or of a column `kind` that say that its lines are no streets.
NO_STREETS: Final = ("rail", "tram", "water", "river", "lake", "canal")


def read_roads(path: Path) -> np.ndarray | None:
    """
    Read every line that is a street.

    Parameters
    ----------
    path : Path
        GeoPackage (every layer) or GeoJSON, as `--context` takes it. A column `kind`, else the
        layer's name, tells rail and water apart; lines of any other kind are streets.

    Returns
    -------
    ndarray of LineString, shape (lines,), or None
        EPSG:27700, in an order that does not hang on the file's; None without any.

    Raises
    ------
    InputError
        If the file cannot be read as a layer, or does not say its coordinate system.
    """
    import geopandas as gpd
    import pyogrio

    name = safe_text(path.name)
    try:
        with shape_faults(path):
            layers = {str(row[0]): gpd.read_file(path, layer=row[0]) for row in pyogrio.list_layers(path)}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(f"{name} cannot be read as a layer: use a GeoPackage or GeoJSON.") from error
    found = [_lines(layer, frame, name) for layer, frame in layers.items()]
    lines = np.concatenate([np.empty(0, dtype=object), *found])
    if not len(lines):
        return None
    return lines[np.argsort(shapely.to_wkb(lines), kind="stable")]


def _lines(layer: str, frame: gpd.GeoDataFrame, name: str) -> np.ndarray:
    if "geometry" not in frame or frame.geometry.isna().all():
        return np.empty(0, dtype=object)
    if frame.crs is None:
        raise InputError(f"{name} does not say its coordinate system: save it in EPSG:27700 and say so.")
    kinds = frame["kind"].fillna("").astype(str) if "kind" in frame else [layer] * len(frame)
    streets = [not any(word in kind.lower() for word in NO_STREETS) for kind in kinds]
    parts = shapely.force_2d(shapely.get_parts(frame[streets].to_crs(NATIONAL_GRID).geometry.to_numpy()))
    return parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
