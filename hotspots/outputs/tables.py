"""
The tables of a release: CSV for anything, XLSX for Excel, GeoPackage for QGIS.

A text cell that a spreadsheet would run as a formula is disarmed in CSV and
written as a plain string in XLSX.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from hotspots import schema
from hotspots.release.release import Release

#: Tables that are frames of the release as they stand: file, attribute, frame and sheet of one name.
AS_RELEASED: Final = ("heaps", "emerging", "scan", "comparisons", "forecasts", "similar", "report_card")
#: Those of them whose rows the record holds too.
RECORDED: Final = ("report_card", "emerging", "scan")
#: What GeoPackage layers of areas say besides counts, of all themes together: by frame its columns, renamed.
ON_AREAS: Final = {"priority": {"rank": "rank", "p_top": "p_top", "class": "priority"}}


def area_table(release: Release) -> pd.DataFrame:
    """Give tables/areas.csv: one row per area, theme and month ('' for the whole period)."""
    order = ["level", "code", "theme", "month"]
    return tidy(release.counts.sort_values(order, kind="stable"), "counts")


def cluster_table(release: Release) -> pd.DataFrame:
    """Give tables/clusters.csv: one row per cluster."""
    return tidy(pd.DataFrame(release.clusters.drop(columns="geometry")), "clusters")


def beat_table(release: Release) -> pd.DataFrame:
    """Give tables/beats.csv: where to patrol next month, by theme, in order of choice."""
    return tidy(pd.DataFrame(release.beats.drop(columns="geometry")), "beats")


def nearby_table(release: Release) -> pd.DataFrame:
    """Give tables/nearby.csv: which of the points given lie within 250 m of each beat and hot spot."""
    return tidy(release.nearby, "nearby")


def priority_table(release: Release) -> pd.DataFrame:
    """Give tables/priority.csv: the ranking of all incidents, each theme, and the themes combined."""
    return tidy(release.priority, "priority")


def month_table(release: Release) -> pd.DataFrame:
    """Give tables/months.csv: counts by ward, theme and month with the range that would be usual."""
    return tidy(release.unusual_months, "unusual_months")


def zone_table(release: Release) -> pd.DataFrame:
    """Give tables/zones.csv: one row per zone of the user's, theme and month, as areas.csv has wards."""
    order = ["code", "theme", "month"]
    return tidy(release.zone_counts.sort_values(order, kind="stable"), "zone_counts")


def zone_rank_table(release: Release) -> pd.DataFrame:
    """Give tables/zone_ranks.csv: per theme the zones by incidents per km2, with their change."""
    return tidy(release.zone_results, "zone_results")


def hour_table(release: Release) -> pd.DataFrame:
    """
    Give tables/hours.csv: incidents of the city by theme, weekday and hour.

    An incident whose time is known as a span counts in parts in each hour it
    covers. No rows where the data have no times, or the audience may not see them.
    """
    return tidy(release.times.hours, "hours")


def rejected_table(release: Release) -> pd.DataFrame:
    """Give tables/rejected.csv: where each row that was set aside stands, and why."""
    return release.rejected[list(schema.columns("rejected"))]


def all_tables(release: Release) -> dict[str, pd.DataFrame]:
    """Give every table of a release by the name of its CSV file; README says what each holds."""
    found = {
        "areas": area_table(release),
        "clusters": cluster_table(release),
        "beats": beat_table(release),
        "nearby": nearby_table(release),
        "priority": priority_table(release),
        "months": month_table(release),
        "hours": hour_table(release),
        "near_repeats": tidy(release.times.repeats, "near_repeats"),
        "rejected": rejected_table(release),
        **{name: tidy(getattr(release, name), name) for name in AS_RELEASED},
        **footprint_tables(release),
    }
    if release.has_zones:
        found |= {"zones": zone_table(release), "zone_ranks": zone_rank_table(release)}
    return found


def footprint_tables(release: Release) -> dict[str, pd.DataFrame]:
    """
    Give tables/searches.csv, outcomes.csv and victims.csv: policing's own part, and the ages of victims.

    Only those of which the data hold any, and the audience may see them.
    """
    return {name: tidy(frame, name) for name, frame in release.footprint.items()}


def tidy(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """
    Round to the decimals that mean something, and give whole numbers that may be missing.

    Parameters
    ----------
    frame : DataFrame
        Part of a release.
    name : str
        Its name in `schema.COLUMNS`.
    """
    changed: dict[str, Any] = {}
    for label in frame.columns:
        column = schema.COLUMNS[name][label]
        if column.kind == "whole":
            changed[label] = frame[label].astype(float).round().astype("Int64")
        elif column.decimals is not None:
            # Adding zero turns -0.0 into 0.0.
            changed[label] = frame[label].astype(float).round(column.decimals) + 0.0
    return frame.assign(**changed).reset_index(drop=True)


def created_stamp(release: Release, epoch: str | None) -> pd.Timestamp:
    """
    Date that files carry inside: SOURCE_DATE_EPOCH, else the last day of the period.

    The clock is never asked, so that equal input gives equal bytes.
    """
    return last_moment(release.months, epoch)


def last_moment(months: Sequence[str], epoch: str | None) -> pd.Timestamp:
    """Give SOURCE_DATE_EPOCH as a date, else the last moment of the last month."""
    if epoch and epoch.isdigit():
        return pd.Timestamp(int(epoch), unit="s")
    return pd.Period(months[-1], "M").end_time.floor("s")
