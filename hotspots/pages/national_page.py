"""
The index of a country: a map of its authorities and a table that can be searched.

The map has no scale of danger: it shades the rate per resident in fifths of the authorities, and each
figure stands in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.pages import words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document

#: Pixels of the map.
_WIDTH: Final = 420


def render(
    table: gpd.GeoDataFrame,
    themes: pd.DataFrame,
    similar: pd.DataFrame,
    refused: Mapping[str, str],
    record: Mapping[str, Any],
) -> str:
    """
    Write the index page.

    Parameters
    ----------
    table, themes, similar
        From `outputs.national`: one row an authority, a theme in it, a pair of likes.
    refused : mapping
        Why an authority has no folder, by code.
    record : mapping
        audience, marking, version.
    """
    names = dict(zip(table["code"], table["name"], strict=True))
    like = similar.groupby("code")["similar"].apply(list).to_dict() if len(similar) else {}
    shades = _fifths(table["rate_per_1000"].to_numpy(dtype=float))
    rows = [
        {
            "code": one.code,
            "name": one.name,
            "href": f"areas/{one.code}/index.html",
            "incidents": words.whole(_known(one.incidents)),
            "rate": _rate(one.rate_per_1000),
            "hit_rate": "" if pd.isna(one.hit_rate) else f"{one.hit_rate:.1%}",
            "held": "" if pd.isna(one.held) else f"{one.held:.0%}",
            "similar": [
                {"name": names[code], "href": f"areas/{code}/index.html"} for code in like.get(one.code, ())
            ],
        }
        for one in table.sort_values(["name", "code"]).itertuples()
    ]
    return render_document(
        "national.html.j2",
        marking=str(record["marking"]),
        synthetic=False,
        styles=[own_files("profile.css", "national.css")],
        scripts=[own_files("national.js")],
        title=f"{len(table)} authorities",
        rows=rows,
        shapes=_shapes(table, shades),
        key=_key(table["rate_per_1000"].to_numpy(dtype=float), shades),
        width=_WIDTH,
        height=_height(table),
        refused=[{"code": code, "why": why} for code, why in sorted(refused.items())],
        with_hits=any(row["hit_rate"] for row in rows),
        total=words.whole(_known(float(table["incidents"].sum()))),
        themes=_theme_rows(themes),
        version=record["version"],
    )


def _theme_rows(themes: pd.DataFrame) -> list[dict[str, str]]:
    """Add the released figures of each theme up, with how many authorities have one."""
    rows = []
    for (slug, name), group in themes.groupby(["theme", "name"], sort=True):
        known = group["incidents"].dropna()
        rows.append(
            {
                "slug": str(slug),
                "name": str(name),
                "incidents": words.whole(float(known.sum())) if len(known) else "withheld",
                "known": f"{len(known):,} of {len(group):,}",
            }
        )
    return rows


def _fifths(rates: np.ndarray) -> np.ndarray:
    """Number each rate by its fifth of the authorities, 1 the lowest; 0 where it is not known."""
    known = np.isfinite(rates)
    shades = np.zeros(len(rates), int)
    if known.any():
        cuts = np.quantile(rates[known], [0.2, 0.4, 0.6, 0.8])
        shades[known] = 1 + np.searchsorted(cuts, rates[known], side="left")
    return shades


def _key(rates: np.ndarray, shades: np.ndarray) -> list[dict[str, Any]]:
    """Say of each shade on the map which rates it stands for."""
    key = []
    for shade in sorted(set(shades.tolist()) - {0}):
        low, high = (words.rate(float(pick(rates[shades == shade]))) for pick in (np.min, np.max))
        key.append({"shade": shade, "words": low if low == high else f"{low} to {high}"})
    return [*key, *([{"shade": 0, "words": "rate not known"}] if (shades == 0).any() else [])]


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _rate(value: float) -> str:
    return "not known" if pd.isna(value) else words.rate(float(value))


def _height(table: gpd.GeoDataFrame) -> int:
    if table.empty:
        return 0
    west, south, east, north = table.total_bounds
    return round((north - south) * _WIDTH / (east - west))


def _shapes(table: gpd.GeoDataFrame, shades: np.ndarray) -> list[dict[str, Any]]:
    if table.empty:
        return []
    west, _, east, north = table.total_bounds
    scale = _WIDTH / (east - west)
    return [
        {
            "d": _path(shape, west, north, scale),
            "shade": int(shade),
            "href": f"areas/{code}/index.html",
            "label": f"{name}: {_rate(rate)} per 1,000 residents" if rate >= 0 else f"{name}: rate not known",
        }
        for code, name, shape, rate, shade in zip(
            table["code"], table["name"], table.geometry, table["rate_per_1000"], shades, strict=True
        )
    ]


def _path(shape: shapely.Geometry, west: float, north: float, scale: float) -> str:
    # With its holes: an authority that lies within another must not be covered by it.
    rings = shapely.get_rings(shapely.get_parts(shape))
    return "".join(
        "M" + "L".join(f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring.coords) + "Z"
        for ring in rings
    )
