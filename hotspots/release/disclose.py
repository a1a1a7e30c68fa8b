"""
What an audience may see of an analysis.

`disclose` is the only door between an analysis and everything that is written:
maps, profiles and tables take a `Release` and nothing else. Figures are exact
for internal use. For partners and the public

- counts below the audience's minimum are withheld and the others rounded
  (`audiences`, `rounding`), and more are withheld where a sum would give a small one back
  (`withholding`);
- rates, shares and changes follow from the published counts, and statistics
  are given in steps (`area_figures`);
- clusters and parts of density bands hold enough incidents at enough places,
  and their numbers are blank where they would narrow a small count (`shapes`);
- the reports of reading and geocoding lose what counts by file, month or
  reason, and the list of rejected rows is empty (`reports`);
- restricted themes are shown by ward only, secret ones not to the public.

A theme of which most counts by month, or by LSOA, would be blank gets none at
that grain: a coarser table that can be read beats a fine one of blanks.

On police.uk files, which are public row by row, all this is about reliability;
on extracts of a force or a council it is about disclosure. It is the same for
both: see `audiences`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots._version import __version__
from hotspots.audiences import POLICIES, Policy
from hotspots.errors import ParameterError
from hotspots.findings.findings import Findings, ThemeFindings
from hotspots.months import comparable_periods, period_words
from hotspots.policeuk import POLICE_STREET
from hotspots.release.area_figures import count_tables, release_counts, release_priority, release_results
from hotspots.release.beats import release_beats
from hotspots.release.grades import release_grades
from hotspots.release.release import Release, ThemeView
from hotspots.release.reports import (
    parameters,
    plain_words,
    reason_counts,
    release_geocoding,
    release_reading,
    release_rejected,
)
from hotspots.release.rounding import show_count
from hotspots.release.shape_numbers import unlink_shapes
from hotspots.release.shapes import (
    release_bands,
    release_clusters,
    stack,
    street_labels,
)
from hotspots.release.type_figures import release_types
from hotspots.release.withholding import SHOWN, CountTables, States, attack, withhold
from hotspots.statistics.control import unusual_months
from hotspots.statistics.times import INTERNAL_ONLY, Times, no_times
from hotspots.themes.harm import harm_words


def disclose(findings: Findings, *, audience: str | None = None, marking: str | None = None) -> Release:
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
    policy = POLICIES[name]
    slugs = _visible(findings, policy)
    figures = _exact_figures(findings, slugs) if policy.exact else _protected_figures(findings, slugs, policy)
    counts, whole = figures.pop("counts"), findings.complete_months
    shapes = {name: figures[name] for name in ("clusters", "streets")}
    return Release(
        area_code=findings.areas.area_code,
        area_name=findings.areas.area_name,
        months=findings.months,
        incomplete=findings.incomplete,
        report_card=release_grades(
            findings.report_card, {view.slug: view.total for view in figures["themes"]}, policy
        ),
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
        rejects=_reasons(findings.rejected, policy),
        reading=release_reading(findings.incidents.report.as_dict(), policy),
        geocoding=release_geocoding(findings.geocoding, policy),
        sources=_sources(findings, policy),
        warnings=tuple(plain_words(findings.warnings, policy)),
        parameters=parameters(settings),
        combined_themes=dict(findings.combined),
        derived=findings.areas.derived,
        area_notes=findings.areas.notes,
        times=_times(findings.times, policy),
        counts=counts.long(),
        unusual_months=unusual_months(counts, months=whole),
        compared=comparable_periods(whole),
        combined_at=dict(findings.combined_at),
        own_denominator=findings.own_denominator,
        held=_held(findings, figures["themes"], policy),
        **release_beats(findings, slugs, policy, **shapes),
        **figures,
    )


def _visible(findings: Findings, policy: Policy) -> list[str]:
    """List the themes that the audience may know of at all."""
    return [s for s, one in findings.themes.items() if policy.secret or one.theme.sensitivity != "secret"]


def _exact_figures(findings: Findings, slugs: list[str]) -> dict[str, Any]:
    policy = POLICIES["internal"]
    views = tuple(
        _theme_view(findings, slug, policy, total=findings.groups[slug].total)
        for slug in _in_order(findings, slugs)
    )
    types = tuple(_theme_view(findings, s, policy, total=one.total) for s, one in findings.types.items())
    streets = street_labels(findings.places.frame, policy)
    clusters, bands = _shapes(findings, views, policy, streets=streets)
    return {
        "themes": views,
        "types": types,
        "counts": findings.table,
        "results": findings.results.reset_index(drop=True),
        "priority": findings.priority.reset_index(drop=True),
        "clusters": clusters,
        "bands": bands,
        "streets": streets,
    }


def _protected_figures(findings: Findings, slugs: list[str], policy: Policy) -> dict[str, Any]:
    tables = count_tables(findings, slugs)
    fine = np.array([not _coarse(findings.themes[slug], policy) for slug in slugs])
    states = withhold(tables, policy, monthly=np.ones(len(slugs), dtype=bool), fine=fine)
    totals = _totals(tables, states, slugs, policy)
    totals |= _combined_total(findings, totals)
    grains = {slug: _grain(k, slugs, states, findings, policy) for k, slug in enumerate(slugs)}
    grains |= dict.fromkeys(findings.combination, _combined_grain(findings, slugs, states))
    views = tuple(
        _theme_view(findings, slug, policy, total=totals[slug], grain=grains[slug])
        for slug in _in_order(findings, slugs)
    )
    streets = street_labels(findings.places.frame, policy)
    clusters, bands = _shapes(findings, views, policy, streets=streets)
    bounds = attack(tables, states, policy)
    clusters, bands = unlink_shapes(
        clusters,
        bands,
        findings.areas,
        tables=tables,
        states=states,
        bounds=bounds,
        slugs=slugs,
        policy=policy,
    )
    counts = release_counts(findings, tables, states, slugs, policy)
    counts, type_totals = release_types(
        findings, counts, states=states, bounds=bounds, slugs=slugs, policy=policy
    )
    totals |= type_totals
    grain = f"Counts of types by {'month and ' if len(findings.months) > 1 else ''}LSOA are for internal use."
    return {
        "themes": views,
        "types": tuple(
            _theme_view(findings, slug, policy, total=n, grain=grain) for slug, n in type_totals.items()
        ),
        "counts": counts,
        "results": release_results(findings.results, findings, counts, totals),
        "priority": release_priority(findings.priority, counts),
        "clusters": clusters,
        "bands": bands,
        "streets": streets,
    }


def _totals(tables: CountTables, states: States, slugs: list[str], policy: Policy) -> dict[str, int | None]:
    return {
        slug: show_count(int(n), policy) if state == SHOWN else None
        for slug, n, state in zip(slugs, tables.total, states.total, strict=True)
    }


def _in_order(findings: Findings, slugs: list[str]) -> list[str]:
    """Put the combination among the visible themes."""
    return [slug for slug in findings.groups if slug in slugs or slug in findings.combination]


def _combined_total(findings: Findings, totals: Mapping[str, int | None]) -> dict[str, int | None]:
    """Add up the published totals of the combined themes; None where one of them is withheld."""
    parts = [totals[slug] for slug in findings.combined_at.get(schema.WARD, ())]
    known = [n for n in parts if n is not None]
    return dict.fromkeys(findings.combination, sum(known) if len(known) == len(parts) else None)


def _held(findings: Findings, views: Sequence[ThemeView], policy: Policy) -> str:
    """Say what share of all incidents the combined themes hold: whoever ranks by them leaves out the rest."""
    totals = {view.kind: view.total for view in views}
    if not findings.combination:
        return ""
    if policy.exact:
        share = findings.combination[schema.COMBINED].share or 0.0
        words = f"{100 * share:.0f} %"
    else:
        # From published totals, in which an incident of two themes counts twice.
        every, together = totals["all"], totals["combined"]
        if not every or together is None:
            return ""
        words = f"at most {100 * min(together / every, 1.0):.0f} %"
    return f"The themes together hold {words} of the incidents; the rest belongs to none of them."


def _coarse(found: ThemeFindings, policy: Policy) -> bool:
    return found.theme.sensitivity != "open" and not policy.restricted


def _grain(theme: int, slugs: list[str], states: States, findings: Findings, policy: Policy) -> str:
    """Say which counts of a theme are left out as a whole, and why."""
    small = f"most would be blank, being below {policy.minimum}"
    said = []
    if len(findings.months) > 1 and not states.monthly[theme]:
        said.append(f"Counts by month are left out: {small}.")
    if not states.fine[theme]:
        coarse = _coarse(findings.themes[slugs[theme]], policy)
        said.append(f"Counts by LSOA are left out: {'the theme is restricted' if coarse else small}.")
    return " ".join(said)


def _combined_grain(findings: Findings, slugs: list[str], states: States) -> str:
    """Say which counts the combination lacks because one of its themes lacks them."""
    kinds = (("month", states.monthly, schema.WARD), ("LSOA", states.fine, schema.LSOA))
    said = [
        f"Counts by {name} are left out: a theme among them has none."
        for name, given, level in kinds
        if not all(given[slugs.index(slug)] for slug in findings.combined_at.get(level, ()))
        and (name == "LSOA" or len(findings.months) > 1)
    ]
    return " ".join(said)


def _unlocated(findings: Findings, slug: str) -> str:
    """Say what share of a theme no map or table can show; a page without it would look complete."""
    rates = {one["theme"]: one["hit_rate"]["rate"] for one in findings.geocoding.get("themes", ())}
    missing = 1 - (1.0 if rates.get(slug) is None else rates[slug])
    if missing < 0.005:
        return ""
    return f"{100 * missing:.0f} % of the incidents in the files could not be located, and are missing here."


def _theme_view(
    findings: Findings, slug: str, policy: Policy, *, total: int | None, grain: str = ""
) -> ThemeView:
    found = findings.groups[slug]
    theme = found.theme
    withheld = found.withheld
    if _coarse(found, policy) and not withheld:
        withheld = f"{theme.name} is shown by ward only outside internal use."
    shown = not withheld
    return ThemeView(
        slug=theme.slug,
        name=theme.name,
        description=theme.description,
        observability=found.observability,
        observability_text=" ".join(plain_words([found.observability_text], policy)),
        # Every output prints the note, so what is left out is said wherever the theme is shown.
        note=" ".join(text for text in (theme.note, _unlocated(findings, slug), grain) if text),
        geography=theme.geography,
        sensitivity=theme.sensitivity,
        shows_density=shown and _smooth_enough(found, policy),
        shows_clusters=shown and found.parameters is not None,
        withheld=withheld,
        total=total,
        bandwidth=_chosen(found.bandwidth, policy) if shown else None,
        cluster_parameters=_chosen(found.parameters, policy) if shown else None,
        grain=grain,
        kind=_kind(findings, slug),
    )


def _kind(findings: Findings, slug: str) -> str:
    if slug in (schema.ALL_INCIDENTS, schema.COMBINED):
        return slug
    return "type" if slug in findings.types else "theme"


def _smooth_enough(found: ThemeFindings, policy: Policy) -> bool:
    """Tell whether a density may be shown: a peak narrower than the floor would point at an address."""
    if found.bandwidth is None:
        return False
    reach = found.bandwidth.reach
    return reach is None or reach >= policy.least_bandwidth


def _chosen(record: Any, policy: Policy) -> dict[str, Any] | None:
    """Give the values that were chosen and why; outside internal use without exact counts."""
    if record is None:
        return None
    plain = {name: getattr(record, name) for name in record.__dataclass_fields__}
    if policy.exact:
        return plain
    if "incidents" in plain:
        plain["incidents"] = show_count(int(plain["incidents"]), policy)
    return {**plain, "reason": plain_words([plain["reason"]], policy)[0]}


def _shapes(
    findings: Findings, views: tuple[ThemeView, ...], policy: Policy, *, streets: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    clusters, bands = [], []
    places = findings.places
    for view in views:
        if view.slug not in findings.themes:
            continue
        found = findings.themes[view.slug]
        drawn = found.clusters if view.shows_clusters else found.clusters.iloc[:0]
        clusters.append(release_clusters(drawn, policy, total=view.total, streets=streets))
        drawn = found.bands if view.shows_density else found.bands.iloc[:0]
        weights = places.weights(view.slug)
        bands.append(release_bands(drawn, places.frame, weights, policy, total=view.total))
    slugs = [view.slug for view in views if view.slug in findings.themes]
    return stack(clusters, slugs, "clusters"), stack(bands, slugs, "bands")


def _reasons(rejected: pd.DataFrame, policy: Policy) -> dict[str, int | None]:
    return reason_counts(rejected["reason"].value_counts().sort_index().to_dict(), policy)


def _times(times: Times, policy: Policy) -> Times:
    return times if policy.exact or times.reason else no_times(INTERNAL_ONLY)


def _sources(findings: Findings, policy: Policy) -> tuple[str, ...]:
    """Say where incidents, areas and harm weights are from, each under its own terms."""
    harm = findings.settings.harm if policy.exact else ""
    return (
        *_incident_sources(findings),
        *findings.areas.sources,
        *([harm_words(findings.located, harm)] if harm else []),
    )


def _incident_sources(findings: Findings) -> list[str]:
    if findings.synthetic:
        return ["Incidents: synthetic sample made by this project; no real incident is in it."]
    kinds = {source.kind for source in findings.incidents.report.sources if source.rows_kept}
    said = []
    if POLICE_STREET in kinds:
        said.append(
            "Incidents: data.police.uk. Contains public sector information licensed under the "
            "Open Government Licence v3.0."
        )
    if kinds - {POLICE_STREET}:
        said.append("Incidents: files given to this run, under the terms of who supplied them.")
    return said
