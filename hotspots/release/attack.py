"""
What can be worked out of counts that are published, with the rules of the program known.

Counts by ward, by ward and month, by LSOA and for the city add up to each other;
`attack` bounds every count by all of these sums.

References
----------
Fischetti, M. and Salazar, J. J. (2001). Solving the cell suppression problem
on tabular data with linear constraints. Management Science 47(7), 1008-1027.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from hotspots.audiences import Policy
from hotspots.release.rounding import rounding_limits
from hotspots.release.withholding import COVER, SHOWN, SMALL, CountTables, States

# the bounds settle in three or four rounds; more cannot make them wrong, only tighter
_ROUNDS: Final = 50


@dataclass
class Bounds:
    """Least and greatest value of every count, as an attacker may work them out."""

    ward: list[np.ndarray]
    month: list[np.ndarray]
    lsoa: list[np.ndarray]


def attack(tables: CountTables, states: States, policy: Policy) -> Bounds:
    """
    Bound every count by what is published, as an attacker would.

    The attacker knows the rules, which counts are withheld for being small,
    and every published city total exactly; withheld city totals are as
    unknown as other counts.

    Returns
    -------
    Bounds
        Least and greatest by table. Where the sums form a tree (months in
        wards in the city) these are the attacker's very limits; where LSOAs
        cross wards they may be wider than a linear program's.
    """
    bounds = Bounds(
        ward=_limits(tables.ward, states.ward, policy),
        month=_limits(tables.month, states.month, policy),
        lsoa=_limits(tables.lsoa, states.lsoa, policy),
    )
    bounds.month[0][~states.monthly], bounds.month[1][~states.monthly] = 0, np.inf
    bounds.lsoa[0][~states.fine], bounds.lsoa[1][~states.fine] = 0, np.inf
    for _ in range(_ROUNDS):
        before = [side.copy() for table in (bounds.ward, bounds.month, bounds.lsoa) for side in table]
        _tighten(tables, states, bounds, policy)
        after = [side for table in (bounds.ward, bounds.month, bounds.lsoa) for side in table]
        if all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)):
            break
    return bounds


def number_exposes(
    number: float,
    touched: np.ndarray,
    states: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray],
    *,
    total: float,
    policy: Policy,
) -> bool:
    """
    Tell whether the number of incidents in a shape narrows a small count.

    Parameters
    ----------
    number : float
        Fewest incidents that the shape's published number can stand for.
    touched : ndarray of bool, shape (areas,)
        Areas that the shape reaches into: they hold at least the number
        together, and the others at most the rest of the city.
    states, limits : ndarray, shape (areas,)
        State and bounds of the areas' counts.
    total : float
        The city's total, infinite where it is withheld.
    policy : Policy
    """
    small, (low, high) = states == SMALL, limits
    if (states[touched] == COVER).any():
        return True
    least = number - _sum_without(high[touched])
    rest = total - number - low[~touched].sum()
    return bool((least[small[touched]] > 0).any() or (small[~touched].any() and rest < policy.protection))


def _limits(counts: np.ndarray, states: np.ndarray, policy: Policy) -> list[np.ndarray]:
    """Give what a published figure, or its absence, says by itself."""
    low, high = rounding_limits(counts, policy)
    low = np.select([states == SMALL, states == COVER], [0.0, float(policy.minimum)], low)
    high = np.select([states == SMALL, states == COVER], [policy.minimum - 1.0, np.inf], high)
    return [low, high]


def _tighten(tables: CountTables, states: States, bounds: Bounds, policy: Policy) -> None:
    """Apply every sum once."""
    _bound_parts(bounds.month, bounds.ward[0], bounds.ward[1])
    _bound_whole(bounds.ward, bounds.month)
    for table, counts in ((bounds.ward, tables.ward), (bounds.lsoa, tables.lsoa)):
        _bound_parts(table, *_city(counts, states, policy))
    _bound_blocks(tables, states, bounds, policy)
    _bound_nested(tables, bounds)
    for table in (bounds.ward, bounds.month, bounds.lsoa):
        # A theme's count is never above that of all incidents.
        np.minimum(table[1], table[1][:1], out=table[1])
        table[0][0] = table[0].max(axis=0)


def _city(counts: np.ndarray, states: States, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """Bound the sum over the areas; where the total is known, so are the rows without an area."""
    known = states.total == SHOWN
    located = counts.sum(axis=1).astype(float)
    high = np.where(states.total == SMALL, policy.minimum - 1.0, np.inf)
    return np.where(known, located, 0.0), np.where(known, located, high)


def _bound_parts(parts: list[np.ndarray], low: np.ndarray, high: np.ndarray) -> None:
    """Bound each part (last axis) by the whole less the others."""
    least, greatest = parts
    others_low = least.sum(axis=-1, keepdims=True) - least
    others_high = _sum_without(greatest)
    np.minimum(greatest, high[..., None] - others_low, out=greatest)
    np.maximum(least, np.where(np.isinf(others_high), 0, low[..., None] - others_high), out=least)


def _bound_whole(whole: list[np.ndarray], parts: list[np.ndarray]) -> None:
    if parts[0].shape[-1]:
        np.maximum(whole[0], parts[0].sum(axis=-1), out=whole[0])
        np.minimum(whole[1], parts[1].sum(axis=-1), out=whole[1])


def _sum_without(high: np.ndarray) -> np.ndarray:
    """Sum all other values along the last axis, where some are infinite."""
    finite = np.where(np.isinf(high), 0, high)
    without = np.isinf(high).sum(axis=-1, keepdims=True) - np.isinf(high)
    return np.where(without > 0, np.inf, finite.sum(axis=-1, keepdims=True) - finite)


def _bound_nested(tables: CountTables, bounds: Bounds) -> None:
    """Compare each ward with the LSOAs inside it (at most the ward) and around it (at least)."""
    ward, lsoa = bounds.ward, bounds.lsoa
    for w, (inside, around) in enumerate(zip(tables.holds, tables.touches, strict=True)):
        if inside.any():
            part = [lsoa[0][:, inside], lsoa[1][:, inside]]
            np.maximum(ward[0][:, w], part[0].sum(axis=1), out=ward[0][:, w])
            _bound_parts(part, np.full(len(part[0]), -np.inf), ward[1][:, w])
            lsoa[1][:, inside] = part[1]
        if around.any():
            part = [lsoa[0][:, around], lsoa[1][:, around]]
            np.minimum(ward[1][:, w], part[1].sum(axis=1), out=ward[1][:, w])
            _bound_parts(part, ward[0][:, w], np.full(len(part[0]), np.inf))
            lsoa[0][:, around] = part[0]


def _bound_blocks(tables: CountTables, states: States, bounds: Bounds, policy: Policy) -> None:
    """Compare wards and LSOAs where a few of one are exactly a few of the other, and these with the city."""
    blocks = [*_blocks(tables)]
    if len(blocks) < 2:
        return
    tables_of = (bounds.ward, bounds.lsoa)
    sums = [
        [[side[:, at].sum(axis=1) for side in table] for table, at in zip(tables_of, block, strict=True)]
        for block in blocks
    ]
    low = np.stack([np.maximum(ward[0], lsoa[0]) for ward, lsoa in sums], axis=1)
    high = np.stack([np.minimum(ward[1], lsoa[1]) for ward, lsoa in sums], axis=1)
    _bound_parts([low, high], *_city(tables.ward, states, policy))
    for k, block in enumerate(blocks):
        for table, at in zip(tables_of, block, strict=True):
            part = [table[0][:, at], table[1][:, at]]
            _bound_parts(part, low[:, k], high[:, k])
            table[0][:, at], table[1][:, at] = part


def _blocks(tables: CountTables) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Group wards and LSOAs that reach into each other; none where rows are known by one level only."""
    n_wards, n_lsoas = tables.touches.shape
    if not n_lsoas:
        return
    links = np.zeros((n_wards + n_lsoas, n_wards + n_lsoas), dtype=bool)
    links[:n_wards, n_wards:] = tables.touches
    count, of = connected_components(csr_array(links), directed=False)
    for block in range(count):
        wards, lsoas = np.flatnonzero(of[:n_wards] == block), np.flatnonzero(of[n_wards:] == block)
        if (tables.ward[:, wards].sum(axis=1) != tables.lsoa[:, lsoas].sum(axis=1)).any():
            return
    for block in range(count):
        yield np.flatnonzero(of[:n_wards] == block), np.flatnonzero(of[n_wards:] == block)
