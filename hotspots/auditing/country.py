"""A country: the folders of its authorities, and what its own tables and page say beyond them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from hotspots.auditing._html import read_page
from hotspots.auditing._policy import ALL_INCIDENTS, InputError
from hotspots.auditing.cells import Leak, blank
from hotspots.auditing.published import Published

_RECORD: Final = "national.json"
#: What a country says outside internal use of an authority that has no folder.
_NO_REASON: Final = "not analysed"
_FIGURE: Final = re.compile(r"\d[\d,.]*")
_COUNTED: Final = re.compile(r"(\d[\d,.]*) incidents")
#: Columns of authorities.csv that count incidents or follow from a count.
_DERIVED: Final = {"rate_per_1000": ("residents", 1000.0), "rate_per_km2": ("area_km2", 1.0)}


def folders_of(path: Path) -> list[Path]:
    """
    List the folders of authorities of a country; another folder stands for itself.

    Raises
    ------
    InputError
        If the record of a country cannot be read.
    """
    if not is_country(path):
        return [path]
    return [path / "areas" / str(code) for code in _record(path)["authorities"]]


def is_country(path: Path) -> bool:
    """Say whether a folder is what `hotspots national` wrote."""
    return (path / _RECORD).is_file()


def _record(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((path / _RECORD).read_text(encoding="utf-8"))
        return {"authorities": [], "refused": {}, **record}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path / _RECORD} cannot be read as JSON: make the country again.") from error


def country_leaks(path: Path, releases: Sequence[Published]) -> Iterator[Leak]:
    """
    Find figures of a country that the folders of its authorities do not state.

    Parameters
    ----------
    path : Path
        What `hotspots national` wrote.
    releases : sequence of Published
        The folders of its authorities, in the order of `folders_of`.
    """
    record = _record(path)
    stated = {
        (code, theme): one.stated.get(one.city(theme))
        for code, one in zip(record["authorities"], releases, strict=True)
        for theme in one.themes
    }
    folder = str(path)
    for where, what in (*_of_record(record, stated), *_of_tables(path, stated), *_of_page(path, stated)):
        yield Leak("finer than the table", folder, where, what)


Stated = Mapping[tuple[str, str], float | None]


def _of_record(record: Mapping[str, Any], stated: Stated) -> Iterator[tuple[str, str]]:
    if "rows" in record:
        yield _RECORD, "It counts the rows that were read."
    told = [code for code, why in record["refused"].items() if why != _NO_REASON]
    if told:
        yield _RECORD, f"It says why {len(told)} authorities have no folder, which may count their rows."
    if record.get("incidents") != _sum(stated, ALL_INCIDENTS):
        yield _RECORD, "Its incidents are no sum of what the folders state."


def _of_tables(path: Path, stated: Stated) -> Iterator[tuple[str, str]]:
    import pyarrow.parquet as pq

    with (path / "authorities.csv").open(encoding="utf-8-sig", newline="") as stream:
        tables = {"authorities.csv": list(csv.DictReader(stream))}
    for name in ("authorities.parquet", "themes.parquet"):
        columns = [one for one in pq.read_schema(path / name).names if one != "geometry"]
        tables[name] = pq.read_table(path / name, columns=columns).to_pylist()
    for name, rows in tables.items():
        counts = [(row["code"], row.get("theme", ALL_INCIDENTS), _number(row["incidents"])) for row in rows]
        odd = [code for code, theme, count in counts if count != stated.get((code, theme))]
        if odd:
            yield name, f"{len(odd)} counts, such as of {odd[0]}, are not what the folders state."
        if any(not blank(row.get("hit_rate")) for row in rows):
            yield name, "How many rows could be located is for internal use."
        for column, (size, per) in _DERIVED.items():
            if column in (rows[0] if rows else {}):
                odd = [row["code"] for row in rows if not _follows(row, column, size, per)]
                if odd:
                    yield name, f"{len(odd)} of {column}, such as of {odd[0]}, follow from no stated count."


def _follows(row: Mapping[str, Any], column: str, size: str, per: float) -> bool:
    rate, count, of = (_number(row[name]) for name in (column, "incidents", size))
    if rate is None:
        return True
    return count is not None and bool(of) and abs(rate - per * count / float(of or 1)) < 0.0501


def _of_page(path: Path, stated: Stated) -> Iterator[tuple[str, str]]:
    """Find counts on the page that stand in no folder and are no sum over all of them."""
    page = read_page((path / "index.html").read_text(encoding="utf-8"))
    known = {f"{_sum(stated, theme):,.0f}" for _, theme in stated}
    known |= {f"{count:,.0f}" for count in stated.values() if count is not None}
    # In both tables the second column is the incidents.
    cells = [cell for table in page.tables for row in table.rows for cell in row[1:2]]
    said = [*(one for cell in cells for one in _FIGURE.findall(cell)), *_COUNTED.findall(page.text)]
    if odd := [one for one in said if one not in known]:
        yield "index.html", f"{len(odd)} counts, such as {odd[0]}, are no figures of the folders."


def _sum(stated: Stated, theme: str) -> float:
    return float(sum(count or 0 for (_, one), count in stated.items() if one == theme))


def _number(value: Any) -> float | None:
    if blank(value):
        return None
    number = float(value)
    return None if np.isnan(number) else number
