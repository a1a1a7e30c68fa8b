"""
Shares of incidents with their intervals, as wide as shares really vary.

Cases do not end one by one: a single decision closes many at once, and months differ.
By how much more than chance a share varies is learnt from how it moves from one
month to the next, pooled over all that is counted.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.geography.load import Areas
from hotspots.statistics._laws import caution

CONFIDENCE: Final = 0.95
#: The level of the whole area.
CITY: Final = "city"
#: Differences of successive months share their months: three tell as much as two that are independent.
_INDEPENDENT: Final = 2 / 3


def share_interval(
    n: np.ndarray, of: np.ndarray, *, dispersion: np.ndarray | float = 1.0, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """
    Give shares with their binomial interval, exact where each incident ends by itself.

    Counts are divided by the dispersion, so that they tell as little as they should. With
    none (1) the interval holds the true share at least as often as it says, whatever that
    is and however few the incidents.

    Parameters
    ----------
    n, of : ndarray of shape (k,)
        How many, of how many; `of` above zero.
    dispersion : float or ndarray of shape (k,), default 1.0
        From `share_dispersion`.
    confidence : float, default 0.95

    Returns
    -------
    DataFrame
        share, low, high.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial
    limits. Biometrika 26(4), 404-413.
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, section 4.5
    (over-dispersion). Chapman and Hall.
    """
    from scipy.special import betaincinv

    some, every, tail = n / dispersion, of / dispersion, (1 - confidence) / 2
    left = every - some
    low = np.where(n > 0, betaincinv(np.where(n > 0, some, 1), left + 1, tail), 0.0)
    high = np.where(n < of, betaincinv(some + 1, np.where(n < of, left, 1), 1 - tail), 1.0)
    return pd.DataFrame({"share": n / of, "low": low, "high": high})


def share_dispersion(n: np.ndarray, of: np.ndarray, *, confidence: float = CONFIDENCE) -> float:
    """
    Learn how many times the variance of chance a month's share varies by.

    Each month's share is set against that of the month before, which leaves out what
    moves slowly (cases of late months are still open). Small cells, whose squares
    scatter most, count least. Where few months were read the figure is itself
    uncertain, and is raised for that; it is never below 1.

    Parameters
    ----------
    n, of : ndarray of shape (rows, months)
        How many, of how many, of whatever shares one dispersion.
    confidence : float, default 0.95
        Of the interval that it is for.

    Returns
    -------
    float

    References
    ----------
    von Neumann, J. (1941). Distribution of the ratio of the mean square successive
    difference to the variance. Annals of Mathematical Statistics 12, 367-395.
    """
    total = of.sum(axis=1, keepdims=True)
    share = n.sum(axis=1, keepdims=True) / np.maximum(total, 1)
    # Of a share that was itself learnt from these incidents, the variance is seen too small.
    chance = share * (1 - share) * total / np.maximum(total - 1, 1)
    first, second = of[:, :-1], of[:, 1:]
    both = first * second / np.maximum(first + second, 1)
    told = (both > 0) & (chance > 0)
    step = n[:, 1:] / np.maximum(second, 1) - n[:, :-1] / np.maximum(first, 1)
    chance = np.broadcast_to(chance, told.shape)[told]
    weight = 1 / (2 + 1 / (chance * both[told]))
    found = float(weight @ (step[told] ** 2 * both[told] / chance) / weight.sum()) if told.any() else 1.0
    freedom = np.array([2 * _INDEPENDENT * weight.sum()])
    return max(1.0, found) * float(caution(freedom, tail=(1 - confidence) / 2)[0])


def month_numbers(located: pd.DataFrame) -> np.ndarray:
    """Number the months of incidents through, in order."""
    return pd.factorize(located["month"].astype(object), sort=True)[0]


def count_by_month(
    groups: pd.DataFrame, mask: np.ndarray, ward: np.ndarray, month: np.ndarray, areas: Areas
) -> np.ndarray:
    """Count the marked incidents by group, area (the whole, then each ward) and month."""
    rows, months = len(areas.wards) + 1, int(month.max(initial=0)) + 1
    cell = (ward + 1) * months + month
    found = np.zeros((groups.shape[1], rows, months), dtype=np.int64)
    for number, group in enumerate(groups):
        inside = groups[group].to_numpy(bool) & mask
        found[number] = np.bincount(cell[inside], minlength=rows * months).reshape(rows, months)
    # The first row held those in no ward: the whole is all of them.
    found[:, 0] = found.sum(axis=1)
    return found


def area_labels(groups: pd.DataFrame, areas: Areas) -> pd.DataFrame:
    """Name the rows of `count_by_month`."""
    wards, times = areas.wards, groups.shape[1]
    return pd.DataFrame(
        {
            "theme": np.repeat([str(group) for group in groups], len(wards) + 1),
            "level": np.tile([CITY, *[schema.WARD] * len(wards)], times),
            "code": np.tile(np.array([areas.area_code, *wards.index], dtype=object), times),
            "name": np.tile(np.array([areas.area_name, *wards["name"]], dtype=object), times),
        }
    )


def share_figures(n: np.ndarray, of: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Sum the months of counts, and learn how shares vary: of wards, and of the whole no less."""
    months = n.shape[-1]
    own = share_dispersion(n[:, 1:].reshape(-1, months), of[:, 1:].reshape(-1, months))
    whole = max(own, share_dispersion(n[:, 0], of[:, 0]))
    dispersion = np.full(n.shape[:-1], own)
    dispersion[:, 0] = whole
    return {
        "n": n.sum(axis=-1).ravel(),
        name: of.sum(axis=-1).ravel(),
        "dispersion": dispersion.ravel(),
    }
