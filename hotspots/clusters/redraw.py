"""
What a later period may bring to each place, drawn from what the period read has brought.

A place that had five incidents will not have five again. Three things come
between: chance in the counts, the place's unknown rate (a place with five among
many with none is likelier one of luck than of rate), and that rates drift. All
three are those of the one model of counts (`statistics.predictive`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from hotspots.months import month_text, months_between, shift_month
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.predictive import fit_counts, mean_nearby

#: Times eps within which places are taken to be alike; see `benchmarks.claims`.
ALIKE_WITHIN: Final = 2.0
# For whom no months are named: from July on months and those after them are about as long.
_FIRST_MONTH: Final = 12 * 2001 + 6


def draw_later(
    xy: np.ndarray,
    total: np.ndarray,
    monthly: np.ndarray | None,
    *,
    months: Sequence[str] | None = None,
    eps: float,
    draws: int,
    seed: int,
) -> np.ndarray:
    """
    Draw the incidents at each place in a later period of the same length.

    Parameters
    ----------
    xy : ndarray of shape (n_places, 2)
        Metres.
    total : ndarray of shape (n_places,)
        Incidents at each known place, also those with none.
    monthly : ndarray of shape (n_places, n_months), optional
        The same by month: tells how counts vary and rates drift. Without it they are
        taken to vary by chance alone, and not to drift.
    months : sequence of str, optional
        Their names, YYYY-MM, in order; by default they are taken to follow one another.
    eps : float
        Reach of the clusters, in metres: a place is drawn towards those within twice of it.
    draws : int
        How many later periods.
    seed : int
        Of the draws.

    Returns
    -------
    ndarray of int, shape (draws, n_places)

    References
    ----------
    Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., sections 2.6 and 7.1 (predictive
    distributions). CRC Press.
    Efron, B. and Morris, C. (1973). Stein's estimation rule and its competitors: an empirical Bayes
    approach. Journal of the American Statistical Association 68, 117-130.
    """
    counts = np.asarray(total[:, None] if monthly is None else monthly, dtype=float)
    if months is None:
        months = [month_text(_FIRST_MONTH + at) for at in range(counts.shape[1])]
    model = fit_counts(
        pd.DataFrame(counts, columns=list(months)), alike=mean_nearby(xy, total, radius=ALIKE_WITHIN * eps)
    )
    later = months_between(shift_month(months[-1], 1), shift_month(months[-1], len(months)))
    # What the whole city shares moves the threshold of a cluster along, and so no cluster.
    usual = forecast_counts(model, months=later, shared=False)
    if monthly is None:
        # Taken to vary by chance alone, not learnt from too little.
        usual = replace(usual, freedom=np.full(len(total), np.inf))
    return usual.draw(draws, seed=seed)
