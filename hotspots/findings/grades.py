"""The report card of a run, over the themes and levels that it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from hotspots import schema
from hotspots.findings.findings import ThemeFindings
from hotspots.geography.load import Areas
from hotspots.grading.report_card import (
    FEWEST_INCIDENTS,
    grade_areas,
    grade_forecasts,
    grade_hotspots,
    graded_halves,
)
from hotspots.months import unbroken
from hotspots.places import Places
from hotspots.settings import Settings
from hotspots.statistics.counts import Counts


def report_card(
    found: Mapping[str, ThemeFindings],
    places: Places,
    table: Counts,
    areas: Areas,
    *,
    months: Sequence[str],
    settings: Settings,
) -> pd.DataFrame:
    """
    Grade the open, place-based themes that are visible, "all" first.

    Parameters
    ----------
    found : mapping of str to ThemeFindings
    places : Places
    table : Counts
    areas : Areas
    months : sequence of str
        Whole months: those of which the files hold a part judge nothing.
    settings : Settings
        Gives `top`, `draws` and `seed`.

    Returns
    -------
    DataFrame
        The columns of "report_card"; empty where too few months were read.
    """
    periods = graded_halves(months)
    parts = []
    for slug, one in found.items() if periods else ():
        earlier, later = (list(part) for part in periods or ())
        if one.withheld or _incidents(table, slug, later) < FEWEST_INCIDENTS:
            continue
        if one.parameters is not None:
            monthly = pd.DataFrame(places.monthly(slug), columns=places.months)
            early, late = (
                monthly.reindex(columns=part, fill_value=0).to_numpy() for part in (earlier, later)
            )
            parts.append(
                grade_hotspots(
                    places.frame,
                    early,
                    late,
                    theme=slug,
                    months=earlier,
                    draws=settings.draws,
                    seed=settings.seed,
                )
            )
        wards = table.level(schema.WARD, codes=areas.wards.index)
        run = list(unbroken(months)[-1])
        parts.append(grade_forecasts(wards.monthly(slug)[run], theme=slug, level=schema.WARD))
        for level in schema.LEVELS:
            here = table.level(level, codes=areas.level(level).index)
            parts.append(
                grade_areas(
                    here.monthly(slug),
                    (earlier, later),
                    exposure=areas.level(level)["residents"],
                    theme=slug,
                    level=level,
                    top=settings.top,
                    seed=settings.seed,
                )
            )
    held = [part for part in parts if len(part)]
    names = list(schema.columns("report_card"))
    return pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=names)


def _incidents(table: Counts, slug: str, months: Sequence[str]) -> float:
    return float(table.level(schema.WARD).monthly(slug)[list(months)].to_numpy().sum())
