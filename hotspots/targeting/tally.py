"""Count what is known of incidents beside theme and month at each place: types, hours of the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.places import Places
from hotspots.themes.offences import code_within, normalise_code

HOURS: Final = 24
#: An incident that may have happened over a longer time has no hour.
LONGEST: Final = pd.Timedelta(hours=2)
#: Fewest incidents with a time at which busiest hours are named.
FEWEST_TIMED: Final = 10
#: Hours of the block that is named as the busiest.
BLOCK: Final = 4
#: Home Office classes that are mostly found by a search or a stop: possession of drugs and of weapons.
FOUND_BY_PATROL: Final = frozenset({"92D", "92E", "10C", "10D"})


def tally(places: Places, place: pd.Series, value: pd.Series) -> pd.DataFrame:
    """
    Count the values of incidents at each place.

    Parameters
    ----------
    places : Places
        From `fold_places`.
    place : Series of int
        The number that geocoding gave to each incident's place; unknown ones are left out.
    value : Series
        Of the same incidents, such as their crime type or hour; missing ones are left out.

    Returns
    -------
    DataFrame of int
        One row for each place in the order of `places.frame`, one column for each value, sorted.

    Raises
    ------
    ParameterError
        If the two series differ in length.
    """
    if len(place) != len(value):
        raise ParameterError(f"{len(place)} places and {len(value)} values: give both of each incident.")
    order = np.argsort(places.ids)
    at = np.searchsorted(places.ids, place.to_numpy(), sorter=order).clip(max=len(order) - 1)
    row = order[at]
    known = (places.ids[row] == place.to_numpy()) & value.notna().to_numpy()
    codes, names = pd.factorize(value[known].astype(object), sort=True)
    counts = np.zeros((len(places), len(names)), dtype=np.int64)
    np.add.at(counts, (row[known], codes), 1)
    return pd.DataFrame(counts, columns=pd.Index(names))


def hours_by_place(places: Places, incidents: pd.DataFrame) -> pd.DataFrame:
    """
    Count incidents by hour of the day at each place, where their hour is known.

    Counted are those that began at a known time and ended, if an end is
    given, within two hours: the start of a longer span says when somebody left, not
    when it happened. Midnight sharp is how a date without a time looks.

    Parameters
    ----------
    places : Places
    incidents : DataFrame
        Geocoded: `place`, `occurred_from`, `occurred_to`.

    Returns
    -------
    DataFrame of int
        Columns 0 to 23; all nought where dates carry no times.
    """
    start = incidents["occurred_from"]
    span = incidents["occurred_to"].fillna(start) - start
    brief = (span >= pd.Timedelta(0)) & (span <= LONGEST)
    known = (start.notna() & start.ne(start.dt.normalize()) & brief).to_numpy()
    counts = tally(places, incidents["place"][known], start[known].dt.hour)
    return counts.reindex(columns=range(HOURS), fill_value=0)


def in_block(hours: Sequence[int] | np.ndarray, start: int, stop: int) -> np.ndarray:
    """
    Tell which hours lie in a block of the day; one that stops before it starts runs over midnight.

    Use it to keep the incidents of a shift before folding them: beats are then scored for these hours.

    Raises
    ------
    ParameterError
        If start or stop is no hour.
    """
    if not (0 <= start < HOURS and 0 < stop <= HOURS) or start == stop:
        raise ParameterError(f"From {start} to {stop} is no block of hours: give two hours of the day.")
    given = np.asarray(hours)
    if start < stop:
        return (given >= start) & (given < stop)
    return (given >= start) | (given < stop)


def busiest_hours(counts: np.ndarray) -> str:
    """
    Name the four hours in a row with most incidents, as in "18:00 to 22:00".

    Parameters
    ----------
    counts : ndarray of shape (24,)

    Returns
    -------
    str
        "" with fewer than ten incidents; the earliest block of equals.
    """
    if counts.sum() < FEWEST_TIMED:
        return ""
    around = np.concatenate([counts, counts[: BLOCK - 1]])
    start = int(np.convolve(around, np.ones(BLOCK), mode="valid").argmax())
    return f"{start:02d}:00 to {(start + BLOCK) % HOURS:02d}:00"


def hours_words(counts: np.ndarray) -> str:
    """
    Say which hours are busiest, and how many incidents that rests on.

    Parameters
    ----------
    counts : ndarray of shape (24,)

    Returns
    -------
    str
        "18:00 to 22:00, 48 % of the 60 whose hour is known"; "" with fewer than ten.
    """
    block = busiest_hours(counts)
    if not block:
        return ""
    share = np.roll(counts, -int(block[:2]))[:BLOCK].sum() / counts.sum()
    return f"{block}, {100 * share:.0f} % of the {counts.sum():.0f} whose hour is known"


def found_by_patrol(offence_code: pd.Series) -> np.ndarray:
    """
    Tell which incidents carry the code of an offence that patrols themselves find.

    Where more is searched, more of these is recorded, so they would send
    patrols where patrols have been. Leave their rows out before folding.
    Incidents without a code stay: nothing tells how they were found.

    Parameters
    ----------
    offence_code : Series of str
        Home Office codes as read; missing or "" where there is none.

    Returns
    -------
    ndarray of bool
    """
    given = offence_code.astype(object).fillna("")
    found = {code: code_within(normalise_code(str(code)), FOUND_BY_PATROL) for code in given.unique()}
    return given.map(found).to_numpy(dtype=bool)
