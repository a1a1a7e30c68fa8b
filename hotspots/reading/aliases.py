"""The names that columns go by, and names that speak of a person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hotspots.policeuk import POLICE_OUTCOMES, POLICE_SEARCHES
from hotspots.schema import FLAGS

#: Every field this project reads, and the column names it goes by (spaces, case and marks ignored), the
#: best first: where a file has several, the first is used and the next where the first is blank.
#: The names of a pair (easting and northing) stand at the same place in both lists.
FIELDS: dict[str, tuple[str, ...]] = {
    "crime_id": (
        "crime id", "persistent id", "crime number", "crime no", "crime reference number", "crime reference",
        "crime ref no", "crime ref", "crime number unique", "incident number", "incident no", "incident id",
        "incident reference", "incident ref", "reference number", "reference", "ref no", "ref", "urn",
        "case id", "case ref", "case reference", "case number", "log number", "record id", "report id",
        "accident index", "collision index", "cyfeirnod", "rhif trosedd", "id",
    ),
    "date": (
        "date from", "from date", "start date", "date start", "date first committed", "committed date",
        "date committed", "committed on", "committed from date", "first committed date", "first committed",
        "committed from", "committed from date time", "occurred from", "occurred from date",
        "occurred date", "date occurred", "occurred on", "occurred", "occurrence date", "offence date",
        "date of offence", "earliest date", "start datetime", "from datetime", "datetime from",
        "date", "datetime", "date time", "date and time", "incident date", "date of incident",
        "incident datetime", "event date", "timestamp", "call date", "incident start date", "dyddiad",
        "dyddiad y drosedd", "dyddiad y digwyddiad", "dyddiad digwydd",
        "date recorded", "recorded date", "date reported", "reported date", "reported on", "date received",
        "received date", "created date", "date created", "created", "created on", "date logged",
        "logged date", "date raised", "opened date", "date opened",
    ),
    "month": ("month", "year month", "month year", "period", "crime month", "month of offence", "mis", "week",
              "iso week"),
    "year": ("year", "calendar year", "financial year", "fin year", "fy", "accident year", "blwyddyn"),
    "day": ("day", "day of month", "diwrnod"),
    "time": (
        "time from", "from time", "start time", "time start", "committed time", "time committed",
        "first committed time", "committed from time", "offence time", "occurred time", "time occurred",
        "earliest time", "time", "incident time", "time of incident", "call time", "amser",
    ),
    "date_to": (
        "date to", "to date", "end date", "date end", "last committed date", "last committed",
        "committed to date", "committed to", "occurred to", "latest date", "end datetime", "to datetime",
        "datetime to",
    ),
    "time_to": (
        "time to", "to time", "end time", "time end", "last committed time", "committed to time",
        "latest time",
    ),
    "crime_type": (
        "crime type", "offence", "offence type", "offence title", "offence description", "offence desc",
        "offence name", "offence subgroup", "offence sub group", "offence category", "offence group",
        "home office offence", "ho offence", "minor category", "minor text", "major category", "major text",
        "crime category", "category", "subcategory", "sub category", "type of crime", "crime",
        "incident type", "type of incident", "incident category", "incident class", "asb type",
        "asb category", "nsir category", "nsir class", "nsir", "closing category", "closing code description",
        "final code description", "opening category", "type", "class", "service type", "problem type",
        "math o drosedd", "trosedd", "math o ddigwyddiad", "categori", "classification", "nature",
    ),
    "offence_code": (
        "offence code", "ho code", "home office code", "home office offence code", "ho offence code", "hooc",
        "ho class", "home office classification", "ho classification", "classification code", "crime code",
    ),
    "status": (
        "crime status", "record status", "crime record status", "incident status", "case status", "status",
        "no crime", "nocrime", "no crime flag", "no crimed", "cancelled", "cancelled flag", "is cancelled",
        "crime cancelled", "deleted", "deleted flag", "duplicate", "duplicate flag", "cancellation reason",
        "no crime reason",
        "disposal", "crime outcome",
    ),
    "count": (
        "count", "incidents", "crimes", "n", "icount", "number of incidents", "number of crimes",
        "number of offences", "number of records", "no of incidents", "no of crimes", "no of offences",
        "incident count", "crime count", "offence count", "record count", "count of incidents",
        "count of crimes", "count of offences", "asb count", "total incidents", "total crimes", "total",
        "frequency", "freq", "volume", "num incidents", "num crimes", "n incidents", "n crimes",
        "point count",
        "join count", "tally", "qty", "quantity", "offences", "recorded crimes", "recorded offences",
        "events", "numpoints", "num points",
        "nifer", "cyfanswm",
    ),
    "street": ("street name", "street", "location", "location street name", "road name", "road",
               "thoroughfare", "lleoliad", "stryd"),
    "geometry": (
        "wkt", "geom", "geometry", "the geom", "wkb geometry", "wkb", "shape", "point", "geo point",
        "geo point 2d", "geopoint", "geolocation", "geo location", "geo shape", "coordinates", "coordinate",
        "coords", "lat long", "lat lon", "lat lng", "latlong", "latitude longitude", "long lat", "lon lat",
        "lng lat", "location 1", "georeference", "wkt geom", "geom wkt", "position",
    ),
    "longitude": ("longitude", "long", "lng", "lon", "wgs84 longitude", "long wgs84", "lon wgs84",
                  "location longitude", "geo longitude", "start lng", "decimal longitude", "hydred"),
    "latitude": ("latitude", "lat", "latt", "latd", "wgs84 latitude", "lat wgs84", "latitude wgs84",
                 "location latitude", "geo latitude", "start lat", "decimal latitude", "lledred"),
    "easting": (
        "easting", "eastings", "east", "os easting", "osgr easting", "bng easting", "grid easting",
        "location easting osgr", "os eastings", "osgb easting", "easting osgb", "easting bng", "oseast",
        "crime easting", "incident easting", "grid ref easting", "gridreasting", "easting coordinate",
        "east coord", "x", "x coord", "x coordinate", "coord x", "osx", "bngx", "geo x", "map x", "point x",
        "xcoords", "x bng", "xpos", "location x", "dwyreiniad", "dwyrain",
    ),
    "northing": (
        "northing", "northings", "north", "os northing", "osgr northing", "bng northing", "grid northing",
        "location northing osgr", "os northings", "osgb northing", "northing osgb", "northing bng", "osnorth",
        "crime northing", "incident northing", "grid ref northing", "gridrnorthing", "northing coordinate",
        "north coord", "y", "y coord", "y coordinate", "coord y", "osy", "bngy", "geo y", "map y", "point y",
        "ycoords", "y bng", "ypos", "location y", "gogleddiad", "gogledd",
    ),
    "square": ("sheet", "square", "grid square", "os sheet", "os square", "100km square", "map sheet",
               "grid letters", "os tile", "letters"),
    "grid_reference": (
        "grid reference", "grid ref", "gridref", "os grid reference", "os grid ref", "osgr", "ngr",
        "national grid reference", "os ref", "map reference", "map ref",
    ),
    "postcode": (
        "postcode", "post code", "incident postcode", "location postcode", "offence postcode", "pcd", "pcds",
        "pcd7", "pcd8", "pcode", "postal code", "cod post",
    ),
    "lsoa": (
        "lsoa code", "lsoa21cd", "lsoa 2021 code", "lsoa code 2021", "lsoa21", "lsoa 2021", "lsoa",
        "lsoa11cd", "lsoa 2011 code", "lsoa code 2011", "lsoa11", "lsoa 2011", "lsoa of accident location",
        "lsoa of casualty location", "lsoa of collision location", "area code", "geography code",
        "cod acehi", "cod lsoa",
    ),
    "lsoa_name": ("lsoa name", "lsoa21nm", "lsoa11nm", "lsoa 2021 name", "lsoa 2011 name", "lsoa name 2021",
                  "lsoa name 2011", "lsoanm", "enw acehi", "enw lsoa", "acehi"),
    "ward": (
        "ward code", "wd25cd", "wd24cd", "wd23cd", "wd22cd", "ward gss code", "ward gss", "ward code 2023",
        "gss ward code", "wardcode", "ward cd", "wdcd", "electoral ward code", "cod ward",
    ),
    "ward_name": ("ward name", "ward", "wd25nm", "wd24nm", "wd23nm", "wd22nm", "ward nm", "electoral ward",
                  "electoral ward name", "council ward", "policing ward", "enw ward"),
    "outcome": ("last outcome category", "outcome", "outcome category", "outcome status category",
                "outcome status", "outcome type", "outcome description", "canlyniad"),
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
#: Where a better column of these is blank or cannot be used, the next one is.
WITH_SPARES = (
    "date", "crime_type", "offence_code", "lsoa", "ward", "postcode", "grid_reference", "status",
)  # fmt: skip
#: From this place on in the list of dates, a name speaks of the report, not of the incident.
REPORTED = FIELDS["date"].index("date recorded")
#: Fields that mark a row rather than describe it.
FLAG_FIELDS = (*FLAGS, "flags", "victim_age", "suspect_age")
#: Files of other kinds: what is read of them by the names of columns in small letters without marks. All
#: else of a search speaks of a person, or is of no use.
BESIDE = {
    POLICE_SEARCHES: {
        "date": "date", "datetime": "date", "dateofsearch": "date", "searchdate": "date",
        "longitude": "longitude", "lng": "longitude", "latitude": "latitude", "lat": "latitude",
        "objectofsearch": "object", "searchobject": "object", "itemsought": "object",
        "stopdate": "date", "datestopped": "date",
    },
    POLICE_OUTCOMES: {"crimeid": "crime_id", "month": "month", "outcometype": "outcome"},
}  # fmt: skip
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


def places_beside(kind: str, keys: Sequence[str]) -> dict[str, int]:
    """Return where each field of a file of searches or outcomes stands; of two columns the first."""
    places: dict[str, int] = {}
    for place, key in enumerate(keys):
        if key in BESIDE[kind]:
            places.setdefault(BESIDE[kind][key], place)
    return places
