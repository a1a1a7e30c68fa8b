"""
Derive Derby's wards and LSOAs from labelled points, and write them beside this script.

Run it with `make boundaries` or `python boundaries/makers/derive_areas.py`. It needs
the folder of reference data: area_points.csv.gz (points, each with the codes of
the areas that hold it), city_outline.wkt, and two look-ups for the names.

The method, in order:

1. Every point claims the ground that is nearer to it than to any other point
   (its Voronoi cell), inside the city outline.
2. Ground that the outline cuts off from its point goes to the neighbour with
   the longest common border.
3. Cells whose points carry the same code are joined to one area.
4. The borders between areas, not the outline, are simplified together, so that
   neighbours keep one common line: no gaps, no overlaps.
5. Coordinates are rounded to 1 cm, and the result is checked: valid polygons,
   a valid coverage, a union equal to the outline, every code there.

Only the points decide. No official boundary and no incident is looked at, so
agreement with either is a test of the method and not its input.

References
----------
Okabe, A., Boots, B., Sugihara, K., & Chiu, S. N. (2000). Spatial Tessellations,
    2nd ed., chapter 2. Wiley.
Visvalingam, M., & Whyatt, J. D. (1993). Line generalisation by repeated
    elimination of points. The Cartographic Journal, 30(1), 46-51.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE.parent.parent / "shared" / "derby"
#: Size of the detail that may go, in metres: below half the usual distance of neighbouring points.
TOLERANCE = 20.0
#: Holes of the outline up to this size are seams and not enclaves, in square metres.
SLIVER = 10_000.0
#: How far the union of a layer may differ from the outline through rounding, in square metres.
OUTLINE_SLACK = 100.0


@dataclass(frozen=True)
class Layer:
    """One layer to make: its column of codes in the point file and where its names are."""

    level: str
    vintage: str
    count: int
    lookup: str
    code_column: str
    name_column: str

    @property
    def name(self) -> str:
        """Name of the layer, as in "ward_2023"."""
        return f"{self.level}_{self.vintage}"

    @property
    def file_name(self) -> str:
        """Name of its file, as in "wards_2023.geojson"."""
        return f"{self.level}s_{self.vintage}.geojson"


LSOA_LOOKUP = "lsoa11_lsoa21_ltla22_derby.csv"
LAYERS = (
    Layer("ward", "2003", 17, "lsoa11_ward17_bestfit_derby.csv", "ward17_code", "ward_name"),
    Layer("ward", "2023", 18, "lsoa21_ward24_bestfit_derby.csv", "ward24_code", "ward24_name"),
    Layer("lsoa", "2011", 151, LSOA_LOOKUP, "lsoa11_code", "lsoa11_name"),
    Layer("lsoa", "2021", 152, LSOA_LOOKUP, "lsoa21_code", "lsoa21_name"),
)


def read_points(path: Path) -> pd.DataFrame:
    """Read the labelled points, each location once, in an order that does not depend on the file's."""
    points = pd.read_csv(path).sort_values(["easting", "northing"], kind="stable")
    return points.drop_duplicates(["easting", "northing"]).reset_index(drop=True)


def read_outline(path: Path) -> shapely.Polygon:
    """
    Read the city outline; the EWKT prefix that names its coordinate system is dropped.

    Its two holes are slivers, a few metres wide and 0.005 km2 together, along
    seams of the generalised parts that it was put together from. Nobody lives
    outside Derby in there, so they are filled.
    """
    outline = shapely.from_wkt(path.read_text(encoding="utf-8").split(";")[-1])
    holes = [ring for ring in outline.interiors if shapely.Polygon(ring).area > SLIVER]
    return shapely.Polygon(outline.exterior, holes)


def read_names(layer: Layer, lookups: Path) -> dict[str, str]:
    """Return the name of each GSS code of a layer."""
    table = pd.read_csv(lookups / layer.lookup, dtype=str)
    table = table.drop_duplicates(layer.code_column).set_index(layer.code_column)
    return {str(code): str(name) for code, name in table[layer.name_column].items()}


def voronoi_cells(points: pd.DataFrame, outline: shapely.Polygon) -> np.ndarray:
    """
    Divide the outline into the cells of the points.

    Returns
    -------
    ndarray of shape (len(points),)
        One geometry per point, in the order of the points. Together they
        fill the outline. A cell holds its point, and pieces that the outline
        cut off from another point's cell.
    """
    xy = points[["easting", "northing"]].to_numpy(float)
    diagram = shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=outline, ordered=True)
    clipped = shapely.intersection(shapely.get_parts(diagram), outline)
    pieces, owner = shapely.get_parts(clipped, return_index=True)
    stray = ~shapely.intersects(pieces, shapely.points(xy)[owner])
    return shapely.coverage_union_all(_by_owner(pieces, adopt(pieces, owner, stray), len(xy)), axis=1)


