"""Points written into one cell: those that shapely writes come back, all else is bad or blank."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from hotspots.reading.numbers import BAD, BLANK, OK
from hotspots.reading.shapes import parse_shapes

POINT = shapely.Point(435_200.5, 336_300)


@pytest.mark.parametrize(
    "text",
    [
        POINT.wkt,
        shapely.to_wkt(shapely.MultiPoint([POINT])),
        shapely.to_wkb(POINT, hex=True),
        shapely.to_wkb(POINT, hex=True, byte_order=0),
        shapely.to_wkb(shapely.set_srid(POINT, 27700), hex=True, include_srid=True),
        shapely.to_geojson(POINT),
    ],
)
def test_a_point_is_read_as_it_was_written(text):
    x, y, state = parse_shapes([f" {text} "])
    assert (x[0], y[0], state[0]) == (POINT.x, POINT.y, OK)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", BLANK),
        (shapely.Point().wkt, BLANK),
        (shapely.to_wkb(shapely.Point(), hex=True), BAD),
        # It says that a number for the coordinate system follows, and ends too early.
        (f"0101000020{'0' * 32}", BAD),
        ('{"type": "Point", "coordinates": [435200]}', BAD),
        ("near the bridge", BAD),
    ],
)
def test_what_is_no_point(text, state):
    x, y, found = parse_shapes([text])
    assert np.isnan([x, y]).all() and found[0] == state
