"""Density bands and clusters of every theme, each with the values chosen for it, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.clusters.confidence import cluster_confidence
from hotspots.clusters.cutting import LONGEST, parts_of
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.heaps import find_heaps
from hotspots.clusters.identity import identify, street_points, street_squares
from hotspots.clusters.outlines import describe_clusters
from hotspots.clusters.parameters import ClusterParameters, choose_parameters
from hotspots.clusters.status import cluster_status
from hotspots.density.bands import density_bands
from hotspots.density.bandwidth import Bandwidth, choose_bandwidth
from hotspots.density.grid import square_grid
from hotspots.density.surface import kernel_density
from hotspots.findings.findings import ThemeFindings
from hotspots.geography.load import Areas
from hotspots.months import unbroken
from hotspots.places import Places
from hotspots.settings import Settings
from hotspots.targeting.tally import hours_by_place, hours_words
from hotspots.themes.themes import Theme, seen_as, unknown_share

#: Side of a density cell in metres. Its size hardly matters; smaller than half the least bandwidth is enough.
CELL_METRES: Final = 50.0
#: Types named for a cluster.
TYPES_NAMED: Final = 3

ALL_THEME: Final = Theme(
    slug=schema.ALL_INCIDENTS,
    name="All incidents",
    description="Every incident that was read, whatever its type.",
    rules=(),
    observability="direct",
    sensitivity="open",
    geography="place-based",
    density=True,
    clusters=True,
    note="A mix of very different harms; the themes say more.",
)


def find_themes(
    themes: Sequence[Theme],
    located: pd.DataFrame,
    membership: pd.DataFrame,
    *,
    places: Places,
    months: Sequence[str],
    areas: Areas,
    settings: Settings,
    incomplete: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
) -> dict[str, ThemeFindings]:
    """
    Find density bands and clusters of every theme.

    Parameters
    ----------
    themes : sequence of Theme
        Without "all", which comes first in the result.
    located : DataFrame
        Incidents in the area.
    membership : DataFrame of bool
        From `classify`.
    places : Places
        From `fold_places`.
    months : sequence of str
        The period, also months without an incident.
    areas : Areas
        Gives the outline.
    settings : Settings
        Gives `draws` and `seed`.
    incomplete : sequence of str
        Months that are counted, but do not say whether a cluster is new or has ended.
    types : mapping of str to str, optional
        Names by slug of the types of incidents, if the places count them.

    Returns
    -------
    dict of str to ThemeFindings
        By slug.
    """
    unknown = unknown_share(located, themes)
    found = {ALL_THEME.slug: ("direct", "Every incident in the files.")}
    found |= {t.slug: seen_as(t, located, unknown=unknown) for t in themes}
    totals = membership.sum()
    mix = pd.DataFrame(
        {name: places.weights(slug) for slug, name in (types or {}).items()}, index=places.frame.index
    )
    squares = street_squares(street_points(places.frame))
    timed = located[located["occurred_from"].notna()]
    return {
        theme.slug: _theme_found(
            theme,
            places,
            areas,
            observed=found[theme.slug],
            total=int(totals[theme.slug]),
            months=months,
            settings=settings,
            incomplete=incomplete,
            mix=mix,
            squares=squares,
            timed=timed[membership.loc[timed.index, theme.slug].to_numpy()],
        )
        for theme in (ALL_THEME, *themes)
    }


def describe_types(types: Sequence[Theme], membership: pd.DataFrame) -> dict[str, ThemeFindings]:
    """Describe the types of incidents, which are shown by area only."""
    shown = "Shown by area only: density and hot spots are drawn for themes."
    seen = (schema.DIRECT, "Every incident recorded under this type.")
    return {one.slug: by_area_only(one, int(membership[one.slug].sum()), seen, shown) for one in types}


def _mixes(mix: pd.DataFrame, labels: np.ndarray) -> list[str]:
    """Say of what types the incidents at the places of each cluster are, the commonest first."""
    said = []
    names, counts = list(mix), mix.to_numpy()
    for label in range(labels.max(initial=-1) + 1):
        sums = counts[labels == label].sum(axis=0).tolist()
        held = sorted((-n, name) for name, n in zip(names, sums, strict=True) if n > 0)
        said.append("; ".join(f"{name} {-100 * n / sum(sums):.0f} %" for n, name in held[:TYPES_NAMED]))
    return said


def _hours(by_hour: pd.DataFrame, labels: np.ndarray) -> list[str]:
    """Say when most incidents of each cluster fall, of those whose hour is known; "" where too few are."""
    table = by_hour.to_numpy(dtype=float)
    return [hours_words(table[labels == label].sum(axis=0)) for label in range(labels.max(initial=-1) + 1)]


def by_area_only(
    theme: Theme, total: int, observed: tuple[str, str], withheld: str, *, share: float | None = None
) -> ThemeFindings:
    """Describe a group that has counts by area, and neither density nor clusters."""
    return ThemeFindings(
        theme=theme,
        total=total,
        observability=observed[0],
        observability_text=observed[1],
        bandwidth=None,
        bands=no_shapes("bands"),
        parameters=None,
        clusters=no_shapes("clusters"),
        withheld=withheld,
        share=share,
    )


def _theme_found(
    theme: Theme,
    places: Places,
    areas: Areas,
    *,
    observed: tuple[str, str],
    total: int,
    months: Sequence[str],
    settings: Settings,
    incomplete: Sequence[str],
    mix: pd.DataFrame,
    squares: Mapping[str, str],
    timed: pd.DataFrame,
) -> ThemeFindings:
    withheld = why_no_shapes(theme, observed[0])
    # All places, weighted: the spacing of the map points is a fact of the data, not of the theme.
    here = places.frame.assign(n=places.weights(theme.slug))
    # A month without any incident is missing from the places, never from the period.
    monthly = pd.DataFrame(places.monthly(theme.slug), columns=places.months)
    monthly = monthly.reindex(columns=months, fill_value=0)
    # Whether points are snapped shows in all incidents, not in a rare theme's few.
    smooth, cluster = theme.density and not withheld, theme.clusters and not withheld
    bandwidth = choose_bandwidth(places.frame, weights=here["n"].to_numpy()) if smooth else None
    parameters = choose_parameters(here) if cluster else None
    return ThemeFindings(
        theme=theme,
        total=total,
        observability=observed[0],
        observability_text=observed[1],
        bandwidth=bandwidth,
        bands=_bands(here, bandwidth, areas),
        parameters=parameters,
        clusters=identify(
            _clusters(
                here,
                monthly,
                parameters,
                settings,
                incomplete,
                mix=mix,
                by_hour=hours_by_place(places, timed),
            ),
            squares,
        ),
        withheld=withheld,
    )


@cache
def no_shapes(frame: str) -> gpd.GeoDataFrame:
    """Give a frame without rows, for what a theme does not get."""
    columns = {name: pd.Series(dtype=kind) for name, kind in schema.dtypes(frame).items() if name != "theme"}
    return gpd.GeoDataFrame(columns, geometry=[], crs=schema.NATIONAL_GRID)


def why_no_shapes(theme: Theme, observed: str) -> str:
    """Say why a theme gets no density and no clusters; "" if it gets them."""
    if observed in schema.UNSEEN:
        return f"This theme is {observed} in these data."
    if theme.geography == "borderless":
        return "Shown by area only: the place recorded is where victims live, not where it happens."
    if theme.sensitivity != "open":
        return "Shown by area only: the theme is restricted."
    if not theme.density and not theme.clusters:
        return "Shown by area only."
    return ""


def _bands(here: gpd.GeoDataFrame, bandwidth: Bandwidth | None, areas: Areas) -> gpd.GeoDataFrame:
    if bandwidth is None or bandwidth.metres is None or bandwidth.reach is None:
        return no_shapes("bands")
    grid = square_grid(areas.outline, cell=CELL_METRES)
    surface = kernel_density(here, grid=grid, bandwidth=bandwidth.metres, edge=areas.outline)
    return density_bands(surface, grid, places=here, outline=areas.outline, reach=bandwidth.reach)


def _clusters(
    here: gpd.GeoDataFrame,
    monthly: pd.DataFrame,
    parameters: ClusterParameters | None,
    settings: Settings,
    incomplete: Sequence[str],
    *,
    mix: pd.DataFrame,
    by_hour: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Find hot spots, and below them the parts of those that are longer than one patrol covers."""
    if parameters is None or parameters.eps is None or parameters.min_samples is None:
        return no_shapes("clusters")
    options: dict[str, Any] = {
        "eps": parameters.eps,
        "min_samples": parameters.min_samples,
        "min_places": parameters.min_places,
    }
    labels = hotspot_dbscan(here, **options, longest=LONGEST)
    if (labels < 0).all():
        return no_shapes("clusters")
    described: dict[str, Any] = {
        "eps": parameters.eps,
        "monthly": monthly.to_numpy(),
        "months": list(monthly.columns),
    }
    whole = monthly.drop(columns=list(incomplete))
    confidence = cluster_confidence(
        here,
        labels,
        monthly=whole.to_numpy(),
        months=list(whole.columns),
        draws=settings.draws,
        seed=settings.seed,
        longest=LONGEST,
        **options,
    )
    hotspots = describe_clusters(here, labels, confidence=confidence, **described)
    heaps = find_heaps(here, known=settings.heaps)
    hotspots = hotspots.assign(
        status=_status(here, labels, whole, longest=LONGEST, **options),
        cluster=hotspots["order"].astype(str),
        part_of="",
        flags=_flags(heaps, labels, len(hotspots)),
        types=_mixes(mix, labels),
        hours=_hours(by_hour, labels),
    )
    parts, of = parts_of(here, labels, **options)
    if not len(of):
        return hotspots
    smaller = describe_clusters(here, parts, **described)
    smaller = smaller.assign(
        order=smaller["order"] + len(hotspots),
        status="",
        cluster="part " + smaller["order"].astype(str),
        part_of=(of + 1).astype(str),
        flags=_flags(heaps, parts, len(smaller)),
        types=_mixes(mix, parts),
        hours=_hours(by_hour, parts),
    )
    return gpd.GeoDataFrame(pd.concat([hotspots, smaller], ignore_index=True), crs=hotspots.crs)


def _status(here: gpd.GeoDataFrame, labels: np.ndarray, whole: pd.DataFrame, **options: Any) -> list[str]:
    if len(unbroken(whole.columns)) > 1:
        # Across months that nobody read, "new" and "ended" would mean nothing.
        return [""] * (int(labels.max()) + 1)
    return cluster_status(here, labels, whole.to_numpy(), **options)


def _flags(heaps: pd.DataFrame, labels: np.ndarray, n_clusters: int) -> list[str]:
    """Say which points of each cluster hold far more than all around them."""
    flags = [""] * n_clusters
    for heap in heaps.itertuples(index=False):
        if labels[heap.place] >= 0:
            said = f"heap at {heap.street or 'a point without a name'}: {heap.reason}"
            before = flags[labels[heap.place]]
            flags[labels[heap.place]] = f"{before}; {said}" if before else said
    return flags
