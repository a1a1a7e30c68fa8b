"""The frozen result of a release: all that an audience may see, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.audiences import Policy, attestation, policy_for
from hotspots.months import Periods
from hotspots.release.door import check_frame
from hotspots.release.rounding import rounding_limits
from hotspots.statistics.counts import DENOMINATORS, MONTHS_A_YEAR, Counts, rate
from hotspots.statistics.times import Times, no_times
from hotspots.text import counted, join_words

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def _no_rows(name: str) -> Any:
    """Give a frame without rows, whose columns keep their types."""
    columns = {label: pd.Series(dtype=kind) for label, kind in schema.dtypes(name).items()}
    return (
        gpd.GeoDataFrame(columns, geometry=[], crs=schema.NATIONAL_GRID)
        if "geometry" in schema.COLUMNS[name]
        else pd.DataFrame(columns)
    )


@dataclass(frozen=True)
class ThemeView:
    """
    One theme as an audience may see it.

    `kind` is "theme", "type" for a type of incidents, "all" for every incident, or "combined"
    for the themes together.

    `withheld` says why there is no density and no cluster, `grain` which counts
    are left out as a whole; both are empty where nothing is.
    """

    slug: str
    name: str
    description: str
    observability: str
    observability_text: str
    note: str
    geography: str
    sensitivity: str
    shows_density: bool
    shows_clusters: bool
    withheld: str
    total: int | None
    bandwidth: dict[str, Any] | None
    cluster_parameters: dict[str, Any] | None
    grain: str = ""
    kind: str = "theme"


@dataclass(frozen=True)
class Release:
    """
    Everything that pages and tables are made from, and nothing that they may not show.

    `unusual_months` has the counts by ward, theme and month with the range that would be usual,
    `compared` the two periods that a change compares.
    `parameters` are the settings that shape the result, `combined_themes` the weights of the themes in
    the combined ranking. `derived` tells whether an area layer is not the official one, `area_notes`
    which layers were taken.
    `rejects` counts the rejected rows by reason, None where that is withheld.
    `incomplete` names months of which the files hold a part: they are counted, but compared with nothing.
    `combined_at` names by level the themes whose counts the combination adds up.
    `types` part the incidents: police.uk's crime types, or those of the files.
    `own_denominator` is what the user's denominator is called.
    `held` says what share of the incidents the combined themes hold.
    `times` is empty outside internal use: a few incidents in an hour are small counts.
    `similar` names the wards most like each, `comparisons` sets periods side by side, `emerging` lists what
    rises, `heaps` (internal) points that hold more than their neighbourhood explains, `scan` the circles
    that are high beyond chance where these were asked for, and `forecasts` the months to come.
    `already_public` names who publishes every row already, as was attested: then counts are exact.
    `report_card` grades statements such as those of this release on the later months.
    `beats` say where to patrol in the month `beats_for`, `beat_details` what their cards say besides, and
    `beat_grades` by theme what such beats held before; `nearby` what lies near them and the hot spots.
    `deprivation` has the deciles of LSOAs without the crime domain.
    `zones` are polygons of the user's, `zone_counts` and `zone_results` what was found there; for internal
    use, else without rows.
    `searches`, `outcomes` and `victims` say what policing itself adds to the figures, and how old victims
    were; for internal use, else without rows.
    """

    area_code: str
    area_name: str
    months: tuple[str, ...]
    period_text: str
    synthetic: bool
    audience: str
    marking: str
    wards_vintage: str
    lsoas_vintage: str
    resolution: str
    version: str
    themes: tuple[ThemeView, ...]
    wards: gpd.GeoDataFrame
    lsoas: gpd.GeoDataFrame
    outline: BaseGeometry
    counts: pd.DataFrame
    unusual_months: pd.DataFrame
    compared: Periods
    results: pd.DataFrame
    priority: pd.DataFrame
    clusters: gpd.GeoDataFrame
    bands: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    rejected: pd.DataFrame
    reading: dict[str, Any]
    geocoding: dict[str, Any]
    sources: tuple[str, ...]
    warnings: tuple[str, ...]
    parameters: dict[str, Any]
    combined_themes: dict[str, float] = field(default_factory=dict)
    derived: bool = True
    area_notes: tuple[str, ...] = ()
    rejects: dict[str, int] = field(default_factory=dict)
    times: Times = field(default_factory=no_times)
    incomplete: tuple[str, ...] = ()
    combined_at: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    held: str = ""
    types: tuple[ThemeView, ...] = ()
    own_denominator: str = ""
    beats: gpd.GeoDataFrame = field(default_factory=lambda: _no_rows("beats"))
    beat_details: pd.DataFrame = field(default_factory=lambda: _no_rows("beat_details"))
    beat_grades: Mapping[str, str] = field(default_factory=dict)
    beats_for: str = ""
    report_card: pd.DataFrame = field(default_factory=lambda: _no_rows("report_card"))
    similar: pd.DataFrame = field(default_factory=lambda: _no_rows("similar"))
    comparisons: pd.DataFrame = field(default_factory=lambda: _no_rows("comparisons"))
    emerging: pd.DataFrame = field(default_factory=lambda: _no_rows("emerging"))
    heaps: pd.DataFrame = field(default_factory=lambda: _no_rows("heaps"))
    scan: pd.DataFrame = field(default_factory=lambda: _no_rows("scan"))
    forecasts: pd.DataFrame = field(default_factory=lambda: _no_rows("forecasts"))
    nearby: pd.DataFrame = field(default_factory=lambda: _no_rows("nearby"))
    deprivation: pd.DataFrame = field(default_factory=lambda: _no_rows("deprivation"))
    zones: gpd.GeoDataFrame = field(default_factory=lambda: _no_rows("zones"))
    zone_counts: pd.DataFrame = field(default_factory=lambda: _no_rows("zone_counts"))
    zone_results: pd.DataFrame = field(default_factory=lambda: _no_rows("zone_results"))
    searches: pd.DataFrame = field(default_factory=lambda: _no_rows("searches"))
    outcomes: pd.DataFrame = field(default_factory=lambda: _no_rows("outcomes"))
    victims: pd.DataFrame = field(default_factory=lambda: _no_rows("victims"))
    already_public: str = ""

    def __post_init__(self) -> None:
        """Let no frame out that holds a column without a rule; see `door.check_frame`."""
        audience = "internal" if self.already_public else self.audience
        for name, frame in self.frames().items():
            check_frame(frame, name, audience=audience)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Give every frame of the release by its name in `schema.COLUMNS`."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        found = {name: value for name, value in own.items() if isinstance(value, pd.DataFrame)}
        return {**found, **self.times.frames()}

    @property
    def attested(self) -> str:
        """Say what was attested of the data; "" where nothing was."""
        return attestation(self.already_public, self.audience)

    @property
    def policy(self) -> Policy:
        """The rules for its audience."""
        return policy_for(self.audience, already_public=self.already_public)

    @cached_property
    def table(self) -> Counts:
        """The published counts by theme, area and month, with the least and greatest that each stands for."""
        levels = [self.wards.assign(level=schema.WARD), self.lsoas.assign(level=schema.LSOA)]
        areas = pd.concat([pd.DataFrame(one).rename_axis("code").reset_index() for one in levels])
        single = self.counts[self.counts["theme"].ne(schema.COMBINED)]
        found = Counts.from_long(single, months=self.months, areas=areas.reset_index(drop=True))
        low, high = rounding_limits(found.count, self.policy)
        found = replace(found, low=low, high=high)
        return found.with_sum(schema.COMBINED, self.combined_at) if self.combined_at else found

    @property
    def overall(self) -> str:
        """The group by which areas are ranked over everything: the combination, if there is one."""
        return schema.COMBINED if self.combined_at else schema.ALL_INCIDENTS

    @cached_property
    def residents_known(self) -> bool:
        """Whether residents of any ward are known; else wards are ranked by their number of incidents."""
        return bool(self.wards["residents"].gt(0).any())

    @property
    def basis(self) -> str:
        """What wards are ranked by, as it follows "by"."""
        return next(iter(self.denominators.values()))

    @property
    def denominators(self) -> dict[str, str]:
        """What people call each denominator by which areas are ranked."""
        known = {"residents": "residents", "households": "households", "area": "area"}
        if not self.residents_known:
            known = {"count": "number of incidents", "area": "area"}
        return {**known, "own": self.own_denominator} if self.own_denominator else known

    def leaders(self) -> str:
        """Say which wards rank at the top by each denominator, with equal weights, and how much they hold."""
        top = int(self.parameters.get("top", 3))
        rows = self.priority[self.priority["level"].eq(schema.WARD) & self.priority["theme"].eq(self.overall)]
        said = []
        for column, words in (
            *((f"rank_by_{name}", f"by {words}") for name, words in self.denominators.items()),
            ("rank_equal", f"by {self.basis} with equal weights of the themes"),
            ("rank_without_heaps", f"by {self.basis} without the flagged heaps"),
        ):
            if column in rows and rows[column].notna().any():
                first = rows[rows[column].le(top)].sort_values(column)["name"]
                said.append(f"{words} {join_words([str(name) for name in first])}")
        held = _held_by(rows[rows["rank"].le(top)], rows, self.wards["residents"])
        return f"At the top: {'; '.join(said)}. {held}".strip() if said else ""

    @property
    def groups(self) -> tuple[ThemeView, ...]:
        """All incidents, the combination, the themes and the types."""
        return (*self.themes, *self.types)

    def city_rate(self, total: int | None) -> float | None:
        """Set a total against all residents, per 1,000 and year; None where either is unknown."""
        if total is None:
            return None
        years = len(self.months) / MONTHS_A_YEAR
        found = float(
            rate(total / years, float(self.wards["residents"].sum()), per=DENOMINATORS["residents"])
        )
        return None if np.isnan(found) else found

    @property
    def place(self) -> str:
        """Name the area; layers without names leave its code, which tells a reader nothing."""
        return "the chosen area" if self.area_name == self.area_code else self.area_name

    @cached_property
    def hotspots(self) -> gpd.GeoDataFrame:
        """The clusters without those that are parts of another."""
        return self.clusters[self.clusters["part_of"].eq("")]

    @property
    def has_zones(self) -> bool:
        """Whether the user gave zones, and the audience may see them."""
        return len(self.zones) > 0

    @property
    def footprint(self) -> dict[str, pd.DataFrame]:
        """Searches, outcomes and ages of victims by name, those of which the audience may see any."""
        found = {"searches": self.searches, "outcomes": self.outcomes, "victims": self.victims}
        return {name: frame for name, frame in found.items() if len(frame)}

    @property
    def complete_months(self) -> tuple[str, ...]:
        """The months that can be compared."""
        return tuple(month for month in self.months if month not in self.incomplete)

    def __repr__(self) -> str:
        """Say what is released to whom, not every figure of it."""
        areas = f"{counted(len(self.wards), 'ward')}, {counted(len(self.lsoas), 'LSOA')}"
        return f"<Release of {self.area_name}, {self.period_text}, {self.audience}: {areas}>"


def _held_by(first: pd.DataFrame, rows: pd.DataFrame, residents: pd.Series) -> str:
    """Say how far a ranking hangs on few areas, such as a city centre; from published counts."""
    counts, people = rows["count"].sum(skipna=False), residents.sum()
    own, home = first["count"].sum(skipna=False), residents.reindex(first["code"]).sum(skipna=False)
    if not (counts > 0 and people > 0 and own >= 0 and home >= 0):
        return ""
    return (
        f"The first {len(first)} by residents hold {100 * own / counts:.0f} % of these incidents and "
        f"{100 * home / people:.0f} % of the residents."
    )
