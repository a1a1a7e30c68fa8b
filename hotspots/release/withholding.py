"""
Withhold counts so that no sum gives a withheld one back, and the choice of them does not either.

Counts are published by ward, by ward and month, by LSOA, and for the city: each
adds up to the next. Hiding the small counts alone is not enough: 12, 9 and 1 under
22 give the 1 back. So in each sum that holds a small count more are withheld, and
the rule must not tell more than it hides, for the program is open:

- rounding is not relied on: a reader is taken to know every shown count, and the
  sum, exactly;
- further counts are taken in a fixed order, by released counts of all incidents,
  until those withheld add up to more than `minimum` for each further one and
  `minimum` - 1 besides. Their sum is what a reader knows already, so every small
  count may be anything from 0 to `minimum` - 1 and the rule would have withheld the
  same counts;
- LSOAs inside a ward hold no more than it, so that its count has to leave as much
  for the small ones among them;
- where the whole is withheld, so are all of its parts, and where all incidents of
  an area are withheld, so are its themes;
- whether a theme has counts by month or by LSOA goes by its released counts by ward;
- the public is shown nothing that a partner is not, so that both releases together
  say no more than the partner's.

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control, sections 4.3-4.4. Wiley.
Kenthapadi, K., Mishra, N. and Nissim, K. (2013). Denials leak information:
simulatable auditing. Journal of Computer and System Sciences 79(8), 1322-1340.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hotspots.audiences import POLICIES, Policy
from hotspots.release.rounding import round_counts

#: States of a count: given (rounded), withheld for being small, withheld to protect a small one.
SHOWN, SMALL, COVER = 0, 1, 2

#: A grain is left out where fewer of the wards have, by their released counts, enough on average.
LEAST_SHOWN: Final = 0.5


@dataclass(frozen=True)
class CountTables:
    """
    The counts of a city that add up to each other.

    Attributes
    ----------
    total : ndarray of int, shape (themes,)
        The city.
    ward : ndarray of int, shape (themes, wards)
    month : ndarray of int, shape (themes, wards, months)
        By ward and month; no months where none are published.
    lsoa : ndarray of int, shape (themes, lsoas)
    holds : ndarray of bool, shape (wards, lsoas)
        Whether the whole LSOA lies in the ward: its count is part of the ward's.
    touches : ndarray of bool, shape (wards, lsoas)
        Whether any of it does: together these hold all of the ward's count.
    reach : ndarray of bool, shape (wards, lsoas)
        Whether any of it does, also where some incidents are known by one level only:
        a reader cannot tell, and takes the sums to hold.
    """

    total: np.ndarray
    ward: np.ndarray
    month: np.ndarray
    lsoa: np.ndarray
    holds: np.ndarray
    touches: np.ndarray
    reach: np.ndarray


@dataclass(frozen=True)
class States:
    """
    What is published: for each table of `CountTables`, `SHOWN`, `SMALL` or `COVER`.

    A theme whose `monthly` or `fine` is False has no counts by month or by
    LSOA at all; the states of those cells mean nothing.
    """

    total: np.ndarray
    ward: np.ndarray
    month: np.ndarray
    lsoa: np.ndarray
    monthly: np.ndarray
    fine: np.ndarray


@dataclass(frozen=True)
class Marks:
    """What is withheld in any case: bool arrays, each of the shape of its table in `CountTables`."""

    total: np.ndarray
    ward: np.ndarray
    month: np.ndarray
    lsoa: np.ndarray


def withhold(
    tables: CountTables,
    policy: Policy,
    *,
    monthly: np.ndarray,
    fine: np.ndarray,
    further: Marks | None = None,
) -> States:
    """
    Decide which counts are withheld.

    Parameters
    ----------
    tables : CountTables
        The exact counts; theme 0 is every incident and holds all other themes.
    policy : Policy
        Gives the minimum and the base.
    monthly, fine : ndarray of bool, shape (themes,)
        Which themes may have counts by month and by LSOA. A theme gets none where in
        fewer than half of the wards the released count would give each month the minimum
        on average, or each LSOA twice the minimum, for LSOAs differ more than months: a
        coarser table that can be read beats a fine one of blanks.
    further : Marks, optional
        What is withheld in any case.

    Returns
    -------
    States
        Every small count may be anything from 0 to the policy's minimum less one, for a
        reader who knows all shown counts exactly and the rule.
    """
    nearer = nearer_policy(policy)
    before = None if nearer is None else withhold(tables, nearer, monthly=monthly, fine=fine)
    if before is not None:
        monthly, fine = before.monthly, before.fine
    first = _first(tables, policy, before, further)
    forced = np.zeros(tables.ward.shape, dtype=bool)
    while True:
        total, ward = _total_and_wards(tables, policy, first, forced)
        by_month, by_lsoa = _enough(tables, ward, policy)
        by_month, by_lsoa = by_month & np.asarray(monthly, bool), by_lsoa & np.asarray(fine, bool)
        month, bare_months = _months(tables, ward, policy, first.month)
        lsoa, bare_lsoas = _lsoas(tables, ward, policy, first.lsoa)
        bare = (bare_months & by_month[:, None]) | (bare_lsoas & by_lsoa[:, None])
        if not (bare & (ward == SHOWN)).any():
            return States(
                total,
                ward,
                month,
                lsoa,
                by_month & ~bare_months.any(axis=1),
                by_lsoa & ~bare_lsoas.any(axis=1),
            )
        # All parts of these are withheld and still say too much, so the whole must be too.
        forced |= bare


def nearer_policy(policy: Policy) -> Policy | None:
    """Give the policy for the fewer people who are shown more, if they are not shown everything."""
    nearer = [one for one in POLICIES.values() if 0 < one.minimum < policy.minimum]
    return max(nearer, key=lambda one: one.minimum) if nearer else None


def _total_and_wards(
    tables: CountTables, policy: Policy, first: States, forced: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    total, ward = first.total.copy(), first.ward.copy()
    ward[forced & (ward == SHOWN)] = COVER
    for theme in range(len(total)):
        _follow(ward[theme], ward[0])
        room = _room(tables.ward[0], ward[0], policy, theme)
        if total[theme] == SHOWN and not _cover(tables.ward[theme], ward[theme], policy, room):
            total[theme] = COVER
    return total, ward


def _months(
    tables: CountTables, ward: np.ndarray, policy: Policy, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Withhold months; tell of which wards all are and they still say too much."""
    states, bare = first.copy(), np.zeros(ward.shape, dtype=bool)
    for theme, at in np.ndindex(*ward.shape):
        row, counts = states[theme, at], tables.month[theme, at]
        _follow(row, states[0, at])
        room = _room(tables.month[0, at], states[0, at], policy, theme)
        if ward[theme, at] != SHOWN:
            row[row == SHOWN] = COVER
            bare[theme, at] = ward[0, at] == SHOWN and not _loose(counts, room, policy)
            continue
        bare[theme, at] = not _cover(counts, row, policy, room) and not _open(counts, row, policy, room)
    return states, bare


