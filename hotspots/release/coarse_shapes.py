"""
Hot spots and density bands outside internal use, from counts by half of a coarse cell.

Every incident counts in its half and nowhere finer, so that moving it within the half
changes nothing that is drawn. That holds whatever the attacker knows of the others: it
needs no luck and no random numbers.

Distinct places are not counted. Whoever knows all incidents but one at four places of a cell
would learn from an outline that needs five whether the last is at one of these four. Halves
with incidents stand in for places: there are never fewer places than such halves.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.clusters.cutting import length_of
from hotspots.clusters.identity import identify
from hotspots.density.bands import density_bands
from hotspots.density.grid import square_grid
from hotspots.density.surface import kernel_density
from hotspots.findings.by_theme import CELL_METRES, no_shapes
from hotspots.geography.coarse import CoarseCells
from hotspots.geography.load import Areas
from hotspots.places import coordinates
from hotspots.release.ladder import Parameters
from hotspots.release.rounding import round_counts

#: Share of a hot spot's area from which it is said to lie in a ward.
_LEAST_IN_WARD = 0.1
#: Digits of a density that are given.
_DIGITS = 2


@dataclass(frozen=True, eq=False)
class CellCounts:
    """
    A theme's incidents by coarse cell.

    Attributes
    ----------
    cells : CoarseCells
    halves : ndarray of int, shape (cells, 2)
        Incidents in each half.
    """

    cells: CoarseCells
    halves: np.ndarray

    @property
    def n(self) -> np.ndarray:
        """Incidents, shape (cells,)."""
        return np.asarray(self.halves.sum(axis=1))


def count_cells(places: gpd.GeoDataFrame, weights: np.ndarray, cells: CoarseCells) -> CellCounts:
    """Fold places with their incidents into coarse cells."""
    return fold_cells(coordinates(places), weights, cells)


def fold_cells(xy: np.ndarray, weights: np.ndarray, cells: CoarseCells) -> CellCounts:
    """Fold the incidents at distinct points, shape (places, 2), into coarse cells."""
    n = np.bincount(cells.halve(xy), weights=weights, minlength=2 * len(cells))
    return CellCounts(cells, n.astype(np.int64).reshape(-1, 2))


def coarse_clusters(
    counts: CellCounts, chosen: Parameters | None, areas: Areas, policy: Policy, *, total: int | None
) -> gpd.GeoDataFrame:
    """
    Take each dense cell as a hot spot, where both of its halves have their part in it.

    Dense cells side by side are not joined: in the middle of a city they would make one
    of two kilometres, which nobody patrols as one.

    Parameters
    ----------
    counts : CellCounts
    chosen : Parameters or None
        From the ladder.
    areas : Areas
    policy : Policy
        A hot spot holds `shape_minimum` incidents or more, `shape_places` in each half.
    total : int or None
        The theme's released total, for shares.

    Returns
    -------
    GeoDataFrame
        The columns of "clusters" but the theme. The number of incidents is rounded, area
        and wards are those of the outline; places, streets, months and confidence
        are blank: each would tell points of a cell apart.
    """
    if chosen is None or chosen.min_samples is None:
        return no_shapes("clusters")
    least = np.maximum(chosen.min_samples * counts.cells.squares, policy.shape_minimum)
    hot = np.flatnonzero((counts.n >= least) & (counts.halves.min(axis=1) >= policy.shape_places))
    if not len(hot):
        return no_shapes("clusters")
    boxes = counts.cells.boxes()
    shapes = [
        shapely.intersection(shapely.union_all(boxes[counts.cells.cell == cell]), areas.outline)
        for cell in hot
    ]
    n = round_counts(counts.n[hot], policy.base)
    area = shapely.area(shapes) / 1e6
    months = ("first_month", "last_month", "monthly", "status")
    blank = dict.fromkeys(("part_of", "flags", "types", "hours", "streets", *months), "")
    found = gpd.GeoDataFrame(
        {
            "order": np.arange(1, len(hot) + 1),
            "cluster": [str(k) for k in range(len(hot))],
            "name": "",
            "n": n,
            "places": np.nan,
            "area_km2": area,
            "length_m": [_length(shape, policy.snap) for shape in shapes],
            "density_per_km2": n / area,
            "share": np.minimum(n / total, 1.0) if total else np.nan,
            "confidence": np.nan,
            "ward_codes": _wards(shapes, areas),
            **blank,
        },
        geometry=shapes,
        crs=schema.NATIONAL_GRID,
    )
    # Without streets a hot spot is named by where its outline lies.
    return identify(found[found.geometry.area > 0].reset_index(drop=True), {})


def coarse_bands(
    counts: CellCounts, chosen: Parameters | None, areas: Areas, policy: Policy
) -> gpd.GeoDataFrame:
    """
    Draw the density of incidents that are spread evenly over their cells.

    Parameters
    ----------
    counts, chosen, areas
        As for `coarse_clusters`.
    policy : Policy
        Each part of a band holds `shape_minimum` incidents or more; within the bandwidth of it they
        lie in `shape_places` halves, and so at as many places at least.

    Returns
    -------
    GeoDataFrame
        The columns of "bands" but the theme, corners on a grid of the policy's `snap` metres. How many
        incidents a band holds is not said: it would cut cells.
    """
    if chosen is None or chosen.bandwidth is None:
        return no_shapes("bands")
    cells = counts.cells
    spread = gpd.GeoDataFrame(
        {"n": (counts.n / cells.squares)[cells.cell]},
        geometry=shapely.points(cells.centres),
        crs=schema.NATIONAL_GRID,
    )
    grid = square_grid(areas.outline, cell=CELL_METRES)
    surface = kernel_density(spread, grid=grid, bandwidth=chosen.bandwidth, edge=areas.outline)
    bands = density_bands(
        surface,
        grid,
        places=spread,
        outline=areas.outline,
        reach=chosen.bandwidth,
        minimum_incidents=policy.shape_minimum,
        minimum_places=1,
    )
    return _supported(bands, counts, areas, policy, reach=chosen.bandwidth) if len(bands) else bands


def number_by_size(clusters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Number each theme's hot spots by their released incidents, those without a number last."""
    order = clusters.assign(size=clusters["n"].fillna(-1.0), place=range(len(clusters)))
    order = order.sort_values(["size", "place"], ascending=[False, True], kind="stable")
    numbers = order.groupby("theme", sort=False).cumcount() + 1
    numbered = clusters.assign(order=numbers.reindex(clusters.index).astype("int64"))
    themes = pd.factorize(numbered["theme"])[0]
    return numbered.iloc[np.lexsort((numbered["order"], themes))].reset_index(drop=True)


