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
from hotspots.findings.beats import BeatPlan, find_beats
from hotspots.findings.by_area import area_results, rank_all
from hotspots.findings.by_theme import describe_types, find_themes
from hotspots.findings.by_zone import find_in_zones, zone_warnings
from hotspots.findings.combination import (
    NOTHING_COMBINED,
    check_weights,
    combined_at,
    combined_themes,
    combined_weights,
    idle_denominator,
    idle_weights,
    left_out_of_combination,
    themes_with_incidents,
    together,
    with_harm,
)
from hotspots.findings.coverage import coverage_warnings, incomplete_months
from hotspots.findings.findings import Findings, ThemeFindings
from hotspots.findings.grades import report_card
from hotspots.findings.heaps import (
    flagged_heaps,
    heap_table,
    heap_warnings,
    ranked_without_heaps,
    unknown_heaps,
)
from hotspots.findings.quality import theme_quality, unknown_words
from hotspots.geography.denominator import read_denominator
from hotspots.geography.points import read_points
from hotspots.geography.projection import choose_projection
from hotspots.loading import (
    Progress,
    check_names,
    covered_months,
    gap_warnings,
    load_layers,
    load_zones,
    locate,
    read_inputs,
    rejected_rows,
    run_warnings,
)
from hotspots.outputs.record import manifest
from hotspots.places import fold_places
from hotspots.reading.incidents import Incidents, Watch
from hotspots.reading.sample_marks import is_synthetic
from hotspots.release.disclose import disclose
from hotspots.release.further import EVERYWHERE, NOTHING_FURTHER, Further, earlier_of
from hotspots.release.release import Release
from hotspots.settings import Settings
from hotspots.statistics.counts import count_areas, harm_by_area
from hotspots.statistics.footprint import find_footprint
from hotspots.statistics.periods import parse_comparison
from hotspots.statistics.times import Times, find_times
from hotspots.text import counted
from hotspots.themes.themes import classify, load_themes, select_themes
from hotspots.themes.types import find_types

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
    own = read_denominator(settings.denominator) if settings.denominator else None
    areas = load_layers(settings)
    points = read_points(settings.points, projection=choose_projection(settings.ostn15, area=settings.area))
    zones = load_zones(settings, areas)
    progress("Locating incidents in wards and LSOAs")
    geocoded = locate(incidents, areas, settings)
    located = geocoded.frame
    themes = select_themes(load_themes(settings.theme_rules), settings.themes)
    membership = classify(located, themes)
    types = find_types(located, themes, membership)
    groups = pd.concat([membership, types.membership], axis=1)
    places = fold_places(located, groups)
    months = covered_months(incidents, located)
    partial = incomplete_months(incidents, located, months)
    incomplete = tuple(partial)
    complete = [month for month in months if month not in incomplete]
    named = parse_comparison(*settings.compare, months=complete) if settings.compare else None
    table = count_areas(located, groups, areas, months=months)
    progress("Finding dense places and clusters")
    found = find_themes(
        themes,
        located,
        membership,
        places=places,
        months=months,
        areas=areas,
        settings=settings,
        incomplete=incomplete,
        types={one.slug: one.name for one in types.themes},
    )
    progress("Choosing beats")
    beats = find_beats(
        found,
        located,
        membership,
        places=places,
        months=complete,
        areas=areas,
        seed=settings.seed,
        plan=BeatPlan(found=settings.found_by_patrol),
    )
    progress("Grading what such statements were worth")
    card = report_card(
        found,
        places,
        table,
        areas,
        months=complete,
        settings=settings,
    )
    progress("Ranking areas")
    combined = combined_themes(found)
    used = combined_at(table, combined, settings.weights)
    table = table.with_sum(schema.COMBINED, used) if used else table
    slugs = [one.slug for one in types.themes]
    ranked = [*themes_with_incidents(found), *slugs]
    ranking = rank_all(
        table,
        areas,
        themes=ranked,
        combined=combined,
        settings=settings,
        incomplete=incomplete,
        own=own,
    )
    if settings.harm:
        ranking = with_harm(ranking, harm_by_area(located, groups, areas, settings.harm), combined=combined)
    heaps = flagged_heaps(found, places, settings)
    ranking = ranked_without_heaps(ranking, table, areas, heaps, combined=combined, settings=settings)
    in_zones = find_in_zones(
        zones, located, groups, wards=table, months=months, incomplete=incomplete, settings=settings
    )
    footprint = find_footprint(
        incidents.searches,
        located,
        groups,
        areas,
        months=complete,
        projection=choose_projection(settings.ostn15, area=settings.area),
    )
    quality = theme_quality(incidents, geocoded, areas, themes)
    warnings = run_warnings(incidents, geocoded, areas, quality)
    return Analysis(
        settings=settings,
        areas=areas,
        incidents=incidents,
        located=located,
        rejected=rejected_rows(incidents, geocoded),
        places=places,
        months=months,
        synthetic=is_synthetic(incidents.frame),
        themes=found,
        table=table,
        results=area_results(
            table,
            ranking,
            areas,
            themes=[*found, *slugs, *([schema.COMBINED] if used else [])],
            months=months,
            settings=settings,
            incomplete=incomplete,
        ),
        priority=ranking,
        combined=combined_weights(table, combined, settings.weights),
        geocoding={**geocoded.report.as_dict(), "themes": list(quality)},
        warnings=(
            *warnings,
            *coverage_warnings(incidents, located, months),
            *gap_warnings(located, months, partial, settings),
            *partial.values(),
            *unknown_words(located, themes),
            *([] if combined else [NOTHING_COMBINED]),
            *left_out_of_combination(table, combined, settings.weights),
            *idle_weights(settings.weights, combined),
            *idle_denominator(own, areas),
            *heap_warnings(heaps, found),
            *unknown_heaps(settings, places),
            *zone_warnings(zones, audience=settings.audience),
            *footprint.warnings,
        ),
        combination=together(
            found, used.get(schema.WARD, ()), float(membership[combined].any(axis=1).mean())
        ),
        combined_at=used,
        own_denominator=own.name if own else "",
        types=describe_types(types.themes, types.membership),
        type_of=types.membership,
        times=_times(located, membership, found, settings),
        incomplete=incomplete,
        named=named,
        beats=beats,
        report_card=card,
        heaps=heap_table(heaps, ranking, areas),
        points=points,
        zones=in_zones,
        footprint=footprint,
    )


def _times(
    located: pd.DataFrame, membership: pd.DataFrame, found: Mapping[str, ThemeFindings], settings: Settings
) -> Times:
    """Find hours of what may be shown, and near repeats of themes that happen at a place."""
    shown = {
        slug: one.theme
        for slug, one in found.items()
        if one.total and one.observability not in schema.UNSEEN and one.theme.sensitivity != "secret"
    }
    placed = [slug for slug, theme in shown.items() if theme.geography == "place-based"]
    repeating = [slug for slug in placed if slug != schema.ALL_INCIDENTS]
    return find_times(located, membership, slugs=list(shown), repeating=repeating, seed=settings.seed)
