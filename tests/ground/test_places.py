"""Places: folding incidents, their counts, names and order."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.places import Places, fold_places


def incidents(rows: list[tuple[int, float, float, str, str]]) -> pd.DataFrame:
    """Build geocoded incidents from (place, easting, northing, month, street)."""
    frame = pd.DataFrame(rows, columns=["place", "easting", "northing", "month", "street"])
    for column in ("month", "street"):
        frame[column] = frame[column].astype("category")
    codes = {"ward_code": "E05015511", "lsoa_code": "E01013453"}
    return frame.astype({"place": "int32", "easting": float, "northing": float}).assign(**codes)


SIX = [
    (0, 200.0, 10.0, "2025-01", "B Street"),
    (0, 200.0, 10.0, "2025-02", "A Street"),
    (1, 100.0, 50.0, "2025-01", ""),
    (1, 100.0, 50.0, "2025-01", "C Street"),
    (2, 100.0, 20.0, "2025-02", "D Street"),
    (-1, np.nan, np.nan, "2025-03", "E Street"),
]
DRUGS = [True, False, True, True, False, True]


def fold(rows=SIX, drugs=DRUGS) -> Places:
    return fold_places(incidents(rows), pd.DataFrame({"all": True, "drugs": drugs}))


def test_places_are_sorted_and_counted_by_hand() -> None:
    places = fold()
    assert list(zip(places.frame.geometry.x, places.frame.geometry.y, strict=True)) == [
        (100.0, 20.0),
        (100.0, 50.0),
        (200.0, 10.0),
    ]
    assert places.frame["n"].tolist() == [1, 2, 2]
    assert places.ids.tolist() == [2, 1, 0]
    assert places.frame.crs == "EPSG:27700"
    assert list(places.frame.columns) == ["n", "street", "ward_code", "lsoa_code", "geometry"]


def test_the_commonest_street_wins_and_ties_go_by_the_alphabet() -> None:
    # the place of two names has one of each; a nameless row does not outvote a named one
    assert fold().frame["street"].tolist() == ["D Street", "C Street", "A Street"]
    rows = [(0, 1.0, 1.0, "2025-01", name) for name in ("A", "Z", "Z", "", "", "")]
    assert fold(rows, [True] * 6).frame["street"].tolist() == ["Z"]


def test_a_place_without_any_street_has_none() -> None:
    assert fold([(0, 1.0, 1.0, "2025-01", "")], [True]).frame["street"].tolist() == [""]


def test_counts_are_long_sorted_and_without_zeros() -> None:
    counts = fold().counts
    assert counts.astype({"theme": str, "month": str}).to_numpy().tolist() == [
        [0, "all", "2025-02", 1],
        [1, "all", "2025-01", 2],
        [1, "drugs", "2025-01", 2],
        [2, "all", "2025-01", 1],
        [2, "all", "2025-02", 1],
        [2, "drugs", "2025-01", 1],
    ]


def test_months_include_those_of_incidents_without_a_point() -> None:
    places = fold()
    assert places.months == ("2025-01", "2025-02", "2025-03")
    assert places.monthly("all").tolist() == [[0, 1, 0], [2, 0, 0], [1, 1, 0]]


def test_weights_of_a_theme_and_of_some_months() -> None:
    places = fold()
    assert places.weights("all").tolist() == [1, 2, 2]
    assert places.weights("drugs").tolist() == [0, 2, 1]
    assert places.weights("all", ["2025-02"]).tolist() == [1, 0, 1]
    assert places.weights("all", ["2025-02", "2025-02"]).tolist() == [1, 0, 1]
    assert places.weights("drugs", []).tolist() == [0, 0, 0]


def test_what_is_handed_out_is_a_copy() -> None:
    places = fold()
    places.monthly("all")[:] = 99
    assert places.weights("all").tolist() == [1, 2, 2]


def test_unknown_theme_and_month() -> None:
    with pytest.raises(ParameterError, match="no theme 'litter' among these places; known: all, drugs"):
        fold().weights("litter")
    with pytest.raises(ParameterError, match="No incident was read for 2024-12"):
        fold().weights("all", ["2025-01", "2024-12"])


def test_frames_of_other_rows_are_refused() -> None:
    with pytest.raises(ParameterError, match="6 incidents and 1 rows of themes"):
        fold_places(incidents(SIX), pd.DataFrame({"all": [True]}))


def test_no_incident_with_a_point() -> None:
    places = fold(SIX[-1:], [True])
    assert len(places) == 0
    assert places.months == ("2025-03",)
    assert places.weights("drugs").tolist() == []
    assert places.counts.empty
    assert list(places.frame["street"]) == []


ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["2025-01", "2025-02", "2025-04"]), st.booleans()),
    min_size=1,
    max_size=60,
)


@given(ROWS)
def test_counts_equal_pandas_groupby(drawn: list[tuple[int, str, bool]]) -> None:
    rows = [(place, float(7 - place % 3), float(place), month, "S") for place, month, _ in drawn]
    drugs = [flag for *_, flag in drawn]
    places = fold(rows, drugs)
    frame = incidents(rows)
    expected = (
        frame[drugs].groupby(["easting", "northing", "month"], observed=True).size().sort_index().to_dict()
    )
    counts = places.counts[places.counts["theme"] == "drugs"]
    at = places.frame.geometry.iloc[counts["place"].to_numpy()]
    assert expected == {
        (x, y, month): n for x, y, month, n in zip(at.x, at.y, counts["month"], counts["n"], strict=True)
    }


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_incidents_and_place_numbers_makes_no_difference(drawn, random) -> None:
    rows = [(place, float(place % 3), float(place), month, "AB"[flag]) for place, month, flag in drawn]
    drugs = [flag for *_, flag in drawn]
    order = list(range(len(rows)))
    random.shuffle(order)
    renamed = [(6 - rows[i][0], *rows[i][1:]) for i in order]
    one, other = fold(rows, drugs), fold(renamed, [drugs[i] for i in order])
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(other.frame))
    pd.testing.assert_frame_equal(one.counts, other.counts)


def test_input_is_left_alone() -> None:
    frame = incidents(SIX)
    before = frame.copy()
    fold_places(frame, pd.DataFrame({"all": True}, index=frame.index))
    pd.testing.assert_frame_equal(frame, before)


def test_a_city_year_folds_in_a_moment() -> None:
    rng = np.random.default_rng(1)
    n = 36_000
    place = rng.integers(0, 2_700, n)
    frame = pd.DataFrame(
        {
            "place": place.astype("int32"),
            "easting": place * 7.0,
            "northing": place * 3.0,
            "month": pd.Categorical(rng.choice([f"2025-{m:02d}" for m in range(1, 13)], n)),
            "street": pd.Categorical([f"Street {p}" for p in place]),
            "ward_code": pd.Categorical(["E05015511"] * n),
            "lsoa_code": pd.Categorical(["E01013453"] * n),
        }
    )
    membership = pd.DataFrame({f"t{i}": rng.random(n) < 0.3 for i in range(8)})
    fold_places(frame.iloc[:100], membership.iloc[:100])
    start = time.process_time()
    places = fold_places(frame, membership)
    # about 0.03 s; the margin is for a busy machine, the fault guarded against is a loop over rows
    assert time.process_time() - start < 1.0
    assert places.frame["n"].sum() == n
