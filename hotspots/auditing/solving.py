"""
Narrowest intervals of unknown counts: propagation first, then integer programming block by block.

Propagation is cheap and sound but not tight; it drops rows that bind nothing, so
that what is left falls into small blocks. A block is solved by HiGHS. Whether a
policy's interval holds is settled by witnesses: one table of whole numbers that
fits everything published, and gives a cell 0 (or its largest small count),
proves that end for all cells that it gives it to.

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control, chapter 4. Wiley.
Huangfu, Q. and Hall, J. A. J. (2018). Parallelizing the dual revised simplex
method. Mathematical Programming Computation 10, 119-142.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from hotspots.auditing.cells import holds
from hotspots.auditing.program import Program

_TOLERANCE: Final = 1e-6
#: Passes of propagation; sums three levels deep settle in far fewer.
_PASSES: Final = 60
#: Stands for "without limit" where a solver needs a number; no city has as many incidents.
_CEILING: Final = 1e6
#: Seconds for one integer program; beyond it the fractional answer, which is wider or equal, stands.
_SECONDS: Final = 3.0
#: Unknowns in a block up to which every end is asked of whole numbers; in larger ones only where it decides.
_SMALL_BLOCK: Final = 200
#: Rounds of looking for witnesses; what they have not shown by then is measured one by one.
_ROUNDS: Final = 12
#: What HiGHS says where nothing fits.
_INFEASIBLE: Final = 2
#: Nearer than this to whole numbers is whole.
_WHOLE: Final = 1e-5


class ContradictionError(ValueError):
    """No table of counts fits everything that was said."""


@dataclass(frozen=True)
class Interval:
    """
    What an attacker can say of a count.

    Attributes
    ----------
    low, high : float
        Where `exact` is false, the interval is known to keep the policy and was not measured further.
    exact : bool
        Whether the ends were measured.
    """

    low: float
    high: float
    exact: bool


def intervals(program: Program, minimums: Mapping[int, int], *, exact: bool = False) -> dict[int, Interval]:
    """
    Give the interval of each target.

    Parameters
    ----------
    program : Program
    minimums : mapping of int to int
        By position of a target: counts below it are small. An interval that is
        shown to hold 0 to `minimum` - 1 is not measured further.
    exact : bool, default False
        Measure every interval to its ends.

    Returns
    -------
    dict of int to Interval
        By position, for every target.

    Raises
    ------
    ContradictionError
        If nothing fits.
    """
    settled = propagate(program)
    found = {}
    for block in blocks(settled):
        mine = {at: minimums[at] for at in block.columns if at in minimums}
        if len(block.program.least) or mine:
            found.update(_solve_block(block, mine, exact=exact))
    return found


def propagate(program: Program) -> Program:
    """
    Tighten bounds by each sum in turn until nothing changes, and drop sums that bind nothing.

    Raises
    ------
    ContradictionError
        If a bound passes another.
    """
    low, high = program.low.copy(), program.high.copy()
    for _ in range(_PASSES):
        tighter = _one_pass(program, low, high)
        changed = (tighter[0] > low + _TOLERANCE).any() or (tighter[1] < high - _TOLERANCE).any()
        low, high = tighter
        if (low > high + _TOLERANCE).any():
            raise ContradictionError(int(np.argmax(low - high)))
        if not changed:
            break
    smallest, greatest = _reach(program, low, high)
    if ((smallest > program.most + _TOLERANCE) | (greatest < program.least - _TOLERANCE)).any():
        raise ContradictionError
    binding = (smallest < program.least - _TOLERANCE) | (greatest > program.most + _TOLERANCE)
    kept = np.flatnonzero(binding)
    return Program(low, high, program.matrix[kept], program.least[kept], program.most[kept])


@dataclass(frozen=True, eq=False)
class Block:
    """Unknowns that hang together: their positions in the whole, and their own program."""

    columns: np.ndarray
    program: Program


def blocks(program: Program) -> Iterator[Block]:
    """Split a program into parts that share no row."""
    from scipy.sparse import block_array, csr_array
    from scipy.sparse.csgraph import connected_components

    n_rows, n_columns = program.matrix.shape
    touching = block_array(
        [[csr_array((n_rows, n_rows)), program.matrix], [program.matrix.T, csr_array((n_columns, n_columns))]]
    )
    _, label = connected_components(touching, directed=False)
    of_row, of_column = label[:n_rows], label[n_rows:]
    columns, rows = _grouped(of_column), _grouped(of_row)
    none = np.array([], dtype=int)
    for group, mine in columns.items():
        held = rows.get(group, none)
        part = program.matrix[held][:, mine]
        yield Block(
            mine,
            Program(program.low[mine], program.high[mine], part, program.least[held], program.most[held]),
        )


def _grouped(labels: np.ndarray) -> dict[int, np.ndarray]:
    if not len(labels):
        return {}
    order = np.argsort(labels, kind="stable")
    values, starts = np.unique(labels[order], return_index=True)
    return {int(v): part for v, part in zip(values, np.split(order, starts[1:]), strict=True)}


def _reach(program: Program, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the least and the greatest value of each sum within the bounds."""
    plus, minus = program.matrix.maximum(0), program.matrix.minimum(0)
    limit = np.minimum(high, _CEILING)
    return plus @ low + minus @ limit, plus @ limit + minus @ low


