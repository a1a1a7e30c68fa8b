"""
What an audience may see of an analysis.

`disclose` is the only door between an analysis and everything that is written:
maps, profiles and tables take a `Release` and nothing else. Figures are exact
for internal use. For partners and the public

- counts below the audience's minimum are withheld and the others rounded
  (`rounding`), and more are withheld where a sum would give a small one back
  (`withholding`);
- everything else that is said of areas, themes and months is computed from these
  released counts and from nothing else (`from_counts`);
- clusters and density bands are drawn from counts by coarse cell, with parameters
  from a published ladder (`coarse_shapes`, `ladder`); a cluster's number is blank
  where it would narrow a small count (`shape_numbers`);
- of reading and geocoding the record keeps how many files of which kind there were;
  the list of rejected rows is empty (`reports`);
- restricted themes are shown by ward only, secret ones not to the public.

A theme of which most counts by month, or by LSOA, would be blank gets none at
that grain: a coarser table that can be read beats a fine one of blanks.

On police.uk files, which are public row by row, all this is about reliability;
on extracts of a force or a council it is about disclosure. It is the same for
both, unless the user attests that every row is public already: see `open_data`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np

from hotspots import schema
from hotspots._version import __version__
from hotspots.audiences import POLICIES, Policy, policy_for
from hotspots.errors import ParameterError
from hotspots.findings.by_zone import INTERNAL_ONLY as ZONES_INTERNAL_ONLY
from hotspots.findings.findings import Findings, ThemeFindings
from hotspots.geography.coarse import coarse_cells
from hotspots.geography.deprivation import SOURCE as DEPRIVATION_SOURCE
from hotspots.geography.deprivation import deprivation_deciles
from hotspots.months import comparable_periods, period_words
from hotspots.release.area_counts import count_layout, count_tables, release_counts
from hotspots.release.attack import attack
from hotspots.release.beats import release_beats
from hotspots.release.beside import Allowed, types_before, withhold_beside
from hotspots.release.coarse_shapes import coarse_bands, coarse_clusters, count_cells, number_by_size
from hotspots.release.from_counts import Shown
from hotspots.release.further import NOTHING_FURTHER, Further
from hotspots.release.grades import release_grades
from hotspots.release.grains import combined_grain, grain_words, small_words
from hotspots.release.ladder import Parameters, choose_steps
from hotspots.release.open_data import as_open
from hotspots.release.over_time import over_time
from hotspots.release.release import Release, ThemeView
from hotspots.release.reports import reason_counts, release_rejected, released_parameters, released_reading
from hotspots.release.rounding import show_count
from hotspots.release.scanning import scan_release
from hotspots.release.shape_numbers import unlink_clusters
from hotspots.release.shapes import exact_clusters, exact_zones, no_streets, stack, street_labels
from hotspots.release.type_figures import hidden_types, release_types, with_other_types
from hotspots.release.views import (
    combined_view,
    exact_held,
    exact_view,
    is_coarse,
    protected_held,
    protected_view,
    sources,
    type_view,
    withheld_words,
)
from hotspots.release.withholding import SHOWN, CountTables, Marks, States, nearer_policy, withhold
from hotspots.statistics.control import unusual_months
from hotspots.statistics.counts import Counts
from hotspots.statistics.footprint import INTERNAL_ONLY as FOOTPRINT_INTERNAL_ONLY
from hotspots.statistics.times import INTERNAL_ONLY, Times, no_times


def disclose(
    findings: Findings,
    *,
    audience: str | None = None,
    marking: str | None = None,
    further: Further = NOTHING_FURTHER,
) -> Release:
    """
    Decide what an audience may see.

    Parameters
    ----------
    findings : Findings
        What was found.
    audience : {"internal", "partner", "public"}, optional
        Who it is for; the settings' audience unless given.
    marking : str, optional
        Security marking; the settings' marking unless given.
    further : Further, optional
        What is withheld beyond the rule, because earlier releases are known.

    Returns
    -------
    Release
        Counts below the audience's minimum are missing (NaN) and the rates
        that follow from them too; the others are rounded.

    Raises
    ------
    ParameterError
        If the audience is unknown.
    """
    settings = findings.settings
    name = settings.audience if audience is None else audience
    if name not in POLICIES:
        raise ParameterError(f"Audience '{name}' is unknown: use one of {', '.join(POLICIES)}.")
    already_public = findings.incidents.already_public
    policy = policy_for(name, already_public=already_public)
    findings = findings if policy.exact else with_other_types(findings)
    slugs = _visible(findings, policy)
    parts = (
        _exact_parts(findings, slugs, policy)
        if policy.exact
        else _protected_parts(findings, slugs, policy, further)
    )
    if already_public:
        parts = as_open(parts, findings, slugs, policy)
    counts, whole = parts.pop("counts"), findings.complete_months
    totals = {view.slug: view.total for view in parts["themes"]}
    deciles = deprivation_deciles(findings.areas.lsoas)
    return Release(
        area_code=findings.areas.area_code,
        area_name=findings.areas.area_name,
        months=findings.months,
        incomplete=findings.incomplete,
        report_card=release_grades(findings.report_card, totals, policy),
        period_text=period_words(findings.months),
        synthetic=findings.synthetic,
        audience=name,
        marking=settings.marking if marking is None else marking,
        wards_vintage=str(findings.areas.wards["vintage"].iloc[0]),
        lsoas_vintage=str(findings.areas.lsoas["vintage"].iloc[0]),
        resolution=findings.incidents.resolution,
        version=__version__,
        wards=findings.areas.wards,
        lsoas=findings.areas.lsoas,
        outline=findings.areas.outline,
        rejected=release_rejected(findings.rejected, policy),
        sources=(*sources(findings, policy), *([DEPRIVATION_SOURCE] if len(deciles) else [])),
        already_public=already_public,
        parameters=released_parameters(settings, slugs, audience=name),
        derived=findings.areas.derived,
        counts=counts.long(),
        unusual_months=unusual_months(counts, months=whole),
        compared=comparable_periods(whole),
        **over_time(counts, findings.areas, themes=slugs, months=whole, named=findings.named),
        **_scanned(findings, counts, parts["themes"], policy),
        deprivation=deciles,
        **release_beats(findings, slugs, policy, clusters=parts["clusters"]),
        **parts,
    )


def _scanned(
    findings: Findings, counts: Counts, views: Sequence[ThemeView], policy: Policy
) -> dict[str, Any]:
    """Seek circles where these are asked for; over places for internal use alone."""
    if not findings.settings.scan:
        return {}
    found = scan_release(
        counts,
        findings.areas,
        themes=[view.slug for view in views if not view.withheld],
        months=findings.complete_months,
        seed=findings.settings.seed,
        places=findings.places if policy.exact else None,
    )
    return {"scan": found}


def _visible(findings: Findings, policy: Policy) -> list[str]:
    """List the themes that the audience may know of at all."""
    return [s for s, one in findings.themes.items() if policy.secret or one.theme.sensitivity != "secret"]


def _exact_parts(findings: Findings, slugs: list[str], policy: Policy) -> dict[str, Any]:
    """Give everything as it was found."""
    groups = [slug for slug in findings.groups if slug in slugs or slug in findings.combination]
    streets = street_labels(findings.places.frame, policy)
    clusters = [exact_clusters(findings.themes[slug].clusters, policy) for slug in slugs]
    bands = [findings.themes[slug].bands for slug in slugs]
    return {
        "themes": tuple(exact_view(findings, findings.groups[slug]) for slug in groups),
        "types": tuple(exact_view(findings, one) for one in findings.types.values()),
        "own_denominator": findings.own_denominator,
        "counts": findings.table,
        "results": findings.results.reset_index(drop=True),
        "priority": findings.priority.reset_index(drop=True),
        "clusters": stack(clusters, slugs, "clusters"),
        "bands": stack(bands, slugs, "bands"),
        "streets": streets,
        **({} if findings.heaps is None else {"heaps": findings.heaps}),
        "combined_themes": dict(findings.combined),
        "combined_at": dict(findings.combined_at),
        "held": exact_held(findings),
        "warnings": tuple(findings.warnings),
        "area_notes": findings.areas.notes,
        "times": findings.times,
        "reading": findings.incidents.report.as_dict(),
        "geocoding": dict(findings.geocoding),
        "rejects": reason_counts(findings.rejected),
        **exact_zones(findings),
        **_footprint(findings, policy),
    }


def _footprint(findings: Findings, policy: Policy) -> dict[str, Any]:
    """Give searches, outcomes and ages of victims; none outside internal use, whoever publishes the rows."""
    if findings.footprint is None or policy.audience != "internal":
        return {}
    return {name: getattr(findings.footprint, name) for name in ("searches", "outcomes", "victims")}


def _protected_parts(
    findings: Findings, slugs: list[str], policy: Policy, further: Further
) -> dict[str, Any]:
    """Release the counts, and compute everything else from them; shapes come from coarse cells."""
    tables = count_tables(findings, slugs)
    states = _withheld(findings, tables, slugs, policy, further)
    bounds = attack(tables, states, policy)
    counts, type_totals = release_types(
        findings,
        release_counts(findings, tables, states, slugs, policy),
        states=states,
        bounds=bounds,
        slugs=slugs,
        policy=policy,
        also=_types_withheld(findings, policy, further),
    )
    shown = Shown(
        counts=counts,
        totals={**_totals(tables, states, slugs, policy), **type_totals},
        themes={slug: findings.themes[slug].theme for slug in slugs},
        types={slug: findings.types[slug].theme for slug in type_totals},
        areas=findings.areas,
        incomplete=findings.incomplete,
        settings=findings.settings,
    )
    grains = {
        slug: grain_words(k, slugs, states, findings, small=small_words(policy, further))
        for k, slug in enumerate(slugs)
    }
    chosen = {slug: _steps(findings.themes[slug], shown, policy) for slug in slugs}
    clusters, bands = _coarse_shapes(findings, shown, chosen, policy)
    clusters = unlink_clusters(
        clusters,
        findings.areas,
        tables=tables,
        states=states,
        bounds=bounds,
        slugs=slugs,
        policy=policy,
    )
    views = tuple(
        protected_view(findings.themes[slug], shown, policy, chosen=chosen[slug], grain=grains[slug])
        for slug in slugs
    )
    by_month = "month and " if len(findings.months) > 1 else ""
    types = tuple(
        type_view(shown, slug, grain=f"Counts of types by {by_month}LSOA are for internal use.")
        for slug in shown.types
    )
    return {
        "types": types,
        "themes": _in_order(views, combined_view(shown, grain=combined_grain(shown, slugs, states))),
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
    slugs = _visible(findings, nearer)
    tables = count_tables(findings, slugs)
    states = _withheld(findings, tables, slugs, nearer, NOTHING_FURTHER)
    bounds = attack(tables, states, nearer)
    return hidden_types(
        findings,
        states=states,
        bounds=bounds,
        slugs=slugs,
        policy=nearer,
        also=_types_withheld_nearer(findings, nearer),
    )


def _steps(found: ThemeFindings, shown: Shown, policy: Policy) -> Parameters | None:
    """Choose the parameters of a theme's shapes; None where it gets none."""
    slug = found.theme.slug
    if withheld_words(found, shown.observability(slug), policy):
        return None
    return choose_steps(found.theme, shown.totals[slug], shown.areas, policy)


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


def _in_order(views: Sequence[ThemeView], combination: ThemeView | None) -> tuple[ThemeView, ...]:
    """Put the combination behind all incidents."""
    return (views[0], *([combination] if combination else []), *views[1:])


def _times(times: Times) -> Times:
    return times if times.reason else no_times(INTERNAL_ONLY)
