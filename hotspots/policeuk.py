"""What police.uk writes and calls things: types, columns, file names, streets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: What police.uk writes as the street of a row that it gives no point.
NO_LOCATION: Final = "No Location"
POLICE_COLUMNS: Final = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
#: The 14 crime types that police.uk publishes now, and two that older files carry.
POLICE_TYPES: Final = (
    "Anti-social behaviour",
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other crime",
    "Other theft",
    "Possession of weapons",
    "Public order",
    "Robbery",
    "Shoplifting",
    "Theft from the person",
    "Vehicle crime",
    "Violence and sexual offences",
    "Public disorder and weapons",
    "Violent crime",
)
#: The same, the rarest in England and Wales first.
RAREST_FIRST: Final = (
    *("Public disorder and weapons", "Possession of weapons", "Bicycle theft", "Robbery", "Other crime"),
    *("Theft from the person", "Drugs", "Burglary", "Vehicle crime", "Shoplifting", "Public order"),
    *("Other theft", "Criminal damage and arson", "Anti-social behaviour", "Violent crime"),
    "Violence and sexual offences",
)
#: What police.uk writes before the name of a map point.
PREFIX: Final = r"^On or near\s*"
#: Map points that police.uk names by their kind. They tell less of where a cluster is than a street does.
KINDS: Final = (
    *("Airport/Airfield", "Bus/Coach Station", "Conference/Exhibition Centre", "Ferry Terminal"),
    *("Further/Higher Educational Building", "Hospital", "Motorway Service Area", "Nightclub"),
    *("Park/Open Space", "Parking Area", "Pedestrian Subway", "Petrol Station", "Police Station"),
    *("Prison", "Race Track", "Shopping Area", "Sports/Recreation Area", "Supermarket"),
    *("Theatre/Concert Hall", "Theme/Adventure Park"),
)
POLICE_STREET = "police.uk street"
POLICE_OUTCOMES = "police.uk outcomes"
POLICE_SEARCHES = "police.uk stop and search"


@lru_cache(maxsize=8192)
def street_name(text: object) -> str:
    """Write a place as people do: "On or near St Peter'S Street" becomes "St Peter's Street"."""
    return re.sub(r"'S\b", "'s", re.sub(PREFIX, "", str(text).strip()))


#: Forces that ONS calls otherwise than police.uk does.
_OF_ONS: Final = {"london, city of": "city-of-london", "hampshire and isle of wight": "hampshire"}


def force_slug(reported_by: str) -> str:
    """Return the name a force has in police.uk file names: "Derbyshire Constabulary" is derbyshire."""
    if (known := _OF_ONS.get(reported_by.lower())) is not None:
        return known
    words = re.sub(r"\b(the|police|constabulary|service|force)\b", " ", reported_by.lower())
    slug = re.sub(r"[^a-z]+", "-", words.replace("&", " and ")).strip("-")
    return "btp" if slug == "british-transport" else slug


_FILE_NAME: Final = re.compile(
    r"(?P<month>\d{4}-\d{2})-(?P<force>[a-z-]+?)-(?P<kind>street|outcomes|stop-and-search)\.csv(\.gz)?$"
)


def month_of_file(name: str) -> str:
    """Return the month, "YYYY-MM", that the name of a police.uk file states; "" for another file."""
    return _of_file(name, "month")


def force_of_file(name: str) -> str:
    """Return the force that the name of a police.uk file states; "" for another file."""
    return _of_file(name, "force")


def kind_of_file(name: str) -> str:
    """Return "street", "outcomes" or "stop-and-search" for a police.uk file; "" for another."""
    return _of_file(name, "kind")


def _of_file(name: str, part: str) -> str:
    found = _FILE_NAME.search(name)
    return found[part] if found else ""


#: How the API of data.police.uk writes the types.
API_CATEGORIES: Final = {
    "anti-social-behaviour": "Anti-social behaviour",
    "bicycle-theft": "Bicycle theft",
    "burglary": "Burglary",
    "criminal-damage-arson": "Criminal damage and arson",
    "drugs": "Drugs",
    "other-crime": "Other crime",
    "other-theft": "Other theft",
    "possession-of-weapons": "Possession of weapons",
    "public-order": "Public order",
    "robbery": "Robbery",
    "shoplifting": "Shoplifting",
    "theft-from-the-person": "Theft from the person",
    "vehicle-crime": "Vehicle crime",
    "violent-crime": "Violence and sexual offences",
}
#: Types that police.uk gave up in May 2013; each held what several types hold now.
RETIRED_TYPES: Final = frozenset({"Violent crime", "Public disorder and weapons"})
