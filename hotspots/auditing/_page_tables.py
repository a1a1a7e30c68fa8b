"""Tables of a page, and the data that its script draws, in the form of the tables of a release."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from hotspots.auditing._html import HtmlTable, Page
from hotspots.auditing._policy import ALL_INCIDENTS, TYPE_PREFIX, WHOLE_PERIOD
from hotspots.auditing.published import Table

#: What pages write where there is no figure.
_NO_FIGURE: Final = frozenset(
    {
        "",
        "–",
        "-",
        "withheld",
        "not shown",
        "not ranked",
        "too few to tell",
        "too few to show",
        "unknown",
        "not given",
    }
)
_NUMBER: Final = re.compile(r"^([+−-]?[\d,]*\.?\d+)(\s*%)?(?=$|\s|\()")
_BY_MONTH: Final = re.compile(r"(\d{4}-\d{2}): ([\d,]+|withheld)")
_CODE: Final = re.compile(r"\b[EWSN]\d{8}\b")
#: Headings of pages, by the column of a table that says the same.
_HEADINGS: Final = {
    "incidents": "count",
    "rate": "rate_per_1000",
    "per 1,000 residents a year": "rate_per_1000",
    "per km² a year": "rate_per_km2",
    "rank": "rank",
    "change": "change_words",
}


@dataclass(frozen=True)
class Names:
    """
    What pages call things.

    Attributes
    ----------
    themes : tuple of (str, str)
        Slug and name, in the order in which pages list them; a theme and a crime type may share a name.
    areas : mapping of str to (str, str)
        Level and code by name of an area.
    city : str
        Name of the whole.
    """

    themes: tuple[tuple[str, str], ...]
    areas: Mapping[str, tuple[str, str]]
    city: str

    def of_columns(self, head: Sequence[str]) -> list[str | None]:
        """Give the theme of each heading; of equal headings the first is the first of that name."""
        seen: Counter[str] = Counter()
        found: list[str | None] = []
        for words in head:
            called = [slug for slug, name in self.themes if name == words]
            found.append(called[min(seen[words], len(called) - 1)] if called else None)
            seen[words] += 1
        return found

    def of_row(self, words: str, heading: str) -> str | None:
        """Give the theme that a row is about, or the type where the table is one of types."""
        called = [slug for slug, name in self.themes if name == words]
        fitting = [slug for slug in called if slug.startswith(TYPE_PREFIX) == (heading == "Type")]
        return next(iter(fitting or called), None)

    def of_caption(self, caption: str) -> str | None:
        """Give the theme that a table is about."""
        return next((slug for slug, name in self.themes if caption.startswith(name)), None)


def page_tables(page: Page, file: str, names: Names) -> Iterator[Table]:
    """Read the tables that a page (of a file) shows."""
    own = next((at for area, at in names.areas.items() if page.title.startswith(f"{area} ward")), None)
    for number, table in enumerate(page.tables):
        rows = [row for line in table.rows for row in _rows(table, line, names, own)]
        if rows:
            yield Table(f"{file} table {number + 1}", pd.DataFrame(rows), shown_digits=True)


def _rows(
    table: HtmlTable, line: Sequence[str], names: Names, own: tuple[str, str] | None
) -> Iterator[dict[str, Any]]:
    """Turn one row of a page's table into rows of a long table."""
    if len(line) != len(table.head):
        return
    theme = names.of_row(line[0], table.head[0])
    if "No." in table.head:
        yield _cluster(table, line, theme)
        return
    place = _place(line, names, own)
    if place is None or (theme is None and line[0] not in names.areas):
        return
    base = {"level": place[0], "code": place[1], "month": WHOLE_PERIOD}
    row: dict[str, Any] = {**base, "theme": theme or names.of_caption(table.caption) or ALL_INCIDENTS}
    columns = names.of_columns(table.head)
    for head, counted, text in list(zip(table.head, columns, line, strict=True))[1:]:
        column = _column(head, names.city)
        if counted:
            yield {**base, "theme": counted, "count": figure(text)}
        elif column:
            row[column] = figure(text)
        yield from _months({**base, "theme": row["theme"]}, text)
    if len(row) > len(base) + 1:
        yield row


