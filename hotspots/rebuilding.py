"""
A published folder made again from its own released tables, and compared byte by byte.

Outside internal use everything is a function of the released counts, of the shapes, and of what
was public before. So whoever holds a folder can put its counts through the open program: what then
differs, in any file and by whatever means it is hidden, was made from something else. It is the
strongest of the audits, and the only one that needs no list of what a leak looks like.

Taken as stated, and attacked by `auditing` instead: the counts of tables/areas.csv, the outlines
of the GeoPackage, the report card, and what the record says of area, period and sources.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots._version import __version__
from hotspots.auditing.cells import Leak
from hotspots.auditing.published import Published
from hotspots.errors import HotspotsError
from hotspots.findings.by_theme import ALL_THEME, by_area_only
from hotspots.findings.by_zone import INTERNAL_ONLY as ZONES_INTERNAL_ONLY
from hotspots.geography.deprivation import deprivation_deciles
from hotspots.geography.load import Areas
from hotspots.geography.shipped import outline_of
from hotspots.months import comparable_periods, period_words
from hotspots.outputs.folder import KEPT_NAMES
from hotspots.outputs.publish import write_folder
from hotspots.pages.map_context import read_context
from hotspots.release.beats import SHARE
from hotspots.release.coarse_beats import coarse_beats
from hotspots.release.from_counts import Shown
from hotspots.release.further import Further
from hotspots.release.grains import combined_grain, grain_words, small_words
from hotspots.release.ladder import choose_steps
from hotspots.release.over_time import over_time
from hotspots.release.release import Release, ThemeView
from hotspots.release.reports import released_parameters
from hotspots.release.rounding import rounding_limits
from hotspots.release.scanning import scan_release
from hotspots.release.shapes import no_streets
from hotspots.release.views import combined_view, protected_held, protected_view, type_view, withheld_words
from hotspots.settings import Settings
from hotspots.statistics.control import unusual_months
from hotspots.statistics.counts import Counts, level_frame
from hotspots.statistics.footprint import INTERNAL_ONLY as FOOTPRINT_INTERNAL_ONLY
from hotspots.statistics.periods import parse_comparison
from hotspots.statistics.times import no_times
from hotspots.text import join_words
from hotspots.themes.themes import load_themes
from hotspots.themes.types import type_theme

#: What the audit calls it.
UNLIKE: Final = "not made from its tables"
#: What a release says of how it was checked beside others.
_BESIDE: Final = re.compile(r"This release was checked beside (?:an earlier release|(\d+) earlier releases):")
#: What the words of a grain end in where an earlier release is known.
_EARLIER: Final = "or an earlier release would give them back"
#: Warnings that say of the inputs only that some of a kind were given.
_GIVEN: Final = (ZONES_INTERNAL_ONLY, FOOTPRINT_INTERNAL_ONLY)
_STAMP: Final = "SOURCE_DATE_EPOCH"


@dataclass(frozen=True)
class Rebuilt:
    """
    What came of making a folder again.

    Attributes
    ----------
    leaks : tuple of Leak
        One for each file that comes out otherwise.
    notes : tuple of str
        How many came out alike, or why nothing was made; what was taken as it is.
    """

    leaks: tuple[Leak, ...] = ()
    notes: tuple[str, ...] = ()


def rebuild(published: Published, *, theme_rules: Path | None = None) -> Rebuilt:
    """
    Make a folder again from what it releases, and compare every file.

    Parameters
    ----------
    published : Published
        Of a partner or public audience.
    theme_rules : Path, optional
        The themes' own rules, where the run had any.
    """
    why = _why_not(published, theme_rules)
    if why:
        return Rebuilt(notes=(f"{published.name} was not made again from its tables: {why}.",))
    with tempfile.TemporaryDirectory(prefix="hotspots-rebuilt-") as scratch:
        again = Path(scratch)
        try:
            notes = write_again(published, again, theme_rules=theme_rules)
        except (HotspotsError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            words = f"Nothing can be made again from what it states ({type(error).__name__})."
            return Rebuilt((Leak(UNLIKE, published.name, "run.json", words),))
        return compared(published, again, notes)


def compared(published: Published, again: Path, notes: tuple[str, ...] = ()) -> Rebuilt:
    """Compare a folder with what was made again of it."""
    leaks, kept = [], []
    names = sorted({*_files(published.folder), *_files(again)})
    for name in names:
        told = _difference(published.folder / name, again / name)
        if told and name in KEPT_NAMES:
            kept.append(name)
        elif told:
            leaks.append(Leak(UNLIKE, published.name, name, told))
    alike = len(names) - len(leaks) - len(kept)
    own = (f"No run wrote {join_words(kept)} in {published.name}: look at it before it leaves.",)
    said = f"{published.name}: {alike} files come out alike when made again from the released tables."
    return Rebuilt(tuple(leaks), (said, *notes, *(own if kept else ())))


def _why_not(published: Published, theme_rules: Path | None) -> str:
    """Say why a folder cannot be made again here; "" where it can."""
    record = published.record
    if record.get("version") != __version__:
        return f"version {record.get('version')} of this program wrote it"
    if record.get("parameters", {}).get("theme_rules") != "shipped" and theme_rules is None:
        return "its themes have rules of their own, so name the file with --theme-rules"
    return ""


def _files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]


def _difference(one: Path, other: Path) -> str:
    """Say how a file differs from the same one made again; "" where it does not."""
    if not other.is_file():
        return "No run writes such a file."
    if not one.is_file():
        return "The file is missing."
    given, made = one.read_bytes(), other.read_bytes()
    if given == made:
        return ""
    pairs = enumerate(zip(given, made, strict=False))
    at = next((k for k, (mine, theirs) in pairs if mine != theirs), min(len(given), len(made)))
    return (
        f"From byte {at:,} of {len(given):,} on it is not what its released tables give ({len(made):,}); "
        "another build of this version may have written it."
    )


def write_again(published: Published, folder: Path, *, theme_rules: Path | None = None) -> tuple[str, ...]:
    """Write into an empty folder what the tables of another one give; say what was taken as it is."""
    settings = replace(_settings(published.record), theme_rules=theme_rules)
    release = release_again(published, settings)
    below = _below(published, release)
    with _stamped(published):
        write_folder(
            release,
            folder,
            page_options={"tiles": settings.tiles or None, "below": below},
            word=settings.word,
            also=settings.also,
        )
    return (f"{published.name}: what lies under its map is taken as it is.",) if below else ()


def _below(published: Published, release: Release) -> dict[str, Any]:
    """Give what the user has laid under the map, which no table holds; nothing where there is none."""
    usual = read_context(None, release.outline, area=release.area_code, synthetic=release.synthetic)
    drawn = published.data["basemap"]
    given = {"backdrop": drawn["backdrop"], "context": drawn["context"]}
    plain = {"backdrop": None, "context": json.loads(json.dumps(usual))}
    return {} if given == plain else given


@contextmanager
def _stamped(published: Published) -> Iterator[None]:
    """Take the date inside the files for given, as SOURCE_DATE_EPOCH gave it."""
    before = os.environ.get(_STAMP)
    path = published.folder / "hotspots.gpkg"
    with closing(sqlite3.connect(f"file:{path.resolve().as_posix()}?mode=ro", uri=True)) as database:
        (stamp,) = database.execute("SELECT last_change FROM gpkg_contents").fetchone()
    os.environ[_STAMP] = str(int(pd.Timestamp(stamp).timestamp()))
    try:
        yield
    finally:
        os.environ.pop(_STAMP, None)
        if before is not None:
            os.environ[_STAMP] = before


def _settings(record: Mapping[str, Any]) -> Settings:
    """Give the settings that a record tells, and the defaults of all others."""
    known = {one.name for one in fields(Settings)} - {"theme_rules"}
    told = {name: value for name, value in record.get("parameters", {}).items() if name in known}
    return replace(
        Settings(), **{name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
    )


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
        types=_types(shown),
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


def _scanned(shown: Shown, views: tuple[ThemeView, ...], settings: Settings, whole: list[str]) -> dict[str, Any]:
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


def _areas(published: Published) -> Areas:
    """Read the areas of the GeoPackage back, without what stands beside them."""
    record = published.record
    levels = {}
    for level in schema.LEVELS:
        frame = published.areas[level]
        told = [name for name in frame if str(name).startswith("count_") or name in ("rank", "p_top", "priority")]
        levels[level] = frame.drop(columns=told)
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
    fine = shown.counts.areas["level"].eq(schema.LSOA).to_numpy()
    states: Any = SimpleNamespace(monthly=given[:, :, 1:].any(axis=(1, 2)), fine=given[:, fine, 0].any(axis=1))
    findings: Any = SimpleNamespace(months=shown.counts.months, themes=found)
    views = [
        protected_view(
            found[slug],
            shown,
            policy,
            chosen=None
            if withheld_words(found[slug], shown.observability(slug), policy)
            else choose_steps(theme, shown.totals[slug], shown.areas, policy),
            grain=grain_words(k, slugs, states, findings, small=small),
        )
        for k, (slug, theme) in enumerate(shown.themes.items())
    ]
    combination = combined_view(shown, grain=combined_grain(shown, slugs, states))
    return (views[0], *([combination] if combination else []), *views[1:])


def _types(shown: Shown) -> tuple[ThemeView, ...]:
    by_month = "month and " if len(shown.counts.months) > 1 else ""
    grain = f"Counts of types by {by_month}LSOA are for internal use."
    return tuple(type_view(shown, slug, grain=grain) for slug in shown.types)


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
