"""Describe chosen beats: where, how much to expect, how sure, and what was recorded there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from hotspots.geography.gridref import write_grid_references
from hotspots.geography.naming import STREETS, beat_ids, beat_names, ranked_texts, streets_of
from hotspots.policeuk import street_name
from hotspots.schema import NATIONAL_GRID
from hotspots.targeting.greedy import Choice
from hotspots.targeting.intervals import chance_of_top, predictive_interval
from hotspots.targeting.shapes import Shapes
from hotspots.targeting.tally import busiest_hours

BEAT_COLUMNS: Final = (
    *("theme", "order", "beat", "name", "streets", "easting", "northing", "area_km2"),
    *("expected", "low", "high", "p_top", "score", "ward_codes", "lsoa_codes", "part_of", "flags"),
)
DETAIL_COLUMNS: Final = ("beat", "grid_reference", "recorded", "recorded_by_month", "types", "hours")
#: Map points at which incidents pile up because they are recorded, not because they happen there.
HEAPS: Final = ("Hospital", "Police Station", "Prison")
#: Crime types named for a beat.
TYPES: Final = 3


@dataclass(frozen=True, eq=False)
class Outlook:
    """
    What is expected over the months planned for.

    Attributes
    ----------
    rate : ndarray of shape (places,)
        Incidents expected over the whole horizon.
    score : ndarray of shape (places,)
        Incidents a month by the score that chose the beats.
    dispersion : float
        From the back-test.
    seed : int
        Of the draws for `p_top`.
    """

    rate: np.ndarray
    score: np.ndarray
    dispersion: float
    seed: int


def beat_frame(
    theme: str,
    choice: Choice,
    shapes: Shapes,
    places: gpd.GeoDataFrame,
    outlook: Outlook,
    *,
    top: int,
    clusters: gpd.GeoDataFrame | None = None,
    heaps: Sequence[str] | None = None,
) -> gpd.GeoDataFrame:
    """
    Describe the first `top` beats of a choice; the others compete for the top.

    Parameters
    ----------
    theme : str
        Slug.
    choice : Choice
        Beats in order, some more than `top`.
    shapes : Shapes
        From which they were chosen.
    places : GeoDataFrame
        `street`, `ward_code`, `lsoa_code`, in the order of the choice's places.
    outlook : Outlook
    top : int
        Beats within the budget.
    clusters : GeoDataFrame, optional
        `cluster` and polygons: the one with which a beat shares most ground is `part_of`.
    heaps : sequence of str, optional
        For each place what makes incidents pile up there, "" for nothing;
        police.uk's names of hospitals, police stations and prisons if not given.

    Returns
    -------
    GeoDataFrame
        `BEAT_COLUMNS` and `geometry`, in order of choice.
    """
    expected = choice.add_up(outlook.rate)
    low, high = predictive_interval(expected, outlook.dispersion)
    p_top = chance_of_top(expected, choice.area, outlook.dispersion, top=top, seed=outlook.seed)
    middle, street = middles(choice, shapes, places)
    n, of = len(choice), choice.beat_of
    streets = streets_of(places["street"], of, outlook.rate, n_beats=n)
    marks = known_heaps(places["street"]) if heaps is None else pd.Series(list(heaps))
    described = {
        "theme": np.full(n, theme, dtype=object),
        "order": np.arange(1, n + 1),
        "beat": beat_ids(street, middle),
        "name": beat_names(streets, street, middle),
        "streets": ["; ".join(listed[:STREETS]) for listed in streets],
        "easting": np.rint(middle[:, 0]).astype(int),
        "northing": np.rint(middle[:, 1]).astype(int),
        "area_km2": choice.area / 1e6,
        "expected": expected,
        "low": low,
        "high": high,
        "p_top": p_top,
        "score": choice.add_up(outlook.score) / choice.area * 1e6,
        "ward_codes": _joined(places["ward_code"], of, outlook.rate, n),
        "lsoa_codes": _joined(places["lsoa_code"], of, outlook.rate, n),
        "part_of": part_of(choice.polygons, clusters),
        "flags": _joined(marks, of, outlook.rate, n),
    }
    frame = gpd.GeoDataFrame(described, geometry=choice.polygons, crs=NATIONAL_GRID)
    return frame[[*BEAT_COLUMNS, "geometry"]].iloc[:top]


def beat_details(
    frame: gpd.GeoDataFrame,
    choice: Choice,
    counts: np.ndarray,
    *,
    types: pd.DataFrame | None = None,
    hours: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Say for a card what was recorded in each beat before.

    Parameters
    ----------
    frame : GeoDataFrame
        From `beat_frame`.
    choice : Choice
        The same.
    counts : ndarray of shape (places, months)
        Of the theme.
    types, hours : DataFrame, optional
        Counts by place and crime type, and by place and hour, from `tally`.

    Returns
    -------
    DataFrame
        `DETAIL_COLUMNS`: `recorded` incidents of the theme and their months
        joined by ";", `types` as "Robbery 12; Drugs 7", `hours` as "18:00 to
        22:00"; "" where not known.
    """
    n = len(frame)
    monthly = choice.add_up(counts)[:n]
    by_type = None if types is None else choice.add_up(types.to_numpy(dtype=float))[:n]
    by_hour = None if hours is None else choice.add_up(hours.to_numpy(dtype=float))[:n]
    return pd.DataFrame(
        {
            "beat": frame["beat"].to_numpy(),
            "grid_reference": write_grid_references(frame["easting"], frame["northing"]),
            "recorded": monthly.sum(axis=1).astype(int),
            "recorded_by_month": [";".join(f"{n:.0f}" for n in row) for row in monthly],
            "types": [""] * n if types is None or by_type is None else _main_types(by_type, types.columns),
            "hours": [""] * n if by_hour is None else [busiest_hours(row) for row in by_hour],
        },
        columns=list(DETAIL_COLUMNS),
    )


