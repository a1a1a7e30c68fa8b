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
    "Analysis": "analysis",
    "adaptive_density": "density.surface",
    "analyse": "analysis",
    "change_between": "statistics.change",
    "choose_bandwidth": "density.bandwidth",
    "choose_parameters": "clusters.parameters",
    "classify": "themes.themes",
    "cluster_confidence": "clusters.confidence",
    "combine_themes": "statistics.ranking",
    "density_bands": "density.bands",
    "describe_clusters": "clusters.outlines",
    "disclose": "release.disclose",
    "emerging_hotspots": "statistics.emerging",
    "fold_places": "places",
    "geocode": "locating.geocode",
    "harm_scores": "themes.harm",
    "hotspot_dbscan": "clusters.dbscan",
    "hotspot_hdbscan": "clusters.hdbscan",
    "hour_by_weekday": "statistics.hours",
    "kernel_density": "density.surface",
    "load_areas": "geography.load",
    "load_themes": "themes.themes",
    "local_gistar": "statistics.localstats",
    "local_moran": "statistics.localstats",
    "near_repeats": "statistics.near_repeats",
    "queen_neighbours": "statistics.neighbours",
    "rank_areas": "statistics.ranking",
    "rank_over_denominators": "statistics.ranking",
    "read_incidents": "reading.incidents",
    "relative_risk": "density.contrast",
    "square_cells": "density.grid",
    "square_grid": "density.grid",
    "sweep_clusters": "clusters.confidence",
    "track_clusters": "clusters.tracking",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - names, computed from the one table above


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"hotspots.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hotspots' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
