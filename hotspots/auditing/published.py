"""One release as its folder states it: the record, every table of every medium, the areas, the shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from hotspots.auditing._policy import (
    CITY,
    COMBINED,
    LSOA,
    POLICIES,
    WARD,
    WHOLE_PERIOD,
    InputError,
    Policy,
)
from hotspots.auditing.cells import Cell, blank

if TYPE_CHECKING:
    import geopandas as gpd

#: Layers of a GeoPackage that hold areas, with the level of each.
AREA_LAYERS: Final = {"wards": WARD, "lsoas": LSOA, "zones": "zone"}
_RECORD: Final = "run.json"
#: The newest form of a folder that is understood here, and the first in which rates are for a year.
NEWEST: Final = 2
_YEARLY: Final = 2
#: The tables that other figures must follow from.
_COUNTS: Final = ("tables/areas.csv", "tables/zones.csv")


@dataclass(frozen=True, eq=False)
class Table:
    """
    A table of any medium.

    Attributes
    ----------
    where : str
        File, and sheet, layer or list within it.
    frame : DataFrame
        Where it can be told: theme, level, code and month ("" for the whole period) beside what is stated.
    shown_digits : bool
        Whether a number is written with as many digits as it is good for, so
        that "40" means 39.5 to 40.5; else the digits of the whole column count.
    """

    where: str
    frame: pd.DataFrame
    shown_digits: bool = False


@dataclass(frozen=True, eq=False)
class Published:
    """
    Everything that one folder states.

    Attributes
    ----------
    folder : Path
    record : dict
        run.json.
    policy : Policy
        What its audience was promised.
    tables : tuple of Table
    areas : mapping of str to GeoDataFrame
        By level ("ward", "lsoa", "zone"), indexed by code.
    shapes : mapping of str to GeoDataFrame
        Clusters, density bands, beats.
    texts : mapping of str to str
        Every file as text, members of archives apart, for searching.
    pages : mapping of str to str
        What is visible of each page, then what its comments and attributes hold.
    data : mapping of str to object
        What the map page's script draws.
    unread : mapping of str to int
        By page, scripts of data that nothing here reads.
    """

    folder: Path
    record: Mapping[str, Any]
    policy: Policy
    tables: tuple[Table, ...]
    areas: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    shapes: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What messages call the release."""
        return str(self.folder)

    @property
    def protects(self) -> bool:
        """Whether it withholds anything: not for internal use, nor of data that are public already."""
        return not self.policy.exact and not self.record.get("already_public")

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The period, month by month."""
        return tuple(self.record.get("period", {}).get("months", ()))

    @cached_property
    def themes(self) -> dict[str, str]:
        """Names by slug of the themes that the record admits to."""
        return {str(one["slug"]): str(one.get("name", one["slug"])) for one in self.record.get("themes", [])}

    @cached_property
    def stated(self) -> dict[Cell, float | None]:
        """The count of each cell of areas.csv and zones.csv, and the city's by theme; None: withheld."""
        found: dict[Cell, float | None] = {}
        for table in self.tables:
            if table.where in _COUNTS and {"theme", "level", "code", "count"} <= set(table.frame.columns):
                for row in table.frame.to_dict("records"):
                    cell = self.cell(row["theme"], row["level"], row["code"], row.get("month", WHOLE_PERIOD))
                    found[cell] = None if blank(row["count"]) else float(row["count"])
        # Crime types are listed by the page alone.
        for one in (*self.data.get("themes", []), *self.record.get("themes", [])):
            total = one.get("total")
            found[self.city(str(one["slug"]))] = None if total is None else float(total)
        return found

    @cached_property
    def withheld(self) -> frozenset[Cell]:
        """Cells of which the table says that they exist and no more."""
        return frozenset(c for c, count in self.stated.items() if count is None and c.theme != COMBINED)

    @cached_property
    def unranked(self) -> frozenset[tuple[str, str, str]]:
        """Theme, level and code of the rows of priority.csv that state no count."""
        rows = next((t.frame for t in self.tables if t.where == "tables/priority.csv"), None)
        if rows is None or "count" not in rows:
            return frozenset()
        rows = rows[rows["count"].map(blank).astype(bool)]
        return frozenset(zip(rows["theme"], rows["level"], rows["code"], strict=True))

    @cached_property
    def combined_is_all(self) -> bool:
        """Whether rankings call the combination of themes "all"."""
        frames = [t.frame for t in self.tables if t.where == "tables/priority.csv" and "theme" in t.frame]
        return not any(frame["theme"].eq(COMBINED).any() for frame in frames)

    def rate_years(self, cell: Cell) -> float:
        """Say for how many times the time that its rate is for a cell counts."""
        return len(cell.months) / 12 if self.record.get("format", NEWEST) >= _YEARLY else 1.0

    def vintage(self, level: str) -> str:
        """Name the vintage of a level's areas."""
        known = self.record.get("boundaries", {})
        return str({WARD: known.get("wards"), LSOA: known.get("lsoas")}.get(level) or level)

    def cell(self, theme: str, level: str, code: str, month: str = WHOLE_PERIOD) -> Cell:
        """Name a cell as all releases do."""
        months = self.months if month == WHOLE_PERIOD else (month,)
        return Cell(str(theme), self.vintage(level), str(code), months)

    def city(self, theme: str) -> Cell:
        """Name the cell of the whole city and period."""
        return Cell(theme, CITY, str(self.record.get("area", {}).get("code", "")), self.months)

    @cached_property
    def sizes(self) -> dict[tuple[str, str, str], float]:
        """Residents and km2 by level with vintage, code and name of the column."""
        return {
            (self.vintage(level), str(code), column): float(size)
            for level in self.areas
            for column in ("residents", "area_km2")
            for code, size in self.denominator(level, column).items()
        }

    def denominator(self, level: str, column: str) -> pd.Series:
        """Give residents or km2 of the areas of a level, by code; empty where the release has none."""
        frame = self.areas.get(level)
        if frame is None or column not in frame:
            return pd.Series(dtype=float)
        return frame[column].astype(float)


def read_record(folder: Path) -> tuple[dict[str, Any], Policy]:
    """
    Read run.json, and look up what its audience was promised.

    Raises
    ------
    InputError
        If there is no record, it is no JSON, a newer version wrote it, or it names no known audience.
    """
    path = folder / _RECORD
    if not path.is_file():
        raise InputError(f"{folder} holds no {_RECORD}: name a folder that `hotspots run` wrote.")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            f"{path} is not a record that can be read as JSON: make the release again."
        ) from error
    audience = record.get("audience") if isinstance(record, dict) else None
    if audience not in POLICIES:
        raise InputError(f"{path} names no audience that is known here: use {', '.join(POLICIES)}.")
    number = record.get("format", NEWEST)
    if not isinstance(number, int) or number > NEWEST:
        raise InputError(f"A newer version wrote {path}: audit the folder with that version.")
    return record, POLICIES[audience]
