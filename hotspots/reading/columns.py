"""
Which column of a file is which field: aliases, the user's mapping, personal data.

An allow-list: a column that is not one of `FIELDS` is never read further than
its name, and names that speak of a person are listed apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hotspots.errors import InputError, ParameterError
from hotspots.reading.dates import parse_dates
from hotspots.schema import FLAGS
from hotspots.text import safe_text

#: Every field this project reads, and the column names it goes by (spaces, case and marks ignored).
FIELDS: dict[str, tuple[str, ...]] = {
    "crime_id": (
        "crime id", "reference", "ref", "crime reference", "crime ref", "crime no", "crime number",
        "crime ref no", "crime reference number", "incident id", "incident reference", "incident ref",
        "incident number", "incident no", "case id", "case ref", "case reference", "case number",
        "record id", "urn", "reference number", "ref no", "id", "log number",
    ),
    "date": (
        "date", "date from", "from date", "start date", "date start", "committed date", "date committed",
        "committed on", "committed from date", "first committed", "first committed date", "offence date",
        "date of offence", "incident date", "date of incident", "occurred", "occurred on", "occurred date",
        "occurred from", "date occurred", "occurrence date", "event date", "datetime", "date time",
        "date and time", "incident datetime", "start datetime", "from datetime", "datetime from",
        "committed from", "earliest date", "reported date", "date reported", "date received",
        "created date", "timestamp",
    ),
    "month": ("month", "period", "year month", "month year"),
    "time": (
        "time", "time from", "from time", "start time", "time start", "committed time", "time committed",
        "first committed time", "offence time", "incident time", "time of incident", "occurred time",
        "time occurred", "earliest time", "committed from time",
    ),
    "date_to": (
        "date to", "to date", "end date", "date end", "last committed", "last committed date",
        "committed to date", "committed to", "occurred to", "latest date", "end datetime", "to datetime",
        "datetime to",
    ),
    "time_to": (
        "time to", "to time", "end time", "time end", "last committed time", "committed to time",
        "latest time",
    ),
    "crime_type": (
        "crime type", "crime category", "type", "category", "offence", "offence type", "offence category",
        "offence group", "offence description", "offence title", "incident type", "incident category",
        "type of crime", "type of incident", "crime", "asb type", "asb category", "nsir category",
        "closing category",
    ),
    "offence_code": (
        "offence code", "ho code", "home office code", "home office offence code", "hooc", "crime code",
        "ho offence code", "home office classification", "classification code", "ho class",
    ),
    "street": ("location", "street", "street name", "road", "road name", "thoroughfare"),
    "longitude": ("longitude", "long", "lng", "lon", "wgs84 longitude", "long wgs84", "lon wgs84"),
    "latitude": ("latitude", "lat", "wgs84 latitude", "lat wgs84"),
    "easting": (
        "easting", "eastings", "east", "os easting", "osgr easting", "bng easting", "grid easting", "x",
        "x coord", "x coordinate", "xcoordinate", "coord x", "osx", "bngx", "geo x", "map x", "point x",
    ),
    "northing": (
        "northing", "northings", "north", "os northing", "osgr northing", "bng northing", "grid northing",
        "y", "y coord", "y coordinate", "ycoordinate", "coord y", "osy", "bngy", "geo y", "map y", "point y",
    ),
    "grid_reference": (
        "grid reference", "grid ref", "gridref", "os grid reference", "os grid ref", "osgr", "ngr",
        "national grid reference", "os ref",
    ),
    "postcode": (
        "postcode", "post code", "pcd", "pcds", "pcd7", "pcd8", "incident postcode", "location postcode",
    ),
    "lsoa": (
        "lsoa code", "lsoa", "lsoa21cd", "lsoa11cd", "lsoa21", "lsoa11", "lsoa 2021", "lsoa 2011",
        "lsoa code 2021", "lsoa code 2011", "lsoa 2021 code", "lsoa 2011 code",
    ),
    "ward": (
        "ward code", "wd22cd", "wd23cd", "wd24cd", "wd25cd", "ward gss code", "ward gss", "ward code 2023",
        "gss ward code",
    ),
    "outcome": ("last outcome category", "outcome", "outcome category"),
    "force": ("reported by", "force", "police force", "force name"),
    "flags": ("flags", "flag", "markers", "keywords", "aggravating factors"),
    "knife": (
        "knife", "knife flag", "knife crime", "knife crime flag", "knife enabled", "bladed article",
        "blade flag",
    ),
    "alcohol": ("alcohol", "alcohol flag", "alcohol related", "alcohol marker"),
    "cyber": ("cyber", "cyber flag", "cyber enabled", "cyber crime flag", "online crime flag", "online flag"),
    "ocg": ("ocg", "ocg flag", "organised crime", "organised crime flag", "organised crime group flag"),
    "youth": ("youth", "youth flag", "youth related"),
    "modern-slavery": ("modern slavery", "modern slavery flag", "msht", "msht flag", "trafficking flag"),
    "terrorism": ("terrorism", "terrorism flag", "ct flag", "extremism flag", "prevent flag"),
    "victim_age": ("victim age", "age of victim", "victim age band", "victim age group"),
    "suspect_age": (
        "suspect age", "age of suspect", "offender age", "age of offender", "suspect age band",
        "offender age band",
    ),
}  # fmt: skip
#: Fields that mark a row rather than describe it.
FLAG_FIELDS = (*FLAGS, "flags", "victim_age", "suspect_age")

_PERSONAL = re.compile(
    r"""
    \b(victim|suspect|offender|perpetrator|complainant|caller|informant|witness|person|nominal|officer|reporter)s?\b
    | \b(fore|sur|first|last|full|middle|maiden|nick|given|family|contact)\s*names?\b | ^names?$
    | known\s+as | \balias(es)?\b | \bdob\b | birth | \bage\b | ethnic | gender | \bsex\b | religion
    | nationality | disabil | occupation
    | \b(tele)?phones?\b | \bmobiles?\b | \btel\b | e\s?mails?\b | \bimei\b | \bip\b
    | address | house\s*(no|number|name) | \bflat\b | building\s*(no|number|name) | \buprn\b
    | \bnino\b | national\s+insurance | \bnhs\b | passport | licen[cs]e | registration | \bvr[mn]\b
    | notes? | narrative | summary | comments? | remarks | free\s*text | modus | \bmo\b | details
    | signature | photo
    """,
    re.VERBOSE,
)
#: What a cell of a record looks like, by itself: numbers, times, phones, addresses, codes, postcodes.
_DATA = re.compile(
    r"""
    (?=.*\d)[^a-z]+ | .*@.*
    | \d{1,3}[a-z]?\s+[a-z].*
    | [0-9a-f]{32,} | [ewsn]\d{8}
    | [a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}
    """,
    re.VERBOSE,
)
#: Fields whose names stand in every header; marks such as "Knife" are values as often as names.
_TELLING = {
    "date", "month", "crime_type", "offence_code", "longitude", "latitude", "easting", "northing",
    "grid_reference", "postcode", "lsoa", "ward",
}  # fmt: skip
_LOOKED_FOR = (
    "Month or Date; Crime type or Offence; "
    "Longitude and Latitude, Easting and Northing, Grid ref, Postcode or LSOA code"
)
_STREET = {"crimeid", "month", "reportedby", "fallswithin", "longitude", "latitude", "lsoacode", "crimetype"}
_OUTCOMES = {"crimeid", "month", "reportedby", "fallswithin", "outcometype"}
_SEARCHES = {"type", "date", "latitude", "longitude", "legislation", "objectofsearch"}

POLICE_STREET = "police.uk street"
POLICE_OUTCOMES = "police.uk outcomes"
POLICE_SEARCHES = "police.uk stop and search"
OWN_TABLE = "table"


@dataclass(frozen=True)
class ColumnPlan:
    """
    What is read from a file.

    Attributes
    ----------
    kind : str
        `POLICE_STREET`, `POLICE_OUTCOMES`, `POLICE_SEARCHES` or `OWN_TABLE`.
    places : dict of str to int
        Field to position in the header.
    used : dict of str to str
        Field to the column's name as it stands.
    ignored, personal : tuple of str
        Names of columns that are not read.
    """

    kind: str
    places: dict[str, int]
    used: dict[str, str]
    ignored: tuple[str, ...]
    personal: tuple[str, ...]


def plan_columns(
    header: Sequence[str], *, name: str, mapping: Mapping[str, str] | None = None, points: bool = False
) -> ColumnPlan:
    """
    Decide which column holds which field.

    Parameters
    ----------
    header : sequence of str
        Column names as they stand.
    name : str
        The file, for messages.
    mapping : mapping of str to str, optional
        Field to column name, from [columns] of hotspots.toml; wins over the aliases.
    points : bool
        Whether the rows carry their own geometry, so that no column has to locate them.

    Raises
    ------
    InputError
        If there is no header row, a column is missing or appears twice, or two
        columns mean the same field.
    ParameterError
        If the mapping names an unknown field or a column with personal data.
    """
    keys = [_key(column) for column in header]
    kind = _kind(set(keys))
    if kind in (POLICE_OUTCOMES, POLICE_SEARCHES):
        return ColumnPlan(kind, {}, {}, (), ())
    places = _places(header, keys, name, mapping or {})
    _check_twice(header, keys, places, name, mapping or {})
    _drop_second_best(places, points=points)
    missing = _missing(places, points=points)
    if missing:
        raise InputError(_missing_message(missing, header, places, name))
    unread = [column for place, column in enumerate(header) if place not in places.values() and column]
    return ColumnPlan(
        kind=kind,
        places=places,
        used={field: safe_text(header[place]) for field, place in places.items()},
        ignored=tuple(safe_text(column) for column in unread if not is_personal(column)),
        personal=tuple(safe_text(column) for column in unread if is_personal(column)),
    )


def is_personal(column: str) -> bool:
    """Say whether a column's name speaks of a person: its cells are never read."""
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower()).strip()
    return bool(_PERSONAL.search(words))


