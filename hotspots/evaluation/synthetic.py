"""A control made of several places, weighted so that it went the way of the treated one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.evaluation.dispersion import place_dispersion
from hotspots.evaluation.effect import Effect

#: Fewer months than this before the switch fit anything.
FEWEST_MONTHS: Final = 6
#: Fewer placebos than this say nothing of chance.
FEWEST_PLACEBOS: Final = 5
# Least squares leave crumbs where a weight is truly nought.
_NEGLIGIBLE: Final = 1e-3


@dataclass(frozen=True, eq=False)
class Synthetic:
    """
    A synthetic control and how unusual the treated place is among placebos.

    Attributes
    ----------
    weights : Series
        By donor, largest first; only those that are not negligible.
    series : Series
        The synthetic control by month, of every month given.
    effect : Effect
        Ratio of observed to synthetic, after over before; its interval from the placebos.
    rank, placebos : int
        The treated place has the `rank`-th largest change among itself and the placebos.
    """

    weights: pd.Series
    series: pd.Series
    effect: Effect
    rank: int
    placebos: int


def synthetic_control(
    treated: pd.Series,
    donors: pd.DataFrame,
    *,
    learning: Sequence[str],
    before: Sequence[str],
    after: Sequence[str],
    near: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> Synthetic:
    """
    Weight donors to the treated place's months before, and repeat it for every donor.

    The weights are the non-negative least squares ones. Each donor then plays
    the treated place (a placebo), made of the others: what is found where
    nothing was done is the yardstick. Interval and p-value take the spread of
    the placebos, with a t distribution for how few they are; the rank among
    them assumes nothing, but with 17 of them says at best 1 in 18. Placebos
    share donors, so they are less independent than they are many: as many
    degrees of freedom are taken off as donors have weight.

    Parameters
    ----------
    treated : Series
        Incidents by month.
    donors : DataFrame
        Incidents of untreated places (rows) by month (columns).
    learning : sequence of str
        Months before the switch, at least 6: the fit.
    before, after : sequence of str
        The months compared.
    near : DataFrame of bool, optional
        By donor (rows and columns): which are no donors of each other, because the
        treated place's neighbours are none of its own either. Placebos made
        of their neighbours would fit better than the treated place can.
    confidence : float, default 0.95
        Of the interval.

    Returns
    -------
    Synthetic

    Raises
    ------
    ParameterError
        If there are too few months, or no donor has an incident before.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). Synthetic control methods for
    comparative case studies. Journal of the American Statistical Association 105, 493-505.
    Ferman, B. and Pinto, C. (2021). Synthetic controls with imperfect pretreatment
    fit. Quantitative Economics 12, 1197-1221 (the ratio to the months before).
    """
    if len(learning) < FEWEST_MONTHS:
        raise ParameterError(
            f"{len(learning)} months before the switch are too few to weight donors by: "
            f"give at least {FEWEST_MONTHS}, or choose similar places."
        )
    usable = donors[donors[list(learning)].sum(axis=1) > 0].sort_index()
    if usable.empty:
        raise ParameterError("No other place has an incident before the switch: there is nothing to weight.")
    weights = _weights(treated, usable, learning)
    series = pd.Series(weights @ usable.to_numpy(float), index=usable.columns)
    # Large places vary by more than their Poisson error: a small one's placebo is no yardstick for them.
    sums = (usable[list(months)].sum(axis=1).to_numpy() for months in (before, after))
    windows = _Windows(tuple(learning), tuple(before), tuple(after), place_dispersion(*sums).alpha)
    ratio, error, poisson = _change(treated, usable, weights, windows)
    scores = _placebos(usable, near, windows)
    found = pd.Series(weights, index=usable.index)
    kept = found[found > _NEGLIGIBLE * found.max()].sort_values(ascending=False, kind="stable")
    rank = 1 + int((scores >= abs(ratio) / error).sum())
    effect = _effect(ratio, error, scores, weighted=len(kept), confidence=confidence)
    effect = replace(effect, dispersion=effect.dispersion * (error / poisson) ** 2)
    return Synthetic(kept, series, effect, rank, len(scores))


def smallest_fall_against(
    expected: float, effect: Effect, *, power: float = 0.8, confidence: float = 0.95
) -> float:
    """
    Give the smallest fall that a synthetic control would have shown.

    Parameters
    ----------
    expected : float
        Incidents expected in one period without any effect.
    effect : Effect
        From `synthetic_control`.
    power, confidence : float
        Chance to find it, and 1 less the chance of a false alarm.

    Returns
    -------
    float
        A share; infinite if not even an end of all incidents would be seen, NaN
        where the effect has no interval.
    """
    if np.isnan(effect.dispersion):
        return float("nan")
    from scipy.optimize import brentq
    from scipy.stats import t

    quantiles = t.isf((1 - confidence) / 2, effect.freedom) + t.ppf(power, effect.freedom)
    before = expected + 0.5

    def shortfall(ratio: float) -> float:
        after = ratio * expected + 0.5
        error = np.sqrt(effect.dispersion * (1 / before + 1 / after))
        return float(np.log(before / after) - quantiles * error)

    return 1 - float(brentq(shortfall, 0.0, 1.0)) if shortfall(0.0) > 0 else float("inf")


def _weights(treated: pd.Series, donors: pd.DataFrame, learning: Sequence[str]) -> np.ndarray:
    from scipy.optimize import nnls

    months = list(learning)
    return np.asarray(nnls(donors[months].to_numpy(float).T, treated[months].to_numpy(float))[0])


@dataclass(frozen=True)
class _Windows:
    """The months of the fit and of the comparison, and the dispersion of counts between the latter."""

    learning: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    alpha: float


def _placebos(donors: pd.DataFrame, near: pd.DataFrame | None, windows: _Windows) -> np.ndarray:
    """Let every donor play the treated place: the sizes of their changes over their errors."""
    scores = []
    for code in donors.index:
        others = donors.drop(index=code)
        if near is not None:
            others = others.loc[~near.loc[code, others.index].to_numpy(bool)]
        if others.empty:
            continue
        weights = _weights(donors.loc[code], others, windows.learning)
        ratio, error, _ = _change(donors.loc[code], others, weights, windows)
        scores.append(abs(ratio) / error)
    return np.array(scores, dtype=float)


def _change(
    place: pd.Series, donors: pd.DataFrame, weights: np.ndarray, windows: _Windows
) -> tuple[float, float, float]:
    """Give the logarithm of the ratio, its error, and that of Poisson counts were the control known."""
    ratio, poisson, variance = 0.0, 0.0, 0.0
    for sign, months in ((1.0, windows.after), (-1.0, windows.before)):
        own = float(place[list(months)].sum()) + 0.5
        parts = weights * donors[list(months)].sum(axis=1).to_numpy(float)
        control = float(parts.sum()) + 0.5
        ratio += sign * (np.log(own) - np.log(control))
        poisson += 1 / own
        # What the control itself varies by: a large place's placebo is no surer than its donors.
        variance += windows.alpha + (parts @ (weights + windows.alpha * parts)) / control**2
    return float(ratio), float(np.sqrt(poisson + variance)), float(np.sqrt(poisson))


def _effect(ratio: float, error: float, scores: np.ndarray, *, weighted: int, confidence: float) -> Effect:
    from scipy.stats import t

    placebos = len(scores)
    if placebos < FEWEST_PLACEBOS or not scores.any():
        reason = (
            "the other places do not vary at all, as real counts do"
            if placebos >= FEWEST_PLACEBOS
            else f"only {placebos} other places can play the treated one"
        )
        return Effect(float(np.exp(ratio)), np.nan, np.nan, np.nan, np.nan, placebos, reason)
    freedom = max(placebos - weighted, 1)
    spread = float(np.sqrt((scores**2).mean()))
    reach = float(t.isf((1 - confidence) / 2, freedom)) * spread * error
    return Effect(
        ratio=float(np.exp(ratio)),
        low=float(np.exp(ratio - reach)),
        high=float(np.exp(ratio + reach)),
        p=float(2 * t.sf(abs(ratio) / (spread * error), freedom)),
        dispersion=spread**2,
        freedom=freedom,
    )
