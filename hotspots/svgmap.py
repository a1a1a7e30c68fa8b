"""
The still map: what is printed, and what is seen where scripts are off.

An SVG of the same shapes and classes as the live map. The page's script
redraws it for the chosen theme and period before printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, degrees, log, pi, radians, tan
from typing import Any

import numpy as np
from markupsafe import Markup

from hotspots import geometry, wording
from hotspots.documents import environment, marked

WIDTH = 1000
#: How far up or down a name may make room, in units of the sheet; sheet.js has the same.
_SHIFTS = (0, -22, 22, -44, 44)


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
        return cls(round(west - pad, 6), round(top, 6), round(scale, 4), WIDTH, round(height))

    def points(self, lonlat: np.ndarray) -> np.ndarray:
        """Place longitudes and latitudes, shape (n, 2), on the sheet."""
        latitude = np.radians(lonlat[:, 1])
        mercator = np.degrees(np.log(np.tan(pi / 4 + latitude / 2)))
        return np.column_stack(
            [(lonlat[:, 0] - self.west) * self.scale, (_mercator(self.north) - mercator) * self.scale]
        )

    def path(self, rings: geometry.Rings) -> str:
        """Write polygons as the `d` of an SVG path."""
        parts = []
        for ring in (ring for polygon in rings for ring in polygon):
            placed = self.points(geometry.decode_ring(ring))
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed) + "Z")
        return "".join(parts)

    def point(self, units: Sequence[int]) -> tuple[float, float]:
        """Place one point given in the units of the payload."""
        x, y = self.points(np.array([units]) / geometry.UNITS)[0]
        return round(float(x), 1), round(float(y), 1)

    def kilometres(self, distance: float) -> float:
        """Return the length of a distance on the sheet, right at its middle."""
        middle = _latitude(_mercator(self.north) - self.height / self.scale / 2)
        return round(distance / (111.32 * cos(radians(middle))) * self.scale, 1)


def still_map(payload: dict[str, Any], *, looks: Sequence[str], title: str, description: str) -> Markup:
    """
    Draw the wards of the payload's first theme with its priority areas and hot spots.

    Parameters
    ----------
    payload : dict
        From `payload.build_payload`.
    looks : sequence of str
        CSS class of each ward.
    title, description : str
        What a screen reader says of the picture.

    Returns
    -------
    Markup
        An svg element.
    """
    wards = payload["levels"]["ward"]
    sheet = Sheet.around(payload["bounds"])
    paths = [sheet.path(rings) for rings in wards["shapes"]]
    slug = payload["themes"][0]["slug"]
    results = wards["results"].get(slug, {"class": [], "rank": []})
    ranks = [
        rank if name == "priority" else None
        for name, rank in zip(results["class"], results["rank"], strict=True)
    ]
    clusters = payload["clusters"].get(slug, [])
    return Markup(  # noqa: S704 - rendered with autoescape
        environment()
        .get_template("_sheet.svg.j2")
        .render(
            sheet=sheet,
            title=title,
            description=description,
            marking=marked(payload["marking"], synthetic=payload["synthetic"]),
            areas=[{"look": look, "path": path} for look, path in zip(looks, paths, strict=True)],
            ward_paths=paths,
            priority_paths=[path for path, rank in zip(paths, ranks, strict=False) if rank is not None],
            clusters=[
                {"path": sheet.path(cluster["shape"]), "weak": is_weak(cluster)} for cluster in clusters
            ],
            labels=_labels(sheet, wards, ranks or [None] * len(paths), clusters),
        )
    )


def is_weak(cluster: dict[str, Any]) -> bool:
    """Tell whether fewer than half of the test runs found a hot spot again."""
    return cluster["confidence"] is not None and wording.firmness(cluster["confidence"]) == "weak"


def _labels(
    sheet: Sheet, wards: dict[str, Any], ranks: list[int | None], clusters: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Hot spots first, then priority areas with their rank, then wards; a name without room is left out."""
    names = [
        ("ward-name", name, point) if rank is None else ("ward-name first", f"{rank} {name}", point)
        for name, rank, point in zip(wards["names"], ranks, wards["labels"], strict=True)
    ]
    numbers = [("cluster-name", str(cluster["number"]), cluster["middle"]) for cluster in clusters]
    placed: list[tuple[float, float, float]] = []
    labels = []
    for look, text, units in [*numbers, *sorted(names, key=lambda label: label[0] == "ward-name")]:
        x, y = sheet.point(units)
        half = len(text) * 5.2 + 4
        for shift in (0,) if look == "cluster-name" else _SHIFTS:
            if all(abs(x - u) >= half + other or abs(y + shift - v) >= 20 for u, v, other in placed):
                placed.append((x, y + shift, half))
                labels.append({"look": look, "text": text, "x": x, "y": round(y + shift, 1)})
                break
    return labels


def _mercator(latitude: float) -> float:
    return degrees(log(tan(pi / 4 + radians(latitude) / 2)))


def _latitude(mercator: float) -> float:
    return degrees(2 * np.arctan(np.exp(radians(mercator))) - pi / 2)