def _key(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.casefold())


_ALIASES = {_key(alias): field for field, aliases in FIELDS.items() for alias in (*aliases, field)}


def _kind(keys: set[str]) -> str:
    if keys >= _SEARCHES:
        return POLICE_SEARCHES
    if keys >= _STREET:
        return POLICE_STREET
    return POLICE_OUTCOMES if keys >= _OUTCOMES else OWN_TABLE


def _places(
    header: Sequence[str], keys: Sequence[str], name: str, mapping: Mapping[str, str]
) -> dict[str, int]:
    places = _mapped(header, keys, mapping)
    taken = set(places.values())
    for place, key in enumerate(keys):
        field = _ALIASES.get(key)
        if field is None or place in taken or (field in mapping and field in places):
            continue
        if field in places and keys[places[field]] != key:
            both = f"{safe_text(header[places[field]])!r} and {safe_text(header[place])!r}"
            raise InputError(
                f"{name}: the columns {both} both mean {field}: "
                "name the right one under [columns] in hotspots.toml."
            )
        places.setdefault(field, place)
    return places


def _mapped(header: Sequence[str], keys: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    places = {}
    for field, column in mapping.items():
        if field not in FIELDS:
            raise ParameterError(
                f"[columns] {safe_text(field)}: no such field; choose from {', '.join(FIELDS)}."
            )
        if is_personal(column) and field not in ("victim_age", "suspect_age"):
            raise ParameterError(
                f"[columns] {field}: the column {safe_text(column)!r} looks like personal data, "
                "which is never read."
            )
        if column in header:
            places[field] = list(header).index(column)
        elif _key(column) in keys:
            places[field] = keys.index(_key(column))
    return places


def unmatched(mapping: Mapping[str, str], plans: Iterable[ColumnPlan]) -> list[str]:
    """Name the mapped columns that no file has: a slip, after which an alias would be read."""
    there = {name for plan in plans for name in (*plan.used.values(), *plan.ignored, *plan.personal)}
    keys = {_key(name) for name in there}
    return [
        f"[columns] {field}: no file has a column {safe_text(column)!r}."
        for field, column in sorted(mapping.items())
        if column not in there and _key(column) not in keys - {""}
    ]


def _check_twice(
    header: Sequence[str],
    keys: Sequence[str],
    places: Mapping[str, int],
    name: str,
    mapping: Mapping[str, str],
) -> None:
    if not _is_header(header, places):
        return  # the next check says so without showing what may be data
    for field, place in places.items():
        same = header.count(header[place]) > 1
        # "Date" and "DATE" are two columns that one alias fits: only the mapping can tell which is meant.
        if same or (keys.count(keys[place]) > 1 and mapping.get(field) != header[place]):
            raise InputError(
                f"{name}: the column {safe_text(header[place])!r} appears twice: remove one of them."
            )


def _is_header(header: Sequence[str], places: Mapping[str, int]) -> bool:
    """Say whether a first row holds names that may be shown, not a record of data."""
    if len(places) < 2 or not _TELLING & set(places):
        return False
    plain = [cell.strip().lower() for cell in header if cell.strip()]
    dated = bool(plain) and (parse_dates(plain).reason != "bad_date").any()
    return not dated and not any(map(_DATA.fullmatch, plain))


def _drop_second_best(places: dict[str, int], *, points: bool) -> None:
    """Leave out what a better column already tells."""
    if "date" in places:
        places.pop("month", None)
    pairs = (("easting", "northing"), ("longitude", "latitude"))
    if points:
        useless = [*pairs[0], *pairs[1]]
    elif all(field in places for field in pairs[0]):
        useless = list(pairs[1])
    elif all(field in places for field in pairs[1]):
        useless = list(pairs[0])
    else:
        useless = []
    for field in useless:
        places.pop(field, None)


def _missing(places: Mapping[str, int], *, points: bool) -> list[str]:
    missing = []
    if "date" not in places and "month" not in places:
        missing.append("date")
    if "crime_type" not in places and "offence_code" not in places:
        missing.append("crime type")
    for one, other in (("longitude", "latitude"), ("easting", "northing")):
        if (one in places) != (other in places):
            missing.append(other if one in places else one)
    anywhere = {"longitude", "easting", "grid_reference", "postcode", "lsoa", "ward", "latitude", "northing"}
    if not points and not anywhere & set(places):
        missing.append("location")
    return missing


def _missing_message(
    missing: Sequence[str], header: Sequence[str], places: Mapping[str, int], name: str
) -> str:
    if not _is_header(header, places):
        # What stands there may be a person's record, so it is not shown.
        return (
            f"{name}: the header row is missing, its names are not known, or data stand among them. "
            f"Looked for: {_LOOKED_FOR}."
        )
    found = ", ".join(safe_text(column, limit=40) for column in header[:40])
    columns = " and no ".join(missing)
    return (
        f"{name} has no {columns} column. Columns found: {found}. "
        "If one of them has another name, say so under [columns] in hotspots.toml."
    )
