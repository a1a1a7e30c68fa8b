"""
The whole job: from incident files to an analysis, and from that to a folder of outputs.

Each step calls one stage; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from hotspots import schema
from hotspots._version import __version__
from hotspots.errors import ConfigError, InputError, OutputError
from hotspots.fetching.publishers import data_folder
from hotspots.findings.by_area import area_results, combined_weights, left_out_of_combination, rank_all
from hotspots.findings.by_theme import find_themes
from hotspots.findings.coverage import coverage_warnings, incomplete_months, months_read
from hotspots.findings.findings import Findings, ThemeFindings
from hotspots.findings.quality import quality_warnings, theme_quality, types_in_no_theme
from hotspots.geography.load import Areas, load_areas
from hotspots.geography.postcodes import check_there
from hotspots.geography.projection import choose_projection
from hotspots.locating.geocode import Geocoded, geocode
from hotspots.outputs.record import count_reasons, manifest
from hotspots.places import fold_places
from hotspots.reading.incidents import Incidents, read_incidents
from hotspots.release.disclose import Release, disclose
from hotspots.resources import shipped
from hotspots.sample import is_synthetic
from hotspots.settings import Settings
from hotspots.statistics.counts import count_areas
from hotspots.statistics.times import Times, find_times
from hotspots.themes.harm import harm_by_area
from hotspots.themes.themes import (
    NOT_VISIBLE,
    classify,
    load_themes,
    select_themes,
)

if TYPE_CHECKING:
    from hotspots.pages.map_folium import HotspotMap

Progress = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class Analysis(Findings):
    """Findings that can show themselves."""

    def release(self, *, audience: str | None = None, marking: str | None = None) -> Release:
        """Give what an audience may see; see `disclosure.disclose`."""
        return disclose(self, audience=audience, marking=marking)

    def map(self, *, audience: str | None = None, marking: str | None = None) -> HotspotMap:
        """Give the interactive map as a `folium.Map` to which layers can be added."""
        from hotspots.pages.map_folium import HotspotMap

        return HotspotMap(self.release(audience=audience, marking=marking), **self._layers_below())

    def record(self) -> dict[str, Any]:
        """Give the record of the run as its audience may see it, without the list of outputs."""
        return manifest(self, self.release())

    def publish(
        self,
        out: Path | str,
        *,
        audience: str | None = None,
        marking: str | None = None,
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
        progress : callable
            Is told each step.

        Returns
        -------
        dict
            The manifest as written.
        """
        from hotspots.outputs.publish import publish

        release = self.release(audience=audience, marking=marking)
        return publish(
            release,
            Path(out),
            manifest=manifest(self, release),
            page_options=self._layers_below(),
            progress=progress,
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


@dataclass(frozen=True)
class Checked:
    """What `hotspots check` found: reading and geocoding, without any analysis."""

    incidents: Incidents
    geocoded: Geocoded
    rejected: pd.DataFrame
    quality: tuple[dict[str, Any], ...]
    unthemed: Mapping[str, int]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give the report as one strict-JSON object."""
        return {
            "version": __version__,
            "reading": self.incidents.report.as_dict(),
            "geocoding": self.geocoded.report.as_dict(),
            "themes": list(self.quality),
            "in_no_theme": dict(self.unthemed),
            "rejected": count_reasons(self.rejected),
            "first_rejected": self._first_rejected(),
            "warnings": list(self.warnings),
        }

    def _first_rejected(self, *, shown: int = 3) -> dict[str, list[dict[str, Any]]]:
        """Say by reason in which source and row the first rejected rows stand."""
        first = self.rejected.groupby("reason", sort=True).head(shown)
        rows = zip(first["reason"], first["source"], first["source_row"], strict=True)
        found: dict[str, list[dict[str, Any]]] = {}
        for reason, source, row in rows:
            found.setdefault(str(reason), []).append({"source": str(source), "row": int(row)})
        return found

    def write_rejects(self, path: Path) -> None:
        """
        Write where each rejected row stands, and why; never its values.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        from hotspots.outputs.tables import csv_bytes

        content = csv_bytes(self.rejected.rename(columns={"source_row": "row"}))
        try:
            path.write_bytes(content)
        except OSError as error:
            raise OutputError(f"{path.name} could not be written: {error.strerror}.") from error


def analyse_files(settings: Settings, *, progress: Progress = lambda _: None) -> Analysis:
    """
    Read the settings' input files and analyse them.

    Parameters
    ----------
    settings : Settings
        With no `inputs`, the shipped synthetic sample is read.
    progress : callable
        Is told each step.
    """
    progress("Reading incidents")
    return analyse(_read(settings), settings=settings, progress=progress)


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
    _check_weights(settings)
    areas = _areas(settings)
    progress("Locating incidents in wards and LSOAs")
    geocoded = _geocode(incidents, areas, settings)
    located = geocoded.frame
    themes = select_themes(load_themes(settings.theme_rules), settings.themes)
    membership = classify(located, themes)
    places = fold_places(located, membership)
    months = _months(incidents, located)
    partial = incomplete_months(incidents, located, months)
    incomplete = tuple(partial)
    counts = count_areas(located, membership, areas, months=months)
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
    )
    progress("Ranking areas")
    combined = _combined(found)
    ranking = rank_all(counts, areas, themes=_with_incidents(found), combined=combined, settings=settings)
    if settings.harm:
        ranking = _with_harm(
            ranking, harm_by_area(located, membership, areas, settings.harm), combined=combined
        )
    quality = theme_quality(incidents, geocoded, areas, themes)
    warnings = _warnings(incidents, geocoded, areas, quality)
    return Analysis(
        settings=settings,
        areas=areas,
        incidents=incidents,
        located=located,
        rejected=_rejected(incidents, geocoded),
        places=places,
        months=months,
        synthetic=is_synthetic(incidents.frame),
        themes=found,
        counts=counts,
        results=area_results(
            counts,
            ranking,
            areas,
            themes=list(found),
            months=months,
            settings=settings,
            incomplete=incomplete,
        ),
        priority=ranking,
        combined=combined_weights(counts, combined, settings.weights),
        geocoding={**geocoded.report.as_dict(), "themes": list(quality)},
        warnings=(
            *warnings,
            *coverage_warnings(incidents, located, months),
            *partial.values(),
            *([] if combined else [_NOTHING_COMBINED]),
            *left_out_of_combination(counts, combined, settings.weights),
            *_idle_weights(settings.weights, combined),
        ),
        times=_times(located, membership, found, settings),
        incomplete=incomplete,
    )


