"""What `hotspots check` finds: reading and geocoding, without any analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots._version import __version__
from hotspots.errors import OutputError
from hotspots.findings.quality import theme_quality, types_in_no_theme, unknown_words
from hotspots.loading import (
    Progress,
    check_names,
    load_layers,
    locate,
    months_warnings,
    read_inputs,
    rejected_rows,
    run_warnings,
)
from hotspots.locating.geocode import Geocoded
from hotspots.reading.incidents import Incidents, Watch
from hotspots.settings import Settings
from hotspots.themes.themes import load_themes


@dataclass(frozen=True)
class Checked:
    """What `hotspots check` found: reading and geocoding, without any analysis."""

    incidents: Incidents
    geocoded: Geocoded
    rejected: pd.DataFrame
    quality: tuple[dict[str, Any], ...]
    unthemed: Mapping[str, int]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give the report as one strict-JSON object."""
        return {
            "version": __version__,
            "reading": self.incidents.report.as_dict(),
            "geocoding": self.geocoded.report.as_dict(),
            "themes": list(self.quality),
            "in_no_theme": dict(self.unthemed),
            "rejected": count_reasons(self.rejected),
            "first_rejected": self._first_rejected(),
            "warnings": list(self.warnings),
        }

    def _first_rejected(self, *, shown: int = 3) -> dict[str, list[dict[str, Any]]]:
        """Say by reason in which source and row the first rejected rows stand."""
        first = self.rejected.dropna(subset="source_row").groupby("reason", sort=True).head(shown)
        rows = zip(first["reason"], first["source"], first["source_row"], strict=True)
        found: dict[str, list[dict[str, Any]]] = {}
        for reason, source, row in rows:
            found.setdefault(str(reason), []).append({"source": str(source), "row": int(row)})
        return found

    def write_rejects(self, path: Path) -> None:
        """
        Write where each rejected row stands, and why; never its values.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        from hotspots.outputs.csv import csv_bytes

        content = csv_bytes(self.rejected.rename(columns={"source_row": "row"}))
        try:
            path.write_bytes(content)
        except OSError as error:
            raise OutputError(f"{path.name} could not be written: {error.strerror}.") from error


def check_files(settings: Settings, *, progress: Progress = lambda _: None, watch: Watch = iter) -> Checked:
    """Read, validate and geocode the settings' input files; `progress` and `watch` as in `analyse_files`."""
    check_names(settings)
    progress("Reading incidents")
    incidents = read_inputs(settings, watch=watch)
    progress("Locating incidents in wards and LSOAs")
    areas = load_layers(settings)
    geocoded = locate(incidents, areas, settings)
    themes = load_themes(settings.theme_rules)
    quality = theme_quality(incidents, geocoded, areas, themes)
    return Checked(
        incidents=incidents,
        geocoded=geocoded,
        rejected=rejected_rows(incidents, geocoded),
        quality=quality,
        unthemed=types_in_no_theme(geocoded.frame, themes),
        warnings=(
            *run_warnings(incidents, geocoded, areas, quality),
            *unknown_words(geocoded.frame, themes),
            *months_warnings(incidents, geocoded.frame, settings),
        ),
    )


def count_reasons(rejected: pd.DataFrame) -> dict[str, int]:
    """Count rejected rows by reason."""
    return {str(reason): int(n) for reason, n in rejected.groupby("reason")["rows"].sum().items()}
