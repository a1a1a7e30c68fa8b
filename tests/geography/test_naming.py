"""Names and identifiers of beats."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hotspots.geography.naming import beat_ids, beat_names, ranked_texts, streets_of

DERBY = np.array([[435263.0, 336127.0], [435290.0, 336130.0], [435600.0, 336600.0]])


def test_an_id_is_the_street_and_the_square_of_500_metres():
    ids = beat_ids(["On or near St Peter'S Street", "On or near Sadler Gate", ""], DERBY)
    assert ids == ["SK3536SW-st-peters-street", "SK3536SW-sadler-gate", "SK3536NE-unnamed"]


def test_two_beats_in_one_street_and_square_are_numbered_from_the_west():
    ids = beat_ids(["Kingsway"] * 2, DERBY[[1, 0]])
    assert ids == ["SK3536SW-kingsway-2", "SK3536SW-kingsway"]


def test_a_beat_is_named_by_its_two_main_streets():
    street = pd.Series(
        ["On or near Low Row", "On or near High Row", "On or near Mid Row", "On or near Parking Area"]
    )
    streets = streets_of(street, np.array([0, 0, 0, 0]), np.array([1.0, 5.0, 2.0, 9.0]), n_beats=1)
    assert streets == [["High Row", "Mid Row", "Low Row", "Parking Area"]]
    assert beat_names(streets, ["On or near High Row"], DERBY[:1]) == ["High Row and Mid Row"]


def test_a_kind_of_place_is_told_by_the_street_beside_it():
    assert beat_names([["Burton Road", "Supermarket"]], ["On or near Supermarket"], DERBY[:1]) == [
        "Supermarket, Burton Road"
    ]
    assert beat_names([["Supermarket"]], ["On or near Supermarket"], DERBY[:1]) == ["Supermarket"]
    assert beat_names([[]], [""], DERBY[:1]) == ["Unnamed street"]


def test_a_name_is_not_given_twice():
    names = beat_names([["Supermarket"]] * 2, ["Supermarket"] * 2, DERBY[[0, 2]])
    assert names == ["Supermarket (SK 352 361)", "Supermarket (SK 356 366)"]


def test_the_heaviest_text_comes_first_ties_alphabetical_and_blanks_are_left_out():
    text = pd.Series(["b", "a", "c", "", "z"])
    ranked = ranked_texts(text, np.array([0, 0, 0, 0, -1]), np.array([1.0, 1, 2, 9, 9]), n_beats=2)
    assert ranked == [["c", "a", "b"], []]
