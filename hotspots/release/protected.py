"""
What those outside see: released counts, what is computed from them, and shapes from coarse cells.

See `disclose` for the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.by_zone import INTERNAL_ONLY as ZONES_INTERNAL_ONLY
from hotspots.findings.findings import Findings
from hotspots.geography.coarse import coarse_cells
from hotspots.release.area_counts import count_layout, count_tables, release_counts
from hotspots.release.attack import Bounds, attack
from hotspots.release.beside import Allowed, types_before, withhold_beside
from hotspots.release.coarse_shapes import coarse_bands, coarse_clusters, count_cells, number_by_size
from hotspots.release.from_counts import Shown
from hotspots.release.further import NOTHING_FURTHER, Further
from hotspots.release.grains import combined_grain, grain_words, small_words
from hotspots.release.ladder import Parameters
from hotspots.release.reports import released_reading
from hotspots.release.rounding import show_count
from hotspots.release.shape_numbers import unlink_clusters
from hotspots.release.shapes import no_streets, stack
from hotspots.release.type_figures import hidden_types, release_types
from hotspots.release.views import (
    combined_view,
    in_order,
    is_coarse,
    protected_held,
    protected_view,
    steps_of,
    type_views,
)
from hotspots.release.withholding import SHOWN, CountTables, Marks, States, nearer_policy, withhold
from hotspots.statistics.footprint import INTERNAL_ONLY as FOOTPRINT_INTERNAL_ONLY
from hotspots.statistics.times import INTERNAL_ONLY, Times, no_times


@dataclass(frozen=True, eq=False)
class _Counted:
    """The counts of themes as tables, which of them are withheld, and what an attacker knows of these."""

    tables: CountTables
    states: States
    bounds: Bounds
    slugs: list[str]

    @classmethod
    def of(cls, findings: Findings, slugs: list[str], policy: Policy, further: Further) -> _Counted:
        tables = count_tables(findings, slugs)
        states = _withheld(findings, tables, slugs, policy, further)
        return cls(tables, states, attack(tables, states, policy), slugs)


def visible_themes(findings: Findings, policy: Policy) -> list[str]:
    """List the themes that the audience may know of at all."""
    return [s for s, one in findings.themes.items() if policy.secret or one.theme.sensitivity != "secret"]


def protected_parts(findings: Findings, slugs: list[str], policy: Policy, further: Further) -> dict[str, Any]:
    """Release the counts, and compute everything else from them; shapes come from coarse cells."""
    counted = _Counted.of(findings, slugs, policy, further)
    shown = _shown(findings, counted, policy, further)
    chosen = {slug: steps_of(findings.themes[slug], shown, policy) for slug in slugs}
    clusters, bands = _coarse_shapes(findings, shown, chosen, policy)
    clusters = unlink_clusters(
        clusters,
        findings.areas,
        tables=counted.tables,
        states=counted.states,
        bounds=counted.bounds,
        slugs=slugs,
        policy=policy,
    )
    small = small_words(policy, further)
    views = tuple(
        protected_view(
            findings.themes[slug],
            shown,
            policy,
            chosen=chosen[slug],
            grain=grain_words(k, slugs, counted.states, findings, small=small),
        )
        for k, slug in enumerate(slugs)
    )
    return {
        "types": type_views(shown),
        "themes": in_order(views, combined_view(shown, grain=combined_grain(shown, slugs, counted.states))),
        "counts": shown.table,
        "results": shown.results,
        "priority": shown.priority,
        "clusters": number_by_size(clusters),
        "bands": bands,
        "streets": no_streets(),
        "combined_themes": shown.combined_themes,
        "combined_at": shown.combined_at,
        "held": protected_held(shown),
        "warnings": (
            *shown.warnings(base=policy.base, minimum=policy.minimum),
            further.words(),
            *([ZONES_INTERNAL_ONLY] if findings.zones else []),
            *([FOOTPRINT_INTERNAL_ONLY] if findings.footprint and findings.footprint.any else []),
        ),
        "area_notes": (),
        "times": _times(findings.times),
        "reading": released_reading(findings.incidents.report.as_dict()),
        "geocoding": {"projection": findings.geocoding.get("projection")},
        "rejects": {},
    }


def _shown(findings: Findings, counted: _Counted, policy: Policy, further: Further) -> Shown:
    """Release the counts of themes, then those of types beside them."""
    tables, states, slugs = counted.tables, counted.states, counted.slugs
    counts, type_totals = release_types(
        findings,
        release_counts(findings, tables, states, slugs, policy),
        states=states,
        bounds=counted.bounds,
        slugs=slugs,
        policy=policy,
        also=_types_withheld(findings, policy, further),
    )
    return Shown(
        counts=counts,
        totals={**_totals(tables, states, slugs, policy), **type_totals},
        themes={slug: findings.themes[slug].theme for slug in slugs},
        types={slug: findings.types[slug].theme for slug in type_totals},
        areas=findings.areas,
        incomplete=findings.incomplete,
        settings=findings.settings,
    )


def _withheld(
    findings: Findings, tables: CountTables, slugs: list[str], policy: Policy, further: Further
) -> States:
    fine = np.array([not is_coarse(findings.themes[slug], policy) for slug in slugs])
    every = np.ones(len(slugs), dtype=bool)
    if further == NOTHING_FURTHER:
        return withhold(tables, policy, monthly=every, fine=fine)
    layout = count_layout(findings, slugs)
    marks = Marks(
        further.marks(slugs, "city", [findings.areas.area_code])[:, 0],
        further.marks(slugs, schema.WARD, layout.wards),
        np.zeros(tables.month.shape, dtype=bool),
        further.marks(slugs, schema.LSOA, layout.lsoas),
    )
    allowed = Allowed(marks, monthly=every, fine=fine)
    return withhold_beside(tables, policy, layout, further=further, allowed=allowed)


def _types_withheld(findings: Findings, policy: Policy, further: Further) -> np.ndarray:
    """Mark the counts of types that are withheld in any case."""
    layout = count_layout(findings, list(findings.types))
    marks = further.marks(layout.themes, schema.WARD, layout.wards)
    marks |= types_before(layout, policy, further)
    before = _types_withheld_nearer(findings, policy)
    return marks if before is None else marks | before


def _types_withheld_nearer(findings: Findings, policy: Policy) -> np.ndarray | None:
    """Mark the counts of types that a release to fewer people withholds; None where there is none."""
    nearer = nearer_policy(policy)
    if nearer is None:
        return None
    counted = _Counted.of(findings, visible_themes(findings, nearer), nearer, NOTHING_FURTHER)
    return hidden_types(
        findings,
        states=counted.states,
        bounds=counted.bounds,
        slugs=counted.slugs,
        policy=nearer,
        also=_types_withheld_nearer(findings, nearer),
    )


def _coarse_shapes(
    findings: Findings, shown: Shown, chosen: Mapping[str, Parameters | None], policy: Policy
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    places, cells = findings.places, coarse_cells(findings.areas.outline)
    clusters, bands = [], []
    for slug, steps in chosen.items():
        counts = count_cells(places.frame, places.weights(slug), cells)
        total = shown.totals[slug]
        clusters.append(coarse_clusters(counts, steps, findings.areas, policy, total=total))
        bands.append(coarse_bands(counts, steps, findings.areas, policy))
    return stack(clusters, list(chosen), "clusters"), stack(bands, list(chosen), "bands")


def _totals(tables: CountTables, states: States, slugs: list[str], policy: Policy) -> dict[str, int | None]:
    return {
        slug: show_count(int(n), policy) if state == SHOWN else None
        for slug, n, state in zip(slugs, tables.total, states.total, strict=True)
    }


def _times(times: Times) -> Times:
    return times if times.reason else no_times(INTERNAL_ONLY)
