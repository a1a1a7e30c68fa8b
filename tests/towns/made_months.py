"""Monthly counts whose truth is known: rates, over-dispersion, season, drift."""

from __future__ import annotations

import numpy as np
import pandas as pd


def months_from(first: str, number: int) -> list[str]:
    return [str(month) for month in pd.period_range(first, periods=number, freq="M")]


def made_months(
    rng, *, areas, months, mean=15.0, spread=1.0, excess=0.5, own=0.03, city=0.0, drift=0.0, season=0.0
):
    """
    Draw counts of areas (rows) by month (columns): negative binomial around rates that are log-normal.

    The season is a wave with its peak early in the year; the days of a month count.
    """
    days = np.array([pd.Period(month).days_in_month for month in months]) / 30.4375
    time = np.array([int(month[5:]) for month in months])
    rate = mean * rng.lognormal(0, spread, areas)[:, None]
    rate = rate * np.exp(np.cumsum(rng.normal(0, np.sqrt(drift), (areas, len(months))), axis=1))
    rate = rate * np.exp(rng.normal(0, np.sqrt(city), len(months)) + season * np.sin(2 * np.pi * time / 12))
    usual = rate * days
    over = excess + own * usual
    drawn = rng.gamma(usual / over, over) if excess + own > 0 else usual
    codes = [f"E{number:08d}" for number in range(areas)]
    return pd.DataFrame(rng.poisson(drawn), index=codes, columns=list(months)).astype(float)
