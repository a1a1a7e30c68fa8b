"""One switch of one intervention with everything that it is judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import shapely

from hotspots.evaluation.controls import apart, untouched
from hotspots.evaluation.dispersion import Dispersion, place_dispersion
from hotspots.evaluation.displacement import Pair, ring_around
from hotspots.evaluation.interventions import Intervention
from hotspots.evaluation.series import ThemeIncidents
from hotspots.evaluation.shapes import SHAPE
from hotspots.evaluation.windows import Comparison
from hotspots.schema import LEVEL_PLURALS

#: How a control was come by.
GIVEN: Final = "given"
SIMILAR: Final = "similar"
SYNTHETIC: Final = "synthetic"
ELSEWHERE: Final = "elsewhere"
NONE: Final = "none"

_NAMED: Final = 3


@dataclass(frozen=True)
class Options:
    """What steers a comparison; see `evaluate.evaluate`. `treated` are the shapes of all interventions."""

    ring_width: float = 250.0
    method: str = SIMILAR
    elsewhere: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    theme_names: Mapping[str, str] = field(default_factory=dict)
    treated: Sequence[shapely.Geometry] = ()
    confidence: float = 0.95


@dataclass(frozen=True, eq=False)
class Case:
    """
    One switch of one intervention.

    Attributes
    ----------
    intervention : Intervention
    windows : Comparison
        The months compared, from `windows.comparisons`.
    theme : ThemeIncidents
    options : Options
    """

    intervention: Intervention
    windows: Comparison
    theme: ThemeIncidents
    options: Options

    @cached_property
    def treated(self) -> pd.DataFrame:
        """Incidents at the place: a row for each of its areas, or one for its polygon, by month."""
        return self.theme.at(self.intervention.place)

    @cached_property
    def ring(self) -> pd.DataFrame:
        """Incidents around the place by month, one row."""
        shape = ring_around(self.intervention.place.shape, width=self.options.ring_width)
        return self.theme.in_shape(shape).to_frame("ring").T

    @cached_property
    def level(self) -> str:
        """The level of the areas that it is compared with."""
        return self.theme.level_for(self.intervention.place)

    @cached_property
    def pool(self) -> pd.DataFrame:
        """Incidents by month of every area in which, and next to which, nothing was done."""
        layer = self.theme.areas[self.level]
        codes = apart(layer, self.intervention.place.shape, distance=self.options.ring_width)
        codes = codes.intersection(untouched(layer, self._elsewhere_treated()))
        return self.theme.tables[self.level].loc[codes.sort_values()]

    def _elsewhere_treated(self) -> list[shapely.Geometry]:
        """List the place and what was done elsewhere; an order over both changes both alike."""
        mine = self.intervention.place.shape
        missing = shapely.area(shapely.difference(mine, list(self.options.treated)))
        return [
            mine,
            *(one for one, out in zip(self.options.treated, missing, strict=True) if out > 0.01 * mine.area),
        ]

    @cached_property
    def near(self) -> pd.DataFrame:
        """Which areas of the pool are too near to each other to be each other's control."""
        layer = self.theme.areas[self.level].loc[self.pool.index]
        shapes = layer.geometry.to_numpy()
        found = np.array(
            [shapely.dwithin(shapes, shape, max(self.options.ring_width, 1.0)) for shape in shapes],
            dtype=bool,
        )
        return pd.DataFrame(found, index=layer.index, columns=layer.index)

    @cached_property
    def dispersion(self) -> Dispersion:
        """How much the areas of the pool vary between the months before and after."""
        return self.dispersion_of(self.windows)

    def dispersion_of(self, windows: Comparison) -> Dispersion:
        """Learn from the pool how much areas vary between other months."""
        return place_dispersion(*pairs(self.pool, windows).T)

    @property
    def what(self) -> str:
        """The theme as words."""
        return self.options.theme_names.get(self.intervention.theme, self.intervention.theme)

    @property
    def where(self) -> str:
        """The place as words."""
        place = self.intervention.place
        if place.level == SHAPE:
            return f"the area of {self.intervention.name}"
        layer = self.theme.areas[place.level]
        if len(place.codes) == len(layer):
            return f"all {self.plural(place.level)}"
        if len(place.codes) > _NAMED:
            return f"{len(place.codes)} {self.plural(place.level)}"
        names = [str(name) for name in layer["name"].loc[list(place.codes)]]
        return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

    def plural(self, level: str = "") -> str:
        """Name the areas of a level."""
        level = level or self.level
        return LEVEL_PLURALS.get(level, f"{level}s")


def pairs(counts: pd.DataFrame, windows: Comparison) -> np.ndarray:
    """Sum the months before and after at each place: shape (n_places, 2)."""
    return np.column_stack(
        [counts[list(months)].sum(axis=1).to_numpy(float) for months in (windows.before, windows.after)]
    )


def pair(counts: pd.DataFrame, windows: Comparison) -> Pair:
    """Sum the months before and after over all places."""
    before, after = pairs(counts, windows).sum(axis=0)
    return float(before), float(after)
