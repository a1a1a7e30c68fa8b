"""The report card as an audience may see it: of the whole city, in whole percent, from many incidents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.audiences import Policy

#: Incidents of a theme, as released, below which its grades are for internal use.
FEWEST_INCIDENTS = 100


def release_grades(
    card: pd.DataFrame | None, totals: Mapping[str, int | None], policy: Policy
) -> pd.DataFrame:
    """
    Give the report card of a run.

    Parameters
    ----------
    card : DataFrame or None
        From `findings.grades`.
    totals : mapping of str to int or None
        The city's released total by theme.
    policy : Policy
        Outside internal use shares are whole percent, and there is neither a number nor a score.

    Returns
    -------
    DataFrame
        The columns of "report_card".
    """
    names = list(schema.columns("report_card"))
    if card is None or card.empty:
        return pd.DataFrame({name: pd.Series(dtype=schema.dtypes("report_card")[name]) for name in names})
    if policy.exact:
        return card
    enough = card["theme"].map(lambda slug: (totals.get(slug) or 0) >= FEWEST_INCIDENTS).astype(bool)
    kept = card[enough & card["level"].ne(schema.LSOA)].reset_index(drop=True)
    percent = {name: np.floor(100 * kept[name].astype(float) + 0.5) / 100 for name in ("said", "found")}
    return kept.assign(**percent, n=np.nan, score=np.nan)
