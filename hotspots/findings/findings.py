"""
What the stages found: the frames that an analysis holds together.

`analysis` fills these; `disclose` decides what of them an audience may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hotspots.schema import ALL_INCIDENTS
from hotspots.settings import Settings
from hotspots.text import counted

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.clusters.parameters import ClusterParameters
    from hotspots.density.bandwidth import Bandwidth
    from hotspots.findings.by_zone import ZoneFindings
    from hotspots.geography.load import Areas
    from hotspots.months import Periods
    from hotspots.places import Places
    from hotspots.reading.incidents import Incidents
    from hotspots.statistics.counts import Counts
    from hotspots.statistics.footprint import Footprint
    from hotspots.statistics.times import Times
    from hotspots.targeting.plan import Beats
    from hotspots.themes.themes import Theme


@dataclass(frozen=True)
class ThemeFindings:
    """
    What was found for one theme.

    Attributes
    ----------
    theme : Theme
        Its definition.
    total : int
        Incidents of the theme inside the area.
    observability : {"direct", "proxy", "not visible"}
        What this data can show of the theme.
    observability_text : str
        The same in words.
    bandwidth : Bandwidth or None
        Chosen kernel bandwidth with its reason; None where no density is drawn.
    bands : GeoDataFrame
        Density bands; empty where none.
    parameters : ClusterParameters or None
        Chosen eps and min_samples with their reason.
    clusters : GeoDataFrame
        One row per cluster; empty where none.
    withheld : str
        Why density and clusters are absent; empty where they are shown.
    share : float or None
        Of the combination: the share of all incidents that belong to at least one of its themes.
    """

    theme: Theme
    total: int
    observability: str
    observability_text: str
    bandwidth: Bandwidth | None
    bands: gpd.GeoDataFrame
    parameters: ClusterParameters | None
    clusters: gpd.GeoDataFrame
    withheld: str
    share: float | None = None


@dataclass(frozen=True, repr=False)
class Findings:
    """
    All that one analysis found, before any decision on who may see it.

    Attributes
    ----------
    settings : Settings
        What steered the run.
    areas : Areas
        Wards, LSOAs and outline.
    incidents : Incidents
        The rows as read, with their report.
    located : DataFrame
        The incidents inside the area, geocoded.
    rejected : DataFrame
        source, source_row, reason and rows (1) of every row set aside; those outside the area are
        counted by source, without a row.
    places : Places
        Distinct locations with counts.
    months : tuple of str
        The months covered, "YYYY-MM".
    synthetic : bool
        Whether the shipped sample was read.
    themes : mapping of str to ThemeFindings
        By slug; "all" first.
    table : Counts
        Counts by theme, area of both levels, and month.
    results : DataFrame
        One row per theme and area with the local statistics.
    priority : DataFrame
        The ranking for all incidents, each theme and the combination.
    combined : mapping of str to float
        The themes in the combined ranking and their weights, which sum to 1.
    geocoding : mapping
        The geocoding report.
    warnings : tuple of str
        What the analyst must know.
    times : Times
        Hours, weekdays and near repeats, or why there are none.
    combination : mapping of str to ThemeFindings
        The combined themes under the slug "combined"; empty where none can be combined.
    combined_at : mapping of str to tuple of str
        By level, the themes whose counts the combination adds up.
    types : mapping of str to ThemeFindings
        By slug, the types that part the incidents; shown by area only.
    type_of : DataFrame of bool
        Rows as `located`, a column a type.
    own_denominator : str
        What the user's denominator is called; "" without one.
    incomplete : tuple of str
        Months, the first or the last, of which the files hold a part only.
    named : Periods or None
        The two periods that the user compares.
    beats : mapping of str to Beats
        Where to patrol next month, by theme, each with the back-test of its choice.
    heaps : DataFrame or None
        Points that hold far more than their neighbourhood explains, by theme.
    report_card : DataFrame or None
        How well such statements have held in these data.
    zones : ZoneFindings or None
        What was found in the user's zones; None where none were given.
    footprint : Footprint or None
        Searches, outcomes and ages of victims.
    points : GeoDataFrame or None
        Schools, premises, stops: what may lie near a beat or hot spot; None where none were given.
    """

    settings: Settings
    areas: Areas
    incidents: Incidents
    located: pd.DataFrame
    rejected: pd.DataFrame
    places: Places
    months: tuple[str, ...]
    synthetic: bool
    themes: Mapping[str, ThemeFindings]
    table: Counts
    results: pd.DataFrame
    priority: pd.DataFrame
    combined: Mapping[str, float]
    geocoding: Mapping[str, Any]
    warnings: tuple[str, ...]
    times: Times
    combination: Mapping[str, ThemeFindings]
    combined_at: Mapping[str, tuple[str, ...]]
    types: Mapping[str, ThemeFindings]
    type_of: pd.DataFrame
    own_denominator: str
    incomplete: tuple[str, ...] = ()
    named: Periods | None = None
    beats: Mapping[str, Beats] = field(default_factory=dict)
    heaps: pd.DataFrame | None = None
    report_card: pd.DataFrame | None = None
    points: gpd.GeoDataFrame | None = None
    zones: ZoneFindings | None = None
    footprint: Footprint | None = None

    def __repr__(self) -> str:
        """Say what was analysed, not every row of it."""
        months = f"{self.months[0]} to {self.months[-1]}" if len(self.months) > 1 else self.months[0]
        themes = counted(len(self.themes) - 1, "theme")
        return (
            f"<{type(self).__name__} of {self.areas.area_name}, {months}: "
            f"{counted(len(self.located), 'incident')}, {themes}>"
        )

    @property
    def groups(self) -> dict[str, ThemeFindings]:
        """Everything that is counted: all incidents, the combination, the themes, the types."""
        everything = {slug: one for slug, one in self.themes.items() if slug == ALL_INCIDENTS}
        return {**everything, **self.combination, **self.themes, **self.types}

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Long table of counts and rates by level, area, theme, month."""
        return self.table.long()

    @property
    def complete_months(self) -> tuple[str, ...]:
        """Months that can be compared with others."""
        return tuple(month for month in self.months if month not in self.incomplete)

    @property
    def clusters(self) -> dict[str, gpd.GeoDataFrame]:
        """Clusters by theme slug."""
        return {slug: found.clusters for slug, found in self.themes.items()}

    @property
    def bands(self) -> dict[str, gpd.GeoDataFrame]:
        """Density bands by theme slug."""
        return {slug: found.bands for slug, found in self.themes.items()}
