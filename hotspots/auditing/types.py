"""
Crime types beside themes: every incident has one type, and some themes are sums of types.

Which types make a theme is in the open list of themes. Where the data hold no
offence codes and no flags, as police.uk's do, these types are the whole theme;
the record says of each theme by which evidence it is seen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from hotspots.auditing._policy import ALL_INCIDENTS, TYPE_PREFIX, types_of_themes
from hotspots.auditing.cells import Cell
from hotspots.auditing.published import Published

Grain = tuple[str, str, tuple[str, ...]]
#: Evidence that is no crime type.
_OTHER_EVIDENCE: Final = ("code", "flag", "%")


def type_sums(published: Published) -> Iterator[tuple[Cell, tuple[Cell, ...], bool]]:
    """
    Give a cell, types whose incidents are all in it, and whether they are all that is in it.

    The last rests on what the record says: that no type is left out, or that a
    theme is seen by its types alone.
    """
    by_grain = _types(published)
    every = {cell.theme for cells in by_grain.values() for cell in cells.values()}
    whole = {slug: _slugs(names) for slug, names in types_of_themes().items()}
    for (level, code, months), held in by_grain.items():
        top = Cell(ALL_INCIDENTS, level, code, months)
        if top in published.stated:
            yield top, tuple(held.values()), set(held) == every
        for slug, types in whole.items():
            theme = Cell(slug, level, code, months)
            mine = tuple(held[name] for name in sorted(types & set(held)))
            if mine and theme in published.stated and _seen_by_types(published, slug):
                yield theme, mine, types & every <= set(held)


def _types(published: Published) -> dict[Grain, dict[str, Cell]]:
    found: dict[Grain, dict[str, Cell]] = defaultdict(dict)
    for cell in published.stated:
        if cell.theme.startswith(TYPE_PREFIX):
            found[cell.level, cell.code, cell.months][cell.theme] = cell
    return found


def _slugs(names: tuple[str, ...]) -> set[str]:
    return {TYPE_PREFIX + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in names}


def _seen_by_types(published: Published, slug: str) -> bool:
    """Say whether the record names no evidence of a theme but its crime types."""
    for one in published.record.get("themes", []):
        if one.get("slug") == slug:
            words = str(one.get("observability_text", "%"))
            return not any(other in words for other in _OTHER_EVIDENCE)
    return False
