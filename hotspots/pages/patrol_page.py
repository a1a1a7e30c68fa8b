"""
Where to patrol, on paper: a card for each beat, two on a sheet of A4, and an order sheet.

The page holds no script: a theme that is folded up is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.months import month_words
from hotspots.pages import words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document
from hotspots.pages.beat_drawings import Beside, Sketches
from hotspots.pages.ward_drawings import month_bars
from hotspots.release.release import Release
from hotspots.release.shift import Shift
from hotspots.text import counted

#: Names of points that a card lists for each kind.
_NAMES: Final = 3


def render_beats(release: Release) -> str:
    """
    Write the page of a run: every theme's beats, in order of choice, with their cards.

    Parameters
    ----------
    release : Release
        What the audience may see; with beats.

    Returns
    -------
    str
        A whole HTML document; equal input gives equal text.
    """
    cards = _Cards(release)
    themes = [
        {
            "name": view.name,
            "grade": release.beat_grades.get(view.slug, ""),
            "rows": cards.rows(view.slug),
            "sheets": _pairs(cards.of(view.slug)),
        }
        for view in release.themes
        if release.beats["theme"].eq(view.slug).any()
    ]
    return _document(
        release, title=f"Where to patrol in {release.place}, {_month(release)}", themes=themes, shift=None
    )


def render_shift(release: Release, shift: Shift) -> str:
    """Write the page of a shift: the rounds of each crew, what they cover, and the cards of their beats."""
    cards = _Cards(release)
    visited = shift.cover.sort_values(["crew", "order"], kind="stable")
    theme = {
        "name": shift.theme_name,
        "grade": release.beat_grades.get(shift.theme, ""),
        "rows": [],
        # A sheet is handed to one crew.
        "sheets": [
            pair
            for crew, group in visited.groupby("crew", sort=True)
            for pair in _pairs(cards.of(shift.theme, orders=group["order"].tolist(), crew=int(crew)))
        ],
    }
    return _document(
        release,
        title=f"Patrol in {release.place}, {_month(release)}: {shift.theme_name}",
        themes=[theme],
        shift=_shift(shift, {view.slug: view.name for view in release.themes}),
    )


def _document(release: Release, *, title: str, themes: list[dict[str, Any]], shift: Any) -> str:
    return render_document(
        "patrol.html.j2",
        marking=release.marking,
        synthetic=release.synthetic,
        attested=release.attested,
        styles=[own_files("profile.css", "patrol.css")],
        title=title,
        themes=themes,
        shift=shift,
        month=_month(release),
        period=release.period_text,
        exact=release.audience == "internal",
        beats_are=words.BEATS_ARE[release.audience == "internal"],
        recorded=words.RECORDED_BY_PATROL,
        audience=release.audience,
        sources=release.sources,
        warnings=release.warnings,
        version=release.version,
    )


def _month(release: Release) -> str:
    return month_words(release.beats_for) if release.beats_for else "no month"


def _pairs(cards: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    return [cards[at : at + 2] for at in range(0, len(cards), 2)]


class _Cards:
    """Writes what the cards and the order sheet say of each beat."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._sketches = Sketches(release)
        self._wards = release.wards["name"].to_dict()
        self._hotspots = dict(zip(release.clusters["cluster"], release.clusters["name"], strict=True))
        self._details = release.beat_details.set_index(["theme", "beat"]).to_dict("index")
        near = release.nearby[release.nearby["of"].eq("beat")]
        self._said: dict[tuple[str, str], dict[str, Any]] = {}
        self._near = dict(tuple(near.groupby(["theme", "place"], sort=False)))

    def of(self, theme: str, *, orders: Sequence[int] | None = None, crew: int = 0) -> list[dict[str, Any]]:
        """Give the cards of a theme, of these beats only if any are named; with the crew that walks them."""
        frame = self._release.beats[self._release.beats["theme"].eq(theme)]
        rows = {int(row["order"]): row for row in frame.to_dict("records")}
        beside = Beside.of(frame)
        name = next(view.name for view in self._release.themes if view.slug == theme)
        return [
            {
                **self._card(rows[order]),
                "theme": name,
                "crew": crew,
                "rivals": len(frame),
                "sketch": self._sketches.draw(rows[order], beside),
            }
            for order in (rows if orders is None else orders)
        ]

    def rows(self, theme: str) -> list[dict[str, Any]]:
        """Give the lines of the order sheet, with what the beats up to each hold together."""
        frame = self._release.beats[self._release.beats["theme"].eq(theme)]
        found, held = [], 0.0
        for row in frame.to_dict("records"):
            detail = self._details[theme, row["beat"]]
            held += detail["share"]
            found.append({**self._card(row), "together": "" if np.isnan(held) else words.percent(held)})
        return found

    def _card(self, row: dict[str, Any]) -> dict[str, Any]:
        """Give what is said of a beat; its card and its line on the order sheet say it alike."""
        beat = row["theme"], row["beat"]
        if beat not in self._said:
            self._said[beat] = self._new_card(row)
        return self._said[beat]

    def _new_card(self, row: dict[str, Any]) -> dict[str, Any]:
        detail = self._details[row["theme"], row["beat"]]
        return {
            "order": int(row["order"]),
            "beat": row["beat"],
            "name": row["name"],
            "grid": detail["grid_reference"],
            "at": f"{row['easting']} E, {row['northing']} N",
            "streets": row["streets"].replace("; ", ", "),
            "wards": ", ".join(
                str(self._wards.get(code, code)) for code in row["ward_codes"].split(";") if code
            ),
            "hotspot": self._hotspots.get(row["part_of"], ""),
            "flags": row["flags"].replace(";", ", "),
            **_expected(row),
            **_recorded(detail, self._release),
            "near": _near(self._near.get((row["theme"], row["beat"]))),
        }