def _place(line: Sequence[str], names: Names, own: tuple[str, str] | None) -> tuple[str, str] | None:
    """Give level and code of the area that a row is about: by code, by name, or the page's own."""
    code = next((cell for cell in line if _CODE.fullmatch(cell)), None)
    if code:
        return next(((level, at) for level, at in names.areas.values() if at == code), None)
    return names.areas.get(line[0], own)


def _column(head: str, city: str) -> str | None:
    if head in ("Share", f"Share of {city}"):
        return "share"
    return "share_of_area" if head.startswith("Share of ") else _HEADINGS.get(head.lower())


def _cluster(table: HtmlTable, line: Sequence[str], theme: str | None) -> dict[str, Any]:
    """Read a row of the list of hot spots, which is no count of an area."""
    texts = dict(zip(table.head, line, strict=True))
    return {"theme": theme or line[0], "n": figure(texts.get("Incidents", ""))}


def _months(base: Mapping[str, Any], text: str) -> Iterator[dict[str, Any]]:
    for month, number in _BY_MONTH.findall(text):
        yield {**base, "month": month, "count": figure(number)}


def figure(text: str) -> str | None:
    """Give a figure as digits, percent as a share; None where there is none."""
    plain = text.strip()
    found = None if plain.lower() in _NO_FIGURE else _NUMBER.match(plain)
    if found is None:
        return None
    number = found[1].replace(",", "").replace("−", "-")
    if not found[2]:
        return number
    digits = len(number.partition(".")[2]) + 2
    return f"{float(number) / 100:.{digits}f}"


def data_tables(data: Mapping[str, Any], where: str) -> Iterator[Table]:
    """Read the counts, results, clusters and bands of the JSON that a page's script draws."""
    for level, held in data.get("levels", {}).items():
        yield Table(f"{where} counts", _counts(level, held, data.get("months", [])))
        results = [
            frame.assign(theme=theme, level=level)
            for theme, columns in held.get("results", {}).items()
            if len(frame := _results(held["codes"], columns))
        ]
        if results:
            yield Table(f"{where} results", pd.concat(results, ignore_index=True))
    for kind in ("clusters", "bands", "beats"):
        rows = [
            {**row, "theme": theme, "shape": None}
            for theme, held in data.get(kind, {}).items()
            for row in held
        ]
        if rows:
            yield Table(f"{where} {kind}", pd.DataFrame(rows).drop(columns=["shape"]))


def _counts(level: str, held: Mapping[str, Any], months: Sequence[str]) -> pd.DataFrame:
    """Give the counts as rows; a month without any figure in its theme was left out, not withheld."""
    rows = [
        {"theme": theme, "level": level, "code": code, "month": month, "count": number}
        for theme, table in held.get("counts", {}).items()
        for code, numbers in zip(held["codes"], table, strict=True)
        # Themes without months have the whole period alone.
        for month, number in zip([WHOLE_PERIOD, *months], numbers, strict=False)
        if month == WHOLE_PERIOD or number is not None
    ]
    return pd.DataFrame(rows, columns=["theme", "level", "code", "month", "count"])


def _results(codes: Sequence[str], columns: Mapping[str, Any]) -> pd.DataFrame:
    # A text of as many letters holds one for each area.
    lists = {name: list(held) for name, held in columns.items() if name != "by" and len(held) == len(codes)}
    for denominator, *held in columns.get("by", []):
        lists |= {
            f"{what}_by_{denominator}": each for what, each in zip(("rank", "chance"), held, strict=False)
        }
    return pd.DataFrame({"code": list(codes), **lists})