def adopt(pieces: np.ndarray, owner: np.ndarray, stray: np.ndarray) -> np.ndarray:
    """
    Give every stray piece to the owner of the piece it shares its longest border with.

    A stray piece next to stray pieces only is left for a later round.
    """
    owner, stray = owner.copy(), stray.copy()
    while stray.any():
        settled = np.flatnonzero(~stray)
        before = stray.sum()
        for piece in np.flatnonzero(stray):
            shared = shapely.length(shapely.intersection(pieces[piece], pieces[settled]))
            if shared.max() > 0:
                owner[piece] = owner[settled[shared.argmax()]]
                stray[piece] = False
        if stray.sum() == before:
            raise SystemExit(
                "A piece of the outline touches no cell: the outline has detached parts without points."
            )
    return owner


def _by_owner(pieces: np.ndarray, owner: np.ndarray, n: int) -> np.ndarray:
    """Lay the pieces out with one row per owner, padded with None."""
    order = np.argsort(owner, kind="stable")
    rank = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    table = np.full((n, rank.max() + 1), None, dtype=object)
    table[owner[order], rank] = pieces[order]
    return table


def dissolve(cells: np.ndarray, labels: pd.Series) -> tuple[list[str], np.ndarray]:
    """Join the cells that carry the same code; return the codes, sorted, and their areas."""
    codes = sorted(labels.unique())
    areas = [shapely.coverage_union_all(cells[(labels == code).to_numpy()]) for code in codes]
    return codes, np.array(areas, dtype=object)


def generalise(areas: np.ndarray, tolerance: float) -> np.ndarray:
    """Simplify the common borders, leave the outer one, round to 1 cm, start every ring at one place."""
    simple = shapely.coverage_simplify(areas, tolerance, simplify_boundary=False)
    rounded = shapely.transform(simple, lambda xy: np.round(xy, 2))
    return shapely.orient_polygons(shapely.normalize(rounded))


def faults(layer: Layer, codes: list[str], areas: np.ndarray, outline: shapely.Polygon) -> list[str]:
    """List what is wrong with a layer; an empty list is a pass."""
    found = []
    if len(codes) != layer.count:
        found.append(f"{len(codes)} areas instead of {layer.count}")
    if not shapely.is_valid(areas).all():
        found.append("an invalid polygon")
    if not shapely.coverage_is_valid(areas):
        found.append("a gap or an overlap between neighbours")
    elif shapely.symmetric_difference(shapely.coverage_union_all(areas), outline).area > OUTLINE_SLACK:
        found.append("a union that is not the outline")
    return found


def feature(layer: Layer, code: str, name: str, area: Any) -> dict[str, Any]:
    """Describe one area as a GeoJSON feature."""
    properties = {
        "code": code,
        "name": name,
        "vintage": layer.name,
        "area_km2": round(area.area / 1e6, 4),
        "derived": True,
    }
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(area)}


def as_geojson(layer: Layer, features: Sequence[dict[str, Any]]) -> str:
    """
    Write a layer as GeoJSON in National Grid metres, one feature a line.

    The `crs` member is the one of the 2008 GeoJSON specification, which GDAL,
    QGIS and R read. Latitude and longitude would put a datum shift between the
    points and the areas, whose quality depends on the reader's machine.
    """
    head = {
        "type": "FeatureCollection",
        "name": layer.name,
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
    }
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    return json.dumps(head, separators=(",", ":"))[:-1] + f',"features":[\n{lines}\n]}}\n'


def derive(
    layer: Layer, *, cells: np.ndarray, points: pd.DataFrame, outline: shapely.Polygon, source: Path
) -> str:
    """Make one layer and return it as GeoJSON; end the run if it fails a check."""
    codes, areas = dissolve(cells, points[layer.name])
    areas = generalise(areas, TOLERANCE)
    wrong = faults(layer, codes, areas, outline)
    if wrong:
        raise SystemExit(f"{layer.name} has {' and '.join(wrong)}: look at {source}.")
    names = read_names(layer, source / "lookups")
    return as_geojson(
        layer, [feature(layer, code, names[code], area) for code, area in zip(codes, areas, strict=True)]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Derive the four layers and write them."""
    parser = argparse.ArgumentParser(description="Derive Derby's wards and LSOAs from labelled points.")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder with the reference data")
    parser.add_argument("--out", type=Path, default=HERE, help="where the layers go")
    chosen = parser.parse_args(arguments)
    points = read_points(chosen.source / "area_points.csv.gz")
    outline = read_outline(chosen.source / "city_outline.wkt")
    cells = voronoi_cells(points, outline)
    for layer in LAYERS:
        text = derive(layer, cells=cells, points=points, outline=outline, source=chosen.source)
        (chosen.out / layer.file_name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{chosen.out / layer.file_name}: {layer.count} areas, {len(text) / 1024:.0f} KiB")  # noqa: T201


if __name__ == "__main__":
    main()
