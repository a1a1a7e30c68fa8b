"""
Derive what helps a reader to find the way on a map of Derby, and write it beside this script.

Run it with `make boundaries` or `python boundaries/makers/derive_context.py`. It needs the
folder of reference data: context/ with bus stops, stations, rail, premises and a sketch of
roads, and city_outline.wkt.

What is kept, and why:

1. Stations and bus stops inside the city or close to it, at their surveyed places.
2. Districts that people name ("Pear Tree"), as the middle of the bus stops that carry the name.
3. Schools, by names that say so: what a caterer's name adds is cut off. Places of postcodes.
4. Rail lines in use, from one quarter-mile post to the next: chords, tens of metres off in curves.
5. Main roads: a sketch from one bus stop on the road to the next, with the bends cut off.

Pubs, takeaways and supermarkets are left out: the list is of 2020, and some carry persons' names.
The map hides 4 and 5 from the zoom on at which their errors would mislead.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE.parent.parent / "shared" / "derby"
#: Metres beyond the city that are kept.
REACH = 1_000.0
#: Metres that a road of the sketch must have, and its shortest piece.
LONGEST, PIECE = 900.0, 60.0
#: Stops that must carry a district's name.
STOPS = 10
#: Closed lines, of which posts are left.
CLOSED = {"LED", "LIT", "MJS1"}
#: Localities that are no districts.
NO_DISTRICT = {"Derby", "Uttoxeter New Road"}
_SCHOOL = re.compile(r"\b(School|Academy|College|University|Primary)\b")
_CATERER = re.compile(r"^.*?(?: at |\s*@\s*)|^Breakfast Club, |\s*\([^)]*\)$")
_NO_SCHOOL = re.compile(r"Breakfast|After School|Clubs?\b|Children First|Leicester|The Zone")


def main(arguments: list[str] | None = None) -> None:
    """Write context.geojson."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--source", type=Path, default=SOURCE)
    parser.add_argument("--out", type=Path, default=HERE)
    chosen = parser.parse_args(arguments)
    source = chosen.source
    outline = (source / "city_outline.wkt").read_text("utf-8").rpartition(";")[2]
    ground = shapely.from_wkt(outline)
    city = shapely.buffer(ground, REACH)
    found = [*_stations(source), *_districts(source), *_stops(source), *_schools(source)]
    found = [*found, *_rail(source, ground), *_roads(source, ground)]
    kept = [(kind, name, shape) for kind, name, shape in found if shapely.intersects(city, shape)]
    kept.sort(key=lambda one: (one[0], one[1], shapely.to_wkt(one[2])))
    (chosen.out / "context.geojson").write_text(_geojson(kept), encoding="utf-8")


def _read(source: Path, name: str) -> Iterator[tuple[dict[str, Any], shapely.Geometry]]:
    for feature in json.loads((source / "context" / f"{name}.geojson").read_text("utf-8"))["features"]:
        yield feature["properties"], shapely.from_geojson(json.dumps(feature["geometry"]))


def _stations(source: Path) -> Iterator[tuple[str, str, shapely.Geometry]]:
    for row, point in _read(source, "rail_stations"):
        yield "station", row["name"].replace(" Rail Station", " station"), point


def _stops(source: Path) -> Iterator[tuple[str, str, shapely.Geometry]]:
    named: dict[str, list[shapely.Geometry]] = {}
    for row, point in _read(source, "naptan_stops"):
        named.setdefault(row["name"], []).append(point)
    for name, points in named.items():
        yield "stop", name, shapely.MultiPoint(sorted(points, key=lambda point: (point.x, point.y)))


def _districts(source: Path) -> Iterator[tuple[str, str, shapely.Geometry]]:
    stops: dict[str, list[tuple[float, float]]] = {}
    for row, point in _read(source, "naptan_stops"):
        if row["in_city"] and row["locality"] not in NO_DISTRICT:
            stops.setdefault(row["locality"].removesuffix(" - Derby"), []).append((point.x, point.y))
    for name, points in stops.items():
        if len(points) >= STOPS:
            yield "district", name, shapely.Point(np.round(np.median(points, axis=0)))


def _schools(source: Path) -> Iterator[tuple[str, str, shapely.Geometry]]:
    seen = set()
    for row, point in _read(source, "fhrs_establishments"):
        name = _CATERER.sub("", row["name"]).replace("Priamry", "Primary").strip()
        wanted = row["type"].startswith("School") and _SCHOOL.search(name) and not _NO_SCHOOL.search(name)
        if wanted and name not in seen:
            seen.add(name)
            yield "school", name, point


def _rail(source: Path, city: shapely.Geometry) -> Iterator[tuple[str, str, shapely.Geometry]]:
    for row, line in _read(source, "rail_lines_from_mileposts"):
        if row["elr"] not in CLOSED:
            yield "rail sketch", "", shapely.intersection(line, city)


def _roads(source: Path, city: shapely.Geometry) -> Iterator[tuple[str, str, shapely.Geometry]]:
    for row, line in _read(source, "street_lines_schematic"):
        pieces = [part for part in shapely.get_parts(line) if part.length >= PIECE]
        road = shapely.intersection(shapely.line_merge(shapely.MultiLineString(pieces)), city)
        if road.length >= LONGEST:
            yield "road sketch", row["name"], shapely.simplify(road, 10)


def _geojson(rows: list[tuple[str, str, shapely.Geometry]]) -> str:
    """Write whole metres of the National Grid, a feature a line."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"kind": kind, "name": name},
                "geometry": json.loads(shapely.to_geojson(shapely.set_precision(shape, 1))),
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )
        .replace(".0,", ",")
        .replace(".0]", "]")
        for kind, name, shape in rows
    ]
    crs = '{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27700"}}'
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","name":"context","crs":{crs},"features":[\n{body}\n]}}\n'


if __name__ == "__main__":
    main()
