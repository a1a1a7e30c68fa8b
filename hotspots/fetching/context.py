"""
Bring what helps to find the way from Ordnance Survey's open data: roads, rail, water, green, names.

One GeoPackage for `hotspots run --context`, clipped to the surroundings of an
area. The addresses were compared with published uses of the service; the tests
run against a server of their own and never reach it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspots.errors import NetworkError
from hotspots.fetching.services import Services
from hotspots.fetching.web import Web, download, read_json, remedy, write
from hotspots.resources import data_folder
from hotspots.schema import NATIONAL_GRID

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

ATTRIBUTION: Final = "Contains OS data © Crown copyright and database right. Open Government Licence v3.0.\n"
#: Metres beyond the area that are kept.
REACH: Final = 2_000
_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # the letter I is not used
_SHAPEFILE: Final = "ESRI® Shapefile"
#: Columns in which the products carry a name, and the class of a road, in the order in which they are asked.
_NAMES: Final = ("name1", "distname1", "distname", "name", "roadnumber")
_CLASSES: Final = ("class", "roadclassification", "roadclassi", "classifica")
#: What OS Open Names calls the places that people go by.
_PLACES: Final = {
    "Suburban Area": "district",
    "Village": "district",
    "Other Settlement": "district",
    "Primary Education": "school",
    "Secondary Education": "school",
    "Further Education": "school",
    "Higher or University Education": "school",
    "Railway Station": "station",
}


@dataclass(frozen=True)
class Product:
    """A product of OS OpenData: its name in the service, its format, and what each of its layers holds."""

    name: str
    format: str
    layers: tuple[tuple[str, str], ...] = ()


PRODUCTS: Final = (
    Product("OpenRoads", _SHAPEFILE, (("RoadLink", "road"),)),
    Product("OpenMapLocal", _SHAPEFILE, (("RailwayTrack", "rail"), ("SurfaceWater_Area", "water"))),
    Product("OpenRivers", _SHAPEFILE, (("WatercourseLink", "water"),)),
    Product("OpenGreenspace", _SHAPEFILE, (("GreenspaceSite", "green"),)),
    Product("OpenNames", "CSV"),
)


def fetch_context(
    outline: shapely.Geometry,
    *,
    services: Services,
    web: Web,
    folder: Path | None = None,
) -> tuple[Path, ...]:
    """
    Fetch roads, rail, water, green and names of places around an area.

    Products are asked for by the 100 km squares of the National Grid that the
    area touches, and for the whole of Great Britain where they come no smaller:
    OS Open Roads has about 0.6 GB. What is downloaded is deleted again.

    Parameters
    ----------
    outline : shapely geometry
        In EPSG:27700, as `Areas.outline`.
    services : Services
        The table with the service's address.
    web : Web
        What asks it.
    folder : Path, optional
        Where the file goes; `data_folder("context")` by default. Give it to `--context`.

    Returns
    -------
    tuple of Path
        context.gpkg, with the layers road, rail, water, green, district, school and station, as far as
        there are any; columns `kind`, `name`, `class`.

    Raises
    ------
    NetworkError
        If a product is not delivered, or not whole.
    """
    service, folder = services.address("context"), folder or data_folder("context")
    near = outline.buffer(REACH)
    found: dict[str, list[gpd.GeoDataFrame]] = {}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as place:
        for product in PRODUCTS:
            for path in _archives(product, squares(near.bounds), Path(place), service, web):
                for kind, layer in _layers(product, path, near):
                    found.setdefault(kind, []).append(layer)
                path.unlink()
        complete = _written(Path(place) / "context.gpkg", found).replace(folder / "context.gpkg")
    write(folder / "ATTRIBUTION.txt", ATTRIBUTION)
    return (complete,)


def squares(bounds: tuple[float, float, float, float]) -> list[str]:
    """Name the 100 km squares of the National Grid that a box in metres touches."""
    west, south, east, north = (int(value // 100_000) for value in bounds)
    return sorted({_square(x, y) for x in range(west, east + 1) for y in range(south, north + 1)})


def _square(x: int, y: int) -> str:
    # The letters run from the north-west corner; square SV, at the origin, is 10 columns and 19 rows from it.
    column, row = x + 10, 19 - y
    return _LETTERS[row // 5 * 5 + column // 5] + _LETTERS[row % 5 * 5 + column % 5]


def _archives(product: Product, wanted: list[str], place: Path, service: str, web: Web) -> Iterator[Path]:
    """Download a product, square by square where it comes so."""
    address = f"{service}/{product.name}/downloads"
    for square in wanted:
        listed = read_json(web.get(address, {"area": square, "format": product.format}))
        if not listed:
            listed = read_json(web.get(address, {"area": "GB", "format": product.format}))
            wanted = wanted[:1]
        if not listed:
            raise NetworkError(
                f"Ordnance Survey lists no {product.name} for {square}: {remedy('status 404')}."
            )
        path = download(
            listed[0]["url"], place / f"{product.name}-{square}.zip", starts=(b"PK\x03\x04",), web=web
        )
        _check(path, listed[0].get("md5", ""))
        yield path
        if listed[0].get("area", square) == "GB":
            return


def _check(path: Path, digest: str) -> None:
    """Compare a file with the digest published beside it, which guards against a broken transfer only."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if digest and found != digest.lower():
        raise NetworkError(f"{path.name} did not arrive whole: {remedy('')}.")


