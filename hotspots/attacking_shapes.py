"""
What `hotspots audit --deep` runs of the program to find the last incident by shapes.

It puts the last incident of an extract elsewhere, draws what the open program would, and keeps the
points that give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from hotspots.audiences import POLICIES
from hotspots.auditing.all_but_one import AllButOne, all_but_one
from hotspots.auditing.published import read_record
from hotspots.errors import InputError
from hotspots.geography.coarse import coarse_cells
from hotspots.geography.load import Areas, load_areas
from hotspots.release.beats import SHARE
from hotspots.release.coarse_beats import densest
from hotspots.release.coarse_shapes import CellCounts, coarse_bands, coarse_clusters, fold_cells
from hotspots.release.ladder import choose_steps
from hotspots.release.rounding import show_count
from hotspots.themes.themes import Theme, load_themes

#: Points that must remain possible.
_LEAST: Final = 8
#: Incidents of the extracts on which releases are tried: below and above the fewest that are drawn.
_SIZES: Final = (60, 600)


@dataclass(eq=False)
class ShapeAttack:
    """
    The open program's shapes outside internal use, for one who knows all incidents but one.

    What is drawn is a function of counts by half of a coarse cell, so equal counts are drawn once.

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
        key = counts.halves.tobytes()
        if key not in self._drawn:
            self._drawn[key] = self._draw(counts)
        return self._drawn[key]

    def alike(self, points: pd.DataFrame) -> np.ndarray:
        """Give the half of each point: points of one half change the same count."""
        return self._cells.halve(points[["easting", "northing"]].to_numpy(float))

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
    Hide one incident of 60 random extracts of 60 and of 600, for each audience of these folders.

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
        attack = ShapeAttack(areas, audience, theme)
        tried = [attack_shapes(attack, points, size=size, extracts=60)[0].possible for size in _SIZES]
        possible = tuple(number for numbers in tried for number in numbers)
        found[audience] = AllButOne(possible, tuple(range(len(possible))), _LEAST)
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
    nearest: int | None = None,
    enough: bool = True,
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
    nearest : int, optional
        Try only so many points around the truth; all by default.
    enough : bool, default True
        Stop counting where 8 remain.
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
        possible += all_but_one(
            attack.draw, crowd, places, rows=rows, nearest=nearest, alike=attack.alike, enough=enough
        ).possible
        drawn += "Polygon" in attack.draw(crowd)
    return AllButOne(tuple(possible), tuple(range(len(possible))), _LEAST), drawn
