"""Areas, hot spots, beats, bands and zones as a GeoPackage for QGIS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from hotspots import schema
from hotspots.outputs.qgis_styles import layer_styles
from hotspots.outputs.tables import ON_AREAS, tidy
from hotspots.release.release import Release


def write_geopackage(release: Release, path: Path, *, created: pd.Timestamp) -> None:
    """
    Write wards, LSOAs, clusters, beats, density bands and the user's zones as layers in EPSG:27700.

    Parameters
    ----------
    release : Release
        What may be shown.
    path : Path
        The file to write; a `layer_styles` table gives QGIS its default look.
    created : Timestamp
        Time stamp stored in the file.
    """
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": created.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        for name, frame in layers(release).items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                geometry_type="Unknown" if frame.empty else None,
                append=path.exists(),
            )
        pyogrio.write_dataframe(
            _layer_styles(release), path, layer="layer_styles", driver="GPKG", geometry_type=None, append=True
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def layers(release: Release) -> dict[str, Any]:
    """Give the layers by name: areas with a column a theme, hot spots, beats, bands of density."""
    return {
        "wards": _area_layer(release, schema.WARD),
        "lsoas": _area_layer(release, schema.LSOA),
        "clusters": tidy(release.clusters, "clusters"),
        "beats": tidy(release.beats, "beats"),
        "density": tidy(release.bands, "bands"),
        **({"zones": _zone_layer(release)} if release.has_zones else {}),
    }


def _zone_layer(release: Release) -> Any:
    """Give the user's zones with the count of each theme in a column, as wards have them."""
    whole = release.zone_counts[release.zone_counts["month"].eq(schema.WHOLE_PERIOD)]
    wide = whole.set_index(["code", "theme"])["count"].unstack("theme").sort_index(axis="columns")
    wide.columns = [f"count_{theme.replace('-', '_')}" for theme in wide.columns]
    return release.zones.join(wide.astype(float), on="code")


def _area_layer(release: Release, level: str) -> Any:
    """Give areas with the count of each theme in a column, as QGIS joins and styles them."""
    areas = release.wards if level == schema.WARD else release.lsoas
    wide = release.table.level(level).whole().sort_index(axis="columns")
    wide.columns = [f"count_{theme.replace('-', '_')}" for theme in wide.columns]
    joined = areas.join(wide.astype(float))
    for frame, columns in ON_AREAS.items():
        joined = joined.join(
            _overall(getattr(release, frame), release, level)[list(columns)].rename(columns=columns)
        )
    return joined.rename_axis("code").reset_index()


def _overall(frame: pd.DataFrame, release: Release, level: str) -> pd.DataFrame:
    """Give the rows of a level that are of all themes together, by code."""
    return frame[frame["level"].eq(level) & frame["theme"].eq(release.overall)].set_index("code")


def _layer_styles(release: Release) -> pd.DataFrame:
    """Give the table from which QGIS takes each layer's default style."""
    styles = layer_styles({view.slug: view.name for view in release.themes})
    return pd.DataFrame(
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": list(styles),
            "f_geometry_column": "geom",
            "styleName": [f"{name} default" for name in styles],
            "styleQML": list(styles.values()),
            "styleSLD": "",
            "useAsDefault": True,
            "description": "",
            "owner": "",
            "ui": "",
        }
    )
