"""When incidents happen: hour by weekday, and near repeats. Refused where dates are too coarse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ResolutionError
from hotspots.schema import RESOLUTIONS, WEEKDAYS

_HOUR: Final = 3600.0
_WEEK: Final = 168


@dataclass(frozen=True, eq=False)
class WeekTable:
    """
    Incidents by weekday and hour.

    Attributes
    ----------
    table : DataFrame of shape (7, 24)
        Incidents (fractions, where the hour is not known exactly) by weekday and hour.
    used : int
        Incidents in the table; its cells add up to this.
    left_out : int
        Incidents without a time, or that may have happened at any time of the week.
    """

    table: pd.DataFrame
    used: int
    left_out: int


def date_resolution(incidents: pd.DataFrame) -> str:
    """
    Say how finely the dates of these incidents are known.

    Parameters
    ----------
    incidents : DataFrame
        With occurred_from, NaT where only the month is known.

    Returns
    -------
    {"month", "day", "time"}
        The finest that any row has: "day" if all times are midnight.
    """
    known = incidents["occurred_from"].dropna()
    if known.empty:
        return RESOLUTIONS[0]
    return RESOLUTIONS[1] if (known == known.dt.normalize()).all() else RESOLUTIONS[2]


def hour_by_weekday(incidents: pd.DataFrame) -> WeekTable:
    """
    Count incidents by weekday and hour, each spread over the hours when it may have happened.

    A burglary between Friday 18:00 and Saturday 06:00 adds 1/12 to each of
    twelve hours (aoristic analysis). Taking the start, or the middle, would put
    all of them where somebody locked the door.

    Parameters
    ----------
    incidents : DataFrame
        With occurred_from and occurred_to (NaT: the same moment), local time.

    Returns
    -------
    WeekTable
        Incidents that span a week or more say nothing of the hour and are left out,
        as are those without a time, those at midnight sharp (which is how a date
        without a time looks) and those that end before they begin.

    Raises
    ------
    ResolutionError
        If the dates carry no time of day.

    References
    ----------
    Ratcliffe, J. H. (2000). Aoristic analysis: the spatial interpretation of
    unspecific temporal events. International Journal of Geographical Information
    Science 14(7), 669-679.
    """
    require_resolution(incidents, "time", "Hours of the day")
    start = incidents["occurred_from"]
    end = incidents["occurred_to"].fillna(start)
    span = (end - start).dt.total_seconds() / _HOUR
    dated_only = (start == start.dt.normalize()) & (span == 0)
    usable = ((span >= 0) & (span < _WEEK) & ~dated_only).to_numpy()
    monday = start.dt.normalize() - pd.to_timedelta(start.dt.day_of_week, unit="D")
    begin = ((start - monday).dt.total_seconds() / _HOUR).to_numpy()[usable]
    weights = aoristic_weights(begin, span.to_numpy()[usable])
    table = pd.DataFrame(weights.reshape(7, 24), index=pd.Index(WEEKDAYS, name="weekday"), columns=range(24))
    return WeekTable(table.rename_axis(columns="hour"), int(usable.sum()), int((~usable).sum()))


def aoristic_weights(begin: np.ndarray, span: np.ndarray) -> np.ndarray:
    """
    Share each incident out over the hours of the week it covers.

    Parameters
    ----------
    begin : ndarray of shape (n,)
        Hours since Monday 00:00, 0 to 168.
    span : ndarray of shape (n,)
        Length in hours, 0 (an exact moment) to below 168.

    Returns
    -------
    ndarray of shape (168,)
        Adds up to n.
    """
    first = np.floor(begin).astype(int)
    end = begin + span
    hours = np.maximum(np.ceil(end).astype(int) - first, 1)
    row = np.repeat(np.arange(len(begin)), hours)
    hour = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(hours) - hours, hours)
    covered = np.minimum(end[row], hour + 1) - np.maximum(begin[row], hour)
    exact = span[row] == 0
    share = np.where(exact, 1.0, covered / np.where(exact, 1.0, span[row]))
    return np.bincount(hour % _WEEK, weights=share, minlength=_WEEK)


def require_resolution(incidents: pd.DataFrame, finest: str, what: str) -> None:
    found = date_resolution(incidents)
    if RESOLUTIONS.index(found) < RESOLUTIONS.index(finest):
        known = "months" if found == "month" else "days"
        need = "times" if finest == "time" else "days"
        raise ResolutionError(
            f"{what} need dates with {need}, and these incidents carry {known} only: "
            f"use an extract with {need}, such as the force's own."
        )
