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
#: What police.uk writes as the street of a row that it gives no point.
NO_LOCATION: Final = "No Location"
# strftime would follow the machine's locale.
MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

#: How a month is written wherever this project reads or writes one.
MONTH_PATTERN: Final = r"[0-9]{4}-(0[1-9]|1[0-2])"

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