def _layers(product: Product, path: Path, near: shapely.Geometry) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            if not product.layers:
                yield from _named_places(archive, members, near)
    except zipfile.BadZipFile:
        raise NetworkError(f"{path.name} is no whole ZIP file: {remedy('')}.") from None
    here = squares(near.bounds)
    for layer, kind in product.layers:
        for member in members:
            called = re.fullmatch(rf"(?:.*/)?(?:(\w\w)_)?{layer}\.shp", member)
            if called and called[1] in (None, "GB", *here):
                yield kind, _clipped(path, member, kind, near)


def _clipped(path: Path, member: str, kind: str, near: shapely.Geometry) -> gpd.GeoDataFrame:
    """Read what lies in the surroundings, with the three columns that the map asks for."""
    import geopandas as gpd

    source = f"/vsizip/{path.as_posix()}/{member}"
    frame = gpd.read_file(source, bbox=near.bounds, engine="pyogrio")
    frame = frame.set_crs(NATIONAL_GRID, allow_override=True)
    columns = {str(name).lower(): frame[name] for name in frame.columns if name != "geometry"}
    texts = {"name": _first(columns, _NAMES, len(frame)), "class": _first(columns, _CLASSES, len(frame))}
    return gpd.GeoDataFrame({"kind": kind, **texts}, geometry=frame.geometry.force_2d(), crs=NATIONAL_GRID)


def _first(columns: dict[str, Any], names: tuple[str, ...], length: int) -> list[str]:
    """Give the text of the first of these columns that has one, row by row."""
    texts = [""] * length
    for name in names:
        if name in columns:
            own = columns[name].astype("string").fillna("")
            texts = [text or str(other) for text, other in zip(texts, own, strict=True)]
    return texts


def _named_places(
    archive: zipfile.ZipFile, members: list[str], near: shapely.Geometry
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Read the districts, schools and stations of OS Open Names, whose files carry no headings."""
    import geopandas as gpd
    import shapely

    west, south, east, north = near.bounds
    rows: dict[str, list[tuple[str, float, float]]] = {}
    for member in members:
        if not member.lower().endswith(".csv") or "header" in member.lower():
            continue
        with archive.open(member) as file:
            for row in csv.reader(io.TextIOWrapper(file, "utf-8-sig")):
                kind = _PLACES.get(row[7]) if len(row) > 9 else None
                x, y = (float(row[8]), float(row[9])) if kind else (0.0, 0.0)
                if kind and west <= x <= east and south <= y <= north:
                    rows.setdefault(kind, []).append((row[2], x, y))
    for kind, found in rows.items():
        names, xs, ys = zip(*sorted(found), strict=True)
        frame = {"kind": kind, "name": names, "class": ""}
        yield kind, gpd.GeoDataFrame(frame, geometry=shapely.points(xs, ys), crs=NATIONAL_GRID)


def _written(path: Path, found: dict[str, list[gpd.GeoDataFrame]]) -> Path:
    """Write a layer a kind."""
    import geopandas as gpd
    import pandas as pd

    layers = {kind: pd.concat(frames, ignore_index=True) for kind, frames in found.items()}
    layers = {kind: frame for kind, frame in sorted(layers.items()) if len(frame)}
    if not layers:
        raise NetworkError("Ordnance Survey has nothing around this area: check its boundaries.")
    for kind, frame in layers.items():
        gpd.GeoDataFrame(frame, crs=NATIONAL_GRID).to_file(path, layer=kind, driver="GPKG", engine="pyogrio")
    return path
