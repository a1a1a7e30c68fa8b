"""
The map page: one HTML file that opens anywhere and asks for nothing.

A release becomes a payload of figures, the payload a page. What the page
shows at first is written into it, so that it also reads without scripts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from hotspots.pages import (
    colours,
    map_beats,
    map_below,
    map_context,
    map_hotspots,
    map_packing,
    map_payload,
    over_time,
    words,
)
from hotspots.pages._assets import leaflet_licence, leaflet_script, leaflet_style, own_files
from hotspots.pages._documents import environment, json_for_html, render_document
from hotspots.pages.map_still import still_map
from hotspots.pages.report_card import report_card
from hotspots.pages.zone_page import zone_rows
from hotspots.schema import UNSEEN, WARD

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.release.release import Release, ThemeView

#: The page's own scripts, in the order in which they build on each other.
SCRIPTS = (
    "core.js",
    "figures.js",
    "words.js",
    "headline.js",
    "state.js",
    "grid-reference.js",
    "map.js",
    "placing.js",
    "basemap.js",
    "overlays.js",
    "labels.js",
    "keyboard.js",
    "controls.js",
    "search.js",
    "legend.js",
    "clusters.js",
    "chart.js",
    "card.js",
    "beats.js",
    "zones.js",
    "table.js",
    "sheet.js",
    "saving.js",
    "picture.js",
    "start.js",
)
_TYPE_WORDS = "Months of small areas are left out of this page where a type is rare; the tables have them."
STYLES = ("map.css", "print.css")


@dataclass(frozen=True)
class Layers:
    """
    What an analyst added to the map, as text for the page.

    Attributes
    ----------
    script : str
        Runs after the page's own.
    styles : sequence of str
        Style sheets.
    body : str
        HTML for the end of the body.
    image_sources, hosts : sequence of str
        Origins from which the layers take pictures, and their names for the note on the map.
    """

    script: str
    styles: Sequence[str] = ()
    body: str = ""
    image_sources: Sequence[str] = ()
    hosts: Sequence[str] = ()


def render(
    release: Release,
    *,
    backdrop: Path | None = None,
    tiles: str | None = None,
    context: Path | gpd.GeoDataFrame | None = None,
    below: Mapping[str, Any] | None = None,
    layers: Layers | None = None,
    profiles: Mapping[str, str] | None = None,
    documents: bool = False,
) -> str:
    """
    Write the map page of a release.

    Parameters
    ----------
    release : Release
        What the audience may see.
    backdrop : Path, optional
        PNG or JPEG with a world file in the National Grid, embedded in the page.
    tiles : str, optional
        Tile address on the user's own server. The page then asks that host for
        pictures, and says so on the map.
    context : Path or GeoDataFrame, optional
        Roads, places and whatever else helps to find the way, in place of what ships for Derby.
    below : mapping, optional
        What another page has drawn under its map, in place of backdrop and context.
    layers : Layers, optional
        What an analyst added; `map_folium.HotspotMap` makes it.
    profiles : mapping of str to str, optional
        Address of the profile of each ward by its code, relative to the page,
        which links to those that lie beside it.
    documents : bool
        Whether a Word document lies beside each profile; else the profile makes one when asked.

    Returns
    -------
    str
        A whole HTML document; without `tiles` it makes no request at all.
        Equal input gives equal text.

    Raises
    ------
    ParameterError, InputError
        If the backdrop, tiles or context cannot be used.
    """
    added = layers or Layers(script="")
    data = map_payload.build_payload(release, profiles=profiles)
    data["documents"] = documents
    source = None if tiles is None else map_below.tile_source(tiles)
    hosts = [*([source["host"]] if source else []), *added.hosts]
    data["basemap"] = {
        "backdrop": None if backdrop is None else map_below.read_backdrop(backdrop),
        "tiles": source["url"] if source else None,
        "hosts": sorted(set(hosts)),
        "context": map_context.read_context(
            context, release.outline, area=release.area_code, synthetic=release.synthetic
        ),
        **(below or {}),
    }
    return render_document(
        "map.html.j2",
        title=f"Hot spots in {release.place}, {release.period_text}",
        marking=release.marking,
        synthetic=release.synthetic,
        attested=release.attested,
        styles=[leaflet_style(), own_files(*STYLES), _palette_rules(), *added.styles],
        scripts=[
            leaflet_script(),
            own_files(*(f"map/{name}" for name in SCRIPTS)),
            *([added.script] if added.script else []),
        ],
        image_sources=sorted({*([source["origin"]] if source else []), *added.image_sources}),
        payload=json_for_html(map_packing.packed(data)),
        patterns=Markup(environment().get_template("_patterns.svg.j2").render()),  # noqa: S704 - our own file
        added_body=Markup(added.body),  # noqa: S704 - the analyst's own layers
        **_first_view(release, data),
        **_method(release),
    )


def _first_view(release: Release, data: dict[str, Any]) -> dict[str, Any]:
    """Write what is seen before any script runs: all incidents by ward over the whole period."""
    finding = words.finding(data, period=release.period_text)
    looks = _ward_looks(data)
    theme = data["themes"][0]
    caption = f"{theme['name']} by ward, {release.period_text}."
    clusters = data["clusters"].get(theme["slug"], [])
    drawn = (
        f"Incidents by ward, {theme['name']}, {release.period_text}{', with hot spots' if clusters else ''}."
    )
    sheet, sheet_caption = still_map(data, looks=looks, caption=drawn, description=" ".join(finding))
    return {
        "area_name": release.place,
        "subtitle": f"{theme['name']} · {release.period_text}",
        "finding": finding,
        "sheet": sheet,
        "sheet_caption": sheet_caption,
        "legend_title": "Incidents by ward",
        "legend": _legend(data, looks),
        "clusters": map_hotspots.first_view(data),
        "clusters_note": "" if clusters else theme["withheld"],
        "beats": map_beats.first_view(data),
        "zones": _zone_table(release, theme) if release.has_zones else None,
        "zones_page": "zones.html" if any(data["profiles"]) else "",
        "table": _ward_table(release, data, caption),
        "theme_table": _theme_table(data, release.period_text),
    }


def _method(release: Release) -> dict[str, Any]:
    return {
        "themes": [_theme_text(view, release.held) for view in release.themes],
        "emerging": over_time.emerging(release),
        "heaps": over_time.heaps(release),
        "scanned": over_time.scanned(release),
        "changed": over_time.changed(release),
        "coming": over_time.coming(release, release.area_code),
        "report_card": report_card(release),
        "type_words": " ".join((_TYPE_WORDS, release.types[0].grain)).strip() if release.types else "",
        "leaders": release.leaders(),
        "residents_known": release.residents_known,
        "rates_known": release.residents_known or bool(release.lsoas["residents"].gt(0).any()),
        "resolution": release.resolution,
        "print_note": _print_note(release),
        "warnings": release.warnings,
        "sources": (*release.sources, *map_context.sources(release.area_code)),
        "vintages": f"{_vintage(release.wards_vintage)} and {_vintage(release.lsoas_vintage)}",
        "version": release.version,
        "audience": release.audience,
        "leaflet_licence": leaflet_licence(),
    }


def _print_note(release: Release) -> str:
    """Say on the one sheet what a reader must not make of it."""
    moved = "police.uk moves each incident to a nearby map point. " if release.resolution == "month" else ""
    attested = f"{release.attested} " if release.attested else ""
    return (
        f"{attested}Recorded incidents only. {moved}Hot spots and ranks are of the whole period. "
        f"Areas: {_vintage(release.wards_vintage)}. {' '.join(release.sources[:1])}"
    )


def _theme_text(view: ThemeView, held: str) -> dict[str, Any]:
    """Say in the reader's words what was done for a theme, and apart from it the exact settings."""
    smooth, found = view.bandwidth, view.cluster_parameters
    # That nothing is drawn of what the data cannot show goes without saying.
    together = held if view.kind == "combined" else ""
    said = [
        view.observability_text,
        together,
        view.note,
        "" if view.observability in UNSEEN else view.withheld,
    ]
    exact = []
    if smooth and smooth["metres"] is not None:
        said.append(f"Density is smoothed over {smooth['metres']:.0f} m.")
        exact.append(f"{smooth['kernel']} kernel: {smooth['reason']}")
    if found and "squares" in found:
        said.append(
            f"A hot spot is a cell of one or several squares of {found['eps']:.0f} m with at least "
            f"{words.whole(found['min_samples'])} incidents each, {words.small_number(found['min_half'])} "
            "or more in each half of it. Incidents count in these halves of cells, and nowhere finer."
        )
        exact.append(found["reason"])
    elif found and found["min_samples"] is not None:
        said.append(
            f"A hot spot has at least {words.whole(found['min_samples'])} incidents within "
            f"{found['eps']:.0f} m of a place, at {words.small_number(found['min_places'])} or more places."
        )
        exact.append(f"DBSCAN, min_places {found['min_places']}: {found['reason']}")
    return {"name": view.name, "text": " ".join(filter(None, said)), "exact": " ".join(exact)}