def _expected(row: dict[str, Any]) -> dict[str, str]:
    """Say what is expected and how sure the beat's place is; nothing where the audience may not know."""
    if np.isnan(row["expected"]):
        return {"expected": "", "spread": "", "top": ""}
    return {
        "expected": words.rate(float(row["expected"])),
        "spread": f"{row['low']:.0f} to {row['high']:.0f}",
        "top": words.percent(float(row["p_top"])),
    }


def _recorded(detail: dict[str, Any], release: Release) -> dict[str, Any]:
    counts = [int(n) for n in str(detail["recorded_by_month"]).split(";") if n]
    months = release.complete_months[-len(counts) :] if counts else ()
    rows = [{"month": m, "count": n, "signal": ""} for m, n in zip(months, counts, strict=False)]
    return {
        "recorded": f"{counted(sum(counts), 'incident')} in {counted(len(counts), 'month')}"
        if counts
        else "",
        "bars": month_bars(rows) if rows else "",
        "types": str(detail["types"]).replace("; ", ", "),
        "hours": detail["hours"],
    }


def _near(found: pd.DataFrame | None) -> list[dict[str, str]]:
    """List by kind how many there are within 250 m, and the nearest names."""
    if found is None:
        return []
    listed = []
    for kind, group in found.groupby("kind", sort=True):
        names = list(dict.fromkeys(group["name"]))
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        listed.append({"kind": str(kind), "names": f"{', '.join(names[:_NAMES])}{more}"})
    return listed


def _shift(shift: Shift, names: Mapping[str, str]) -> dict[str, Any]:
    begins = str(shift.asked.get("begins") or "")
    ends = _clock(60 * float(shift.asked.get("hours") or 0), begins)
    rounds = [
        {
            "crew": int(crew),
            "period": f"{begins} to {ends}" if begins else "",
            "beats": len(set(group["beat"])),
            "stops": [_stop(shift, one) for one in group.to_dict("records")],
        }
        for crew, group in shift.rounds.groupby("crew", sort=True)
    ]
    return {
        "notes": shift.notes,
        "crews": rounds,
        "cover": [_cover(row) for row in shift.cover.to_dict("records")],
        "hours": _hours(shift.cover),
        "curve": [_curve(row) for row in shift.curve.to_dict("records")],
        "used": int(shift.cover["crew"].max()),
        "uncovered": _uncovered(shift.uncovered, names),
        "returned": []
        if shift.returned is None
        else [_returned(row) for row in shift.returned.to_dict("records")],
    }


