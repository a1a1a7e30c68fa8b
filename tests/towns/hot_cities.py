"""Cities made in code: places on a jittered grid, some of them hot, for tests of targeting."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.places import Places
from hotspots.schema import ALL_INCIDENTS
from hotspots.targeting.ground import Ground, lay_ground
from hotspots.targeting.history import History

#: A square of 3 km at Derby.
WEST, SOUTH, SIDE = 433_000, 334_000, 3_000
OUTLINE = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)


def points(n_side: int = 20, *, seed: int = 0) -> np.ndarray:
    """Place n_side x n_side points about evenly over the square, sorted by easting, northing."""
    rng = np.random.default_rng(seed)
    step = SIDE / n_side
    steps = (np.arange(n_side) + 0.5) * step
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    xy = np.column_stack([WEST + x, SOUTH + y]) + rng.uniform(-0.3, 0.3, (n_side**2, 2)) * step
    return xy[np.lexsort((xy[:, 1], xy[:, 0]))]


def planted_rates(
    n: int, *, hot: int = 8, times: float = 40.0, base: float = 0.05, seed: int = 0
) -> np.ndarray:
    """Give each place a rate a month; some are `times` as busy."""
    rng = np.random.default_rng(seed)
    rates = base * rng.gamma(2.0, 0.5, n)
    rates[rng.choice(n, hot, replace=False)] = base * times
    return rates


def months(n: int) -> tuple[str, ...]:
    return tuple(f"{2024 + k // 12}-{k % 12 + 1:02d}" for k in range(n))


def city(rates: np.ndarray, *, n_months: int = 12, seed: int = 0, xy: np.ndarray | None = None) -> Places:
    """Draw a city's incidents: the theme "theft" at these rates, and four times as many of all kinds."""
    rng = np.random.default_rng(seed)
    xy = points() if xy is None else xy
    theft = rng.poisson(rates[:, None], (len(rates), n_months))
    cube = np.stack([theft + rng.poisson(3 * rates[:, None], theft.shape), theft])
    return places_of(xy, cube, themes=(ALL_INCIDENTS, "theft"))


def places_of(xy: np.ndarray, cube: np.ndarray, *, themes: tuple[str, ...]) -> Places:
    """Fold counts by theme, place and month into places; a ward is a quarter of the square."""
    east, north = (xy[:, 0] > WEST + SIDE / 2).astype(int), (xy[:, 1] > SOUTH + SIDE / 2).astype(int)
    frame = gpd.GeoDataFrame(
        {
            "n": cube[0].sum(axis=1),
            "street": [f"On or near Street {k:03d}" for k in range(len(xy))],
            "ward_code": [f"W{e}{n}" for e, n in zip(east, north, strict=True)],
            "lsoa_code": [f"L{e}{n}" for e, n in zip(east, north, strict=True)],
        },
        geometry=shapely.points(xy),
        crs="EPSG:27700",
    )
    names = months(cube.shape[2])
    return Places(frame, pd.DataFrame(), names, themes, np.arange(len(xy)), cube)


def ground_of(places: Places) -> Ground:
    return lay_ground(places.frame, OUTLINE)


def history(counts: np.ndarray, everything: np.ndarray, ground: Ground) -> History:
    return History(counts.astype(float), everything.astype(float), ground.near, months(counts.shape[1]))
