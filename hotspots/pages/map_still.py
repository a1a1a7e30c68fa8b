"""
The still map: what is printed, and what is seen where scripts are off.

An SVG of the same shapes and classes as the live map. The page's script
redraws it for the chosen theme and period before printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, degrees, log, pi, radians, tan
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup

from hotspots.pages import map_hotspots, map_labels, map_shapes, words
from hotspots.pages._documents import environment, marked

WIDTH = 1000
#: Units of the sheet by which a label may make room, and sizes; sheet.js has the same.
_FAR = map_labels.moves((0, 6, 12, 18, 24, 30, 36, 42), (0, 6, 12, 18, 24, 30, 36, 42))
_LITTLE = map_labels.moves((0,), (0, 22, 44))
_MARK = 24
_RANK = 36
_LINE = 22
_LETTER = 9.2


@dataclass(frozen=True)
class Sheet:
    """
    The frame of the still map, in Web Mercator as the live one.

    Attributes
    ----------
    west, north : float
        Longitude and latitude of the top left corner.
    scale : float
        Units for each degree of longitude.
    width, height : int
        Size in units.
    """

    west: float
    north: float
    scale: float
    width: int
    height: int

    @classmethod
    def around(cls, bounds: Sequence[Sequence[float]], *, margin: float = 0.03) -> Sheet:
        """Fit a sheet around [[south, west], [north, east]] with a margin as a share of the width."""
        (south, west), (north, east) = bounds
        pad = (east - west) * margin
        scale = WIDTH / (east - west + 2 * pad)
        height = (_mercator(north) - _mercator(south) + 2 * pad) * scale
        top = _latitude(_mercator(north) + pad)
        # To a metre: more digits than that are what an audit takes for a place of an incident.
        return cls(round(west - pad, 5), round(top, 5), round(scale, 4), WIDTH, round(height))

    def points(self, lonlat: np.ndarray) -> np.ndarray:
        """Place longitudes and latitudes, shape (n, 2), on the sheet."""
        latitude = np.radians(lonlat[:, 1])
        mercator = np.degrees(np.log(np.tan(pi / 4 + latitude / 2)))
        return np.column_stack(
            [(lonlat[:, 0] - self.west) * self.scale, (_mercator(self.north) - mercator) * self.scale]
        )

    def path(self, rings: map_shapes.Rings) -> str:
        """Write polygons as the `d` of an SVG path, in steps of halves of a unit: a tenth of a millimetre."""
        parts = []
        for ring in (ring for polygon in rings for ring in polygon):
            # Places are rounded before steps are taken, so that neighbours keep one common line.
            halves = np.rint(2 * self.points(map_shapes.decode_ring(ring))).astype(int)
            steps = np.diff(halves, axis=0)
            numbers = [f"{value / 2:g}" for value in steps[steps.any(axis=1)].ravel()]
            x, y = halves[0] / 2
            parts.append(f"M{x:g} {y:g}l{' '.join(numbers).replace(' -', '-')}z")
        return "".join(parts)

    def point(self, units: Sequence[int]) -> tuple[float, float]:
        """Place one point given in the units of the payload."""
        x, y = self.points(np.array([units]) / map_shapes.UNITS)[0]
        return float(x), float(y)

    def area(self, rings: map_shapes.Rings) -> shapely.MultiPolygon:
        """Place polygons."""
        placed = [[self.points(map_shapes.decode_ring(ring)) for ring in polygon] for polygon in rings]
        return shapely.MultiPolygon([(shell, holes) for shell, *holes in placed])

    def kilometres(self, distance: float) -> float:
        """Return the length of a distance on the sheet, right at its middle."""
        middle = _latitude(_mercator(self.north) - self.height / self.scale / 2)
        return round(distance / (111.32 * cos(radians(middle))) * self.scale, 1)


def still_map(
    payload: dict[str, Any], *, looks: Sequence[str], caption: str, description: str
) -> tuple[Markup, str]:
    """
    Draw the wards of the payload's first theme with its priority areas and hot spots.

    Parameters
    ----------
    payload : dict
        From `map_payload.build_payload`.
    looks : sequence of str
        CSS class of each ward.
    caption : str
        What the map shows.
    description : str
        What a screen reader says of the picture.

    Returns
    -------
    svg : Markup
        An svg element.
    caption : str
        The caption, which also tells how many hot spots carry no number.
    """
    wards = payload["levels"]["ward"]
    sheet = Sheet.around(payload["bounds"])
    paths = [sheet.path(rings) for rings in wards["shapes"]]
    slug = payload["themes"][0]["slug"]
    ranks = _priority_ranks(wards, slug)
    clusters = payload["clusters"].get(slug, [])
    labels = _labels(sheet, wards, ranks=ranks, leader=_leader(wards, slug), clusters=clusters)
    caption += _unnumbered(len(clusters) - sum(bool(label["number"]) for label in labels))
    svg = Markup(  # noqa: S704 - rendered with autoescape
        environment()
        .get_template("_sheet.svg.j2")
        .render(
            sheet=sheet,
            title=f"Map. {caption}",
            description=description,
            marking=marked(payload["marking"], synthetic=payload["synthetic"]),
            paths=paths,
            looks=looks,
            priority=[i for i, rank in enumerate(ranks) if rank is not None],
            clusters=[
                {"path": sheet.path(cluster["shape"]), "weak": map_hotspots.is_weak(cluster)}
                for cluster in clusters
            ],
            labels=labels,
        )
    )
    return svg, caption


def _priority_ranks(wards: dict[str, Any], slug: str) -> list[int | None]:
    """Return the rank of each priority ward, None for the others."""
    results = wards["results"].get(slug)
    if results is None:
        return [None] * len(wards["names"])
    found = zip(results["class"], results["rank"], strict=True)
    return [rank if name == "priority" else None for name, rank in found]


def _leader(wards: dict[str, Any], slug: str) -> int:
    """Return the position of the ward with most incidents, which the finding names; -1 without any."""
    counts = [row[0] for row in wards["counts"].get(slug, [])]
    known = [(-count, wards["names"][i], i) for i, count in enumerate(counts) if count]
    return min(known)[2] if known else -1


def _unnumbered(n: int) -> str:
    """Say how many hot spots lie too close to others to carry their number; sheet.js has the same words."""
    if n == 0:
        return ""
    lies, its = ("spot lies", "its number") if n == 1 else ("spots lie", "their numbers")
    return f" {n} hot {lies} too close to others to carry {its}."


def _labels(
    sheet: Sheet,
    wards: dict[str, Any],
    *,
    ranks: Sequence[int | None],
    leader: int,
    clusters: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Give ranks, names and hot spots' numbers their places; a name or number without room is left out."""
    asked = [
        map_labels.Label(
            *sheet.point(cluster["middle"]),
            _MARK,
            _MARK,
            map_labels.cluster_order(i),
            number=str(cluster["number"]),
            weak=map_hotspots.is_weak(cluster),
        )
        for i, cluster in enumerate(clusters)
    ]
    asked += [_ward_label(sheet, wards, i, rank, leads=i == leader) for i, rank in enumerate(ranks)]
    return [_drawn(label, x, y) for label, x, y in map_labels.arrange(asked)]


