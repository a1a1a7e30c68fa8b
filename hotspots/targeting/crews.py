"""
Group beats into what one crew can walk, the richest group first.

A crew visits its beats in a new random order each round, so what a group
costs is the mean way between its beats, not the shortest tour. Groups grow
beat by beat around a seed, which keeps them compact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

#: Seeds that are tried for each crew: the richest beats left.
SEEDS: Final = 12
#: A way through streets over the way a bird flies.
DETOUR: Final = 1.3


@dataclass(frozen=True)
class Pace:
    """
    How a crew works.

    Attributes
    ----------
    visit : float
        Minutes of an ordinary visit.
    every : float
        Minutes within which each beat is to be visited again.
    metres_a_minute : float
        On the way, as a bird flies.
    shift : float
        Minutes of the shift.
    start : tuple of float, optional
        Easting and northing where the shift begins and ends.
    """

    visit: float
    every: float
    metres_a_minute: float
    shift: float
    start: tuple[float, float] | None

    def walk(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Give the minutes between points, shape (..., 2)."""
        return np.asarray(np.hypot(*np.moveaxis(one - other, -1, 0)) / self.metres_a_minute)

    def there_and_back(self, middle: np.ndarray) -> float:
        """Give the minutes from the start to a group of beats and home."""
        if self.start is None:
            return 0.0
        return 2.0 * float(self.walk(middle, np.array(self.start)).mean())


def pace_of(
    *, visit: float, every: float, speed: float, hours: float, start: tuple[float, float] | None
) -> Pace:
    """Turn hours and km/h into minutes and metres, with the detour that streets make."""
    return Pace(visit, every, speed * 1000 / 60 / DETOUR, hours * 60, start)


def group_beats(middle: np.ndarray, expected: np.ndarray, *, pace: Pace) -> Iterator[list[int]]:
    """
    Give one crew's beats after the other's, until none is left that a crew could reach.

    Parameters
    ----------
    middle : ndarray of shape (beats, 2)
        Easting and northing.
    expected : ndarray of shape (beats,)
        Incidents.
    pace : Pace

    Yields
    ------
    list of int
        Positions of beats, the seed first: the richest group of those that
        grow around the richest beats left.
    """
    walk = pace.walk(middle[:, None], middle[None])
    away = np.array([pace.there_and_back(one[None]) for one in middle])
    free = pace.shift - away >= pace.visit
    while free.any():
        order = np.argsort(-np.where(free, expected, -1.0), kind="stable")
        seeds = [seed for seed in order[:SEEDS] if free[seed]]
        groups = [_grow(seed, pace, free=free, walk=walk, away=away, expected=expected) for seed in seeds]
        best = max(groups, key=lambda group: round(float(expected[group].sum()), 9))
        yield best
        free = free & ~np.isin(np.arange(len(free)), best)


def _grow(
    seed: int, pace: Pace, *, free: np.ndarray, walk: np.ndarray, away: np.ndarray, expected: np.ndarray
) -> list[int]:
    """Add the beat of most expected per minute that it costs, while a round still fits."""
    group = [seed]
    while True:
        cost = round_minutes(group, walk, pace)
        longer = _minutes_with_each(group, walk, pace)
        # the way from the start and home is that of the group's middle, and is taken off the shift once
        home = (away[group].sum() + away) / (len(group) + 1)
        fits = free & (longer <= np.minimum(pace.every, pace.shift - home))
        fits[group] = False
        if not fits.any():
            return group
        gain = np.where(fits, np.round(expected / np.maximum(longer - cost, 1e-9), 9), -1.0)
        group.append(int(gain.argmax()))


def round_minutes(group: Sequence[int], walk: np.ndarray, pace: Pace) -> float:
    """Give the minutes of one round in random order: a visit to each beat, and the mean way to another."""
    n = len(group)
    ways = float(walk[np.ix_(group, group)].sum()) / (n - 1) if n > 1 else 0.0
    return n * pace.visit + ways


def _minutes_with_each(group: Sequence[int], walk: np.ndarray, pace: Pace) -> np.ndarray:
    """Give the minutes of a round of the group and one beat more, for each beat."""
    n = len(group)
    within = float(walk[np.ix_(group, group)].sum())
    return (n + 1) * pace.visit + (within + 2 * walk[:, group].sum(axis=1)) / n
