"""
What the order of ranks says of counts.

A rank goes by a rate that is drawn towards the city's, by an amount that a
reader does not know. Whatever the amount: an area that ranks above another and
has no fewer residents has no fewer incidents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from hotspots.auditing._policy import ALL_INCIDENTS, COMBINED
from hotspots.auditing.cells import Cell, Leak
from hotspots.auditing.published import Published

_TABLE: Final = "tables/priority.csv"


def rank_pairs(published: Published) -> Iterator[tuple[Cell, Cell]]:
    """
    Give pairs of cells of which the first is not below the second.

    Only from rankings made of exact counts: those that rank an area whose count
    is withheld, or that no released count explains.
    """
    for _, part in rankings(published):
        if hidden(part).any() or contradicted(part):
            cells = part["cell"].to_numpy()
            above, below = np.nonzero(_covers(_dominance(part)))
            yield from zip(cells[above], cells[below], strict=True)


def rank_leaks(published: Published) -> Iterator[Leak]:
    """Find rankings that released counts do not explain, where all counts are shown."""
    for (theme, level), part in rankings(published):
        wrong = contradicted(part)
        if wrong:
            yield Leak(
                "ranks of exact counts",
                published.name,
                _TABLE,
                f"{wrong} pairs of areas of {theme} by {level} are ranked against their released counts.",
            )


def rankings(published: Published) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Give rank, residents, released count and cell of the ranked areas, by theme and level."""
    frame = next((table.frame for table in published.tables if table.where == _TABLE), None)
    if frame is None or not {"theme", "level", "code", "rank"} <= set(frame.columns):
        return
    ranked = frame[pd.to_numeric(frame["rank"], errors="coerce").notna()]
    for (theme, level), rows in ranked.groupby(["theme", "level"], sort=True):
        if theme == COMBINED or (theme == ALL_INCIDENTS and published.combined_is_all):
            continue
        residents = published.denominator(str(level), "residents").reindex(rows["code"]).to_numpy(float)
        cells = [published.cell(str(theme), str(level), str(code)) for code in rows["code"]]
        counts = [published.stated.get(cell) for cell in cells]
        part = pd.DataFrame(
            {
                "rank": rows["rank"].astype(float).to_numpy(),
                "residents": residents,
                "count": np.array([np.nan if count is None else count for count in counts]),
            }
        )
        yield (
            (str(theme), str(level)),
            part.assign(cell=pd.Series(cells, dtype=object))
            .dropna(subset=["residents"])
            .reset_index(drop=True),
        )


def hidden(part: pd.DataFrame) -> pd.Series:
    """Mark the ranked areas whose count is withheld."""
    return part["count"].isna()


def contradicted(part: pd.DataFrame) -> int:
    """Count the pairs that are ranked against their released counts."""
    counts = part["count"].to_numpy()
    return int((_dominance(part) & (counts[:, None] < counts[None, :])).sum())


def _dominance(part: pd.DataFrame) -> np.ndarray:
    """Mark, by row and column, areas that rank above others with no fewer residents."""
    rank, residents = part["rank"].to_numpy(), part["residents"].to_numpy()
    return (rank[:, None] < rank[None, :]) & (residents[:, None] >= residents[None, :])


def _covers(order: np.ndarray) -> np.ndarray:
    """Leave out pairs that follow from others."""
    steps = order.astype(np.int32)
    return order & ~((steps @ steps) > 0)
