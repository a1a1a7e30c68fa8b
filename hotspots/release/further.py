"""Counts that are withheld beyond the rule, because earlier releases are known beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hotspots.schema import COMBINED, LEVELS, LSOA, WARD, WHOLE_PERIOD

if TYPE_CHECKING:
    from hotspots.auditing.published import Published

#: Stands for every area of a level.
EVERYWHERE = ""


@dataclass(frozen=True)
class Earlier:
    """
    What an earlier release of the same incidents states, as far as a new one goes by it.

    Attributes
    ----------
    minimum : int
        Its audience's fewest incidents.
    months : tuple of str
    wards, lsoas : str
        Vintages.
    withheld : frozenset of (str, str, str, str)
        Theme, level, code and month ("" for the whole period) of each count that it withholds.
    monthly, fine : frozenset of str
        Themes of which it gives counts by month, and by LSOA.
    """

    minimum: int
    months: tuple[str, ...]
    wards: str
    lsoas: str
    withheld: frozenset[tuple[str, str, str, str]]
    monthly: frozenset[str]
    fine: frozenset[str]

    def within(self, months: Sequence[str], *, wards: str) -> bool:
        """Tell whether it counts the same wards, and no month that a new release lacks."""
        return self.wards == wards and set(self.months) <= set(months)

    def whole_themes(self, themes: Sequence[str]) -> np.ndarray:
        """Mark the themes of which it withholds no count."""
        broken = {theme for theme, *_ in self.withheld}
        return np.array([theme not in broken for theme in themes], dtype=bool)


@dataclass(frozen=True)
class Further:
    """
    What is withheld in any case.

    Attributes
    ----------
    cells : frozenset of (str, str, str)
        Theme, level and code; `EVERYWHERE` for all areas of the level.
    earlier : tuple of Earlier
        The releases that the new one is checked beside, without those for internal use.
    named : int
        How many the user named.
    """

    cells: frozenset[tuple[str, str, str]] = frozenset()
    earlier: tuple[Earlier, ...] = ()
    named: int = 0

    def marks(self, themes: Sequence[str], level: str, codes: Iterable[str]) -> np.ndarray:
        """Mark the cells, by theme and area."""
        names = list(map(str, codes))
        return np.array(
            [
                [
                    (theme, level, code) in self.cells or (theme, level, EVERYWHERE) in self.cells
                    for code in names
                ]
                for theme in themes
            ],
            dtype=bool,
        ).reshape(len(themes), len(names))

    def words(self) -> str:
        """Say beside what the release was checked."""
        if not self.named:
            return (
                "This release was not checked beside earlier ones of the same incidents (other months, "
                "audiences or boundaries): laid side by side, they may say more of a withheld count."
            )
        them = "an earlier release" if self.named == 1 else f"{self.named} earlier releases"
        return f"This release was checked beside {them}: no withheld count is narrowed by all together."


NOTHING_FURTHER: Final = Further()


def earlier_of(published: Published) -> Earlier:
    """Give what a folder states, as far as a new release goes by it."""
    levels = {published.vintage(level): level for level in LEVELS}
    withheld, monthly, fine = set(), set(), set()
    for cell, count in published.stated.items():
        level, whole = levels.get(cell.level), cell.months == published.months
        if level is None or cell.theme == COMBINED:
            continue
        if count is None:
            when = WHOLE_PERIOD if whole else cell.months[0]
            withheld.add((cell.theme, level, cell.code, when))
        if not whole:
            monthly.add(cell.theme)
        elif level == LSOA:
            fine.add(cell.theme)
    return Earlier(
        minimum=published.policy.minimum,
        months=published.months,
        wards=published.vintage(WARD),
        lsoas=published.vintage(LSOA),
        withheld=frozenset(withheld),
        monthly=frozenset(monthly),
        fine=frozenset(fine),
    )
