"""
What an audience may see of an analysis.

`disclose` is the only door between an analysis and everything that is written:
maps, profiles and tables take a `Release` and nothing else. Counts are exact
for internal use. For partners and the public small counts are withheld, the
others rounded, and what could give a small count back is withheld too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots._version import __version__
from hotspots.errors import ParameterError
from hotspots.findings import Findings, ThemeFindings

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Policy:
    """
    The rules for one audience.

    Attributes
    ----------
    audience : str
        Who it is for.
    minimum : int
        Counts below it are withheld; 0 withholds nothing.
    base : int
        Counts are rounded to multiples of it; 1 leaves them exact.
    cluster_minimum : int
        Fewest incidents in a cluster whose outline is shown.
    monthly_lsoas : bool
        Whether LSOA counts are given by month.
    restricted : bool
        Whether restricted themes keep their LSOA figures, density and clusters.
    secret : bool
        Whether the most sensitive themes appear at all.
    """

    audience: str
    minimum: int
    base: int
    cluster_minimum: int
    monthly_lsoas: bool
    restricted: bool
    secret: bool


#: ONS's 10-5 rule for the public; half of it where a sharing agreement stands behind the reader.
POLICIES = {
    "internal": Policy("internal", 0, 1, 0, True, True, True),
    "partner": Policy("partner", 5, 5, 5, False, False, True),
    "public": Policy("public", 10, 5, 10, False, False, False),
}


@dataclass(frozen=True)
class ThemeView:
    """One theme as an audience may see it; `slug` "all" stands for every incident."""

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


@dataclass(frozen=True)
class Release:
    """Everything that pages and tables are made from, and nothing that they may not show."""

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


def disclose(findings: Findings, *, audience: str | None = None, marking: str | None = None) -> Release:
    """
    Decide what an audience may see.

    Parameters
    ----------
    findings : Findings
        What was found.
    audience : {"internal", "partner", "public"}, optional
        Who it is for; the settings' audience unless given.
    marking : str, optional
        Security marking; the settings' marking unless given.

    Returns
    -------
    Release
        Counts below the audience's minimum are missing (NaN) and the rates
        that follow from them too; the others are rounded.

    Raises
    ------
    ParameterError
        If the audience is unknown.
    """
    settings = findings.settings
    name = settings.audience if audience is None else audience
    if name not in POLICIES:
        raise ParameterError(f"Audience '{name}' is unknown: use one of {', '.join(POLICIES)}.")
    policy = POLICIES[name]
    views = tuple(_theme_view(found, policy) for found in findings.themes.values())
    views = tuple(view for view in views if policy.secret or view.sensitivity != "secret")
    slugs = [view.slug for view in views]
    read = findings.incidents.report
    return Release(
        area_code=findings.areas.area_code,
        area_name=findings.areas.area_name,
        months=findings.months,
        period_text=period_words(findings.months),
        synthetic=findings.synthetic,
        audience=name,
        marking=settings.marking if marking is None else marking,
        wards_vintage=str(findings.areas.wards["vintage"].iloc[0]),
        lsoas_vintage=str(findings.areas.lsoas["vintage"].iloc[0]),
        resolution=findings.incidents.resolution,
        version=__version__,
        themes=views,
        wards=findings.areas.wards,
        lsoas=findings.areas.lsoas,
        outline=findings.areas.outline,
        counts=_released_counts(findings.counts, findings, policy, slugs),
        results=_released_results(findings.results, findings, policy, slugs),
        priority=_released_results(findings.priority, findings, policy, slugs),
        clusters=_stack([_clusters(findings.themes[v.slug], v, policy) for v in views], _CLUSTERS),
        bands=_stack([_bands(findings.themes[v.slug], v) for v in views], _BANDS),
        streets=_streets(findings, policy),
        rejected=findings.rejected,
        reading=read.as_dict(),
        geocoding=dict(findings.geocoding),
        sources=_sources(findings),
        warnings=findings.warnings,
        parameters={
            "seed": settings.seed,
            "top": settings.top,
            "draws": settings.draws,
            "permutations": settings.permutations,
            "minimum_count": policy.minimum,
            "rounding_base": policy.base,
            "combined_themes": dict(findings.combined),
        },
    )


def period_words(months: tuple[str, ...]) -> str:
    """Say a period as people do: "January to December 2025"."""
    if not months:
        return "no months"
    first, last = (pd.Period(month, "M") for month in (months[0], months[-1]))
    if first == last:
        return f"{_MONTHS[first.month - 1]} {first.year}"
    start = _MONTHS[first.month - 1] + ("" if first.year == last.year else f" {first.year}")
    return f"{start} to {_MONTHS[last.month - 1]} {last.year}"


# strftime would follow the machine's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_CLUSTERS = (
    "theme",
    "cluster",
    "n",
    "places",
    "area_km2",
    "density_per_km2",
    "share",
    "confidence",
    "ward_codes",
    "streets",
    "first_month",
    "last_month",
    "monthly",
)
_BANDS = ("theme", "band", "lower", "upper", "incidents", "incident_share", "area_share")


def _theme_view(found: ThemeFindings, policy: Policy) -> ThemeView:
    theme = found.theme
    coarse = theme.sensitivity != "open" and not policy.restricted
    withheld = found.withheld
    if coarse and not withheld:
        withheld = f"{theme.name} is shown by ward only outside internal use."
    shown = not withheld
    return ThemeView(
        slug=theme.slug,
        name=theme.name,
        description=theme.description,
        observability=found.observability,
        observability_text=found.observability_text,
        note=theme.note,
        geography=theme.geography,
        sensitivity=theme.sensitivity,
        shows_density=shown and found.bandwidth is not None,
        shows_clusters=shown and found.parameters is not None,
        withheld=withheld,
        total=_rounded_total(found.total, policy),
        bandwidth=_plain(found.bandwidth) if shown else None,
        cluster_parameters=_plain(found.parameters) if shown else None,
    )


def _plain(record: Any) -> dict[str, Any] | None:
    return None if record is None else {name: getattr(record, name) for name in record.__dataclass_fields__}


def _rounded_total(total: int, policy: Policy) -> int | None:
    if policy.minimum and total < policy.minimum:
        return None
    return int(_round(np.array([total]), policy.base)[0])


def _round(counts: np.ndarray, base: int) -> np.ndarray:
    # Half up, in whole numbers: numpy's own rounding goes to even and would favour some counts.
    return (np.floor(counts / base + 0.5) * base) if base > 1 else counts


def _allowed(frame: pd.DataFrame, findings: Findings, policy: Policy, slugs: list[str]) -> pd.Series:
    """Tell which rows an audience may see at all: restricted themes stay at ward level."""
    coarse = [s for s in slugs if findings.themes[s].theme.sensitivity != "open" and not policy.restricted]
    combination = frame["theme"].eq(schema.ALL_INCIDENTS)
    fine = frame["level"].eq(schema.LSOA)
    return (frame["theme"].isin(slugs) | combination) & ~(fine & frame["theme"].isin(coarse))


def _released_counts(
    counts: pd.DataFrame, findings: Findings, policy: Policy, slugs: list[str]
) -> pd.DataFrame:
    keep = _allowed(counts, findings, policy, slugs)
    if not policy.monthly_lsoas:
        keep &= ~(counts["level"].eq(schema.LSOA) & counts["month"].ne(schema.WHOLE_PERIOD))
    return _protect(counts[keep], policy, rates=("rate_per_1000", "rate_per_km2"))


def _released_results(
    frame: pd.DataFrame, findings: Findings, policy: Policy, slugs: list[str]
) -> pd.DataFrame:
    keep = _allowed(frame, findings, policy, slugs)
    rates = tuple(c for c in ("share", "rate_per_1000", "rate_per_km2", "shrunk_rate") if c in frame)
    return _protect(frame[keep], policy, rates=rates)


def _protect(frame: pd.DataFrame, policy: Policy, *, rates: tuple[str, ...]) -> pd.DataFrame:
    """Round counts, withhold small ones and scale the rates to what is published."""
    frame = frame.reset_index(drop=True)
    if not policy.minimum:
        return frame
    exact = frame["count"].to_numpy(float)
    shown = np.where(exact < policy.minimum, np.nan, _round(exact, policy.base))
    scale = np.divide(shown, exact, out=np.full(len(frame), np.nan), where=exact > 0)
    return frame.assign(count=shown, **{rate: frame[rate] * scale for rate in rates})


def _clusters(found: ThemeFindings, view: ThemeView, policy: Policy) -> gpd.GeoDataFrame:
    shown = found.clusters if view.shows_clusters else found.clusters.iloc[:0]
    shown = shown[shown["n"] >= policy.cluster_minimum]
    shown = shown.assign(theme=view.slug, n=_round(shown["n"].to_numpy(), policy.base))
    if policy.minimum:
        # A cluster's months are small counts by their nature.
        shown = shown.assign(monthly="")
    return shown


def _bands(found: ThemeFindings, view: ThemeView) -> gpd.GeoDataFrame:
    shown = found.bands if view.shows_density else found.bands.iloc[:0]
    return shown.assign(theme=view.slug)


def _stack(frames: list[gpd.GeoDataFrame], columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    filled = [frame[[*columns, "geometry"]] for frame in frames if len(frame)]
    if not filled:
        # An empty frame keeps the types of its columns: text stays text for whoever reads it.
        return frames[0][[*columns, "geometry"]].reset_index(drop=True)
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=schema.NATIONAL_GRID)


def _streets(findings: Findings, policy: Policy) -> gpd.GeoDataFrame:
    """Give one labelled point a street: its busiest place."""
    places = findings.places.frame
    named = places[places["street"].ne("") & (places["n"] >= max(policy.minimum, 1))]
    busiest = named.sort_values(["street", "n"], ascending=[True, False], kind="stable")
    busiest = busiest.drop_duplicates("street")
    totals = named.groupby("street", observed=True)["n"].sum()
    counts = _round(totals.reindex(busiest["street"]).to_numpy(), policy.base)
    return gpd.GeoDataFrame(
        {"street": busiest["street"].astype(str).to_numpy(), "n": counts},
        geometry=busiest.geometry.to_numpy(),
        crs=schema.NATIONAL_GRID,
    )


def _sources(findings: Findings) -> tuple[str, ...]:
    incidents = (
        "Incidents: synthetic sample made by this project; no real incident is in it."
        if findings.synthetic
        else "Contains public sector information licensed under the Open Government Licence v3.0."
    )
    return (incidents, *findings.areas.sources)
