"""
Counts, rates and statistics of areas as an audience may see them.

Everything that is published is made from published counts where it can be:
rates, shares and the change between periods follow from the rounded figures.
What cannot (a local statistic, a chance from simulation) is given in steps
too coarse to be solved for the counts, and not at all beside a withheld count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.combination import combined_weights
from hotspots.findings.findings import Findings
from hotspots.months import comparable_periods
from hotspots.release.rounding import round_counts
from hotspots.release.withholding import SHOWN, CountTables, States
from hotspots.statistics.change import change_between

_CHANGE: Final = ("change", "change_low", "change_high", "change_q")
_STATISTICS: Final = (*_CHANGE, "gi_star", "gi_q", "p_top", "shrunk_rate")
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
    by_ward = _cube(findings.counts, schema.WARD, wards.index, slugs, findings.months)
    by_lsoa = _cube(findings.counts, schema.LSOA, lsoas.index, slugs, ())
    holds, touches = _overlaps(wards, lsoas, findings.located)
    months = by_ward[..., 1:] if len(findings.months) > 1 else by_ward[..., :0]
    total = np.array([findings.themes[slug].total for slug in slugs])
    return CountTables(total, by_ward[..., 0], months, by_lsoa[..., 0], holds, touches)


def release_counts(
    findings: Findings, tables: CountTables, states: States, slugs: Sequence[str], policy: Policy
) -> pd.DataFrame:
    """
    Give the long table of counts with small ones missing and the others rounded.

    Grains that are withheld as a whole have no rows; rates follow from the
    published counts.
    """
    wards, lsoas = (findings.areas.level(level) for level in (schema.WARD, schema.LSOA))
    shown_month = np.where(states.month == SHOWN, round_counts(tables.month, policy.base), np.nan)
    shown_ward = np.where(states.ward == SHOWN, round_counts(tables.ward, policy.base), np.nan)
    shown_lsoa = np.where(states.lsoa == SHOWN, round_counts(tables.lsoa, policy.base), np.nan)
    if len(findings.months) == 1:
        shown_month, monthly = shown_ward[..., None], np.ones(len(slugs), dtype=bool)
    else:
        monthly = states.monthly
    rows = findings.counts[findings.counts["theme"].isin(slugs)]
    theme = pd.Index(slugs).get_indexer(pd.Index(rows["theme"]))
    month = pd.Index([schema.WHOLE_PERIOD, *findings.months]).get_indexer(pd.Index(rows["month"]))
    fine = rows["level"].eq(schema.LSOA).to_numpy()
    keep = np.where(fine, states.fine[theme] & (month == 0), monthly[theme] | (month == 0))
    rows, theme, month, fine = rows[keep], theme[keep], month[keep], fine[keep]
    count = np.full(len(rows), np.nan)
    lsoa, ward = (frame.index.get_indexer(pd.Index(rows["code"])) for frame in (lsoas, wards))
    count[fine] = shown_lsoa[theme[fine], lsoa[fine]]
    by_ward = np.concatenate([shown_ward[..., None], shown_month], axis=2)
    count[~fine] = by_ward[theme[~fine], ward[~fine], month[~fine]]
    return _with_rates(rows.assign(count=count).reset_index(drop=True), (wards, lsoas))


def release_results(
    frame: pd.DataFrame, findings: Findings, counts: pd.DataFrame, totals: Mapping[str, int | None]
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
    counts : DataFrame
        From `release_counts`.
    totals : mapping of str to int or None
        Published totals by theme.
    """
    rows, count = _match(frame, counts)
    city = rows["theme"].map({slug: np.nan if n is None else n for slug, n in totals.items()})
    rows = _with_rates(rows.assign(count=count), _levels(findings))
    rows = rows.assign(share=np.minimum(rows["count"] / city.astype(float), 1.0))
    rows = _coarse_statistics(rows, known=rows["count"].notna())
    rows = rows.drop(columns=list(_CHANGE)).merge(
        _published_change(counts, findings.complete_months), on=["theme", "level", "code"], how="left"
    )
    # A category says how the months went: nothing about an area whose count is withheld.
    rows = rows.assign(category=rows["category"].where(rows["count"].notna(), ""))
    return rows[list(frame.columns)]


def release_priority(frame: pd.DataFrame, findings: Findings, counts: pd.DataFrame) -> pd.DataFrame:
    """
    Give the ranking with published counts; the combination's is the sum of its themes'.

    Harm is left out: divided by the weights, which anyone can look up, it
    would give the exact count back.

    Parameters
    ----------
    frame : DataFrame
        `Findings.priority`.
    findings : Findings
    counts : DataFrame
        From `release_counts`.
    """
    rows, count = _match(frame, counts)
    combined = rows["theme"].eq(schema.ALL_INCIDENTS).to_numpy()
    known = ~np.isnan(count)
    for level in schema.LEVELS:
        here = combined & rows["level"].eq(level).to_numpy()
        # A rare theme may enter the combination of the wards and not that of the many LSOAs.
        used = combined_weights(
            findings.counts, list(findings.combined), findings.settings.weights, level=level
        )
        if used:
            count[here] = _combined_count(rows[here], counts, list(used))
    rows = _with_rates(rows.assign(count=count), _levels(findings))
    rows = _coarse_statistics(rows, known=known)
    if "verdict" in rows:
        # The chance in words would undo the steps in which the figure is given.
        plain = rows["verdict"].astype(object).str.replace(r" \(chance [^)]*\)", "", regex=True)
        rows = rows.assign(verdict=plain)
    return rows[[name for name in frame.columns if name != "harm"]]