def _lsoas(
    tables: CountTables, ward: np.ndarray, policy: Policy, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Treat LSOAs that reach into a ward as its parts: one across a border is covered on both sides."""
    states, bare = first.copy(), np.zeros(ward.shape, dtype=bool)
    for theme in range(len(ward)):
        _follow(states[theme], states[0])
        hidden = tables.reach[ward[theme] != SHOWN].any(axis=0)
        states[theme][hidden & (states[theme] == SHOWN)] = COVER
        room = _room(tables.lsoa[0], states[0], policy, theme)
        for at, around in enumerate(tables.reach):
            row, counts = states[theme, around], tables.lsoa[theme, around]
            if ward[theme, at] != SHOWN:
                bare[theme, at] = ward[0, at] == SHOWN and not _loose(counts, room[around], policy)
                continue
            enough = _cover(counts, row, policy, room[around])
            bare[theme, at] = not enough and not _open(counts, row, policy, room[around])
            states[theme, around] = row
            inside = tables.holds[at]
            row, counts = states[theme, inside], tables.lsoa[theme, inside]
            bare[theme, at] |= not _leave(tables.ward[theme, at], counts, row, policy, room[inside])
            states[theme, inside] = row
    return states, bare


def _leave(whole: int, counts: np.ndarray, states: np.ndarray, policy: Policy, room: np.ndarray) -> bool:
    """
    Withhold more of the LSOAs inside a ward, in place, until the ward's count leaves room for the small ones.

    They hold no more than the ward, whatever those across its border hold: a ward of 15 with one LSOA
    of 15 inside leaves nothing for the others, though a large one across the border is withheld too.

    Returns
    -------
    bool
        Whether that was enough.
    """
    if not (states == SMALL).any():
        return True
    for at in (-1, *_order(room)):
        if at >= 0 and states[at] == SHOWN:
            states[at] = COVER
        further = int((states == COVER).sum())
        if whole - counts[states == SHOWN].sum() >= policy.minimum * further + policy.protection:
            return True
    return False


def _room(every: np.ndarray, states: np.ndarray, policy: Policy, theme: int) -> np.ndarray:
    """Say how many incidents there may be by the released counts of all; those have no limit."""
    if theme == 0:
        return np.full(len(every), np.inf)
    return np.where(states == SHOWN, round_counts(every, policy.base), 0.0)


def _first(tables: CountTables, policy: Policy, before: States | None, further: Marks | None) -> States:
    """Withhold what is small, and what a release to fewer people withholds: one reader may hold both."""

    def state(name: str) -> np.ndarray:
        counts = getattr(tables, name)
        hidden = np.zeros(counts.shape, bool) if before is None else getattr(before, name) != SHOWN
        if further is not None:
            hidden = hidden | getattr(further, name)
        return np.where(counts < policy.minimum, SMALL, np.where(hidden, COVER, SHOWN))

    every = np.ones(len(tables.total), dtype=bool)
    return States(state("total"), state("ward"), state("month"), state("lsoa"), every, every)


def _follow(states: np.ndarray, every: np.ndarray) -> None:
    """Withhold a theme's counts where those of all incidents are, which are never below them."""
    states[(every != SHOWN) & (states == SHOWN)] = COVER


def _cover(counts: np.ndarray, states: np.ndarray, policy: Policy, room: np.ndarray) -> bool:
    """
    Withhold more parts of a sum, in place, until it gives none of the withheld ones back.

    Parameters
    ----------
    counts, states : ndarray, shape (parts,)
    policy : Policy
    room : ndarray, shape (parts,)
        All incidents of the same parts as released: the order goes by them, and a part
        that could not hold all that is withheld is passed over.

    Returns
    -------
    bool
        Whether that was enough.
    """
    if (states == SHOWN).all():
        return True
    for at in _order(room):
        if _covered(counts, states, policy, room):
            return True
        if states[at] == SHOWN and room[at] >= counts[states != SHOWN].sum() + counts[at]:
            states[at] = COVER
    # None that could hold it all is left: then the others, in the same order.
    for at in _order(room):
        if _covered(counts, states, policy, room):
            return True
        states[at] = COVER if states[at] == SHOWN else states[at]
    return _covered(counts, states, policy, room)


def _order(released: np.ndarray) -> np.ndarray:
    """Begin in the middle and go up, then down: the first areas are what a table is read for."""
    rising = np.argsort(released, kind="stable")
    middle = len(rising) // 2
    return np.concatenate([rising[middle:], rising[:middle][::-1]])


def _covered(counts: np.ndarray, states: np.ndarray, policy: Policy, room: np.ndarray) -> bool:
    """Tell whether the sum of what is withheld, which a reader knows, tells of no small count."""
    hidden, further = states != SHOWN, int((states == COVER).sum())
    enough = policy.minimum * further + policy.protection
    return bool(further and counts[hidden].sum() > enough and _open(counts, states, policy, room))


def _open(counts: np.ndarray, states: np.ndarray, policy: Policy, room: np.ndarray) -> bool:
    """Tell whether each withheld part may be nought, or is surely large, for what the others can hold."""
    hidden = states != SHOWN
    if hidden.sum() < 2:
        return not hidden.any()
    rest, held = counts[hidden].sum(), room[hidden]
    if np.isinf(held).any():
        return True
    least, most = np.maximum(held - policy.base // 2, 0), held + policy.base // 2
    # What a ward's or a month's own count of all incidents leaves: none is known where it is withheld.
    most[held == 0] = policy.minimum - 1
    others_least, others_most = least.sum() - least, most.sum() - most
    # Who knows the shown parts and the sum by their rounding alone knows of the rest no more than this.
    below = policy.base // 2
    surely = (
        round_counts(counts.sum(), policy.base)
        - below
        - (round_counts(counts[~hidden], policy.base) + below).sum()
    )
    return bool(((others_least >= rest) | (surely - others_most >= policy.minimum)).all())


def _loose(counts: np.ndarray, room: np.ndarray, policy: Policy) -> bool:
    """Tell whether each part of a whole that is withheld may be nought, whatever is known of the whole."""
    if not len(counts) or np.isinf(room).any():
        return True
    least = np.maximum(room - policy.base // 2, 0)
    return bool((least.sum() - least >= counts.sum()).all())


def _enough(tables: CountTables, ward: np.ndarray, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """Tell for which themes counts by month, and by LSOA, would mostly be shown, by released counts."""
    released = np.where(ward == SHOWN, round_counts(tables.ward, policy.base), 0.0)
    months, inside = tables.month.shape[2], tables.reach.sum(axis=1)
    by_month = released >= policy.minimum * max(months, 1)
    by_lsoa = released >= 2 * policy.minimum * np.maximum(inside, 1)
    return (
        (by_month.mean(axis=1) >= LEAST_SHOWN) & (months > 0),
        (by_lsoa.mean(axis=1) >= LEAST_SHOWN) & (tables.lsoa.shape[1] > 0),
    )
