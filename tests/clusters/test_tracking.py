"""Clusters of one period and the next."""

from __future__ import annotations

import numpy as np
import pytest

from hotspots.clusters.tracking import track_clusters
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
