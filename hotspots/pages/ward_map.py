"""The map of one ward: its small areas, hot spots and beats, with the streets that people know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from markupsafe import Markup

from hotspots import schema
from hotspots.pages import map_labels, words
from hotspots.pages._documents import environment, marked
from hotspots.policeuk import KINDS, street_name
from hotspots.release.release import Release

#: Units of the drawing: its width, and the most and least it is high.
_WIDTH: Final = 900
_TALLEST: Final = 640
#: Share of the ward's size that is drawn around it, and metres below which a corner does not show.
_MARGIN: Final = 0.06
_DETAIL: Final = 5.0
#: Metres: what is narrower everywhere is no area but a gap between two borders.
_SLIVER: Final = 40.0
_MARK: Final = 26
_LETTER: Final = 7.4
_LINE: Final = 18
_STREETS: Final = 16
_FAR: Final = map_labels.moves((0, 10, 20, 40), (0, 12, 20, 30))
_NEAR: Final = map_labels.moves((0, 8, 16, 24, 32), (0, 8, 16, 24, 32))


@dataclass(frozen=True)
class _Frame:
    """Where metres of the National Grid lie on the drawing."""

    west: float
    north: float
    scale: float
    width: int
    height: int

    def points(self, xy: np.ndarray) -> np.ndarray:
        return (xy - (self.west, self.north)) * (self.scale, -self.scale)

    def place(self, shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, self.points)

    def path(self, shape: shapely.Geometry | np.ndarray) -> str:
        rings = shapely.get_rings(shapely.get_parts(shape))
        xy, ring_of = shapely.get_coordinates(rings, return_index=True)
        points = [f"{x:.0f} {y:.0f}" for x, y in self.points(xy).tolist()]
        bounds = np.searchsorted(ring_of, np.arange(len(rings) + 1))
        return "".join("M" + "L".join(points[start:end]) + "Z" for start, end in pairwise(bounds))


class _Layer:
    """Areas as they are drawn, simplified once for the maps of all wards."""

    def __init__(self, shapes: np.ndarray) -> None:
        self._tree = shapely.STRtree(shapes)
        self._simple = shapely.simplify(shapes, _DETAIL)

    def cut(self, view: shapely.Geometry) -> list[np.ndarray]:
        """Give the polygons of each area that is seen."""
        found = np.sort(self._tree.query(view, predicate="intersects"))
        pieces, piece_of = shapely.get_parts(
            shapely.intersection(self._simple[found], view), return_index=True
        )
        polygons, part_of = shapely.get_parts(pieces, return_index=True)
        flat = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
        polygons, area_of = polygons[flat], piece_of[part_of[flat]]
        # Borders of two layers never lie on each other: slivers between them would be drawn as thick dashes.
        wide = ~shapely.is_empty(shapely.buffer(polygons, -_SLIVER / 2))
        return [polygons[wide & (area_of == area)] for area in np.unique(area_of[wide])]


class _Marks:
    """Hot spots or beats of all incidents, in their order."""

    def __init__(self, shapes: Any) -> None:
        every = shapes[shapes["theme"].eq(schema.ALL_INCIDENTS)].sort_values("order", kind="stable")
        self._rows = every.to_dict("records")
        self._shapes = every.geometry.to_numpy()

    def seen(self, view: shapely.Geometry) -> list[dict[str, Any]]:
        """Keep those that are seen."""
        return [self._rows[at] for at in np.flatnonzero(shapely.intersects(self._shapes, view))]


class WardMaps:
    """
    Draws each ward with what the release shows of it.

    Parameters
    ----------
    release : Release
    """

    def __init__(self, release: Release) -> None:
        self._release = release
        self._hotspots, self._beats = _Marks(release.hotspots), _Marks(release.beats)
        self._shapes = release.wards.geometry.to_numpy()
        self._wards, self._lsoas = _Layer(self._shapes), _Layer(release.lsoas.geometry.to_numpy())

    def draw(self, code: str) -> dict[str, Any]:
        """
        Draw one ward.

        Returns
        -------
        dict
            svg; legend (look and words of what is drawn); numbered, how many hot spots carry a number.
        """
        release, ward = self._release, self._release.wards.loc[code]
        frame = _frame(ward.geometry)
        view = shapely.box(*_bounds(ward.geometry))
        clusters, beats = self._hotspots.seen(view), self._beats.seen(ward.geometry)
        svg = (
            environment()
            .get_template("_ward_map.svg.j2")
            .render(
                width=frame.width,
                height=frame.height,
                label=f"Map of {ward['name']} ward with its small areas{_listed(len(clusters), len(beats))}",
                marking=marked(release.marking, synthetic=release.synthetic),
                ward=frame.path(shapely.simplify(ward.geometry, _DETAIL)),
                wards=[frame.path(shape) for shape in self._wards.cut(view)],
                lsoas=[frame.path(shape) for shape in self._lsoas.cut(ward.geometry)],
                beats=[frame.path(shapely.simplify(row["geometry"], _DETAIL)) for row in beats],
                clusters=[
                    {"path": frame.path(shapely.simplify(row["geometry"], _DETAIL)), "weak": _is_weak(row)}
                    for row in clusters
                ],
                labels=self._labels(frame, code, view, clusters),
                kilometre=round(_scale_metres(frame) * frame.scale),
                scale_text=_metres(_scale_metres(frame)),
            )
        )
        return {
            "svg": Markup(svg),  # noqa: S704 - rendered with autoescape
            "hotspots": len(clusters),
            "beats": len(beats),
            "beats_for": release.beats_for if len(beats) else "",
            "streets": len(release.streets) > 0,
        }

    @cached_property
    def _streets(self) -> tuple[np.ndarray, list[str]]:
        frame = self._release.streets.sort_values(["n", "street"], ascending=[False, True], kind="stable")
        names = [street_name(text) for text in frame["street"]]
        own = np.array([bool(name) and name not in KINDS for name in names], dtype=bool)
        xy = shapely.get_coordinates(frame.geometry.to_numpy())[own]
        return xy, [name for name, kept in zip(names, own, strict=True) if kept]

    def _labels(
        self, frame: _Frame, code: str, view: shapely.Geometry, clusters: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Place the numbers of hot spots, then the names of the neighbours, then streets, busiest first."""
        wards = self._release.wards
        asked = [
            map_labels.Label(
                *_middle(frame, row["geometry"], view),
                _MARK,
                _MARK,
                map_labels.Order.BIGGEST_CLUSTER,
                number=f"{row['order']:.0f}",
                weak=_is_weak(row),
                moves=_NEAR,
            )
            for row in clusters
        ]
        seen_of = shapely.intersection(self._shapes, view)
        wide = (shapely.area(seen_of) >= 0.02 * view.area) & (wards.index != code)
        for name, seen in zip(wards["name"].to_numpy()[wide], seen_of[wide], strict=True):
            x, y = _middle(frame, seen, view)
            width = (_LETTER + 1.6) * len(str(name))
            if not width / 2 < x < frame.width - width / 2:
                continue
            asked.append(
                map_labels.Label(x, y, width, _LINE, map_labels.Order.WARD, name=str(name), moves=_FAR)
            )
        xy, names = self._streets
        inside = np.flatnonzero(shapely.contains_xy(wards.geometry.loc[code], xy[:, 0], xy[:, 1]))
        for at in inside[: 3 * _STREETS]:
            x, y = frame.points(xy[at])
            width = _LETTER * len(names[at]) + 6
            if width / 2 < x < frame.width - width / 2:
                asked.append(
                    map_labels.Label(x, y, width, _LINE, map_labels.Order.CLUSTER, rank=names[at], moves=_FAR)
                )
        placed = map_labels.arrange(asked)
        return [
            {
                "number": label.number,
                "weak": label.weak,
                "name": label.name,
                "street": label.rank,
                "x": f"{x:.0f}",
                "y": f"{y:.0f}",
            }
            for label, x, y in placed
        ]


