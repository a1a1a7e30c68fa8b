"""Scan statistics: SaTScan's own run, a planted circle, and no alarm where there is nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_months import made_months, months_from

from hotspots.errors import ParameterError
from hotspots.statistics._circles import log_likelihood_ratio, scan_circles
from hotspots.statistics.scan import SCAN_COLUMNS, expected_at_places, prospective_scan, spatial_scan

YEAR = months_from("2025-01", 12)
#: What SaTScan 9.6 found in New York: places, cases, expected, relative risk, log likelihood ratio, p.
SATSCAN = (
    (
        "49 48 50 47 1 15 51 2 13 14 3 35 16 52 36 37 12 11 5 17 10 4 6 38 18 9",
        85,
        49.71,
        1.84,
        11.577255,
        0.001,
    ),
    ("89 88 87 84 90 86 92 85", 38, 17.79, 2.22, 9.019716, 0.013),
    (None, 64, 40.85, 1.64, 6.114140, 0.216),
    ("62 64 67 65", 25, 12.82, 1.99, 4.651839, 0.609),
    ("46 45 41 54 44 43 53", 28, 15.54, 1.84, 4.169203, 0.755),
)


def grid(side=10, step=500.0):
    east, north = np.meshgrid(np.arange(side), np.arange(side))
    return step * np.column_stack([east.ravel(), north.ravel()])


@pytest.mark.shared
def test_new_york_is_as_satscan_found_it(shared):
    folder = shared / "oracles" / "scan_new_york"
    read = {
        name: pd.read_csv(folder / f"{name}.txt", sep=" ", header=None, index_col=0)
        for name in ("cases", "coords", "pop")
    }
    found = spatial_scan(
        read["cases"][1], expected=read["pop"][2], xy=read["coords"].to_numpy(), most=0.1, seed=1
    )
    for row, (places, cases, expected, risk, ratio, p) in zip(found.itertuples(), SATSCAN, strict=False):
        assert len(row.members) == 33 if places is None else row.members == tuple(map(int, places.split()))
        assert row.n == cases
        assert row.expected == pytest.approx(expected, abs=0.005)
        assert row.relative_risk == pytest.approx(risk, abs=0.005)
        assert row.llr == pytest.approx(ratio, abs=1e-6)
        # Both p-values rest on 999 draws of their own.
        assert row.p == pytest.approx(p, abs=0.002 + 4 * np.sqrt(p * (1 - p) / 1000))


def test_the_ratio_by_hand():
    # 8 of 20 where 4 are expected: 8 ln 2 + 12 ln (12/16).
    found = log_likelihood_ratio(np.array([8.0, 3.0]), np.array([4.0, 4.0]), 20)
    assert found.tolist() == pytest.approx([8 * np.log(2) + 12 * np.log(0.75), 0.0])


def test_circles_end_where_spots_lie_equally_far_and_hold_no_more_than_allowed():
    xy = np.array([[0, 0], [1, 0], [-1, 0], [5, 0]], dtype=float)
    found = scan_circles(xy, np.ones(4), most=0.5)
    first = found.centre == 0
    # Two neighbours are equally near: a circle with one of them only is none, one with both holds too much.
    assert found.spot[first].tolist() == [0, 1] and found.ends[first].tolist() == [True, False]
    three = scan_circles(
        np.array([[0, 0], [1, 0], [3, 0], [9, 0]], dtype=float), np.ones(4), most=0.5, fewest_spots=2
    )
    assert (three.ends.sum(), found.distance.min()) == (4, 0)


@pytest.mark.parametrize("longest", [400.0, 5e5])
def test_a_greatest_radius_gives_the_circles_that_are_no_longer(longest):
    xy = np.random.default_rng(1).uniform(0, 3000, (60, 2))
    near = scan_circles(xy, np.ones(60), most=0.3, longest=longest)
    every = scan_circles(xy, np.ones(60), most=0.3)
    short = every.distance <= longest
    for part in ("centre", "spot", "distance"):
        assert np.allclose(getattr(near, part), getattr(every, part)[short])


def test_a_planted_circle_is_found():
    xy, rng = grid(), np.random.default_rng(2)
    inside = np.hypot(*(xy - [2000, 2000]).T) < 800
    count = pd.Series(rng.poisson(np.where(inside, 30, 10)))
    found = spatial_scan(count, expected=pd.Series(1.0, count.index), xy=xy)
    assert tuple(found.columns) == SCAN_COLUMNS and found["p"].iloc[0] == 0.001
    assert set(found["members"].iloc[0]) == set(np.flatnonzero(inside))
    members = [spot for circle in found["members"] for spot in circle]
    assert len(members) == len(set(members))


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_false_alarms_are_as_rare_as_said(dispersion):
    xy, rng = grid(), np.random.default_rng(3)
    expected = pd.Series(rng.uniform(5, 15, 100))
    over = dispersion - 1
    alarms = 0
    for number in range(32):
        rate = expected if not over else pd.Series(rng.gamma(expected / over, over))
        found = spatial_scan(
            pd.Series(rng.poisson(rate)),
            expected=expected,
            xy=xy,
            draws=99,
            seed=number,
            dispersion=dispersion,
        )
        alarms += bool((found["p"] <= 0.05).any())
    assert alarms <= 32 * 0.05 + 2 * np.sqrt(32 * 0.05 * 0.95)


def test_incidents_that_pile_up_are_no_cluster_once_that_is_allowed_for():
    xy, rng = grid(), np.random.default_rng(4)
    count = pd.Series(rng.poisson(rng.gamma(10 / 4, 4, 100)))
    alike = pd.Series(1.0, count.index)
    plain, aware = (
        spatial_scan(count, expected=alike, xy=xy, dispersion=over)["p"].min() for over in (1.0, 5.0)
    )
    assert plain < 0.05 < aware


def test_a_rise_of_the_last_months_is_found_and_what_was_always_high_is_not():
    xy, rng = grid(), np.random.default_rng(5)
    usual = np.full((100, 12), 4.0)
    usual[30:34] = 40.0
    rise = np.hypot(*(xy - [3000, 3000]).T) < 800
    usual[np.ix_(rise, range(9, 12))] *= 3
    table = pd.DataFrame(rng.poisson(usual), columns=YEAR)
    found = prospective_scan(table, xy=xy)
    assert found["since"].iloc[0] == "2025-10" and found["p"].iloc[0] == 0.001
    assert set(found["members"].iloc[0]) == set(np.flatnonzero(rise))
    assert (found["p"].iloc[1:] > 0.05).all()


def test_a_season_of_the_whole_city_is_no_rise():
    xy, alarms = grid(), 0
    for seed in range(8):
        table = made_months(
            np.random.default_rng(seed), areas=100, months=YEAR, mean=6, excess=0, own=0, season=0.6
        )
        alarms += bool((prospective_scan(table, xy=xy, draws=99)["p"] <= 0.05).any())
    assert alarms <= 8 * 0.05 + 2 * np.sqrt(8 * 0.05 * 0.95)


def test_the_seed_and_nothing_else_decides():
    xy, rng = grid(), np.random.default_rng(6)
    count = pd.Series(rng.poisson(5, 100))
    expected = pd.Series(1.0, count.index)
    one, same, other = (spatial_scan(count, expected=expected, xy=xy, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one["p"].equals(other["p"]) and one["llr"].equals(other["llr"])


def test_residents_are_shared_out_among_the_places_of_their_lsoa():
    found = expected_at_places(pd.Series(["A", "A", "B", ""]), pd.Series({"A": 300.0, "B": 100.0}))
    assert found.tolist() == [150.0, 150.0, 100.0, 0.0]


def test_nothing_to_scan_gives_an_empty_list():
    none = pd.Series(0, range(4))
    assert spatial_scan(none, expected=none + 1.0, xy=grid(2)).empty
    assert prospective_scan(pd.DataFrame(0.0, index=range(4), columns=YEAR), xy=grid(2)).empty
    # Where no circle may hold as many spots as are asked for, there is none to look at.
    assert spatial_scan(none + 1, expected=none + 1.0, xy=grid(2), fewest_spots=4).empty
    some = pd.DataFrame(1.0, index=range(4), columns=YEAR)
    assert prospective_scan(some, xy=grid(2), fewest_spots=4).empty
    with pytest.raises(ParameterError, match="1 months, the last 6 recent: give at least 2 and 1"):
        prospective_scan(some[YEAR[:1]], xy=grid(2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"most": 0.8}, "may hold 0.8 of all"),
        ({"fewest_spots": 0}, "must hold 0 places"),
        ({"draws": 0}, "draws is 0"),
        ({"dispersion": 0.5}, "dispersion is below 1"),
        ({"expected": pd.Series([1.0, 1.0, np.nan, 1.0])}, "Nothing is known to expect in 2"),
        ({"expected": pd.Series(0.0, range(4))}, "does not fit the places"),
    ],
)
def test_faulty_words_are_named(change, message):
    options = {"expected": pd.Series(1.0, range(4)), "xy": grid(2)} | change
    with pytest.raises(ParameterError, match=message):
        spatial_scan(pd.Series([1, 2, 3, 4]), **options)
