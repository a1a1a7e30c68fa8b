"""
The tables of a release: CSV for anything, XLSX for Excel, GeoPackage for QGIS.

A text cell that a spreadsheet would run as a formula is disarmed in CSV and
written as a plain string in XLSX.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots import schema
from hotspots.release.disclose import Release
from hotspots.statistics.control import unusual_months
from hotspots.statistics.counts import COUNT_COLUMNS
from hotspots.statistics.times import HOUR_COLUMNS

#: Decimals of each column that is not a whole number; figures beyond them are noise.
_DECIMALS: Final = {
    "rate_per_1000": 3,
    "rate_per_km2": 3,
    "shrunk_rate": 3,
    "area_km2": 4,
    "density_per_km2": 1,
    "share": 4,
    "confidence": 3,
    "p_top": 3,
    "change": 3,
    "change_low": 3,
    "change_high": 3,
    "change_q": 4,
    "gi_star": 3,
    "gi_q": 4,
    "harm": 1,
    "incidents": 2,
    "expected": 1,
    "ratio": 2,
    "p": 3,
    "q": 3,
}
_WHOLE: Final = (
    *("count", "n", "places", "rank", "rank_low", "rank_high", "band", "cluster"),
    *("hour", "usual_low", "usual_high", "observed", "distance_from", "distance_to", "days_from", "days_to"),
)
MONTH_WORDS: Final = (
    "usual_low to usual_high is what a month of the ward would hold in 997 of 1,000 cases, going by its "
    "other months; blank with fewer than 6 whole months, fewer than 2 incidents a month, or a withheld count."
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def area_table(release: Release) -> pd.DataFrame:
    """Give tables/areas.csv: one row per area, theme and month ('' for the whole period)."""
    order = ["level", "code", "theme", "month"]
    frame = release.counts[list(COUNT_COLUMNS)].sort_values(order, kind="stable")
    return _tidy(frame)


def cluster_table(release: Release) -> pd.DataFrame:
    """Give tables/clusters.csv: one row per cluster."""
    return _tidy(pd.DataFrame(release.clusters.drop(columns="geometry")))


def priority_table(release: Release) -> pd.DataFrame:
    """Give tables/priority.csv: the ranking per theme, and of the combination as theme "all"."""
    return _tidy(release.priority)


def month_table(release: Release) -> pd.DataFrame:
    """Give tables/months.csv: counts by ward, theme and month with the range that would be usual."""
    return _tidy(unusual_months(release.counts, months=release.complete_months))


def hour_table(release: Release) -> pd.DataFrame:
    """
    Give tables/hours.csv: incidents of the city by theme, weekday and hour.

    An incident whose time is known as a span counts in parts in each hour it
    covers. No rows where the data have no times, or the audience may not see them.
    """
    return _tidy(release.times.hours[list(HOUR_COLUMNS)])


def repeat_table(release: Release) -> pd.DataFrame:
    """Give tables/near_repeats.csv: pairs of incidents close in space and time, against chance."""
    return _tidy(release.times.repeats)


def rejected_table(release: Release) -> pd.DataFrame:
    """Give tables/rejected.csv: where each row that was set aside stands, and why."""
    frame = release.rejected.rename(columns={"source_row": "row"})
    return frame[list(schema.REJECTED_COLUMNS)]


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """
    Write a frame as CSV that Excel opens rightly and cannot be made to run.

    UTF-8 with a byte order mark, line feeds, and an apostrophe before any text
    that begins like a formula.
    """
    return _guarded(frame).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def write_tables(release: Release, folder: Path) -> None:
    """Write the CSV files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in _tables(release).items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(frame))


def write_workbook(release: Release, path: Path, *, created: pd.Timestamp) -> None:
    """
    Write the tables as an Excel workbook with a sheet of notes.

    Monthly counts stand in columns, one row per area and theme, as analysts
    lay them out; themes that the data cannot show are named in the notes only,
    and rejected rows are counted by reason.

    Parameters
    ----------
    release : Release
        What may be shown.
    path : Path
        The file to write.
    created : Timestamp
        Date for the document's properties, so that equal input gives equal bytes.
    """
    import xlsxwriter

    sheets = {
        "Areas": _areas_by_month(_visible(area_table(release), release)),
        "Clusters": cluster_table(release),
        "Priority": priority_table(release),
        "Months": _visible(month_table(release), release),
        "Hours": _hours_by_weekday(hour_table(release)),
        "Near repeats": repeat_table(release),
        "Rejected": rejected_table(release)
        .groupby(["source", "reason"], observed=True)
        .size()
        .rename("rows")
        .reset_index(),
    }
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
        bold = book.add_format({"bold": True, "bottom": 1})
        _write_notes(book, release, bold)
        for name, frame in sheets.items():
            _write_sheet(book.add_worksheet(name), frame, bold)


