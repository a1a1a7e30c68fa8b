"""Zones, and the beats and hot spots of a run, by their names."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from square_city import wards

from hotspots.errors import InputError
from hotspots.evaluation.named import named_places
from hotspots.evaluation.shapes import find_place
from hotspots.evaluation.zones import read_zones

AREAS = {"ward": wards()}


def layer(shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:27700")


@pytest.fixture
def run(tmp_path):
    """The GeoPackage of a run: two themes share a beat, and there is one hot spot."""
    path = tmp_path / "hotspots.gpkg"
    discs = [shapely.Point(500, 500).buffer(85), shapely.Point(500, 500).buffer(90)]
    layer(discs, theme=["a", "b"], beat=["SK-one", "SK-one"], name=["One Lane", "One Lane"]).to_file(
        path, layer="beats"
    )
    layer([shapely.box(0, 0, 300, 300)], cluster=["SK-two"], name=["Two Street"]).to_file(
        path, layer="clusters"
    )
    layer([shapely.box(0, 0, 9, 9)], code=["x"]).to_file(path, layer="wards")
    return tmp_path


def test_zones_beats_and_hot_spots_together(run, tmp_path):
    layer([shapely.box(100, 100, 600, 600)], name=["Park"]).to_file(tmp_path / "zones.gpkg")
    found = named_places(read_zones(tmp_path / "zones.gpkg", areas=AREAS), run)
    assert dict(found["kind"]) == {"zone-park": "zone", "SK-one": "beat", "SK-two": "hot spot"}
    # The first theme's disc.
    assert found.loc["SK-one", "geometry"].bounds[0] == pytest.approx(415)
    assert named_places(None, run / "hotspots.gpkg").index.tolist() == ["SK-one", "SK-two"]
    assert named_places(None, None) is None


def test_an_area_is_a_beat_by_its_id_or_several(run):
    named = named_places(None, run)
    place = find_place("sk-one;Two Street", areas=AREAS, named=named)
    assert place.shape.area == pytest.approx(shapely.union_all(named.geometry.to_numpy()).area)


def test_a_file_without_beats_is_refused(tmp_path):
    path = tmp_path / "other.gpkg"
    layer([shapely.box(0, 0, 9, 9)], code=["x"]).to_file(path, layer="wards")
    with pytest.raises(InputError, match="holds no beats and no hot spots"):
        named_places(None, path)
    with pytest.raises(InputError, match="cannot be read: name a folder that `hotspots run` wrote"):
        named_places(None, tmp_path / "nowhere")
