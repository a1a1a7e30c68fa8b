"""Street lines from a user's context file."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from hotspots.errors import InputError
from hotspots.geography.roads import read_roads

A = shapely.linestrings([[435000, 336000], [435100, 336000]])
B = shapely.linestrings([[435000, 336100], [435100, 336100]])
C = shapely.linestrings([[435000, 336200], [435100, 336200]])


def write(path, shapes, crs="EPSG:27700", **columns):
    layer = columns.pop("layer", None)
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path, layer=layer)
    return path


def test_kind_tells_streets_from_rail_and_points_are_no_lines(tmp_path):
    shapes = [shapely.multilinestrings([A, B]), C, shapely.Point(435000, 336000)]
    path = write(tmp_path / "lines.geojson", shapes, kind=["road", "Railway", "road"])
    found = read_roads(path)
    assert {line.wkt for line in found} == {A.wkt, B.wkt}


def test_layers_of_a_geopackage_go_by_their_names_and_order_does_not_matter(tmp_path):
    path = write(tmp_path / "a.gpkg", [C, A], layer="streets", x=[1, 2])
    write(path, [B], layer="river", x=[1])
    other = write(tmp_path / "b.gpkg", [A, C], layer="streets", x=[1, 2])
    first, second = read_roads(path), read_roads(other)
    assert [line.wkt for line in first] == [line.wkt for line in second]
    assert {line.wkt for line in first} == {A.wkt, C.wkt}


def test_degrees_become_metres(tmp_path):
    path = write(
        tmp_path / "lines.geojson", gpd.GeoSeries([A], crs=27700).to_crs(4326), crs="EPSG:4326", x=[1]
    )
    (line,) = read_roads(path)
    assert line.length == pytest.approx(100, rel=0.01)


def test_without_a_street_there_is_none_and_a_broken_file_is_refused(tmp_path):
    assert read_roads(write(tmp_path / "rail.geojson", [A], kind=["rail"])) is None
    broken = tmp_path / "lines.gpkg"
    broken.write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match=r"lines\.gpkg cannot be read as a layer"):
        read_roads(broken)


def test_a_table_is_no_street_and_a_layer_has_to_say_where_it_lies(tmp_path):
    pyogrio.write_dataframe(pd.DataFrame({"x": [1]}), tmp_path / "table.gpkg", layer="streets")
    assert read_roads(tmp_path / "table.gpkg") is None
    path = write(tmp_path / "lines.shp", [A], x=[1])
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match=r"lines\.shp does not say its coordinate system"):
        read_roads(path)
