"""The record of a run: from which input, with which parameters, under which warnings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hotspots._version import __version__
from hotspots.outputs.tables import RECORDED
from hotspots.release.release import Release


def manifest(release: Release) -> dict[str, Any]:
    """
    Give the record of a run, without the list of outputs.

    Returns
    -------
    dict
        Strict JSON: version, parameters, inputs with digests and row counts,
        rejects by reason, geocoding, boundaries, themes with the values chosen
        for them and why, warnings. No clock, no path of the machine.
    """
    return {
        "version": __version__,
        "command": "hotspots run",
        "parameters": dict(release.parameters),
        "seed": release.parameters["seed"],
        "audience": release.audience,
        "marking": release.marking,
        **_attested(release),
        "synthetic": release.synthetic,
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
            "derived": release.derived,
            "notes": list(release.area_notes),
        },
        "themes": [_theme_record(view) for view in release.themes],
        **{name: _plain_rows(getattr(release, name)) for name in RECORDED},
        **{
            name: _plain_rows(frame[frame["code"].eq(release.area_code)])
            for name, frame in release.footprint.items()
        },
        "compared": sorted(release.comparisons["comparison"].unique()),
        "combined_themes": dict(release.combined_themes),
        "temporal": {"resolution": release.resolution, **release.times.as_dict()},
        "sources": list(release.sources),
        "warnings": list(release.warnings),
    }


def _attested(release: Release) -> dict[str, str]:
    if not release.already_public:
        return {}
    return {"already_public": release.already_public, "attested": release.attested}


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a frame as strict JSON: nothing where a figure is missing."""
    plain = frame.round(3).astype(object)
    return [dict(row) for row in plain.where(plain.notna(), None).to_dict("records")]


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
