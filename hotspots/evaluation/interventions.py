"""Read what was done, where and when: one row a prohibition and place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from hotspots.errors import InputError
from hotspots.evaluation.shapes import (
    SHAPE,
    VECTOR_SUFFIXES,
    Place,
    PlaceError,
    check_polygon,
    find_place,
    read_polygons,
)
from hotspots.evaluation.windows import Range
from hotspots.text import clean_label, safe_text

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

#: Other words for each column, as spreadsheets have them.
COLUMNS: Final = {
    "name": ("name", "intervention", "prohibition", "order"),
    "theme": ("theme",),
    "on": ("on", "start", "from", "in_force_from", "start_date"),
    "off": ("off", "end", "to", "in_force_to", "end_date"),
    "area": ("area", "areas", "place", "codes", "wkt", "beat", "zone"),
    "control": ("control", "control_area", "comparison"),
}
_NEEDED: Final = ("name", "theme", "on")
_FAULTS_NAMED: Final = 12
_MOST_ROWS: Final = 2000
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ].*)?")
_BRITISH: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


@dataclass(frozen=True)
class Intervention:
    """
    Something done at a place against a theme.

    Attributes
    ----------
    name, theme : str
        Its name, and the slug of the theme that it is to change.
    ranges : tuple of (date, date or None)
        In force, both days included; in order; no end means still in force.
    place : Place
        Where.
    control : Place or None
        Where not, if the file says so.
    row : int
        The row of the file in which it first stands; the header is row 1.
    """

    name: str
    theme: str
    ranges: tuple[Range, ...]
    place: Place
    control: Place | None
    row: int


@dataclass
class _Faults:
    source: str
    found: list[str] = field(default_factory=list)

    def add(self, row: int, words: str) -> None:
        self.found.append(f"row {row}: {words}")

    def check(self) -> None:
        if self.found:
            more = len(self.found) - _FAULTS_NAMED
            rest = f"; and {more} more" if more > 0 else ""
            raise InputError(
                f"{self.source} cannot be used as it is: {'; '.join(self.found[:_FAULTS_NAMED])}{rest}."
            )


@dataclass(frozen=True)
class _Known:
    """What a row may refer to."""

    themes: Sequence[str]
    areas: Mapping[str, gpd.GeoDataFrame]
    named: gpd.GeoDataFrame | None

    def place(self, column: str, text: str, shape: shapely.Geometry | None = None) -> Place:
        try:
            if text:
                return find_place(text, areas=self.areas, named=self.named)
            if shape is not None:
                return Place("the shape in the file", SHAPE, (), check_polygon(shape, self.areas))
        except PlaceError as error:
            raise PlaceError(f"the {column} {error}") from error
        raise PlaceError(f"the {column} is blank")


def read_interventions(
    path: Path | str,
    *,
    themes: Sequence[str],
    areas: Mapping[str, gpd.GeoDataFrame],
    named: gpd.GeoDataFrame | None = None,
) -> tuple[Intervention, ...]:
    """
    Read a file of interventions.

    Columns: name, theme (a slug), on and off (first and last day in force,
    2025-07-01, 01/07/2025 or 2025-07; no `off` while it lasts), area (see
    `shapes.find_place`), control (optional, written like area). Where an order
    lapsed and came back, write several dates with ";" between, or several rows
    with the same name, theme and area. In a GeoPackage the shape of a row is
    its area.

    Parameters
    ----------
    path : Path or str
        CSV (UTF-8, comma, semicolon or tab), GeoPackage, GeoJSON or Shapefile.
    themes : sequence of str
        Slugs that can be evaluated.
    areas : mapping of str to GeoDataFrame
        By level: polygons in EPSG:27700 with `name`, indexed by GSS code.
    named : GeoDataFrame, optional
        Beats or zones that may be named: indexed by id, with a column `name`.

    Returns
    -------
    tuple of Intervention
        In the order of the file.

    Raises
    ------
    InputError
        One error that lists every fault with its row.
    """
    path = Path(path)
    table, shapes = _read_table(path)
    faults = _Faults(safe_text(path.name))
    known = _Known(themes, areas, named)
    found: dict[tuple[str, str, bytes], Intervention] = {}
    for row, cells in enumerate(table.to_dict("records"), start=2):
        one = _read_row(row, cells, shapes[row - 2], known, faults)
        if one is None:
            continue
        key = (one.name.casefold(), one.theme, one.place.shape.normalize().wkb)
        if key in found:
            one = replace(
                found[key],
                ranges=tuple(sorted((*found[key].ranges, *one.ranges), key=lambda days: days[0])),
                control=found[key].control or one.control,
            )
        _check_ranges(row, one.ranges, faults)
        found[key] = one
    faults.check()
    return tuple(found.values())


def _read_table(path: Path) -> tuple[pd.DataFrame, list[shapely.Geometry | None]]:
    if path.suffix.lower() in VECTOR_SUFFIXES:
        frame = read_polygons(path)
        shapes = list(frame.geometry)
        table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
        table = table.astype(object).where(table.notna(), "").map(_as_text)
    else:
        table = _read_csv(path)
        shapes = [None] * len(table)
    name = safe_text(path.name)
    if table.empty:
        raise InputError(f"{name} holds no intervention: write one row for each prohibition and place.")
    if len(table) > _MOST_ROWS:
        raise InputError(f"{name} has {len(table)} rows; at most {_MOST_ROWS} are evaluated at a time.")
    return _with_known_columns(name, table, bool(shapes and shapes[0] is not None)), shapes


def _read_csv(path: Path) -> pd.DataFrame:
    name = safe_text(path.name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist: give a CSV or a GeoPackage of interventions.") from error
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f'{name} is not UTF-8 text: save it as "CSV UTF-8".') from error
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    try:
        from io import StringIO

        return pd.read_csv(StringIO(text), sep=separator, dtype=str, keep_default_na=False, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        raise InputError(
            f"{name} is not a table: every row needs as many fields as the header; quote fields with commas."
        ) from error


def _with_known_columns(name: str, table: pd.DataFrame, has_shapes: bool) -> pd.DataFrame:
    header = {re.sub(r"\W+", "_", str(column).strip().casefold()): column for column in table.columns}
    chosen = {
        wanted: next((header[word] for word in words if word in header), None)
        for wanted, words in COLUMNS.items()
    }
    needed = _NEEDED if has_shapes else (*_NEEDED, "area")
    missing = [wanted for wanted in needed if chosen[wanted] is None]
    if missing:
        raise InputError(f"{name} has no column {' and no column '.join(missing)}: see the header it needs.")
    return pd.DataFrame(
        {
            wanted: table[column].map(str.strip) if column is not None else ""
            for wanted, column in chosen.items()
        },
        index=range(len(table)),
        dtype=object,
    )


def _as_text(value: object) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def _read_row(
    row: int, cells: Mapping[str, str], shape: shapely.Geometry | None, known: _Known, faults: _Faults
) -> Intervention | None:
    name, theme = clean_label(cells["name"]), cells["theme"].casefold()
    before = len(faults.found)
    if not name:
        faults.add(row, "the name is blank")
    if theme not in known.themes:
        faults.add(row, f"the theme is not one of {', '.join(known.themes)}")
    ranges = _read_ranges(row, cells["on"], cells["off"], faults)
    place, control = None, None
    try:
        place = known.place("area", cells["area"], shape)
        control = known.place("control", cells["control"]) if cells["control"] else None
    except PlaceError as error:
        faults.add(row, str(error))
    if place is not None and control is not None and place.shape.intersection(control.shape).area > 1:
        faults.add(row, "the control overlaps the area: choose one where nothing was done")
    if len(faults.found) > before or place is None:
        return None
    return Intervention(name, theme, ranges, place, control, row)


def _read_ranges(row: int, on: str, off: str, faults: _Faults) -> tuple[Range, ...]:
    starts = [part.strip() for part in on.split(";")]
    ends = [part.strip() for part in off.split(";")] if off else []
    if len(ends) > len(starts) or len(ends) < len(starts) - 1:
        faults.add(row, f"{len(starts)} dates of on and {len(ends)} of off do not pair")
        return ()
    ends += [""] * (len(starts) - len(ends))
    found: list[Range] = []
    for start, end in zip(starts, ends, strict=True):
        first = _read_day(row, "on", start, faults, last=False)
        last = _read_day(row, "off", end, faults, last=True) if end else None
        if first is not None:
            found.append((first, last))
    return tuple(sorted(found, key=lambda days: days[0]))


def _read_day(row: int, column: str, text: str, faults: _Faults, *, last: bool) -> date | None:
    iso, british = _ISO.fullmatch(text), _BRITISH.fullmatch(text)
    try:
        if iso and iso[3]:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if iso:
            month = pd.Period(f"{int(iso[1]):04}-{int(iso[2]):02}", "M")
            return (month.end_time if last else month.start_time).date()
        if british:
            return date(int(british[3]), int(british[2]), int(british[1]))
    except ValueError:
        pass
    blank = "is blank" if not text else "is not a day: write it as 2025-07-01"
    faults.add(row, f"the date {column} {blank}")
    return None


def _check_ranges(row: int, ranges: tuple[Range, ...], faults: _Faults) -> None:
    for number, (start, end) in enumerate(ranges):
        if end is not None and end < start:
            faults.add(row, f"it ends ({end}) before it begins ({start})")
        following = ranges[number + 1][0] if number + 1 < len(ranges) else None
        if following is not None and (end is None or following <= end):
            faults.add(row, f"it begins again ({following}) while it is still in force")
