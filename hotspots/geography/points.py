"""Read points that a place may lie near: schools, licensed premises, stops, whatever a file names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.errors import InputError
from hotspots.geography.projection import Projection, to_national_grid
from hotspots.geography.shape_faults import shape_faults
from hotspots.schema import NATIONAL_GRID
from hotspots.text import clean_label, counted, safe_text

#: Columns by what they hold, the surest first: plain words, then those of schools, food hygiene and stops.
NAMES: Final = (
    *("name", "establishmentname", "businessname", "commonname", "premisesname", "premises", "tradingname"),
)
KINDS: Final = (
    *("kind", "type", "phaseofeducationname", "typeofestablishmentname", "businesstype", "stoptype"),
    *("premisestype", "category"),
)
_EASTING: Final = ("easting", "eastings", "x")
_NORTHING: Final = ("northing", "northings", "y")
_LONGITUDE: Final = ("longitude", "lon", "lng", "long")
_LATITUDE: Final = ("latitude", "lat")
#: NaPTAN's codes of the kinds of stop that people speak of.
STOP_TYPES: Final = {
    **dict.fromkeys(("BCT", "BCS", "BCQ", "BCE", "BST"), "bus stop"),
    **dict.fromkeys(("RSE", "RLY", "RPL"), "railway station"),
    **dict.fromkeys(("TMU", "MET", "PLT"), "tram or metro stop"),
    "TXR": "taxi rank",
}
#: What a point without a kind is.
UNNAMED: Final = "place"
_TABLES: Final = (".csv", ".txt")


def read_points(paths: Sequence[Path], *, projection: Projection) -> gpd.GeoDataFrame | None:
    """
    Read files of points with a kind and a name.

    Parameters
    ----------
    paths : sequence of Path
        CSV with coordinates in the National Grid or in degrees, or GeoPackage, GeoJSON or Shapefile.
    projection : Projection
        How longitude and latitude become metres.

    Returns
    -------
    GeoDataFrame or None
        `kind`, `name`, geometry in EPSG:27700, each once, by kind, name and place. Rows without a
        coordinate are left out; one without a kind is a "place". None where no file is given.

    Raises
    ------
    InputError
        If a file is missing, cannot be read, or has no name or coordinate.
    """
    if not paths:
        return None
    found = [_read(path, projection) for path in paths]
    frame = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=NATIONAL_GRID)
    middle = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy())).round(1)
    frame = frame.assign(x=middle[:, 0], y=middle[:, 1]).drop_duplicates(["kind", "name", "x", "y"])
    return frame.sort_values(["kind", "name", "x", "y"], kind="stable", ignore_index=True)[
        ["kind", "name", "geometry"]
    ]


def _read(path: Path, projection: Projection) -> gpd.GeoDataFrame:
    name = safe_text(path.name)
    if not path.is_file():
        raise InputError(f"The points {name} do not exist: give a CSV, GeoPackage, GeoJSON or Shapefile.")
    raw, shapes = _table(path, projection) if path.suffix.lower() in _TABLES else _layer(path)
    if not _column(raw, NAMES):
        raise InputError(f"{name} has no column of names: call one 'name', and that of kinds 'kind'.")
    labels = {"kind": _text(raw, KINDS).replace(STOP_TYPES).replace("", UNNAMED), "name": _text(raw, NAMES)}
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not known.any():
        raise InputError(f"{name} has {counted(len(raw), 'row')} and no coordinate that can be read.")
    return gpd.GeoDataFrame(labels, geometry=shapes, crs=NATIONAL_GRID)[known]


def _table(path: Path, projection: Projection) -> tuple[pd.DataFrame, np.ndarray]:
    try:
        raw = pd.read_csv(path, dtype=str, encoding="utf-8-sig", encoding_errors="replace")
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{safe_text(path.name)} cannot be read as CSV: save it again.") from error
    x, y = _numbers(raw, _EASTING), _numbers(raw, _NORTHING)
    if x is None or y is None:
        longitude, latitude = _numbers(raw, _LONGITUDE), _numbers(raw, _LATITUDE)
        if longitude is None or latitude is None:
            raise InputError(
                f"{safe_text(path.name)} has no coordinates: "
                "name two columns 'easting' and 'northing', or 'longitude' and 'latitude'."
            )
        known = np.isfinite(longitude) & np.isfinite(latitude)
        x, y = np.full(len(raw), np.nan), np.full(len(raw), np.nan)
        x[known], y[known] = to_national_grid(longitude[known], latitude[known], grid=projection.grid)
    shapes = shapely.points(x, y)
    shapes[~(np.isfinite(x) & np.isfinite(y))] = None
    return raw, shapes


def _layer(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    import pyogrio

    name = safe_text(path.name)
    try:
        with shape_faults(path):
            frame = gpd.read_file(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(f"{name} cannot be read as a map layer: save it again, as a GeoPackage.") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise InputError(f"{name} does not say its coordinate system: save it in EPSG:27700 and say so.")
    shapes = frame.to_crs(NATIONAL_GRID).geometry.to_numpy()
    return pd.DataFrame(frame.drop(columns=frame.geometry.name)), shapes


def _column(raw: pd.DataFrame, names: Sequence[str]) -> str | None:
    plain = {re.sub(r"[^a-z]", "", str(column).lower()): str(column) for column in raw.columns[::-1]}
    return next((plain[name] for name in names if name in plain), None)


def _text(raw: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    column = _column(raw, names)
    texts = pd.Series("", raw.index) if column is None else raw[column].fillna("").astype(str)
    return texts.map(clean_label)


def _numbers(raw: pd.DataFrame, names: Sequence[str]) -> np.ndarray | None:
    column = _column(raw, names)
    return None if column is None else pd.to_numeric(raw[column], errors="coerce").to_numpy(dtype=float)
