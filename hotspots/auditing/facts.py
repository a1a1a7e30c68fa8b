"""
What a reader knows of the counts of one or several releases, as one system of unknowns.

Every row carries the kind of knowledge that it is: some hold by arithmetic, some
by an assumption that an attacker makes (each incident lies in exactly one ward).
Where the assumptions contradict what is published, they are given up in turn.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from hotspots.auditing._policy import ALL_INCIDENTS, CITY, COMBINED, WARD, ZONE
from hotspots.auditing.cells import Cell, count_interval
from hotspots.auditing.changes import change_rows
from hotspots.auditing.combined import combined_rows
from hotspots.auditing.figures import Statement, table_intervals
from hotspots.auditing.nesting import Nesting, nestings
from hotspots.auditing.program import Unknowns
from hotspots.auditing.published import Published
from hotspots.auditing.ranks import rank_pairs
from hotspots.auditing.shapes import shape_groups
from hotspots.auditing.types import type_sums

MONTHS, THEMES, STATED, CHANGES = "months", "themes", "sums of themes", "changes"
CITY_SUMS, NESTED, SHAPES, RANKS = "sums of the city", "areas within areas", "shapes", "ranks"
TYPES: Final = "themes as sums of types"
#: Kinds that rest on an assumption, the boldest first.
ASSUMED: Final = (RANKS, SHAPES, CHANGES, TYPES, NESTED, CITY_SUMS)
_UNPLACED: Final = re.compile(r"without a certain (\w+): (?:about ([\d,]+)|a few|(\d+))")


def gather(releases: Sequence[Published], said: Iterable[Statement] = ()) -> Unknowns:
    """
    Put everything that the releases state into one system.

    Parameters
    ----------
    releases : sequence of Published
        Those that withhold something; they describe the same incidents.
    said : iterable of Statement
        What figures say beyond the tables.
    """
    facts = Unknowns()
    for cell, (low, high) in _stated(releases).items():
        # The themes together are a sum that holds some incidents twice, and no count.
        if cell.theme != COMBINED:
            facts.unknown(cell, low, high)
    for statement in said:
        if statement.cell.theme != COMBINED:
            facts.unknown(statement.cell, statement.low, statement.high)
    _add_months(facts)
    _add_themes(facts)
    for one in releases:
        _add_city(facts, one)
        _add_ranks(facts, one)
        _add_types(facts, one)
        for parts, low, high in combined_rows(one):
            facts.between(dict.fromkeys(parts, 1.0), low, high, kind=STATED)
        for terms, low, high in change_rows(one):
            if all(cell in facts.index for cell in terms):
                facts.between(terms, low, high, kind=CHANGES)
        _add_shapes(facts, one)
    for nesting in nestings(releases):
        _add_nesting(facts, nesting, releases)
    return facts


def _stated(releases: Sequence[Published]) -> dict[Cell, tuple[float, float]]:
    """
    Give what the releases' tables leave open of each count together.

    Wards of two vintages do not end at quite the same border, so a few incidents are in the
    one city and not in the other: counts that then contradict each other are left as wide as both.
    """
    found: dict[Cell, tuple[float, float]] = {}
    one_city = len({one.vintage(WARD) for one in releases}) == 1
    for one in releases:
        for cell, (low, high) in table_intervals(one).items():
            least, most = found.get(cell, (0.0, np.inf))
            both = max(low, least), min(high, most)
            wide = min(low, least), max(high, most)
            found[cell] = both if one_city or both[0] <= both[1] else wide
    return found


def cells_of(facts: Unknowns) -> list[Cell]:
    """Give the unknowns that are counts of areas."""
    return [key for key in facts.index if isinstance(key, Cell)]


def _add_months(facts: Unknowns) -> None:
    """A period is the sum of its months; periods of several releases are cut where one of them ends."""
    periods: dict[tuple[str, str, str], set[tuple[str, ...]]] = defaultdict(set)
    for cell in cells_of(facts):
        periods[cell.theme, cell.level, cell.code].add(cell.months)
    for (theme, level, code), stated in periods.items():
        if len(stated) < 2:
            continue
        pieces = atoms(stated)
        for piece in pieces:
            facts.unknown(Cell(theme, level, code, piece))
        for months in stated - set(pieces):
            parts = [Cell(theme, level, code, piece) for piece in pieces if set(piece) <= set(months)]
            facts.equal(Cell(theme, level, code, months), parts, kind=MONTHS)


def atoms(periods: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Cut periods into the pieces that none of them parts further."""
    stated = sorted(set(periods))
    pieces: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for month in sorted({month for months in stated for month in months}):
        pieces[tuple(month in months for months in stated)].append(month)
    return [tuple(months) for months in pieces.values()]


