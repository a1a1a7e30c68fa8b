"""Before it starts: the smallest fall that could be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.evaluation.controls import similar_places
from hotspots.evaluation.dispersion import Dispersion, place_dispersion

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Columns of a plan.
PLAN_COLUMNS: Final = (
    "place",
    "months",
    "expected",
    "control_places",
    "control_expected",
    "alpha",
    "smallest_fall",
    "note",
)


def smallest_fall(
    expected: ArrayLike,
    control: ArrayLike,
    *,
    dispersion: Dispersion,
    power: float = 0.8,
    confidence: float = 0.95,
) -> float:
    """
    Give the smallest fall that an evaluation of this size would find.

    The score statistic that `effect.rate_ratio` would have at the counts that a
    fall leads to must pass the critical value by as many of its standard
    deviations as the power asks for; solved for the fall. The variance is
    negative binomial, the quantiles are those of a t distribution.

    Parameters
    ----------
    expected, control : array of float
        Incidents expected in one period without any effect, at each treated
        and each control place.
    dispersion : Dispersion
        From `place_dispersion` of two periods of that length.
    power, confidence : float
        Chance to find it, and 1 less the chance of a false alarm.

    Returns
    -------
    float
        0.3 is a fall of 30 %. Infinite if not even an end of all incidents would
        be seen; NaN if too few places tell how much incidents vary.

    Raises
    ------
    ParameterError
        If `power` or `confidence` is not between 0 and 1, or a count is negative.

    References
    ----------
    Self, S. G. and Mauritsen, R. H. (1988). Power/sample size calculations for
    generalized linear models. Biometrics 44, 79-86 (the score statistic).
    """
    for name, value in (("power", power), ("confidence", confidence)):
        if not 0 < value < 1:
            raise ParameterError(f"The {name} is {value}: give a figure between 0 and 1, such as 0.8.")
    place, others = np.asarray(expected, dtype=float), np.asarray(control, dtype=float)
    if (place < 0).any() or (others < 0).any():
        raise ParameterError("Expected incidents must be 0 or more.")
    others = others[others > 0]
    if not dispersion.known or not place.sum() or not len(others):
        return float("nan")
    from scipy.optimize import brentq
    from scipy.stats import t

    found, missed = t.isf((1 - confidence) / 2, dispersion.freedom), t.ppf(power, dispersion.freedom)
    before = float(place.sum())
    own = dispersion.alpha * float((place**2).sum()) / before**2
    growth = 1 / float((1 / (2 / others + 2 * dispersion.alpha)).sum())

    def shortfall(ratio: float) -> float:
        score, spread = _score_of(before, ratio * before, own, growth)
        return score - found - missed * spread

    if shortfall(0.0) <= 0:
        return float("inf")
    return 1 - float(brentq(shortfall, 0.0, 1.0, xtol=1e-9))


def plan(
    places: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    lengths: Sequence[int] = (3, 6, 12),
    power: float = 0.8,
    confidence: float = 0.95,
    together: str = "",
) -> pd.DataFrame:
    """
    Say for each place and length what change could be seen.

    What is expected of a place is its mean of the months read. How much places vary is
    learnt from the last two periods of that length, or the longest two that the
    months hold.

    Parameters
    ----------
    places : DataFrame
        Incidents by place (rows; areas, clusters, beats) and month (columns).
    reference : DataFrame
        Incidents by area and month to choose controls among and to learn
        the dispersion from: of a similar size, without the treated places.
        A row with the name of a place is left out for that place.
    lengths : sequence of int
        Months of each period.
    power, confidence : float
        See `smallest_fall`.
    together : str, optional
        Name of one more row, for all places treated at the same time.

    Returns
    -------
    DataFrame
        PLAN_COLUMNS; `smallest_fall` is a share, infinite where nothing could be seen.

    Raises
    ------
    ParameterError
        If a length is below 1, or fewer than two months were read.
    """
    months = sorted(set(places.columns) & set(reference.columns))
    if len(months) < 2 or min(lengths, default=0) < 1:
        raise ParameterError("A plan needs at least two months read, and lengths of at least 1 month.")
    groups = [(str(code), [code]) for code in places.index]
    if together:
        groups.append((together, list(places.index)))
    rows = [
        _plan_row(
            name,
            places.loc[codes, months],
            reference[months],
            length=length,
            power=power,
            confidence=confidence,
        )
        for name, codes in groups
        for length in lengths
    ]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def _plan_row(
    name: str,
    treated: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    length: int,
    power: float,
    confidence: float,
) -> tuple[object, ...]:
    others = reference.drop(index=treated.index, errors="ignore")
    months = list(treated.columns)
    half = min(length, len(months) // 2)
    early, late = (
        others[part].sum(axis=1).to_numpy() for part in (months[-2 * half : -half], months[-half:])
    )
    dispersion = place_dispersion(early, late)
    alike = similar_places(others, treated.mean(), learning=months)
    expected = treated.mean(axis=1).to_numpy() * length
    control = others.loc[alike].mean(axis=1).to_numpy() * length
    fall = smallest_fall(expected, control, dispersion=dispersion, power=power, confidence=confidence)
    return (
        name,
        length,
        float(expected.sum()),
        len(alike),
        float(control.sum()),
        dispersion.alpha,
        fall,
        _plan_note(dispersion, fall, half, length) if expected.sum() else "no incident was read there",
    )


def _plan_note(dispersion: Dispersion, fall: float, half: int, length: int) -> str:
    if not dispersion.known:
        return f"only {dispersion.freedom + 1} other places tell how much incidents vary by chance"
    if np.isinf(fall):
        return "not even an end of all incidents would be seen"
    return f"dispersion learnt from periods of {half} months" if half < length else ""


def _score_of(before: float, after: float, own: float, growth: float) -> tuple[float, float]:
    """
    Give the score statistic at the expected counts, and its standard deviation (delta method).

    `own` is the extra variance of the place's counts, `growth` that of the
    control's growth, both over the squared mean.
    """
    both = before + after
    variance = both + (own + growth / 2) * both**2 / 2
    slope = 1 + (own + growth / 2) * both
    root = np.sqrt(variance)
    # A count raises or lowers the difference, and always raises the variance it is divided by.
    shrink = (before - after) * slope / (2 * variance)
    from_before = (1 - shrink) ** 2 * (before + own * before**2)
    from_after = (1 + shrink) ** 2 * (after + own * after**2)
    spread = np.sqrt(from_before + from_after + growth * before * after) / root
    return float((before - after) / root), float(spread)
