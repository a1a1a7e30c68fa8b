"""How many beats a shift covers, what the next officer buys, and what stays uncovered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.targeting.crews import Pace, group_beats, pace_of
from hotspots.targeting.plan import Walked
from hotspots.targeting.rounds import draw_rounds, minutes_of_visits, visits_in_a_round
from hotspots.targeting.words import percent
from hotspots.text import counted

#: Part of planned time at the spot that a trial with trackers found delivered (24 to 26 of 45 minutes).
DELIVERED: Final = 0.55

COVER_COLUMNS: Final = (
    *("crew", "order", "beat", "name", "easting", "northing", "expected", "visits", "minutes_a_visit"),
    *("patrol_hours", "person_hours", "delivered_patrol_hours", "share_of_time", "share_of_expected"),
)
ROUND_COLUMNS: Final = (*("crew", "round", "stop", "arrive", "leave", "beat", "name", "minutes", "walk"),)
CURVE_COLUMNS: Final = (
    *("crews", "officers", "patrol_hours", "person_hours", "beats", "expected", "share", "added_share"),
)
UNCOVERED_COLUMNS: Final = ("theme", "ward_code", "expected", "covered", "uncovered", "share_uncovered")


@dataclass(frozen=True, eq=False)
class Patrol:
    """
    A shift.

    Attributes
    ----------
    cover : DataFrame
        One row for each beat that is visited: `COVER_COLUMNS`. Hours are those
        at the beat; a patrol-hour is one crew's, a person-hour one officer's.
    rounds : DataFrame
        The order sheet: `ROUND_COLUMNS`, times in minutes since the shift began.
    curve : DataFrame
        What each further crew adds: `CURVE_COLUMNS`; hours are those of the
        whole shift, shares of all that is expected in the city.
    uncovered : DataFrame
        What no crew visits, by theme and ward: `UNCOVERED_COLUMNS`.
    notes : tuple of str
        What has to stand beside the figures.
    """

    cover: pd.DataFrame
    rounds: pd.DataFrame
    curve: pd.DataFrame
    uncovered: pd.DataFrame
    notes: tuple[str, ...]


def patrol_plan(
    beats: Walked,
    *,
    officers: int,
    hours: float,
    visit: float = 15.0,
    speed: float = 4.0,
    start: tuple[float, float] | None = None,
    crew: int = 2,
    every: float = 2.0,
    delivered: float = DELIVERED,
    others: Sequence[Walked] = (),
    seed: int = 0,
) -> Patrol:
    """
    Plan a shift over the beats of a theme.

    Each crew takes a compact group of beats, all of which it can visit within
    `every` hours in any order. Spare time goes to further and longer visits
    where more is expected.

    Parameters
    ----------
    beats : Walked
        From `plan_beats`; over a larger share of the city than the shift can cover.
    officers : int
        On the shift.
    hours : float
        Length of the shift.
    visit : float, default 15
        Minutes of an ordinary visit; guidance is 10 to 16.
    speed : float, default 4
        Kilometres an hour between beats; the way is taken 1.3 times as long as a bird's.
    start : (easting, northing), optional
        Where the shift begins and ends; the way there is not counted if not given.
    crew : int, default 2
        Officers who walk together.
    every : float, default 2
        Hours within which each beat is visited again.
    delivered : float, default 0.55
        Part of the planned time at beats that is delivered in the end.
    others : sequence of Walked
        Of other themes on the same places: how far this shift covers them too.
    seed : int, default 0
        Of the order of the rounds.

    Returns
    -------
    Patrol

    Raises
    ------
    ParameterError
        If an option is out of range, there are fewer officers than a crew
        takes, or no beat can be reached within the shift.

    References
    ----------
    Koper, C. S. (1995). Just enough police presence: reducing crime and
    disorderly behavior by optimizing patrol time in crime hot spots. Justice
    Quarterly 12(4), 649-672.
    """
    positive = {"hours": hours, "visit": visit, "speed": speed, "every": every}
    _check(officers, crew, positive, delivered)
    pace = pace_of(visit=visit, every=every * 60, speed=speed, hours=hours, start=start)
    middle = beats.frame[["easting", "northing"]].to_numpy(dtype=float)
    expected = beats.frame["expected"].to_numpy()
    groups = list(group_beats(middle, expected, pace=pace))
    if not groups:
        raise ParameterError(
            "No beat can be reached, visited and left again within the shift: "
            "give more hours, a nearer start or a faster way to travel."
        )
    walking = groups[: officers // crew]
    cover, rounds = _shift(beats, walking, middle, pace, crew=crew, delivered=delivered, seed=seed)
    taken = np.concatenate(walking)
    return Patrol(
        cover=cover,
        rounds=rounds,
        curve=_curve(groups, expected, float(beats.rate.sum()), hours=hours, crew=crew),
        uncovered=pd.concat([_uncovered(one, beats, taken) for one in (beats, *others)], ignore_index=True),
        notes=_notes(beats, groups, cover, officers=officers, crew=crew, hours=hours, delivered=delivered),
    )


def _shift(
    beats: Walked,
    groups: Sequence[Sequence[int]],
    middle: np.ndarray,
    pace: Pace,
    *,
    crew: int,
    delivered: float,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the rounds of each crew and add up what each beat gets."""
    walk = pace.walk(middle[:, None], middle[None])
    expected = beats.frame["expected"].to_numpy()
    stops = []
    for number, group in enumerate(groups, start=1):
        ways = walk[np.ix_(group, group)].sum() / max(len(group) * (len(group) - 1), 1)
        visits = visits_in_a_round(expected[group], ways=float(ways), pace=pace)
        minutes = minutes_of_visits(expected[group], visits, visit=pace.visit)
        drawn = draw_rounds(
            group,
            visits,
            minutes,
            walk,
            pace=pace,
            away=pace.there_and_back(middle[group]) / 2,
            # a crew's order must not hang on how many others walk
            rng=np.random.default_rng([seed, number]),
        )
        stops += [{"crew": number, **stop} for stop in drawn]
    table = pd.DataFrame(stops, columns=["crew", "round", "stop", "position", "arrive", "minutes", "walk"])
    return _cover(beats, groups, table, crew, delivered), _order_sheet(beats, table)


