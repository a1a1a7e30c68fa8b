"""
The whole job: from incident files to an analysis, and from that to a folder of outputs.

Each step calls one stage; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from hotspots import schema
from hotspots.errors import AuditError, ParameterError
from hotspots.findings.basis import Basis
from hotspots.findings.beats import BeatPlan, find_beats
from hotspots.findings.by_theme import describe_types, find_themes
from hotspots.findings.by_zone import ZoneFindings, find_in_zones, zone_warnings
from hotspots.findings.combination import (
    NOTHING_COMBINED,
    check_weights,
    combined_weights,
    idle_denominator,
    idle_weights,
    left_out_of_combination,
    together,
)
from hotspots.findings.coverage import coverage_warnings
from hotspots.findings.findings import Findings, ThemeFindings
from hotspots.findings.grades import report_card
from hotspots.findings.heaps import heap_table, heap_warnings, unknown_heaps
from hotspots.findings.quality import theme_quality, unknown_words
from hotspots.findings.ranked import Ranked, rank_areas
from hotspots.geography.projection import choose_projection
from hotspots.loading import (
    Progress,
    check_names,
    gap_warnings,
    prepare,
    read_inputs,
    rejected_rows,
    run_warnings,
)
from hotspots.outputs.record import manifest
from hotspots.reading.incidents import Incidents, Watch
from hotspots.reading.sample_marks import is_synthetic
from hotspots.release.disclose import disclose
from hotspots.release.further import EVERYWHERE, NOTHING_FURTHER, Further, earlier_of
from hotspots.release.release import Release
from hotspots.settings import Settings
from hotspots.statistics.counts import Counts
from hotspots.statistics.footprint import find_footprint
from hotspots.statistics.times import Times, find_times
from hotspots.targeting.plan import Beats
from hotspots.text import counted

if TYPE_CHECKING:
    from hotspots.pages.map_folium import HotspotMap

#: How often a release is made, withholding more each time, before it is given up.
MOST_TRIES: Final = 4


@contextmanager
def _texts_as_objects() -> Iterator[None]:
    """
    Hold texts as objects while small tables are made; one may run within another.

    Arrow's texts save memory on millions of rows, which reading is done with by then: on the hundreds
    of small tables that follow each look-up costs more, a fifth of a small run and a tenth of a city-year.
    """
    with pd.option_context("mode.string_storage", "python"):
        yield


@dataclass(frozen=True, repr=False)
class Analysis(Findings):
    """Findings that can show themselves."""

    @_texts_as_objects()
    def release(self, *, audience: str | None = None, marking: str | None = None) -> Release:
        """Give what an audience may see, decided once for each, and as it was published if it was."""
        if (audience, marking) not in self._released:
            self._released[audience, marking] = disclose(self, audience=audience, marking=marking)
        return self._released[audience, marking]

    @cached_property
    def _released(self) -> dict[tuple[str | None, str | None], Release]:
        return {}

    def map(self, *, audience: str | None = None, marking: str | None = None) -> HotspotMap:
        """Give the interactive map as a `folium.Map` to which layers can be added."""
        from hotspots.pages.map_folium import HotspotMap

        return HotspotMap(self.release(audience=audience, marking=marking), **self._layers_below())

    def record(self) -> dict[str, Any]:
        """Give the record of the run as its audience may see it, without the list of outputs."""
        return manifest(self.release())

    @_texts_as_objects()
    def publish(
        self,
        out: Path | str,
        *,
        audience: str | None = None,
        marking: str | None = None,
        previous: Sequence[Path | str] = (),
        progress: Progress = lambda _: None,
    ) -> dict[str, Any]:
        """
        Write the whole output folder for an audience.

        Parameters
        ----------
        out : Path or str
            Folder to make or to replace; see `publish.publish`.
        audience, marking : str, optional
            As for `release`.
        previous : sequence of Path or str
            Folders of earlier releases of the same incidents: more is withheld until
            all together hold.
        progress : callable
            Is told each step.

        Returns
        -------
        dict
            The manifest as written.

        Raises
        ------
        AuditError
            If a withheld count could still be narrowed below policy; nothing is written then.
        """
        from hotspots.auditing.guard import read_ledger
        from hotspots.outputs.publish import publish

        ledger = read_ledger([Path(folder) for folder in previous], area=self.areas.area_code)
        further = Further(earlier=tuple(earlier_of(one) for one in ledger.releases), named=len(previous))
        found: tuple[Any, ...] = ()
        for attempt in range(MOST_TRIES):
            release = (
                self.release(audience=audience, marking=marking)
                if further == NOTHING_FURTHER
                else disclose(self, audience=audience, marking=marking, further=further)
            )
            try:
                written = publish(
                    release,
                    Path(out),
                    page_options=self._layers_below(),
                    ledger=ledger,
                    word=self.settings.word,
                    also=self.settings.also,
                    progress=progress,
                )
            except AuditError as error:
                found = error.found
            else:
                # Whatever is said of the folder after this shows what it shows, and no cell more.
                self._released[audience, marking] = release
                return written
            progress("Withholding more, for the release did not hold")
            further = replace(further, cells=further.cells | _cells_of(found, widely=attempt > 0))
        raise AuditError(
            f"Nothing was written: {counted(len(found), 'withheld count')} could be narrowed below policy "
            f"after more was withheld {MOST_TRIES - 1} times, such as {found[0].words}. Release fewer themes "
            "(--theme), or for internal use.",
            found=found,
        )

    def _layers_below(self) -> dict[str, Any]:
        """Name what the settings want laid under the map."""
        return {
            "backdrop": self.settings.backdrop,
            "context": self.settings.context,
            "tiles": self.settings.tiles or None,
        }

    def _repr_html_(self) -> str:
        return str(self.map()._repr_html_())


def _cells_of(found: Sequence[Any], *, widely: bool) -> frozenset[tuple[str, str, str]]:
    """
    Name what to withhold for narrowed counts: the theme's table that lists them, then all of its tables.

    Where only an earlier release lists a count it is all of the theme's at once.
    """
    return frozenset(
        (one.theme, level, EVERYWHERE)
        for one in found
        for level in ([one.level] if one.level and not widely else schema.LEVELS)
    )


def analyse_files(
    settings: Settings, *, progress: Progress = lambda _: None, watch: Watch = iter
) -> Analysis:
    """
    Read the settings' input files and analyse them.

    Parameters
    ----------
    settings : Settings
        With no `inputs`, the shipped synthetic sample is read.
    progress : callable
        Is told each step.
    watch : callable
        Is given the sources to read, and yields each when it is to be read.
    """
    check_names(settings)
    progress("Reading incidents")
    return analyse(read_inputs(settings, watch=watch), settings=settings, progress=progress)


@_texts_as_objects()
def analyse(
    incidents: Incidents,
    *,
    settings: Settings | None = None,
    progress: Progress = lambda _: None,
    **options: Any,
) -> Analysis:
    """
    Analyse incidents: geocode, classify, and find density, clusters, trends and ranks per theme.

    Parameters
    ----------
    incidents : Incidents
        From `read_incidents`.
    settings : Settings, optional
        What steers the analysis; the defaults if not given.
    progress : callable
        Is told each step.
    **options
        Single settings that win over `settings`, such as ``area="E06000015"``.

    Returns
    -------
    Analysis

    Raises
    ------
    InputError
        If no incident lies in the area.
    """
    settings = replace(settings or Settings(), **options)
    check_weights(settings)
    if settings.already_public != incidents.already_public:
        raise ParameterError("already_public was not held against the files: use `analyse_files`.")
    basis = prepare(incidents, settings, progress=progress)
    areas, months = basis.areas, basis.complete
    progress("Finding dense places and clusters")
    found = _find_themes(basis)
    progress("Choosing beats")
    beats = _find_beats(basis, found)
    progress("Grading what such statements were worth")
    card = report_card(found, basis.places, basis.table, areas, months=months, settings=settings)
    progress("Ranking areas")
    ranked = rank_areas(basis, found)
    footprint = find_footprint(
        incidents.searches,
        basis.located,
        basis.groups,
        areas,
        months=months,
        projection=choose_projection(settings.ostn15, area=settings.area),
    )
    quality = theme_quality(incidents, basis.geocoded, areas, basis.themes)
    return Analysis(
        **_as_prepared(basis),
        themes=found,
        beats=beats,
        report_card=card,
        **_as_ranked(ranked, basis, found),
        types=describe_types(basis.types.themes, basis.types.membership),
        times=_times(basis, found),
        zones=_find_in_zones(basis, ranked.table),
        footprint=footprint,
        geocoding={**basis.geocoded.report.as_dict(), "themes": list(quality)},
        warnings=(
            *run_warnings(incidents, basis.geocoded, areas, quality),
            *_warnings(basis, found, ranked),
            *footprint.warnings,
        ),
    )


def _find_themes(basis: Basis) -> dict[str, ThemeFindings]:
    return find_themes(
        basis.themes,
        basis.located,
        basis.membership,
        places=basis.places,
        months=basis.months,
        areas=basis.areas,
        settings=basis.settings,
        incomplete=basis.incomplete,
        types={one.slug: one.name for one in basis.types.themes},
    )


def _find_beats(basis: Basis, found: Mapping[str, ThemeFindings]) -> Mapping[str, Beats]:
    return find_beats(
        found,
        basis.located,
        basis.membership,
        places=basis.places,
        months=basis.complete,
        areas=basis.areas,
        seed=basis.settings.seed,
        plan=BeatPlan(found=basis.settings.found_by_patrol),
    )


def _find_in_zones(basis: Basis, table: Counts) -> ZoneFindings | None:
    return find_in_zones(
        basis.zones,
        basis.located,
        basis.groups,
        wards=table,
        months=basis.months,
        incomplete=basis.incomplete,
        settings=basis.settings,
    )


def _as_prepared(basis: Basis) -> dict[str, Any]:
    """Give what was read, located and sorted, as the findings hold it."""
    return {
        "settings": basis.settings,
        "areas": basis.areas,
        "incidents": basis.incidents,
        "located": basis.located,
        "rejected": rejected_rows(basis.incidents, basis.geocoded),
        "places": basis.places,
        "months": basis.months,
        "synthetic": is_synthetic(basis.incidents.frame),
        "own_denominator": basis.own.name if basis.own else "",
        "type_of": basis.types.membership,
        "incomplete": basis.incomplete,
        "named": basis.named,
        "points": basis.points,
    }


def _as_ranked(ranked: Ranked, basis: Basis, found: Mapping[str, ThemeFindings]) -> dict[str, Any]:
    """Give the counts and ranks, and what the combination is made of, as the findings hold them."""
    held = float(basis.membership[list(ranked.together)].any(axis=1).mean())
    return {
        "table": ranked.table,
        "results": ranked.results,
        "priority": ranked.priority,
        "combined": combined_weights(ranked.table, ranked.together, basis.settings.weights),
        "combined_at": ranked.combined_at,
        "combination": together(found, ranked.combined_at.get(schema.WARD, ()), held),
        "heaps": heap_table(ranked.heaps, ranked.priority, basis.areas),
    }


def _warnings(basis: Basis, found: Mapping[str, ThemeFindings], ranked: Ranked) -> Iterator[str]:
    """Say what the analyst must know of the months, the words, the combination, heaps and zones."""
    settings, located, weights = basis.settings, basis.located, basis.settings.weights
    yield from coverage_warnings(basis.incidents, located, basis.months)
    yield from gap_warnings(located, basis.months, basis.partial, settings)
    yield from basis.partial.values()
    yield from unknown_words(located, basis.themes)
    if not ranked.together:
        yield NOTHING_COMBINED
    yield from left_out_of_combination(ranked.table, ranked.together, weights)
    yield from idle_weights(weights, ranked.together)
    yield from idle_denominator(basis.own, basis.areas)
    yield from heap_warnings(ranked.heaps, found)
    yield from unknown_heaps(settings, basis.places)
    yield from zone_warnings(basis.zones, audience=settings.audience)


def _times(basis: Basis, found: Mapping[str, ThemeFindings]) -> Times:
    """Find hours of what may be shown, and near repeats of themes that happen at a place."""
    shown = {
        slug: one.theme
        for slug, one in found.items()
        if one.total and one.observability not in schema.UNSEEN and one.theme.sensitivity != "secret"
    }
    placed = [slug for slug, theme in shown.items() if theme.geography == "place-based"]
    repeating = [slug for slug in placed if slug != schema.ALL_INCIDENTS]
    return find_times(
        basis.located, basis.membership, slugs=list(shown), repeating=repeating, seed=basis.settings.seed
    )