def check_files(settings: Settings) -> Checked:
    """Read, validate and geocode the settings' input files."""
    incidents = _read(settings)
    areas = _areas(settings)
    geocoded = _geocode(incidents, areas, settings)
    themes = load_themes(settings.theme_rules)
    quality = theme_quality(incidents, geocoded, areas, themes)
    return Checked(
        incidents=incidents,
        geocoded=geocoded,
        rejected=_rejected(incidents, geocoded),
        quality=quality,
        unthemed=types_in_no_theme(geocoded.frame, themes),
        warnings=_warnings(incidents, geocoded, areas, quality),
    )


def _read(settings: Settings) -> Incidents:
    return read_incidents(
        settings.inputs or (shipped("data", "sample"),),
        mapping=settings.columns or None,
        from_month=settings.from_month or None,
        to_month=settings.to_month or None,
        force=settings.force or None,
        date_format=settings.date_format or None,
        dedupe_source=settings.dedupe_source,
        sheet=settings.sheet or None,
    )


def _areas(settings: Settings) -> Areas:
    """Load the layers that were named, else official ones that were fetched, else the shipped ones."""
    official = data_folder("boundaries")
    fetched = official if any(official.glob("*.geojson")) else None
    return load_areas(
        wards=settings.wards,
        lsoas=settings.lsoas,
        folder=settings.boundaries or fetched,
        area=settings.area,
        projection=choose_projection(settings.ostn15),
    )


def _geocode(incidents: Incidents, areas: Areas, settings: Settings) -> Geocoded:
    return geocode(
        incidents.frame,
        areas,
        projection=choose_projection(settings.ostn15),
        postcodes=_postcode_file(settings),
        rejected=incidents.rejected,
    )


