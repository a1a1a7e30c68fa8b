"""
The index of authorities run side by side: each with its figures, what stands out, and the way to its map.

It knows the releases; the index of a country, `national_page`, knows only what the folders say.
"""

from __future__ import annotations

from collections.abc import Mapping

from hotspots import schema
from hotspots.pages import words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document
from hotspots.pages.ward_facts import rate_words
from hotspots.release.release import Release


def render_side_by_side(releases: Mapping[str, Release], *, failed: Mapping[str, str]) -> str:
    """
    Write the index.

    Parameters
    ----------
    releases : mapping of str to Release
        By the folder of each, in the order of the page.
    failed : mapping of str to str
        Name and reason of each authority that was asked for and has no page.
    """
    first = next(iter(releases.values()))
    rows = [_row(folder, release) for folder, release in releases.items()]
    rows += [
        {"href": "", "name": name, "count": "–", "rate": "–", "finding": why} for name, why in failed.items()
    ]
    sources = dict.fromkeys(line for release in releases.values() for line in release.sources)
    return render_document(
        "side_by_side.html.j2",
        marking=first.marking,
        styles=[own_files("profile.css")],
        title=f"{len(releases)} authorities, {first.period_text}",
        synthetic=first.synthetic,
        rows=rows,
        sources=list(sources),
        version=first.version,
    )


def _row(folder: str, release: Release) -> dict[str, str]:
    total = release.themes[0].total
    rate = release.city_rate(total)
    return {
        "href": f"{folder}/index.html",
        "name": release.area_name,
        "count": words.whole(total),
        "rate": rate_words(rate, total),
        "finding": standing(release),
    }


def standing(release: Release) -> str:
    """Say which wards are surely among the top by all incidents."""
    rows = release.results
    rows = rows[rows["theme"].eq(schema.ALL_INCIDENTS) & rows["level"].eq(schema.WARD) & rows["rank"].notna()]
    ranked = {name: rows[name].tolist() for name in ("rank", "class", "p_top")} if len(rows) else None
    scope = words.BY_RATE if release.residents_known else words.BY_COUNT
    return words.sure(ranked, rows["name"].tolist(), int(release.parameters["top"]), scope=scope)
