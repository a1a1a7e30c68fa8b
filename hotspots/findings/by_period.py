"""
Which wards are alike, and how each period compares with an earlier one beside the city and beside these.

Works on counts as they are published, so that it tells nothing that they do not: a
ward of which a month is withheld takes no part in a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.geography.deprivation import deprivation_scores
from hotspots.months import Periods
from hotspots.statistics.counts import Counts
from hotspots.statistics.periods import compare_periods, comparison_text, usual_comparisons
from hotspots.statistics.similar import similar_wards, ward_figures

#: Wards set beside each ward.
SIMILAR: Final = 3


def find_similar(wards: pd.DataFrame) -> pd.DataFrame:
    """
    Find for every ward those most like it by who lives there.

    Parameters
    ----------
    wards : DataFrame
        As `Areas.wards`.

    Returns
    -------
    DataFrame
        The columns of "similar"; no rows where no figures of the wards ship.
    """
    figures = ward_figures(wards, deprivation_scores(wards))
    found = similar_wards(figures, names=wards["name"], number=SIMILAR)
    return found[list(schema.columns("similar"))].astype(schema.dtypes("similar")).reset_index(drop=True)


def compare_wards(counts: Counts, *, months: Sequence[str], similar: pd.DataFrame) -> pd.DataFrame:
    """
    Compare the last year and the last quarter with a year before, ward by ward and theme by theme.

    Parameters
    ----------
    counts : Counts
        As published; NaN where withheld.
    months : sequence of str
        The months read in full.
    similar : DataFrame
        From `find_similar`.

    Returns
    -------
    DataFrame
        The columns of "comparisons"; no rows with fewer than 15 months. The city's change
        is missing where a ward's count is.
    """
    wards = counts.level(schema.WARD)
    names = wards.areas.set_index("code")["name"]
    parts = []
    for periods in usual_comparisons(months):
        for theme in sorted(wards.groups):
            monthly = wards.monthly(theme)[sorted(months)].astype(float)
            whole = monthly[monthly.notna().all(axis=1)].sort_index()
            if len(whole):
                parts.append(_compared(whole, periods, theme, similar, complete=len(whole) == len(monthly)))
    if not parts:
        return pd.DataFrame(columns=list(schema.columns("comparisons"))).astype(schema.dtypes("comparisons"))
    found = pd.concat(parts, ignore_index=True)
    found = found.assign(name=found["code"].map(names).astype(object))
    order = found.sort_values(["comparison", "theme", "code"], kind="stable", ignore_index=True)
    return order[list(schema.columns("comparisons"))]


def _compared(
    whole: pd.DataFrame, periods: Periods, theme: str, similar: pd.DataFrame, *, complete: bool
) -> pd.DataFrame:
    # Of three wards taken together none may be missing.
    known = similar["similar_code"].isin(whole.index).groupby(similar["code"]).transform("all")
    found = compare_periods({(schema.WARD, theme): whole}, [periods], similar=similar[known])
    changed = found if complete else found.assign(city_change=np.nan)
    return changed.assign(comparison=comparison_text(periods), theme=theme)
