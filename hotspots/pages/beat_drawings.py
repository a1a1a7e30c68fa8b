"""The sketch on a beat's card: its outline, the streets around it, a scale. Black and white."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup

from hotspots.pages._documents import environment
from hotspots.policeuk import KINDS, street_name
from hotspots.release.release import Release

#: Metres from the middle of the sketch to its sides, and to its top and bottom.
HALF_WIDTH: Final = 330
HALF_HEIGHT: Final = 165
#: Metres that a letter of a street's name is wide, and its line high.
_LETTER: Final = 10.5
_LINE: Final = 24
#: Rooms around a street's point in which its name is tried: right, left, above, below.
_SIDES: Final = (("start", 10, 6), ("end", -10, 6), ("middle", 0, -12), ("middle", 0, 24))
#: What the scale and the arrow north take: left, top, right, bottom.
_FURNITURE: Final = (
    (-HALF_WIDTH, HALF_HEIGHT - 40, 190 - HALF_WIDTH, HALF_HEIGHT),
    (HALF_WIDTH - 44, -HALF_HEIGHT, HALF_WIDTH, 72 - HALF_HEIGHT),
)


@dataclass(frozen=True, eq=False)
class Beside:
    """
    The beats of a theme, read once for the sketches of them all.

    Attributes
    ----------
    orders : ndarray of int, shape (n,)
    shapes : ndarray of geometries, shape (n,)
    middles : float ndarray of shape (n, 2)
    """

    orders: np.ndarray
    shapes: np.ndarray
    middles: np.ndarray

    @classmethod
    def of(cls, beats: gpd.GeoDataFrame) -> Beside:
        """Take what is drawn from rows of the release's beats."""
        shapes = beats.geometry.to_numpy()
        return cls(beats["order"].to_numpy(int), np.asarray(shapes, dtype=object), _middles(shapes))

    @cached_property
    def outlines(self) -> list[list[np.ndarray]]:
        """Their outlines as coordinates: each stands on the sketches of all that lie near it."""
        return [_lines(shape) for shape in self.shapes]


class Sketches:
    """
    Draws where each beat lies among streets and wards.

    Parameters
    ----------
    release : Release
        Its streets, wards and beats.
    """

    def __init__(self, release: Release) -> None:
        self._release = release

    def draw(self, beat: dict[str, Any], beside: Beside) -> Markup:
        """
        Draw one beat.

        Parameters
        ----------
        beat : dict
            A row of the release's beats.
        beside : Beside
            The beats of its theme; the others are drawn thin with their order.
        """
        x, y = float(beat["easting"]), float(beat["northing"])
        frame = shapely.box(x - HALF_WIDTH, y - HALF_HEIGHT, x + HALF_WIDTH, y + HALF_HEIGHT)
        near = shapely.intersects(beside.shapes, frame) & (beside.orders != beat["order"])
        orders = _orders(beside.orders[near], beside.middles[near], x, y)
        html = (
            environment()
            .get_template("_sketch.svg.j2")
            .render(
                label=f"Sketch of {beat['name']} with the streets around it",
                beat=_path(_lines(beat["geometry"]), x, y),
                others=[_path(beside.outlines[at], x, y) for at in np.flatnonzero(near)],
                orders=orders,
                borders=[_path(_lines(border), x, y) for border in self._borders(frame)],
                streets=self._streets(x, y, orders),
                width=HALF_WIDTH,
                height=HALF_HEIGHT,
            )
        )
        return Markup(html)  # noqa: S704 - rendered with autoescape

    @cached_property
    def _points(self) -> tuple[np.ndarray, list[str]]:
        """The streets that have a name of their own, the busiest first."""
        frame = self._release.streets.sort_values(["n", "street"], ascending=[False, True], kind="stable")
        names = [street_name(text) for text in frame["street"]]
        own = np.array([bool(name) and name not in KINDS for name in names], dtype=bool)
        xy = shapely.get_coordinates(frame.geometry.to_numpy())[own]
        return xy, [name for name, kept in zip(names, own, strict=True) if kept]

    @cached_property
    def _wards(self) -> tuple[shapely.STRtree, np.ndarray]:
        lines = shapely.boundary(self._release.wards.geometry.to_numpy())
        return shapely.STRtree(lines), lines

    def _borders(self, frame: shapely.Geometry) -> list[shapely.Geometry]:
        tree, lines = self._wards
        return [shapely.intersection(lines[at], frame) for at in sorted(tree.query(frame, "intersects"))]

    def _streets(self, x: float, y: float, orders: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Name the streets for which there is room, the busiest first."""
        xy, names = self._points
        place = xy - (x, y)
        inside = (np.abs(place[:, 0]) < HALF_WIDTH) & (np.abs(place[:, 1]) < HALF_HEIGHT)
        taken = [*_FURNITURE, *(_room(str(one["order"]), "middle", one["x"], one["y"]) for one in orders)]
        found = []
        for at in np.flatnonzero(inside):
            east, south = float(place[at, 0]), -float(place[at, 1])
            for anchor, right, down in _SIDES:
                room = _room(names[at], anchor, east + right, south + down)
                if _is_free(room, taken):
                    taken.append(room)
                    found.append(
                        {
                            "name": names[at],
                            "x": round(east),
                            "y": round(south),
                            "text_x": round(east + right),
                            "text_y": round(south + down),
                            "anchor": anchor,
                        }
                    )
                    break
        return found


def _middles(shapes: Any) -> np.ndarray:
    return np.asarray(shapely.get_coordinates(shapely.centroid(np.asarray(shapes, dtype=object))))


def _room(name: str, anchor: str, x: float, y: float) -> tuple[float, float, float, float]:
    """Give the box that a name takes: left, top, right, bottom."""
    width = _LETTER * len(name)
    left = {"start": x, "end": x - width, "middle": x - width / 2}[anchor]
    return left, y - _LINE + 6, left + width, y + 6


def _is_free(
    room: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]
) -> bool:
    left, top, right, bottom = room
    if left < -HALF_WIDTH or right > HALF_WIDTH or top < -HALF_HEIGHT or bottom > HALF_HEIGHT:
        return False
    return all(
        right < west or left > east or bottom < north or top > south for west, north, east, south in taken
    )


def _path(lines: Sequence[np.ndarray], x: float, y: float) -> str:
    """Write a shape in metres from the middle, south downwards."""
    return "".join(_line(part, x, y) for part in lines)


def _lines(shape: shapely.Geometry) -> list[np.ndarray]:
    parts = shapely.get_parts(shape)
    boundary = [part.boundary if part.geom_type == "Polygon" else part for part in parts]
    lines = shapely.get_parts(np.array(boundary, dtype=object))
    return [shapely.get_coordinates(line) for line in lines if line.geom_type in ("LineString", "LinearRing")]


def _line(coordinates: np.ndarray, x: float, y: float) -> str:
    away = np.column_stack([coordinates[:, 0] - x, y - coordinates[:, 1]]).tolist()
    return "M" + "L".join(f"{east:.0f} {south:.0f}" for east, south in away)


def _orders(numbers: np.ndarray, middles: np.ndarray, x: float, y: float) -> list[dict[str, Any]]:
    """Put the number of each other beat above its middle, where that is well inside the sketch."""
    placed = [
        {"order": int(order), "x": round(east - x), "y": round(y - north) - 12}
        for order, (east, north) in zip(numbers, middles.tolist(), strict=True)
    ]
    return [one for one in placed if abs(one["x"]) < HALF_WIDTH - 20 and abs(one["y"]) < HALF_HEIGHT - _LINE]