def write_geopackage(release: Release, path: Path, *, created: pd.Timestamp) -> None:
    """
    Write wards, LSOAs, clusters and density bands as layers in EPSG:27700.

    Parameters
    ----------
    release : Release
        What may be shown.
    path : Path
        The file to write; a `layer_styles` table gives QGIS its default look.
    created : Timestamp
        Time stamp stored in the file.
    """
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": created.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        for name, frame in _layers(release).items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                geometry_type="Unknown" if frame.empty else None,
                append=path.exists(),
            )
        pyogrio.write_dataframe(
            _layer_styles(), path, layer="layer_styles", driver="GPKG", geometry_type=None, append=True
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _tables(release: Release) -> dict[str, pd.DataFrame]:
    return {
        "areas": area_table(release),
        "clusters": cluster_table(release),
        "priority": priority_table(release),
        "months": month_table(release),
        "hours": hour_table(release),
        "near_repeats": repeat_table(release),
        "rejected": rejected_table(release),
    }


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Round to meaningful decimals and turn whole-number columns into integers that may be missing."""
    changed: dict[str, Any] = {}
    for column in frame.columns:
        if column in _DECIMALS:
            # Adding zero turns -0.0 into 0.0.
            changed[column] = frame[column].astype(float).round(_DECIMALS[column]) + 0.0
        elif column in _WHOLE:
            changed[column] = frame[column].astype(float).round().astype("Int64")
    return frame.assign(**changed).reset_index(drop=True)


def _guarded(frame: pd.DataFrame) -> pd.DataFrame:
    guarded = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            continue
        texts = values.astype("category").cat
        guarded[column] = texts.rename_categories(_disarmed)
    return frame.assign(**guarded)


def _disarmed(text: object) -> str:
    plain = str(text)
    return "'" + plain if plain.startswith(_FORMULA_STARTS) else plain


def _visible(frame: pd.DataFrame, release: Release) -> pd.DataFrame:
    """Leave out themes that the data cannot show: their noughts would read as "it does not happen here"."""
    unseen = [view.slug for view in release.themes if view.observability == "not visible"]
    return frame[~frame["theme"].isin(unseen)]


def _areas_by_month(frame: pd.DataFrame) -> pd.DataFrame:
    keys = ["level", "vintage", "code", "name", "theme"]
    whole = frame[frame["month"].eq(schema.WHOLE_PERIOD)].drop(columns="month").set_index(keys)
    monthly = frame[frame["month"].ne(schema.WHOLE_PERIOD)]
    wide = monthly.set_index([*keys, "month"])["count"].unstack("month")
    return whole.join(wide).reset_index()


def _hours_by_weekday(frame: pd.DataFrame) -> pd.DataFrame:
    """Lay the hours out in columns, as analysts read them; weekdays from Monday."""
    order = frame[["theme", "weekday"]].drop_duplicates()
    wide = frame.set_index(["theme", "weekday", "hour"])["incidents"].unstack("hour")
    wide.columns = [f"{hour:02d}:00" for hour in wide.columns]
    return order.merge(wide.reset_index(), on=["theme", "weekday"], how="left")


def _write_notes(book: Any, release: Release, bold: Any) -> None:
    sheet = book.add_worksheet("Notes")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 110)
    rows = [
        ("Area", f"{release.area_name} ({release.area_code})"),
        ("Period", release.period_text),
        ("Audience", release.audience),
        ("Marking", release.marking or "none"),
        (
            "Data",
            "SYNTHETIC SAMPLE: no real incident is in it" if release.synthetic else "recorded incidents",
        ),
        *(
            (f"Theme: {view.name}", f"{view.observability_text} {view.note}".strip())
            for view in release.themes
        ),
        ("Hours", release.times.reason or _hour_words(release)),
        ("Months", MONTH_WORDS),
        (
            "Priority, theme all",
            "The ranking over the place-based themes together; its count adds the themes up, so an incident "
            "that belongs to two counts twice, and there is no shrunk rate: a mean of ratios is no rate.",
        ),
        *(("Source", line) for line in release.sources),
        *(("Warning", line) for line in release.warnings),
    ]
    for row, (label, text) in enumerate(rows):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, text)


def _hour_words(release: Release) -> str:
    whole = release.times.themes.set_index("theme").loc[schema.ALL_INCIDENTS]
    return (
        f"{whole['with_time']:,} of {whole['incidents']:,} incidents have a time of day. Where only a span "
        "is known, the incident is shared out over its hours, so cells hold fractions (aoristic analysis)."
    )


def _write_sheet(sheet: Any, frame: pd.DataFrame, bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(frame.columns):
        sheet.write_string(0, column, str(name), bold)
        write = _cell_writer(sheet, frame[name])
        for row, value in enumerate(_plain_values(frame[name]), start=1):
            if value is not None:
                write(row, column, value)
    sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)


def _cell_writer(sheet: Any, values: pd.Series) -> Callable[..., Any]:
    if pd.api.types.is_bool_dtype(values):
        return sheet.write_boolean
    if pd.api.types.is_numeric_dtype(values):
        return sheet.write_number
    return sheet.write_string


def _plain_values(values: pd.Series) -> Sequence[Any]:
    plain = values.astype(object)
    return list(plain.where(values.notna(), None))


def _layers(release: Release) -> dict[str, Any]:
    return {
        "wards": _area_layer(release, schema.WARD),
        "lsoas": _area_layer(release, schema.LSOA),
        "clusters": _tidy(release.clusters),
        "density": _tidy(release.bands),
    }


def _area_layer(release: Release, level: str) -> Any:
    """Give areas with the count of each theme in a column, as QGIS joins and styles them."""
    areas = release.wards if level == schema.WARD else release.lsoas
    counts = release.counts
    whole = counts[counts["level"].eq(level) & counts["month"].eq(schema.WHOLE_PERIOD)]
    wide = whole.pivot_table(index="code", columns="theme", values="count", observed=True, dropna=False)
    wide.columns = [f"count_{theme.replace('-', '_')}" for theme in wide.columns]
    ranked = release.priority
    combined = ranked[ranked["level"].eq(level) & ranked["theme"].eq(schema.ALL_INCIDENTS)]
    joined = areas.join(wide.astype(float)).join(
        combined.set_index("code")[["rank", "p_top", "class"]].rename(columns={"class": "priority"})
    )
    return joined.rename_axis("code").reset_index()


def _layer_styles() -> pd.DataFrame:
    """Give the table from which QGIS takes each layer's default style."""
    styles = {
        "wards": _qml("0,0,0,0", "30,30,30,255", 0.6),
        "lsoas": _qml("0,0,0,0", "120,120,120,255", 0.2),
        "clusters": _qml("0,0,0,0", "0,0,0,255", 0.8),
        "density": _qml("0,90,120,110", "0,0,0,0", 0.1),
    }
    return pd.DataFrame(
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": list(styles),
            "f_geometry_column": "geom",
            "styleName": [f"{name} default" for name in styles],
            "styleQML": list(styles.values()),
            "styleSLD": "",
            "useAsDefault": True,
            "description": "",
            "owner": "",
            "ui": "",
        }
    )


def _qml(fill: str, line: str, width: float) -> str:
    options = {"color": fill, "outline_color": line, "outline_width": f"{width}", "style": "solid"}
    inner = "".join(f'<Option name="{k}" type="QString" value="{v}"/>' for k, v in options.items())
    return (
        '<!DOCTYPE qgis><qgis version="3.0"><renderer-v2 type="singleSymbol"><symbols>'
        '<symbol type="fill" name="0"><layer class="SimpleFill"><Option type="Map">'
        f"{inner}</Option></layer></symbol></symbols></renderer-v2></qgis>"
    )


def created_stamp(release: Release, epoch: str | None) -> pd.Timestamp:
    """
    Date that files carry inside: SOURCE_DATE_EPOCH, else the last day of the period.

    The clock is never asked, so that equal input gives equal bytes.
    """
    if epoch and epoch.isdigit():
        return pd.Timestamp(int(epoch), unit="s")
    if release.months:
        return pd.Period(release.months[-1], "M").end_time.floor("s")
    return pd.Timestamp("1980-01-01")
