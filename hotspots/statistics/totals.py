"""A model of counts for areas of which the totals are known, but not every month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots.statistics._season import Season, month_sizes
from hotspots.statistics._variation import Variation
from hotspots.statistics.predictive import CountModel, fit_counts, shrunk_means

#: Dispersion of a month, drift of a month over the mean, and differences that they count as learnt from,
#: where nothing tells: no district of Derbyshire showed more in 2025 (dispersion 1.4 to 2.0 of all
#: incidents, 1.0 to 2.5 of anti-social behaviour; drift 0 to 0.44).
_NOTHING_KNOWN: Final = (2.5, 0.45, 20.0)


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
        With none, or of one month, they are taken to vary as much as any were seen to.

    Returns
    -------
    CountModel
        Whose months share each total by their size. What it says of single months of these
        areas rests on that, and means nothing; of a whole period it holds.
    """
    over, drift, law = _nothing_known() if beside is None or beside.shape[1] < 2 else _larger(beside)
    time = tuple(sorted(months))
    season = Season(np.ones(12), 0.0, 0.0, 0.0, 0)
    size = month_sizes(list(time), time, season)
    count, none = total.to_numpy(float), np.zeros(len(total))
    # A busy area varies the more by the law of those beside it; none by less than they on average.
    each = np.maximum(1 + law.excess + law.own * count / size.sum(), over) / over
    plain = Variation(over - 1, 0.0, 0.0, 0.0, 0.0, each, none, 0.0, 0.0)
    mean, shape, centre = shrunk_means(count, size.sum(), plain, alike.to_numpy(float))
    # Variances relative to the squared mean: without an excess they are the factor times own and drift.
    mean = np.maximum(mean, 1e-9)
    factor = each / mean
    variation = Variation(-1.0, over, drift, 0.0, 0.0, factor, none, law.freedom, law.shared_freedom)
    shares = count[:, None] * (size / size.sum())
    return CountModel(total.index, time, shares, size, season, mean, shape, centre, variation)


def _larger(beside: pd.DataFrame) -> tuple[float, float, Variation]:
    """Give the mean dispersion of areas, busy ones counting most, their drift over it, and their law."""
    known = fit_counts(beside)
    busy = known.mean / max(known.mean.sum(), 1e-9)
    part = known.variation
    over = float(known.dispersion(shared=False) @ busy)
    return max(over, 1.0), part.own_drift * float((part.factor * known.mean) @ busy), part


def _nothing_known() -> tuple[float, float, Variation]:
    over, drift, freedom = _NOTHING_KNOWN
    none = np.zeros(0)
    return over, drift, Variation(over - 1, 0.0, 0.0, 0.0, 0.0, none, none, freedom, freedom)
