"""
Replay of the open program: which withheld counts give the ranking that was published?

Whoever has the program and the seed can rank any counts. A search over counts
that the table leaves open, each step kept if it brings the ranking nearer to the
published one, finds vectors that give it exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.auditing.bounds import Bounds
from hotspots.auditing.cells import Cell, blank, count_interval, holds
from hotspots.auditing.published import Published
from hotspots.auditing.ranks import hidden, rankings
from hotspots.auditing.solving import Interval

#: (level, counts by code, seed) -> frame by code with published columns, as coarse as they are published.
RankFunction = Callable[[str, pd.Series, int], pd.DataFrame]

#: Columns of a ranking that a guess has to give.
_COLUMNS: Final = ("rank", "rank_low", "rank_high", "p_top", "class", "top_by")
_WORDS: Final = ("class", "top_by")
#: Steps without gain, for each count that is free, after which the walk starts from elsewhere.
_PATIENCE: Final = 12
#: Share of steps that go where the ranking points, and of those that are of one incident.
_SENSE: Final = 0.8
#: Largest count tried where nothing bounds it.
_CAP: Final = 50


@dataclass(frozen=True)
class Replayed:
    """
    What the replay of one ranking gave.

    Attributes
    ----------
    ranking : str
        Release, theme and level.
    withheld : int
        Counts that were looked for.
    tried : int
        Guesses that were ranked.
    matches : int
        Different vectors of counts that give the published ranking.
    found : mapping of Cell to (int, int)
        Least and greatest count of each cell among the matches.
    narrower : int
        Cells of which matches leave less than the policy promises; 0 without a match.
    """

    ranking: str
    withheld: int
    tried: int
    matches: int
    found: Mapping[Cell, tuple[int, int]]
    narrower: int

    @property
    def narrows(self) -> bool:
        """Whether the ranking gives counts back."""
        return self.matches > 0 and self.narrower > 0

    def text(self) -> str:
        """Say it in a line."""
        if not self.withheld:
            return f"Replay, {self.ranking}: nothing like a rank stands beside a withheld count."
        outcome = (
            f"{self.matches} vectors of counts give it exactly; {self.narrower} of {self.withheld} withheld "
            "counts are narrower than policy among them"
            if self.matches
            else "no vector of counts was found that gives it"
        )
        return f"Replay, {self.ranking}: {self.tried:,} guesses, {outcome}."

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {
            "ranking": self.ranking,
            "withheld": self.withheld,
            "tried": self.tried,
            "matches": self.matches,
            "narrower": self.narrower,
            "narrows": self.narrows,
        }


def replay_all(
    published: Published, known: Bounds | None, rank_function: RankFunction | None, *, tries: int
) -> Iterator[Replayed]:
    """Replay every ranking that has a withheld count in it; say so where there is none."""
    asked = [(key, part) for key, part in rankings(published) if hidden(part).any()]
    if not asked:
        yield Replayed(published.name, 0, 0, 0, {}, 0)
    if rank_function is None:
        return
    open_to = {b.cell: b.interval for table in (known.tables if known else ()) for b in table.bounds}
    for (theme, level), part in asked:
        stated = _stated(published, theme, level)
        found = replay(
            partial(rank_function, level),
            stated,
            {cell.code: _range(published, cell, open_to.get(cell)) for cell in part["cell"]},
            seed=int(published.record.get("seed", 0)),
            tries=tries,
        )
        yield _replayed(f"{published.name} {theme} by {level}", published, part, found)


def replay(
    rank_function: Callable[[pd.Series, int], pd.DataFrame],
    stated: pd.DataFrame,
    ranges: Mapping[str, tuple[int, int]],
    *,
    seed: int,
    tries: int = 20_000,
    matches: int = 20,
    rng: int = 0,
) -> Search:
    """
    Search for counts whose ranking is the published one.

    Parameters
    ----------
    rank_function : callable
        Takes counts by area code and the seed of the run; gives a frame by code
        with the columns of `stated`, as coarse as they are published.
    stated : DataFrame
        The published ranking by area code; blanks are not compared.
    ranges : mapping of str to (int, int)
        Least and greatest count of each area, by code.
    seed : int
        Of the run, as its record states it.
    tries : int
        Guesses to rank.
    matches : int
        Stop after so many different vectors.
    rng : int
        Seed of the search itself.

    Returns
    -------
    Search
    """
    return _Climb(rank_function, stated, ranges, seed, np.random.default_rng(rng)).run(tries, matches)


@dataclass(frozen=True)
class Search:
    """Guesses ranked, and the vectors (by area code) whose ranking was the published one."""

    tried: int
    matches: tuple[Mapping[str, int], ...]


@dataclass(frozen=True, eq=False)
class _Gaps:
    """How far a ranking is from the published one, by area and in all, and which way leads nearer."""

    by_area: np.ndarray
    way: np.ndarray
    total: float


class _Climb:
    """A walk over vectors of counts that never steps away from the published ranking."""

    def __init__(
        self,
        rank_function: Callable[[pd.Series, int], pd.DataFrame],
        stated: pd.DataFrame,
        ranges: Mapping[str, tuple[int, int]],
        seed: int,
        rng: np.random.Generator,
    ) -> None:
        self.codes = sorted(ranges)
        self.low = np.array([ranges[code][0] for code in self.codes])
        self.high = np.array([ranges[code][1] for code in self.codes])
        self.columns = [name for name in _COLUMNS if name in stated]
        self.stated = stated.reindex(self.codes)[self.columns]
        # As they are compared with every guess: thousands of times.
        self.goals = {
            name: (column.astype(str) if name in _WORDS else column.astype(float)).to_numpy()
            for name, column in self.stated.items()
        }
        self.compared = {name: ~column.map(blank).to_numpy(bool) for name, column in self.stated.items()}
        self.rank_function, self.seed, self.rng = rank_function, seed, rng
        self.free = np.flatnonzero(self.high > self.low)

    def run(self, tries: int, wanted: int) -> Search:
        """Walk until enough vectors are found or the guesses are used up."""
        here = self._start()
        gaps = self._gaps(here)
        found: dict[tuple[int, ...], None] = {}
        tried, since = 1, 0
        while tried < tries and len(found) < wanted and len(self.free):
            there = self._step(here, gaps)
            further = self._gaps(there)
            tried += 1
            since = 0 if further.total < gaps.total else since + 1
            if further.total <= gaps.total:
                here, gaps = there, further
            if gaps.total == 0:
                found[tuple(int(n) for n in here)] = None
            elif since > _PATIENCE * len(self.free):
                here, since = self._shaken(here), 0
                gaps = self._gaps(here)
                tried += 1
        if gaps.total == 0:
            found[tuple(int(n) for n in here)] = None
        return Search(tried, tuple(dict(zip(self.codes, vector, strict=True)) for vector in found))

    def _start(self) -> np.ndarray:
        """Begin with large counts where the rank is high, small ones where it is low."""
        if "rank" not in self.columns:
            return (self.low + self.high) // 2
        rank = pd.to_numeric(self.stated["rank"], errors="coerce").to_numpy(float)
        place = np.nan_to_num((rank - 1) / max(np.nanmax(rank) - 1, 1), nan=0.5)
        return np.round(self.high - place * (self.high - self.low)).astype(int)

    def _step(self, here: np.ndarray, gaps: _Gaps) -> np.ndarray:
        """Move one or two counts by a little, oftenest where the ranking is furthest off and towards it."""
        there = here.copy()
        weight = 0.2 + gaps.by_area[self.free]
        size = min(int(self.rng.integers(1, 3)), len(self.free))
        for at in self.rng.choice(self.free, size=size, replace=False, p=weight / weight.sum()):
            way = gaps.way[at] if gaps.way[at] and self.rng.random() < _SENSE else self.rng.choice([-1, 1])
            step = way * (1 if self.rng.random() < _SENSE else 2)
            there[at] = np.clip(there[at] + step, self.low[at], self.high[at])
        return there

    def _shaken(self, here: np.ndarray) -> np.ndarray:
        """Leave a place from which no small step leads nearer."""
        there = here.copy()
        some = self.rng.choice(self.free, size=max(len(self.free) // 4, 1), replace=False)
        there[some] = self.rng.integers(self.low[some], self.high[some] + 1)
        return there

    def _gaps(self, counts: np.ndarray) -> _Gaps:
        """Compare a vector's ranking with the published one."""
        ranked = self.rank_function(pd.Series(counts, index=self.codes), self.seed).reindex(self.codes)
        by_area, way = np.zeros(len(counts)), np.zeros(len(counts), dtype=int)
        for name, goal in self.goals.items():
            compared, own = self.compared[name], ranked[name]
            if name in _WORDS:
                by_area += compared & (goal != own.astype(str).to_numpy())
                continue
            gap = np.where(compared, own.to_numpy(float) - goal, 0.0)
            by_area += np.abs(np.nan_to_num(gap, nan=1.0))
            if name != "p_top":
                # A rank number that is too great asks for a greater count.
                way = np.where(way == 0, np.sign(np.nan_to_num(gap)).astype(int), way)
        total = float(by_area.sum())
        return _Gaps(by_area, way, 0.0 if total < 1e-9 else total)


