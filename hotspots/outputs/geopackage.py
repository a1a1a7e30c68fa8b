"""Areas, hot spots, beats, bands and zones as a GeoPackage for QGIS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from hotspots import schema
from hotspots.outputs.tables import tidy
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
        for name, frame in _layers(release).items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                geometry_type="Unknown" if frame.empty else None,
                append=path.exists(),
            )
        pyogrio.write_dataframe(
            _layer_styles(), path, layer="layer_styles", driver="GPKG", geometry_type=None, append=True
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _layers(release: Release) -> dict[str, Any]:
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
    ranked = release.priority
    combined = ranked[ranked["level"].eq(level) & ranked["theme"].eq(release.overall)]
    joined = areas.join(wide.astype(float)).join(
        combined.set_index("code")[["rank", "p_top", "class"]].rename(columns={"class": "priority"})
    )
    return joined.rename_axis("code").reset_index()


def _layer_styles() -> pd.DataFrame:
    """Give the table from which QGIS takes each layer's default style; it skips layers that are not there."""
    styles = {
        "wards": _qml("0,0,0,0", "30,30,30,255", 0.6),
        "lsoas": _qml("0,0,0,0", "120,120,120,255", 0.2),
        "clusters": _qml("0,0,0,0", "0,0,0,255", 0.8),
        "beats": _qml("0,0,0,40", "0,0,0,255", 0.5),
        "density": _qml("0,90,120,110", "0,0,0,0", 0.1),
        "zones": _qml("0,0,0,0", "110,40,130,255", 0.6),
    }
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


def _qml(fill: str, line: str, width: float) -> str:
    options = {"color": fill, "outline_color": line, "outline_width": f"{width}", "style": "solid"}
    inner = "".join(f'<Option name="{k}" type="QString" value="{v}"/>' for k, v in options.items())
    return (
        '<!DOCTYPE qgis><qgis version="3.0"><renderer-v2 type="singleSymbol"><symbols>'
        '<symbol type="fill" name="0"><layer class="SimpleFill"><Option type="Map">'
        f"{inner}</Option></layer></symbol></symbols></renderer-v2></qgis>"
    )
