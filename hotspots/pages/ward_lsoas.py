"""The small areas of a ward by names that people know, with who lives there."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.pages import words
from hotspots.pages.ward_facts import WardFacts, rate_words
from hotspots.policeuk import KINDS, street_name

#: Streets that name a small area.
_NAMED: Final = 3


class SmallAreas:
    """
    Puts the LSOAs of each ward into words.

    Parameters
    ----------
    facts : WardFacts
    """

    def __init__(self, facts: WardFacts) -> None:
        self._facts = facts

    def rows(self, code: str) -> list[dict[str, Any]]:
        """Give the LSOAs that lie mostly in a ward and of which a count is shown, busiest first."""
        return [
            {
                "name": row["name"],
                "streets": self._streets.get(row["code"], ""),
                "code": row["code"],
                "count": words.whole(row["count"]),
                "rate": rate_words(row["rate_per_1000"], row["count"]),
                "deprivation": self._deprivation.get(row["code"], "not known"),
                "significant": "yes" if _hot(row) else "no",
                "category": row["category"] or "none",
            }
            for row in self._facts.lsoas.get(code, [])
        ]

    @cached_property
    def _streets(self) -> dict[str, str]:
        """The streets of each LSOA with most incidents; each street lies where it is busiest."""
        frame = self._facts.release.streets.sort_values(
            ["n", "street"], ascending=[False, True], kind="stable"
        )
        names = [street_name(text) for text in frame["street"]]
        own = np.array([bool(name) and name not in KINDS for name in names], dtype=bool)
        lsoas = self._facts.release.lsoas
        points = frame.geometry.to_numpy()[own]
        at, area = shapely.STRtree(lsoas.geometry.to_numpy()).query(points, predicate="intersects")
        held: dict[str, list[str]] = {}
        kept = [name for name, mine in zip(names, own, strict=True) if mine]
        for street, lsoa in sorted(zip(at.tolist(), area.tolist(), strict=True)):
            named = held.setdefault(str(lsoas.index[lsoa]), [])
            if len(named) < _NAMED and kept[street] not in named:
                named.append(kept[street])
        return {code: ", ".join(named) for code, named in held.items()}

    @cached_property
    def _deprivation(self) -> dict[str, str]:
        """The decile by income, and the others as a range."""
        frame = self._facts.release.deprivation
        return {str(row["code"]): _decile_words(row) for row in frame.to_dict("records")}

    @property
    def deprived(self) -> bool:
        """Whether deciles are known at all."""
        return bool(self._deprivation)


def _decile_words(row: dict[Any, Any]) -> str:
    others = [int(row[name]) for name in schema.DEPRIVATION if name != "income"]
    low, high = min(others), max(others)
    return f"{int(row['income'])} ({low if low == high else f'{low} to {high}'})"


def _hot(row: dict[str, Any]) -> bool:
    return row["gi_q"] is not None and row["gi_q"] < 0.05 and (row["gi_star"] or 0) > 0


def deprived_ward(frame: pd.DataFrame, codes: list[str]) -> str:
    """Say how many of a ward's small areas lie in the most deprived fifth of England by income."""
    mine = frame[frame["code"].isin(codes)]
    if mine.empty:
        return ""
    few = int(mine["income"].le(2).sum())
    those = "All of" if few == len(mine) else "No area of" if few == 0 else f"{few} of"
    return (
        f"{those} its {len(mine)} small areas {'lies' if few == 1 else 'lie'} in the fifth of England that "
        "is most deprived by income."
    )
