"""The page of a plan: by theme and place the smallest fall that could be seen, before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.pages import words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document

PLAN_WORDS: Final = (
    "The smallest fall that would be found four times in five (80 % power, two-sided at 95 %), "
    "with the control and the ring that an evaluation would choose; a smaller fall would probably stay "
    "unseen. Programmes at places that were tested well have shown from no effect to 30 % fewer incidents: "
    "where the smallest fall is larger than that, a result of “no change” will say nothing. What places vary "
    "by is learnt from the months read; no period is longer than half of them, so longer ones are guesses "
    "from shorter ones."
)


def render_plan(
    table: pd.DataFrame, *, title: str, period: str, marking: str, synthetic: bool, sources: Sequence[str]
) -> str:
    """
    Write the page.

    Parameters
    ----------
    table : DataFrame
        theme_name, kind, name, months, expected, smallest_fall, note; see `evaluating.PLAN_TABLE`.
    title, period, marking, synthetic, sources
        As for any page.

    Returns
    -------
    str
        A whole HTML document that makes no request. Equal input gives equal text.
    """
    lengths = sorted({int(months) for months in table["months"]})
    return render_document(
        "plan.html.j2",
        marking=marking,
        synthetic=synthetic,
        styles=[own_files("profile.css")],
        title=title,
        period=period,
        words=PLAN_WORDS,
        lengths=lengths,
        themes=[
            {"name": name, "rows": _rows(part, lengths)}
            for name, part in table.groupby("theme_name", sort=False)
        ],
        sources=list(sources),
    )


def fall_words(fall: float | None) -> str:
    """Write the smallest fall; "none" where not even an end of all incidents would be seen."""
    if fall is None or np.isnan(fall):
        return "unknown"
    return "none" if np.isinf(fall) or fall > 1 else f"{100 * fall:.0f}%"


def _rows(part: pd.DataFrame, lengths: Sequence[int]) -> list[dict[str, Any]]:
    rows = []
    for (kind, name), mine in part.groupby(["kind", "name"], sort=False):
        by = mine.set_index("months")
        expected = by["expected"].astype(float) / by.index
        notes = [str(note) for note in by["note"] if note]
        rows.append(
            {
                "kind": kind,
                "name": name,
                "monthly": words.rate(float(expected.iloc[0])) if expected.notna().all() else "unknown",
                "falls": [fall_words(by["smallest_fall"].astype(float).get(months)) for months in lengths],
                "note": notes[0] if len(notes) == len(by) and len(set(notes)) == 1 else "",
            }
        )
    return rows