def _stop(shift: Shift, row: dict[str, Any]) -> dict[str, Any]:
    begins = str(shift.asked.get("begins") or "")
    return {
        "round": int(row["round"]),
        "arrive": _clock(row["arrive"], begins),
        "leave": _clock(row["leave"], begins),
        "order": _order_of(shift, row["beat"]),
        "name": row["name"],
        "minutes": f"{row['minutes']:.0f}",
        "walk": f"{row['walk']:.0f}",
    }


def _order_of(shift: Shift, beat: str) -> int:
    return int(shift.cover.loc[shift.cover["beat"].eq(beat), "order"].iloc[0])


def _clock(minutes: float, begins: str) -> str:
    """Write minutes since the shift began: as the time of day if its beginning is known."""
    hour, minute = (int(part) for part in begins.split(":")) if begins else (0, 0)
    total = 60 * hour + minute + round(minutes)
    return f"{total // 60 % 24:02d}:{total % 60:02d}" if begins else f"{total // 60}:{total % 60:02d}"


def _cover(row: dict[str, Any]) -> dict[str, Any]:
    known = not np.isnan(row["share_of_time"])
    return {
        "crew": int(row["crew"]),
        "order": int(row["order"]),
        "name": row["name"],
        "visits": f"{row['visits']:.0f} × {row['minutes_a_visit']:.0f} min",
        "patrol": f"{row['patrol_hours']:.1f}",
        "person": f"{row['person_hours']:.1f}",
        "delivered": f"{row['delivered_patrol_hours']:.1f}",
        "time": words.percent(row["share_of_time"]) if known else "",
        "expected": words.percent(row["share_of_expected"]) if known else "",
    }


def _hours(cover: pd.DataFrame) -> dict[str, str]:
    names = {"patrol": "patrol_hours", "person": "person_hours", "delivered": "delivered_patrol_hours"}
    return {name: f"{cover[column].sum():.1f}" for name, column in names.items()}


def _curve(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "officers": int(row["officers"]),
        "hours": f"{row['person_hours']:g}",
        "beats": int(row["beats"]),
        "expected": words.rate(row["expected"]),
        "share": words.fine_percent(row["share"]),
        "added": words.fine_percent(row["added_share"]),
        "bar": round(200 * row["share"], 1),
        "crews": int(row["crews"]),
    }


def _returned(row: dict[str, Any]) -> dict[str, str]:
    """Write what came back of a beat; a blank where no line says it."""

    def of(delivered: str, planned: str, digits: int) -> str:
        if np.isnan(row[delivered]):
            return ""
        return f"{row[delivered]:.{digits}f} of {row[planned]:.{digits}f}"

    return {
        "name": row["name"] or row["beat"],
        "lines": f"{row['filled']} of {row['lines']}",
        "visits": of("visits_made", "visits_planned", 0),
        "patrol": of("patrol_hours_returned", "patrol_hours_planned", 1),
        "person": of("person_hours_returned", "person_hours_planned", 1),
        "share": "" if np.isnan(row["share_returned"]) else words.percent(row["share_returned"]),
    }


def _uncovered(table: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    """Lay the uncovered shares out: wards down, themes across."""
    if table.empty:
        return {"themes": [], "rows": []}
    themes = list(dict.fromkeys(table["theme"]))
    sums = table.groupby("theme")[["expected", "uncovered"]].sum()
    by = table.set_index(["ward", "theme"])
    wards = sorted(dict.fromkeys(table["ward"]))
    whole = [_left(sums.loc[theme]) for theme in themes]
    return {
        "themes": [names.get(theme, theme) for theme in themes],
        "rows": [{"ward": w, "cells": [_left(by.loc[(w, theme)]) for theme in themes]} for w in wards],
        "whole": whole,
    }


def _left(row: Any) -> str:
    if not row["expected"]:
        return "–"
    return f"{words.percent(row['uncovered'] / row['expected'])} of {words.rate(row['expected'])}"
