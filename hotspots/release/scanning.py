"""
Circles that hold more than chance would put there, sought in released counts.

For internal use circles over places are sought too. An LSOA whose count is withheld lies in no circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.geography.load import Areas
from hotspots.months import unbroken
from hotspots.places import Places, coordinates
from hotspots.policeuk import street_name
from hotspots.statistics.counts import Counts
from hotspots.statistics.predictive import fit_counts
from hotspots.statistics.scan import expected_at_places, prospective_scan, spatial_scan

#: Circles whose chance is no smaller are left out.
LEAST_SURE: Final = 0.05
#: Incidents of a theme below which no circle is sought.
FEWEST_INCIDENTS: Final = 50
#: Months that circles over the last ones need.
FEWEST_MONTHS: Final = 6
#: A circle over places holds at least so many and reaches no further, in metres: a busy address is none.
FEWEST_PLACES: Final = 5
LONGEST_RADIUS: Final = 500.0
PERIOD, RECENT = "whole period", "last months"


def scan_release(
    counts: Counts,
    areas: Areas,
    *,
    themes: Sequence[str],
    months: Sequence[str],
    seed: int,
    places: Places | None = None,
) -> pd.DataFrame:
    """
    Seek circles over LSOAs, against their residents and against their own past; and over places.

    Parameters
    ----------
    counts : Counts
        As published; NaN where withheld.
    areas : Areas
    themes : sequence of str
    months : sequence of str
        Months that were read in full.
    seed : int
    places : Places, optional
        For internal use alone: whose residents are those of their LSOA, in equal parts.

    Returns
    -------
    DataFrame
        The columns of "scan": circles whose chance, all looks allowed for, is below 5 %.
    """
    lsoas = areas.lsoas
    xy = shapely.get_coordinates(shapely.centroid(lsoas.geometry.to_numpy()))
    here, wards = (counts.level(level, codes=areas.level(level).index) for level in schema.LEVELS[::-1])
    whole, run = here.whole(), list(unbroken(months)[-1]) if months else []
    parts: list[pd.DataFrame] = []
    for slug in themes:
        if slug not in whole or not whole[slug].sum() >= FEWEST_INCIDENTS or len(run) < FEWEST_MONTHS:
            continue
        monthly = here.monthly(slug)[run].astype(float)
        over = _dispersion(monthly, wards.monthly(slug)[run].astype(float), whole[slug])
        if over is None:
            continue
        known = (whole[slug].notna() & lsoas["residents"].ge(0)).to_numpy()
        if not lsoas["residents"][known].gt(0).any():
            continue
        found = spatial_scan(
            whole.loc[known, slug],
            expected=lsoas["residents"][known],
            xy=xy[known],
            dispersion=over[known],
            seed=seed,
        )
        parts.append(_described(found, slug, PERIOD, "LSOAs", lsoas["name"]))
        if monthly.notna().all(axis=None):
            found = prospective_scan(monthly, xy=xy, dispersion=over, seed=seed)
            parts.append(_described(found, slug, RECENT, "LSOAs", lsoas["name"]))
        if places is not None:
            parts.append(_over_places(places, slug, lsoas["residents"], over, seed=seed))
    held = [part for part in parts if len(part)]
    if held:
        return pd.concat(held, ignore_index=True)[list(schema.columns("scan"))]
    return pd.DataFrame({label: pd.Series(dtype=kind) for label, kind in schema.dtypes("scan").items()})


def _dispersion(lsoas: pd.DataFrame, wards: pd.DataFrame, whole: pd.Series) -> pd.Series | None:
    """Learn how LSOAs vary from their months; where these are withheld from the wards', which vary more."""
    if lsoas.notna().all(axis=None):
        return fit_counts(lsoas).dispersion(shared=False)
    known = wards.dropna()
    if not len(known):
        return None
    return pd.Series(float(fit_counts(known).dispersion(shared=False).mean()), index=whole.index)


def _over_places(
    places: Places, slug: str, residents: pd.Series, over: pd.Series, *, seed: int
) -> pd.DataFrame:
    """Seek circles of several places, none longer than a patrol walks."""
    frame = places.frame.reset_index(drop=True)
    count = pd.Series(np.asarray(places.weights(slug)), index=frame.index)
    found = spatial_scan(
        count,
        expected=expected_at_places(frame["lsoa_code"].astype(object), residents),
        xy=coordinates(frame),
        fewest_spots=FEWEST_PLACES,
        longest=LONGEST_RADIUS,
        dispersion=float(over.mean()),
        seed=seed,
    )
    names = frame["street"].map(street_name)
    codes = frame["lsoa_code"].astype(object)
    wide = [tuple(dict.fromkeys(str(codes[row]) for row in rows)) for rows in found["members"]]
    described = _described(found.assign(members=wide), slug, PERIOD, "places", names)
    return described.assign(centre=described["centre"].map(codes))


def _described(found: pd.DataFrame, slug: str, kind: str, over: str, names: pd.Series) -> pd.DataFrame:
    """Keep the circles that chance hardly makes, and name them by their middle."""
    kept = found[found["p"] < LEAST_SURE].reset_index(drop=True)
    since = kept["since"] if "since" in kept else pd.Series("", index=kept.index)
    return kept.assign(
        theme=slug,
        kind=kind,
        over=over,
        since=since,
        order=np.arange(1, len(kept) + 1, dtype=float),
        name=kept["centre"].map(names),
        members=[";".join(map(str, some)) for some in kept["members"]],
    )
