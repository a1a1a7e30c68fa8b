"""
The whole job: from incident files to an analysis, and from that to a folder of outputs.

Each step calls one stage; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from hotspots import hitrate, schema
from hotspots._version import __version__
from hotspots.area_results import area_results, combined_weights, rank_all
from hotspots.areas import count_areas
from hotspots.bandwidth import Bandwidth, choose_bandwidth
from hotspots.boundaries import Areas, load_areas
from hotspots.clusters import (
    ClusterParameters,
    choose_parameters,
    cluster_confidence,
    describe_clusters,
    hotspot_dbscan,
)
from hotspots.config import Settings
from hotspots.contours import density_bands
from hotspots.density import kernel_density
from hotspots.disclosure import Release, disclose
from hotspots.errors import InputError
from hotspots.fetch import data_folder
from hotspots.findings import Findings, ThemeFindings
from hotspots.geocode import Geocoded, geocode
from hotspots.grid import square_grid
from hotspots.harm import harm_by_area, harm_words
from hotspots.incidents import Incidents, read_incidents
from hotspots.places import Places, fold_places
from hotspots.postcodes import load_postcodes
from hotspots.projection import choose_projection
from hotspots.resources import shipped
from hotspots.sample import is_synthetic
from hotspots.themes import (
    NOT_VISIBLE,
    Theme,
    classify,
    load_themes,
    observability,
    observability_words,
    select_themes,
)

if TYPE_CHECKING:
    from hotspots.leaflet import HotspotMap

Progress = Callable[[str], None]

#: Side of a density cell in metres. Its size hardly matters; smaller than half the least bandwidth is enough.
CELL_METRES: Final = 50.0

ALL_THEME: Final = Theme(
    slug=schema.ALL_INCIDENTS,
    name="All incidents",
    description="Every incident that was read, whatever its type.",
    rules=(),
    observability="direct",
    sensitivity="open",
    geography="place-based",
    density=True,
    clusters=True,
    note="A mix of very different harms; the themes say more.",
)


@dataclass(frozen=True)
class Analysis(Findings):
    """Findings that can show themselves."""

    def release(self, *, audience: str | None = None, marking: str | None = None) -> Release:
        """Give what an audience may see; see `disclosure.disclose`."""
        return disclose(self, audience=audience, marking=marking)

    def map(self, *, audience: str | None = None) -> HotspotMap:
        """Give the interactive map as a `folium.Map` to which layers can be added."""
        from hotspots.leaflet import HotspotMap

        return HotspotMap(self.release(audience=audience))

    def _repr_html_(self) -> str:
        return str(self.map()._repr_html_())


@dataclass(frozen=True)
class Checked:
    """What `hotspots check` found: reading and geocoding, without any analysis."""

    incidents: Incidents
    geocoded: Geocoded
    rejected: pd.DataFrame
    quality: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give the report as one strict-JSON object."""
        return {
            "version": __version__,
            "reading": self.incidents.report.as_dict(),
            "geocoding": self.geocoded.report.as_dict(),
            "themes": list(self.quality),
            "rejected": _reasons(self.rejected),
            "warnings": list(self.warnings),
        }

    def write_rejects(self, path: Path) -> None:
        """Write where each rejected row stands, and why; never its values."""
        from hotspots.tables import csv_bytes

        path.write_bytes(csv_bytes(self.rejected.rename(columns={"source_row": "row"})))


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
    areas = _areas(settings)
    progress("Locating incidents in wards and LSOAs")
    geocoded = _geocode(incidents, areas, settings)
    located = geocoded.frame
    themes = select_themes(load_themes(), settings.themes)
    membership = classify(located, themes)
    places = fold_places(located, membership)
    months = _months(located)
    counts = count_areas(located, membership, areas, months=months)
    progress("Finding dense places and clusters")
    found = _themes_found(
        themes, located, membership, places=places, months=months, areas=areas, settings=settings
    )
    progress("Ranking areas")
    combined = _combined(found)
    ranking = rank_all(counts, areas, themes=_with_incidents(found), combined=combined, settings=settings)
    if settings.harm:
        ranking = _with_harm(ranking, harm_by_area(located, membership, areas, settings.harm))
    quality = _quality(incidents, geocoded, areas, themes)
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
        results=area_results(counts, ranking, areas, themes=list(found), months=months, settings=settings),
        priority=ranking,
        combined=combined_weights(counts, combined, settings.weights),
        geocoding={**geocoded.report.as_dict(), "themes": list(quality)},
        warnings=(*warnings, *([harm_words(located, settings.harm)] if settings.harm else [])),
    )


