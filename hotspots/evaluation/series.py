"""Monthly series of places: the numbers that every comparison starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from hotspots.evaluation.shapes import SHAPE, Place
from hotspots.evaluation.zones import inside_shape, monthly_counts

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

#: An area layer with fewer areas than this left gives no yardstick.
_SEVERAL: Final = 6


@dataclass(frozen=True, eq=False)
class ThemeIncidents:
    """
    The incidents of one theme, ready to be counted anywhere.

    Attributes
    ----------
    frame : DataFrame
        `month`, `easting`, `northing`, and a column of codes for each level ("ward_code").
    areas : mapping of str to GeoDataFrame
        By level: polygons in EPSG:27700 with `name`, indexed by GSS code.
    months : tuple of str
        The months read, in order.
    """

    frame: pd.DataFrame
    areas: Mapping[str, gpd.GeoDataFrame]
    months: tuple[str, ...]

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Incidents by code (rows, sorted) and month (columns), by level."""
        found = {}
        for level, frame in self.areas.items():
            counts = pd.crosstab(
                self.frame[f"{level}_code"].astype(object), self.frame["month"].astype(object)
            )
            table = counts.reindex(index=frame.index.sort_values(), columns=list(self.months), fill_value=0)
            found[level] = table.astype(np.int64)
        return found

    def in_shape(self, shape: shapely.Geometry) -> pd.Series:
        """Count by month what lies in a shape; incidents without a point do not."""
        month = self.frame["month"][inside_shape(self.frame, shape)]
        return pd.Series(monthly_counts(month, self.months), index=list(self.months))

    def at(self, place: Place) -> pd.DataFrame:
        """Count by month at a place: one row for each of its areas, or one for its polygon."""
        if place.codes:
            return self.tables[place.level].loc[list(place.codes)]
        return self.in_shape(place.shape).to_frame(place.label).T

    def level_for(self, place: Place) -> str:
        """Choose the level whose areas hold about as many incidents as the place: its own if it has one."""
        if place.level != SHAPE:
            return place.level
        wanted = np.log(self.in_shape(place.shape).sum() + 0.5)
        several = [level for level, table in self.tables.items() if len(table) >= _SEVERAL]
        candidates: Sequence[str] = several or list(self.tables)
        return min(
            candidates, key=lambda level: abs(np.log(self.tables[level].sum(axis=1).median() + 0.5) - wanted)
        )
