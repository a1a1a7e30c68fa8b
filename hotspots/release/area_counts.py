"""
Counts of areas as an audience may see them.

All that is said of areas follows from these: see `from_counts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.findings import Findings
from hotspots.release.beside import Layout
from hotspots.release.rounding import round_counts, rounding_limits
from hotspots.release.withholding import SHOWN, CountTables, States
from hotspots.statistics.counts import Counts

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
    overlaps = _overlaps(wards, lsoas, findings.located)
    months = by_ward[..., 1:] if len(findings.months) > 1 else by_ward[..., :0]
    total = np.array([findings.themes[slug].total for slug in slugs])
    return CountTables(total, by_ward[..., 0], months, by_lsoa[..., 0], *overlaps)


def count_layout(findings: Findings, slugs: Sequence[str]) -> Layout:
    """Name the axes of the tables, and count by LSOA and month besides."""
    wards, lsoas = findings.areas.level(schema.WARD), findings.areas.level(schema.LSOA)
    by_lsoa = findings.table.select(slugs).level(schema.LSOA, codes=lsoas.index).count
    return Layout(
        tuple(slugs),
        tuple(map(str, wards.index)),
        tuple(map(str, lsoas.index)),
        findings.months,
        str(findings.areas.wards["vintage"].iloc[0]),
        str(findings.areas.lsoas["vintage"].iloc[0]),
        by_lsoa[..., 1:],
    )


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
    return replace(exact, count=count, low=low, high=high, given=given)


def _overlaps(
    wards: gpd.GeoDataFrame, lsoas: gpd.GeoDataFrame, located: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Tell which LSOAs lie in a ward, which hold all of it together, and which reach into it.

    By border and by the incidents' own codes.
    """
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
    return holds, touches & whole[:, None], touches
