"""A plan for many places at once: each against the control that an evaluation would give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import shapely

from hotspots.evaluation.controls import FEWEST, apart, untouched
from hotspots.evaluation.power import PLAN_COLUMNS, plan
from hotspots.evaluation.series import ThemeIncidents
from hotspots.evaluation.shapes import SHAPE, Place

#: Months of each period that are planned for.
LENGTHS: Final = (3, 6, 12)
_NO_CONTROL: Final = "too few places are left to compare with"


def plan_places(
    theme: ThemeIncidents,
    places: Mapping[str, Place],
    *,
    lengths: Sequence[int] = LENGTHS,
    ring_width: float = 250.0,
    together: str = "",
) -> pd.DataFrame:
    """
    Say for each place and length what fall could be seen, with the control that `evaluate` would choose.

    Parameters
    ----------
    theme : ThemeIncidents
    places : mapping of str to Place
        By name.
    lengths : sequence of int
        Months of each period.
    ring_width : float, default 250
        Metres around a place in which no control may lie.
    together : str, optional
        Name of one more row a length: all the places treated at the same time.

    Returns
    -------
    DataFrame
        See `power.plan`; "" as `note` where there is nothing to say.
    """
    tables = [
        _one(theme, place, {name: theme.at(place).sum()}, lengths=lengths, ring_width=ring_width)
        for name, place in places.items()
    ]
    if together and len(places) > 1:
        whole = Place(together, SHAPE, (), shapely.union_all([place.shape for place in places.values()]))
        rows = {name: theme.at(place).sum() for name, place in places.items()}
        level = theme.level_for(next(iter(places.values())))
        found = _one(
            theme, whole, rows, lengths=lengths, ring_width=ring_width, level=level, together=together
        )
        tables.append(found[found["place"].eq(together)])
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(PLAN_COLUMNS))


def _one(
    theme: ThemeIncidents,
    place: Place,
    rows: Mapping[str, pd.Series],
    *,
    lengths: Sequence[int],
    ring_width: float,
    level: str = "",
    together: str = "",
) -> pd.DataFrame:
    level = level or theme.level_for(place)
    layer = theme.areas[level]
    codes = apart(layer, place.shape, distance=ring_width).intersection(untouched(layer, [place.shape]))
    treated = pd.DataFrame(rows).T
    if len(codes) < FEWEST:
        named = [*treated.index, *([together] if together else [])]
        blank = [(name, length, *[None] * 5, _NO_CONTROL) for name in named for length in lengths]
        return pd.DataFrame(blank, columns=list(PLAN_COLUMNS))
    pool = theme.tables[level].loc[codes.sort_values()]
    return plan(treated, pool, lengths=lengths, together=together)
