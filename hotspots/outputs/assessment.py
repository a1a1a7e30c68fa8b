"""The folder of an assessment: one page, the same for Word, the matrix as a table, and the record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots._version import __version__
from hotspots.outputs.csv import csv_bytes
from hotspots.outputs.folder import MANIFEST, MANIFEST_FORMAT, staged
from hotspots.outputs.publish import listed, os_errors


def publish_assessment(
    evidence: Mapping[str, Any],
    answers: Any,
    since: Mapping[str, Any] | None,
    out: Path,
    *,
    word: bool,
    created: datetime,
    progress: Callable[[str], None] = lambda _: None,
    **labels: Any,
) -> dict[str, Any]:
    """
    Write assessment.html, with `word` assessment.docx, tables/matrix.csv and run.json.

    Parameters
    ----------
    evidence, answers, since
        See `assessing.Assessed`.
    out : Path
        Folder to make or to replace, as for a run.
    word : bool
        Whether the page is written as a Word document too.
    created : datetime
        Stands in the document's properties.
    progress : callable
        Is told each step.
    **labels
        marking, synthetic, audience, version.

    Returns
    -------
    dict
        The record as written to run.json.
    """
    from hotspots.pages.assessment_page import matrix, render_assessment

    with os_errors(out), staged(out) as stage:
        progress("Writing the assessment")
        html = render_assessment(evidence, answers, since, **labels)
        (stage / "assessment.html").write_text(html, encoding="utf-8", newline="\n")
        if word:
            from hotspots.pages.word import word_document

            (stage / "assessment.docx").write_bytes(word_document(html, created=created))
        (stage / "tables").mkdir()
        (stage / "tables" / "matrix.csv").write_bytes(csv_bytes(pd.DataFrame(matrix(evidence))))
        record = {
            "format": MANIFEST_FORMAT,
            "version": __version__,
            "command": "hotspots assess",
            **{name: labels[name] for name in ("audience", "marking", "synthetic")},
            "area": {name: evidence["area"][name] for name in ("code", "name")},
            "edition": evidence["edition"],
            "period": evidence["period"],
            "sources": list(evidence["sources"]),
            "supplied": [key for key, box in answers.boxes.items() if box["value"]],
            "outputs": listed(stage),
        }
        text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (stage / MANIFEST).write_text(text, encoding="utf-8")
    return record
