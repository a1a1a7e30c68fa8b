"""
Zones of the user's beside the wards: how many, how dense, since when, and their order.

A zone cuts through wards and LSOAs, so its count less theirs would give back what is
withheld of them: zones are for internal use, and no other audience hears of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.evaluation.zones import Zones, count_zones
from hotspots.months import FEWEST_MONTHS, Periods, comparable_periods
from hotspots.settings import Settings
from hotspots.statistics import ranking
from hotspots.statistics.change import change_between
from hotspots.statistics.control import FEWEST_A_MONTH
from hotspots.statistics.counts import Counts
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.limits import control_limits

#: What other audiences are told instead.
INTERNAL_ONLY: Final = (
    "Zones are for internal use and are left out: they cut through wards and small areas, so their counts "
    "less those of wards would give back what is withheld."
)
_USUAL: Final = ("usual_low", "usual_high")
_CHANGE: Final = {"change": "change", "low": "change_low", "high": "change_high"}
_RANKS: Final = ("rank", "rank_low", "rank_high", "p_top", "class")


@dataclass(frozen=True, eq=False)
class ZoneFindings:
    """
    What was found in the zones.

    Attributes
    ----------
    zones : Zones
    counts : DataFrame
        One row per zone, theme and month ("" for the whole period): count, incidents per km2, and
        for a month the range that would be usual, with `signal` "above", "below" or "".
    results : DataFrame
        One row per theme and zone: count, share of the city's incidents, incidents per km2, change
        with its interval and q, rank by incidents per km2 with its chance.
    """

    zones: Zones
    counts: pd.DataFrame
    results: pd.DataFrame


def find_in_zones(
    zones: Zones | None,
    located: pd.DataFrame,
    membership: pd.DataFrame,
    *,
    wards: Counts,
    months: Sequence[str],
    incomplete: Sequence[str],
    settings: Settings,
) -> ZoneFindings | None:
    """
    Count in every zone and describe it for every theme.

    How much counts vary is learnt from the wards besides, since zones are often few. They
    are ranked by incidents per km2: nobody counts who lives in a park.

    Parameters
    ----------
    zones : Zones or None
        Without zones nothing is found.
    located : DataFrame
        Located incidents.
    membership : DataFrame of bool
        One column per theme or type, rows as in `located`.
    wards : Counts
        Exact counts of the areas, of the same groups and months.
    months : sequence of str
        The months counted.
    incomplete : sequence of str
        Months of which the files hold a part only: counted, but compared with nothing.
    settings : Settings
        Gives `top` and `seed`. With no more zones than `top`, ranks have no chance and no class.

    Returns
    -------
    ZoneFindings or None
    """
    if zones is None:
        return None
    counted = count_zones(located, membership, zones, months=months)
    whole_months = [month for month in months if month not in incomplete]
    beside = wards.level(schema.WARD)
    results, usual = [], []
    for slug in counted.groups:
        tables = (counted.monthly(slug)[whole_months], beside.monthly(slug)[whole_months])
        found = _describe(counted, slug, tables, city=int(membership[slug].sum()), settings=settings)
        results.append(found.assign(theme=slug, level=schema.ZONE, name=zones.frame["name"]))
        usual.append(_usual(pd.concat(tables), found.index).assign(theme=slug))
    stacked = pd.concat([one.rename_axis("code").reset_index() for one in results], ignore_index=True)
    order = ["theme", "rank", "code"]
    return ZoneFindings(
        zones=zones,
        counts=_with_usual(counted.long(), pd.concat(usual, ignore_index=True)),
        results=stacked.sort_values(order, kind="stable", ignore_index=True)[
            list(schema.columns("zone_results"))
        ],
    )


def zone_warnings(zones: Zones | None, *, audience: str) -> tuple[str, ...]:
    """Say what a reader of zones must know, or why there are none outside internal use."""
    if zones is None:
        return ()
    return zones.warnings if audience == "internal" else (INTERNAL_ONLY,)


def _describe(
    counted: Counts, slug: str, tables: tuple[pd.DataFrame, pd.DataFrame], *, city: int, settings: Settings
) -> pd.DataFrame:
    """Describe one theme in every zone; `tables` are its whole months in the zones and in the wards."""
    count = counted.whole()[slug]
    km2 = counted.areas.set_index("code")["area_km2"].astype(float)
    return pd.DataFrame(
        {
            "count": count,
            "share": count / city if city else np.nan,
            "rate_per_km2": count / km2,
            **_changes(pd.concat(tables), count.index, comparable_periods(tables[0].columns)),
            **_ranks(count, km2, tables[0], settings),
        }
    )


def _changes(beside: pd.DataFrame, codes: pd.Index, periods: Periods) -> dict[str, pd.Series]:
    found = change_between(beside, periods).loc[codes]
    # The wards are there to learn from: the zones are what is tested.
    return {
        **{name: found[column] for column, name in _CHANGE.items()},
        "change_q": pd.Series(benjamini_hochberg(found["p"].to_numpy(float)), index=codes),
    }


def _ranks(
    count: pd.Series, km2: pd.Series, monthly: pd.DataFrame, settings: Settings
) -> dict[str, pd.Series]:
    found = ranking.rank_over_denominators(
        count,
        denominators={"area": km2},
        default="area",
        monthly=monthly,
        # With no more areas than the top holds there would be no ranks at all.
        k=max(min(settings.top, len(count) - 1), 1),
        seed=settings.seed,
    )[list(_RANKS)]
    if len(count) <= settings.top:
        found = found.assign(p_top=np.nan, **{"class": ""})
    return {name: found[name] for name in _RANKS}


def _usual(beside: pd.DataFrame, codes: pd.Index) -> pd.DataFrame:
    """Give the usual range of months of every zone that has enough of them."""
    steady = beside[beside.mean(axis=1).ge(FEWEST_A_MONTH)]
    if beside.shape[1] < FEWEST_MONTHS or not steady.index.isin(codes).any():
        return pd.DataFrame({name: [] for name in ("code", "month", *_USUAL)})
    limits = control_limits(steady.sort_index()).rename(columns={"low": "usual_low", "high": "usual_high"})
    return limits[limits["code"].isin(codes)][["code", "month", *_USUAL]]


def _with_usual(counts: pd.DataFrame, usual: pd.DataFrame) -> pd.DataFrame:
    keys = ["theme", "code", "month"]
    found = counts.merge(usual.astype(dict.fromkeys(_USUAL, float)), on=keys, how="left")
    above, below = found["count"] > found["usual_high"], found["count"] < found["usual_low"]
    signal = np.select([above, below], ["above", "below"], "").astype(object)
    return found.assign(signal=signal)[list(schema.columns("zone_counts"))]
