"""
Blank the numbers of clusters that would narrow a withheld count.

A shape's number of incidents bounds the areas it reaches into from below and
all others from above: a cluster of 15 across two wards, one of them shown as
10, leaves at least 3 for the other. The outline stays, the number goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.geography.load import Areas
from hotspots.release.attack import Bounds, number_exposes
from hotspots.release.rounding import rounding_limits
from hotspots.release.withholding import SHOWN, CountTables, States


@dataclass(frozen=True)
class _Level:
    """What is known of the areas of one level for one theme."""

    states: np.ndarray
    limits: tuple[np.ndarray, np.ndarray]
    tree: shapely.STRtree


def unlink_clusters(
    clusters: gpd.GeoDataFrame,
    areas: Areas,
    *,
    tables: CountTables,
    states: States,
    bounds: Bounds,
    slugs: Sequence[str],
    policy: Policy,
) -> gpd.GeoDataFrame:
    """
    Blank what gives counts away in the clusters of all themes.

    Parameters
    ----------
    clusters : GeoDataFrame
        With `theme`, as they are to be published.
    areas : Areas
    tables, states, bounds
        The counts, what is published of them, and what follows from that.
    slugs : sequence of str
        The themes in the order of the tables.
    policy : Policy

    Returns
    -------
    GeoDataFrame
        With n, density and share missing where they would narrow a withheld count.
    """
    trees = {level: shapely.STRtree(areas.level(level).geometry.to_numpy()) for level in schema.LEVELS}
    safe = np.ones(len(clusters), dtype=bool)
    for k, slug in enumerate(slugs):
        levels = [*_levels(k, states, bounds, trees)]
        total = float(tables.total[k]) if states.total[k] == SHOWN else np.inf
        rows = np.flatnonzero(clusters["theme"].eq(slug))
        shapes, numbers = clusters.geometry.to_numpy()[rows], clusters["n"].to_numpy(float)[rows]
        safe[rows] = _safe_together(shapes, numbers, levels, total, policy)
    return _blank(clusters, ~safe, ("n", "density_per_km2", "share"))


def _levels(
    theme: int, states: States, bounds: Bounds, trees: dict[str, shapely.STRtree]
) -> Iterator[_Level]:
    """Give the levels at which the theme's counts are published."""
    ward, lsoa = bounds.ward, bounds.lsoa
    yield _Level(states.ward[theme], (ward[0][theme], ward[1][theme]), trees[schema.WARD])
    if states.fine[theme]:
        yield _Level(states.lsoa[theme], (lsoa[0][theme], lsoa[1][theme]), trees[schema.LSOA])


def _safe_together(
    shapes: np.ndarray, numbers: np.ndarray, levels: list[_Level], total: float, policy: Policy
) -> np.ndarray:
    """Tell which of disjoint groups may have a number, alone and added to those before; largest first."""
    safe = np.zeros(len(shapes), dtype=bool)
    touched = [*zip(*(_rows_touched(shapes, level) for level in levels), strict=True)]
    together, known = [np.zeros(len(level.states), dtype=bool) for level in levels], 0.0
    for row in np.argsort(-numbers, kind="stable"):
        least = _least(numbers[row], policy)
        joined: list[np.ndarray] = [a | b for a, b in zip(together, touched[row], strict=True)]
        alone = _exposes(least, touched[row], levels, total, policy)
        if not alone and not _exposes(known + least, joined, levels, total, policy):
            safe[row], together, known = True, joined, known + least
    return safe


def _rows_touched(shapes: np.ndarray, level: _Level) -> np.ndarray:
    """Tell which areas (columns) each shape (row) reaches into."""
    touched = np.zeros((len(shapes), len(level.states)), dtype=bool)
    shape, area = level.tree.query(shapes, predicate="intersects")
    touched[shape, area] = True
    return touched


def _least(number: float, policy: Policy) -> float:
    return float(rounding_limits(number, policy)[0])


def _exposes(
    least: float, touched: Sequence[np.ndarray], levels: list[_Level], total: float, policy: Policy
) -> bool:
    return any(
        number_exposes(least, held, level.states, level.limits, total=total, policy=policy)
        for held, level in zip(touched, levels, strict=True)
    )


def _blank(frame: gpd.GeoDataFrame, rows: np.ndarray, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    return frame.assign(**{name: frame[name].astype(float).mask(rows) for name in columns})
