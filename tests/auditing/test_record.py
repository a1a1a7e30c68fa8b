"""What the record of a run gives away by the digits of its parameters."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from hotspots.auditing.record import _digits, record_leaks


@pytest.mark.parametrize(
    ("value", "digits"),
    [(480, 2), (480.0, 2), (480.49, 5), (0.05, 1), (1000, 1), (0, 0), (True, 0), ("480", 0), (None, 0)],
)
def test_digits_that_count(value, digits):
    assert _digits(value) == digits


def _published(record, *, frame=None):
    table = SimpleNamespace(frame=pd.DataFrame({"x": [1]}) if frame is None else frame, where="layers bands")
    policy = SimpleNamespace(minimum=5, base=5)
    return SimpleNamespace(record=record, name="maps", stated={}, themes={}, policy=policy, tables=[table])


def test_parameters_and_limits_of_bands_that_no_ladder_has():
    themes = [{"slug": "drugs", "bandwidth": {"metres": 483.2}, "total": True}, {"slug": "asb", "eps": 150}]
    bands = pd.DataFrame({"band": [1, 2], "lower": [10.0, 123.4], "upper": [20.0, ""]})
    found = list(record_leaks(_published({"themes": themes}, frame=bands)))
    assert [(one.kind, one.where) for one in found] == [
        ("parameter", "run.json themes.bandwidth.metres"),
        ("parameter", "layers bands lower"),
    ]
    assert "483.2 of drugs" in found[0].what and "1 limits of bands, such as 123.4" in found[1].what


def test_inputs_by_their_names_headings_and_digests():
    reading = {"sources": [{"name": "a.csv", "sha256": "ab"}, {"name": "b.csv", "columns_used": ["Date"]}]}
    found = {one.kind: one.what for one in record_leaks(_published({"reading": reading}))}
    assert found == {
        "input file name": "2 input file names of this run.",
        "input heading": "1 input heading of this run.",
        "input digest": "1 input digest of this run.",
    }
