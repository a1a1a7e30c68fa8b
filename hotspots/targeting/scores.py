"""
How many incidents each place is expected to have next month: the candidate scores.

A score is a function from what was known before a month to one rate for each
place. To add one, write it and enter it in `SCORES`: the back-test tries
whatever stands there, and the choice of beats follows what held.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from hotspots.targeting.history import History
from hotspots.targeting.model import modelled_rate
from hotspots.targeting.shrinkage import shrunk_rate

#: Metres: radius of the quartic kernel that smooths counts, the customary one for hot spots.
SMOOTHING: Final = 200.0
#: All incidents break ties of a theme's counts: so small a part never outweighs one incident.
_TIE: Final = 1e-9


class Score(Protocol):
    """From what is known to the incidents expected at each place in the next month."""

    def __call__(self, history: History) -> np.ndarray:
        """Give one rate for each place, not negative."""
        ...


def counted_rate(history: History) -> np.ndarray:
    """
    Count: the incidents a month at each place so far, and what any method has to beat.

    Places with equal counts are ordered by the incidents of all kinds there.
    At the places chosen for their high counts it expects too much: part of
    each was chance.
    """
    return history.rate + _TIE * history.rate_of_all


def smoothed_rate(history: History) -> np.ndarray:
    """
    Deal each incident to the places within 200 m of it by the quartic kernel.

    This is a kernel density on the map points, where incidents can be
    recorded at all; no incident is lost or made.
    """
    kernel = history.near.kernel(SMOOTHING)
    return np.asarray(kernel @ (history.rate / kernel.sum(axis=0)))


#: By name, the simplest first: of two that held equally many, the first is taken.
SCORES: Final[Mapping[str, Score]] = {
    "count": counted_rate,
    "shrunk count": shrunk_rate,
    "Poisson model": modelled_rate,
    "kernel": smoothed_rate,
}
