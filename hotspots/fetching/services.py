"""
Which services are asked: a table in data/services.csv, and a file of the user's that wins over it.

The names were compared with published uses of these services; nobody here has asked the services themselves.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotspots.errors import ConfigError, ParameterError
from hotspots.resources import shipped

_COLUMNS: Final = ["what", "year", "service"]


@dataclass(frozen=True)
class Services:
    """
    The services by what they give and for which year.

    Attributes
    ----------
    rows : tuple of tuple of str
        what, year ("" where there is none) and address or name, in the order of the table.
    """

    rows: tuple[tuple[str, str, str], ...]

    def years(self, what: str) -> list[str]:
        """List the years of a kind of service, newest first."""
        return sorted({year for kind, year, _ in self.rows if kind == what}, reverse=True)

    def addresses(self, what: str, year: str = "") -> list[str]:
        """
        List the addresses to ask in turn.

        Raises
        ------
        ParameterError
            If the table has none for the year.
        """
        found = [service for kind, of, service in self.rows if (kind, of) == (what, year)]
        if not found:
            years = ", ".join(self.years(what)) or "no year"
            raise ParameterError(
                f"No service is known for {what} of {year or 'any year'}: the table of services has {years}. "
                "Add a row to a file of your own and give it to --services."
            )
        return [name if "://" in name else f"{self.address('portal')}/{name}" for name in found]

    def address(self, what: str, year: str = "") -> str:
        """Return the first address of a kind of service."""
        return self.addresses(what, year)[0]


def load_services(own: Path | None = None) -> Services:
    """
    Read the shipped table, and put the rows of the user's file in place of those of the same what and year.

    Raises
    ------
    ConfigError
        If the file cannot be read, or has other columns than what, year and service.
    """
    rows = list(_read(shipped("data", "services.csv")))
    if own is None:
        return Services(tuple(rows))
    added = list(_read(own))
    replaced = {(what, year) for what, year, _ in added}
    return Services((*added, *(row for row in rows if row[:2] not in replaced)))


def _read(path: Path) -> Iterator[tuple[str, str, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"The table of services {path.name} cannot be read: check --services.") from None
    table = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    if table.fieldnames != _COLUMNS:
        raise ConfigError(f"{path.name} needs the columns what, year and service: see data/services.csv.")
    for row in table:
        if not all(isinstance(row[name], str) for name in _COLUMNS) or None in row:
            raise ConfigError(f"{path.name} line {table.line_num}: each line has three columns.")
        yield row["what"].strip(), row["year"].strip(), row["service"].strip()
