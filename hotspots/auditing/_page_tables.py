"""Tables of a page, and the data that its script draws, in the form of the tables of a release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from hotspots.auditing._html import HtmlTable, Page
from hotspots.auditing._policy import ALL_INCIDENTS, WHOLE_PERIOD
from hotspots.auditing.published import Table

#: What pages write where there is no figure.
_NO_FIGURE: Final = frozenset(
    {"", "–", "-", "withheld", "not shown", "not ranked", "too few to tell", "too few to show", "unknown"}
)
_NUMBER: Final = re.compile(r"^([+−-]?[\d,]*\.?\d+)(\s*%)?(?=$|\s|\()")
_BY_MONTH: Final = re.compile(r"(\d{4}-\d{2}): ([\d,]+|withheld)")
_CODE: Final = re.compile(r"\b[EWSN]\d{8}\b")
#: Headings of pages, by the column of a table that says the same.
_HEADINGS: Final = {
    "incidents": "count",
    "rate": "rate_per_1000",
    "per 1,000 residents": "rate_per_1000",
    "per km²": "rate_per_km2",
    "rank": "rank",
    "change": "change_words",
}


def page_tables(
    page: Page, name: str, themes: Mapping[str, str], areas: Mapping[str, tuple[str, str]]
) -> Iterator[Table]:
    """
    Read the tables that a page shows.

    Parameters
    ----------
    page : Page
    name : str
        The file.
    themes : mapping of str to str
        Names by slug.
    areas : mapping of str to (str, str)
        Level and code by name of an area.
    """
    slugs = {words: slug for slug, words in themes.items()}
    own = next((areas[a] for a in areas if page.title.startswith(f"{a} ward")), None)
    for number, table in enumerate(page.tables):
        rows = [row for line in table.rows for row in _rows(table, line, slugs, areas, own)]
        if rows:
            yield Table(f"{name} table {number + 1}", pd.DataFrame(rows), shown_digits=True)


def _rows(
    table: HtmlTable,
    line: Sequence[str],
    slugs: Mapping[str, str],
    areas: Mapping[str, tuple[str, str]],
    own: tuple[str, str] | None,
) -> Iterator[dict[str, Any]]:
    """Turn one row of a page's table into rows of a long table."""
    first = line[0]
    if "No." in table.head and len(line) == len(table.head):
        yield _cluster(table, line, slugs)
        return
    place = areas.get(first, own)
    code = next((cell for cell in line if _CODE.fullmatch(cell)), None)
    if code:
        place = next(((level, at) for level, at in areas.values() if at == code), None)
    if place is None or len(line) != len(table.head) or (first not in slugs and first not in areas):
        return
    theme = slugs.get(first) or next(
        (slug for words, slug in slugs.items() if table.caption.startswith(words)), None
    )
    base = {"level": place[0], "code": place[1], "month": WHOLE_PERIOD}
    row: dict[str, Any] = {**base, "theme": theme or ALL_INCIDENTS}
    for head, text in zip(table.head[1:], line[1:], strict=True):
        if head in slugs:
            yield {**base, "theme": slugs[head], "count": figure(text)}
        elif head.startswith("Share"):
            row["share"] = figure(text)
        elif head.lower() in _HEADINGS:
            row[_HEADINGS[head.lower()]] = figure(text)
        yield from _months({**base, "theme": row["theme"]}, text)
    if len(row) > len(base) + 1:
        yield row


def _cluster(table: HtmlTable, line: Sequence[str], slugs: Mapping[str, str]) -> dict[str, Any]:
    """Read a row of the list of hot spots, which is no count of an area."""
    texts = dict(zip(table.head, line, strict=True))
    return {"theme": slugs.get(line[0], line[0]), "n": figure(texts.get("Incidents", ""))}


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
        for month, number in zip([WHOLE_PERIOD, *months], numbers, strict=True)
        if month == WHOLE_PERIOD or number is not None
    ]
    return pd.DataFrame(rows, columns=["theme", "level", "code", "month", "count"])


def _results(codes: Sequence[str], columns: Mapping[str, Any]) -> pd.DataFrame:
    lists = {name: values for name, values in columns.items() if len(values) == len(codes)}
    return pd.DataFrame({"code": list(codes), **lists})
