"""The layers of the GeoPackage in other formats, one file a layer, on request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots.outputs.geopackage import layers
from hotspots.release.release import Release

#: What may be asked for, and the suffix of its files.
FORMATS: Final = {"geoparquet": ".parquet", "flatgeobuf": ".fgb"}


def write_geofiles(release: Release, folder: Path, formats: Sequence[str]) -> None:
    """
    Write each layer that has rows as layers/NAME.parquet or layers/NAME.fgb.

    Parameters
    ----------
    release : Release
        What may be shown.
    folder : Path
        In which `layers` is made.
    formats : sequence of {"geoparquet", "flatgeobuf"}
    """
    if not formats:
        return
    (folder / "layers").mkdir()
    for name, frame in layers(release).items():
        for wanted in sorted(set(formats)) if len(frame) else ():
            _write(frame, folder / "layers" / f"{name}{FORMATS[wanted]}", wanted)


def _write(frame: Any, path: Path, wanted: str) -> None:
    if wanted == "geoparquet":
        _plain(frame).to_parquet(path, index=False)
        return
    import pyogrio

    # Without an index the features keep their order, so that equal input gives equal bytes.
    pyogrio.write_dataframe(frame, path, driver="FlatGeobuf", SPATIAL_INDEX="NO")


def _plain(frame: Any) -> Any:
    """Hold texts and mixed outlines as the GeoPackage does, so that equal tables give equal bytes."""
    import geopandas as gpd
    import shapely

    texts = frame.dtypes.map(pd.api.types.is_string_dtype)
    held = frame.astype(dict.fromkeys(frame.columns[texts], object))
    shapes = held.geometry.to_numpy()
    multi = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    if multi.any() and not multi.all():
        several = zip(shapes, multi, strict=True)
        parts = [shape if many else shapely.MultiPolygon([shape]) for shape, many in several]
        held = held.set_geometry(gpd.GeoSeries(parts, index=held.index, crs=frame.crs))
    return held
