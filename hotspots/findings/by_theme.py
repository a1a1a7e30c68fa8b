"""Density bands and clusters of every theme, each with the values chosen for it, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from hotspots import schema
from hotspots.clusters.confidence import cluster_confidence
from hotspots.clusters.cutting import LONGEST
from hotspots.clusters.dbscan import hotspot_dbscan
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
from hotspots.themes.themes import Theme, seen_as, unknown_share

#: Side of a density cell in metres. Its size hardly matters; smaller than half the least bandwidth is enough.
CELL_METRES: Final = 50.0

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

    Returns
    -------
    dict of str to ThemeFindings
        By slug.
    """
    unknown = unknown_share(located, themes)
    found = {ALL_THEME.slug: ("direct", "Every incident in the files.")}
    found |= {t.slug: seen_as(t, located, unknown=unknown) for t in themes}
    totals = membership.sum()
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
        )
        for theme in (ALL_THEME, *themes)
    }


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
) -> ThemeFindings:
    withheld = _withheld(theme, observed[0])
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
        clusters=_clusters(here, monthly, parameters, settings, incomplete),
        withheld=withheld,
    )


def _no_shapes(frame: str) -> gpd.GeoDataFrame:
    """Give a frame without rows, for what a theme does not get."""
    columns = {name: pd.Series(dtype=kind) for name, kind in schema.dtypes(frame).items() if name != "theme"}
    return gpd.GeoDataFrame(columns, geometry=[], crs=schema.NATIONAL_GRID)


def _withheld(theme: Theme, observed: str) -> str:
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
        return _no_shapes("bands")
    grid = square_grid(areas.outline, cell=CELL_METRES)
    surface = kernel_density(here, grid=grid, bandwidth=bandwidth.metres, edge=areas.outline)
    return density_bands(surface, grid, places=here, outline=areas.outline, reach=bandwidth.reach)


def _clusters(
    here: gpd.GeoDataFrame,
    monthly: pd.DataFrame,
    parameters: ClusterParameters | None,
    settings: Settings,
    incomplete: Sequence[str],
) -> gpd.GeoDataFrame:
    if parameters is None or parameters.eps is None or parameters.min_samples is None:
        return _no_shapes("clusters")
    eps, min_samples, min_places = parameters.eps, parameters.min_samples, parameters.min_places
    options: dict[str, Any] = {
        "eps": eps,
        "min_samples": min_samples,
        "min_places": min_places,
        "longest": LONGEST,
    }
    labels = hotspot_dbscan(here, **options)
    if (labels < 0).all():
        return _no_shapes("clusters")
    whole = monthly.drop(columns=list(incomplete))
    confidence = cluster_confidence(
        here, labels, monthly=whole.to_numpy(), draws=settings.draws, seed=settings.seed, **options
    )
    described = describe_clusters(
        here,
        labels,
        eps=eps,
        monthly=monthly.to_numpy(),
        months=list(monthly.columns),
        confidence=confidence,
    )
    if len(unbroken(whole.columns)) > 1:
        # Across months that nobody read, "new" and "ended" would mean nothing.
        return described.assign(status=pd.Series("", described.index, dtype=object))
    status = cluster_status(here, labels, whole.to_numpy(), **options)
    return described.assign(status=pd.Series(status, described.index, dtype=object))
