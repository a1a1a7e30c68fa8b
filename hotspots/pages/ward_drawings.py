"""The small drawings of a ward profile: a ward among the others, and the months as bars."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import shapely
from markupsafe import Markup

from hotspots.pages import words
from hotspots.pages._documents import environment

_WIDTH: Final = 260
#: Metres: smaller rings would be specks at this scale.
_DETAIL: Final = 40.0
_LEAST_RING: Final = 20_000.0
_STEP: Final = 9
_TALLEST: Final = 26


class Locator:
    """
    Draws where each ward lies among the others.

    Parameters
    ----------
    wards : GeoDataFrame
        In EPSG:27700, indexed by code, with `name`.
    area_name : str
        What they are wards of.
    """

    def __init__(self, wards: gpd.GeoDataFrame, area_name: str) -> None:
        self._wards = wards
        self._area_name = area_name

    @cached_property
    def _paths(self) -> dict[str, str]:
        west, south, east, north = self._wards.total_bounds
        self._scale = _WIDTH / (east - west)
        self._height = round((north - south) * self._scale)
        shapes = shapely.simplify(self._wards.geometry.to_numpy(), _DETAIL)
        return {
            str(code): _path(shape, west, north, self._scale)
            for code, shape in zip(self._wards.index, shapes, strict=True)
        }

    def draw(self, code: str) -> Markup:
        """Draw the wards with one of them filled."""
        paths = [{"d": d, "chosen": c == code} for c, d in self._paths.items()]
        # The chosen ward last, so that its outline is not covered.
        paths.sort(key=lambda path: bool(path["chosen"]))
        return _svg(
            "_locator.svg.j2",
            paths=paths,
            width=_WIDTH,
            height=self._height,
            label=f"{self._wards.loc[code, 'name']} among the wards of {self._area_name}",
        )


def month_bars(rows: Sequence[dict[str, Any]]) -> Markup:
    """
    Draw months as bars, with a mark on those out of the ordinary.

    Parameters
    ----------
    rows : sequence of dict
        month, count (None if withheld) and signal ("above", "below" or ""), in order.

    Returns
    -------
    Markup
        An SVG whose label tells all figures.
    """
    top = max((row["count"] for row in rows if row["count"] is not None), default=0) or 1
    bars = []
    for i, row in enumerate(rows):
        height = 0 if row["count"] is None else round(_TALLEST * row["count"] / top, 1)
        bars.append(
            {
                "x": _STEP * i,
                "y": round(_TALLEST + 9 - height, 1),
                "height": height,
                "withheld": row["count"] is None,
                "signal": row["signal"],
            }
        )
    told = ", ".join(_told(row) for row in rows)
    return _svg("_bars.svg.j2", bars=bars, width=_STEP * len(rows), label=f"Incidents by month: {told}")


def _told(row: dict[str, Any]) -> str:
    said = f"{row['month']}: {words.whole(row['count'])}"
    return f"{said} ({row['signal']} the usual)" if row["signal"] else said


def _path(shape: shapely.Geometry, west: float, north: float, scale: float) -> str:
    parts = [part for part in shapely.get_parts(shape) if part.area >= _LEAST_RING]
    rings = [
        ring
        for part in parts
        for ring in (part.exterior, *part.interiors)
        if shapely.area(shapely.polygons(ring)) >= _LEAST_RING
    ]
    return "".join(
        "M" + "L".join(f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring.coords) + "Z"
        for ring in rings
    )


def _svg(template: str, **values: Any) -> Markup:
    return Markup(environment().get_template(template).render(**values))  # noqa: S704 - rendered with autoescape