def _vintage(name: str) -> str:
    text = str(name)
    level, _, year = text.rpartition("_")
    plurals = {"ward": "wards", "lsoa": "LSOAs"}
    return f"{plurals.get(level, level)} of {year}" if level else text


def _ward_looks(data: dict[str, Any]) -> list[str]:
    wards = data["levels"]["ward"]
    slug = data["themes"][0]["slug"]
    if slug not in wards["counts"]:
        return ["area-none"] * len(wards["names"])
    breaks = wards["breaks"][slug]["count"]["period"]
    return [_look(row[0], breaks) for row in wards["counts"][slug]]


def _look(value: float | None, breaks: list[float]) -> str:
    if value is None:
        return "area-withheld"
    return "area-0" if value == 0 else f"area-{min(bisect_left(breaks, value) + 1, colours.CLASSES)}"


def _legend(data: dict[str, Any], looks: list[str]) -> list[dict[str, str]]:
    slug = data["themes"][0]["slug"]
    wards = data["levels"]["ward"]
    breaks = wards["breaks"].get(slug, {}).get("count", {}).get("period", [])
    texts = words.class_texts(breaks, unit="incidents")
    items = [{"look": f"area-{i}", "text": text} for i, text in enumerate(texts, start=1)]
    said = words.LEGEND
    legend = items[::-1]
    legend += [{"look": k, "text": said[k]} for k in ("area-0", "area-withheld", "area-none") if k in looks]
    if "priority" in wards["results"].get(slug, {}).get("class", []):
        top = words.small_number(data["top"])
        scope = words.BY_RATE if any(wards["residents"]) else words.BY_COUNT
        text = f"{said['priority']} {top} {scope[0].lower()}{scope[1:]}{said['rank']}"
        legend.append({"look": "priority-swatch", "text": text})
    clusters = data["clusters"].get(slug, [])
    if clusters:
        legend.append({"look": "cluster-swatch", "text": said["clusters"] + said["numbered"]})
    if any(map_hotspots.is_weak(cluster) for cluster in clusters):
        legend.append({"look": "cluster-swatch weak", "text": said["weak"]})
    return legend


