"""
Which column of a file is which field: aliases, the user's mapping, personal data.

An allow-list: a column that is not one of `FIELDS` is never read further than
its name, and names that speak of a person are listed apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from hotspots.errors import InputError, ParameterError
from hotspots.months import MONTH_NAMES
from hotspots.policeuk import POLICE_COLUMNS, POLICE_OUTCOMES, POLICE_SEARCHES, POLICE_STREET
from hotspots.reading.aliases import BESIDE, FIELDS, WITH_SPARES, is_personal, places_beside
from hotspots.reading.dates import MONTH, parse_dates
from hotspots.reading.shapes import look_like_shapes
from hotspots.text import counted, safe_text

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
    "grid_reference", "postcode", "lsoa", "ward", "lsoa_name", "ward_name", "geometry",
}  # fmt: skip
_LOOKED_FOR = (
    "Month or Date; Crime type or Offence; "
    "Longitude and Latitude, Easting and Northing, Grid ref, Postcode or LSOA code"
)
_STREET = {"crimeid", "month", "reportedby", "fallswithin", "longitude", "latitude", "lsoacode", "crimetype"}
_OUTCOMES = {"crimeid", "month", "reportedby", "fallswithin", "outcometype"}
#: What only the record of a stop and search holds, whatever else stands in the file.
_SEARCHES = {
    "objectofsearch", "removalofmorethanouterclothing", "outcomelinkedtoobjectofsearch", "searchobject",
    "stopandsearchtype", "reasonforsearch", "groundsforsearch", "searchgrounds", "searchpower",
}  # fmt: skip
_SEARCH_TYPES = {"person search", "vehicle search", "person and vehicle search", "stop and search"}
_PAIRS = (("easting", "northing"), ("longitude", "latitude"))
#: What stands behind the names of columns to say their unit or form.
_UNIT = re.compile(
    r"\s*[(\[{].*?[)\]}]|(?<=[a-z])[\s_.]+(m|metres?|meters?|deg|degrees|decimal|wgs\s?84|osgb(36)?|bng|osgr|utc|gmt|"
    r"epsg\W*\d+)$",
    re.IGNORECASE,
)
#: Fewer columns named like months than this are no table of months.
_WIDE = 3

_MONTHS = {name[:3].lower() for name in MONTH_NAMES}

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
    month_first : bool
        Whether the heading of the dates says that the month stands first.
    """

    kind: str
    places: dict[str, int]
    used: dict[str, str]
    ignored: tuple[str, ...]
    personal: tuple[str, ...]
    month_first: bool = False


