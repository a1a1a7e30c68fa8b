"""
Time clusters against their peers on the same rows, and the resampling of every theme.

Two inputs: the incidents of Derby in 2025, and 400,000 rows drawn onto the
same map points and 15,000 more. Every peer must find the same clusters, or
the line says where it differs. A peer that is not installed is left out.

    python -m benchmarks clusters
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.bench_density import SHARED, _incidents, _snapped
from hotspots.clusters.confidence import cluster_confidence
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.outlines import describe_clusters
from hotspots.clusters.parameters import ClusterParameters, choose_parameters
from hotspots.geography.load import load_areas
from hotspots.locating.geocode import geocode
from hotspots.places import Places, fold_places
from hotspots.reading.incidents import read_incidents
from hotspots.themes.themes import classify, load_themes

DRAWS = 200
#: Goals: how many times faster than scikit-learn on the rows, and seconds for all draws of all themes.
TIMES_FASTER, SECONDS = 10, 5


def main(
    folder: Path = SHARED / "police", outline: Path = SHARED / "city_outline.wkt"
) -> dict[str, dict[str, float]]:
    """Print one table per input and one of the themes; return the milliseconds by line."""
    city = shapely.from_wkt(outline.read_text(encoding="utf-8").split(";")[-1])
    rows = _incidents(folder, city)
    inputs = {"Derby 2025": rows, "Snapped": _snapped(rows, city)}
    times = {title: _against_peers(title, xy) for title, xy in inputs.items()}
    return times | {"themes": _every_theme(_city_year(folder))}


def _against_peers(title: str, xy: np.ndarray) -> dict[str, float]:
    """Time ours and each peer on the rows of one input."""
    # One order for all: to which cluster a border row goes hangs on it.
    xy = xy[np.lexsort((xy[:, 1], xy[:, 0]))]
    places = _fold(xy)[0]
    chosen = choose_parameters(places)
    print(f"{title}: {len(xy):,} incidents at {len(places):,} places. {chosen.reason}")
    times, labels = {}, {}
    for name, run in {**_ours(xy, places, chosen), **_peers(xy, chosen)}.items():
        times[name], labels[name] = _time(run)
    first = labels["hotspots on rows, folding included"]
    for name, milliseconds in times.items():
        said = (
            f"{first.max() + 1} clusters" if name.startswith("hotspots") else _difference(first, labels[name])
        )
        print(f"  {name:44}{milliseconds:>10.1f} ms   {said}")
    ours, raw = times["hotspots on rows, folding included"], times["scikit-learn on rows"]
    print(f"  {raw / ours:.1f} times faster than scikit-learn on rows (goal {TIMES_FASTER})")
    return times


def _fold(xy: np.ndarray) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Fold rows into places; return them and the place of each row."""
    groups = pd.DataFrame(xy, columns=["x", "y"]).groupby(["x", "y"], sort=False)
    counts = groups.size()
    x, y = (counts.index.get_level_values(level).to_numpy() for level in ("x", "y"))
    places = gpd.GeoDataFrame({"n": counts.to_numpy()}, geometry=shapely.points(x, y), crs="EPSG:27700")
    return places, groups.ngroup().to_numpy()


def _ours(
    xy: np.ndarray, places: gpd.GeoDataFrame, chosen: ClusterParameters
) -> dict[str, Callable[[], np.ndarray]]:
    options = {"eps": chosen.eps, "min_samples": chosen.min_samples, "min_places": 1}

    def on_rows() -> np.ndarray:
        folded, place_of = _fold(xy)
        return hotspot_dbscan(folded, **options)[place_of]

    return {
        "hotspots on rows, folding included": on_rows,
        "hotspots on places": lambda: hotspot_dbscan(places, **options),
    }


def _peers(xy: np.ndarray, chosen: ClusterParameters) -> dict[str, Callable[[], np.ndarray]]:
    """Return the peers; each takes the rows, for that is what their users have."""
    from sklearn.cluster import DBSCAN

    eps, count = chosen.eps, chosen.min_samples
    peers = {"scikit-learn on rows": lambda: DBSCAN(eps=eps, min_samples=count).fit_predict(xy)}
    if importlib.util.find_spec("dbscan") is None:
        print("  The dbscan package is not installed and is left out.")
        return peers
    import dbscan

    return peers | {"dbscan package on rows": lambda: dbscan.DBSCAN(xy, eps=eps, min_samples=count)[0]}


def _difference(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Say how many rows another partition puts elsewhere."""
    pairs = pd.crosstab(ours, theirs).to_numpy()
    same = pairs.max(axis=1).sum()
    clusters = len(np.unique(theirs[theirs >= 0]))
    return f"{clusters} clusters, {len(ours) - same:,} rows elsewhere"


def _time(run: Callable[[], np.ndarray], repeats: int = 3) -> tuple[float, np.ndarray]:
    """Return the least milliseconds of a few runs, and the result."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        best = min(best, time.perf_counter() - start)
        if best > 5:
            break
    return best * 1000, result


def _city_year(folder: Path) -> Places:
    """Read, geocode, classify and fold the year as a run does."""
    incidents = read_incidents([folder], from_month="2025-01", to_month="2025-12")
    located = geocode(incidents.frame, load_areas()).frame
    return fold_places(located, classify(located, load_themes()))


def _every_theme(places: Places) -> dict[str, float]:
    """Time all stages for each theme that has clusters."""
    drawn = {theme.slug for theme in load_themes() if theme.clusters} | {"all"}
    stages = ("parameters", "clusters", "confidence", "description")
    print(f"\nStages in ms, {DRAWS} draws{'':26}" + "".join(f"{stage:>13}" for stage in stages))
    totals = np.zeros(len(stages))
    for theme in places.themes:
        weights = places.weights(theme)
        if theme not in drawn or choose_parameters(places.frame, weights=weights).eps is None:
            continue
        times, said = _stages(places, theme, weights)
        totals += times
        print(f"  {theme:38}" + "".join(f"{one:>13.1f}" for one in times) + f"   {said}")
    print(f"  {'together':38}" + "".join(f"{one:>13.1f}" for one in totals))
    print(f"  confidence of every theme: {totals[2] / 1000:.2f} s (goal {SECONDS} s)")
    return dict(zip(stages, totals.tolist(), strict=True))


def _stages(places: Places, theme: str, weights: np.ndarray) -> tuple[np.ndarray, str]:
    """Run the stages of one theme; return the milliseconds of each and what was found."""
    moments = [time.perf_counter()]
    chosen = choose_parameters(places.frame, weights=weights)
    moments.append(time.perf_counter())
    options = {"eps": chosen.eps, "min_samples": chosen.min_samples, "weights": weights}
    labels = hotspot_dbscan(places.frame, **options)
    moments.append(time.perf_counter())
    confidence = cluster_confidence(places.frame, labels, **options, draws=DRAWS)
    moments.append(time.perf_counter())
    found = describe_clusters(
        places.frame,
        labels,
        eps=chosen.eps,
        weights=weights,
        monthly=places.monthly(theme),
        months=places.months,
        confidence=confidence,
    )
    moments.append(time.perf_counter())
    said = (
        f"{len(found)} clusters with {found['share'].sum():.0%} of incidents, "
        f"largest {found['share'].max():.0%}, median confidence {found['confidence'].median():.2f}"
    )
    return np.diff(moments) * 1000, said if len(found) else "no cluster"


if __name__ == "__main__":
    main()
