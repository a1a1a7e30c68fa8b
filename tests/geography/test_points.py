"""Points that a beat may lie near: files as publishers write them, and files that cannot be used."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from hotspots.errors import InputError
from hotspots.geography.points import read_points
from hotspots.geography.projection import HELMERT


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_schools_stops_and_premises_are_read_as_their_publishers_write_them(tmp_path):
    schools = write(
        tmp_path / "edubase.csv",
        "URN,EstablishmentName,PhaseOfEducation (name),Easting,Northing\n"
        "1,High School,Secondary,435000,336000\n",
    )
    stops = write(
        tmp_path / "stops.csv",
        "ATCOCode,CommonName,StopType,Easting,Northing\n1,Market,BCT,435100,336100\n2,Derby,RLY,436000,335600\n",
    )
    food = write(
        tmp_path / "food.csv",
        "BusinessName,BusinessType,Longitude,Latitude\nThe Bell,Pub/bar/nightclub,-1.4767,52.9225\n,,,\n",
    )
    found = read_points([schools, stops, food], projection=HELMERT)
    assert list(zip(found["kind"], found["name"], strict=True)) == [
        ("Pub/bar/nightclub", "The Bell"),
        ("Secondary", "High School"),
        ("bus stop", "Market"),
        ("railway station", "Derby"),
    ]
    assert found.geometry.iloc[0].distance(shapely.Point(435_270, 336_180)) < 200
    assert found.crs.to_epsg() == 27700


def test_a_layer_is_read_like_a_table_and_each_point_once(tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": ["Park"], "type": ["park"]}, geometry=[shapely.box(0, 0, 2, 2)], crs="EPSG:27700"
    )
    frame.to_file(tmp_path / "parks.gpkg")
    twice = [tmp_path / "parks.gpkg"] * 2
    found = read_points(twice, projection=HELMERT)
    assert found[["kind", "name"]].to_numpy().tolist() == [["park", "Park"]]
    assert found.geometry.iloc[0].area == 4


def test_none_is_not_an_empty_list_of_points():
    assert read_points([], projection=HELMERT) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind,easting,northing\npub,1,2\n", "has no column of names"),
        ("name,kind\nBell,pub\n", "has no coordinates: name two columns"),
        ("name,easting,northing\nBell,west,2\n", "has 1 row and no coordinate"),
        ("", "cannot be read as CSV"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read_points([write(tmp_path / "points.csv", text)], projection=HELMERT)


def test_a_file_that_is_not_there_or_has_no_coordinate_system_is_told(tmp_path):
    with pytest.raises(InputError, match=r"The points gone\.csv do not exist"):
        read_points([tmp_path / "gone.csv"], projection=HELMERT)
    with pytest.raises(InputError, match="cannot be read as a map layer"):
        read_points([write(tmp_path / "broken.geojson", "{")], projection=HELMERT)
