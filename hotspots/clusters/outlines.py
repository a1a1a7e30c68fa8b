"""What each cluster looks like: its outline, size, streets, wards and months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from hotspots.clusters.cutting import length_of
from hotspots.errors import ParameterError
from hotspots.places import check_weights, coordinates
from hotspots.policeuk import KINDS, street_name
from hotspots.schema import NATIONAL_GRID

#: Street names given per cluster.
STREETS: Final = 3
#: Part of eps that an outline keeps around the places of its cluster.
MARGIN: Final = 1 / 3


def describe_clusters(
    places: gpd.GeoDataFrame,
    labels: np.ndarray,
    *,
    eps: float = 150.0,
    weights: np.ndarray | None = None,
    monthly: np.ndarray | None = None,
    months: Sequence[str] = (),
    confidence: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """
    Describe each cluster: how much, how dense, where, when, how sure.

    The outline is for the eye: a place outside it can lie closer to the
    cluster than one inside, and a few places of other clusters or of none can
    lie within it. The counts are those of the cluster's own places.

    Parameters
    ----------
    places : GeoDataFrame
        Locations in EPSG:27700 with `n`, `street` and `ward_code`.
    labels : ndarray of int, shape (len(places),)
        From `hotspot_dbscan`; -1 is noise.
    eps : float, default 150
        Metres: the longest gap an outline bridges; a third of it is the margin.
    weights : ndarray of shape (len(places),), optional
        Incidents at each place instead of `n`.
    monthly : ndarray of int, shape (len(places), len(months)), optional
        Incidents at each place in each month.
    months : sequence of str
        "YYYY-MM", in order; needed with `monthly`.
    confidence : DataFrame, optional
        From `cluster_confidence`.

    Returns
    -------
    GeoDataFrame
        One row per cluster in EPSG:27700: `order` (label + 1), `n`,
        `places`, `area_km2` (of the outline), `length_m` (between its two places
        farthest apart), `density_per_km2`, `share` (of
        all incidents given), `confidence` (NaN if not given), `streets` (the
        three with most incidents, joined by "; "; names such as "Parking Area"
        only where there are fewer than three streets), `ward_codes` (most incidents
        first, joined by ";"), `monthly` (counts joined by ";", "" if not
        given), `first_month` and `last_month` with an incident, `geometry`.

    Raises
    ------
    ParameterError
        If labels, weights, monthly counts or months do not fit the places.
    """
    given = check_weights(places, weights)
    of = np.asarray(labels)
    if of.shape != (len(places),):
        raise ParameterError(f"{of.size} labels for {len(places)} places: give one for each.")
    if not eps > 0:
        raise ParameterError(f"eps is {eps}: give metres above zero.")
    xy = coordinates(places)
    shapes = cluster_outlines(xy, of, eps=eps)
    member = np.flatnonzero(of >= 0)
    n = np.bincount(of[member], given[member], minlength=len(shapes))
    area = shapely.area(shapes) / 1e6
    described = {
        "order": np.arange(1, len(shapes) + 1),
        "n": n.astype(int) if (given % 1 == 0).all() else n,
        "places": np.bincount(of[member], minlength=len(shapes)),
        "area_km2": area,
        "length_m": [length_of(xy[of == one]) for one in range(len(shapes))],
        "density_per_km2": n / area,
        "share": n / max(given.sum(), 1),
        "confidence": _confidence(confidence, len(shapes)),
        "streets": _streets(places["street"], of, given),
        "ward_codes": _join(_commonest(places["ward_code"], of, given), ";", len(shapes)),
        **_by_month(monthly, months, of),
    }
    return gpd.GeoDataFrame(described, geometry=shapes, crs=NATIONAL_GRID)


def cluster_outlines(xy: np.ndarray, labels: np.ndarray, *, eps: float) -> np.ndarray:
    """
    Draw a polygon around the places of each cluster.

    The triangles between neighbouring places that have no side longer than
    `eps`, and the sides that are not, widened by a third of `eps`: a concave
    hull that follows a bent street, and in which one place or one straight
    street is still a shape. It is in one piece if the places are in reach of
    each other by steps of `eps`, as those of a DBSCAN cluster are.

    Parameters
    ----------
    xy : ndarray of shape (n_places, 2)
        Metres.
    labels : ndarray of int, shape (n_places,)
        Cluster of each place, 0, 1, ...; -1 is noise.
    eps : float
        Metres.

    Returns
    -------
    ndarray of polygons, in the order of the labels

    References
    ----------
    Edelsbrunner, H., Kirkpatrick, D. and Seidel, R. (1983). On the shape of a
    set of points in the plane. IEEE Transactions on Information Theory 29(4),
    pp. 551-559.
    """
    order = np.lexsort((xy[:, 1], xy[:, 0], labels))
    order = order[labels[order] >= 0]
    points, point_of = shapely.points(xy[order]), labels[order]
    groups = shapely.multipoints(points, indices=point_of)
    triangles, triangle_of = _close_parts(shapely.delaunay_triangles(groups), eps)
    bodies = np.array(
        [shapely.coverage_union_all(triangles[triangle_of == one]) for one in range(len(groups))],
        dtype=object,
    )
    # A triangulation of one straight street has no triangles, only sides.
    sides, side_of = _close_parts(shapely.delaunay_triangles(groups, only_edges=True), eps)
    parts, part_of = np.concatenate([sides, points]), np.concatenate([side_of, point_of])
    shapely.prepare(bodies)
    outside = ~shapely.covers(bodies[part_of], parts)
    parts = np.concatenate([bodies, parts[outside]])
    part_of = np.concatenate([np.arange(len(bodies)), part_of[outside]])
    by_cluster = np.argsort(part_of, kind="stable")
    together = shapely.geometrycollections(parts[by_cluster], indices=part_of[by_cluster])
    return shapely.normalize(shapely.buffer(together, eps * MARGIN))


def _close_parts(triangulations: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the parts without a side longer than `eps`, and the triangulation that each is from."""
    parts, part_of = shapely.get_parts(triangulations, return_index=True)
    xy, vertex_of = shapely.get_coordinates(parts, return_index=True)
    steps = np.hypot(*np.diff(xy, axis=0).T)
    longest = np.zeros(len(parts))
    same = vertex_of[1:] == vertex_of[:-1]
    np.maximum.at(longest, vertex_of[1:][same], steps[same])
    close = longest <= eps
    return parts[close], part_of[close]