def _one_pass(program: Program, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tighten each unknown by what every sum leaves for it."""
    entries = program.matrix.tocoo()
    row, column = entries.coords
    factor = entries.data
    limit = np.minimum(high, _CEILING)
    smallest, greatest = _reach(program, low, high)
    up = factor > 0
    own_least = np.where(up, factor * low[column], factor * limit[column])
    own_most = np.where(up, factor * limit[column], factor * low[column])
    most = (program.most[row] - (smallest[row] - own_least)) / factor
    least = (program.least[row] - (greatest[row] - own_most)) / factor
    above, below = np.where(up, most, least), np.where(up, least, most)
    new_low, new_high = low.copy(), high.copy()
    np.maximum.at(new_low, column, np.ceil(below - _TOLERANCE))
    np.minimum.at(new_high, column, np.floor(above + _TOLERANCE))
    return new_low, new_high


def _solve_block(block: Block, minimums: Mapping[int, int], *, exact: bool) -> dict[int, Interval]:
    local = {int(at): place for place, at in enumerate(block.columns)}
    if not len(block.program.least):
        ends = block.program.low, block.program.high
        return {at: Interval(float(ends[0][local[at]]), float(ends[1][local[at]]), True) for at in minimums}
    search = _Search(block.program, {local[at]: minimum for at, minimum in minimums.items()})
    if not minimums:
        search.check()
        return {}
    found = search.all_exact() if exact else search.run()
    return {at: found[local[at]] for at in minimums}


class _Search:
    """The ends of the intervals of one block, and which of them are proven possible."""

    def __init__(self, program: Program, minimums: Mapping[int, int]) -> None:
        self.program, self.minimums = program, minimums
        self.seen_low = dict.fromkeys(minimums, np.inf)
        self.seen_high = dict.fromkeys(minimums, -np.inf)
        self.open = [at for at, minimum in minimums.items() if program.low[at] < minimum]

    def check(self) -> None:
        """Find one table that fits; raise where there is none."""
        self._checked(_milp(self.program, np.zeros(len(self.program.low)), integer=False))

    def run(self) -> dict[int, Interval]:
        """Prove the policy by witnesses; measure only the intervals that they do not prove."""
        self._witness_many()
        return {at: self._one(at, exact=False) for at in self.minimums}

    def all_exact(self) -> dict[int, Interval]:
        """Measure every interval to its ends."""
        return {at: self._one(at, exact=True) for at in self.minimums}

    def _one(self, at: int, *, exact: bool) -> Interval:
        minimum = self.minimums[at]
        if not exact and self._low_proven(at) and self._high_proven(at):
            return Interval(0.0, float(minimum - 1), False)
        if not exact and self.program.low[at] >= minimum:
            # Surely no small count: propagation has shown it, and its ends say nothing more.
            return Interval(float(self.program.low[at]), float(self.program.high[at]), False)
        whole = exact or len(self.program.low) <= _SMALL_BLOCK
        low, high = self._end(at, 1.0, whole=whole), self._end(at, -1.0, whole=whole)
        if not whole and holds(low, high, minimum):
            low, high = self._end(at, 1.0, whole=True), self._end(at, -1.0, whole=True)
        return Interval(low, high, True)

    def _low_proven(self, at: int) -> bool:
        return self.seen_low[at] <= 0

    def _high_proven(self, at: int) -> bool:
        return self.seen_high[at] >= self.minimums[at] - 1

    def _witness_many(self) -> None:
        """Look for tables with noughts in many targets at once, then with as many large ones."""
        for _ in range(_ROUNDS):
            open_ends = [at for at in self.open if not self._low_proven(at)]
            if not open_ends or not self._progress(self._least_of(open_ends), open_ends, self._low_proven):
                break
        for _ in range(_ROUNDS):
            open_ends = [at for at in self.open if not self._high_proven(at)]
            if not open_ends or not self._progress(self._most_of(open_ends), open_ends, self._high_proven):
                break

    def _progress(self, answer: np.ndarray, open_ends: list[int], proven: Callable[[int], bool]) -> bool:
        self._note(answer)
        return sum(proven(at) for at in open_ends) > 0

    def _least_of(self, targets: list[int]) -> np.ndarray:
        cost = np.zeros(len(self.program.low))
        cost[targets] = 1.0
        return self._whole_table(self.program, cost)

    def _most_of(self, targets: list[int]) -> np.ndarray:
        """Raise as many targets as can be to the largest small count; more of one does not help another."""
        from scipy.sparse import block_array, csr_array

        n, wanted = len(self.program.low), len(targets)
        ends = csr_array((-np.ones(wanted), (np.arange(wanted), targets)), shape=(wanted, n))
        eye = csr_array((np.ones(wanted), (np.arange(wanted), np.arange(wanted))), shape=(wanted, wanted))
        caps = np.array([self.minimums[at] - 1.0 for at in targets])
        capped = replace(
            self.program,
            low=np.append(self.program.low, np.zeros(wanted)),
            high=np.append(self.program.high, caps),
            matrix=block_array([[self.program.matrix, None], [ends, eye]], format="csr"),
            least=np.append(self.program.least, np.full(wanted, -np.inf)),
            most=np.append(self.program.most, np.zeros(wanted)),
        )
        cost = np.append(np.zeros(n), -np.ones(wanted))
        return self._whole_table(capped, cost)[:n]

    def _whole_table(self, program: Program, cost: np.ndarray) -> np.ndarray:
        """Give a table of whole numbers, if one is found, that is good though perhaps not best."""
        answer = self._checked(_milp(program, cost, integer=False))
        if _is_whole(answer):
            return answer
        rounded = _milp(program, cost, integer=True, gap=0.05)
        return answer if rounded.x is None else np.asarray(rounded.x)

    def _note(self, answer: np.ndarray) -> None:
        """Remember what a table of whole numbers shows to be possible."""
        if not _is_whole(answer):
            return
        for at in self.minimums:
            value = float(np.round(answer[at]))
            self.seen_low[at] = min(self.seen_low[at], value)
            self.seen_high[at] = max(self.seen_high[at], value)

    def _end(self, at: int, sign: float, *, whole: bool) -> float:
        """Find the least (sign 1) or the greatest (sign -1) value of an unknown."""
        cost = np.zeros(len(self.program.low))
        cost[at] = sign
        answer = self._checked(_milp(self.program, cost, integer=False))
        self._note(answer)
        end = sign * (cost @ answer)
        limit = float(np.ceil(end - _TOLERANCE) if sign > 0 else np.floor(end + _TOLERANCE)) + 0.0
        if whole and not _is_whole(answer):
            limit = self._whole_end(cost, sign, limit)
        return np.inf if limit >= _CEILING / 2 else limit

    def _whole_end(self, cost: np.ndarray, sign: float, fractional: float) -> float:
        """Ask for whole numbers, where the fractional answer is none; its end stands if time runs out."""
        answer = _milp(self.program, cost, integer=True)
        if answer.status == _INFEASIBLE:
            raise ContradictionError
        if answer.x is None or answer.status != 0:
            return fractional
        self._note(np.asarray(answer.x))
        return float(np.round(sign * (cost @ answer.x)))

    @staticmethod
    def _checked(answer: Any) -> np.ndarray:
        if answer.x is None:
            raise ContradictionError
        return np.asarray(answer.x)


def _is_whole(answer: np.ndarray) -> bool:
    return bool(np.abs(answer - np.round(answer)).max() <= _WHOLE)


def _milp(program: Program, cost: np.ndarray, *, integer: bool, gap: float = 0.0) -> Any:
    from scipy.optimize import Bounds, LinearConstraint, milp

    return milp(
        cost,
        integrality=np.full(len(cost), int(integer)),
        bounds=Bounds(program.low, np.minimum(program.high, _CEILING)),
        constraints=LinearConstraint(program.matrix, program.least, program.most),
        options={"time_limit": _SECONDS, "mip_rel_gap": gap},
    )
