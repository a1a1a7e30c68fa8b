"""Zones: read, checked, and counted like wards."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from square_city import THEME, incidents, months, wards

from hotspots.errors import InputError, ParameterError
from hotspots.evaluation.zones import count_zones, read_zones

AREAS = {"ward": wards()}
READ = months("2025-01", "2025-03")


def layer(
    shapes: list[shapely.Geometry | None], names: list[str | None], column: str = "name"
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({column: names}, geometry=shapes, crs="EPSG:27700")


@pytest.fixture
def read(tmp_path):
    def reader(frame, name="zones.gpkg"):
        frame.to_file(tmp_path / name)
        return read_zones(tmp_path / name, areas=AREAS)

    return reader


BOX = shapely.box(100, 100, 600, 600)


class TestReading:
    def test_frame(self, read):
        zones = read(layer([BOX, shapely.box(1100, 0, 2100, 1000)], ["The Park", "BID"]))
        assert list(zones.frame.index) == ["zone-bid", "zone-the-park"]
        assert zones.frame["area_km2"].tolist() == pytest.approx([1.0, 0.25])
        assert zones.frame["level"].eq("zone").all()
        assert zones.warnings == ()

    def test_parts_of_one_name_are_one_zone(self, read):
        zones = read(layer([BOX, shapely.box(3000, 0, 3100, 100)], ["Park", "Park"], column="Title"))
        assert len(zones.frame) == 1
        assert zones.frame["area_km2"].iloc[0] == pytest.approx(0.26)

    def test_geojson_in_degrees(self, read):
        zones = read(layer([BOX], ["Park"]).to_crs("EPSG:4326"), name="zones.geojson")
        assert zones.frame["area_km2"].iloc[0] == pytest.approx(0.25, rel=1e-3)

    def test_says_what_overlaps_and_what_reaches_out(self, read):
        zones = read(
            layer([BOX, shapely.box(500, 500, 900, 900), shapely.box(-500, 0, 50, 50)], ["A", "B", "C"])
        )
        assert any("1 pair of zones overlaps, such as A and B" in words for words in zones.warnings)
        assert any("1 zone reaches outside the study area, such as C" in words for words in zones.warnings)


class TestFaults:
    @pytest.mark.parametrize(
        ("shape", "name", "message"),
        [
            (None, "Park", "feature 1 has no shape"),
            (shapely.Point(10, 10), "Park", "feature 1 is a Point"),
            (BOX, None, "feature 1 has no name"),
            (shapely.box(90_000, 0, 90_100, 100), "Park", "feature 1 lies outside the study area"),
            (
                shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]),
                "Park",
                "feature 1 is a polygon that crosses",
            ),
        ],
    )
    def test_names_the_feature(self, read, shape, name, message):
        with pytest.raises(InputError, match=message):
            read(layer([shape], [name]), name="zones.geojson")

    def test_names_that_differ_only_in_signs(self, read):
        with pytest.raises(InputError, match="differ only in signs: Park A and Park-A"):
            read(layer([BOX, BOX], ["Park A", "Park-A"]))

    def test_no_column_of_names_and_no_feature(self, read):
        with pytest.raises(InputError, match="no column with names"):
            read(layer([BOX], ["x"], column="colour"))
        with pytest.raises(InputError, match="holds no zone"):
            read(layer([], []))

    def test_several_layers(self, tmp_path):
        path = tmp_path / "zones.gpkg"
        for name in ("one", "two"):
            layer([BOX], ["x"]).to_file(path, layer=name)
        with pytest.raises(InputError, match="holds 2 layers"):
            read_zones(path, areas=AREAS)


class TestCounting:
    def test_by_hand(self, read):
        frame = pd.DataFrame(
            {
                "month": ["2025-01", "2025-01", "2025-02", "2025-03"],
                # On the edge, inside, outside, without a point.
                "easting": [100.0, 300.0, 700.0, np.nan],
                "northing": [300.0, 300.0, 300.0, np.nan],
            }
        )
        found = count_zones(
            frame, pd.DataFrame({THEME: [True, True, True, True]}), read(layer([BOX], ["P"])), months=READ
        ).long()
        assert list(found["month"]) == ["", *READ]
        assert list(found["count"]) == [2, 2, 0, 0]
        assert list(found["rate_per_km2"]) == [32.0, 96.0, 0.0, 0.0]
        assert found["rate_per_1000"].isna().all()

    def test_the_shape_counts_and_not_the_box_around_it(self, read):
        triangle = shapely.Polygon([(0, 0), (1000, 0), (0, 1000)])
        frame = pd.DataFrame({"month": "2025-01", "easting": [100.0, 900.0], "northing": [100.0, 900.0]})
        found = count_zones(
            frame, pd.DataFrame({THEME: [True, True]}), read(layer([triangle], ["T"])), months=READ
        )
        assert found.count[0, 0, 0] == 1

    def test_wards_as_zones_count_what_wards_count(self, read):
        frame, membership = incidents(READ, mean=5)
        shapes = wards()
        zones = read(layer(list(shapes.geometry), list(shapes["name"])))
        found = count_zones(frame, membership, zones, months=READ).long()
        whole = found[found["month"] == ""].set_index("name")["count"]
        expected = frame["ward_code"].map(shapes["name"]).value_counts()
        assert whole.to_dict() == expected.to_dict()

    def test_overlapping_zones_both_count(self, read):
        frame, membership = incidents(READ, mean=5)
        zones = read(layer([BOX, BOX], ["A", "B"]))
        found = count_zones(frame, membership, zones, months=READ).long()
        assert (
            found[found["code"] == "zone-a"]["count"].tolist()
            == found[found["code"] == "zone-b"]["count"].tolist()
        )

    def test_refuses_frames_that_do_not_match(self, read):
        frame, membership = incidents(READ, mean=1)
        with pytest.raises(ParameterError, match="do not match"):
            count_zones(frame, membership.iloc[1:], read(layer([BOX], ["A"])), months=READ)
