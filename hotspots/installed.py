"""What this installation has: versions, data, and what it lacks for a place."""

from __future__ import annotations

import platform
from importlib import metadata

from hotspots._version import __version__
from hotspots.authorities import (
    SHIPPED,
    Authority,
    fetched_layers,
    known_authorities,
    place_folder,
    quoted_word,
)
from hotspots.geography.projection import choose_projection
from hotspots.resources import data_folder, shipped
from hotspots.terminal import columns_text
from hotspots.text import counted

_LIBRARIES = (
    "geopandas",
    "shapely",
    "pandas",
    "numpy",
    "scipy",
    "scikit-learn",
    "folium",
    "pyproj",
    "pyogrio",
)


def installation() -> str:
    """Say which versions and which optional data this installation has."""
    files = (path.stem for path in shipped("boundaries").glob("*.geojson"))
    layers = sorted(name for name in files if name.startswith(("wards", "lsoas")))
    others = [one.name for one in known_authorities() if fetched_layers(one.code)]
    rows = [
        ("hotspots", __version__),
        ("Python", platform.python_version()),
        *((name, metadata.version(name)) for name in _LIBRARIES),
        ("shipped layers", f"of {SHIPPED.name}: {', '.join(layers)}"),
        ("fetched layers", ", ".join(others) or "none: hotspots fetch place --area NAME --from YYYY-MM"),
    ]
    return columns_text(rows)


def place_text(one: Authority) -> str:
    """Say what is at hand for an authority, and the command that brings what is not."""
    name, folder, ships = quoted_word(one.name), place_folder(one.code), one.code == SHIPPED.code
    layers = ", ".join(sorted(path.stem for path in folder.glob("*.geojson")))
    files = (data_folder("police") / (one.force or "-")).glob("*-street.csv")
    months = sorted({path.name[:7] for path in files})
    span = f"{months[0]} to {months[-1]}, {counted(len(months), 'month')}" if months else ""
    projection = choose_projection(area=one.code)
    figures = "fetched" if (folder / "residents_households.csv").is_file() else ""
    rows = [
        (
            "wards, LSOAs",
            layers
            or ("those that ship: derived, not official" if ships else "")
            or f"missing: hotspots fetch boundaries --area {name}",
        ),
        (
            "residents",
            figures
            or ("those that ship" if ships else "")
            or f"missing, so no rates: hotspots fetch population --area {name}",
        ),
        (
            "street crime",
            span or f"missing: hotspots fetch police --area {name} --from YYYY-MM --to YYYY-MM",
        ),
        (
            "postcodes",
            "fetched"
            if any(data_folder("postcodes").glob("*.zip"))
            else "missing, of use to files with postcodes only: hotspots fetch postcodes",
        ),
        (
            "OSTN15",
            "at hand"
            if projection.grid is not None
            else f"missing, so points are up to {projection.error_m:g} m off: hotspots fetch ostn15",
        ),
    ]
    return "\n".join([f"For {one.name} ({one.code}):", columns_text(rows, indent=2)])
