"""The city's season and trend, and how large each month is by days, season and trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hotspots.months import days_in, month_number

#: Two years show a season twice; from one, season and drift look alike.
FEWEST_FOR_SEASON: Final = 24
#: Eleven of the season and the slope of the trend, beside the level.
SEASON_FIGURES: Final = 12


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
    """

    factor: np.ndarray
    trend: float
    factor_error: float
    trend_error: float


def city_season(city: np.ndarray, months: tuple[str, ...], time: np.ndarray) -> Season:
    """Fit the city's season and trend on the logarithm; none with fewer than 24 months or few incidents."""
    none = Season(np.ones(12), 0.0, 0.0, 0.0)
    calendar = time % 12
    if len(months) < FEWEST_FOR_SEASON or len(np.unique(calendar)) < 12 or city.min() <= 0:
        return none
    log = np.log(city / month_days(months))
    weight = np.sqrt(city / city.mean())
    design = np.column_stack([np.eye(12)[calendar], (time - time.mean()) / 12])
    solved, *_ = np.linalg.lstsq(design * weight[:, None], log * weight, rcond=None)
    freedom = len(city) - 13
    left = (log - design @ solved) * weight
    variance = float(left @ left) / freedom
    errors = np.sqrt(
        variance * np.diag(np.linalg.inv((design * weight[:, None]).T @ (design * weight[:, None])))
    )
    season = solved[:12] - solved[:12].mean()
    # Drawn towards none by as much as chance alone would scatter them (James and Stein).
    scatter = float(errors[:12].mean() ** 2)
    kept = max(0.0, 1 - scatter * 9 / max(float(season @ season), 1e-300))
    slope, slope_error = solved[12] / 12, errors[12] / 12
    slope *= slope**2 / (slope**2 + slope_error**2)
    return Season(np.exp(kept * season), float(slope), float(np.sqrt(scatter)), float(slope_error))


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
