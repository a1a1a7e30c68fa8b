"""
What an audience may see of beats, and of what lies near them and the hot spots.

Beats say where patrols go: partners who walk them may know, the public not.
Outside internal use a beat is a circle around the middle of a square of
100 m that is sure to hold it, and no number is given: not what is expected,
not the score, from which it could be worked out. As with clusters, a beat is
left out unless enough incidents stand behind it, and enough places in the circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.findings import Findings
from hotspots.geography.gridref import write_grid_references
from hotspots.geography.naming import beat_ids, beat_names
from hotspots.policeuk import street_name
from hotspots.release.rounding import round_counts
from hotspots.targeting.backtest import BackTest
from hotspots.targeting.beats import part_of
from hotspots.targeting.context import nearby
from hotspots.targeting.plan import Beats

#: Metres of the squares in whose middle beats stand outside internal use.
BEAT_GRID: Final = 100.0
#: Metres: a disc or cell whose middle lies anywhere in the square is inside a circle of this radius.
BEAT_REACH: Final = 180.0
#: Fewest incidents by which a grade may be told outside internal use.
GRADED_FROM: Final = 100


def release_beats(
    findings: Findings,
    slugs: Sequence[str],
    policy: Policy,
    *,
    clusters: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
) -> dict[str, Any]:
    """
    Give the beats of all themes as an audience may see them.

    Parameters
    ----------
    findings : Findings
    slugs : sequence of str
        The themes that the audience may know of.
    policy : Policy
    clusters, streets : GeoDataFrame
        As they are released.

    Returns
    -------
    dict
        Fields of a `Release`: `beats`, `beat_details`, `beat_grades` (a sentence by theme),
        `beats_for` (the month planned for) and `nearby`.
    """
    shown = {slug: findings.beats[slug] for slug in slugs if slug in findings.beats and not _public(policy)}
    frames, details = [], []
    for beats in shown.values():
        kept = beats.only(shown_beats(findings, beats, policy))
        frame = kept.frame if policy.exact else _coarse(kept, findings, clusters, streets)
        frames.append(frame)
        details.append(_details(kept, frame, policy))
    released = _stack(frames)
    return {
        "beats": released,
        "beat_details": pd.concat(details, ignore_index=True) if details else _empty("beat_details"),
        "beat_grades": {slug: _grade(findings, slug, one.grade, policy) for slug, one in shown.items()},
        "beats_for": next((one.first_month for one in shown.values()), ""),
        "nearby": _nearby(findings, released, clusters),
    }


def shown_beats(findings: Findings, beats: Beats, policy: Policy) -> np.ndarray:
    """
    Tell which beats an audience may see at all.

    Returns
    -------
    ndarray of bool, shape (beats,)
    """
    if policy.exact:
        return np.ones(len(beats), dtype=bool)
    if _public(policy):
        return np.zeros(len(beats), dtype=bool)
    n = findings.places.weights(beats.theme)
    inside = beats.beat_of >= 0
    incidents = np.bincount(beats.beat_of[inside], weights=n[inside], minlength=len(beats))
    tree = shapely.STRtree(findings.places.frame.geometry.to_numpy()[n > 0])
    circle, _ = tree.query(_circles(_middles(beats.frame)), predicate="intersects")
    places = np.bincount(circle, minlength=len(beats))
    return (incidents >= policy.shape_minimum) & (places >= policy.shape_places)


def _public(policy: Policy) -> bool:
    return policy.audience == "public"


def _middles(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Give the middle of the square of 100 m that holds each beat's middle: shape (beats, 2)."""
    xy = frame[["easting", "northing"]].to_numpy(dtype=float)
    return (np.floor(xy / BEAT_GRID) + 0.5) * BEAT_GRID


def _circles(middle: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.buffer(shapely.points(middle), BEAT_REACH))


