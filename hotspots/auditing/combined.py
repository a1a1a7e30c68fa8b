"""
Counts of the themes together, which are no counts of incidents.

An incident of two themes is in it twice. The released sum of released counts
says nothing new; any other figure is a sum of exact ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from hotspots.auditing._policy import CITY, COMBINED
from hotspots.auditing.cells import Cell, Leak, count_interval
from hotspots.auditing.published import Published


def combined_rows(published: Published) -> Iterator[tuple[tuple[Cell, ...], float, float]]:
    """Give sums over themes with their limits, from combined counts that released ones do not explain."""
    for mine in _stated(published).values():
        if not _explained(published, mine):
            for cell, count in mine.items():
                parts = _parts(cell, tuple(_themes(published)))
                if all(part in published.stated for part in parts):
                    yield parts, *count_interval(count, published.policy)


def combined_leaks(published: Published) -> Iterator[Leak]:
    """Find combined counts that are no sum of released counts."""
    for level, mine in _stated(published).items():
        if not _explained(published, mine):
            words = f"{len(mine)} counts of the themes together by {level} are no sum of released counts."
            yield Leak("finer than the table", published.name, "tables/areas.csv", words)


def _stated(published: Published) -> dict[str, dict[Cell, float]]:
    """Give the combined counts of a release by level."""
    found: dict[str, dict[Cell, float]] = {}
    for cell, count in published.stated.items():
        if cell.theme == COMBINED and cell.level != CITY and count is not None:
            found.setdefault(cell.level, {})[cell] = count
    return found


def _themes(published: Published) -> list[str]:
    return sorted(map(str, published.record.get("combined_themes", {})))


def _parts(cell: Cell, themes: tuple[str, ...]) -> tuple[Cell, ...]:
    return tuple(Cell(theme, cell.level, cell.code, cell.months) for theme in themes)


def _explained(published: Published, mine: dict[Cell, float]) -> bool:
    """Say whether one choice of themes, whose counts are shown, adds up to every combined count."""
    themes = _themes(published)
    choices = [some for size in range(1, len(themes) + 1) for some in combinations(themes, size)]
    return any(all(_sum(published, cell, some) == count for cell, count in mine.items()) for some in choices)


def _sum(published: Published, cell: Cell, themes: tuple[str, ...]) -> Any:
    counts = [published.stated.get(part) for part in _parts(cell, themes)]
    return None if None in counts else sum(count for count in counts if count is not None)
