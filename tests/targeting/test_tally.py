"""Types and hours by place, and what patrols find themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hot_cities import city, planted_rates

from hotspots.errors import ParameterError
from hotspots.targeting.tally import (
    busiest_hours,
    found_by_patrol,
    hours_by_place,
    hours_words,
    in_block,
    tally,
)


@pytest.fixture(scope="module")
def places():
    return city(planted_rates(400), n_months=2)


def test_values_are_counted_at_the_place_of_each_row(places):
    counts = tally(
        places,
        pd.Series([3, 3, 0, 9999, -1, 3]),
        pd.Series(["Drugs", "Robbery", "Drugs", "Drugs", "Drugs", None]),
    )
    assert list(counts.columns) == ["Drugs", "Robbery"]
    assert counts.iloc[3].tolist() == [1, 1]
    assert counts.iloc[0].tolist() == [1, 0]
    assert counts.to_numpy().sum() == 3


def test_numbers_of_geocoding_are_matched_whatever_their_order(places):
    from dataclasses import replace

    turned = replace(places, ids=places.ids[::-1] * 10)
    counts = tally(turned, pd.Series([0, 3990]), pd.Series(["a", "b"]))
    assert counts.iloc[399].tolist() == [1, 0]
    assert counts.iloc[0].tolist() == [0, 1]
    with pytest.raises(ParameterError, match="2 places and 1 values"):
        tally(places, pd.Series([1, 2]), pd.Series(["a"]))


def test_hours_are_counted_only_where_they_are_known(places):
    day = pd.Timestamp("2024-01-05")
    start = [
        day + pd.Timedelta(hours=22.5),
        day,
        day + pd.Timedelta(hours=18),
        day + pd.Timedelta(hours=23),
        pd.NaT,
    ]
    end = [pd.NaT, pd.NaT, day + pd.Timedelta(hours=32), day + pd.Timedelta(hours=24.5), pd.NaT]
    incidents = pd.DataFrame({"place": [5] * 5, "occurred_from": start, "occurred_to": pd.to_datetime(end)})
    counts = hours_by_place(places, incidents)
    # midnight sharp is a date, a night long has no hour
    assert counts.shape == (400, 24)
    assert counts.iloc[5][[22, 23]].tolist() == [1, 1]
    assert counts.to_numpy().sum() == 2


def test_months_alone_have_no_hours(places):
    none = pd.DataFrame(
        {"place": [1], "occurred_from": pd.to_datetime([None]), "occurred_to": pd.to_datetime([None])}
    )
    assert hours_by_place(places, none).to_numpy().sum() == 0


def test_the_busiest_hours_run_over_midnight():
    counts = np.zeros(24)
    counts[[22, 23, 0, 1]] = 4
    assert busiest_hours(counts) == "22:00 to 02:00"
    assert busiest_hours(counts / 2) == ""
    assert busiest_hours(np.ones(24)) == "00:00 to 04:00"


def test_busiest_hours_say_what_part_of_the_known_they_hold():
    counts = np.zeros(24)
    counts[[22, 23, 0, 1, 12]] = 2, 2, 2, 2, 2
    assert hours_words(counts) == "22:00 to 02:00, 80 % of the 10 whose hour is known"
    assert hours_words(counts / 2) == ""


def test_blocks_of_hours():
    hours = np.arange(24)
    assert hours[in_block(hours, 15, 24)].tolist() == list(range(15, 24))
    assert hours[in_block(hours, 22, 2)].tolist() == [0, 1, 22, 23]
    with pytest.raises(ParameterError, match="From 5 to 5 is no block"):
        in_block(hours, 5, 5)
    with pytest.raises(ParameterError, match="From 24 to 2 is no block"):
        in_block(hours, 24, 2)


def test_possession_is_found_by_patrol_and_what_has_no_code_stays():
    codes = pd.Series(
        ["92D", "092E", "92A", "10C", "010D/01", "3B", "", None, "92D - Possession of cannabis"]
    )
    assert found_by_patrol(codes).tolist() == [True, True, False, True, True, False, False, False, True]
