"""
Whether files are police.uk street files by their form, row by row: who says so must be held to it.

A form proves no origin. It refuses what cannot have come from there: other headings, crime
numbers of a force, days, addresses, points of their own. Whoever claims it answers for the rest.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from hotspots.errors import InputError
from hotspots.policeuk import NO_LOCATION, POLICE_COLUMNS
from hotspots.reading.content import Source, whole_content

#: The forms of a text, plain and packed.
_TEXT: Final = ("text", "gzip")
#: What each field must be, wholly.
_FORMS: Final = {
    "Crime ID": re.compile(r"(?:[0-9a-f]{64})?"),
    "Month": re.compile(r"\d{4}-(?:0[1-9]|1[0-2])"),
    "Longitude": re.compile(r"(?:-?\d{1,2}\.\d{1,6})?"),
    "Latitude": re.compile(r"(?:\d{2}\.\d{1,6})?"),
    "Location": re.compile(rf"On or near.*|{NO_LOCATION}", re.IGNORECASE),
    "LSOA code": re.compile(r"(?:[EW]010\d{5})?"),
}
#: Fewer rows with a point show no stacking.
FEWEST: Final = 100
#: Least share of rows on a point of several rows: 0.5 to 0.7 in a month of a force, 0.94 in a year.
STACKED: Final = 0.4
#: Least share of points with one name: police.uk names each of its map points.
NAMED: Final = 0.99


def check_police_form(sources: Iterable[Source], *, read: Collection[str]) -> None:
    """
    Refuse inputs of which one is no police.uk street file by its form.

    Parameters
    ----------
    sources : iterable of Source
        The inputs of a run, while their archives are open.
    read : collection of str
        Names of the sources whose rows were taken for incidents.

    Raises
    ------
    InputError
        At the first file and row that is not, naming the column, never a value.
    """
    points: Counter[tuple[str, str]] = Counter()
    names: dict[tuple[str, str], set[str]] = {}
    # One source may hold several tables, "book.xlsx, sheet": such a one is no text.
    found = {source.name: source for source in sources}
    for name in sorted(read):
        for place, location in _places(found.get(name), name):
            points[place] += 1
            names.setdefault(place, set()).add(location)
    _check_points(points, names)


def _places(source: Source | None, name: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Check every row of a source; give points and their names."""
    if source is None or source.form not in _TEXT:
        raise _refusal(f"{name} is no CSV file as police.uk writes it")
    text = whole_content(source).decode("utf-8-sig", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""))
    if tuple(next(rows, ())) != POLICE_COLUMNS:
        raise _refusal(f"{name} has not the exact heading of a street file")
    at = {column: POLICE_COLUMNS.index(column) for column in _FORMS}
    for row in rows:
        if not row:
            continue
        wrong = next((c for c, form in _FORMS.items() if not form.fullmatch("".join(row[at[c] :][:1]))), "")
        if wrong or len(row) != len(POLICE_COLUMNS):
            what = f"'{wrong}' is not written" if wrong else "the number of fields is not"
            raise _refusal(f"{name} line {rows.line_num}: {what} as police.uk does it")
        if row[at["Longitude"]] and row[at["Latitude"]]:
            yield (row[at["Longitude"]], row[at["Latitude"]]), row[at["Location"]]


def _check_points(points: Counter[tuple[str, str]], names: dict[tuple[str, str], set[str]]) -> None:
    rows = points.total()
    if rows < FEWEST:
        raise _refusal(f"{rows} rows with a point are too few to tell whether they stand on map points")
    if sum(n for n in points.values() if n > 1) < STACKED * rows:
        raise _refusal("the rows do not stack on map points: they stand on points of their own")
    if sum(len(one) == 1 for one in names.values()) < NAMED * len(names):
        raise _refusal("points go by several names, which police.uk's map points do not")


def _refusal(what: str) -> InputError:
    return InputError(
        f"--already-public data.police.uk: {what}. It is taken only where every input is a street file of "
        "data.police.uk: leave the option out, and small counts are protected."
    )
