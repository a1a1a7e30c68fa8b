"""
Derby Hotspots: from incident files to hot spot maps, ward profiles and tables.

The names below are the public face. They load on first use, so that
`import hotspots` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hotspots._version import __version__

_HOME = {
    "Analysis": "pipeline",
    "analyse": "pipeline",
    "choose_bandwidth": "bandwidth",
    "classify": "themes",
    "disclose": "disclosure",
    "fold_places": "places",
    "geocode": "geocode",
    "hotspot_dbscan": "clusters",
    "kernel_density": "density",
    "load_areas": "boundaries",
    "load_themes": "themes",
    "local_gistar": "localstats",
    "local_moran": "localstats",
    "publish": "publish",
    "rank_areas": "priority",
    "read_incidents": "incidents",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - names, computed from the one table above


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"hotspots.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hotspots' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
