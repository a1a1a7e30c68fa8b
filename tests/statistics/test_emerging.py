"""The eight emerging hot spot categories, from sequences written by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom, kendalltau, norm
from squares import squares

from hotspots.errors import ParameterError
from hotspots.schema import CATEGORIES
from hotspots.statistics.emerging import _by_chance, classify_sequences, emerging_hotspots, mann_kendall
from hotspots.statistics.neighbours import queen_neighbours

#: Months as H (hot), C (cold), . (neither); the trend's z; the category expected.
SEQUENCES = [
    ("...........H", 0.0, "new"),
    ("..C........H", 0.0, "new"),
    ("..........HH", 0.0, "consecutive"),
    ("..HHHHHHHHHH", 0.0, "consecutive"),
    (".C........HH", 0.0, "consecutive"),
    ("HHHHHHHHHHHH", 3.0, "intensifying"),
    (".HHHHHHHHHHH", 3.0, "intensifying"),
    ("HHHHHHHHHHHH", 0.0, "persistent"),
    ("HHHHHH.HHHHH", 1.9, "persistent"),
    ("CHHHHHHHHHHH", 0.0, "persistent"),
    ("HHHHHHHHHHHH", -3.0, "diminishing"),
    ("H..........H", 0.0, "sporadic"),
    ("HHHHHHHHH.HH", 0.0, "persistent"),
    ("HHHHHHHH..HH", 3.0, "sporadic"),
    ("H.C........H", 0.0, "oscillating"),
    ("CHHHHHHHH.HH", 0.0, "oscillating"),
    ("HHHHHHHHHHH.", 0.0, "historical"),
    ("HHHHHHHHHHHC", 3.0, "historical"),
    ("HHHHHHHHHH..", 0.0, ""),
    ("H...........", 0.0, ""),
    ("............", 3.0, ""),
    ("CCCCCCCCCCCC", -3.0, ""),
    ("HHHHHHHHH.", 0.0, "historical"),
    (".HHHHHHHHH", 0.0, "persistent"),
]


@pytest.mark.parametrize(("sequence", "trend", "expected"), SEQUENCES)
def test_sequences_by_hand(sequence: str, trend: float, expected: str) -> None:
    months = np.array([list(sequence)])
    p = np.array([2 * norm.sf(abs(trend))])
    assert classify_sequences(months == "H", months == "C", np.array([trend]), p).tolist() == [expected]


def test_every_category_is_reached() -> None:
    assert {expected for *_, expected in SEQUENCES} == {*CATEGORIES, ""}


@given(hnp.arrays(float, (3, 11), elements=st.integers(-4, 4).map(float)))
def test_mann_kendall_against_scipy(series: np.ndarray) -> None:
    found = mann_kendall(series)
    for row, s, z, p in zip(series, found["s"], found["z"], found["p"], strict=True):
        naive = sum(np.sign(row[j] - row[i]) for i in range(11) for j in range(i + 1, 11))
        assert s == naive
        assert p == pytest.approx(2 * norm.sf(abs(z)))
        if np.ptp(row) == 0:
            assert (z, p) == (0, 1)
            continue
        theirs = kendalltau(np.arange(11), row, method="asymptotic")
        if abs(s) > 1:
            # scipy's test has no continuity correction: s / sd, ours is (|s| - 1) / sd.
            assert abs(z) * abs(s) / (abs(s) - 1) == pytest.approx(norm.isf(theirs.pvalue / 2), rel=1e-6)
            assert np.sign(z) == np.sign(theirs.statistic)


def test_rows_with_gaps_have_no_trend() -> None:
    series = np.array([np.arange(12.0), np.full(12, np.nan)])
    found = mann_kendall(series)
    assert found["z"][0] > 3
    assert (found["z"][1], found["p"][1]) == (0, 1)


def planted(months: int) -> tuple[pd.DataFrame, object]:
    """Hot corner A000 all along, hot corner A143 in the last month only."""
    layer = queen_neighbours(squares(12, 12))
    rng = np.random.default_rng(8)
    columns = [str(pd.Period("2025-01", "M") + number) for number in range(months)]
    monthly = pd.DataFrame(rng.poisson(10, (144, months)).astype(float), index=layer.codes, columns=columns)
    corner = [f"A{row * 12 + column:03d}" for row in (0, 1, 2) for column in (0, 1, 2)]
    monthly.loc[corner] += 25
    last = [f"A{143 - row * 12 - column:03d}" for row in (0, 1, 2) for column in (0, 1, 2)]
    monthly.loc[last, columns[-1]] += 25
    return monthly, layer


def test_planted_hot_spots_get_their_category() -> None:
    monthly, layer = planted(12)
    found = emerging_hotspots(monthly, layer)
    assert found.loc["A013", "category"] in {"persistent", "intensifying", "diminishing"}
    assert found.loc["A130", "category"] == "new"
    assert found.loc["A013", "hot_months"] == 12
    assert found["category"].eq("").sum() > 100
    strict = emerging_hotspots(monthly, layer, false_discovery=1e-9)
    assert strict["hot_months"].sum() < found["hot_months"].sum()


def test_offset_takes_the_corner_out() -> None:
    monthly, layer = planted(12)
    residents = monthly.mean(axis=1) * 100
    residents["A077"] = np.nan
    found = emerging_hotspots(monthly, layer, offset=residents)
    assert found.loc["A013", "category"] == ""
    assert found.loc["A077", ["category", "hot_months", "trend_p"]].tolist() == ["", 0, 1]


def test_few_months_and_empty_themes_say_nothing() -> None:
    monthly, layer = planted(9)
    found = emerging_hotspots(monthly, layer)
    assert found["reason"].eq("too few months without a gap (9; 10 needed)").all()
    assert found["category"].eq("").all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        empty = emerging_hotspots(planted(12)[0] * 0, layer)
    assert empty["reason"].eq("too few incidents (0; 10 needed)").all()
    assert empty["category"].eq("").all()
    assert empty.notna().all(axis=None)


def test_only_the_latest_months_without_a_gap_make_a_sequence() -> None:
    monthly, layer = planted(12)
    corner = [f"A{row * 12 + column:03d}" for row in (0, 1, 2) for column in (0, 1, 2)]
    older = monthly.rename(columns=lambda month: month.replace("2025", "2018")).iloc[:, :3]
    older.loc[corner] -= 25
    last = [f"A{143 - row * 12 - column:03d}" for row in (0, 1, 2) for column in (0, 1, 2)]
    older.loc[last] += 25
    found = emerging_hotspots(pd.concat([older, monthly], axis=1), layer)
    pd.testing.assert_frame_equal(found, emerging_hotspots(monthly, layer))
    assert found.loc["A130", "category"] == "new"
    broken = emerging_hotspots(pd.concat([older, monthly.iloc[:, 3:]], axis=1), layer)
    assert broken["reason"].eq("too few months without a gap (9; 10 needed)").all()


@pytest.mark.parametrize("a_month", [10, 67, 400])
def test_cities_without_hot_spots_rarely_get_a_category(a_month: int) -> None:
    """The normal p-values of Gi* alone gave a category to 31 % of the cities with 67 incidents a month."""
    layer = queen_neighbours(squares(12, 12))
    rng = np.random.default_rng(a_month)
    residents = pd.Series(rng.integers(1200, 2600, 144).astype(float), index=layer.codes)
    share = (residents / residents.sum()).to_numpy()
    months = [f"2025-{month:02d}" for month in range(1, 13)]
    named = 0
    for _ in range(40):
        counts = rng.multinomial(a_month, share, size=12).T.astype(float)
        monthly = pd.DataFrame(counts, index=layer.codes, columns=months)
        named += emerging_hotspots(monthly, layer, offset=residents)["category"].ne("").any()
    assert named <= 40 * 0.05 + 2.33 * np.sqrt(40 * 0.05 * 0.95)


def test_a_neighbourhoods_chance_is_scipys_binomial() -> None:
    monthly, layer = planted(10)
    offset = pd.Series(np.arange(1.0, 145.0), index=layer.codes)
    at_least, at_most = _by_chance(monthly, layer, offset)
    near = [layer.codes[0], *layer.codes[layer.matrix[[0]].indices]]
    held, total = monthly.loc[near].sum(), monthly.sum()
    share = offset[near].sum() / offset.sum()
    np.testing.assert_allclose(at_least[0], binom.sf(held - 1, total, share), rtol=1e-9)
    np.testing.assert_allclose(at_most[0], binom.cdf(held, total, share), rtol=1e-9)


def test_wrong_rate_is_refused() -> None:
    with pytest.raises(ParameterError, match="false discovery rate is 5: give a figure between 0 and 1"):
        emerging_hotspots(*planted(10), false_discovery=5)
