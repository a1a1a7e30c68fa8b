"""Read the folders that an assessment is made from, and refuse those that do not belong together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots import schema
from hotspots.errors import InputError
from hotspots.statistics.counts import Counts
from hotspots.text import safe_text

#: The number of the form in which folders are written that can be read.
FORMAT: Final = 2
RUN, PATROL, EVALUATE = "hotspots run", "hotspots patrol", "hotspots evaluate"
#: The tables read: what `schema.COLUMNS` calls each, and the columns that it must have.
TABLES: Final = {
    "areas": (
        "counts",
        ("level", "vintage", "code", "name", "theme", "month", "count", "rate_per_1000", "rate_per_km2"),
    ),
    "priority": (
        "priority",
        (
            *("theme", "level", "code", "name", "count", "rate_per_1000"),
            *("rank", "rank_low", "rank_high", "p_top", "class"),
        ),
    ),
    "clusters": (
        "clusters",
        (
            *("theme", "order", "name", "n", "area_km2", "confidence"),
            *("part_of", "ward_codes", "streets", "status"),
        ),
    ),
    "beats": ("beats", ("theme", "order", "name", "area_km2", "expected")),
}
_NUMBERS: Final = ("whole", "number")


@dataclass(frozen=True, eq=False)
class Folder:
    """
    One published folder.

    Attributes
    ----------
    path : Path
    record : dict
        run.json.
    """

    path: Path
    record: dict[str, Any]

    @property
    def months(self) -> tuple[str, ...]:
        """The months that it covers."""
        return tuple(self.record["period"]["months"])

    def table(self, name: str) -> pd.DataFrame:
        """
        Read a table of the folder.

        Parameters
        ----------
        name : str
            A key of `TABLES`; its file is tables/`name`.csv.

        Raises
        ------
        InputError
            If it is missing, or a column or number in it is damaged.
        """
        where = safe_text(f"{self.path}/tables/{name}.csv")
        try:
            table = pd.read_csv(
                self.path / "tables" / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig"
            )
        except (OSError, ValueError) as error:
            raise InputError(f"{where} cannot be read: make the folder again.") from error
        frame, needed = TABLES[name]
        lacking = [column for column in needed if column not in table]
        if lacking:
            raise InputError(f"{where} has no column {lacking[0]}: make the folder again.")
        known = schema.COLUMNS[frame]
        numbers = [one for one in table if one in known and known[one].kind in _NUMBERS]
        try:
            return table.assign(
                **{one: pd.to_numeric(table[one].replace("", None)).astype(float) for one in numbers}
            )
        except ValueError as error:
            raise InputError(f"{where} has text where a number belongs: make the folder again.") from error


@dataclass(frozen=True, eq=False)
class Folders:
    """
    The folders of one assessment.

    Attributes
    ----------
    runs : tuple of Folder
        Of `hotspots run`, the latest period last.
    patrols, evaluations : tuple of Folder
    """

    runs: tuple[Folder, ...]
    patrols: tuple[Folder, ...] = ()
    evaluations: tuple[Folder, ...] = ()

    @property
    def latest(self) -> Folder:
        """The run whose period ends last: hot spots, ranks and beats are its."""
        return self.runs[-1]

    @property
    def months(self) -> tuple[str, ...]:
        """Every month that any run read in full."""
        found = {month for run in self.runs for month in run.months}
        partial = {month for run in self.runs for month in run.record["period"].get("incomplete") or ()}
        return tuple(sorted(found - partial))

    @cached_property
    def counts(self) -> Counts:
        """The published counts by theme, area and month; a month of two runs is the later one's."""
        parts = [run.table("areas").assign(run=at) for at, run in enumerate(self.runs)]
        every = pd.concat(parts)
        known = every["code"].isin(parts[-1]["code"]) & every["month"].ne(schema.WHOLE_PERIOD)
        keys = ["level", "code", "theme", "month"]
        kept = every[known].sort_values("run", kind="stable").drop_duplicates(keys, keep="last")
        return Counts.from_long(kept, months=self.months)

    @cached_property
    def whole(self) -> pd.DataFrame:
        """The latest run's counts of its whole period."""
        table = self.latest.table("areas")
        return table[table["month"].eq(schema.WHOLE_PERIOD)]

    @property
    def marking(self) -> str:
        """The marking of every folder."""
        return str(self.latest.record["marking"])

    @property
    def synthetic(self) -> bool:
        """Whether any folder shows the sample."""
        return any(one.record.get("synthetic") for one in (*self.runs, *self.patrols, *self.evaluations))


def read_folders(paths: Sequence[Path]) -> Folders:
    """
    Read the folders of an assessment.

    Raises
    ------
    InputError
        If a folder is none that was published, none is of `hotspots run`, or they are of
        different areas, wards, audiences or markings.
    """
    read = [_folder(path) for path in paths]
    by_kind = {
        kind: [one for one in read if one.record["command"] == kind] for kind in (RUN, PATROL, EVALUATE)
    }
    if not by_kind[RUN]:
        raise InputError("No folder of `hotspots run` was named: the assessment is made from one or more.")
    for label, value in (
        ("audiences", lambda one: one.record["audience"]),
        ("markings", lambda one: one.record["marking"]),
    ):
        _agree(read, label, value)
    _agree([*by_kind[RUN], *by_kind[PATROL]], "areas", lambda one: one.record["area"]["code"])
    _agree(by_kind[RUN], "wards", lambda one: one.record["boundaries"]["wards"])
    runs = sorted(by_kind[RUN], key=lambda one: (one.months[-1], one.months[0]))
    return Folders(tuple(runs), tuple(by_kind[PATROL]), tuple(by_kind[EVALUATE]))


def _agree(folders: Sequence[Folder], label: str, value: Any) -> None:
    found = sorted({str(value(one)) for one in folders})
    if len(found) > 1:
        named = " and ".join(safe_text(one or "none") for one in found)
        raise InputError(f"The folders have different {label} ({named}): name folders that agree.")


def _folder(path: Path) -> Folder:
    name = safe_text(path)
    try:
        record = json.loads((path / "run.json").read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{name} holds no run.json: name a folder that hotspots wrote.") from error
    except ValueError as error:
        raise InputError(f"{name}/run.json is damaged: make the folder again.") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise InputError(f"{name} was written in another format: make it again with this version.")
    command = record.get("command")
    needed = (
        ("audience", "marking")
        if command == EVALUATE
        else ("audience", "marking", "area", "period", "themes")
    )
    if command not in (RUN, PATROL, EVALUATE) or any(key not in record for key in needed):
        raise InputError(f"{name} is no folder of `hotspots run`, `patrol` or `evaluate`: leave it out.")
    return Folder(path, record)
