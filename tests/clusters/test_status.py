"""Whether a cluster was there in both halves of the period."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.status import cluster_status
from hotspots.months import halves
from hotspots.schema import NATIONAL_GRID

OPTIONS = {"eps": 150.0, "min_samples": 60, "min_places": 3}


def town(*shapes):
    """Build groups of four places, 2 km apart; each shape gives a group's incidents by month."""
    x = np.repeat(2000.0 * np.arange(len(shapes)), 4) + np.tile([0, 50, 100, 150], len(shapes))
    monthly = np.repeat(np.array(shapes), 4, axis=0)
    frame = gpd.GeoDataFrame(
        {"n": monthly.sum(axis=1)}, geometry=gpd.points_from_xy(x, np.zeros(len(x))), crs=NATIONAL_GRID
    )
    return frame, monthly


def status(*shapes):
    frame, monthly = town(*shapes)
    labels = hotspot_dbscan(frame, **OPTIONS)
    return cluster_status(frame, labels, monthly, **OPTIONS)


ALWAYS, LATER, EARLIER = [10] * 6, [0, 0, 0, 18, 18, 18], [16, 16, 16, 0, 0, 0]


def test_continuing_new_and_ended_by_hand():
    # Clusters are numbered by their incidents: 60, 54 and 48 at each of their places.
    assert status(EARLIER, ALWAYS, LATER) == ["continuing", "new", "ended"]


def test_with_an_odd_number_of_months_the_middle_one_is_in_neither_half():
    assert status([0, 0, 0, 90, 0, 0, 0]) == [""]
    assert status([10] * 7) == ["continuing"]


@pytest.mark.parametrize("months", [1, 5])
def test_too_short_a_period_says_nothing(months):
    assert status([60] * months) == [""]


@pytest.mark.parametrize(
    ("months", "parts"),
    [([1, 2, 3, 4], ([1, 2], [3, 4])), ([1, 2, 3], ([1], [3])), ([1], ([], [])), ([], ([], []))],
)
def test_a_middle_month_is_in_neither_half(months, parts):
    assert halves(months) == parts


def test_no_cluster_gives_no_status():
    frame, monthly = town([1] * 6)
    assert cluster_status(frame, np.full(4, -1), monthly, **OPTIONS) == []


def test_a_few_incidents_more_or_less_do_not_make_a_cluster_new_or_ended():
    # 15 make a cluster of a half (30 of the whole): 14 before and 20 after is found in the later one only.
    # Half of all incidents are in the later half: 20 of 34 or more come by chance in 2 of 10 cases.
    options = {**OPTIONS, "min_samples": 30}
    before, after = np.array([4, 4, 3, 3]), np.array([5, 5, 5, 5])
    monthly = np.zeros((8, 6), dtype=int)
    monthly[:4, 1], monthly[:4, 4] = before, after
    monthly[4:] = [[16, 15, 15, 16, 16, 16]] * 3 + [[16, 16, 16, 16, 16, 16]]
    frame, _ = town([1] * 6, [1] * 6)
    frame["n"] = monthly.sum(axis=1)
    labels = hotspot_dbscan(frame, **options)
    assert sorted(set(labels)) == [0, 1]
    assert cluster_status(frame, labels, monthly, **options) == ["continuing", "continuing"]
    # 14 and 50 is beyond chance.
    monthly[:4, 4] = [12, 12, 13, 13]
    assert cluster_status(frame, labels, monthly, **options)[1] == "new"


def test_clusters_whose_months_come_in_series_need_a_larger_change():
    # 18 and 53 at the third group, and nothing else changes: clear, unless months jump as much as these do.
    options = {**OPTIONS, "min_samples": 45}
    quiet, frame = np.full((12, 6), 16), town([1] * 6, [1] * 6, [1] * 6)[0]
    quiet[8:] = [[1, 1, 2, 4, 4, 5]] * 3 + [[2, 2, 2, 5, 5, 4]]
    jumpy = quiet.copy()
    jumpy[8:, 3:] = [[0, 0, 13]] * 3 + [[0, 0, 14]]
    jumpy[:4, [1, 4]], jumpy[4:8, [1, 4]] = [2, 30], [30, 2]
    jumpy[:4, [2, 5]], jumpy[4:8, [2, 5]] = [30, 2], [2, 30]
    for monthly, expected in ((quiet, "new"), (jumpy, "continuing")):
        here = frame.assign(n=monthly.sum(axis=1))
        labels = hotspot_dbscan(here, **options)
        assert monthly[labels == 2][:, :3].sum() == 18 and monthly[labels == 2][:, 3:].sum() == 53
        assert cluster_status(here, labels, monthly, **options)[2] == expected


def test_a_half_without_any_incident_says_nothing():
    assert status([20, 20, 20, 0, 0, 0]) == [""]


def test_time_turned_round_swaps_new_and_ended():
    swap = {"new": "ended", "ended": "new"}
    forward = status(EARLIER, ALWAYS, LATER)
    backward = status(*(shape[::-1] for shape in (EARLIER, ALWAYS, LATER)))
    assert backward == [swap.get(word, word) for word in forward]


def test_every_cluster_of_the_sample_has_a_status_and_only_internally(sample_analysis):
    words = {"new", "continuing", "ended", ""}
    inside = sample_analysis.release().clusters["status"]
    assert set(inside) <= words and (inside != "").any()
    assert set(sample_analysis.release(audience="public").clusters["status"]) <= {""}
