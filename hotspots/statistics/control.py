"""Months out of the ordinary by ward and theme, from counts as they are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.statistics.change import FEWEST_MONTHS, control_limits, monthly_tables

MONTH_COLUMNS: Final = (
    "theme",
    "level",
    "code",
    "name",
    "month",
    "count",
    "usual_low",
    "usual_high",
    "signal",
)
#: With fewer a month on average any count is ordinary, and a ward that had none before has no "usual".
FEWEST_A_MONTH: Final = 2.0


def unusual_months(counts: pd.DataFrame, *, months: Sequence[str]) -> pd.DataFrame:
    """
    Say which months were out of the ordinary in each ward, theme by theme.

    Works on published counts, so that it tells nothing that they do not. A
    ward with a withheld month gets no range in that theme; where counts were
    rounded, so was what is compared.

    Parameters
    ----------
    counts : DataFrame
        level, code, name, theme, month, count; NaN where withheld.
    months : sequence of str
        The period, without months of which the files hold a part only: these keep
        their rows, but get no range and take no part in that of others.

    Returns
    -------
    DataFrame
        The columns of `MONTH_COLUMNS`, one row per theme, ward and month:
        whole numbers between which a month is ordinary given the ward's other
        months, and `signal` "above", "below" or "". No range (NaN) with fewer
        than 6 months, or fewer than 2 incidents a month on average.
    """
    wards = counts[counts["level"].eq(schema.WARD) & counts["month"].ne(schema.WHOLE_PERIOD)]
    wards = wards[list(MONTH_COLUMNS[:6])].sort_values(["theme", "code", "month"], kind="stable")
    keys = ["theme", "code", "month"]
    limits = _limits(wards, months)
    found = wards.merge(limits, on=keys, how="left") if len(limits) else wards.assign(**_BLANK)
    return found.assign(signal=_signal(found)).reset_index(drop=True)[list(MONTH_COLUMNS)]


_BLANK: Final = {"usual_low": np.nan, "usual_high": np.nan}


def _limits(wards: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Give the usual range of every series that is complete and long enough."""
    if len(months) < FEWEST_MONTHS:
        return pd.DataFrame()
    wards = wards[wards["month"].isin(months)]
    series = wards.groupby(["theme", "code"], observed=True)["count"]
    whole = series.transform("count").eq(len(months)) & series.transform("mean").ge(FEWEST_A_MONTH)
    parts = [
        control_limits(table).assign(theme=theme)
        for (_, theme), table in monthly_tables(wards[whole], months=months).items()
    ]
    if not parts:
        return pd.DataFrame()
    limits = pd.concat(parts, ignore_index=True)
    # Counts are whole: a limit inside a step would call an ordinary count unusual.
    return limits.assign(usual_low=np.floor(limits["low"]), usual_high=np.ceil(limits["high"]))[
        ["theme", "code", "month", "usual_low", "usual_high"]
    ]


def _signal(found: pd.DataFrame) -> np.ndarray:
    above, below = found["count"] > found["usual_high"], found["count"] < found["usual_low"]
    return np.select([above, below], ["above", "below"], "").astype(object)
