"""The line chart of a ward profile: a ward's monthly rate beside the city's and that of similar wards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from hotspots import schema
from hotspots.months import MONTH_NAMES, month_words
from hotspots.pages import words
from hotspots.pages._documents import environment
from hotspots.release.release import Release

_WIDTH: Final = 900
_HEIGHT: Final = 300
_LEFT: Final = 44
_RIGHT: Final = 210
_TOP: Final = 14
_BOTTOM: Final = 30
#: Units between the names at the lines' ends.
_APART: Final = 18


class Lines:
    """
    Gives monthly rates of all incidents and draws them.

    Parameters
    ----------
    release : Release
    """

    def __init__(self, release: Release) -> None:
        self._release = release
        wards = release.table.level(schema.WARD)
        counts = wards.monthly(schema.ALL_INCIDENTS)
        months = [month for month in release.complete_months if month in counts]
        people = release.wards["residents"].reindex(counts.index)
        self._rates = counts[months].mul(1000).div(people.where(people > 0), axis=0)
        # A month of the city is known where that of every ward is.
        self._city = counts[months].sum(skipna=False) * 1000 / people.sum(skipna=False)

    @property
    def months(self) -> list[str]:
        """The months read in full."""
        return [str(month) for month in self._rates.columns]

    def similar(self, code: str) -> list[dict[str, Any]]:
        """Give the wards most like a ward, nearest first: code, name, distance, alike_in."""
        return self._similar.get(code, [])

    @cached_property
    def _similar(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._release.similar.sort_values("place", kind="stable").to_dict("records"):
            like = {**row, "code": row["similar_code"], "name": row["similar_name"]}
            found.setdefault(row["code"], []).append(like)
        return found

    def draw(self, code: str) -> Markup | str:
        """Draw the chart; "" where fewer than three months of the ward may be shown."""
        series: dict[str, pd.Series] = {
            str(self._release.wards.loc[code, "name"]): self._rates.loc[code],
            self._release.place: self._city,
        }
        for one in self.similar(code):
            if one["code"] in self._rates.index:
                series[str(one["name"])] = self._rates.loc[one["code"]]
        looks = ("own", "city", "like", "like like-2", "like like-3")
        known = {name: values for name, values in series.items() if values.notna().sum() >= 3}
        if next(iter(series)) not in known:
            return ""
        drawn = [
            {"name": name, "look": looks[list(series).index(name)], "values": values.to_numpy(float)}
            for name, values in known.items()
        ]
        return line_chart(drawn, self.months, label=self._label(known))

    def _label(self, known: Mapping[str, pd.Series]) -> str:
        """Tell every figure of the chart to those who cannot see it."""
        told = [
            f"{name}: "
            + ", ".join(
                f"{month_words(str(month))} {words.rate(None if value != value else float(value))}"  # noqa: PLR0124
                for month, value in values.items()
            )
            for name, values in known.items()
        ]
        return f"Incidents per 1,000 residents by month. {'. '.join(told)}"


def line_chart(series: Sequence[Mapping[str, Any]], months: Sequence[str], *, label: str) -> Markup:
    """
    Draw lines over months, each with its name at its end.

    Parameters
    ----------
    series : sequence of mapping
        name, look (a CSS class), values (an array with NaN where unknown), by month.
    months : sequence of str
    label : str
        What a screen reader says of it: all figures.
    """
    most = max(float(np.nanmax(one["values"])) for one in series) or 1.0
    top = _nice(most)
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(months) - 1, 1)

    def x(at: int) -> float:
        return round(_LEFT + at * step, 1)

    def y(value: float) -> float:
        return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top), 1)

    lines = []
    for one in series:
        known = [(x(at), y(value)) for at, value in enumerate(one["values"]) if value == value]  # noqa: PLR0124
        path = "M" + "L".join(f"{left} {down}" for left, down in known)
        lines.append({"name": one["name"], "look": one["look"], "path": path, "end": known[-1][1]})
    for line, down in zip(lines, _spread([line["end"] for line in lines]), strict=True):
        line["text_y"] = round(down + 5, 1)
    every = max(1, -(-len(months) // 12))
    svg = (
        environment()
        .get_template("_lines.svg.j2")
        .render(
            width=_WIDTH,
            height=_HEIGHT,
            left=_LEFT,
            right=_WIDTH - _RIGHT,
            base=_HEIGHT - _BOTTOM,
            label=label,
            # The ward itself last, so that nothing covers it.
            lines=lines[::-1],
            up=[{"y": y(value), "text": f"{value:g}"} for value in (0, top / 2, top)],
            across=[{"x": x(at), "text": _short(m)} for at, m in enumerate(months) if at % every == 0],
        )
    )
    return Markup(svg)  # noqa: S704 - rendered with autoescape


def _nice(most: float) -> float:
    """Give the next round number for the top of an axis."""
    size = 10.0 ** np.floor(np.log10(most))
    return float(next(size * k for k in (1, 2, 3, 4, 5, 6, 8, 10) if size * k >= most * 0.999))


def _spread(places: Sequence[float]) -> list[float]:
    """Move names apart so that none lies on another, and keep their order."""
    order = np.argsort(places, kind="stable")
    placed = np.asarray(places, dtype=float)[order]
    for at in range(1, len(placed)):
        placed[at] = max(placed[at], placed[at - 1] + _APART)
    over = max(0.0, float(placed[-1]) - (_HEIGHT - _BOTTOM))
    placed = placed - over
    for at in range(len(placed) - 1, 0, -1):
        placed[at - 1] = min(placed[at - 1], placed[at] - _APART)
    back = np.empty(len(placed))
    back[order] = placed
    return [float(value) for value in back]


def _short(month: str) -> str:
    name = MONTH_NAMES[int(month[5:]) - 1][:3]
    return f"{name} {month[2:4]}" if name == "Jan" else name
