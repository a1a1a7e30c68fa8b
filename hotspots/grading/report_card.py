"""
How well statements such as those of this run have held here.

The months read are parted in two. From the earlier half the run says what it
says from all of them; the later half shows what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.clusters.confidence import cluster_confidence, found_again
from hotspots.clusters.cutting import LONGEST
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.parameters import choose_parameters
from hotspots.months import Periods, comparable_periods, halves, unbroken
from hotspots.schema import columns
from hotspots.statistics.change import change_between
from hotspots.statistics.forecasts import Forecast, forecast_counts
from hotspots.statistics.predictive import fit_counts
from hotspots.statistics.rates import rank_chances
from hotspots.statistics.seasons import AHEAD, FEWEST_TO_FORECAST, model_to_forecast

#: Whole months in an unbroken run below which nothing is graded: six to speak from, six to judge by.
FEWEST_MONTHS: Final = 12
#: Incidents of a theme in the half that judges, below which its statements are not graded.
FEWEST_INCIDENTS: Final = 100
_DRAWS: Final = 1000


def graded_halves(months: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Part the latest unbroken run of months into the half that speaks and the half that judges."""
    runs = unbroken(months)
    if not runs or len(runs[-1]) < FEWEST_MONTHS:
        return None
    earlier, later = halves(runs[-1])
    return tuple(earlier), tuple(later)


