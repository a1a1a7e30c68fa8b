"""The LSOA that a row states against the one that holds its point, and the vintage of stated codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.locating._evidence import plain_text
from hotspots.locating._stated import lsoa_meanings
from hotspots.locating.hitrate import hit_rate

if TYPE_CHECKING:
    from hotspots.geography.load import Areas
    from hotspots.geography.vintages import ChangeTable
    from hotspots.locating._locations import Locations


@dataclass(frozen=True)
class Agreement:
    """
    How often the LSOA stated in a row is the one that holds its point.

    `share`, `low` and `high` (95 % Wilson interval) are None where nothing
    was compared. Codes of the other vintage are carried over first; one that
    was split agrees with each of its parts.
    """

    compared: int
    agreed: int
    share: float | None
    low: float | None
    high: float | None
    outside_stated_inside: int

    @property
    def conflicts(self) -> int:
        """Rows whose point lies in another LSOA than stated."""
        return self.compared - self.agreed

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "compared": self.compared,
            "agreed": self.agreed,
            "conflicts": self.conflicts,
            "share": self.share,
            "low": self.low,
            "high": self.high,
            "outside_stated_inside": self.outside_stated_inside,
        }


def compare_lsoas(
    incidents: pd.DataFrame, locations: Locations, areas: Areas, *, changes: ChangeTable
) -> tuple[Agreement, pd.DataFrame]:
    """
    Compare stated with computed LSOAs in the rows that have a point and state one.

    Returns
    -------
    Agreement
        The figures; rows whose point lies outside the area while the stated
        LSOA lies inside are counted apart in `outside_stated_inside`.
    DataFrame
        The conflicts: source, source_row, stated, computed.
    """
    stated, texts = pd.factorize(plain_text(incidents["stated_lsoa"]), sort=True)
    names = [str(text) for text in texts]
    position = {code: row for row, code in enumerate(areas.lsoas.index)}
    meanings = lsoa_meanings(names, areas, changes=changes)
    # The last column answers for rows in no LSOA.
    same = np.zeros((len(names), len(position) + 1), dtype=bool)
    for row, name in enumerate(names):
        same[row, [position[code] for code in meanings[name]]] = True
    named = np.array([name != "" for name in names], dtype=bool)[stated]
    compared = (locations.place >= 0) & (locations.lsoa >= 0) & named
    agreed = compared & same[stated, locations.lsoa]
    ours = np.logical_or.reduce(same, axis=1)[stated]
    conflict = np.flatnonzero(compared & ~agreed)
    conflicts = incidents.iloc[conflict][["source", "source_row"]].reset_index(drop=True)
    conflicts["stated"] = np.array(names, dtype=object)[stated[conflict]]
    conflicts["computed"] = areas.lsoas.index.to_numpy(dtype=object)[locations.lsoa[conflict]]
    rate = hit_rate("lsoa", located=int(agreed.sum()), total=int(compared.sum()))
    strayed = int((locations.outside & ours).sum())
    return Agreement(rate.total, rate.located, rate.rate, rate.low, rate.high, strayed), conflicts


def vintages_by_month(incidents: pd.DataFrame, *, changes: ChangeTable) -> dict[str, str]:
    """Tell the vintage of the LSOA codes that each month's rows state, for months that state any."""
    stated = incidents[["month", "stated_lsoa"]].drop_duplicates()
    known = stated[stated["stated_lsoa"].isin(changes.known)].astype(object)
    groups = known.groupby("month")["stated_lsoa"]
    return {str(month): changes.vintage_of(codes) for month, codes in groups}
