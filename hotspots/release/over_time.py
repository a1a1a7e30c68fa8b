"""
What released counts say over time: periods compared, what emerges, and the months to come.

Everything here is computed from counts as they are published, for every audience alike.
An area of which a month is withheld takes no part.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from hotspots import schema
from hotspots.geography.deprivation import deprivation_scores
from hotspots.geography.load import Areas
from hotspots.months import Periods, comparable_periods, shift_month, unbroken
from hotspots.statistics.counts import Counts
from hotspots.statistics.periods import compare_periods, usual_comparisons
from hotspots.statistics.rising import CITY, emerging_risks
from hotspots.statistics.seasons import FEWEST_TO_FORECAST, forecast_months
from hotspots.statistics.similar import similar_wards, ward_figures

Tables = dict[tuple[str, str], pd.DataFrame]


def over_time(
    counts: Counts, areas: Areas, *, themes: Sequence[str], months: Sequence[str], named: Periods | None
) -> dict[str, pd.DataFrame]:
    """
    Compare periods, list what emerges, and forecast the next months.

    Parameters
    ----------
    counts : Counts
        As published; NaN where withheld.
    areas : Areas
    themes : sequence of str
        Whose rises and next months are told, "all" among them; changes are told of every group.
    months : sequence of str
        Months that were read in full.
    named : Periods or None
        Two periods that the user compares, beside the usual ones.

    Returns
    -------
    dict of str to DataFrame
        "similar", "comparisons", "emerging" and "forecasts", with the columns of `schema`.
    """
    wards = _monthly(counts, areas, schema.WARD, counts.groups)
    lsoas = _monthly(counts, areas, schema.LSOA, [slug for slug in themes if slug in counts.groups])
    names = {
        str(code): str(name) for level in schema.LEVELS for code, name in areas.level(level)["name"].items()
    }
    names[areas.area_code] = areas.area_name
    similar = likest_wards(areas.wards)
    run = list(unbroken(months)[-1]) if months else []
    chosen = {key: table[run] for key, table in wards.items() if key[1] in themes}
    fine = {key: table[run] for key, table in lsoas.items()}
    return {
        "similar": similar,
        "comparisons": _comparisons(wards, months, named, similar, names),
        "emerging": _emerging({**chosen, **fine}, names, areas.area_code),
        "forecasts": _forecasts(chosen, names, areas.area_code),
    }


def likest_wards(wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Find the three wards most like each, by census and deprivation.

    Parameters
    ----------
    wards : GeoDataFrame
        By code: name, residents, households, area_km2. Of wards that the shipped table
        of deprivation does not know, residents a household and per km2 alone are compared.

    Returns
    -------
    DataFrame
        The columns of "similar"; empty where fewer than two wards have figures.
    """
    scores = deprivation_scores(pd.DataFrame(wards))
    figures = ward_figures(pd.DataFrame(wards), scores).dropna(axis=1, how="all")
    found = similar_wards(figures, names=wards["name"]) if figures.shape[1] else _empty("similar")
    found = found.assign(name=found["code"].map(wards["name"]), place=found["place"].astype(float))
    return found[list(schema.columns("similar"))]


def _monthly(counts: Counts, areas: Areas, level: str, groups: Sequence[str]) -> Tables:
    """Lay out by month what is given by month at all."""
    here = counts.level(level, codes=areas.level(level).index)
    given = {slug: bool(here.given[here.position(slug), :, 1:].any()) for slug in groups}
    return {(level, slug): here.monthly(slug).astype(float) for slug in groups if given[slug]}


def _comparisons(
    tables: Tables, months: Sequence[str], named: Periods | None, similar: pd.DataFrame, names: dict[str, str]
) -> pd.DataFrame:
    usual = usual_comparisons(months) or tuple(one for one in (comparable_periods(months),) if one.after)
    # The user's words for the same months win.
    wanted = {(one.before, one.after): one for one in (*([named] if named else []), *usual)}
    if named:
        wanted[named.before, named.after] = named
    whole = {key: table[list(months)] for key, table in tables.items()}
    parts = [_explained(compare_periods(whole, [one], similar=similar), one) for one in wanted.values()]
    held = [part for part in parts if len(part)]
    if not held:
        return _empty("comparisons")
    found = pd.concat(held, ignore_index=True)
    found = found.rename(columns={"low": "change_low", "high": "change_high", "q": "change_q"})
    return found.assign(name=found["code"].map(names))[list(schema.columns("comparisons"))]


def _explained(found: pd.DataFrame, periods: Periods) -> pd.DataFrame:
    """Say of every row what stands against it: its own reason, else the season."""
    season = periods.reason if "season" in periods.reason else ""
    return found.assign(reason=found["reason"].where(found["reason"].ne(""), season))


def _emerging(tables: Tables, names: dict[str, str], city: str) -> pd.DataFrame:
    known = {key: table.dropna() for key, table in tables.items()}
    whole = all(len(known[key]) == len(tables[key]) for key in tables)
    known = {key: table for key, table in known.items() if len(table) and table.shape[1]}
    if not known:
        return _empty("emerging")
    found = emerging_risks(known, names=names, city=(city, names[city]) if whole else None)
    last = max(next(iter(known.values())).columns)
    return found.assign(confirmed_in=shift_month(last, 1))[list(schema.columns("emerging"))]


def _forecasts(tables: Tables, names: dict[str, str], city: str) -> pd.DataFrame:
    """Forecast the wards of which every month is known, and the city where that is so of all."""
    known: Tables = {}
    for (level, slug), table in tables.items():
        rows = table.dropna()
        if len(rows) and table.shape[1] >= FEWEST_TO_FORECAST:
            known[level, slug] = rows
            if len(rows) == len(table):
                known[CITY, slug] = rows.sum().to_frame(city).T
    found = forecast_months(known)
    if not len(found):
        return _empty("forecasts")
    # The number of months is told elsewhere: in a text a reader may take it for a count.
    reason = [text.partition(" (")[0] for text in found["reason"]]
    return found.assign(name=found["code"].map(names), reason=reason)[list(schema.columns("forecasts"))]


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame({label: pd.Series(dtype=kind) for label, kind in schema.dtypes(name).items()})
