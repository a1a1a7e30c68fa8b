"""Places that a file of interventions may name: zones of the user's, beats and hot spots of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from hotspots.errors import InputError
from hotspots.evaluation.zones import Zones
from hotspots.geography.shape_faults import shape_faults
from hotspots.schema import NATIONAL_GRID
from hotspots.text import clean_label, safe_text

if TYPE_CHECKING:
    import geopandas as gpd

#: Layers of a run's GeoPackage that hold places, with the column of their identifiers.
LAYERS: Final = {"beats": "beat", "clusters": "cluster"}


def named_places(zones: Zones | None, run: Path | None) -> gpd.GeoDataFrame | None:
    """
    Gather everything that may be named as the area of an intervention.

    Parameters
    ----------
    zones : Zones or None
        The user's.
    run : Path or None
        hotspots.gpkg of a run, or the folder that holds it.

    Returns
    -------
    GeoDataFrame or None
        EPSG:27700, indexed by id, with `name` and `kind` ("zone", "beat", "hot spot"), each id
        once; None where neither is given. A beat or hot spot of several themes keeps its first shape.

    Raises
    ------
    InputError
        If the run's file is missing, or holds no beats and no hot spots.
    """
    import geopandas as gpd

    frames = []
    if zones is not None:
        frames.append(zones.frame[["name", "geometry"]].assign(kind="zone"))
    if run is not None:
        frames.append(_of_run(run))
    if not frames:
        return None
    found = gpd.GeoDataFrame(pd.concat(frames), crs=NATIONAL_GRID)
    return found[~found.index.duplicated()]


def _of_run(run: Path) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pyogrio

    path = run / "hotspots.gpkg" if run.is_dir() else run
    name = safe_text(path.name)
    try:
        there = [str(row[0]) for row in pyogrio.list_layers(path)]
        with shape_faults(path):
            layers = {layer: gpd.read_file(path, layer=layer) for layer in LAYERS if layer in there}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(
            f"{name} cannot be read: name a folder that `hotspots run` wrote, or the hotspots.gpkg in it."
        ) from error
    frames = []
    for layer, frame in layers.items():
        known = frame[~frame.geometry.isna()] if len(frame) else frame
        if len(known) and {LAYERS[layer], "name"} <= set(known.columns):
            kind = "beat" if layer == "beats" else "hot spot"
            one = gpd.GeoDataFrame(
                {"name": known["name"].map(lambda text: clean_label(str(text))), "kind": kind},
                geometry=known.geometry.to_numpy(),
                crs=known.crs,
            )
            frames.append(one.set_index(known[LAYERS[layer]].astype(str)))
    if not frames:
        raise InputError(f"{name} holds no beats and no hot spots that could be named.")
    return gpd.GeoDataFrame(pd.concat(frames)).to_crs(NATIONAL_GRID)
