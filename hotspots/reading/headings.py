"""What a heading means that is in no list of aliases: by its last part, its words or its first letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from hotspots.reading.aliases import FIELDS, is_personal

_FILLERS = {
    "of", "the", "was", "is", "on", "at", "in", "and", "1", "m", "utc", "gmt", "local", "uk", "police",
}  # fmt: skip
#: What a record is of. Whatever else stands in a heading may speak of a person, a station, another event.
_ABOUT = {
    "incident", "incidents", "inc", "crime", "crimes", "offence", "offences", "event", "events", "call",
    "calls", "occurrence", "occurrences", "asb", "complaint", "complaints", "report", "reports", "record",
    "records", "request", "requests", "nsir", "log", "case", "cases",
}  # fmt: skip
#: Of these a type and a date say how and when it was kept, not what happened and when.
_PAPERS = {"log", "record", "records", "report", "reports"}
_HAPPENED = {
    "occurred", "occ", "occur", "committed", "from", "start", "started", "first", "earliest", "begin",
    "began", "happened", "time", "datetime", "range",
}  # fmt: skip
_NOTED = {
    "reported", "recorded", "created", "logged", "received", "raised", "opened", "entered", "added",
    "registered", "notified",
}  # fmt: skip
_ENDED = {"to", "end", "ended", "last", "latest", "until", "finish"}
_DATE = {"date", "datetime", "dt"}
_KIND = {
    "type", "types", "category", "class", "classification", "description", "desc", "title", "group",
    "subgroup", "subcategory", "sub", "nature", "main", "principal",
}  # fmt: skip
_NUMBER = {"ref", "reference", "number", "no", "id", "urn", "num"}
_COUNT = {"count", "number", "no", "num", "total", "sum", "cnt", "nr", "volume", "qty"}
_SCENE = {
    "location", "loc", "gr", "grid", "ref", "os", "osgb", "osgr", "bng", "coord", "coords", "coordinate",
    "coordinates", "geometry", "centroid", "map", "geo", "gis", "gps", "point", "pos", "position", "site",
    "scene", "venue", "wgs", "84", "36", "27700", "4326", "decimal", "value",
}  # fmt: skip
_POSTAL = {"postcode", "postcodes", "full", "sector", "district", "unit"}
_STATE = {"status", "state", "validity", "finalisation", "finalised", "disposal", "closure"}
_PAIRED = {
    "easting": "east coord", "eastings": "east coord", "northing": "north coord", "northings": "north coord",
    "longitude": "decimal longitude", "lon": "decimal longitude", "lng": "decimal longitude",
    "long": "decimal longitude", "latitude": "decimal latitude", "lat": "decimal latitude",
    "x": "x coord", "y": "y coord", "e": "east coord", "n": "north coord",
}  # fmt: skip
#: What may stand beside the name of an area's kind.
_OF_AREA = {"name", "nm", "code", "cd", "gss", "11", "21", "2011", "2021"}
_AREAS = {"lsoa": ("lsoa", "lsoa name"), "ward": ("ward code", "ward name")}
#: Owners of places and dates that are not the incident's.
_ELSEWHERE = {
    "home", "station", "custody", "arrest", "recovered", "recovery", "vehicle", "court", "outcome",
    "disposal", "status", "update", "officer", "unit", "resource",
}  # fmt: skip
#: A DBF, and so a shapefile, keeps so many letters of a name.
_DBF = 10


def plain_key(column: str) -> str:
    """Return a heading in small letters without blanks and marks."""
    return re.sub(r"[^a-z0-9]", "", column.casefold())


_FIELDS = {plain_key(alias): field for field, aliases in FIELDS.items() for alias in (*aliases, field)}


@cache
def guessed_alias(heading: str, *, qualified: bool = False) -> str:
    """
    Return the alias, as a key, that a heading stands for; "" where its words leave doubt.

    Every word of it has to be known here: "Incident easting" is where it
    happened, "Recovered easting" and "Home easting" are not. Where headings are
    `qualified` with the name of a table ("dbo.Crime.Date"), the last part counts.
    """
    if is_personal(heading):
        return ""
    if qualified and not _ELSEWHERE & set(_words(heading)):
        heading = re.split(r"[.:\]]\s*", heading.strip(" ]:"))[-1].strip("[ ")
        if plain_key(heading) in _FIELDS:
            return plain_key(heading)
    return plain_key(_by_words(_words(heading))) or _cut(heading)


def _words(heading: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[a-zA-Z])(?=\d)", " ", heading.replace("#", " no ")).lower()
    return re.findall(
        r"[a-z]+|\d+", re.sub(r"\b(home[\W_]*office|ho)\b", " offence ", apart.replace("_", " "))
    )


def _by_words(words: Sequence[str]) -> str:
    rest = set(words) - _FILLERS
    about = rest & _ABOUT
    if found := [_PAIRED[word] for word in words if word in _PAIRED]:
        beside = rest - set(_PAIRED)
        clear = len(found) == 1 and beside <= _ABOUT | _SCENE and (beside or not rest & {"e", "n", "x", "y"})
        return found[0] if clear else ""
    for area, (code, name) in _AREAS.items():
        if area in rest and rest - {area} <= _ABOUT | _SCENE | _OF_AREA:
            return name if rest & {"name", "nm"} else code
    if rest & {"postcode", "postcodes"} and rest <= _ABOUT | _SCENE | _POSTAL:
        return "incident postcode"
    if "grid" in rest and rest & {"ref", "reference"} and rest <= _ABOUT | _SCENE | {"reference"}:
        return "grid reference"
    if rest & _STATE and rest <= _ABOUT | _STATE | {"current", "code", "description", "reason", "crime"}:
        return "crime status"
    return _by_date(rest) or _by_kind(rest, about)


def _by_date(rest: set[str]) -> str:
    # "Occurrence from" is a date without the word.
    timed = rest & (_DATE | _NOTED | {"occurred", "committed", "happened"})
    timed = timed or (rest & _ABOUT and rest & {"from", "start", "to", "end"})
    allowed = _DATE | _ABOUT | _HAPPENED | _NOTED | _ENDED
    if timed and rest <= allowed:
        if rest & (_NOTED | _PAPERS):
            return "date reported"
        return "latest date" if rest & _ENDED else "incident date"
    if "time" in rest and rest <= _ABOUT | _HAPPENED | _ENDED:
        return "latest time" if rest & _ENDED else "incident time"
    return ""


def _by_kind(rest: set[str], about: set[str]) -> str:
    if _counts({word for word in rest if not re.fullmatch(r"(19|20)\d\d", word)}):
        return "incident count"
    if not about:
        return ""
    if {"no", "crime"} <= rest and rest & {"indicator", "ind", "flag", "marker"}:
        return "no crime flag"
    if rest & _KIND and rest <= (_ABOUT - _PAPERS) | _KIND | {"name"}:
        return "incident type"
    if rest & _NUMBER and rest <= _ABOUT | _NUMBER | {"unique"}:
        return "incident reference"
    return ""


def _counts(rest: set[str]) -> bool:
    """Say whether words are of how many: "Count of Crime Ref", "Number of calls", but no "Crime number"."""
    if rest & {"count", "cnt"}:
        return rest <= _ABOUT | _COUNT | _NUMBER
    many = any(word.endswith("s") for word in rest & _ABOUT)
    if rest & _ABOUT and rest & {"volume", "qty", "quantity", "total"}:
        return rest <= _ABOUT | _COUNT
    return many and bool(rest & _COUNT) and rest <= _ABOUT | _COUNT | {"recorded", "reported"}


def _cut(heading: str) -> str:
    """Return the alias of a name that a DBF has cut to ten letters, where it can be of one field alone."""
    key = plain_key(heading)
    if len(heading.strip()) != _DBF or len(key) < _DBF - 2:
        return ""
    whole = [alias for alias in _FIELDS if alias.startswith(key)]
    return whole[0] if whole and len({_FIELDS[alias] for alias in whole}) == 1 else ""
