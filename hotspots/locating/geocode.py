"""
Locate each incident by the best evidence in its row, and find its ward and LSOA.

One row in, one row out: every incident is either in the frame or among the
rejected rows with a reason. Wards and LSOAs are found by point in polygon on
distinct points; codes that a row states are compared, and used only where it
has no point.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.errors import InputError
from hotspots.geography.projection import Projection, choose_projection
from hotspots.geography.vintages import load_changes
from hotspots.locating._evidence import find_points
from hotspots.locating._far import far_rows, points_of
from hotspots.locating._locations import Locations, locate
from hotspots.locating._stated_lsoas import compare_lsoas
from hotspots.locating._suspicions import guess_mistake, hidden_mistakes, how_far
from hotspots.locating.report import GeocodeReport, build_report
from hotspots.schema import MATCH_LEVELS
from hotspots.text import counted, safe_text

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hotspots.geography.load import Areas
    from hotspots.geography.postcodes import PostcodeTable


@dataclass(frozen=True, eq=False)
class Geocoded:
    """
    Incidents with their place.

    Attributes
    ----------
    frame : DataFrame
        The incidents in the study area with easting and northing filled, and
        `match_level`, `ward_code`, `lsoa_code` ("" where the evidence does not
        determine one) and `place`, the number of the distinct point by
        easting, then northing; -1 for rows located by a postcode sector or an
        area code, which have no point.
    rejected : DataFrame
        All other rows: source, source_row, reason.
    unlocated : DataFrame
        The incidents among the rejected that nothing locates, all columns, so
        that themes and months can say how many are unmapped. Never published.
    conflicts : DataFrame
        Rows whose point lies in another LSOA than stated: source,
        source_row, stated, computed.
    located : ndarray of bool
        For each row of the input whether it was located, in the area or
        outside it: the hits of a hit rate.
    report : GeocodeReport
        Figures, notes and warnings.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    unlocated: pd.DataFrame
    conflicts: pd.DataFrame = field(repr=False)
    located: NDArray[np.bool_] = field(repr=False)
    report: GeocodeReport = field(repr=False)


def geocode(
    incidents: pd.DataFrame,
    areas: Areas,
    *,
    projection: Projection | None = None,
    postcodes: PostcodeTable | Path | None = None,
    lookup: Path | None = None,
    rejected: pd.DataFrame | None = None,
) -> Geocoded:
    """
    Locate incidents and find the ward and LSOA of each.

    A point on a border belongs to the area with the lowest GSS code, one on
    the outer edge is inside, one in a gap between generalised borders belongs
    to the nearest area. A point outside is never overruled by a stated code.

    Parameters
    ----------
    incidents : DataFrame
        From `read_incidents`, columns `schema.INCIDENT_COLUMNS`.
    areas : Areas
        From `load_areas`.
    projection : Projection, optional
        From `choose_projection`; the best method at hand by default.
    postcodes : PostcodeTable or Path, optional
        A local ONSPD, NSPL or Code-Point Open file. Without it a postcode is
        worth its sector.
    lookup : Path, optional
        The table of changes between the LSOAs of 2011 and 2021; the shipped
        one by default.
    rejected : DataFrame, optional
        The rows that reading set aside (source, source_row, reason). Those
        without a usable location count as unlocated in the hit rates.

    Returns
    -------
    Geocoded
        len(frame) + len(rejected) equals len(incidents).

    Raises
    ------
    InputError
        If there are incidents and not one lies in the area; the message
        guesses why.
    """
    projection = choose_projection() if projection is None else projection
    changes = load_changes(lookup)
    far = far_rows(incidents, areas)
    points = find_points(incidents, projection=projection, postcodes=postcodes, far=far)
    locations = locate(incidents, points, areas, changes=changes)
    if len(incidents) and not locations.inside.any():
        raise InputError(_nothing_here(incidents, locations, areas, projection))
    agreement, conflicts = compare_lsoas(incidents, locations, areas, changes=changes)
    report = build_report(
        incidents,
        points,
        locations,
        areas,
        agreement=agreement,
        changes=changes,
        projection=projection,
        rejected=rejected,
    )
    hints = hidden_mistakes(incidents, locations.outside, areas)
    report = replace(report, warnings=(*report.warnings, *hints))
    lost = ~locations.inside & ~locations.outside
    return Geocoded(
        frame=_frame(incidents, locations, areas),
        rejected=_rejected(incidents, locations),
        unlocated=incidents[lost].reset_index(drop=True),
        conflicts=conflicts,
        located=~lost,
        report=report,
    )


def lies_inside(
    incidents: pd.DataFrame,
    areas: Areas,
    *,
    projection: Projection,
    postcodes: PostcodeTable | Path | None = None,
) -> NDArray[np.bool_]:
    """
    Tell which incidents lie in the area, where none of them need to.

    Parameters
    ----------
    incidents, areas, projection, postcodes
        As for `geocode`.

    Returns
    -------
    ndarray of bool, shape (len(incidents),)
    """
    points = find_points(incidents, projection=projection, postcodes=postcodes)
    return np.asarray(locate(incidents, points, areas, changes=load_changes(None)).inside)


def _frame(incidents: pd.DataFrame, locations: Locations, areas: Areas) -> pd.DataFrame:
    """Return the rows in the study area with what was found."""
    here = np.flatnonzero(locations.inside)
    frame = incidents.iloc[here].reset_index(drop=True)
    return frame.assign(
        easting=locations.easting[here],
        northing=locations.northing[here],
        match_level=_category(locations.level[here], MATCH_LEVELS),
        ward_code=_category(locations.ward[here] + 1, ("", *areas.wards.index)),
        lsoa_code=_category(locations.lsoa[here] + 1, ("", *areas.lsoas.index)),
        place=locations.place[here],
    )


def _category(codes: NDArray[np.integer], names: tuple[str, ...]) -> pd.Categorical:
    """Give each number its name."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="str"))


def _rejected(incidents: pd.DataFrame, locations: Locations) -> pd.DataFrame:
    """Return source, source_row and reason of the rows that are not in the frame."""
    rows = np.flatnonzero(~locations.inside)
    rejected = incidents.iloc[rows][["source", "source_row"]].reset_index(drop=True)
    return rejected.assign(reason=pd.Series(locations.reason[rows], dtype="str"))


def _nothing_here(incidents: pd.DataFrame, locations: Locations, areas: Areas, projection: Projection) -> str:
    """Say that no incident lies in the area, and guess why."""
    files = incidents["source"].astype(str).unique()
    who = safe_text(files[0]) if len(files) == 1 else f"{len(files):,} files ({safe_text(files[0])}, ...)"
    read = counted(len(incidents), "row")
    if not locations.outside.any():
        return (
            f"{who}: none of {read} can be located: there is no coordinate, grid reference, postcode or area"
            " code that is known. Map the right columns, or give a postcode file."
        )
    nowhere = f"{who}: none of {read} lies in {areas.area_name}"
    clause = guess_mistake(incidents, areas)
    if clause:
        return f"{nowhere}: {clause}. Correct the file; nothing was changed."
    points = points_of(incidents, locations.easting, locations.northing, projection=projection)
    away = how_far(*points, areas)
    return f"{nowhere}: their middle lies {away}. Check the file, or the area and its boundaries."
