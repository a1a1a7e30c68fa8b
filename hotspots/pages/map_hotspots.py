"""
The hot spots of the map page: their shapes and figures, and what is said of them without scripts.

static/map/clusters.js lists the same, static/map/card.js tells the rest of the
one that is chosen; tests hold them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from hotspots import policeuk
from hotspots.months import halves, monthly_counts
from hotspots.pages import map_shapes, words

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.release.release import Release


def payload(release: Release, wards: pd.Index) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """
    Give the hot spots of each theme, and their parts that are small enough to walk.

    Parameters
    ----------
    release : Release
        What the audience may see.
    wards : Index
        Codes of the wards in the order of the page.

    Returns
    -------
    dict
        `clusters` and `parts` by theme, the biggest first. What the audience
        may not see is None or empty.
    """
    whole = release.clusters["part_of"].eq("")
    return {
        "clusters": _by_theme(release.clusters[whole], wards),
        "parts": _by_theme(release.clusters[~whole], wards),
    }


def _by_theme(frame: gpd.GeoDataFrame, wards: pd.Index) -> dict[str, list[dict[str, Any]]]:
    frame = frame.sort_values(["theme", "order"], kind="stable")
    shapes = map_shapes.to_degrees(shapely.simplify(frame.geometry.to_numpy(), map_shapes.TOLERANCE_M))
    middles = map_shapes.to_degrees(shapely.centroid(frame.geometry.to_numpy()))
    found: dict[str, list[dict[str, Any]]] = {}
    for row, shape, middle in zip(frame.to_dict("records"), shapes, middles, strict=True):
        described = _described(row, wards)
        drawn = {"shape": map_shapes.polygon_rings(shape), "middle": map_shapes.point_units(middle)}
        found.setdefault(str(row["theme"]), []).append({**described, **drawn})
    return found


def _described(row: dict[str, Any], wards: pd.Index) -> dict[str, Any]:
    monthly = monthly_counts(row["monthly"])
    streets = [policeuk.street_name(name) for name in str(row["streets"]).split(";")]
    listed = pd.Index(str(row["ward_codes"]).split(";"))
    return {
        "number": int(row["order"]),
        "id": str(row["cluster"]),
        "name": str(row["name"]) or "no street named",
        "of": str(row["part_of"]),
        "n": words.number(row["n"]),
        "share": words.number(row["share"], 4),
        "confidence": words.number(row["confidence"], 2),
        "types": _parted(row["types"]),
        "hours": str(row["hours"]),
        "flags": _parted(row["flags"]),
        "streets": list(dict.fromkeys(filter(None, streets))),
        "wards": [int(i) for i in wards.get_indexer(listed) if i >= 0],
        "status": str(row["status"]),
        "monthly": monthly,
        "halves": [sum(part) for part in halves(monthly)] if monthly else [],
    }


def _parted(listed: Any) -> list[str]:
    """Part a list at its semicolons."""
    return [part.strip() for part in str(listed).split(";") if part.strip()]


def told(cluster: dict[str, Any]) -> str:
    """Say how much a hot spot holds and how sure it is."""
    share = cluster["confidence"]
    held = f"{words.incidents(cluster['n'])}, {words.percent(cluster['share'])}"
    return held if share is None else f"{held}; {words.firmness(share)}"


def first_view(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Write the hot spots of the theme that is seen first."""
    clusters = data["clusters"].get(data["themes"][0]["slug"], [])
    return [{"number": c["number"], "name": c["name"], "text": told(c), "weak": is_weak(c)} for c in clusters]


def is_weak(cluster: dict[str, Any]) -> bool:
    """Tell whether fewer than half of the test runs found a hot spot again."""
    return cluster["confidence"] is not None and words.firmness(cluster["confidence"]) == "weak"
