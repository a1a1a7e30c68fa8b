"""Read what one folder states: its record and its tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots.audiences import POLICIES, Policy, policy_for
from hotspots.errors import InputError
from hotspots.months import days_in
from hotspots.text import safe_text

#: The number of the form in which folders are written that can be compared.
FORMAT: Final = 2
#: The tables read and the columns that each must have.
TABLES: Final = {
    "areas": ("level", "vintage", "code", "name", "theme", "month", "count"),
    "priority": ("theme", "level", "code", "name", "rank", "rank_low", "rank_high", "class"),
    "clusters": ("theme", "cluster", "name", "n", "confidence", "part_of", "streets"),
}
_NUMBERS: Final = ("count", "rank", "rank_low", "rank_high", "n", "confidence")


@dataclass(frozen=True, eq=False)
class Published:
    """
    One folder.

    Attributes
    ----------
    folder : Path
    record : dict
        run.json.
    tables : dict of str to DataFrame
        "areas", "priority", "clusters"; numbers as float, NaN where withheld.
    """

    folder: Path
    record: dict[str, Any]
    tables: dict[str, pd.DataFrame]

    @property
    def months(self) -> tuple[str, ...]:
        """The months that it covers."""
        return tuple(self.record["period"]["months"])

    @property
    def days(self) -> int:
        """The days of these months."""
        return days_in(self.months)

    @property
    def policy(self) -> Policy:
        """The rules for its audience."""
        return policy_for(self.record["audience"], already_public=self.record.get("already_public", ""))

    @property
    def totals(self) -> dict[str, float]:
        """Incidents of each theme in the whole area; NaN where withheld."""
        return {str(one["slug"]): _number(one.get("total")) for one in self.record["themes"]}

    @property
    def names(self) -> dict[str, str]:
        """Words for each theme."""
        return {str(one["slug"]): str(one["name"]) for one in self.record["themes"]}


def read_published(folder: Path | str) -> Published:
    """
    Read a folder that `hotspots run` wrote.

    Raises
    ------
    InputError
        If it is no such folder, was written in another form, or a table is damaged.
    """
    folder = Path(folder)
    record = _record(folder)
    return Published(folder, record, {name: _table(folder, name) for name in TABLES})


def _record(folder: Path) -> dict[str, Any]:
    path, name = folder / "run.json", safe_text(folder)
    try:
        record = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{name} holds no run.json: name a folder that `hotspots run` wrote.") from error
    except ValueError as error:
        raise InputError(f"{name}/run.json is damaged: make the folder again.") from error
    number = record.get("format") if isinstance(record, dict) else None
    if number != FORMAT:
        raise InputError(
            f"{name} was written in format {safe_text(number)}, and only format {FORMAT} can be compared: "
            "make it again with this version."
        )
    missing = [key for key in ("parameters", "audience", "area", "period", "themes") if key not in record]
    if missing or record["audience"] not in POLICIES or not record["period"].get("months"):
        raise InputError(
            f"{name}/run.json does not say its {missing[0] if missing else 'audience or months'}: "
            "make the folder again."
        )
    return dict(record)


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / "tables" / f"{name}.csv"
    where = safe_text(f"{folder}/tables/{name}.csv")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{where} cannot be read: make the folder again.") from error
    except ValueError as error:
        raise InputError(f"{where} is not a table: make the folder again.") from error
    absent = [column for column in TABLES[name] if column not in table]
    if absent:
        raise InputError(f"{where} has no column {absent[0]}: make the folder again.")
    numbers = [column for column in TABLES[name] if column in _NUMBERS]
    try:
        return table[list(TABLES[name])].assign(
            **{column: pd.to_numeric(table[column].replace("", None)).astype(float) for column in numbers}
        )
    except ValueError as error:
        raise InputError(f"{where} has text where a number belongs: make the folder again.") from error


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
