"""
Names that several stages share: columns, levels, coordinate systems.

Inside, every coordinate is in metres of the British National Grid. Latitude
and longitude exist only where files are read and where the map is drawn.
"""

from __future__ import annotations

from typing import Final

NATIONAL_GRID: Final = "EPSG:27700"
WGS84: Final = "EPSG:4326"

WARD: Final = "ward"
LSOA: Final = "lsoa"
LEVELS: Final = (WARD, LSOA)
#: What people call the areas of a level.
LEVEL_PLURALS: Final = {WARD: "wards", LSOA: "LSOAs"}
#: The vintages that ship, oldest first.
VINTAGES: Final = {WARD: ("2003", "2023"), LSOA: ("2011", "2021")}
#: The flags that an incident can carry; `read_incidents` joins those set with ";".
FLAGS: Final = ("alcohol", "cyber", "knife", "modern-slavery", "ocg", "terrorism", "youth")
#: The pseudo-theme that holds every incident, whatever its type.
ALL_INCIDENTS: Final = "all"
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
)

#: Resolution of the dates in a source, coarsest first.
RESOLUTIONS: Final = ("month", "day", "time")

#: Columns of the list of rejected rows.
REJECTED_COLUMNS: Final = ("source", "row", "reason")

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
    "duplicate": "another row of the same incident (equal Crime ID and content) is kept",
    "control_character": "a field holds a control character",
}
MONTH_COLUMNS: Final = (
    "theme",
    "level",
    "code",
    "name",
    "month",
    "count",
    "usual_low",
    "usual_high",
    "signal",
)
#: The columns of the result, in the order of tables/areas.csv.
COUNT_COLUMNS = (
    "level",
    "vintage",
    "code",
    "name",
    "theme",
    "month",
    "count",
    "rate_per_1000",
    "rate_per_km2",
)
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
HOUR_COLUMNS: Final = ("theme", "weekday", "hour", "incidents", "share")
WARD_HOUR_COLUMNS: Final = ("code", "weekday", "hour", "incidents")
REPEAT_COLUMNS: Final = (
    "theme",
    "distance_from",
    "distance_to",
    "days_from",
    "days_to",
    "observed",
    "expected",
    "ratio",
    "p",
    "q",
)
PRIORITY_COLUMNS: Final = (
    "theme",
    "level",
    "code",
    "name",
    "rank",
    "rank_low",
    "rank_high",
    "p_top",
    "class",
    "count",
    "rate_per_1000",
    "rate_per_km2",
    "shrunk_rate",
    "denominator_sensitive",
    "top_by",
    "verdict",
)
#: Columns of the density bands and clusters of a theme, and their types, which an empty frame has too.
BAND_TYPES: Final = {
    "band": "int64",
    "lower": "float64",
    "upper": "float64",
    "incidents": "float64",
    "incident_share": "float64",
    "area_share": "float64",
}
CLUSTER_TYPES: Final = {
    "cluster": "int64",
    "n": "int64",
    "places": "int64",
    "area_km2": "float64",
    "density_per_km2": "float64",
    "share": "float64",
    "confidence": "float64",
    "ward_codes": "object",
    "streets": "object",
    "first_month": "object",
    "last_month": "object",
    "monthly": "object",
    "status": "object",
}
#: The vintages that ship, by level.
#: Columns of every level, in this order; the index is the GSS code.
AREA_COLUMNS: Final = ("name", "level", "vintage", "area_km2", "residents", "households", "geometry")
