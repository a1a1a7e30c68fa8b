"""Grid references."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.geography.gridref import (
    half_kilometre_squares,
    parse_grid_references,
    write_grid_references,
)


@pytest.mark.parametrize("text", ["SK 352 361", "SK352361", "sk352361", "  SK 352361 ", "SK352 361"])
def test_every_way_of_writing_names_the_same_square(text: str) -> None:
    """The centre of the 100 m square, not its corner."""
    squares = parse_grid_references([text])
    assert (squares.easting[0], squares.northing[0], squares.size[0]) == (435_250, 336_150, 100)


@pytest.mark.parametrize(
    ("text", "easting", "northing", "size"),
    [
        ("SK", 450_000, 350_000, 100_000),
        ("SK33", 435_000, 335_000, 10_000),
        ("SK 35 36", 435_500, 336_500, 1_000),
        ("SK 3521 3614", 435_215, 336_145, 10),
        ("SK3521536142", 435_215.5, 336_142.5, 1),
        # The worked example of Ordnance Survey's guide: E 651 409.903, N 313 177.270.
        ("TG 51409 13177", 651_409.5, 313_177.5, 1),
        # Ben Nevis, Muckle Flugga, the Isles of Scilly.
        ("NN 166 712", 216_650, 771_250, 100),
        ("HP 607 197", 460_750, 1_219_750, 100),
        ("SV 89 11", 89_500, 11_500, 1_000),
    ],
)
def test_any_precision(text: str, easting: float, northing: float, size: float) -> None:
    """Two to twelve characters, from the south-west to the north of Great Britain."""
    squares = parse_grid_references([text])
    assert (squares.easting[0], squares.northing[0], squares.size[0]) == (easting, northing, size)


@pytest.mark.parametrize(
    "text", ["", "SK 35 2361", "SK123", "SI 352 361", "AA 12 34", "352361", "SK 352 361 x", "SK123456123456"]
)
def test_anything_else_is_no_square(text: str) -> None:
    """An odd number of digits or unequal halves could be two places, so they are none."""
    assert np.isnan(parse_grid_references([text])).all()


def test_missing_and_repeated_texts_keep_their_rows() -> None:
    """One result for each row."""
    squares = parse_grid_references(["SK 352 361", None, "SK 352 361", "SK 35 36"])  # type: ignore[list-item]
    assert squares.size.tolist()[::2] == [100, 100]
    assert np.isnan(squares.size[1])
    assert parse_grid_references([]).easting.shape == (0,)


@given(st.floats(0, 699_999.9), st.floats(0, 1_299_999.9), st.sampled_from([0, 2, 4, 6, 8, 10]))
def test_a_name_leads_back_to_the_square_that_holds_the_point(x: float, y: float, digits: int) -> None:
    """Name the square that holds a point, read the name: the point lies within half a side of the centre."""
    squares = parse_grid_references([_named(x, y, digits // 2)])
    half = squares.size[0] / 2
    assert abs(squares.easting[0] - x) <= half
    assert abs(squares.northing[0] - y) <= half


def _named(x: float, y: float, half: int) -> str:
    """Name the square that holds a point, as Ordnance Survey's guide tells, with `half` digits each way."""
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
    column, row = int(x // 100_000), int(y // 100_000)
    big = letters[(3 - row // 5) * 5 + column // 5 + 2]
    small = letters[(4 - row % 5) * 5 + column % 5]
    size = 100_000 // 10**half
    east, north = (f"{int(v % 100_000) // size:0{half}d}" if half else "" for v in (x, y))
    return f"{big}{small} {east} {north}".strip()


@given(st.integers(0, 699_999), st.integers(0, 1_299_999), st.sampled_from([2, 4, 6, 8, 10]))
def test_what_is_written_is_read_as_the_square_that_holds_the_point(easting, northing, digits):
    (text,) = write_grid_references(np.array([easting]), np.array([northing]), digits=digits)
    square = parse_grid_references([text])
    assert square.size[0] == 10 ** (5 - digits // 2)
    assert abs(square.easting[0] - easting) <= square.size[0] / 2
    assert abs(square.northing[0] - northing) <= square.size[0] / 2


def test_references_by_hand():
    # the worked example of Ordnance Survey's guide
    assert write_grid_references(np.array([651_409.9]), np.array([313_177.3]), digits=10) == [
        "TG 51409 13177"
    ]
    assert write_grid_references(np.array([435_263.0]), np.array([336_127.0])) == ["SK 3526 3612"]
    assert write_grid_references(np.array([435_263.0]), np.array([336_127.0]), digits=0) == ["SK"]
    assert write_grid_references(np.array([-1.0, 0, np.nan]), np.array([5.0, 2e6, 1])) == ["", "", ""]
    with pytest.raises(ParameterError, match="digits is 7"):
        write_grid_references(np.zeros(1), np.zeros(1), digits=7)


def test_quarters_of_a_kilometre():
    east, north = (
        np.array([435_263.0, 435_500, 435_499, 435_900, -5]),
        np.array([336_127.0, 336_500, 336_500, 336_499, 0]),
    )
    assert half_kilometre_squares(east, north) == ["SK3536SW", "SK3536NE", "SK3536NW", "SK3536SE", ""]
