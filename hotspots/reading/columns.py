"""
Which column of a file is which field: aliases, the user's mapping, personal data.

An allow-list: a column that is not one of `FIELDS` is never read further than
its name, and names that speak of a person are listed apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from hotspots.errors import InputError, ParameterError
from hotspots.policeuk import POLICE_COLUMNS, POLICE_OUTCOMES, POLICE_SEARCHES, POLICE_STREET
from hotspots.reading.aliases import BESIDE, FIELDS, WITH_SPARES, is_personal, places_beside
from hotspots.reading.dates import parse_dates
from hotspots.reading.headings import guessed_alias, plain_key
from hotspots.reading.held import PAIRS, find_shapes, has_pair, words_for_counts
from hotspots.reading.lacking import missing_message
from hotspots.reading.searches import are_searches
from hotspots.reading.shapes import hold_other_shapes
from hotspots.text import safe_text

#: What a cell of a record looks like, by itself: numbers, times, phones, addresses, codes, postcodes.
_DATA = re.compile(
    r"""
    (?=.*\d)[^a-z]+ | .*@.*
    | \d{1,3}[a-z]?\s+[a-z].*
    | [0-9a-f]{32,} | [ewsn]\d{8}
    | (?!(oa|wd|la|ew|pa|ct|rg|pf)\d\dcd$)[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}
    """,
    re.VERBOSE,
)
#: Fields whose names stand in every header; marks such as "Knife" are values as often as names.
_TELLING = {
    "date", "month", "crime_type", "offence_code", "longitude", "latitude", "easting", "northing",
    "grid_reference", "postcode", "lsoa", "ward", "lsoa_name", "ward_name", "geometry",
}  # fmt: skip
_STREET = {"crimeid", "month", "reportedby", "fallswithin", "longitude", "latitude", "lsoacode", "crimetype"}
_OUTCOMES = {"crimeid", "month", "reportedby", "fallswithin", "outcometype"}
#: What stands behind the names of columns to say their unit or form.
_UNIT = re.compile(
    r"\s*[(\[{].*?[)\]}]|(?<=[a-z])[\s_.]+(m|metres?|meters?|deg|degrees|decimal|wgs\s?84|osgb(36)?|bng|osgr|utc|gmt|"
    r"epsg\W*\d+)$",
    re.IGNORECASE,
)
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
    keys = _keys(header)
    kind = _kind(set(keys), keys, preview)
    if kind in BESIDE:
        return _as_plan(kind, header, places_beside(kind, keys))
    places = _places(header, keys, mapping)
    find_shapes(places, header, preview)
    _check_twice(header, keys, places, name, mapping)
    _settle(places)
    words_for_counts(places, keys, preview)
    missing = _missing(places, points=points)
    if "location" in missing and any(hold_other_shapes(row) for row in preview):
        raise InputError(f"{name} holds lines or areas: incidents have to be points.")
    if missing:
        raise InputError(
            missing_message(missing, header, name, known=_is_header(header, places), telling=telling_fields)
        )
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
    keys = _keys(header)
    if _kind(set(keys), keys, preview) in BESIDE:
        return True
    places = _places(header, keys, mapping)
    find_shapes(places, header, preview)
    if not _is_header(header, places):
        return False
    _settle(places)
    words_for_counts(places, keys, preview)
    return not _missing(places, points=points)


def telling_fields(header: Sequence[str]) -> int:
    """Count the columns that say when, what or where."""
    return _telling(tuple(header))


@lru_cache(maxsize=64)  # an archive has thousands of files with one header
def _telling(header: tuple[str, ...]) -> int:
    return sum(_ALIASES.get(key, "") in _TELLING for key in _keys(header))


def known_fields(header: Sequence[str]) -> int:
    """Count the columns whose names are known."""
    return sum(key in _ALIASES for key in _keys(header))


def layout(header: Sequence[str]) -> frozenset[str]:
    """Return what of a header is known: tables with the same can be read below each other."""
    keys = set(_keys(header))
    return frozenset(key for key in keys if key in _ALIASES) or frozenset(keys)


def holds_data(cells: Iterable[str]) -> bool:
    """Say whether a row holds what records hold: dates, numbers, codes, postcodes."""
    plain = [cell.strip().lower() for cell in cells if cell.strip()]
    return any(map(_DATA.fullmatch, plain)) or bool(plain and (parse_dates(plain).reason != "bad_date").any())


_ALIASES = {plain_key(alias): field for field, aliases in FIELDS.items() for alias in (*aliases, field)}
_STREET_KEYS = [plain_key(column) for column in POLICE_COLUMNS]
_RANKS = {plain_key(alias): rank for aliases in FIELDS.values() for rank, alias in enumerate(aliases)}


def rank_of(column: str, field: str) -> int:
    """Return how far down in the list of a field a column's name stands; -1 for a name that is not in it."""
    key = _known_key(column)
    key = key if key in _ALIASES else guessed_alias(column)
    return _RANKS.get(key, -1) if _ALIASES.get(key) == field else -1