def _cube(
    counts: pd.DataFrame, level: str, codes: pd.Index, slugs: Sequence[str], months: Sequence[str]
) -> np.ndarray:
    """Give counts by theme, area and period (the whole one first)."""
    periods = pd.Index([schema.WHOLE_PERIOD, *months])
    rows = counts[counts["level"].eq(level)]
    theme, area, period = (
        index.get_indexer(pd.Index(rows[column]))
        for index, column in ((pd.Index(slugs), "theme"), (codes, "code"), (periods, "month"))
    )
    known = (theme >= 0) & (area >= 0) & (period >= 0)
    cube = np.zeros((len(slugs), len(codes), len(periods)), dtype=np.int64)
    cube[theme[known], area[known], period[known]] = rows["count"].to_numpy()[known]
    return cube


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


def _levels(findings: Findings) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    return findings.areas.level(schema.WARD), findings.areas.level(schema.LSOA)


def _with_rates(rows: pd.DataFrame, levels: tuple[gpd.GeoDataFrame, ...]) -> pd.DataFrame:
    """Compute rates from the counts in the rows."""
    every = pd.concat([frame[["residents", "area_km2"]] for frame in levels])
    there = every.reindex(rows["code"])
    residents, km2 = there["residents"].to_numpy(float), there["area_km2"].to_numpy(float)
    return rows.assign(
        rate_per_1000=1000 * rows["count"].to_numpy() / np.where(residents > 0, residents, np.nan),
        rate_per_km2=rows["count"].to_numpy() / np.where(km2 > 0, km2, np.nan),
    )


def _match(frame: pd.DataFrame, counts: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Keep the rows whose theme has figures at that level; give their published counts."""
    keys = ["theme", "level", "code"]
    whole = counts[counts["month"].eq(schema.WHOLE_PERIOD)].set_index(keys)["count"]
    index = pd.MultiIndex.from_frame(frame[keys])
    at = whole.index.get_indexer(index)
    return frame[at >= 0].reset_index(drop=True), whole.to_numpy(float)[at[at >= 0]]


def _coarse_statistics(rows: pd.DataFrame, *, known: pd.Series | np.ndarray) -> pd.DataFrame:
    """Give statistics in steps, and none where the count is withheld; a shrunk rate gives its count away."""
    new = {name: rows[name].astype(float) for name in _STATISTICS if name in rows}
    if "gi_star" in new:
        z = new["gi_star"].to_numpy()
        level = _Z_LEVELS[np.searchsorted(_Z_LEVELS, np.nan_to_num(np.abs(z)), side="right") - 1]
        new["gi_star"] = np.where(np.isnan(z), np.nan, np.sign(z) * level) + 0.0
        # Upwards, so that nothing looks surer than it is.
        new["gi_q"] = np.ceil(new["gi_q"].round(9) * 100) / 100
    # Downwards keeps the classes, which begin at 0.2 and 0.8.
    new["p_top"] = np.floor(new["p_top"].round(9) * 10) / 10
    if "shrunk_rate" in new:
        new["shrunk_rate"] = np.nan
    hidden = ~np.asarray(known, dtype=bool)
    return rows.assign(**{name: np.where(hidden, np.nan, values) for name, values in new.items()})


def _published_change(counts: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Compare the periods in the wards whose months are all published."""
    periods = comparable_periods(months)
    needed = [*periods.before, *periods.after]
    wards = counts[counts["level"].eq(schema.WARD) & counts["month"].isin(needed)]
    found = [pd.DataFrame({"theme": [], "level": [], "code": []}, dtype=object)]
    for theme, rows in wards.groupby("theme", observed=True, sort=True):
        wide = rows.pivot(index="code", columns="month", values="count").dropna()
        if needed and len(wide):
            change = change_between(wide, periods).rename(
                columns={"low": "change_low", "high": "change_high", "q": "change_q"}
            )
            labelled = change[list(_CHANGE)].assign(theme=theme, level=schema.WARD)
            found.append(labelled.rename_axis("code").reset_index())
    joined = pd.concat(found[1:], ignore_index=True) if len(found) > 1 else found[0]
    return joined.reindex(columns=["theme", "level", "code", *_CHANGE]).astype(dict.fromkeys(_CHANGE, float))


def _combined_count(rows: pd.DataFrame, counts: pd.DataFrame, combined: Sequence[str]) -> np.ndarray:
    """Sum the published counts of the combined themes; missing where one of them is."""
    whole = counts[counts["month"].eq(schema.WHOLE_PERIOD) & counts["theme"].isin(combined)]
    wide = whole.pivot(index=["level", "code"], columns="theme", values="count").reindex(columns=combined)
    summed = wide.sum(axis=1, skipna=False)
    return summed.reindex(pd.MultiIndex.from_frame(rows[["level", "code"]])).to_numpy(float)
