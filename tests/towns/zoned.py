"""An analysis with zones: two wards, the western half of one, and a circle around the busiest place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from hotspots import schema
from hotspots.evaluation.zones import Zones, read_zones
from hotspots.findings.by_zone import ZoneFindings, find_in_zones

NAMES = ["The Ward", "West <Side>", "Busy", "Other"]


def zoned(analysis, folder: Path, **settings):
    """Give the analysis with what it found in the zones."""
    return replace(analysis, zones=found_in(analysis, zones_of(analysis, folder), **settings))


def zones_of(analysis, folder: Path) -> Zones:
    wards = analysis.areas.wards
    ward = wards.geometry.iloc[0]
    west, south, east, north = ward.bounds
    half = shapely.intersection(ward, shapely.box(west, south, (west + east) / 2, north))
    busiest = analysis.places.frame.sort_values("n").geometry.iloc[-1]
    shapes = [ward, half, busiest.buffer(150), wards.geometry.iloc[3]]
    path = folder / "zones.gpkg"
    gpd.GeoDataFrame({"name": NAMES}, geometry=shapes, crs=schema.NATIONAL_GRID).to_file(path)
    return read_zones(path, areas={level: analysis.areas.level(level) for level in schema.LEVELS})


def found_in(analysis, zones: Zones, **settings) -> ZoneFindings:
    every = pd.DataFrame({schema.ALL_INCIDENTS: True}, index=analysis.located.index)
    return find_in_zones(
        zones,
        analysis.located,
        pd.concat([every, analysis.type_of], axis=1),
        wards=analysis.table,
        months=analysis.months,
        incomplete=analysis.incomplete,
        settings=replace(analysis.settings, **settings),
    )