def _known_key(column: str) -> str:
    """Return the key of a column, without its unit where only that makes it known: "Easting (m)"."""
    key = plain_key(column)
    if key in _ALIASES:
        return key
    plain = plain_key(_UNIT.sub("", column.strip()))
    return plain if plain in _ALIASES else key


def _keys(header: Sequence[str]) -> list[str]:
    """Return the key of each column; one in no list has that of the alias that it stands for."""
    keys = [_known_key(column) for column in header]
    qualified = 2 * sum("." in column.strip(". ") for column in header) > len(header)
    for place, column in enumerate(header):
        guess = "" if keys[place] in _ALIASES else guessed_alias(column, qualified=qualified)
        if guess and guess not in keys:
            keys[place] = guess
    if {"e", "n"} <= set(keys) and "easting" not in {_ALIASES.get(key) for key in keys}:
        keys = [{"e": "eastcoord", "n": "northcoord"}.get(key, key) for key in keys]
    return keys


def _kind(keys: set[str], columns: Sequence[str], preview: Sequence[Sequence[str]]) -> str:
    if _are_searches(columns, preview):
        return POLICE_SEARCHES
    if keys >= _STREET:
        return POLICE_STREET
    return POLICE_OUTCOMES if keys >= _OUTCOMES else OWN_TABLE


def _are_searches(keys: Sequence[str], preview: Sequence[Sequence[str]]) -> bool:
    typed = [place for place, key in enumerate(keys) if _ALIASES.get(key) == "crime_type"]
    return are_searches(keys, typed, preview)


def _places(header: Sequence[str], keys: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Return where each field stands; a second column of a field is "date:2", the third "date:3"."""
    places = _mapped(header, mapping)
    taken = set(places.values())
    found: dict[str, list[tuple[int, str, int]]] = {}
    for place, key in enumerate(keys):
        field = _ALIASES.get(key)
        if field is None or place in taken or (field in mapping and field in places):
            continue
        others = found.setdefault(field, [])
        # The same name again is for `_check_twice`.
        if key not in {known for _, known, _ in others}:
            others.append((_RANKS.get(key, 999), key, place))
    spared = {*WITH_SPARES, *(name for pair in PAIRS for name in pair)}
    for field, columns in found.items():
        for nth, (_, _, place) in enumerate(sorted(columns), start=1):
            if nth == 1:
                places[field] = place
            elif field in spared:
                places[f"{field}:{nth}"] = place
    return places


def _mapped(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
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
        elif plain_key(column) in (plain := [plain_key(name) for name in header]):
            places[field] = plain.index(plain_key(column))
    return places


def unmatched(mapping: Mapping[str, str], plans: Iterable[ColumnPlan]) -> list[str]:
    """Name the mapped columns that no file has: a slip, after which an alias would be read."""
    there = {name for plan in plans for name in (*plan.used.values(), *plan.ignored, *plan.personal)}
    keys = {plain_key(name) for name in there}
    return [
        f"[columns] {field}: no file has a column {safe_text(column)!r}."
        for field, column in sorted(mapping.items())
        if column not in there and plain_key(column) not in keys - {""}
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
    for pair in PAIRS:
        ends = {field.partition(":")[2] for field in places if field.partition(":")[0] in pair}
        for end in ends:
            both = [f"{name}:{end}" if end else name for name in pair]
            whole = all(field in places for field in both)
            if not whole and (end or has_pair(places) or "geometry" in places):
                for field in both:
                    places.pop(field, None)
    for code, name in (("lsoa", "lsoa_name"), ("ward", "ward_name")):
        if code in places:
            places.pop(name, None)
    if "square" in places and "easting" not in places and "grid_reference" not in places:
        del places["square"]


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
