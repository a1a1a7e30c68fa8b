"""What a ward profile says of policing's own part in its figures, and of the ages of victims, in words."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from hotspots import schema
from hotspots.months import month_words
from hotspots.pages import words
from hotspots.pages.over_time import CITY
from hotspots.release.release import Release

_PATROL: Final = (
    "Where police stop and search, more drugs and weapons are found: these figures measure policing as well "
    "as crime."
)


def footprint(release: Release, code: str) -> dict[str, Any]:
    """Arrange searches, outcomes and ages of victims of one ward beside the whole; empty where not known."""
    return {
        "searches": _searches(release, code),
        "outcomes": _outcomes(release, code),
        "victims": _victims(release, code),
    }


def _searches(release: Release, code: str) -> dict[str, Any]:
    """Give searches over recorded incidents month by month, and say where both rose."""
    mine = release.searches[release.searches["code"].eq(code)]
    if mine.empty:
        return {}
    heads = list(dict.fromkeys(month for month in mine["month"] if month))
    rows, said = [], [_PATROL]
    for kind, part in mine.groupby("sought", sort=False):
        by_month = part.set_index("month")
        for label, name in ((f"Searches for {kind}", "searches"), (f"Recorded {kind}", "recorded")):
            cells = [words.whole(by_month.loc[month, name]) for month in (*heads, schema.WHOLE_PERIOD)]
            rows.append({"name": label, "cells": cells})
        if by_month.loc[schema.WHOLE_PERIOD, "note"]:
            said.append(
                f"Recorded {kind} rose beyond chance, and so did searches for {kind}: the rise may be of "
                "policing, not of crime."
            )
    return {"heads": [*(month_words(month) for month in heads), "Together"], "rows": rows, "said": said}


def _outcomes(release: Release, code: str) -> list[dict[str, Any]]:
    """Give by theme and type the shares without a suspect and with a charge, beside those of the whole."""
    frame = release.outcomes
    at = {(row["theme"], row["level"] == CITY, row["outcome"]): row for row in _rows(frame, code)}
    found = []
    for view in release.groups:
        own = at.get((view.slug, False, "no suspect"))
        if own is None:
            continue
        cells = [
            _share(at[view.slug, whole, outcome])
            for outcome in ("no suspect", "charged")
            for whole in (False, True)
        ]
        found.append(
            {
                "name": view.name,
                "crimes": words.whole(own["crimes"]),
                "open": words.percent(own["open"] / own["crimes"]),
                "cells": cells,
            }
        )
    return found


def _victims(release: Release, code: str) -> list[dict[str, Any]]:
    """Give by band of ages the incidents of the ward with a victim of that age, beside the whole."""
    every = release.victims[release.victims["theme"].eq(schema.ALL_INCIDENTS)]
    at = {(row["level"] == CITY, row["band"]): row for row in _rows(every, code)}
    return [
        {
            "name": str(band),
            "n": "under 5" if pd.isna(row["n"]) else words.whole(row["n"]),
            "cells": [_share(row), _share(at[True, band])],
            "known": words.whole(row["known"]),
        }
        for (whole, band), row in at.items()
        if not whole
    ]


def _rows(frame: pd.DataFrame, code: str) -> list[dict[Any, Any]]:
    return frame[frame["code"].eq(code) | frame["level"].eq(CITY)].to_dict("records")


def _share(row: dict[Any, Any]) -> str:
    """Write a share with its range, where it is told."""
    if pd.isna(row["share"]):
        return "–"
    low, high = (words.percent(row[name]) for name in ("low", "high"))
    return f"{words.percent(row['share'])} ({low} to {high})"
