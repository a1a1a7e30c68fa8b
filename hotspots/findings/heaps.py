"""Points that hold far more than their neighbourhood explains, and the ranking without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.clusters.heaps import NEAREST, find_heaps
from hotspots.findings._rankings import combinable, weights_here
from hotspots.findings.findings import ThemeFindings
from hotspots.geography.load import Areas
from hotspots.places import Places, coordinates
from hotspots.settings import Settings
from hotspots.statistics.counts import Counts
from hotspots.statistics.ranking import combine_themes, rank_areas

#: Share of a theme on one point from which a run warns of it.
WARNED: Final = 0.2


def flagged_heaps(found: Mapping[str, ThemeFindings], places: Places, settings: Settings) -> pd.DataFrame:
    """
    Flag the heaps of every theme that is drawn.

    Parameters
    ----------
    found : mapping of str to ThemeFindings
    places : Places
    settings : Settings
        Gives `heaps`, those that the user knows.

    Returns
    -------
    DataFrame
        theme, place (row), street, ward_code, lsoa_code, easting, northing, n, share,
        around, reason.
    """
    xy, frame = coordinates(places.frame), places.frame.reset_index(drop=True)
    parts = []
    for slug, one in found.items():
        if one.withheld:
            continue
        heaps = find_heaps(frame, weights=places.weights(slug), known=settings.heaps)
        rows = heaps["place"].to_numpy(int)
        codes = frame.loc[rows, ["ward_code", "lsoa_code"]].astype(object).reset_index(drop=True)
        parts.append(
            heaps.join(codes)
            .assign(theme=slug, easting=xy[rows, 0], northing=xy[rows, 1])
            .astype({"n": float})
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def heap_warnings(heaps: pd.DataFrame, found: Mapping[str, ThemeFindings]) -> list[str]:
    """Warn of a theme of which much lies on one point: it may be a default location."""
    rows = heaps[heaps["share"].ge(WARNED)] if len(heaps) else heaps
    return [
        f"{found[row.theme].theme.name}: {100 * row.share:.0f} % lie on one point "
        f"({row.street or 'no name'}), which may be a default location or a place where "
        "records are made; name it in [heaps] if it is."
        for row in rows.itertuples(index=False)
    ]


def unknown_heaps(settings: Settings, places: Places) -> list[str]:
    """Warn of heaps that the user names and near which nothing lies."""
    xy = coordinates(places.frame)
    return [
        f"[heaps]: nothing lies within {NEAREST:.0f} m of {name}; check its easting and northing."
        for name, point in settings.heaps.items()
        if not len(xy) or np.hypot(*(xy - np.asarray(point)).T).min() > NEAREST
    ]


def ranked_without_heaps(
    ranking: pd.DataFrame,
    counts: Counts,
    areas: Areas,
    heaps: pd.DataFrame,
    *,
    combined: Sequence[str],
    settings: Settings,
) -> pd.DataFrame:
    """
    Set the rank by residents that an area has without the heaps beside the one that it has with them.

    Parameters
    ----------
    ranking : DataFrame
        From `rank_all`.
    counts : Counts
        As given to it.
    areas : Areas
    heaps : DataFrame
        From `flagged_heaps`.
    combined : sequence of str
        Themes of the combination.
    settings : Settings
        Gives `weights`.

    Returns
    -------
    DataFrame
        With `rank_without_heaps`, NaN in themes without a heap.
    """
    keys = ["theme", "level", "code"]
    parts = []
    for level in schema.LEVELS if len(heaps) else ():
        frame = areas.level(level)
        if not frame["residents"].gt(0).any():
            continue
        whole = counts.level(level, codes=frame.index).whole()
        used = list(combinable(whole, combined, settings.weights))
        heaped = [slug for slug in heaps["theme"].unique() if slug in whole]
        left = {slug: _without(whole[slug], heaps, slug, level) for slug in {*heaped, *used}}
        jobs = {slug: left[slug] for slug in heaped}
        ranks = {slug: rank_areas(one, exposure=frame["residents"], draws=1) for slug, one in jobs.items()}
        if set(used) & set(jobs):
            ranks[schema.COMBINED] = combine_themes(
                {slug: left[slug] for slug in used},
                exposure=frame["residents"],
                weights=weights_here(settings.weights, used),
                draws=1,
            )
        for slug, one in ranks.items():
            parts.append(pd.DataFrame({"theme": slug, "level": level, "rank_without_heaps": one["rank"]}))
    if not parts:
        return ranking
    without = pd.concat(parts).rename_axis("code").reset_index()
    return ranking.merge(without[[*keys, "rank_without_heaps"]], on=keys, how="left")


def heap_table(heaps: pd.DataFrame, ranking: pd.DataFrame, areas: Areas) -> pd.DataFrame:
    """Give the columns of "heaps": each heap with the rank of its ward in its theme, with and without."""
    names = list(schema.columns("heaps"))
    if not len(heaps):
        return pd.DataFrame({name: pd.Series(dtype=schema.dtypes("heaps")[name]) for name in names})
    wards = ranking[ranking["level"].eq(schema.WARD)]
    # Where no residents are known nothing is ranked by them, with heaps or without.
    wards = wards.reindex(columns=["theme", "code", "rank", "rank_without_heaps"])
    held = wards.rename(columns={"code": "ward_code"})
    found = heaps.merge(held, on=["theme", "ward_code"], how="left")
    return found.assign(ward=found["ward_code"].map(areas.wards["name"]))[names]


def _without(count: pd.Series, heaps: pd.DataFrame, slug: str, level: str) -> pd.Series:
    mine = heaps[heaps["theme"].eq(slug)].groupby(f"{level}_code")["n"].sum()
    return (count - mine.reindex(count.index).fillna(0.0)).clip(lower=0.0)
