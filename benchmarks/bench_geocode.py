"""
How fast points find their ward and LSOA, beside geopandas on the same rows in the same run.

Two cases of 400,000 rows: snapped as police.uk data are (2,700 distinct
points), and all distinct. Run it from the clone:

    python benchmarks/bench_geocode.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.geography.load import Areas, load_areas
from hotspots.geography.projection import HELMERT
from hotspots.geography.vintages import load_changes
from hotspots.locating._evidence import COORDINATE, Points
from hotspots.locating._locations import locate
from hotspots.locating.geocode import geocode
from hotspots.schema import INCIDENT_COLUMNS

ROWS, PLACES, SEED, REPEATS = 400_000, 2_700, 1, 3


def points_in_area(areas: Areas, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw `n` points inside the outline: easting and northing."""
    west, south, east, north = areas.outline.bounds
    drawn = rng.uniform((west, south), (east, north), (3 * n, 2)).round(3)
    shapely.prepare(areas.outline)
    return drawn[shapely.contains_xy(areas.outline, drawn[:, 0], drawn[:, 1])][:n]


def blank_incidents(xy: np.ndarray) -> pd.DataFrame:
    """Make incidents at the points, with nothing else in them."""
    blank = dict.fromkeys(INCIDENT_COLUMNS, "") | {
        "longitude": np.nan,
        "latitude": np.nan,
        "month": "2025-01",
    }
    frame = pd.DataFrame(blank, index=range(len(xy))).assign(
        source_row=np.arange(2, len(xy) + 2, dtype=np.int32), easting=xy[:, 0], northing=xy[:, 1]
    )
    text = [
        name
        for name in frame
        if frame[name].dtype.kind not in "if" and name not in {"crime_id", "grid_reference"}
    ]
    return frame.astype(dict.fromkeys(text, "category"))


def by_places(xy: np.ndarray, areas: Areas) -> tuple[np.ndarray, np.ndarray]:
    """Find ward and LSOA the project's way, folding included."""
    flags = {name: np.zeros(len(xy), dtype=bool) for name in ("terminated", "coarse", "converted", "helmert")}
    level = np.full(len(xy), COORDINATE, dtype=np.int8)
    points = Points(xy[:, 0].copy(), xy[:, 1].copy(), level, **flags)
    found = locate(pd.DataFrame(index=range(len(xy))), points, areas, changes=load_changes())
    return areas.wards.index.to_numpy()[found.ward], areas.lsoas.index.to_numpy()[found.lsoa]


def as_points(xy: np.ndarray, areas: Areas) -> gpd.GeoDataFrame:
    """Make the points that geopandas joins; not counted as its time."""
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=areas.wards.crs)


def by_sjoin(points: gpd.GeoDataFrame, areas: Areas) -> list[pd.Series]:
    """Find ward and LSOA with two spatial joins, by the predicate that geopandas answers fastest."""
    return [
        gpd.sjoin(points, layer[["geometry"]], how="left", predicate="within")["code"]
        for layer in (areas.wards, areas.lsoas)
    ]


def fastest(run: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the least of several times, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(xy: np.ndarray, areas: Areas) -> dict[str, float]:
    """Time both ways on the same rows, and make sure that they agree."""
    points = as_points(xy, areas)
    ours, theirs = by_places(xy, areas), by_sjoin(points, areas)
    # A point on a border has two rows in a join: the lowest code is ours too.
    once = [codes.sort_values(kind="stable").groupby(level=0).first() for codes in theirs]
    same = [float(np.mean(a == b.to_numpy())) for a, b in zip(ours, once, strict=True)]
    figures = {
        "places_s": fastest(lambda: by_places(xy, areas)),
        "sjoin_s": fastest(lambda: by_sjoin(points, areas)),
        "agreement": min(same),
    }
    return figures | {"ratio": figures["sjoin_s"] / figures["places_s"]}


def main() -> dict[str, dict[str, float]]:
    """Run both cases and the whole of geocoding, print the ratios, return the figures."""
    areas, rng = load_areas(), np.random.default_rng(SEED)
    places = points_in_area(areas, PLACES, rng)
    snapped = places[rng.integers(len(places), size=ROWS)]
    figures = {
        "400,000 snapped rows": compare(snapped, areas),
        "400,000 distinct points": compare(points_in_area(areas, ROWS, rng), areas),
    }
    for name, case in figures.items():
        print(
            f"{name}: {case['places_s'] * 1000:,.0f} ms, geopandas.sjoin {case['sjoin_s'] * 1000:,.0f} ms:"
            f" {case['ratio']:.1f} times as fast; {case['agreement']:.4%} of rows agree"
        )
    incidents = blank_incidents(snapped)
    whole = fastest(lambda: geocode(incidents, areas, projection=HELMERT))
    print(f"geocode() of the snapped rows, report included: {whole * 1000:,.0f} ms")
    return figures | {"geocode": {"seconds": whole}}


if __name__ == "__main__":
    main()
