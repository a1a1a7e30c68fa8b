"""What is said of a table whose columns do not do: what was seen, and the way on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from hotspots.months import MONTH_NAMES
from hotspots.reading.dateforms import WELSH_MONTHS
from hotspots.reading.dates import parse_dates
from hotspots.reading.headings import plain_key
from hotspots.text import counted, safe_text

_LOOKED_FOR: Final = (
    "Month or Date; Crime type or Offence; "
    "Longitude and Latitude, Easting and Northing, Grid ref, Postcode or LSOA code"
)
#: Fewer columns named like months than this are no table of months.
_WIDE = 3
_MONTHS = {name[:3].lower() for name in (*MONTH_NAMES, *WELSH_MONTHS)}


def missing_message(
    missing: Sequence[str],
    header: Sequence[str],
    name: str,
    *,
    known: bool,
    telling: Callable[[Sequence[str]], int],
) -> str:
    """
    Say what a header lacks.

    Parameters
    ----------
    missing : sequence of str
        What is not among the columns.
    header : sequence of str
        First row.
    name : str
        The file.
    known : bool
        Whether the row holds names that may be shown, no record of data.
    telling : callable
        Counts the columns of a header that say when, what or where.
    """
    months = [column for column in header if _is_month_name(column)]
    if len(months) >= _WIDE:
        return (
            f"{name}: months stand as columns ({counted(len(months), 'column')}, {safe_text(months[0])} to "
            f"{safe_text(months[-1])}), so a row is not one incident. Give a file with one row for "
            "each incident; "
            "or one with the columns Month and Count, a row for each month (in Excel: Power Query, Unpivot)."
        )
    if len(header) == 1 and telling(re.split(r"\s{2,}|[~^]", header[0])) > 1:
        return (
            f"{name}: its columns are separated by blanks (fixed widths) or a mark that is not known: "
            "open it in Excel (Data > From Text/CSV, Fixed Width or Custom) and save it as CSV."
        )
    if not known:
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
    plain = re.sub(r"\b(count|total|sum|number|crimes|offences|incidents|of)\b", " ", column.lower()).strip(
        " _-:"
    )
    parsed = parse_dates([plain], today=date(2100, 1, 1))
    first = str(parsed.start[0]).endswith("-01T00:00:00")  # a cell of Excel that shows a month
    return first or (plain_key(plain)[:3] in _MONTHS and len(plain_key(plain)) < 10)
