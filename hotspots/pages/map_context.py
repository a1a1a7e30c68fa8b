"""
What helps a reader to find the way: roads, rail, water, green, districts, stations, schools, stops.

Each kind is drawn, dotted and named from a zoom on, and one that is only a
sketch up to one. static/map/basemap.js and labels.js draw it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from hotspots.errors import InputError
from hotspots.pages import map_packing, map_shapes
from hotspots.resources import shipped
from hotspots.schema import NATIONAL_GRID

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

#: The area for which context ships, and where it comes from.
SHIPPED_FOR: Final = "E06000015"
SHIPPED_SOURCES: Final = (
    "Roads and places on the map: bus stops, stations and districts contain NaPTAN data, Department for "
    "Transport (July 2026); rail contains Network Rail data (2024); schools are from the Food Standards "
    "Agency's list of November 2020, at their postcodes. Open Government Licence v3.0. Main roads are a "
    "sketch from stop to stop with the bends cut off, rail one from post to post: both are hidden where "
    "the map is near enough for that to mislead.",
)
_REACH_M: Final = 2_000
#: Degrees of the page to a metre, about: pieces of one road join where their ends meet.
_LONG_M: Final = 250.0
_MOST_NAMES: Final = 4
_FILES: Final = (".gpkg", ".geojson", ".json", ".shp")
_NAMES: Final = (
    "name",
    "name1",
    "distname",
    "distname1",
    "distinctivename",
    "roadnumber",
    "road_number",
    "number",
)
_CLASSES: Final = ("class", "classifica", "classification", "function", "roadclassification", "road_class")


@dataclass(frozen=True)
class Kind:
    """
    How a kind is shown.

    Attributes
    ----------
    start, end : float
        Zooms from and up to which it is drawn.
    named : float
        Zoom from which its names are written.
    detail : float
        Metres below which detail is left out.
    """

    start: float
    named: float
    end: float = 30
    detail: float = 4.0


#: In the order in which they are drawn, lowest first.
KINDS: Final = {
    "green": Kind(0, 14, detail=10),
    "water": Kind(0, 13.5, detail=6),
    "rail sketch": Kind(0, 30, end=14.5),
    "rail": Kind(0, 30),
    "minor road": Kind(14.5, 15.5),
    "b road": Kind(12.75, 14.25),
    "road sketch": Kind(0, 12.75, end=14),
    "road": Kind(0, 13, detail=8),
    "stop": Kind(16, 16.5),
    "place": Kind(14.5, 14.5),
    "licensed": Kind(15, 15.5),
    "school": Kind(14.75, 14.75),
    "station": Kind(0, 11.5),
    "district": Kind(0, 12.25, end=15.5),
}
#: Words in the name of a layer, file or kind, and what they mean; the first that fits counts.
_MEANT: Final = (
    (r"rail.*station|station", "station"),
    (r"rail|tram", "rail"),
    (r"water|river|lake|canal|stream|brook", "water"),
    (r"green|park|wood|forest|garden|cemeter|playing", "green"),
    (r"licen[cs]|pub|bar\b|club|premises|alcohol", "licensed"),
    (r"school|college|academ|universit|education", "school"),
    (r"bus|stop", "stop"),
    (r"district|neighbourhood|suburb|settlement|localit", "district"),
    (r"road|street|highway|route", "road"),
)
_MAIN: Final = re.compile(r"motorway|^a\b|a road|trunk|primary", re.IGNORECASE)
_SECOND: Final = re.compile(r"^b\b|b road|secondary", re.IGNORECASE)
#: What the user's own layer of a kind takes the place of.
_NAMED_PLACES: Final = {"school", "stop"}
_INSTEAD: Final = {"road sketch": ("road", "b road", "minor road"), "rail sketch": ("rail",)}


def read_context(
    source: Path | gpd.GeoDataFrame | None,
    outline: BaseGeometry,
    *,
    area: str = "",
    synthetic: bool = False,
) -> list[dict[str, Any]]:
    """
    Read what is to be drawn below the areas.

    Parameters
    ----------
    source : Path or GeoDataFrame, optional
        GeoPackage (every layer), GeoJSON or Shapefile, or a folder of them. A
        column `kind`, else the name of the layer or file, tells what it holds: roads, rail,
        water, green, districts, stations, stops, schools, licensed premises. `name`
        is written beside it; `class` parts A and B roads from the others.
    outline : polygon
        Of the study area, EPSG:27700; what lies 2 km beyond it is left out.
    area : str
        GSS code of the study area: for Derby some context ships.
    synthetic : bool
        Whether the incidents are made up: no school or bus stop shall stand beside them.

    Returns
    -------
    list of dict
        `kind`, the zooms, `lines`, `areas`, `dots`, `names`, how many `points` `each` has, and those; packed.

    Raises
    ------
    InputError
        If a file cannot be read as a layer.
    """
    rows: dict[str, list[tuple[str, BaseGeometry]]] = {}
    for frame in [] if source is None else _frames(source):
        for kind, name, shape in _features(*frame, outline):
            rows.setdefault(kind, []).append((name, shape))
    if area == SHIPPED_FOR:
        own = set(rows)
        ((layer, frame),) = _read(shipped("boundaries", "context.geojson"))
        hidden = own | (_NAMED_PLACES if synthetic else set())
        for kind, name, shape in _features(layer, frame, outline):
            if not hidden & {kind, *_INSTEAD.get(kind, ())}:
                rows.setdefault(kind, []).append((name, shape))
    return [_drawn(kind, rows[kind]) for kind in KINDS if kind in rows]


def sources(area: str) -> tuple[str, ...]:
    """Name the publishers of what ships."""
    return SHIPPED_SOURCES if area == SHIPPED_FOR else ()


def _frames(source: Path | gpd.GeoDataFrame) -> list[tuple[str, gpd.GeoDataFrame]]:
    if not isinstance(source, Path | str):
        return [("context", source)]
    path = Path(source)
    if not path.is_dir():
        return _read(path)
    files = sorted(one for one in path.iterdir() if one.suffix.lower() in _FILES)
    if not files:
        raise InputError(f"{path.name} holds no layer: put GeoPackage, GeoJSON or Shapefile files into it.")
    return [frame for one in files for frame in _read(one)]


def _read(path: Path) -> list[tuple[str, gpd.GeoDataFrame]]:
    import geopandas as gpd

    try:
        names = [str(row[0]) for row in gpd.list_layers(path).to_numpy()]
        with warnings.catch_warnings():
            # GDAL warns of a ring that is not closed, and shapely then refuses it, which is told below.
            warnings.filterwarnings("ignore", "Non closed ring", RuntimeWarning)
            frames = [gpd.read_file(path, layer=name) for name in names]
    except Exception as error:  # pyogrio raises its own family, fiona another
        raise InputError(f"{path.name} cannot be read as a layer: use a GeoPackage or GeoJSON.") from error
    called = [path.stem if len(names) == 1 else name for name in names]
    return list(zip(called, frames, strict=True))


def _features(
    layer: str, frame: gpd.GeoDataFrame, outline: BaseGeometry
) -> Iterator[tuple[str, str, BaseGeometry]]:
    """Give kind, name and shape of what lies near the area."""
    if not hasattr(frame, "crs") or frame.crs is None:
        raise InputError("A context layer does not say its coordinate system: set it before.")
    local = frame.to_crs(NATIONAL_GRID)
    box = shapely.box(*shapely.buffer(outline, _REACH_M).bounds)
    shapes = shapely.intersection(shapely.force_2d(local.geometry.to_numpy()), box)
    columns = {str(name).lower(): local[name] for name in local.columns if name != local.geometry.name}
    kinds, names, classes = (_first(columns, sought, len(local)) for sought in (("kind",), _NAMES, _CLASSES))
    for kind, name, road_class, shape in zip(kinds, names, classes, shapes, strict=True):
        if shape is not None and not shape.is_empty:
            yield kind_of(kind or layer, road_class, point=shape.geom_type.endswith("Point")), name, shape


def _first(columns: dict[str, Any], names: Sequence[str], length: int) -> list[str]:
    """Give the text of the first of these columns that has one, row by row."""
    texts = [""] * length
    for name in names:
        if name in columns:
            own = columns[name].astype("string").fillna("")
            texts = [text or str(other).strip() for text, other in zip(texts, own, strict=True)]
    return texts


def kind_of(words: str, road_class: str = "", *, point: bool = False) -> str:
    """Tell the kind from a file's words and a road's class; unknown lines are roads, points places."""
    lower = words.lower().replace("_", " ")
    if lower in KINDS:
        found = lower
    else:
        found = next(
            (kind for pattern, kind in _MEANT if re.search(pattern, lower)), "place" if point else "road"
        )
    if found == "road" and road_class:
        return (
            "road" if _MAIN.search(road_class) else "b road" if _SECOND.search(road_class) else "minor road"
        )
    return "place" if point and found in ("road", "rail", "water") else found


def _drawn(kind: str, rows: Sequence[tuple[str, BaseGeometry]]) -> dict[str, Any]:
    look = KINDS[kind]
    shapes = shapely.simplify([shape for _, shape in rows], look.detail)
    parts = shapely.get_parts(shapes)
    types = shapely.get_type_id(parts)
    polygons, lines, points = parts[types == 3], parts[(types == 1) | (types == 2)], parts[types == 0]
    if len(lines):
        # Links that meet end to end are one line: fewer to draw, and shorter to write.
        lines = shapely.get_parts(
            shapely.simplify(shapely.line_merge(shapely.MultiLineString(list(lines))), look.detail)
        )
    labels = [(name, _spots(shape)) for name, shape in _named(rows)]
    return {
        "kind": kind.replace(" ", "-"),
        "start": look.start,
        "end": look.end,
        "named": look.named,
        "lines": map_packing.write_shape(
            [[line for one in _degrees(lines) for line in map_shapes.lines_of(one)]]
        ),
        "areas": map_packing.write_shape(
            [ring for one in _degrees(polygons) for ring in map_shapes.polygon_rings(one)]
        ),
        "dots": _packed_points([] if kind == "district" or all(name for name, _ in rows) else points),
        "names": [name for name, _ in labels],
        "each": map_packing.write(len(spots) for _, spots in labels),
        "points": _packed_points([at for _, spots in labels for at in spots]),
    }


def _named(rows: Sequence[tuple[str, BaseGeometry]]) -> Iterator[tuple[str, BaseGeometry]]:
    """Give each name once, with all that carries it."""
    together: dict[str, list[BaseGeometry]] = {}
    for name, shape in rows:
        if name:
            together.setdefault(name, []).append(shape)
    for name in sorted(together):
        yield name, shapely.union_all(together[name])


def _spots(shape: BaseGeometry) -> list[BaseGeometry]:
    """Where a name is written: in the middle of long pieces, inside an area, at a point."""
    kind = shape.geom_type
    if kind.endswith("Point"):
        return list(shapely.get_parts(shape))
    if kind.endswith("Polygon"):
        return [max(shapely.get_parts(shape), key=lambda part: part.area).representative_point()]
    merged = shapely.line_merge(shape) if kind.startswith("Multi") else shape
    pieces = sorted(
        (part for part in shapely.get_parts(merged) if part.geom_type == "LineString"),
        key=lambda part: -part.length,
    )
    long = [piece for piece in pieces if piece.length >= _LONG_M] or pieces[:1]
    return [piece.interpolate(0.5, normalized=True) for piece in long[:_MOST_NAMES]]


def _degrees(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    return list(map_shapes.to_degrees(np.asarray(shapes, dtype=object))) if len(shapes) else []


def _packed_points(points: Sequence[BaseGeometry]) -> str:
    return map_packing.write_points([map_shapes.point_units(point) for point in _degrees(points)])
