"""
Names that several stages share: levels, columns, and who may see which.

`COLUMNS` is the one table of columns: for every column of every frame that
leaves an analysis its kind, its words and, for each audience, the rule by which
it may leave. A column that is not in it cannot be released.

Inside, every coordinate is in metres of the British National Grid. Latitude
and longitude exist only where files are read and where the map is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hotspots.column import DTYPES, Column
from hotspots.column import label as _label
from hotspots.column import ruled as _column
from hotspots.columns_of_beats import BEATS, SHIFT
from hotspots.columns_over_time import CHANGE, HOURS, OVER_TIME

NATIONAL_GRID: Final = "EPSG:27700"
WGS84: Final = "EPSG:4326"

WARD: Final = "ward"
LSOA: Final = "lsoa"
LEVELS: Final = (WARD, LSOA)
#: The level of polygons of the user's, which stand beside wards and LSOAs for internal use.
ZONE: Final = "zone"
#: What people call the areas of a level.
LEVEL_PLURALS: Final = {WARD: "wards", LSOA: "LSOAs"}
#: The vintages that ship, oldest first.
VINTAGES: Final = {WARD: ("2003", "2023"), LSOA: ("2011", "2021")}
#: The flags that an incident can carry; `read_incidents` joins those set with ";".
FLAGS: Final = ("alcohol", "cyber", "knife", "modern-slavery", "ocg", "terrorism", "youth")
#: The domains of the Indices of Deprivation 2025 that say nothing of crime, as people call them.
DEPRIVATION: Final = {
    "income": "income",
    "employment": "employment",
    "education": "education",
    "health": "health",
    "housing_and_services": "housing and services",
    "environment": "living environment",
}
#: The pseudo-theme that holds every incident, whatever its type.
ALL_INCIDENTS: Final = "all"
#: The place-based, open themes together, as they are ranked over all of them.
COMBINED: Final = "combined"
#: What the slug of a type of incidents begins with, so that a theme and a type of one name stay apart.
TYPE_PREFIX: Final = "type-"
#: The `month` of a row that covers the whole period.
WHOLE_PERIOD: Final = ""

#: How an incident was located, best evidence first.
MATCH_LEVELS: Final = (
    "coordinate",
    "grid reference",
    "postcode",
    "postcode sector",
    "area code",
    "none",
)

#: What `read_incidents` promises; every later stage may rely on these.
INCIDENT_COLUMNS: Final = (
    "source",
    "source_row",
    "crime_id",
    "month",
    "occurred_from",
    "occurred_to",
    "crime_type",
    "offence_code",
    "flags",
    "street",
    "longitude",
    "latitude",
    "easting",
    "northing",
    "grid_reference",
    "postcode",
    "stated_lsoa",
    "stated_ward",
    "outcome",
    "victim_age",
)

#: Resolution of the dates in a source, coarsest first.
RESOLUTIONS: Final = ("month", "day", "time")

#: One fixed list of reasons for which a row is set aside.
REJECT_REASONS: Final = {
    "wrong_field_count": "the row has more or fewer fields than the header",
    "missing_date": "no date",
    "bad_date": "the date is not one this project reads",
    "future_date": "the date lies in the future",
    "missing_type": "neither a crime type nor an offence code",
    "missing_coordinate": "the row has no coordinate and nothing else to locate it by",
    "bad_coordinate": "a coordinate is not a plain number, or no place in Great Britain",
    "zero_coordinate": "the coordinate is 0, 0",
    "no_location": "the police published no location for this row",
    "outside_area": "the incident lies outside the study area",
    "unknown_place": "the grid reference, postcode or area code is not known",
    "not_a_crime": "the record was cancelled, transferred or found to be no crime",
    "repeated_header": "the names of the columns once more",
    "duplicate": "another row of the same incident (equal Crime ID and content) is kept",
    "control_character": "a field holds a control character",
}
#: The categories, and what each says, in ESRI's words as far as they go.
CATEGORIES: Final = {
    "new": "hot in the last month for the first time",
    "consecutive": "hot in the last months without a break, at least two, and never before",
    "intensifying": "hot in at least 90 % of the months, the last one among them, and growing hotter",
    "persistent": "hot in at least 90 % of the months, the last one among them, without a trend",
    "diminishing": "hot in at least 90 % of the months, the last one among them, and growing less hot",
    "sporadic": "hot in the last month and on and off before, never cold",
    "oscillating": "hot in the last month, cold in an earlier one",
    "historical": "hot in at least 90 % of the months, but not in the last one",
}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RANKING_COLUMNS: Final = (
    "count",
    "exposure",
    "rate",
    "shrunk_rate",
    "score",
    "rank",
    "rank_low",
    "rank_high",
    "p_top",
    "class",
    "reason",
)
#: What data can show of a theme.
DIRECT, PROXY, NOT_VISIBLE = "direct", "proxy", "not visible"
#: A theme without an incident in files of which many go by words that nothing here knows.
UNRECOGNISED: Final = "not recognised"
#: Levels at which no incident is no nought.
UNSEEN: Final = (NOT_VISIBLE, UNRECOGNISED)

_THEME: Final = _label("theme")
_AREA: Final = {"level": _label("level"), "code": _label("GSS code"), "name": _label("name")}
_COUNT: Final = _column("whole", "incidents", "count")
_RATES: Final = {
    "rate_per_1000": _column("number", "incidents per 1,000 residents a year", "computed", 3),
    "rate_per_km2": _column("number", "incidents per km2 a year", "computed", 3),
}
_RANKS: Final = {
    "rank": _column("whole", "rank, 1 is highest", "computed"),
    "rank_low": _column("whole", "highest rank of the 95 % range", "computed"),
    "rank_high": _column("whole", "lowest rank of the 95 % range", "computed"),
    "p_top": _column("number", "chance to be among the top", "computed", 3),
    "class": _column("text", "priority class", "computed"),
}
_SENSITIVE: Final = _column("flag", "the rank depends on the denominator", "computed")
#: Denominators of some runs only: the user's own, and none at all where residents are not known.
_SOME: Final = ("own", "count")
_BY: Final = {
    name: {
        f"rank_by_{name}": _column("whole", f"rank by {words}", "computed", optional=name in _SOME),
        f"chance_by_{name}": _column(
            "number",
            f"chance to be among the top by {words}",
            "computed",
            3,
            optional=name in _SOME,
        ),
    }
    for name, words in (
        ("residents", "residents"),
        ("households", "households"),
        ("area", "area"),
        ("count", "number of incidents"),
        ("own", "the figures given with --denominator"),
    )
}
_BY_EACH: Final = {**_BY["residents"], **_BY["households"], **_BY["count"], **_BY["area"]}
_BY_OWN: Final = _BY["own"]
_ZONE: Final = {
    "level": _column("text", "level", "internal"),
    "code": _column("text", "identifier of the zone", "internal"),
    "name": _column("text", "zone", "internal"),
}
_LAYER: Final = {
    **{name: _label(name) for name in ("name", "level", "vintage")},
    "area_km2": _column("number", "area in km2", "label", 4),
    "residents": _column("number", "residents", "label"),
    "households": _column("number", "households", "label"),
    "geometry": _column("shape", "outline", "label"),
}

#: Every column of every frame that leaves, by frame.
COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = {
    "counts": {
        "level": _AREA["level"],
        "vintage": _label("vintage of the areas"),
        "code": _AREA["code"],
        "name": _AREA["name"],
        "theme": _THEME,
        "month": _label("month, blank for the whole period"),
        "count": _COUNT,
        **_RATES,
    },
    "results": {
        "theme": _THEME,
        **_AREA,
        "count": _COUNT,
        "share": _column("number", "share of the city's incidents", "computed", 4),
        **_RATES,
        **CHANGE,
        "gi_star": _column("number", "Gi* z score", "computed", 2),
        "gi_q": _column("number", "false discovery rate of Gi*", "computed", 4),
        "category": _column("text", "emerging hot spot category", "computed"),
        **_RANKS,
        "denominator_sensitive": _SENSITIVE,
    },
    "priority": {
        "theme": _THEME,
        **_AREA,
        **_RANKS,
        "count": _COUNT,
        **_RATES,
        "shrunk_rate": _column(
            "number", "rate per 1,000 residents a year, drawn towards the city's", "computed", 3
        ),
        "denominator_sensitive": _SENSITIVE,
        "top_by": _column("text", "denominators that put it among the top", "computed"),
        **_BY_EACH,
        **_BY_OWN,
        "rank_equal": _column("whole", "combined rank with equal weights", "computed", optional=True),
        "rank_without_heaps": _column(
            "whole", "rank by residents without the flagged heaps", "internal", optional=True
        ),
        "verdict": _column("text", "the rank in words", "computed"),
        # Divided by the weights, which anyone can look up, harm would give the count back.
        "harm": _column("number", "harm of the incidents", "internal", 1, optional=True),
    },
    "unusual_months": {
        "theme": _THEME,
        **_AREA,
        "month": _label("month"),
        "count": _COUNT,
        "usual_low": _column("whole", "fewest that would be usual", "computed"),
        "usual_high": _column("whole", "most that would be usual", "computed"),
        "signal": _column("text", "above or below the usual", "computed"),
        "adjusted": _column("number", "incidents without the city's season", "computed", 1),
    },
    **OVER_TIME,
    "deprivation": {
        "code": _AREA["code"],
        **{
            name: _column("whole", f"decile of England, {words}; 1 is most deprived", "label")
            for name, words in DEPRIVATION.items()
        },
    },
    "clusters": {
        "theme": _THEME,
        "order": _column("whole", "number in the list", "shape"),
        "cluster": _column("text", "identifier, the same from run to run", "shape"),
        "name": _column("text", "hot spot", "shape"),
        "n": _COUNT,
        "places": _column("whole", "distinct places", "internal"),
        "area_km2": _column("number", "area in km2", "shape", 4),
        "length_m": _column("number", "metres from end to end", "shape", 0),
        "density_per_km2": _column("number", "incidents per km2", "shape", 1),
        "share": _column("number", "share of the theme", "computed", 4),
        "confidence": _column("number", "chance that a later period shows it again", "internal", 3),
        "part_of": _column("text", "identifier of the hot spot that it is a part of", "shape"),
        "flags": _column("text", "what to know of its points", "internal"),
        "ward_codes": _column("text", "GSS codes of its wards", "shape"),
        "streets": _column("text", "streets", "internal"),
        "first_month": _column("text", "first month with an incident", "internal"),
        "last_month": _column("text", "last month with an incident", "internal"),
        "monthly": _column("text", "incidents by month", "internal"),
        "status": _column("text", "new, continuing or ended", "internal"),
        "types": _column("text", "commonest types of all incidents at its places", "internal"),
        "hours": _column("text", "its busiest hours", "internal"),
        "geometry": _column("shape", "outline", "shape"),
    },
    "report_card": {
        "kind": _label("kind of statement"),
        "theme": _THEME,
        "level": _label("level"),
        "said": _column("number", "share that was said to hold", "grade", 3),
        "found": _column("number", "share that held", "grade", 3),
        "n": _column("whole", "statements", "internal"),
        "score": _column("number", "Brier score", "internal", 3),
    },
    "bands": {
        "theme": _THEME,
        "band": _column("whole", "density band, 5 is densest", "shape"),
        "lower": _column("number", "least density, per km2", "shape"),
        "upper": _column("number", "greatest density, per km2", "shape"),
        "incidents": _column("number", "incidents in this band and denser ones", "internal", 2),
        "incident_share": _column("number", "their share of the theme", "internal"),
        "area_share": _column("number", "their share of the city's area", "shape"),
        "geometry": _column("shape", "outline", "shape"),
    },
    **BEATS,
    "nearby": {
        "theme": _THEME,
        "of": _column("text", "beat or hot spot", "label"),
        "place": _column("text", "its identifier", "shape"),
        "kind": _label("kind of what lies near"),
        "name": _label("its name"),
        "metres": _column("whole", "metres from the outline", "shape"),
    },
    "zones": {
        "code": _column("text", "identifier of the zone", "internal"),
        "name": _column("text", "zone", "internal"),
        "area_km2": _column("number", "area in km2", "internal", 4),
        "geometry": _column("shape", "outline", "internal"),
    },
    # A zone's count less those of wards would give a withheld one back.
    "zone_counts": {
        **_ZONE,
        "theme": _column("text", "theme", "internal"),
        "month": _column("text", "month, blank for the whole period", "internal"),
        "count": _column("whole", "incidents", "internal"),
        "rate_per_km2": _column("number", "incidents per km2", "internal", 3),
        "usual_low": _column("whole", "fewest that would be usual", "internal"),
        "usual_high": _column("whole", "most that would be usual", "internal"),
        "signal": _column("text", "above or below the usual", "internal"),
    },
    "zone_results": {
        "theme": _column("text", "theme", "internal"),
        **_ZONE,
        "count": _column("whole", "incidents", "internal"),
        "share": _column("number", "share of the city's incidents", "internal", 4),
        "rate_per_km2": _column("number", "incidents per km2", "internal", 3),
        "change": _column("number", "later over earlier daily rate", "internal", 3),
        "change_low": _column("number", "lower end of the change", "internal", 3),
        "change_high": _column("number", "upper end of the change", "internal", 3),
        "change_q": _column("number", "false discovery rate of the change", "internal", 4),
        "rank": _column("whole", "rank by incidents per km2, 1 is highest", "internal"),
        "rank_low": _column("whole", "highest rank of the 95 % range", "internal"),
        "rank_high": _column("whole", "lowest rank of the 95 % range", "internal"),
        "p_top": _column("number", "chance to be among the top", "internal", 3),
        "class": _column("text", "priority class", "internal"),
    },
    **SHIFT,
    "streets": {
        "street": _column("text", "street", "internal"),
        "n": _column("number", "incidents", "internal"),
        "geometry": _column("shape", "point of the label", "internal"),
    },
    **HOURS,
    "rejected": {
        "source": _column("text", "file", "internal"),
        "row": _column("whole", "row of the file", "internal"),
        "reason": _column("text", "reason", "internal"),
        "rows": _column("whole", "rows that the line stands for", "internal"),
    },
    "wards": _LAYER,
    "lsoas": _LAYER,
}

#: The settings that the record of a run names, by the same rules.
PARAMETERS: Final[Mapping[str, Column]] = {
    **{
        name: _label(name.replace("_", " "))
        for name in ("area", "wards", "lsoas", "from_month", "to_month", "compare", "themes", "theme_rules")
    },
    **{name: _label(name) for name in ("audience", "already_public", "marking", "weights", "tiles", "scan")},
    "seed": _column("whole", "seed of the random numbers", "label"),
    "word": _column("flag", "Word documents beside the pages", "label"),
    "also": _label("further formats of the layers"),
    "top": _column("whole", "size of the top group", "label"),
    "permutations": _column("whole", "permutations of the local statistic", "label"),
    "draws": _column("whole", "draws of the clusters' confidence", "internal"),
    **{
        name: _column("text", name.replace("_", " "), "internal")
        for name in (
            *("columns", "harm", "force", "date_format", "sheet", "dedupe_source"),
            *("denominator", "found_by_patrol", "heaps", "zones"),
        )
    },
}


def columns(frame: str) -> tuple[str, ...]:
    """Name the columns that every frame of this name has, in their order."""
    return tuple(name for name, column in COLUMNS[frame].items() if not column.optional)


def dtypes(frame: str) -> dict[str, str]:
    """Give the type of each column but the geometry, which a frame without rows has too."""
    return {
        name: DTYPES[COLUMNS[frame][name].kind]
        for name in columns(frame)
        if COLUMNS[frame][name].kind != "shape"
    }
