"""
What an audience may see of beats, and of what lies near them and the hot spots.

Beats say where patrols go: partners who walk them may know, the public not.
For internal use they are as they were chosen; partners get the released hot spots
instead, in order of released density: see `coarse_beats`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.findings import Findings
from hotspots.release.coarse_beats import coarse_beats, stack_beats
from hotspots.targeting.context import nearby
from hotspots.targeting.plan import Beats

#: Part of the area that beats make up in a run.
SHARE: Final = 0.01


def release_beats(
    findings: Findings,
    slugs: Sequence[str],
    policy: Policy,
    *,
    clusters: gpd.GeoDataFrame,
    share: float = SHARE,
    theme: str = "",
) -> dict[str, Any]:
    """
    Give the beats of all themes as an audience may see them.

    Parameters
    ----------
    findings : Findings
    slugs : sequence of str
        The themes that the audience may know of.
    policy : Policy
    clusters : GeoDataFrame
        As they are released.
    share : float, default 0.01
        Part of the area that a partner's beats make up; those of internal use are as found.
    theme : str, optional
        Of this theme alone.

    Returns
    -------
    dict
        Fields of a `Release`: `beats`, `beat_details`, `beat_grades` (a sentence by theme),
        `beats_for` (the month planned for) and `nearby`.
    """
    if not policy.beats:
        found = _as_found(findings, ())
    elif policy.exact:
        found = _as_found(findings, [slug for slug in slugs if theme in ("", slug)])
    else:
        found = coarse_beats(findings, clusters=clusters, share=share, theme=theme)
    return {**found, "nearby": _nearby(findings, found["beats"], clusters)}


def _as_found(findings: Findings, slugs: Sequence[str]) -> dict[str, Any]:
    shown = {slug: findings.beats[slug] for slug in slugs if slug in findings.beats}
    details = [_details(one) for one in shown.values()]
    return {
        "beats": stack_beats([one.frame for one in shown.values()]),
        "beat_details": pd.concat(details, ignore_index=True) if details else _empty("beat_details"),
        "beat_grades": {slug: one.grade_words(_what(findings, slug)) for slug, one in shown.items()},
        "beats_for": next((one.first_month for one in shown.values()), ""),
    }


def _details(beats: Beats) -> pd.DataFrame:
    """Give what the cards say besides."""
    total = beats.rate.sum()
    share = beats.frame["expected"].to_numpy() / total if total > 0 else 0.0
    found = beats.details.assign(theme=beats.theme, share=share)
    return found[list(schema.columns("beat_details"))]


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


def _empty(name: str) -> pd.DataFrame:
    """Give a frame without rows, whose columns keep their types."""
    return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in schema.dtypes(name).items()})
