"""
The tables of a release: CSV for anything, XLSX for Excel, GeoPackage for QGIS.

A text cell that a spreadsheet would run as a formula is disarmed in CSV and
written as a plain string in XLSX.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from hotspots import schema
from hotspots.release.release import Release
from hotspots.schema import COUNT_COLUMNS, HOUR_COLUMNS
from hotspots.statistics.control import unusual_months

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


def area_table(release: Release) -> pd.DataFrame:
    """Give tables/areas.csv: one row per area, theme and month ('' for the whole period)."""
    order = ["level", "code", "theme", "month"]
    frame = release.counts[list(COUNT_COLUMNS)].sort_values(order, kind="stable")
    return tidy(frame)


def cluster_table(release: Release) -> pd.DataFrame:
    """Give tables/clusters.csv: one row per cluster."""
    return tidy(pd.DataFrame(release.clusters.drop(columns="geometry")))


def priority_table(release: Release) -> pd.DataFrame:
    """Give tables/priority.csv: the ranking per theme, and of the combination as theme "all"."""
    return tidy(release.priority)


def month_table(release: Release) -> pd.DataFrame:
    """Give tables/months.csv: counts by ward, theme and month with the range that would be usual."""
    return tidy(unusual_months(release.table, months=release.complete_months))


def hour_table(release: Release) -> pd.DataFrame:
    """
    Give tables/hours.csv: incidents of the city by theme, weekday and hour.

    An incident whose time is known as a span counts in parts in each hour it
    covers. No rows where the data have no times, or the audience may not see them.
    """
    return tidy(release.times.hours[list(HOUR_COLUMNS)])


def repeat_table(release: Release) -> pd.DataFrame:
    """Give tables/near_repeats.csv: pairs of incidents close in space and time, against chance."""
    return tidy(release.times.repeats)


def rejected_table(release: Release) -> pd.DataFrame:
    """Give tables/rejected.csv: where each row that was set aside stands, and why."""
    frame = release.rejected.rename(columns={"source_row": "row"})
    return frame[list(schema.REJECTED_COLUMNS)]


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Round to meaningful decimals and turn whole-number columns into integers that may be missing."""
    changed: dict[str, Any] = {}
    for column in frame.columns:
        if column in _DECIMALS:
            # Adding zero turns -0.0 into 0.0.
            changed[column] = frame[column].astype(float).round(_DECIMALS[column]) + 0.0
        elif column in _WHOLE:
            changed[column] = frame[column].astype(float).round().astype("Int64")
    return frame.assign(**changed).reset_index(drop=True)


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