def _ward_table(release: Release, data: dict[str, Any], caption: str) -> dict[str, Any]:
    wards = data["levels"]["ward"]
    theme = data["themes"][0]
    counts = wards["counts"].get(theme["slug"], [[None]] * len(wards["names"]))
    order = sorted(range(len(counts)), key=lambda i: (-(counts[i][0] or 0), wards["names"][i]))
    total = theme["total"] if theme["total"] is not None else sum(row[0] or 0 for row in counts)
    table = release.table.level(WARD, codes=wards["codes"]).select([theme["slug"]])
    per_1000, per_km2 = (table.rate(name)[0, :, 0] for name in ("residents", "area_km2"))
    rows = []
    for i in order:
        count = counts[i][0]
        rows.append(
            (
                wards["names"][i],
                words.whole(count),
                words.percent(count / total if count is not None and total else None),
                *(_rate(count, words.number(found[i])) for found in (per_1000, per_km2)),
            )
        )
    columns = ("Ward", "Incidents", "Share", "Per 1,000 residents a year", "Per km² a year")
    return {"id": "areas-table", "caption": caption, "columns": columns, "rows": rows}


def _zone_table(release: Release, theme: dict[str, Any]) -> dict[str, Any]:
    columns = ("Zone", "Incidents", "Share", "Per km² a year", "Rank among zones", "Change")
    caption = f"{theme['name']} by zone, {release.period_text}."
    rows = zone_rows(release, theme["slug"])
    return {"id": "zones-table", "caption": caption, "columns": columns, "rows": rows}


def _rate(count: float | None, rate: float | None) -> str:
    """Write a rate; one of a count that is shown is not withheld but unknown."""
    return "–" if rate is None and count is not None else words.rate(rate)


def _theme_table(data: dict[str, Any], period: str) -> dict[str, Any]:
    wards = data["levels"]["ward"]
    shown = [theme for theme in data["themes"] if theme["slug"] in wards["counts"]]
    rows = [
        (name, *(_seen(theme, wards["counts"][theme["slug"]][i][0]) for theme in shown))
        for i, name in enumerate(wards["names"])
    ]
    columns = ("Ward", *(theme["name"] for theme in shown))
    return {
        "id": "themes-table",
        "caption": f"Incidents by theme, {period}.",
        "columns": columns,
        "rows": rows,
    }


def _seen(theme: dict[str, Any], count: float | None) -> str:
    """Write a count; where the data cannot show a theme, none recorded does not mean none."""
    return "–" if count == 0 and theme["observability"] in UNSEEN else words.whole(count)


def _palette_rules() -> str:
    """Write the classes' colours once, for the live map, the still one and the legend."""
    looks = {f"area-{i}": colour for i, colour in enumerate(colours.AREA_COLOURS, start=1)}
    looks |= {f"change-{i}": colour for i, colour in enumerate(colours.CHANGE_COLOURS, start=1)}
    looks |= {f"band-{i}": colour for i, colour in enumerate(colours.BAND_COLOURS, start=1)}
    return "".join(f".{look}{{fill:{c};background-color:{c}}}\n" for look, c in looks.items())