def _add_themes(facts: Unknowns) -> None:
    """Every incident of a theme is among all incidents."""
    for cell in cells_of(facts):
        whole = Cell(ALL_INCIDENTS, cell.level, cell.code, cell.months)
        if cell != whole and whole in facts.index:
            facts.at_least([whole], [cell], kind=THEMES)


def _add_city(facts: Unknowns, one: Published) -> None:
    """The areas of a level add up to the city, but for the rows that the record says have none."""
    listed: dict[tuple[str, str, tuple[str, ...]], list[Cell]] = defaultdict(list)
    for cell in one.stated:
        if cell.level != CITY and cell in facts.index:
            listed[cell.theme, cell.level, cell.months].append(cell)
    for (theme, level, months), cells in listed.items():
        city = one.city(theme)
        if months != one.months or city not in facts.index or not _complete(one, level, cells):
            continue
        slack = unplaced(one, level)
        terms = {city: 1.0, **dict.fromkeys(cells, -1.0)}
        facts.between(terms, 0.0, slack, kind=CITY_SUMS)


def _complete(one: Published, level: str, cells: Sequence[Cell]) -> bool:
    """Say whether every area of the layer is in the table; without a layer it is taken to be so."""
    layer = next((frame for name, frame in one.areas.items() if one.vintage(name) == level), None)
    return level != ZONE and (layer is None or len(cells) == len(layer))


def unplaced(one: Published, level: str) -> float:
    """Say how many incidents the record admits to be in no area of a level; none where it says nothing."""
    kind = level.partition("_")[0]
    notes = " ".join(map(str, one.record.get("geocoding", {}).get("notes", [])))
    found = {name.lower(): (about, number) for name, about, number in _UNPLACED.findall(notes)}
    if kind not in found:
        return 0.0
    about, number = found[kind]
    if number:
        return float(number)
    if not about:
        return float(one.policy.minimum - 1)
    return count_interval(float(about.replace(",", "")), one.policy)[1]


def _add_nesting(facts: Unknowns, nesting: Nesting, releases: Sequence[Published]) -> None:
    """An area holds the areas that lie in it, and not more than those that reach into it hold."""
    by_grain: dict[str, dict[tuple[str, tuple[str, ...]], set[str]]] = defaultdict(lambda: defaultdict(set))
    for cell in cells_of(facts):
        if cell.level in (nesting.outer, nesting.inner):
            by_grain[cell.level][cell.theme, cell.months].add(cell.code)
    slack = max(
        (unplaced(one, level) for one in releases for level in (nesting.outer, nesting.inner)), default=0
    )
    for grain in sorted(set(by_grain[nesting.outer]) & set(by_grain[nesting.inner])):
        outer, inner = by_grain[nesting.outer][grain], by_grain[nesting.inner][grain]
        for code, held in nesting.inside.items():
            parts = [Cell(grain[0], nesting.inner, at, grain[1]) for at in held if at in inner]
            # Zones may overlap each other: an incident in two of them is one incident.
            for some in [[part] for part in parts] if nesting.inner == ZONE else [parts]:
                if code in outer and some:
                    whole = Cell(grain[0], nesting.outer, code, grain[1])
                    facts.at_least([whole], some, slack=slack, kind=NESTED)
        for code, reaching in nesting.covering.items():
            if code in outer and set(reaching) <= inner:
                parts = [Cell(grain[0], nesting.inner, at, grain[1]) for at in reaching]
                facts.at_least(
                    parts, [Cell(grain[0], nesting.outer, code, grain[1])], slack=slack, kind=NESTED
                )


def _add_ranks(facts: Unknowns, one: Published) -> None:
    for above, below in rank_pairs(one):
        if above in facts.index and below in facts.index:
            facts.at_least([above], [below], kind=RANKS)


def _add_types(facts: Unknowns, one: Published) -> None:
    """An incident has one type, so types add up to no more than what holds them, or to all of it."""
    for whole, parts, complete in type_sums(one):
        facts.at_least([whole], parts, kind=THEMES if whole.theme == ALL_INCIDENTS else TYPES)
        if complete:
            facts.at_least(parts, [whole], kind=TYPES)


def _add_shapes(facts: Unknowns, one: Published) -> None:
    """The incidents of a shape lie in the areas that it reaches into, and shapes do not share them."""
    for group in shape_groups(one):
        held: dict[Cell, list[Any]] = defaultdict(list)
        parts: list[list[Any]] = []
        if not any(cell in facts.index for cells in group.reach for cell in cells):
            continue
        for number, cells in enumerate(group.reach):
            parts.append([(one.name, group.kind, number, cell) for cell in cells])
            for part in parts[-1]:
                facts.unknown(part)
                held[part[-1]].append(part)
        for members, low, high in group.sums:
            terms = dict.fromkeys((part for at in members for part in parts[at]), 1.0)
            facts.between(terms, low, high, kind=SHAPES)
        for cell, mine in held.items():
            if cell in facts.index:
                facts.at_least([cell], mine, kind=SHAPES)
