"""
What `hotspots audit --deep` runs of the program itself, against folders that it made.

The room `auditing` knows nothing of how counts are withheld, so that it shares no mistake
with it. This file knows: it puts tables of counts that fit a folder through the open
program, and keeps those of which the same folder would have come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

import numpy as np

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.auditing.bounds import Bounds
from hotspots.auditing.cells import Cell, count_interval, holds
from hotspots.auditing.published import Published
from hotspots.auditing.replay import Replayed
from hotspots.release.rounding import round_counts
from hotspots.release.withholding import SHOWN, CountTables, States, withhold

#: Tables that are tried for each end of an interval, at least.
TRIES: Final = 12
#: Counts by month of a theme of which the ends are sought; all of those by ward are.
MONTHS: Final = 40
#: Incidents of a ward of which no figure is shown.
_MANY: Final = 10_000
#: Greatest count that is tried where nothing bounds one.
_CAP: Final = 60
#: How much dearer a withheld count above the minimum is than one below: most are small.
_LARGE: Final = 1000.0


def replay_program(published: Published, known: Bounds | None) -> Iterator[Replayed]:
    """
    Put tables that fit a release through the program, for each theme that is shown by ward alone.

    Parameters
    ----------
    published : Published
    known : Bounds or None
        What its tables leave of each withheld count.

    Yields
    ------
    Replayed
        By theme with any withheld count: how many tables were tried, how many give the very
        release, and of how many counts these leave less than policy.
    """
    open_to = {b.cell: b.interval for table in (known.tables if known else ()) for b in table.bounds}
    coarse = [one["slug"] for one in published.record.get("themes", ()) if one.get("sensitivity") != "open"]
    for theme in coarse:
        view = _View(published, str(theme))
        wanted = view.wanted(np.random.default_rng(0))
        if wanted:
            ends = {
                at: (open_to[cell].low, open_to[cell].high) if cell in open_to else (0.0, np.inf)
                for at, cell in wanted.items()
            }
            yield _replayed(view, wanted, ends)


@dataclass(frozen=True, eq=False)
class _View:
    """What a reader sees of one theme by ward: figures, NaN where withheld."""

    published: Published
    theme: str

    @cached_property
    def codes(self) -> list[str]:
        return [str(code) for code in self.published.areas[schema.WARD].index]

    @cached_property
    def columns(self) -> list[str]:
        """The whole period, then the months."""
        months = self.published.months
        return [schema.WHOLE_PERIOD, *(months if len(months) > 1 else ())]

    @cached_property
    def cells(self) -> np.ndarray:
        """Cells by ward and period, shape (wards, 1 + months)."""
        found = np.empty((len(self.codes), len(self.columns)), dtype=object)
        for i, code in enumerate(self.codes):
            for j, month in enumerate(self.columns):
                found[i, j] = self.published.cell(self.theme, schema.WARD, code, month)
        return found

    @cached_property
    def given(self) -> np.ndarray:
        return np.array([[cell in self.published.stated for cell in row] for row in self.cells])

    @cached_property
    def shown(self) -> np.ndarray:
        stated = self.published.stated
        return np.array([[_number(stated.get(cell)) for cell in row] for row in self.cells])

    @cached_property
    def every(self) -> np.ndarray:
        """All incidents as a reader sees them, shape (wards, 1 + months)."""
        return _View(self.published, schema.ALL_INCIDENTS).shown

    @cached_property
    def total(self) -> float:
        return _number(self.published.stated.get(self.published.city(self.theme)))

    @property
    def policy(self) -> Policy:
        return self.published.policy

    def wanted(self, rng: np.random.Generator) -> dict[tuple[int, int], Cell]:
        """Give withheld cells: every ward's, and some of the months'."""
        rows, columns = np.nonzero(self.given & np.isnan(self.shown))
        months = np.flatnonzero(columns > 0)
        chosen = rng.choice(months, min(MONTHS, len(months)), replace=False)
        picked = sorted([*np.flatnonzero(columns == 0).tolist(), *chosen.tolist()])
        at = [(int(rows[k]), int(columns[k])) for k in picked]
        return {place: self.cells[place] for place in at}

    def is_made_of(self, counts: np.ndarray) -> bool:
        """Tell whether the program makes this very view of counts of shape (wards, 1 + months)."""
        tables = _tables(counts, self.every)
        whole = np.ones(2, dtype=bool)
        states = withhold(tables, self.policy, monthly=whole, fine=~whole)
        return self._same(states, counts)

    def _same(self, states: States, counts: np.ndarray) -> bool:
        shown = round_counts(counts, self.policy.base)
        made = np.where(np.column_stack([states.ward[1], states.month[1]]) == SHOWN, shown, np.nan)
        monthly = bool(states.monthly[1]) and len(self.columns) > 1
        if monthly != bool(self.given[:, 1:].any()):
            return False
        made[:, 1:] = made[:, 1:] if monthly else np.nan
        total = round_counts(counts[:, 0].sum(), self.policy.base)
        whole = float(total) if states.total[1] == SHOWN else np.nan
        return np.array_equal(made, self.shown, equal_nan=True) and np.array_equal(
            whole, self.total, equal_nan=True
        )


def _tables(counts: np.ndarray, shown: np.ndarray) -> CountTables:
    """Lay one theme out as the program does, below all incidents, by whose released counts it goes."""
    every = np.maximum(np.where(np.isnan(shown), _MANY, shown), counts).astype(int)
    both = np.stack([every, counts])
    wards = np.zeros((len(counts), 0), dtype=bool)
    # No LSOA is shown of such a theme, so there is no overlap of wards with any.
    overlaps = [wards for _ in fields(CountTables)[4:]]
    return CountTables(
        both[..., 0].sum(axis=1), both[..., 0], both[..., 1:], np.zeros((2, 0), int), *overlaps
    )


def _replayed(
    view: _View, wanted: dict[tuple[int, int], Cell], ends: dict[tuple[int, int], tuple[float, float]]
) -> Replayed:
    rng = np.random.default_rng(1)
    minimum = view.policy.minimum
    fits = _Fitting(view)
    tried, matches, found, narrower = 0, 0, {}, 0
    # Which withheld ward is no small count: none, or one that was withheld for the others' sake.
    large: list[int | None] = [None, *np.flatnonzero(np.isnan(view.shown[:, 0])).tolist()]
    large = (large * -(-TRIES // len(large)))[: max(TRIES, len(large))]
    for at, cell in wanted.items():
        low, high = ends[at]
        reached: list[int] = []
        for end in (low, min(high, max(minimum - 1, low)), minimum):
            # The last is for one that is withheld for the others' sake, and is known to be no small one.
            if end == minimum and reached:
                break
            for ward in large:
                table = fits.table(at, int(end), rng, large=ward)
                if table is None:
                    continue
                tried += 1
                if view.is_made_of(table):
                    matches += 1
                    reached.append(int(end))
                    # What fitted once is tried first for the next.
                    large.insert(0, large.pop(large.index(ward)))
                    break
        if reached:
            found[cell] = (min(reached), max(reached))
        kept = bool(reached) and holds(min(reached), max(reached), minimum)
        # Where the table alone leaves less, the replay is not to blame.
        narrower += not kept and holds(low, high, minimum)
    name = f"{view.published.name} {view.theme} by ward, through the program"
    return Replayed(name, len(wanted), tried, matches, found, narrower)


class _Fitting:
    """Whole tables of counts that fit a view: few of the withheld counts large, else by chance."""

    def __init__(self, view: _View) -> None:
        from scipy.sparse import coo_array

        policy, self.minimum = view.policy, view.policy.minimum
        wards, periods = self.shape = view.shown.shape
        index = np.arange(view.shown.size).reshape(self.shape)
        limits = np.array([count_interval(value, policy) for value in view.shown.ravel()])
        withheld = np.isnan(view.shown).ravel()
        self.low = np.where(withheld, 0.0, limits[:, 0])
        self.high = np.where(withheld, _CAP * periods, limits[:, 1])
        # Sums that hold: (what is added, what is taken away, least, most), and those that are dear to break.
        hard = [(index[i, :1], index[i, 1:], 0.0, 0.0) for i in range(wards) if periods > 1]
        soft = [np.array([one]) for one in np.flatnonzero(withheld)]
        if np.isnan(view.total):
            soft.append(index[:, 0])
        else:
            hard.append((index[:, 0], index[:0, 0], *count_interval(view.total, policy)))
        entries = [(row, at, 1.0) for row, sums in enumerate(hard) for at in sums[0]]
        entries += [(row, at, -1.0) for row, sums in enumerate(hard) for at in sums[1]]
        for k, parts in enumerate(soft):
            entries += [(len(hard) + k, at, 1.0) for at in parts]
            entries.append((len(hard) + k, view.shown.size + k, -1.0))
        rows, columns, factors = zip(*entries, strict=True)
        self.slacks = len(soft)
        shape = len(hard) + self.slacks, view.shown.size + self.slacks
        self.sums = coo_array((factors, (rows, columns)), shape=shape).tocsc()
        self.least = np.array([*(sums[2] for sums in hard), *[-np.inf] * self.slacks])
        self.most = np.array([*(sums[3] for sums in hard), *[policy.minimum - 1.0] * self.slacks])

    def table(
        self, at: tuple[int, int], value: int, rng: np.random.Generator, *, large: int | None = None
    ) -> np.ndarray | None:
        """Give a table in which one count has a value, and a ward is no small one; None where none fits."""
        from scipy.optimize import Bounds as Box
        from scipy.optimize import LinearConstraint, milp

        low = np.concatenate([self.low, np.zeros(self.slacks)])
        high = np.concatenate([self.high, np.full(self.slacks, np.inf)])
        place = np.ravel_multi_index(at, self.shape)
        if large is not None:
            low[np.ravel_multi_index((large, 0), self.shape)] = self.minimum
        if low[place] > value:
            return None
        low[place] = high[place] = value
        cost = np.concatenate([rng.normal(size=len(self.low)), np.full(self.slacks, _LARGE)])
        solved = milp(
            cost,
            integrality=np.ones(len(cost)),
            bounds=Box(low, high),
            constraints=LinearConstraint(self.sums, self.least, self.most),
            options={"time_limit": 2.0},
        )
        if solved.x is None:
            return None
        return np.rint(solved.x[: len(self.low)]).astype(int).reshape(self.shape)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
