"""
Draw clusters, density bands and street labels no finer than an audience may see.

A shape around few incidents is their address, and a corner of a hull is a
place. Outside internal use every cluster and every separate part of a density
band holds enough incidents at enough places, corners are moved to a coarse
grid, figures are rounded, and what follows from a figure follows from the
rounded one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.clusters.identity import identify, street_points
from hotspots.policeuk import street_name
from hotspots.release.rounding import round_counts

#: Metres of the grid for corners of bands, which the kernel has smoothed already.
BAND_GRID: Final = 10.0
#: Metres of the squares in whose middle street labels stand outside internal use.
LABEL_GRID: Final = 100.0
#: Figures of density are given to so many significant digits where counts are rounded.
_DIGITS: Final = 2
#: A text with the number of a house, flat or room: "10 Acacia Avenue", "Flat 3b, High Street".
_ADDRESS: Final = re.compile(
    r"^\W*(on or near )?\d+\s?[a-z]?\b(?!\w)|\b(flat|apartment|apt|room|unit|house|no)\b\W*\d", re.IGNORECASE
)


def release_clusters(
    clusters: gpd.GeoDataFrame, policy: Policy, *, total: int | None, streets: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """
    Give the clusters of a theme as an audience may see them.

    Parameters
    ----------
    clusters : GeoDataFrame
        From `outlines.describe_clusters`.
    policy : Policy
    total : int or None
        The theme's published total, for shares.
    streets : GeoDataFrame
        From `street_labels`: outside internal use no other street is named.

    Returns
    -------
    GeoDataFrame
        Clusters with too few incidents or places are left out. Outside
        internal use n, places, density and share are rounded, the months
        and the status that follows from them are blank (they are small counts by nature), and outlines
        have their corners on a grid of the policy's `snap` metres.
    """
    if not len(clusters):
        return clusters
    enough = (clusters["n"] >= policy.shape_minimum) & (clusters["places"] >= policy.shape_places)
    if policy.exact:
        return clusters[enough]
    # Parts lie inside their hot spots: two figures of one place could be set against each other.
    kept = clusters[enough & clusters["part_of"].eq("")]
    if not len(kept):
        return kept
    shapes = _snapped(kept.geometry.to_numpy(), policy.snap)
    n, area = round_counts(kept["n"], policy.base), shapely.area(shapes) / 1e6
    drawn = gpd.GeoDataFrame(
        kept.assign(
            n=n,
            places=np.maximum(round_counts(kept["places"], policy.base), policy.shape_places),
            streets=_named_only(kept["streets"], {street_name(text) for text in streets["street"]}),
            area_km2=area,
            density_per_km2=n / area,
            share=n / total if total else np.nan,
            confidence=np.floor(kept["confidence"] * 20) / 20,
            types="",
            first_month="",
            last_month="",
            monthly="",
            status="",
            flags="",
            length_m=np.floor(kept["length_m"] / policy.snap + 0.5) * policy.snap,
        ),
        geometry=shapes,
        crs=schema.NATIONAL_GRID,
    )
    # Anew, from the streets and outlines that are published.
    return identify(drawn, streets)


def release_bands(
    bands: gpd.GeoDataFrame, places: gpd.GeoDataFrame, n: np.ndarray, policy: Policy, *, total: int | None
) -> gpd.GeoDataFrame:
    """
    Give the density bands of a theme as an audience may see them.

    Parameters
    ----------
    bands : GeoDataFrame
        From `bands.density_bands`: disjoint, each with three incidents or
        more, which is enough for internal use.
    places : GeoDataFrame
        Points in EPSG:27700.
    n : ndarray of int, shape (len(places),)
        The theme's incidents at each.
    policy : Policy
    total : int or None
        The theme's published total, for shares.

    Returns
    -------
    GeoDataFrame
        A part of a band, together with the denser ones inside it, that holds
        too few incidents or places is drawn as the band below, or not at all.
    """
    if policy.exact or not len(bands):
        return bands
    held = np.flatnonzero(n)
    tree = shapely.STRtree(places.geometry.to_numpy()[held])
    nested, counts = _nested(bands, tree, n[held], policy)
    kept = [k for k, shape in enumerate(nested) if not shape.is_empty]
    if not kept:
        return bands.iloc[:0]
    denser = [*(nested[k] for k in kept[1:]), shapely.Polygon()]
    rings = [shapely.difference(nested[k], above) for k, above in zip(kept, denser, strict=True)]
    incidents = round_counts([counts[k] for k in kept], policy.base)
    # area_share is proportional to the area: the ratio to the exact shape saves passing the outline on
    drawn = np.array([shapely.area(nested[k]) for k in kept])
    exact = np.cumsum(bands.geometry.area.to_numpy()[::-1])[::-1][kept]
    chosen = bands.iloc[kept]
    return gpd.GeoDataFrame(
        chosen.assign(
            lower=_significant(chosen["lower"]),
            upper=_significant(chosen["upper"]),
            incidents=incidents,
            incident_share=np.minimum(incidents / total, 1.0) if total else np.nan,
            area_share=chosen["area_share"].to_numpy() * drawn / exact,
        ),
        geometry=rings,
        crs=schema.NATIONAL_GRID,
    )


def _nested(
    bands: gpd.GeoDataFrame, tree: shapely.STRtree, n: np.ndarray, policy: Policy
) -> tuple[list[shapely.Geometry], list[float]]:
    """Build each band together with the denser ones from the parts that hold enough; count what they hold."""
    rings = bands.geometry.to_numpy()
    nested, counts, denser = [], [], shapely.Polygon()
    for k in range(len(rings) - 1, -1, -1):
        whole = shapely.set_precision(shapely.union_all(rings[k:]), BAND_GRID)
        # a part that was kept above is kept below: snapping must not let it stick out
        parts = shapely.get_parts(shapely.union(whole, denser))
        parts = parts[shapely.get_dimensions(parts) == 2]
        part, place = tree.query(parts, predicate="intersects")
        incidents = np.bincount(part, weights=n[place], minlength=len(parts))
        enough = (incidents >= policy.shape_minimum) & (
            np.bincount(part, minlength=len(parts)) >= policy.shape_places
        )
        denser = shapely.union_all(parts[enough])
        nested.append(denser)
        counts.append(float(incidents[enough].sum()))
    return nested[::-1], counts[::-1]


def stack(frames: Sequence[gpd.GeoDataFrame], slugs: Sequence[str], name: str) -> gpd.GeoDataFrame:
    """Put the shapes of all themes into one frame with a column for the theme, in the order of `COLUMNS`."""
    order = list(schema.columns(name))
    named = [frame.assign(theme=slug) for slug, frame in zip(slugs, frames, strict=True)]
    # What the table of columns does not know goes last, and the door refuses it.
    named = [frame[[*order, *frame.columns.difference(order)]] for frame in named]
    filled = [frame for frame in named if len(frame)]
    if not filled:
        # An empty frame keeps the types of its columns: text stays text for whoever reads it.
        return named[0].reset_index(drop=True)
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=schema.NATIONAL_GRID)


def street_labels(places: gpd.GeoDataFrame, policy: Policy) -> gpd.GeoDataFrame:
    """
    Give one labelled point a street, at its busiest place.

    Parameters
    ----------
    places : GeoDataFrame
        `geometry`, `street` and `n`.
    policy : Policy
        A street needs as many incidents as a shape. Outside internal use a
        street with the number of a house or flat is an address and is left out,
        the point is moved to the middle of a 100 m square, and `n` only
        orders the streets: 1 is the least busy.

    Returns
    -------
    GeoDataFrame
        street, n, geometry; by street.
    """
    busiest = street_points(places)
    busiest = busiest[busiest["n"] >= policy.minimum]
    if not policy.exact:
        addresses = [bool(_ADDRESS.search(str(street))) for street in busiest["street"]]
        busiest = busiest[~np.array(addresses, dtype=bool)]
    counts = busiest["n"]
    points = busiest.geometry.to_numpy()
    if not policy.exact:
        counts = counts.rank(method="first")
        points = _middle_of_square(points, LABEL_GRID)
    return gpd.GeoDataFrame(
        {"street": busiest["street"].astype(str).to_numpy(), "n": counts.to_numpy()},
        geometry=points,
        crs=schema.NATIONAL_GRID,
    )


def _named_only(texts: pd.Series, known: set[str]) -> list[str]:
    """Keep the streets of each cluster that may be named."""
    return ["; ".join(name for name in str(text).split("; ") if name in known) for text in texts]


def _middle_of_square(points: np.ndarray, side: float) -> np.ndarray:
    xy = shapely.get_coordinates(points)
    return shapely.points((np.floor(xy / side) + 0.5) * side)


def _snapped(shapes: np.ndarray, grid: float) -> np.ndarray:
    """Move corners to a grid; a shape too thin for it is widened by half of it first."""
    moved = shapely.set_precision(shapes, grid)
    thin = shapely.is_empty(moved)
    moved[thin] = shapely.set_precision(shapely.buffer(shapes[thin], grid), grid)
    return moved


def _significant(values: pd.Series) -> np.ndarray:
    figures = values.to_numpy(float)
    scale = 10.0 ** (np.floor(np.log10(np.maximum(figures, 1e-9))) - _DIGITS + 1)
    return np.round(figures / scale) * scale
