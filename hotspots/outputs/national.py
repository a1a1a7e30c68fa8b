"""
What can be said of all authorities together, from what was published of each.

Nothing is read but the records of their folders, so that no figure stands here that an authority's own
folder withholds, and sums are of released figures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots._version import __version__
from hotspots.outputs.csv import csv_bytes
from hotspots.outputs.folder import MANIFEST
from hotspots.outputs.publish import listed, os_errors
from hotspots.pages.national_page import render
from hotspots.schema import NATIONAL_GRID

RECORD: Final = "national.json"
#: How many similar authorities are named.
SIMILAR: Final = 5
_WRITTEN: Final = ("index.html", "authorities.csv", "authorities.parquet", "themes.parquet", "similar.csv")


def publish_national(
    out: Path,
    results: Sequence[Mapping[str, Any]],
    places: Mapping[str, tuple[str, Any]],
    *,
    audience: str,
    marking: str,
    rows: int,
) -> dict[str, Any]:
    """
    Write the index, the tables and the record of a country.

    Parameters
    ----------
    out : Path
        Holds the folders of the authorities, areas/CODE.
    results : sequence of mapping
        By authority: code and, where it was not analysed, `refused`.
    places : mapping
        Name and outline by code.
    audience, marking : str
        As for the folders.
    rows : int
        Rows of the lake.

    Returns
    -------
    dict
        The record, as national.json has it; written last.
    """
    records = {
        str(one["code"]): json.loads((out / "areas" / one["code"] / MANIFEST).read_text(encoding="utf-8"))
        for one in results
        if "refused" not in one
    }
    # What a refusal says names files and counts their rows.
    exact = audience == "internal"
    refused = {
        str(one["code"]): str(one["refused"]) if exact else "not analysed"
        for one in results
        if "refused" in one
    }
    table = authority_table(records, places, out)
    themes = theme_table(records)
    similar = most_similar(table)
    record: dict[str, Any] = {
        "version": __version__,
        "command": "hotspots national",
        "audience": audience,
        "marking": marking,
        "authorities": list(records),
        "refused": refused,
        "incidents": int(table["incidents"].sum()),
        **({"rows": rows} if exact else {}),
    }
    with os_errors(out):
        html = render(table, themes, similar, refused, record)
        (out / "index.html").write_text(html, encoding="utf-8", newline="\n")
        (out / "authorities.csv").write_bytes(csv_bytes(pd.DataFrame(table.drop(columns="geometry"))))
        (out / "similar.csv").write_bytes(csv_bytes(similar))
        table.to_parquet(out / "authorities.parquet", index=False)
        with_ground = table[["code", "geometry"]].merge(themes, on="code")
        with_ground.to_parquet(out / "themes.parquet", index=False)
        record["outputs"] = [one for one in listed(out) if one["path"] in _WRITTEN]
        text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (out / RECORD).write_text(text, encoding="utf-8")
    return record


def authority_table(
    records: Mapping[str, Mapping[str, Any]], places: Mapping[str, tuple[str, Any]], out: Path
) -> gpd.GeoDataFrame:
    """
    Give one row an authority: its released incidents, rates, hit rate and report card.

    Returns
    -------
    GeoDataFrame
        code, name, months, incidents, residents, households, area_km2, rate_per_1000, rate_per_km2,
        hit_rate (internal use only), held (share of last months' ranges that held), geometry.
    """
    rows = []
    for code, record in records.items():
        figures = _ground(out / "areas" / code)
        total = next((one["total"] for one in record["themes"] if one["slug"] == "all"), None)
        hits = record["geocoding"].get("hit_rate", {})
        rows.append(
            {
                "code": code,
                "name": record["area"]["name"],
                "months": len(record["period"]["months"]),
                "incidents": total,
                **figures,
                "hit_rate": hits.get("rate"),
                "held": _held(record["report_card"]),
                "geometry": places[code][1],
            }
        )
    columns = [
        "code",
        "name",
        "months",
        "incidents",
        "residents",
        "households",
        "area_km2",
        "hit_rate",
        "held",
    ]
    frame = gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], geometry="geometry", crs=NATIONAL_GRID)
    numbers = [name for name in columns if name not in ("code", "name")]
    frame[numbers] = frame[numbers].astype(float)
    return frame.assign(
        rate_per_1000=(1000 * frame["incidents"] / frame["residents"].where(frame["residents"] > 0)).round(1),
        rate_per_km2=(frame["incidents"] / frame["area_km2"]).round(1),
    )


def theme_table(records: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Give the released incidents of each theme in each authority; missing where they are withheld."""
    rows = [
        {"code": code, "theme": one["slug"], "name": one["name"], "incidents": one["total"]}
        for code, record in records.items()
        for one in record["themes"]
    ]
    frame = pd.DataFrame(rows, columns=["code", "theme", "name", "incidents"])
    return frame.assign(incidents=pd.to_numeric(frame["incidents"]).astype(float))


def most_similar(table: pd.DataFrame) -> pd.DataFrame:
    """
    Name for each authority those whose people and ground are most like its own.

    By residents, residents per km2 and residents per household, each as a logarithm in standard
    deviations; not by crime, for then likeness would say what is to be compared.

    Returns
    -------
    DataFrame
        code, similar, order, distance; empty where residents are not known.
    """
    known = table[(table["residents"] > 0) & (table["households"] > 0)]
    empty = pd.DataFrame({"code": [], "similar": [], "order": [], "distance": []}).astype({"order": int})
    if len(known) < 2:
        return empty
    people, homes, ground = (known[name].to_numpy() for name in ("residents", "households", "area_km2"))
    looks = np.log(np.column_stack([people, people / ground, people / homes]))
    spread = looks.std(axis=0)
    looks = (looks - looks.mean(axis=0)) / np.where(spread > 0, spread, 1)
    apart = np.sqrt(((looks[:, None] - looks[None]) ** 2).sum(axis=2))
    codes = known["code"].to_numpy()
    rows = []
    for at, code in enumerate(codes):
        order = [other for other in np.lexsort((codes, apart[at].round(9))) if other != at][:SIMILAR]
        rows += [
            {
                "code": code,
                "similar": codes[other],
                "order": nth,
                "distance": round(float(apart[at, other]), 3),
            }
            for nth, other in enumerate(order, start=1)
        ]
    return pd.DataFrame(rows)


def _ground(folder: Path) -> dict[str, float]:
    """Add up residents, households and km2 of an authority's LSOAs, and of its wards where these lack."""
    import pyogrio

    names = ("residents", "households", "area_km2")
    sums: dict[str, float] = {}
    for layer in ("lsoas", "wards"):
        frame = pyogrio.read_dataframe(folder / "hotspots.gpkg", layer=layer, read_geometry=False)
        sums = {name: float(frame[name].sum(min_count=1)) for name in names if name in frame}
        if sums.get("residents", 0) > 0:
            break
    return {name: sums.get(name, float("nan")) for name in names}


def _held(card: Sequence[Mapping[str, Any]]) -> float | None:
    """Give the share of the ranges said for wards that held later, over all incidents."""
    ranges = [
        one["found"] for one in card if (one["kind"], one["theme"], one["level"]) == ("ranges", "all", "ward")
    ]
    return ranges[0] if ranges else None