def _frame(shape: shapely.Geometry) -> _Frame:
    west, south, east, north = _bounds(shape)
    scale = min(_WIDTH / (east - west), _TALLEST / (north - south))
    return _Frame(west, north, scale, round((east - west) * scale), round((north - south) * scale))


def _bounds(shape: shapely.Geometry) -> tuple[float, float, float, float]:
    """Give the box around a ward with a margin, not narrower than it is high: a page is wide."""
    west, south, east, north = shape.bounds
    pad = _MARGIN * max(east - west, north - south)
    missing = max(0.0, 1.35 * (north - south) - (east - west)) / 2
    return west - pad - missing, south - pad, east + pad + missing, north + pad


def _middle(frame: _Frame, shape: shapely.Geometry, view: shapely.Geometry) -> tuple[float, float]:
    seen = shapely.point_on_surface(shapely.intersection(shape, view))
    x, y = frame.points(shapely.get_coordinates(seen)[0])
    return float(np.clip(x, _MARK, frame.width - _MARK)), float(np.clip(y, _MARK, frame.height - _MARK))


def _is_weak(row: dict[str, Any]) -> bool:
    confidence = row["confidence"]
    return bool(confidence == confidence and words.firmness(float(confidence)) == "weak")  # noqa: PLR0124


def _scale_metres(frame: _Frame) -> int:
    """Choose a round length of about a sixth of the width."""
    return max((100, 200, 500, 1000), key=lambda metres: -abs(metres * frame.scale - frame.width / 6))


def _metres(metres: int) -> str:
    return "1 km" if metres == 1000 else f"{metres} m"


def _listed(hotspots: int, beats: int) -> str:
    parts = [(hotspots, "hot spot"), (beats, "beat")]
    said = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n]
    return f", {' and '.join(said)}" if said else ""
