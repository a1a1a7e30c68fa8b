"""
How many incidents were located, and whether that is enough.

A map of incidents that could be located is only as good as the share that
could: dropping the rest in silence has inverted published trends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

#: First estimate of the minimum reliable hit rate (Ratcliffe 2004).
MINIMUM_HIT_RATE = 0.85
# Standard normal quantile of 97.5 %.
_Z = 1.959963984540054


@dataclass(frozen=True)
class HitRate:
    """
    The share of a group's incidents that were located, with a 95 % Wilson interval.

    `rate`, `low` and `high` are None for a group without incidents.
    """

    name: str
    total: int
    located: int
    rate: float | None
    low: float | None
    high: float | None

    @property
    def reliable(self) -> bool:
        """Whether the rate reaches 85 %; an empty group has nothing to doubt."""
        return self.rate is None or self.rate >= MINIMUM_HIT_RATE

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "total": self.total,
            "located": self.located,
            "rate": self.rate,
            "low": self.low,
            "high": self.high,
            "reliable": self.reliable,
        }


def hit_rate(name: str, *, located: int, total: int) -> HitRate:
    """
    Measure one group's hit rate.

    Raises
    ------
    ParameterError
        If `located` is negative or above `total`.
    """
    if not 0 <= located <= total:
        raise ParameterError(f"located is {located} of {total}: it must lie between 0 and the total.")
    if total == 0:
        return HitRate(name, 0, 0, None, None, None)
    low, high = wilson_interval(located, total)
    return HitRate(name, total, located, located / total, low, high)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """
    Return the 95 % score interval of a proportion.

    It stays within 0 and 1 and keeps a width at 0 % and 100 %, where the
    textbook interval has none.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and
    statistical inference. Journal of the American Statistical Association 22,
    209-212.
    """
    share, z2 = successes / trials, _Z**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z / (1 + z2 / trials) * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    # Rounding alone would leave the closed ends a hair inside.
    low = 0.0 if successes == 0 else max(0.0, float(centre - half))
    high = 1.0 if successes == trials else min(1.0, float(centre + half))
    return low, high


def hit_rates(located: ArrayLike, groups: pd.DataFrame) -> tuple[HitRate, ...]:
    """
    Measure the hit rate of each group; an incident may be in several.

    Parameters
    ----------
    located : array_like of bool, shape (n,)
        Whether each incident was located.
    groups : DataFrame of bool, shape (n, groups)
        Membership, as `themes.classify` returns it.

    Raises
    ------
    ParameterError
        If the two differ in length.

    References
    ----------
    Ratcliffe, J. H. (2004). Geocoding crime and a first estimate of a minimum
    acceptable hit rate. International Journal of Geographical Information
    Science 18(1), 61-72.
    """
    mask = np.asarray(located, dtype=bool)
    if len(mask) != len(groups):
        raise ParameterError(
            f"located has {len(mask)} rows and groups {len(groups)}: give both for the same incidents."
        )
    members = groups.to_numpy(dtype=bool)
    totals, hits = members.sum(axis=0), members[mask].sum(axis=0)
    names = groups.columns.astype(str)
    return tuple(
        hit_rate(name, located=int(hit), total=int(total))
        for name, hit, total in zip(names, hits, totals, strict=True)
    )
