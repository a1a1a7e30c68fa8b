"""What is said of each theme to an audience, and what of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hotspots.audiences import Policy
from hotspots.findings.by_theme import by_area_only, why_no_shapes
from hotspots.findings.findings import Findings, ThemeFindings
from hotspots.policeuk import POLICE_STREET
from hotspots.release.from_counts import NOT_SHOWN, Shown
from hotspots.release.ladder import Parameters, choose_steps
from hotspots.release.release import ThemeView
from hotspots.schema import ALL_INCIDENTS, COMBINED, DIRECT, NOT_VISIBLE, TYPE_PREFIX
from hotspots.themes.harm import harm_words

#: What stands in the notes where counts of the unlocated would be too small to be told.
_HELD: Final = "The themes together hold {} of the incidents; the rest belongs to none of them."
UNLOCATED: Final = "Incidents without a known place are missing from areas and maps."


def exact_view(findings: Findings, found: ThemeFindings) -> ThemeView:
    """Describe a theme or a type for internal use, as it was found."""
    shown = not found.withheld
    return _view(
        found,
        observability=found.observability,
        observability_text=found.observability_text,
        # Every output prints the note, so what is left out is said wherever the theme is shown.
        note=[found.theme.note, _unlocated(findings, found.theme.slug)],
        shows_density=shown and found.bandwidth is not None,
        shows_clusters=shown and found.parameters is not None,
        withheld=found.withheld,
        total=found.total,
        bandwidth=_plain(found.bandwidth) if shown else None,
        cluster_parameters=_plain(found.parameters) if shown else None,
    )


def protected_view(
    found: ThemeFindings, shown: Shown, policy: Policy, *, chosen: Parameters | None, grain: str
) -> ThemeView:
    """
    Describe a theme from its definition and its released counts alone.

    Parameters
    ----------
    found : ThemeFindings
        Gives the definition of the theme; nothing that was found of it is read.
    shown : Shown
        The released counts.
    policy : Policy
    chosen : Parameters or None
        From the ladder; None where the theme gets no density and no clusters.
    grain : str
        Which counts are left out as a whole.
    """
    theme = found.theme
    observability = shown.observability(theme.slug)
    return _view(
        found,
        observability=observability,
        observability_text=shown.observability_words(theme.slug),
        note=[theme.note, UNLOCATED, grain],
        shows_density=chosen is not None and chosen.bandwidth is not None,
        shows_clusters=chosen is not None and chosen.min_samples is not None,
        withheld=withheld_words(found, observability, policy),
        total=shown.totals[theme.slug],
        bandwidth=chosen.bandwidth_record if chosen else None,
        cluster_parameters=chosen.cluster_record if chosen else None,
        grain=grain,
    )


def type_view(shown: Shown, slug: str, *, grain: str) -> ThemeView:
    """Describe a type of incident, of which only counts by ward are told."""
    theme = shown.types[slug]
    text = "Every incident recorded under this type."
    found = by_area_only(theme, 0, (DIRECT, text), "Shown by area only.")
    return _view(
        found,
        observability=DIRECT,
        observability_text=text,
        note=[theme.note, UNLOCATED, grain],
        shows_density=False,
        shows_clusters=False,
        withheld=found.withheld,
        total=shown.totals[slug],
        bandwidth=None,
        cluster_parameters=None,
        grain=grain,
    )


def combined_view(shown: Shown, *, grain: str) -> ThemeView | None:
    """Describe the themes together, which are shown by area only; None where none can be combined."""
    found = shown.combination()
    if found is None:
        return None
    return _view(
        found,
        observability=found.observability,
        observability_text=found.observability_text,
        note=[UNLOCATED, grain],
        shows_density=False,
        shows_clusters=False,
        withheld=found.withheld,
        total=shown.combined_total,
        bandwidth=None,
        cluster_parameters=None,
        grain=grain,
    )


def exact_held(findings: Findings) -> str:
    """Say what share of all incidents the combined themes hold: whoever ranks by them leaves out the rest."""
    if not findings.combination:
        return ""
    return _HELD.format(f"{100 * (findings.combination[COMBINED].share or 0.0):.0f} %")


def protected_held(shown: Shown) -> str:
    """Say it from released totals, in which an incident of two themes counts twice."""
    every, combined = shown.totals[ALL_INCIDENTS], shown.combined_total
    if not every or combined is None:
        return ""
    return _HELD.format(f"at most {100 * min(combined / every, 1.0):.0f} %")


def withheld_words(found: ThemeFindings, observability: str, policy: Policy) -> str:
    """Say why a theme gets no density and no clusters outside internal use; "" if it gets them."""
    theme = found.theme
    if observability == NOT_VISIBLE:
        return NOT_SHOWN
    if is_coarse(found, policy):
        return f"{theme.name} is shown by ward only outside internal use."
    return why_no_shapes(theme, observability)


def is_coarse(found: ThemeFindings, policy: Policy) -> bool:
    """Tell whether a theme is shown by ward only."""
    return found.theme.sensitivity != "open" and not policy.restricted


def sources(findings: Findings, policy: Policy) -> tuple[str, ...]:
    """Say where incidents, areas and harm weights are from, each under its own terms."""
    harm = findings.settings.harm if policy.exact else ""
    return (
        *_incident_sources(findings),
        *findings.areas.sources,
        *([harm_words(findings.located, harm)] if harm else []),
    )


def _view(found: ThemeFindings, *, note: list[str], **changes: Any) -> ThemeView:
    theme = found.theme
    return ThemeView(
        slug=theme.slug,
        name=theme.name,
        description=theme.description,
        note=" ".join(text for text in note if text),
        geography=theme.geography,
        sensitivity=theme.sensitivity,
        kind=_kind(theme.slug),
        **changes,
    )


def _kind(slug: str) -> str:
    if slug in (ALL_INCIDENTS, COMBINED):
        return slug
    return "type" if slug.startswith(TYPE_PREFIX) else "theme"


def _unlocated(findings: Findings, slug: str) -> str:
    """Say what share of a theme no map or table can show; a page without it would look complete."""
    rates = {one["theme"]: one["hit_rate"]["rate"] for one in findings.geocoding.get("themes", ())}
    missing = 1 - (1.0 if rates.get(slug) is None else rates[slug])
    if missing < 0.005:
        return ""
    return f"{100 * missing:.0f} % of the incidents in the files could not be located, and are missing here."


def _plain(record: Any) -> dict[str, Any] | None:
    """Give the values that were chosen, and why."""
    if record is None:
        return None
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


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


def type_views(shown: Shown) -> tuple[ThemeView, ...]:
    """Describe the types of incidents of a release."""
    by_month = "month and " if len(shown.counts.months) > 1 else ""
    grain = f"Counts of types by {by_month}LSOA are for internal use."
    return tuple(type_view(shown, slug, grain=grain) for slug in shown.types)


def in_order(views: Sequence[ThemeView], combination: ThemeView | None) -> tuple[ThemeView, ...]:
    """Put the combination behind all incidents."""
    return (views[0], *([combination] if combination else []), *views[1:])


def steps_of(found: ThemeFindings, shown: Shown, policy: Policy) -> Parameters | None:
    """Choose the parameters of a theme's shapes; None where it gets none."""
    slug = found.theme.slug
    if withheld_words(found, shown.observability(slug), policy):
        return None
    return choose_steps(found.theme, shown.totals[slug], shown.areas, policy)