def _confidence(confidence: pd.DataFrame | None, n_clusters: int) -> np.ndarray:
    """Return the confidence in the order of the clusters."""
    if confidence is None:
        return np.full(n_clusters, np.nan)
    if confidence["cluster"].tolist() != list(range(1, n_clusters + 1)):
        raise ParameterError(
            f"The confidence is of {len(confidence)} clusters and the labels hold {n_clusters}: "
            "give what cluster_confidence returned for these labels."
        )
    return confidence["confidence"].to_numpy()


def _streets(text: pd.Series, labels: np.ndarray, weights: np.ndarray) -> list[str]:
    """Name the commonest streets of each cluster; kinds of place come after all streets."""
    inside = labels >= 0
    given, labels, weights = text[inside].astype(object).fillna(""), labels[inside], weights[inside]
    names = given.map({name: street_name(name) for name in given.unique()})
    totals = _commonest(names, labels, weights)
    kind = totals["text"].isin(KINDS)
    ordered = totals.assign(kind=kind).sort_values(["label", "kind"], kind="stable")
    return _join(ordered.groupby("label").head(STREETS), "; ", labels.max(initial=-1) + 1)


def _commonest(text: pd.Series, labels: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """List label, text and incidents: most incidents first within a label, ties alphabetical, "" left out."""
    inside = labels >= 0
    given = text[inside].astype(object).fillna("").to_numpy()
    table = pd.DataFrame({"label": labels[inside], "text": given, "n": weights[inside]})
    named = table[given != ""]
    totals = named.groupby(["label", "text"])["n"].sum().reset_index()
    return totals.sort_values(["label", "n", "text"], ascending=[True, False, True], kind="stable")


def _join(totals: pd.DataFrame, between: str, n_clusters: int) -> list[str]:
    """Join the texts of each cluster in their order; "" where it has none."""
    joined = totals.groupby("label")["text"].agg(between.join)
    return joined.reindex(range(n_clusters), fill_value="").tolist()


def _by_month(monthly: np.ndarray | None, months: Sequence[str], labels: np.ndarray) -> dict[str, list[str]]:
    """Give each cluster's monthly counts and the first and last month with an incident."""
    n_clusters = labels.max(initial=-1) + 1
    if monthly is None:
        return {name: [""] * n_clusters for name in ("monthly", "first_month", "last_month")}
    if monthly.shape != (len(labels), len(months)):
        raise ParameterError(
            f"monthly has shape {monthly.shape}: give {len(labels)} places by {len(months)} months."
        )
    member = np.flatnonzero(labels >= 0)
    ones = np.ones(len(member), dtype=monthly.dtype)
    counts = csr_array((ones, (labels[member], member)), shape=(n_clusters, len(labels))) @ monthly
    seen = [[month for month, n in zip(months, row, strict=True) if n > 0] for row in counts.tolist()]
    return {
        "monthly": [";".join(str(n) for n in row) for row in counts.tolist()],
        "first_month": [row[0] if row else "" for row in seen],
        "last_month": [row[-1] if row else "" for row in seen],
    }
