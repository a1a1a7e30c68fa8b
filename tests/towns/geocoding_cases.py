"""A small town and incidents in it, for the tests of geocoding: everything can be checked by hand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.geography.load import Areas
from hotspots.schema import INCIDENT_COLUMNS

# South-west corner of the town; it is 4 km wide and 2 km high.
X, Y = 433_000, 335_000
WEST, EAST = "E05015507", "E05015511"
# Five strips from west to east. The second and third are the parts of a 2011
# LSOA that was split, E01013479; the ward border cuts the fourth in two.
STRIPS = {
    "E01013453": (0, 1000),
    "E01034256": (1000, 1500),
    "E01034257": (1500, 2000),
    "E01013454": (2000, 3000),
    "E01013455": (3000, 4000),
}
_TEXT = ("source", "month", "crime_type", "offence_code", "flags", "street", "postcode", "stated_lsoa")


def layer(level: str, vintage: str, strips: dict[str, tuple[int, int]]) -> gpd.GeoDataFrame:
    """Make a layer of strips, each as high as the town."""
    codes = sorted(strips)
    table = pd.DataFrame(
        {"name": codes, "level": level, "vintage": vintage, "residents": 100.0, "households": 40.0},
        index=pd.Index(codes, name="code"),
    )
    shapes = [shapely.box(X + strips[c][0], Y, X + strips[c][1], Y + 2000) for c in codes]
    table["area_km2"] = shapely.area(shapes) / 1e6
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:27700")


def town(lsoas: dict[str, tuple[int, int]] | None = None, *, vintage: str = "lsoa_2021") -> Areas:
    """Make the town: two wards that meet at x = 2500."""
    return Areas(
        wards=layer("ward", "ward_2023", {WEST: (0, 2500), EAST: (2500, 4000)}),
        lsoas=layer("lsoa", vintage, lsoas or STRIPS),
        outline=shapely.box(X, Y, X + 4000, Y + 2000),
        area_code="E06000015",
        area_name="Derby",
        derived=True,
        sources=(),
    )


def incidents(**columns: Any) -> pd.DataFrame:
    """Make incidents, blank but for the given columns; easting and northing count from the corner."""
    n = max((len(values) for values in columns.values()), default=0)
    blank: dict[str, Any] = dict.fromkeys(INCIDENT_COLUMNS, "")
    blank |= dict.fromkeys(("easting", "northing", "longitude", "latitude"), np.nan)
    blank |= {"source": "a.csv", "month": "2025-01", "crime_type": "Burglary"}
    blank |= {"source_row": np.arange(2, n + 2, dtype=np.int32)}
    blank |= dict.fromkeys(("occurred_from", "occurred_to"), pd.NaT)
    frame = pd.DataFrame(blank | columns, index=pd.RangeIndex(n), columns=list(INCIDENT_COLUMNS))
    frame["easting"], frame["northing"] = frame["easting"] + X, frame["northing"] + Y
    return frame.astype(dict.fromkeys((*_TEXT, "stated_ward"), "category"))
