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

from typing import Any

import numpy as np

from hotspots.audiences import Policy


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