def _stated(published: Published, theme: str, level: str) -> pd.DataFrame:
    frame = next(table.frame for table in published.tables if table.where == "tables/priority.csv")
    mine = frame[frame["theme"].eq(theme) & frame["level"].eq(level)].set_index("code")
    numbers = [name for name in _COLUMNS if name in mine and name not in _WORDS]
    return mine.assign(**{name: pd.to_numeric(mine[name], errors="coerce") for name in numbers})


def _range(published: Published, cell: Cell, interval: Interval | None) -> tuple[int, int]:
    """Give the counts to try: what the table leaves, small ones only where the count is withheld."""
    count = published.stated.get(cell)
    if count is not None:
        low, high = count_interval(count, published.policy)
        return int(low), int(high)
    least = interval.low if interval else 0.0
    return int(least), int(min(max(published.policy.minimum - 1, least), _CAP))


def _replayed(ranking: str, published: Published, part: pd.DataFrame, found: Search) -> Replayed:
    spans = {}
    for cell in part.loc[hidden(part), "cell"]:
        values = [vector[cell.code] for vector in found.matches]
        if values:
            spans[cell] = (min(values), max(values))
    narrower = sum(not holds(low, high, published.policy.minimum) for low, high in spans.values())
    return Replayed(ranking, int(hidden(part).sum()), found.tried, len(found.matches), spans, narrower)
