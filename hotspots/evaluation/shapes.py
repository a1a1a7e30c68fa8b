"""Areas as people write them: GSS codes, polygons as text, names of beats or zones; and files of polygons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import shapely

from hotspots.errors import InputError
from hotspots.geography.shape_faults import shape_faults
from hotspots.schema import NATIONAL_GRID, WARD, WGS84
from hotspots.text import safe_text

if TYPE_CHECKING:
    import geopandas as gpd

#: What stands for every ward of the city.
EVERYWHERE: Final = "all"
#: The level of a place that is a polygon and not made of codes.
SHAPE: Final = "shape"
POLYGONS: Final = ("Polygon", "MultiPolygon")
VECTOR_SUFFIXES: Final = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".kml")

_GSS: Final = re.compile(r"[ENSW]\d{8}")
_WKT: Final = re.compile(
    r"\s*(SRID=\d+;)?\s*(MULTI)?(POLYGON|POINT|LINESTRING)|\s*GEOMETRYCOLLECTION", re.IGNORECASE
)
_SEPARATORS: Final = re.compile(r"[;,|\s]+")
# Degrees of Great Britain: no place in metres of the National Grid has such small numbers.
_DEGREES: Final = (-9.0, 49.0, 3.0, 61.5)


@dataclass(frozen=True)
class Place:
    """
    Where something is done, or is compared.

    Attributes
    ----------
    label : str
        As it was written, for reports; "a polygon" for one.
    level : str
        "ward", "lsoa" or another level of `areas`; "shape" for a polygon.
    codes : tuple of str
        Its areas, sorted; empty for a polygon.
    shape : Geometry
        In metres of the National Grid.
    """

    label: str
    level: str
    codes: tuple[str, ...]
    shape: shapely.Geometry


class PlaceError(ValueError):
    """What is wrong with one place, as the end of a sentence."""


def find_place(
    text: str, *, areas: Mapping[str, gpd.GeoDataFrame], named: gpd.GeoDataFrame | None = None
) -> Place:
    """
    Understand how a place is written.

    Parameters
    ----------
    text : str
        GSS codes of one level; a polygon as well-known text, in metres of the
        National Grid or in degrees; the id or name of a beat or zone, several
        with ";" between; or "all" for every ward.
    areas : mapping of str to GeoDataFrame
        By level: polygons in EPSG:27700 with `name`, indexed by GSS code.
    named : GeoDataFrame, optional
        Beats or zones, indexed by id, with a column `name`.

    Raises
    ------
    PlaceError
        If it is none of these.
    """
    text = text.strip()
    if _WKT.match(text):
        return Place("a polygon", SHAPE, (), _polygon(text, areas))
    if text.casefold() == EVERYWHERE:
        return _of_codes("all wards", areas[WARD].index, areas)
    parts = [part for part in _SEPARATORS.split(text) if part]
    if parts and all(_GSS.fullmatch(part.upper()) for part in parts):
        return _of_codes(", ".join(sorted(set(parts))), [part.upper() for part in parts], areas)
    return _of_names(text, named, areas)


def read_polygons(path: Path) -> gpd.GeoDataFrame:
    """
    Read a file of shapes and bring it to the National Grid.

    Raises
    ------
    InputError
        If it cannot be read, has several layers or no coordinate system.
    """
    import geopandas as gpd
    import pyogrio

    name = safe_text(path.name)
    if not path.is_file():
        raise InputError(f"{name} does not exist: give a GeoPackage, GeoJSON or Shapefile.")
    try:
        layers = pyogrio.list_layers(path)
        if len(layers) != 1:
            raise InputError(f"{name} holds {len(layers)} layers: save the one that is meant alone.")
        with shape_faults(path):
            frame = gpd.read_file(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(f"{name} cannot be read as a map layer: save it again, as a GeoPackage.") from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"{name} has no shapes: give polygons; areas as codes go in a CSV of interventions.")
    if frame.crs is None:
        raise InputError(f"{name} does not say its coordinate system: save it in EPSG:27700 and say so.")
    return frame.to_crs(NATIONAL_GRID)


def check_polygon(shape: shapely.Geometry | None, areas: Mapping[str, gpd.GeoDataFrame]) -> shapely.Geometry:
    """
    Return a polygon that can be counted in.

    Raises
    ------
    PlaceError
        If it is missing, another kind of shape, crosses itself, or lies outside the study area.
    """
    if shape is None or shape.is_empty:
        raise PlaceError("has no shape")
    if shape.geom_type not in POLYGONS:
        raise PlaceError(f"is a {shape.geom_type}: draw a polygon")
    if not shape.is_valid:
        raise PlaceError("is a polygon that crosses or touches itself: mend it in a map program")
    if not any(frame.geometry.intersects(shape).any() for frame in areas.values()):
        raise PlaceError("lies outside the study area")
    return shapely.force_2d(shape)


def _polygon(text: str, areas: Mapping[str, gpd.GeoDataFrame]) -> shapely.Geometry:
    import geopandas as gpd

    try:
        shape = shapely.from_wkt(re.sub(r"^\s*SRID=\d+;", "", text, flags=re.IGNORECASE))
    except shapely.errors.GEOSException as error:
        raise PlaceError("is not well-known text of a polygon: copy it again from the map program") from error
    west, south, east, north = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
    if _DEGREES[0] <= west and east <= _DEGREES[2] and _DEGREES[1] <= south and north <= _DEGREES[3]:
        shape = gpd.GeoSeries([shape], crs=WGS84).to_crs(NATIONAL_GRID).iloc[0]
    return check_polygon(shape, areas)


def _of_codes(label: str, codes: Iterable[str], areas: Mapping[str, gpd.GeoDataFrame]) -> Place:
    wanted = sorted(set(codes))
    for level, frame in areas.items():
        known = [code for code in wanted if code in frame.index]
        if not known:
            continue
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            raise PlaceError(f"names {unknown[0]}, which is not one of this area's {level} codes")
        return Place(label, level, tuple(wanted), shapely.union_all(frame.geometry.loc[wanted].to_numpy()))
    raise PlaceError(f"names {wanted[0]}, which is no code of this area: check it and the vintage")


def _of_names(text: str, named: gpd.GeoDataFrame | None, areas: Mapping[str, gpd.GeoDataFrame]) -> Place:
    shapes: dict[str, shapely.Geometry] = {}
    if named is not None:
        for key, name, shape in zip(named.index, named["name"], named.geometry, strict=True):
            shapes.setdefault(str(name).casefold(), shape)
            shapes[str(key).casefold()] = shape
    found = [shapes.get(part.strip().casefold()) for part in (text, *text.split(";"))]
    if found[0] is not None:
        return Place(text, SHAPE, (), found[0])
    if found[1:] and all(shape is not None for shape in found[1:]):
        return Place(text, SHAPE, (), shapely.union_all(found[1:]))
    for level, frame in areas.items():
        same = frame.index[frame["name"].str.casefold() == text.casefold()]
        if len(same):
            raise PlaceError(f"is the name of a {level}: write its code, {same[0]}")
    raise PlaceError('is no GSS code, no polygon (well-known text), no beat or zone, and not "all"')
