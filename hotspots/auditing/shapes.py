"""
Clusters, density bands and beats: what their counts say of the areas that they reach into.

The incidents of a shape lie in the areas that its outline touches, and no two
clusters, and no two rings of bands, share an incident.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.auditing.cells import Cell, Leak, blank, count_interval
from hotspots.auditing.published import Published, Table

#: Column that holds the incidents of each kind of shape.
_NUMBERS: Final = {"clusters": "n", "density": "incidents", "beats": "n"}


@dataclass(frozen=True)
class Shapes:
    """
    Shapes of one kind and theme, over the areas of one level.

    Attributes
    ----------
    kind, theme, level : str
    reach : tuple of tuple of Cell
        Cells of the areas that each shape touches.
    sums : tuple of (tuple of int, float, float)
        Shapes whose incidents together lie between two numbers.
    """

    kind: str
    theme: str
    level: str
    reach: tuple[tuple[Cell, ...], ...]
    sums: tuple[tuple[tuple[int, ...], float, float], ...]


def shape_groups(published: Published) -> Iterator[Shapes]:
    """Give the shapes of a release by kind, theme and level of areas."""
    for kind, frame in published.shapes.items():
        # A layer in a further format ("layers/clusters.fgb") says nothing anew.
        number = _NUMBERS.get(kind)
        if number not in frame:
            continue
        # Parts of a cluster hold incidents that the whole holds too.
        whole = frame[frame["part_of"].map(blank).astype(bool)] if "part_of" in frame else frame
        order = "band" if kind == "density" else number
        for theme, rows in whole.groupby("theme", sort=True):
            for level in published.areas:
                yield _group(published, kind, str(theme), level, rows.sort_values(order, kind="stable"))


def _group(published: Published, kind: str, theme: str, level: str, rows: Any) -> Shapes:
    import shapely

    number = _NUMBERS[kind]
    areas = published.areas[level]
    shapes = rows.geometry.to_numpy()
    one, area = shapely.STRtree(areas.geometry.to_numpy()).query(shapes, predicate="intersects")
    codes = areas.index.astype(str).to_numpy()
    reach = [
        tuple(published.cell(theme, level, code) for code in sorted(codes[area[one == at]]))
        for at in range(len(shapes))
    ]
    sums = []
    for at, value in enumerate(pd.to_numeric(rows[number], errors="coerce")):
        if not np.isnan(value):
            members = tuple(range(at, len(shapes))) if kind == "density" else (at,)
            sums.append((members, *count_interval(float(value), published.policy)))
    return Shapes(kind, theme, published.vintage(level), tuple(reach), tuple(sums))


def shape_leaks(published: Published) -> Iterator[Leak]:
    """Find figures of shapes that were not computed from their released counts."""
    for table in published.tables:
        for number, other in (("n", "share"), ("incidents", "incident_share")):
            if {"theme", number, other} <= set(table.frame.columns):
                yield from _wrong_shares(published, table, number, other)
        if {"n", "area_km2", "density_per_km2"} <= set(table.frame.columns):
            yield from _wrong_densities(published, table)


def _wrong_shares(published: Published, table: Table, number: str, other: str) -> Iterator[Leak]:
    frame = table.frame
    known = frame[
        ~(frame[number].map(blank).astype(bool) | frame[other].map(blank).astype(bool)).astype(bool)
    ]
    totals = known["theme"].map(lambda theme: published.stated.get(published.city(str(theme))) or np.nan)
    from_released = known[number].astype(float) / totals.astype(float)
    half = _half(known[other])
    wrong = int(((from_released - known[other].astype(float)).abs() > half * (1 + 1e-6)).sum())
    if wrong:
        yield _leak(published, table, f"{wrong} shares of shapes are not their released count over the total")


def _wrong_densities(published: Published, table: Table) -> Iterator[Leak]:
    frame = table.frame
    columns = ["n", "area_km2", "density_per_km2"]
    known = frame[~frame[columns].map(blank).any(axis=1)][columns]
    n, area, density = (known[name].astype(float) for name in columns)
    near, around = _half(known["density_per_km2"]), _half(known["area_km2"])
    low, high = (density - near) * (area - around), (density + near) * (area + around)
    wrong = int(((n < low - 1e-9) | (n > high + 1e-9)).sum())
    if wrong:
        yield _leak(published, table, f"{wrong} densities times their areas are not the released counts")


def _half(values: pd.Series) -> float:
    """Give half a unit of the last digit that a column is written with."""
    digits = values.map(
        lambda v: len((v if isinstance(v, str) else repr(float(v))).partition(".")[2].rstrip("0"))
    )
    return float(0.5 * 10.0 ** -min(int(digits.max()), 9)) if len(values) else 0.0


def _leak(published: Published, table: Table, words: str) -> Leak:
    return Leak("finer than the table", published.name, table.where, f"{words}.")
