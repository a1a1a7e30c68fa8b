"""Clusters of one period and the next."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from hotspots.clusters.tracking import track_clusters, track_months
from hotspots.errors import ParameterError


def _rows(frame) -> list[tuple]:
    return [tuple(row) for row in frame.itertuples(index=False)]


def test_new_continuing_and_ended():
    previous = np.array([0, 0, 0, 1, 1, 1, -1, -1, -1])
    current = np.array([1, 1, -1, -1, -1, -1, 0, 0, 0])
    assert _rows(track_clusters(previous, current)) == [
        ("new", 0, 1, 0, 0.0),
        ("continuing", 1, 2, 2, 1.0),
        ("ended", 2, 0, 0, 0.0),
    ]


def test_a_split_and_a_merger_continue_in_several_rows():
    one, two = np.array([0, 0, 0, 0]), np.array([1, 1, 0, 0])
    assert _rows(track_clusters(one, two)) == [("continuing", 1, 1, 2, 1.0), ("continuing", 1, 2, 2, 1.0)]
    assert _rows(track_clusters(two, one)) == [("continuing", 1, 1, 2, 1.0), ("continuing", 2, 1, 2, 1.0)]


def test_too_little_in_common_is_another_cluster():
    previous = np.array([0, 0, 0, -1, -1])
    current = np.array([-1, -1, 0, 0, 0])
    assert track_clusters(previous, current)["status"].tolist() == ["new", "ended"]
    assert track_clusters(previous, current, overlap=1 / 3)["status"].tolist() == ["continuing"]


@pytest.mark.parametrize("labels", [np.array([], dtype=int), np.array([-1, -1])])
def test_nothing_before_and_after_is_an_empty_table(labels):
    tracked = track_clusters(labels, labels)
    assert len(tracked) == 0
    assert list(tracked.columns) == ["status", "previous", "current", "shared", "overlap"]


def test_labels_of_other_places_and_an_overlap_out_of_range_are_refused():
    with pytest.raises(ParameterError, match="2 previous and 3 current labels"):
        track_clusters(np.zeros(2, int), np.zeros(3, int))
    for overlap in (0, 1.1, float("nan")):
        with pytest.raises(ParameterError, match="overlap is"):
            track_clusters(np.zeros(2, int), np.zeros(2, int), overlap=overlap)


def _two_groups() -> gpd.GeoDataFrame:
    x = [0, 50, 100, 5000, 5050, 5100]
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, [0] * 6), crs="EPSG:27700")


MONTHLY = np.array([[2, 2, 0], [2, 1, 0], [2, 2, 0], [0, 3, 3], [0, 3, 3], [0, 3, 3]])


def test_months_are_followed_by_hand():
    tracked = track_months(
        _two_groups(), MONTHLY, months=("2025-01", "2025-02", "2025-03"), eps=60, min_samples=3
    )
    assert _rows(tracked) == [
        ("2025-01", "new", 0, 1, 0, 0.0, 6, 3),
        ("2025-02", "new", 0, 1, 0, 0.0, 9, 3),
        ("2025-02", "continuing", 1, 2, 3, 1.0, 5, 3),
        ("2025-03", "continuing", 1, 1, 3, 1.0, 9, 3),
        ("2025-03", "ended", 2, 0, 0, 0.0, 0, 0),
    ]


def test_options_steer_the_months():
    months = ("2025-01", "2025-02", "2025-03")
    chosen = {"months": months, "eps": 60, "min_samples": 3}
    for change in ({"eps": 40}, {"min_samples": 7}, {"min_places": 4}):
        assert len(track_months(_two_groups(), MONTHLY, **{**chosen, **change})) < 5
    shrunk = MONTHLY.copy()
    shrunk[:2, 1] = 3
    shrunk[2, 1] = 0
    loose = track_months(_two_groups(), shrunk, **chosen, min_places=2)
    assert (loose["status"] == "continuing").sum() == 2


def test_months_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match=r"monthly has shape \(6, 3\)"):
        track_months(_two_groups(), MONTHLY, months=("2025-01",), eps=60, min_samples=3)
    with pytest.raises(ParameterError, match="eps is 0"):
        track_months(_two_groups(), MONTHLY, months=("a", "b", "c"), eps=0, min_samples=3)