def known_heaps(street: pd.Series) -> pd.Series:
    """Name the kind of each place whose police.uk name is one where incidents pile up; "" elsewhere."""
    names = street.astype(object).fillna("").map(street_name)
    return names.where(names.isin(HEAPS), "").str.lower()


def middles(choice: Choice, shapes: Shapes, places: gpd.GeoDataFrame) -> tuple[np.ndarray, list[str]]:
    """Give the middle of the shape of each beat, and the street of the place next to it."""
    middle = shapes.middle[choice.shape]
    nearest = nearest_place(middle, places)
    return middle, [str(name or "") for name in places["street"].to_numpy()[nearest]]


def nearest_place(middle: np.ndarray, places: gpd.GeoDataFrame) -> np.ndarray:
    """Give the position of the place next to each point."""
    xy = shapely.get_coordinates(places.geometry.to_numpy())
    return np.asarray(cKDTree(xy).query(middle)[1], dtype=np.intp).reshape(-1)


def _joined(text: pd.Series, beat_of: np.ndarray, weight: np.ndarray, n_beats: int) -> list[str]:
    return [";".join(texts) for texts in ranked_texts(text, beat_of, weight, n_beats=n_beats)]


def part_of(polygons: np.ndarray, clusters: gpd.GeoDataFrame | None) -> list[str]:
    """Name the cluster with which each beat shares most ground, the first of equals; "" for none."""
    named = [""] * len(polygons)
    if clusters is None or not len(clusters) or not len(polygons):
        return named
    shapes, names = clusters.geometry.to_numpy(), clusters["cluster"].to_numpy()
    beat, cluster = shapely.STRtree(shapes).query(polygons, predicate="intersects")
    shared = np.round(shapely.area(shapely.intersection(polygons[beat], shapes[cluster])), 3)
    for row in np.lexsort((-cluster, shared)):
        if shared[row] > 0:
            named[beat[row]] = str(names[cluster[row]])
    return named


def _main_types(counts: np.ndarray, names: Sequence[str]) -> list[str]:
    """Write the commonest types of each beat with their counts, ties in the order of the names."""
    order = np.argsort(-counts, axis=1, kind="stable")[:, :TYPES]
    return [
        "; ".join(f"{names[at]} {row[at]:.0f}" for at in best if row[at] > 0)
        for row, best in zip(counts, order, strict=True)
    ]
