"""What a ward profile says of policing's own part in its figures, and of the ages of victims, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
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


class Footprint:
    """
    Arranges searches, outcomes and ages of victims of one ward beside the whole; empty where not known.

    Parameters
    ----------
    release : Release
    """

    def __init__(self, release: Release) -> None:
        victims = release.victims
        self._release = release
        self._outcomes = _by_ward(release.outcomes)
        self._victims = _by_ward(victims[victims["theme"].eq(schema.ALL_INCIDENTS)])

    def of(self, code: str) -> dict[str, Any]:
        """Give what is known of a ward, by its code."""
        return {
            "searches": _searches(self._release, code),
            "outcomes": _outcomes(self._release, self._outcomes(code)),
            "victims": _victims(self._victims(code)),
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


def _outcomes(release: Release, rows: Sequence[dict[Any, Any]]) -> list[dict[str, Any]]:
    """Give by theme and type the shares without a suspect and with a charge, beside those of the whole."""
    at = {(row["theme"], row["level"] == CITY, row["outcome"]): row for row in rows}
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


def _victims(rows: Sequence[dict[Any, Any]]) -> list[dict[str, Any]]:
    """Give by band of ages the incidents of the ward with a victim of that age, beside the whole."""
    at = {(row["level"] == CITY, row["band"]): row for row in rows}
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


def _by_ward(frame: pd.DataFrame) -> Callable[[str], list[dict[Any, Any]]]:
    """Give the rows of a ward, and of the whole, in the order of the frame."""
    rows = list(enumerate(frame.to_dict("records")))
    whole = [(at, row) for at, row in rows if row["level"] == CITY]
    of: dict[str, list[tuple[int, dict[Any, Any]]]] = {}
    for at, row in rows:
        if row["level"] != CITY:
            of.setdefault(row["code"], []).append((at, row))
    return lambda code: [row for _, row in sorted([*whole, *of.get(code, [])], key=itemgetter(0))]


def _share(row: dict[Any, Any]) -> str:
    """Write a share with its range, where it is told."""
    if pd.isna(row["share"]):
        return "–"
    low, high = (words.percent(row[name]) for name in ("low", "high"))
    return f"{words.percent(row['share'])} ({low} to {high})"
