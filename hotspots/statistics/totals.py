"""A model of counts for areas of which the totals are known, but not every month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from hotspots.statistics._season import Season, month_sizes
from hotspots.statistics._variation import Variation
from hotspots.statistics.predictive import CountModel, fit_counts, shrunk_means

#: Areas whose months are known from which on they tell how much others vary.
FEWEST_BESIDE: Final = 6
#: Excess, own part and drift of months (`_variation.Variation`), and the differences that they count as
#: learnt from, where nothing tells: a little above the middle of what Derby's tables and those of the
#: other districts of Derbyshire showed in 2025 (0.2, 0.011, 0.0017).
_NOTHING_KNOWN: Final = Variation(
    0.3, 0.012, 0.002, 0.0, 0.0, np.zeros(0), np.zeros(0), freedom=20.0, shared_freedom=20.0
)
#: Relative variance by which rates drift in a month: no theme of LSOAs or districts showed more.
_MOST_DRIFT: Final = 0.02


def model_totals(
    total: pd.Series, *, alike: pd.Series, months: Sequence[str], beside: pd.DataFrame | None = None
) -> CountModel:
    """
    Model counts by how much larger ones vary, whose months are known.

    Outside internal use no months of LSOAs are shown, and not every one of a ward.
    Counts that vary by themselves have together the dispersion that each has on
    average, for the variance of a sum is the sum of the variances, and counts that
    move together have more. So the LSOAs of a ward, and the themes of all incidents,
    vary on average by no more than the whole does, and drift by no more.

    Parameters
    ----------
    total : Series
        Incidents of the period by code.
    alike : Series
        By code, in what proportion they would have incidents if they did not differ, as
        for `predictive.fit_counts`.
    months : sequence of str
        The period, YYYY-MM.
    beside : DataFrame, optional
        Incidents of larger areas, or of all incidents, by code and month: each is known.
        With none, or of one month, they are taken to vary as others were seen to.

    Returns
    -------
    CountModel
        Whose months share each total by their size. What it says of single months of these
        areas rests on that, and means nothing; of a whole period it holds.
    """
    time = tuple(sorted(months))
    season = Season(np.ones(12), 0.0, 0.0, 0.0, 0)
    size = month_sizes(list(time), time, season)
    count, none = total.to_numpy(float), np.zeros(len(total))
    law, over, drift = _NOTHING_KNOWN, 1.0, _NOTHING_KNOWN.own_drift
    if beside is not None and beside.shape[1] > 1:
        law, over, moved = _larger(beside)
        typical = (count**2).sum() / max(count.sum(), 1e-9) / size.sum()
        drift = min(max(moved / max(typical, 1e-9), law.own_drift), _MOST_DRIFT)
    # A busy area varies the more by the law of those beside it; none by less than they on average.
    each = np.maximum(1 + law.excess + law.own * count / size.sum(), over)
    variation = Variation(0.0, 0.0, drift, 0.0, 0.0, each, none, law.freedom, law.shared_freedom)
    mean, shape, centre = shrunk_means(count, size.sum(), variation, alike.to_numpy(float))
    variation = replace(variation, own_drift=drift / float(each.mean()))
    shares = count[:, None] * (size / size.sum())
    return CountModel(total.index, time, shares, size, season, mean, shape, centre, variation)


def _larger(beside: pd.DataFrame) -> tuple[Variation, float, float]:
    """Give the law of areas, their mean dispersion (busy ones count most) and how much that drifts."""
    known = fit_counts(beside)
    busy = known.mean / max(known.mean.sum(), 1e-9)
    part = known.variation
    over = float(known.dispersion(shared=False) @ busy)
    return part, over, part.own_drift * float((part.factor * known.mean) @ busy)