def grade_hotspots(
    places: gpd.GeoDataFrame,
    earlier: np.ndarray,
    later: np.ndarray,
    *,
    theme: str,
    months: Sequence[str] | None = None,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """
    Say what share of the hot spots of the earlier months the later ones show again.

    Parameters
    ----------
    places : GeoDataFrame
        All known places, in EPSG:27700.
    earlier, later : ndarray of int, shape (n_places, n_months)
        The theme's incidents at each place in each month.
    theme : str
    months : sequence of str, optional
        Names of the earlier months, YYYY-MM.
    draws, seed : int
        As for `cluster_confidence`.

    Returns
    -------
    DataFrame
        The columns of "report_card"; no row without a hot spot. said is the mean confidence,
        score the Brier score.
    """
    weights, then = earlier.sum(axis=1), later.sum(axis=1)
    chosen = choose_parameters(places, weights=weights)
    if chosen.eps is None or chosen.min_samples is None or not then.any():
        return _no_rows()
    same: dict[str, Any] = {"eps": chosen.eps, "min_places": chosen.min_places, "longest": LONGEST}
    labels = hotspot_dbscan(places, weights=weights, min_samples=chosen.min_samples, **same)
    if labels.max(initial=-1) < 0:
        return _no_rows()
    said = cluster_confidence(
        places,
        labels,
        weights=weights,
        monthly=earlier,
        months=months,
        min_samples=chosen.min_samples,
        draws=draws,
        seed=seed,
        **same,
    )["confidence"].to_numpy()
    fewest = max(chosen.min_samples * then.sum() / weights.sum(), np.finfo(float).tiny)
    found = found_again(
        labels, hotspot_dbscan(places, weights=then, min_samples=fewest, **same), weights.astype(float)
    )
    return _row("hot spots", theme, "", said=said, found=found, score=True)


def grade_areas(
    monthly: pd.DataFrame,
    periods: tuple[Sequence[str], Sequence[str]],
    *,
    exposure: pd.Series,
    theme: str,
    level: str,
    top: int,
    seed: int,
) -> pd.DataFrame:
    """
    Grade what the earlier months say of areas: ranges, usual months, changes, ranks.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns, YYYY-MM).
    periods : pair of sequences of str
        From `graded_halves`.
    exposure : Series
        Residents by area code, for ranks.
    theme, level : str
    top : int
        How many areas are named.
    seed : int

    Returns
    -------
    DataFrame
        The columns of "report_card".
    """
    earlier, later = (list(part) for part in periods)
    size = exposure.reindex(monthly.index).astype(float)
    alike = size.where(size > 0, size[size > 0].mean()).fillna(1.0)
    model = fit_counts(monthly[earlier], alike=alike)
    whole = forecast_counts(model, months=later)
    truth = monthly[later].sum(axis=1).to_numpy(float)
    inside = _inside(whole, truth)
    outside = [
        ~_inside(forecast_counts(model, months=[month]), monthly[month].to_numpy(), confidence=1 - 0.0027)
        for month in later
    ]
    rows = [
        _row("ranges", theme, level, said=np.full(len(truth), 0.95), found=inside),
        _row(
            "months",
            theme,
            level,
            said=np.full(truth.size * len(later), 0.0027),
            found=np.concatenate(outside),
        ),
        _changes(monthly, earlier, later, theme=theme, level=level),
    ]
    if (size > 0).sum() > top:
        compared = forecast_counts(model, months=later, shared=False)
        rows.append(_ranks(compared, truth, alike, theme=theme, level=level, top=top, seed=seed))
    return pd.concat([row for row in rows if len(row)], ignore_index=True)


def grade_forecasts(monthly: pd.DataFrame, *, theme: str, level: str) -> pd.DataFrame:
    """
    Say how often the ranges of the next three months held what came.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code and month, unbroken. Every three months, back from the
        last, are forecast from all before them, while there are enough of these.
    theme, level : str

    Returns
    -------
    DataFrame
        The columns of "report_card".
    """
    months = sorted(monthly.columns)
    rows = monthly.sort_index()
    held = []
    for end in range(len(months), FEWEST_TO_FORECAST + AHEAD - 1, -AHEAD):
        model, _ = model_to_forecast(rows[months[: end - AHEAD]])
        held += [
            _inside(forecast_counts(model, months=[month]), rows[month].to_numpy())
            for month in months[end - AHEAD : end]
        ]
    found = np.concatenate(held) if held else np.empty(0, dtype=bool)
    return (
        _row("forecasts", theme, level, said=np.full(len(found), 0.95), found=found) if held else _no_rows()
    )


def _inside(usual: Forecast, seen: np.ndarray, *, confidence: float = 0.95) -> np.ndarray:
    low, high = usual.limits(confidence=confidence)
    return np.asarray((low <= seen) & (seen <= high))


def _changes(
    monthly: pd.DataFrame, earlier: Sequence[str], later: Sequence[str], *, theme: str, level: str
) -> pd.DataFrame:
    """Take the changes that stood at the end of the earlier half, and look whether they still stand."""
    periods = comparable_periods(earlier)
    if not periods.after:
        return _no_rows()
    found = change_between(monthly[list(earlier)], periods)
    stood = (found["q"] < 0.05).to_numpy()
    if not stood.any():
        return _no_rows()
    now = change_between(monthly, Periods(periods.before, tuple(later[: len(periods.after)]), ""))
    still = np.sign(now["change"] - 1) == np.sign(found["change"] - 1)
    return _row("changes", theme, level, said=np.full(stood.sum(), np.nan), found=still.to_numpy()[stood])


def _ranks(
    compared: Forecast,
    truth: np.ndarray,
    exposure: pd.Series,
    *,
    theme: str,
    level: str,
    top: int,
    seed: int,
) -> pd.DataFrame:
    size = exposure.to_numpy(float)
    chance = rank_chances(compared.draw(_DRAWS, seed=seed) / size)[:, :top].sum(axis=1)
    there = np.zeros(len(truth), dtype=bool)
    there[np.argsort(-truth / size, kind="stable")[:top]] = True
    named = np.argsort(-chance, kind="stable")[:top]
    row = _row("ranks", theme, level, said=chance[named], found=there[named])
    return row.assign(score=float(np.mean((chance - there) ** 2)))


def _row(
    kind: str, theme: str, level: str, *, said: np.ndarray, found: np.ndarray, score: bool = False
) -> pd.DataFrame:
    brier = float(np.mean((said - found) ** 2)) if score else np.nan
    one = {
        "kind": kind,
        "theme": theme,
        "level": level,
        "said": float(np.mean(said)),
        "found": float(np.mean(found)),
        "n": len(found),
        "score": brier,
    }
    return pd.DataFrame({name: [one[name]] for name in columns("report_card")})


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns("report_card")))
