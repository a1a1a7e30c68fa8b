"""
The rounds of a shift: how often and how long each beat is visited, and in which order.

Koper (1995) found most calm after stops of 10 to 16 minutes, and advice built
on it is to come back at random about every two hours. That is guidance, not
law. Time follows concentration: giving every beat equal hours is the
customary mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hotspots.targeting.crews import Pace

#: Minutes between which a visit may be shortened or lengthened.
SHORTEST: Final = 10.0
LONGEST: Final = 16.0
#: Most visits to one beat in a round: more would be standing there.
MOST_VISITS: Final = 3


def visits_in_a_round(expected: np.ndarray, *, ways: float, pace: Pace) -> np.ndarray:
    """
    Deal the visits of one round to the beats of a crew in proportion to what is expected.

    Each gets one; those that the round has time for go to where most is
    expected per visit so far (the divisor method of D'Hondt).

    Parameters
    ----------
    expected : ndarray of shape (beats,)
    ways : float
        Minutes from one beat to another on average.
    pace : Pace

    Returns
    -------
    ndarray of int, shape (beats,)
        From 1 to 3.
    """
    visits = np.ones(len(expected), dtype=int)
    most = MOST_VISITS if len(expected) > 1 else 1
    while visits.min() < most and (visits.sum() + 1) * (pace.visit + ways) <= pace.every:
        claim = np.where(visits < most, np.round(expected / (visits + 1), 9), -1.0)
        visits[int(claim.argmax())] += 1
    return visits


def minutes_of_visits(expected: np.ndarray, visits: np.ndarray, *, visit: float) -> np.ndarray:
    """
    Give the minutes of a visit to each beat, so that time is in proportion to what is expected.

    Between 10 and 16 minutes, or the ordinary visit where that is shorter or
    longer; whole minutes.
    """
    total = visits.sum() * visit
    share = expected / expected.sum() if expected.sum() > 0 else np.full(len(visits), 1 / len(visits))
    return np.rint(np.clip(share * total / visits, min(SHORTEST, visit), max(LONGEST, visit)))


def draw_rounds(
    group: Sequence[int],
    visits: np.ndarray,
    minutes: np.ndarray,
    walk: np.ndarray,
    *,
    pace: Pace,
    away: float,
    rng: np.random.Generator,
) -> list[dict[str, float]]:
    """
    Draw the order of a crew's visits over a shift.

    Each round is a new random order; it begins when the last one ends, and not
    before its time. What would not end in time to be home is left out.

    Parameters
    ----------
    group : sequence of int
        Positions of the crew's beats.
    visits, minutes : ndarray of shape (len(group),)
        From `visits_in_a_round` and `minutes_of_visits`.
    walk : ndarray of shape (beats, beats)
        Minutes between all beats.
    pace : Pace
    away : float
        Minutes from the start to the beats, one way.
    rng : Generator

    Returns
    -------
    list of dict
        `round`, `stop`, `position` (of the beat), `arrive`, `minutes`, `walk`;
        times in minutes since the shift began.
    """
    stops: list[dict[str, float]] = []
    now, at, number = away, -1, 0
    while now + minutes.min() + away <= pace.shift:
        number += 1
        now = max(now, away + (number - 1) * pace.every)
        before = len(stops)
        for member in _shuffled(visits, rng, last=at):
            way = 0.0 if at < 0 else float(walk[group[at], group[member]])
            if now + way + minutes[member] + away > pace.shift:
                continue
            stops.append(
                {
                    "round": number,
                    "stop": len(stops) - before + 1,
                    "position": group[member],
                    "arrive": round(now + way, 1),
                    "minutes": float(minutes[member]),
                    "walk": round(way, 1),
                }
            )
            now, at = now + way + float(minutes[member]), member
        if len(stops) == before:
            break
    return stops


def _shuffled(visits: np.ndarray, rng: np.random.Generator, *, last: int) -> list[int]:
    """Draw an order of the visits in which no beat follows itself, if one is found in a few draws."""
    stops = np.repeat(np.arange(len(visits)), visits)
    for _ in range(20):
        order = rng.permutation(stops)
        if not (np.diff(order) == 0).any() and order[0] != last:
            break
    return [int(stop) for stop in order]
