"""
What `hotspots audit --deep` runs of the program itself, against folders that it made.

The room `auditing` knows nothing of how counts are withheld, so that it shares no mistake
with it. This file knows: it puts tables of counts that fit a folder through the open
program, and keeps those of which the same folder would have come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.audiences import POLICIES, Policy
from hotspots.auditing.all_but_one import AllButOne, all_but_one
from hotspots.auditing.bounds import Bounds
from hotspots.auditing.cells import Cell, count_interval, holds
from hotspots.auditing.published import Published, read_record
from hotspots.auditing.replay import Replayed
from hotspots.errors import InputError
from hotspots.geography.coarse import coarse_cells
from hotspots.geography.load import Areas, load_areas
from hotspots.release.beats import SHARE
from hotspots.release.coarse_beats import densest
from hotspots.release.coarse_shapes import CellCounts, coarse_bands, coarse_clusters, fold_cells
from hotspots.release.ladder import choose_steps
from hotspots.release.rounding import round_counts, show_count
from hotspots.release.withholding import SHOWN, CountTables, States, withhold
from hotspots.themes.themes import Theme, load_themes

#: Tables that are tried for each end of an interval.
TRIES: Final = 12
#: Counts by month of a theme of which the ends are sought; all of those by ward are.
MONTHS: Final = 40
#: Points that must remain possible.
_LEAST: Final = 8
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
        tables = _tables(counts)
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


def _tables(counts: np.ndarray) -> CountTables:
    """Lay one theme out as the program does, below all incidents, of which everything is shown."""
    every = counts + 10_000
    every[:, 0] = counts[:, 0] + 10_000 * max(counts.shape[1] - 1, 1)
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
    for at, cell in wanted.items():
        low, high = ends[at]
        reached = []
        for end in (low, min(high, max(minimum - 1, low))):
            for _ in range(TRIES):
                table = fits.table(at, int(end), rng)
                if table is None:
                    break
                tried += 1
                if view.is_made_of(table):
                    matches += 1
                    reached.append(int(end))
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

        policy = view.policy
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

    def table(self, at: tuple[int, int], value: int, rng: np.random.Generator) -> np.ndarray | None:
        """Give a table in which one count has a value; None where none fits."""
        from scipy.optimize import Bounds as Box
        from scipy.optimize import LinearConstraint, milp

        low = np.concatenate([self.low, np.zeros(self.slacks)])
        high = np.concatenate([self.high, np.full(self.slacks, np.inf)])
        place = np.ravel_multi_index(at, self.shape)
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


@dataclass(eq=False)
class ShapeAttack:
    """
    The open program's shapes outside internal use, for one who knows all incidents but one.

    What is drawn is a function of counts by coarse cell, so equal counts are drawn once.

    Attributes
    ----------
    areas : Areas
    audience : str
    theme : Theme
        Tells which shapes it may have.
    """

    areas: Areas
    audience: str
    theme: Theme

    def __post_init__(self) -> None:
        """Look up the cells."""
        self._cells = coarse_cells(self.areas.outline)
        self._drawn: dict[bytes, str] = {}

    def draw(self, incidents: pd.DataFrame) -> str:
        """
        Give all that a reader sees of the shapes and parameters of an extract.

        Parameters
        ----------
        incidents : DataFrame
            easting and northing in metres.
        """
        xy, n = np.unique(incidents[["easting", "northing"]].to_numpy(float), axis=0, return_counts=True)
        counts = fold_cells(xy, n, self._cells)
        key = counts.n.tobytes() + counts.places.tobytes()
        if key not in self._drawn:
            self._drawn[key] = self._draw(counts)
        return self._drawn[key]

    def _draw(self, counts: CellCounts) -> str:
        policy = POLICIES[self.audience]
        total = show_count(int(counts.n.sum()), policy)
        chosen = choose_steps(self.theme, total, self.areas, policy)
        clusters = coarse_clusters(counts, chosen, self.areas, policy, total=total)
        bands = coarse_bands(counts, chosen, self.areas, policy)
        beats = densest(clusters.assign(theme=self.theme.slug), self.areas, SHARE)
        return f"{chosen}{clusters.to_json()}{bands.to_json()}{beats.to_json()}"


def attack_releases(folders: Sequence[Path], places: Path) -> dict[str, AllButOne]:
    """
    Hide one incident of 60 random extracts of 60, for each audience of these folders.

    Parameters
    ----------
    folders : sequence of Path
        What `hotspots run` wrote: their audience and area steer the program.
    places : Path
        CSV with easting and northing in metres.

    Returns
    -------
    dict
        By audience; none for internal use.

    Raises
    ------
    InputError
        If the file has no such columns, or a folder no record.
    """
    points = _read_places(places)
    records = {record["audience"]: record for record, policy in map(read_record, folders) if not policy.exact}
    theme = next(one for one in load_themes() if one.density and one.clusters)
    found = {}
    for audience, record in records.items():
        areas = load_areas(area=record["area"]["code"])
        found[audience] = attack_shapes(ShapeAttack(areas, audience, theme), points, size=60, extracts=60)[0]
    return found


def _read_places(path: Path) -> pd.DataFrame:
    try:
        found = pd.read_csv(path, usecols=["easting", "northing"]).astype(float)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path.name} is no CSV with easting and northing in metres that can be read: give such a file."
        ) from error
    return found


def attack_shapes(
    attack: ShapeAttack,
    points: pd.DataFrame,
    *,
    size: int,
    extracts: int,
    tried: int = 3,
    nearest: int = 120,
    seed: int = 20230504,
) -> tuple[AllButOne, int]:
    """
    Hide one incident of random extracts, and count the points where it may have been.

    Parameters
    ----------
    attack : ShapeAttack
    points : DataFrame
        easting and northing of places where incidents can be.
    size : int
        Incidents of an extract; crowded as incidents are.
    extracts : int
    tried : int, default 3
        Incidents of each extract that are hidden in turn.
    nearest : int, default 120
        Points around the truth that are tried: those of its coarse cell are among them.
    seed : int

    Returns
    -------
    AllButOne
        Of all extracts together.
    int
        How many extracts had any shape.
    """
    rng = np.random.default_rng(seed)
    places = points[["easting", "northing"]].drop_duplicates().reset_index(drop=True)
    possible: list[int] = []
    drawn = 0
    for _ in range(extracts):
        chosen = (len(places) * rng.beta(0.3, 1.5, size)).astype(int)
        crowd = places.iloc[chosen].reset_index(drop=True)
        rows = rng.integers(0, size, tried).tolist()
        possible += all_but_one(attack.draw, crowd, places, rows=rows, nearest=nearest).possible
        drawn += "Polygon" in attack.draw(crowd)
    return AllButOne(tuple(possible), tuple(range(len(possible))), _LEAST), drawn


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
