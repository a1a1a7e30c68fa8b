"""
Reports of reading and geocoding as an audience may see them.

Rows by file are rows by month, and rows by reason are small counts: they
could be set against the published tables. Outside internal use the manifest
keeps what was read (names, digests, kinds, months) and rounded totals of the
whole run. Where a rejected row stands helps only those who hold the file, so
the list of rejected rows is for internal use.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

import pandas as pd

from hotspots.audiences import Policy
from hotspots.release.rounding import show_count
from hotspots.settings import Settings

_PLACES_OF_FILES: Final = (
    *("inputs", "out", "boundaries", "postcodes", "ostn15"),
    *("backdrop", "context", "theme_rules", "denominator", "points"),
)
_READING_COUNTS: Final = ("rows_read", "rows_kept", "rows_rejected", "out_of_period", "rows_other_kind")
_GEOCODING_COUNTS: Final = ("rows", "inside", "outside", "unlocated")
_SOURCE_KEPT: Final = (
    "name",
    "kind",
    "publisher",
    "sha256",
    "encoding",
    "delimiter",
    "line_end",
    "months",
    "resolution",
    "columns_used",
    "columns_ignored",
    "personal_columns",
)
_COUNTED: Final = re.compile(
    r"\b(\d[\d,]*(?:\.\d+)?)(?= (?:of \d[\d,]* )?(?:rows?|incidents?|places?|conflicting|more)\b)"
    r"|(?<= of )(\d[\d,]*)(?= (?:rows?|incidents?|places?)\b)"
)
# "A few row" would tell that it is one.
_SINGLE: Final = re.compile(r"(\ba few (?:conflicting |more )?(?:row|incident|place|source))\b")
_PERCENT: Final = re.compile(r"\b(\d+)\.\d+ ?%")


def parameters(settings: Settings) -> dict[str, Any]:
    """Give the settings that shape the result, as plain values; where files lie is the machine's affair."""
    plain = {
        one.name: getattr(settings, one.name) for one in fields(settings) if one.name not in _PLACES_OF_FILES
    }
    rules, own = settings.theme_rules, settings.denominator
    return {
        **{
            name: dict(v) if isinstance(v, Mapping) else list(v) if isinstance(v, tuple) else v
            for name, v in plain.items()
        },
        # Themes decide what may be shown, so a run with other rules must be told from one with the shipped.
        "denominator": "" if own is None else hashlib.sha256(own.read_bytes()).hexdigest(),
        "theme_rules": "shipped" if rules is None else hashlib.sha256(rules.read_bytes()).hexdigest(),
    }


def release_reading(reading: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Give the report of reading; outside internal use without counts by file."""
    if policy.exact:
        return dict(reading)
    sources = [{k: v for k, v in one.items() if k in _SOURCE_KEPT} for one in reading.get("sources", ())]
    return {
        **_rounded(reading, _READING_COUNTS, policy),
        "rejects": reason_counts(reading.get("rejects", {}), policy),
        "sources": sources,
        **{name: plain_words(reading.get(name, ()), policy) for name in ("notes", "warnings")},
    }


def release_geocoding(geocoding: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Give the report of geocoding; outside internal use rounded, without counts by file and month."""
    if policy.exact:
        return dict(geocoding)
    levels = geocoding.get("by_level", {})
    kept = ("lsoa_vintage", "lsoa_vintages", "minimum_hit_rate", "projection")
    return {
        **_rounded(geocoding, _GEOCODING_COUNTS, policy),
        **{name: geocoding[name] for name in kept if name in geocoding},
        "by_level": reason_counts(levels, policy),
        "hit_rate": _rate(geocoding.get("hit_rate", {}), policy),
        "themes": [
            {"theme": one["theme"], "hit_rate": _rate(one["hit_rate"], policy)}
            for one in geocoding.get("themes", ())
        ],
        **{name: plain_words(geocoding.get(name, ()), policy) for name in ("notes", "warnings")},
    }


def release_rejected(rejected: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give the list of rejected rows; outside internal use it is empty."""
    named = rejected.rename(columns={"source_row": "row"})
    return named if policy.exact else named.iloc[:0]


def reason_counts(counts: Mapping[str, int], policy: Policy) -> dict[str, int | None]:
    """Round counts by reason or level; None where withheld."""
    return {str(name): show_count(int(n), policy) for name, n in counts.items()}


def plain_words(lines: Iterable[str], policy: Policy) -> list[str]:
    """
    Round the counts and percentages inside sentences.

    Figures that count rows, incidents or places are rounded as in the tables,
    and small ones are said to be few.
    """
    if policy.exact:
        return list(lines)

    def rounded(found: re.Match[str]) -> str:
        number = show_count(round(float(found[0].replace(",", ""))), policy)
        return "a few" if number is None else f"about {number:,}"

    plain = [_PERCENT.sub(r"\1 %", _COUNTED.sub(rounded, line)) for line in lines]
    return [_SINGLE.sub(r"\1s", line) for line in plain]


def _rounded(record: Mapping[str, Any], names: Iterable[str], policy: Policy) -> dict[str, int | None]:
    return {name: show_count(int(record[name]), policy) for name in names if name in record}


def _rate(rate: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Round a hit rate to a percent, down, so that none becomes better than it is."""
    if not rate:
        return {}
    shown = rate.get("rate")
    return {
        "name": rate.get("name"),
        "total": show_count(int(rate.get("total", 0)), policy),
        "rate": None if shown is None else int(100 * shown + 1e-9) / 100,
        "reliable": rate.get("reliable"),
    }
