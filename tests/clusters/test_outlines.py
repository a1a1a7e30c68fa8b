"""What each cluster looks like."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.outlines import cluster_outlines, describe_clusters
from hotspots.errors import ParameterError
from hotspots.policeuk import street_name

MONTHS = ("2025-01", "2025-02", "2025-03")


def _places() -> gpd.GeoDataFrame:
    rows = [
        (0, 0, 4, "On or near Mill Street", "E05000002"),
        (100, 0, 9, "On or near Parking Area", "E05000001"),
        (200, 0, 3, "On or near Abbey Road", "E05000001"),
        (0, 2000, 2, "", "E05000003"),
        (0, 2100, 1, "On or near Hospital", "E05000003"),
        (100, 2000, 1, "On or near", ""),
        (9000, 9000, 5, "On or near Far Lane", "E05000003"),
    ]
    x, y, n, street, ward = zip(*rows, strict=True)
    frame = {"n": n, "street": street, "ward_code": ward}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(x, y), crs="EPSG:27700")


LABELS = np.array([0, 0, 0, 1, 1, 1, -1])


def test_a_hand_made_city_is_described():
    monthly = np.array([[4, 0, 0], [0, 9, 0], [0, 3, 0], [0, 2, 0], [0, 1, 0], [0, 1, 0], [5, 0, 0]])
    confidence = pd.DataFrame({"cluster": [1, 2], "confidence": [0.9, 0.4]})
    found = describe_clusters(
        _places(), LABELS, eps=150, monthly=monthly, months=MONTHS, confidence=confidence
    )
    assert found.crs == "EPSG:27700"
    plain = found.drop(columns=["geometry", "area_km2", "density_per_km2"]).to_dict("records")
    assert plain == [
        {
            "order": 1,
            "n": 16,
            "places": 3,
            "length_m": 200.0,
            "share": 16 / 25,
            "confidence": 0.9,
            "streets": "Mill Street; Abbey Road; Parking Area",
            "ward_codes": "E05000001;E05000002",
            "monthly": "4;12;0",
            "first_month": "2025-01",
            "last_month": "2025-02",
        },
        {
            "order": 2,
            "n": 4,
            "places": 3,
            "length_m": found["length_m"][1],
            "share": 4 / 25,
            "confidence": 0.4,
            "streets": "Hospital",
            "ward_codes": "E05000003",
            "monthly": "0;4;0",
            "first_month": "2025-02",
            "last_month": "2025-02",
        },
    ]
    # Three places in a line of 200 m with a margin of 50 m: a strip with round ends.
    assert found["area_km2"][0] == pytest.approx((200 * 100 + np.pi * 50**2) / 1e6, rel=0.02)
    assert found["density_per_km2"][0] == pytest.approx(16 / found["area_km2"][0])
    assert found.geometry[0].contains(shapely.LineString([(0, 0), (200, 0)]))


def test_only_the_three_commonest_streets_are_named():
    places = _places().assign(
        street=[f"On or near {name} Street" for name in "DCBAXYZ"], n=[1, 1, 1, 5, 1, 1, 1]
    )
    found = describe_clusters(places, np.zeros(7, dtype=int))
    assert found["streets"].tolist() == ["A Street; B Street; C Street"]


def test_without_months_and_confidence_these_are_empty():
    found = describe_clusters(_places(), LABELS, weights=np.array([1, 0, 1, 2, 2, 2, 0]))
    assert found["n"].tolist() == [2, 6]
    assert found["share"].tolist() == [0.25, 0.75]
    assert found["confidence"].isna().all()
    assert found[["monthly", "first_month", "last_month"]].eq("").all(axis=None)


@pytest.mark.parametrize("rows", [slice(None), slice(0)], ids=["only noise", "no places"])
def test_no_cluster_gives_an_empty_frame_with_the_same_columns(rows):
    places = _places().iloc[rows]
    found = describe_clusters(
        places, np.full(len(places), -1), monthly=np.zeros((len(places), 3), dtype=int), months=MONTHS
    )
    assert len(found) == 0
    assert found.crs == "EPSG:27700"
    assert list(found.columns) == list(describe_clusters(_places(), LABELS).columns)


def test_the_order_of_the_places_changes_nothing():
    order = np.array([3, 6, 1, 0, 5, 2, 4])
    shuffled = _places().iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        describe_clusters(shuffled, LABELS[order]), describe_clusters(_places(), LABELS)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": LABELS[:3]}, "3 labels for 7 places"),
        ({"weights": np.ones(2)}, "2 weights for 7 places"),
        ({"eps": 0}, "eps is 0"),
        ({"monthly": np.ones((7, 2)), "months": MONTHS}, "give 7 places by 3 months"),
        ({"confidence": pd.DataFrame({"cluster": [1], "confidence": [1.0]})}, "is of 1 clusters .* hold 2"),
    ],
)
def test_what_does_not_fit_the_places_is_refused(change, message):
    with pytest.raises(ParameterError, match=message):
        describe_clusters(_places(), **{"labels": LABELS, **change})


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(-1, 3)), max_size=40))
def test_an_outline_is_valid_and_around_all_its_places(points):
    table = np.array(points, dtype=float).reshape(-1, 3)
    present = np.unique(table[table[:, 2] >= 0, 2])
    labels = np.where(table[:, 2] >= 0, np.searchsorted(present, table[:, 2]), -1)
    xy = table[:, :2] * 50
    outlines = cluster_outlines(xy, labels, eps=150)
    bridged = cluster_outlines(xy, labels, eps=1500)
    assert len(outlines) == len(bridged) == len(present)
    for one, outline in enumerate(outlines):
        assert outline.is_valid
        inside = shapely.points(xy[labels == one])
        assert shapely.contains(outline, inside).all()
        assert (shapely.distance(shapely.boundary(outline), inside) >= 49).all()
        assert bridged[one].geom_type == "Polygon", "no two places are further apart than eps"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=60))
def test_the_outline_of_a_cluster_is_in_one_piece(points):
    xy = np.array(points, dtype=float) * 40
    places = gpd.GeoDataFrame({"n": [1] * len(xy)}, geometry=gpd.points_from_xy(*xy.T), crs="EPSG:27700")
    labels = hotspot_dbscan(places, eps=100, min_samples=3, min_places=1)
    for outline in cluster_outlines(xy, labels, eps=100):
        assert outline.geom_type == "Polygon"


def test_only_gaps_up_to_eps_are_bridged():
    corner = np.array([[0.0, 0.0], [140.0, 0.0], [140.0, 140.0]])
    (bent,) = cluster_outlines(corner, np.zeros(3, dtype=int), eps=150)
    # The third side is 198 m long: what is left is the street around the corner.
    street = shapely.LineString(corner).buffer(50)
    assert shapely.symmetric_difference(bent, street).area < 0.01 * street.area
    (whole,) = cluster_outlines(corner, np.zeros(3, dtype=int), eps=200)
    assert whole.contains(shapely.Polygon(corner))


def test_an_outline_leaves_out_the_middle_of_a_horseshoe():
    angle = np.linspace(0, 1.5 * np.pi, 40)
    xy = 1000 * np.column_stack([np.cos(angle), np.sin(angle)])
    (outline,) = cluster_outlines(xy, np.zeros(40, dtype=int), eps=150)
    assert not outline.contains(shapely.Point(0, 0))
    assert outline.area < 0.25 * np.pi * 1000**2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("On or near St Peter'S Street", "St Peter's Street"),
        ("On or near", ""),
        ("On or near ", ""),
        ("O'Sullivan Road", "O'Sullivan Road"),
    ],
)
def test_street_names_are_written_as_people_do(text, said):
    assert street_name(text) == said
