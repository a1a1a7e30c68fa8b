"""When incidents happen: hour by weekday, and near repeats. Refused where dates are too coarse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from hotspots.errors import ParameterError, ResolutionError
from hotspots.schema import RESOLUTIONS

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR: Final = 3600.0
_WEEK: Final = 168
# Pairs of incidents kept in memory by the Knox test: about 500 MB.
_MOST_PAIRS: Final = 20_000_000


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
    _require(incidents, "time", "Hours of the day")
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


def near_repeats(
    incidents: pd.DataFrame,
    *,
    distances: tuple[float, ...] = (0.0, 100.0, 200.0, 300.0, 400.0),
    days: tuple[float, ...] = (7.0, 14.0, 21.0, 28.0),
    permutations: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Test whether incidents close in space are also close in time (Knox).

    The places stay, the dates are shuffled among them. Snapped coordinates
    make different homes the same place, so "at the same place" means the same
    map point there.

    Parameters
    ----------
    incidents : DataFrame
        With easting, northing (metres) and occurred_from, to the day or finer.
    distances : tuple of float
        Upper bounds of the distance bands in metres, rising; 0 for the same place.
    days : tuple of float
        Upper bounds of the time bands in days, rising; the first starts at 0.
    permutations : int, default 999
    seed : int, default 0

    Returns
    -------
    DataFrame
        One row per distance and time band: distance_from, distance_to (metres),
        days_from, days_to, observed (pairs), expected (mean of the permutations),
        ratio (NaN without any expected), p (that many pairs or more by chance). A
        band runs from above its lower bound to its upper one; only 0 itself
        belongs to the first.

    Raises
    ------
    ResolutionError
        If only months are known.
    ParameterError
        If bands do not rise, there are no permutations, or there are more than
        20 million pairs within reach.

    References
    ----------
    Knox, E. G. (1964). The detection of space-time interactions. Applied
    Statistics 13(1), 25-30.
    Ratcliffe, J. H. and Rengert, G. F. (2008). Near-repeat patterns in
    Philadelphia shootings. Security Journal 21, 58-76.
    """
    _require(incidents, "day", "Near repeats")
    if not (_rises(distances) and _rises(days)):
        raise ParameterError("The distance and time bands must rise from 0 or more: give e.g. 100, 200, 300.")
    if permutations < 1:
        raise ParameterError(f"The number of permutations is {permutations}: the test needs at least 1.")
    known = incidents.dropna(subset=["easting", "northing", "occurred_from"])
    known = known.sort_values(["easting", "northing", "occurred_from"], kind="stable")
    when = known["occurred_from"].dt.normalize().to_numpy().astype("datetime64[D]").astype(float)
    pairs, band = _pairs(known[["easting", "northing"]].to_numpy(), distances)
    cells = len(distances) * len(days)
    observed = _cross_table(pairs, band, when, days, cells)
    rng = np.random.default_rng(seed)
    total, as_many = np.zeros(cells), np.ones(cells)
    for _ in range(permutations):
        shuffled = _cross_table(pairs, band, rng.permutation(when), days, cells)
        total += shuffled
        as_many += shuffled >= observed
    return _knox_frame(distances, days, observed, total / permutations, as_many / (permutations + 1))


def _require(incidents: pd.DataFrame, finest: str, what: str) -> None:
    found = date_resolution(incidents)
    if RESOLUTIONS.index(found) < RESOLUTIONS.index(finest):
        known = "months" if found == "month" else "days"
        need = "times" if finest == "time" else "days"
        raise ResolutionError(
            f"{what} need dates with {need}, and these incidents carry {known} only: "
            f"use an extract with {need}, such as the force's own."
        )


def _rises(bounds: tuple[float, ...]) -> bool:
    return len(bounds) > 0 and bounds[0] >= 0 and bool(np.all(np.diff(bounds) > 0))


def _pairs(xy: np.ndarray, distances: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs within the last distance, shape (n_pairs, 2), and the band of each."""
    if len(xy) < 2:
        return np.empty((0, 2), dtype=np.intp), np.empty(0, dtype=np.intp)
    tree = cKDTree(xy)
    reach = distances[-1]
    many = (int(tree.count_neighbors(tree, reach)) - len(xy)) // 2
    if many > _MOST_PAIRS:
        raise ParameterError(
            f"{many} pairs of incidents lie within {reach:g} m: take one theme or a shorter period."
        )
    pairs = tree.query_pairs(reach, output_type="ndarray")
    apart = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    return pairs, np.searchsorted(distances, apart, side="left")


def _cross_table(
    pairs: np.ndarray, band: np.ndarray, when: np.ndarray, days: tuple[float, ...], cells: int
) -> np.ndarray:
    gap = np.abs(when[pairs[:, 0]] - when[pairs[:, 1]])
    near = gap <= days[-1]
    slot = np.searchsorted(days, gap[near], side="left")
    return np.bincount(band[near] * len(days) + slot, minlength=cells).astype(float)


def _knox_frame(
    distances: tuple[float, ...],
    days: tuple[float, ...],
    observed: np.ndarray,
    expected: np.ndarray,
    p: np.ndarray,
) -> pd.DataFrame:
    far, late = np.repeat(np.arange(len(distances)), len(days)), np.tile(np.arange(len(days)), len(distances))
    lower, sooner = np.array([0.0, *distances[:-1]]), np.array([0.0, *days[:-1]])
    ratio = np.divide(observed, expected, out=np.full(len(observed), np.nan), where=expected > 0)
    return pd.DataFrame(
        {
            "distance_from": lower[far],
            "distance_to": np.array(distances)[far],
            "days_from": sooner[late],
            "days_to": np.array(days)[late],
            "observed": observed.astype(int),
            "expected": expected,
            "ratio": ratio,
            "p": p,
        }
    )
