"""The page of an evaluation: for each switch a sentence, a chart before and after, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hotspots.months import MONTH_NAMES
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document

#: Of the drawing, in its own units.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 720, 260, 44, 34, 12
_STYLE: Final = """
.switch { break-after: page; margin-block: 1.5rem; }
.answer { font-size: 1.15rem; font-weight: 700; max-width: 46rem; }
.chart { width: 100%; max-width: 46rem; height: auto; overflow: visible; }
.chart .place { fill: none; stroke: #1b1b1b; stroke-width: 2.5; }
.chart .control { fill: none; stroke: #1f6f9f; stroke-width: 2; stroke-dasharray: 6 4; }
.chart .band { fill: #e9edf2; } .chart .mixed { fill: #f6e7d2; }
.chart .day { stroke: #b34700; stroke-width: 2; } .chart line.axis { stroke: #777; }
.chart text { font-size: 12px; fill: #1b1b1b; }
"""


def render_evaluation(
    pages: Sequence[Mapping[str, Any]],
    *,
    title: str,
    period: str,
    marking: str,
    synthetic: bool,
    sources: Sequence[str],
) -> str:
    """
    Write the page.

    Parameters
    ----------
    pages : sequence of mapping
        name, place, day, sentence, cannot_exclude, plausibility, renewal, notes and chart (months,
        treated, control, before, after, mixed, switch) of each switch.
    title, period, marking, synthetic, sources
        As for any page.

    Returns
    -------
    str
        A whole HTML document that makes no request. Equal input gives equal text.
    """
    return render_document(
        "evaluation.html.j2",
        marking=marking,
        synthetic=synthetic,
        styles=(own_files("profile.css"), _STYLE),
        title=title,
        period=period,
        sources=list(sources),
        switches=[{**page, "drawing": draw_chart(page["chart"])} for page in pages],
    )


def draw_chart(chart: Mapping[str, Any]) -> dict[str, Any]:
    """
    Lay a chart out as paths and labels of an SVG drawing.

    Parameters
    ----------
    chart : mapping
        months, treated, control (None where there is none), before, after and mixed (positions),
        switch (position of the first month after).

    Returns
    -------
    dict
        width, height, place, control (path data), bands (x, width, look), ticks (x or y, text).
    """
    months, treated = chart["months"], chart["treated"]
    control = [value for value in chart["control"] if value is not None]
    most = max([1.0, *treated, *control])
    step = (_WIDTH - _LEFT - 8) / max(len(months) - 1, 1)

    def x(position: float) -> float:
        return round(_LEFT + position * step, 1)

    def y(value: float) -> float:
        return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / most), 1)

    def path(values: Sequence[float | None]) -> str:
        known = [(x(at), y(value)) for at, value in enumerate(values) if value is not None]
        return "M" + "L".join(f"{left} {top}" for left, top in known) if len(known) > 1 else ""

    looks = (("band", chart["before"]), ("band", chart["after"]), ("mixed", chart["mixed"]))
    bands = [
        {"x": x(min(held) - 0.5), "width": round((len(held)) * step, 1), "look": look}
        for look, held in looks
        if held
    ]
    every = max(1, len(months) // 12)
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "top": _TOP,
        "base": _HEIGHT - _BOTTOM,
        "left": _LEFT,
        "place": path(treated),
        "control": path(chart["control"]),
        "bands": bands,
        "day": x(min(chart["after"]) - 0.5) if chart["after"] else None,
        "across": [{"x": x(at), "text": _short(month)} for at, month in enumerate(months) if at % every == 0],
        "up": [{"y": y(value), "text": f"{value:.0f}"} for value in (0.0, most / 2, most)],
    }


def _short(month: str) -> str:
    name = MONTH_NAMES[int(month[5:]) - 1][:3]
    return f"{name} {month[2:4]}" if name == "Jan" else name
