"""Classes and colours: Fisher-Jenks by hand, by mapclassify, by properties."""

from __future__ import annotations

import itertools
import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.pages import colours


def spread(values, weights, breaks):
    """Sum of squared deviations from the class means."""
    place = np.searchsorted(breaks, values)
    total = 0.0
    for group in range(len(breaks)):
        mine, mass = values[place == group], weights[place == group]
        total += float(np.sum(mass * (mine - np.average(mine, weights=mass)) ** 2))
    return total


def test_three_plain_groups():
    assert colours.fisher_jenks([1, 2, 10, 11, 30, 31], classes=3).tolist() == [2, 11, 31]


def test_fewer_values_than_classes():
    assert colours.fisher_jenks([4, 4, 9], classes=5).tolist() == [4, 9]
    assert colours.fisher_jenks([], classes=5).tolist() == []


def test_same_breaks_as_mapclassify():
    mapclassify = pytest.importorskip("mapclassify", reason="the oracle mapclassify is not installed")
    values = np.random.default_rng(4).gamma(1.5, 40, size=160)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without numba it says that it is slow
        expected = mapclassify.FisherJenks(values, k=5).bins
    assert colours.fisher_jenks(values) == pytest.approx(expected)


@given(st.lists(st.integers(0, 60), min_size=4, max_size=9), st.integers(2, 3))
def test_no_other_cut_has_less_spread(values, classes):
    distinct, occurs = np.unique(np.array(values, float), return_counts=True)
    found = colours.fisher_jenks(values, classes=classes)
    if distinct.size <= classes:
        assert found.tolist() == distinct.tolist()
        return
    cuts = itertools.combinations(distinct[:-1], classes - 1)
    least = min(spread(distinct, occurs, np.array([*cut, distinct[-1]])) for cut in cuts)
    assert spread(distinct, occurs, found) == pytest.approx(least, abs=1e-6)


@given(st.lists(st.integers(1, 4), min_size=7, max_size=7))
def test_a_weight_is_a_repetition(weights):
    values = np.array([1, 2, 5, 9, 14, 30, 31.5])
    weighted = colours.fisher_jenks(values, classes=3, weights=weights)
    assert weighted.tolist() == colours.fisher_jenks(np.repeat(values, weights), classes=3).tolist()


@pytest.mark.parametrize(
    ("given_", "expected"),
    [(6932, 7000), (0.3, 0.3), (12.01, 13), (100, 100), (0.0123, 0.013), (99.5, 100)],
)
def test_round_up(given_, expected):
    assert float(colours.round_up(given_)) == pytest.approx(expected)


def test_breaks_hold_every_value_and_leave_out_zero_and_missing():
    values = [0, np.nan, 3, 17, 18, 250, 260, 1431]
    breaks = colours.class_breaks(values)
    assert breaks == sorted(breaks)
    assert breaks[-1] >= 1431
    assert breaks[0] >= 3
    assert colours.class_breaks([0, np.nan]) == []


def test_errors():
    with pytest.raises(ParameterError, match="classes is 0"):
        colours.fisher_jenks([1, 2], classes=0)
    with pytest.raises(ParameterError, match="missing number"):
        colours.fisher_jenks([1, np.nan])


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("palette", [colours.AREA_COLOURS, colours.BAND_COLOURS])
def test_sequential_palettes_darken_and_are_not_red(palette):
    lights = [luminance(colour) for colour in palette]
    assert lights == sorted(lights, reverse=True)
    for colour in palette:
        red, green, blue = (int(part, 16) for part in re.findall("..", colour[1:]))
        assert red <= max(green, blue)
