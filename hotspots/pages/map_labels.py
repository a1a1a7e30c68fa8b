"""
Where names and numbers find room on the still map.

Each is placed in turn, moved as little as needed, or left out, as
static/map/placing.js does it for every other view; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import shapely

Move = tuple[float, float]
STAY: tuple[Move, ...] = ((0, 0),)
#: From the middle of a label with a figure to that of its name, and to that of the figure.
HALF_LINE: Final = 8


class Order(IntEnum):
    """What is placed first; between the two kinds of big hot spots an urgent leader fits in."""

    RANKS_FIRST = -10
    BIGGEST_CLUSTER = 0
    URGENT_LEADER = 1
    BIG_CLUSTER = 2
    LEADER = 3
    PRIORITY = 4
    FIRST_CLUSTER = 5
    WARD = 6
    CLUSTER = 7


@dataclass(frozen=True)
class Label:
    """
    A name or number that asks for room.

    Attributes
    ----------
    x, y, width, height : float
        Middle and size.
    order : Order
        When it is placed.
    name, rank, number : str
        What it says: the name of an area, its rank, the number of a hot spot.
    weak : bool
        Whether it is a weak hot spot.
    value : str
        The area's figure, which stands below its name, both `HALF_LINE` from the middle.
    name_width : float
        Width of the name alone, without its rank.
    moves : sequence of pairs
        Ways to move it, in the order in which they are tried.
    within : polygon, optional
        The area that must hold its middle.
    leads : bool
        Whether the headline is about it.
    short : Label, optional
        What to show where the whole has no room.
    must : bool
        Whether it is there in any case, then perhaps laid onto others.
    """

    x: float
    y: float
    width: float
    height: float
    order: Order
    name: str = ""
    rank: str = ""
    number: str = ""
    weak: bool = False
    value: str = ""
    name_width: float = 0
    moves: Sequence[Move] = STAY
    within: shapely.Geometry | None = None
    leads: bool = False
    short: Label | None = None
    must: bool = False


def moves(across: Sequence[int], down: Sequence[int]) -> tuple[Move, ...]:
    """List the ways to move by these steps to either side, least first."""
    pairs = [(x, y) for y in _both(down) for x in _both(across)]
    return tuple(sorted(pairs, key=lambda move: move[0] ** 2 + move[1] ** 2))


def cluster_order(position: int) -> Order:
    """Say when the number of a hot spot is placed, the biggest being at position 0."""
    if position == 0:
        return Order.BIGGEST_CLUSTER
    if position < 3:
        return Order.BIG_CLUSTER
    return Order.FIRST_CLUSTER if position < 10 else Order.CLUSTER


def arrange(labels: Sequence[Label]) -> list[tuple[Label, float, float]]:
    """
    Place labels.

    The leader gets its name and each first area its rank, if need be at the cost of hot spots' numbers.

    Returns
    -------
    list of (Label, float, float)
        Those that have room, or must be there, with their middles.
    """
    first = (Order.LEADER, Order.PRIORITY)
    # Between the first hot spots and the other areas, if all have room there.
    placed, forced = _place(
        labels, lambda label: Order.FIRST_CLUSTER + label.order / 10 if label.order in first else label.order
    )
    whole = [label for label, _, _ in placed if label.order in first and not label.must]
    if len(whole) == sum(label.order in first for label in labels):
        return placed
    placed, forced = _place(labels, lambda label: label.order)
    if any(label.leads for label in labels) and not any(label.leads for label, _, _ in placed):
        placed, forced = _place(labels, lambda label: Order.URGENT_LEADER if label.leads else label.order)
    if forced:
        placed, _ = _place(
            labels, lambda label: label.order + (Order.RANKS_FIRST if label.order in first else 0)
        )
    return placed


def _place(
    labels: Sequence[Label], order: Callable[[Label], float]
) -> tuple[list[tuple[Label, float, float]], bool]:
    placed: list[tuple[Label, float, float]] = []
    forced = False
    for whole in sorted(labels, key=order):
        for label in filter(None, (whole, whole.short)):
            spots = ((label.x + right, label.y + down) for right, down in label.moves)
            spot = next((spot for spot in spots if _fits(label, spot, placed)), None)
            if spot is None and label.must:
                spot, forced = (label.x, label.y), True
            if spot is not None:
                placed.append((label, *spot))
                break
    return placed, forced


def _fits(label: Label, spot: tuple[float, float], placed: list[tuple[Label, float, float]]) -> bool:
    x, y = spot
    width, height = label.width, label.height
    # A plain loop: a map asks this 300,000 times.
    for other, u, v in placed:
        if abs(x - u) <= (width + other.width) / 2 and abs(y - v) <= (height + other.height) / 2:
            return False
    if label.within is None:
        return True
    # A rank stands left of its name, and must lie on its own area too.
    middles = [x, x - label.name_width / 2] if label.rank and label.name else [x]
    name = y - HALF_LINE if label.value else y
    return bool(shapely.contains_xy(label.within, middles, name).all())


def _both(steps: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(signed for step in steps for signed in (step, -step)))
