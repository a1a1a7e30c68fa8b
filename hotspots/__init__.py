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
    "adaptive_density": "density",
    "analyse": "pipeline",
    "band_neighbours": "neighbours",
    "change_between": "trends",
    "choose_bandwidth": "bandwidth",
    "choose_parameters": "clusters",
    "classify": "themes",
    "cluster_confidence": "confidence",
    "combine_themes": "priority",
    "density_bands": "contours",
    "density_change": "contrast",
    "describe_clusters": "outlines",
    "disclose": "disclosure",
    "emerging_hotspots": "emerging",
    "fold_places": "places",
    "geocode": "geocoding",
    "harm_scores": "harm",
    "hexagonal_cells": "grid",
    "hotspot_dbscan": "clusters",
    "hotspot_hdbscan": "clusters",
    "hour_by_weekday": "temporal",
    "kernel_density": "density",
    "load_areas": "boundaries",
    "load_themes": "themes",
    "local_gistar": "localstats",
    "local_moran": "localstats",
    "near_repeats": "temporal",
    "queen_neighbours": "neighbours",
    "rank_areas": "priority",
    "rank_over_denominators": "priority",
    "read_incidents": "incidents",
    "relative_risk": "contrast",
    "square_cells": "grid",
    "square_grid": "grid",
    "sweep_clusters": "confidence",
    "track_clusters": "tracking",
    "track_months": "tracking",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - names, computed from the one table above


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"hotspots.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hotspots' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
