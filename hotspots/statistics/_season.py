"""The city's season and trend, and how large each month is by days, season and trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hotspots.months import days_in, month_number

#: Two years show a season twice; from one, season and drift look alike.
FEWEST_FOR_SEASON: Final = 24
_FEWEST_FREEDOM: Final = 6


@dataclass(frozen=True, eq=False)
class Season:
    """
    How the city's months differ.

    Attributes
    ----------
    factor : ndarray of shape (12,)
        How busy each calendar month is beside the mean one; 1 with fewer than 24 months.
    trend : float
        Change of the city's logarithm a month; 0 with fewer than 24 months.
    factor_error, trend_error : float
        Their standard errors, on the logarithm; 0 where nothing was fitted.
    figures : int
        How many figures were fitted beside the levels.
    """

    factor: np.ndarray
    trend: float
    factor_error: float
    trend_error: float
    figures: int


def city_season(city: np.ndarray, months: Sequence[str], *, blocks: Sequence[int] | None = None) -> Season:
    """
    Fit the city's season, and its trend, on the logarithm.

    The season is drawn towards none by as much as chance alone would scatter
    it (James and Stein 1961), the trend by how unsure it is.

    Parameters
    ----------
    city : ndarray of shape (n_months,)
        Incidents of all areas.
    months : sequence of str
        YYYY-MM, in order.
    blocks : sequence of int, optional
        Months of different blocks may differ in level: a step between two periods is
        neither season nor trend. No trend is fitted then.

    Returns
    -------
    Season
        None with fewer than 24 months, or a month without any incident.
    """
    time = month_numbers(months)
    none = Season(np.ones(12), 0.0, 0.0, 0.0, 0)
    calendar = time % 12
    if len(months) < FEWEST_FOR_SEASON or len(np.unique(calendar)) < 12 or city.min() <= 0:
        return none
    levels = [np.asarray(blocks) == block for block in np.unique(blocks)[1:]] if blocks is not None else []
    slope = [] if levels else [(time - time.mean()) / 12]
    design = np.column_stack([np.eye(12)[calendar], *levels, *slope]).astype(float)
    freedom = len(city) - design.shape[1]
    if freedom < _FEWEST_FREEDOM or np.linalg.matrix_rank(design) < design.shape[1]:
        return none
    weight = np.sqrt(city / city.mean())[:, None]
    log = np.log(city / month_days(months))
    inverse = np.linalg.inv((design * weight).T @ (design * weight))
    solved = inverse @ (design * weight).T @ (log * weight[:, 0])
    left = (log - design @ solved) * weight[:, 0]
    errors = np.sqrt(float(left @ left) / freedom * np.diag(inverse))
    season = solved[:12] - solved[:12].mean()
    scatter = float(errors[:12].mean() ** 2)
    kept = max(0.0, 1 - scatter * 9 / max(float(season @ season), 1e-300))
    trend, trend_error = (solved[-1] / 12, errors[-1] / 12) if slope else (0.0, 0.0)
    trend *= trend**2 / max(trend**2 + trend_error**2, 1e-300)
    return Season(
        np.exp(kept * season), float(trend), float(np.sqrt(scatter)), float(trend_error), 11 + len(slope)
    )


def month_sizes(months: Sequence[str], learnt: Sequence[str], season: Season) -> np.ndarray:
    """Give days, season and trend of months; 1 for the mean month learnt from."""
    time, reference = month_numbers(months), month_numbers(learnt)
    middle = reference.mean() if len(reference) else 0.0

    def raw(which: Sequence[str], number: np.ndarray) -> np.ndarray:
        return month_days(which) * season.factor[number % 12] * np.exp(season.trend * (number - middle))

    scale = raw(learnt, reference).mean() if len(reference) else 1.0
    return np.asarray(raw(months, time) / scale)


def month_numbers(months: Sequence[str]) -> np.ndarray:
    """Number months through, shape (n_months,)."""
    return np.array([month_number(month) for month in months], dtype=int)


def month_days(months: Sequence[str]) -> np.ndarray:
    """Give the days of each month, shape (n_months,)."""
    return np.array([days_in((month,)) for month in months], dtype=float)
