"""
The attacker who knows every incident except one, and all of the program.

He puts the last incident at every point where it may have been and keeps those
that give the bytes that were published. Shapes and parameters must leave him
many.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hotspots.auditing._policy import ParameterError


@dataclass(frozen=True)
class AllButOne:
    """
    How many points each incident may have had, for one who knows all the others.

    Attributes
    ----------
    possible : tuple of int
        By incident tried: candidate points that give the same bytes.
    tried : tuple of int
        Rows of those incidents.
    least : int
        How many must remain.
    """

    possible: tuple[int, ...]
    tried: tuple[int, ...]
    least: int

    @property
    def fewest(self) -> int:
        """The worst case."""
        return min(self.possible, default=0)

    @property
    def ok(self) -> bool:
        """Whether enough points remain for every incident tried."""
        return bool(self.possible) and self.fewest >= self.least

    def text(self) -> str:
        """Say it in a line."""
        under = sum(number < self.least for number in self.possible)
        return (
            f"All but one: {len(self.tried)} incidents tried, at least {self.fewest} points possible each; "
            f"{under} with fewer than {self.least}."
        )


def all_but_one(
    publish_shapes: Callable[[pd.DataFrame], Hashable],
    incidents: pd.DataFrame,
    candidate_points: pd.DataFrame,
    *,
    rows: Sequence[int] | None = None,
    nearest: int | None = None,
    least: int = 8,
    alike: Callable[[pd.DataFrame], np.ndarray] | None = None,
    enough: bool = False,
) -> AllButOne:
    """
    Count the points where the last incident may have been.

    Parameters
    ----------
    publish_shapes : callable
        The open program: takes incidents and gives what would be published
        (bytes of shapes and parameters), equal if and only if a reader sees the same.
    incidents : DataFrame
        With easting and northing in metres; what else it holds stays with the row.
    candidate_points : DataFrame
        easting, northing, and any other columns that go with a point (codes of areas).
    rows : sequence of int, optional
        Positions of the incidents to try; all by default.
    nearest : int, optional
        Try only so many candidates around the true point; all by default. Fewer
        are faster and can only find fewer.
    least : int, default 8
        How many must remain.
    alike : callable, optional
        Takes points and gives, for each, a number; the open program must not tell points of one
        number apart. One of each is then published in place of all, which finds the same and
        is as much faster as there are points alike.
    enough : bool, default False
        Stop counting where `least` remain; what is given is then "at least".

    Returns
    -------
    AllButOne
        The true point counts only if it is among the candidates.

    Raises
    ------
    ParameterError
        If a frame lacks a coordinate, or there is nothing to try.
    """
    for name, frame in (("incidents", incidents), ("candidate points", candidate_points)):
        if not {"easting", "northing"} <= set(frame.columns) or frame.empty:
            raise ParameterError(f"The {name} need rows with easting and northing in metres.")
    tried = tuple(range(len(incidents)) if rows is None else rows)
    truth = publish_shapes(incidents)
    possible = []
    for row in tried:
        near = _nearest(incidents.iloc[row], candidate_points, nearest)
        found = 0
        for members, known in _groups(near, incidents.iloc[[row]], alike):
            if enough and found >= least:
                break
            point = _points(near.iloc[members[:1]])[0]
            if known or publish_shapes(_moved(incidents, row, point)) == truth:
                found += len(members)
        possible.append(found)
    return AllButOne(tuple(possible), tried, least)


def _groups(
    near: pd.DataFrame, incident: pd.DataFrame, alike: Callable[[pd.DataFrame], np.ndarray] | None
) -> list[tuple[np.ndarray, bool]]:
    """Give the candidates that are alike, by position, those of the true point first and marked."""
    if alike is None:
        return [(np.array([k]), False) for k in range(len(near))]
    number, own = np.asarray(alike(near)), np.asarray(alike(incident))[0]
    groups = [(np.flatnonzero(number == one), bool(one == own)) for one in pd.unique(number)]
    return sorted(groups, key=lambda group: not group[1])


def _nearest(incident: pd.Series, points: pd.DataFrame, number: int | None) -> pd.DataFrame:
    if number is None:
        return points
    away = (points["easting"] - incident["easting"]) ** 2 + (points["northing"] - incident["northing"]) ** 2
    return points.loc[away.sort_values(kind="stable").index[:number]]


def _points(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _moved(incidents: pd.DataFrame, row: int, point: dict[str, object]) -> pd.DataFrame:
    """Put one incident elsewhere."""
    moved = incidents.copy()
    for name, value in point.items():
        if name in moved:
            moved.iloc[row, moved.columns.get_loc(name)] = value
    return moved
