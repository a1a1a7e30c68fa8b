"""What `hotspots evaluate` makes: the interventions of a file, judged on the incidents of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots import schema
from hotspots.errors import InputError, UsageError
from hotspots.evaluation.chart import chart_points
from hotspots.evaluation.compare import Finding
from hotspots.evaluation.elsewhere import monthly_elsewhere
from hotspots.evaluation.evaluate import evaluate
from hotspots.evaluation.interventions import read_interventions
from hotspots.evaluation.named import named_places
from hotspots.evaluation.planning import plan_places
from hotspots.evaluation.series import ThemeIncidents
from hotspots.evaluation.shapes import SHAPE, Place
from hotspots.evaluation.verdict import known_effects
from hotspots.findings.by_theme import find_themes
from hotspots.findings.coverage import incomplete_months
from hotspots.findings.findings import ThemeFindings
from hotspots.findings.quality import theme_quality
from hotspots.geography.projection import choose_projection
from hotspots.loading import (
    Progress,
    covered_months,
    load_layers,
    load_zones,
    locate,
    read_inputs,
    rejected_rows,
    run_warnings,
)
from hotspots.locating.geocode import lies_inside
from hotspots.months import period_words
from hotspots.places import fold_places
from hotspots.reading.incidents import Incidents, Watch
from hotspots.reading.sample_marks import is_synthetic
from hotspots.settings import Settings
from hotspots.targeting.returned import Returned, read_returned
from hotspots.text import counted, safe_text
from hotspots.themes.themes import Theme, classify, load_themes

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.geography.load import Areas
    from hotspots.locating.geocode import Geocoded

METHODS = ("similar", "synthetic")
HOT_SPOT = "hot spot"
TOGETHER = "all hot spots together"
#: Columns of tables/plan.csv.
PLAN_TABLE = (
    *("theme", "theme_name", "kind", "name", "months", "expected"),
    *("control_places", "control_expected", "alpha", "smallest_fall", "note"),
)


@dataclass(frozen=True)
class Asked:
    """
    What is to be evaluated.

    Attributes
    ----------
    interventions : Path
    beats : Path or None
        A run's folder or hotspots.gpkg, whose beats and hot spots may be named as an area.
    elsewhere : tuple of Path
        Files or folders of other authorities, one each.
    method : {"similar", "synthetic"}
    length : int or None
        At most so many months on each side.
    ring : float
        Metres.
    returned : tuple of Path
        Forms of patrols, filled in: what was delivered at the beats of an intervention.
    """

    interventions: Path
    beats: Path | None = None
    elsewhere: tuple[Path, ...] = ()
    method: str = "similar"
    length: int | None = None
    ring: float = 250.0
    returned: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Evaluated:
    """
    What pages and tables of an evaluation are made from.

    Attributes
    ----------
    table : DataFrame
        One row per switch.
    pages : tuple of dict
        By switch: name, verdict in sentences, the points of its chart.
    labels : mapping
        title, marking, synthetic, period, sources.
    warnings : tuple of str
    rejected : DataFrame
    """

    table: pd.DataFrame
    pages: tuple[dict[str, Any], ...]
    labels: Mapping[str, Any]
    warnings: tuple[str, ...]
    rejected: pd.DataFrame


@dataclass(frozen=True)
class Planned:
    """
    What the page and table of a plan are made from.

    Attributes
    ----------
    table : DataFrame
        PLAN_TABLE, one row per theme, place and length.
    labels, warnings, rejected
        As `Evaluated`.
    """

    table: pd.DataFrame
    labels: Mapping[str, Any]
    warnings: tuple[str, ...]
    rejected: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Read:
    """What evaluations and plans start from."""

    incidents: Incidents
    geocoded: Geocoded
    areas: Areas
    themes: Sequence[Theme]
    membership: pd.DataFrame
    months: tuple[str, ...]
    partial: Mapping[str, str]
    named: gpd.GeoDataFrame | None

    @property
    def located(self) -> pd.DataFrame:
        return self.geocoded.frame

    @property
    def whole_months(self) -> list[str]:
        return [month for month in self.months if month not in self.partial]

    @property
    def levels(self) -> dict[str, gpd.GeoDataFrame]:
        return {level: self.areas.level(level) for level in schema.LEVELS}

    @property
    def theme_names(self) -> dict[str, str]:
        return {theme.slug: theme.name for theme in self.themes} | {schema.ALL_INCIDENTS: "All incidents"}

    def labels(self, settings: Settings, title: str) -> dict[str, Any]:
        return {
            "title": f"{title} {self.areas.area_name}",
            "period": period_words(self.months),
            "marking": settings.marking,
            "synthetic": is_synthetic(self.incidents.frame),
            "sources": tuple(self.areas.sources),
        }

    def warnings(self) -> tuple[str, ...]:
        quality = theme_quality(self.incidents, self.geocoded, self.areas, self.themes)
        return (*run_warnings(self.incidents, self.geocoded, self.areas, quality), *self.partial.values())


def evaluate_files(
    settings: Settings, asked: Asked, *, progress: Progress = lambda _: None, watch: Watch = iter
) -> Evaluated:
    """
    Read incidents and interventions, and judge every switch.

    Raises
    ------
    UsageError
        If the audience is not internal, or the method is unknown.
    InputError
        If a file cannot be used, or no incident lies in the area.
    """
    if asked.method not in METHODS:
        raise UsageError(f"--method takes one of {', '.join(METHODS)}.")
    returned = read_returned(asked.returned) if asked.returned else None
    read = _read(settings, asked.beats, progress, watch)
    interventions = read_interventions(
        asked.interventions,
        themes=[str(slug) for slug in read.membership],
        areas=read.levels,
        named=read.named,
    )
    others, left_out = _elsewhere(asked.elsewhere, read, settings)
    progress("Comparing before and after")
    found = evaluate(
        read.located,
        read.membership,
        interventions=interventions,
        areas=read.levels,
        months=read.whole_months,
        length=asked.length,
        ring_width=asked.ring,
        method=asked.method,
        elsewhere=monthly_elsewhere(others, months=read.whole_months),
        theme_names=read.theme_names,
    )
    return Evaluated(
        table=found.table,
        pages=tuple(_page(one, returned) for one in found.findings),
        labels=read.labels(settings, "What changed in"),
        warnings=(*read.warnings(), *left_out),
        rejected=rejected_rows(read.incidents, read.geocoded),
    )


def plan_files(
    settings: Settings,
    *,
    beats: Path | None = None,
    ring: float = 250.0,
    progress: Progress = lambda _: None,
    watch: Watch = iter,
) -> Planned:
    """
    Say before anything starts what fall could be seen, by theme, place and length.

    Places are the wards, the hot spots of each theme and, where given, zones and beats.

    Parameters
    ----------
    settings : Settings
        Its themes, or else all incidents and every open, place-based theme with incidents.
    beats : Path, optional
        A run's folder or hotspots.gpkg, whose beats and hot spots are planned for as well.
    ring : float
        Metres around a place in which no control may lie.

    Raises
    ------
    UsageError, InputError
        As `evaluate_files`.
    """
    read = _read(settings, beats, progress, watch)
    progress("Seeking hot spots")
    wanted = [theme for theme in read.themes if not settings.themes or theme.slug in settings.themes]
    found = find_themes(
        wanted,
        read.located,
        read.membership,
        places=fold_places(read.located, read.membership),
        months=read.months,
        areas=read.areas,
        # What is asked is where they lie, not how sure they are.
        settings=replace(settings, draws=1),
        incomplete=tuple(read.partial),
    )
    progress("Working out what could be seen")
    tables = [
        _planned(read, slug, one, ring=ring)
        for slug, one in found.items()
        if one.total and not one.withheld and (not settings.themes or slug in settings.themes)
    ]
    if not tables:
        raise InputError("None of these themes has incidents with known places: name others with --theme.")
    return Planned(
        table=pd.concat(tables, ignore_index=True),
        labels=read.labels(settings, "What could be seen in"),
        warnings=read.warnings(),
        rejected=rejected_rows(read.incidents, read.geocoded),
    )


def _planned(read: _Read, slug: str, found: ThemeFindings, *, ring: float) -> pd.DataFrame:
    kept = read.located[read.membership[slug].to_numpy(bool)]
    months = tuple(read.whole_months)
    theme = ThemeIncidents(kept[kept["month"].isin(months)], read.levels, months)
    parts = [
        plan_places(theme, places, ring_width=ring, together=TOGETHER if kind == HOT_SPOT else "")
        .rename(columns={"place": "name"})
        .assign(kind=kind)
        for kind, places in _places(read, found).items()
    ]
    stacked = pd.concat(parts, ignore_index=True)
    return stacked.assign(theme=slug, theme_name=read.theme_names[slug])[list(PLAN_TABLE)]


def _places(read: _Read, found: ThemeFindings) -> dict[str, dict[str, Place]]:
    """Name the places of each kind that a theme is planned for."""
    wards = read.areas.wards
    spots = found.clusters[found.clusters["part_of"].eq("")]
    places = {
        "ward": {
            str(name): Place(str(name), schema.WARD, (str(code),), shape)
            for code, name, shape in zip(wards.index, wards["name"], wards.geometry, strict=True)
        },
        HOT_SPOT: _shapes(
            [f"{order}. {name}" for order, name in zip(spots["order"], spots["name"], strict=True)],
            spots.geometry,
        ),
    }
    if read.named is not None:
        for kind, group in read.named.groupby("kind", sort=True):
            places[f"{kind} given"] = _shapes([str(name) for name in group["name"]], group.geometry)
    return {kind: some for kind, some in places.items() if some}


def _shapes(names: Sequence[str], shapes: Sequence[Any]) -> dict[str, Place]:
    return {name: Place(name, SHAPE, (), shape) for name, shape in zip(names, shapes, strict=True)}


def _read(settings: Settings, beats: Path | None, progress: Progress, watch: Watch) -> _Read:
    if settings.audience != "internal":
        raise UsageError("An evaluation is for internal use: its counts are small and exact.")
    progress("Reading incidents")
    incidents = read_inputs(settings, watch=watch)
    areas = load_layers(settings)
    named = named_places(load_zones(settings, areas), beats)
    geocoded = locate(incidents, areas, settings)
    located = geocoded.frame
    months = covered_months(incidents, located)
    themes = load_themes(settings.theme_rules)
    return _Read(
        incidents=incidents,
        geocoded=geocoded,
        areas=areas,
        themes=themes,
        membership=classify(located, themes),
        months=months,
        partial=incomplete_months(incidents, located, months),
        named=named,
    )


def _elsewhere(
    paths: Sequence[Path], read: _Read, settings: Settings
) -> tuple[dict[str, tuple[pd.DataFrame, pd.DataFrame]], tuple[str, ...]]:
    """Read other authorities, one a path, without what lies in this area; say which lack a month."""
    others, left_out = {}, []
    for path in paths:
        incidents = read_inputs(replace(settings, inputs=(path,), force=""))
        mine = lies_inside(
            incidents.frame,
            read.areas,
            projection=choose_projection(settings.ostn15),
            postcodes=settings.postcodes,
        )
        frame = incidents.frame[~mine].reset_index(drop=True)
        name = path.resolve().name.split(".")[0]
        if name in others:
            raise UsageError(
                f"Two of --elsewhere are called {safe_text(name)}: rename one, or name their folders."
            )
        others[name] = (frame, classify(frame, read.themes))
        lacks = len(set(read.whole_months) - set(frame["month"].astype(object)))
        if lacks:
            left_out.append(
                f"{safe_text(name)} is left out of the comparison: its files hold nothing of "
                f"{counted(lacks, 'month')} of the period."
            )
    return others, tuple(left_out)


def _page(finding: Finding, returned: Returned | None) -> dict[str, Any]:
    verdict, chart = finding.verdict, chart_points(finding)
    case, dose = finding.case.intervention, []
    if returned is not None and finding.case.windows.switch != "lapsed":
        dose = [returned.dose(case.place.label.split(";"), case.ranges)]
    return {
        "name": case.name,
        "place": chart["labels"]["place"],
        "day": chart["day"],
        "sentence": verdict.sentence,
        "cannot_exclude": list(verdict.cannot_exclude),
        "plausibility": verdict.plausibility,
        "known": known_effects(case.theme),
        "renewal": list(verdict.renewal),
        "notes": [*dose, *finding.notes],
        "chart": chart,
    }
