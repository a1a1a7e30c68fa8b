"""
One name and one identifier for a hot spot, whatever the theme, the month or the run.

Both come from its commonest street and the square of 500 m in which that
street is busiest, never from members or ranks: a hot spot that gains a place
or loses a rank stays itself, and Charlotte Street is Charlotte Street in every theme.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely

from hotspots.geography.gridref import half_kilometre_squares, write_grid_references
from hotspots.geography.naming import street_slug
from hotspots.policeuk import KINDS, street_name


def street_points(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Give the busiest place of each named street: street as recorded, n of the street, geometry.

    Parameters
    ----------
    places : GeoDataFrame
        `street`, `n` and points.
    """
    named = places[places["street"].ne("")]
    busiest = named.sort_values(["street", "n"], ascending=[True, False], kind="stable")
    busiest = busiest.drop_duplicates("street")
    n = named.groupby("street", observed=True)["n"].sum()
    return busiest.assign(n=n.reindex(busiest["street"]).to_numpy())[["street", "n", "geometry"]].reset_index(
        drop=True
    )


def identify(clusters: gpd.GeoDataFrame, squares: Mapping[str, str]) -> gpd.GeoDataFrame:
    """
    Give each hot spot of one theme its name and identifier.

    Parameters
    ----------
    clusters : GeoDataFrame
        order, streets ("; " between them), cluster and part_of (any identifiers that fit
        together; part_of is "" for a hot spot) and outlines in EPSG:27700.
    squares : mapping of str to str
        Where each street is busiest, from `street_squares`.

    Returns
    -------
    GeoDataFrame
        With `cluster`, such as "SK3434NW-charlotte-street", `name`, and `part_of` as the new
        identifier. No two rows share one: the larger hot spot has its commonest street, the
        other its next.
    """
    if not len(clusters):
        return clusters
    middles = shapely.get_coordinates(shapely.centroid(clusters.geometry.to_numpy()))
    own = half_kilometre_squares(middles[:, 0], middles[:, 1])
    references = write_grid_references(middles[:, 0], middles[:, 1], digits=6)
    listed = clusters["streets"].astype(str).tolist()
    ids, names = [""] * len(clusters), [""] * len(clusters)
    for row in np.argsort(clusters["order"].to_numpy(), kind="stable").tolist():
        named = [street for street in listed[row].split("; ") if street]
        # A kind of place ("Supermarket") stands in many squares: it counts by where the hot spot lies.
        offered = [(squares.get(street, own[row]), street) for street in named] or [(own[row], "")]
        square, street = next((one for one in offered if _identifier(*one) not in ids), offered[0])
        ids[row] = _numbered(_identifier(square, street), ids)
        names[row] = street or f"At {references[row]}"
    of = dict(zip(clusters["cluster"], ids, strict=True))
    return clusters.assign(cluster=ids, name=names, part_of=[of.get(one, "") for one in clusters["part_of"]])


def street_squares(streets: gpd.GeoDataFrame) -> dict[str, str]:
    """
    Say in which square of 500 m each street is busiest, by its name as people write it.

    Parameters
    ----------
    streets : GeoDataFrame
        street and a point for each: from `street_points`, or those of a release.
    """
    xy = shapely.get_coordinates(streets.geometry.to_numpy())
    squares = half_kilometre_squares(xy[:, 0], xy[:, 1])
    named = zip(map(street_name, streets["street"]), squares, strict=True)
    return {street: square for street, square in named if street not in KINDS}


def _identifier(square: str, street: str) -> str:
    return f"{square}-{street_slug(street)}"


def _numbered(identifier: str, taken: list[str]) -> str:
    """Add a number where every street of a hot spot has given its name to a larger one."""
    number, numbered = 1, identifier
    while numbered in taken:
        number += 1
        numbered = f"{identifier}-{number}"
    return numbered
