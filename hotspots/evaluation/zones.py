"""Zones as counting geometry: a PSPO, a park, a school's surroundings, counted like wards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from hotspots.errors import InputError
from hotspots.evaluation.shapes import PlaceError, check_polygon, read_polygons
from hotspots.places import check_classified, count_cube
from hotspots.schema import NATIONAL_GRID, ZONE
from hotspots.statistics.counts import Counts
from hotspots.text import clean_label, counted, safe_text

if TYPE_CHECKING:
    import geopandas as gpd

#: Columns in which a zone's name is looked for, best first.
NAME_COLUMNS: Final = ("name", "zone", "title", "label", "beat", "zone_name", "site", "pspo")
_FAULTS_NAMED: Final = 12
# Slivers of borders drawn twice are no overlap.
_SLIVER: Final = 1.0


@dataclass(frozen=True, eq=False)
class Zones:
    """
    Named polygons to count in.

    Attributes
    ----------
    frame : GeoDataFrame
        EPSG:27700, indexed by code ("zone-" and the name as a slug), sorted: name,
        level, vintage (""), area_km2, residents (NaN), households (NaN), geometry.
    warnings : tuple of str
        What a reader of the counts must know: zones that overlap, or reach outside the area.
    """

    frame: gpd.GeoDataFrame
    warnings: tuple[str, ...]


def read_zones(path: Path | str, *, areas: Mapping[str, gpd.GeoDataFrame]) -> Zones:
    """
    Read and check a file of zones.

    Parameters
    ----------
    path : Path or str
        GeoPackage, GeoJSON or Shapefile of polygons with a column of names. Rows
        with the same name are one zone.
    areas : mapping of str to GeoDataFrame
        The study area's polygons by level, in EPSG:27700.

    Returns
    -------
    Zones

    Raises
    ------
    InputError
        One error that lists every fault with its feature.
    """
    path = Path(path)
    layer = read_polygons(path)
    source = safe_text(path.name)
    if layer.empty:
        raise InputError(f"{source} holds no zone: draw at least one polygon.")
    names = _names(source, layer)
    faults = []
    shapes: dict[str, list[shapely.Geometry]] = {}
    for number, (name, shape) in enumerate(zip(names, layer.geometry, strict=True), start=1):
        try:
            if not name:
                raise PlaceError("has no name")
            shapes.setdefault(name, []).append(check_polygon(shape, areas))
        except PlaceError as error:
            faults.append(f"feature {number} {error}")
    if faults:
        more = len(faults) - _FAULTS_NAMED
        rest = f"; and {more} more" if more > 0 else ""
        raise InputError(f"{source} cannot be used as it is: {'; '.join(faults[:_FAULTS_NAMED])}{rest}.")
    frame = _frame(source, {name: shapely.union_all(parts) for name, parts in shapes.items()})
    return Zones(frame, _warnings(frame, areas))


def count_zones(
    incidents: pd.DataFrame, membership: pd.DataFrame, zones: Zones, *, months: Sequence[str]
) -> Counts:
    """
    Count the incidents of every zone, theme and month, and of the whole period.

    An incident in two zones counts in both, so zones do not add up to the city;
    one without a point counts in none. Zones have no residents: rates are by
    square kilometre alone.

    Parameters
    ----------
    incidents : DataFrame
        `month`, `easting`, `northing` (metres; NaN without a point).
    membership : DataFrame of bool
        One column per theme, rows as in `incidents`.
    zones : Zones
    months : sequence of str
        The months to count, "YYYY-MM".

    Returns
    -------
    Counts
        Of the one level "zone"; whole numbers, all exact.

    Raises
    ------
    ParameterError
        If the two frames do not have the same rows.
    """
    check_classified(incidents, membership, use="counted")
    month_of = pd.Index(months, dtype=object).get_indexer(pd.Index(incidents["month"].astype(object)))
    member, found = membership.to_numpy(dtype=bool), []
    for shape in zones.frame.geometry:
        rows = np.flatnonzero(inside_shape(incidents, shape))
        here = np.zeros(len(rows), dtype=np.int64)
        found.append(count_cube(member[rows], here, month_of[rows], shape=(1, len(months))))
    by_month = np.concatenate(found, axis=1)
    count = np.concatenate([by_month.sum(axis=2, keepdims=True), by_month], axis=2)
    areas = pd.DataFrame(zones.frame.drop(columns="geometry")).rename_axis("code").reset_index()
    return Counts.exact([str(slug) for slug in membership], areas, months, count)


def inside_shape(incidents: pd.DataFrame, shape: shapely.Geometry) -> np.ndarray:
    """Tell which incidents lie in a shape or on its edge; one without a point lies in none."""
    east, north = incidents["easting"].to_numpy(float), incidents["northing"].to_numpy(float)
    west, south, right, top = shape.bounds
    # Most incidents of a city lie outside the box around one zone.
    near = np.flatnonzero((east >= west) & (east <= right) & (north >= south) & (north <= top))
    shapely.prepare(shape)
    inside = np.zeros(len(incidents), dtype=bool)
    inside[near] = shapely.intersects_xy(shape, east[near], north[near])
    return inside


def monthly_counts(month: pd.Series, months: Sequence[str]) -> np.ndarray:
    """Count incidents by month, in the order of `months`."""
    return month.value_counts().reindex(list(months), fill_value=0).to_numpy(dtype=np.int64)


def _names(source: str, layer: gpd.GeoDataFrame) -> list[str]:
    header = {str(column).strip().casefold(): column for column in layer.columns}
    column = next((header[word] for word in NAME_COLUMNS if word in header), None)
    if column is None:
        raise InputError(f"{source} has no column with names: call one of its columns name.")
    return [clean_label(str(text)) if pd.notna(text) else "" for text in layer[column]]


def _frame(source: str, shapes: Mapping[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    codes = [f"{ZONE}-{_slug(name)}" for name in shapes]
    if len(set(codes)) < len(codes):
        twice = next(code for code in codes if codes.count(code) > 1)
        alike = [name for name, code in zip(shapes, codes, strict=True) if code == twice]
        raise InputError(
            f"{source} has zones whose names differ only in signs: {safe_text(' and '.join(alike))}. "
            "Give each zone a name of its own, or all parts of one zone the same."
        )
    polygons = list(shapes.values())
    frame = gpd.GeoDataFrame(
        {
            "name": list(shapes),
            "level": ZONE,
            "vintage": "",
            "area_km2": shapely.area(polygons) / 1e6,
            "residents": np.nan,
            "households": np.nan,
        },
        index=pd.Index(codes, name="code"),
        geometry=polygons,
        crs=NATIONAL_GRID,
    )
    return frame.sort_index()


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-") or "unnamed"


def _warnings(frame: gpd.GeoDataFrame, areas: Mapping[str, gpd.GeoDataFrame]) -> tuple[str, ...]:
    polygons = frame.geometry.to_numpy()
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    overlap = [
        (frame["name"].iloc[a], frame["name"].iloc[b])
        for a, b in zip(left, right, strict=True)
        if a < b and shapely.area(shapely.intersection(polygons[a], polygons[b])) > _SLIVER
    ]
    city = shapely.union_all(next(iter(areas.values())).geometry.to_numpy())
    out = [
        name
        for name, shape in zip(frame["name"], polygons, strict=True)
        if shapely.area(shapely.difference(shape, city)) > 0.01 * shapely.area(shape)
    ]
    found = []
    if overlap:
        first, second = sorted(overlap)[0]
        number, verb = counted(len(overlap), "pair"), "overlaps" if len(overlap) == 1 else "overlap"
        found.append(
            f"{number} of zones {verb}, such as {first} and {second}: their counts cannot be added up."
        )
    if out:
        number, verb = counted(len(out), "zone"), "reaches" if len(out) == 1 else "reach"
        found.append(
            f"{number} {verb} outside the study area, such as {sorted(out)[0]}: "
            "what happened there is not in the counts."
        )
    return tuple(found)
