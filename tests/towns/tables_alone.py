"""The record and tables of a release, which are what other programs read of a published folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hotspots.outputs import csv
from hotspots.outputs.folder import MANIFEST, MANIFEST_FORMAT
from hotspots.outputs.record import manifest
from hotspots.outputs.tables import all_tables


def write_tables_alone(release: Any, folder: Path, *, number: int = MANIFEST_FORMAT) -> Path:
    """Write a folder as `publish` does, without maps, pages, workbook and layers."""
    csv.write_tables(all_tables(release), folder / "tables")
    (folder / MANIFEST).write_text(json.dumps({"format": number, **manifest(release)}), "utf-8")
    return folder
