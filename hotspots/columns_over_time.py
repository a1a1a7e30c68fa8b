"""Columns of frames that say something over time, or of points and circles, with their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hotspots.column import Column
from hotspots.column import label as _label
from hotspots.column import ruled as _column

_THEME: Final = _label("theme")
_AREA: Final = {"level": _label("level"), "code": _label("GSS code"), "name": _label("name")}
CHANGE: Final = {
    "change": _column("number", "later over earlier daily rate", "computed", 3),
    "change_low": _column("number", "lower end of the change", "computed", 3),
    "change_high": _column("number", "upper end of the change", "computed", 3),
    "change_q": _column("number", "false discovery rate of the change", "computed", 4),
}
# A share, or a change, of a small count would give the count back, and searches tell of patrols.
_SHARE: Final = {
    "n": _column("whole", "incidents of these", "internal"),
    "share": _column("number", "their share", "internal", 4),
    "low": _column("number", "lower end of the share's 95 % range", "internal", 4),
    "high": _column("number", "upper end of the share's 95 % range", "internal", 4),
}
#: By frame, as in `schema.COLUMNS`.
OVER_TIME: Final[Mapping[str, Mapping[str, Column]]] = {
    "similar": {
        "code": _AREA["code"],
        "name": _AREA["name"],
        "place": _column("whole", "place in the order, 1 is most alike", "label"),
        "similar_code": _label("GSS code of the similar ward"),
        "similar_name": _label("similar ward"),
        "distance": _column("number", "how unlike: 0 is equal, 1.4 as two picked at random", "label", 2),
        "alike_in": _label("what they are most alike in"),
    },
    "comparisons": {
        "comparison": _label("the two periods"),
        "theme": _THEME,
        **_AREA,
        "before": _column("whole", "incidents in the earlier period", "computed"),
        "after": _column("whole", "incidents in the later period", "computed"),
        **CHANGE,
        "city_change": _column("number", "the same of all areas together", "computed", 3),
        "city_low": _column("number", "lower end of the city's change", "computed", 3),
        "city_high": _column("number", "upper end of the city's change", "computed", 3),
        "similar_before": _column("whole", "incidents of the similar wards, earlier", "computed"),
        "similar_after": _column("whole", "incidents of the similar wards, later", "computed"),
        "similar_change": _column("number", "later over earlier daily rate of these", "computed", 3),
        "reason": _column("text", "what stands against it", "computed"),
    },
    "emerging": {
        "theme": _THEME,
        **_AREA,
        "since": _column("text", "first month of the rise", "computed"),
        "observed": _column("whole", "incidents since then", "computed"),
        "expected": _column("number", "incidents expected since then", "computed", 1),
        "p": _column("number", "chance of so many, were nothing new", "computed", 6),
        "q": _column("number", "false discovery rate", "computed", 4),
        "confirmed_at": _column("whole", "incidents in a further month that would confirm it", "computed"),
        "confirmed_in": _column("text", "that month", "label"),
    },
    "searches": {
        **_AREA,
        "sought": _column("text", "what was searched for", "internal"),
        "month": _column("text", "month, blank for all months with searches", "internal"),
        "searches": _column("whole", "stops and searches", "internal"),
        "recorded": _column("whole", "recorded incidents that such searches bring to light", "internal"),
        "searches_change": _column("number", "later over earlier daily rate of searches", "internal", 3),
        "searches_low": _column("number", "lower end of that change", "internal", 3),
        "searches_high": _column("number", "upper end of that change", "internal", 3),
        "recorded_change": _column("number", "later over earlier daily rate of incidents", "internal", 3),
        "recorded_low": _column("number", "lower end of that change", "internal", 3),
        "recorded_high": _column("number", "upper end of that change", "internal", 3),
        "note": _column("text", "whether both rose beyond chance", "internal"),
    },
    "outcomes": {
        "theme": _THEME,
        **_AREA,
        "outcome": _column("text", "how the crimes ended", "internal"),
        "crimes": _column("whole", "incidents that state an outcome, or that none is known yet", "internal"),
        "open": _column("whole", "of these without a final outcome", "internal"),
        **_SHARE,
    },
    "victims": {
        "theme": _THEME,
        **_AREA,
        "band": _column("text", "age of a victim", "internal"),
        "known": _column("whole", "incidents whose victims' age is known", "internal"),
        **_SHARE,
    },
    "scan": {
        "theme": _THEME,
        "kind": _label("of the whole period, or of the last months against their own past"),
        "over": _label("what the circle holds"),
        "order": _column("whole", "order, 1 stands out most", "computed"),
        "centre": _column("text", "GSS code of the LSOA of its middle", "computed"),
        "name": _column("text", "its middle", "computed"),
        "since": _column("text", "first month of the rise", "computed"),
        "n": _column("whole", "incidents in the circle", "count"),
        "expected": _column("number", "incidents expected in it", "computed", 1),
        "relative_risk": _column("number", "rate inside over rate outside", "computed", 2),
        "llr": _column("number", "log likelihood ratio", "computed", 3),
        "p": _column("number", "chance of such a circle anywhere", "computed", 3),
        "easting": _column("whole", "easting of its middle in metres", "computed"),
        "northing": _column("whole", "northing of its middle in metres", "computed"),
        "radius_m": _column("number", "radius in metres", "computed", 0),
        "members": _column("text", "GSS codes of its LSOAs", "computed"),
    },
    "heaps": {
        "theme": _column("text", "theme", "internal"),
        "street": _column("text", "its name", "internal"),
        "ward": _column("text", "ward", "internal"),
        "ward_code": _column("text", "GSS code of the ward", "internal"),
        "easting": _column("whole", "easting in metres", "internal"),
        "northing": _column("whole", "northing in metres", "internal"),
        "n": _column("whole", "incidents on the point", "internal"),
        "share": _column("number", "share of the theme", "internal", 4),
        "around": _column("whole", "all others within 250 m", "internal"),
        "reason": _column("text", "why it is flagged", "internal"),
        "rank": _column("whole", "rank of the ward by residents", "internal"),
        "rank_without_heaps": _column("whole", "the same without the heaps", "internal"),
    },
    "forecasts": {
        "theme": _THEME,
        **_AREA,
        "month": _label("month to come, blank for all of them"),
        "expected": _column("number", "incidents expected", "computed", 1),
        "low": _column("whole", "fewest of the 95 % range", "computed"),
        "high": _column("whole", "most of the 95 % range", "computed"),
        "reason": _column("text", "what stands against it", "computed"),
    },
}
_HOURS: Final = {
    "weekday": _column("text", "weekday", "internal"),
    "hour": _column("whole", "hour of the day, 0 to 23", "internal"),
    "incidents": _column("number", "incidents, in parts where the hour is a span", "internal", 2),
}
#: Of incidents whose time of day is known; by frame, as above.
HOURS: Final[Mapping[str, Mapping[str, Column]]] = {
    "hours": {
        "theme": _THEME,
        **_HOURS,
        "share": _column("number", "share of the theme", "internal", 4),
    },
    "ward_hours": {"code": _AREA["code"], **_HOURS},
    "time_themes": {
        "theme": _THEME,
        "incidents": _column("whole", "incidents", "internal"),
        "with_time": _column("whole", "incidents with a time of day", "internal"),
        "dated": _column("whole", "incidents with a date", "internal"),
        "near_repeats": _column("text", "near repeats in words", "internal"),
    },
    "near_repeats": {
        "theme": _THEME,
        "distance_from": _column("whole", "metres from", "internal"),
        "distance_to": _column("whole", "metres to", "internal"),
        "days_from": _column("whole", "days from", "internal"),
        "days_to": _column("whole", "days to", "internal"),
        "observed": _column("whole", "pairs found", "internal"),
        "expected": _column("number", "pairs expected by chance", "internal", 1),
        "ratio": _column("number", "found over expected", "internal", 2),
        "p": _column("number", "chance of so many", "internal", 3),
        "q": _column("number", "false discovery rate", "internal", 3),
    },
}
