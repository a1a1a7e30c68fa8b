"""The record of a run: from which input, with which parameters, under which warnings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from hotspots._version import __version__
from hotspots.findings.findings import Findings
from hotspots.release.release import Release
from hotspots.settings import Settings


def manifest(findings: Findings, release: Release) -> dict[str, Any]:
    """
    Give the record of a run, without the list of outputs.

    Returns
    -------
    dict
        Strict JSON: version, parameters, inputs with digests and row counts,
        rejects by reason, geocoding, boundaries, themes with the values chosen
        for them and why, warnings. No clock, no path of the machine.
    """
    settings = findings.settings
    return {
        "version": __version__,
        "command": "hotspots run",
        "parameters": _parameters(settings),
        "seed": settings.seed,
        "audience": release.audience,
        "marking": release.marking,
        "synthetic": findings.synthetic,
        "area": {"code": release.area_code, "name": release.area_name},
        "period": {
            "months": list(release.months),
            "incomplete": list(release.incomplete),
            "text": release.period_text,
        },
        "reading": release.reading,
        "rejected": dict(release.rejects),
        "geocoding": release.geocoding,
        "boundaries": {
            "wards": release.wards_vintage,
            "lsoas": release.lsoas_vintage,
            "derived": findings.areas.derived,
            "notes": list(findings.areas.notes),
        },
        "themes": [_theme_record(view) for view in release.themes],
        "combined_themes": dict(release.parameters["combined_themes"]),
        "temporal": {"resolution": release.resolution, **release.times.as_dict()},
        "sources": list(release.sources),
        "warnings": list(release.warnings),
    }


def _parameters(settings: Settings) -> dict[str, Any]:
    """Give the settings that shape the result; where files lie is the machine's affair."""
    left_out = {"inputs", "out", "boundaries", "postcodes", "ostn15", "backdrop", "context", "theme_rules"}
    names = [name for name in settings.__dataclass_fields__ if name not in left_out]
    plain = {name: getattr(settings, name) for name in names}
    rules = settings.theme_rules
    return {
        **{
            name: dict(v) if isinstance(v, Mapping) else list(v) if isinstance(v, tuple) else v
            for name, v in plain.items()
        },
        # Themes decide what may be shown, so a run with other rules must be told from one with the shipped.
        "theme_rules": "shipped" if rules is None else hashlib.sha256(rules.read_bytes()).hexdigest(),
    }


def _theme_record(view: Any) -> dict[str, Any]:
    kept = (
        "slug",
        "name",
        "observability",
        "observability_text",
        "sensitivity",
        "geography",
        "withheld",
        "total",
        "bandwidth",
        "cluster_parameters",
    )
    return {name: getattr(view, name) for name in kept}
