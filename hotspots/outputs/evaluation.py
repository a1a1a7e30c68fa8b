"""The folder of an evaluation or of a plan for one: one page, the table behind it, and the record."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots._version import __version__
from hotspots.outputs.csv import csv_bytes
from hotspots.outputs.folder import MANIFEST, MANIFEST_FORMAT, staged
from hotspots.outputs.publish import listed, os_errors


def publish_evaluation(
    pages: Sequence[dict[str, Any]],
    table: pd.DataFrame,
    out: Path,
    *,
    progress: Callable[[str], None] = lambda _: None,
    **labels: Any,
) -> dict[str, Any]:
    """
    Write evaluation.html, tables/interventions.csv and run.json.

    Parameters
    ----------
    pages : sequence of dict
        One for each switch; see `pages.evaluation_page`.
    table : DataFrame
        One row for each switch.
    out : Path
        Folder to make or to replace, as for a run.
    progress : callable
        Is told each step.
    **labels
        title, period, marking, synthetic, sources.

    Returns
    -------
    dict
        The record as written to run.json.
    """
    from hotspots.pages.evaluation_page import render_evaluation

    with os_errors(out), staged(out) as stage:
        progress("Writing the evaluation")
        html = render_evaluation(pages, **labels)
        (stage / "evaluation.html").write_text(html, encoding="utf-8", newline="\n")
        (stage / "tables").mkdir()
        (stage / "tables" / "interventions.csv").write_bytes(csv_bytes(table.round(4)))
        told = [
            {"name": str(row["name"]), "day": str(row["day"]), "verdict": str(row["verdict"])}
            for row in table.to_dict("records")
        ]
        return _record(stage, {"interventions": told}, labels)


def publish_plan(
    table: pd.DataFrame, out: Path, *, progress: Callable[[str], None] = lambda _: None, **labels: Any
) -> dict[str, Any]:
    """
    Write plan.html, tables/plan.csv and run.json; parameters as `publish_evaluation`.

    Returns
    -------
    dict
        The record as written to run.json.
    """
    from hotspots.pages.plan_page import render_plan

    with os_errors(out), staged(out) as stage:
        progress("Writing the plan")
        (stage / "plan.html").write_text(render_plan(table, **labels), encoding="utf-8", newline="\n")
        (stage / "tables").mkdir()
        (stage / "tables" / "plan.csv").write_bytes(csv_bytes(table.round(4)))
        return _record(stage, {"planned": len(table)}, labels)


def _record(stage: Path, told: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    record = {
        "format": MANIFEST_FORMAT,
        "version": __version__,
        "command": "hotspots evaluate",
        "audience": "internal",
        **{name: labels[name] for name in ("marking", "synthetic", "period")},
        "sources": list(labels["sources"]),
        **told,
        "outputs": listed(stage),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    (stage / MANIFEST).write_text(text, encoding="utf-8")
    return record
