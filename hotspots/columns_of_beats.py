"""Columns of beats, and of a shift over them, with their rules: for those whose affair patrols are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hotspots.audiences import OUTSIDE, POLICIES
from hotspots.column import Column


def _column(kind: str, words: str, decimals: int | None = None, *, rule: str = "shape") -> Column:
    """Make a column of beats, or of a shift over them, for those whose affair patrols are."""
    outside = {name: rule if POLICIES[name].beats else "internal" for name in OUTSIDE}
    return Column(kind, words, {"internal": "exact", **outside}, decimals)


#: Of the form for returns: its column for what was planned, and where a crew writes what was delivered.
MEASURES: Final[Mapping[str, tuple[str, str]]] = {
    "visits": ("visits planned", "visits made"),
    "patrol-hours": ("patrol-hours planned", "patrol-hours"),
    "person-hours": ("person-hours planned", "person-hours"),
}

#: By frame, as in `schema.COLUMNS`.
BEATS: Final[Mapping[str, Mapping[str, Column]]] = {
    "beats": {
        "theme": _column("text", "theme", rule="label"),
        "order": _column("whole", "order of choice"),
        "beat": _column("text", "identifier, the same from month to month"),
        "name": _column("text", "beat"),
        "streets": _column("text", "streets"),
        "easting": _column("whole", "easting of its middle in metres"),
        "northing": _column("whole", "northing of its middle in metres"),
        "area_km2": _column("number", "area in km2", 4),
        "expected": _column("number", "incidents expected in the month", 2, rule="internal"),
        "low": _column("whole", "fewest of the 95 % range", rule="internal"),
        "high": _column("whole", "most of the 95 % range", rule="internal"),
        "p_top": _column("number", "chance to be among the top", 3, rule="internal"),
        # Times the area it would give the expected incidents back.
        "score": _column("number", "score: incidents a month and km2", 1, rule="internal"),
        "ward_codes": _column("text", "GSS codes of its wards"),
        "lsoa_codes": _column("text", "GSS codes of its LSOAs"),
        "part_of": _column("text", "identifier of the hot spot that it lies in"),
        "flags": _column("text", "what to know of its points", rule="internal"),
        "geometry": _column("shape", "outline"),
    },
    "beat_details": {
        "theme": _column("text", "theme", rule="label"),
        "beat": _column("text", "identifier of the beat"),
        "grid_reference": _column("text", "grid reference of its middle"),
        "share": _column("number", "share of what is expected in the city", 4, rule="internal"),
        "recorded": _column("whole", "incidents recorded before", rule="internal"),
        "recorded_by_month": _column("text", "the same by month", rule="internal"),
        "types": _column("text", "main types with their counts", rule="internal"),
        "hours": _column("text", "busiest hours", rule="internal"),
    },
}
SHIFT: Final[Mapping[str, Mapping[str, Column]]] = {
    "shift_cover": {
        "crew": _column("whole", "crew"),
        "order": _column("whole", "order of choice"),
        "beat": _column("text", "identifier of the beat"),
        "name": _column("text", "beat"),
        "easting": _column("whole", "easting of its middle in metres"),
        "northing": _column("whole", "northing of its middle in metres"),
        "expected": _column("number", "incidents expected in the month", 2, rule="internal"),
        "visits": _column("whole", "visits in the shift"),
        "minutes_a_visit": _column("number", "minutes of a visit", 0),
        "patrol_hours": _column("number", "patrol-hours at the beat, planned", 2),
        "person_hours": _column("number", "person-hours at the beat, planned", 2),
        "delivered_patrol_hours": _column("number", "patrol-hours that are delivered in the end", 2),
        "share_of_time": _column("number", "share of the time at beats", 3, rule="internal"),
        "share_of_expected": _column("number", "share of what they expect", 3, rule="internal"),
    },
    "shift_rounds": {
        "crew": _column("whole", "crew"),
        "round": _column("whole", "round"),
        "stop": _column("whole", "stop of the round"),
        "arrive": _column("number", "minutes since the shift began, on arrival", 1),
        "leave": _column("number", "the same on leaving", 1),
        "beat": _column("text", "identifier of the beat"),
        "name": _column("text", "beat"),
        "minutes": _column("number", "minutes of the visit", 0),
        "walk": _column("number", "minutes of the way there", 1),
    },
    "shift_curve": {
        "crews": _column("whole", "crews", rule="internal"),
        "officers": _column("whole", "officers", rule="internal"),
        "patrol_hours": _column("number", "patrol-hours of the shift", 2, rule="internal"),
        "person_hours": _column("number", "person-hours of the shift", 2, rule="internal"),
        "beats": _column("whole", "beats visited", rule="internal"),
        "expected": _column("number", "incidents expected in them", 2, rule="internal"),
        "share": _column("number", "share of what is expected in the city", 4, rule="internal"),
        "added_share": _column("number", "what the last crew added to it", 4, rule="internal"),
    },
    "shift_uncovered": {
        "theme": _column("text", "theme", rule="internal"),
        "ward_code": _column("text", "GSS code of the ward", rule="internal"),
        "ward": _column("text", "ward", rule="internal"),
        "expected": _column("number", "incidents expected in the month", 2, rule="internal"),
        "covered": _column("number", "of these in beats that are visited", 2, rule="internal"),
        "uncovered": _column("number", "of these elsewhere", 2, rule="internal"),
        "share_uncovered": _column("number", "the share elsewhere", 3, rule="internal"),
    },
    "shift_returned": {
        "beat": _column("text", "identifier of the beat"),
        "name": _column("text", "beat, where it is still one"),
        "lines": _column("whole", "lines of returns"),
        "filled": _column("whole", "of these filled in"),
        "visits_planned": _column("number", "visits planned", 0),
        "visits_made": _column("number", "visits made, as returned", 0),
        "patrol_hours_planned": _column("number", "patrol-hours planned", 2),
        "patrol_hours_returned": _column("number", "patrol-hours delivered, as returned", 2),
        "person_hours_planned": _column("number", "person-hours planned", 2),
        "person_hours_returned": _column("number", "person-hours delivered, as returned", 2),
        "share_returned": _column("number", "patrol-hours delivered over those planned", 3),
    },
}
