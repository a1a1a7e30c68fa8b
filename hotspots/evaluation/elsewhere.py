"""Other authorities by month: what a whole city can be compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from hotspots.places import check_classified


def monthly_elsewhere(
    authorities: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]], *, months: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """
    Count the incidents of other authorities by theme and month, for `evaluate(elsewhere=...)`.

    A month that an authority's file does not hold counts as 0, which would look
    like a fall to nothing: an authority without incidents in any of the months
    is left out of all themes.

    Parameters
    ----------
    authorities : mapping of str to (DataFrame, DataFrame)
        By name: incidents with `month`, and their membership, one column of bool per theme.
    months : sequence of str
        The months read of the city, YYYY-MM.

    Returns
    -------
    dict of str to DataFrame
        By theme: authorities (rows, sorted) by month (columns).

    Raises
    ------
    ParameterError
        If an authority's two frames do not have the same rows.
    """
    columns = sorted(set(months))
    found: dict[str, dict[str, pd.Series]] = {}
    for name, (incidents, membership) in sorted(authorities.items()):
        check_classified(incidents, membership, use="counted", whose=name)
        month = incidents["month"].astype(object)
        if not set(columns) <= set(month):
            continue
        for theme in membership.columns:
            counts = month[membership[theme].to_numpy(bool)].value_counts()
            found.setdefault(str(theme), {})[name] = counts.reindex(columns, fill_value=0)
    return {theme: pd.DataFrame(rows).T for theme, rows in found.items()}
