"""
The beats of the map page: their shapes and figures, and what is said of them without scripts.

static/map/beats.js says the same of those that are ticked; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hotspots.months import month_words
from hotspots.pages import map_shapes, words

if TYPE_CHECKING:
    from hotspots.release.release import Release

#: Metres: a circle needs no more corners on the map.
_DETAIL = 4.0


def payload(release: Release) -> dict[str, Any]:
    """
    Give the beats by theme in order of choice, the month they are for, and their grades.

    Numbers that the audience may not see are None.
    """
    details = release.beat_details.set_index(["theme", "beat"])
    city = release.outline.area / 1e6
    shapes = map_shapes.to_degrees(shapely.simplify(release.beats.geometry.to_numpy(), _DETAIL))
    found: dict[str, list[dict[str, Any]]] = {}
    for row, shape in zip(release.beats.to_dict("records"), shapes, strict=True):
        detail = details.loc[(row["theme"], row["beat"])]
        found.setdefault(str(row["theme"]), []).append(
            {
                "order": int(row["order"]),
                "name": str(row["name"]),
                "grid": str(detail["grid_reference"]),
                **{name: _number(row[name], 1) for name in ("expected", "low", "high")},
                "share": _number(detail["share"], 5),
                "area": _number(row["area_km2"] / city, 6),
                "shape": map_shapes.polygon_rings(shape),
            }
        )
    return {
        "beats": found,
        "beatsFor": month_words(release.beats_for) if release.beats_for else "",
        "beatGrades": dict(release.beat_grades),
        "beatsAre": words.BEATS_ARE[release.audience == "internal"],
        "recordedByPatrol": words.RECORDED_BY_PATROL,
    }


def first_view(data: dict[str, Any]) -> dict[str, Any] | None:
    """Write the beats of the theme that is seen first; None where no theme has any."""
    if not data["beats"]:
        return None
    slug = data["themes"][0]["slug"]
    beats = data["beats"].get(slug, [])
    return {
        "grade": data["beatGrades"].get(slug, ""),
        "note": note(data),
        "share": share_text(beats, beats, data["beatsFor"]),
        "rows": [f"{beat['order']}. {beat['name']}: {told(beat)}" for beat in beats],
    }


def note(data: dict[str, Any]) -> str:
    """Say what beats are, and what patrol does to the figures."""
    return f"Beats in order of choice, for {data['beatsFor']}: {data['beatsAre']}. {data['recordedByPatrol']}"


def told(beat: dict[str, Any]) -> str:
    """Say where a beat is and what is expected there."""
    if beat["expected"] is None:
        return str(beat["grid"])
    return f"{beat['grid']}; {words.rate(beat['expected'])} expected ({beat['low']} to {beat['high']})"


def share_text(ticked: Sequence[dict[str, Any]], beats: Sequence[dict[str, Any]], month: str) -> str:
    """Say what the beats that are ticked make up together."""
    if not beats:
        return "No beats are chosen for this theme."
    area = words.fine_percent(sum(beat["area"] for beat in ticked))
    said = f"{len(ticked)} of {len(beats)} beats: {area} of the city"
    if any(beat["share"] is None for beat in beats):
        return f"{said}."
    held = words.percent(sum(beat["share"] for beat in ticked))
    return f"{said}, {held} of what is expected in {month}."


def _number(value: Any, digits: int) -> float | int | None:
    if value is None or not np.isfinite(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded
