"""
Derive the coarse cells on which hot spots and bands are drawn outside internal use.

Run it with `python data/makers/derive_cells.py`. It writes data/coarse_cells.csv:
squares of 250 m, by their south-west corner, and the cell that each belongs to. A cell
joins squares until it holds at least 12 of the labelled points (postcodes and
output-area centres) of the reference data. Whoever knows every incident but one learns
from a shape at most the cell of the last: at least 12 points, 8 of them even where he
knows that the last was needed to make five places.

A square with too few joins the neighbour with the fewest, the emptiest square first;
one without a point joins the cell nearest to it.
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
#: Points of a cell: 8 that must remain possible, and 4 that may be known to be taken.
FEWEST = 12


def count_points(source: Path) -> pd.Series:
    """Count the labelled points in each square, by its south-west corner."""
    points = pd.read_csv(source / "area_points.csv.gz", usecols=["easting", "northing"]).drop_duplicates()
    corners = points // SIDE * SIDE
    return corners.groupby(["easting", "northing"]).size()


def join_squares(points: pd.Series, *, fewest: int = FEWEST) -> dict[tuple[int, int], int]:
    """Join squares until each cell holds enough points; give the cell of each square, numbered from 0."""
    corners = [(int(e), int(n)) for e, n in points.index]
    members = {k: [corner] for k, corner in enumerate(corners)}
    held = {k: int(n) for k, n in enumerate(points)}
    cell_of = {corner: k for k, corner in enumerate(corners)}
    while held[least := min(held, key=lambda k: (held[k], k))] < fewest:
        into = _neighbour(members[least], cell_of, held)
        into = _nearest(members[least], members, least) if into is None else into
        for corner in members[least]:
            cell_of[corner] = into
        members[into] += members.pop(least)
        held[into] += held.pop(least)
    return cell_of


def _neighbour(squares: list[tuple[int, int]], cell_of: dict, held: dict[int, int]) -> int | None:
    """Give the cell with the fewest points that shares a side with these squares."""
    own = cell_of[squares[0]]
    around = {
        cell_of[beside]
        for e, n in squares
        for beside in ((e + SIDE, n), (e - SIDE, n), (e, n + SIDE), (e, n - SIDE))
        if beside in cell_of and cell_of[beside] != own
    }
    return min(around, key=lambda k: (held[k], k)) if around else None


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the reference data")
    source = parser.parse_args().source
    outline = shapely.from_wkt((source / "city_outline.wkt").read_text(encoding="utf-8").partition(";")[2])
    cells = cover_city(join_squares(count_points(source)), outline)
    cells.to_csv(HERE / "coarse_cells.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
