"""What every stage of an analysis starts from: incidents in areas, months, themes and types, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from hotspots.evaluation.zones import Zones
from hotspots.geography.denominator import Denominator
from hotspots.geography.load import Areas
from hotspots.locating.geocode import Geocoded
from hotspots.months import Periods
from hotspots.places import Places
from hotspots.reading.incidents import Incidents
from hotspots.settings import Settings
from hotspots.statistics.counts import Counts
from hotspots.themes.themes import Theme
from hotspots.themes.types import Types


@dataclass(frozen=True, eq=False)
class Basis:
    """
    Incidents in areas, months, themes and types.

    Attributes
    ----------
    settings : Settings
    incidents : Incidents
        The rows as read, with their report.
    geocoded : Geocoded
        Those inside the area, with their place.
    areas : Areas
    themes : tuple of Theme
        Those that were chosen, without "all".
    membership : DataFrame of bool
        Rows as `located`, a column a theme, "all" first.
    types : Types
        The types that part the incidents.
    groups : DataFrame of bool
        Rows as `located`, a column a theme or type.
    places : Places
        Distinct locations, with counts of themes and types.
    months : tuple of str
        The months covered, "YYYY-MM".
    partial : mapping of str to str
        What is lacking, by month, where the files hold a part of it only.
    table : Counts
        Counts by theme or type, area of both levels, and month.
    own : Denominator or None
        Of the user.
    points : GeoDataFrame or None
        Schools, premises, stops.
    zones : Zones or None
        Of the user.
    named : Periods or None
        The two periods that the user compares.
    """

    settings: Settings
    incidents: Incidents
    geocoded: Geocoded
    areas: Areas
    themes: tuple[Theme, ...]
    membership: pd.DataFrame
    types: Types
    groups: pd.DataFrame
    places: Places
    months: tuple[str, ...]
    partial: Mapping[str, str]
    table: Counts
    own: Denominator | None
    points: gpd.GeoDataFrame | None
    zones: Zones | None
    named: Periods | None

    @property
    def located(self) -> pd.DataFrame:
        """The incidents inside the area."""
        return self.geocoded.frame

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Months of which the files hold a part only."""
        return tuple(self.partial)

    @property
    def complete(self) -> list[str]:
        """Months that can be compared with others."""
        return [month for month in self.months if month not in self.partial]
