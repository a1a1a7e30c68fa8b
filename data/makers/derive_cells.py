"""
Derive the coarse cells on which hot spots and bands are drawn outside internal use.

Run it with `python data/makers/derive_cells.py`. It writes data/coarse_cells.csv:
squares of 250 m, by their south-west corner, the cell that each belongs to, and the
easting or northing that cuts the cell in two. A cell joins squares until it holds at
least 16 of the labelled points (postcodes and output-area centres) of the reference data,
8 in each half. Shapes are functions of counts by half, so whoever knows every incident
but one learns from them at most the half of the last.

A square with too few joins the neighbour with which it stays smallest across, the emptiest
square first; one without a point joins the cell nearest to it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE.parent.parent / "shared" / "derby"
SIDE = 250
#: Points of a half: so many must remain possible.
HALF = 8
#: Points of a cell.
FEWEST = 2 * HALF


def read_points(source: Path) -> pd.DataFrame:
    """Read the distinct labelled points."""
    return pd.read_csv(source / "area_points.csv.gz", usecols=["easting", "northing"]).drop_duplicates()


def count_points(points: pd.DataFrame) -> pd.Series:
    """Count the points in each square, by its south-west corner."""
    corners = points // SIDE * SIDE
    return corners.groupby(["easting", "northing"]).size()


def join_squares(points: pd.Series, *, fewest: int = FEWEST) -> dict[tuple[int, int], int]:
    """Join squares until each cell holds enough points; give the cell of each square, numbered from 0."""
    corners = [(int(e), int(n)) for e, n in points.index]
    members = {k: [corner] for k, corner in enumerate(corners)}
    held = {k: int(n) for k, n in enumerate(points)}
    cell_of = {corner: k for k, corner in enumerate(corners)}
    while held[least := min(held, key=lambda k: (held[k], k))] < fewest:
        into = _neighbour(members[least], cell_of, members, held)
        into = _nearest(members[least], members, least) if into is None else into
        for corner in members[least]:
            cell_of[corner] = into
        members[into] += members.pop(least)
        held[into] += held.pop(least)
    return cell_of


def _neighbour(
    squares: list[tuple[int, int]], cell_of: dict, members: dict[int, list], held: dict[int, int]
) -> int | None:
    """Give the cell beside these squares with which they are smallest across, then the emptiest."""
    own = cell_of[squares[0]]
    around = {
        cell_of[beside]
        for e, n in squares
        for beside in ((e + SIDE, n), (e - SIDE, n), (e, n + SIDE), (e, n - SIDE))
        if beside in cell_of and cell_of[beside] != own
    }
    return min(around, key=lambda k: (_across(squares + members[k]), held[k], k)) if around else None


def _across(squares: list[tuple[int, int]]) -> float:
    """Measure squares from corner to corner of the box around them."""
    corners = np.array(squares)
    return float(np.hypot(*(corners.max(axis=0) - corners.min(axis=0) + SIDE)))


def _nearest(squares: list[tuple[int, int]], members: dict[int, list], own: int) -> int:
    """Give the cell of the nearest other square."""
    others = sorted((corner, k) for k, held in members.items() if k != own for corner in held)
    away = cKDTree([corner for corner, _ in others]).query(squares)
    return others[int(away[1][int(np.argmin(away[0]))])][1]


def cover_city(cell_of: dict[tuple[int, int], int], outline: shapely.Geometry) -> pd.DataFrame:
    """Give every square that the city reaches into a cell, numbered from the south-west."""
    west, south, east, north = (np.array(outline.buffer(2 * SIDE).bounds) // SIDE * SIDE).astype(int)
    grid = [(e, n) for n in range(south, north + SIDE, SIDE) for e in range(west, east + SIDE, SIDE)]
    boxes = shapely.box(*np.array([(e, n, e + SIDE, n + SIDE) for e, n in grid]).T)
    touched = shapely.intersects(boxes, outline.buffer(SIDE))
    inside = [corner for corner, there in zip(grid, touched, strict=True) if there]
    wanted = sorted({*inside, *cell_of}, key=lambda corner: (corner[1], corner[0]))
    known = sorted(cell_of)
    nearest = cKDTree(known).query(wanted)[1]
    cells = pd.factorize(np.array([cell_of[known[k]] for k in nearest]))[0]
    return pd.DataFrame(wanted, columns=["easting", "northing"]).assign(cell=cells + 1)


def cut_in_two(xy: np.ndarray, *, half: int = HALF) -> tuple[float, float]:
    """
    Give the easting or the northing from which points of a cell lie in its second half; nan for the other.

    Of the cuts that leave enough points on both sides, the one whose halves lie closest together.
    """
    cuts = []
    for axis in (0, 1):
        values = np.sort(xy[:, axis])
        for low, high in zip(values[half - 1 : -half], values[half : len(xy) - half + 1], strict=True):
            if low < high:
                cut = (low + high) // 2 + 1
                second = xy[:, axis] >= cut
                cuts.append((_scatter(xy[second]) + _scatter(xy[~second]), axis, float(cut)))
    if not cuts:
        raise ValueError(f"A cell of {len(xy)} points cannot be cut into halves of {half}: raise FEWEST.")
    _, axis, cut = min(cuts)
    return (cut, np.nan) if axis == 0 else (np.nan, cut)


def _scatter(xy: np.ndarray) -> float:
    """Sum squared distances from the middle."""
    return float(((xy - xy.mean(axis=0)) ** 2).sum())


def cut_cells(cells: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Put the cut of its cell beside each square."""
    cell_of = cells.set_index(["easting", "northing"])["cell"]
    held = cell_of.reindex(pd.MultiIndex.from_frame(points // SIDE * SIDE)).to_numpy()
    cuts = {cell: cut_in_two(own.to_numpy()) for cell, own in points.groupby(held)}
    both = np.array([cuts[cell] for cell in cells["cell"]])
    return cells.assign(
        cut_easting=pd.array(both[:, 0], dtype="Int64"), cut_northing=pd.array(both[:, 1], dtype="Int64")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the reference data")
    source = parser.parse_args().source
    outline = shapely.from_wkt((source / "city_outline.wkt").read_text(encoding="utf-8").partition(";")[2])
    points = read_points(source)
    cells = cut_cells(cover_city(join_squares(count_points(points)), outline), points)
    cells.to_csv(HERE / "coarse_cells.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