def _order_sheet(beats: Walked, stops: pd.DataFrame) -> pd.DataFrame:
    rows = beats.frame.iloc[stops["position"]]
    return stops.assign(
        leave=(stops["arrive"] + stops["minutes"]).round(1),
        beat=rows["beat"].to_numpy(),
        name=rows["name"].to_numpy(),
    )[list(ROUND_COLUMNS)]


def _cover(
    beats: Walked, groups: Sequence[Sequence[int]], stops: pd.DataFrame, crew: int, delivered: float
) -> pd.DataFrame:
    taken = np.concatenate(groups)
    crew_of = np.repeat(np.arange(1, len(groups) + 1), [len(group) for group in groups])
    rows = beats.frame.iloc[taken]
    given = stops.groupby("position")["minutes"].agg(["size", "sum", "max"])
    given = given.reindex(taken, fill_value=0)
    patrol_hours = given["sum"].to_numpy() / 60
    expected = rows["expected"].to_numpy()
    table = pd.DataFrame(
        {
            "crew": crew_of,
            **{name: rows[name].to_numpy() for name in ("order", "beat", "name", "easting", "northing")},
            "expected": expected,
            "visits": given["size"].to_numpy(),
            "minutes_a_visit": given["max"].to_numpy(),
            "patrol_hours": patrol_hours,
            "person_hours": patrol_hours * crew,
            "delivered_patrol_hours": patrol_hours * delivered,
            "share_of_time": patrol_hours / max(patrol_hours.sum(), 1e-9),
            "share_of_expected": expected / max(expected.sum(), 1e-9),
        },
        columns=list(COVER_COLUMNS),
    )
    return table.sort_values(["crew", "order"], kind="stable").reset_index(drop=True)


