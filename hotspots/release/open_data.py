"""
A release of data that are public already, row by row.

Withholding a count protects nobody where anyone can count the rows. So counts are exact,
and those below the audience's minimum carry a mark of how little they bear: their areas
are not ranked. Secret themes stay unknown to the public and restricted ones are shown by
ward alone: what a theme says of a place is this project's doing, not the publisher's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.audiences import POLICIES, Policy
from hotspots.findings.findings import Findings
from hotspots.release.release import ThemeView
from hotspots.release.reports import released_reading
from hotspots.release.views import is_coarse, withheld_words
from hotspots.statistics.counts import Counts

#: What is said of an area with few incidents.
TOO_FEW_TO_RANK: Final = "too few to rank"
_RANKS: Final = ("rank", "p_top", "chance")
_COARSE: Final = "Counts by LSOA are left out: the theme is restricted."


def as_open(
    parts: dict[str, Any], findings: Findings, slugs: Sequence[str], policy: Policy
) -> dict[str, Any]:
    """
    Turn the exact parts of a release into those of open data.

    Parameters
    ----------
    parts : dict
        Fields of a `Release` as for internal use.
    findings : Findings
    slugs : sequence of str
        The themes that the audience may know of.
    policy : Policy
        From `policy_for` with what was attested.

    Returns
    -------
    dict
        The same fields: without other themes, restricted ones by ward alone, few incidents marked.
    """
    coarse = {slug for slug in slugs if is_coarse(findings.themes[slug], policy)}
    groups = [view.slug for view in (*parts["themes"], *parts["types"])]
    minimum = _minimum(policy.audience)
    areas = {
        name: mark_few(_kept(parts[name], groups, coarse), minimum=minimum)
        for name in ("results", "priority")
    }
    shapes = {
        name: parts[name][~parts[name]["theme"].isin(coarse)].reset_index(drop=True)
        for name in ("clusters", "bands")
    }
    return {
        **parts,
        **areas,
        **shapes,
        "themes": tuple(_view(view, findings, policy) for view in parts["themes"]),
        "counts": _without_fine(parts["counts"].select(groups), coarse),
        "warnings": tuple(
            f"The files hold only a part of {month}: it is counted, but compared with nothing."
            for month in findings.incomplete
        ),
        "area_notes": (),
        "reading": released_reading(findings.incidents.report.as_dict()),
        "geocoding": {"projection": findings.geocoding.get("projection")},
        "rejects": {},
    }


def mark_few(frame: pd.DataFrame, *, minimum: int) -> pd.DataFrame:
    """
    Blank the ranks of areas with fewer incidents than a minimum, and say why.

    The ranks of the others count them still.
    """
    few = frame["count"].lt(minimum)
    marked = {
        str(name): frame[name].astype(float).mask(few)
        for name in frame.columns
        if str(name).startswith(_RANKS)
    }
    marked |= {name: frame[name].mask(few, "") for name in ("class", "top_by") if name in frame}
    if "denominator_sensitive" in frame:
        marked["denominator_sensitive"] = frame["denominator_sensitive"].astype(bool) & ~few
    if "verdict" in frame:
        marked["verdict"] = frame["verdict"].mask(few, TOO_FEW_TO_RANK)
    return frame.assign(**marked)


def _minimum(audience: str) -> int:
    return POLICIES[audience].minimum


def _kept(frame: pd.DataFrame, groups: Sequence[str], coarse: Collection[str]) -> pd.DataFrame:
    fine = frame["theme"].isin(list(coarse)) & frame["level"].eq(schema.LSOA)
    return frame[frame["theme"].isin(groups) & ~fine].reset_index(drop=True)


def _without_fine(counts: Counts, coarse: Collection[str]) -> Counts:
    """Give no counts by LSOA of restricted themes."""
    hidden = np.zeros(counts.count.shape, dtype=bool)
    rows = np.isin(counts.groups, list(coarse))
    hidden[np.ix_(rows, counts.areas["level"].eq(schema.LSOA).to_numpy())] = True
    count = np.where(hidden, np.nan, counts.count)
    return replace(counts, count=count, low=count, high=count, given=counts.given & ~hidden)


def _view(view: ThemeView, findings: Findings, policy: Policy) -> ThemeView:
    found = findings.themes.get(view.slug)
    if found is None or not is_coarse(found, policy):
        return view
    return replace(
        view,
        note=f"{view.note} {_COARSE}".strip(),
        grain=_COARSE,
        shows_density=False,
        shows_clusters=False,
        withheld=withheld_words(found, view.observability, policy),
        bandwidth=None,
        cluster_parameters=None,
    )
