"""Put clusters, density bands and street labels of all themes into the frames of a release."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.clusters.identity import street_points
from hotspots.findings.findings import Findings


def exact_clusters(clusters: gpd.GeoDataFrame, policy: Policy) -> gpd.GeoDataFrame:
    """Keep the clusters of a theme that hold enough incidents at enough places."""
    if not len(clusters):
        return clusters
    enough = (clusters["n"] >= policy.shape_minimum) & (clusters["places"] >= policy.shape_places)
    return clusters[enough]


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
        A street needs as many incidents as the audience's smallest count.

    Returns
    -------
    GeoDataFrame
        street, n, geometry; by street.
    """
    busiest = street_points(places)
    busiest = busiest[busiest["n"] >= policy.minimum]
    return gpd.GeoDataFrame(
        {"street": busiest["street"].astype(str).to_numpy(), "n": busiest["n"].to_numpy()},
        geometry=busiest.geometry.to_numpy(),
        crs=schema.NATIONAL_GRID,
    )


def exact_zones(findings: Findings) -> dict[str, pd.DataFrame]:
    """Give the user's zones as fields of a release; none where none were given."""
    if findings.zones is None:
        return {}
    zones = findings.zones.zones.frame.rename_axis("code").reset_index()
    return {
        "zones": zones[list(schema.columns("zones"))],
        "zone_counts": findings.zones.counts,
        "zone_results": findings.zones.results,
    }


def no_streets() -> gpd.GeoDataFrame:
    """
    Give street labels without any.

    Which streets occur in the incidents, and where, tells points of a coarse cell
    apart; no list of a city's streets ships with the project.
    """
    return gpd.GeoDataFrame(
        {"street": pd.Series(dtype=object), "n": pd.Series(dtype=float)},
        geometry=[],
        crs=schema.NATIONAL_GRID,
    )
