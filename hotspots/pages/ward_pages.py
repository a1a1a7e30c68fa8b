"""
Ward profiles: one page a ward that an analyst can print, hand over and defend.

The pages hold no script. Each figure stands beside the city's, with how sure
it is; what is withheld says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from hotspots import schema
from hotspots.pages import over_time, words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document
from hotspots.pages.ward_drawings import Locator, month_bars
from hotspots.pages.ward_facts import CLUSTERS_LISTED, WardFacts, rank_words, rate_words
from hotspots.pages.zone_page import zones_of_wards
from hotspots.release.release import Release

#: Names that the index has, or that Windows keeps for devices.
_RESERVED: Final = (
    "index",
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{d}{i}" for d in ("com", "lpt") for i in range(10)),
)


def render_all(release: Release) -> dict[str, str]:
    """
    Write the profile of every ward and the index of profiles.

    Parameters
    ----------
    release : Release
        What the audience may see.

    Returns
    -------
    dict of str to str
        File name to HTML document; equal input gives equal text.
    """
    slugs = ward_slugs(release.wards["name"])
    facts, locator = WardFacts(release), Locator(release.wards, release.area_name)
    zones = zones_of_wards(release)
    pages = {
        f"{slugs[code]}.html": _render_profile(facts, locator, code, zones=zones.get(code, []))
        for code in release.wards.index
    }
    return {"index.html": _render_index(facts, slugs), **pages}


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


def _render_profile(
    facts: WardFacts, locator: Locator, code: str, *, zones: Sequence[tuple[str, ...]]
) -> str:
    release = facts.release
    ward = release.wards.loc[code]
    clusters = facts.clusters.get(code, [])
    return render_document(
        "profile.html.j2",
        marking=release.marking,
        styles=[own_files("profile.css")],
        title=f"{ward['name']} ward, {release.period_text}",
        synthetic=release.synthetic,
        attested=release.attested,
        audience=release.audience,
        area_name=release.area_name,
        residents_known=release.residents_known,
        ward={"name": ward["name"], "code": code, "facts": _facts(ward)},
        finding=facts.finding(code),
        locator=locator.draw(code),
        comparison=facts.comparison,
        themes=[{**facts.theme_row(v, code), "bars": _bars(facts, code, v.slug)} for v in facts.themes],
        unseen=facts.unseen,
        unseen_word=facts.unseen_word,
        types=facts.type_rows(code),
        held=release.held,
        unusual=facts.unusual(code),
        week=facts.week(code),
        compared=over_time.compared(release, code),
        likest=over_time.likest(release, code),
        coming=over_time.coming(release, code),
        clusters=facts.cluster_rows(code),
        more_clusters=max(len(clusters) - CLUSTERS_LISTED, 0),
        halves=facts.halves if any(row.get("status") for row in clusters) else [],
        lsoas=facts.lsoa_rows(code),
        zones=zones,
        combined=_combined_words(release),
        notes=[{"name": v.name, "text": f"{v.observability_text} {v.note}".strip()} for v in facts.themes],
        derived=_vintage_words(release),
        warnings=release.warnings,
        sources=release.sources,
        version=release.version,
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
        styles=[own_files("profile.css")],
        title=f"Ward profiles of {release.area_name}, {release.period_text}",
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
