"""
The record of reading, of settings and of rejected rows as an audience may see it.

Rows by file are rows by month, rows by reason are small counts, a name of a file or
of a column may say what it holds, and a digest confirms a guess. Outside internal use
the record keeps how many files of which kind were read, and the settings that
`schema.PARAMETERS` lets through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots.audiences import Policy
from hotspots.errors import ReleaseError
from hotspots.schema import PARAMETERS
from hotspots.settings import Settings

_PLACES_OF_FILES: Final = (
    *("inputs", "out", "boundaries", "postcodes", "ostn15"),
    *("backdrop", "context", "theme_rules", "denominator", "points", "zones", "returns", "query"),
)


def released_parameters(settings: Settings, slugs: Sequence[str], *, audience: str) -> dict[str, Any]:
    """
    Give the settings that shape the result, as plain values; where files lie is the machine's affair.

    Outside internal use settings that name columns, and themes that the audience may not know of, are left
    out.

    Raises
    ------
    ReleaseError
        If `schema.PARAMETERS` has no rule for a setting.
    """
    plain = {
        one.name: getattr(settings, one.name) for one in fields(settings) if one.name not in _PLACES_OF_FILES
    }
    rules = settings.theme_rules
    # Themes decide what may be shown, so a run with other rules must be told from one with the shipped.
    plain = {
        **plain,
        "denominator": _digest(settings.denominator),
        "zones": _digest(settings.zones),
        "theme_rules": _digest(rules) or "shipped",
    }
    unknown = sorted(set(plain) - set(PARAMETERS))
    if unknown:
        raise ReleaseError(
            f"The setting '{unknown[0]}' has no rule for the audience '{audience}': enter it in "
            "schema.PARAMETERS."
        )
    if audience != "internal":
        plain = {
            name: value for name, value in plain.items() if PARAMETERS[name].rules[audience] != "internal"
        }
        plain["theme_rules"] = "shipped" if rules is None else "own"
        plain["themes"] = tuple(slug for slug in settings.themes if slug in slugs)
        plain["weights"] = {slug: weight for slug, weight in settings.weights.items() if slug in slugs}
    return {
        name: dict(v) if isinstance(v, Mapping) else list(v) if isinstance(v, tuple) else v
        for name, v in plain.items()
    }


def _digest(path: Path | None) -> str:
    return "" if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


def released_reading(reading: Mapping[str, Any]) -> dict[str, Any]:
    """Say how many files of which kind were read, under neutral names."""
    sources = reading.get("sources", ())
    return {"sources": [{"name": f"file {k}", "kind": one["kind"]} for k, one in enumerate(sources, start=1)]}


def release_rejected(rejected: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give the list of rejected rows; outside internal use it is empty."""
    named = rejected.rename(columns={"source_row": "row"})
    return named if policy.audience == "internal" else named.iloc[:0]


def reason_counts(rejected: pd.DataFrame) -> dict[str, int]:
    """Count rejected rows by reason."""
    return {str(reason): int(n) for reason, n in rejected.groupby("reason")["rows"].sum().items()}
