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
from hotspots.policeuk import POLICE_OUTCOMES, POLICE_SEARCHES, POLICE_STREET
from hotspots.reading.aliases import FIELDS, is_personal
from hotspots.reading.dates import parse_dates
from hotspots.text import safe_text

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
