"""The area that holds each incident, from its point or from the codes its row states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.geography.containment import containing_area, inside, nearest_area
from hotspots.geography.projection import distinct_points
from hotspots.locating._evidence import AREA_CODE, SECTOR, Points, plain_text
from hotspots.locating._stated import read_stated_areas
from hotspots.policeuk import NO_LOCATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.geography.load import Areas
    from hotspots.geography.vintages import ChangeTable

_EVIDENCE = ("grid_reference", "postcode", "stated_lsoa", "stated_ward")
#: What police.uk writes for a location that it does not publish.


@dataclass(frozen=True)
class Locations:
    """
    Where each row lies; arrays as long as the incidents. Rows far outside have no metres.

    `ward` and `lsoa` are rows of the area layers, -1 for none. `place` numbers
    the distinct points inside the study area by easting, then northing, -1 for
    rows without a point of their own. `reason` is why a row is set aside, "" if
    it is not.
    """

    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    level: NDArray[np.int8]
    inside: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    ward: NDArray[np.intp]
    lsoa: NDArray[np.intp]
    place: NDArray[np.int32]
    reason: NDArray[np.object_]


def locate(incidents: pd.DataFrame, points: Points, areas: Areas, *, changes: ChangeTable) -> Locations:
    """
    Find the ward and LSOA of every row.

    A row with a point outside the area is outside, whatever LSOA it states:
    the point is the better evidence. A row located by the centroid of its
    postcode sector gets the ward that holds the centroid, no LSOA and no
    point: at Derby the centroid's ward is right for 74 % of postcodes and its
    LSOA for 15 %, because a sector spans eight LSOAs and its centroid would
    make one of them a hot spot that is not there.

    Parameters
    ----------
    incidents : DataFrame
        From `read_incidents`.
    points : Points
        The best point of each row.
    areas : Areas
        The study area.
    changes : ChangeTable
        LSOAs of 2011 and 2021.
    """
    pairs, code = _sorted_points(points)
    ward, lsoa, within = _areas_of_points(pairs, areas)
    # The last element answers for rows without a point, whose code is -1.
    ward, lsoa, within = np.append(ward, -1)[code], np.append(lsoa, -1)[code], np.append(within, False)[code]
    outside = ((code >= 0) & ~within) | points.far
    level, centroid = points.level.copy(), points.level == SECTOR
    lsoa[centroid] = -1
    bare = np.flatnonzero((code < 0) & ~points.far)
    if len(bare):
        stated = read_stated_areas(incidents.iloc[bare], areas, changes=changes)
        within[bare], outside[bare] = stated.inside, stated.outside
        ward[bare] = areas.wards.index.get_indexer(stated.ward)
        lsoa[bare] = areas.lsoas.index.get_indexer(stated.lsoa)
        level[bare[stated.inside]] = AREA_CODE
    pointed = within & (level != AREA_CODE) & ~centroid
    return Locations(
        easting=np.where(centroid, np.nan, points.easting),
        northing=np.where(centroid, np.nan, points.northing),
        level=level,
        inside=within,
        outside=outside,
        ward=ward,
        lsoa=lsoa,
        place=_number_places(code, pointed, len(pairs)),
        reason=_reasons(incidents, within, outside),
    )


def _sorted_points(points: Points) -> tuple[NDArray[np.complex128], NDArray[np.intp]]:
    """Return the distinct points, by easting, then northing, and the number of each row's own, or -1."""
    distinct, codes = distinct_points(points.easting, points.northing)
    order = np.argsort(distinct)  # complex numbers sort by real part, then imaginary
    rank = np.empty(len(order) + 1, dtype=np.intp)
    rank[order], rank[-1] = np.arange(len(order)), -1
    return distinct[order], rank[codes]


def _areas_of_points(
    pairs: NDArray[np.complex128], areas: Areas
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return the ward, the LSOA and whether each distinct point lies in the study area."""
    x, y = np.ascontiguousarray(pairs.real), np.ascontiguousarray(pairs.imag)
    ward = containing_area(x, y, areas.wards)
    within = ward >= 0
    # The outline can hold what no ward does: a hair between two borders.
    rest = np.flatnonzero(~within)
    within[rest] = inside(x[rest], y[rest], areas.outline)
    lsoa = np.where(within, containing_area(x, y, areas.lsoas), -1)
    for found, layer in ((ward, areas.wards), (lsoa, areas.lsoas)):
        gap = np.flatnonzero(within & (found < 0))
        found[gap] = nearest_area(x[gap], y[gap], layer)
    return ward, lsoa, within


def _number_places(code: NDArray[np.intp], pointed: NDArray[np.bool_], n_points: int) -> NDArray[np.int32]:
    """Number the points that rows in the area stand on, in their order; -1 for all other rows."""
    used = np.zeros(n_points, dtype=bool)
    used[code[pointed]] = True
    number = np.cumsum(used) - 1
    place = np.full(len(code), -1, dtype=np.int32)
    place[pointed] = number[code[pointed]]
    return place


def _reasons(
    incidents: pd.DataFrame, within: NDArray[np.bool_], outside: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Return why a row is set aside, "" for one that is not."""
    reason = np.where(outside, "outside_area", "").astype(object)
    lost = np.flatnonzero(~within & ~outside)
    if len(lost):
        rows = incidents.iloc[lost]
        tried = np.logical_or.reduce([(plain_text(rows[name]) != "").to_numpy() for name in _EVIDENCE])
        unpublished = (plain_text(rows["street"]) == NO_LOCATION).to_numpy()
        reason[lost] = np.select(
            [tried, unpublished], ["unknown_place", "no_location"], "missing_coordinate"
        ).astype(object)
    return reason
