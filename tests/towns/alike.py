"""Pairs of small towns that differ only where their releases hide it, found by moving incidents about."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.analysis import Analysis, analyse_files
from hotspots.places import fold_places
from hotspots.release.release import Release
from hotspots.release.rounding import round_counts
from hotspots.schema import ALL_INCIDENTS, LSOA, WARD
from hotspots.settings import Settings
from hotspots.statistics.counts import count_areas
from hotspots.themes.themes import classify

QUICK = Settings(draws=20, permutations=99)
#: Kinds of incidents: crime type, the flag that is set, and how common it is.
KINDS = (
    ("Anti-social behaviour", "", 30),
    ("Violence and sexual offences", "", 20),
    ("Violence and sexual offences", "Knife flag", 3),
    ("Violence and sexual offences", "Modern slavery flag", 1),
    ("Drugs", "", 12),
    ("Drugs", "OCG flag", 3),
    ("Possession of weapons", "", 6),
    ("Robbery", "", 4),
    ("Burglary", "", 12),
    ("Pedlars", "OCG flag", 1),
    ("Pedlars", "", 1),
)
FLAGS = ("Knife flag", "OCG flag", "Modern slavery flag")
#: What the drawing of shapes decides; all else must follow from the counts.
SHAPES = ("clusters", "bands", "beats", "beat_details", "beat_grades", "nearby", "report_card")
#: Moves that are tried for a twin, and how many of those that fit are kept in turn.
TRIED, KEPT = 600, (16, 6, 2, 1)


@dataclass(frozen=True)
class Town:
    """
    Incidents, each at a place, in a month, of a kind.

    Attributes
    ----------
    places : ndarray, shape (places, 2)
        Longitude and latitude.
    months : tuple of str
    rows : ndarray of int, shape (incidents, 3)
        Place, month and kind of each.
    """

    places: np.ndarray
    months: tuple[str, ...]
    rows: np.ndarray

    def write(self, path: Path, *, seed: int = 0) -> Path:
        """
        Write the town as an extract with flags.

        Identifiers, streets, the order of rows, and rows that are refused go by the seed:
        none of them may reach a release.
        """
        rng = np.random.default_rng(seed)
        names = ("Crime ID", "Month", "Longitude", "Latitude", "Location", "Crime type", *FLAGS)
        lines = []
        for place, month, kind in self.rows:
            longitude, latitude = self.places[place]
            crime, flag, _ = KINDS[kind]
            street = f"On or near Street {(place * 7 + seed) % 97}"
            where = (f"{longitude:.6f}", f"{latitude:.6f}", street)
            set_flags = ["Y" if name == flag else "N" for name in FLAGS]
            lines.append([f"{rng.integers(16**12):012x}", self.months[month], *where, crime, *set_flags])
        refused = [["x", "soon", "", "", "", "Burglary", *"NNN"]] * (seed % 5)
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(names)
            order = rng.permutation(len(lines)) if seed else range(len(lines))
            writer.writerows([lines[k] for k in order] + refused)
        return path

    def analyse(self, folder: Path, *, seed: int = 0, **settings: object) -> Analysis:
        """Write and analyse it."""
        folder.mkdir(parents=True)
        path = self.write(folder / f"operation-{seed}.csv", seed=seed)
        return analyse_files(replace(QUICK, inputs=(path,), **settings))


def random_town(seed: int, *, n: int | None = None, months: int | None = None) -> Town:
    """Draw a town all over Derby: some hundred to some thousand incidents, in a month to a year and more."""
    rng = np.random.default_rng(seed)
    spots = np.column_stack([-1.4767 + rng.normal(0, 0.035, 90), 52.9125 + rng.normal(0, 0.02, 90)]).round(6)
    drawn = int(rng.choice([500, 1500, 5000])), int(rng.choice([1, 2, 4, 13]))
    n, months = n or drawn[0], months or drawn[1]
    common = np.array([share for *_, share in KINDS], dtype=float) * rng.uniform(0.2, 2, len(KINDS))
    weight = rng.pareto(1.5, len(spots)) + 0.3
    rows = np.column_stack(
        [
            rng.choice(len(spots), n, p=weight / weight.sum()),
            rng.integers(0, months, n),
            rng.choice(len(KINDS), n, p=common / common.sum()),
        ]
    )
    return Town(spots, tuple(map(str, pd.period_range("2024-01", periods=months, freq="M"))), rows)


class Search:
    """
    Look for twins of a town: incidents moved such that no count that is shown changes.

    Which counts are shown may change all the same, and then the pair is no pair of twins:
    whoever asks compares the tables.
    """

    def __init__(self, town: Town, analysis: Analysis, release: Release) -> None:
        self.town, self.analysis, self.base = town, analysis, release.policy.base
        told = {view.slug: view.total for view in release.groups}
        known = set(told) & {*analysis.themes, *analysis.types}
        self.groups = [group for group in release.table.groups if group in known]
        self.totals = np.array([np.nan if told[group] is None else told[group] for group in self.groups])
        shown, exact = release.table.select(self.groups), analysis.table.select(self.groups)
        self.shown = shown.count
        self.start = exact.count
        located = analysis.located
        self.rows = located["source_row"].to_numpy(int) - 2
        at = {level: analysis.areas.level(level).index for level in (WARD, LSOA)}
        first = [int(np.flatnonzero(exact.areas["level"].eq(level))[0]) for level in (WARD, LSOA)]
        self.areas = np.stack(
            [
                at[level].get_indexer(located[f"{level}_code"].astype(object)) + offset
                for level, offset in zip((WARD, LSOA), first, strict=True)
            ],
            axis=1,
        )
        self.members = _members(analysis)[self.groups].to_numpy(bool)
        self.period = 1 + pd.Index(analysis.months).get_indexer(located["month"].astype(object))

    def moved(self, rng: np.random.Generator, kept: int) -> np.ndarray | None:
        """
        Give which located row each located row becomes like, in place, month and kind; None where none fits.

        Returns
        -------
        ndarray of int, shape (located, 3) or None
            Rows whose place, month and kind a row takes.
        """
        taken = np.repeat(np.arange(len(self.rows))[:, None], 3, axis=1)
        count, total, found = self.start.copy(), self.members.sum(axis=0).astype(float), 0
        for _ in range(TRIED):
            one, other = rng.integers(0, len(self.rows), 2)
            which = int(rng.integers(0, 3))
            if taken[one, which] != one or taken[one, which] == other:
                continue
            after = taken[one].copy()
            after[which] = other
            new = count.copy()
            self._add(new, taken[one], -1)
            self._add(new, after, 1)
            all_new = total - self.members[taken[one, 2]] + self.members[after[2]]
            if np.array_equal(new, count) or not self._alike(new, all_new):
                continue
            taken[one], count, total, found = after, new, all_new, found + 1
            if found == kept:
                return taken
        return taken if found else None

    def twin(self, taken: np.ndarray) -> Town:
        """Give the town with the moves made."""
        rows = self.town.rows.copy()
        for column in range(3):
            rows[self.rows, column] = self.town.rows[self.rows[taken[:, column]], column]
        return replace(self.town, rows=rows)

    def findings(self, taken: np.ndarray) -> Analysis:
        """Give what was found with the moves made in rows, places and counts, and all else as it was."""
        before = self.analysis
        located = before.located.copy()
        placed = ["longitude", "latitude", "easting", "northing", "street", "ward_code", "lsoa_code", "place"]
        for names, column in ((placed, 0), (["month"], 1), (["crime_type", "flags"], 2)):
            for name in names:
                located[name] = before.located[name].to_numpy()[taken[:, column]]
        members = _members(before).iloc[taken[:, 2]].set_index(located.index)
        totals = members.sum()
        return replace(
            before,
            located=located,
            places=fold_places(located, members),
            table=count_areas(located, members, before.areas, months=before.months),
            type_of=members[list(before.types)],
            themes={slug: replace(one, total=int(totals[slug])) for slug, one in before.themes.items()},
            types={slug: replace(one, total=int(totals[slug])) for slug, one in before.types.items()},
        )

    def _add(self, count: np.ndarray, taken: np.ndarray, n: int) -> None:
        place, month, kind = taken
        for area in self.areas[place]:
            count[self.members[kind], area, 0] += n
            count[self.members[kind], area, self.period[month]] += n

    def _alike(self, count: np.ndarray, total: np.ndarray) -> bool:
        told, all_told = ~np.isnan(self.shown), ~np.isnan(self.totals)
        return bool(
            (round_counts(count[told], self.base) == self.shown[told]).all()
            and (round_counts(total[all_told], self.base) == self.totals[all_told]).all()
        )


def same_tables(one: Release, other: Release) -> bool:
    """Tell whether two releases state the same counts and totals."""
    totals = [{view.slug: view.total for view in release.groups} for release in (one, other)]
    return totals[0] == totals[1] and _same(one.counts, other.counts)


def with_shapes_of(release: Release, other: Release) -> Release:
    """Draw the shapes of another release on one: what is left follows from its counts."""
    return replace(release, **{name: getattr(other, name) for name in SHAPES})


def differences(one: Release, other: Release) -> list[str]:
    """Name the fields in which two releases differ."""
    return [field.name for field in fields(one) if not _same(*(getattr(r, field.name) for r in (one, other)))]


def _same(one: object, other: object) -> bool:
    if isinstance(one, pd.DataFrame):
        # Every digit of every cell; how pandas keeps a text is of no account.
        plain = [frame.to_wkb() if isinstance(frame, gpd.GeoDataFrame) else frame for frame in (one, other)]
        return bool(plain[0].to_csv() == plain[1].to_csv())
    if hasattr(one, "as_dict"):
        return bool(one.as_dict() == other.as_dict())
    return bool(one == other)


def _members(analysis: Analysis) -> pd.DataFrame:
    """Tell of each located incident the themes and types that it belongs to."""
    themes = [one.theme for slug, one in analysis.themes.items() if slug != ALL_INCIDENTS]
    return pd.concat([classify(analysis.located, themes), analysis.type_of], axis=1)
