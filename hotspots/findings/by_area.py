"""
One row per theme and area: how many, how often, how sure, and since when.

Brings together what `counts`, `localstats`, `change` and `ranking` say of the
same areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.geography.denominator import Denominator
from hotspots.geography.load import Areas
from hotspots.months import Periods, comparable_periods
from hotspots.settings import Settings
from hotspots.statistics import ranking
from hotspots.statistics.change import change_between
from hotspots.statistics.counts import DENOMINATORS, Counts, rate
from hotspots.statistics.emerging import emerging_hotspots
from hotspots.statistics.localstats import local_gistar
from hotspots.statistics.neighbours import Neighbours, queen_neighbours
from hotspots.statistics.verdicts import verdict

_KEYS: Final = ["theme", "level", "code"]


def rank_all(
    counts: Counts,
    areas: Areas,
    *,
    themes: Sequence[str],
    combined: Sequence[str],
    settings: Settings,
    incomplete: Sequence[str] = (),
    own: Denominator | None = None,
) -> pd.DataFrame:
    """
    Rank the areas of both levels for all incidents, for each theme, and over themes together.

    Parameters
    ----------
    counts : Counts
        From `counts.count_areas`, with "combined" if `combined` names any theme.
    areas : Areas
        With residents, households and area.
    themes : sequence of str
        Themes to rank one by one.
    combined : sequence of str
        Themes that enter the combination, which is called "combined"; with none there is none.
    settings : Settings
        Gives `top`, `seed` and `weights`.
    incomplete : sequence of str
        Months that are counted, but do not tell how counts vary.
    own : Denominator, optional
        Figures of the user's, a further denominator where they know an area of the level.

    Returns
    -------
    DataFrame
        The columns of "priority"; rates are for the whole period. shrunk_rate
        (per 1,000 residents) is missing where themes are combined: see
        `ranking.combine_themes`.
    """
    parts = []
    for level in schema.LEVELS:
        frame = areas.level(level)
        here = counts.level(level, codes=frame.index)
        whole = here.whole()
        denominators = {
            "residents": frame["residents"],
            "households": frame["households"],
            "area": frame["area_km2"],
        }
        if own is not None and own.values.reindex(frame.index).gt(0).any():
            denominators["own"] = own.values.reindex(frame.index)
        jobs: dict[str, pd.Series | Mapping[str, pd.Series]]
        jobs = {slug: whole[slug] for slug in (schema.ALL_INCIDENTS, *themes)}
        if combined:
            jobs[schema.COMBINED] = {slug: whole[slug] for slug in combined}
        weights = weights_here(settings.weights, combined)
        for slug, tally in jobs.items():
            ranked = ranking.rank_over_denominators(
                tally,
                denominators=denominators,
                monthly=_by_month(here, tally, slug, incomplete),
                weights=weights,
                k=settings.top,
                seed=settings.seed,
            )
            if slug == schema.COMBINED and weights:
                alike = {one: whole[one] for one in combined}
                equal = ranking.combine_themes(
                    alike, exposure=frame["residents"], k=settings.top, seed=settings.seed
                )
                ranked = ranked.assign(rank_equal=equal["rank"])
            parts.append(_labelled(ranked, frame, level, slug, settings.top, own=own))
    stacked = pd.concat(parts, ignore_index=True)
    columns = [name for name in schema.COLUMNS["priority"] if name in stacked]
    order = ["theme", "level", "rank", "code"]
    return stacked.sort_values(order, kind="stable", ignore_index=True)[columns]


def _by_month(
    here: Counts, tally: pd.Series | Mapping[str, pd.Series], slug: str, incomplete: Sequence[str]
) -> pd.DataFrame | dict[str, pd.DataFrame]:
    """Give the monthly counts of a theme, or of each theme of a combination."""
    if isinstance(tally, pd.Series):
        return here.monthly(slug).drop(columns=list(incomplete), errors="ignore")
    return {one: here.monthly(one).drop(columns=list(incomplete), errors="ignore") for one in tally}


def area_results(
    counts: Counts,
    ranking: pd.DataFrame,
    areas: Areas,
    *,
    themes: Sequence[str],
    months: Sequence[str],
    settings: Settings,
    incomplete: Sequence[str] = (),
) -> pd.DataFrame:
    """
    Describe each area for each theme.

    Parameters
    ----------
    counts : Counts
        From `counts.count_areas`.
    ranking : DataFrame
        From `rank_all`.
    areas : Areas
    themes : sequence of str
        Slugs, "all" among them.
    months : sequence of str
        The period.
    settings : Settings
        Gives `permutations` and `seed`.
    incomplete : sequence of str
        Months that are counted, but take no part in changes and categories.

    Returns
    -------
    DataFrame
        theme, level, code, name, count, share of the theme in the city, rates,
        change with its interval and q, gi_star and gi_q (hot side, residents
        as offset), category (emerging hot spot) and the ranking's columns.
    """
    periods = comparable_periods(set(months) - set(incomplete))
    parts = []
    for level in schema.LEVELS:
        frame = areas.level(level)
        neighbours = queen_neighbours(frame)
        here = counts.level(level, codes=frame.index)
        for slug in themes:
            monthly = here.monthly(slug)
            found = _describe(monthly, frame, neighbours, periods, settings, incomplete=incomplete)
            parts.append(found.assign(theme=slug, level=level))
    described = pd.concat(parts, ignore_index=True)
    ranked = ranking[[*_KEYS, "rank", "rank_low", "rank_high", "p_top", "class", "denominator_sensitive"]]
    return described.merge(ranked, on=_KEYS, how="left")


def weights_here(weights: Mapping[str, float], combined: Sequence[str]) -> dict[str, float] | None:
    """Keep the weights of themes that take part: one file of weights serves data without a theme too."""
    return {slug: weight for slug, weight in weights.items() if slug in combined} or None


def _labelled(
    ranked: pd.DataFrame, frame: pd.DataFrame, level: str, slug: str, k: int, *, own: Denominator | None
) -> pd.DataFrame:
    labelled = ranked.assign(
        theme=slug,
        level=level,
        name=frame["name"],
        **_rates(ranked["count"], frame),
        shrunk_rate=1000 * ranked["shrunk_rate"],
        verdict=verdict(ranked, names=frame["name"], k=k, own=own.name if own else "own"),
    )
    return labelled.rename_axis("code").reset_index()


def _rates(count: pd.Series, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        "rate_per_1000": rate(count, frame["residents"], per=DENOMINATORS["residents"]),
        "rate_per_km2": rate(count, frame["area_km2"]),
    }


def _describe(
    monthly: pd.DataFrame,
    frame: gpd.GeoDataFrame,
    neighbours: Neighbours,
    periods: Periods,
    settings: Settings,
    *,
    incomplete: Sequence[str],
) -> pd.DataFrame:
    """Describe one theme in the areas of one level."""
    residents = frame["residents"] if frame["residents"].gt(0).any() else None
    total = monthly.sum(axis=1)
    city = float(total.sum())
    gi = local_gistar(
        total, neighbours, offset=residents, permutations=settings.permutations, seed=settings.seed
    ).reindex(frame.index)
    change = change_between(monthly, periods)
    emerging = emerging_hotspots(
        monthly.drop(columns=list(incomplete)), neighbours, offset=residents
    ).reindex(frame.index)
    described = {
        "name": frame["name"],
        "count": total,
        "share": total / city if city else np.nan,
        **_rates(total, frame),
        "change": change["change"],
        "change_low": change["low"],
        "change_high": change["high"],
        "change_q": change["q"],
        "gi_star": gi["z"],
        "gi_q": gi["q"],
        "category": emerging["category"],
    }
    return pd.DataFrame(described, index=frame.index).rename_axis("code").reset_index()
