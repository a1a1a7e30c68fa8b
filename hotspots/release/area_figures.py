"""
Counts, rates and statistics of areas as an audience may see them.

Everything that is published is made from published counts where it can be:
rates, shares and the change between periods follow from the rounded figures.
What cannot (a local statistic, a chance from simulation) is given in steps
too coarse to be solved for the counts, and not at all beside a withheld count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.findings import Findings
from hotspots.months import comparable_periods
from hotspots.release.rounding import round_counts, rounding_limits
from hotspots.release.withholding import SHOWN, CountTables, States
from hotspots.statistics.change import change_between
from hotspots.statistics.counts import DENOMINATORS, Counts, rate

_CHANGE: Final = ("change", "change_low", "change_high", "change_q")
#: z of the local statistic is given as the level it passes: two-sided 10, 5, 1 and 0.1 %.
_Z_LEVELS: Final = np.array([0.0, 1.645, 1.96, 2.576, 3.291])
#: Overlap below this share of an LSOA is a sliver between two digitisings of one border.
_SLIVER: Final = 0.01


def count_tables(findings: Findings, slugs: Sequence[str]) -> CountTables:
    """
    Lay the counts out as tables that add up, with how LSOAs and wards overlap.

    A single month is the whole period under another name, so it makes no table.
    """
    wards, lsoas = findings.areas.level(schema.WARD), findings.areas.level(schema.LSOA)
    shown = findings.table.select(slugs)
    by_ward = shown.level(schema.WARD, codes=wards.index).count
    by_lsoa = shown.level(schema.LSOA, codes=lsoas.index).count
    holds, touches = _overlaps(wards, lsoas, findings.located)
    months = by_ward[..., 1:] if len(findings.months) > 1 else by_ward[..., :0]
    total = np.array([findings.themes[slug].total for slug in slugs])
    return CountTables(total, by_ward[..., 0], months, by_lsoa[..., 0], holds, touches)


def release_counts(
    findings: Findings, tables: CountTables, states: States, slugs: Sequence[str], policy: Policy
) -> Counts:
    """
    Give the counts with small ones missing and the others rounded; grains withheld as a whole are not given.
    """
    exact = findings.table.select(slugs)
    wards, lsoas = (exact.areas["level"].eq(level).to_numpy() for level in (schema.WARD, schema.LSOA))
    count, given = np.full(exact.count.shape, np.nan), np.zeros(exact.count.shape, dtype=bool)
    shown_ward = np.where(states.ward == SHOWN, round_counts(tables.ward, policy.base), np.nan)
    if len(findings.months) == 1:
        shown_month, monthly = shown_ward[..., None], np.ones(len(slugs), dtype=bool)
    else:
        shown_month = np.where(states.month == SHOWN, round_counts(tables.month, policy.base), np.nan)
        monthly = states.monthly
    count[:, wards] = np.concatenate([shown_ward[..., None], shown_month], axis=2)
    count[:, lsoas, 0] = np.where(states.lsoa == SHOWN, round_counts(tables.lsoa, policy.base), np.nan)
    given[:, wards, 0] = True
    given[:, wards, 1:] = monthly[:, None, None]
    given[:, lsoas, 0] = states.fine[:, None]
    # What is not given must not be computed from either: a change would tell of the months.
    count[~given] = np.nan
    low, high = rounding_limits(count, policy)
    shown = replace(exact, count=count, low=low, high=high, given=given)
    return shown.with_sum(schema.COMBINED, findings.combined_at) if findings.combined_at else shown


def release_results(
    frame: pd.DataFrame, findings: Findings, counts: Counts, totals: Mapping[str, int | None]
) -> pd.DataFrame:
    """
    Give the results of areas, with counts, rates, share and change from the published counts.

    Beside a withheld count there is no statistic; the rank and the class stay,
    for an order among areas gives no count away.

    Parameters
    ----------
    frame : DataFrame
        `Findings.results`.
    findings : Findings
        Gives the months.
    counts : Counts
        From `release_counts`.
    totals : mapping of str to int or None
        Published totals by theme.
    """
    rows, count = _match(frame, counts)
    city = rows["theme"].map({slug: np.nan if n is None else n for slug, n in totals.items()})
    rows = _with_rates(rows.assign(count=count), counts.areas)
    rows = rows.assign(share=np.minimum(rows["count"] / city.astype(float), 1.0))
    rows = _coarse_statistics(rows, known=rows["count"].notna())
    rows = rows.drop(columns=list(_CHANGE)).merge(
        _published_change(counts, findings.complete_months), on=["theme", "level", "code"], how="left"
    )
    # A category says how the months went: nothing about an area whose count is withheld.
    rows = rows.assign(category=rows["category"].where(rows["count"].notna(), ""))
    return rows[list(frame.columns)]


def release_priority(frame: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """
    Give the ranking with published counts.

    Harm is left out: divided by the weights, which anyone can look up, it
    would give the exact count back.

    Parameters
    ----------
    frame : DataFrame
        `Findings.priority`.
    counts : Counts
        From `release_counts`.
    """
    rows, count = _match(frame, counts)
    # How sure a combined rank is hangs on no single count: it goes by whether the area may be shown at all.
    together = rows["theme"].eq(schema.COMBINED).to_numpy()
    known = ~np.isnan(np.where(together, counts.at(rows.assign(theme=schema.ALL_INCIDENTS))[0], count))
    rows = _with_rates(rows.assign(count=count), counts.areas)
    rows = _coarse_statistics(rows, known=known)
    # Ranks by several denominators together would order withheld counts more finely than one does.
    orders = [name for name in rows if name.startswith("rank_by_") or name == "rank_equal"]
    rows = rows.assign(**{name: rows[name].astype(float).where(known) for name in orders})
    if "top_by" in rows:
        rows = rows.assign(top_by=rows["top_by"].astype(object).where(known, ""))
    if "verdict" in rows:
        # The chance in words would undo the steps in which the figure is given.
        plain = rows["verdict"].astype(object).str.replace(r" \(chance [^)]*\)", "", regex=True)
        rows = rows.assign(verdict=plain.where(known, ""))
    return rows[[name for name in frame.columns if name != "harm"]]


def _overlaps(
    wards: gpd.GeoDataFrame, lsoas: gpd.GeoDataFrame, located: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Tell which LSOAs lie in a ward, and which reach into it, by border and by the incidents' own codes."""
    ward_shapes, lsoa_shapes = wards.geometry.to_numpy(), lsoas.geometry.to_numpy()
    w, s = shapely.STRtree(lsoa_shapes).query(ward_shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(ward_shapes[w], lsoa_shapes[s])) / shapely.area(lsoa_shapes[s])
    touches = np.zeros((len(wards), len(lsoas)), dtype=bool)
    touches[w[share > _SLIVER], s[share > _SLIVER]] = True
    codes = located[["ward_code", "lsoa_code"]].drop_duplicates().astype(str)
    ward, lsoa = wards.index.get_indexer(codes["ward_code"]), lsoas.index.get_indexer(codes["lsoa_code"])
    whole = np.ones(len(wards), dtype=bool)
    # Rows known by one level only break the sums of that level.
    whole[ward[(ward >= 0) & (lsoa < 0)]] = False
    both = (ward >= 0) & (lsoa >= 0)
    touches[ward[both], lsoa[both]] = True
    loose = np.zeros(len(lsoas), dtype=bool)
    loose[lsoa[(ward < 0) & (lsoa >= 0)]] = True
    holds = touches & (touches.sum(axis=0) == 1) & ~loose
    return holds, touches & whole[:, None]