def _ward_label(
    sheet: Sheet, wards: dict[str, Any], i: int, rank: int | None, *, leads: bool
) -> map_labels.Label:
    name = wards["names"][i]
    width = len(name) * _LETTER + 8
    order = (
        map_labels.Order.LEADER
        if leads
        else map_labels.Order.WARD
        if rank is None
        else map_labels.Order.PRIORITY
    )
    label = map_labels.Label(
        *sheet.point(wards["labels"][i]),
        width,
        _LINE,
        order,
        name=name,
        moves=_FAR if leads or rank is not None else _LITTLE,
        within=sheet.area(wards["shapes"][i]),
        leads=leads,
    )
    if rank is None:
        return label
    bare = replace(label, name="", rank=words.ordinal(rank), width=_RANK, leads=False, must=True)
    return replace(label, rank=words.ordinal(rank), width=width + _RANK, name_width=width, short=bare)


def _drawn(label: map_labels.Label, x: float, y: float) -> dict[str, Any]:
    """Say where the parts of a label stand: the rank left of the name."""
    rank = x - (label.width - _RANK) / 2 if label.rank else x
    name = x + _RANK / 2 if label.rank else x
    return {
        "number": label.number,
        "weak": label.weak,
        "rank": label.rank,
        "name": label.name,
        "rank_x": f"{rank:.1f}",
        "x": f"{name:.1f}",
        "y": f"{y:.1f}",
    }


def _mercator(latitude: float) -> float:
    return degrees(log(tan(pi / 4 + radians(latitude) / 2)))


def _latitude(mercator: float) -> float:
    return degrees(2 * np.arctan(np.exp(radians(mercator))) - pi / 2)