def check_files(settings: Settings) -> Checked:
    """Read, validate and geocode the settings' input files."""
    incidents = _read(settings)
    areas = _areas(settings)
    geocoded = _geocode(incidents, areas, settings)
    themes = load_themes()
    quality = _quality(incidents, geocoded, areas, themes)
    return Checked(
        incidents=incidents,
        geocoded=geocoded,
        rejected=_rejected(incidents, geocoded),
        quality=quality,
        warnings=_warnings(incidents, geocoded, areas, quality),
    )


def manifest(analysis: Analysis) -> dict[str, Any]:
    """
    Give the record of a run, without the list of outputs.

    Returns
    -------
    dict
        Strict JSON: version, parameters, inputs with digests and row counts,
        rejects by reason, geocoding, boundaries, themes with the values chosen
        for them and why, warnings. No clock, no path of the machine.
    """
    settings = analysis.settings
    release = analysis.release()
    return {
        "version": __version__,
        "command": "hotspots run",
        "parameters": _parameters(settings),
        "seed": settings.seed,
        "audience": release.audience,
        "marking": release.marking,
        "synthetic": analysis.synthetic,
        "area": {"code": release.area_code, "name": release.area_name},
        "period": {"months": list(release.months), "text": release.period_text},
        "reading": release.reading,
        "rejected": _reasons(analysis.rejected),
        "geocoding": release.geocoding,
        "boundaries": {
            "wards": f"ward_{settings.wards}",
            "lsoas": f"lsoa_{settings.lsoas}",
            "derived": analysis.areas.derived,
            "notes": list(analysis.areas.notes),
        },
        "themes": [_theme_record(view) for view in release.themes],
        "combined_themes": dict(analysis.combined),
        "sources": list(release.sources),
        "warnings": list(release.warnings),
    }