def _with_rates(rows: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Compute rates from the counts in the rows."""
    there = areas.set_index(["level", "code"]).reindex(pd.MultiIndex.from_frame(rows[["level", "code"]]))
    return rows.assign(
        rate_per_1000=rate(rows["count"], there["residents"], per=DENOMINATORS["residents"]),
        rate_per_km2=rate(rows["count"], there["area_km2"]),
    )


def _match(frame: pd.DataFrame, counts: Counts) -> tuple[pd.DataFrame, np.ndarray]:
    """Keep the rows whose theme has figures at that level; give their published counts."""
    count, given = counts.at(frame)
    # The combination is ranked wherever all incidents are, even if its count cannot be given.
    together = frame["theme"].eq(schema.COMBINED).to_numpy()
    given = np.where(together, counts.at(frame.assign(theme=schema.ALL_INCIDENTS))[1], given)
    return frame[given].reset_index(drop=True), count[given]


def _coarse_statistics(rows: pd.DataFrame, *, known: pd.Series | np.ndarray) -> pd.DataFrame:
    """Give statistics in steps, and none where the count is withheld; a shrunk rate gives its count away."""
    given = (*_CHANGE, "gi_star", "gi_q", "p_top", "shrunk_rate")
    new = {name: rows[name].astype(float) for name in given if name in rows}
    if "gi_star" in new:
        z = new["gi_star"].to_numpy()
        level = _Z_LEVELS[np.searchsorted(_Z_LEVELS, np.nan_to_num(np.abs(z)), side="right") - 1]
        new["gi_star"] = np.where(np.isnan(z), np.nan, np.sign(z) * level) + 0.0
        # Upwards, so that nothing looks surer than it is.
        new["gi_q"] = np.ceil(new["gi_q"].round(9) * 100) / 100
    # Downwards keeps the classes, which begin at 0.2 and 0.8.
    chances = ["p_top", *(name for name in rows if name.startswith("chance_by_"))]
    new |= {name: np.floor(rows[name].astype(float).round(9) * 10) / 10 for name in chances}
    if "shrunk_rate" in new:
        new["shrunk_rate"] = np.nan
    hidden = ~np.asarray(known, dtype=bool)
    return rows.assign(**{name: np.where(hidden, np.nan, values) for name, values in new.items()})


def _published_change(counts: Counts, months: Sequence[str]) -> pd.DataFrame:
    """Compare the periods in the wards whose months are all published."""
    periods = comparable_periods(months)
    needed = [*periods.before, *periods.after]
    wards = counts.level(schema.WARD)
    found = [pd.DataFrame({"theme": [], "level": [], "code": []}, dtype=object)]
    for theme in sorted(wards.groups):
        wide = wards.monthly(theme)[needed].dropna().sort_index()
        if needed and len(wide):
            change = change_between(wide, periods).rename(
                columns={"low": "change_low", "high": "change_high", "q": "change_q"}
            )
            labelled = change[list(_CHANGE)].assign(theme=theme, level=schema.WARD)
            found.append(labelled.rename_axis("code").reset_index())
    joined = pd.concat(found[1:], ignore_index=True) if len(found) > 1 else found[0]
    return joined.reindex(columns=["theme", "level", "code", *_CHANGE]).astype(dict.fromkeys(_CHANGE, float))
