"""Columns known by what they hold, whatever they are called: points, figures, words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from hotspots.reading.aliases import is_personal
from hotspots.reading.shapes import look_like_shapes

#: Names of counts that may as well head what happened.
_PLURALS = {"incidents", "crimes", "offences", "events", "recordedcrimes", "recordedoffences"}
PAIRS: Final = (("easting", "northing"), ("longitude", "latitude"))


def find_shapes(places: dict[str, int], header: Sequence[str], preview: Sequence[Sequence[str]]) -> None:
    """Take a column as points by what it holds, whatever it is called."""
    if has_pair(places) and "geometry" not in places:
        return
    shaped = [
        place
        for place, column in enumerate(header)
        if not is_personal(column) and look_like_shapes([row[place] for row in preview if place < len(row)])
    ]
    figures = [place for place in _figures_alone(places, preview) if "geometry" not in places]
    named = places.pop("geometry", None)
    shaped = shaped or figures
    if shaped:
        places["geometry"] = named if named in shaped else shaped[0]
        for field in [f for f, at in places.items() if at == places["geometry"] and f != "geometry"]:
            del places[field]


def words_for_counts(places: dict[str, int], keys: Sequence[str], preview: Sequence[Sequence[str]]) -> None:
    """Take a column such as "Crimes" or "Offences" for what happened where it holds words and no number."""
    at = places.get("count", -1)
    cells = [row[at].strip() for row in preview if 0 <= at < len(row) and row[at].strip()]
    if cells and keys[at] in _PLURALS and not any(re.search(r"\d", cell) for cell in cells):
        del places["count"]
        places.setdefault("crime_type", at)


def _figures_alone(places: Mapping[str, int], preview: Sequence[Sequence[str]]) -> list[int]:
    """Find grid references of twelve figures alone, which are an easting and a northing."""
    at = places.get("grid_reference", -1)
    cells = [row[at].strip() for row in preview if 0 <= at < len(row) and row[at].strip()]
    return [at] if cells and all(re.fullmatch(r"\d{12}", cell) for cell in cells) else []


def has_pair(places: Mapping[str, int]) -> bool:
    return any(all(field in places for field in pair) for pair in PAIRS)
