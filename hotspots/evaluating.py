"""What `hotspots evaluate` makes: the interventions of a file, judged on the incidents of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots import schema
from hotspots.analysis import Progress, load_layers, locate, read_inputs, rejected_rows, run_warnings
from hotspots.errors import InputError, UsageError
from hotspots.evaluation.chart import chart_points
from hotspots.evaluation.compare import Finding
from hotspots.evaluation.evaluate import evaluate
from hotspots.evaluation.interventions import read_interventions
from hotspots.findings.coverage import incomplete_months, months_read
from hotspots.findings.quality import theme_quality
from hotspots.months import period_words
from hotspots.reading.incidents import Watch
from hotspots.reading.sample_marks import is_synthetic
from hotspots.settings import Settings
from hotspots.themes.themes import classify, load_themes

METHODS = ("similar", "synthetic")


@dataclass(frozen=True)
class Asked:
    """
    What is to be evaluated.

    Attributes
    ----------
    interventions : Path
    method : {"similar", "synthetic"}
    length : int or None
        At most so many months on each side.
    ring : float
        Metres.
    """

    interventions: Path
    method: str = "similar"
    length: int | None = None
    ring: float = 250.0


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
    if settings.audience != "internal":
        raise UsageError("An evaluation is for internal use: its counts are small and exact.")
    if asked.method not in METHODS:
        raise UsageError(f"--method takes one of {', '.join(METHODS)}.")
    progress("Reading incidents")
    incidents = read_inputs(settings, watch=watch)
    areas = load_layers(settings)
    geocoded = locate(incidents, areas, settings)
    located = geocoded.frame
    if located.empty:
        raise InputError("No incident lies in the area and period: check --area, --from and --to.")
    themes = load_themes(settings.theme_rules)
    membership = classify(located, themes)
    months = months_read(incidents, located)
    partial = incomplete_months(incidents, located, months)
    levels = {level: areas.level(level) for level in schema.LEVELS}
    progress("Comparing before and after")
    found = evaluate(
        located,
        membership,
        interventions=read_interventions(
            asked.interventions, themes=[str(slug) for slug in membership], areas=levels
        ),
        areas=levels,
        months=[month for month in months if month not in partial],
        length=asked.length,
        ring_width=asked.ring,
        method=asked.method,
        theme_names={theme.slug: theme.name for theme in themes} | {schema.ALL_INCIDENTS: "All incidents"},
    )
    quality = theme_quality(incidents, geocoded, areas, themes)
    return Evaluated(
        table=found.table,
        pages=tuple(_page(one) for one in found.findings),
        labels={
            "title": f"What changed in {areas.area_name}",
            "period": period_words(months),
            "marking": settings.marking,
            "synthetic": is_synthetic(incidents.frame),
            "sources": tuple(areas.sources),
        },
        warnings=(*run_warnings(incidents, geocoded, areas, quality), *partial.values()),
        rejected=rejected_rows(incidents, geocoded),
    )


def _page(finding: Finding) -> dict[str, Any]:
    verdict, chart = finding.verdict, chart_points(finding)
    return {
        "name": finding.case.intervention.name,
        "place": chart["labels"]["place"],
        "day": chart["day"],
        "sentence": verdict.sentence,
        "cannot_exclude": list(verdict.cannot_exclude),
        "plausibility": verdict.plausibility,
        "renewal": list(verdict.renewal),
        "notes": list(finding.notes),
        "chart": chart,
    }
