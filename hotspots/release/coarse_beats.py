"""
Beats outside internal use: the hot spots of the release itself, and nothing finer.

Beats of internal use are chosen from the exact points of incidents. Whoever knows all
of these but one finds the last one by which beat was chosen, however coarsely it is drawn.
So a partner's beats follow from hot spots as they are released: which come first, how
large, and where are functions of what stands in the table of hot spots.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.findings.findings import Findings
from hotspots.geography.gridref import write_grid_references
from hotspots.geography.load import Areas
from hotspots.months import shift_month, unbroken
from hotspots.release.release import Release
from hotspots.targeting.plan import Walked

#: Metres to which the middle of a beat is given.
GRID: Final = 100.0
#: Digits of a grid reference as coarse.
_DIGITS: Final = 6
#: What stands in place of a grade.
NOT_GRADED: Final = (
    "Beats of this release are its hot spots, the densest first by the counts that it shows, so they give "
    "nothing back that the hot spots do not. They hold whatever was recorded, what patrols found themselves "
    "too. Smaller beats, with what such beats held in past months, are for internal use."
)


def coarse_beats(
    findings: Findings, *, clusters: gpd.GeoDataFrame, share: float, theme: str = ""
) -> dict[str, Any]:
    """
    Take the densest released hot spots as beats, up to the one with which the share is reached.

    Parameters
    ----------
    findings : Findings
        Gives areas and months, which are public; nothing that was found is read.
    clusters : GeoDataFrame
        As they are released.
    share : float
        Part of the area that the beats of a theme make up.
    theme : str, optional
        Of this theme alone.

    Returns
    -------
    dict
        Fields of a `Release`: `beats`, `beat_details`, `beat_grades`, `beats_for`.
    """
    months = unbroken(findings.complete_months)[-1:]
    themes = [slug for slug in dict.fromkeys(clusters["theme"]) if months and theme in ("", slug)]
    frames = [densest(clusters[clusters["theme"].eq(slug)], findings.areas, share) for slug in themes]
    beats = stack_beats(frames)
    blank: dict[str, Any] = dict.fromkeys(("recorded_by_month", "types", "hours"), "")
    details = beats[["theme", "beat"]].assign(
        grid_reference=write_grid_references(beats["easting"], beats["northing"], digits=_DIGITS),
        share=np.nan,
        recorded=np.nan,
        **blank,
    )
    return {
        "beats": beats,
        "beat_details": pd.DataFrame(details)[list(schema.columns("beat_details"))],
        "beat_grades": dict.fromkeys(themes, NOT_GRADED),
        "beats_for": shift_month(months[0][-1], 1) if months else "",
    }


def walked(release: Release, theme: str) -> Walked:
    """
    Make the released beats of a theme such as a shift can be planned over: each is worth its released count.

    A hot spot without a number counts as the fewest that one holds.
    """
    clusters = release.clusters[release.clusters["theme"].eq(theme)].set_index("cluster")
    shown = release.beats[release.beats["theme"].eq(theme)].reset_index(drop=True)
    fewest = float(release.policy.shape_minimum)
    n = clusters["n"].reindex(shown["beat"]).fillna(fewest).to_numpy(dtype=float)
    return Walked(
        theme=theme,
        frame=shown.assign(expected=n),
        rate=n,
        beat_of=np.arange(len(shown)),
        ward_of=np.array([codes.partition(";")[0] for codes in shown["ward_codes"]], dtype=str),
        price=0.0,
    )


def stack_beats(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put the beats of all themes into one frame, with typed columns where there are none."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        empty = {name: pd.Series(dtype=kind) for name, kind in schema.dtypes("beats").items()}
        return gpd.GeoDataFrame(empty, geometry=[], crs=schema.NATIONAL_GRID)
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=schema.NATIONAL_GRID)


def densest(clusters: gpd.GeoDataFrame, areas: Areas, share: float) -> gpd.GeoDataFrame:
    """
    Choose the beats among the hot spots of one theme.

    Parameters
    ----------
    clusters : GeoDataFrame
        As they are released, of one theme.
    areas : Areas
    share : float
        Part of the area that they make up, up to the one with which it is reached.

    Returns
    -------
    GeoDataFrame
        The columns of "beats", the densest first; those without a number last.
    """
    density = clusters["n"].to_numpy(dtype=float) / shapely.area(clusters.geometry.to_numpy())
    chosen = clusters.iloc[np.lexsort((clusters["order"], -np.nan_to_num(density, nan=-1.0)))]
    area = shapely.area(chosen.geometry.to_numpy())
    # Up to the one with which the share is reached.
    chosen = chosen[np.cumsum(area) - area < share * areas.outline.area - 1.0]
    shapes = chosen.geometry.to_numpy()
    middle = np.rint(shapely.get_coordinates(shapely.centroid(shapes)) / GRID) * GRID
    return gpd.GeoDataFrame(
        {
            "theme": chosen["theme"].to_numpy(),
            "order": np.arange(1, len(chosen) + 1),
            "beat": chosen["cluster"].to_numpy(),
            "name": chosen["name"].to_numpy(),
            "streets": "",
            "easting": middle[:, 0].astype(int),
            "northing": middle[:, 1].astype(int),
            "area_km2": chosen["area_km2"].to_numpy(),
            **dict.fromkeys(("expected", "low", "high", "p_top", "score"), np.nan),
            "ward_codes": chosen["ward_codes"].to_numpy(),
            "lsoa_codes": _touched(shapes, areas.lsoas),
            "part_of": chosen["cluster"].to_numpy(),
            "flags": "",
        },
        geometry=shapes,
        crs=schema.NATIONAL_GRID,
    )


def _touched(shapes: np.ndarray, areas: gpd.GeoDataFrame) -> list[str]:
    shape, area = shapely.STRtree(areas.geometry.to_numpy()).query(shapes, predicate="intersects")
    codes = areas.index.to_numpy()
    return [";".join(sorted(str(code) for code in codes[area[shape == k]])) for k in range(len(shapes))]