def publish_analysis(analysis: Analysis, out: Path, *, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Disclose an analysis to its audience and write the whole output folder; return the manifest."""
    from hotspots.publish import publish

    settings = analysis.settings
    options = {"backdrop": settings.backdrop, "context": settings.context, "tiles": settings.tiles or None}
    return publish(
        analysis.release(),
        out,
        manifest=manifest(analysis),
        page_options={name: value for name, value in options.items() if value},
        progress=progress,
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
    postcodes = load_postcodes(settings.postcodes) if settings.postcodes else None
    return geocode(incidents.frame, areas, projection=choose_projection(settings.ostn15), postcodes=postcodes)


def _months(located: pd.DataFrame) -> tuple[str, ...]:
    """Give every month from the first to the last, also those without an incident."""
    seen = sorted(located["month"].unique())
    if not seen:
        raise InputError("No incident lies in the area and period: check --area, --from and --to.")
    return months_between(seen[0], seen[-1])


def months_between(first: str, last: str) -> tuple[str, ...]:
    """List the months from the first to the last, "YYYY-MM"."""
    return tuple(str(month) for month in pd.period_range(first, last, freq="M"))


def _themes_found(
    themes: Sequence[Theme],
    located: pd.DataFrame,
    membership: pd.DataFrame,
    *,
    places: Places,
    months: Sequence[str],
    areas: Areas,
    settings: Settings,
) -> dict[str, ThemeFindings]:
    found = {ALL_THEME.slug: ("direct", "Every incident in the files.")}
    found |= {t.slug: (observability(t, located), observability_words(t, located)) for t in themes}
    totals = membership.sum()
    return {
        theme.slug: _theme_found(
            theme,
            places,
            areas,
            observed=found[theme.slug],
            total=int(totals[theme.slug]),
            months=months,
            settings=settings,
        )
        for theme in (ALL_THEME, *themes)
    }


def _theme_found(
    theme: Theme,
    places: Places,
    areas: Areas,
    *,
    observed: tuple[str, str],
    total: int,
    months: Sequence[str],
    settings: Settings,
) -> ThemeFindings:
    withheld = _withheld(theme, observed[0])
    # All places, weighted: the spacing of the map points is a fact of the data, not of the theme.
    here = places.frame.assign(n=places.weights(theme.slug))
    # A month without any incident is missing from the places, never from the period.
    monthly = pd.DataFrame(places.monthly(theme.slug), columns=places.months)
    monthly = monthly.reindex(columns=months, fill_value=0)
    bandwidth = None if withheld else choose_bandwidth(here)
    parameters = None if withheld else choose_parameters(here)
    return ThemeFindings(
        theme=theme,
        total=total,
        observability=observed[0],
        observability_text=observed[1],
        bandwidth=bandwidth,
        bands=_bands(here, bandwidth, areas),
        parameters=parameters,
        clusters=_clusters(here, monthly, parameters, settings),
        withheld=withheld,
    )


#: What a theme without bands or clusters gets: the same columns and types, no rows.
_BAND_TYPES: Final = {
    "band": "int64",
    "lower": "float64",
    "upper": "float64",
    "incidents": "float64",
    "incident_share": "float64",
    "area_share": "float64",
}
_CLUSTER_TYPES: Final = {
    "cluster": "int64",
    "n": "int64",
    "places": "int64",
    "area_km2": "float64",
    "density_per_km2": "float64",
    "share": "float64",
    "confidence": "float64",
    "ward_codes": "object",
    "streets": "object",
    "first_month": "object",
    "last_month": "object",
    "monthly": "object",
}


def _no_shapes(types: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Give a frame without rows, for what a theme does not get."""
    columns = {name: pd.Series(dtype=kind) for name, kind in types.items()}
    return gpd.GeoDataFrame(columns, geometry=[], crs=schema.NATIONAL_GRID)


def _withheld(theme: Theme, observed: str) -> str:
    """Say why a theme gets no density and no clusters; "" if it gets them."""
    if observed == NOT_VISIBLE:
        return "This theme is not visible in these data."
    if not theme.density and not theme.clusters:
        kind = (
            "where victims live, not where it happens" if theme.geography == "borderless" else "too sensitive"
        )
        return f"Shown by area only: the place of an incident is {kind}."
    return ""


def _bands(here: gpd.GeoDataFrame, bandwidth: Bandwidth | None, areas: Areas) -> gpd.GeoDataFrame:
    if bandwidth is None or bandwidth.metres is None or bandwidth.reach is None:
        return _no_shapes(_BAND_TYPES)
    grid = square_grid(areas.outline, cell=CELL_METRES)
    surface = kernel_density(here, grid=grid, bandwidth=bandwidth.metres, edge=areas.outline)
    return density_bands(surface, grid, places=here, outline=areas.outline, reach=bandwidth.reach)


def _clusters(
    here: gpd.GeoDataFrame, monthly: pd.DataFrame, parameters: ClusterParameters | None, settings: Settings
) -> gpd.GeoDataFrame:
    if parameters is None or parameters.eps is None or parameters.min_samples is None:
        return _no_shapes(_CLUSTER_TYPES)
    eps, min_samples, min_places = parameters.eps, parameters.min_samples, parameters.min_places
    labels = hotspot_dbscan(here, eps=eps, min_samples=min_samples, min_places=min_places)
    if (labels < 0).all():
        return _no_shapes(_CLUSTER_TYPES)
    confidence = cluster_confidence(
        here,
        labels,
        eps=eps,
        min_samples=min_samples,
        min_places=min_places,
        draws=settings.draws,
        seed=settings.seed,
    )
    return describe_clusters(
        here,
        labels,
        eps=eps,
        monthly=monthly.to_numpy(),
        months=list(monthly.columns),
        confidence=confidence,
    )


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


def _with_harm(ranking: pd.DataFrame, harm: pd.DataFrame) -> pd.DataFrame:
    """Set the harm of the whole period beside each count; never in its place."""
    keys = ["theme", "level", "code"]
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


def _reasons(rejected: pd.DataFrame) -> dict[str, int]:
    return {str(reason): int(n) for reason, n in rejected["reason"].value_counts().sort_index().items()}


def _quality(
    incidents: Incidents, geocoded: Geocoded, areas: Areas, themes: Sequence[Theme]
) -> tuple[dict[str, Any], ...]:
    """Per theme: the hit rate, the unlocated by month, and whether they could change the top ward."""
    membership = classify(incidents.frame, themes)
    rates = hitrate.hit_rates(geocoded.located, membership)
    here = classify(geocoded.frame, themes)
    unlocated = _unlocated(incidents, geocoded)
    lost = classify(unlocated, themes)
    quality = []
    for rate in rates:
        slug = rate.name
        by_ward = geocoded.frame.loc[here[slug].to_numpy(), "ward_code"].value_counts()
        by_ward = by_ward[by_ward.index != ""].astype(int)
        missing = unlocated.loc[lost[slug].to_numpy(), "month"].value_counts().sort_index()
        bounds = hitrate.top_area_bounds(by_ward, unlocated=int(missing.sum()))
        quality.append(
            {
                "theme": slug,
                "hit_rate": rate.as_dict(),
                "unlocated_by_month": {str(month): int(n) for month, n in missing.items() if n},
                "bounds": {**bounds.as_dict(), "words": _named(bounds.words, areas.wards["name"])},
            }
        )
    return tuple(quality)


def _unlocated(incidents: Incidents, geocoded: Geocoded) -> pd.DataFrame:
    """List the incidents that no place is known of, from reading and geocoding, by what classifies them."""
    columns = ["month", "crime_type", "offence_code", "flags"]
    counted = incidents.unlocated
    rows = counted.loc[counted.index.repeat(counted["rows"])].assign(offence_code="", flags="")
    both = [frame[columns].astype(object) for frame in (rows, geocoded.unlocated)]
    return pd.concat(both, ignore_index=True)


def _named(words: str, names: pd.Series) -> str:
    for code, name in names.items():
        words = words.replace(str(code), str(name))
    return words


def _warnings(
    incidents: Incidents, geocoded: Geocoded, areas: Areas, quality: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    poor = [
        f"Only {one['hit_rate']['rate']:.0%} of the incidents of {one['theme']} could be located; "
        f"{hitrate.MINIMUM_HIT_RATE:.0%} is the first estimate of a reliable minimum (Ratcliffe 2004)."
        for one in quality
        if one["hit_rate"]["total"] and one["hit_rate"]["rate"] < hitrate.MINIMUM_HIT_RATE
    ]
    found = [*incidents.report.warnings, *geocoded.report.warnings, *areas.warnings, *poor]
    return tuple(dict.fromkeys(found))


def _parameters(settings: Settings) -> dict[str, Any]:
    """Give the settings that shape the result; where files lie is the machine's affair."""
    left_out = {"inputs", "out", "boundaries", "postcodes", "ostn15", "backdrop", "context"}
    names = [name for name in settings.__dataclass_fields__ if name not in left_out]
    plain = {name: getattr(settings, name) for name in names}
    return {
        name: dict(v) if isinstance(v, Mapping) else list(v) if isinstance(v, tuple) else v
        for name, v in plain.items()
    }


def _theme_record(view: Any) -> dict[str, Any]:
    kept = (
        "slug",
        "name",
        "observability",
        "observability_text",
        "sensitivity",
        "geography",
        "withheld",
        "total",
        "bandwidth",
        "cluster_parameters",
    )
    return {name: getattr(view, name) for name in kept}
