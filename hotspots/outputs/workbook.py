"""The tables as a workbook for Excel: a summary with charts, the tables, notes, a dictionary of columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots import schema
from hotspots.outputs._sheets import DICTIONARY, Looks, write_dictionary, write_sheet
from hotspots.outputs.summary_sheet import write_summary
from hotspots.outputs.tables import AS_RELEASED
from hotspots.pages.words import RECORDED_BY_PATROL
from hotspots.release.release import Release

TYPE_WORDS: Final = (
    "Themes that begin with type- are the types that were recorded. Every incident has one, so the types "
    "add up to all incidents; a theme and a type of one name are not the same."
)
MONTH_WORDS: Final = (
    "usual_low to usual_high is what a month of the ward would hold in 997 of 1,000 cases, going by its "
    "other months; blank with fewer than 6 whole months, fewer than 2 incidents a month, or a withheld count."
)


def write_workbook(
    release: Release, tables: Mapping[str, pd.DataFrame], path: Path, *, created: pd.Timestamp
) -> None:
    """
    Write the tables as an Excel workbook that opens with a summary.

    Headings are words; the sheet Dictionary says which column of which CSV file each is.
    Monthly counts stand in columns, one row per area and theme, as analysts
    lay them out; themes that the data cannot show are named in the notes only,
    and rejected rows are counted by reason. A table without rows has no sheet.

    Parameters
    ----------
    release : Release
        What may be shown.
    tables : mapping of str to DataFrame
        Its tables, from `tables.all_tables`.
    path : Path
        The file to write.
    created : Timestamp
        Date for the document's properties, so that equal input gives equal bytes.
    """
    import xlsxwriter

    from hotspots.outputs._table_sheet import TableSheet

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {"title": f"Derby Hotspots, {release.period_text}", "created": created.to_pydatetime()}
        )
        looks = Looks.of(book)
        meanings = write_summary(book, release, looks)
        notes = book.add_worksheet("Notes")
        for name, (frame, kind) in _sheets(release, tables).items():
            if len(frame):
                meanings += write_sheet(book.add_worksheet(name, TableSheet), name, frame, kind, looks)
        _write_notes(notes, release, looks.bold)
        write_dictionary(book.add_worksheet(DICTIONARY), meanings, looks)


def _sheets(release: Release, made: Mapping[str, pd.DataFrame]) -> dict[str, tuple[pd.DataFrame, str]]:
    """Give each sheet's table and the name of its frame in `schema.COLUMNS`."""
    rejected = made["rejected"].groupby(["source", "reason"], observed=True)["rows"].sum()
    return {
        "Areas": (_areas_by_month(_visible(made["areas"], release)), "counts"),
        "Clusters": (made["clusters"], "clusters"),
        **_zone_sheets(made, release),
        "Beats": (made["beats"], "beats"),
        "Nearby": (made["nearby"], "nearby"),
        "Priority": (made["priority"], "priority"),
        **{_sheet_name(name): (_visible(made[name], release), name) for name in AS_RELEASED},
        "Months": (_visible(made["months"], release), "unusual_months"),
        "Hours": (_hours_by_weekday(made["hours"]), "hours"),
        "Near repeats": (made["near_repeats"], "near_repeats"),
        **{_sheet_name(name): (made[name], name) for name in release.footprint},
        "Rejected": (rejected.reset_index(), "rejected"),
    }


def _sheet_name(table: str) -> str:
    return table.replace("_", " ").capitalize()


def _visible(frame: pd.DataFrame, release: Release) -> pd.DataFrame:
    """Leave out themes that the data cannot show: their noughts would read as "it does not happen here"."""
    if "theme" not in frame:
        return frame
    unseen = [view.slug for view in release.themes if view.observability in schema.UNSEEN]
    return frame[~frame["theme"].isin(unseen)]


def _areas_by_month(frame: pd.DataFrame) -> pd.DataFrame:
    keys = ["level", "vintage", "code", "name", "theme"]
    whole = frame[frame["month"].eq(schema.WHOLE_PERIOD)].drop(columns="month").set_index(keys)
    monthly = frame[frame["month"].ne(schema.WHOLE_PERIOD)]
    wide = monthly.set_index([*keys, "month"])["count"].unstack("month")
    return whole.join(wide).reset_index()


def _zone_sheets(made: Mapping[str, pd.DataFrame], release: Release) -> dict[str, tuple[pd.DataFrame, str]]:
    """Give the zones' ranks and months; nothing where no zones were given."""
    if "zones" not in made:
        return {}
    ranks, months = (_visible(made[name], release) for name in ("zone_ranks", "zones"))
    return {"Zones": (ranks, "zone_results"), "Zone months": (months, "zone_counts")}


def _hours_by_weekday(frame: pd.DataFrame) -> pd.DataFrame:
    """Lay the hours out in columns, as analysts read them; weekdays from Monday."""
    order = frame[["theme", "weekday"]].drop_duplicates()
    wide = frame.set_index(["theme", "weekday", "hour"])["incidents"].unstack("hour")
    wide.columns = [f"{hour:02d}:00" for hour in wide.columns]
    return order.merge(wide.reset_index(), on=["theme", "weekday"], how="left")


def _write_notes(sheet: Any, release: Release, bold: Any) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 110)
    rows = [
        ("Area", f"{release.area_name} ({release.area_code})"),
        ("Period", release.period_text),
        ("Audience", release.audience),
        *([("Already public", release.attested)] if release.attested else []),
        ("Marking", release.marking or "none"),
        (
            "Data",
            "SYNTHETIC SAMPLE: no real incident is in it" if release.synthetic else "recorded incidents",
        ),
        *(
            (f"Theme: {view.name}", f"{view.observability_text} {view.note}".strip())
            for view in release.themes
        ),
        *([("Types", f"{TYPE_WORDS} {release.types[0].grain}".strip())] if release.types else []),
        *([("Denominators", release.leaders())] if release.leaders() else []),
        ("Hours", release.times.reason or _hour_words(release)),
        ("Months", MONTH_WORDS),
        (
            "Theme combined",
            "The place-based themes together; the count adds them up, so an incident that belongs to two "
            "counts twice, and there is no shrunk rate: a mean of ratios is no rate. " + release.held,
        ),
        *_beat_notes(release),
        *(("Source", line) for line in release.sources),
        *(("Warning", line) for line in release.warnings),
    ]
    for row, (label, text) in enumerate(rows):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, text)


def _beat_notes(release: Release) -> list[tuple[str, str]]:
    """Say how such beats did before, and what a patrol does to the figures."""
    names = {view.slug: view.name for view in release.themes}
    graded = [(f"Beats: {names[slug]}", text) for slug, text in release.beat_grades.items()]
    return [*graded, ("Beats", RECORDED_BY_PATROL)] if graded else []


def _hour_words(release: Release) -> str:
    whole = release.times.themes.set_index("theme").loc[schema.ALL_INCIDENTS]
    return (
        f"{whole['with_time']:,} of {whole['incidents']:,} incidents have a time of day. Where only a span "
        "is known, the incident is shared out over its hours, so cells hold fractions (aoristic analysis)."
    )
