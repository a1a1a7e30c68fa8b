"""The folder of a shift: cards and order sheet, the tables behind them, and the record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots.columns_of_beats import MEASURES
from hotspots.outputs.csv import csv_bytes
from hotspots.outputs.folder import MANIFEST, MANIFEST_FORMAT, staged
from hotspots.outputs.publish import listed, os_errors
from hotspots.outputs.record import manifest
from hotspots.outputs.tables import beat_table, nearby_table, tidy
from hotspots.release.release import Release
from hotspots.release.shift import Shift
from hotspots.text import clean_label


def publish_patrol(
    release: Release, shift: Shift, out: Path, *, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """
    Write the folder of a shift.

    Parameters
    ----------
    release : Release
        Its beats are those of the shift's theme.
    shift : Shift
    out : Path
        Folder to make or to replace, as for a run.
    progress : callable
        Is told each step.

    Returns
    -------
    dict
        The record as written to run.json.

    Raises
    ------
    OutputError
        As `publish.publish`.
    """
    from hotspots.pages.patrol_page import render_shift

    with os_errors(out), staged(out) as stage:
        progress("Writing cards and order sheet")
        (stage / "patrol.html").write_text(render_shift(release, shift), encoding="utf-8", newline="\n")
        tables = stage / "tables"
        tables.mkdir()
        (tables / "beats.csv").write_bytes(csv_bytes(beat_table(release)))
        (tables / "nearby.csv").write_bytes(csv_bytes(nearby_table(release)))
        for name, frame in shift.frames().items():
            (tables / f"{name}.csv").write_bytes(csv_bytes(tidy(frame, f"shift_{name}")))
        (tables / "returns.csv").write_bytes(csv_bytes(returns_form(shift)))
        record = {"format": MANIFEST_FORMAT, **shift_record(release, shift), "outputs": listed(stage)}
        text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (stage / MANIFEST).write_text(text, encoding="utf-8")
    return record


def returns_form(shift: Shift) -> pd.DataFrame:
    """
    Give the form for returns: what is planned at each beat, and blank columns for what was delivered.

    What funders ask for has changed from programme to programme, so the columns are the user's.
    """
    planned = {
        "order": "order",
        "beat": "beat",
        "name": "name",
        # By these `--returned` knows again what was planned.
        **{measure.replace("-", "_"): planned for measure, (planned, _) in MEASURES.items()},
        "delivered_patrol_hours": "patrol-hours likely delivered",
    }
    form = tidy(shift.cover, "shift_cover")[list(planned)].rename(columns=planned)
    # A header is written as it stands, and a spreadsheet would run one that begins like a formula.
    named = [clean_label(name).lstrip("=+-@ ") for name in shift.asked.get("returns", ())]
    blank = [name for name in dict.fromkeys(named) if name and name not in form]
    return form.assign(date="", crew="", **dict.fromkeys(blank, ""))


def shift_record(release: Release, shift: Shift) -> dict[str, Any]:
    """Give the record of a shift without the list of outputs: that of a run, what was asked for, hours."""
    hours = shift.cover[["patrol_hours", "person_hours", "delivered_patrol_hours"]].sum()
    return {
        **manifest(release),
        "command": "hotspots patrol",
        "patrol": {
            "asked": dict(shift.asked),
            "month": release.beats_for,
            "grade": release.beat_grades.get(shift.theme, ""),
            "crews": int(shift.cover["crew"].max()),
            "beats": len(shift.cover),
            "hours": {name: round(float(value), 2) for name, value in hours.items()},
            "curve": [
                {"officers": int(row.officers), "beats": int(row.beats), "share": round(float(row.share), 4)}
                for row in shift.curve.itertuples(index=False)
            ],
            "notes": list(shift.notes),
        },
    }
