"""The narrowest interval of every withheld count, from one release or from several together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from hotspots.auditing.cells import Cell, holds, month_words
from hotspots.auditing.facts import ASSUMED, gather
from hotspots.auditing.figures import Statement
from hotspots.auditing.program import Unknowns
from hotspots.auditing.published import Published
from hotspots.auditing.solving import ContradictionError, Interval, intervals, propagate


@dataclass(frozen=True)
class Bound:
    """What an attacker can say of one withheld count, and whether the policy leaves him as much."""

    cell: Cell
    interval: Interval
    minimum: int

    @property
    def below(self) -> bool:
        """Whether the interval is narrower than the audience was promised."""
        return not holds(self.interval.low, self.interval.high, self.minimum)

    @property
    def certain(self) -> bool:
        """
        Whether a reader can tell that the count is a small one, and narrowed.

        Otherwise it may be a large one that was withheld to protect others; a
        reader cannot tell, so an audit counts it as below policy too.
        """
        return self.below and self.interval.high < self.minimum

    @property
    def width(self) -> float:
        """How far the ends lie apart."""
        return self.interval.high - self.interval.low


@dataclass(frozen=True)
class TableBounds:
    """
    The withheld counts of one table: a theme at one level, over the period or by month.

    Attributes
    ----------
    table : str
    bounds : tuple of Bound
    """

    table: str
    bounds: tuple[Bound, ...]

    @property
    def below(self) -> tuple[Bound, ...]:
        """Counts that are narrowed beyond the policy."""
        return tuple(bound for bound in self.bounds if bound.below)

    @property
    def narrowest(self) -> Bound:
        """The count of which an attacker knows most, among those that may be small."""
        return min(self.bounds, key=lambda b: (not b.below, b.interval.low >= b.minimum, b.width, b.cell))


@dataclass(frozen=True)
class Bounds:
    """
    What an attack by arithmetic gives.

    Attributes
    ----------
    tables : tuple of TableBounds
        Of withheld counts.
    differences : tuple of TableBounds
        Of counts that no table lists and that releases of other months leave as
        a difference. Rounding alone narrows them; no release withholds them.
    given_up : tuple of str
        Assumptions that contradict what is published and were given up.
    """

    tables: tuple[TableBounds, ...]
    differences: tuple[TableBounds, ...] = ()
    given_up: tuple[str, ...] = ()


def bounds(releases: Sequence[Published], *, said: Sequence[Statement] = (), exact: bool = False) -> Bounds:
    """
    Work out the withheld counts of releases that one reader holds together.

    Parameters
    ----------
    releases : sequence of Published
        Of the same incidents: other months, audiences or boundaries.
    said : sequence of Statement
        What figures say beyond the tables.
    exact : bool, default False
        Measure also the intervals that are shown to hold the policy.

    Returns
    -------
    Bounds
        A count that is shown in one of the releases is not withheld from the
        reader. He was promised what the least protected of them promises.

    Raises
    ------
    ContradictionError
        If no table of counts fits what is published.
    """
    minimum = min(one.policy.minimum for one in releases)
    facts = gather(releases, said)
    hidden = {cell for one in releases for cell in one.withheld}
    shown = {cell for one in releases for cell, count in one.stated.items() if count is not None}
    targets = dict.fromkeys(sorted(hidden - shown), minimum)
    found, given_up = _solve(facts, targets, exact=exact)
    settled = propagate(facts.program(without=given_up))
    between = {
        cell: Interval(settled.low[at], settled.high[at], True)
        for cell, at in facts.index.items()
        if isinstance(cell, Cell) and cell not in hidden | shown
    }
    tables, differences = (
        tuple(_by_table(Bound(cell, interval, minimum) for cell, interval in sorted(group.items())))
        for group in (found, between)
    )
    return Bounds(tables, differences, given_up)


def _solve(
    facts: Unknowns, targets: dict[Cell, int], *, exact: bool
) -> tuple[dict[Cell, Interval], tuple[str, ...]]:
    """Solve with every assumption, and give up as few of them as will do where nothing fits."""
    minimums = {facts.index[cell]: minimum for cell, minimum in targets.items()}
    used = [kind for kind in ASSUMED if kind in facts.kinds()]
    fewest_first = (some for number in range(len(used) + 1) for some in combinations(used, number))
    for given_up in fewest_first:
        try:
            found = intervals(facts.program(without=given_up), minimums, exact=exact)
        except ContradictionError:
            continue
        return {cell: found[facts.index[cell]] for cell in targets}, given_up
    raise ContradictionError


def _by_table(named: Iterator[Bound]) -> Iterator[TableBounds]:
    groups: dict[str, list[Bound]] = defaultdict(list)
    for bound in named:
        groups[_table(bound.cell)].append(bound)
    for table, held in groups.items():
        yield TableBounds(table, tuple(held))


def _table(cell: Cell) -> str:
    grain = "one month" if len(cell.months) == 1 else month_words(cell.months)
    return f"{cell.theme} by {cell.level}, {grain}"
