"""
How good a choice of places was: PAI, PEI, RRI, hit rate, and whether a difference is more than chance.

PAI rises as the area shrinks, so compare it at one share of the area only,
and always beside plain counting and the number of incidents it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError

#: Resamples of a paired bootstrap.
DRAWS: Final = 999


def accuracy_index(hit_rate: float, share: float) -> float:
    """
    Give the predictive accuracy index: share of the incidents over share of the area.

    Parameters
    ----------
    hit_rate : float
        Part of the later incidents that lay inside, n / N.
    share : float
        Part of the city's area that was chosen, a / A.

    Raises
    ------
    ParameterError
        If the share is not above zero.

    References
    ----------
    Chainey, S., Tompson, L. and Uhlig, S. (2008). The utility of hotspot
    mapping for predicting spatial patterns of crime. Security Journal 21, 4-28.
    """
    if not share > 0:
        raise ParameterError(f"A share of {share:g} of the area is none: give one above zero.")
    return hit_rate / share


def efficiency_index(hits: float, most: float) -> float:
    """
    Give the predictive efficiency index: hits over the most that the same area could have held.

    References
    ----------
    Hunt, J. M. (2016). Do crime hot spots move? Exploring the effects of the
    modifiable areal unit problem and modifiable temporal unit problem on crime
    hot spot stability. PhD thesis, American University.
    """
    return hits / most if most > 0 else float("nan")


def recovery_rate(expected: float, observed: float) -> float:
    """
    Give the recovery rate index: incidents expected over incidents observed; above 1 promised too much.

    Some books call another ratio RRI, later over earlier concentration; this
    is the one of the R package ptools.
    """
    return expected / observed if observed > 0 else float("nan")


def grade_areas(observed: np.ndarray, expected: np.ndarray, area: np.ndarray) -> pd.DataFrame:
    """
    Grade a ranking of areas at each of its lengths.

    Parameters
    ----------
    observed, expected, area : ndarray of shape (areas,)
        Later incidents, incidents expected, and size (any unit, or street length).

    Returns
    -------
    DataFrame
        One row for each area, most expected per area first (ties in the order
        given): `row`, `hit_rate`, `share`, `pai`, `pei`, `rri`, each of the areas
        up to here together. `pei` compares with the areas that in the end had
        most per area, over an area of the same size.

    Raises
    ------
    ParameterError
        If the arrays differ in length or an area is not above zero.
    """
    observed, expected, area = (np.asarray(one, dtype=float) for one in (observed, expected, area))
    if not observed.shape == expected.shape == area.shape or observed.ndim != 1:
        raise ParameterError("Observed, expected and area differ in length: give one of each for an area.")
    if not (area > 0).all():
        raise ParameterError("An area is not above zero: leave out areas without a size.")
    order = np.argsort(-expected / area, kind="stable")
    hits, share = np.cumsum(observed[order]), np.cumsum(area[order]) / area.sum()
    best = np.argsort(-observed / area, kind="stable")
    most = np.interp(share, *_from_zero(np.cumsum(area[best]) / area.sum(), np.cumsum(observed[best])))
    hit_rate = hits / max(observed.sum(), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "row": order,
                "hit_rate": hit_rate,
                "share": share,
                "pai": hit_rate / share,
                "pei": hits / most,
                "rri": np.cumsum(expected[order]) / hits,
            }
        )


def _from_zero(share: np.ndarray, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.append(0.0, share), np.append(0.0, hits)


@dataclass(frozen=True)
class Difference:
    """
    The difference of two hit rates on the same incidents.

    Attributes
    ----------
    value : float
        First minus second, as a part of all incidents.
    error : float
        Its standard error over the resamples.
    low, high : float
        The middle 95 % of the resamples.
    """

    value: float
    error: float
    low: float
    high: float


def paired_difference(
    counts: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Difference:
    """
    Compare what two choices held of the same incidents, with a paired bootstrap.

    What is drawn again is the count of one place in one month, not the single
    incident: incidents at one point in one month are often one event.

    Parameters
    ----------
    counts : ndarray of shape (units,)
        Incidents of each place and month.
    first, second : ndarray of shape (units,)
        How much of the unit each choice held, 0 to 1.
    draws : int, default 999
        Resamples.
    seed : int, default 0
        Of the resamples.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap,
    chapter 8. Chapman and Hall.
    """
    held = counts > 0
    if not held.any():
        return Difference(*(float("nan"),) * 4)
    n, gain = counts[held].astype(float), (counts * (first - second))[held]
    if not gain.any():
        return Difference(0.0, 0.0, 0.0, 0.0)
    # units that are alike are drawn together: the same distribution at a fraction of the work
    kinds, number = np.unique(np.column_stack([n, np.round(gain, 9)]), axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(number.sum(), number / number.sum(), size=draws)
    totals = drawn @ kinds[:, 0]
    values = (drawn @ kinds[:, 1]) / totals
    low, high = np.quantile(values, [0.025, 0.975])
    return Difference(float(gain.sum() / n.sum()), float(values.std(ddof=1)), float(low), float(high))