def _curve(
    groups: Sequence[Sequence[int]], expected: np.ndarray, total: float, *, hours: float, crew: int
) -> pd.DataFrame:
    """Say what is covered with one crew, with two, and so on."""
    crews = np.arange(1, len(groups) + 1)
    covered = np.cumsum([expected[list(group)].sum() for group in groups])
    share = covered / total if total > 0 else np.zeros(len(groups))
    return pd.DataFrame(
        {
            "crews": crews,
            "officers": crews * crew,
            "patrol_hours": crews * hours,
            "person_hours": crews * crew * hours,
            "beats": np.cumsum([len(group) for group in groups]),
            "expected": covered,
            "share": share,
            "added_share": np.diff(share, prepend=0.0),
        },
        columns=list(CURVE_COLUMNS),
    )


def _uncovered(theme: Walked, steering: Walked, taken: np.ndarray) -> pd.DataFrame:
    """Compare by ward what a theme expects with what lies in the beats that are visited."""
    if len(theme.rate) != len(steering.rate):
        raise ParameterError(f"The beats of {theme.theme} stand on other places: plan them on the same ones.")
    visited = np.isin(steering.beat_of, taken)
    table = pd.DataFrame(
        {
            "ward_code": steering.ward_of,
            "expected": theme.rate,
            "covered": np.where(visited, theme.rate, 0.0),
        }
    )
    table = table.groupby("ward_code", sort=True).sum().reset_index()
    left = table["expected"] - table["covered"]
    share = (left / table["expected"].where(table["expected"] > 0)).fillna(0.0)
    return table.assign(theme=theme.theme, uncovered=left, share_uncovered=share)[list(UNCOVERED_COLUMNS)]


def _notes(
    beats: Walked,
    groups: Sequence[Sequence[int]],
    cover: pd.DataFrame,
    *,
    officers: int,
    crew: int,
    hours: float,
    delivered: float,
) -> tuple[str, ...]:
    crews = min(officers // crew, len(groups))
    spot = cover["patrol_hours"].sum()
    said = [
        f"{counted(crews, 'crew')} of {crew} for {hours:g} hours: {crews * hours:g} patrol-hours, "
        f"{crews * crew * hours:g} person-hours, of which {spot:.1f} patrol-hours "
        f"({spot * crew:.1f} person-hours) at {counted(len(cover), 'beat')}.",
        f"{_delivered_words(delivered)}: then {spot * delivered:.1f} of these {spot:.1f} patrol-hours.",
        "Visits of 10 to 16 minutes about every two hours are guidance (Koper 1995), not law.",
        "Patrol changes what is recorded: drug and weapon offences follow searches.",
    ]
    if officers // crew > len(groups):
        said.append(f"Only {counted(len(groups), 'crew')} could be used: plan beats over more of the city.")
    elif officers % crew:
        said.append(f"{counted(officers % crew, 'officer')} of {officers} make no whole crew of {crew}.")
    held = sum(len(group) for group in groups)
    if held < len(beats):
        said.append(f"{counted(len(beats) - held, 'beat')} cannot be reached from the start within a shift.")
    if beats.price:
        said.append(beats.price_words())
    return tuple(said)


def _delivered_words(delivered: float) -> str:
    if delivered == DELIVERED:
        return f"A trial with trackers found {percent(delivered)} of planned time at the spot delivered"
    return f"Of planned time at the spot {percent(delivered)} is counted as delivered"


def _check(officers: int, crew: int, positive: Mapping[str, float], delivered: float) -> None:
    wrong = [name for name, value in positive.items() if not (np.isfinite(value) and value > 0)]
    if wrong:
        raise ParameterError(f"{wrong[0]} is {positive[wrong[0]]:g}: give a number above zero.")
    if crew < 1 or officers < crew:
        raise ParameterError(f"{officers} officers make no crew of {crew}: give more, or a smaller crew.")
    if positive["visit"] > positive["every"] * 60:
        raise ParameterError(
            f"A visit of {positive['visit']:g} minutes does not fit into {positive['every']:g} hours: "
            "shorten it, or come back less often."
        )
    if not 0 < delivered <= 1:
        raise ParameterError(f"delivered is {delivered:g}: give a part above 0 and up to 1.")
