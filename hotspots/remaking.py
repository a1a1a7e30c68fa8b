"""A release computed from what a folder states: its counts, its shapes, and what was public before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots._version import __version__
from hotspots.auditing.published import Published
from hotspots.findings.by_theme import ALL_THEME, by_area_only
from hotspots.findings.by_zone import INTERNAL_ONLY as ZONES_INTERNAL_ONLY
from hotspots.geography.deprivation import deprivation_deciles
from hotspots.geography.load import Areas
from hotspots.geography.shipped import outline_of
from hotspots.months import comparable_periods, period_words
from hotspots.outputs.tables import ON_AREAS
from hotspots.release.beats import SHARE
from hotspots.release.coarse_beats import coarse_beats
from hotspots.release.from_counts import Shown
from hotspots.release.further import Further
from hotspots.release.grains import combined_grain, grain_words, small_words
from hotspots.release.over_time import over_time
from hotspots.release.release import Release, ThemeView
from hotspots.release.reports import released_parameters
from hotspots.release.rounding import rounding_limits
from hotspots.release.scanning import scan_release
from hotspots.release.shapes import no_streets
from hotspots.release.views import (
    combined_view,
    in_order,
    protected_held,
    protected_view,
    steps_of,
    type_views,
)
from hotspots.settings import Settings
from hotspots.statistics.control import unusual_months
from hotspots.statistics.counts import Counts, level_frame
from hotspots.statistics.footprint import INTERNAL_ONLY as FOOTPRINT_INTERNAL_ONLY
from hotspots.statistics.periods import parse_comparison
from hotspots.statistics.times import no_times
from hotspots.themes.themes import load_themes
from hotspots.themes.types import type_theme

#: What a release says of how it was checked beside others.
_BESIDE: Final = re.compile(r"This release was checked beside (?:an earlier release|(\d+) earlier releases):")
#: What the words of a grain end in where an earlier release is known.
_EARLIER: Final = "or an earlier release would give them back"
#: Warnings that say of the inputs only that some of a kind were given.
_GIVEN: Final = (ZONES_INTERNAL_ONLY, FOOTPRINT_INTERNAL_ONLY)


def release_again(published: Published, settings: Settings) -> Release:
    """
    Compute a whole release from the counts, shapes and record of a folder.

    Parameters
    ----------
    published : Published
        Of a partner or public audience.
    settings : Settings
        As the run had them.
    """
    record, policy = published.record, published.policy
    shown = _shown(published, settings)
    slugs = list(shown.themes)
    views = _views(published, shown)
    clusters = _clusters(published, shown)
    whole = [month for month in shown.counts.months if month not in shown.incomplete]
    named = parse_comparison(*settings.compare, months=whole) if settings.compare else None
    ground = SimpleNamespace(areas=shown.areas, complete_months=whole)
    table = shown.table
    return Release(
        area_code=shown.areas.area_code,
        area_name=shown.areas.area_name,
        months=shown.counts.months,
        incomplete=shown.incomplete,
        report_card=_frame("report_card", record.get("report_card", [])),
        period_text=period_words(shown.counts.months),
        synthetic=bool(record["synthetic"]),
        audience=policy.audience,
        marking=str(record["marking"]),
        wards_vintage=str(shown.areas.wards["vintage"].iloc[0]),
        lsoas_vintage=str(shown.areas.lsoas["vintage"].iloc[0]),
        resolution=str(record["temporal"]["resolution"]),
        version=__version__,
        themes=views,
        types=type_views(shown),
        wards=shown.areas.wards,
        lsoas=shown.areas.lsoas,
        outline=shown.areas.outline,
        counts=table.long(),
        unusual_months=unusual_months(table, months=whole),
        compared=comparable_periods(whole),
        results=shown.results,
        priority=shown.priority,
        clusters=clusters,
        bands=_shapes(published, "bands", "density"),
        streets=no_streets(),
        rejected=_frame("rejected", []),
        reading=_reading(record),
        geocoding={"projection": record["geocoding"].get("projection")},
        sources=tuple(record["sources"]),
        warnings=_warnings(published, shown),
        parameters=released_parameters(settings, slugs, audience=policy.audience),
        combined_themes=shown.combined_themes,
        combined_at=shown.combined_at,
        derived=bool(record["boundaries"]["derived"]),
        held=protected_held(shown),
        times=no_times(str(record["temporal"]["reason"])),
        deprivation=deprivation_deciles(shown.areas.lsoas),
        nearby=_frame("nearby", _table(published, "nearby")),
        **over_time(table, shown.areas, themes=slugs, months=whole, named=named),
        **_scanned(shown, views, settings, whole),
        **(coarse_beats(ground, clusters=clusters, share=SHARE) if policy.beats else {}),  # type: ignore[arg-type]
    )


def _scanned(
    shown: Shown, views: tuple[ThemeView, ...], settings: Settings, whole: list[str]
) -> dict[str, Any]:
    if not settings.scan:
        return {}
    themes = [view.slug for view in views if not view.withheld]
    return {"scan": scan_release(shown.table, shown.areas, themes=themes, months=whole, seed=settings.seed)}


def _shown(published: Published, settings: Settings) -> Shown:
    """Read the released counts, and what was public before them."""
    record = published.record
    areas = _areas(published)
    listed = [str(one["slug"]) for one in record["themes"] if one["slug"] != schema.COMBINED]
    known = {one.slug: one for one in (ALL_THEME, *load_themes(settings.theme_rules))}
    names = {str(one["slug"]): str(one["name"]) for one in published.data.get("themes", ())}
    totals = {str(one["slug"]): one["total"] for one in published.data.get("themes", ())}
    kinds = [slug for slug in names if slug.startswith(schema.TYPE_PREFIX)]
    long = pd.DataFrame(_table(published, "areas"))
    long = long[long["theme"].isin([*listed, *kinds])]
    counts = Counts.from_long(
        long.assign(count=pd.to_numeric(long["count"])),
        months=published.months,
        areas=level_frame(areas),
    ).select([*listed, *kinds])
    low, high = rounding_limits(counts.count, published.policy)
    return Shown(
        counts=replace(counts, low=low, high=high),
        totals={slug: totals[slug] for slug in (*listed, *kinds)},
        themes={slug: known[slug] for slug in listed},
        types={slug: type_theme(slug, names[slug]) for slug in kinds},
        areas=areas,
        incomplete=tuple(record["period"]["incomplete"]),
        settings=settings,
    )


def _found(column: str) -> bool:
    """Tell what a run found from what is known of an area."""
    return column.startswith("count_") or column in ON_AREAS["priority"].values()


def _areas(published: Published) -> Areas:
    """Read the areas of the GeoPackage back, without what stands beside them."""
    record = published.record
    levels = {}
    for level in schema.LEVELS:
        frame = published.areas[level]
        levels[level] = frame.drop(columns=[name for name in frame if _found(str(name))])
    return Areas(
        wards=levels[schema.WARD],
        lsoas=levels[schema.LSOA],
        outline=outline_of(levels[schema.WARD]),
        area_code=str(record["area"]["code"]),
        area_name=str(record["area"]["name"]),
        derived=bool(record["boundaries"]["derived"]),
        sources=(),
    )


def _views(published: Published, shown: Shown) -> tuple[ThemeView, ...]:
    """Describe the themes from their definitions and released counts."""
    policy, slugs = published.policy, list(shown.themes)
    earlier = any(_EARLIER in text for name, text in published.texts.items() if name == "index.html")
    small = small_words(policy, Further(earlier=(None,) if earlier else ()))  # type: ignore[arg-type]
    found = {slug: by_area_only(theme, 0, ("", ""), "") for slug, theme in shown.themes.items()}
    given = shown.counts.select(slugs).given
    lsoas = shown.counts.areas["level"].eq(schema.LSOA).to_numpy()
    monthly, fine = given[:, :, 1:].any(axis=(1, 2)), given[:, lsoas, 0].any(axis=1)
    states: Any = SimpleNamespace(monthly=monthly, fine=fine)
    findings: Any = SimpleNamespace(months=shown.counts.months, themes=found)
    views = [
        protected_view(
            found[slug],
            shown,
            policy,
            chosen=steps_of(found[slug], shown, policy),
            grain=grain_words(k, slugs, states, findings, small=small),
        )
        for k, slug in enumerate(slugs)
    ]
    combination = combined_view(shown, grain=combined_grain(shown, slugs, states))
    return in_order(views, combination)


def _clusters(published: Published, shown: Shown) -> gpd.GeoDataFrame:
    """Read the hot spots back; what follows from outline, number and total is computed."""
    found = _shapes(published, "clusters", "clusters")
    if found.empty:
        return found
    totals = found["theme"].map(shown.totals).astype(float)
    area = found.geometry.area / 1e6
    return found.assign(
        area_km2=area,
        density_per_km2=found["n"] / area,
        share=np.minimum(found["n"] / totals, 1.0),
    )


def _shapes(published: Published, name: str, layer: str) -> gpd.GeoDataFrame:
    frame = published.shapes[layer]
    typed = _frame(name, pd.DataFrame(frame.drop(columns="geometry")))
    return gpd.GeoDataFrame(typed, geometry=frame.geometry.to_numpy(), crs=schema.NATIONAL_GRID)


def _table(published: Published, name: str) -> pd.DataFrame:
    return next((one.frame for one in published.tables if one.where == f"tables/{name}.csv"), pd.DataFrame())


def _frame(name: str, rows: Any) -> pd.DataFrame:
    """Give rows that were read back the types that they have in a release."""
    read, typed = pd.DataFrame(rows), {}
    for column, kind in schema.dtypes(name).items():
        values = read[column] if column in read else pd.Series(index=read.index, dtype=object)
        if kind == "object" or kind.startswith(("str", "string")):
            typed[column] = values.astype(object).where(values.notna(), "").astype(kind)
        else:
            numbers = pd.to_numeric(values)
            typed[column] = numbers.astype(kind if numbers.notna().all() else float)
    return pd.DataFrame(typed)


def _reading(record: Mapping[str, Any]) -> dict[str, Any]:
    """Keep how many files of which kind there were."""
    sources = record["reading"].get("sources", ())
    return {"sources": [{"name": f"file {k}", "kind": one["kind"]} for k, one in enumerate(sources, start=1)]}


def _warnings(published: Published, shown: Shown) -> tuple[str, ...]:
    """Say again what follows from the counts, and how the release says that it was checked."""
    told = list(map(str, published.record["warnings"]))
    beside = next((match for text in told if (match := _BESIDE.match(text))), None)
    named = int(beside[1] or 1) if beside else 0
    words = shown.warnings(base=published.policy.base, minimum=published.policy.minimum)
    return (*words, Further(named=named).words(), *(text for text in _GIVEN if text in told))
