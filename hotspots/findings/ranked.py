"""The areas ranked and described: theme by theme, over themes together, with harm, and without heaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from hotspots import schema
from hotspots.findings.basis import Basis
from hotspots.findings.by_area import area_results, rank_all
from hotspots.findings.combination import combined_at, combined_themes, themes_with_incidents, with_harm
from hotspots.findings.findings import ThemeFindings
from hotspots.findings.heaps import flagged_heaps, ranked_without_heaps
from hotspots.statistics.counts import Counts, harm_by_area


@dataclass(frozen=True, eq=False)
class Ranked:
    """
    Areas with their ranks.

    Attributes
    ----------
    table : Counts
        With the combination, where there is one.
    results : DataFrame
        One row per theme and area with the local statistics.
    priority : DataFrame
        The ranking for all incidents, each theme and the combination.
    together : sequence of str
        The themes that enter the combination.
    combined_at : mapping of str to tuple of str
        By level, those of them whose counts it adds up; empty without a combination.
    heaps : DataFrame
        From `flagged_heaps`.
    """

    table: Counts
    results: pd.DataFrame
    priority: pd.DataFrame
    together: Sequence[str]
    combined_at: Mapping[str, tuple[str, ...]]
    heaps: pd.DataFrame


def rank_areas(basis: Basis, found: Mapping[str, ThemeFindings]) -> Ranked:
    """
    Rank and describe the areas of both levels.

    Parameters
    ----------
    basis : Basis
    found : mapping of str to ThemeFindings
        From `find_themes`.

    Returns
    -------
    Ranked
    """
    settings, areas = basis.settings, basis.areas
    together = combined_themes(found)
    used = combined_at(basis.table, together, settings.weights)
    table = basis.table.with_sum(schema.COMBINED, used) if used else basis.table
    types = [one.slug for one in basis.types.themes]
    ranking = rank_all(
        table,
        areas,
        themes=[*themes_with_incidents(found), *types],
        combined=together,
        settings=settings,
        incomplete=basis.incomplete,
        own=basis.own,
    )
    if settings.harm:
        harm = harm_by_area(basis.located, basis.groups, areas, settings.harm)
        ranking = with_harm(ranking, harm, combined=together)
    heaps = flagged_heaps(found, basis.places, settings)
    ranking = ranked_without_heaps(ranking, table, areas, heaps, combined=together, settings=settings)
    results = area_results(
        table,
        ranking,
        areas,
        themes=[*found, *types, *([schema.COMBINED] if used else [])],
        months=basis.months,
        settings=settings,
        incomplete=basis.incomplete,
    )
    return Ranked(table, results, ranking, together, used, heaps)
