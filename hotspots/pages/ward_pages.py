"""
Ward profiles: one page a ward that an analyst can print, hand over and defend.

The pages hold no script. Each figure stands beside the city's, with how sure
it is; what is withheld says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from hotspots import schema
from hotspots.months import month_words
from hotspots.pages import over_time, words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document
from hotspots.pages.footprint import Footprint
from hotspots.pages.report_card import report_card
from hotspots.pages.ward_drawings import Locator, month_bars
from hotspots.pages.ward_facts import CLUSTERS_LISTED, WardFacts, rank_words, rate_words
from hotspots.pages.ward_lines import Lines
from hotspots.pages.ward_lsoas import SmallAreas, deprived_ward
from hotspots.pages.ward_map import WardMaps
from hotspots.pages.ward_messages import boxes, key_messages
from hotspots.pages.zone_page import zones_of_wards
from hotspots.release.release import Release

#: What makes a Word document of a page where it is read.
WORD_SCRIPTS: Final = ("word/zip.js", "word/document.js")
#: A distance above which even the nearest ward is not much like this one; 1.4 is two picked at random.
_UNLIKE: Final = 1.0
#: Names that the index has, or that Windows keeps for devices.
_RESERVED: Final = (
    "index",
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{d}{i}" for d in ("com", "lpt") for i in range(10)),
)


def render_all(release: Release, *, documents: bool = False) -> dict[str, str]:
    """
    Write the profile of every ward and the index of profiles.

    Parameters
    ----------
    release : Release
        What the audience may see.
    documents : bool
        Whether a Word document will lie beside each page, to link to; else the page makes one when asked.

    Returns
    -------
    dict of str to str
        File name to HTML document; equal input gives equal text.
    """
    slugs = ward_slugs(release.wards["name"])
    parts = _Parts.of(release)
    beside = {code: f"{slug}.docx" if documents else "" for code, slug in slugs.items()}
    pages = {
        f"{slugs[code]}.html": _render_profile(parts, code, beside[code]) for code in release.wards.index
    }
    return {"index.html": _render_index(parts.facts, slugs), **pages}


def ward_slugs(names: pd.Series) -> dict[str, str]:
    """
    Give each ward a file name that every system takes.

    Parameters
    ----------
    names : Series of str
        Names by GSS code.

    Returns
    -------
    dict of str to str
        GSS code to lower-case ASCII words joined by hyphens; the code is added
        where two wards would share a name, or the name has no letter.
    """
    plain = {str(code): slug(name) for code, name in names.items()}
    taken = Counter(plain.values())
    return {
        code: f"{slug}-{code.lower()}".lstrip("-")
        if taken[slug] > 1 or slug in _RESERVED or not slug
        else slug
        for code, slug in plain.items()
    }


@dataclass(frozen=True)
class _Parts:
    """What the profiles of all wards share."""

    facts: WardFacts
    locator: Locator
    maps: WardMaps
    lines: Lines
    areas: SmallAreas
    footprint: Footprint
    card: dict[str, Any]
    zones: dict[str, list[tuple[str, ...]]]
    compared: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, release: Release) -> _Parts:
        facts = WardFacts(release)
        locator = Locator(release.wards, release.place)
        return cls(
            facts,
            locator,
            WardMaps(release),
            Lines(release),
            SmallAreas(facts),
            Footprint(release),
            report_card(release, theme=schema.ALL_INCIDENTS),
            zones_of_wards(release),
            over_time.compared(release),
        )


def _render_profile(parts: _Parts, code: str, document: str) -> str:
    facts, release = parts.facts, parts.facts.release
    ward = release.wards.loc[code]
    return render_document(
        "profile.html.j2",
        marking=release.marking,
        styles=[own_files("figures.css", "profile.css")],
        scripts=[] if document else [own_files(*WORD_SCRIPTS)],
        document=document,
        title=f"{ward['name']} ward, {release.period_text}",
        synthetic=release.synthetic,
        attested=release.attested,
        audience=release.audience,
        area_name=release.place,
        residents_known=release.residents_known,
        ward={"name": ward["name"], "code": code, "facts": _facts(ward)},
        finding=key_messages(facts, code),
        **facts.said(code),
        locator=parts.locator.draw(code),
        map=_map(parts.maps, code, str(ward["name"])),
        comparison=facts.comparison,
        themes=[{**facts.theme_row(v, code), "bars": _bars(facts, code, v.slug)} for v in facts.themes],
        unseen=facts.unseen,
        unseen_word=facts.unseen_word,
        types=facts.type_rows(code),
        held=release.held,
        **_over_time(parts, code),
        footprint=parts.footprint.of(code),
        **_places(parts, code),
        zones=parts.zones.get(code, []),
        combined=_combined_words(release),
        report_card=parts.card,
        notes=[{"name": v.name, "text": f"{v.observability_text} {v.note}".strip()} for v in facts.themes],
        derived=_vintage_words(release),
        warnings=release.warnings,
        sources=release.sources,
        version=release.version,
    )


def _over_time(parts: _Parts, code: str) -> dict[str, Any]:
    """Give what a profile says of months, years, weekdays and hours."""
    return {
        "lines": parts.lines.draw(code),
        "similar": _similar_words(parts.lines.similar(code)),
        "compared": parts.compared.get(code, []),
        "coming": over_time.coming(parts.facts.release, code),
    }


def _places(parts: _Parts, code: str) -> dict[str, Any]:
    """Give what a profile says of hot spots and small areas, and room for what is done about them."""
    facts, release = parts.facts, parts.facts.release
    clusters, rows = facts.clusters.get(code, []), facts.cluster_rows(code)
    lsoas = parts.areas.rows(code)
    return {
        "clusters": rows,
        "more_clusters": max(len(clusters) - CLUSTERS_LISTED, 0),
        "halves": facts.halves if any(row.get("status") for row in clusters) else [],
        "lsoas": lsoas,
        "has_deciles": parts.areas.deprived,
        "deprived": deprived_ward(release.deprivation, [row["code"] for row in lsoas]),
        "boxes": boxes(rows),
    }


def _map(maps: WardMaps, code: str, name: str) -> dict[str, Any]:
    """Draw a ward, and say what the drawing shows."""
    drawn = maps.draw(code)
    spots = (
        "Orange: hot spots of all incidents, numbered as in the table of hot spots; dashed where weak. "
        if drawn["hotspots"]
        else "No hot spot of all incidents lies here that may be shown. "
    )
    beats = f"Blue: the beats proposed for {month_words(drawn['beats_for'])}. " if drawn["beats_for"] else ""
    streets = "Streets with most incidents are named where there is room. " if drawn["streets"] else ""
    return {
        "svg": drawn["svg"],
        "told": f"{name} ward (bold) with its small areas (LSOAs, dashed). {spots}{beats}{streets}".strip(),
    }


def _similar_words(similar: list[dict[str, Any]]) -> str:
    """Say which wards are alike, and in what."""
    if not similar:
        return "Which wards are alike is not known: no figures of who lives there are at hand."
    names = words.join_names([str(one["name"]) for one in similar], most=len(similar))
    first = similar[0]
    far = " They are not very alike." if first["distance"] > _UNLIKE else ""
    # Deprivation is known of England alone, so who lives there is all that can be said of every place.
    if len(similar) == 1:
        return (
            f"{names} is the ward most alike by who lives there, not by crime: in {first['alike_in']}.{far}"
        )
    return (
        f"{names} are the wards most alike by who lives there, not by crime; {first['name']} most "
        f"of all, in {first['alike_in']}.{far}"
    )


def _render_index(facts: WardFacts, slugs: dict[str, str]) -> str:
    release = facts.release
    rows = []
    for code, slug in slugs.items():
        ranked = facts.ranking.get((code, release.overall), {})
        everything = facts.results[code, schema.ALL_INCIDENTS]
        rows.append(
            {
                "href": f"{slug}.html",
                "name": release.wards.loc[code, "name"],
                "order": (
                    ranked.get("rank") is None,
                    ranked.get("rank") or 0,
                    release.wards.loc[code, "name"],
                ),
                "rank": rank_words(ranked),
                "verdict": words.certainty(str(ranked.get("class")), ranked.get("p_top")) or "not ranked",
                "count": words.whole(everything["count"]),
                "rate": rate_words(everything["rate_per_1000"], everything["count"]),
            }
        )
    return render_document(
        "profile_index.html.j2",
        marking=release.marking,
        styles=[own_files("figures.css", "profile.css")],
        title=f"Ward profiles of {release.place}, {release.period_text}",
        synthetic=release.synthetic,
        attested=release.attested,
        top=words.small_number(int(release.parameters.get("top", 3))),
        combined=_combined_words(release),
        basis=release.basis,
        residents_known=release.residents_known,
        held=release.held,
        leaders=release.leaders(),
        rows=sorted(rows, key=lambda row: row["order"]),
        sources=release.sources,
        version=release.version,
    )


def _bars(facts: WardFacts, code: str, slug: str) -> Markup | str:
    rows = facts.months.get((code, slug), [])
    if all(row["count"] is None for row in rows):
        return "withheld" if rows else "not shown"
    return month_bars(rows)


def _combined_words(release: Release) -> str:
    """Say which themes the combined rank rests on."""
    weights = release.combined_themes
    names = [view.name for view in release.themes if view.slug in weights]
    if not names:
        return ""
    equal = max(weights.values()) - min(weights.values()) < 1e-4
    joined = words.join_names(names, most=len(names))
    return f"{joined}, {'with equal weights' if equal else 'weighted as set for this run'}"


def _facts(ward: pd.Series) -> list[tuple[str, str]]:
    known = [("Residents", ward["residents"]), ("Households", ward["households"])]
    facts = [(label, f"{value:,.0f}") for label, value in known if np.isfinite(value)]
    return [*facts, ("Area", f"{ward['area_km2']:.1f} km²")]


def _vintage_words(release: Release) -> str:
    years = [name.rpartition("_")[2] for name in (release.wards_vintage, release.lsoas_vintage)]
    return f"Wards of {years[0]} and LSOAs of {years[1]}."


def slug(name: object) -> str:
    """Write a name as lower-case ASCII words joined by hyphens."""
    ascii_name = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.replace("&", " and ")).strip("-")[:80]
