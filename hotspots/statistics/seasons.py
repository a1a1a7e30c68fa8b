"""
Seasons and the months to come: both need two years, and both are estimates.

No real run of more than twelve months was at hand when this was made: season
and forecasts are tested on simulated months whose truth is known, and no real
data have tested them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.months import months_between, shift_month, unbroken
from hotspots.statistics._season import FEWEST_FOR_SEASON, month_days
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.predictive import CountModel, fit_counts

#: Months that are forecast, and the fewest that a forecast is made from.
AHEAD: Final = 3
FEWEST_TO_FORECAST: Final = 6
FORECAST_COLUMNS: Final = ("theme", "level", "code", "month", "expected", "low", "high", "reason")


def seasonal_adjustment(monthly: pd.DataFrame) -> pd.DataFrame:
    """
    Take the season of the whole city out of every area's months.

    The season is that of all areas together (STL on the logarithm, robust,
    days of the month taken out first): an area alone has too few incidents to
    show one. An area whose season differs from the city's keeps the difference.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns, YYYY-MM), unbroken.

    Returns
    -------
    DataFrame
        One row per area and month, in order: code, month, count, season (1: a month as
        any other), adjusted (count over season), trend (the city's, in incidents a month
        of 30.4 days), reason. With fewer than 24 months without a gap, or a month
        without any incident, season, adjusted and trend are NaN and the reason says why.

    References
    ----------
    Cleveland, R. B., Cleveland, W. S., McRae, J. E. and Terpenning, I. (1990). STL: a
    seasonal-trend decomposition procedure based on loess. Journal of Official
    Statistics 6(1), 3-73.
    """
    months = sorted(monthly.columns)
    count = monthly[months].to_numpy(float)
    found = pd.DataFrame(
        {
            "code": np.repeat(monthly.index.to_numpy(), len(months)),
            "month": np.tile(np.asarray(months, dtype=object), len(monthly)),
            "count": count.ravel(),
        }
    )
    reason = _no_season(months, count.sum(axis=0))
    if reason:
        return found.assign(season=np.nan, adjusted=np.nan, trend=np.nan, reason=reason)
    from statsmodels.tsa.seasonal import STL

    days = month_days(months) / _MEAN_DAYS
    # Thirteen: with two or three years the season is taken to stay nearly the same.
    parts = STL(np.log(count.sum(axis=0) / days), period=12, seasonal=13, robust=True).fit()
    season = np.exp(parts.seasonal - parts.seasonal.mean()) * days
    rows = len(monthly)
    return found.assign(
        season=np.tile(season, rows),
        adjusted=(count / season).ravel(),
        trend=np.tile(np.exp(parts.trend + parts.seasonal.mean()), rows),
        reason="",
    )


def forecast_months(
    tables: Mapping[tuple[str, str], pd.DataFrame], *, ahead: int = AHEAD, confidence: float = 0.95
) -> pd.DataFrame:
    """
    Expect the next months of every theme and area, each with its interval.

    With fewer than 24 months the season is not known. The interval then allows
    for the next months to differ from those read by as much as those differ
    among themselves, and the reason says so; it may still be too narrow.

    Parameters
    ----------
    tables : mapping of (level, theme) to DataFrame
        Incidents by area code and month, unbroken up to the last.
    ahead : int, default 3
    confidence : float, default 0.95
        Of each interval by itself.

    Returns
    -------
    DataFrame
        The columns of `FORECAST_COLUMNS`: a row for every month to come, and one with
        month "" for all of them together. With fewer than 6 months there is no forecast.

    Raises
    ------
    ParameterError
        If `ahead` is not 1 to 12, or `confidence` not between 0 and 1.
    """
    if not 1 <= ahead <= 12:
        raise ParameterError(f"A forecast of {ahead} months is asked for: give 1 to 12.")
    parts = [pd.DataFrame(columns=list(FORECAST_COLUMNS))] * (not tables)
    for (level, theme), monthly in sorted(tables.items()):
        parts.append(_next_months(monthly.sort_index(), ahead, confidence).assign(level=level, theme=theme))
    return pd.concat(parts, ignore_index=True)[list(FORECAST_COLUMNS)]


_MEAN_DAYS: Final = 365.25 / 12


def _no_season(months: list[str], city: np.ndarray) -> str:
    """Say why no season can be told, or nothing."""
    if len(months) < FEWEST_FOR_SEASON:
        return f"too few months to tell a season ({len(months)}; {FEWEST_FOR_SEASON} needed)"
    if len(unbroken(months)) > 1:
        return "a month is missing: a season needs months without a gap"
    return "" if city.min() > 0 else "a month without any incident: too few to tell a season"


def _next_months(monthly: pd.DataFrame, ahead: int, confidence: float) -> pd.DataFrame:
    months = sorted(monthly.columns)
    if len(months) < FEWEST_TO_FORECAST:
        blank = pd.DataFrame({"code": monthly.index, "month": ""})
        reason = f"too few months ({len(months)}; {FEWEST_TO_FORECAST} needed)"
        return blank.assign(expected=np.nan, low=np.nan, high=np.nan, reason=reason)
    later = months_between(shift_month(months[-1], 1), shift_month(months[-1], ahead))
    model, reason = model_to_forecast(monthly)
    parts = []
    for which in ([month] for month in later):
        parts.append(forecast_counts(model, months=which).range(confidence=confidence).assign(month=which[0]))
    parts.append(forecast_counts(model, months=later).range(confidence=confidence).assign(month=""))
    return pd.concat(parts).rename_axis("code").reset_index().assign(reason=reason)


def model_to_forecast(monthly: pd.DataFrame) -> tuple[CountModel, str]:
    """
    Give the model behind `forecast_months`, and why it knows no season, or "".

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code and month, sorted by code, unbroken up to the last month.
    """
    model = fit_counts(monthly)
    reason = _no_season(sorted(monthly.columns), monthly.to_numpy(float).sum(axis=0))
    if reason:
        # Any of the months read may have been the season's work, and the next ones the opposite.
        season = dataclasses.replace(model.season, factor_error=_spread(model))
        model = dataclasses.replace(model, season=season)
    return model, reason


def _spread(model: CountModel) -> float:
    """Say how far apart the city's months lie, beyond chance: a relative standard deviation."""
    city = model.count.sum(axis=0)
    usual = city.sum() * model.size / model.size.sum()
    if not city.any():
        return 0.0
    over = float((model.dispersion(shared=False) * model.mean).sum() / max(model.mean.sum(), 1e-300))
    return float(np.sqrt(max(0.0, np.var(city / usual, ddof=1) - over * np.mean(1 / usual))))