def _coarse(
    beats: Beats, findings: Findings, clusters: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Draw beats as circles and name them anew, from what is released alone."""
    frame, middle = beats.frame, _middles(beats.frame)
    shapes = _circles(middle)
    known = {street_name(text) for text in streets["street"]}
    listed = [[name for name in text.split("; ") if name in known] for text in frame["streets"]]
    first = [names[0] if names else "" for names in listed]
    return gpd.GeoDataFrame(
        frame.assign(
            order=np.arange(1, len(frame) + 1),
            beat=beat_ids(first, middle),
            name=beat_names(listed, first, middle),
            streets=["; ".join(names) for names in listed],
            easting=middle[:, 0].astype(int),
            northing=middle[:, 1].astype(int),
            area_km2=frame["area_km2"].round(2),
            **dict.fromkeys(("expected", "low", "high", "p_top", "score"), np.nan),
            # In the order of their codes: that of their counts would tell of these.
            ward_codes=_touched(shapes, findings.areas.wards),
            lsoa_codes=_touched(shapes, findings.areas.lsoas),
            part_of=part_of(shapes, clusters[clusters["theme"].eq(beats.theme)]),
            flags="",
        ),
        geometry=shapes,
        crs=schema.NATIONAL_GRID,
    )


def _touched(shapes: np.ndarray, areas: gpd.GeoDataFrame) -> list[str]:
    shape, area = shapely.STRtree(areas.geometry.to_numpy()).query(shapes, predicate="intersects")
    codes = areas.index.to_numpy()
    return [";".join(sorted(str(code) for code in codes[area[shape == k]])) for k in range(len(shapes))]


def _details(beats: Beats, frame: gpd.GeoDataFrame, policy: Policy) -> pd.DataFrame:
    """Give what the cards say besides; outside internal use the grid reference alone."""
    total = beats.rate.sum()
    found = beats.details.assign(
        theme=beats.theme,
        beat=frame["beat"].to_numpy(),
        share=beats.frame["expected"].to_numpy() / total if total > 0 else 0.0,
    )
    if not policy.exact:
        references = write_grid_references(frame["easting"], frame["northing"], digits=6)
        blank = dict.fromkeys(("recorded_by_month", "types", "hours"), "")
        found = found.assign(grid_reference=references, share=np.nan, recorded=np.nan, **blank)
    return found[list(schema.columns("beat_details"))]


def _grade(findings: Findings, slug: str, grade: BackTest, policy: Policy) -> str:
    """Say what such beats held in past months, in whole percent of the whole city."""
    name = _what(findings, slug)
    if policy.exact or grade.table.empty:
        return grade.sentence(name)
    table = grade.table
    if table["n"].min() < GRADED_FROM:
        return "Too few incidents in the last months to say how such beats did."
    rounded = {"n": round_counts(table["n"], policy.base), "hit_rate": table["hit_rate"].round(2)}
    return replace(grade, table=table.assign(**rounded)).sentence(name)


def _what(findings: Findings, slug: str) -> str:
    """Name the incidents of a theme inside a sentence."""
    name = findings.themes[slug].theme.name
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def _nearby(findings: Findings, beats: gpd.GeoDataFrame, clusters: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the points within 250 m of each beat and hot spot, by the outlines that are released."""
    if findings.points is None or not len(findings.points):
        return _empty("nearby")
    hotspots = clusters[clusters["part_of"].eq("")].rename(columns={"cluster": "beat"})
    found = []
    for of, frame in (("beat", beats), ("hot spot", hotspots)):
        for theme, shapes in frame.groupby("theme", sort=False):
            near = nearby(shapes, findings.points).rename(columns={"beat": "place"})
            found.append(near.assign(theme=theme, of=of)[list(schema.columns("nearby"))])
    filled = [frame for frame in found if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else _empty("nearby")


def _stack(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return gpd.GeoDataFrame(_empty("beats"), geometry=[], crs=schema.NATIONAL_GRID)
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=schema.NATIONAL_GRID)


def _empty(name: str) -> pd.DataFrame:
    """Give a frame without rows, whose columns keep their types."""
    return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in schema.dtypes(name).items()})
