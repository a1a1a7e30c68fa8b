"""The first sheet of the workbook: every ward by theme, with its share of the city, and two charts."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.months import month_words
from hotspots.outputs._sheets import Looks, Meaning
from hotspots.release.release import Release

SUMMARY: Final = "Summary"


def write_summary(book: Any, release: Release, looks: Looks) -> list[Meaning]:
    """
    Write the summary: wards down, themes across, counts and shares; below it the city by month.

    Returns
    -------
    list of Meaning
        What the dictionary says of its columns.
    """
    sheet = book.add_worksheet(SUMMARY)
    table, meanings = _table(release)
    for at, (_, words, _, _) in enumerate(meanings):
        sheet.write_string(0, at, words, looks.head)
        sheet.set_column(at, at, {0: 16, 1: 26}.get(at, 13))
    # Not every program makes room for headings of several lines by itself.
    sheet.set_row(0, 64)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for row, values in enumerate(table.itertuples(index=False), start=1):
        for at, value in enumerate(values):
            share = meanings[at][2].startswith("share ")
            if isinstance(value, str):
                sheet.write_string(row, at, value)
            elif not np.isnan(value):
                sheet.write_number(row, at, value, looks.percent if share else looks.count)
    sheet.freeze_panes(1, 2)
    last = len(table)
    _ward_chart(book, sheet, last, f"{release.place}: all incidents by ward, {release.period_text}")
    _month_chart(book, sheet, release, last, looks)
    return meanings


def _table(release: Release) -> tuple[pd.DataFrame, list[Meaning]]:
    views = [view for view in release.themes if view.observability not in schema.UNSEEN]
    rows = release.results[release.results["level"].eq(schema.WARD)]
    codes = release.wards.sort_values("name").index
    columns: dict[str, Any] = {
        "code": [str(code) for code in codes],
        "name": [str(name) for name in release.wards.loc[codes, "name"]],
    }
    meanings: list[Meaning] = [
        (SUMMARY, "GSS code", "code", "GSS code: text"),
        (SUMMARY, "Ward", "name", "area: text"),
    ]
    for view in views:
        mine = rows[rows["theme"].eq(view.slug)].set_index("code").reindex(codes)
        for measure, words, told in (
            ("count", view.name, "incidents: whole number; blank where withheld"),
            ("share", f"{view.name}, share of {release.place}", "share of the city: percentage"),
        ):
            columns[f"{measure} {view.slug}"] = mine[measure].astype(float).to_numpy()
            meanings.append((SUMMARY, words, f"{measure} {view.slug}", told))
    return pd.DataFrame(columns), meanings


def _ward_chart(book: Any, sheet: Any, last: int, title: str) -> None:
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [SUMMARY, 1, 1, last, 1],
            "values": [SUMMARY, 1, 2, last, 2],
            "fill": {"color": "#35618e"},
            "gap": 40,
        }
    )
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"min": 0, "num_format": "#,##0"})
    chart.set_size({"width": 620, "height": 60 + 24 * last})
    sheet.insert_chart(last + 2, 4, chart, {"description": title})


def _month_chart(book: Any, sheet: Any, release: Release, last: int, looks: Looks) -> None:
    """Write the city by month, where no ward's month is withheld, and draw it."""
    city = release.table.level(schema.WARD).monthly(schema.ALL_INCIDENTS).sum(skipna=False)
    if len(city) < 3 or city.isna().any():
        return
    top = last + 3
    sheet.write_string(top - 1, 0, "Month", looks.head)
    sheet.write_string(top - 1, 1, "All incidents of the wards", looks.head)
    for at, (month, value) in enumerate(city.items()):
        sheet.write_string(top + at, 0, month_words(str(month)))
        sheet.write_number(top + at, 1, float(value), looks.count)
    chart = book.add_chart({"type": "line"})
    chart.add_series(
        {
            "categories": [SUMMARY, top, 0, top + len(city) - 1, 0],
            "values": [SUMMARY, top, 1, top + len(city) - 1, 1],
            "line": {"color": "#10243a", "width": 2.5},
        }
    )
    title = f"{release.place}: all incidents by month"
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"min": 0, "num_format": "#,##0"})
    chart.set_size({"width": 620, "height": 320})
    sheet.insert_chart(last + 2, 11, chart, {"description": title})
