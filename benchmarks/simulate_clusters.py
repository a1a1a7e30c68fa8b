"""
Does confidence tell planted hot spots from clusters of chance? Cities whose truth is known.

In a city without hot spots every incident falls on a random place. In one with
hot spots the places around five points draw two to ten times their share. Both
are clustered with the parameters that the software chooses, and with half of
that `min_samples`, so low that chance makes clusters too.

    python -m benchmarks.simulate_clusters [cities] [figure.svg]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.clusters.confidence import cluster_confidence
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.outlines import describe_clusters
from hotspots.clusters.parameters import choose_parameters

#: Incidents in a city: as many as a rare theme, and a common one, has in a year.
TOTALS = (800, 5000)
#: Side of the city in metres, its places and its planted hot spots: places as far apart as Derby's.
SIDE, PLACES, HOT_SPOTS = 7500, 2700, 5
#: Metres around its centre that a planted hot spot takes.
RADIUS = 250
#: Parts of the chosen min_samples that are tried.
PARTS = {"chosen": 1.0, "half": 0.5}
FIGURE = Path(__file__).resolve().parents[1] / "docs" / "cluster_confidence.svg"
BINS = 20


def city(rng: np.random.Generator, *, total: int, planted: bool) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Make a city: its places with their incidents, and which of them lie in a planted hot spot."""
    xy = rng.uniform(0, SIDE, (PLACES, 2)).round()
    rate = np.ones(PLACES)
    if planted:
        centres = rng.uniform(RADIUS, SIDE - RADIUS, (HOT_SPOTS, 2))
        for centre, times in zip(centres, rng.uniform(2, 10, HOT_SPOTS), strict=True):
            near = np.hypot(*(xy - centre).T) <= RADIUS
            rate[near] = np.maximum(rate[near], times)
    frame = {"n": rng.multinomial(total, rate / rate.sum()), "street": "", "ward_code": ""}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*xy.T), crs="EPSG:27700"), rate > 1


def clusters_of(places: gpd.GeoDataFrame, hot: np.ndarray, *, part: float, seed: int) -> pd.DataFrame:
    """Find the clusters of a city: their confidence, and whether most of their incidents are planted."""
    chosen = choose_parameters(places)
    options = {"eps": chosen.eps, "min_samples": max(round(part * chosen.min_samples), 2)}
    labels = hotspot_dbscan(places, **options)
    confidence = cluster_confidence(places, labels, **options, seed=seed)
    n = describe_clusters(places, labels, eps=chosen.eps)["n"].to_numpy()
    member = labels >= 0
    inside = np.bincount(labels[member], (places["n"] * hot)[member], minlength=len(n))
    return confidence.assign(n=n, planted=inside > n / 2)


def simulate(*, cities: int, total: int, seed: int) -> pd.DataFrame:
    """Cluster cities with and without hot spots; one row per cluster, and the city it is from."""
    rng = np.random.default_rng(seed)
    frames = []
    for number in range(cities):
        for planted in (False, True):
            places, hot = city(rng, total=total, planted=planted)
            frames += [
                clusters_of(places, hot, part=part, seed=number).assign(
                    min_samples=name, total=total, city=number, hot_spots=planted
                )
                for name, part in PARTS.items()
            ]
    return pd.concat(frames, ignore_index=True)


def summarise(found: pd.DataFrame, *, cities: int) -> list[dict[str, object]]:
    """Say per setting how often chance makes a cluster and how far confidence sets it apart."""
    rows = []
    for (total, name), some in found.groupby(["total", "min_samples"], sort=True):
        chance = some.loc[~some["planted"], "confidence"].to_numpy()
        planted = some.loc[some["planted"], "confidence"].to_numpy()
        alarmed = some.loc[~some["hot_spots"], "city"].nunique()
        rows.append(
            {
                "incidents": int(total),
                "min_samples": name,
                "cities_without_hot_spots_that_show_one": alarmed / cities,
                "chance_clusters": len(chance),
                "planted_clusters": len(planted),
                "chance_quartiles": _quartiles(chance),
                "planted_quartiles": _quartiles(planted),
                "share_of_chance_at_least_0.8": _share(chance >= 0.8),
                "share_of_planted_at_least_0.8": _share(planted >= 0.8),
                "planted_above_chance": _share(planted[:, None] > chance[None, :]),
            }
        )
    return rows