def _postcode_file(settings: Settings) -> Path | None:
    """Return the postcode file that was named, which must exist even if no row needs it, or fetched."""
    if settings.postcodes:
        check_there(settings.postcodes)
    return settings.postcodes or _fetched("postcodes", "*.zip")


def _fetched(kind: str, pattern: str) -> Path | None:
    """Return the file that `hotspots fetch` brought, if any."""
    return next(iter(sorted(data_folder(kind).glob(pattern))), None)


def _months(incidents: Incidents, located: pd.DataFrame) -> tuple[str, ...]:
    """Give the months that were read, also those without an incident in the area."""
    if located.empty:
        raise InputError("No incident lies in the area and period: check --area, --from and --to.")
    return months_read(incidents, located)


def months_between(first: str, last: str) -> tuple[str, ...]:
    """List the months from the first to the last, "YYYY-MM"."""
    return tuple(str(month) for month in pd.period_range(first, last, freq="M"))


def _with_incidents(found: Mapping[str, ThemeFindings]) -> list[str]:
    return [slug for slug, one in found.items() if one.total and slug != schema.ALL_INCIDENTS]


def _combined(found: Mapping[str, ThemeFindings]) -> list[str]:
    """Name the themes that enter the combined ranking: place-based, open, visible in the data."""
    return [
        slug
        for slug in _with_incidents(found)
        if found[slug].observability != NOT_VISIBLE
        and found[slug].theme.geography == "place-based"
        and found[slug].theme.sensitivity == "open"
    ]


_NOTHING_COMBINED: Final = (
    "No incident belongs to a place-based, open theme that these data show: "
    "the areas are ranked over all incidents alike."
)


def _times(
    located: pd.DataFrame, membership: pd.DataFrame, found: Mapping[str, ThemeFindings], settings: Settings
) -> Times:
    """Find hours of what may be shown, and near repeats of themes that happen at a place."""
    shown = {
        slug: one.theme
        for slug, one in found.items()
        if one.total and one.observability != NOT_VISIBLE and one.theme.sensitivity != "secret"
    }
    placed = [slug for slug, theme in shown.items() if theme.geography == "place-based"]
    repeating = [slug for slug in placed if slug != schema.ALL_INCIDENTS]
    return find_times(located, membership, slugs=list(shown), repeating=repeating, seed=settings.seed)


def _check_weights(settings: Settings) -> None:
    known = [theme.slug for theme in load_themes(settings.theme_rules)]
    unknown = sorted(set(settings.weights) - set(known))
    if unknown:
        raise ConfigError(
            f"[weights] names '{unknown[0]}', which is not a theme: the themes are {', '.join(known)}."
        )


def _idle_weights(weights: Mapping[str, float], combined: Sequence[str]) -> list[str]:
    idle = sorted(set(weights) - set(combined))
    return [
        f"The weight of {slug} has no effect: the theme has no incident here, or is not combined."
        for slug in idle
    ]


def _with_harm(ranking: pd.DataFrame, harm: pd.DataFrame, *, combined: Sequence[str]) -> pd.DataFrame:
    """Set the harm of the whole period beside each count, of the same incidents; never in its place."""
    keys = ["theme", "level", "code"]
    if combined:
        summed = harm[harm["theme"].isin(combined)].groupby(["level", "code"])["harm"].sum(min_count=1)
        together = summed.reset_index().assign(theme=schema.ALL_INCIDENTS)
        harm = pd.concat([harm[harm["theme"].ne(schema.ALL_INCIDENTS)], together], ignore_index=True)
    return ranking.merge(harm[[*keys, "harm"]], on=keys, how="left")


def _rejected(incidents: Incidents, geocoded: Geocoded) -> pd.DataFrame:
    """Join the rows that reading and geocoding set aside, by source and line."""
    both = pd.concat(
        [
            incidents.rejected.astype({"source": object, "reason": object}),
            geocoded.rejected.astype({"source": object, "reason": object}),
        ],
        ignore_index=True,
    )
    return both.sort_values(["source", "source_row"], kind="stable", ignore_index=True)


def _warnings(
    incidents: Incidents, geocoded: Geocoded, areas: Areas, quality: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    found = [*incidents.report.warnings, *geocoded.report.warnings, *areas.warnings]
    return tuple(dict.fromkeys([*found, *quality_warnings(quality)]))
