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

from collections.abc import Sequence
from typing import Any

from hotspots._version import __version__
from hotspots.audiences import POLICIES, Policy, policy_for
from hotspots.errors import ParameterError
from hotspots.findings.findings import Findings
from hotspots.geography.deprivation import SOURCE as DEPRIVATION_SOURCE
from hotspots.geography.deprivation import deprivation_deciles
from hotspots.months import comparable_periods, period_words
from hotspots.release.beats import release_beats
from hotspots.release.further import NOTHING_FURTHER, Further
from hotspots.release.grades import release_grades
from hotspots.release.open_data import as_open
from hotspots.release.over_time import over_time
from hotspots.release.protected import protected_parts, visible_themes
from hotspots.release.release import Release, ThemeView
from hotspots.release.reports import reason_counts, release_rejected, released_parameters
from hotspots.release.scanning import scan_release
from hotspots.release.shapes import exact_clusters, exact_zones, stack, street_labels
from hotspots.release.type_figures import with_other_types
from hotspots.release.views import (
    exact_held,
    exact_view,
    sources,
)
from hotspots.statistics.control import unusual_months
from hotspots.statistics.counts import Counts


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
    slugs = visible_themes(findings, policy)
    parts = (
        _exact_parts(findings, slugs, policy)
        if policy.exact
        else protected_parts(findings, slugs, policy, further)
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