def _quartiles(values: np.ndarray) -> list[float]:
    return np.quantile(values, [0.25, 0.5, 0.75]).round(2).tolist() if len(values) else []


def _share(flags: np.ndarray) -> float | None:
    return round(float(flags.mean()), 3) if flags.size else None


def draw(found: pd.DataFrame) -> str:
    """Draw one histogram of confidence per setting, chance above the line and planted below it, as SVG."""
    panels = [some for _, some in found.groupby(["min_samples", "total"], sort=True)]
    width, height = 340, 230
    body = "".join(
        f'<g transform="translate({20 + place % 2 * width},{56 + place // 2 * height})">{_panel(some)}</g>'
        for place, some in enumerate(panels)
    )
    rows = (len(panels) + 1) // 2
    size = f"{2 * width + 20} {rows * height + 60}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-labelledby="t d" '
        'font-family="sans-serif" font-size="12" fill="#222">'
        '<title id="t">Confidence of planted and of chance clusters</title>'
        '<desc id="d">Histograms of how often clusters are found again in synthetic cities. '
        "Planted hot spots gather near one, clusters of chance lie lower.</desc>"
        f'<rect width="{2 * width + 20}" height="{rows * height + 60}" fill="#fff"/>'
        '<text x="20" y="22" font-size="15" font-weight="bold">'
        "Share of 200 draws that find a cluster again, synthetic cities</text>"
        '<rect x="20" y="32" width="12" height="12" fill="#1f5fa8"/><text x="38" y="42">planted</text>'
        '<rect x="110" y="32" width="12" height="12" fill="#d9822b"/><text x="128" y="42">chance</text>'
        '<text x="200" y="42">'
        "bars: share of the clusters of each kind, scaled to the tallest of a panel</text>"
        f"{body}</svg>\n"
    )


def _panel(some: pd.DataFrame) -> str:
    """Draw one setting: bars upward for planted clusters and downward for those of chance."""
    name, total = some["min_samples"].iloc[0], some["total"].iloc[0]
    edges = np.linspace(0, 1, BINS + 1)
    step, middle, tall = 300 / BINS, 105, 75
    parts = [f'<text x="0" y="14" font-weight="bold">{total:,} incidents, min_samples {_WORDS[name]}</text>']
    groups = {kind: some.loc[some["planted"] == kind, "confidence"] for kind in (True, False)}
    shares = {kind: np.histogram(values, edges)[0] / max(len(values), 1) for kind, values in groups.items()}
    tallest = max(heights.max() for heights in shares.values())
    for planted, colour in ((True, "#1f5fa8"), (False, "#d9822b")):
        values = groups[planted]
        for place, share in enumerate(shares[planted]):
            high = share / tallest * tall
            top = middle - high if planted else middle
            parts.append(
                f'<rect x="{place * step + 1:.1f}" y="{top:.1f}" width="{step - 2:.1f}" '
                f'height="{high:.1f}" fill="{colour}"/>'
            )
        where = 34 if planted else middle + tall
        parts.append(
            f'<text x="0" y="{where}">{len(values):,} {"planted" if planted else "of chance"}</text>'
        )
    parts.append(f'<path d="M0 {middle}H300" stroke="#222"/>')
    parts += [
        f'<text x="{300 * tick:.0f}" y="{middle + tall + 18}" text-anchor="{anchor}">{tick:g}</text>'
        for tick, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
    ]
    return "".join(parts)


_WORDS = {"chosen": "as chosen", "half": "half of that"}


def main(cities: int = 50, figure: Path = FIGURE) -> None:
    """Simulate, print one JSON line per setting and write the figure."""
    found = pd.concat(
        [simulate(cities=cities, total=total, seed=seed) for seed, total in enumerate(TOTALS)],
        ignore_index=True,
    )
    for row in summarise(found, cities=cities):
        print(json.dumps(row))
    figure.parent.mkdir(parents=True, exist_ok=True)
    figure.write_text(draw(found), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(*(convert(word) for convert, word in zip((int, Path), sys.argv[1:], strict=False)))
