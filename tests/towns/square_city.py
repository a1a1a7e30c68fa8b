"""A square city of 25 wards of 1 km, its incidents drawn with a seed."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

THEME = "noise"


def wards(*, side: int = 5) -> gpd.GeoDataFrame:
    """Give wards E05000000 on, row by row from the south-west, each 1 km square."""
    boxes = [
        shapely.box(1000 * column, 1000 * row, 1000 * (column + 1), 1000 * (row + 1))
        for row in range(side)
        for column in range(side)
    ]
    codes = [f"E0500{number:04}" for number in range(len(boxes))]
    names = [f"Ward {number}" for number in range(len(boxes))]
    return gpd.GeoDataFrame(
        {"name": names}, index=pd.Index(codes, name="code"), geometry=boxes, crs="EPSG:27700"
    )


def months(first: str, last: str) -> list[str]:
    return [str(month) for month in pd.period_range(first, last, freq="M")]


def incidents(read: Sequence[str], *, mean: float = 30.0, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw about `mean` incidents per ward and month, each at a point of its ward."""
    rng = np.random.default_rng(seed)
    layer = wards()
    parts = []
    for number, code in enumerate(layer.index):
        for month in read:
            n = rng.poisson(mean)
            east, north = 1000 * (number % 5), 1000 * (number // 5)
            parts.append(
                pd.DataFrame(
                    {
                        "month": month,
                        "ward_code": code,
                        "easting": east + rng.uniform(1, 999, n),
                        "northing": north + rng.uniform(1, 999, n),
                    }
                )
            )
    frame = pd.concat(parts, ignore_index=True)
    return frame, pd.DataFrame({THEME: np.ones(len(frame), dtype=bool)})


def without(
    frame: pd.DataFrame, membership: pd.DataFrame, *, code: str, since: str, share: float = 0.5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take a share of a ward's incidents away from a month on."""
    chosen = (frame["ward_code"] == code) & (frame["month"] >= since)
    gone = chosen & (np.random.default_rng(7).random(len(frame)) < share)
    return frame[~gone].reset_index(drop=True), membership[~gone].reset_index(drop=True)
