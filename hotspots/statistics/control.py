"""Months out of the ordinary by ward and theme, from counts as they are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.months import FEWEST_MONTHS, unbroken
from hotspots.statistics._season import FEWEST_FOR_SEASON
from hotspots.statistics.counts import Counts
from hotspots.statistics.limits import control_limits
from hotspots.statistics.seasons import seasonal_adjustment

#: With fewer a month on average any count is ordinary, and a ward that had none before has no "usual".
FEWEST_A_MONTH: Final = 2.0
_BLANK: Final = {"usual_low": np.nan, "usual_high": np.nan}


def unusual_months(counts: Counts, *, months: Sequence[str]) -> pd.DataFrame:
    """
    Say which months were out of the ordinary in each ward, theme by theme.

    Works on published counts, so that it tells nothing that they do not. A
    ward with a withheld month gets no range in that theme; where counts were
    rounded, so was what is compared.

    Parameters
    ----------
    counts : Counts
        As published; NaN where withheld.
    months : sequence of str
        The period, without months of which the files hold a part only: these keep
        their rows, but get no range and take no part in that of others.

    Returns
    -------
    DataFrame
        The columns of "unusual_months", one row per theme, ward and month:
        whole numbers between which a month is ordinary given the ward's other
        months, and `signal` "above", "below" or "". No range (NaN) with fewer
        than 6 months, or fewer than 2 incidents a month on average. From 24 months on
        `adjusted` is the count without the city's season; else NaN.
    """
    wards = counts.level(schema.WARD)
    limits = _usual_ranges(wards, months)
    keys = ["theme", "code", "month"]
    long = wards.long()
    wards = long[long["month"].ne(schema.WHOLE_PERIOD)][[*keys, "level", "name", "count"]]
    wards = wards.sort_values(keys, kind="stable")
    found = wards.merge(limits, on=keys, how="left") if len(limits) else wards.assign(**_BLANK)
    adjusted = _adjusted(counts.level(schema.WARD), months)
    found = found.merge(adjusted, on=keys, how="left") if len(adjusted) else found.assign(adjusted=np.nan)
    return found.assign(signal=_signal(found)).reset_index(drop=True)[list(schema.columns("unusual_months"))]


def _usual_ranges(wards: Counts, months: Sequence[str]) -> pd.DataFrame:
    """Give the usual range of every series that is complete and long enough."""
    if len(months) < FEWEST_MONTHS:
        return pd.DataFrame()
    parts = []
    for theme in sorted(wards.groups):
        monthly = wards.monthly(theme)[sorted(months)].astype(float)
        whole = monthly.notna().all(axis=1) & monthly.mean(axis=1).ge(FEWEST_A_MONTH)
        if whole.any():
            parts.append(control_limits(monthly[whole].sort_index()).assign(theme=theme))
    if not parts:
        return pd.DataFrame()
    limits = pd.concat(parts, ignore_index=True)
    return limits.rename(columns={"low": "usual_low", "high": "usual_high"})[
        ["theme", "code", "month", "usual_low", "usual_high"]
    ]


def _adjusted(wards: Counts, months: Sequence[str]) -> pd.DataFrame:
    """Take the city's season out of every theme of which all wards are known, if there are two years."""
    run = list(unbroken(months)[-1]) if len(months) >= FEWEST_FOR_SEASON else []
    parts = []
    for theme in sorted(wards.groups) if len(run) >= FEWEST_FOR_SEASON else []:
        monthly = wards.monthly(theme)[run].astype(float)
        if monthly.notna().all(axis=None):
            parts.append(seasonal_adjustment(monthly).assign(theme=theme))
    if not parts:
        return pd.DataFrame()
    return pd.concat(parts, ignore_index=True)[["theme", "code", "month", "adjusted"]]


def _signal(found: pd.DataFrame) -> np.ndarray:
    above, below = found["count"] > found["usual_high"], found["count"] < found["usual_low"]
    return np.select([above, below], ["above", "below"], "").astype(object)
