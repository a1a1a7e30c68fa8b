"""The names that columns go by, and names that speak of a person."""

from __future__ import annotations

import re

from hotspots.schema import FLAGS

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


def is_personal(column: str) -> bool:
    """Say whether a column's name speaks of a person: its cells are never read."""
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower()).strip()
    return bool(_PERSONAL.search(words))
