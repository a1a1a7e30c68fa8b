"""
The rules by which each audience sees counts, and how counts are rounded.

No single number is the law. The public gets the Office for National
Statistics' "10-5" rule: counts below 10 are withheld, the others rounded to 5.
Partners under a sharing agreement get 5 and 5. police.uk publishes every one
of its rows already, so on its files the same rules guard against reading much
into small numbers rather than against disclosure; on extracts of a force or a
council, which are personal data, they guard against disclosure. The rules do
not ask which of the two was read: a file cannot prove where it came from, and
one release may mix both.

References
----------
Office for National Statistics. Disclosure control guidance for tables
produced from administrative sources.
Hundepool, A. et al. (2012). Statistical Disclosure Control, chapter 4. Wiley.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np


@dataclass(frozen=True)
class Policy:
    """
    The rules for one audience.

    Attributes
    ----------
    audience : str
        Who it is for.
    minimum : int
        Counts below it are withheld, zero among them; 0 withholds nothing.
    base : int
        Counts are rounded to multiples of it; 1 leaves them exact.
    shape_minimum : int
        Fewest incidents in a cluster and in each part of a density band.
    shape_places : int
        Fewest distinct places of the same.
    least_bandwidth : float
        Metres; no density is shown that was smoothed less.
    snap : float
        Metres of the grid to which corners of clusters are moved; 0 leaves them exact.
        An outline is drawn at a fixed distance around places: exact corners would give them back.
    restricted : bool
        Whether restricted themes keep their LSOA figures, density and clusters.
    secret : bool
        Whether the most sensitive themes appear at all.
    """

    audience: str
    minimum: int
    base: int
    shape_minimum: int
    shape_places: int
    least_bandwidth: float
    snap: float
    restricted: bool
    secret: bool

    @property
    def exact(self) -> bool:
        """Whether everything is shown as it was found."""
        return not self.minimum

    @property
    def protection(self) -> int:
        """How wide an attacker's interval for a withheld small count stays: all of 0 to minimum - 1."""
        return self.minimum - 1


POLICIES: Final = {
    "internal": Policy("internal", 0, 1, 3, 3, 0.0, 0.0, True, True),
    "partner": Policy("partner", 5, 5, 5, 5, 200.0, 50.0, False, True),
    "public": Policy("public", 10, 5, 10, 5, 200.0, 50.0, False, False),
}


def round_counts(counts: Any, base: int) -> np.ndarray:
    """Round to multiples of `base`, half up: numpy's rounding to even would favour some counts."""
    values = np.asarray(counts, dtype=float)
    return np.floor(values / base + 0.5) * base if base > 1 else values


def show_count(count: int, policy: Policy) -> int | None:
    """Give one count as the audience may see it; None where it is withheld."""
    if policy.minimum and count < policy.minimum:
        return None
    return int(round_counts(count, policy.base))


def rounding_limits(counts: Any, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """Give the least and the greatest count that would be published as the same figure."""
    shown = round_counts(counts, policy.base)
    below, above = policy.base // 2, (policy.base - 1) // 2
    return np.maximum(shown - below, policy.minimum), shown + above
