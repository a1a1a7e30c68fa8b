"""Counts that are withheld beyond the rule, because earlier releases are known beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

#: Stands for every area of a level.
EVERYWHERE = ""


@dataclass(frozen=True)
class Further:
    """
    What is withheld in any case.

    Attributes
    ----------
    cells : frozenset of (str, str, str)
        Theme, level and code; `EVERYWHERE` for all areas of the level.
    earlier : int or None
        How many earlier releases the new one was checked beside; None where none was.
    """

    cells: frozenset[tuple[str, str, str]] = frozenset()
    earlier: int | None = None

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
        if not self.earlier:
            return (
                "This release was not checked beside earlier ones of the same incidents (other months, "
                "audiences or boundaries): laid side by side, they may say more of a withheld count."
            )
        them = "an earlier release" if self.earlier == 1 else f"{self.earlier} earlier releases"
        return f"This release was checked beside {them}: no withheld count is narrowed by all together."


NOTHING_FURTHER: Final = Further()
