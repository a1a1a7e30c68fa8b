"""
Names and identifiers of beats and hot spots, from the streets and the ground they stand on.

An identifier must not change because an incident more was recorded, so it is
made of the middle's street and square of 500 m, never of members or ranks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots.geography.gridref import half_kilometre_squares, write_grid_references
from hotspots.policeuk import KINDS, street_name

#: Streets that are listed for a beat.
STREETS: Final = 3


def beat_ids(streets: Sequence[str], middle: np.ndarray) -> list[str]:
    """
    Make identifiers such as "SK3536NE-sadler-gate" that stay the same from month to month.

    Parameters
    ----------
    streets : sequence of str
        The street at each middle, as recorded.
    middle : ndarray of shape (beats, 2)
        Easting and northing.

    Returns
    -------
    list of str
        Distinct: of several in one street and square the western, then
        southern, ones come first and the others are numbered.
    """
    squares = half_kilometre_squares(middle[:, 0], middle[:, 1])
    plain = [f"{square}-{street_slug(street)}" for square, street in zip(squares, streets, strict=True)]
    seen: dict[str, int] = {}
    ids = list(plain)
    for beat in np.lexsort((middle[:, 1], middle[:, 0])):
        seen[plain[beat]] = seen.get(plain[beat], 0) + 1
        if seen[plain[beat]] > 1:
            ids[beat] = f"{plain[beat]}-{seen[plain[beat]]}"
    return ids


def street_slug(street: str) -> str:
    words = re.sub(r"['’]", "", street_name(street).lower())
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "unnamed"


def ranked_texts(
    text: pd.Series, beat_of: np.ndarray, weight: np.ndarray, *, n_beats: int
) -> list[list[str]]:
    """
    List the distinct texts of the places of each beat, the heaviest first, ties alphabetical, "" left out.

    Parameters
    ----------
    text : Series of str
        One for each place.
    beat_of : ndarray of int, shape (places,)
        -1 for a place in no beat.
    weight : ndarray of shape (places,)
        What makes a text heavy, such as the incidents expected at the place.
    n_beats : int
    """
    inside = beat_of >= 0
    given = text[inside].astype(object).fillna("").to_numpy()
    table = pd.DataFrame({"beat": beat_of[inside], "text": given, "weight": weight[inside]})[given != ""]
    totals = table.groupby(["beat", "text"], sort=True)["weight"].sum().reset_index()
    # rates carry rounding: two streets that differ by less than a millionth are equal
    totals = totals.assign(weight=totals["weight"].round(6))
    totals = totals.sort_values(["beat", "weight", "text"], ascending=[True, False, True], kind="stable")
    listed: list[list[str]] = [[] for _ in range(n_beats)]
    for beat, one in zip(totals["beat"], totals["text"], strict=True):
        listed[beat].append(str(one))
    return listed


def streets_of(
    street: pd.Series, beat_of: np.ndarray, weight: np.ndarray, *, n_beats: int
) -> list[list[str]]:
    """List the streets of each beat as people write them; kinds of place ("Supermarket") come last."""
    inside = beat_of >= 0
    given = street[inside].astype(object).fillna("")
    names = given.map({name: street_name(name) for name in given.unique()})
    ranked = ranked_texts(names, beat_of[inside], weight[inside], n_beats=n_beats)
    return [sorted(names, key=lambda name: name in KINDS) for names in ranked]


def beat_names(
    streets: Sequence[Sequence[str]], middle_streets: Sequence[str], middle: np.ndarray
) -> list[str]:
    """
    Name each beat by its two main streets, with the grid reference where a name would be given twice.

    Parameters
    ----------
    streets : sequence of sequences of str
        From `streets_of`.
    middle_streets : sequence of str
        The street at each middle, as recorded: the name if no other is known,
        and what a kind of place is told by, as in "Supermarket, Burton Road".
    middle : ndarray of shape (beats, 2)
    """
    plain = [_name(listed, street) for listed, street in zip(streets, middle_streets, strict=True)]
    references = write_grid_references(middle[:, 0], middle[:, 1], digits=6)
    return [
        f"{name} ({reference})" if plain.count(name) > 1 else name
        for name, reference in zip(plain, references, strict=True)
    ]


def _name(listed: Sequence[str], middle_street: str) -> str:
    at = street_name(middle_street)
    named = [street for street in listed if street not in KINDS]
    if at in KINDS:
        return f"{at}, {named[0]}" if named else at
    if not named:
        return at or "Unnamed street"
    return " and ".join(named[:2])
