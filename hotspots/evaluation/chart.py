"""The points of a chart before and after, ready for a page to draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from hotspots.evaluation.compare import Finding


def chart_points(finding: Finding) -> dict[str, Any]:
    """
    Give the series and marks of one finding as plain numbers and texts.

    The control is drawn at the height of the place: its incidents times the
    place's over its own in the months before, so that both lines start together
    and their gap afterwards is the effect.

    Parameters
    ----------
    finding : Finding

    Returns
    -------
    dict
        months (YYYY-MM); treated, ring (incidents); control (scaled, None without one);
        control_scale; before, after, mixed (positions in months); regimes (state, first
        and last position); switch, day; labels (place, control).
    """
    series, windows = finding.series, finding.case.windows
    months = [str(month) for month in series.index]
    at = {month: position for position, month in enumerate(months)}
    before, control_before = finding.treated_pair[0], finding.control_pair[0]
    scale = before / control_before if control_before else np.nan
    return {
        "months": months,
        "treated": [float(value) for value in series["treated"]],
        "ring": [float(value) for value in series["ring"]],
        "control": [_number(value * scale) for value in series["control"]],
        "control_scale": _number(scale),
        "before": [at[month] for month in windows.before],
        "after": [at[month] for month in windows.after],
        "mixed": [at[month] for month in windows.mixed],
        "regimes": [
            {"state": one.state, "first": at[one.months[0]], "last": at[one.months[-1]]}
            for one in finding.regimes
        ],
        "switch": windows.switch,
        "day": windows.day.isoformat(),
        "labels": {"place": finding.case.where, "control": finding.control.words},
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