def _length(shape: shapely.Geometry, step: float) -> float:
    """Measure an outline from end to end, in steps."""
    hull = shapely.get_coordinates(shapely.convex_hull(shape))
    return float(np.floor(length_of(hull) / step + 0.5) * step) if len(hull) else 0.0


def _wards(shapes: list[shapely.Geometry], areas: Areas) -> list[str]:
    """Name the wards in which a real part of each shape lies, by code."""
    wards = areas.wards.geometry.to_numpy()
    found = []
    for shape in shapes:
        part = shapely.area(shapely.intersection(wards, shape)) / max(shape.area, 1e-9)
        found.append(";".join(areas.wards.index[part >= _LEAST_IN_WARD].astype(str)))
    return found


def _supported(
    bands: gpd.GeoDataFrame, counts: CellCounts, areas: Areas, policy: Policy, *, reach: float
) -> gpd.GeoDataFrame:
    """Keep the parts of bands, with the denser ones inside, that rest on enough incidents and places."""
    drawn_rings = bands.geometry.to_numpy()
    tree = shapely.STRtree(shapely.points(counts.cells.centres))
    nested, denser = [], shapely.Polygon()
    for k in range(len(drawn_rings) - 1, -1, -1):
        whole = shapely.set_precision(shapely.union_all(drawn_rings[k:]), policy.snap)
        # A part that was kept above is kept below: snapping must not let it stick out.
        parts = shapely.get_parts(shapely.union(whole, denser, grid_size=policy.snap))
        parts = parts[shapely.get_dimensions(parts) == 2]
        held = [_held(counts, tree.query(part, predicate="intersects")) for part in parts]
        near = [_held(counts, tree.query(part, predicate="dwithin", distance=reach)) for part in parts]
        enough = [
            inside.sum() >= policy.shape_minimum and (around > 0).sum() >= policy.shape_places
            for inside, around in zip(held, near, strict=True)
        ]
        denser = shapely.union_all(parts[np.array(enough, dtype=bool)])
        nested.append(denser)
    nested = nested[::-1]
    drawn = [k for k, shape in enumerate(nested) if not shape.is_empty]
    if not drawn:
        return no_shapes("bands")
    inner = [*(nested[k] for k in drawn[1:]), shapely.Polygon()]
    rings = [
        shapely.difference(nested[k], above, grid_size=policy.snap)
        for k, above in zip(drawn, inner, strict=True)
    ]
    chosen = bands.iloc[drawn]
    return gpd.GeoDataFrame(
        chosen.assign(
            lower=_significant(chosen["lower"]),
            upper=_significant(chosen["upper"]),
            incidents=np.nan,
            incident_share=np.nan,
            area_share=[shapely.area(nested[k]) / areas.outline.area for k in drawn],
        ),
        geometry=rings,
        crs=schema.NATIONAL_GRID,
    )


def _held(counts: CellCounts, squares: np.ndarray) -> np.ndarray:
    """Give the incidents in the halves of the cells of some squares, shape (cells, 2)."""
    return np.asarray(counts.halves[np.unique(counts.cells.cell[squares])])


def _significant(values: pd.Series) -> np.ndarray:
    return np.array([float(f"{value:.{_DIGITS}g}") for value in values])
