"""Figures that stand beside a withheld count: ranks, chances, classes, verdicts, whatever is not blank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from hotspots.auditing._policy import ALL_INCIDENTS, COMBINED, WHOLE_PERIOD
from hotspots.auditing.cells import Leak, blank
from hotspots.auditing.published import Published, Table

#: What says which area it is, and what anyone can look up.
_NOT_OF_INCIDENTS: Final = frozenset(
    {"theme", "level", "vintage", "code", "name", "month", "count", "residents", "households", "area_km2"}
    | {"geometry", "fid", "kind", "evidence"}
)
#: What a release may write where it says nothing.
_NOTHING: Final = frozenset({"", "false", "0", "0.0", "nan", "none", "too few to show", "too few to show."})
#: Columns in which 0 is a figure like any other.
_NUMBERS: Final = frozenset(
    {"rank", "rank_low", "rank_high", "p_top", "share", "change", "change_q", "gi_star"}
)


#: Columns of a ranking, which may be of the themes together where the count beside them is of all incidents.
_RANKING: Final = frozenset(
    {"rank", "rank_low", "rank_high", "p_top", "class", "priority", "top_by", "verdict"}
    | {"denominator_sensitive", "sensitive"}
)


def _ranks(column: str) -> bool:
    return column in _RANKING or column.startswith(("rank_by_", "chance_by_"))


def beside_withheld(published: Published) -> Iterator[Leak]:
    """
    Find what is filled in beside a count that is withheld.

    Whatever follows from released counts has nothing to follow from there, so it
    can only come from the exact ones.
    """
    for table in published.tables:
        if not {"theme", "level", "code"} <= set(table.frame.columns):
            continue
        columns = [str(name) for name in table.frame.columns if str(name) not in _NOT_OF_INCIDENTS]
        ranking = [name for name in columns if _ranks(name)]
        others = [name for name in columns if not _ranks(name)]
        yield from _filled_in(published, table, ranking, _unranked(published, table))
        yield from _filled_in(published, table, others, withheld_rows(published, table))


def _filled_in(published: Published, table: Table, columns: list[str], hidden: pd.Series) -> Iterator[Leak]:
    if not columns or not hidden.any():
        return
    part = table.frame[hidden]
    keys = [part["theme"].astype(str), part["level"].astype(str)]
    marks = pd.DataFrame({name: _filled(part[name], name) for name in columns})
    for (theme, level), mine in marks.groupby(keys, sort=True):
        sums = mine.sum()
        filled = {str(name): int(n) for name, n in sums.items() if n}
        if filled:
            yield Leak(
                "beside a withheld count",
                published.name,
                table.where,
                f"{', '.join(filled)} are filled in beside {max(filled.values())} of {len(mine)} "
                f"withheld counts of {theme} by {level}.",
            )


def _unranked(published: Published, table: Table) -> pd.Series:
    """Mark the rows of which the ranking has no count to follow from."""
    frame = table.frame
    together = frame["theme"].eq(COMBINED) | (frame["theme"].eq(ALL_INCIDENTS) & published.combined_is_all)
    called = ALL_INCIDENTS if published.combined_is_all else COMBINED
    keys = zip(frame["theme"].mask(together, called), frame["level"], frame["code"], strict=True)
    blanks = pd.Series([key in published.unranked for key in keys], index=frame.index, dtype=bool)
    return withheld_rows(published, table).where(~together, blanks)


def withheld_rows(published: Published, table: Table) -> pd.Series:
    """Mark the rows whose own count is withheld."""
    frame = table.frame
    if table.where.startswith("tables/") and "count" in frame:
        return frame["count"].map(blank).astype(bool)
    months = frame["month"] if "month" in frame else pd.Series(WHOLE_PERIOD, index=frame.index)
    keys = zip(frame["theme"], frame["level"], frame["code"], months, strict=True)
    marks = [published.cell(*map(str, key)) in published.withheld for key in keys]
    return pd.Series(marks, index=frame.index, dtype=bool)


def _filled(values: pd.Series, column: str) -> pd.Series:
    """Mark the rows in which a column says something."""
    there = ~values.map(blank).astype(bool)
    if column in _NUMBERS or column.startswith(("rank_by_", "chance_by_")):
        return there
    return there & ~values.astype(str).str.strip().str.lower().isin(_NOTHING)