def plan_columns(
    header: Sequence[str],
    *,
    name: str,
    mapping: Mapping[str, str] | None = None,
    points: bool = False,
    preview: Sequence[Sequence[str]] = (),
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
    preview : sequence of sequence of str
        Some rows: a column of points as text is known by what it holds.

    Raises
    ------
    InputError
        If there is no header row, a column is missing or appears twice, or two
        columns mean the same field.
    ParameterError
        If the mapping names an unknown field or a column with personal data.
    """
    if _is_street_file(header, mapping, preview) and not points:
        return _street_plan()
    return _planned(header, name=name, mapping=mapping or {}, points=points, preview=preview)


def _planned(
    header: Sequence[str],
    *,
    name: str,
    mapping: Mapping[str, str],
    points: bool,
    preview: Sequence[Sequence[str]],
) -> ColumnPlan:
    keys = [_known_key(column) for column in header]
    kind = _kind(set(keys), keys, preview)
    if kind in BESIDE:
        return _as_plan(kind, header, places_beside(kind, keys))
    places = _places(header, keys, mapping)
    _find_shapes(places, header, preview)
    _check_twice(header, keys, places, name, mapping)
    _settle(places)
    missing = _missing(places, points=points)
    if missing:
        raise InputError(_missing_message(missing, header, places, name))
    return _as_plan(kind, header, places)


def _as_plan(kind: str, header: Sequence[str], places: dict[str, int]) -> ColumnPlan:
    unread = [column for place, column in enumerate(header) if place not in places.values() and column]
    return ColumnPlan(
        kind=kind,
        places=places,
        used={field: safe_text(header[place]) for field, place in places.items()},
        ignored=tuple(safe_text(column) for column in unread if not is_personal(column)),
        personal=tuple(safe_text(column) for column in unread if is_personal(column)),
        month_first="date" in places and bool(re.search(r"\bmm?[/.-]dd?\b", header[places["date"]].lower())),
    )


def _is_street_file(
    header: Sequence[str], mapping: Mapping[str, str] | None, preview: Sequence[Sequence[str]]
) -> bool:
    """Say whether a header is the one of police.uk, of which an archive holds a thousand."""
    return tuple(header) == POLICE_COLUMNS and not mapping and not _are_searches(_STREET_KEYS, preview)


@cache
def _street_plan() -> ColumnPlan:
    return _planned(POLICE_COLUMNS, name="", mapping={}, points=False, preview=())


def is_complete(
    header: Sequence[str],
    *,
    mapping: Mapping[str, str],
    points: bool = False,
    preview: Sequence[Sequence[str]] = (),
) -> bool:
    """Say whether a row can be the header: every column that is needed is there, and no data among them."""
    if _is_street_file(header, mapping, preview):
        return True
    keys = [_known_key(column) for column in header]
    if _kind(set(keys), keys, preview) in BESIDE:
        return True
    places = _places(header, keys, mapping)
    _find_shapes(places, header, preview)
    if not _is_header(header, places):
        return False
    _settle(places)
    return not _missing(places, points=points)


def telling_fields(header: Sequence[str]) -> int:
    """Count the columns that say when, what or where."""
    return sum(_ALIASES.get(_known_key(column), "") in _TELLING for column in header)


def known_fields(header: Sequence[str]) -> int:
    """Count the columns whose names are known."""
    return sum(_known_key(column) in _ALIASES for column in header)


def layout(header: Sequence[str]) -> frozenset[str]:
    """Return what of a header is known: tables with the same can be read below each other."""
    keys = {_known_key(column) for column in header}
    return frozenset(key for key in keys if key in _ALIASES) or frozenset(keys)


def holds_data(cells: Iterable[str]) -> bool:
    """Say whether a row holds what records hold: dates, numbers, codes, postcodes."""
    plain = [cell.strip().lower() for cell in cells if cell.strip()]
    return any(map(_DATA.fullmatch, plain)) or bool(plain and (parse_dates(plain).reason != "bad_date").any())


def _key(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.casefold())


_ALIASES = {_key(alias): field for field, aliases in FIELDS.items() for alias in (*aliases, field)}
_STREET_KEYS = [_key(column) for column in POLICE_COLUMNS]
_RANKS = {_key(alias): rank for aliases in FIELDS.values() for rank, alias in enumerate(aliases)}


def rank_of(column: str, field: str) -> int:
    """Return how far down in the list of a field a column's name stands; -1 for a name that is not in it."""
    key = _known_key(column)
    return _RANKS.get(key, -1) if _ALIASES.get(key) == field else -1


def _known_key(column: str) -> str:
    """Return the key of a column, without its unit where only that makes it known: "Easting (m)"."""
    key = _key(column)
    if key in _ALIASES:
        return key
    plain = _key(_UNIT.sub("", column.strip()))
    return plain if plain in _ALIASES else key


def _kind(keys: set[str], columns: Sequence[str], preview: Sequence[Sequence[str]]) -> str:
    if keys & _SEARCHES or ("legislation" in keys and "type" in keys) or _are_searches(columns, preview):
        return POLICE_SEARCHES
    if keys >= _STREET:
        return POLICE_STREET
    return POLICE_OUTCOMES if keys >= _OUTCOMES else OWN_TABLE


def _are_searches(columns: Sequence[str], preview: Sequence[Sequence[str]]) -> bool:
    for place, key in enumerate(columns):
        if _ALIASES.get(key) == "crime_type":
            values = {row[place].strip().lower() for row in preview if place < len(row)} - {""}
            if values and values <= _SEARCH_TYPES:
                return True
    return False


def _places(header: Sequence[str], keys: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Return where each field stands; a second column of a field is "date:2", the third "date:3"."""
    places = _mapped(header, keys, mapping)
    taken = set(places.values())
    found: dict[str, list[tuple[int, str, int]]] = {}
    for place, key in enumerate(keys):
        field = _ALIASES.get(key)
        if field is None or place in taken:
            continue
        others = [] if field in mapping and field in places else found.setdefault(field, [])
        # The same name again is for `_check_twice`.
        if key not in {known for _, known, _ in others}:
            others.append((_RANKS.get(key, 999), key, place))
    spared = {*WITH_SPARES, *(name for pair in _PAIRS for name in pair)}
    for field, columns in found.items():
        if field in mapping and field in places:
            continue
        for nth, (_, _, place) in enumerate(sorted(columns), start=1):
            if nth == 1:
                places[field] = place
            elif field in spared:
                places[f"{field}:{nth}"] = place
    return places


def _find_shapes(places: dict[str, int], header: Sequence[str], preview: Sequence[Sequence[str]]) -> None:
    """Take a column as points by what it holds, whatever it is called."""
    if _has_pair(places) and "geometry" not in places:
        return
    shaped = [
        place
        for place, column in enumerate(header)
        if not is_personal(column) and look_like_shapes([row[place] for row in preview if place < len(row)])
    ]
    named = places.pop("geometry", None)
    if shaped:
        places["geometry"] = named if named in shaped else shaped[0]
        for field in [f for f, at in places.items() if at == places["geometry"] and f != "geometry"]:
            del places[field]


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
    for key_of_field, place in places.items():
        field = key_of_field.partition(":")[0]
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


def _settle(places: dict[str, int]) -> None:
    """Leave out half a pair where a whole one is there, and names where codes are."""
    for pair in _PAIRS:
        ends = {field.partition(":")[2] for field in places if field.partition(":")[0] in pair}
        for end in ends:
            both = [f"{name}:{end}" if end else name for name in pair]
            whole = all(field in places for field in both)
            if not whole and (end or _has_pair(places) or "geometry" in places):
                for field in both:
                    places.pop(field, None)
    for code, name in (("lsoa", "lsoa_name"), ("ward", "ward_name")):
        if code in places:
            places.pop(name, None)
    if "square" in places and "easting" not in places and "grid_reference" not in places:
        del places["square"]


def _has_pair(places: Mapping[str, int]) -> bool:
    return any(all(field in places for field in pair) for pair in _PAIRS)


def _missing(places: Mapping[str, int], *, points: bool) -> list[str]:
    missing = []
    if "date" not in places and "month" not in places:
        missing.append("date")
    if "crime_type" not in places and "offence_code" not in places:
        missing.append("crime type")
    for one, other in (("longitude", "latitude"), ("easting", "northing")):
        if (one in places) != (other in places):
            missing.append(other if one in places else one)
    anywhere = {
        "longitude", "easting", "grid_reference", "postcode", "lsoa", "ward", "latitude", "northing",
        "geometry", "lsoa_name", "ward_name",
    }  # fmt: skip
    if not points and not anywhere & set(places):
        missing.append("location")
    return missing


def _missing_message(
    missing: Sequence[str], header: Sequence[str], places: Mapping[str, int], name: str
) -> str:
    months = [column for column in header if _is_month_name(column)]
    if len(months) >= _WIDE:
        return (
            f"{name}: months stand as columns ({counted(len(months), 'column')}, {safe_text(months[0])} to "
            f"{safe_text(months[-1])}), so a row is not one incident. Give a file with one row for "
            "each incident; "
            "or one with the columns Month and Count, a row for each month (in Excel: Power Query, Unpivot)."
        )
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


def _is_month_name(column: str) -> bool:
    parsed = parse_dates([column.strip().lower()], today=date(2100, 1, 1))
    return bool(parsed.resolution[0] == MONTH) or (_key(column)[:3] in _MONTHS and len(_key(column)) < 10)
