"""Areas as squares in rows and columns, for tests of neighbours and local statistics."""

from __future__ import annotations

import geopandas as gpd
from shapely.geometry import box


def squares(rows: int, columns: int, *, gap: float = 0.0) -> gpd.GeoDataFrame:
    cells = [
        box(c * 100, r * 100, c * 100 + 100 - gap, r * 100 + 100 - gap)
        for r in range(rows)
        for c in range(columns)
    ]
    codes = [f"A{number:03d}" for number in range(len(cells))]
    return gpd.GeoDataFrame(index=codes, geometry=cells, crs="EPSG:27700")
