"""
Parameters outside internal use: steps of a published ladder, chosen by released totals.

A bandwidth computed from the incidents has as many digits as a number can hold, and
whoever knows all incidents but one finds the last by it. A step of a ladder that goes by
the released total and public figures says nothing that the total does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from hotspots.audiences import Policy
from hotspots.geography.coarse import SQUARE
from hotspots.geography.load import Areas
from hotspots.themes.themes import Theme

#: Metres. The squares of `geography.coarse` are 250 m wide: less would draw them.
BANDWIDTHS: Final = (300.0, 400.0, 500.0, 600.0, 800.0, 1000.0)
#: First digits of the incidents that a square of a hot spot holds.
_DIGITS: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
#: Released total below which no density and no hot spot is drawn.
FEWEST: Final = 100
#: Times the city's average at which a square is dense.
_DENSE: Final = 5.0
#: Incidents lie closer together than residents: with this factor the steps of a city like Derby are
#: near what the rule of thumb gives on its incidents.
_CLOSER: Final = 0.63


@dataclass(frozen=True)
class Parameters:
    """
    What shapes of a theme are drawn with; None where it gets no such shape.

    Attributes
    ----------
    total : int
        The released total that chose them.
    bandwidth : float or None
        Metres of the quartic kernel.
    min_samples : int or None
        Incidents in each square of a hot spot, at least.
    min_half : int
        Incidents in each half of a hot spot, at least.
    """

    total: int
    bandwidth: float | None
    min_samples: int | None
    min_half: int

    @property
    def bandwidth_record(self) -> dict[str, Any] | None:
        """The bandwidth and its reason as plain values."""
        if self.bandwidth is None:
            return None
        return {
            "metres": self.bandwidth,
            "kernel": "quartic",
            "method": "ladder",
            "incidents": self.total,
            "reason": f"Bandwidth {self.bandwidth:.0f} m (a step of the published ladder, by the released "
            "total).",
        }

    @property
    def cluster_record(self) -> dict[str, Any] | None:
        """What makes a hot spot, and its reason, as plain values."""
        if self.min_samples is None:
            return None
        return {
            "eps": SQUARE,
            "min_samples": self.min_samples,
            "min_half": self.min_half,
            "squares": True,
            "reason": f"min_samples {self.min_samples:,} a square (a step of the published ladder, by the "
            f"released total, about {_DENSE:.0f} times the city's average).",
        }


def choose_steps(theme: Theme, total: int | None, areas: Areas, policy: Policy) -> Parameters | None:
    """
    Choose the parameters of a theme's shapes.

    Parameters
    ----------
    theme : Theme
        Tells whether it may have a density and clusters.
    total : int or None
        Its released total.
    areas : Areas
        Their residents, outlines and area are public.
    policy : Policy

    Returns
    -------
    Parameters or None
        None where the total is withheld or below 100.
    """
    if total is None or total < FEWEST:
        return None
    return Parameters(
        total=total,
        bandwidth=_bandwidth(total, areas) if theme.density else None,
        min_samples=_min_samples(total, areas) if theme.clusters else None,
        min_half=policy.shape_places,
    )


def _bandwidth(total: int, areas: Areas) -> float:
    """Apply the rule of thumb to where residents live, and take the nearest step."""
    radius = 0.9 * _CLOSER * _standard_distance(areas) * float(total) ** -0.2
    return min(BANDWIDTHS, key=lambda step: (abs(math.log(step / radius)), step))


def _standard_distance(areas: Areas) -> float:
    """Measure how far residents live from their mean centre, in metres."""
    middles = shapely.get_coordinates(shapely.centroid(areas.lsoas.geometry.to_numpy()))
    residents = areas.lsoas["residents"].fillna(0).to_numpy(float)
    weights = residents if residents.sum() > 0 else np.ones(len(residents))
    centre = np.average(middles, axis=0, weights=weights)
    return math.sqrt(np.average(((middles - centre) ** 2).sum(axis=1), weights=weights))


def _min_samples(total: int, areas: Areas) -> int:
    """Give the step next above so many times what an average square holds."""
    wanted = _DENSE * total * SQUARE**2 / areas.outline.area
    power = 10.0 ** max(math.floor(math.log10(wanted)), 0)
    steps = [digit * scale for scale in (power, 10 * power) for digit in _DIGITS]
    return next(int(step) for step in steps if step >= wanted and step == int(step))
